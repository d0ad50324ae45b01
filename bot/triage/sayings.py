"""What is said of a failed fax, in any language: the English sentences, and those of others by the same keys.

A row of `it/causes.tsv` says in Italian what the row of causes.tsv with the same code says in English; a cell that is
empty, and a row that is missing, is said in English.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from bot.languages import SOURCE, Language, language
from bot.triage.reading import Filled, contents, exists, mistake, parsed
from bot.triage.times import in_words

Words = Mapping[tuple[str, str], Mapping[str, str]]
"""The cells of a language's tables, by file and key; those that are empty are left out."""

MOST_SAID = 2048
"""Rows in other languages that are kept as they are said: all of them, several times over."""


class SaidOfRow(BaseModel):
    """The cells of a row that are said, in another language."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    headline: Annotated[str, StringConstraints(max_length=90, pattern=r"[^.!]$|^$")]
    meaning: Annotated[str, StringConstraints(max_length=450, pattern=r"\.$|^$")]
    next_step: Annotated[str, StringConstraints(max_length=450, pattern=r"\.$|^$")]
    short_step: Annotated[str, StringConstraints(max_length=60, pattern=r"[^.!]$|^$")]


class SaidOfCause(SaidOfRow):
    """Of a cause code."""

    code: Filled


class SaidOfFamily(SaidOfRow):
    """Of a kind of failure."""

    name: Filled


class SaidOfSeconds(SaidOfRow):
    """Of what a call's seconds hint at."""

    codes: Filled
    from_: Annotated[Filled, Field(alias="from")]
    below: Filled


class SaidInNote(BaseModel):
    """A further sentence, in another language."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Filled
    sentence: Annotated[str, StringConstraints(max_length=300, pattern=r"\.$|^$")]


KEYS: Mapping[str, tuple[type[BaseModel], tuple[str, ...]]] = {
    "causes.tsv": (SaidOfCause, ("code",)),
    "families.tsv": (SaidOfFamily, ("name",)),
    "hints.tsv": (SaidOfSeconds, ("codes", "from_", "below")),
    "notes.tsv": (SaidInNote, ("name",)),
}
"""The tables that are said in other languages: what a row is, and the columns that it is known by."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a row of another language says: the key of the row that it translates, and its cells that are not empty."""

    key: str
    cells: Mapping[str, str]


def read_words(file: str, text: str, shown_as: str) -> dict[int, Said]:
    """Read one table of another language: line number → what is said there. Raises DataFileError."""
    row, columns = KEYS[file]
    found = {
        line: Said(
            " ".join(getattr(one, column) for column in columns),
            {name: cell for name, cell in one.model_dump(exclude=set(columns)).items() if cell},
        )
        for line, one in parsed(shown_as, text, row).items()
    }
    by_key: dict[str, Said] = {}
    for line, said in found.items():
        if by_key.setdefault(said.key, said) is not said:
            raise mistake(shown_as, line, f"“{said.key}” is there twice")
    return found


@cache
def words(spoken: Language) -> Words:
    """Give what the tables say in another language."""
    return {(file, said.key): said.cells for file in tables_in(spoken) for said in read(spoken, file).values()}


def tables_in(spoken: Language) -> Iterable[str]:
    """Give the tables that there are in another language."""
    return (file for file in KEYS if spoken != SOURCE and exists(f"{spoken}/{file}"))


def read(spoken: Language, file: str) -> dict[int, Said]:
    """Read one of them. Raises DataFileError."""
    return read_words(file, contents(f"{spoken}/{file}"), f"{spoken}/{file}")


@dataclass(frozen=True, slots=True)
class Saying:
    """What a row says of a fax, in English; by `table` and `key` it is found in other languages."""

    table: str
    key: str
    headline: str
    meaning: str
    next_step: str
    short_step: str

    def said(self) -> "Saying":
        """Say it in the language in which something is drawn just now."""
        spoken = language()
        return self if spoken == SOURCE else said_in(spoken, self)


@lru_cache(MOST_SAID)
def said_in(spoken: Language, saying: Saying) -> Saying:
    """Say what a row says in another language; a card asks for each of its sentences by itself."""
    return replace(saying, **words(spoken).get((saying.table, saying.key), {}))


@dataclass(frozen=True, slots=True)
class Note:
    """A further sentence with what fills its gaps: counts and codes as they are, seconds as a `float`, headlines."""

    name: str
    sentence: str
    gaps: tuple[tuple[str, int | float | Saying], ...] = ()

    def said(self) -> str:
        """Say it in the language in which something is drawn just now."""
        sentence = words(language()).get(("notes.tsv", self.name), {}).get("sentence", self.sentence)
        return sentence.format_map({gap: filling(value) for gap, value in self.gaps})


def filling(value: float | Saying) -> str:
    """Say what fills a gap."""
    if isinstance(value, Saying):
        return value.said().headline
    return in_words(value) if isinstance(value, float) else str(value)
