"""What people can do with their watches: begin, list and end them, so many each."""

import asyncio
from dataclasses import replace

import pytest

from bot.store import Store, open_store
from bot.watches import Counts, InDirectMessage, OnMessage, Place, Polled, Started, Watches
from bot.watches.watch import Step
from tests.watches.conftest import CARD, DIRECT, QUICK, UNFURL, World, a_watch, all_over, at_work, let_pass, until


async def test_the_same_is_watched_once(store: Store, world: World) -> None:
    """The same fax at the same place by the same person; a person, a place or a fax makes the difference."""
    watching = Watches(store, world, QUICK)
    assert await watching.start(a_watch()) is Started.NEW
    assert await watching.start(a_watch()) is Started.ALREADY
    assert await watching.start(a_watch(person="U2")) is Started.NEW
    assert await watching.start(a_watch(fax_id="A_2")) is Started.NEW
    assert await watching.start(a_watch(place=OnMessage("C1", "1700000000.000300"))) is Started.NEW
    assert await watching.start(a_watch(place=DIRECT)) is Started.NEW
    assert await watching.start(a_watch(place=InDirectMessage("D1"))) is Started.ALREADY


async def test_of_many_presses_at_once_one_begins_a_watch(store: Store, world: World) -> None:
    """A button is quickly pressed twice."""
    watching = Watches(store, world, QUICK)
    started = await asyncio.gather(*(watching.start(a_watch()) for _ in range(20)))
    assert started.count(Started.NEW) == 1
    assert started.count(Started.ALREADY) == 19


async def test_a_person_has_at_most_fifty(store: Store, world: World) -> None:
    """Also when they are begun at once; others are not held up, and one that ends makes room."""
    watching = Watches(store, world, QUICK)
    started = await asyncio.gather(*(watching.start(a_watch(f"A_{number}")) for number in range(60)))
    assert started.count(Started.NEW) == 50
    assert started.count(Started.TOO_MANY) == 10
    assert await watching.start(a_watch("A_1")) is Started.ALREADY
    assert await watching.start(a_watch("A_99", person="U2")) is Started.NEW
    assert await watching.stop("U1", "A_1") == [Step.WAITING]
    assert await watching.start(a_watch("A_99")) is Started.NEW


@pytest.mark.parametrize("place", [CARD, UNFURL, DIRECT], ids=["card", "unfurl", "direct"])
async def test_watches_are_listed_as_they_were_begun(url: str, world: World, place: Place) -> None:
    """Over a restart, with their place, the oldest first, and nobody else's."""
    watches = [a_watch("A_1", place=place), a_watch("A_2", place=place)]
    async with open_store(url) as store:
        for watch in watches:
            await Watches(store, world, QUICK).start(watch)
        await Watches(store, world, QUICK).start(a_watch(person="U2"))
    async with open_store(url) as store:
        listed = await Watches(store, world, QUICK).of("U1")
    assert [replace(watch, created=None) for watch in listed] == watches
    assert all(watch.created for watch in listed)


async def test_who_asked_can_stop_it(store: Store, world: World) -> None:
    """At every place, and nobody else's watch of the same fax."""
    other = a_watch(person="U2")
    async with at_work(store, world) as watching:
        for watch in (a_watch(), a_watch(place=DIRECT), other):
            await watching.start(watch)
        assert await watching.stop("U1", "A_1") == [Step.WAITING] * 2
        assert await watching.stop("U1", "A_1") == []
        world.fax["A_1"] = [Polled.FINAL]
        await all_over(watching)
    assert {watch_id for _, watch_id, _ in world.did} == {other.id}


async def test_what_is_stopped_while_it_is_told_goes_no_further(store: Store, world: World) -> None:
    """The card is just being edited: no reply follows."""
    world.fax["A_1"] = [Polled.FINAL]
    world.failing["edit"] = [0.1]
    watch = a_watch()
    async with at_work(store, world) as watching:
        await watching.start(watch)
        await until(lambda: not world.failing["edit"])
        assert await watching.stop("U1", "A_1") == [Step.ENDED]
        await until(lambda: not watching.in_hand)
    assert world.effects_on(watch) == ["edit"]


async def test_watches_are_counted(store: Store, world: World) -> None:
    """How many run, how many are overdue, how old the oldest is: for metrics and the doctor."""
    watching = Watches(store, world, QUICK)
    assert await watching.count() == Counts(running=0, overdue=0, oldest=0.0)
    await watching.start(a_watch("A_1"))
    await let_pass(store, 100)
    await watching.start(a_watch("A_2"))
    counts = await watching.count()
    assert (counts.running, counts.overdue) == (2, 1)
    assert 100 <= counts.oldest < 110
