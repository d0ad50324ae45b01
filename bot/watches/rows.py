"""The table of the watches, as people know them: started, stopped, listed, counted. Every time is the database's."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any
from weakref import WeakValueDictionary

from sqlalchemy import Executable, Row, delete, func, literal, select

from bot.store import Store
from bot.store.problems import in_time, unbroken
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


class Rows:
    """What people want of their watches; each method raises StoreUnreachable when the database gives no answer."""

    def __init__(self, store: Store, rhythm: Rhythm) -> None:
        self.store = store
        self.rhythm = rhythm
        self.now = store.dialect.now
        self.turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def ask(self, statement: Executable) -> Sequence[Row[Any]]:
        """Give the rows of the answer."""
        async with in_time(self.store.spans.question), self.store.engine.connect() as connection:
            result = await unbroken(connection.execute(statement))
            return result.all() if result.returns_rows else []

    async def start(self, watch: Watch, first: float) -> Started:
        """Note a watch, to be worked on in `first` seconds, unless its person has it already, or too many."""
        values = {
            **{column.name: literal(value, column.type) for column, value in zip(KEY, key_of(watch), strict=True)},
            **{name: literal(getattr(watch.place, name), watches.c[name].type) for name in FIELDS[type(watch.place)]},
            "id": literal(watch.id),
            "team": literal(watch.team),
            "asked_in": literal(watch.asked_in),
            "place": literal(NAMES[type(watch.place)]),
            "created": self.now,
            "step": literal(Step.WAITING.value),
            "failed_once": literal(value=False),
            "warned": literal(value=False),
            "tries": literal(0),
            "due": self.now + first,
        }
        running = select(func.count()).where(watches.c.person == watch.person).scalar_subquery()
        row = select(*values.values()).where(running < self.rhythm.most_running)
        insert = self.store.dialect.insert(watches).from_select(list(values), row, include_defaults=False)
        # In turn, so that the count is right: two at once would not see each other. Other processes are not waited for.
        async with self.turns.setdefault(watch.person, asyncio.Lock()):
            if await self.ask(insert.on_conflict_do_nothing(index_elements=KEY).returning(watches.c.id)):
                return Started.NEW
        same = select(watches.c.id).where(*(column == value for column, value in zip(KEY, key_of(watch), strict=True)))
        return Started.ALREADY if await self.ask(same) else Started.TOO_MANY

    async def stop(self, person: str, fax_id: str) -> int:
        """End this person's watches of a fax, and say how many there were."""
        mine = delete(watches).where(watches.c.person == person, watches.c.fax_id == fax_id)
        return len(await self.ask(mine.returning(watches.c.id)))

    async def of(self, person: str) -> list[Watch]:
        """Give this person's watches, the oldest first."""
        mine = select(watches).where(watches.c.person == person).order_by(watches.c.created, watches.c.id)
        return [watch_of(row) for row in await self.ask(mine)]

    async def count(self) -> Counts:
        """Count them; overdue is what nobody has worked on for the length of a lease."""
        overdue = func.count().filter(watches.c.due <= self.now - self.rhythm.lease)
        oldest = func.coalesce(func.max(self.now - watches.c.created), 0.0)
        running = func.count().label("running")
        asking = select(running, overdue.label("overdue"), oldest.label("oldest")).select_from(watches)
        (row,) = await self.ask(asking)
        return Counts(row.running, row.overdue, row.oldest)


def key_of(watch: Watch) -> tuple[str, str, str, str]:
    """Give what makes two watches the same; a direct message has no ts."""
    ts = "" if isinstance(watch.place, InDirectMessage) else watch.place.ts
    return watch.fax_id, watch.place.channel, ts, watch.person


def watch_of(row: Row[Any]) -> Watch:
    """Read a watch out of its row."""
    kind = KINDS[row.place]
    place = kind(**{name: getattr(row, name) for name in FIELDS[kind]})
    return Watch(row.fax_id, row.person, row.team, place, row.asked_in, row.id, row.created)
