"""A desk whose bots run in processes of their own, on one database that a test can look into."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from bot.store import Store, database_url, open_store
from tests.conftest import Desk
from tests.watches.processes.nursery import Nursery, nursery


@pytest.fixture(scope="session")
def births() -> Iterator[Nursery]:
    """Run one nursery for all tests."""
    with nursery() as running:
        yield running


@pytest.fixture
def bots(births: Nursery, tmp_path: Path) -> Iterator[Nursery]:
    """Give it for one test: what it bears keeps its logs with the test's files, and does not outlive it."""
    with births.keeping_logs_in(tmp_path) as here:
        yield here


@pytest.fixture
async def store(database: str) -> AsyncIterator[Store]:
    """Give the bots' database, to look into."""
    async with open_store(database_url(database)) as opened:
        yield opened


@pytest.fixture
def desk(closed_desk: Desk, database: str) -> Desk:
    """Give a desk without a bot; those to come may read a public channel's history, and no private one's."""
    closed_desk.settings["DATABASE_URL"] = database
    closed_desk.slack.grant.scopes |= {"channels:history"}
    return closed_desk
