"""Another process on the same database, which does what it is told, a line for a line.

`open` · `claim EVENT` · `done EVENT` · `unfurl CHANNEL FAX EVENT`
"""

import asyncio
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bot.settings import LogSettings
from bot.store import Lease, Spans, Store, open_store
from bot.telemetry import configure_logging

ROOT = Path(__file__).parent.parent.parent


class Neighbour:
    """The other process, from here."""

    def __init__(self, process: Process) -> None:
        assert process.stdin
        assert process.stdout
        self.process, self.told, self.says = process, process.stdin, process.stdout

    async def ask(self, *lines: str) -> list[str]:
        """Tell it all this at once, and give its answers."""
        self.told.write("".join(f"{line}\n" for line in lines).encode())
        await self.told.drain()
        return [(await self.says.readline()).decode().strip() for _ in lines]

    async def kill(self) -> None:
        """Kill it as the kernel does: it gets no say."""
        self.process.kill()
        await self.process.wait()


@asynccontextmanager
async def neighbour(url: str, lease: float = 30.0) -> AsyncIterator[Neighbour]:
    """Start another process, which waits to be told to `open` the store; end it at the end."""
    command = (sys.executable, "-W", "error", "-m", "tests.store.neighbour", url, str(lease))
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdin=PIPE, stdout=PIPE)
    there = Neighbour(process)
    try:
        assert await there.says.readline() == b"here\n"
        yield there
    finally:
        there.told.close()
        await process.wait()


async def obey(store: Store, held: dict[str, Lease], verb: str, *ids: str) -> str:
    """Do one thing, and give the answer."""
    match verb, ids:
        case "claim", (event_id,):
            claim = await store.claim(event_id)
            if isinstance(claim, Lease):
                held[event_id] = claim
                return "leased"
            return claim.value
        case "done", (event_id,):
            await store.done(held[event_id])
            return "noted"
        case "unfurl", (channel_id, fax_id, event_id):
            return "first" if await store.first_to_unfurl(channel_id, fax_id, event_id) else "not first"
    raise ValueError(verb)


def say(line: str) -> None:
    """Answer at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


async def live(url: str, lease: float) -> None:
    """Obey until the input ends."""
    say("here")
    if not await asyncio.to_thread(sys.stdin.readline):
        return
    held: dict[str, Lease] = {}
    async with open_store(url, Spans(lease=lease)) as store:
        say("opened")
        while line := await asyncio.to_thread(sys.stdin.readline):
            say(await obey(store, held, *line.split()))


if __name__ == "__main__":
    configure_logging(LogSettings())
    asyncio.run(live(sys.argv[1], float(sys.argv[2])))
