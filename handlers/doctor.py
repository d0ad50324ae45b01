"""`/fax doctor`: the bot examines itself, for its administrators alone."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from time import monotonic

import structlog
from cachetools import TTLCache
from slack_bolt.async_app import AsyncAck

from bot.audit import Event, note
from bot.cards import Message, doctor
from bot.doctor import Found, State, examine, setup_of
from bot.lookup import TooOften
from bot.policy import Asker
from bot.services import Services
from bot.slack import ReplyTo
from bot.tasks import Joint
from bot.telemetry import Arrival

WAY_IN = "doctor"
SECONDS_KEPT = 60.0
"""For whoever looks in passing, an examination is as good as new for so long."""
EXAMINED, NOT_ADMIN, TOO_OFTEN = "examined", "not_admin", "too_often"
"""What comes of it, in the audit log."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Examination:
    """What was found, and when."""

    found: tuple[Found, ...]
    at: datetime

    @property
    def lines(self) -> list[doctor.Line]:
        """Give the cards their part of it."""
        return [line_of(one) for one in self.found]


def for_a_minute() -> TTLCache[None, Examination]:
    """Give the place in which the last examination is kept."""
    return TTLCache(1, SECONDS_KEPT, timer=monotonic)


@dataclass(frozen=True, slots=True)
class Doctor:
    """Makes all checks in the running bot, once at a time for each fax that is named, however many ask."""

    services: Services
    examinations: Joint[str | None, Examination] = field(default_factory=Joint)
    last: TTLCache[None, Examination] = field(default_factory=for_a_minute)

    async def command(
        self, ack: AsyncAck, reply_to: ReplyTo, fax_id: str | None, asker: Asker, arrival: Arrival
    ) -> None:
        """Answer who may know, with the fax that was named if one was; say to anybody else who may."""
        pace, cards = self.services.lookup.pace, self.services.cards
        if wait := pace.seconds_to_wait(asker.user_id):
            noted(Event.REFUSED, asker, fax_id, TOO_OFTEN, arrival)
            await ack(cards.refused(TooOften(pace.per_minute, wait)).payload())
        elif asker.user_id not in cards.admins:
            noted(Event.REFUSED, asker, fax_id, NOT_ADMIN, arrival)
            await ack(doctor.for_admins_alone(cards.admins).payload())
        else:
            work = self.examined(asker, fax_id, arrival)
            await self.services.answers.in_time(ack, reply_to, arrival, work, doctor.follow)

    async def examined(self, asker: Asker, fax_id: str | None, arrival: Arrival) -> Message:
        """Make all checks, with the fax that was named, and tell what was found."""
        examination = await self.examination(asker, fax_id)
        if fax_id:
            noted(Event.LOOKED_UP, asker, fax_id, EXAMINED, arrival)
        return doctor.examined(examination.lines)

    async def examination(self, asker: Asker, fax_id: str | None = None) -> Examination:
        """Make all checks, or wait for who is making them."""
        examination = await self.examinations.result(fax_id, partial(self.examine, fax_id))
        failed = [one.check.name for one in examination.found if one.finding.state is State.FAIL]
        log.info("examined", user=asker.user_id, failed=failed)
        return examination

    async def examine(self, fax_id: str | None) -> Examination:
        """Make all checks, and keep what they find."""
        found = await examine(setup_of(self.services, fax_id))
        examination = Examination(found, datetime.now(UTC))
        if fax_id is None:
            self.last[None] = examination
        return examination

    @property
    def recent(self) -> Examination | None:
        """Give the last examination, if it is not old."""
        return self.last.get(None)


def noted(event: Event, asker: Asker, fax_id: str | None, outcome: str, arrival: Arrival) -> None:
    """Note it for whoever must know later who saw what."""
    note(event, asker, fax_id, outcome, reference=arrival.reference, seconds=arrival.seconds_since())


def line_of(one: Found) -> doctor.Line:
    """Give the card its part of a finding."""
    return doctor.Line(f"{one.about} · {one.check.title}", one.finding.state, one.finding.sentence, one.finding.remedy)
