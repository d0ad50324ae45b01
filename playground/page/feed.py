"""Everything that happens, numbered, so that a page that lost the line goes on where it was."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass

from playground.slack import SlackServer, View
from playground.slack.panes import Pane
from playground.slack.records import Record
from playground.slack.workspace import Change
from playground.stonefax import Answered, StoneFaxServer


@dataclass(frozen=True, slots=True)
class Uppermost:
    """The modal that somebody has before them; None: none any more."""

    user: str
    view: View | None


@dataclass(frozen=True, slots=True)
class HomeTab:
    """The Home tab that somebody has been given."""

    user: str
    view: View


@dataclass(frozen=True, slots=True)
class FaxesChanged:
    """The fax server has another fax, another state of one, or another mood."""


Entry = Change | Record | Answered | Uppermost | HomeTab | FaxesChanged | Pane


class Feed:
    """All entries since the start; `run` tells a page that it follows another start than this one."""

    def __init__(self, slack: SlackServer, fax_server: StoneFaxServer) -> None:
        self.run = secrets.token_hex(4)
        self.entries: list[Entry] = []
        self.closed = False
        self._workspace = slack.workspace
        self._before: dict[str, View | None] = {}
        self._homes: dict[str, View] = {}
        self._news = asyncio.Event()
        slack.workspace.on_change.append(self.add)
        slack.panes.on_change.append(self.add)
        slack.journal.on_record.append(self.add_record)
        fax_server.on_answer.append(self.add)

    def add(self, entry: Entry) -> None:
        """Give one entry the next number, and wake who waits for it."""
        self.entries.append(entry)
        self._wake()

    def add_record(self, record: Record) -> None:
        """Add what passed between Slack and the bot, and the view that it opened, changed or closed."""
        self.add(record)
        self.look_at_modals()
        self.look_at_homes()

    def look_at_modals(self) -> None:
        """Add an entry for everybody who has another modal before them than the last time."""
        for user, stack in self._workspace.modals.items():
            view = stack[-1] if stack else None
            if view != self._before.get(user):
                self._before[user] = view
                self.add(Uppermost(user, view))

    def look_at_homes(self) -> None:
        """Add an entry for everybody who has another Home tab than the last time."""
        for user, view in self._workspace.homes.items():
            if view != self._homes.get(user):
                self._homes[user] = view
                self.add(HomeTab(user, view))

    async def after(self, number: int, pause: float) -> AsyncIterator[tuple[int, Entry] | None]:
        """Give each entry from `number` on, with the number to go on from; None after `pause` seconds without any."""
        while not self.closed:
            while number < len(self.entries):
                number += 1
                yield number, self.entries[number - 1]
            try:
                async with asyncio.timeout(pause):
                    await self._news.wait()
            except TimeoutError:
                yield None

    def close(self) -> None:
        """Let every page go."""
        self.closed = True
        self._wake()

    def _wake(self) -> None:
        self._news.set()
        self._news = asyncio.Event()
