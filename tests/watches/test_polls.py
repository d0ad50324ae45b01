"""How the fax server is asked: once for all who wait, ever more seldom, so many at once, and never in a burst."""

import asyncio
from dataclasses import replace
from itertools import pairwise

import pytest

from bot.store import Store, open_store
from bot.watches import Polled, Rhythm, Watches
from tests.watches.conftest import QUICK, World, a_watch, all_over, at_work, let_pass, until


def moments(world: World, fax_id: str) -> list[float]:
    """Give when a fax was asked about."""
    return [moment for polled, moment in world.polls if polled == fax_id]


async def test_one_poll_is_for_all_who_wait_for_a_fax(store: Store, world: World) -> None:
    """However many they are and whenever they came; and each is told."""
    world.fax["A_1"] = [Polled.NOT_YET, Polled.NOT_YET, Polled.FINAL]
    people = [a_watch(person=f"U{number}") for number in range(20)]
    async with at_work(store, world) as watching:
        for number, watch in enumerate(people):
            await watching.start(watch)
            if number == 9:
                await until(lambda: bool(world.polls))
        await all_over(watching)
    assert len(world.polls) == 3
    assert [world.told(watch) for watch in people] == [["final"]] * 20


async def test_two_processes_share_the_polls(url: str, world: World) -> None:
    """Between two polls of a fax lies a pause, whoever asked; and each watch is told once."""
    faxes = [f"A_{number}" for number in range(20)]
    async with (
        open_store(url) as left_store,
        open_store(url) as right_store,
        at_work(left_store, world) as left,
        at_work(right_store, world) as right,
    ):
        people = [a_watch(fax_id, person) for fax_id in faxes for person in ("U1", "U2")]
        for number, watch in enumerate(people):
            await (left, right)[number % 2].start(watch)
        await asyncio.sleep(0.8)
        world.fax.update({fax_id: [Polled.FINAL] for fax_id in faxes})
        await all_over(left)
        assert left.outcomes["final"] > 0
        assert right.outcomes["final"] > 0
    assert [world.told(watch) for watch in people] == [["final"]] * 40
    pauses = [later - sooner for fax_id in faxes for sooner, later in pairwise(moments(world, fax_id))]
    assert min(pauses) >= QUICK.first * (1 - QUICK.jitter) * 0.9


def test_the_pauses_grow_to_the_longest_and_differ() -> None:
    """From a quarter of a minute to five minutes, a fifth less or more."""
    rhythm = Rhythm()
    assert [rhythm.pause(tries, 0.5) for tries in (0, 1, 2, 3, 4, 5, 10_000)] == [15, 30, 60, 120, 240, 300, 300]
    assert rhythm.pause(0, 0.0) == pytest.approx(12)
    assert rhythm.pause(0, 1.0) == pytest.approx(18)


@pytest.mark.parametrize("answer", [Polled.NOT_YET, Polled.NO_ANSWER, ConnectionError()])
async def test_a_fax_is_asked_about_ever_more_seldom(
    store: Store, world: World, answer: Polled | BaseException
) -> None:
    """While it waits as well as while the server is down; and when that is over, it is told."""
    if isinstance(answer, Polled):
        world.fax["A_1"] = [answer] * 4 + [Polled.FINAL]
    else:
        world.failing["poll"] = [answer] * 4
        world.fax["A_1"] = [Polled.FINAL]
    watch, rhythm = a_watch(), replace(QUICK, first=0.04, longest=0.64)
    async with at_work(store, world, rhythm) as watching:
        await watching.start(watch)
        await all_over(watching)
    pauses = [later - sooner for sooner, later in pairwise(moments(world, "A_1"))]
    assert len(pauses) == 4
    # A machine with much else to do makes a pause longer, and none shorter; pauses that are all alike, a fifth less or
    # more, differ by no more than half.
    shortest = [rhythm.pause(tries, chance=0.0) for tries in (1, 2, 3, 4)]
    assert all(pause >= least * 0.9 for pause, least in zip(pauses, shortest, strict=True)), pauses
    assert pauses[-1] > pauses[0] * 1.5
    assert world.told(watch) == ["final"]


async def test_who_comes_later_does_not_wait_for_the_longest_pause(store: Store, world: World) -> None:
    """The youngest watch sets the pace of its fax."""
    async with at_work(store, world, replace(QUICK, longest=30.0, first=0.1)) as watching:
        await watching.start(a_watch())
        await until(lambda: len(world.polls) == 3)
        await watching.start(a_watch(person="U2"))
        await until(lambda: len(world.polls) == 4, within=0.3)


async def test_so_many_faxes_are_asked_about_at_once(store: Store, world: World) -> None:
    """And no more, however many are due."""
    world.poll_takes = 0.02
    rhythm = replace(QUICK, at_once=4, apart=0.0, lease=5.0)
    async with at_work(store, world, rhythm) as watching:
        for number in range(30):
            world.fax[f"A_{number}"] = [Polled.FINAL]
            await watching.start(a_watch(f"A_{number}"))
        await all_over(watching)
    assert world.most_polling == 4
    assert len(world.polls) == 30


async def test_after_an_outage_the_polls_come_one_after_the_other(store: Store, world: World) -> None:
    """A hundred faxes fell due while nobody was there: the server is not asked about all of them at once."""
    rhythm = replace(QUICK, apart=0.01, longest=20.0)
    away = Watches(store, world, rhythm)
    for number in range(50):
        for person in ("U1", "U2"):
            await away.rows.start(a_watch(f"A_{number}", person), 0.0)
    await let_pass(store, 3600)
    async with at_work(store, world, replace(rhythm, first=30.0, longest=30.0)):
        await until(lambda: len(world.polls) == 50)
    times = [moment for _, moment in world.polls]
    assert times[-1] - times[0] >= 0.4


async def test_the_longest_pause_is_the_most_that_an_outage_adds(store: Store, world: World) -> None:
    """However many there are."""
    rhythm = replace(QUICK, apart=1.0, longest=0.3)
    away = Watches(store, world, rhythm)
    for number in range(30):
        await away.rows.start(a_watch(f"A_{number}"), 0.0)
    async with at_work(store, world, rhythm):
        await until(lambda: len({fax_id for fax_id, _ in world.polls}) == 30, within=2.0)
