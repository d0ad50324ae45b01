"""What the server's own words mean: the wordings of texts.tsv, kept from look-alikes by those of guards.tsv."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from bot.triage.notation import PARTING, Initial, by_initial, expression, patterns_in
from bot.triage.reading import DataFileError
from bot.triage.tables import (
    BROAD,
    CauseRow,
    FamilyRow,
    GuardRow,
    TextRow,
    causes,
    families,
    guards,
    texts,
)
from bot.triage.words import plain_words

WORD = re.compile(r"\w+")
COMPOUND = " "
"""Words in another sense belong together: “busy time” is one, “busy, time 16:00” is not."""
STRUCK = "."
"""What is left of them: a break, which no pattern spans."""
GUARD_REACH = 60
"""Characters before a match that are searched for a "not"."""


@dataclass(frozen=True, slots=True)
class Guards:
    """What keeps a match from counting."""

    before: re.Pattern[str]
    after: re.Pattern[str]
    elsewhere: re.Pattern[str]

    def strike(self, words: str) -> str:
        """Give the words without those that have another sense here."""
        return self.elsewhere.sub(STRUCK, words)

    def let_pass(self, words: str, start: int, end: int) -> bool:
        """Whether nothing around the match from `start` to `end` says that it is not so."""
        return not (self.before.search(words, max(0, start - GUARD_REACH), start) or self.after.match(words, end))


def guards_of(rows: Iterable[GuardRow]) -> Guards:
    """Make the guards of their rows."""
    any_of: dict[str, list[str]] = {"before": [], "filler": [], "after": [], "elsewhere": []}
    for row in rows:
        parting = COMPOUND if row.kind == "elsewhere" else PARTING
        any_of[row.kind].extend(expression(pattern, parting) for pattern in patterns_in(row.words))
    one = {kind: f"(?:{'|'.join(expressions)})" for kind, expressions in any_of.items()}
    return Guards(
        before=re.compile(rf"\b{one['before']} (?:{one['filler']} )*\Z"),
        after=re.compile(rf"(?: \w+){{0,2}}(?:=\d+\b|[=,]{one['after']}(?:[.,]|\Z))"),
        elsewhere=re.compile(rf"\b{one['elsewhere']}(?!\w)"),
    )


Meaning = FamilyRow | CauseRow


@cache
def rows() -> tuple[tuple[str, Meaning], ...]:
    """Give all wordings and what they mean, upper first.

    A code that a text names (`cause 17`) stands above all words, one that explains nothing below them.
    """
    check_notation("texts.tsv", texts())
    worded = (
        (row.words, causes()[int(row.means)] if row.means.isdecimal() else families()[row.means])
        for row in texts().values()
    )
    named = [(f"cause {row.code}", row) for row in causes().values()]
    telling = ((words, row) for words, row in named if row.exact is None or row.exact >= BROAD)
    idle = ((words, row) for words, row in named if row.exact is not None and row.exact < BROAD)
    return (*telling, *worded, *idle)


@cache
def patterns() -> dict[str, Initial]:
    """Give all wordings by the letter they begin with."""
    return by_initial(words for words, _ in rows())


@cache
def all_guards() -> Guards:
    """Give the guards of guards.tsv. Raises DataFileError for a cell that cannot be read."""
    check_notation("guards.tsv", guards())
    return guards_of(guards().values())


def check_notation(file: str, rows: Mapping[int, TextRow | GuardRow]) -> None:
    """Raise DataFileError for words that are no pattern, with file and line."""
    for line, row in rows.items():
        try:
            patterns_in(row.words)
        except ValueError as wrong:
            msg = f"{file}, line {line}: words: {wrong}"
            raise DataFileError(msg) from wrong


def rank_of(text: str) -> int | None:
    """Give the rank of the uppermost wording that a text holds and no guard voids."""
    words = all_guards().strike(plain_words(text))
    initials = patterns()
    found = []
    for word in WORD.finditer(words):
        start = word.start()
        initial = initials.get(words[start])
        if initial and (match := initial.at(words, start)):
            rank, end = match
            found.append((rank, start, end))
    return next((rank for rank, start, end in sorted(found) if all_guards().let_pass(words, start, end)), None)


def meaning_of(said: Iterable[str]) -> Meaning | None:
    """Give what the server's words mean, the uppermost wording of all its texts; None where they say nothing."""
    ranks = [rank for text in said if (rank := rank_of(text)) is not None]
    return rows()[min(ranks)][1] if ranks else None
