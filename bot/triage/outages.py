"""Is it only me? What the faxes that people looked up in the last hour say together about one that failed.

note: each fax that ended → an Outcome, in keyed hashes, for an hour
hint: the card's own outcome beside the others → the first rule of RULES that has something to say
"""

import hmac
import re
from collections import OrderedDict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from functools import cached_property
from operator import attrgetter
from secrets import token_bytes
from time import monotonic

from bot.stonefax.models import Fax, Status
from bot.triage.failure import Failure, Side
from bot.triage.hint import ONE_SERVER, Alike, Failing, Hint, Reached
from bot.triage.sayings import Saying
from bot.triage.times import as_seconds

SECONDS_KEPT = 3600.0
MOST_FAXES = 1000
"""The last so many that people looked up say enough, and are gone through for each card of a failed fax."""

WESTMOST = timezone(timedelta(hours=-12))
"""Where a clock without a zone would have to hang for its time to be as recent as can be."""

PLACES = {Side.NETWORK: "line", Side.OUR_SIDE: "our_side"}
"""The sides whose failures are no single number's affair, and what a hint blames for them."""

Kind = tuple[str, int | None]
"""Family and cause code."""

ALSO_THE_LINE: frozenset[Kind] = frozenset({("bad_number", 3), ("rejected", 21)})
"""What one number shows for its own sake, but many for the line's: gateways give "no route" and "rejected" for a trunk
that is down or an account that is closed."""

MAY_BE_THE_NUMBER = frozenset({Side.DIALLED_NUMBER, Side.FAR_END, Side.NETWORK, Side.UNKNOWN})
DOUBTS_THE_NUMBER = frozenset({"bad_number", "voice", "no_fax_tone"})
"""The families whose advice is to check the number."""

RECIPIENT_INDEX = re.compile(r"_\d{1,6}\Z")


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From when on something is said; no source gives them, they are judgement."""

    seconds: float = 3600.0
    """How far another fax may have ended from the one on the card."""
    numbers: int = 3
    """So many different numbers with the same network or server cause make it the line, …"""
    share: float = 0.5
    """… if they are at least this part of all numbers since the first of them."""
    failures: int = 3
    """So many failed faxes to one number, and none that got through, make it that number's end, …"""
    others_through: int = 2
    """… if so many other numbers were reached meanwhile. Also: numbers reached over other servers that blame one."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one fax ended. Of number, submission and server there are keyed hashes alone."""

    number: bytes | None
    submission: bytes
    server: bytes | None
    time: datetime
    """When it ended; where the server does not tell, when it was first looked up."""
    side: Side | None
    """None: it got through."""
    kind: Kind | None
    """What others must share with it to point to the line."""
    family: str
    saying: Saying | None
    at: float
    """`time` in seconds; comparable where both times have a zone or neither has."""
    noted: float

    @property
    def got_through(self) -> bool:
        """Whether it was delivered."""
        return self.side is None

    @property
    def zoned(self) -> bool:
        """Whether its time has a zone."""
        return self.time.tzinfo is not None


@dataclass(frozen=True)
class Evidence:
    """What the rules look at: the fax on the card, and all that is remembered; `now` is the wall clock in seconds."""

    card: Outcome
    remembered: Collection[Outcome]
    now: float
    limits: Thresholds

    @cached_property
    def around(self) -> Sequence[Outcome]:
        """What ended around the same time, in its order, the fax on the card too."""
        return around(self.card, self.remembered, self.limits)

    @cached_property
    def same_number(self) -> Sequence[Outcome]:
        """What is remembered of faxes to the card's number."""
        return [one for one in self.remembered if one.number == self.card.number]


def wall_clock() -> datetime:
    """Give the time of day, aware."""
    return datetime.now(UTC)


DEFAULT_THRESHOLDS = Thresholds()


