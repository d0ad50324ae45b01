"""What became of a fax that somebody waits for: one poll for all of them, and what it means for each."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import structlog

from bot.watches.effects import Effects, Polled
from bot.watches.leases import LeaseLost, Leases
from bot.watches.watch import Ending, Held, Step

ENDINGS: Mapping[Polled, Ending] = {
    Polled.FAILED: Ending.FINAL,
    Polled.FINAL: Ending.FINAL,
    Polled.VANISHED: Ending.VANISHED,
    Polled.NOT_READABLE: Ending.NOT_READABLE,
}
TO_BE_CONFIRMED = frozenset({Polled.FAILED, Polled.VANISHED, Polled.NOT_READABLE})
"""What may pass: a failed fax is sent again, and a server that is just starting answers anything."""

log = structlog.get_logger(__name__)


class Asking:
    """Asks the fax server; `chance` bends the pauses."""

    def __init__(self, leases: Leases, effects: Effects[Any], chance: Callable[[], float]) -> None:
        self.leases = leases
        self.rhythm = leases.rhythm
        self.effects = effects
        self.chance = chance

    async def ended(self, fax_id: str, waiting: Sequence[Held]) -> list[Held]:
        """Ask once, write for whom it has come to an end, and give those; the others wait on."""
        polled = await self.poll(fax_id)
        by_ending: dict[Ending | None, list[Held]] = defaultdict(list)
        for held in waiting:
            by_ending[self.ending_for(polled, held)].append(held)
        if go_on := by_ending.pop(None, None):
            await self.wait(go_on, polled)
        writing = [self.end(held, ending) for ending, ones in by_ending.items() if ending for held in ones]
        return [held for held in await asyncio.gather(*writing) if held]

    async def poll(self, fax_id: str) -> Polled:
        """Ask the fax server; a fault of its own is no answer."""
        try:
            async with asyncio.timeout(self.rhythm.send):
                return await self.effects.poll(fax_id)
        except Exception as error:
            # Whatever it is, the watch is not lost: the fax is asked about again.
            log.warning("no answer about a watched fax", fax=fax_id, exc_info=error)
            return Polled.NO_ANSWER

    def ending_for(self, polled: Polled, held: Held) -> Ending | None:
        """Say what the answer means to this watch; None: it waits on."""
        over = held.age >= self.rhythm.life
        told_before = polled is Polled.NOT_READABLE and held.warned
        in_doubt = polled in TO_BE_CONFIRMED and held.doubt != polled.value and not over
        ending = None if told_before or in_doubt else ENDINGS.get(polled)
        if over and ending in {None, Ending.NOT_READABLE}:
            return Ending.UNANSWERED if polled is Polled.NO_ANSWER else Ending.EXPIRED
        return ending

    async def wait(self, waiting: Sequence[Held], polled: Polled) -> None:
        """Ask again later: the longer it lasts the more so, by the youngest; to confirm something in its own time."""
        if polled in TO_BE_CONFIRMED and not all(held.warned for held in waiting):
            pause = self.rhythm.about(self.rhythm.to_confirm, self.chance())
        else:
            pause = self.rhythm.pause(min(held.tries for held in waiting) + 1, self.chance())
        # Without an answer there is nothing new to note: what was in doubt is still so.
        noted = {} if polled is Polled.NO_ANSWER else {"doubt": polled.value if polled in TO_BE_CONFIRMED else None}
        await self.leases.wait(waiting, pause, **noted)

    async def end(self, held: Held, ending: Ending) -> Held | None:
        """Write that this is to be told; None where the watch is not ours any more."""
        try:
            return await self.leases.step(held, Step.ENDED, ending)
        except LeaseLost:
            return None
