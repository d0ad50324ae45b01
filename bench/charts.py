"""The figures, drawn: SVG on no background with grey words, so that they can be read on light and on dark."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

CHARTS = Path(__file__).parent / "charts"
GREY = "#808080"
COLOURS = ("#2f7fd1", "#d9822b", "#7a9e3a", "#a05bb5")
STYLE = {
    "svg.fonttype": "none",
    "svg.hashsalt": "faxbot",
    "font.family": "sans-serif",
    "text.color": GREY,
    "axes.edgecolor": GREY,
    "axes.labelcolor": GREY,
    "xtick.color": GREY,
    "ytick.color": GREY,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.facecolor": "none",
    "figure.facecolor": "none",
    "legend.frameon": False,
}
NO_DATE = {"Date": None, "Creator": None}


@dataclass(frozen=True, slots=True)
class Curve:
    """One line: a figure over something that grows."""

    name: str
    across: Sequence[float]
    up: Sequence[float]


@contextmanager
def chart(name: str, height: float = 3.6) -> Iterator[Figure]:
    """Give a figure to draw on, and save it."""
    CHARTS.mkdir(exist_ok=True)
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(8, height), layout="constrained")
        yield figure
        figure.savefig(CHARTS / f"{name}.svg", transparent=True, metadata=NO_DATE)


def bars(axes: Axes, groups: Sequence[str], heights: Mapping[str, Sequence[float]], what: str) -> None:
    """Draw a group of bars for each of `groups`, in it a bar for each of `heights`; each says its figure."""
    width = 0.8 / len(heights)
    for number, (name, values) in enumerate(heights.items()):
        left = [group + (number - (len(heights) - 1) / 2) * width for group in range(len(groups))]
        drawn = axes.bar(left, values, width * 0.95, label=name, color=COLOURS[number])
        axes.bar_label(drawn, [f"{value:,.0f}" for value in values], fontsize=7, padding=1)
    axes.set_xticks(range(len(groups)), groups, fontsize=8)
    axes.set_yscale("log")
    axes.set_ylabel(what)
    axes.legend(ncols=len(heights), loc="upper center", bbox_to_anchor=(0.5, 1.2), fontsize=8)


def draw_bars(name: str, groups: Sequence[str], rows: Mapping[str, Mapping[str, Sequence[float]]]) -> None:
    """Draw bars below each other, a row for each of what is shown."""
    with chart(name, 3.2 * len(rows)) as figure:
        for number, (what, heights) in enumerate(rows.items(), 1):
            bars(figure.add_subplot(len(rows), 1, number), groups, heights, what)


def draw_curves(name: str, across: str, up: Mapping[str, Sequence[Curve]], *, log: bool) -> None:
    """Draw curves, a plot for each of what is shown, side by side over the same."""
    with chart(name, 3.0) as figure:
        for number, (what, curves) in enumerate(up.items(), 1):
            axes = figure.add_subplot(1, len(up), number)
            for colour, curve in zip(COLOURS, curves, strict=False):
                axes.plot(curve.across, curve.up, marker="o", markersize=3, label=curve.name, color=colour)
            if log:
                axes.set_xscale("log", base=2)
                axes.set_xticks(curves[0].across, [f"{each:,g}" for each in curves[0].across], fontsize=7)
                axes.minorticks_off()
            axes.set_xlabel(across, fontsize=8)
            axes.set_ylabel(what, fontsize=8)
            axes.set_ylim(bottom=0)
            axes.tick_params(labelsize=7)
            if len(curves) > 1:
                axes.legend(fontsize=7)
