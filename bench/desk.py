"""The outside world of the bot that is measured: a Slack full of people and cards, a server full of faxes, a database.

It runs in the process that measures: the bot has its own.
"""

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import ColumnElement, func, or_, select, update

from bench.processes import DATABASES, Bot, Database, running_bot
from bot.store import Store, database_url, open_store
from bot.store.tables import watches
from bot.watches import InDirectMessage, OnMessage, Rhythm, Watch
from playground.slack import NO_LIMITS, Call, Message, SlackServer, example_workspace
from playground.slack.example import BOT, SUPPORT, TEAM
from playground.slack.people import Person
from playground.stonefax import ANSWERS, StoneFaxServer

MANIFEST = Path(__file__).parents[1] / "manifest.yml"
EXAMPLE = ANSWERS / "IAS-N1_d53957a4-c6fa-4a89-9198-f32da47e6a58_0.json"
PER_PERSON = Rhythm().most_running


@dataclass(frozen=True, slots=True)
class Desk:
    """Everything within reach of a measurement."""

    slack: SlackServer
    fax_server: StoneFaxServer
    store: Store
    database: Database
    bot: Bot
    people: Iterator[str]
    """One after the other, somebody who watches nothing yet."""

    def faxes(self, first: int, count: int) -> list[str]:
        """Let the fax server have so many faxes that wait, and give their ids; `first` tells them from others."""
        ids = [f"IAS-N1_00000000-0000-4000-8000-{number:012x}_0" for number in range(first, first + count)]
        self.put(ids, "Queued")
        return ids

    def put(self, ids: list[str], status: str) -> None:
        """Let these faxes have this status from now on."""
        example: dict[str, Any] = json.loads(EXAMPLE.read_text())
        for fax_id in ids:
            self.fax_server.put(fax_id, {**example, "faxId": fax_id, "status": status})

    def watches_of(self, ids: list[str]) -> Iterator[Watch]:
        """Give a watch of each fax: one by direct message, the next on a card in a channel, so many to a person."""
        workspace, person = self.slack.workspace, ""
        for number, fax_id in enumerate(ids):
            if number % PER_PERSON == 0:
                person = next(self.people)
            if number % 2:
                card = workspace.say(Message(SUPPORT, workspace.new_ts(), BOT, f"Fax {fax_id}", by_app=True))
                yield Watch(fax_id, person, TEAM, OnMessage(SUPPORT, card.ts), SUPPORT)
            else:
                yield Watch(fax_id, person, TEAM, InDirectMessage(workspace.direct_message(person).id), SUPPORT)

    def typists(self, commands: int) -> list[str]:
        """Give as many people as can type so many commands that each begin a watch."""
        return list(islice(self.people, -(-commands // PER_PERSON)))

    async def let_all_fall_due(self) -> None:
        """Let the time pass for all watches."""
        await self.store.ask(update(watches).values(due=self.store.dialect.now))

    async def count(self, *those: ColumnElement[bool]) -> int:
        """Count the watches of which this holds."""
        return int(str(await self.store.ask(select(func.count()).select_from(watches).where(*those))))

    async def unfinished(self) -> int:
        """Count the watches that are due, or being worked on."""
        return await self.count(or_(watches.c.lease.is_not(None), watches.c.due <= self.store.dialect.now))


class Replies:
    """The marks of the bot's replies, by the calls with which Slack was asked for them, from now on."""

    def __init__(self, slack: SlackServer) -> None:
        self.journal = slack.calls
        self.begin = self.read = len(self.journal)
        self.marks: dict[str, int] = {}
        self.last = 0.0

    @property
    def calls(self) -> list[Call]:
        """Give all calls about endings."""
        return [call for call in self.journal[self.begin :] if call.method != "auth.test"]

    def count(self) -> int:
        """Read on, and count the watches whose ending was told."""
        for call in self.journal[self.read :]:
            self.read += 1
            if call.method == "chat.postMessage" and call.ok:
                given = call.arguments["metadata"]
                mark = (json.loads(given) if isinstance(given, str) else given)["event_payload"]["mark"]
                self.marks[mark] = self.marks.get(mark, 0) + 1
                self.last = call.monotonic + call.seconds
        return len(self.marks)


@asynccontextmanager
async def open_desk(kind: str, most_people: int, folder: Path) -> AsyncIterator[Desk]:
    """Open a desk with a bot that has just started."""
    granted = yaml.safe_load(MANIFEST.read_text())["oauth_config"]["scopes"]["bot"]
    workspace = example_workspace()
    people = [Person(f"U{number:010d}", f"p{number}", f"Person {number}", TEAM) for number in range(most_people)]
    workspace.people |= {person.id: person for person in people}
    channel = workspace.channels[SUPPORT]
    members = channel.members | {person.id for person in people}
    workspace.channels[SUPPORT] = replace(channel, members=members)
    with DATABASES[kind](folder) as database:
        async with (
            StoneFaxServer() as fax_server,
            SlackServer(workspace, limits=NO_LIMITS, scopes=frozenset(granted)) as slack,
            open_store(database_url(database.address)) as store,
            running_bot(settings(slack, fax_server, database), folder) as (bot, port),
        ):
            slack.bot_url = f"http://127.0.0.1:{port}/slack/events"
            yield Desk(slack, fax_server, store, database, bot, iter([person.id for person in people]))


def settings(slack: SlackServer, fax_server: StoneFaxServer, database: Database) -> dict[str, str]:
    """Give the bot's settings."""
    return {
        "SLACK_BOT_TOKEN": slack.bot_token,
        "SLACK_SIGNING_SECRET": slack.signing_secret,
        "SLACK_API_URL": slack.api_url,
        "STONEFAX_URL": fax_server.url,
        "STONEFAX_USERNAME": "faxbot",
        "STONEFAX_PASSWORD": "playground",
        "STONEFAX_TIME_ZONE": "Europe/Rome",
        "FAXBOT_PER_MINUTE": "0",
        "DATABASE_URL": database.address,
        "PORT": "0",
        "LOG_LEVEL": "info",
        "LOG_FORMAT": "json",
    }
