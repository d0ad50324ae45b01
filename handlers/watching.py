"""`Tell me when it is final` and `Stop`, and `/fax watch`, `unwatch` and `watches`."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from typing import ClassVar

import structlog
from slack_bolt.async_app import AsyncApp

from bot.cards import Message, guidance, watching
from bot.cards.buttons import LISTED_STOP, ROW_STOP, STOP, WATCH
from bot.cards.watching import Begun, Running, Told
from bot.lookup import Looked, NotSeen, Refused, Seen
from bot.policy import Asker, Sharing
from bot.services import Services
from bot.slack import SlackUnreachable, is_direct
from bot.store import StoreUnreachable
from bot.telemetry import Arrival
from bot.watches import InDirectMessage, OnMessage, OnUnfurl, Place, Started, Watch
from handlers.buttons import CardButton, Press

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Wish:
    """What came of a wish to be told: the look-up that it rests on, what is said of it, and of how many a watch runs.

    `watched` is None where there was nothing to wait for.
    """

    looked: Looked | Refused
    said: Message
    watched: int | None = None


@dataclass(frozen=True, slots=True)
class Watching:
    """Begins, lists and ends the watches of one person."""

    services: Services

    async def begin(
        self, ids: tuple[str, ...], asker: Asker, arrival: Arrival, place: Place | None = None, *, cut: int = 0
    ) -> Message:
        """Watch what is not over yet, and give what is said of it."""
        return (await self.wish(ids, asker, arrival, place, cut=cut)).said

    async def wish(
        self, ids: tuple[str, ...], asker: Asker, arrival: Arrival, place: Place | None = None, *, cut: int = 0
    ) -> Wish:
        """Watch what is not over yet; without a `place`, or where we are no member, it is told by direct message.

        `cut` is how many ids were too many to be looked up at once.
        """
        looked = await self.services.lookup(ids, asker, arrival)
        if not isinstance(looked, Looked):
            return Wish(looked, self.services.cards.refused(looked))
        waiting = [seen for seen in looked.seen if may_become_final(seen)]
        if not waiting:
            return Wish(looked, self.services.cards.answer(looked, cut))
        if place and not is_direct(place.channel) and looked.sharing is not Sharing.AS_MEMBER:
            place = None
        try:
            place = place or InDirectMessage(await self.services.slack.direct_message(asker.user_id))
            watches = [
                Watch(watching.id_of(seen), asker.user_id, asker.team_id, place, asker.channel_id or "")
                for seen in waiting
            ]
            started = await asyncio.gather(*map(self.services.watches.start, watches))
        except (SlackUnreachable, StoreUnreachable) as error:
            return Wish(looked, self.not_noted(error, arrival), watched=0)
        came = list(zip(waiting, started, strict=True))
        begun = Begun(
            watched=tuple(seen for seen, began in came if began is not Started.TOO_MANY),
            over=tuple(seen for seen in looked.seen if not may_become_final(seen)),
            too_many=tuple(seen for seen, began in came if began is Started.TOO_MANY),
        )
        message = watching.begun(begun, told_at(place), self.services.cards.command, self.services.watches.most_running)
        said = guidance.with_cut(message, len(ids), cut) if cut else message
        return Wish(looked, said, len(begun.watched))

    async def end(self, ids: tuple[str, ...], person: str, arrival: Arrival) -> Message:
        """Stop watching these."""
        await self.services.slack.people.learn_language(person)
        try:
            steps = {fax_id: await self.services.watches.stop(person, fax_id) for fax_id in ids}
        except StoreUnreachable as error:
            return self.not_noted(error, arrival)
        return watching.stopped(
            self.services.cards.command,
            tuple(fax_id for fax_id, ended in steps.items() if ended),
            tuple(fax_id for fax_id, ended in steps.items() if not ended),
            too_late=any(step.being_told for ended in steps.values() for step in ended),
        )

    async def listed(self, person: str, arrival: Arrival) -> Message:
        """List what somebody watches, the oldest first."""
        await self.services.slack.people.learn_language(person)
        try:
            watches = await self.services.watches.of(person)
        except StoreUnreachable as error:
            return self.not_noted(error, arrival)
        return watching.running(self.services.cards.command, by_fax(watches))

    def not_noted(self, error: SlackUnreachable | StoreUnreachable, arrival: Arrival) -> Message:
        """Say that it could not be noted, with a way to the log."""
        log.warning("not noted", problem=error.problem, error=type(error).__name__, ref=arrival.reference)
        return watching.not_noted(self.services.cards.whom_to_ask(), arrival.reference)


@dataclass(frozen=True, slots=True)
class TellMe(CardButton):
    """`Tell me when it is final`: told where the card stands, or, for a private one, by direct message."""

    way_in: ClassVar[str] = "watch"

    async def answer(self, press: Press) -> Message:
        """Begin to watch."""
        ids = (press.pressed.fax_id,)
        return await Watching(self.services).begin(ids, press.asker, press.arrival, place_of(press))


@dataclass(frozen=True, slots=True)
class Stop(CardButton):
    """`Stop`: the watch ends, and what offered to stop it says so; a list shows what is left of it."""

    way_in: ClassVar[str] = "unwatch"
    in_a_list: bool = False

    async def answer(self, press: Press) -> Message | None:
        """End the watch."""
        own, person = Watching(self.services), press.asker.user_id
        message = await own.end((press.pressed.fax_id,), person, press.arrival)
        shown = await own.listed(person, press.arrival) if self.in_a_list else message
        replaced = press.private and await self.services.slack.respond(press.reply_to, shown, replace=True)
        return None if replaced else message


@dataclass(frozen=True, slots=True)
class StopOne(CardButton):
    """`Stop` in a row of an answer that says more: it stays as it is."""

    way_in: ClassVar[str] = "unwatch"

    async def answer(self, press: Press) -> Message:
        """End the watch."""
        return await Watching(self.services).end((press.pressed.fax_id,), press.asker.user_id, press.arrival)


def may_become_final(seen: Seen) -> bool:
    """Say whether there is something to wait for; a fax server without an answer may have one later."""
    if isinstance(seen, NotSeen):
        return seen.error.passes
    return not seen.fax.status.final


def place_of(press: Press) -> Place | None:
    """Say where a watch from this card answers; None: by a direct message that is to be opened."""
    channel = press.asker.channel_id
    if channel is None or press.ephemeral:
        return None
    if press.unfurl:
        return OnUnfurl(channel, press.message_ts, press.unfurl, press.reply_to.thread_ts)
    return OnMessage(channel, press.message_ts, press.reply_to.thread_ts, press.pressed.sharer)


def told_at(place: Place) -> Told:
    """Say in words where a watch answers."""
    if isinstance(place, InDirectMessage):
        return Told.DIRECTLY
    return Told.HERE if is_direct(place.channel) else Told.IN_THREAD


def by_fax(watches: list[Watch]) -> list[Running]:
    """Gather what is watched at several places, the oldest first."""
    ordered = sorted(watches, key=lambda watch: watch.fax_id)
    gathered = [(fax_id, list(same)) for fax_id, same in groupby(ordered, lambda watch: watch.fax_id)]
    running = [
        Running(fax_id, datetime.fromtimestamp(min(one.created or 0.0 for one in same), UTC), channels_of(same))
        for fax_id, same in gathered
    ]
    return sorted(running, key=lambda one: one.since)


def channels_of(watches: list[Watch]) -> tuple[str | None, ...]:
    """Give where these are told, each place once; None: by direct message."""
    channels = (None if is_direct(watch.place.channel) else watch.place.channel for watch in watches)
    return tuple(dict.fromkeys(channels))


def register(app: AsyncApp, services: Services) -> None:
    """Listen to the buttons; the subcommands come by way of the command."""
    app.action(WATCH)(TellMe(services))
    app.action(STOP)(Stop(services))
    app.action(LISTED_STOP)(Stop(services, in_a_list=True))
    app.action(ROW_STOP)(StopOne(services))
