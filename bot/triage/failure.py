"""What is said of a failed fax: values alone, in the words of a card."""

from dataclasses import dataclass
from enum import Enum


class Side(Enum):
    """Whose problem it most likely is."""

    DIALLED_NUMBER = "dialled_number"
    FAR_END = "far_end"
    NETWORK = "network"
    OUR_SIDE = "our_side"
    DOCUMENT = "document"
    CALLER = "caller"
    UNKNOWN = "unknown"

    @property
    def words(self) -> str:
        """The side as a card names it."""
        return SIDE_WORDS[self]


class SendAgain(Enum):
    """Whether sending again helps."""

    NOW = "now"
    LATER = "later"
    AFTER_FIX = "after_fix"
    NO = "no"
    ASK_FIRST = "ask_first"
    UNKNOWN = "unknown"

    @property
    def words(self) -> str:
        """The advice as a card gives it."""
        return SEND_AGAIN_WORDS[self]


SIDE_WORDS = {
    Side.DIALLED_NUMBER: "the number dialled",
    Side.FAR_END: "the recipient's side",
    Side.NETWORK: "the network or provider",
    Side.OUR_SIDE: "our side",
    Side.DOCUMENT: "the document or its settings",
    Side.CALLER: "the sender",
    Side.UNKNOWN: "not known",
}

SEND_AGAIN_WORDS = {
    SendAgain.NOW: "now",
    SendAgain.LATER: "later",
    SendAgain.AFTER_FIX: "after a fix",
    SendAgain.NO: "no",
    SendAgain.ASK_FIRST: "ask first, it may have arrived",
    SendAgain.UNKNOWN: "not known, ask first",
}


@dataclass(frozen=True, slots=True)
class Cause:
    """A Q.850 cause code with its standard name; `as_sent` where 129 to 255 came and was read less 128."""

    code: int
    name: str
    as_sent: int | None = None
    known: bool = True


@dataclass(frozen=True, slots=True)
class Failure:
    """What a failed fax means for the person who asked.

    `family` is one of the closed list in docs/causes.md. `headline` completes "Fax failed: …". `server_words` are
    the server's own, whole and unmasked: cutting, escaping and masking are the reader's side's affair.
    """

    family: str
    headline: str
    meaning: str
    side: Side
    send_again: SendAgain
    next_step: str
    short_step: str
    cause: Cause | None
    server_words: tuple[str, ...]
    notes: tuple[str, ...]