class Outages:
    """Remembers for an hour how the faxes that people looked up ended, each once, and nothing that tells whose."""

    def __init__(
        self,
        now: Callable[[], float] = monotonic,
        wall: Callable[[], datetime] = wall_clock,
        key: bytes | None = None,
        limits: Thresholds = DEFAULT_THRESHOLDS,
    ) -> None:
        self.now = now
        self.wall = wall
        self.key = key or token_bytes(32)
        self.limits = limits
        self.outcomes: OrderedDict[bytes, Outcome] = OrderedDict()
        """By the hash of the fax's id, in the order of the last look-up."""

    def note(self, fax: Fax, failure: Failure | None) -> None:
        """Remember how a fax ended, in place of what was known of it; `failure` is its judgement.

        One that has not ended is ignored. A cancelled fax, and one of which it cannot be said which number it was for,
        tell nothing about others.
        """
        if not fax.status.final:
            return
        fax_id = self.hashed(fax.id)
        outcome = self.outcome_of(fax, failure, self.outcomes.pop(fax_id, None))
        if outcome.number is not None and fax.status is not Status.CANCELED:
            self.outcomes[fax_id] = outcome
        self.forget()

    def hint(self, fax: Fax, failure: Failure | None) -> Hint | None:
        """Give what is to be said on the card of this fax, noted before; nothing for one that has not failed."""
        if failure is None:
            return None
        self.forget()
        card = self.outcome_of(fax, failure, self.outcomes.get(self.hashed(fax.id)))
        evidence = Evidence(card, self.outcomes.values(), as_seconds(self.wall()), self.limits)
        return next(filter(None, (rule(evidence) for rule in RULES)), None)

    def outcome_of(self, fax: Fax, failure: Failure | None, known: Outcome | None) -> Outcome:
        """Say how a fax ended, so that nobody can be known by it; `known` is what was remembered of it."""
        side = None if fax.status is Status.COMPLETED else failure.side if failure else Side.UNKNOWN
        time = fax.ended or (known.time if known and known.side is side else self.wall())
        number = number_of(fax)
        return Outcome(
            number=self.hashed(number) if number else None,
            submission=self.hashed(RECIPIENT_INDEX.sub("", fax.id)),
            server=self.hashed(fax.server.casefold()) if fax.server else None,
            time=time,
            side=side,
            kind=kind_of(failure) if failure else None,
            family=failure.family if failure else "",
            saying=failure.saying if failure else None,
            at=as_seconds(time),
            noted=self.now(),
        )

    def hashed(self, text: str) -> bytes:
        """Give what two texts can be compared by in this process, and by nobody else."""
        return hmac.digest(self.key, text.encode(), "sha256")

    def forget(self) -> None:
        """Drop what was last looked up an hour ago, and the oldest beyond what there is room for."""
        while self.outcomes:
            fax_id, oldest = next(iter(self.outcomes.items()))
            if self.now() - oldest.noted < SECONDS_KEPT and len(self.outcomes) <= MOST_FAXES:
                return
            del self.outcomes[fax_id]


def number_of(fax: Fax) -> str | None:
    """Give the one number that a fax was for; None for several, since which of them failed is not told."""
    numbers = {dialled(recipient.number or "") for recipient in fax.recipients}
    return (numbers.pop() or None) if len(numbers) == 1 else None


def dialled(number: str) -> str:
    """Spell a number in one way: digits alone, `+` for `00`. A missing prefix stays another number: it fails alone."""
    if any(map(str.isalpha, number)):
        return number.casefold()
    digits = "".join(str(int(character)) for character in number if character.isdecimal())
    if digits and number.lstrip(" (").startswith("+"):
        return f"+{digits}"
    return f"+{digits[2:]}" if digits.startswith("00") else digits


def kind_of(failure: Failure) -> Kind | None:
    """Say what a failure must share with others to point to the line; None for one that does not.

    The family too, since a code may say less than the server's words: 16 is sent for all that fails after the answer.
    """
    kind = failure.family, failure.cause.code if failure.cause else None
    return kind if failure.side in PLACES or kind in ALSO_THE_LINE else None


def around(card: Outcome, remembered: Collection[Outcome], limits: Thresholds) -> list[Outcome]:
    """Give what ended around the same time, in its order.

    Nothing, if faxes that got through cannot be placed in time beside this one: failures alone would prove too much.
    """
    if any(outcome.got_through and outcome.zoned != card.zoned for outcome in remembered):
        return []
    near = [one for one in remembered if one.zoned == card.zoned and abs(one.at - card.at) <= limits.seconds]
    return sorted(near, key=attrgetter("at"))


