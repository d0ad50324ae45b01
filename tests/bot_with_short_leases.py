"""The bot as `faxbot serve` runs it, but for leases that lapse within a test: prints its port, serves until killed."""

import asyncio
import sys
from dataclasses import replace

from bot.app import Timing, running_bot
from bot.settings import GROUPS, LogSettings, environment, read_settings
from bot.store import Spans
from bot.telemetry import configure_logging

LEASE = 1.5
TIMING = replace(Timing(), spans=Spans(lease=LEASE), event_patience=0.5, unready=0.0)


async def main() -> None:
    """Serve."""
    configure_logging(LogSettings(LOG_LEVEL="error"))
    async with running_bot(read_settings(environment(), *GROUPS), TIMING) as port:
        print(port, flush=True)  # noqa: T201 - the test reads it
        await asyncio.Event().wait()


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
