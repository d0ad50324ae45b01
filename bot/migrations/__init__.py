"""Brings a database to the schema that this code expects: forward only, and one process at a time.

A new step is a file in `versions/`, written by hand: a test holds the steps against `bot/store/tables.py`.
"""

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

TURNS = {
    "postgresql": ("READ COMMITTED", "SELECT pg_advisory_xact_lock(4041886600)"),
    "sqlite": ("SERIALIZABLE", "BEGIN IMMEDIATE"),
}
"""How each database lets one process in at a time: the isolation of the transaction, and what it opens with.

READ COMMITTED, so that whoever had to wait sees what was done meanwhile.
"""


class WrittenByNewer(Exception):
    """The database has a schema that this code does not know."""


def migrate(connection: Connection) -> None:
    """Apply the steps that are missing, all or none. Raises WrittenByNewer, with nothing changed."""
    config = Config()
    config.set_main_option("script_location", "bot:migrations")
    config.attributes["connection"] = connection
    steps = ScriptDirectory.from_config(config)
    isolation, lock = TURNS[connection.dialect.name]
    connection.execution_options(isolation_level=isolation)
    with connection.begin():
        connection.exec_driver_sql(lock)
        known = {step.revision for step in steps.walk_revisions()}
        if not known.issuperset(MigrationContext.configure(connection).get_current_heads()):
            raise WrittenByNewer
        command.upgrade(config, "head")
