"""Several processes on one listening socket: begun, replaced where one dies, and stopped together.

uvicorn's own `Multiprocess` closes the socket before the bot could say that it is not ready, ends a worker's lifespan
only afterwards, takes no second signal for "at once", and leaves its workers behind when it is killed itself. So the
processes are those of `multiprocessing`, each started anew rather than forked from one that has threads.
"""

import asyncio
import signal
import socket
from collections.abc import Callable
from dataclasses import dataclass
from errno import errorcode
from multiprocessing import get_context, parent_process
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from time import monotonic

import structlog

SHORTEST_PAUSE = 0.5
"""Seconds before a worker that died is replaced; doubled for each that does not live longer than the longest pause."""
LONGEST_PAUSE = 30.0

log = structlog.get_logger(__name__)
spawn = get_context("spawn")


class NoWorkerBegan(Exception):
    """A worker ended before any had begun, and has logged why: the next would fare no better."""

    def __init__(self) -> None:
        super().__init__("a worker ended before it had begun; its log line says why")


@dataclass(frozen=True, slots=True)
class Post:
    """A worker's place among all: its number from 0, how many there are, and how it says that it has begun."""

    number: int
    of: int
    begun: Connection

    def share(self, whole: int) -> int:
        """Give this worker's part of something of which there is so much for all."""
        return whole // self.of + (self.number < whole % self.of)


Work = Callable[[Post, socket.socket], None]
"""What a worker is: it says that it has begun, serves the socket until SIGTERM, and may be sent that twice."""


class Workers:
    """So many processes that do `work` on one socket; `buried` is told the id of each that is over."""

    def __init__(self, of: int, work: Work, listener: socket.socket, buried: Callable[[int], None]) -> None:
        self.of = of
        self.work = work
        self.listener = listener
        self.buried = buried
        self.running: set[SpawnProcess] = set()
        self.any_begun = False
        self.replaced = 0

    async def run(self, stop: asyncio.Event) -> bool:
        """Keep all posts filled until told to stop, and say whether every worker then ended as it should.

        Raises NoWorkerBegan.
        """
        posts = {asyncio.create_task(self.keep_filled(number)) for number in range(self.of)}
        told = asyncio.create_task(stop.wait())
        try:
            over, _ = await asyncio.wait({told, *posts}, return_when=asyncio.FIRST_COMPLETED)
            for one in over - {told}:
                one.result()
        finally:
            for task in (told, *posts):
                task.cancel()
            await asyncio.wait({told, *posts})
            ended = await self.stopped()
        return ended

    async def keep_filled(self, number: int) -> None:
        """Have a worker at this post, and another where it dies, or where the machine had no room for it."""
        pause = SHORTEST_PAUSE
        while True:
            since = monotonic()
            process, problem = None, ""
            try:
                process, begun = self.started(number)
            except OSError as error:
                problem = errorcode.get(error.errno or 0, type(error).__name__)
            else:
                await self.until_begun(process, begun)
                await readable(process.sentinel)
                self.over(process)
            pause = min(2 * pause, LONGEST_PAUSE) if monotonic() - since < LONGEST_PAUSE else SHORTEST_PAUSE
            if process is None:
                log.error("a worker could not be started", problem=problem, pause=pause)
            if not self.any_begun:
                raise NoWorkerBegan
            if process:
                self.replaced += 1
                tell = log.info if process.exitcode == 0 else log.error
                tell("a worker is replaced", worker=process.pid, exit_code=process.exitcode, pause=pause)
            await asyncio.sleep(pause)

    def started(self, number: int) -> tuple[SpawnProcess, Connection]:
        """Start a worker, and give where it says that it has begun.

        Raises OSError where the machine has no process, no memory or no file for it.
        """
        ours, theirs = spawn.Pipe(duplex=False)
        process = spawn.Process(target=self.work, args=(Post(number, self.of, theirs), self.listener))
        with theirs:
            try:
                process.start()
            except OSError:
                ours.close()
                raise
        self.running.add(process)
        return process, ours

    async def until_begun(self, process: SpawnProcess, begun: Connection) -> None:
        """Wait until a worker has begun, or has died before it had."""
        with begun:
            await readable(begun.fileno())
            try:
                begun.recv()
            except EOFError:
                return
        self.any_begun = True
        log.info("a worker has begun", worker=process.pid)

    async def stopped(self) -> bool:
        """Close the socket, so that nobody waits at it in vain, tell all to stop, and wait; say whether all did.

        One that had not begun yet knows no better than to die of the signal.
        """
        self.listener.close()
        for process in self.running:
            process.terminate()
        codes = []
        for process in list(self.running):
            await readable(process.sentinel)
            codes.append(self.over(process))
        return all(code in {0, -signal.SIGTERM} for code in codes)

    def over(self, process: SpawnProcess) -> int | None:
        """Forget a worker that has ended, and give its exit code."""
        process.join()
        self.running.discard(process)
        if process.pid:
            self.buried(process.pid)
        return process.exitcode

    def kill(self) -> None:
        """End all at once, and see that they are gone."""
        for process in self.running:
            process.kill()
        for process in self.running:
            process.join()


async def readable(file: int) -> None:
    """Wait until there is something to read, or nothing will ever come any more."""
    loop, there = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(file, there.set)
    try:
        await there.wait()
    finally:
        loop.remove_reader(file)


async def orphaned() -> None:
    """Wait, in a worker, until whoever started it has ended without a word."""
    parent = parent_process()
    assert parent  # nobody calls it but a worker
    await readable(parent.sentinel)
