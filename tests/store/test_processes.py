"""Several processes on one database: each event once, none lost, whoever is killed."""

import asyncio

from bot.store import Spans, Taken, open_store
from tests.store.conftest import leased
from tests.store.neighbour import neighbour


async def test_two_processes_start_at_once_and_share_the_events(url: str) -> None:
    """One makes the schema while the other waits; then each event, and each fax to unfurl, falls to one of them."""
    claims = [f"claim Ev{number}" for number in range(100)]
    unfurls = [f"unfurl C1 A_{number}" for number in range(50)]
    async with neighbour(url) as left, neighbour(url) as right:
        opened = await asyncio.gather(left.ask("open"), right.ask("open"))
        assert [*opened] == [["opened"], ["opened"]]
        answers = zip(*await asyncio.gather(left.ask(*claims), right.ask(*claims)), strict=True)
        assert [sorted(pair) for pair in answers] == [["leased", "under_way"]] * 100
        answers = zip(
            *await asyncio.gather(
                left.ask(*(f"{unfurl} EvLeft" for unfurl in unfurls)),
                right.ask(*(f"{unfurl} EvRight" for unfurl in unfurls)),
            ),
            strict=True,
        )
        assert [sorted(pair) for pair in answers] == [["first", "not first"]] * 50


async def test_what_a_killed_process_held_is_taken_when_its_lease_lapses(url: str) -> None:
    """Not before; and what it had done is never taken again."""
    async with open_store(url, Spans(lease=1.0)) as store, neighbour(url, lease=1.0) as other:
        assert await other.ask("open", "claim Ev1", "done Ev1", "claim Ev2") == ["opened", "leased", "noted", "leased"]
        await other.kill()
        assert await store.claim("Ev2") is Taken.UNDER_WAY
        await asyncio.sleep(1.0)
        await store.done(await leased(store, "Ev2"))
        assert [await store.claim("Ev1"), await store.claim("Ev2")] == [Taken.DONE, Taken.DONE]
