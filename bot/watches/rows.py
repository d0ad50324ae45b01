"""The table of the watches, as people know them: started, stopped, listed, counted. Every time is the database's."""

import asyncio
from collections.abc import Mapping
from typing import Any
from weakref import WeakValueDictionary

from sqlalchemy import Exists, Row, delete, exists, func, literal, select

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


class Rows:
    """What people want of their watches; each method raises StoreUnreachable when the database gives no answer."""

    def __init__(self, store: Store, rhythm: Rhythm) -> None:
        self.store = store
        self.rhythm = rhythm
        self.now = store.dialect.now
        self.turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

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
            "warned": literal(value=False),
            "tries": literal(0),
            "sends": literal(0),
            "due": self.now + first,
        }
        running = select(func.count()).where(watches.c.person == watch.person).scalar_subquery()
        row = select(*values.values()).where(running < self.rhythm.most_running, ~self.same(watch))
        insert = self.store.dialect.insert(watches).from_select(list(values), row, include_defaults=False)
        # In turn, so that the count is right: two at once would not see each other. Other processes are not waited for.
        async with self.turns.setdefault(watch.person, asyncio.Lock()):
            if await self.store.rows(insert.on_conflict_do_nothing(index_elements=KEY).returning(watches.c.id)):
                return Started.NEW
        return Started.ALREADY if await self.store.ask(select(self.same(watch))) else Started.TOO_MANY

    def same(self, watch: Watch) -> Exists:
        """Tell whether this person has the same already; a direct message is one place, whatever is watched in it."""
        *here, ts, person = zip(KEY, key_of(watch), strict=True)
        key = (*here, person) if is_direct(watch.place.channel) else (*here, ts, person)
        return exists().where(*(column == value for column, value in key))

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


def key_of(watch: Watch) -> tuple[str, str, str, str]:
    """Give what makes two watches the same; a direct message has no ts."""
    ts = "" if isinstance(watch.place, InDirectMessage) else watch.place.ts
    return watch.fax_id, watch.place.channel, ts, watch.person


def watch_of(row: Row[Any]) -> Watch:
    """Read a watch out of its row."""
    kind = KINDS[row.place]
    place = kind(**{name: getattr(row, name) for name in FIELDS[kind]})
    return Watch(row.fax_id, row.person, row.team, place, row.asked_in, row.id, row.created)
