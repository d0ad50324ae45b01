"""Bots in processes of their own, born quickly and killed at will: all is imported once, and each birth is a fork.

The nursery reads a line for each birth and answers with one: the process's id and the port that it listens on.
"""

import asyncio
import json
import os
import signal
import subprocess
import sys
import traceback
from collections.abc import Callable, Coroutine, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from time import monotonic
from typing import IO, NoReturn, ParamSpec, TypeVar
from unittest.mock import patch

import uvloop

from bot.app import Timing, running_bot
from bot.settings import GROUPS, LogSettings, read_settings
from bot.slack import Slack
from bot.telemetry import configure_logging
from bot.watches import Rhythm

ROOT = Path(__file__).parent.parent.parent.parent
BORN_WITHIN = 20.0
ENDED_WITHIN = 5.0
GO_ON = signal.SIGUSR1
P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Order:
    """What to bear: the bot's settings, the rhythm of its watches, and the file that it logs to.

    `stalls_in` names something that is brought to Slack: right before the first of these the process stalls, until it
    is told to go on.
    """

    settings: Mapping[str, str]
    rhythm: Rhythm
    log: str
    stalls_in: str | None = None


@dataclass(frozen=True, slots=True)
class Bot:
    """A bot that runs, born no sooner than `since` on the monotonic clock, and its log."""

    pid: int
    url: str
    log: Path
    since: float

    def kill(self) -> float:
        """Kill it as the kernel does, and give the moment (monotonic): it gets no say."""
        os.kill(self.pid, signal.SIGKILL)
        return monotonic()

    def go_on(self) -> None:
        """End its stall."""
        os.kill(self.pid, GO_ON)

    def logged(self, *events: str, **fields: str) -> int:
        """Count how often it has logged something that begins like one of these, with such fields.

        A line that is being written does not count yet.
        """
        whole = [line for line in self.log.read_text().splitlines(keepends=True) if line.endswith("\n")]
        lines = map(json.loads, whole)
        return sum(line["event"].startswith(events) and fields.items() <= line.items() for line in lines)


@dataclass
class Nursery:
    """The process that bears, from here."""

    process: subprocess.Popen[str]
    folder: Path = Path()
    born: list[Bot] = field(default_factory=list)

    async def bear(self, settings: Mapping[str, str], rhythm: Rhythm, *, stalls_in: str | None = None) -> Bot:
        """Start a bot, and give it when it listens."""
        log = self.folder / f"bot-{len(self.born)}.log"
        order, since = Order(settings, rhythm, str(log), stalls_in), monotonic()
        async with asyncio.timeout(BORN_WITHIN):
            pid, _, port = (await asyncio.to_thread(self.ask, json.dumps(asdict(order)))).partition(" ")
        assert port, log.read_text()
        bot = Bot(int(pid), f"http://127.0.0.1:{port}/slack/events", log, since)
        self.born.append(bot)
        return bot

    def ask(self, line: str) -> str:
        """Give the answer to a line."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(f"{line}\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()

    @contextmanager
    def keeping_logs_in(self, folder: Path) -> Iterator["Nursery"]:
        """Give the nursery for one test, and kill at its end what still lives."""
        here = replace(self, folder=folder, born=[])
        try:
            yield here
        finally:
            for bot in here.born:
                with suppress(ProcessLookupError):
                    bot.kill()


@contextmanager
def nursery() -> Iterator[Nursery]:
    """Run a nursery; at the end nothing is left of it and of what it bore."""
    command = (sys.executable, "-m", "tests.watches.processes.nursery")
    pipe = subprocess.PIPE
    with subprocess.Popen(  # noqa: S603 - this very file, run by this very Python
        command, cwd=ROOT, stdin=pipe, stdout=pipe, text=True, start_new_session=True
    ) as process:
        try:
            yield Nursery(process)
        finally:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(ENDED_WITHIN)


def stalling(first: Callable[P, Coroutine[object, object, T]]) -> Callable[P, Coroutine[object, object, T]]:
    """Let the whole process stall right before the first call."""
    stalls = [True]

    async def stalled(*args: P.args, **kwargs: P.kwargs) -> T:
        if stalls:
            stalls.clear()
            signal.sigwait({GO_ON})
        return await first(*args, **kwargs)

    return stalled


async def live(order: Order, born: IO[str]) -> None:
    """Run the bot until it is killed."""
    settings = read_settings(order.settings, *GROUPS)
    async with running_bot(settings, replace(Timing(), rhythm=order.rhythm)) as port:
        born.write(f"{port}\n")
        born.flush()
        await asyncio.Event().wait()


def be_born(order: Order, born: IO[str]) -> NoReturn:
    """Become a bot, with nothing left of the nursery's standard streams: its output is for births alone."""
    try:
        with Path(order.log).open("w") as log, Path(os.devnull).open("r+") as nothing:
            for stream, own in ((nothing, 0), (nothing, 1), (log, 2)):
                os.dup2(stream.fileno(), own)
        configure_logging(LogSettings(LOG_FORMAT="json"))
        signal.pthread_sigmask(signal.SIG_BLOCK, {GO_ON})
        if order.stalls_in:
            patch.object(Slack, order.stalls_in, stalling(getattr(Slack, order.stalls_in))).start()
        uvloop.run(live(order, born))
    except Exception:  # noqa: BLE001 - the log tells it, and the process ends whatever it is
        traceback.print_exc()
    finally:
        os._exit(1)


def bear(line: str) -> str:
    """Fork, and give the process's id and its port: nothing, where it has ended before it had one."""
    asked = json.loads(line)
    order = Order(**{**asked, "rhythm": Rhythm(**asked["rhythm"])})
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reading)
        be_born(order, os.fdopen(writing, "w"))
    os.close(writing)
    with os.fdopen(reading) as born:
        return f"{pid} {born.readline().strip()}"


def main() -> None:
    """Bear until the input ends, and then end with all that still lives."""
    # Nobody waits for those that are killed.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for line in sys.stdin:
        sys.stdout.write(f"{bear(line)}\n")
        sys.stdout.flush()
    os.killpg(os.getpgrp(), signal.SIGKILL)


if __name__ == "__main__":
    main()
