"""Assistants that start the bot themselves: the protocol on standard input and output, until the input ends."""

import structlog
from anyio import ClosedResourceError
from mcp.server.stdio import stdio_server

from bot.mcp.server import server_of
from bot.mcp.tool import GetFax

log = structlog.get_logger(__name__)


async def over_stdio(get_fax: GetFax) -> None:
    """Serve until the input ends; nothing else may be printed meanwhile."""
    server = server_of(get_fax)
    try:
        async with stdio_server() as (incoming, outgoing):
            await server.run(incoming, outgoing, server.create_initialization_options())
    except* ClosedResourceError:
        # The SDK says of each line that it could not read it, also to an assistant that has just gone.
        log.debug("the input ended before all was said")
