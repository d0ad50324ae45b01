"""The bot as `faxbot serve` runs it, but for its patience: prints its port, serves until killed."""

import asyncio
from dataclasses import replace

import stamina
import uvloop

from bot.app import Timing, running_bot
from bot.settings import GROUPS, LogSettings, environment, read_settings
from bot.telemetry import configure_logging

TIMING = replace(Timing(), patience=0.1, deadline=0.4, between_probes=0.0, unready=0.0)


async def main() -> None:
    """Serve; what is tried again is tried at once."""
    configure_logging(LogSettings(LOG_LEVEL="info", LOG_FORMAT="json"))
    stamina.set_testing(True, attempts=3, cap=True)
    async with running_bot(read_settings(environment(), *GROUPS), TIMING) as port:
        print(port, flush=True)  # noqa: T201 - the test reads it
        await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(main())
