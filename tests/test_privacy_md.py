"""docs/privacy.md says what the table of ways says, and keeps things as long as the code does."""

from pathlib import Path

from bot.fetches import SECONDS_KEPT as FAXES_KEPT
from bot.store import SPANS
from bot.triage.outages import SECONDS_KEPT as OUTCOMES_KEPT
from bot.watches import Rhythm
from tests.test_ways import TABLE, Seen

PRIVACY = (Path(__file__).parent.parent / "docs" / "privacy.md").read_text()
COLUMNS = (
    ("command", "message shortcut", "modal"),
    ("details", "tell me", "flexpane", "pane refresh", "pane tell me"),
    ("mention",),
    ("link",),
    ("refresh",),
    ("share",),
    ("home",),
)
"""The ways that each column of the document stands for."""


def cells_of(row: str) -> list[str]:
    """Give the cells of a row, without its first."""
    return [cell.strip() for cell in row.strip("|").split("|")][1:]


def as_told(seen: Seen) -> str:
    """Give a cell in the document's words."""
    return " / ".join(seen) if seen else "n/a"


def test_the_table_is_that_of_the_tests() -> None:
    """Case by case, in their order, for each way in."""
    table = PRIVACY.partition("## Ways in")[2].partition("\n## ")[0]
    rows = [cells_of(line) for line in table.splitlines() if line.startswith("|")][2:]
    told = [[{as_told(column[way]) for way in ways} for ways in COLUMNS] for column in TABLE.values()]
    assert [[{cell} for cell in row] for row in rows] == told


def test_things_are_kept_as_long_as_it_says() -> None:
    """Twenty-five hours, half an hour, a day, a minute, an hour."""
    assert (SPANS.done, SPANS.unfurled, Rhythm().life) == (25 * 3600, 1800, 24 * 3600)
    assert (FAXES_KEPT, OUTCOMES_KEPT) == (60, 3600)
    for words in ("a day and an hour", "half an hour", "24 hours at most", "60 seconds", "an hour"):
        assert words in PRIVACY
