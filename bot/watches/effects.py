"""What the watches do to the world, given by the composition root: they know neither Slack's calls nor our cards.

Raised by effects:
├── PlaceGone        deleted, archived, not a member any more: the person is told by direct message instead
├── GoesOn           what was to be told is not so any more: the fax is waited for again
├── TokenRevoked     Slack does not know us: every watch pauses until it does
├── TryLater         nothing was done; Slack may ask for a pause
└── anything else    no answer: perhaps it was done, perhaps not
"""

from enum import Enum
from typing import Protocol, TypeVar

from bot.watches.watch import Ending, Watch

Drawn = TypeVar("Drawn")
"""What is told, as the effects have drawn it: they alone know what it is."""


class Polled(Enum):
    """What the fax server says of a fax."""

    NOT_YET = "not_yet"
    FAILED = "failed"
    """Final, and yet the server may send it again by itself."""
    FINAL = "final"
    """Any other end."""
    VANISHED = "vanished"
    NOT_READABLE = "not_readable"
    NO_ANSWER = "no_answer"


class Verdict(Enum):
    """What the policy says at the end."""

    ALLOWED = "allowed"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    """Slack does not say what the policy must know."""


class PlaceGone(Exception):
    """There is no such place any more, or not for us; nothing was sent."""


class GoesOn(Exception):
    """The fax is not over after all; nothing was sent."""


class TokenRevoked(Exception):
    """Slack accepts our token no more; nothing was sent."""


class TryLater(Exception):
    """Nothing was sent; Slack asks to wait so many seconds, if any."""

    def __init__(self, wait: float = 0.0) -> None:
        super().__init__(f"try again in {wait} s")
        self.wait = wait


class Effects(Protocol[Drawn]):
    """Each call is given up after `Rhythm.send` seconds, and may come again after any failure."""

    async def poll(self, fax_id: str) -> Polled:
        """Ask the fax server; join a fetch under way, and never read the cache."""

    async def allowed(self, watch: Watch) -> Verdict:
        """Ask the policy whether this person may still be told."""

    async def drawn(self, watch: Watch, ending: Ending, *, directly: bool) -> Drawn:
        """Draw what is to be told, for whoever reads it there."""

    async def edit(self, watch: Watch, drawn: Drawn) -> None:
        """Edit the card or renew the unfurl, where that is drawn too; done twice it does no harm."""

    async def reply(self, watch: Watch, drawn: Drawn, mark: str) -> None:
        """Tell it at the watch's place, with the mark in the message's metadata."""

    async def tell_directly(self, watch: Watch, drawn: Drawn, mark: str) -> None:
        """Tell it by direct message, with the mark, since the place is gone. PlaceGone: the person is, too."""

    async def already_told(self, watch: Watch, mark: str, *, directly: bool) -> bool | None:
        """Say whether Slack has a message with this mark; None: it cannot be known, for want of a history scope."""
