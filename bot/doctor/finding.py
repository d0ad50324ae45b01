"""What a check finds: how it stands, one sentence, and what to do about it. It never holds a secret."""

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """How something stands."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"
    SKIP = "skip"


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found; `remedy` is there for everything but `ok`."""

    state: State
    sentence: str
    remedy: str | None = None


def ok(sentence: str) -> Finding:
    """Say that it is as it should be."""
    return Finding(State.OK, sentence)


def warn(sentence: str, remedy: str) -> Finding:
    """Say that the bot works, and yet something had better be changed."""
    return Finding(State.WARN, sentence, remedy)


def fail(sentence: str, remedy: str) -> Finding:
    """Say that something does not work."""
    return Finding(State.FAIL, sentence, remedy)


def skip(sentence: str, remedy: str) -> Finding:
    """Say why this could not be checked, or need not be."""
    return Finding(State.SKIP, sentence, remedy)


class Settled(Exception):
    """A check is over before its end: what stands in its way says it all."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.state)
        self.finding = finding
