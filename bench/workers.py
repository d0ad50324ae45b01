"""One worker or several: how many commands a second they answer, what they cost, and how the work falls to them.

python -m bench.workers [--seconds S] [--upstream S] [--workers 1 --workers 2 …]

The crowd has a process of its own, and the playground's Slack and fax server another: on two cores they take their
share, so what is measured is how much more the bot answers on what they leave. Linux alone: it reads /proc.
"""

import asyncio
import json
import os
import pickle
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory
from typing import Annotated
from urllib.parse import urlencode

import typer
import uvloop
from rich.console import Console
from rich.table import Table

from bench.crowd import Order, Outcome, Request
from bench.desk import settings
from bench.processes import children, cpu, everything, resident, sqlite
from playground.slack import NO_LIMITS, SlackServer, example_workspace
from playground.slack.example import ANN, SUPPORT
from playground.stonefax import Rule, StoneFaxServer

WARMING, AT_ONCE, MOST = 3.0, 64, 60_000
FORM = "application/x-www-form-urlencoded"


def commands(slack: SlackServer, number: int) -> list[Request]:
    """Let somebody type `/fax` and an id, another fax each time."""
    made = []
    for each in range(number):
        form = slack.payloads.command("/fax", f"IAS-N1_{each:012x}_0", ANN, slack.workspace.channels[SUPPORT])
        form |= {"response_url": slack.response_urls.give("commands", ANN, SUPPORT).url, "trigger_id": "1.2.3"}
        octets = urlencode(form).encode()
        headers = {"Host": "127.0.0.1", "Content-Type": FORM, "Content-Length": str(len(octets)), **slack.sign(octets)}
        head = ["POST /slack/events HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
        made.append(Request("command", "\r\n".join(head).encode() + octets))
    return made


@asynccontextmanager
async def serving(slack: SlackServer, fax_server: StoneFaxServer, workers: int, folder: Path) -> AsyncIterator[int]:
    """Run `faxbot serve` with so many workers, and give its process's id."""
    with sqlite(folder) as database, (folder / "log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", "serve", "--workers", str(workers)),
            stderr=log,
            env={**os.environ, **settings(slack, fax_server, database)},
        )
        try:
            while not begun(folder / "log", workers):  # noqa: ASYNC110 - it is a file
                await asyncio.sleep(0.05)
            yield process.pid
        finally:
            process.terminate()
            await process.wait()


def lines(log: Path, event: str) -> list[dict[str, object]]:
    """Give what was logged about this."""
    written = [line for line in log.read_text().splitlines(keepends=True) if line.endswith("\n")]
    return [one for one in map(json.loads, written) if one["event"] == event]


def begun(log: Path, workers: int) -> bool:
    """Say whether all of them know Slack."""
    return len(lines(log, "known to Slack")) == workers


async def sent(folder: Path, port: int, requests: list[Request], seconds: float) -> list[Outcome]:
    """Let the crowd send the next as soon as one is answered."""
    asked, told = folder / "order", folder / "outcomes"
    asked.write_bytes(pickle.dumps(Order(port, requests, None, AT_ONCE, seconds)))
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "bench.crowd", str(asked), str(told))
    assert await process.wait() == 0
    return [Outcome(*each) for each in pickle.loads(told.read_bytes())]  # noqa: S301 - the process above wrote it


async def measured(workers: int, seconds: float, upstream: float) -> list[str]:
    """Measure so many workers, and draw it as a row."""
    with TemporaryDirectory(prefix="faxbot-") as name:
        folder = Path(name)
        async with (
            StoneFaxServer() as fax_server,
            SlackServer(example_workspace(), limits=NO_LIMITS) as slack,
            serving(slack, fax_server, workers, folder) as pid,
        ):
            fax_server.mood = Rule(delay=upstream)
            port = int(str(lines(folder / "log", "listening")[0]["port"]))
            await sent(folder, port, commands(slack, 4000), WARMING)
            processes = [pid, *children(pid)]
            before, all_before, met = sum(map(cpu, processes)), everything(), len(audited(folder))
            outcomes = await sent(folder, port, commands(slack, MOST), seconds)
            spent, all_spent = sum(map(cpu, processes)) - before, everything() - all_before
            shares = Counter(str(line.get("worker", "-")) for line in audited(folder)[met:])
            hundredths = quantiles([one.seconds for one in outcomes], n=100, method="inclusive")
            return [
                str(workers),
                f"{len(outcomes) / seconds:,.0f}",
                *(f"{hundredths[at] * 1000:.0f}" for at in (49, 98)),
                f"{1000 * spent / len(outcomes):.2f}",
                f"{spent / seconds:.0%} of {all_spent / seconds:.0%}",
                " + ".join(f"{share / shares.total():.0%}" for share in shares.values()),
                " + ".join(f"{resident(one):.0f}" for one in processes),
                str(sum(one.status != 200 for one in outcomes)),  # noqa: PLR2004 - OK
            ]


def audited(folder: Path) -> list[dict[str, object]]:
    """Give the lines about faxes that nobody knows, as those of the crowd are."""
    return lines(folder / "log", "not_answered")


def main(
    *,
    seconds: Annotated[float, typer.Option(min=1, help="How long each load lasts.")] = 5.0,
    upstream: Annotated[float, typer.Option(min=0, help="Seconds that the fax server takes.")] = 0.0,
    workers: Annotated[list[int] | None, typer.Option(help="How many workers; may be given again.")] = None,
) -> None:
    """Measure one worker and several."""
    drawn = Table(title=f"{AT_ONCE} at once, upstream {upstream * 1000:.0f} ms, {os.cpu_count()} cores")
    for name in (
        "workers",
        "commands/s",
        "p50 ms",
        "p99 ms",
        "CPU ms each",
        "CPU bot of all",
        "shares",
        "MB",
        "not 200",
    ):
        drawn.add_column(name, justify="right")
    for number in workers or [1, 2]:
        drawn.add_row(*uvloop.run(measured(number, seconds, upstream)))
    Console(width=140).print(drawn)


if __name__ == "__main__":
    typer.run(main)
