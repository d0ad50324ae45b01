"""The look-up as a tool for assistants: masked as others see it, by the Model Context Protocol."""

from bot.mcp.http import over_http as over_http
from bot.mcp.stdio import over_stdio as over_stdio
from bot.mcp.tool import GetFax as GetFax
from bot.mcp.tool import facts_of_assistant as facts_of_assistant
