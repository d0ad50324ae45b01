"""The table of the watches, as they are worked on: taken under a lease, written about, given back.

A fax is worked on by one process at a time, which takes its watches under one fresh token. `due` is both when a watch
is to be worked on next and, while it is leased, when the lease lapses: so what a dead process held falls due by itself.
What a process writes at the same moment about many watches goes in one statement.
"""

import secrets
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from time import monotonic
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Row, Update, and_, delete, exists, func, or_, select, tuple_, update

from bot.store.tables import watches
from bot.watches.rows import Rows, watch_of
from bot.watches.together import Together
from bot.watches.watch import Ending, Held, Step


class LeaseLost(Exception):
    """The watch was stopped, or may be somebody else's by now: nothing more is done about it here."""


@dataclass(frozen=True, slots=True)
class Taken:
    """The watches of one fax as they were taken, and until when (on the monotonic clock) they are surely ours."""

    rows: Sequence[Row[Any]]
    until: float

    def held(self) -> list[Held]:
        """Read them."""
        return [
            Held(
                watch_of(row),
                Step(row.step),
                Ending(row.ending) if row.ending else None,
                failed_once=row.failed_once,
                warned=row.warned,
                tries=row.tries,
                age=row.age,
                lease=row.lease,
                until=self.until,
            )
            for row in self.rows
        ]


@dataclass(frozen=True, slots=True)
class Written:
    """A step to be written for a watch, if this lease still holds."""

    id: str
    lease: str
    step: Step
    ending: Ending


class Leases:
    """What the loop asks of the database; each method raises StoreUnreachable when there is no answer."""

    def __init__(self, rows: Rows) -> None:
        self.ask = rows.ask
        self.now = rows.now
        self.rhythm = rows.rhythm
        self.steps = Together(self.write_steps)
        self.endings = Together(self.delete)

    def due(self, table: FromClause) -> ColumnElement[bool]:
        """Tell what is to be worked on; due later than any pause means that the database's clock was set back."""
        horizon = self.rhythm.longest * (1 + self.rhythm.jitter) + self.rhythm.after_failed + self.rhythm.lease
        return or_(
            table.c.due <= self.now,
            and_(table.c.lease.is_(None), table.c.due > self.now + horizon),
        )

    async def take(self, faxes: int, besides: Collection[str]) -> Mapping[str, Taken]:
        """Take the watches of so many faxes, those that have waited longest, by the id of the fax.

        A fax comes with all its watches that wait for its end, due or not, so that one poll is for all of them.
        `besides` are those that this process has in hand, whatever the database's clock says.
        """
        sibling = watches.alias()
        same_fax = sibling.c.fax_id == watches.c.fax_id
        held = exists().where(same_fax, sibling.c.lease.is_not(None), sibling.c.due > self.now)
        # One row stands for its fax, so that no two processes lock two rows of the same.
        stands_behind = exists().where(same_fax, self.due(sibling), sibling.c.id < watches.c.id)
        chosen = (
            select(watches.c.fax_id)
            .where(self.due(watches), watches.c.fax_id.not_in(besides), ~held, ~stands_behind)
            .order_by(watches.c.due)
            .limit(faxes)
            .with_for_update(skip_locked=True, of=watches)
            .cte("chosen")
            # Else PostgreSQL may look more than once, and take more than it was told to.
            .prefix_with("MATERIALIZED", dialect="postgresql")
        )
        waiting = and_(watches.c.step == Step.WAITING.value, watches.c.lease.is_(None))
        until = monotonic() + self.rhythm.lease
        taking = (
            update(watches)
            .where(watches.c.fax_id.in_(select(chosen.c.fax_id)), or_(self.due(watches), waiting))
            .values(lease=secrets.token_hex(8), due=self.now + self.rhythm.lease)
            .returning(watches, (self.now - watches.c.created).label("age"))
        )
        by_fax: dict[str, list[Row[Any]]] = defaultdict(list)
        for row in await self.ask(taking):
            by_fax[row.fax_id].append(row)
        return {fax_id: Taken(rows, until) for fax_id, rows in by_fax.items()}

    async def step(self, held: Held, step: Step, ending: Ending) -> Held:
        """Write the next step, with the lease begun anew. Raises LeaseLost."""
        until = monotonic() + self.rhythm.lease
        if not await self.steps(Written(held.watch.id, held.lease, step, ending)):
            raise LeaseLost
        return replace(held, step=step, ending=ending, until=until)

    async def write_steps(self, written: Sequence[Written]) -> Collection[Written]:
        """Write steps, and give those whose lease held."""
        alike: dict[tuple[Step, Ending], dict[tuple[str, str], Written]] = defaultdict(dict)
        for one in written:
            alike[one.step, one.ending][one.id, one.lease] = one
        held = []
        for (step, ending), ones in alike.items():
            statement = (
                update(watches)
                .where(tuple_(watches.c.id, watches.c.lease).in_(ones))
                .values(step=step.value, ending=ending.value, due=self.now + self.rhythm.lease)
                .returning(watches.c.id, watches.c.lease)
            )
            held += [ones[row.id, row.lease] for row in await self.ask(statement)]
        return held

    async def over(self, held: Held) -> None:
        """Delete a watch that is told, or not to be told: a fact, whoever holds the lease by now."""
        await self.endings(held.watch.id)

    async def delete(self, ids: Sequence[str]) -> Collection[str]:
        """Delete watches."""
        await self.ask(delete(watches).where(watches.c.id.in_(ids)))
        return ids

    async def warned(self, held: Held, pause: float) -> None:
        """Note that it was told that the fax cannot be read, and wait on: a fact too."""
        statement = update(watches).where(watches.c.id == held.watch.id, watches.c.step != Step.WAITING.value)
        free = self.free(pause)
        await self.ask(statement.values(step=Step.WAITING.value, ending=None, warned=True, tries=0, **free))

    async def wait(self, held: Sequence[Held], pause: float, *, failed: bool | None) -> None:
        """Give back watches of one fax, to be asked about again; `failed` is what the fax is, if that is known."""
        failed_once = watches.c.failed_once if failed is None else failed
        statement = self.ours(held).values(tries=watches.c.tries + 1, failed_once=failed_once, **self.free(pause))
        await self.ask(statement)

    async def put_off(self, held: Held, pause: float) -> None:
        """Give back a watch that could not be told, to be told later."""
        await self.ask(self.ours([held]).values(tries=watches.c.tries + 1, **self.free(pause)))

    def free(self, pause: float) -> Mapping[str, ColumnElement[float] | None]:
        """Give what makes a watch anybody's, in so many seconds."""
        return {"lease": None, "due": self.now + pause}

    def ours(self, held: Sequence[Held]) -> Update:
        """Begin a statement about watches, as far as they are still ours."""
        ids = [one.watch.id for one in held]
        return update(watches).where(watches.c.id.in_(ids), watches.c.lease == held[0].lease)

    async def spread(self) -> None:
        """Let the polls that are overdue fall due one after the other, within the longest pause."""
        late = (watches.c.step == Step.WAITING.value, self.due(watches))
        faxes = await self.ask(select(func.count(watches.c.fax_id.distinct())).where(*late))
        apart = min(self.rhythm.apart, self.rhythm.longest / max(1, faxes[0][0]))
        turn = func.dense_rank().over(order_by=watches.c.fax_id) - 1
        turns = select(watches.c.id, turn.label("turn")).where(*late).cte("turns")
        await self.ask(
            update(watches).where(watches.c.id == turns.c.id, *late).values(due=self.now + turns.c.turn * apart)
        )
