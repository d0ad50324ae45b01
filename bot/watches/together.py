"""What many want written at the same moment, written in one go: a commit costs the same for one as for many."""

import asyncio
from collections.abc import Callable, Collection, Coroutine, Hashable, Sequence
from typing import Any, Generic, TypeVar

Item = TypeVar("Item", bound=Hashable)


class Together(Generic[Item]):
    """Whoever comes while a write is under way goes with the next; nobody waits for others to come.

    `write` gives those of its items that it could write, and may raise, for all of them alike.
    """

    def __init__(self, write: Callable[[Sequence[Item]], Coroutine[Any, Any, Collection[Item]]]) -> None:
        self.write = write
        self.waiting: list[Item] = []
        self.under_way: asyncio.Task[Collection[Item]] | None = None
        self.next: asyncio.Task[Collection[Item]] | None = None

    async def __call__(self, item: Item) -> bool:
        """Say whether the item could be written."""
        self.waiting.append(item)
        if self.next is None:
            self.next = asyncio.create_task(self.write_all(self.under_way))
        # Who gives up waiting does not take the write away from the others.
        return item in await asyncio.shield(self.next)

    async def write_all(self, before: asyncio.Task[Collection[Item]] | None) -> Collection[Item]:
        """Write what has come until the write before is over."""
        if before:
            await asyncio.wait([before])
        self.under_way, self.next = self.next, None
        items, self.waiting = self.waiting, []
        return await self.write(items)
