"""What was measured, written down: bench/RESULTS.md, in two parts that are measured apart, and charts beside it."""

import os
import platform
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from bench.contenders import (
    FAXBOT,
)
from bench.report import Line, written
from bench.scenarios import (
    SCENARIOS,
    Round,
    Scenario,
    Spread,
)

RESULTS = Path(__file__).parent / "RESULTS.md"
NOT_REACHED = RESULTS.with_name("not_reached.md")
"""Written by a person, who reads each new run against it."""
GROWTH = "## How it grows\n"
"""Where the second part begins."""
PACKAGES = (
    *("aiohttp", "flask", "gunicorn", "httpx", "httpx-aiohttp", "pydantic", "requests", "slack-bolt", "slack-sdk"),
    *("sqlalchemy", "uvicorn", "uvloop"),
)
HOW = """\
Each bot runs alone, in a process of its own on one core (the same for all), as `faxbot serve`, or as the documentation
shows it ([peers](peers)); who asks, the fax server and Slack run together in one process on another core, and that
share of it which they used stands beside each row: near 100 % they would be what is measured. So does the share of the
bot's core that something else used: where it is more than a few percent the machine was not quiet, and commands a
second are too few, and the CPU of a command is too much, up to twice: then neither they nor their ratios say anything
about a target. Each round starts every bot anew, warms it up, and the bots take turns.
A command is whole when its card is there, in the ack or at the response_url. Every command asks about
a fax that nobody asked about before, every other of which has failed, unless it says otherwise; the stand-in for Slack
answers at once. Figures are medians, (least to most).
"""
Rounds = Mapping[str, Mapping[str, Sequence[Round]]]
"""By the title of the scenario and the name of the contender."""


@dataclass(frozen=True, slots=True)
class Measured:
    """Everything that a run gave."""

    rounds: Rounds
    seconds_to_ready: Sequence[float]
    at_rest: Sequence[float]
    """Memory in MB."""
    proportional: Sequence[float]
    watches: tuple[str, Sequence[Line]]
    quick: bool

    def spread(self, scenario: Scenario, contender: str, figure: "Figure") -> Spread:
        """Give one figure of one bot over all rounds."""
        return Spread.of([figure(each) for each in self.rounds[scenario.title][contender]])

    def middle(self, scenario: Scenario, contender: str, figure: "Figure") -> float:
        """Give its median."""
        return self.spread(scenario, contender, figure).middle


@dataclass(frozen=True, slots=True)
class Figure:
    """One column: what it is called, in which unit, and how it is read from a round."""

    name: str
    unit: str
    times: float
    read: str
    """A path of attributes of a Round."""

    def __call__(self, each: Round) -> float:
        """Read it."""
        value: object = each
        for part in self.read.split("."):
            value = getattr(value, part)
        return float(str(value)) * self.times


RATE = Figure("commands/s", "", 1, "outcome.rate")
ACK_P50 = Figure("ack p50", "ms", 1000, "outcome.ack_p50")
ACK_P99 = Figure("ack p99", "ms", 1000, "outcome.ack_p99")
WHOLE_P50 = Figure("whole p50", "ms", 1000, "outcome.whole_p50")
WHOLE_P99 = Figure("whole p99", "ms", 1000, "outcome.whole_p99")
LAST = Figure("last answer", "s", 1, "outcome.last")
CPU = Figure("CPU each", "ms", 1000, "cpu_each")
LOAD = Figure("load's core", "%", 100, "outcome.load")
OTHERS = Figure("others on the bot's core", "%", 100, "others")
MEMORY = Figure("memory after", "MB", 1, "resident")
FIGURES = (RATE, ACK_P50, ACK_P99, WHOLE_P50, WHOLE_P99, CPU, MEMORY, LOAD, OTHERS)


