"""The bot as `faxbot serve` runs it, in a process of its own; watches can be begun from within too, by standard input.

Prints its port. A line of standard input is a JSON array of watches to begin, one after the other; it is answered by
a line with the seconds that each took to begin. Where standard input ends, the bot stops.
BENCH_LISTENERS_BEFORE and BENCH_LISTENERS_AFTER are how many other listeners Bolt has to ask before and after ours.
"""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from time import perf_counter
from unittest.mock import patch

import uvloop
from pydantic import TypeAdapter
from slack_bolt.async_app import AsyncApp
from slack_sdk.signature import SignatureVerifier

from bot.app import ALWAYS_LET_IN, Timing, bolt_app, open_services
from bot.server import Edge, Intake, Load, listening_socket, serving
from bot.services import Services
from bot.settings import GROUPS, LogSettings, ServeSettings, Settings, SlackSettings, environment, read_settings
from bot.telemetry import configure_logging
from bot.watches import Rhythm, Started, Watch, Watches
from handlers import command
from handlers.doctor import Doctor

LONG = 2 * 3600.0
"""Between two polls of a fax, in seconds: whoever measures lets the time pass, in the database."""
TIMING = Timing(rhythm=Rhythm(first=LONG, longest=LONG), unready=0.0)
LINE = 1024 * 1024
BEGUN: TypeAdapter[list[Watch]] = TypeAdapter(list[Watch])


class NotBegun(Exception):
    """A watch that should be new is not: what is measured would not be what is said."""


async def main() -> None:
    """Serve, and begin what standard input says."""
    settings = read_settings(environment(), *GROUPS)
    configure_logging(settings[LogSettings])
    await serve(settings)


async def serve(settings: Settings) -> None:
    """Put the bot together as `running_bot` does, which hides the watches behind its port."""
    signing_secret, at = settings[SlackSettings].signing_secret, settings[ServeSettings]
    secret = signing_secret.get_secret_value() if signing_secret else ""
    with listening_socket(at.host, at.port) as listener:
        async with open_services(settings, TIMING) as services:
            load = Load(TIMING.work, ALWAYS_LET_IN)
            intake = Intake(with_others(services, secret), services, TIMING.event_patience, load)
            edge = Edge(intake, SignatureVerifier(secret))
            async with serving(edge, listener):
                say(listener.getsockname()[1])
                async for line in lines():
                    say([await seconds_to_begin(services.watches, watch) for watch in BEGUN.validate_json(line)])


def with_others(services: Services, secret: str) -> AsyncApp:
    """Give the bot's app with as many other listeners as the environment says."""
    ours = command.register

    def others_first(app: AsyncApp, services: Services, doctor: Doctor) -> None:
        others(app, int(os.environ.get("BENCH_LISTENERS_BEFORE", "0")))
        ours(app, services, doctor)

    with patch.object(command, "register", others_first):  # it is the first to be registered
        app = bolt_app(services, secret)
    others(app, int(os.environ.get("BENCH_LISTENERS_AFTER", "0")))
    return app


def others(app: AsyncApp, count: int) -> None:
    """Listen to other commands."""

    async def nothing() -> None:
        """Do nothing."""

    for number in range(count):
        app.command(f"/other{number}")(nothing)


async def seconds_to_begin(watches: Watches, watch: Watch) -> float:
    """Begin a watch, and give the seconds. Raises NotBegun."""
    before = perf_counter()
    started = await watches.start(watch)
    seconds = perf_counter() - before
    if started is not Started.NEW:
        raise NotBegun(started.value)
    return seconds


async def lines() -> AsyncIterator[bytes]:
    """Read standard input to its end."""
    reader = asyncio.StreamReader(LINE)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        yield line


def say(answer: object) -> None:
    """Write a line of JSON."""
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    uvloop.run(main())
