"""Why the database could not be asked, by its kind alone: an error's own text may quote an address or a value."""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Mapping
from contextlib import asynccontextmanager
from typing import TypeVar

from sqlalchemy.exc import DBAPIError

from bot.migrations import WrittenByNewer

Answer = TypeVar("Answer")

PROBLEMS = {
    "unreachable": "no connection to it can be made",
    "slow": "it does not answer in time",
    "refused": "it does not accept the user or the password",
    "missing": "there is no database of this name, or no folder for its file",
    "forbidden": "reading or writing there is not permitted",
    "full": "no room is left there: disk, memory or connections",
    "busy": "another process keeps it locked",
    "stopping": "it is just starting or stopping",
    "damaged": "its file is damaged, or no database",
    "newer": "a newer version of Faxbot has written it: run that one, or go back to a copy from before",
    "failed": "it did not do what it was asked to",
}
CODES = {
    "28": "refused",
    "3D": "missing",
    "42501": "forbidden",
    "25006": "forbidden",
    "53": "full",
    "57": "stopping",
    "08": "unreachable",
    "SQLITE_BUSY": "busy",
    "SQLITE_LOCKED": "busy",
    "SQLITE_CANTOPEN": "missing",
    "SQLITE_READONLY": "forbidden",
    "SQLITE_FULL": "full",
    "SQLITE_IOERR": "damaged",
    "SQLITE_CORRUPT": "damaged",
    "SQLITE_NOTADB": "damaged",
}
"""The problem behind a beginning of PostgreSQL's SQLSTATE or of SQLite's error name."""
FAULTS: Mapping[type[Exception], str] = {
    TimeoutError: "slow",
    PermissionError: "forbidden",
    FileNotFoundError: "missing",
    IsADirectoryError: "missing",
    NotADirectoryError: "missing",
    OSError: "unreachable",
    WrittenByNewer: "newer",
}


class StoreUnreachable(Exception):
    """The database could not be asked: `problem` is a word of PROBLEMS. No address, no password and no value."""

    def __init__(self, problem: str) -> None:
        super().__init__(f"the database cannot be used: {PROBLEMS[problem]}")
        self.problem = problem


def problem_of(error: Exception) -> str:
    """Name the kind of an error, and nothing else of it."""
    if isinstance(error, DBAPIError):
        code = getattr(error.orig, "sqlstate", None) or getattr(error.orig, "sqlite_errorname", None) or ""
        return next((word for begins, word in CODES.items() if code.startswith(begins)), "failed")
    return next((word for kind, word in FAULTS.items() if isinstance(error, kind)), "failed")


@asynccontextmanager
async def in_time(seconds: float) -> AsyncIterator[None]:
    """Give the database so long. Raises StoreUnreachable alone, cut off from the error that may quote data."""
    try:
        async with asyncio.timeout(seconds):
            yield
    except Exception as error:  # noqa: BLE001 - see below
        # Drivers let errors of any kind through, an IndexError from a broken handshake for one.
        raise StoreUnreachable(problem_of(error)) from None


async def unbroken(statement: Coroutine[object, object, Answer]) -> Answer:
    """Wait for a statement to its end, also when cancelled: both databases bound how long that can take.

    SQLite would keep its lock for one that was cut off before its rows were read, until Python collects its garbage.
    """
    task = asyncio.create_task(statement)
    cancelled = None
    while not task.done():
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled:
        task.exception()  # Seen, or asyncio would report it as overlooked.
        raise cancelled
    return task.result()
