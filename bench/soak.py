"""Minutes of everything at once: people's errands, faults on both sides, kill -9 now and then; nothing lost or doubled.

python -m bench.soak [--minutes 10] [--rate R] [--seed N] [--database postgresql|sqlite]

Two bots, as `faxbot serve` runs them, on one database, between the playground's servers; the load is half of what they
can serve. One is killed about once a minute, and started anew; the other lives throughout, and its memory is measured.
Exit 1: an answer was lost or doubled, or the memory at the end is over 10 % more than after the first minute.
"""

import asyncio
import json
import logging
import os
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from statistics import median
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import typer
import uvloop
import yaml
from rich.console import Console
from sqlalchemy import update

from bench.desk import MANIFEST, settings
from bench.errands import BY_EVENT, Came, Errand, Errands, Kind, promised
from bench.processes import DATABASES, Database, resident
from bench.report import Line, table
from bench.watches import Kind as DatabaseKind
from bot.store import Store, StoreUnreachable, database_url, open_store
from bot.store.tables import watches
from playground.slack import NO_LIMITS, SlackServer, example_workspace
from playground.slack.example import SUPPORT, TEAM
from playground.slack.faults import Fault
from playground.slack.people import Person
from playground.stonefax import Break, Rule, StoneFaxServer

CALIBRATING, WORKERS = 8.0, 24
PEOPLE = 40
BROUGHT_AGAIN = (0.0, 35.0, 45.0)
"""Seconds before each retry of an event: Slack's are 0, 60, 300. Two come when a dead bot's lease is over."""
WATCHED, JUDGED = 20.0, 120.0
"""The age in seconds at which a watched fax reaches its end, and at which an errand must have come to something."""
BETWEEN_KILLS = (40.0, 80.0)
CUT_OFF = 12.0
"""Seconds before a kill within which what was acked may not be answered yet."""
MINUTE, LAST = 60.0, 15.0
MOST_GROWTH = 1.10
KEPT = 500
"""Records that the playground keeps; it would grow without end."""
ANYWHERE = (
    Fault(status=500),
    Fault(status=429, retry_after=0),
    Fault(status=429, retry_after=1),
    Fault(drop="before"),
    Fault(delay=0.5),
)
SLACK_FAULTS = {
    "auth.test": ANYWHERE,
    "chat.postMessage": (*ANYWHERE, Fault(drop="after")),
    "chat.unfurl": (*ANYWHERE, Fault(drop="after")),
    "conversations.history": ANYWHERE,
    "conversations.info": ANYWHERE,
    "conversations.open": ANYWHERE,
    "conversations.replies": ANYWHERE,
    "response_url": ANYWHERE,
    "users.info": ANYWHERE,
}
"""What goes wrong at Slack. A response_url whose yes is lost has no history to look into: that is not promised."""
FAX_FAULTS = (
    Rule(status=500),
    Rule(steps=(Rule(status=503, times=1), Rule())),
    Rule(steps=(Rule(breaks=Break.RESET, times=1), Rule())),
    Rule(breaks=Break.TRUNCATED),
    Rule(body=b"no JSON"),
    Rule(delay=2.5),
)
SPOILT = 0.05
"""Of all faxes."""
OUTAGE, BETWEEN_OUTAGES = 1.5, 45.0


@dataclass
class Bot:
    """One of the two, in whichever process it is now."""

    name: str
    folder: Path
    process: asyncio.subprocess.Process | None = None
    url: str = ""
    born: int = 0

    async def start(self, values: dict[str, str]) -> None:
        """Start it, and wait until it is known to listen."""
        self.born += 1
        log = self.folder / f"{self.name}-{self.born}.log"
        with log.open("wb") as writing:
            self.process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "bot", "serve", cwd=self.folder, env={**os.environ, **values}, stderr=writing
            )
        while not (port := port_in(log)):  # noqa: ASYNC110 - it is a file
            await asyncio.sleep(0.05)
        self.url = f"http://127.0.0.1:{port}/slack/events"

    async def stop(self, *, kill: bool = False) -> None:
        """End it, with or without a say."""
        if self.process and self.process.returncode is None:
            self.process.kill() if kill else self.process.terminate()
            await self.process.wait()
        self.url = ""


def port_in(log: Path) -> int | None:
    """Give the port that a bot has logged."""
    lines = (json.loads(line) for line in log.read_text().splitlines(keepends=True) if line.endswith("\n"))
    return next((int(line["port"]) for line in lines if "port" in line), None)


