"""The steps, as Alembic finds and applies them."""

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection


def configuration() -> Config:
    """Say where the steps are."""
    config = Config()
    config.set_main_option("script_location", "bot:migrations")
    return config


def known() -> set[str]:
    """Give all steps that this code knows."""
    return {step.revision for step in ScriptDirectory.from_config(configuration()).walk_revisions()}


def apply(connection: Connection) -> None:
    """Apply what is missing, in the transaction that is open."""
    config = configuration()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
