"""Told once, and told at last: whatever Slack, the database, a token or a clock do in between."""

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from sqlalchemy import make_url, update

from bot.store import Spans, Store, open_store
from bot.store.tables import watches
from bot.upkeep import steadily
from bot.watches import Ending, GoesOn, Polled, TokenRevoked, TryLater, Watch, Watches
from bot.watches.leases import Taken
from bot.watches.watch import Held, Step
from tests.store.test_problems import wire_to
from tests.watches.conftest import QUICK, World, a_watch, all_over, at_work, let_pass, until

DAY = 24 * 3600.0


@pytest.mark.parametrize("effect", ["allowed", "edit", "reply", "already_told"])
@pytest.mark.parametrize("trouble", [TryLater(), OSError(), 1.0], ids=["429", "500", "hangs"])
async def test_slack_in_trouble_is_tried_until_it_answers(
    sqlite_url: str, world: World, effect: str, trouble: BaseException | float
) -> None:
    """Whichever call it is; what is known already is not asked of the fax server again."""
    world.fax["A_1"] = [Polled.FINAL]
    world.failing[effect] = [trouble] * 3
    if effect == "already_told":
        world.failing["reply"] = [OSError()]
    watch = a_watch()
    async with open_store(sqlite_url) as store, at_work(store, world, replace(QUICK, send=0.1)) as watching:
        await watching.start(watch)
        await all_over(watching)
    assert world.told(watch) == ["final"]
    assert len(world.polls) == 1
    assert not world.failing[effect]


async def test_slack_is_left_alone_for_as_long_as_it_asks(store: Store, world: World) -> None:
    """A fifth less or more, and never longer than the longest pause."""
    world.fax["A_1"] = [Polled.FINAL]
    world.failing["reply"] = [TryLater(0.5)]
    watch = a_watch()
    async with at_work(store, world, replace(QUICK, longest=1.0)) as watching:
        await watching.start(watch)
        await until(lambda: not world.failing["reply"])
        before = time.monotonic()
        await all_over(watching)
    assert 0.4 <= time.monotonic() - before <= 0.9
    assert world.told(watch) == ["final"]


async def test_a_reply_whose_answer_was_lost_is_found_by_its_mark(store: Store, world: World) -> None:
    """Slack showed it, and its yes never came: it is not shown again."""
    world.fax["A_1"] = [Polled.FINAL]
    world.failing["reply's answer"] = [OSError()]
    watch = a_watch()
    async with at_work(store, world) as watching:
        await watching.start(watch)
        await all_over(watching)
    assert world.told(watch) == ["final"]


async def test_without_the_history_scope_a_lost_answer_is_told_again(store: Store, world: World) -> None:
    """Rather twice than never; that it may be so is logged."""
    world.fax["A_1"] = [Polled.FINAL]
    world.history = False
    world.failing["reply's answer"] = [OSError()]
    watch = a_watch()
    async with at_work(store, world) as watching:
        await watching.start(watch)
        await all_over(watching)
    assert world.told(watch) == ["final", "final"]


async def test_where_slack_never_answers_it_ends_unsaid_and_counted(store: Store, world: World) -> None:
    """It was tried until its life was over."""
    world.fax["A_1"] = [Polled.FINAL]
    world.failing["reply"] = [OSError()] * 100
    watch = a_watch()
    async with at_work(store, world, replace(QUICK, life=0.3)) as watching:
        await watching.start(watch)
        await all_over(watching)
        assert watching.outcomes == {"unsaid": 1}
    assert len(world.failing["reply"]) < 99


async def test_after_a_long_absence_one_pause_that_slack_asks_for_loses_nothing(store: Store, world: World) -> None:
    """The life is over long since; it is tried some times all the same."""
    watch = a_watch()
    async with at_work(store, world) as watching:
        await watching.start(watch)
    await let_pass(store, 3 * DAY)
    world.fax["A_1"] = [Polled.FINAL]
    world.failing["reply"] = [TryLater(0.1)]
    async with at_work(store, world) as watching:
        await all_over(watching)
    assert world.told(watch) == ["final"]


async def test_a_card_that_cannot_be_brought_up_to_date_is_told_about_all_the_same(store: Store, world: World) -> None:
    """The edit is not what was asked for."""
    world.fax["A_1"] = [Polled.FINAL]
    world.failing["edit"] = [OSError()] * 100
    watch = a_watch()
    async with at_work(store, world) as watching:
        await watching.start(watch)
        await all_over(watching)
    assert world.told(watch) == ["final"]
    assert len(world.failing["edit"]) == 97


async def test_without_the_history_scope_what_is_never_answered_ends_in_a_direct_message(
    store: Store, world: World
) -> None:
    """However often Slack loses its yes: a third time it is told where the history is open to us."""
    world.fax["A_1"] = [Polled.FINAL]
    world.history = False
    world.failing["reply's answer"] = [OSError()] * 8
    watch = a_watch()
    async with at_work(store, world) as watching:
        await watching.start(watch)
        await all_over(watching)
    assert world.told(watch) == ["final"] * 3
    assert world.effects_on(watch)[-1] == "tell_directly"
    assert len(world.failing["reply's answer"]) == 6


