"""Both databases, fresh for every test, and time that passes when a test says so."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import update

from bot.store import Lease, Store, database_url, open_store
from bot.store.tables import events, unfurls


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """Give the address of a file that does not exist yet."""
    return database_url(f"sqlite:///{tmp_path / 'faxbot.db'}")


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest) -> str:
    """Give the address of an empty database, of one kind after the other."""
    if request.param == "sqlite":
        return str(request.getfixturevalue("sqlite_url"))
    return database_url(request.getfixturevalue("empty_postgresql")())


@pytest.fixture
async def store(url: str) -> AsyncIterator[Store]:
    """Give a store that is open."""
    async with open_store(url) as opened:
        yield opened


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
