"""Who may see what: who is let in at all, what may be shared where, and what a fax looks like to whom.

Masking happens here, inside the look-up, so that no card can show too much. Slack's answers about people and
channels come in as `Facts`; where Slack does not say, the door stays closed.
"""

import re
from dataclasses import dataclass
from enum import Enum
from functools import partial
from typing import Literal

import phonenumbers

from bot.references import FAX_ID
from bot.stonefax import Fax, Recipient

HIDDEN = "•••"
RUN_OF_DIGITS = re.compile(r"\+?\(?\d(?:[\s().,/_\-‐‑‒–—]*\d)*")  # noqa: RUF001 - the dashes that people put between digits
LONG_RUN = 6
TELLING = 4
"""So many digits in a row are enough to know a number by."""
DIGITS_OF_AN_EXTENSION = 5


class Audience(Enum):
    """Who will read an answer."""

    ASKER = "asker"
    OTHERS = "others"


class Standing(Enum):
    """What somebody is in the workspace."""

    OWN = "own"
    GUEST = "guest"
    OTHER_ORGANISATION = "other_organisation"
    UNKNOWN = "unknown"


class Place(Enum):
    """What kind of place something is asked in, as far as it matters to who reads along."""

    DIRECT = "direct"
    """A direct message, or no channel at all."""
    MEMBER = "member"
    """A channel of ours that the bot is in."""
    PUBLIC = "public"
    """A public channel of ours that the bot is not in."""
    SHARED_OUTSIDE = "shared_outside"
    """A channel shared with another organisation, or about to be."""
    UNKNOWN = "unknown"
    """Slack does not say: a private channel without the bot, or no answer."""


class Sharing(Enum):
    """How an answer can be shown to everybody in a place."""

    AS_MEMBER = "as_member"
    BY_RESPONSE_URL = "by_response_url"
    AFTER_INVITATION = "after_invitation"
    NEVER = "never"


class Refusal(Enum):
    """Why somebody gets nothing."""

    GUEST = "guest"
    OTHER_ORGANISATION = "other_organisation"
    STANDING_UNKNOWN = "standing_unknown"


SHARING = {
    Place.DIRECT: Sharing.NEVER,
    Place.MEMBER: Sharing.AS_MEMBER,
    Place.PUBLIC: Sharing.BY_RESPONSE_URL,
    Place.SHARED_OUTSIDE: Sharing.NEVER,
    Place.UNKNOWN: Sharing.AFTER_INVITATION,
}
REFUSALS = {
    Standing.OWN: None,
    Standing.GUEST: Refusal.GUEST,
    Standing.OTHER_ORGANISATION: Refusal.OTHER_ORGANISATION,
    Standing.UNKNOWN: Refusal.STANDING_UNKNOWN,
}


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks, from where, and by which way in; `channel_id` is None where there is no channel."""

    user_id: str
    team_id: str
    channel_id: str | None
    way_in: str


@dataclass(frozen=True, slots=True)
class Facts:
    """What Slack says about an asker and the place that they ask in."""

    standing: Standing
    place: Place


@dataclass(frozen=True, slots=True)
class Policy:
    """The administrator's rules."""

    show_numbers: Literal["asker", "nobody"] = "asker"

    def refusal(self, facts: Facts) -> Refusal | None:
        """Say why this asker gets nothing, or None where they do."""
        return REFUSALS[facts.standing]

    def sharing(self, facts: Facts) -> Sharing:
        """Say how an answer may be shown to everybody there."""
        return SHARING[facts.place]

    def seen_by(self, audience: Audience, fax: Fax) -> Fax:
        """Give the fax as this audience may see it."""
        if audience is Audience.ASKER and self.show_numbers == "asker":
            return fax
        hide = partial(masked_text, fax=fax)
        shown = fax.model_copy(
            update={
                "recipients": tuple(
                    Recipient(name=hide(r.name), number=r.number and masked_number(r.number)) for r in fax.recipients
                ),
                "subject": hide(fax.subject),
                "failure_reason": hide(fax.failure_reason),
                "detailed_status": hide(fax.detailed_status),
                "status_word": hide(fax.status_word),
            }
        )
        if audience is Audience.OTHERS:
            return shown.model_copy(update={"subject": None, "sender": None, "server": None, "size": None})
        return shown

    def words_seen_by(self, audience: Audience, words: tuple[str, ...], fax: Fax) -> tuple[str, ...]:
        """Give words of the server about this fax as this audience may see them."""
        if audience is Audience.ASKER and self.show_numbers == "asker":
            return words
        return tuple(masked_text(word, fax) or "" for word in words)


def masked_number(number: str) -> str:
    """Keep the country code, where one can be read, and the last three digits; of five digits or fewer the last two.

    `+39 06 1234 5678` becomes `+39 ••• 678`, `10002` becomes `•••02`.
    """
    digits = only_digits(number)
    if len(digits) <= DIGITS_OF_AN_EXTENSION:
        return HIDDEN + (digits[-2:] if len(digits) > len("00") else "")
    code = country_code(number, digits)
    return f"+{code} {HIDDEN} {digits[-3:]}" if code else f"{HIDDEN}{digits[-3:]}"


def masked_text(text: str | None, fax: Fax) -> str | None:
    """Mask every long run of digits, and the recipients' own at any length, in a text about this fax; ids stay."""
    if text is None or not any(map(str.isdecimal, text)):
        return text
    own = [only_digits(recipient.number) for recipient in fax.recipients if recipient.number]

    def hide(run: re.Match[str]) -> str:
        digits = only_digits(run[0])
        hidden = len(digits) >= LONG_RUN or digits in own or any(share_a_telling_part(digits, number) for number in own)
        return masked_number(run[0]) if hidden else run[0]

    masked, end = [], 0
    for fax_id in FAX_ID.finditer(text):
        masked += [RUN_OF_DIGITS.sub(hide, text[end : fax_id.start()]), fax_id[0]]
        end = fax_id.end()
    return "".join([*masked, RUN_OF_DIGITS.sub(hide, text[end:])])


def share_a_telling_part(digits: str, number: str) -> bool:
    """Whether enough of a number, or all of a short one, stands within these digits."""
    size = min(TELLING, len(number))
    return size > 1 and any(number[start : start + size] in digits for start in range(len(number) - size + 1))


def only_digits(number: str) -> str:
    """Give a number's digits as 0 to 9, whatever script they were written in."""
    return "".join(str(int(character)) for character in number if character.isdecimal())


def country_code(number: str, digits: str) -> str | None:
    """Read the country code of a number written with + or 00."""
    international = digits if number.lstrip(" (").startswith("+") else digits[2:] if digits.startswith("00") else ""
    try:
        return str(phonenumbers.parse(f"+{international}").country_code)
    except phonenumbers.NumberParseException:
        return None
