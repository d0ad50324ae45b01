"""`/fax <id>…`: the asker alone sees the answer."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import partial
from typing import TypedDict

from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.cards import Cards, Message, guidance, watching
from bot.cards.summary import MOST_FAXES
from bot.policy import Asker
from bot.references import fax_ids, near_misses, plain, undecorated
from bot.services import Services
from bot.slack import ReplyTo
from bot.telemetry import Arrival
from handlers.doctor import Doctor
from handlers.watching import Watching

WATCH, UNWATCH, WATCHES, DOCTOR = "watch", "unwatch", "watches", "doctor"
SUBCOMMANDS = ("help", WATCH, UNWATCH, WATCHES, DOCTOR)
LISTING = frozenset({UNWATCH, WATCHES})
"""Without an id these list what is watched."""
ASKING_FOR_HELP = frozenset({"help", "?", "--help", "-h", "hi", "hello", "hey"})
NEAR_ENOUGH = 0.7


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
    doctor: Doctor

    async def __call__(self, ack: AsyncAck, command: SlashCommand, arrival: Arrival) -> None:
        """Answer one command."""
        text = command.get("text", "")
        ids, word = fax_ids(text), first_word(text)
        listing = word in LISTING and text.split(maxsplit=1)[1:] == []
        reply_to = ReplyTo(command["response_url"], command["user_id"])
        if word == DOCTOR and is_for_the_doctor(words(text)[1:], ids):
            asker = replace(asker_of(command), way_in=DOCTOR)
            await self.doctor.command(ack, reply_to, next(iter(ids), None), asker, arrival)
            return
        if not ids and not listing:
            await self.services.slack.people.learn_language(reply_to.user_id)
            await ack(without_an_id(text, self.services.cards, reply_to.user_id).payload())
            return
        work = self.answer(word, ids, near_misses(text), asker_of(command), arrival)
        looks_up = ids and word != UNWATCH
        follows = partial(guidance.follows, ids[:MOST_FAXES]) if looks_up else watching.under_way
        await self.services.answers.in_time(ack, reply_to, arrival, work, follows)

    async def answer(
        self, word: str, ids: tuple[str, ...], unread: tuple[str, ...], asker: Asker, arrival: Arrival
    ) -> Message:
        """Do what the first word asks, or look up what is named, and say what could not be read as an id."""
        own, shown, cut = Watching(self.services), ids[:MOST_FAXES], len(ids[MOST_FAXES:])
        if word == WATCHES or not ids:
            return await own.listed(asker.user_id, arrival)
        if word == UNWATCH:
            message = await own.end(ids, asker.user_id, arrival)
        elif word == WATCH:
            message = await own.begin(shown, replace(asker, way_in=WATCH), arrival, cut=cut)
        else:
            message = self.services.cards.answer(await self.services.lookup(shown, asker, arrival), cut)
        return guidance.with_unread(message, unread) if unread else message


def words(text: str) -> list[str]:
    """Give the words of a command, without decoration."""
    return [word for word in map(undecorated, plain(text).split()) if word]


def first_word(text: str) -> str:
    """Give the first word of a command in small letters."""
    return next(iter(words(text)), "").lower()


def is_for_the_doctor(rest: Sequence[str], ids: Sequence[str]) -> bool:
    """Say whether nothing but a fax's id follows the word: people write of doctors, too."""
    return not rest or (len(rest) == len(ids) == 1)


def without_an_id(text: str, cards: Cards, user_id: str) -> Message:
    """Say what helps somebody whose command names no fax."""
    said, word = words(text), first_word(text)
    if text.strip() in ASKING_FOR_HELP or word in ASKING_FOR_HELP:
        return cards.help(user_id)
    watch = word == WATCH
    said = said[1:] if word in {WATCH, DOCTOR, *LISTING} else said
    if not said:
        return cards.how_to_watch() if watch else cards.usage()
    if unread := near_misses(text):
        return cards.no_whole_id(unread[0])
    first = said[0].lower()
    if re.fullmatch(r"[a-z]+", first) and (nearest := get_close_matches(first, SUBCOMMANDS, 1, NEAR_ENOUGH)):
        return cards.did_you_mean(said[0], nearest[0])
    return cards.no_fax_id(" ".join(said))


def asker_of(command: SlashCommand) -> Asker:
    """Give who asks, and from where."""
    return Asker(command["user_id"], command["team_id"], command["channel_id"], "command")


def register(app: AsyncApp, services: Services, doctor: Doctor) -> None:
    """Listen to the slash command."""
    app.command(services.cards.command)(FaxCommand(services, doctor))
