"""Watches on both databases, in milliseconds, with a fax server and a Slack that a test can play with."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from io import StringIO

import pytest
from sqlalchemy import update

from bot.store import Store
from bot.store.tables import watches
from bot.watches import (
    Ending,
    InDirectMessage,
    OnMessage,
    OnUnfurl,
    Place,
    Polled,
    Rhythm,
    Verdict,
    Watch,
    Watches,
)

QUICK = Rhythm(
    first=0.05,
    longest=0.2,
    to_confirm=0.1,
    life=60.0,
    most_late=2,
    lease=0.8,
    send=0.3,
    idle=0.02,
    apart=0.001,
)
"""As in earnest, but no test waits for seconds."""

CARD = OnMessage("C1", "1700000000.000100", sharer="U9")
UNFURL = OnUnfurl("C1", "1700000000.000200", "https://fax.example.com/A_1", "1700000000.000100")
DIRECT = InDirectMessage("D1")


def a_watch(fax_id: str = "A_1", person: str = "U1", place: Place = CARD) -> Watch:
    """Give a watch that is not started yet."""
    return Watch(fax_id, person, "T1", place, asked_in="C1")


@dataclass
class World:
    """The effects: a fax server and a Slack in memory. `script` is what Slack does instead, call by call."""

    fax: dict[str, list[Polled]] = field(default_factory=dict)
    """What the server says of each fax, one after the other; the last for good; of others it says that they wait."""
    verdicts: list[Verdict] = field(default_factory=lambda: [Verdict.ALLOWED])
    history: bool = True
    directly: bool = False
    """For whom the last was drawn."""
    failing: dict[str, list[BaseException | float]] = field(default_factory=lambda: defaultdict(list))
    """By the name of an effect: the next calls raise this, or hang so many seconds."""
    polls: list[tuple[str, float]] = field(default_factory=list)
    polling: int = 0
    most_polling: int = 0
    poll_takes: float = 0.0
    did: list[tuple[str, str, str]] = field(default_factory=list)
    """What was done, on which watch and for which ending."""
    marks: Counter[str] = field(default_factory=Counter)

    async def fail(self, effect: str) -> None:
        """Fail or hang, if that is the script."""
        if self.failing[effect]:
            what = self.failing[effect].pop(0)
            if isinstance(what, BaseException):
                raise what
            await asyncio.sleep(what)

    async def poll(self, fax_id: str) -> Polled:
        """Count, and answer."""
        self.polls.append((fax_id, asyncio.get_running_loop().time()))
        self.polling += 1
        self.most_polling = max(self.most_polling, self.polling)
        try:
            await asyncio.sleep(self.poll_takes)
            await self.fail("poll")
        finally:
            self.polling -= 1
        answers = self.fax.get(fax_id, [Polled.NOT_YET])
        return answers.pop(0) if len(answers) > 1 else answers[0]

    async def allowed(self, watch: Watch) -> Verdict:
        """Say what the policy says."""
        await self.fail("allowed")
        assert watch.asked_in
        return self.verdicts.pop(0) if len(self.verdicts) > 1 else self.verdicts[0]

    async def drawn(self, watch: Watch, ending: Ending, *, directly: bool) -> Ending:
        """Draw what is told."""
        await self.fail("drawn")
        self.directly = directly
        assert watch.asked_in
        return ending

    async def edit(self, watch: Watch, drawn: Ending) -> None:
        """Edit, where there is a card, and it is not as before."""
        if isinstance(watch.place, InDirectMessage) or drawn is Ending.NOT_READABLE:
            return
        await self.fail("edit")
        self.did.append(("edit", watch.id, drawn.value))

    async def reply(self, watch: Watch, drawn: Ending, mark: str) -> None:
        """Reply."""
        await self.fail("reply")
        self.say("reply", watch, drawn, mark)
        await self.fail("reply's answer")

    async def tell_directly(self, watch: Watch, drawn: Ending, mark: str) -> None:
        """Write to the person what is drawn for them."""
        await self.fail("tell_directly")
        assert self.directly
        self.say("tell_directly", watch, drawn, mark)

    def say(self, effect: str, watch: Watch, ending: Ending, mark: str) -> None:
        """Show a message to people."""
        self.marks[mark] += 1
        self.did.append((effect, watch.id, ending.value))

    async def already_told(self, _watch: Watch, mark: str, *, directly: bool) -> bool | None:
        """Look for the mark, where we may."""
        await self.fail("already_told")
        self.did.append(("already_told", mark, str(directly)))
        return mark in self.marks if self.history else None

    def told(self, watch: Watch) -> list[str]:
        """Give the endings that people read of a watch, in order."""
        return [ending for effect, watch_id, ending in self.did if effect in SAID and watch_id == watch.id]

    def effects_on(self, watch: Watch) -> list[str]:
        """Give what was done about a watch, in order."""
        return [effect for effect, watch_id, _ in self.did if watch_id == watch.id]


SAID = {"reply", "tell_directly"}


@pytest.fixture(autouse=True)
def quiet(logged: StringIO) -> StringIO:
    """Log as in earnest, where an exception is a line; otherwise each would be drawn with all its values."""
    return logged


@pytest.fixture
def world() -> World:
    """Give a world in which every fax waits."""
    return World()


@asynccontextmanager
async def at_work(store: Store, world: World, rhythm: Rhythm = QUICK) -> AsyncIterator[Watches]:
    """Let a process work on the watches, and stop it at the end."""
    watches_here = Watches(store, world, rhythm)
    running = asyncio.create_task(watches_here.run())
    try:
        yield watches_here
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


async def until(holds: Callable[[], bool], within: float = 5.0) -> None:
    """Wait until this holds."""
    async with asyncio.timeout(within):
        while not holds():  # noqa: ASYNC110 - a condition on anything whatever
            await asyncio.sleep(0.005)


async def all_over(watching: Watches, within: float = 5.0) -> None:
    """Wait until no watch runs."""
    async with asyncio.timeout(within):
        while (await watching.count()).running:  # noqa: ASYNC110 - the database tells nobody
            await asyncio.sleep(0.01)


async def let_pass(store: Store, seconds: float) -> None:
    """Let the database's time pass for the watches; less than nothing sets its clock back."""
    async with store.engine.connect() as connection:
        moved = update(watches).values(due=watches.c.due - seconds, created=watches.c.created - seconds)
        await connection.execute(moved)
