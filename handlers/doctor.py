"""`/fax doctor`: the bot examines itself, for its administrators alone."""

from dataclasses import dataclass

import structlog
from slack_bolt.async_app import AsyncAck

from bot.cards import Message, doctor
from bot.doctor import Found, State, examine, setup_of
from bot.services import Services
from bot.slack import ReplyTo
from bot.telemetry import Arrival

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Doctor:
    """Makes all checks in the running bot."""

    services: Services

    async def command(self, ack: AsyncAck, reply_to: ReplyTo, ids: tuple[str, ...], arrival: Arrival) -> None:
        """Answer who may know, with the fax that was named if one was; say to anybody else who may."""
        if reply_to.user_id not in self.services.cards.admins:
            await ack(doctor.for_admins_alone(self.services.cards.admins).payload())
            return
        work = self.examined(reply_to.user_id, ids[0] if ids else None)
        await self.services.answers.in_time(ack, reply_to, arrival, work, doctor.follow())

    async def examined(self, user_id: str, fax_id: str | None) -> Message:
        """Make all checks, with the fax that was named, and tell what was found."""
        found = await examine(setup_of(self.services, fax_id))
        failed = [one.check.name for one in found if one.finding.state is State.FAIL]
        log.info("examined", user=user_id, failed=failed)
        return doctor.examined([line_of(one) for one in found])


def line_of(one: Found) -> doctor.Line:
    """Give the card its part of a finding."""
    return doctor.Line(f"{one.about} · {one.check.title}", one.finding.state, one.finding.sentence, one.finding.remedy)
