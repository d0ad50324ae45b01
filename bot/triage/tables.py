"""The knowledge of this room as files that an expert can open: read once, and every mistake named by file and line."""

from collections.abc import Iterable, Mapping
from enum import IntEnum
from functools import cache
from string import Formatter
from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, model_validator

from bot.triage.failure import SendAgain, Side
from bot.triage.reading import DataFileError, Filled, contents, keyed, mistake, parsed
from bot.triage.sayings import Saying

LANGUAGES = frozenset({"ar", "de", "en", "es", "fr", "it", "ru", "sip"})
INHERITED = "="
BROAD = 2
"""From this exactness on a reading names a kind of failure; below it there is no more than a guess."""


class Reached(IntEnum):
    """How far a fax got before it failed."""

    NOTHING = 0
    CALL = 1
    ANSWER = 2
    PAGES = 3


def reached_from_word(word: object) -> object:
    """Read the word that the file uses."""
    return Reached[word.upper()] if isinstance(word, str) and word.upper() in Reached.__members__ else word


def languages_from_words(words: object) -> object:
    """Read `it fr es` as a tuple, refusing a language that the fax server does not come in."""
    if not isinstance(words, str):
        return words
    for word in words.split():
        if word not in LANGUAGES:
            msg = f"“{word}” is none of {', '.join(sorted(LANGUAGES))}"
            raise ValueError(msg)
    return tuple(words.split())


def codes_from_words(words: object) -> object:
    """Read `16 31` as a tuple of codes."""
    return tuple(words.split()) if isinstance(words, str) else words


Headline = Annotated[str, StringConstraints(min_length=1, max_length=60, pattern=r"^[^A-Z].*[^.!]$")]
Short = Annotated[str, StringConstraints(min_length=1, max_length=60, pattern=r"[^.!]$")]
Sentence = Annotated[str, StringConstraints(min_length=1, max_length=300, pattern=r"\.$")]
Exact = Annotated[int, Field(ge=0, le=4)]
Code = Annotated[int, Field(ge=0, le=127)]
Languages = Annotated[tuple[str, ...], BeforeValidator(languages_from_words)]


class Judgement(BaseModel):
    """The part of a row that a card shows."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    family: Filled
    side: Side
    send_again: SendAgain
    headline: Headline
    meaning: Sentence
    next_step: Sentence
    short_step: Short

    @property
    def saying(self) -> Saying:
        """What the row says of a fax, to be said in any language."""
        return Saying(self.table, self.key, self.headline, self.meaning, self.next_step, self.short_step)

    table: ClassVar[str]

    @property
    def key(self) -> str:
        """What the row is known by in the files of the other languages."""
        raise NotImplementedError


class FamilyRow(Judgement):
    """A kind of failure, or a finer shade of one. `exact` says what it is worth against another reading."""

    table: ClassVar[str] = "families.tsv"
    name: Filled
    exact: Exact
    reached: Annotated[Reached, BeforeValidator(reached_from_word)]

    @property
    def key(self) -> str:
        """Its name."""
        return self.name


class CauseRow(Judgement):
    """A cause code. `exact` is None where the file lets the family's stand."""

    table: ClassVar[str] = "causes.tsv"
    code: Code
    name: Filled
    exact: Annotated[Exact | None, BeforeValidator(lambda cell: None if cell == INHERITED else cell)]

    @property
    def key(self) -> str:
        """Its code."""
        return str(self.code)


class HintRow(Judgement):
    """What a call's seconds hint at, for codes that say no more than that it was answered."""

    table: ClassVar[str] = "hints.tsv"
    codes: Annotated[tuple[Code, ...], BeforeValidator(codes_from_words)]
    from_: Annotated[int, Field(ge=0, alias="from")]
    below: Annotated[int, Field(ge=1)]

    @property
    def key(self) -> str:
        """Its first three columns."""
        return f"{' '.join(map(str, self.codes))} {self.from_} {self.below}"


class TextRow(BaseModel):
    """Wordings that mean a row of families.tsv or a cause code."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    means: Filled
    language: Languages
    words: Filled


class GuardRow(BaseModel):
    """Wordings that keep a pattern from matching."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["before", "filler", "after", "elsewhere"]
    language: Languages
    words: Filled


