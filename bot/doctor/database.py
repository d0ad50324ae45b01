"""The database: whether it is there, can be written, and has the tables that this version wants.

Nothing is changed there: what is tried out is taken back.
"""

import asyncio
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from enum import Enum
from pathlib import Path

from sqlalchemy import Column, Connection, Integer, MetaData, Table, make_url, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool
from sqlalchemy.schema import CreateTable

from bot.doctor.finding import Finding, Settled, fail, ok, skip, warn
from bot.doctor.visit import Visit
from bot.migrations import NEWEST, applied, knows
from bot.settings import DatabaseSettings
from bot.store import SPANS, Store, StoreUnreachable, database_url
from bot.store.problems import PROBLEMS, in_time
from bot.store.tables import events
from bot.watches import Counts, Rhythm
from bot.watches.rows import Rows

OLDEST_POSTGRESQL = 12
ISOLATION = {"postgresql": "READ COMMITTED", "sqlite": "SERIALIZABLE"}
"""Of a transaction that can be taken back: each statement of the bot's is one of its own."""
PROBE = CreateTable(Table("faxbot_doctor", MetaData(), Column("probe", Integer)))
FOR_OTHERS = stat.S_IRWXG | stat.S_IRWXO
REMEDIES = {
    "unreachable": "Check host and port in DATABASE_URL, whether the database runs, and the firewalls in between.",
    "refused": "Check user and password in DATABASE_URL.",
    "missing": "Make the database, or the folder, that DATABASE_URL names.",
    "forbidden": "Let the bot's user read and write there.",
    "full": "Make room: disk, memory or connections.",
    "busy": "Find the process that keeps it locked, and stop it.",
    "damaged": "Bring the file back from a copy, or move it away: it holds nothing for longer than a day.",
    "newer": "Run the version of Faxbot that has written it, or bring it back from a copy.",
}
FIRST_START = "faxbot serve makes it when it starts for the first time."


class Stand(Enum):
    """How far a database's tables are."""

    EMPTY = "empty"
    BEHIND = "behind"
    AT_HEAD = "at_head"
    NEWER = "newer"


def stand(connection: Connection) -> Stand:
    """Say how far a database's tables are."""
    there = applied(connection)
    if not there:
        return Stand.EMPTY
    if there == [NEWEST]:
        return Stand.AT_HEAD
    return Stand.BEHIND if knows(there) else Stand.NEWER


async def how_far(visit: Visit) -> Stand:
    """Ask how far the tables are. Raises Settled where that cannot be asked."""
    async with connected(visit) as connection:
        return await connection.run_sync(stand)


def sqlite_file(visit: Visit) -> Path | None:
    """Give SQLite's file, or None where the database is another one."""
    url = make_url(database_url(visit.settings[DatabaseSettings].url.get_secret_value()))
    return Path(str(url.database)) if url.get_backend_name() == "sqlite" else None


@asynccontextmanager
async def connected(visit: Visit) -> AsyncIterator[AsyncConnection]:
    """Connect, over the running bot's own pool if there is one. Raises Settled where it cannot be done.

    Whatever breaks while connected is a fault of the database's.
    """
    try:
        async with engine_of(visit) as engine, in_time(SPANS.question), engine.connect() as connection:
            yield connection
    except StoreUnreachable as error:
        raise Settled(fault(error.problem)) from None


@asynccontextmanager
async def engine_of(visit: Visit) -> AsyncIterator[AsyncEngine]:
    """Give the running bot's engine, or one that makes no file and keeps no connection."""
    if visit.setup.services:
        yield visit.setup.services.store.engine
        return
    if (file := sqlite_file(visit)) and not file.exists():
        raise Settled(skip("There is no database yet.", FIRST_START))
    engine = create_async_engine(
        database_url(visit.settings[DatabaseSettings].url.get_secret_value()),
        isolation_level="AUTOCOMMIT",
        hide_parameters=True,
        poolclass=NullPool,
        connect_args={"timeout": SPANS.question / 4} if file else {"timeout": SPANS.question},
    )
    try:
        yield engine
    finally:
        await engine.dispose()


