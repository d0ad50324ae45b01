"""Faxbot against what one would write instead, and against the limit: python -m bench [--quick]; Linux alone.

every scenario: A B C, A B C, … each in a new process ──▶ ten thousand watches ──▶ starts ──▶ RESULTS.md, charts/
"""

import asyncio
from collections import defaultdict
from typing import Annotated

import typer
import uvloop
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from bench.charts import draw_bars
from bench.contenders import FAXBOT, Contender, Load, open_load, running
from bench.processes import BotGone
from bench.report import table
from bench.results import ACK_P50, ACK_P99, RATE, Measured, first_part, write_first_part
from bench.scenarios import ALL, JOBS, SCENARIOS, Round, Scenario, measured
from bench.targets import speed
from bench.watches import Kind, NotAsPromised
from bench.watches import measured as measured_watches

ROUNDS, STARTS, WATCHES = 3, 5, 10_000
QUICK_ROUNDS, QUICK_WATCHES, SHORTER = 1, 500, 0.3
RESTED = 1.0
WIDTH = 130


async def compare(
    scenario: Scenario, rounds: int, shorter: float, load: Load, progress: Progress
) -> dict[str, list[Round]]:
    """Measure all bots of a scenario in turns. Raises BotGone."""
    found: dict[str, list[Round]] = defaultdict(list)
    bar = progress.add_task(scenario.title, total=rounds * len(scenario.contenders))
    for _ in range(rounds):
        for contender in scenario.contenders:
            each = await measured_or_again(scenario, contender, load, shorter, progress)
            found[contender.name].append(each)
            progress.update(bar, advance=1)
            progress.console.print(
                f"  {scenario.title}: {contender.name} {each.outcome.rate:,.0f}/s, {1000 * each.cpu_each:.2f} ms of CPU"
            )
    return found


async def measured_or_again(
    scenario: Scenario, contender: Contender, load: Load, shorter: float, progress: Progress
) -> Round:
    """Measure a bot, and once more where it ends on the way: that is said, and does not end the run. Raises BotGone."""
    try:
        return await measured(scenario, contender, load, shorter)
    except BotGone as gone:
        progress.console.print(f"  {scenario.title}: {contender.name} again: {gone}", markup=False)
        return await measured(scenario, contender, load, shorter)


async def starts(count: int, load: Load, progress: Progress) -> list[tuple[float, float, float]]:
    """Start Faxbot some times; give the seconds to ready, and RSS and PSS once it rests."""
    found = []
    for _ in progress.track(range(count), description="Start to ready"):
        async with running(FAXBOT, load) as bot:
            await asyncio.sleep(RESTED)
            found.append((bot.seconds_to_ready, bot.resident(), bot.proportional()))
    return found


async def measure(*, quick: bool, rounds: int, watches: int, progress: Progress) -> Measured:
    """Measure everything. Raises BotGone, NotAsPromised."""
    shorter = SHORTER if quick else 1.0
    async with open_load() as load:
        found = {
            scenario.title: await compare(scenario, min(rounds, scenario.rounds or rounds), shorter, load, progress)
            for scenario in SCENARIOS
        }
        ready, resident, proportional = zip(*await starts(STARTS, load, progress), strict=True)
    about_watches = await measured_watches(Kind.SQLITE, watches, 1, progress)
    return Measured(found, ready, resident, proportional, about_watches, quick)


def draw(of: Measured) -> None:
    """Draw commands a second, and the acks."""
    groups = [f"{milliseconds} ms × {at_once}" for milliseconds, at_once in JOBS]
    names = [contender.name for contender in ALL]
    rates, p50, p99 = (
        {name: [of.middle(job, name, figure) for job in JOBS.values()] for name in names}
        for figure in (RATE, ACK_P50, ACK_P99)
    )
    draw_bars("commands", groups, {"commands/s (upstream × at once)": rates})
    draw_bars("acks", groups, {"ack p50, ms": p50, "ack p99, ms": p99})


def main(
    *,
    quick: Annotated[bool, typer.Option("--quick", help="About two minutes: one round, short.")] = False,
    rounds: Annotated[int, typer.Option(min=1, help="Of each scenario.")] = ROUNDS,
) -> None:
    """Measure, and write bench/RESULTS.md."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    rounds, watches = (QUICK_ROUNDS, QUICK_WATCHES) if quick else (rounds, WATCHES)
    try:
        with Progress(*columns, console=console) as progress:
            of = uvloop.run(measure(quick=quick, rounds=rounds, watches=watches, progress=progress))
    except (BotGone, NotAsPromised) as broken:
        console.print(str(broken), markup=False)
        raise typer.Exit(1) from None
    lines = list(speed(of))
    write_first_part(first_part(of, lines))
    draw(of)
    Console(width=WIDTH).print(table("Faxbot against its targets", lines, judged=True))


if __name__ == "__main__":
    typer.run(main)
