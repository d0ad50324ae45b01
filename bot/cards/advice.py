"""What to do now about a failed fax: the judgement's advice, unless its time has passed."""

from dataclasses import dataclass
from datetime import datetime

from bot.languages import _
from bot.lookup import SeenFax
from bot.triage import Failure, SendAgain, in_words

LONG_AGO = 3600.0
"""Seconds after which "later" has come."""


@dataclass(frozen=True, slots=True)
class Advice:
    """Whether sending again helps; what to do, as a sentence; and the same in a few words."""

    send_again: SendAgain
    next_step: str
    short_step: str


def advice_for(seen: SeenFax, failure: Failure) -> Advice:
    """Give the advice as of when the card is made."""
    ago = seconds_since(seen.fax.ended, seen.as_of)
    if failure.send_again is not SendAgain.LATER or ago is None or ago < LONG_AGO:
        return Advice(failure.send_again, failure.next_step, failure.short_step)
    return Advice(
        SendAgain.NOW,
        _("It failed {time} ago, so send it again now. If it fails again: {step}").format(
            time=in_words(ago), step=failure.next_step
        ),
        _("send again now"),
    )


def seconds_since(time: datetime | None, now: datetime) -> float | None:
    """Give the seconds from a fax's time to now, where its zone is known and the clocks agree."""
    if time is None or time.tzinfo is None or time > now:
        return None
    return (now - time).total_seconds()
