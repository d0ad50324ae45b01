"""Logs that tell one request's story by its reference, and never what a fax says.

Numbers, names, subjects and secrets are kept out by what is logged: ids, words of our own, times. The libraries'
loggers are held back whatever LOG_LEVEL says, since they quote bodies and tokens; an exception is told by its type
and its place, not by its text.
"""

import logging
import secrets
import sys
import traceback
from collections.abc import MutableMapping
from dataclasses import dataclass, field
from time import monotonic
from types import TracebackType
from typing import Any, TextIO

import structlog

from bot.settings import LogSettings

LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""Unambiguous to read aloud: no 0 and O, no 1 and I."""
REFERENCE_LENGTH = 4
AUDIT = "bot.audit"
"""The logger of disclosures and refusals."""
QUIET = {
    "slack_sdk": logging.WARNING,
    "slack_bolt": logging.ERROR,
    "httpx": logging.WARNING,
    "httpcore": logging.WARNING,
    "aiohttp": logging.WARNING,
    "asyncio": logging.CRITICAL,
    "uvicorn": logging.WARNING,
    "aiosqlite": logging.WARNING,
    "alembic": logging.WARNING,
    "mcp": logging.CRITICAL,
    "asyncpg": logging.WARNING,
    "sqlalchemy": logging.WARNING,
}
"""The least level at which each library's words hold nothing of a request; some quote what they trip over."""
LEAST = QUIET | {"root": logging.CRITICAL}
"""The same for lines that have no logger of their own: ours all have, and the MCP SDK quotes requests in such."""
FRAMES = 4

EventDict = MutableMapping[str, Any]


@dataclass(frozen=True, slots=True)
class Arrival:
    """One request: the reference that people quote, and when it came in on the monotonic clock, in seconds."""

    reference: str = field(default_factory=lambda: "".join(secrets.choice(LETTERS) for _ in range(REFERENCE_LENGTH)))
    at: float = field(default_factory=monotonic)

    def seconds_since(self) -> float:
        """Give the age of the request."""
        return monotonic() - self.at


def begin_request() -> Arrival:
    """Note a request's arrival; every log line of this task and those it starts carries the reference."""
    arrival = Arrival()
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(ref=arrival.reference)
    return arrival


def configure_logging(
    settings: LogSettings, stream: TextIO | None = None, worker: int | None = None, *, audit: bool = True
) -> None:
    """Send every log line, ours and the libraries', to `stream` (standard error) in one form; `worker` says whose.

    The audit's lines come at every level, but where somebody sits before them and wants the answer alone.
    """
    stream = stream or sys.stderr
    as_text = settings.format == "text" or (settings.format is None and stream.isatty())
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso"),
        place_of_exception,
        *((said_by(worker),) if worker else ()),
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    renderer: structlog.typing.Processor = (
        structlog.dev.ConsoleRenderer(colors=stream.isatty()) if as_text else structlog.processors.JSONRenderer()
    )
    handler = logging.StreamHandler(stream)
    handler.addFilter(held_back)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(settings.level.upper())
    for name, level in QUIET.items():
        logging.getLogger(name).setLevel(max(level, root.level))
    logging.getLogger(AUDIT).setLevel(min(logging.INFO, root.level) if audit else logging.NOTSET)


def said_by(worker: int) -> structlog.typing.Processor:
    """Give what writes a process's id into each line, where several write into one log."""

    def signed(_logger: object, _method: str, event: EventDict) -> EventDict:
        event["worker"] = worker
        return event

    return signed


def held_back(record: logging.LogRecord) -> bool:
    """Let a line through, unless a library speaks below its level: somebody may have set a logger of its by name."""
    return record.levelno >= LEAST.get(record.name.partition(".")[0], logging.NOTSET)


def place_of_exception(_logger: object, _method: str, event: EventDict) -> EventDict:
    """Tell an exception by its type and where it came from: its text may quote a number or a token."""
    exc_info = event.pop("exc_info", None)
    if exc_info is True:
        exc_info = sys.exc_info()
    elif isinstance(exc_info, BaseException):
        exc_info = (type(exc_info), exc_info, exc_info.__traceback__)
    if isinstance(exc_info, tuple) and exc_info[0] is not None:
        event["exception"] = place_of(exc_info[0], exc_info[2])
    return event


def place_of(kind: type[BaseException], trace: TracebackType | None) -> str:
    """Give `ValueError at lookup.py:33 < command.py:20`, innermost frame first."""
    frames = [f"{frame.f_code.co_filename.rsplit('/', 1)[-1]}:{line}" for frame, line in traceback.walk_tb(trace)]
    return f"{kind.__name__} at {' < '.join(reversed(frames[-FRAMES:]))}" if frames else kind.__name__
