"""`/fax <id>…`: the asker alone sees the answer."""

import re
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TypedDict

from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.cards import Cards, Message, guidance
from bot.cards.summary import MOST_FAXES
from bot.policy import Asker
from bot.references import fax_ids, near_misses, plain, undecorated
from bot.services import Services
from bot.slack import ReplyTo
from bot.telemetry import Arrival

SUBCOMMANDS = ("help",)
ASKING_FOR_HELP = frozenset({"help", "?", "--help", "-h", "hi", "hello", "hey"})
NEAR_ENOUGH = 0.6


class SlashCommand(TypedDict):
    """What we read of Slack's form (docs.slack.dev/interactivity/implementing-slash-commands)."""

    text: str
    user_id: str
    team_id: str
    channel_id: str
    response_url: str


@dataclass(frozen=True, slots=True)
class FaxCommand:
    """`/fax <id>…`: the answer is the ack itself where the fax server is quick enough."""

    services: Services

    async def __call__(self, ack: AsyncAck, command: SlashCommand, arrival: Arrival) -> None:
        """Answer one command."""
        text = command.get("text", "")
        ids = fax_ids(text)
        if not ids:
            await ack(without_an_id(text, self.services.cards).payload())
            return
        unread = near_misses(text)
        shown = ids[:MOST_FAXES]
        await self.services.answers.in_time(
            ack,
            ReplyTo(command["response_url"], command["user_id"]),
            arrival,
            self.answer(shown, len(ids) - len(shown), unread, asker_of(command), arrival),
            guidance.follows(shown),
        )

    async def answer(
        self, ids: tuple[str, ...], cut: int, unread: tuple[str, ...], asker: Asker, arrival: Arrival
    ) -> Message:
        """Look them up, side by side, beside what Slack says of the asker; say what could not be read as an id."""
        looked = await self.services.lookup(ids, asker, arrival)
        message = self.services.cards.answer(looked, cut)
        return guidance.with_unread(message, unread) if unread else message


def without_an_id(text: str, cards: Cards) -> Message:
    """Say what helps somebody whose command names no fax."""
    words = [word for word in map(undecorated, plain(text).split()) if word]
    if text.strip() in ASKING_FOR_HELP or (words and words[0].lower() in ASKING_FOR_HELP):
        return cards.help()
    if not words:
        return cards.usage()
    if unread := near_misses(text):
        return cards.no_whole_id(unread[0])
    first = words[0].lower()
    if re.fullmatch(r"[a-z]+", first) and (nearest := get_close_matches(first, SUBCOMMANDS, 1, NEAR_ENOUGH)):
        return cards.did_you_mean(words[0], nearest[0])
    return cards.no_fax_id(" ".join(words))


def asker_of(command: SlashCommand) -> Asker:
    """Give who asks, and from where."""
    return Asker(command["user_id"], command["team_id"], command["channel_id"], "command")


def register(app: AsyncApp, services: Services) -> None:
    """Listen to the slash command."""
    app.command(services.cards.command)(FaxCommand(services))
