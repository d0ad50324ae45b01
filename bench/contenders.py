"""The bots that are compared, each started as its documentation says, on a core of its own; what each costs."""

import asyncio
import os
import random
import signal
import socket
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, closing, suppress
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic, perf_counter

from bench.load import LOAD_CORE
from bench.orders import LINE, ORDER, OUTCOME, Order, Outcome
from bench.processes import BotGone, children, cpu, resident
from bench.questions import SECRET

BOT_CORE = 0
PORTS = range(20_000, 30_000)
STARTING = 20.0
LOOKS = 0.002
GUNICORN = ("gunicorn", "--workers", "1", "--threads", "8")


@dataclass(frozen=True, slots=True)
class Contender:
    """One bot: how it is started, by which path it says that it is ready, and what else its environment has."""

    name: str
    command: tuple[str, ...]
    """Arguments of Python; `{port}` is filled in."""
    ready: str = "/slack/events"
    """What answers once it serves; a peer has nothing but this, and answers in whichever way."""
    more: Mapping[str, str] = field(default_factory=dict)
    cores: frozenset[int] = frozenset({BOT_CORE})


FAXBOT = Contender(
    "Faxbot",
    ("-m", "bot", "serve"),
    "/readyz",
    {"FAXBOT_PER_MINUTE": "0", "FAXBOT_UPSTREAM_AT_ONCE": "256", "FAXBOT_LINK_DOMAINS": "fax.example.com"},
)
NAIVE_ASYNC = Contender("naive async", ("-m", "bench.peers.naive_async"))
BY_SOCKET = replace(FAXBOT, name="Faxbot, Socket Mode", more={**FAXBOT.more, "SLACK_APP_TOKEN": "xapp-1-bench"})
BOTH_CORES = frozenset({BOT_CORE, LOAD_CORE})
ALONE = replace(FAXBOT, name="Faxbot, one process", cores=BOTH_CORES)
WORKERS = replace(ALONE, name="Faxbot, two workers", command=(*FAXBOT.command, "--workers", "2"))
CLIENT_EACH = Contender(
    "naive async, a client each", ("-m", "bench.peers.naive_async"), more={"CLIENT_PER_COMMAND": "yes"}
)
NAIVE_SYNC = Contender(
    "naive sync", ("-m", *GUNICORN, "--bind", "127.0.0.1:{port}", "bench.peers.naive_sync:serving()")
)
BOLT_ALONE = Contender("Bolt alone", ("-m", "bench.peers.bolt_alone"))
RAW_LIMIT = Contender("raw aiohttp", ("-m", "bench.peers.raw_limit"))


@dataclass(frozen=True, slots=True)
class Running:
    """A bot that runs."""

    pid: int
    port: int
    seconds_to_ready: float
    log: Path

    def processes(self) -> Iterator[int]:
        """Give its process and those that it has begun."""
        yield self.pid
        yield from children(self.pid)

    def cpu(self) -> float:
        """Give its CPU seconds so far. Raises BotGone."""
        try:
            return sum(map(cpu, self.processes()))
        except FileNotFoundError:
            raise BotGone(self.log) from None

    def resident(self) -> float:
        """Give its memory in MB; what its processes share counts for each."""
        return sum(map(resident, self.processes()))

    def proportional(self) -> float:
        """Give its memory in MB, with a share of what is shared."""
        return sum(proportional(pid) for pid in self.processes())


def proportional(pid: int) -> float:
    """Give the PSS of a process, in MB."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) * 1024 / 1e6


@dataclass(frozen=True, slots=True)
class Load:
    """The process that asks, and answers what bots ask."""

    process: asyncio.subprocess.Process
    url: str

    async def ask(self, order: Order) -> Outcome:
        """Let it carry out an order."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(ORDER.dump_json(order) + b"\n")
        return OUTCOME.validate_json(await self.process.stdout.readline())

    def settings(self) -> dict[str, str]:
        """Give the settings that all bots have."""
        return {
            "SLACK_BOT_TOKEN": "xoxb-playground",
            "SLACK_SIGNING_SECRET": SECRET,
            "SLACK_API_URL": f"{self.url}/api/",
            "STONEFAX_URL": self.url,
            "STONEFAX_USERNAME": "faxbot",
            "STONEFAX_PASSWORD": "playground",
        }


@asynccontextmanager
async def open_load() -> AsyncIterator[Load]:
    """Run it, on its own core."""
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        sys.executable, *("-m", "bench.load"), stdin=pipe, stdout=pipe, limit=LINE
    )
    assert process.stdin
    assert process.stdout
    try:
        yield Load(process, f"http://127.0.0.1:{int(await process.stdout.readline())}")
    finally:
        process.stdin.close()
        await process.wait()


@asynccontextmanager
async def running(contender: Contender, load: Load) -> AsyncIterator[Running]:
    """Run a bot, and give it once it serves; at the end it is killed with all that it has begun. Raises BotGone."""
    port = free_port()
    with TemporaryDirectory(prefix="faxbot-") as folder:
        log, database = Path(folder) / "log", Path(folder) / "faxbot.db"
        own = {"PORT": str(port), "DATABASE_URL": f"sqlite:///{database}", "LOG_FORMAT": "json", **contender.more}
        with log.open("wb") as writing:
            began = perf_counter()
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                *(part.format(port=port) for part in contender.command),
                env={**os.environ, **load.settings(), **own},
                stdin=asyncio.subprocess.DEVNULL,
                stdout=writing,
                stderr=writing,
                start_new_session=True,
            )
        pin(process.pid, contender.cores)
        try:
            await ready(process, port, contender.ready, log)
            yield Running(process.pid, port, perf_counter() - began, log)
            if process.returncode is not None:
                raise BotGone(log)
        finally:
            if process.returncode is None:
                os.killpg(process.pid, signal.SIGKILL)
                await process.wait()


def pin(pid: int, cores: frozenset[int]) -> None:
    """Keep a process to these cores, where there are as many."""
    if (os.cpu_count() or 1) > LOAD_CORE:
        os.sched_setaffinity(pid, cores)


def free_port() -> int:
    """Give a port that is free now, below those that connections are given: none of them can take it meanwhile."""
    for port in random.sample(PORTS, len(PORTS)):
        with suppress(OSError), closing(socket.create_server(("127.0.0.1", port))):
            return port
    raise AssertionError  # all of ten thousand


async def ready(process: asyncio.subprocess.Process, port: int, path: str, log: Path) -> None:
    """Wait until it serves. Raises BotGone."""
    end = monotonic() + STARTING
    while not await serves(port, path):
        if process.returncode is not None or monotonic() > end:
            raise BotGone(log)
        await asyncio.sleep(LOOKS)


async def serves(port: int, path: str) -> bool:
    """Ask once."""
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.write(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode())
    with closing(writer):
        try:
            status = (await reader.readline())[9:12]
        except ConnectionError:
            return False
    return bool(status) and (path != FAXBOT.ready or int(status) == HTTPStatus.OK)
