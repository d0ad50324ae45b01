"""How the server misbehaves: for one fax, or as a mood for every request.

A rule is read from `<id>.rule.json` or made in code. It says what is answered, how it is brought over, and for how
many requests:

    {"delay": 2.5}
    {"steps": [{"status": 503, "retry_after": 1, "times": 2}, {}]}          two refusals, then fine
    {"steps": [{"change": {"status": "Queued"}}, {"change": {"status": "InProgress"}}, {}]}
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    JsonValue,
    NonNegativeFloat,
    PositiveFloat,
    PositiveInt,
    model_validator,
)


class Break(StrEnum):
    """How HTTP itself is broken."""

    HANG = "hang"  # the request is read, and nothing ever comes
    CLOSE = "close"  # the connection is closed in good order, without an answer
    RESET = "reset"  # TCP reset before the headers
    RESET_IN_BODY = "reset_in_body"  # TCP reset after the headers and half of the body
    TRUNCATED = "truncated"  # Content-Length is right, half of the body comes, then the end
    GARBAGE = "garbage"  # a status line that is none


class Drip(BaseModel):
    """The body in small pieces."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    octets: PositiveInt = 1
    every: PositiveFloat = 0.1  # seconds between two pieces


class Rule(BaseModel):
    """What is different from the answer as it stands; a rule without any word changes nothing."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    # What is answered. A status other than 200 without words of its own gets a page of HTML, as from IIS.
    status: int = Field(default=200, ge=200, le=599)
    reason: str | None = None  # the body is {"reason": …}
    body: bytes | None = None  # the body as it goes over the wire; in a file: text, sent as UTF-8
    change: dict[str, JsonValue] = {}  # fields that differ from the fax's own answer
    content_type: str | None = None  # the whole header, charset included, true or not
    retry_after: int | str | None = None  # seconds, or an HTTP date
    location: str | None = None
    megabytes: NonNegativeFloat = 0  # the body is filled up with spaces: it stays the JSON it was
    gzip: bool = False  # compressed, whatever the request accepts; with many megabytes: a bomb

    # How it is brought over.
    delay: NonNegativeFloat = 0  # seconds before the answer
    drip: Drip | None = None
    chunked: bool = False  # no Content-Length
    breaks: Break | None = None

    # For how many requests.
    times: PositiveInt | None = None  # then the next step; after the last: fine. None: once, and for ever when last
    steps: tuple["Rule", ...] = ()

    @model_validator(mode="after")
    def steps_stand_alone(self) -> Self:
        """Refuse a rule that has steps and a behaviour of its own, or steps within steps."""
        if self.steps and self.model_fields_set != {"steps"}:
            message = "steps stand alone: put the rest into each step"
            raise ValueError(message)
        if any(step.steps for step in self.steps):
            message = "a step has no steps of its own"
            raise ValueError(message)
        return self

    def at(self, turn: int) -> "Rule":
        """Give what holds for the request after `turn` others."""
        *earlier, last = self.steps or (self,)
        for step in earlier:
            turn -= step.times or 1
            if turn < 0:
                return step
        return last if last.times is None or turn < last.times else FINE


FINE = Rule()


@dataclass(slots=True)
class Course:
    """A rule on its way from request to request."""

    rule: Rule
    turn: int = 0

    def step(self) -> Rule:
        """Give what holds for this request; the next call is for the next one."""
        self.turn += 1
        return self.rule.at(self.turn - 1)
