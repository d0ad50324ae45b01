"""SIGTERM at any instant: unready first, what was acked is answered, and what is not finished is left to Slack's retry.

Eight instants; `STOPS=100` makes it more.
"""

import asyncio
import json
import os
import signal
import sqlite3
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing, suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random

import httpx

from bench.errands import Came, Errands, until_settled
from playground.slack import NO_LIMITS, SlackServer, example_workspace
from playground.stonefax import Break, Rule, StoneFaxServer
from tests.conftest import DOCUMENTED, DOMAINS, SCOPES, Desk

ROOT = Path(__file__).parent.parent
WORLDS = 4
"""Desks at once: a stop is mostly waiting."""
ROUNDS = int(os.environ.get("STOPS", "8")) // WORLDS
ERRANDS = 16
LOAD_LASTS = 1.2
"""Seconds in which people begin their errands; the stop comes within them."""
STOPS_WITHIN = 15.0
"""Pause, requests under way, and what they promised, with a fax server that takes 2 s at most."""
BROUGHT_AGAIN = (0.4,) * 60
"""Seconds between Slack's deliveries of an event; in earnest there are three, within six minutes."""


@dataclass(frozen=True, slots=True)
class Bot:
    """A bot as `faxbot serve` runs it."""

    process: asyncio.subprocess.Process
    url: str


@asynccontextmanager
async def serving(desk: Desk, log: Path) -> AsyncIterator[Bot]:
    """Run `faxbot serve`, and give it when it is ready."""
    values = {**desk.values(), "LOG_FORMAT": "json", "PYTHONPATH": str(ROOT), "PATH": os.environ["PATH"]}
    with log.open("wb") as writing:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", "serve", cwd=desk.folder, env=values, stderr=writing
        )
    try:
        bot = Bot(process, f"http://127.0.0.1:{await port_in(log)}")
        async with httpx.AsyncClient() as http, asyncio.timeout(10):
            while (await http.get(f"{bot.url}/readyz")).status_code != 200:  # noqa: ASYNC110 - it is asked over HTTP
                await asyncio.sleep(0.02)
        yield bot
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def port_in(log: Path) -> int:
    """Wait for the line that names the port."""
    async with asyncio.timeout(20):
        while not (ports := [line["port"] for line in logged(log) if "port" in line]):  # noqa: ASYNC110 - it is a file
            await asyncio.sleep(0.02)
    return int(str(ports[0]))


def logged(log: Path) -> list[dict[str, object]]:
    """Give the lines of a log, but for one that is being written."""
    return [json.loads(line) for line in log.read_text().splitlines(keepends=True) if line.endswith("\n")]


async def readiness_until_refused(url: str) -> list[int]:
    """Ask again and again whether the bot is ready, on a new connection each time, until none is taken any more."""
    statuses = []
    async with httpx.AsyncClient(limits=httpx.Limits(max_keepalive_connections=0), verify=False) as http:  # noqa: S501 - it is plain HTTP
        with suppress(httpx.TransportError):
            while True:
                statuses.append((await http.get(f"{url}/readyz")).status_code)
                await asyncio.sleep(0.03)
    return statuses


async def run_into_a_stop(desk: Desk, errands: Errands, dice: Random, log: Path) -> None:
    """Let people go about their errands, stop the bot at any instant, and see that it goes in good order."""

    async def one() -> None:
        await asyncio.sleep(dice.uniform(0, LOAD_LASTS))
        await errands.run()

    async with serving(desk, log) as bot:
        desk.url = bot.url
        going = asyncio.gather(*(one() for _ in range(ERRANDS)))
        asking = asyncio.create_task(readiness_until_refused(bot.url))
        await asyncio.sleep(dice.uniform(0, LOAD_LASTS))
        bot.process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(STOPS_WITHIN):
            assert await bot.process.wait() == 0
        statuses = await asking
        assert statuses[-1] == 503
        assert 200 not in statuses[statuses.index(503) :]
        await going
    assert not any("cut off" in str(line["event"]) for line in logged(log))


async def stopped_again_and_again(folder: Path, seed: int) -> Counter[str]:
    """Stop bots at one desk, let the last one live until all is settled, and count what came of it all."""
    dice = Random(seed)  # noqa: S311 - to be repeated, not to be secret
    slack = SlackServer(
        example_workspace(),
        limits=NO_LIMITS,
        scopes=SCOPES | {"channels:history"},
        unfurl_domains=DOMAINS,
        retry_pauses=BROUGHT_AGAIN,
    )
    async with StoneFaxServer() as fax_server, slack:
        desk = Desk(fax_server, slack, folder)
        errands = Errands(slack, fax_server, dice, lambda: (f"{desk.url}/slack/events",))
        for number in range(ROUNDS):
            await run_into_a_stop(desk, errands, dice, folder / f"bot-{number}.log")
        async with serving(desk, folder / "last.log") as bot:
            desk.url, slack.bot_url = bot.url, f"{bot.url}/slack/events"
            errands.complete_watches()
            # Not by the store: its migrations are one process's business, and four worlds share this one.
            with closing(sqlite3.connect(folder / "faxbot.db", timeout=5.0, isolation_level=None)) as tables:
                tables.execute("UPDATE watches SET due = 0 WHERE lease IS NULL")
            left = await until_settled(errands, within=15.0)
            assert left == []
            # What is done twice is done soon after the first time.
            await asyncio.sleep(0.3)
        return Counter(f"{one.kind.value}: {errands.judged(one).value}" for one in errands.under_way)


async def test_a_stop_at_any_instant_loses_nothing_and_doubles_nothing(tmp_path: Path) -> None:
    """Whatever was acked is answered, and every event is done once, by this process or the next; the exit code is 0."""
    for seed in range(WORLDS):
        (tmp_path / f"world-{seed}").mkdir()
    worlds = (stopped_again_and_again(tmp_path / f"world-{seed}", seed) for seed in range(WORLDS))
    came = sum(await asyncio.gather(*worlds), Counter[str]())
    print(f"\n{WORLDS * ROUNDS} stops: {dict(sorted(came.items()))}")  # noqa: T201 - for who asks how often what was met
    assert came.total() == WORLDS * ROUNDS * ERRANDS
    assert [what for what in came if what.endswith((Came.NOTHING.value, Came.TWICE.value))] == []


async def test_a_second_sigterm_ends_at_once(closed_desk: Desk, tmp_path: Path) -> None:
    """Whoever sends it twice does not want to wait for a fax server that hangs."""
    closed_desk.fax_server.rule(DOCUMENTED, Rule(breaks=Break.HANG))
    async with serving(closed_desk, tmp_path / "bot.log") as bot:
        closed_desk.slack.bot_url = f"{bot.url}/slack/events"
        assert "follows here" in await closed_desk.asked(DOCUMENTED)
        bot.process.send_signal(signal.SIGTERM)
        await asyncio.sleep(0.2)
        assert bot.process.returncode is None
        before = time.monotonic()
        bot.process.send_signal(signal.SIGTERM)
        assert await bot.process.wait() == 1
        assert time.monotonic() - before < 0.5
