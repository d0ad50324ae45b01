"""Time that passes when a test says so, and events that are claimed."""

from sqlalchemy import update

from bot.store import Lease, Store
from bot.store.tables import events, unfurls


async def let_pass(store: Store, seconds: float) -> None:
    """Let the database's time pass: everything that ends, ends so much sooner."""
    async with store.engine.connect() as connection:
        for table in (events, unfurls):
            await connection.execute(update(table).values(until=table.c.until - seconds))


async def leased(store: Store, event_id: str) -> Lease:
    """Claim an event that is free."""
    claim = await store.claim(event_id)
    assert isinstance(claim, Lease)
    return claim
