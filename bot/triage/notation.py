"""How a wording is written in a data file, and how it is found in plain words.

`word*` has any ending, `(a | b)` is one of them, `[a]` may be missing, `...` stands for up to six other words, `#` for
a number, `$` for the end, `|` parts patterns. A pattern becomes a regular expression; those that begin with the same
letter are tried together at each word that does.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, pairwise

from bot.triage.words import folded, with_codes

Pattern = list[str]
"""The pieces of one: words, brackets, bars and the other signs."""

PARTING = "[ ,]"
"""Between the words of a pattern a comma, a colon or a bracket does not count."""
GAP = r"(?:[ ,]\w+){0,6}?"
PIECES = re.compile(r"\.\.\.|[()\[\]|]|[^\s()\[\]|.]+")
CLOSING = {"(": ")", "[": "]"}
WRITTEN = {"(": "(?:", "[": "(?:", ")": ")", "]": ")?", "|": "|", "...": GAP, "#": PARTING + r"\d+", "$": r"\Z"}


def patterns_in(words: str) -> list[Pattern]:
    """Read a cell; each pattern begins with a word, leading brackets being spelled out.

    Raises ValueError for one that cannot be read.
    """
    pieces = PIECES.findall(with_codes(folded(words)))
    if any(one in "([|" and other in ")]|" for one, other in pairwise(["|", *pieces, "|"])):
        msg = "nothing stands beside a bar or in a bracket"
        raise ValueError(msg)
    found = [led for pattern in at_outer_bars(pieces) for led in by_first_word(pattern)]
    if any(not pattern or not pattern[0][0].isalnum() for pattern in found):
        msg = "a pattern may begin with no word"
        raise ValueError(msg)
    return found


def at_outer_bars(pieces: Iterable[str]) -> list[Pattern]:
    """Part pieces at the bars that stand in no bracket. Raises ValueError for brackets that do not pair."""
    found: list[Pattern] = [[]]
    awaited: list[str] = []
    for piece in pieces:
        if piece in CLOSING:
            awaited.append(CLOSING[piece])
        elif piece in CLOSING.values() and (not awaited or awaited.pop() != piece):
            msg = f"“{piece}” closes nothing"
            raise ValueError(msg)
        if piece == "|" and not awaited:
            found.append([])
        else:
            found[-1].append(piece)
    if awaited:
        msg = f"“{awaited[-1]}” is missing"
        raise ValueError(msg)
    return found


def by_first_word(pattern: Pattern) -> Iterator[Pattern]:
    """Spell a leading bracket out, so that every pattern begins with a word that it can be found by."""
    if not pattern or pattern[0] not in CLOSING:
        yield pattern
        return
    depth = accumulate((piece in CLOSING) - (piece in CLOSING.values()) for piece in pattern)
    end = next(index for index, deep in enumerate(depth) if deep == 0)
    rest = pattern[end + 1 :]
    for choice in at_outer_bars(pattern[1:end]):
        yield from by_first_word(choice + rest)
    if pattern[0] == "[":
        yield from by_first_word(rest)


def expression(pattern: Pattern, parting: str = PARTING) -> str:
    """Give the regular expression of a pattern that begins with a word."""
    return "".join(
        WRITTEN[piece] if piece in WRITTEN else parting + re.escape(piece).replace(r"\*", r"\w*") for piece in pattern
    ).removeprefix(parting)


@dataclass(frozen=True)
class Initial:
    """All patterns that begin with one letter, upper rows first."""

    patterns: tuple[tuple[int, str], ...]
    """The rank of each pattern's row, the uppermost row being 0, and its expression."""

    @cached_property
    def expression(self) -> re.Pattern[str]:
        """All in one, of whole words; made when the first word comes that needs it, since it takes milliseconds."""
        return re.compile("|".join(rf"{pattern}()(?!\w)" for _, pattern in self.patterns))

    def at(self, words: str, start: int) -> tuple[int, int] | None:
        """Give the rank and the end of the uppermost pattern that stands there."""
        match = self.expression.match(words, start)
        if match is None:
            return None
        # The empty group at the end of each pattern tells which one it was.
        group = match.lastindex or 0
        return self.patterns[group - 1][0], match.end(group)


def by_initial(rows: Iterable[str]) -> dict[str, Initial]:
    """Sort the patterns of many rows, upper first, by the letter they begin with."""
    found: dict[str, list[tuple[int, str]]] = {}
    for rank, words in enumerate(rows):
        for pattern in patterns_in(words):
            found.setdefault(pattern[0][0], []).append((rank, expression(pattern)))
    return {letter: Initial(tuple(patterns)) for letter, patterns in found.items()}
