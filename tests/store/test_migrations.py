"""The schema: made by the migrations alone, the same on both databases, and never taken back."""

import logging
import sys
from asyncio import create_subprocess_exec
from asyncio.subprocess import PIPE

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from bot.migrations import NEWEST
from bot.migrations.steps import configuration
from bot.store import Store, StoreUnreachable, Taken, open_store
from bot.store.tables import metadata
from tests.store.conftest import leased


def differences(connection: Connection) -> list[object]:
    """Compare the database with the tables as the code knows them."""
    context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
    return list(compare_metadata(context, metadata))


async def test_the_migrations_make_the_tables_that_the_code_knows(store: Store) -> None:
    """Whoever changes a table without a migration, or the other way round, hears of it here."""
    async with store.engine.connect() as connection:
        assert await connection.run_sync(differences) == []


async def test_a_start_on_a_database_in_use_changes_nothing(url: str) -> None:
    """A second process, or the same after a restart."""
    async with open_store(url) as first:
        await leased(first, "Ev1")
        async with open_store(url) as second:
            assert await second.claim("Ev1") is Taken.UNDER_WAY


async def test_a_database_that_is_newer_is_left_alone(url: str) -> None:
    """An older version does not start on it, and says which one would."""
    async with open_store(url) as store, store.engine.connect() as connection:
        await connection.exec_driver_sql("UPDATE alembic_version SET version_num = 'from the future'")
        with pytest.raises(StoreUnreachable, match="newer version of Faxbot") as refused:
            async with open_store(url):
                pass
        assert refused.value.problem == "newer"
        left = await connection.exec_driver_sql("SELECT version_num FROM alembic_version")
        assert left.scalars().all() == ["from the future"]


async def test_logging_stays_as_it_was_set_up(sqlite_url: str) -> None:
    """Alembic's own way would switch off every logger that it does not know."""
    root, ours = logging.getLogger(), logging.getLogger("bot.store.test")
    before = (list(root.handlers), root.level)
    async with open_store(sqlite_url):
        pass
    assert (list(root.handlers), root.level) == before
    assert not ours.disabled


def test_the_newest_step_is_the_one_that_a_start_looks_for() -> None:
    """Whoever writes a step names it there."""
    assert ScriptDirectory.from_config(configuration()).get_heads() == [NEWEST]


OPENING = """
import asyncio, sys
from bot.settings import LogSettings
from bot.store import open_store
from bot.telemetry import configure_logging

async def main():
    async with open_store(sys.argv[1]):
        print("alembic" in sys.modules)

configure_logging(LogSettings())
asyncio.run(main())
"""


async def test_a_start_on_a_database_that_is_up_to_date_needs_no_alembic(url: str) -> None:
    """It is a tenth of the memory at rest."""
    told = []
    for _ in range(2):
        process = await create_subprocess_exec(sys.executable, "-c", OPENING, url, stdout=PIPE)
        told.append((await process.communicate())[0].strip())
    assert told == [b"True", b"False"]
