"""Assistants that start the bot themselves: the protocol on standard input and output, until the input ends."""

from mcp.server.stdio import stdio_server

from bot.mcp.server import server_of
from bot.mcp.tool import GetFax


async def over_stdio(get_fax: GetFax) -> None:
    """Serve until the input ends; nothing else may be printed meanwhile."""
    server = server_of(get_fax)
    async with stdio_server() as (incoming, outgoing):
        await server.run(incoming, outgoing, server.create_initialization_options())