def cell(spread: Spread, unit: str) -> str:
    """Write a spread."""
    if spread.least == spread.most:
        return written(spread.middle, unit)
    return f"{written(spread.middle, unit)} ({written(spread.least, '')}–{written(spread.most, '')})"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Draw a table in Markdown, figures to the right."""
    rule = ["---", *["---:"] * (len(head) - 1)]
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, rule, *rows)) + "\n"


def scenario_table(measured: Measured, scenario: Scenario) -> str:
    """Draw a scenario: a row for each bot, with what went wrong in words."""
    rows = []
    for name, rounds in measured.rounds[scenario.title].items():
        cells = [cell(measured.spread(scenario, name, figure), figure.unit) for figure in FIGURES]
        rows.append([name, *cells, upstream(rounds), "; ".join(amiss(rounds)) or "–"])
    head = ["", *(figure.name for figure in FIGURES), "requests to the fax server", "amiss"]
    return table(head, rows)


def upstream(rounds: Sequence[Round]) -> str:
    """Say how often the fax server was asked, for how many answers."""
    last = rounds[-1].outcome
    return f"{last.asked.get('fax', 0):,} for {last.whole:,}"


def amiss(rounds: Sequence[Round]) -> Iterator[str]:
    """Say what share of the questions went wrong, and how."""
    every = sum(each.outcome.whole + each.outcome.told + each.outcome.lost for each in rounds)
    words = {
        "refused": "acked with an error or too late",
        "told": "answered with a sentence",
        "lost": "never answered",
    }
    for name, word in words.items():
        if count := sum(getattr(each.outcome, name) for each in rounds):
            yield f"{100 * count / every:.0f} % {word}"


def run_of(measured: Measured) -> str:
    """Say how long a run it was."""
    if measured.quick:
        return " (a quick run: one round, short)"
    return f", {max(len(rounds) for bots in measured.rounds.values() for rounds in bots.values())} rounds"


def quiet(measured: Measured) -> str:
    """Say how much of the bots' core was not theirs."""
    others = [each.others for bots in measured.rounds.values() for rounds in bots.values() for each in rounds]
    share = 100 * Spread.of(others).middle
    return f"Here something else used {share:.0f} % of the bots' core (the median of all rounds).\n"


def speed_table(lines: Sequence[Line], *, judged: bool = True) -> str:
    """Draw targets and figures."""
    rows = [
        [
            line.what,
            "" if line.least is None else written(line.least, line.unit),
            "" if line.goal is None else written(line.goal, line.unit),
            written(line.figure, line.unit),
            line.reached if judged else "",
        ]
        for line in lines
    ]
    return table(["work", "least", "goal", "measured", "reached"], rows)


def machine() -> str:
    """Say on what it was measured, and when."""
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    day = f"{datetime.now(UTC):%Y-%m-%d}"
    return f"{day}, {os.cpu_count()} CPUs, {platform.system()}, Python {platform.python_version()}; {packages}.\n"


def first_part(measured: Measured, lines: Sequence[Line]) -> str:
    """Write everything but how it grows."""
    title, watches = measured.watches
    parts = [
        "# What Faxbot costs, beside what one would write instead\n",
        f"Written by `make bench`{run_of(measured)}; {machine()}",
        HOW,
        quiet(measured),
        "## Against the targets\n",
        speed_table(lines),
        "## What was not reached, and why\n",
        NOT_REACHED.read_text(),
        "![Commands a second](charts/commands.svg)\n",
        "![Seconds until the ack](charts/acks.svg)\n",
        *(part for each in SCENARIOS for part in (f"## {each.title}\n", scenario_table(measured, each))),
        f"## {title}\n",
        "Against the playground's servers, on whichever core is free.\n",
        speed_table(watches, judged=not measured.quick),
        "## Start\n",
        table(
            ["", "start to ready", "memory at rest (RSS)", "memory at rest (PSS)"],
            [
                [
                    FAXBOT.name,
                    cell(Spread.of(measured.seconds_to_ready), "s"),
                    cell(Spread.of(measured.at_rest), "MB"),
                    cell(Spread.of(measured.proportional), "MB"),
                ]
            ],
        ),
    ]
    return "\n".join(parts)


def write_first_part(text: str) -> None:
    """Put the first part in its place, and leave the second."""
    _, found, growth = RESULTS.read_text().partition(GROWTH) if RESULTS.exists() else ("", "", "")
    RESULTS.write_text(text + "\n" + found + growth if found else text)


def write_second_part(text: str) -> None:
    """Put how it grows below the rest."""
    first, _, _ = RESULTS.read_text().partition(GROWTH) if RESULTS.exists() else ("", "", "")
    RESULTS.write_text(f"{first.rstrip()}\n\n{GROWTH}\n{text}" if first else f"{GROWTH}\n{text}")
