"""The watches of this process: taken from the database when they are due, asked about, told, given back."""

import asyncio
import random
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from typing import Any

import structlog

from bot.store import Store, StoreUnreachable
from bot.tasks import Tasks
from bot.watches.asking import Asking
from bot.watches.effects import Effects
from bot.watches.leases import Leases, Taken
from bot.watches.rows import Rows
from bot.watches.telling import Telling
from bot.watches.watch import Counts, Rhythm, Started, Step, Watch

log = structlog.get_logger(__name__)


class Watches:
    """Starts, stops and lists watches, and works on them while it runs; any number of processes on one database.

    `chance` gives a number from 0 to 1, and bends the pauses. What people want of their watches raises
    StoreUnreachable when the database gives no answer; the work waits for it.
    """

    def __init__(
        self, store: Store, effects: Effects[Any], rhythm: Rhythm, chance: Callable[[], float] = random.random
    ) -> None:
        self.rows = Rows(store, rhythm)
        self.leases = Leases(self.rows)
        self.rhythm = rhythm
        self.chance = chance
        self.asking = Asking(self.leases, effects, chance)
        self.telling = Telling(self.leases, effects, chance, self.pause)
        self.in_hand: dict[str, asyncio.Task[None]] = {}
        self.tasks = Tasks(rhythm.at_once)
        self.going = asyncio.Event()
        self.going.set()
        self.paused = asyncio.Event()
        self.was_away = True

    async def start(self, watch: Watch) -> Started:
        """Begin to watch; the first look is after the first pause."""
        return await self.rows.start(watch, self.rhythm.pause(0, self.chance()))

    async def stop(self, person: str, fax_id: str) -> list[Step]:
        """End this person's watches of a fax, also those just being told, and say how far each was."""
        return await self.rows.stop(person, fax_id)

    async def of(self, person: str) -> list[Watch]:
        """Give this person's watches, the oldest first."""
        return await self.rows.of(person)

    async def count(self) -> Counts:
        """Count the watches of all processes."""
        return await self.rows.count()

    @property
    def most_running(self) -> int:
        """How many watches one person may have."""
        return self.rhythm.most_running

    @property
    def outcomes(self) -> Mapping[str, int]:
        """What came of the watches in this process: by an ending's word, `refused` by the policy, or `unsaid`."""
        return self.telling.ended

    @property
    def put_off(self) -> int:
        """How often in this process Slack did not take what was to be told."""
        return self.telling.put_off

    def pause(self) -> None:
        """Take no more watches, since Slack does not know us; those in hand are put off by themselves."""
        if self.going.is_set():
            log.warning("the watches pause: Slack does not accept our token")
        self.going.clear()
        self.paused.set()

    def resume(self) -> None:
        """Go on: to be called whenever Slack knows us, whoever paused."""
        if not self.going.is_set():
            log.info("the watches go on")
            self.was_away = True
        self.going.set()
        self.paused.clear()

    async def until_paused(self, seconds: float) -> None:
        """Wait until the watches pause, but no longer than this; where they do already, just so long."""
        if not self.going.is_set():
            await asyncio.sleep(seconds)
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self.paused.wait()

    async def run(self) -> None:
        """Work on what is due until cancelled; what is in hand then is brought to its end, within a lease."""
        try:
            while True:
                await self.going.wait()
                try:
                    more = await self.begin_what_is_due()
                except StoreUnreachable as error:
                    log.debug("the watches wait for the database", problem=error.problem)
                    self.was_away = True
                    more = False
                if not more:
                    await asyncio.sleep(self.rhythm.about(self.rhythm.idle, self.chance()))
        finally:
            await self.tasks.drain(self.rhythm.lease)

    async def begin_what_is_due(self) -> bool:
        """Begin as many faxes as can be worked on at once, and say whether more are to be expected right away."""
        if self.was_away:
            await self.leases.spread()
            # Another process may have told what it could not delete meanwhile: it does so first.
            await asyncio.sleep(self.rhythm.idle)
            self.was_away = False
        room = self.rhythm.at_once - len(self.in_hand)
        if room < self.rhythm.at_once / 2:
            # To take many costs the database hardly more than to take one; but slow faxes hold nobody up for long.
            pause = self.rhythm.apart if room else None
            done, _ = await asyncio.wait(self.in_hand.values(), timeout=pause, return_when=asyncio.FIRST_COMPLETED)
            if done:
                return True
            room = self.rhythm.at_once - len(self.in_hand)
        taken = await self.leases.take(room, self.in_hand)
        for fax_id, one in taken.items():
            task = self.in_hand[fax_id] = self.tasks.start(self.work_on(fax_id, one))
            task.add_done_callback(partial(self.put_down, fax_id))
        return len(taken) == room

    def put_down(self, fax_id: str, _task: asyncio.Task[None]) -> None:
        """Have a fax in hand no more."""
        del self.in_hand[fax_id]

    async def work_on(self, fax_id: str, taken: Taken) -> None:
        """Ask about a fax once for all who wait for it, and tell those for whom it has come to an end."""
        held = taken.held()
        waiting = [one for one in held if one.step is Step.WAITING]
        try:
            ended = await self.asking.ended(fax_id, waiting) if waiting else []
        except StoreUnreachable as error:
            log.debug("a watched fax waits for the database", fax=fax_id, problem=error.problem)
            ended = []
        to_tell = [one for one in held if one.step is not Step.WAITING] + ended
        await asyncio.gather(*(self.telling.tell(one, one.ending) for one in to_tell if one.ending))