def longest_run(outcomes: Sequence[Outcome], card: Outcome, limits: Thresholds) -> list[Outcome]:
    """Give the longest stretch around the card's fax, from a failure on, in which enough numbers failed as it did.

    Each number counts as it ended last: who got through in the end speaks for the line. Empty: there is none.
    """
    latest = sorted({outcome.number: outcome for outcome in outcomes}.values(), key=attrgetter("at"))
    failed = longest = 0
    for length, outcome in enumerate(reversed(latest), start=1):
        if outcome.kind == card.kind:
            failed += 1
            if outcome.at <= card.at and failed >= max(limits.numbers, limits.share * length):
                longest = length
    return latest[len(latest) - longest :]


def one_server_is_out(evidence: Evidence) -> Hint | None:
    """Speak where the faxes over one server fail in the same way while those over others get through."""
    card = evidence.card
    if card.kind is None or card.server is None:
        return None
    run = longest_run([one for one in evidence.around if one.server == card.server], card, evidence.limits)
    if not run:
        return None
    others = [one for one in evidence.around if one.server not in {None, card.server} and one.at >= run[0].at]
    through = {one.number for one in others if one.got_through}
    if len(through) < evidence.limits.others_through or any(one.kind == card.kind for one in others):
        return None
    return hint_of(run, evidence, ONE_SERVER)


def line_is_out(evidence: Evidence) -> Hint | None:
    """Speak where many numbers fail in the same way, whatever the server."""
    card = evidence.card
    run = longest_run(evidence.around, card, evidence.limits) if card.kind else []
    return hint_of(run, evidence, PLACES.get(card.side or Side.UNKNOWN, "line")) if run else None


def hint_of(run: Sequence[Outcome], evidence: Evidence, blamed: str) -> Hint:
    """Say how many failed in the same way, where the fault is, and, unless it is long past, to hold off."""
    saying = evidence.card.saying
    assert saying is not None  # the card is of a failed fax
    failed = [one for one in run if one.kind == evidence.card.kind]
    last = failed[-1]
    # Without a zone it is over for certain only when it would be so wherever on earth the server stood.
    latest = last.at if last.zoned else last.time.replace(tzinfo=WESTMOST).timestamp()
    over = evidence.now - latest > evidence.limits.seconds
    return Hint(Alike(len(failed), len(run), saying, blamed, over), run[0].time)


def number_was_reached(evidence: Evidence) -> Hint | None:
    """Speak where the number is doubted, though a fax to it got through."""
    card = evidence.card
    if card.family not in DOUBTS_THE_NUMBER:
        return None
    reached = [one for one in evidence.same_number if one.got_through]
    if not reached:
        return None
    return Hint(Reached(), max(reached, key=attrgetter("at")).time)


def number_keeps_failing(evidence: Evidence) -> Hint | None:
    """Speak where one number fails again and again, as no other does, while others are reached."""
    card, limits = evidence.card, evidence.limits
    # Hardly any number has failed so often: then nothing else need be gone through.
    if card.side not in MAY_BE_THE_NUMBER or len(evidence.same_number) < limits.failures:
        return None
    own = [one for one in evidence.around if one.number == card.number]
    others = [one for one in evidence.around if one.number != card.number]
    if any(one.got_through for one in own):
        return None
    if card.kind and any(one.kind == card.kind for one in others):
        return None
    failed = [one for one in own if one.side in MAY_BE_THE_NUMBER and one.kind == card.kind]
    failures = len({one.submission for one in failed})
    if failures < limits.failures:
        return None
    through = len({one.number for one in others if one.got_through and one.at >= failed[0].at})
    if through < limits.others_through:
        return None
    return Hint(Failing(failures, through), failed[0].time)


RULES = (one_server_is_out, line_is_out, number_was_reached, number_keeps_failing)
"""First come, first said: what is true of many comes before what is true of one number."""
