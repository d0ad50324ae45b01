"""The table of the watches, as people know them: started, stopped, listed, counted. Every time is the database's."""

import asyncio
from collections.abc import Mapping
from typing import Any
from weakref import WeakValueDictionary

from sqlalchemy import BindParameter, Boolean, Double, Row, and_, bindparam, delete, exists, func, literal, or_, select
from sqlalchemy.sql.dml import ReturningInsert

from bot.slack import is_direct
from bot.store import Store
from bot.store.tables import watches
from bot.watches.watch import Counts, InDirectMessage, OnMessage, OnUnfurl, Place, Rhythm, Started, Step, Watch

KINDS: Mapping[str, type[Place]] = {"message": OnMessage, "unfurl": OnUnfurl, "direct": InDirectMessage}
NAMES = {kind: name for name, kind in KINDS.items()}
FIELDS: Mapping[type[Place], tuple[str, ...]] = {
    OnMessage: ("channel", "ts", "thread_ts", "sharer"),
    OnUnfurl: ("channel", "ts", "thread_ts", "link"),
    InDirectMessage: ("channel",),
}
"""What of a place is stored, each in the column of its name."""
KEY = (watches.c.fax_id, watches.c.channel, watches.c.ts, watches.c.person)
STORED = ("id", "fax_id", "person", "team", "asked_in", "place", "channel", "ts", "thread_ts", "sharer", "link")
"""What a new watch brings along."""


def new(name: str) -> BindParameter[Any]:
    """Give the place in a statement for a value of the watch that is to begin."""
    return bindparam(f"new_{name}", type_=watches.c[name].type)


SAME = and_(
    *(column == new(column.name) for column in KEY if column is not watches.c.ts),
    # Whatever is watched in a direct message, it is one place.
    or_(watches.c.ts == new("ts"), bindparam("direct", type_=Boolean)),
)
"""Tells whether somebody has the same watch already."""


class Rows:
    """What people want of their watches; each method raises StoreUnreachable when the database gives no answer."""

    def __init__(self, store: Store, rhythm: Rhythm) -> None:
        self.store = store
        self.rhythm = rhythm
        self.now = store.dialect.now
        # To build a statement costs more than to run it.
        self.starting = self.to_start()
        self.turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def start(self, watch: Watch, first: float) -> Started:
        """Note a watch, to be worked on in `first` seconds, unless its person has it already, or too many."""
        values = {**values_of(watch), "first": first, "direct": is_direct(watch.place.channel)}
        # In turn, so that the count is right: two at once would not see each other. Other processes are not waited for.
        async with self.turns.setdefault(watch.person, asyncio.Lock()):
            if await self.store.rows(self.starting, values):
                return Started.NEW
        return Started.ALREADY if await self.store.rows(select(watches.c.id).where(SAME), values) else Started.TOO_MANY

    def to_start(self) -> ReturningInsert[Any]:
        """Give the statement that notes a watch, with a place for each of its values, and for `first`."""
        row = {
            **{name: new(name) for name in STORED},
            "created": self.now,
            "step": literal(Step.WAITING.value),
            "warned": literal(value=False),
            "tries": literal(0),
            "sends": literal(0),
            "due": self.now + bindparam("first", type_=Double),
        }
        running = select(func.count()).where(watches.c.person == new("person")).scalar_subquery()
        one = select(*row.values()).where(running < self.rhythm.most_running, ~exists().where(SAME))
        insert = self.store.dialect.insert(watches).from_select(list(row), one, include_defaults=False)
        return insert.on_conflict_do_nothing(index_elements=KEY).returning(watches.c.id)

    async def stop(self, person: str, fax_id: str) -> list[Step]:
        """End this person's watches of a fax, and say how far each was."""
        mine = delete(watches).where(watches.c.person == person, watches.c.fax_id == fax_id)
        return [Step(row.step) for row in await self.store.rows(mine.returning(watches.c.step))]

    async def of(self, person: str) -> list[Watch]:
        """Give this person's watches, the oldest first."""
        mine = select(watches).where(watches.c.person == person).order_by(watches.c.created, watches.c.id)
        return [watch_of(row) for row in await self.store.rows(mine)]

    async def count(self) -> Counts:
        """Count them; overdue is what nobody has worked on for the length of a lease."""
        overdue = func.count().filter(watches.c.due <= self.now - self.rhythm.lease)
        oldest = func.coalesce(func.max(self.now - watches.c.created), 0.0)
        running = func.count().label("running")
        asking = select(running, overdue.label("overdue"), oldest.label("oldest")).select_from(watches)
        (row,) = await self.store.rows(asking)
        return Counts(row.running, row.overdue, row.oldest)


def values_of(watch: Watch) -> dict[str, str | None]:
    """Give what a watch brings along, each for its place; a direct message itself has an empty ts."""
    stored = dict.fromkeys(STORED) | {
        "id": watch.id,
        "fax_id": watch.fax_id,
        "person": watch.person,
        "team": watch.team,
        "asked_in": watch.asked_in,
        "place": NAMES[type(watch.place)],
        "ts": "",
        **{name: getattr(watch.place, name) for name in FIELDS[type(watch.place)]},
    }
    return {f"new_{name}": value for name, value in stored.items()}


def watch_of(row: Row[Any]) -> Watch:
    """Read a watch out of its row."""
    kind = KINDS[row.place]
    place = kind(**{name: getattr(row, name) for name in FIELDS[kind]})
    return Watch(row.fax_id, row.person, row.team, place, row.asked_in, row.id, row.created)
