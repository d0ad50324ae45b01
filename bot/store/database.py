"""The two databases: what each needs to be safe with, and what they say differently."""

import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import URL, ColumnElement, Double, Table, event, literal_column, make_url
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

TRIES = 10


@dataclass(frozen=True, slots=True)
class Spans:
    """How long things last, in seconds."""

    lease: float = 30.0
    done: float = 25 * 3600.0
    """Slack's delayed deliveries go on for 24 hours."""
    unfurled: float = 30 * 60.0
    question: float = 2.0
    """What one question to the database may take: Slack waits 3 s for an event's answer."""
    opening: float = 30.0
    """What a start may take, with another process's migration before it."""


SPANS = Spans()


@dataclass(frozen=True, slots=True)
class Dialect:
    """What the two databases say differently: the time now in seconds since 1970, and an INSERT that can meet a row."""

    now: ColumnElement[float]
    insert: Callable[[Table], postgresql.Insert | sqlite.Insert]


DIALECTS = {
    "postgresql": Dialect(
        literal_column("CAST(extract(epoch FROM statement_timestamp()) AS double precision)", Double),
        postgresql.insert,
    ),
    "sqlite": Dialect(literal_column("((julianday('now') - 2440587.5) * 86400.0)", Double), sqlite.insert),
}


@asynccontextmanager
async def opened(url: str, seconds: float) -> AsyncIterator[AsyncEngine]:
    """Give an engine that lets no statement take longer; each is its own transaction unless told otherwise."""
    address = make_url(url)
    engine = ENGINES[address.get_backend_name()](address, seconds)
    try:
        yield engine
    finally:
        await engine.dispose()


def postgresql_engine(url: URL, seconds: float) -> AsyncEngine:
    """Make an engine that finds out by itself when the server was started anew."""
    return create_async_engine(
        url,
        isolation_level="AUTOCOMMIT",
        hide_parameters=True,
        pool_pre_ping=True,
        connect_args={"timeout": seconds, "command_timeout": seconds},
    )


def sqlite_engine(url: URL, seconds: float) -> AsyncEngine:
    """Make an engine on a file that is its owner's alone."""
    keep_private(Path(str(url.database)))
    engine = create_async_engine(
        url,
        isolation_level="AUTOCOMMIT",
        hide_parameters=True,
        # SQLite writes one thing at a time: waiting for the connection is fair, waiting for the file's lock is not.
        pool_size=1,
        max_overflow=0,
        # It gives up waiting for the lock before we give up waiting for it: a thread cannot be called back. Others
        # wait for the connection meanwhile, so that it is a part of their time too.
        connect_args={"timeout": seconds * 0.25},
    )
    event.listen(engine.sync_engine, "connect", keep_durable)
    return engine


ENGINES = {"postgresql": postgresql_engine, "sqlite": sqlite_engine}


def keep_private(file: Path) -> None:
    """Make the file its owner's alone; those that SQLite puts beside it take its mode over."""
    file.touch(mode=0o600)
    file.chmod(0o600)


def keep_durable(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
    """Let what SQLite has said yes to survive the loss of power, and readers not wait for a writer."""
    cursor = connection.cursor()
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
        for _ in range(TRIES):
            try:
                cursor.execute(f"PRAGMA {pragma}")
                break
            except sqlite3.OperationalError:
                # Where another process is just making the file, WAL is refused at once; the lock is waited for.
                cursor.execute("BEGIN IMMEDIATE")
                cursor.execute("ROLLBACK")
    cursor.close()
