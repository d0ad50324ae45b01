"""What becomes visible in the demo's Slack, drawn as it comes, with who sees it."""

import json
import re
import textwrap
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import cast

from rich.console import Console
from rich.text import Text

from bot.cards import Message as Card
from bot.cards.blocks import Block
from bot.terminal import drawn
from playground.demo.seat import Seat
from playground.slack import Message, SlackServer
from playground.slack.people import ChannelKind
from playground.slack.wire import JsonObject

MENTION = re.compile(r"<@(?P<user>\w+)>")
FOR_EVER = 1e9
ANSWERED = 3.0
"""Seconds that a press is given to show something, before the next line is taken."""
SETTLED = 0.2
"""Seconds without news after which a press has shown all: one can both post a card and change another."""


@dataclass
class Screen:
    """A terminal, or a pipe; `seat` is whose eyes it sees with."""

    slack: SlackServer
    console: Console
    seat: Seat = field(default_factory=Seat)
    shown: int = 0
    """How many changes of the workspace are drawn."""
    prompted: bool = False
    """Whether a person may be in the middle of a line."""

    def say(self, line: str, *, style: str = "", hanging: int = 0) -> None:
        """Print words of the demo's own: at a terminal they break between words, in a pipe not at all."""
        if self.console.is_terminal:
            line = textwrap.fill(
                line,
                self.console.width,
                subsequent_indent=" " * hanging,
                break_long_words=False,
                break_on_hyphens=False,
            )
        self.console.print(Text(line, style), soft_wrap=True)

    def prompt(self) -> None:
        """Ask for a line."""
        self.console.print(Text(self.seat_words(), "bold"), end="", soft_wrap=True)
        self.prompted = True

    def echo(self, line: str) -> None:
        """Show a line of a pipe as if it had been typed."""
        self.console.print(Text.assemble((self.seat_words(), "bold"), line), soft_wrap=True)

    def seat_words(self) -> str:
        """Give the prompt's words."""
        return f"{self.seat.who} in {self.seat.where}> "

    def has_news(self) -> bool:
        """Say whether something is visible that is not drawn yet."""
        return len(self.slack.workspace.changes) > self.shown

    def draw_news(self) -> None:
        """Draw what has come since the last time; the prompt, if it is out, moves below it."""
        news = self.slack.workspace.changes[self.shown :]
        self.shown += len(news)
        if news and self.prompted:
            self.console.print()
        for change in news:
            if change.kind != "deleted":
                self.draw(change.message, in_place=change.kind == "updated")
        if news and self.prompted:
            self.prompt()

    async def keep_drawing(self) -> None:
        """Draw late answers, until cancelled."""
        while True:
            await self.slack.until(self.has_news, within=FOR_EVER)
            self.draw_news()

    async def draw_what_comes(self, before: int) -> None:
        """Draw what a press brings about; `before` is what was `shown` before it."""
        with suppress(TimeoutError):
            await self.slack.until(lambda: len(self.slack.workspace.changes) > before, within=ANSWERED)
            while True:
                self.draw_news()
                await self.slack.until(self.has_news, within=SETTLED)

    def draw_newest(self) -> None:
        """Draw the newest message that the person sees here."""
        workspace = self.slack.workspace
        seen = workspace.seen_by(self.seat.user, self.seat.channel(workspace))
        if seen:
            self.draw(seen[-1])
        else:
            self.say("There is nothing to see here yet.")

    def draw(self, message: Message, *, in_place: bool = False) -> None:
        """Draw one message, and say who sees it."""
        self.say(f"{self.readers(message)}{', in place of what was there' if in_place else ''}:", style="italic")
        self.console.print(drawn(self.card(message)) if message.blocks else Text(message.text))

    def card(self, message: Message) -> Card:
        """Give a message as it came over the wire back in the type that the terminal draws, people by their names."""
        blocks = json.loads(json.dumps(message.blocks), object_hook=self.with_names)
        return Card(message.text, tuple(cast("Sequence[Block]", blocks)))

    def with_names(self, part: JsonObject) -> JsonObject:
        """Put names in the place of a text's mentions; only mrkdwn has any."""
        if part.get("type") != "mrkdwn":
            return part
        people = self.slack.workspace.people
        return {**part, "text": MENTION.sub(lambda mention: f"@{people[mention['user']].name}", part["text"])}

    def readers(self, message: Message) -> str:
        """Say who sees a message."""
        workspace = self.slack.workspace
        channel, only = workspace.channels[message.channel], message.seen_only_by
        if channel.kind is ChannelKind.IM:
            (only,) = channel.members - {workspace.app.bot_user_id}
        if only is None:
            return f"everybody in #{channel.name} sees"
        return "only you see" if only == self.seat.user else f"only {workspace.person(only).real_name} sees"