def fault(problem: str) -> Finding:
    """Say what keeps us from the database, by a word of PROBLEMS."""
    remedy = REMEDIES.get(problem, "Try again in a minute; if it stays so, ask whoever runs the database.")
    return fail(f"The database cannot be used: {PROBLEMS[problem]}.", remedy)


async def reachable(visit: Visit) -> Finding:
    """Connect, and ask for the version."""
    if (file := sqlite_file(visit)) and not await asyncio.to_thread(file.exists):
        folder = file.absolute().parent
        if not await asyncio.to_thread(folder.is_dir):
            return fault("missing")
        return ok(f"SQLite's file is not there yet: {FIRST_START}")
    async with connected(visit) as connection:
        if file:
            # The version alone would be told without a look into the file.
            asking = text("SELECT sqlite_version() FROM (SELECT count(*) FROM sqlite_master)")
            version = (await connection.execute(asking)).scalar_one()
            return ok(f"SQLite {version} answers.")
        number = int((await connection.execute(text("SHOW server_version_num"))).scalar_one())
    major = number // 10_000
    if major < OLDEST_POSTGRESQL:
        remedy = f"Take PostgreSQL {OLDEST_POSTGRESQL} or a newer one."
        return fail(f"PostgreSQL {major} is too old for the statements of the watches.", remedy)
    return ok(f"PostgreSQL {major}.{number % 10_000} answers.")


async def schema(visit: Visit) -> Finding:
    """Look whether the tables are as this version has them."""
    match await how_far(visit):
        case Stand.EMPTY:
            return ok(f"There are no tables yet: {FIRST_START}")
        case Stand.BEHIND:
            return warn("The tables are those of an older version.", "Start faxbot serve, which brings them up.")
        case Stand.NEWER:
            return fault("newer")
    return ok("The tables are those of this version.")


async def writable(visit: Visit) -> Finding:
    """Write, and take it back."""
    there = await how_far(visit) is not Stand.EMPTY
    async with connected(visit) as connection:
        await connection.execution_options(isolation_level=ISOLATION[connection.dialect.name])
        transaction = await connection.begin()
        if connection.dialect.name == "sqlite":
            # Python begins no transaction of SQLite's for a table that is made: it would stay.
            await connection.exec_driver_sql("BEGIN IMMEDIATE")
        await connection.execute(events.insert().values(event_id="doctor", lease=None, until=0.0) if there else PROBE)
        await transaction.rollback()
    return ok("It can be written.")


async def private(visit: Visit) -> Finding:
    """Look whether SQLite's file is its owner's alone."""
    file = sqlite_file(visit)
    if file is None:
        return ok("PostgreSQL sees to its files itself.")
    if not await asyncio.to_thread(file.exists):
        return skip("There is no file yet.", FIRST_START)
    mode = stat.S_IMODE((await asyncio.to_thread(file.stat)).st_mode)
    if mode & FOR_OTHERS:
        return warn(f"Others on this machine can open the file (mode {mode:o}).", f"chmod 600 {file}")
    return ok("The file is its owner's alone.")


async def watches(visit: Visit) -> Finding:
    """Count the watches, and those that nobody works on."""
    counts = await counted(visit)
    told = f"{counts.running} running, {counts.overdue} overdue"
    if not counts.overdue:
        return ok(f"{told}.")
    return warn(
        f"{told}: nobody works on them, or nobody can keep up.",
        "Start faxbot serve; where it runs, look at the fax server's speed, and for “put off” in the log.",
    )


async def counted(visit: Visit) -> Counts:
    """Count as the running bot does. Raises Settled where there is no table to count in."""
    if not visit.setup.services and await how_far(visit) is not Stand.AT_HEAD:
        raise Settled(skip("There is no table of watches of this version yet.", FIRST_START))
    try:
        if visit.setup.services:
            return await visit.setup.services.watches.count()
        async with engine_of(visit) as engine:
            return await Rows(Store(engine, SPANS), Rhythm()).count()
    except StoreUnreachable as error:
        raise Settled(fault(error.problem)) from None
