"""Brings a database to the schema that this code expects: forward only, and one process at a time.

A new step is a file in `versions/`, written by hand: a test holds the steps against `bot/store/tables.py`.
"""

from enum import Enum

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


class Stand(Enum):
    """How far a database's schema is."""

    EMPTY = "empty"
    BEHIND = "behind"
    AT_HEAD = "at_head"
    NEWER = "newer"


def stand(connection: Connection) -> Stand:
    """Say how far a database's schema is, and change nothing."""
    steps = ScriptDirectory.from_config(config_for(connection))
    heads = set(MigrationContext.configure(connection).get_current_heads())
    if not heads:
        return Stand.EMPTY
    if heads == set(steps.get_heads()):
        return Stand.AT_HEAD
    return Stand.BEHIND if heads <= {step.revision for step in steps.walk_revisions()} else Stand.NEWER


def config_for(connection: Connection) -> Config:
    """Tell Alembic where our steps are."""
    config = Config()
    config.set_main_option("script_location", "bot:migrations")
    config.attributes["connection"] = connection
    return config


def migrate(connection: Connection) -> None:
    """Apply the steps that are missing, all or none. Raises WrittenByNewer, with nothing changed."""
    config = config_for(connection)
    steps = ScriptDirectory.from_config(config)
    isolation, lock = TURNS[connection.dialect.name]
    connection.execution_options(isolation_level=isolation)
    with connection.begin():
        connection.exec_driver_sql(lock)
        known = {step.revision for step in steps.walk_revisions()}
        if not known.issuperset(MigrationContext.configure(connection).get_current_heads()):
            raise WrittenByNewer
        command.upgrade(config, "head")
