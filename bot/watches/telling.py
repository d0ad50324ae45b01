"""The end of one watch, told once: each step is written before it is taken, and a lost lease stops the next.

    ENDED ──▶ allowed? ──▶ draw ──▶ edit ──▶ REPLYING ──▶ reply ──▶ deleted
                             │
                             ├── the place is gone ──▶ draw ──▶ DIRECTLY ──▶ direct message ──▶ deleted
                             └── the fax goes on after all ──▶ WAITING

A watch that is taken again at REPLYING or DIRECTLY may have been told already: Slack is asked for the mark first.
Where Slack said no, nothing was sent, and it is ENDED again.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine
from time import monotonic
from typing import Any, TypeVar

import structlog

from bot import audit
from bot.store import StoreUnreachable
from bot.watches.effects import Effects, GoesOn, PlaceGone, TokenRevoked, TryLater, Verdict
from bot.watches.leases import LeaseLost, Leases
from bot.watches.watch import Ending, Held, Step, asker_of

log = structlog.get_logger(__name__)
Answer = TypeVar("Answer")
UNSAID, REFUSED = "unsaid", "refused"


class NotSent(TryLater):
    """Slack refused a message for now: surely nobody sees it."""


class NeverKnown(Exception):
    """Replies were begun, and whether people see them cannot be learnt."""


class NoAnswer(Exception):
    """It cannot be known what became of something that was asked of Slack."""


class Telling:
    """Tells endings, so many at once; `revoked` is called where Slack accepts our token no more.

    `ended` counts what came of the watches: the word of an ending, `refused` by the policy, or `unsaid`; `put_off` how
    often Slack did not take what was to be told.
    """

    def __init__(
        self, leases: Leases, effects: Effects[Any], chance: Callable[[], float], revoked: Callable[[], None]
    ) -> None:
        self.leases = leases
        self.rhythm = leases.rhythm
        self.effects = effects
        self.chance = chance
        self.revoked = revoked
        self.ended: Counter[str] = Counter()
        self.put_off = 0
        self.turns = asyncio.Semaphore(self.rhythm.at_once)

    async def tell(self, held: Held, ending: Ending) -> None:
        """Tell an ending that is written; else put the watch off, or let it end unsaid when its time is over.

        Where the database is away it is not put off: it falls due again when the lease lapses.
        """
        async with self.turns:
            try:
                await self.try_to_tell(held, ending)
            except StoreUnreachable as error:
                log.debug("a watch waits for the database", watch=held.watch.id, problem=error.problem)
            except Exception:
                log.exception("telling a watch broke", watch=held.watch.id)

    async def try_to_tell(self, held: Held, ending: Ending) -> None:
        """Tell it, and write what came of it."""
        try:
            outcome = await self.told(held, ending)
        except LeaseLost:
            log.info("a watch was stopped, or is somebody else's by now", watch=held.watch.id)
        except GoesOn:
            await self.leases.reopen(held, self.rhythm.pause(0, self.chance()))
        except TokenRevoked:
            self.revoked()
            self.put_off += 1
            await self.leases.put_off(held, self.rhythm.pause(0, self.chance()))
        except NotSent as later:
            await self.later(held, later.wait, unsent=True)
        except TryLater as later:
            await self.later(held, later.wait)
        except NoAnswer:
            await self.later(held)
        else:
            await self.settle(held, outcome)

    async def told(self, held: Held, ending: Ending) -> str:
        """Do what is left to do, and give what came of it.

        Raises LeaseLost, GoesOn, TokenRevoked, TryLater, NotSent, NoAnswer.
        """
        verdict = await self.effect(held, ending, lambda: self.effects.allowed(held.watch))
        if verdict is Verdict.UNKNOWN:
            raise NoAnswer
        if verdict is Verdict.REFUSED:
            return REFUSED
        try:
            if held.step.being_told and await self.is_told(held, ending):
                return ending.value
            if held.step is not Step.DIRECTLY:
                await self.tell_there(held, ending)
                return ending.value
        except PlaceGone:
            log.info("the place of a watch is gone", watch=held.watch.id)
        except NeverKnown:
            log.warning(
                "a watch is told by direct message: what is told in its place is not known", watch=held.watch.id
            )
        return await self.tell_directly(held, ending)

    async def is_told(self, held: Held, ending: Ending) -> bool:
        """Ask Slack for the mark; where that cannot be known, it is told rather twice than never, but not for ever.

        Raises NeverKnown after the second reply, for a direct message, whose history is open to us; if that one's is
        closed too, it counts as told.
        """
        directly = held.step is Step.DIRECTLY
        told = await self.effect(
            held, ending, lambda: self.effects.already_told(held.watch, held.mark(ending), directly=directly)
        )
        if told is not None:
            return told
        log.warning(
            "a watch may be told twice: its reply was begun, and Slack's history is closed to us",
            watch=held.watch.id,
            sends=held.sends,
        )
        if held.sends < self.rhythm.most_sends:
            return False
        if not directly:
            raise NeverKnown
        return True

    async def tell_there(self, held: Held, ending: Ending) -> None:
        """Edit and reply. Raises PlaceGone too."""
        watch = held.watch
        drawn = await self.effect(held, ending, lambda: self.effects.drawn(watch, ending, directly=False))
        if not held.step.being_told:
            await self.edit(held, ending, drawn)
        begun = await self.leases.step(held, Step.REPLYING, ending, sending=True)
        await self.send(begun, ending, lambda: self.effects.reply(watch, drawn, held.mark(ending)))

    async def edit(self, held: Held, ending: Ending, drawn: object) -> None:
        """Bring the card up to date; where Slack does not take that, telling is what counts."""
        try:
            await self.effect(held, ending, lambda: self.effects.edit(held.watch, drawn))
        except (TryLater, NoAnswer):
            if held.tries < self.rhythm.most_edits:
                raise
            log.warning("a card is told about that could not be brought up to date", watch=held.watch.id)

    async def tell_directly(self, held: Held, ending: Ending) -> str:
        """Send a direct message, and give what came of it: nothing, where the person is gone too."""
        watch = held.watch
        drawn = await self.effect(held, ending, lambda: self.effects.drawn(watch, ending, directly=True))
        begun = await self.leases.step(held, Step.DIRECTLY, ending, sending=True)
        try:
            await self.send(begun, ending, lambda: self.effects.tell_directly(watch, drawn, held.mark(ending)))
        except PlaceGone:
            return UNSAID
        return ending.value

    async def send(self, begun: Held, ending: Ending, call: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Show a message to people. Raises NotSent where Slack refused it for now, and what `effect` raises."""
        try:
            await self.effect(begun, ending, call)
        except TryLater as later:
            raise NotSent(later.wait) from None

    async def effect(self, held: Held, ending: Ending, call: Callable[[], Coroutine[Any, Any, Answer]]) -> Answer:
        """Do something that cannot outlast the lease.

        Raises LeaseLost, PlaceGone, GoesOn, TokenRevoked, TryLater, NoAnswer.
        """
        if not self.outlasts(held):
            held = await self.leases.step(held, held.step, ending)
        if not self.outlasts(held):
            raise LeaseLost
        try:
            async with asyncio.timeout(self.rhythm.send):
                return await call()
        except (PlaceGone, GoesOn, TokenRevoked, TryLater):
            raise
        except Exception as error:
            # Whatever it is, the watch is not lost: it is tried until its time is over.
            log.warning("no answer about a watch", watch=held.watch.id, exc_info=error)
            raise NoAnswer from None

    def outlasts(self, held: Held) -> bool:
        """Tell whether the lease surely holds until a call that begins now is given up."""
        return monotonic() + self.rhythm.send <= held.until

    async def later(self, held: Held, wait: float = 0.0, *, unsent: bool = False) -> None:
        """Put the watch off, for as long as Slack asks if that is not absurd; when its time is over, end it unsaid.

        `unsent`: the reply that was begun has surely not been shown.
        """
        over = held.age >= self.rhythm.life
        if over and held.tries >= self.rhythm.most_late:
            await self.settle(held, UNSAID)
            return
        self.put_off += 1
        asked = self.rhythm.at_least(min(wait, self.rhythm.longest), self.chance())
        pause = max(self.rhythm.pause(held.tries, self.chance()), asked)
        await self.leases.put_off(held, pause, unsent=unsent)

    async def settle(self, held: Held, outcome: str) -> None:
        """Write what came of it, as soon as the database takes it."""
        self.ended[outcome] += 1
        watch = held.watch
        # The lines about a watch, which may come days and processes apart, stand under its id.
        audit.note(audit.Event.WATCH_TOLD, asker_of(watch), watch.fax_id, outcome, reference=watch.id, seconds=held.age)
        while True:
            try:
                if outcome == Ending.NOT_READABLE.value:
                    await self.leases.warned(held, self.rhythm.pause(held.tries, self.chance()))
                else:
                    await self.leases.over(held)
            except StoreUnreachable:
                await asyncio.sleep(self.rhythm.idle / 4)
            else:
                return
