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

import structlog
from sqlalchemy import (
    ColumnElement,
    Double,
    FromClause,
    Integer,
    Row,
    Update,
    and_,
    bindparam,
    case,
    delete,
    exists,
    func,
    literal,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.sql.dml import ReturningUpdate

from bot.store.tables import watches
from bot.watches.rows import Rows, watch_of
from bot.watches.together import Together
from bot.watches.watch import Ending, Held, Step

FRONT = 256
"""How many watches that are due are looked at to choose among their faxes."""
BEGUN_ANEW: Mapping[str, Any] = {"step": Step.WAITING.value, "ending": None, "doubt": None, "tries": 0, "sends": 0}
"""What is written of a watch that waits again."""

log = structlog.get_logger(__name__)


class LeaseLost(Exception):
    """The watch was stopped, or may be somebody else's by now: nothing more is done about it here."""


@dataclass(frozen=True, slots=True)
class Taken:
    """The watches of one fax as they were taken, and until when (on the monotonic clock) they are surely ours."""

    rows: Sequence[Row[Any]]
    until: float

    def held(self) -> list[Held]:
        """Read them; what another version has written, and this one cannot read, is left to it."""
        held = []
        for row in self.rows:
            try:
                held.append(held_of(row, self.until))
            except (KeyError, ValueError):
                log.error("a watch cannot be read", watch=row.id)  # noqa: TRY400 - the trace says nothing more
        return held


def held_of(row: Row[Any], until: float) -> Held:
    """Read one. Raises KeyError or ValueError for what no version known here writes."""
    return Held(
        watch_of(row),
        Step(row.step),
        Ending(row.ending) if row.ending else None,
        doubt=row.doubt,
        warned=row.warned,
        tries=row.tries,
        sends=row.sends,
        age=row.age,
        lease=row.lease,
        until=until,
    )


@dataclass(frozen=True, slots=True)
class Written:
    """A step to be written for a watch, if this lease still holds; `tries` and `sends` as they are from then on."""

    id: str
    lease: str
    step: Step
    ending: Ending
    tries: int
    sends: int


@dataclass(frozen=True, slots=True)
class Waits:
    """Watches of one fax to be asked about again in `pause` seconds; `noted` is what the look gave, if anything."""

    fax_id: str
    ids: tuple[str, ...]
    lease: str
    pause: float
    noted: tuple[tuple[str, str | None], ...]


class Leases:
    """What the loop asks of the database; each method raises StoreUnreachable when there is no answer."""

    def __init__(self, rows: Rows) -> None:
        self.rows = rows.store.rows
        self.now = rows.now
        self.rhythm = rows.rhythm
        # To build a statement costs more than to run it.
        self.taking = self.to_take()
        self.stepping = self.to_step()
        self.steps = Together(self.write_steps)
        self.endings = Together(self.delete)
        self.waits = Together(self.write_waits)

    def due(self, table: FromClause) -> ColumnElement[bool]:
        """Tell what is to be worked on; due later than any pause means that the database's clock was set back."""
        horizon = self.rhythm.longest * (1 + self.rhythm.jitter) + self.rhythm.to_confirm + self.rhythm.lease
        return or_(
            table.c.due <= self.now,
            and_(table.c.lease.is_(None), table.c.due > self.now + horizon),
        )

    async def take(self, faxes: int, besides: Collection[str]) -> Mapping[str, Taken]:
        """Take the watches of so many faxes, those that have waited longest, by the id of the fax.

        A fax comes with all its watches that wait for its end, due or not, so that one poll is for all of them.
        `besides` are those that this process has in hand, whatever the database's clock says.
        """
        until = monotonic() + self.rhythm.lease
        values = {"faxes": faxes, "besides": list(besides), "token": secrets.token_hex(8)}
        by_fax: dict[str, list[Row[Any]]] = defaultdict(list)
        for row in await self.rows(self.taking, values):
            by_fax[row.fax_id].append(row)
        return {fax_id: Taken(rows, until) for fax_id, rows in by_fax.items()}

    def to_take(self) -> ReturningUpdate[Any]:
        """Give the statement that takes watches, with places for `faxes`, `besides` and `token`."""
        # A few of those that are due; those that are being told come first, by the order of the steps' words.
        front = (
            select(watches.c.id, watches.c.fax_id, watches.c.step, watches.c.due)
            .where(self.due(watches), watches.c.fax_id.not_in(bindparam("besides", expanding=True)))
            .order_by(watches.c.step, watches.c.due, watches.c.id)
            .limit(FRONT)
            .cte("front")
            .prefix_with("MATERIALIZED", dialect="postgresql")
        )
        # One row stands for its fax, so that no two processes lock two rows of the same.
        standing = (
            select(*(func.min(front.c[name]).label(name) for name in ("id", "step", "due")))
            .group_by(front.c.fax_id)
            .subquery("standing")
        )
        sibling = watches.alias()
        held = exists().where(
            sibling.c.fax_id == watches.c.fax_id, sibling.c.lease.is_not(None), sibling.c.due > self.now
        )
        chosen = (
            select(watches.c.fax_id)
            .join(standing, standing.c.id == watches.c.id)
            .where(~held)
            .order_by(standing.c.step, standing.c.due)
            .limit(bindparam("faxes", type_=Integer))
            .with_for_update(skip_locked=True, of=watches)
            .cte("chosen")
            # Else PostgreSQL may look more than once, and take more than it was told to.
            .prefix_with("MATERIALIZED", dialect="postgresql")
        )
        waiting = and_(watches.c.step == Step.WAITING.value, watches.c.lease.is_(None))
        return (
            update(watches)
            .where(watches.c.fax_id.in_(select(chosen.c.fax_id)), or_(self.due(watches), waiting))
            .values(lease=bindparam("token"), due=self.now + self.rhythm.lease)
            .returning(watches, (self.now - watches.c.created).label("age"))
        )

    async def step(self, held: Held, step: Step, ending: Ending, *, sending: bool = False) -> Held:
        """Write the next step, with the lease begun anew, right before a reply if `sending`. Raises LeaseLost."""
        until = monotonic() + self.rhythm.lease
        tries = 0 if held.step is Step.WAITING else held.tries
        sends = (held.sends if held.step is step else 0) + sending
        if not await self.steps(Written(held.watch.id, held.lease, step, ending, tries, sends)):
            raise LeaseLost
        return replace(held, step=step, ending=ending, tries=tries, sends=sends, until=until)

    async def write_steps(self, written: Sequence[Written]) -> Collection[Written]:
        """Write steps, and give those whose lease held."""
        alike: dict[tuple[Step, Ending, int, int], dict[tuple[str, str], Written]] = defaultdict(dict)
        for one in written:
            alike[one.step, one.ending, one.tries, one.sends][one.id, one.lease] = one
        held = []
        for (step, ending, tries, sends), ones in alike.items():
            values = {"to": step.value, "told": ending.value, "tried": tries, "sent": sends, "keys": list(ones)}
            held += [ones[row.id, row.lease] for row in await self.rows(self.stepping, values)]
        return held

    def to_step(self) -> ReturningUpdate[Any]:
        """Give the statement that writes a step, with places for it and for the `keys` of watches."""
        return (
            update(watches)
            .where(tuple_(watches.c.id, watches.c.lease).in_(bindparam("keys", expanding=True)))
            .values(
                step=bindparam("to"),
                ending=bindparam("told"),
                tries=bindparam("tried"),
                sends=bindparam("sent"),
                due=self.now + self.rhythm.lease,
            )
            .returning(watches.c.id, watches.c.lease)
        )

    async def over(self, held: Held) -> None:
        """Delete a watch that is told, or not to be told: a fact, whoever holds the lease by now."""
        await self.endings(held.watch.id)

    async def delete(self, ids: Sequence[str]) -> Collection[str]:
        """Delete watches."""
        await self.rows(delete(watches).where(watches.c.id.in_(ids)))
        return ids

    async def warned(self, held: Held, pause: float) -> None:
        """Note that it was told that the fax cannot be read, and wait on: a fact too."""
        statement = update(watches).where(watches.c.id == held.watch.id, watches.c.step != Step.WAITING.value)
        await self.rows(statement.values(**BEGUN_ANEW, warned=True, **self.free(pause)))

    async def reopen(self, held: Held, pause: float) -> None:
        """Wait for the fax again, which is not over after all."""
        await self.rows(self.ours(held).values(**BEGUN_ANEW, **self.free(pause)))

    async def wait(self, held: Sequence[Held], pause: float, **noted: str | None) -> None:
        """Give back watches of one fax, to be asked about again; `noted` is what the look gave."""
        ids = tuple(one.watch.id for one in held)
        await self.waits(Waits(held[0].watch.fax_id, ids, held[0].lease, pause, tuple(noted.items())))

    async def write_waits(self, written: Sequence[Waits]) -> Collection[Waits]:
        """Give back the watches of many faxes, each for its own pause."""
        alike: dict[tuple[tuple[str, str | None], ...], list[Waits]] = defaultdict(list)
        for one in written:
            alike[one.noted].append(one)
        for noted, ones in alike.items():
            keys = [(watch_id, one.lease) for one in ones for watch_id in one.ids]
            pause = case({one.fax_id: literal(one.pause, Double) for one in ones}, value=watches.c.fax_id)
            changed = {"tries": watches.c.tries + 1, "lease": None, "due": self.now + pause, **dict(noted)}
            await self.rows(update(watches).where(tuple_(watches.c.id, watches.c.lease).in_(keys)).values(**changed))
        return written

    async def put_off(self, held: Held, pause: float, *, unsent: bool = False) -> None:
        """Give back a watch that could not be told, to be told later; `unsent`: surely nobody has seen anything."""
        as_before = {"step": Step.ENDED.value, "sends": 0} if unsent else {}
        await self.rows(self.ours(held).values(tries=watches.c.tries + 1, **as_before, **self.free(pause)))

    def free(self, pause: float) -> Mapping[str, ColumnElement[float] | None]:
        """Give what makes a watch anybody's, in so many seconds."""
        return {"lease": None, "due": self.now + pause}

    def ours(self, held: Held) -> Update:
        """Begin a statement about a watch, as far as it is still ours."""
        return update(watches).where(watches.c.id == held.watch.id, watches.c.lease == held.lease)

    async def spread(self) -> None:
        """Let the polls that are overdue fall due one after the other, within the longest pause."""
        late = (watches.c.step == Step.WAITING.value, self.due(watches))
        faxes = await self.rows(select(func.count(watches.c.fax_id.distinct())).where(*late))
        apart = min(self.rhythm.apart, self.rhythm.longest / max(1, faxes[0][0]))
        turn = func.dense_rank().over(order_by=watches.c.fax_id) - 1
        turns = select(watches.c.id, turn.label("turn")).where(*late).cte("turns")
        await self.rows(
            update(watches).where(watches.c.id == turns.c.id, *late).values(due=self.now + turns.c.turn * apart)
        )
