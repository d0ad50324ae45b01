"""Each of Slack's events is worked on by one at a time, and never again once it is done."""

import asyncio
import time

import pytest

from bot.store import Lease, Spans, Store, Taken, claims, open_store
from tests.store.conftest import leased, let_pass

HOUR = 3600.0


async def test_an_event_that_comes_three_times_is_worked_on_once(store: Store) -> None:
    """The second finds it under way, though the same process asks; from then on it is done."""
    lease = await leased(store, "Ev1")
    assert await store.claim("Ev1") is Taken.UNDER_WAY
    await store.done(lease)
    assert await store.claim("Ev1") is Taken.DONE
    assert await store.claim("Ev1") is Taken.DONE


async def test_of_twenty_deliveries_at_once_one_is_worked_on(store: Store) -> None:
    """The others are told that it is under way."""
    all_told = await asyncio.gather(*(store.claim("Ev1") for _ in range(20)))
    assert sum(isinstance(claim, Lease) for claim in all_told) == 1
    assert all_told.count(Taken.UNDER_WAY) == 19


async def test_other_events_are_not_held_up(store: Store) -> None:
    """Twenty events at once are twenty leases, no two alike."""
    all_told = await asyncio.gather(*(leased(store, f"Ev{number}") for number in range(20)))
    assert len({lease.token for lease in all_told}) == 20


async def test_an_event_given_back_can_be_taken_at_once(store: Store) -> None:
    """It could not be handled: the next delivery tries again, and need not wait for the lease to lapse."""
    lease = await leased(store, "Ev1")
    await store.release(lease)
    assert (await leased(store, "Ev1")).token != lease.token


async def test_a_lapsed_lease_falls_to_one_of_those_who_ask(store: Store) -> None:
    """Whoever held it is taken for dead."""
    await leased(store, "Ev1")
    await let_pass(store, 29)
    assert await store.claim("Ev1") is Taken.UNDER_WAY
    await let_pass(store, 2)
    all_told = await asyncio.gather(*(store.claim("Ev1") for _ in range(20)))
    assert sum(isinstance(claim, Lease) for claim in all_told) == 1


async def test_leases_lapse_in_real_time(url: str) -> None:
    """The database's clock runs by itself."""
    async with open_store(url, Spans(lease=0.2)) as store:
        await leased(store, "Ev1")
        assert await store.claim("Ev1") is Taken.UNDER_WAY
        await asyncio.sleep(0.25)
        await leased(store, "Ev1")


async def test_a_renewed_lease_lasts_longer(store: Store) -> None:
    """Work that takes its time keeps its event."""
    lease = await leased(store, "Ev1")
    await let_pass(store, 20)
    assert await store.renew(lease)
    await let_pass(store, 20)
    assert await store.claim("Ev1") is Taken.UNDER_WAY


async def test_who_lost_a_lease_cannot_disturb_who_has_it(store: Store) -> None:
    """Neither by renewing it nor by giving the event back."""
    late = await leased(store, "Ev1")
    await let_pass(store, 31)
    await leased(store, "Ev1")
    assert not await store.renew(late)
    await store.release(late)
    assert await store.claim("Ev1") is Taken.UNDER_WAY


@pytest.mark.parametrize("meanwhile", ["nobody came", "taken", "forgotten"])
async def test_work_that_ended_late_is_done_nevertheless(store: Store, meanwhile: str) -> None:
    """The answer is out: whatever became of the lease, nobody shall give it again."""
    late = await leased(store, "Ev1")
    await let_pass(store, 31)
    if meanwhile == "taken":
        await leased(store, "Ev1")
    if meanwhile == "forgotten":
        await store.forget_old()
    await store.done(late)
    assert await store.claim("Ev1") is Taken.DONE


async def test_what_is_done_stays_done_for_25_hours_and_over_a_restart(url: str) -> None:
    """Slack's delayed deliveries go on for a day."""
    async with open_store(url) as store:
        await store.done(await leased(store, "Ev1"))
    async with open_store(url) as store:
        await let_pass(store, 25 * HOUR - 10)
        await store.forget_old()
        assert await store.claim("Ev1") is Taken.DONE
        await let_pass(store, 11)
        await leased(store, "Ev1")


