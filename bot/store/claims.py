"""Who works on which of Slack's events, so that each is handled once and none is lost.

Nothing of an event is kept but its id. Every question is one statement, so that it is right among many tasks and
many processes, and every time is the database's, so that a process whose clock is wrong does no harm:

    Slack ──event──▶ claim ──▶ Lease                 work on it ──▶ done, or release: another delivery may have it
                       ├─────▶ Taken.UNDER_WAY       somebody does; should they die, the lease lapses
                       └─────▶ Taken.DONE            nothing is left to do
"""

import secrets
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from enum import Enum
from typing import Any

from sqlalchemy import Executable, Row, case, delete, or_, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.migrations import migrate
from bot.store.database import DIALECTS, SPANS, Spans, opened
from bot.store.problems import in_time, unbroken
from bot.store.tables import events, unfurls

FORGOTTEN_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Lease:
    """An event that is ours to work on; the token tells this lease from every other on the same event."""

    event_id: str
    token: str


class Taken(Enum):
    """Why an event is not ours to work on."""

    UNDER_WAY = "under_way"
    DONE = "done"


@asynccontextmanager
async def open_store(url: str, spans: Spans = SPANS) -> AsyncIterator["Store"]:
    """Connect, bring the schema up to date, and close at the end. Raises StoreUnreachable."""
    async with in_time(spans.opening), opened(url, spans.opening) as engine, engine.connect() as connection:
        await connection.run_sync(migrate)
    async with opened(url, spans.question) as engine:
        yield Store(engine, spans)


class Store:
    """The database's answers to the bot; each method raises StoreUnreachable when there is none."""

    def __init__(self, engine: AsyncEngine, spans: Spans) -> None:
        self.engine = engine
        self.spans = spans
        self.dialect = DIALECTS[engine.dialect.name]

    async def rows(self, statement: Executable, values: Mapping[str, Any] | None = None) -> Sequence[Row[Any]]:
        """Give the rows of the answer, with these values in the statement's places; none where it has none."""
        async with in_time(self.spans.question), self.engine.connect() as connection:
            result = await unbroken(connection.execute(statement, values))
            return result.all() if result.returns_rows else ()

    async def ask(self, statement: Executable) -> object:
        """Give the first value of the answer; None where there is none."""
        rows = await self.rows(statement)
        return rows[0][0] if rows else None

    async def ping(self) -> None:
        """Make sure that the database answers and has its tables."""
        await self.ask(select(events.c.event_id).limit(1))

    async def claim(self, event_id: str) -> Lease | Taken:
        """Take an event that nobody has, or whose lease has lapsed; else say why not."""
        lease = Lease(event_id, secrets.token_hex(8))
        over = events.c.until <= self.dialect.now
        row = self.dialect.insert(events).values(
            event_id=event_id, lease=lease.token, until=self.dialect.now + self.spans.lease
        )
        statement = row.on_conflict_do_update(
            index_elements=[events.c.event_id],
            set_={
                "lease": case((over, row.excluded.lease), else_=events.c.lease),
                "until": case((over, row.excluded.until), else_=events.c.until),
            },
        ).returning(events.c.lease)
        holder = await self.ask(statement)
        if holder == lease.token:
            return lease
        return Taken.DONE if holder is None else Taken.UNDER_WAY

    async def renew(self, lease: Lease) -> bool:
        """Begin the lease anew; False when it has lapsed and somebody else came."""
        statement = (
            update(events)
            .where(events.c.event_id == lease.event_id, events.c.lease == lease.token)
            .values(until=self.dialect.now + self.spans.lease)
            .returning(events.c.event_id)
        )
        return await self.ask(statement) is not None

    async def done(self, lease: Lease) -> None:
        """Note that the event needs no more work: a fact, whoever holds the lease by now."""
        row = self.dialect.insert(events).values(
            event_id=lease.event_id, lease=None, until=self.dialect.now + self.spans.done
        )
        statement = row.on_conflict_do_update(
            index_elements=[events.c.event_id],
            set_={"lease": row.excluded.lease, "until": row.excluded.until},
        )
        await self.ask(statement)

    async def release(self, lease: Lease) -> None:
        """Give back an event that could not be handled: its next delivery may take it at once."""
        statement = delete(events).where(events.c.event_id == lease.event_id, events.c.lease == lease.token)
        await self.ask(statement)

    async def first_to_unfurl(self, channel_id: str, fax_id: str, event_id: str) -> bool:
        """Whether this event is the one that unfurls the fax there: once in a while, and again when it is retried."""
        row = self.dialect.insert(unfurls).values(
            channel_id=channel_id, fax_id=fax_id, event_id=event_id, until=self.dialect.now + self.spans.unfurled
        )
        statement = row.on_conflict_do_update(
            index_elements=[unfurls.c.channel_id, unfurls.c.fax_id],
            set_={"event_id": row.excluded.event_id, "until": row.excluded.until},
            where=or_(unfurls.c.until <= self.dialect.now, unfurls.c.event_id == row.excluded.event_id),
        ).returning(unfurls.c.event_id)
        return await self.ask(statement) is not None

    async def not_unfurled(self, channel_id: str, fax_ids: Collection[str], event_id: str) -> None:
        """Let the next event unfurl these there, of which this event has shown nothing."""
        ours = (unfurls.c.channel_id == channel_id, unfurls.c.event_id == event_id)
        await self.ask(delete(unfurls).where(*ours, unfurls.c.fax_id.in_(fax_ids)))

    async def forget_old(self) -> None:
        """Delete what is over, so many rows of a table at a time; rows that another process is at are left to it."""
        for table in (events, unfurls):
            key = tuple_(*table.primary_key)
            old = (
                select(*table.primary_key)
                .where(table.c.until <= self.dialect.now)
                .limit(FORGOTTEN_AT_ONCE)
                .with_for_update(skip_locked=True)
                .cte("old")
                # Else PostgreSQL may look more than once, and take more than it was told to.
                .prefix_with("MATERIALIZED", dialect="postgresql")
            )
            await self.ask(delete(table).where(key.in_(select(old))))