NOTES: Mapping[str, frozenset[str]] = {
    "bit_8": frozenset({"sent", "code"}),
    "unknown_code": frozenset({"code"}),
    "code_decides": frozenset({"code", "words"}),
    "words_decide": frozenset({"code", "words"}),
    "guess": frozenset({"time"}),
    "short_call": frozenset({"time"}),
    "half_minute": frozenset({"time"}),
    "long_call": frozenset({"time"}),
    "pages_many": frozenset({"pages"}),
    "pages_one": frozenset(),
    "pages_uncounted": frozenset(),
    "waited": frozenset({"time"}),
    "tries": frozenset(),
}
"""The sentences that notes.tsv must hold, and the gaps that each may have."""


class NoteRow(BaseModel):
    """A further sentence of a judgement, with gaps in braces."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Filled
    sentence: Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"\.$")]

    @model_validator(mode="after")
    def known_with_known_gaps(self) -> "NoteRow":
        """Refuse a sentence that nothing asks for, and a gap that nothing fills."""
        if self.name not in NOTES:
            msg = f"“{self.name}” is none of {', '.join(NOTES)}"
            raise ValueError(msg)
        if strange := {gap for _, gap, _, _ in Formatter().parse(self.sentence) if gap is not None} - NOTES[self.name]:
            msg = f"nothing fills {{{'}, {'.join(sorted(strange))}}}"
            raise ValueError(msg)
        return self


def check_families(file: str, rows: Mapping[int, Judgement], families: Iterable[str]) -> None:
    """Raise DataFileError for a row of a family that is not on the closed list."""
    known = set(families)
    for number, row in rows.items():
        if row.family not in known:
            raise mistake(file, number, f"family: “{row.family}” is none of {', '.join(sorted(known))}")


def read_families(text: str, file: str = "families.tsv") -> dict[str, FamilyRow]:
    """Read the kinds of failure, by name."""
    rows = parsed(file, text, FamilyRow)
    by_name = keyed(file, rows, lambda row: row.name)
    check_families(file, rows, (name for name, row in by_name.items() if name == row.family))
    return by_name


def read_causes(text: str, families: Iterable[str], file: str = "causes.tsv") -> dict[int, CauseRow]:
    """Read the cause codes."""
    rows = parsed(file, text, CauseRow)
    check_families(file, rows, families)
    return keyed(file, rows, lambda row: row.code)


def read_hints(text: str, families: Iterable[str], file: str = "hints.tsv") -> tuple[HintRow, ...]:
    """Read what seconds hint at."""
    rows = parsed(file, text, HintRow)
    check_families(file, rows, families)
    return tuple(rows.values())


def read_texts(text: str, meanings: Iterable[str], file: str = "texts.tsv") -> dict[int, TextRow]:
    """Read the wordings by line, upper first. `meanings` are the names of families and the codes."""
    known = set(meanings)
    rows = parsed(file, text, TextRow)
    for number, row in rows.items():
        if row.means not in known:
            raise mistake(file, number, f"means: “{row.means}” is neither in families.tsv nor a code of causes.tsv")
    return rows


def read_notes(text: str, file: str = "notes.tsv") -> dict[str, str]:
    """Read the further sentences, by name."""
    by_name = keyed(file, parsed(file, text, NoteRow), lambda row: row.name)
    if missing := NOTES.keys() - by_name.keys():
        msg = f"{file}: no sentence for {', '.join(sorted(missing))}"
        raise DataFileError(msg)
    return {name: row.sentence for name, row in by_name.items()}


@cache
def families() -> dict[str, FamilyRow]:
    """Give the kinds of failure and their shades, by name."""
    return read_families(contents("families.tsv"))


@cache
def causes() -> dict[int, CauseRow]:
    """Give the cause codes."""
    return read_causes(contents("causes.tsv"), families())


@cache
def hints() -> tuple[HintRow, ...]:
    """Give what seconds hint at."""
    return read_hints(contents("hints.tsv"), families())


@cache
def texts() -> dict[int, TextRow]:
    """Give the wordings by line, upper first."""
    return read_texts(contents("texts.tsv"), {*families(), *map(str, causes())})


@cache
def guards() -> dict[int, GuardRow]:
    """Give what keeps wordings from matching, by line."""
    return parsed("guards.tsv", contents("guards.tsv"), GuardRow)


@cache
def notes() -> dict[str, str]:
    """Give the further sentences, by name."""
    return read_notes(contents("notes.tsv"))