@dataclass
class Soak:
    """Everything that happens at once, and what came of it."""

    errands: Errands
    steady: Bot
    killed: Bot
    values: dict[str, str]
    store: Store
    dice: Random
    console: Console
    came: Counter[tuple[Kind, str]] = field(default_factory=Counter)
    kills: list[tuple[str, float]] = field(default_factory=list)
    memory: list[tuple[float, float]] = field(default_factory=list)
    """Of the steady one, in MB, by the seconds since it began."""
    running: set[asyncio.Task[Any]] = field(default_factory=set)
    faults: int = 0

    async def capacity(self) -> float:
        """Measure in a closed loop how many errands a second get done, and let them settle."""
        end, done = time.monotonic() + CALIBRATING, 0

        async def work() -> None:
            nonlocal done
            while time.monotonic() < end:
                await self.errands.run()
                done += 1

        await asyncio.gather(*(work() for _ in range(WORKERS)))
        return done / CALIBRATING

    async def load(self, rate: float) -> None:
        """Let people begin errands at random, so many a second."""
        due = time.monotonic()
        while True:
            due += self.dice.expovariate(rate)
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            task = asyncio.create_task(self.errands.run())
            self.running.add(task)
            task.add_done_callback(self.running.discard)

    async def trouble(self) -> None:
        """Let calls to Slack go wrong, and the whole fax server now and then."""
        faults, outage = self.errands.slack.faults, time.monotonic() + BETWEEN_OUTAGES
        while True:
            method = self.dice.choice([*SLACK_FAULTS])
            faults.order(method, self.dice.choice(SLACK_FAULTS[method]))
            await asyncio.sleep(self.dice.uniform(0.2, 0.8))
            # One that met no call is over: else all the calls of a rare method would go wrong.
            self.faults += faults.take(method) is None
            if time.monotonic() > outage:
                self.errands.fax_server.mood = Rule(status=503)
                await asyncio.sleep(OUTAGE)
                self.errands.fax_server.mood = Rule()
                outage = time.monotonic() + BETWEEN_OUTAGES

    async def kill(self) -> None:
        """Kill one of the bots now and then, and start it anew."""
        while True:
            await asyncio.sleep(self.dice.uniform(*BETWEEN_KILLS))
            self.kills.append((self.killed.url, time.monotonic()))
            await self.killed.stop(kill=True)
            await asyncio.sleep(1.0)
            await self.killed.start(self.values)

    async def end_watches(self) -> None:
        """Let watched faxes reach their end, and the time until their next poll pass."""
        while True:
            self.errands.complete_watches(WATCHED)
            soon = self.store.dialect.now + 1.0
            waiting = watches.c.lease.is_(None) & (watches.c.due > soon)
            with suppress(StoreUnreachable):
                await self.store.ask(update(watches).where(waiting).values(due=soon))
            await asyncio.sleep(2.0)

    async def judge(self) -> None:
        """Judge what is old enough, and let the playground forget."""
        while True:
            self.judge_older_than(JUDGED)
            journal = self.errands.slack.journal
            for records in (journal.calls, journal.response_posts, journal.deliveries):
                del records[:-KEPT]
            del self.errands.slack.workspace.changes[:-KEPT]
            await asyncio.sleep(1.0)

    def judge_older_than(self, age: float) -> None:
        """Judge what was begun so long ago."""
        old = [errand for errand in self.errands.under_way if time.monotonic() - errand.begun > age]
        for errand in old:
            came = self.errands.judged(errand)
            word = self.reason(errand) if came is Came.NOTHING else came.value
            self.came[errand.kind, word] += 1
            if word in {Came.NOTHING.value, Came.TWICE.value}:
                said = f"{errand.kind.value}, {errand.fax}, by {errand.bot}: {word} ({self.errands.course(errand)})"
                self.console.print(said, markup=False)
            self.errands.forget(errand)

    def reason(self, errand: Errand) -> str:
        """Say why there is no answer: a kill, which a command does not survive, or a fax that others must not see.

        What was promised survives it.
        """
        if (
            errand.kind not in BY_EVENT
            and not promised(errand)
            and any(url == errand.bot and 0 <= at - errand.begun <= CUT_OFF for url, at in self.kills)
        ):
            return "acked by a process that was killed before it answered"
        if errand.kind is Kind.LINK and self.not_shown(errand.fax):
            return "no preview, for a fault at its look-up"
        return Came.NOTHING.value

    def not_shown(self, fax: str) -> bool:
        """Say whether a look-up came to something else than a card that everybody may see."""
        logs = [*self.steady.folder.glob("*.log")]
        lines = [json.loads(line) for log in logs for line in log.read_text().splitlines() if fax in line]
        return any(line["event"] in {"not_answered", "refused"} for line in lines)

    async def watch_memory(self) -> None:
        """Measure the steady one's memory, and say how it goes."""
        began = time.monotonic()
        while True:
            assert self.steady.process
            self.memory.append((time.monotonic() - began, resident(self.steady.process.pid)))
            if len(self.memory) % 30 == 0:
                self.console.print(
                    f"{self.memory[-1][0]:4.0f} s: {self.came.total()} errands judged, {len(self.errands.under_way)} "
                    f"under way, {len(self.kills)} kills, {self.faults} faults, {self.memory[-1][1]:.0f} MB"
                )
            await asyncio.sleep(1.0)

    async def run(self, minutes: float, rate: float | None) -> list[Line]:
        """Let everything happen for so long, then let it settle, and give what came of it."""
        rate = rate or await self.capacity() / 2
        works: tuple[Coroutine[Any, Any, None], ...] = (self.trouble(), self.kill(), self.load(rate))
        steady = [asyncio.create_task(work) for work in (self.watch_memory(), self.end_watches(), self.judge())]
        stirring = [asyncio.create_task(work) for work in works]
        self.console.print(f"{rate:.0f} errands a second for {minutes:g} minutes")
        done, _ = await asyncio.wait(
            [*steady, *stirring], timeout=minutes * MINUTE, return_when=asyncio.FIRST_EXCEPTION
        )
        at_the_end = [megabytes for at, megabytes in self.memory if at > self.memory[-1][0] - LAST]
        for task in (*stirring, *done):
            task.cancel()
        while self.errands.under_way and not done:  # noqa: ASYNC110 - time alone ends it
            await asyncio.sleep(1.0)
        for task in steady:
            task.cancel()
        broken = [
            error
            for error in await asyncio.gather(*steady, *stirring, return_exceptions=True)
            if isinstance(error, Exception)
        ]
        if broken:
            raise broken[0]
        return self.lines(rate, at_the_end)

    def lines(self, rate: float, at_the_end: list[float]) -> list[Line]:
        """Give the figures."""
        early = [megabytes for at, megabytes in self.memory if MINUTE <= at <= MINUTE + LAST] or at_the_end
        count = {came: sum(number for (_, word), number in self.came.items() if word == came.value) for came in Came}
        kinds = [
            Line(f"{kind.value}: {word}", number)
            for (kind, word), number in sorted(self.came.items(), key=lambda one: (one[0][0].value, one[0][1]))
        ]
        return [
            Line("errands", rate, "/s"),
            *kinds,
            Line("kills", len(self.kills)),
            Line("faults at Slack", self.faults),
            Line("answers lost", count[Came.NOTHING], least=0),
            Line("answers doubled", count[Came.TWICE], least=0),
            Line("memory after the first minute", median(early), "MB"),
            Line("memory at the end", median(at_the_end), "MB"),
            Line(
                "memory at the end, of that after the first minute",
                median(at_the_end) / median(early),
                least=MOST_GROWTH,
            ),
        ]


