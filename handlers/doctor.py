"""`/fax doctor`: the bot examines itself, for its administrators alone."""

from dataclasses import dataclass, field
from functools import partial

import structlog
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
EXAMINED, NOT_ADMIN, TOO_OFTEN = "examined", "not_admin", "too_often"
"""What comes of it, in the audit log."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Doctor:
    """Makes all checks in the running bot, once at a time for each fax that is named, however many ask."""

    services: Services
    examinations: Joint[str | None, tuple[Found, ...]] = field(default_factory=Joint)

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
            await self.services.answers.in_time(ack, reply_to, arrival, work, doctor.follow())

    async def examined(self, asker: Asker, fax_id: str | None, arrival: Arrival) -> Message:
        """Make all checks, with the fax that was named, and tell what was found."""
        found = await self.examinations.result(fax_id, partial(examine, setup_of(self.services, fax_id)))
        failed = [one.check.name for one in found if one.finding.state is State.FAIL]
        log.info("examined", user=asker.user_id, failed=failed)
        if fax_id:
            noted(Event.LOOKED_UP, asker, fax_id, EXAMINED, arrival)
        return doctor.examined([line_of(one) for one in found])


def noted(event: Event, asker: Asker, fax_id: str | None, outcome: str, arrival: Arrival) -> None:
    """Note it for whoever must know later who saw what."""
    note(event, asker, fax_id, outcome, reference=arrival.reference, seconds=arrival.seconds_since())


def line_of(one: Found) -> doctor.Line:
    """Give the card its part of a finding."""
    return doctor.Line(f"{one.about} · {one.check.title}", one.finding.state, one.finding.sentence, one.finding.remedy)