async def test_what_slack_refused_is_not_looked_for(store: Store, world: World) -> None:
    """A 429 shows nothing: the history is not asked, and nothing is doubted."""
    world.fax["A_1"] = [Polled.FINAL]
    world.history = False
    world.failing["reply"] = [TryLater(0.01)] * 3
    watch = a_watch()
    async with at_work(store, world) as watching:
        await watching.start(watch)
        await all_over(watching)
    assert world.told(watch) == ["final"]
    assert not [effect for effect, _, _ in world.did if effect == "already_told"]


async def test_a_fax_that_goes_on_after_all_is_waited_for_again(store: Store, world: World) -> None:
    """The server sends it again between the look and the telling: only its real end is told."""
    world.fax["A_1"] = [Polled.FINAL, Polled.NOT_YET, Polled.FINAL]
    world.failing["drawn"] = [GoesOn()]
    watch = a_watch()
    async with at_work(store, world) as watching:
        await watching.start(watch)
        await all_over(watching)
    assert world.told(watch) == ["final"]
    assert len(world.polls) == 3


async def test_a_fault_of_our_own_ends_nothing(store: Store, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever breaks in one round, the next one comes."""
    world.fax["A_1"] = [Polled.FINAL]
    watch = a_watch()
    watching = Watches(store, world, QUICK)
    take, broken = watching.leases.take, ["once"]

    async def breaking(faxes: int, besides: Collection[str]) -> Mapping[str, Taken]:
        if broken:
            raise RuntimeError(broken.pop())
        return await take(faxes, besides)

    monkeypatch.setattr(watching.leases, "take", breaking)
    running = asyncio.create_task(steadily(watching.run, 0.01))
    await watching.start(watch)
    await all_over(watching)
    running.cancel()
    await asyncio.wait([running])
    assert world.told(watch) == ["final"]


async def test_a_row_that_cannot_be_read_holds_nobody_up(store: Store, world: World) -> None:
    """Another version has written it, and may be back; the others who watch the fax are told."""
    world.fax["A_1"] = [Polled.FINAL]
    unknown, watch = a_watch(person="U9"), a_watch()
    async with at_work(store, world) as watching:
        await watching.start(unknown)
        await store.rows(update(watches).values(place="carrier pigeon"))
        await watching.start(watch)
        await until(lambda: bool(world.told(watch)))
        await until(lambda: not watching.in_hand)
        assert (await watching.count()).running == 1


async def test_what_ended_while_nobody_was_there_is_told_nevertheless(store: Store, world: World) -> None:
    """A process may have been away for days: the end is tried once at least."""
    watch = a_watch()
    async with at_work(store, world) as watching:
        await watching.start(watch)
    await let_pass(store, 3 * DAY)
    world.fax["A_1"] = [Polled.FINAL]
    async with at_work(store, world) as watching:
        await all_over(watching)
    assert world.told(watch) == ["final"]


async def test_a_revoked_token_pauses_all_until_slack_knows_us(store: Store, world: World) -> None:
    """Nothing is polled or tried meanwhile, and nothing is lost."""
    faxes = {f"A_{number}": [Polled.FINAL] for number in range(20)}
    world.fax.update(faxes)
    world.failing["reply"] = [TokenRevoked()] * 16
    watches = [a_watch(fax_id) for fax_id in faxes]
    async with at_work(store, world) as watching:
        for watch in watches:
            await watching.start(watch)
        await until(lambda: not watching.going.is_set() and not watching.in_hand)
        asked = len(world.polls)
        await asyncio.sleep(0.4)
        assert len(world.polls) == asked
        world.failing["reply"].clear()
        watching.resume()
        await all_over(watching)
    assert [world.told(watch) for watch in watches] == [["final"]] * 20


async def test_a_stop_brings_what_is_in_hand_to_its_end(store: Store, world: World) -> None:
    """A deploy in the midst of a reply doubles nothing, without the history scope too."""
    world.fax["A_1"] = [Polled.FINAL]
    world.history = False
    world.failing["reply's answer"] = [0.1]
    watch = a_watch()
    async with at_work(store, world) as watching:
        await watching.start(watch)
        await until(lambda: bool(world.told(watch)))
    async with at_work(store, world) as watching:
        await all_over(watching)
    assert world.told(watch) == ["final"]


async def test_who_lost_the_lease_says_nothing_more(url: str, world: World) -> None:
    """A process held up for longer than its lease finds that another has told it."""
    world.fax["A_1"] = [Polled.FINAL]
    world.history = False
    world.failing["edit"] = [0.25]
    watch = a_watch()
    async with open_store(url) as slow_store, open_store(url) as store, at_work(slow_store, world) as slow:
        await slow.start(watch)
        await until(lambda: not world.failing["edit"])
        await let_pass(store, QUICK.lease)
        async with at_work(store, world) as other:
            await all_over(other)
            assert other.outcomes == {"final": 1}
        await until(lambda: not slow.in_hand)
        assert not slow.outcomes
    assert world.told(watch) == ["final"]


async def test_no_send_begins_that_could_outlast_the_lease(
    store: Store, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process stalls between writing a step and the send: it looks at the time once more, and begins anew."""
    world.fax["A_1"] = [Polled.FINAL]
    watch, rhythm = a_watch(), replace(QUICK, lease=0.4, send=0.25)
    async with at_work(store, world, rhythm) as watching:
        step, reply = watching.leases.step, world.reply
        stalls, lasts_until, left = [0.2] * 4, [0.0], []

        async def stalled_step(held: Held, to: Step, ending: Ending, *, sending: bool = False) -> Held:
            written = await step(held, to, ending, sending=sending)
            lasts_until.append(written.until)
            if stalls:
                await asyncio.sleep(stalls.pop())
            return written

        async def timed_reply(watch: Watch, drawn: Ending, mark: str) -> None:
            left.append(lasts_until[-1] - time.monotonic())
            await reply(watch, drawn, mark)

        monkeypatch.setattr(watching.leases, "step", stalled_step)
        monkeypatch.setattr(world, "reply", timed_reply)
        await watching.start(watch)
        await all_over(watching)
    assert not stalls
    assert min(left) >= rhythm.send - 0.02
    assert world.told(watch) == ["final"]


@pytest.mark.parametrize("wrong_by", [-DAY, DAY])
async def test_the_clock_of_a_process_may_be_wrong(
    store: Store, world: World, monkeypatch: pytest.MonkeyPatch, wrong_by: float
) -> None:
    """It may live in another day: leases and pauses run on the database's clock."""
    right = time.time
    world.fax["A_1"] = [Polled.NOT_YET, Polled.FINAL]
    watch = a_watch()
    async with at_work(store, world) as watching:
        await watching.start(watch)
        await until(lambda: bool(world.polls))
        monkeypatch.setattr(time, "time", lambda: right() + wrong_by)
        await all_over(watching)
    assert world.told(watch) == ["final"]


@pytest.mark.parametrize("step", [-3600.0, 3600.0])
async def test_the_clock_of_the_database_may_step(store: Store, world: World, step: float) -> None:
    """SQLite's is the machine's. What waits is not kept for an hour, what is being told is not told again."""
    world.fax.update({"A_1": [Polled.FINAL], "A_2": [Polled.NOT_YET]})
    world.history = False
    world.failing["reply"] = [0.25]
    told, waiting = a_watch("A_1"), a_watch("A_2")
    async with at_work(store, world, replace(QUICK, life=DAY)) as watching:
        await watching.start(told)
        await watching.start(waiting)
        await until(lambda: not world.failing["reply"] and len(world.polls) > 1)
        await let_pass(store, step)
        world.fax["A_2"] = [Polled.FINAL]
        await all_over(watching)
    assert world.told(told) == ["final"]
    assert world.told(waiting) == ["final"]


@asynccontextmanager
async def cut_off(url: str) -> AsyncIterator[tuple[str, asyncio.Event]]:
    """Give a database's address and an event: while that is not set, the database is away."""
    there = asyncio.Event()
    there.set()
    if url.startswith("postgresql"):
        async with wire_to(url) as (wire, through):
            wire.whole = there
            there.set()
            yield through, there
        return
    other = sqlite3.connect(str(make_url(url).database), isolation_level=None)

    async def lock() -> None:
        while True:
            await asyncio.sleep(0.01)
            if not there.is_set():
                other.execute("BEGIN IMMEDIATE")
                await there.wait()
                other.execute("ROLLBACK")

    locking = asyncio.create_task(lock())
    try:
        yield url, there
    finally:
        locking.cancel()
        await asyncio.wait([locking])
        other.close()


@pytest.mark.parametrize("history", [True, False])
async def test_the_database_may_be_away_for_a_while(url: str, world: World, *, history: bool) -> None:
    """In the midst of telling, and for longer than a lease: each is told once, without the history scope too."""
    world.history = history
    faxes = [f"A_{number}" for number in range(30)]
    watches = [a_watch(fax_id) for fax_id in faxes]
    async with (
        cut_off(url) as (way, there),
        open_store(way, Spans(question=0.6)) as store,
        at_work(store, world) as watching,
    ):
        for watch in watches:
            await watching.start(watch)
        world.fax.update({fax_id: [Polled.FINAL] for fax_id in faxes})
        await until(lambda: len(world.marks) >= 5)
        there.clear()
        await asyncio.sleep(1.2)
        assert not all(world.told(watch) for watch in watches)
        there.set()
        await asyncio.sleep(0.3)
        await all_over(watching, within=10)
    assert [world.told(watch) for watch in watches] == [["final"]] * 30