@asynccontextmanager
async def soaking(database: Database, folder: Path, seed: int, console: Console) -> AsyncIterator[Soak]:
    """Open the playground, and start the bots."""
    dice = Random(seed)  # noqa: S311 - to be repeated, not to be secret
    workspace = example_workspace()
    people = [Person(f"U{number:010d}", f"p{number}", f"Person {number}", TEAM) for number in range(PEOPLE)]
    workspace.people |= {person.id: person for person in people}
    there = workspace.channels[SUPPORT]
    workspace.channels[SUPPORT] = replace(there, members=there.members | {person.id for person in people})
    app = yaml.safe_load(MANIFEST.read_text())
    slack = SlackServer(
        workspace,
        limits=NO_LIMITS,
        scopes=frozenset(app["oauth_config"]["scopes"]["bot"]) | {"channels:history"},
        unfurl_domains=tuple(app["features"]["unfurl_domains"]),
        retry_pauses=BROUGHT_AGAIN,
    )
    async with StoneFaxServer() as fax_server, slack, open_store(database_url(database.address)) as store:
        values = {**settings(slack, fax_server, database), "FAXBOT_LINK_DOMAINS": "fax.example.com"}
        bots = Bot("steady", folder), Bot("killed", folder)

        def addresses() -> list[str]:
            return [bot.url for bot in bots if bot.url]

        errands = Errands(slack, fax_server, dice, addresses, [person.id for person in people])
        errands.spoilt = lambda: dice.choice(FAX_FAULTS) if dice.random() < SPOILT else None
        soak = Soak(errands, *bots, values, store, dice, console)
        try:
            await asyncio.gather(*(bot.start(values) for bot in bots))
            yield soak
        finally:
            await asyncio.gather(*(bot.stop() for bot in bots))


async def soaked(kind: DatabaseKind, minutes: float, rate: float | None, seed: int, console: Console) -> list[Line]:
    """Soak, and give the figures."""
    with TemporaryDirectory(prefix="faxbot-") as name, DATABASES[kind.value](Path(name)) as database:
        async with soaking(database, Path(name), seed, console) as soak:
            return await soak.run(minutes, rate)


def main(
    *,
    minutes: Annotated[
        float, typer.Option(min=0.05, help="How long it lasts, without what comes before and after.")
    ] = 10,
    rate: Annotated[
        float | None, typer.Option(help="Errands a second; half of what is measured, if none is given.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Of all that is random.")] = 8,
    database: Annotated[DatabaseKind, typer.Option(help="Which the two bots share.")] = DatabaseKind.POSTGRESQL,
) -> None:
    """Soak the bot."""
    # The playground's HTTP server logs whenever a fault of our making meets a connection that a kill has closed.
    logging.getLogger("aiohttp.server").setLevel(logging.CRITICAL)
    lines = uvloop.run(soaked(database, minutes, rate, seed, Console(stderr=True)))
    Console(width=120).print(table(f"{minutes:g} minutes, {database.value}, seed {seed}", lines, judged=True))
    if any(line.reached == "missed" for line in lines):
        raise typer.Exit(1)


if __name__ == "__main__":
    typer.run(main)
