"""The protocol's side: a server with one tool, and nothing else."""

from dataclasses import dataclass

from mcp import McpError
from mcp.server.lowlevel import Server
from mcp.types import (
    INVALID_PARAMS,
    CallToolRequest,
    ErrorData,
    ListToolsRequest,
    ListToolsResult,
    ServerResult,
    Tool,
)

from bot import __version__
from bot.mcp.contract import NAME, get_fax_tool
from bot.mcp.tool import GetFax

INSTRUCTIONS = (
    "Faxbot knows what became of outbound faxes, by their ids. Phone numbers are masked, and subject and sender are "
    "left out, because others may read along."
)


@dataclass(frozen=True, slots=True)
class Listing:
    """`tools/list`."""

    tools: tuple[Tool, ...]

    async def __call__(self, _request: ListToolsRequest | None) -> ServerResult:
        """Give all tools; the SDK asks for itself too, without a request."""
        return ServerResult(ListToolsResult(tools=list(self.tools)))


@dataclass(frozen=True, slots=True)
class Calling:
    """`tools/call`."""

    get_fax: GetFax

    async def __call__(self, request: CallToolRequest) -> ServerResult:
        """Call the tool. Raises McpError where there is none of this name."""
        if request.params.name != NAME:
            raise McpError(ErrorData(code=INVALID_PARAMS, message=f"There is one tool here: {NAME}."))
        return ServerResult(await self.get_fax(request.params.arguments or {}))


def server_of(get_fax: GetFax) -> Server[object, object]:
    """Give the server."""
    server = Server[object, object]("faxbot", version=__version__, instructions=INSTRUCTIONS)
    # Its decorators would validate in words of their own, and pass an exception's text on.
    server.request_handlers[ListToolsRequest] = Listing((get_fax_tool(),))
    server.request_handlers[CallToolRequest] = Calling(get_fax)
    return server
