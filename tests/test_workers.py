"""`faxbot serve --workers`: several processes on one port and one database, as one bot."""

import asyncio
import json
import os
import re
import resource
import signal
import socket
import sqlite3
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing, suppress
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import Mock

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from bot.__main__ import cli
from bot.server import Load, Post, listening_socket
from bot.server import serving as serving_http
from playground.stonefax import Break, Rule
from tests.conftest import BUSY, DOCUMENTED, Desk
from tests.test_cli import environment, faxbot
from tests.test_metrics import scraped
from tests.test_stops import logged, readiness_until_refused

ROOT = Path(__file__).parent.parent
WATCHED = 12


@dataclass(frozen=True, slots=True)
class Bot:
    """A bot that serves by two workers."""

    process: asyncio.subprocess.Process
    log: Path

    def said(self, event: str) -> list[dict[str, object]]:
        """Give the lines of the log about this."""
        return [line for line in logged(self.log) if line["event"] == event]

    async def until(self, event: str, count: int) -> list[dict[str, object]]:
        """Wait until this was logged so often, and give the lines."""
        async with asyncio.timeout(60):
            while len(lines := self.said(event)) < count:
                assert self.process.returncode is None, self.log.read_text()
                await asyncio.sleep(0.02)
        return lines

    @property
    def workers(self) -> list[int]:
        """Give the ids of all workers that have begun."""
        return [int(str(line["worker"])) for line in self.said("a worker has begun")]

    @property
    def url(self) -> str:
        """Give where it listens."""
        return f"http://127.0.0.1:{self.said('listening')[0]['port']}"


@asynccontextmanager
async def serving(desk: Desk, folder: Path) -> AsyncIterator[Bot]:
    """Serve by two workers; at the end nothing of them is left."""
    values = environment({"PYTHONPATH": str(ROOT), **desk.values(), "LOG_FORMAT": "json", "TMPDIR": str(folder)})
    # prometheus-client leaves the files of its figures to be closed by the end of the process.
    values["PYTHONWARNINGS"] = "ignore"
    log = folder / "bot.log"
    with log.open("wb") as writing:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", "serve", "--workers", "2"), cwd=folder, env=values, stderr=writing
        )
    bot = Bot(process, log)
    try:
        await bot.until("a worker has begun", 2)
        await bot.until("known to Slack", 2)
        desk.url = bot.url
        desk.slack.bot_url = f"{bot.url}/slack/events"
        yield bot
    finally:
        for pid in bot.workers:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()


def lives(pid: int) -> bool:
    """Say whether there is such a process."""
    with suppress(ProcessLookupError):
        os.kill(pid, 0)
        return True
    return False


async def settled(condition: Callable[[], bool], within: float = 30.0) -> None:
    """Wait until this holds."""
    async with asyncio.timeout(within):
        while not condition():  # noqa: ASYNC110 - it is told by files and processes
            await asyncio.sleep(0.02)


def let_all_fall_due(folder: Path) -> None:
    """Let the time pass for all watches, and for the leases of whoever is dead."""
    with closing(sqlite3.connect(folder / "faxbot.db", timeout=5.0, isolation_level=None)) as tables:
        tables.execute("UPDATE watches SET due = 0")


def watches_left(folder: Path) -> int:
    """Count the watches."""
    with closing(sqlite3.connect(folder / "faxbot.db", timeout=5.0)) as tables:
        return int(tables.execute("SELECT count(*) FROM watches").fetchone()[0])


def folders_of_figures(folder: Path) -> list[Path]:
    """Give what is left of the files in which workers add up what Prometheus is told."""
    return list(folder.glob("faxbot-metrics-*"))


