"""Ten thousand watches on ten thousand faxes: what they weigh, how fast they begin, are asked about, and end.

python -m bench.watches [--watches N] [--database sqlite|postgresql] [--rounds N]

    rest ──▶ begin all, from within ──▶ begin more by command ──▶ poll all ──▶ all faxes are final: tell all

The whole bot runs in one process, in its own rhythm but for the hours between two polls, which pass in the database;
the playground's Slack and fax server, without limits, run in this one. Exit 1: an ending was told twice or not at all,
or a fax that two people watch was asked about twice.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Annotated

import typer
import uvloop
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from bench.desk import PER_PERSON, Desk, Replies, open_desk
from bench.processes import BotGone, everything
from bench.report import Line, spread, table
from playground.slack.example import SUPPORT

TARGETS_FOR = 10_000
"""Watches, in the design; with fewer the targets are shown, and not judged by."""
AT_ONCE = 32
WARMING = 256
"""Watches that begin and end before anything is measured, where there are so many."""
MOST_COMMANDS = 500
BATCH = 50
"""Watches that the bot is told to begin at a time; each is timed by itself."""
LOOKS = 0.02
"""Seconds between two looks at how far it is."""
WITHIN = 900.0
WIDTH = 100


class Kind(StrEnum):
    """The databases."""

    SQLITE = "sqlite"
    POSTGRESQL = "postgresql"


class NotAsPromised(Exception):
    """The bot did something twice, or not at all."""


def require(*, holds: bool, otherwise: str) -> None:
    """Raise NotAsPromised unless this holds."""
    if not holds:
        raise NotAsPromised(otherwise)


@dataclass
class Clock:
    """What passes from one moment to another: time, and the CPU of each party, in seconds."""

    desk: Desk
    before: tuple[float, ...] = field(init=False)

    def __post_init__(self) -> None:
        self.before = self.now()

    def now(self) -> tuple[float, ...]:
        """Read all clocks: the wall's, the bot's, the playground's, the database server's, everybody else's."""
        known = self.desk.bot.cpu(), time.process_time(), self.desk.database.cpu()
        return time.monotonic(), *known, everything() - sum(known)

    def passed(self) -> tuple[float, ...]:
        """Give what has passed on each."""
        return tuple(now - before for now, before in zip(self.now(), self.before, strict=True))


