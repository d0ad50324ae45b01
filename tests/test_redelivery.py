"""Slack brings events again: each is answered once, by several processes too, and none is lost."""

import asyncio
import json
import os
import sqlite3
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.server.intake import NOTING_AGAIN
from playground.slack import Delivery, Message
from playground.slack.example import ANN, BOT, SUPPORT
from playground.stonefax import Rule
from tests.conftest import BUSY, HURRIED, QUICK, Desk, Opening

ROOT = Path(__file__).parent.parent
EVENT = {
    "type": "app_mention",
    "channel": SUPPORT,
    "user": ANN,
    "ts": "1763900000.000100",
    "text": f"<@{BOT}> {BUSY}",
    "event_ts": "1763900000.000100",
}


def payload_of(desk: Desk) -> dict[str, Any]:
    """Make one event; what is delivered of it again has the same event_id."""
    desk.slack.workspace.say(Message(SUPPORT, EVENT["ts"], ANN, EVENT["text"]))
    payload: dict[str, Any] = desk.slack.payloads.event(EVENT, in_shared_channel=False)
    return payload


async def delivered(desk: Desk, payload: dict[str, Any], url: str | None = None) -> Delivery:
    """Bring the event to the bot, or to another one at `url`."""
    desk.slack.bot_url = url or desk.slack.bot_url
    return await desk.slack.send_json("app_mention", payload, {})


def answers(desk: Desk) -> int:
    """Count what everybody sees as the answer."""
    return len([m for m in desk.slack.workspace.replies(SUPPORT, EVENT["ts"]) if m.user == BOT])


async def until_done(desk: Desk, payload: dict[str, Any], url: str) -> None:
    """Bring the event again and again, as long as the bot says "not yet"."""
    async with asyncio.timeout(5):
        while True:
            delivery = await delivered(desk, payload, url)
            if delivery.status == 200:
                return
            assert delivery.status == 503
            await asyncio.sleep(0.1)


async def test_three_times_in_turn_is_one_answer(desk: Desk) -> None:
    """The second and third are done already."""
    payload = payload_of(desk)
    assert [(await delivered(desk, payload)).status for _ in range(3)] == [200, 200, 200]
    assert answers(desk) == 1


async def test_twice_at_once_is_one_answer(desk: Desk) -> None:
    """One of the two is told "not yet", and done when it comes again."""
    payload = payload_of(desk)
    desk.fax_server.rule(BUSY, Rule(delay=0.2))
    statuses = [delivery.status for delivery in await asyncio.gather(*(delivered(desk, payload) for _ in range(2)))]
    assert sorted(filter(None, statuses)) == [200, 503]
    assert (await delivered(desk, payload)).status == 200
    assert answers(desk) == 1


@dataclass(frozen=True, slots=True)
class Running:
    """A bot in a process of its own."""

    process: Process
    url: str


@asynccontextmanager
async def another_bot(desk: Desk, database: str) -> AsyncIterator[Running]:
    """Run a bot in a process of its own, whose leases are short."""
    values = {**desk.values(), "DATABASE_URL": database, "PYTHONPATH": str(ROOT), "PATH": os.environ["PATH"]}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.bot_with_short_leases", cwd=desk.folder, env=values, stdout=PIPE
    )
    assert process.stdout
    try:
        port = int(await process.stdout.readline())
        yield Running(process, f"http://127.0.0.1:{port}/slack/events")
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def test_once_in_each_of_two_processes_is_one_answer(closed_desk: Desk, database: str) -> None:
    """On one database, and at once."""
    payload = payload_of(closed_desk)
    closed_desk.fax_server.rule(BUSY, Rule(delay=0.2))
    async with another_bot(closed_desk, database) as one, another_bot(closed_desk, database) as other:
        both = [asyncio.create_task(delivered(closed_desk, payload, bot.url)) for bot in (one, other)]
        statuses = [(await each).status for each in both]
        # On a machine that has much else to do, the one that has it may say "not yet", too.
        assert sorted(filter(None, statuses)) in ([200, 503], [503, 503])
        await until_done(closed_desk, payload, other.url)
        await until_done(closed_desk, payload, one.url)
    assert answers(closed_desk) == 1


async def test_a_kill_in_the_middle_loses_nothing(closed_desk: Desk, database: str) -> None:
    """Another process answers once the dead one's lease is over; until then it says "not yet"."""
    payload = payload_of(closed_desk)
    closed_desk.fax_server.rule(BUSY, Rule(delay=1.0, times=1))
    async with another_bot(closed_desk, database) as one, another_bot(closed_desk, database) as other:
        first = asyncio.create_task(delivered(closed_desk, payload, one.url))
        await closed_desk.fax_server.until(lambda: closed_desk.fax_server.count(BUSY) == 1)
        one.process.kill()
        await first
        status = (await delivered(closed_desk, payload, other.url)).status
        assert status == 503
        while status != 200:
            await asyncio.sleep(0.2)
            status = (await delivered(closed_desk, payload, other.url)).status
        assert (await delivered(closed_desk, payload, other.url)).status == 200
    assert answers(closed_desk) == 1


@pytest.mark.hurried
async def test_what_is_worked_on_at_a_stop_is_answered(closed_desk: Desk) -> None:
    """And done: its next delivery finds nothing left to do."""
    async with Opening(closed_desk) as desk:
        payload = payload_of(desk)
        desk.fax_server.rule(BUSY, Rule(delay=0.9))
        assert (await delivered(desk, payload)).status == 503
    assert answers(closed_desk) == 1
    async with Opening(closed_desk) as desk:
        assert (await delivered(desk, payload)).status == 200
    assert answers(closed_desk) == 1


async def test_what_is_answered_while_the_database_is_away_is_noted_when_it_is_back(closed_desk: Desk) -> None:
    """Its first delivery was answered "not yet", and its lease is over: the next one finds it done all the same."""
    closed_desk.timing = replace(HURRIED, spans=replace(QUICK.spans, question=0.3, lease=0.6))
    async with Opening(closed_desk) as desk:
        payload = payload_of(desk)
        desk.fax_server.rule(BUSY, Rule(delay=0.8))
        assert (await delivered(desk, payload)).status == 503
        with closing(sqlite3.connect(desk.folder / "faxbot.db", isolation_level=None)) as other:
            other.execute("BEGIN EXCLUSIVE")
            await desk.slack.until(lambda: answers(desk) == 1)
            await asyncio.sleep(0.7)
            other.execute("ROLLBACK")
        await asyncio.sleep(2 * NOTING_AGAIN)
        assert (await delivered(desk, payload)).status == 200
    assert answers(closed_desk) == 1


async def test_a_database_that_is_away_leaves_events_to_slack(closed_desk: Desk) -> None:
    """Commands are answered all the same; readiness says so, and all is well when it is back."""
    closed_desk.timing = replace(QUICK, database_check=0.1, spans=replace(QUICK.spans, question=0.4))
    async with Opening(closed_desk) as desk, httpx.AsyncClient() as http:
        payload = payload_of(desk)
        with sqlite3.connect(desk.folder / "faxbot.db", isolation_level=None) as other:
            other.execute("BEGIN EXCLUSIVE")
            other.execute("DELETE FROM events")
            delivery = await delivered(desk, payload)
            assert delivery.status == 503
            assert delivery.seconds < 2
            assert "the line was busy" in await desk.asked(BUSY)
            other.execute("ROLLBACK")
        other.close()
        assert (await delivered(desk, payload)).status == 200
        assert json.loads((await http.get(f"{desk.url}/readyz")).text)["database"] in {"ok", "busy"}
    assert answers(closed_desk) == 1
