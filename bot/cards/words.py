"""How times, sizes and lists are said."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from bot.cards.blocks import TextObject, mrkdwn, plain
from bot.languages import _, ngettext, pgettext

KILO = 1000


def pages(count: int) -> str:
    """Give `1 page`, `3 pages`."""
    return ngettext("{count} page", "{count} pages", count).format(count=count)


def faxes(count: int) -> str:
    """Give `1 fax`, `3 faxes`."""
    return ngettext("{count} fax", "{count} faxes", count).format(count=count)


def size(octets: int) -> str:
    """Give `2.9 kB`, `28 kB`, `1.2 MB`."""
    if octets < KILO:
        return ngettext("{count} byte", "{count} bytes", octets).format(count=octets)
    value, unit = Decimal(octets) / KILO, _("{number} kB")
    if value >= KILO:
        value, unit = value / KILO, _("{number} MB")
    number = f"{value:.1f}" if value < 10 else f"{value:,.0f}"  # noqa: PLR2004 - two digits say enough
    return unit.format(number=number.translate(str.maketrans(".,", marks_of_numbers())))


def marks_of_numbers() -> str:
    """Give the mark before decimals, and that between thousands."""
    marks = pgettext("the mark before decimals, then that between thousands", ".,")
    return marks if len(marks) == len(".,") else ".,"


def moment(time: datetime, *, time_alone: bool = False) -> str:
    """Give a time in mrkdwn: in the reader's own zone if ours is known, else as the server's."""
    if time.tzinfo is None:
        return _("{time} (server time)").format(time=time.strftime(day_and_time()))
    shape = "{time}" if time_alone else "{date_short_pretty} {time}"
    fallback = f"{time:%H:%M %Z}" if time_alone else time.strftime(f"{day_and_time()} %Z")
    return f"<!date^{int(time.timestamp())}^{shape}|{fallback}>"


def day_and_time() -> str:
    """Give how a day and its time are written, for strftime."""
    return pgettext("strftime: a day and its time; in numbers alone, since %b is English", "%-d %b %Y, %H:%M")


def when(time: datetime, note: str) -> TextObject:
    """Give the value of a row: a time, and a note of our own."""
    return mrkdwn(" · ".join(filter(None, [moment(time), note])))


def first_few(items: Sequence[str], most: int, separator: str = ", ") -> str:
    """Give the first items, and how many more there are."""
    more = [and_more(len(items) - most)] if len(items) > most else []
    return separator.join([*items[:most], *more])


def and_more(count: int) -> str:
    """Give `+2 more`."""
    return ngettext("+{count} more", "+{count} more", count).format(count=count)


def any_of(items: Sequence[str]) -> str:
    """Give `a, b or c`: whoever of them can be asked."""
    return joined(items, _("{first} or {last}"))


def all_of(items: Sequence[str]) -> str:
    """Give `a, b and c`."""
    return joined(items, _("{first} and {last}"))


def joined(items: Sequence[str], of_two: str) -> str:
    """Give a list, with a word before its last."""
    *first, last = items
    return of_two.format(first=", ".join(first), last=last) if first else last


def quoted(text: str) -> str:
    """Give a text in quotes."""
    return _("“{text}”").format(text=text)


def with_reference(text: str, reference: str) -> str:
    """Add what leads an administrator to the log."""
    return _("{text} (ref {reference})").format(text=text, reference=reference)


def told(*parts: str | None) -> TextObject:
    """Give the value of a row from outside texts, as they are."""
    return plain(" · ".join(part for part in parts if part))
