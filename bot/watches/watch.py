"""What a watch is: somebody, somewhere, wants to be told when a fax is final."""

import secrets
from dataclasses import dataclass, field
from enum import Enum

from bot.policy import Asker


@dataclass(frozen=True, slots=True)
class OnMessage:
    """A card of ours: it is edited in place, and a reply in its thread names who asked."""

    channel: str
    ts: str
    thread_ts: str | None = None
    sharer: str | None = None


@dataclass(frozen=True, slots=True)
class OnUnfurl:
    """A preview below somebody's link: it is unfurled anew, and a reply in the thread names who asked."""

    channel: str
    ts: str
    link: str
    thread_ts: str | None = None


@dataclass(frozen=True, slots=True)
class InDirectMessage:
    """The conversation of the bot with the person, by its id: a reply there."""

    channel: str


Place = OnMessage | OnUnfurl | InDirectMessage


@dataclass(frozen=True, slots=True)
class Watch:
    """Tell this person at this place when the fax is final; `asked_in` is the channel that the policy judges by.

    `created` is in seconds since 1970 on the database's clock; None: not started yet.
    """

    fax_id: str
    person: str
    team: str
    place: Place
    asked_in: str
    id: str = field(default_factory=lambda: secrets.token_hex(8))
    created: float | None = None


WAY_IN = "watch"


def asker_of(watch: Watch) -> Asker:
    """Give who asked for a watch, and where."""
    return Asker(watch.person, watch.team, watch.asked_in or None, WAY_IN)


class Ending(Enum):
    """What there is to tell."""

    FINAL = "final"
    VANISHED = "vanished"
    """The server does not know the fax any more."""
    EXPIRED = "expired"
    """It has been watched for as long as a watch lives."""
    UNANSWERED = "unanswered"
    """The same, and the server gave no answer at the last look."""
    NOT_READABLE = "not_readable"
    """The server's answer cannot be read: told once, and waited on."""


class Step(Enum):
    """How far a watch is; a step is written before what it names is begun.

    In the order of the alphabet those that are being told come before those that wait: so are they taken.
    """

    DIRECTLY = "directly"
    """The place is gone, and the direct message is perhaps there already."""
    ENDED = "ended"
    """What is to be told is known, and nothing of it is told but perhaps the edit, which may be done twice."""
    REPLYING = "replying"
    """The reply is perhaps there already."""
    WAITING = "waiting"

    @property
    def being_told(self) -> bool:
        """Whether people may see it at any moment, or do already."""
        return self in {Step.DIRECTLY, Step.REPLYING}


class Started(Enum):
    """What came of the wish to watch."""

    NEW = "new"
    ALREADY = "already"
    TOO_MANY = "too_many"


@dataclass(frozen=True, slots=True)
class Held:
    """A watch that is ours to work on, as it was when we took it or last wrote about it.

    `until` is the moment on the monotonic clock at which the lease may lapse, and never later than it does; `age` is
    in seconds.
    """

    watch: Watch
    step: Step
    ending: Ending | None
    doubt: str | None
    warned: bool
    tries: int
    sends: int
    age: float
    lease: str
    until: float

    def mark(self, ending: Ending) -> str:
        """Give what tells the message about this ending of this watch from every other."""
        return f"{self.watch.id}-{ending.value}"


@dataclass(frozen=True, slots=True)
class Counts:
    """How many run, how many should have been worked on by now, and the age of the oldest in seconds."""

    running: int
    overdue: int
    oldest: float


@dataclass(frozen=True, slots=True)
class Rhythm:
    """Every pause and bound of the watches, times in seconds, in one place, so that tests need not wait."""

    first: float = 15.0
    """Before a fax is asked about, and after a first try in vain; each further one doubles it."""
    longest: float = 300.0
    jitter: float = 0.2
    """By how much of itself a pause may be shorter or longer, so that what began together does not stay together."""
    to_confirm: float = 60.0
    """Before a second look confirms what may pass: the server sends failed faxes again by itself."""
    life: float = 24 * 3600.0
    most_late: int = 6
    """Tries in vain to tell an end when the life is over, before it ends unsaid."""
    most_edits: int = 2
    """Tries in vain to bring the card up to date, before it is told without."""
    most_sends: int = 2
    """Replies begun of which it cannot be learnt whether people see them, before it is told by direct message."""
    lease: float = 20.0
    """For a fax to be worked on before others may take it, renewed at each step."""
    send: float = 12.0
    """For one poll or one call to Slack; shorter than the lease."""
    at_once: int = 16
    """How many faxes a process works on at once, and so how many polls."""
    apart: float = 0.02
    """Between the polls of those that fell due while nobody was there."""
    idle: float = 1.0
    """Between two looks for what is due, and two tries at a database that is away."""
    most_running: int = 50
    """By one person."""

    def pause(self, tries: int, chance: float) -> float:
        """Give the pause after so many tries in vain, bent by `chance` from 0 to 1."""
        # Beyond this exponent a float overflows, and the longest pause is reached long before.
        return self.about(min(self.longest, self.first * 2.0 ** min(tries, 32)), chance)

    def at_least(self, seconds: float, chance: float) -> float:
        """Give this or a little more."""
        return seconds * (1 + self.jitter * chance)

    def about(self, seconds: float, chance: float) -> float:
        """Give a little less or a little more than this."""
        return seconds * (1 + self.jitter * (2 * chance - 1))
