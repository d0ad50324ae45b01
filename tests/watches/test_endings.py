"""What is told at the end of a watch, where, and how often."""

from dataclasses import replace

import pytest

from bot.store import Store
from bot.watches import Place, PlaceGone, Polled, Verdict
from tests.watches.conftest import (
    CARD,
    DIRECT,
    QUICK,
    UNFURL,
    World,
    a_watch,
    all_over,
    at_work,
    let_pass,
    until,
)


@pytest.mark.parametrize(
    ("place", "effects"),
    [(CARD, ["edit", "reply"]), (UNFURL, ["edit", "reply"]), (DIRECT, ["reply"])],
    ids=["card", "unfurl", "direct"],
)
async def test_a_final_fax_is_told_once_where_it_was_asked(
    store: Store, world: World, place: Place, effects: list[str]
) -> None:
    """The card is edited before the reply; a direct message has no card."""
    world.fax["A_1"] = [Polled.NOT_YET, Polled.FINAL]
    watch = a_watch(place=place)
    async with at_work(store, world) as watching:
        await watching.start(watch)
        await all_over(watching)
        assert watching.outcomes == {"final": 1}
    assert world.effects_on(watch) == effects
    assert world.told(watch) == ["final"]
    assert len(world.polls) == 2


async def test_a_vanished_fax_ends_its_watch(store: Store, world: World) -> None:
    """The server knows it no more: that is said, and nobody waits for ever."""
    world.fax["A_1"] = [Polled.NOT_YET, Polled.VANISHED]
    watch = a_watch()
    async with at_work(store, world) as watching:
        await watching.start(watch)
        await all_over(watching)
    assert world.effects_on(watch) == ["edit", "reply"]
    assert world.told(watch) == ["vanished"]


async def test_a_fax_that_cannot_be_read_is_told_once_and_waited_on(store: Store, world: World) -> None:
    """The card stays as it is, and the end is told when it comes."""
    world.fax["A_1"] = [*[Polled.NOT_READABLE] * 4, Polled.FINAL]
    watch = a_watch()
    async with at_work(store, world) as watching:
        await watching.start(watch)
        await all_over(watching)
        assert watching.outcomes == {"not_readable": 1, "final": 1}
    assert world.effects_on(watch) == ["reply", "edit", "reply"]
    assert world.told(watch) == ["not_readable", "final"]


async def test_a_watch_ends_with_its_life(store: Store, world: World) -> None:
    """After one last look, and it says so."""
    watch = a_watch()
    async with at_work(store, world) as watching:
        await watching.start(watch)
        await until(lambda: len(world.polls) > 1)
        assert not world.told(watch)
        await let_pass(store, QUICK.life)
        await all_over(watching)
    assert world.told(watch) == ["expired"]


@pytest.mark.parametrize(("last", "told"), [(Polled.NO_ANSWER, "unanswered"), (Polled.NOT_READABLE, "expired")])
async def test_a_life_ends_also_where_the_server_says_nothing(
    store: Store, world: World, last: Polled, told: str
) -> None:
    """The fax server may be down until the end; it is not said then that the fax is not final."""
    world.fax["A_1"] = [last]
    watch = a_watch()
    async with at_work(store, world) as watching:
        await watching.start(watch)
        await until(lambda: bool(world.polls))
        await let_pass(store, QUICK.life)
        await all_over(watching)
    assert world.told(watch)[-1] == told


async def test_a_failed_fax_is_asked_about_once_more(store: Store, world: World) -> None:
    """The server may send it again by itself: only what is failed a while later has failed."""
    world.fax["A_1"] = [Polled.FAILED]
    watch = a_watch()
    async with at_work(store, world) as watching:
        await watching.start(watch)
        await all_over(watching)
    assert world.told(watch) == ["final"]
    first, second = (moment for _, moment in world.polls)
    assert second - first >= QUICK.to_confirm * (1 - QUICK.jitter)


async def test_a_failed_fax_that_is_sent_again_is_waited_for(store: Store, world: World) -> None:
    """Each failure is asked about once more, whatever the server does in between."""
    answers = [Polled.FAILED, Polled.NOT_YET, Polled.FAILED, Polled.NO_ANSWER, Polled.FAILED]
    world.fax["A_1"] = [*answers]
    watch = a_watch()
    async with at_work(store, world) as watching:
        await watching.start(watch)
        await all_over(watching)
    assert world.told(watch) == ["final"]
    assert len(world.polls) == len(answers)


@pytest.mark.parametrize("effect", ["edit", "reply"])
async def test_where_the_place_is_gone_the_person_is_told_directly(store: Store, world: World, effect: str) -> None:
    """A message deleted, a channel archived, the bot removed."""
    world.fax["A_1"] = [Polled.FINAL]
    world.failing[effect] = [PlaceGone()]
    watch = a_watch()
    async with at_work(store, world) as watching:
        await watching.start(watch)
        await all_over(watching)
    assert world.effects_on(watch)[-1] == "tell_directly"
    assert world.told(watch) == ["final"]


async def test_a_direct_message_in_place_of_a_reply_is_sent_once(store: Store, world: World) -> None:
    """Slack's yes may get lost there as well: the mark is looked for in the direct message."""
    world.fax["A_1"] = [Polled.FINAL]
    world.failing["reply"] = [PlaceGone()]
    watch = a_watch()
    world.failing["tell_directly"] = [ConnectionError()]
    async with at_work(store, world) as watching:
        await watching.start(watch)
        await all_over(watching)
    asked = [directly for effect, _, directly in world.did if effect == "already_told"]
    assert asked == ["True"]
    assert world.told(watch) == ["final"]


async def test_where_the_person_is_gone_too_it_ends_unsaid(store: Store, world: World) -> None:
    """Nobody is left to tell; it is counted."""
    world.fax["A_1"] = [Polled.FINAL]
    world.failing["reply"] = [PlaceGone()]
    world.failing["tell_directly"] = [PlaceGone()]
    watch = a_watch()
    async with at_work(store, world) as watching:
        await watching.start(watch)
        await all_over(watching)
        assert watching.outcomes == {"unsaid": 1}
    assert not world.told(watch)


async def test_who_may_not_see_it_any_more_is_told_nothing(store: Store, world: World) -> None:
    """Neither by an edit nor by a reply."""
    world.fax["A_1"] = [Polled.FINAL]
    world.verdicts = [Verdict.REFUSED]
    watch = a_watch()
    async with at_work(store, world) as watching:
        await watching.start(watch)
        await all_over(watching)
        assert watching.outcomes == {"refused": 1}
    assert not world.effects_on(watch)


async def test_the_policy_is_asked_until_it_knows(store: Store, world: World) -> None:
    """Slack did not say who the person is; later it does."""
    world.fax["A_1"] = [Polled.FINAL]
    world.verdicts = [Verdict.UNKNOWN, Verdict.UNKNOWN, Verdict.ALLOWED]
    watch = a_watch()
    async with at_work(store, world) as watching:
        await watching.start(watch)
        await all_over(watching)
    assert world.told(watch) == ["final"]
    assert len(world.polls) == 1


async def test_what_the_policy_never_knows_ends_unsaid_with_its_life(store: Store, world: World) -> None:
    """Closed on doubt, tried to the end, and counted."""
    world.fax["A_1"] = [Polled.FINAL]
    world.verdicts = [Verdict.UNKNOWN]
    watch = a_watch()
    rhythm = replace(QUICK, life=0.3)
    async with at_work(store, world, rhythm) as watching:
        await watching.start(watch)
        await all_over(watching)
        assert watching.outcomes == {"unsaid": 1}
    assert not world.effects_on(watch)