@dataclass(frozen=True, slots=True)
class Measuring:
    """The measurements, in their order; each gives its lines."""

    desk: Desk
    progress: Progress
    rounds: int

    async def rest(self, faxes: list[str]) -> list[Line]:
        """Let everything happen once to some watches, so that what is measured next is not what the first one costs."""
        by_command, others = faxes[::2], faxes[1::2]
        await self.typed("watch", by_command, self.desk.typists(len(by_command)))
        await self.desk.bot.begin(list(self.desk.watches_of(others)))
        await self.told(len(faxes), faxes, "warming up")
        # What was only needed for that is given back by then.
        await asyncio.sleep(0.5)
        return [Line("memory at rest, once warm", self.desk.bot.resident(), "MB", 90, 70)]

    async def begun(self, faxes: list[str], rest: float) -> list[Line]:
        """Begin a watch of each fax, one after the other."""
        seconds: list[float] = []
        watches = list(self.desk.watches_of(faxes))
        with self.counting("begin, from within", len(watches), lambda: len(seconds)):
            for first in range(0, len(watches), BATCH):
                seconds += await self.desk.bot.begin(watches[first : first + BATCH])
        memory = Line("memory over rest, all watches running", self.desk.bot.resident() - rest, "MB", 10, 5)
        return [memory, *spread("start of a watch", seconds, 1)]

    async def commanded(self, faxes: list[str], people: list[str]) -> list[Line]:
        """Begin a second watch of some faxes by command: the first half one after the other, the others together."""
        half = len(faxes) // 2
        alone = await self.typed("watch", faxes[:half], people, at_once=1)
        clock = Clock(self.desk)
        together = await self.typed("watch", faxes[half:], people)
        wall, *_ = clock.passed()
        return [
            *spread("/fax watch, one by one", alone),
            *spread(f"/fax watch, {AT_ONCE} at once", together),
            Line(f"/fax watch, {AT_ONCE} at once", len(together) / wall, "/s"),
        ]

    async def polled(self, faxes: list[str]) -> list[Line]:
        """Let all fall due some times, while the faxes still wait. Raises NotAsPromised."""
        rounds = [await self.polled_once(faxes, f"poll, round {number}") for number in range(1, self.rounds + 1)]
        rates, costs = zip(*rounds, strict=True)
        return [
            Line(f"polls, median of {self.rounds} rounds", median(rates), "/s"),
            Line("CPU of the bot for 1,000 polls", median(costs), "s"),
            Line("polls of a fax that two people watch", 1),
        ]

    async def polled_once(self, faxes: list[str], words: str) -> tuple[float, float]:
        """Poll each fax once, and give the polls a second and the bot's CPU seconds for 1,000. Raises NotAsPromised."""
        server, clock = self.desk.fax_server, Clock(self.desk)
        before, asked = server.total, [server.count(fax_id) for fax_id in faxes]

        async def given_back() -> bool:
            return server.total >= before + len(faxes) and not await self.desk.unfinished()

        await self.desk.let_all_fall_due()
        with self.counting(words, len(faxes), lambda: server.total - before):
            await self.until(given_back)
        _, bot, *_ = clock.passed()
        times = {server.count(fax_id) - count for fax_id, count in zip(faxes, asked, strict=True)}
        require(holds=times == {1}, otherwise=f"A fax was asked about {max(times)} times in one round.")
        requests = list(server.requests)[-len(faxes) :]
        return (len(requests) - 1) / (requests[-1].at - requests[0].at), bot / len(faxes) * 1000

    async def ended(self, faxes: list[str], rest: float) -> list[Line]:
        """Let all faxes become final, and wait until everybody is told. Raises NotAsPromised."""
        clock = Clock(self.desk)
        replies, began = await self.told(len(faxes), faxes, "end")
        wall, bot, playground, database, others = clock.passed()
        edits = [call for call in replies.calls if call.method == "chat.update"]
        require(holds=len(edits) == len(faxes) // 2, otherwise=f"{len(edits)} cards were edited.")
        seconds = replies.last - began
        return [
            Line("all told", seconds, "s", 30, 15),
            Line("endings", len(faxes) / seconds, "/s"),
            Line("calls to Slack for an ending", len(replies.calls) / len(faxes)),
            Line("CPU of the bot for an ending", bot / len(faxes) * 1000, "ms"),
            Line("endings told exactly once", len(replies.marks)),
            Line("while ending: CPU of the bot", 100 * bot / wall, "% of a core"),
            Line("while ending: CPU of the playground", 100 * playground / wall, "% of a core"),
            Line("while ending: CPU of the database's server", 100 * database / wall, "% of a core"),
            Line("while ending: CPU of everything else here", 100 * others / wall, "% of a core"),
            Line("memory over rest, at the end", self.desk.bot.resident() - rest, "MB"),
        ]

    async def told(self, count: int, faxes: list[str], words: str) -> tuple[Replies, float]:
        """Let these faxes be final and due, and wait until so many watches are told. Raises NotAsPromised."""
        self.desk.put(faxes, "Completed")
        replies, began = Replies(self.desk.slack), time.monotonic()
        await self.desk.let_all_fall_due()

        async def over() -> bool:
            return replies.count() >= count and not await self.desk.count()

        with self.counting(words, count, replies.count):
            await self.until(over)
        often = [mark for mark, times in replies.marks.items() if times != 1]
        require(holds=not often, otherwise=f"{len(often)} endings were told more than once.")
        require(holds=len(replies.marks) == count, otherwise=f"{len(replies.marks)} of {count} endings were told.")
        return replies, began

    async def typed(self, word: str, faxes: Sequence[str], people: list[str], *, at_once: int = AT_ONCE) -> list[float]:
        """Let people type a command about each fax, and give the seconds that each answer took."""
        seconds: list[float] = []
        coming = iter([(fax_id, people[number % len(people)]) for number, fax_id in enumerate(faxes)])

        async def type_on() -> None:
            for fax_id, person in coming:
                delivery = await self.desk.slack.command("/fax", f"{word} {fax_id}", user=person, channel=SUPPORT)
                require(holds=delivery.acked, otherwise=f"/fax {word} was answered with {delivery.failure}.")
                seconds.append(delivery.seconds)

        with self.counting(f"/fax {word}, {at_once} at once", len(faxes), lambda: len(seconds)):
            await asyncio.gather(*(type_on() for _ in range(at_once)))
        return seconds

    async def until(self, holds: Callable[[], Awaitable[bool]]) -> None:
        """Wait until this holds. Raises BotGone, and NotAsPromised where it does not within a quarter of an hour."""
        end = time.monotonic() + WITHIN
        while not await holds():
            self.desk.bot.require_alive()
            require(holds=time.monotonic() < end, otherwise=f"It was not done within {WITHIN:.0f} s.")
            await asyncio.sleep(LOOKS)

    @contextmanager
    def counting(self, words: str, total: int, count: Callable[[], int]) -> Iterator[None]:
        """Show how far it is."""
        bar = self.progress.add_task(words, total=total)

        async def show() -> None:
            while True:
                self.progress.update(bar, completed=count())
                await asyncio.sleep(0.25)

        showing = asyncio.create_task(show())
        try:
            yield
        finally:
            showing.cancel()
            self.progress.update(bar, completed=count())


async def measured(kind: Kind, watches: int, rounds: int, progress: Progress) -> tuple[str, list[Line]]:
    """Measure everything, and give the table's title and its lines. Raises NotAsPromised, BotGone."""
    commands = min(2 * MOST_COMMANDS, watches // 2)
    people = (watches + commands + WARMING) // PER_PERSON + 4  # each of four groups may end with less than a full one
    with TemporaryDirectory(prefix="faxbot-") as folder:
        async with open_desk(kind.value, people, Path(folder)) as desk:
            measuring = Measuring(desk, progress, rounds)
            lines = await measuring.rest(desk.faxes(watches, min(WARMING, watches)))
            rest, faxes = lines[0].figure, desk.faxes(0, watches)
            lines += await measuring.begun(faxes, rest)
            shared, typists = faxes[:commands], desk.typists(commands)
            lines += await measuring.commanded(shared, typists)
            lines += await measuring.polled(faxes)
            await measuring.typed("unwatch", shared, typists)
            lines += await measuring.ended(faxes, rest)
            return (
                f"{watches:,} watches on {watches:,} faxes, {desk.database.name}; targets are for {TARGETS_FOR:,}",
                lines,
            )


def main(
    *,
    watches: Annotated[int, typer.Option(min=20, help="How many, each on a fax of its own.")] = TARGETS_FOR,
    database: Annotated[Kind, typer.Option(help="Where they are kept.")] = Kind.SQLITE,
    rounds: Annotated[int, typer.Option(min=1, help="How often all of them are polled.")] = 3,
) -> None:
    """Measure watches against the whole bot."""
    complaints = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    try:
        with Progress(*columns, console=complaints) as progress:
            title, lines = uvloop.run(measured(database, watches, rounds, progress))
    except (BotGone, NotAsPromised) as broken:
        complaints.print(str(broken), markup=False)
        raise typer.Exit(1) from None
    Console(width=WIDTH).print(table(title, lines, judged=watches >= TARGETS_FOR))


if __name__ == "__main__":
    typer.run(main)