async def test_a_worker_that_is_killed_is_replaced_and_no_watch_is_lost(closed_desk: Desk, tmp_path: Path) -> None:
    """Both answer people; one dies with watches in hand; Prometheus counts what all have done, the dead one too."""
    desk, faxes = closed_desk, [f"IAS-N1_00000000-0000-4000-8000-{number:012x}_0" for number in range(WATCHED)]
    desk.settings["FAXBOT_METRICS_PORT"] = "0"
    for fax_id in faxes:
        desk.put(fax_id, status="Queued")
    async with serving(desk, tmp_path) as bot:
        metrics = f"http://127.0.0.1:{bot.said('metrics')[0]['port']}/metrics"
        first = list(bot.workers)
        # Tried again, which the library that does it counts by itself.
        desk.fax_server.rule(DOCUMENTED, Rule(status=503))
        await desk.ask(DOCUMENTED)
        asked = 1
        while {line["worker"] for line in bot.said("looked_up")} != set(first):
            await asyncio.gather(*(desk.ask(BUSY) for _ in range(WATCHED)))
            asked += WATCHED
        for fax_id in faxes:
            assert "You will be told" in await desk.asked(f"watch {fax_id}")
        figures = await scraped(metrics)
        assert figures["faxbot_ack_seconds_count", "command"] == asked + WATCHED
        assert figures["faxbot_workers", ""] == 2

        for fax_id in faxes:
            desk.put(fax_id, status="Completed")
        desk.fax_server.mood = Rule(delay=0.7)
        let_all_fall_due(tmp_path)
        await asyncio.sleep(0.5)
        os.kill(first[0], signal.SIGKILL)
        replaced = await bot.until("a worker is replaced", 1)
        assert (replaced[0]["worker"], replaced[0]["exit_code"]) == (first[0], -signal.SIGKILL)
        desk.fax_server.mood = Rule()
        await bot.until("a worker has begun", 3)
        left = watches_left(tmp_path)
        let_all_fall_due(tmp_path)
        await settled(lambda: watches_left(tmp_path) == 0)
        told = [str(line["fax"]) for line in bot.said("watch_told")]
        assert sorted(told) == sorted(faxes), left
        figures = await scraped(metrics)
        assert figures["faxbot_ack_seconds_count", "command"] == asked + WATCHED
        assert (figures["faxbot_workers", ""], figures["faxbot_workers_replaced_total", ""]) == (2, 1)
        assert figures["faxbot_watches", "overdue"] == 0
        assert all(name.startswith("faxbot_") for name, _ in figures)
        assert len(bot.said("the database was brought up to date")) == 1
        assert "worker" not in bot.said("the database was brought up to date")[0]


async def test_a_stop_is_clean(closed_desk: Desk, tmp_path: Path) -> None:
    """Unready first, then refusing; what was acked is answered; the exit code is 0 and nothing is left behind."""
    closed_desk.settings["FAXBOT_METRICS_PORT"] = "0"
    closed_desk.fax_server.rule(DOCUMENTED, Rule(delay=2.0))
    async with serving(closed_desk, tmp_path) as bot:
        delivery = await closed_desk.ask(DOCUMENTED)
        assert "follows here" in delivery.shown[-1].words
        asking = asyncio.create_task(readiness_until_refused(bot.url))
        await asyncio.sleep(0.1)
        bot.process.send_signal(signal.SIGTERM)
        # Whoever stops a whole group of processes tells the workers, too.
        for pid in bot.workers:
            os.kill(pid, signal.SIGTERM)
        assert (await closed_desk.late(delivery)).words
        async with asyncio.timeout(30):
            assert await bot.process.wait() == 0
        statuses = await asking
        assert statuses[0] == 200
        assert statuses[-1] == 503
        assert len(bot.said("stopping")) == 2
        assert not any(map(lives, bot.workers))
        assert not bot.said("a worker is replaced")
        assert folders_of_figures(tmp_path) == []


