"""What was measured, as a table: each line beside its target, and whether that was reached, in a word."""

import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median, quantiles

from rich.table import Table


@dataclass(frozen=True, slots=True)
class Line:
    """One figure; where it has targets `least` must be reached, and `goal` is what we are out for."""

    what: str
    figure: float
    unit: str = ""
    least: float | None = None
    goal: float | None = None
    more: bool = False
    """Whether more of it is better, as of a ratio; else less is."""

    @property
    def reached(self) -> str:
        """Say which of its targets was reached."""
        if self.least is None:
            return ""
        if self.goal is not None and self.meets(self.goal):
            return "goal"
        return "least" if self.meets(self.least) else "missed"

    def meets(self, target: float) -> bool:
        """Say whether a target is reached."""
        return self.figure >= target if self.more else self.figure <= target


def spread(what: str, seconds: Sequence[float], least: float | None = None) -> list[Line]:
    """Give the median, p95 and p99 in milliseconds; the target is the median's."""
    hundredths = quantiles(seconds, n=100, method="inclusive")
    return [
        Line(f"{what}, median", median(seconds) * 1000, "ms", least),
        Line(f"{what}, p95", hundredths[94] * 1000, "ms"),
        Line(f"{what}, p99", hundredths[98] * 1000, "ms"),
    ]


def table(title: str, lines: Sequence[Line], *, judged: bool) -> Table:
    """Draw them all; where they are not `judged`, the targets were for another size."""
    drawn = Table(title=title, caption=f"{os.cpu_count()} cores, Python {platform.python_version()}")
    for name in ("", "measured", "least", "goal", "reached"):
        drawn.add_column(name, justify="left" if name in {"", "reached"} else "right", no_wrap=True)
    for line in lines:
        drawn.add_row(
            line.what,
            written(line.figure, line.unit),
            "" if line.least is None else written(line.least, line.unit),
            "" if line.goal is None else written(line.goal, line.unit),
            line.reached if judged else "",
        )
    return drawn


def written(figure: float, unit: str) -> str:
    """Write a figure with the digits that say something."""
    digits = 0 if figure == int(figure) or figure >= 100 else 1 if figure >= 10 else 2  # noqa: PLR2004 - decimal powers
    return f"{figure:,.{digits}f} {unit}".rstrip()
