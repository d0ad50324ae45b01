"""Work that outlives its request: known by name, bounded in number, awaited at a stop."""

import asyncio
from collections.abc import Callable, Coroutine, Hashable
from typing import Any, Generic, TypeVar

import structlog

log = structlog.get_logger(__name__)
Result = TypeVar("Result")
Key = TypeVar("Key", bound=Hashable)


class TooManyTasks(Exception):
    """There is more work under way than this process may hold."""


class Tasks:
    """The work under way in this process: at most `limit` pieces at once."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.running: set[asyncio.Task[Any]] = set()

    def start(self, work: Coroutine[Any, Any, Result]) -> asyncio.Task[Result]:
        """Begin a piece of work. Raises TooManyTasks, with the work closed and not begun."""
        if len(self.running) >= self.limit:
            work.close()
            raise TooManyTasks
        task = asyncio.create_task(work)
        self.running.add(task)
        task.add_done_callback(self.over)
        return task

    def over(self, task: asyncio.Task[Any]) -> None:
        """Forget a piece of work; an exception that nobody awaits is logged here, by type and place."""
        self.running.discard(task)
        if not task.cancelled() and (error := task.exception()):
            log.error("a piece of work broke", exc_info=error)

    async def drain(self, seconds: float) -> int:
        """Wait for what is under way, and for what that starts; cancel and count what is not done by then."""
        end = asyncio.get_running_loop().time() + seconds
        while self.running and (left := end - asyncio.get_running_loop().time()) > 0:
            await asyncio.wait(self.running, timeout=left, return_when=asyncio.FIRST_COMPLETED)
        unfinished = list(self.running)
        for task in unfinished:
            task.cancel()
        if unfinished:
            log.warning("work was cut off by the stop", pieces=len(unfinished))
            await asyncio.wait(unfinished, timeout=1.0)
        return len(unfinished)


class Joint(Generic[Key, Result]):
    """Work done once for any number who want the same: who comes while it is under way waits for the same result."""

    def __init__(self) -> None:
        self.under_way: dict[Key, asyncio.Task[Result]] = {}

    async def result(self, key: Key, work: Callable[[], Coroutine[Any, Any, Result]]) -> Result:
        """Give the result for this key, begun by `work` where nobody has; raises what the work raises."""
        task = self.under_way.get(key)
        if task is None:
            task = self.under_way[key] = asyncio.create_task(work())
            task.add_done_callback(lambda _: self.under_way.pop(key))
        # Who gives up waiting does not take the work away from the others.
        return await asyncio.shield(task)
