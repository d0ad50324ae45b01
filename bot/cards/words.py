"""How times, sizes and lists are said."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from bot.cards.blocks import TextObject, mrkdwn, plain

KILO = 1000


def counted(number: int, noun: str, plural: str | None = None) -> str:
    """Give `1 page`, `3 pages`."""
    return f"{number} {noun}" if number == 1 else f"{number} {plural or noun + 's'}"


def size(octets: int) -> str:
    """Give `2.9 kB`, `28 kB`, `1.2 MB`."""
    if octets < KILO:
        return counted(octets, "byte")
    value, unit = Decimal(octets) / KILO, "kB"
    if value >= KILO:
        value, unit = value / KILO, "MB"
    return f"{value:.1f} {unit}" if value < 10 else f"{value:,.0f} {unit}"  # noqa: PLR2004 - two digits say enough


def moment(time: datetime, *, time_alone: bool = False) -> str:
    """Give a time in mrkdwn: in the reader's own zone if ours is known, else as the server's."""
    if time.tzinfo is None:
        return f"{time:%-d %b %Y, %H:%M} (server time)"
    shape = "{time}" if time_alone else "{date_short_pretty} {time}"
    fallback = f"{time:%H:%M %Z}" if time_alone else f"{time:%-d %b %Y, %H:%M %Z}"
    return f"<!date^{int(time.timestamp())}^{shape}|{fallback}>"


def when(time: datetime, note: str) -> TextObject:
    """Give the value of a row: a time, and a note of our own."""
    return mrkdwn(" · ".join(filter(None, [moment(time), note])))


def first_few(items: Sequence[str], most: int, separator: str = ", ") -> str:
    """Give the first items, and how many more there are."""
    more = [f"+{len(items) - most} more"] if len(items) > most else []
    return separator.join([*items[:most], *more])


def told(*parts: str | None) -> TextObject:
    """Give the value of a row from outside texts, as they are."""
    return plain(" · ".join(part for part in parts if part))