async def test_a_worker_that_begins_never_lets_the_socket_block(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is the others' too: one of them would wait in accept(), with all that it does, until somebody connects."""
    blocked: list[float | None] = []
    settimeout = socket.socket.settimeout

    def noted(one: socket.socket, seconds: float | None) -> None:
        blocked.append(seconds)
        settimeout(one, seconds)

    async def nothing(_scope: object, _receive: object, _send: object) -> None: ...

    with listening_socket("127.0.0.1", 0) as listener:
        as_a_worker_has_it = socket.socket(fileno=os.dup(listener.fileno()))
        monkeypatch.setattr(socket.socket, "settimeout", noted)
        async with serving_http(nothing, as_a_worker_has_it):
            pass
    assert set(blocked) <= {0.0}


async def test_a_second_sigterm_ends_all_at_once(closed_desk: Desk, tmp_path: Path) -> None:
    """Also the workers; and nothing is left of their figures."""
    closed_desk.settings["FAXBOT_METRICS_PORT"] = "0"
    closed_desk.fax_server.rule(DOCUMENTED, Rule(breaks=Break.HANG))
    async with serving(closed_desk, tmp_path) as bot:
        assert "follows here" in await closed_desk.asked(DOCUMENTED)
        bot.process.send_signal(signal.SIGTERM)
        await asyncio.sleep(0.2)
        assert bot.process.returncode is None
        before = time.monotonic()
        bot.process.send_signal(signal.SIGTERM)
        assert await bot.process.wait() == 1
        await settled(lambda: not any(map(lives, bot.workers)), within=5.0)
        # The fax server would hold it up for ten seconds.
        assert time.monotonic() - before < 5.0
        assert folders_of_figures(tmp_path) == []


async def test_a_worker_that_the_machine_has_no_room_for_is_tried_again(closed_desk: Desk, tmp_path: Path) -> None:
    """And the others go on."""
    async with serving(closed_desk, tmp_path) as bot:
        soft, hard = resource.prlimit(bot.process.pid, resource.RLIMIT_NOFILE)
        resource.prlimit(bot.process.pid, resource.RLIMIT_NOFILE, (4, hard))
        killed, other = bot.workers
        os.kill(killed, signal.SIGKILL)
        failed = await bot.until("a worker could not be started", 1)
        assert failed[0]["problem"] == "EMFILE"
        assert lives(other)
        assert "the line was busy" in await closed_desk.asked(BUSY)
        resource.prlimit(bot.process.pid, resource.RLIMIT_NOFILE, (soft, hard))
        await bot.until("a worker has begun", 3)
        assert lives(other)


async def test_a_worker_that_replaces_another_has_the_same_settings(closed_desk: Desk, tmp_path: Path) -> None:
    """Whatever somebody is writing into the file meanwhile."""
    async with serving(closed_desk, tmp_path) as bot:
        (tmp_path / ".env").write_text("FAXBOT_COMAND=/f\nHALF A LINE")
        for pid in bot.workers:
            os.kill(pid, signal.SIGKILL)
        await bot.until("a worker has begun", 4)
        assert "the line was busy" in await closed_desk.asked(BUSY)
        assert not bot.said("a worker cannot begin")


async def test_workers_whose_parent_is_killed_stop_by_themselves(closed_desk: Desk, tmp_path: Path) -> None:
    """Else they would hold the port, and nobody would replace them."""
    async with serving(closed_desk, tmp_path) as bot:
        bot.process.kill()
        await bot.process.wait()
        await settled(lambda: not any(map(lives, bot.workers)), within=30.0)
        with socket.socket() as there:
            assert there.connect_ex(("127.0.0.1", int(bot.url.rpartition(":")[2])))


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("PORT", r"Cannot listen on 127\.0\.0\.1:\d+: Address already in use\. Set HOST and PORT\."),
        ("FAXBOT_METRICS_PORT", r"port \d+ for metrics: Address already in use\. Set FAXBOT_METRICS_PORT\."),
        ("DATABASE_URL", r"DATABASE_URL: .*\."),
    ],
)
async def test_what_would_stop_every_worker_is_said_once(
    closed_desk: Desk, tmp_path: Path, setting: str, said: str
) -> None:
    """One sentence, and exit 2."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        wrong = f"sqlite:///{tmp_path / 'no such folder' / 'faxbot.db'}" if setting == "DATABASE_URL" else port
        values = {**closed_desk.values(), setting: wrong, "LOG_LEVEL": "warning"}
        ran = await faxbot("serve", "--workers", "2", values=values, cwd=tmp_path)
    assert ran.code == 2
    assert re.fullmatch(said, ran.err.strip()), ran.err


@pytest.mark.parametrize(
    ("workers", "settings", "said"),
    [
        ("0", {}, "--workers 0: at least one has to do the work."),
        (
            "2",
            {"SLACK_APP_TOKEN": "xapp-1"},
            (
                "--workers 2: Slack allows an app ten connections, so with SLACK_APP_TOKEN there is one process: leave "
                "--workers out."
            ),
        ),
        (
            "3",
            {"FAXBOT_UPSTREAM_AT_ONCE": "2"},
            "--workers 3: each asks the fax server by itself, and FAXBOT_UPSTREAM_AT_ONCE is 2.",
        ),
    ],
)
async def test_workers_that_make_no_sense_are_refused(
    closed_desk: Desk, workers: str, settings: dict[str, str], said: str
) -> None:
    """With a sentence, and exit 2."""
    ran = CliRunner().invoke(cli, ["serve", "--workers", workers], env={**closed_desk.values(), **settings})
    assert (ran.exit_code, ran.stderr.strip()) == (2, said)


@given(st.integers(1, 64), st.integers(1, 1024))
def test_the_workers_together_have_no_more_than_one_would(workers: int, whole: int) -> None:
    """And each almost as much as the others."""
    shares = [Post(number, workers, Mock()).share(whole) for number in range(workers)]
    assert sum(shares) == whole
    assert max(shares) - min(shares) <= 1


def test_a_worker_that_has_a_quarter_of_a_cpu_is_busy_with_that() -> None:
    """Four on one CPU would otherwise all believe that they have time to spare."""
    seconds = [0.0]
    alone = Load(0.5, 1024, lambda: seconds[0] / 4, lambda: seconds[0])
    shared = Load(0.5, 1024, lambda: seconds[0] / 4, lambda: seconds[0], share=0.25)
    for load in (alone, shared):
        with load.one_more():
            seconds[0] += 4.0
    assert alone.most == 1024
    assert shared.most < 1024


async def test_one_process_is_what_it_was(closed_desk: Desk, tmp_path: Path) -> None:
    """No worker is named, and none is started."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "serve", "--workers", "1"),
        cwd=tmp_path,
        env=environment({"PYTHONPATH": str(ROOT), **closed_desk.values(), "LOG_FORMAT": "json"}),
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stderr
    lines = [json.loads(await process.stderr.readline()) for _ in range(2)]
    process.terminate()
    await process.communicate()
    assert process.returncode == 0
    assert [line["event"] for line in lines] == ["the database was brought up to date", "listening"]
    assert not any("worker" in line for line in lines)