@pytest.mark.parametrize("wrong_by", [-24 * HOUR, 24 * HOUR])
async def test_the_clock_of_a_process_may_be_wrong(
    store: Store, monkeypatch: pytest.MonkeyPatch, wrong_by: float
) -> None:
    """Leases are the database's: neither a claim nor a question by a process that lives in another day harms them."""
    right = time.time
    await leased(store, "Ev1")
    monkeypatch.setattr(time, "time", lambda: right() + wrong_by)
    assert await store.claim("Ev1") is Taken.UNDER_WAY
    await leased(store, "Ev2")
    monkeypatch.undo()
    assert await store.claim("Ev2") is Taken.UNDER_WAY


async def test_a_claim_that_is_cut_off_holds_nobody_up(store: Store) -> None:
    """At whichever step it is: the database is not left locked, and the next event is taken as ever."""
    cut_off = []
    for steps in range(0, 200, 8):
        task = asyncio.create_task(store.claim(f"Cut{steps}"))
        for _ in range(steps):
            await asyncio.sleep(0)
        task.cancel()
        cut_off.append(await asyncio.gather(task, return_exceptions=True))  # Kept: an error keeps its statement alive.
        await leased(store, f"Ev{steps}")
    await let_pass(store, 31)
    for steps in range(0, 200, 8):
        await leased(store, f"Cut{steps}")


async def test_a_fax_is_unfurled_once_in_a_channel(store: Store) -> None:
    """Not again for half an hour, but in another channel, or for another fax."""
    assert await store.first_to_unfurl("C1", "A_1", "Ev1")
    assert not await store.first_to_unfurl("C1", "A_1", "Ev2")
    assert await store.first_to_unfurl("C2", "A_1", "Ev3")
    assert await store.first_to_unfurl("C1", "A_2", "Ev4")
    await let_pass(store, 29 * 60)
    assert not await store.first_to_unfurl("C1", "A_1", "Ev5")
    await let_pass(store, 61)
    assert await store.first_to_unfurl("C1", "A_1", "Ev6")


async def test_of_twenty_messages_at_once_one_unfurls(store: Store) -> None:
    """Whatever their order."""
    asked = (store.first_to_unfurl("C1", "A_1", f"Ev{number}") for number in range(20))
    assert sum(await asyncio.gather(*asked)) == 1


async def test_an_event_that_comes_again_may_unfurl_again(store: Store) -> None:
    """Its first try may have died between asking and unfurling."""
    assert await store.first_to_unfurl("C1", "A_1", "Ev1")
    assert await store.first_to_unfurl("C1", "A_1", "Ev1")


async def test_what_was_not_shown_is_unfurled_by_the_next_event(store: Store) -> None:
    """Each event gives back its own alone."""
    for fax_id in ("A_1", "A_2", "A_3"):
        assert await store.first_to_unfurl("C1", fax_id, "Ev1")
    await store.not_unfurled("C1", ["A_1", "A_2"], "Ev2")
    assert not await store.first_to_unfurl("C1", "A_1", "Ev2")
    await store.not_unfurled("C1", ["A_1", "A_2"], "Ev1")
    assert [await store.first_to_unfurl("C1", fax_id, "Ev2") for fax_id in ("A_1", "A_2", "A_3")] == [True, True, False]


async def test_what_is_over_is_forgotten_a_portion_at_a_time(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """And nothing that is not over."""
    monkeypatch.setattr(claims, "FORGOTTEN_AT_ONCE", 10)
    for number in range(25):
        await leased(store, f"Ev{number}")
        await store.first_to_unfurl("C1", f"A_{number}", f"Ev{number}")
    await let_pass(store, HOUR)
    await store.done(await leased(store, "Ev99"))
    left = []
    for _ in range(4):
        await store.forget_old()
        left.append([await rows(store, table) for table in ("events", "unfurls")])
    assert left == [[16, 15], [6, 5], [1, 0], [1, 0]]
    assert await store.claim("Ev99") is Taken.DONE


async def test_a_lease_taken_while_others_forget_is_kept(store: Store) -> None:
    """To forget a lapsed lease and to take it over never cross."""
    events = [f"Ev{number}" for number in range(20)]
    for event_id in events:
        await leased(store, event_id)
    await let_pass(store, 31)
    forgetting = asyncio.gather(*(store.forget_old() for _ in range(5)))
    claimed = await asyncio.gather(*(leased(store, event_id) for event_id in events))
    await forgetting
    assert [await store.renew(lease) for lease in claimed] == [True] * 20


async def rows(store: Store, table: str) -> int:
    """Count the rows of a table."""
    async with store.engine.connect() as connection:
        result = await connection.exec_driver_sql(f"SELECT count(*) FROM {table}")  # noqa: S608 - a name from above
        return int(result.scalar_one())
