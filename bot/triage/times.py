"""How long a fax waited and how long it was on the line, where the server's times agree with each other."""

from datetime import UTC, datetime
from itertools import pairwise

from bot.languages import _, marked
from bot.stonefax.models import Fax

LONGEST_LIFE = 31 * 86400
"""Seconds between the first and the last time of a fax, beyond which they are not believed."""

UNITS = (
    (86400, marked("{count} d")),
    (3600, marked("{count} h")),
    (60, marked("{count} min")),
    (1, marked("{count} s")),
)


def times_agree(fax: Fax) -> bool:
    """Whether the times are in order, told in the same way (all with an offset or none), and not absurdly far apart."""
    times = [time for time in (fax.submitted, fax.started, fax.ended) if time is not None]
    if len({time.tzinfo is None for time in times}) > 1:
        return False
    seconds = [as_seconds(time) for time in times]
    return seconds == sorted(seconds) and (not seconds or seconds[-1] - seconds[0] <= LONGEST_LIFE)


def as_seconds(time: datetime) -> float:
    """Give seconds for subtracting: across a change of the clocks Python would subtract wall times of one zone."""
    return (time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp()


def seconds_waited(fax: Fax) -> float | None:
    """Give the seconds in the queue; None where they are not known or the times contradict each other."""
    return seconds_between(fax, fax.submitted, fax.started)


def seconds_on_line(fax: Fax) -> float | None:
    """Give the seconds from start to end; None where they are not known or the times contradict each other."""
    return seconds_between(fax, fax.started, fax.ended)


def seconds_between(fax: Fax, first: datetime | None, last: datetime | None) -> float | None:
    """Give the seconds between two of a fax's times, if all of them agree."""
    if first is None or last is None or not times_agree(fax):
        return None
    return as_seconds(last) - as_seconds(first)


def in_words(seconds: float) -> str:
    """Give a length of time in its two largest units: `28 s`, `2 min 5 s`, `3 h 10 min`, `2 d 1 h`."""
    whole = round(seconds)
    for (size, unit), (smaller, next_unit) in pairwise(UNITS):
        if whole >= size:
            rest = whole % size // smaller
            first = _(unit).format(count=whole // size)
            return f"{first} {_(next_unit).format(count=rest)}" if rest else first
    return _("{count} s").format(count=whole)
