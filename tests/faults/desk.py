"""What people at the desk have been told since a moment ago."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from playground.slack import Message
from playground.slack.example import BOB, BOT
from tests.conftest import Desk

BROKE = re.compile(r'"event": "[^"]*(?:broke|never retrieved|Traceback)')
"""What the log says where something happened that nobody thought of."""


@dataclass(frozen=True, slots=True)
class Since:
    """What the bot has shown since this was made."""

    desk: Desk
    before: int
    modals: tuple[str, ...]

    @classmethod
    def now(cls, desk: Desk) -> "Since":
        """Begin to look."""
        return cls(desk, len(desk.slack.workspace.changes), modals_of(desk))

    def messages(self, seen_by: str | None = None) -> list[Message]:
        """Give what the bot has posted or changed, of which this person sees all."""
        changes = self.desk.slack.workspace.changes[self.before :]
        ours = [change.message for change in changes if change.message.user == BOT or change.kind == "unfurled"]
        return [one for one in ours if not seen_by or self.sees(seen_by, one)]

    def sees(self, person: str, message: Message) -> bool:
        """Say whether this person sees a message."""
        there = self.desk.slack.workspace.can_see(person, message.channel)
        return there and message.seen_only_by in {None, person}

    def count(self, words: str) -> int:
        """Count the messages that say this."""
        return sum(words in message.words for message in self.messages())

    def told(self, seen_by: str | None = None) -> str:
        """Give all that this person reads in it, and in modals."""
        read = [f"{message.text}\n{message.words}\n{dict(message.unfurls)}" for message in self.messages(seen_by)]
        fresh = [modal for modal in modals_of(self.desk) if modal not in self.modals]
        return "\n".join(read + ([] if seen_by == BOB else fresh))


def modals_of(desk: Desk) -> tuple[str, ...]:
    """Give what the open modals and flexpanes say."""
    modals = tuple(str(view.blocks) for stack in desk.slack.workspace.modals.values() for view in stack)
    return (*modals, *(pane.words() for pane in desk.slack.panes.open.values()))


async def until(holds: Callable[[], bool], within: float, what: str) -> None:
    """Wait until this holds. Raises AssertionError, with `what` was waited for."""
    try:
        async with asyncio.timeout(within):
            while not holds():  # noqa: ASYNC110 - a condition on anything whatever
                await asyncio.sleep(0.005)
    except TimeoutError:
        raise AssertionError(what) from None


def broken(log: str) -> list[str]:
    """Give the lines of the log that tell of something unforeseen."""
    return [line for line in log.splitlines() if BROKE.search(line)]


Act = Callable[[Desk], Awaitable[None]]
