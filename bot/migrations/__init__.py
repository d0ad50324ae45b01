"""Brings a database to the schema that this code expects: forward only, and one process at a time.

A new step is a file in `versions/`, written by hand: a test holds the steps against `bot/store/tables.py`.
"""

from collections.abc import Iterable

import structlog
from sqlalchemy import Connection, inspect

NEWEST = "0002"
"""The last of the steps."""

TURNS = {
    "postgresql": ("READ COMMITTED", "SELECT pg_advisory_xact_lock(4041886600)"),
    "sqlite": ("SERIALIZABLE", "BEGIN IMMEDIATE"),
}
"""How each database lets one process in at a time: the isolation of the transaction, and what it opens with.

READ COMMITTED, so that whoever had to wait sees what was done meanwhile.
"""

log = structlog.get_logger(__name__)


class WrittenByNewer(Exception):
    """The database has a schema that this code does not know."""


def migrate(connection: Connection) -> None:
    """Apply the steps that are missing, all or none. Raises WrittenByNewer, with nothing changed."""
    isolation, lock = TURNS[connection.dialect.name]
    connection.execution_options(isolation_level=isolation)
    with connection.begin():
        connection.exec_driver_sql(lock)
        there = applied(connection)
        if there == [NEWEST]:
            return
        if not knows(there):
            raise WrittenByNewer
        # Hardly a start needs Alembic, which is a tenth of the memory at rest and 0.1 s.
        from bot.migrations import steps  # noqa: PLC0415

        steps.apply(connection)
        log.info("the database was brought up to date", schema=NEWEST)


def applied(connection: Connection) -> list[str]:
    """Give the last step that was applied to this database, as Alembic notes it; none to a new one."""
    if not inspect(connection).has_table("alembic_version"):
        return []
    return list(connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalars())


def knows(there: Iterable[str]) -> bool:
    """Say whether this code knows these steps."""
    from bot.migrations import steps  # noqa: PLC0415 - as above

    return steps.known().issuperset(there)
