"""The judgement of one failed fax, out of its cause code, the server's words and its times."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import inf

from bot.stonefax.models import Fax, Status
from bot.triage.failure import Cause, Failure, SendAgain
from bot.triage.sayings import Note, Saying
from bot.triage.tables import BROAD, CauseRow, FamilyRow, Judgement, Reached, causes, families, hints, notes
from bot.triage.texts import meaning_of
from bot.triage.times import seconds_on_line, seconds_waited

EIGHTH_BIT = 128
LAST_OCTET = 255
UNKNOWN_NAME = "not a known cause code"
NOTHING_SAID = 0
LONG_WAIT = 15 * 60
"""Seconds in the queue that are worth a word."""
CALLS = ((0, 10, "short_call"), (30, 60, "half_minute"), (90, inf, "long_call"))
"""What the seconds on the line hint at where nothing else tells: from, below, the note."""
WORTH_TRYING = frozenset({SendAgain.NOW, SendAgain.LATER, SendAgain.ASK_FIRST})


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to understand a failure: what is said of it, and what it is worth against another."""

    row: Judgement
    exact: int
    reached: Reached
    from_seconds: bool = False
    """Whether it is no more than a guess from the time on the line."""


def judge(fax: Fax) -> Failure | None:
    """Say what a failed fax means; None for one that has not failed."""
    if fax.status is not Status.FAILED:
        return None
    cause = cause_of(fax)
    said = server_words(fax)
    rows = (causes().get(cause.code) if cause else None, meaning_of(said))
    readings = [reading(row, fax) for row in rows if row is not None]
    # max() keeps the first of equals: the code before the words.
    decided = max(readings, key=lambda one: one.exact, default=reading(families()["unknown"], fax))
    return Failure(
        family=decided.row.family,
        side=decided.row.side,
        send_again=decided.row.send_again,
        saying=decided.row.saying,
        cause=cause,
        server_words=said,
        noted=tuple(
            Note(name, notes()[name], tuple(gaps.items()))
            for name, gaps in (
                *of_the_code(cause),
                *of_disagreement(readings),
                *of_the_times(fax, decided),
                *of_sending_again(fax, decided),
            )
        ),
    )


def cause_of(fax: Fax) -> Cause | None:
    """Read the cause code; some equipment sends it with the eighth bit set."""
    if fax.cause is None:
        return None
    extended = EIGHTH_BIT < fax.cause <= LAST_OCTET
    code = fax.cause - EIGHTH_BIT if extended else fax.cause
    row = causes().get(code)
    name = row.name if row else UNKNOWN_NAME
    return Cause(code, name, as_sent=fax.cause if extended else None, known=row is not None)


def server_words(fax: Fax) -> tuple[str, ...]:
    """Give the server's own words, each once, and none that only says that the fax failed."""
    heard = {letters(Status.FAILED.value), letters(fax.status_word or "")}
    said = []
    for text in (fax.failure_reason, fax.detailed_status):
        if text and letters(text) not in heard:
            heard.add(letters(text))
            said.append(text)
    return tuple(said)


def letters(text: str) -> str:
    """Give what makes two spellings one: `User busy` and `USER_BUSY`."""
    return "".join(filter(str.isalnum, text)).casefold() or text


def reading(row: FamilyRow | CauseRow, fax: Fax) -> Reading:
    """Weigh a row; a code that says only that the call was answered is read with the seconds on the line."""
    if isinstance(row, FamilyRow):
        return Reading(row, row.exact, row.reached)
    family = families()[row.family]
    exact = family.exact if row.exact is None else row.exact
    seconds = seconds_on_line(fax)
    for hint in hints():
        if seconds is not None and row.code in hint.codes and hint.from_ <= seconds < hint.below:
            return Reading(hint, exact, families()[hint.family].reached, from_seconds=True)
    return Reading(row, exact, family.reached)


Named = tuple[str, Mapping[str, int | float | Saying]]
"""The name of a sentence in notes.tsv and what fills its gaps."""


def of_the_code(cause: Cause | None) -> Iterator[Named]:
    """Say how a code was read."""
    if cause and cause.as_sent is not None:
        yield "bit_8", {"sent": cause.as_sent, "code": cause.code}
    if cause and not cause.known:
        yield "unknown_code", {"code": cause.code}


def of_disagreement(readings: Sequence[Reading]) -> Iterator[Named]:
    """Say both, and which decided, where code and words name different kinds of failure."""
    match readings:
        case [code, words] if min(code.exact, words.exact) >= BROAD and code.row.family != words.row.family:
            name = "code_decides" if code.exact >= words.exact else "words_decide"
            yield name, {"code": code.row.saying, "words": words.row.saying}


def of_the_times(fax: Fax, decided: Reading) -> Iterator[Named]:
    """Say what the times tell, and that it is a guess."""
    seconds, waited = seconds_on_line(fax), seconds_waited(fax)
    if seconds is not None and decided.from_seconds:
        yield "guess", {"time": seconds}
    elif seconds is not None and decided.exact == NOTHING_SAID:
        for start, below, name in CALLS:
            if start <= seconds < below:
                yield name, {"time": seconds}
    if waited is not None and waited >= LONG_WAIT:
        yield "waited", {"time": waited}


def of_sending_again(fax: Fax, decided: Reading) -> Iterator[Named]:
    """Say how much sending again sends where some of it may have arrived, and that the server has tried before."""
    if decided.reached is Reached.PAGES:
        counted = {None: "pages_uncounted", 0: "pages_uncounted", 1: "pages_one"}.get(fax.pages, "pages_many")
        yield counted, {"pages": fax.pages or 0}
    if decided.reached > Reached.NOTHING and decided.row.send_again in WORTH_TRYING:
        yield "tries", {}
