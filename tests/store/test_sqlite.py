"""What a file of SQLite's owes us: nobody else reads it, and what it said yes to is on the disk."""

import stat
from pathlib import Path

import pytest

from bot.store import Store, open_store
from tests.store.conftest import leased


def modes(folder: Path) -> dict[str, str]:
    """Give who may do what with each file."""
    return {file.name: stat.filemode(file.stat().st_mode) for file in folder.iterdir()}


async def test_the_files_are_their_owners_alone(tmp_path: Path, sqlite_url: str) -> None:
    """The ids of faxes are nobody else's business."""
    async with open_store(sqlite_url) as store:
        await leased(store, "Ev1")
        expected = dict.fromkeys(("faxbot.db", "faxbot.db-wal", "faxbot.db-shm"), "-rw-------")
        assert modes(tmp_path) == expected


async def test_a_file_that_others_could_read_is_closed_to_them(tmp_path: Path, sqlite_url: str) -> None:
    """Such as one that was restored from a copy."""
    async with open_store(sqlite_url):
        pass
    (tmp_path / "faxbot.db").chmod(0o644)
    async with open_store(sqlite_url) as store:
        await leased(store, "Ev1")
        assert set(modes(tmp_path).values()) == {"-rw-------"}


@pytest.mark.parametrize(
    ("pragma", "value"),
    [("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1), ("busy_timeout", 500)],
)
async def test_it_is_set_to_be_safe(sqlite_url: str, pragma: str, value: object) -> None:
    """Write-ahead log, a sync at every commit, references checked, and patience with other processes."""
    async with open_store(sqlite_url) as store:
        assert await setting(store, pragma) == value


async def setting(store: Store, pragma: str) -> object:
    """Ask the connection that the store uses."""
    async with store.engine.connect() as connection:
        return (await connection.exec_driver_sql(f"PRAGMA {pragma}")).scalar()
