"""What the watches do to the world: they ask through the one look-up, and tell in Slack with the cards that all use."""

from collections.abc import Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

import structlog

from bot.cards import Cards, Message, Preview
from bot.languages import in_language_of
from bot.lookup import Lookup, NotSeen, Seen
from bot.policy import Audience, Place, Refusal, Sharing
from bot.slack import (
    HISTORY_CLOSED,
    MESSAGE_GONE,
    NOBODY_THERE,
    NOT_TAKEN,
    TOKEN_REFUSED,
    Slack,
    SlackUnreachable,
    is_direct,
)
from bot.stonefax import FaxError, Status, errors
from bot.tasks import Joint
from bot.telemetry import Arrival
from bot.watches.effects import GoesOn, PlaceGone, Polled, TokenRevoked, TryLater, Verdict
from bot.watches.watch import Ending, InDirectMessage, OnMessage, OnUnfurl, Watch, asker_of

OVER = frozenset({Ending.FINAL, Ending.VANISHED})
log = structlog.get_logger(__name__)
Answer = TypeVar("Answer")
SINCE = 3600.0
"""Seconds before a watch began from which its mark is looked for: the database's clock need not be Slack's."""
SAID_OF_FAULTS: Mapping[type[FaxError], Polled] = {
    errors.FaxNotFound: Polled.VANISHED,
    errors.AnswerUnreadable: Polled.NOT_READABLE,
}
"""What a fault says of the fax; any other says nothing."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """What is told, and the card that is brought up to date with it, if there is one."""

    message: Message
    card: Message | Preview | None = None


@dataclass(frozen=True, slots=True)
class InSlack:
    """The effects of the watches."""

    lookup: Lookup
    slack: Slack
    cards: Cards
    life: float
    """Of a watch, in seconds."""
    edits: Joint[tuple[str, str, str], None] = field(default_factory=Joint)

    async def poll(self, fax_id: str) -> Polled:
        """Ask the fax server, together with whoever asks at this moment."""
        try:
            fetched = await self.lookup.fetches.fresh(fax_id, self.lookup.deadline)
        except FaxError as error:
            return SAID_OF_FAULTS.get(type(error), Polled.NO_ANSWER)
        if fetched.fax.status is Status.FAILED:
            return Polled.FAILED
        return Polled.FINAL if fetched.fax.status.final else Polled.NOT_YET

    async def allowed(self, watch: Watch) -> Verdict:
        """Ask the policy again, by the place in which it was asked."""
        asker = asker_of(watch)
        facts = await self.lookup.facts(asker)
        refusal = self.lookup.policy.refusal(asker, facts)
        if refusal:
            return Verdict.UNKNOWN if refusal is Refusal.STANDING_UNKNOWN else Verdict.REFUSED
        others_unknown = facts.place is Place.UNKNOWN and not is_direct(watch.place.channel)
        return Verdict.UNKNOWN if others_unknown else Verdict.ALLOWED

    async def drawn(self, watch: Watch, ending: Ending, *, directly: bool) -> Drawn:
        """Draw what is to be told, as whoever reads it there may see it; a card whose fax goes on keeps its buttons."""
        audience = Audience.ASKER if directly else await self.audience(watch)
        await self.slack.people.learn_language(watch.person)
        with in_language_of(self.slack.people.reader(None if audience is Audience.OTHERS else watch.person)):
            return await self.drawn_for(audience, watch, ending)

    async def drawn_for(self, audience: Audience, watch: Watch, ending: Ending) -> Drawn:
        """Draw it in the language of its readers."""
        person = watch.person if audience is Audience.OTHERS else None
        if ending not in OVER:
            return Drawn(self.cards.ended(ending.value, watch.fax_id, person, self.life))
        seen, place = await self.seen(watch, audience), watch.place
        card: Message | Preview | None = None
        if isinstance(place, OnMessage):
            card = self.cards.one(seen, sharer=place.sharer)
        elif isinstance(place, OnUnfurl):
            card = self.cards.below(seen, place.link, place.thread_ts)
        if isinstance(seen, NotSeen):
            return Drawn(self.cards.ended(Ending.VANISHED.value, watch.fax_id, person, self.life), card)
        return Drawn(self.cards.final(seen, person), card)

    async def edit(self, watch: Watch, drawn: Drawn) -> None:
        """Bring the card up to date, once for all who watch it."""
        place, card = watch.place, drawn.card
        if card and not isinstance(place, InDirectMessage):
            await self.edits.result((place.channel, place.ts, watch.fax_id), lambda: self.edited(place, card))

    async def edited(self, place: OnMessage | OnUnfurl, card: Message | Preview) -> None:
        """Put the card in the place of the one that is there."""
        if isinstance(card, Message):
            await done(self.slack.update(place.channel, place.ts, card))
        elif isinstance(place, OnUnfurl):
            await done(self.slack.unfurl({"channel": place.channel, "ts": place.ts}, {place.link: card}))

    async def reply(self, watch: Watch, drawn: Drawn, mark: str) -> None:
        """Tell it in the thread, or in the direct message."""
        place = watch.place
        thread_ts = None if isinstance(place, InDirectMessage) else place.thread_ts or place.ts
        await done(self.slack.post(place.channel, drawn.message, thread_ts, mark=mark))

    async def tell_directly(self, watch: Watch, drawn: Drawn, mark: str) -> None:
        """Tell it to the person alone."""
        channel = await done(self.slack.direct_message(watch.person))
        await done(self.slack.post(channel, drawn.message, mark=mark))

    async def already_told(self, watch: Watch, mark: str, *, directly: bool) -> bool | None:
        """Look for the mark where it would stand."""
        place = watch.place
        since = watch.created and watch.created - SINCE
        try:
            if directly:
                return await self.slack.has_mark(mark, await self.slack.direct_message(watch.person), since=since)
            thread_ts = None if isinstance(place, InDirectMessage) else place.thread_ts or place.ts
            return await self.slack.has_mark(mark, place.channel, thread_ts, since=since)
        except SlackUnreachable as error:
            if error.problem in HISTORY_CLOSED:
                return None
            raise fault_of(error) from None

    async def audience(self, watch: Watch) -> Audience:
        """Say who reads along at a watch's place. Raises PlaceGone where a reply there is not for us any more."""
        if is_direct(watch.place.channel):
            return Audience.ASKER
        facts = await self.lookup.facts(asker_of(watch))
        if facts.place is Place.UNKNOWN:
            raise TryLater
        if self.lookup.policy.sharing(facts) is not Sharing.AS_MEMBER:
            raise PlaceGone
        return Audience.OTHERS

    async def seen(self, watch: Watch, audience: Audience) -> Seen:
        """Give the fax as this audience may see it. Raises GoesOn where it is not over, after all.

        It was fetched a moment ago; but the server may have begun to send it again since.
        """
        arrival = Arrival(watch.id)
        fetched = await self.lookup.fetched(watch.fax_id, arrival)
        if isinstance(fetched, NotSeen):
            if SAID_OF_FAULTS.get(type(fetched.error)) is not Polled.VANISHED:
                raise fetched.error
        elif not fetched.fax.status.final:
            raise GoesOn
        return self.lookup.seen(fetched, self.lookup.judged(fetched), asker_of(watch), arrival, audience)


async def done(call: Coroutine[Any, Any, Answer]) -> Answer:
    """Await what is asked of Slack. Raises PlaceGone, TokenRevoked, TryLater where surely nothing was done."""
    try:
        return await call
    except SlackUnreachable as error:
        raise fault_of(error) from None


def fault_of(error: SlackUnreachable) -> Exception:
    """Say what Slack's word means for a watch; without a word of its own it is not known what was done."""
    if error.problem in NOBODY_THERE | MESSAGE_GONE | NOT_TAKEN:
        # Another place is tried, then none.
        log.info("Slack does not take what is told of a watch", problem=error.problem)
        return PlaceGone()
    if error.problem in TOKEN_REFUSED:
        return TokenRevoked()
    if error.nothing_done:
        log.info("Slack does not take what is told of a watch now", problem=error.problem, wait=error.wait)
        return TryLater(error.wait)
    return error
