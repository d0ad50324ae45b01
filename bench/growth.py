"""How the cost of a command grows with each thing that there can be more of: python -m bench.growth [--quick].

Each experiment has the sentence that says why its curve looks as it does beside it; who changes the bot, reads the new
curve, and finds it untrue, writes another.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Annotated

import typer
import uvloop
from rich.console import Console
from rich.progress import Progress

from bench.charts import Curve, draw_curves
from bench.contenders import BOT_CORE, FAXBOT, Load, open_load, pin
from bench.desk import PER_PERSON
from bench.orders import Order
from bench.processes import Bot, BotGone, running_bot
from bench.report import written
from bench.results import machine, table, write_second_part
from bench.standins import FAX_ID
from bench.watches import BATCH
from bot.watches import InDirectMessage, Watch
from playground.slack.example import SUPPORT, TEAM

ROUNDS, QUICK_ROUNDS = 3, 1
WARMING = Order(0, at_once=8, seconds=1.0)
ASKING = Order(0, at_once=32, seconds=3.0)
FIRST_WATCHED = 10**9
"""A number of a fax that nobody asks about meanwhile."""


@dataclass(frozen=True, slots=True)
class Experiment:
    """One thing of which there is more and more, all else being equal."""

    name: str
    what: str
    points: Sequence[int]
    why: str
    order: Callable[[int], Order] = lambda _: ASKING
    settings: Callable[[int], Mapping[str, str]] = lambda _: {}
    watches: Callable[[int], int] = lambda _: 0
    asked_before: Callable[[int], int] = lambda _: 0
    """Commands before it is measured."""
    log: bool = True


@dataclass(frozen=True, slots=True)
class Point:
    """What one point cost."""

    rate: float
    ack: float
    """p50, in ms."""
    cpu: float
    """Of a command, in ms."""
    memory: float
    """In MB."""
    told: float
    """Share of the questions that were answered with a sentence, in percent."""


EXPERIMENTS = (
    Experiment(
        "concurrency",
        "commands at once",
        (1, 4, 16, 64, 256, 1024),
        "The fax server takes 50 ms, so few at once wait and the rate is theirs to set: it doubles as they double. "
        "From where the core is full the rate stays, and it is the time of an answer that doubles. Memory is what each "
        "command holds while it waits, some tens of kilobytes. Beyond what can be acked in time the rest is told so.",
        lambda point: Order(0, at_once=point, delay=0.05, seconds=4.0, lead=1.0),
    ),
    Experiment(
        "ids",
        "ids in a command",
        (1, 2, 4, 7, 10),
        "The faxes of a command are fetched at once, so its time stays about that of one; its CPU grows by one "
        "exchange with the fax server and one judgement for each, on top of what a command costs that is paid once.",
        lambda point: Order(0, at_once=8, ids=point, delay=0.05, seconds=3.0),
        log=False,
    ),
    Experiment(
        "watches",
        "watches that run",
        (0, 1000, 10_000),
        "A watch that waits is a row in the database and nothing in the process: the loop asks for what is due by an "
        "index, which costs the same whatever is not due. So neither line should move.",
        watches=lambda point: point,
        log=False,
    ),
    Experiment(
        "size",
        "kB of the fax server's answer",
        (1, 10, 100, 900),
        "An answer is read whole and parsed once, so beyond the first kilobytes the cost is that of moving and reading "
        "its bytes, and grows with them; 1 MB is refused, which bounds what one answer can hold in memory.",
        lambda point: Order(0, at_once=8, size=point * 1000, seconds=3.0),
    ),
    Experiment(
        "listeners_after",
        "other listeners, registered after the command's",
        (0, 10, 50),
        "Bolt asks its listeners in turn and stops at the first that takes the request: what stands behind is never "
        "asked.",
        settings=lambda point: {"BENCH_LISTENERS_AFTER": str(point)},
        log=False,
    ),
    Experiment(
        "listeners_before",
        "other listeners, registered before the command's",
        (0, 10, 50),
        "Each listener that stands before is asked, in a coroutine of its own, at every request: the cost is theirs "
        "times their number. That is why the hot one is registered first.",
        settings=lambda point: {"BENCH_LISTENERS_BEFORE": str(point)},
        log=False,
    ),
    Experiment(
        "remembered",
        "faxes looked up in the last hour",
        (0, 1000, 2000, 4000),
        "A card of a fax that failed says whether others failed too: for that the outcomes of the last hour are gone "
        "through for its number, and where its cause may be the line's for all. A thousand are remembered, so beyond "
        "that it costs no more.",
        asked_before=lambda point: point,
        log=False,
    ),
)


def some_watches(count: int) -> list[Watch]:
    """Give watches of as many faxes, so many to a person."""
    return [
        Watch(
            FAX_ID.format(FIRST_WATCHED + number),
            f"U{number // PER_PERSON:010}",
            TEAM,
            InDirectMessage(f"D{number // PER_PERSON:010}"),
            SUPPORT,
        )
        for number in range(count)
    ]


async def prepared(bot: Bot, port: int, experiment: Experiment, point: int, load: Load) -> None:
    """Bring a bot to where it is measured."""
    waiting = iter(some_watches(experiment.watches(point)))
    while some := list(islice(waiting, BATCH)):
        await bot.begin(some)
    if commands := experiment.asked_before(point):
        await load.ask(Order(port, at_once=32, each=commands // 32))
    else:
        await load.ask(replace(WARMING, port=port))


async def measured(experiment: Experiment, point: int, load: Load) -> Point:
    """Measure one point. Raises BotGone."""
    with TemporaryDirectory(prefix="faxbot-") as folder:
        database = {"PORT": "0", "DATABASE_URL": f"sqlite:///{Path(folder) / 'faxbot.db'}", "LOG_FORMAT": "json"}
        settings = {**load.settings(), **FAXBOT.more, **database, **experiment.settings(point)}
        async with running_bot(settings, Path(folder)) as (bot, port):
            pin(bot.process.pid, frozenset({BOT_CORE}))
            await prepared(bot, port, experiment, point, load)
            spent = bot.cpu()
            outcome = await load.ask(replace(experiment.order(point), port=port))
            cpu = 1000 * (bot.cpu() - spent) / max(1, outcome.whole)
            told = 100 * outcome.told / max(1, outcome.told + outcome.whole)
            return Point(outcome.rate, 1000 * outcome.ack_p50, cpu, bot.resident(), told)


@dataclass
class Growth:
    """All experiments, and what they gave so far."""

    load: Load
    rounds: int
    progress: Progress
    points: dict[str, list[Point]] = field(default_factory=dict)

    async def run(self, experiment: Experiment) -> None:
        """Measure all points in turns, and keep the median of each. Raises BotGone."""
        bar = self.progress.add_task(experiment.what, total=self.rounds * len(experiment.points))
        found: list[list[Point]] = [[] for _ in experiment.points]
        for _ in range(self.rounds):
            for number, point in enumerate(experiment.points):
                each = await measured(experiment, point, self.load)
                found[number].append(each)
                self.progress.update(bar, advance=1)
                self.progress.console.print(f"  {experiment.what}: {point:,}: {each.rate:,.0f}/s, {each.cpu:.2f} ms")
        self.points[experiment.name] = list(map(middle, found))


def middle(points: Sequence[Point]) -> Point:
    """Give the medians."""
    names = ("rate", "ack", "cpu", "memory", "told")
    return Point(*(median(getattr(point, name) for point in points) for name in names))


def section(experiment: Experiment, points: Sequence[Point]) -> str:
    """Write one experiment."""
    rows = [
        [
            f"{at:,}",
            written(point.rate, ""),
            written(point.ack, "ms"),
            written(point.cpu, "ms"),
            written(point.memory, "MB"),
            written(point.told, "%"),
        ]
        for at, point in zip(experiment.points, points, strict=True)
    ]
    head = [experiment.what, "commands/s", "ack p50", "CPU each", "memory", "answered with a sentence"]
    title = experiment.what[0].upper() + experiment.what[1:]
    picture = f"![{title}](charts/growth_{experiment.name}.svg)\n"
    return "\n".join([f"### {title}\n", experiment.why + "\n", picture, table(head, rows)])


def draw(experiment: Experiment, points: Sequence[Point]) -> None:
    """Draw one experiment."""
    plots = {
        "commands/s": [point.rate for point in points],
        "CPU each, ms": [point.cpu for point in points],
        "memory, MB": [point.memory for point in points],
    }
    curves = {what: [Curve("", experiment.points, values)] for what, values in plots.items()}
    draw_curves(f"growth_{experiment.name}", experiment.what, curves, log=experiment.log)


async def grown(rounds: int, progress: Progress) -> dict[str, list[Point]]:
    """Measure every experiment. Raises BotGone."""
    async with open_load() as load:
        growth = Growth(load, rounds, progress)
        for experiment in EXPERIMENTS:
            await growth.run(experiment)
        return growth.points


def main(*, quick: Annotated[bool, typer.Option("--quick", help="One round, not three.")] = False) -> None:
    """Measure, and write the second part of bench/RESULTS.md."""
    console = Console(stderr=True)
    rounds = QUICK_ROUNDS if quick else ROUNDS
    try:
        with Progress(console=console) as progress:
            points = uvloop.run(grown(rounds, progress))
    except BotGone as broken:
        console.print(str(broken), markup=False)
        raise typer.Exit(1) from None
    for experiment in EXPERIMENTS:
        draw(experiment, points[experiment.name])
    sections = [section(experiment, points[experiment.name]) for experiment in EXPERIMENTS]
    how = f"Written by `make bench-growth`, medians of {rounds} rounds; {machine()}"
    write_second_part("\n".join([how, *sections]))


if __name__ == "__main__":
    typer.run(main)
