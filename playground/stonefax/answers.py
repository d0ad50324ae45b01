"""The answers of the server: a folder of JSON files, one for each fax, named by the fax's id.

IAS-N1_…_0.json        what the server answers for it, byte for byte
IAS-N1_…_0.rule.json   how it misbehaves about it; may stand alone
index.json             what each one shows, in a good order for a newcomer
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self, TypeVar, cast

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from playground.stonefax.rules import Rule

ANSWERS = Path(__file__).parents[1] / "answers"
INDEX = "index.json"
RULE = ".rule.json"

T = TypeVar("T")


class AnswersUnreadable(ValueError):
    """A file among the answers is not what it should be; the message names it."""


class Exhibit(BaseModel):
    """One line of the index."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    shows: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What is sent for a fax, and the fields of the fax in it."""

    body: bytes
    fax: Mapping[str, object]
    wrapped: bool  # the documentation has both shapes: the fields as they are, and within `fax`

    @classmethod
    def of(cls, whole: Mapping[str, object], body: bytes | None = None) -> Self:
        """Take either shape; without a body of its own it is written in ASCII, so that a lone surrogate survives."""
        inner = whole.get("fax")
        wrapped = isinstance(inner, dict)
        written = json.dumps(whole).encode() if body is None else body
        return cls(written, cast("Mapping[str, object]", inner) if wrapped else whole, wrapped)

    def changed(self, change: Mapping[str, object]) -> "Answer":
        """Give the same fax with other values, in the shape it had."""
        fax = {**self.fax, **change}
        return Answer.of({"fax": fax} if self.wrapped else fax)


def answers_in(folder: Path) -> dict[str, Answer]:
    """Read every answer of the folder. Raises AnswersUnreadable."""
    files = [file for file in sorted(folder.glob("*.json")) if file.name != INDEX and not file.name.endswith(RULE)]
    return {file.name.removesuffix(".json"): _answer(file) for file in files}


def rules_in(folder: Path) -> dict[str, Rule]:
    """Read every rule beside the answers. Raises AnswersUnreadable."""
    one_rule = TypeAdapter(Rule)
    return {file.name.removesuffix(RULE): _valid(one_rule, file) for file in sorted(folder.glob(f"*{RULE}"))}


def exhibits(folder: Path = ANSWERS) -> tuple[Exhibit, ...]:
    """Name what there is to see, in the order in which to see it. Raises AnswersUnreadable."""
    return _valid(TypeAdapter(tuple[Exhibit, ...]), folder / INDEX)


def _answer(file: Path) -> Answer:
    body = file.read_bytes()
    return Answer.of(_valid(TypeAdapter(dict[str, object]), file), body)


def _valid(shape: TypeAdapter[T], file: Path) -> T:
    try:
        return shape.validate_json(file.read_bytes())
    except ValidationError as error:
        mistakes = "; ".join(
            f"{'.'.join(map(str, mistake['loc'])) or 'the whole'}: {mistake['msg']}" for mistake in error.errors()
        )
        message = f"{file.name}: {mistakes}"
        raise AnswersUnreadable(message) from error
