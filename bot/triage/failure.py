"""What a failed fax means: values alone, which say themselves in the language that is drawn in."""

from dataclasses import dataclass
from enum import Enum

from bot.languages import _, marked
from bot.triage.sayings import Note, Saying


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
        return _(SIDE_WORDS[self])


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
        return _(SEND_AGAIN_WORDS[self])


SIDE_WORDS = {
    Side.DIALLED_NUMBER: marked("the number dialled"),
    Side.FAR_END: marked("the recipient's side"),
    Side.NETWORK: marked("the network or provider"),
    Side.OUR_SIDE: marked("our side"),
    Side.DOCUMENT: marked("the document or its settings"),
    Side.CALLER: marked("the sender"),
    Side.UNKNOWN: marked("not known"),
}

SEND_AGAIN_WORDS = {
    SendAgain.NOW: marked("now"),
    SendAgain.LATER: marked("later"),
    SendAgain.AFTER_FIX: marked("after a fix"),
    SendAgain.NO: marked("no"),
    SendAgain.ASK_FIRST: marked("ask first, it may have arrived"),
    SendAgain.UNKNOWN: marked("not known, ask first"),
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

    `family` is one of the closed list in docs/causes.md. `server_words` are the server's own, whole and unmasked:
    cutting, escaping and masking are the reader's side's affair.
    """

    family: str
    side: Side
    send_again: SendAgain
    saying: Saying
    cause: Cause | None
    server_words: tuple[str, ...]
    noted: tuple[Note, ...]

    @property
    def headline(self) -> str:
        """What completes "Fax failed: …"."""
        return self.saying.said().headline

    @property
    def meaning(self) -> str:
        """What happened."""
        return self.saying.said().meaning

    @property
    def next_step(self) -> str:
        """What to do now."""
        return self.saying.said().next_step

    @property
    def short_step(self) -> str:
        """The same in a few words."""
        return self.saying.said().short_step

    @property
    def notes(self) -> tuple[str, ...]:
        """What we noticed besides."""
        return tuple(note.said() for note in self.noted)
