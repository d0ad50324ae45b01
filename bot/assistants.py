"""`faxbot mcp`, put together: settings become a look-up, and the look-up a tool, by either transport."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import structlog

from bot.app import Timing, open_lookup
from bot.mcp import GetFax, facts_of_assistant, over_http, over_stdio
from bot.metrics import Metrics
from bot.server import listening_socket, serving
from bot.services import Health, cards_for
from bot.settings import McpSettings, Settings

log = structlog.get_logger(__name__)


@asynccontextmanager
async def open_tool(settings: Settings, timing: Timing | None = None) -> AsyncIterator[GetFax]:
    """Open the way to the fax server, and give the tool that asks it."""
    async with open_lookup(settings, facts_of_assistant, Health(), timing or Timing(), Metrics()) as lookup:
        yield GetFax(lookup, replace(cards_for(settings), admins=()))  # a Slack mention says nothing here


async def assist_over_stdio(settings: Settings) -> None:
    """Serve the assistant that has started us, until it closes our input."""
    async with open_tool(settings) as get_fax:
        await over_stdio(get_fax)


@asynccontextmanager
async def assisting_over_http(
    settings: Settings, host: str, port: int, names: tuple[str, ...] = (), timing: Timing | None = None
) -> AsyncIterator[int]:
    """Serve whoever shows the token, and give the port; `names` are those by which a proxy passes requests on.

    Raises CannotListen where the port cannot be had.
    """
    token = settings[McpSettings].token
    assert token  # the command line has seen to it
    with listening_socket(host, port) as listener:
        async with (
            open_tool(settings, timing) as get_fax,
            over_http(get_fax, token, (host, *names)) as application,
            serving(application, listener),
        ):
            bound = int(listener.getsockname()[1])
            log.info("listening", host=host, port=bound)
            yield bound
