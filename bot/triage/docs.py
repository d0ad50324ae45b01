"""docs/causes.md, written from the data files: `python -m bot.triage.docs > docs/causes.md`."""

import sys
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from bot.stonefax.models import Fax, Status
from bot.triage.judgement import judge
from bot.triage.tables import FamilyRow, causes, families, hints
from bot.triage.times import in_words, seconds_on_line

OPENING = """\
# Why a fax failed

What Faxbot says of a failed fax, and where it has it from. The rows below are made from the data files in
`bot/triage/`; how to correct one stands at the end.

## How to read it

A card of a failed fax says what happened, whose problem it most likely is, whether sending again helps, and what to do
now. It has two sources: the cause code of the phone call (ITU-T Q.850; StoneFax calls it Q931Code) and the server's own
words (`failureReason`, `detailedStatus`), which are always quoted.

- **A code says how the call ended, not how the fax ended.** With 16 or 31 the call was answered, and what failed is the
  fax on it: the words decide, and without any the seconds on the line give a hint, no more.
- **0, 127, a code outside the table and no code at all say nothing.** The words decide; without them the card says that
  the reason is not known and what to ask the administrator.
- **129 to 255 are read less 128**: some equipment sets the eighth bit. The card says so.
- **When code and words disagree, both are said** and the more exact decides (column “exact”); where they are equal, the
  code. A code for “busy” with words for “no fax tone” means that something answered: the words are the more exact.
- **The length is not what arrived.** After a cut in mid-fax or without a confirmation, pages may have arrived, and
  sending again sends all of them: the card says to ask first.
- **StoneFax tries again by itself**: by the time a fax has failed, it has normally tried several times.
- **Times that contradict each other are not computed with.**
"""

CLOSING = """\
## How to correct an entry

Every file is a table with tabs between its columns, in UTF-8, and opens in a spreadsheet. `#` begins a remark.

| file in `bot/triage/` | holds |
|---|---|
| `causes.tsv` | the cause codes: name, what each means for a fax, side, send again, next step |
| `families.tsv` | the kinds of failure, and finer shades of some |
| `texts.tsv` | the server's wordings in all its languages, and what each means: the upper row wins |
| `guards.tsv` | what keeps a wording from matching: “not busy”, “busy hour”, “busy = 0” |
| `hints.tsv` | what the seconds on the line hint at |
| `notes.tsv` | the further sentences |

1. Change the row. A headline completes “Fax failed: …”: no capital, no full stop, at most 60 characters. A meaning and
   a next step are whole sentences of at most 300.
2. A wording is plain words: `word*` has any ending, `(a | b)` is one of them, `[a]` may be missing, `...` stands for up
   to six other words, `#` for a number, `$` for the end, `|` parts wordings. Case, accents, punctuation, `_` and
   CamelCase do not matter.
3. Add the text that was misread to `tests/triage/failure_texts.tsv` with what it should have meant, or to
   `tests/triage/meaningless_texts.tsv`.
4. `python -m bot.triage.docs > docs/causes.md`, then `make check`. A mistake is named with its file and line.
"""

BEGAN = datetime(2026, 11, 23, 15, 56)  # noqa: DTZ001 - StoneFax writes local times without an offset


def failed(words: str | None, cause: int, seconds: int | None = None) -> Fax:
    """Give a failed fax as an example."""
    ended = None if seconds is None else BEGAN + timedelta(seconds=seconds)
    return Fax(id="example", status=Status.FAILED, failure_reason=words, cause=cause, started=BEGAN, ended=ended)


COMMON = (
    failed("Remote station busy", 17),
    failed("No answer, T.30 T1 timeout", 16),
    failed("Human voice detected", 16),
    failed("Unallocated number", 1),
    failed(None, 31, 9),
    failed(None, 16, 212),
    failed("No response to EOP repeated 3 tries", 16),
    failed("DocumentConversionFailed", 0),
    failed("488 Not Acceptable Here", 127),
    failed("Too many attempts to dial", 166),
)


def page() -> str:
    """Give the whole of docs/causes.md."""
    return "\n".join(
        (
            OPENING,
            "## Ten common failures, side by side\n",
            *table(("the fax server says", "a bare Q.850 list says", "Faxbot says"), map(side_by_side, COMMON)),
            "\n## Kinds of failure\n",
            "`family` is part of `faxbot lookup --json`; the list is closed. Rows without one are finer shades of the",
            "family above them.\n",
            *table(
                ("family", "headline", "what happened", "most likely", "send again", "next step", "exact"),
                map(family_cells, families().values()),
            ),
            "\n## Cause codes\n",
            *table(("code", "name", "family", "what it means", "most likely", "send again", "next step"), cause_rows()),
            "\n## Seconds on the line\n",
            "For codes that say no more than that the call was answered, where the words say nothing either.\n",
            *table(("codes", "seconds", "family", "what it means", "most likely", "send again"), hint_rows()),
            "",
            CLOSING,
        )
    )


def table(header: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    """Write a table."""
    yield f"| {' | '.join(header)} |"
    yield f"|{'---|' * len(header)}"
    for cells in rows:
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def side_by_side(fax: Fax) -> tuple[str, str, str]:
    """Set what the server says beside what others and we make of it."""
    failure = judge(fax)
    assert failure is not None
    said = [f"“{word}”" for word in failure.server_words] or ["no words"]
    said.append(f"cause {fax.cause}")
    if (seconds := seconds_on_line(fax)) is not None:
        said.append(f"{in_words(seconds)} on the line")
    named = causes().get(fax.cause or 0)
    advice = f"**{failure.headline}**; most likely {failure.side.words}; send again: {failure.send_again.words}."
    return ", ".join(said), named.name if named else "nothing: no such code", f"{advice} {failure.next_step}"


def family_cells(row: FamilyRow) -> tuple[str, ...]:
    """Give the cells of a kind of failure."""
    name = f"`{row.family}`" if row.name == row.family else ""
    return name, row.headline, row.meaning, row.side.words, row.send_again.words, row.next_step, str(row.exact)


def cause_rows() -> Iterator[tuple[str, ...]]:
    """Give the cells of all cause codes."""
    for code, row in causes().items():
        meaning = f"**{row.headline}**: {row.meaning}"
        yield (
            str(code),
            row.name,
            f"`{row.family}`",
            meaning,
            row.side.words,
            row.send_again.words,
            row.next_step,
        )


def hint_rows() -> Iterator[tuple[str, ...]]:
    """Give the cells of what seconds hint at."""
    for row in hints():
        codes = ", ".join(map(str, row.codes))
        meaning = f"**{row.headline}**: {row.meaning}"
        seconds = f"{row.from_} to {row.below}"
        yield codes, seconds, f"`{row.family}`", meaning, row.side.words, row.send_again.words


if __name__ == "__main__":
    sys.stdout.write(page())
