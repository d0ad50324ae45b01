"""The one line that every disclosure and every refusal leaves in the log, for whoever must know later who saw what.

The event says what was done, and never changes its name: docs/operations.md has each with an example. The fields are
the same in all: who, from where, by which way in, which fax, what came of it, under which reference, after how long.
"""

import logging
from enum import Enum

import structlog

from bot.policy import Asker, Audience

DETAILS, FLEXPANE, LINK = "details", "flexpane", "link"
"""The ways in by which an answer is more than an answer."""

log = structlog.get_logger(__name__)


class Event(Enum):
    """What was done."""

    LOOKED_UP = "looked_up"
    """The asker alone saw a fax, or, as an administrator, whether the bot may read it."""
    NUMBER_SHOWN = "number_shown"
    """Somebody asked for the details of a card on which others see the number masked, and saw them alone."""
    SHARED = "shared"
    """A fax was shown to everybody in a place."""
    UNFURLED = "unfurled"
    """A fax was shown below a link, to everybody in a place."""
    WATCH_TOLD = "watch_told"
    """A watch ended: the person was told, or could not be."""
    NOT_ANSWERED = "not_answered"
    """The fax server gave no fax to show."""
    REFUSED = "refused"
    """The rules, or the pace, did not let somebody look."""


def event_of(way_in: str, audience: Audience, *, in_full: bool) -> Event:
    """Say what it is to show a fax that was asked for by this way in, its numbers in full or not."""
    if audience is Audience.ASKER:
        return Event.NUMBER_SHOWN if way_in in {DETAILS, FLEXPANE} and in_full else Event.LOOKED_UP
    return Event.UNFURLED if way_in == LINK else Event.SHARED


def note(  # noqa: PLR0913 - each is a field of the line
    event: Event, asker: Asker, fax_id: str | None, outcome: str, *, reference: str, seconds: float, admin: bool = False
) -> None:
    """Write the line; `admin` makes it a warning: nothing will be better until an administrator acts."""
    log.log(
        logging.WARNING if admin else logging.INFO,
        event.value,
        user=asker.user_id,
        team=asker.team_id,
        channel=asker.channel_id,
        way_in=asker.way_in,
        fax=fax_id,
        outcome=outcome,
        ref=reference,
        milliseconds=round(seconds * 1000),
    )
