"""What is left of phone numbers where they must not be seen: in their own field, and in any text that repeats them."""

import re
import unicodedata
from collections.abc import Iterable, Iterator

import phonenumbers

from bot.references import FAX_ID

HIDDEN = "•••"
LONG_RUN = 6
"""A run of so many digits is hidden whatever it is."""
TELLING = 4
"""So many digits in a row are enough to know a number by, and so many letters to know a word."""
DIGITS_OF_AN_EXTENSION = 5

UNSEEN = r"\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff"
BETWEEN_DIGITS = rf"[\s().,/_\-\u2010-\u2015\u2212{UNSEEN}]*"
RUN = re.compile(rf"\+?\(?\d(?:{BETWEEN_DIGITS}\d)*")
"""Digits as people write a number, however wide the gaps: a card closes them."""
LOOSE_RUN = re.compile(rf"\+?\(?\d(?:(?:[\W_]{{0,3}}|{BETWEEN_DIGITS})\d)*")
"""Digits with anything but letters between them: a time of day, a list of codes, or a number spelled oddly."""


def masked_number(number: str) -> str:
    """Keep the country code, where one can be read, and the last three digits; of five digits or fewer the last two.

    `+39 06 1234 5678` becomes `+39 ••• 678`, `10002` becomes `•••02`.
    """
    digits = only_digits(number)
    if len(digits) <= DIGITS_OF_AN_EXTENSION:
        return HIDDEN + (digits[-2:] if len(digits) > len("00") else "")
    code = country_code(number, digits)
    return f"+{code} {HIDDEN} {digits[-3:]}" if code else f"{HIDDEN}{digits[-3:]}"


class Mask:
    """Hides these numbers, and every long run of digits, in any text; fax ids stay, unless they hold such a number.

    `quotes` are words that are hidden wherever a text quotes them, unless they are too short to be known by.
    """

    def __init__(self, numbers: Iterable[str], quotes: Iterable[str] = ()) -> None:
        known = sorted((re.escape(quote) for quote in quotes if len(quote) >= TELLING), key=len, reverse=True)
        self.quotes = re.compile("|".join(known), re.IGNORECASE) if known else None
        self.telling = frozenset(part for number in numbers for part in telling_parts(only_digits(number)))
        self.sizes = {len(part) for part in self.telling}

    def text(self, text: str | None) -> str | None:
        """Give the text with its numbers masked."""
        if text is None:
            return None
        text = self.quotes.sub(HIDDEN, text) if self.quotes else text
        spelled = in_plain_digits(text)
        if not any(map(str.isdecimal, spelled)):
            return text
        masked, end = "", 0
        for start, stop, number in self.hidden(spelled):
            masked += text[end:start] + number
            end = stop
        return masked + text[end:]

    def hidden(self, spelled: str) -> Iterator[tuple[int, int, str]]:
        """Give each stretch to be hidden, and what takes its place."""
        end = 0
        for fax_id in FAX_ID.finditer(spelled):
            if not self.tells(only_digits(fax_id[0])):
                yield from self.hidden_between(spelled, end, fax_id.start())
                end = fax_id.end()
        yield from self.hidden_between(spelled, end, len(spelled))

    def hidden_between(self, spelled: str, start: int, stop: int) -> Iterator[tuple[int, int, str]]:
        """Hide one of these numbers however it is spelled, and any other that is spelled as people do."""
        for loose in LOOSE_RUN.finditer(spelled, start, stop):
            if self.tells(only_digits(loose[0])):
                yield loose.start(), loose.end(), masked_number(loose[0])
                continue
            for run in RUN.finditer(spelled, loose.start(), loose.end()):
                if len(only_digits(run[0])) >= LONG_RUN:
                    yield run.start(), run.end(), masked_number(run[0])

    def tells(self, digits: str) -> bool:
        """Whether enough of one of these numbers, or all of a short one, stands within these digits."""
        return any(
            digits[start : start + size] in self.telling
            for size in self.sizes
            for start in range(len(digits) - size + 1)
        )


def telling_parts(digits: str) -> Iterator[str]:
    """Give every part of a number that it could be known by."""
    size = min(TELLING, len(digits))
    if size > 1:
        yield from (digits[start : start + size] for start in range(len(digits) - size + 1))


def in_plain_digits(text: str) -> str:
    """Spell every digit, whatever script or shape it has, as 0 to 9, and leave the rest, length and all, as it is."""
    if text.isascii():
        return text
    return "".join(
        character if (digit := unicodedata.digit(character, None)) is None else str(digit) for character in text
    )


def only_digits(number: str) -> str:
    """Give a number's digits as 0 to 9."""
    return "".join(filter(str.isdecimal, in_plain_digits(number)))


def country_code(number: str, digits: str) -> str | None:
    """Read the country code of a number written with + or 00."""
    international = digits if number.lstrip(" (").startswith("+") else digits[2:] if digits.startswith("00") else ""
    try:
        return str(phonenumbers.parse(f"+{international}").country_code)
    except phonenumbers.NumberParseException:
        return None
