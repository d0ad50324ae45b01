"""Who may see what: who is let in at all, what may be shared where, and what a fax looks like to whom.

Masking happens here, inside the look-up, so that no card can show too much. Slack's answers about people and
channels come in as `Facts`; where Slack does not say, the door stays closed.
"""

from dataclasses import dataclass
from enum import Enum
from typing import Literal

from bot.masking import Mask, masked_number
from bot.stonefax import Fax, Recipient


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
    HIDDEN = "hidden"
    """A private channel that the bot is not in."""
    UNKNOWN = "unknown"
    """Slack does not say."""


class Sharing(Enum):
    """How an answer can be shown to everybody in a place."""

    AS_MEMBER = "as_member"
    BY_RESPONSE_URL = "by_response_url"
    AFTER_INVITATION = "after_invitation"
    NEVER = "never"


class Refusal(Enum):
    """Why somebody gets nothing."""

    OTHER_ORGANISATION = "other_organisation"
    STANDING_UNKNOWN = "standing_unknown"
    GUEST = "guest"
    GROUP = "group"
    CHANNEL = "channel"
    NO_CHANNEL = "no_channel"


READ_BY_ALL = frozenset({Sharing.AS_MEMBER, Sharing.BY_RESPONSE_URL})
"""Where an answer may stand for everybody to read."""
CLOSED = {
    Standing.OTHER_ORGANISATION: Refusal.OTHER_ORGANISATION,
    Standing.UNKNOWN: Refusal.STANDING_UNKNOWN,
}
SHARING = {
    Place.DIRECT: Sharing.NEVER,
    Place.MEMBER: Sharing.AS_MEMBER,
    Place.PUBLIC: Sharing.BY_RESPONSE_URL,
    Place.SHARED_OUTSIDE: Sharing.NEVER,
    Place.HIDDEN: Sharing.AFTER_INVITATION,
    Place.UNKNOWN: Sharing.AFTER_INVITATION,
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
    in_allowed_group: bool | None = False
    """Whether they are in one of the groups that the administrator listed; None where Slack does not say."""


@dataclass(frozen=True, slots=True)
class Policy:
    """The administrator's rules."""

    show_numbers: Literal["asker", "nobody"] = "asker"
    allowed_channels: frozenset[str] = frozenset()
    allowed_groups: frozenset[str] = frozenset()

    def refusal(self, asker: Asker, facts: Facts) -> Refusal | None:
        """Say why this asker gets nothing, or None where they do."""
        return self.refusal_of_person(facts) or self.refusal_of_place(asker, facts)

    def refusal_of_person(self, facts: Facts) -> Refusal | None:
        """Say whether somebody gets nothing for who they are; a guest needs a group that the administrator listed."""
        if facts.standing in CLOSED:
            return CLOSED[facts.standing]
        if facts.in_allowed_group:
            return None
        if facts.in_allowed_group is None:
            return Refusal.STANDING_UNKNOWN
        if facts.standing is Standing.GUEST:
            return Refusal.GUEST
        return Refusal.GROUP if self.allowed_groups else None

    def refusal_of_place(self, asker: Asker, facts: Facts) -> Refusal | None:
        """Say whether nothing is shown in a place; one without a channel is for the members of listed groups."""
        if not self.allowed_channels or asker.channel_id in self.allowed_channels:
            return None
        if facts.place is not Place.DIRECT:
            return Refusal.CHANNEL
        return None if facts.in_allowed_group else Refusal.NO_CHANNEL

    def sharing(self, facts: Facts) -> Sharing:
        """Say how an answer may be shown to everybody there."""
        return SHARING[facts.place]

    def hides_numbers_from(self, audience: Audience) -> bool:
        """Say whether this audience sees numbers masked."""
        return audience is Audience.OTHERS or self.show_numbers == "nobody"

    def seen_by(self, audience: Audience, fax: Fax) -> Fax:
        """Give the fax as this audience may see it."""
        if not self.hides_numbers_from(audience):
            return fax
        mask = mask_for(fax, audience)
        hidden = {field: mask.text(getattr(fax, field)) for field in TEXTS_OF_A_FAX}
        if audience is Audience.OTHERS:
            hidden |= dict.fromkeys(("subject", "sender", "server", "size"))
        recipients = tuple(
            Recipient(name=mask.text(one.name), number=one.number and masked_number(one.number))
            for one in fax.recipients
        )
        return fax.model_copy(update={"recipients": recipients, **hidden})

    def words_seen_by(self, audience: Audience, words: tuple[str, ...], fax: Fax) -> tuple[str, ...]:
        """Give words of the server about this fax as this audience may see them."""
        if not self.hides_numbers_from(audience):
            return words
        mask = mask_for(fax, audience)
        return tuple(mask.text(word) or "" for word in words)

    def reason_seen_by(self, audience: Audience, reason: str | None) -> str | None:
        """Give the server's words about a request without a fax: nobody knows what they quote, so the asker's alone."""
        if audience is Audience.OTHERS:
            return None
        return Mask(()).text(reason) if self.hides_numbers_from(audience) else reason


TEXTS_OF_A_FAX = ("named", "subject", "sender", "server", "failure_reason", "detailed_status", "status_word")


def mask_for(fax: Fax, audience: Audience) -> Mask:
    """Give what hides the numbers that a fax goes to, and from others its subject and sender, wherever they stand."""
    quotes = (fax.subject, fax.sender) if audience is Audience.OTHERS else ()
    return Mask((recipient.number for recipient in fax.recipients if recipient.number), filter(None, quotes))
