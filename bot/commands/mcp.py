"""`faxbot mcp`: the same look-up as a tool for assistants."""

import asyncio
import signal
import sys
from typing import Annotated

import typer
import uvloop

from bot.commands.complaints import complain, settings_or_complaint
from bot.processes import told_to_stop
from bot.server import CannotListen
from bot.settings import BotSettings, LogSettings, McpSettings, StoneFaxSettings, complaint_about
from bot.telemetry import configure_logging

MCP_SDK = "mcp>=1.29,<2"
"""The extra, as pip wants it typed; by our own name pip might find somebody else's package."""


def mcp(
    *,
    http: Annotated[
        bool,
        typer.Option(
            "--http",
            help="Serve at POST /mcp, to clients that send FAXBOT_MCP_TOKEN, in place of standard input and output.",
        ),
    ] = False,
    host: Annotated[str, typer.Option(help="With --http: the address to listen on.")] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="With --http: the port to listen on, 0: any free one.")
    ] = 3001,
    allow_host: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="With --http: a name by which a proxy passes requests on.")
    ] = None,
) -> None:
    """Look faxes up for assistants, as a tool of the Model Context Protocol: masked as others see them."""
    try:
        # The protocol's SDK is an extra, and no part of the bot that serves.
        from bot.assistants import assist_over_stdio, assisting_over_http  # noqa: PLC0415
    except ModuleNotFoundError as error:
        complain(
            f"faxbot mcp needs “{error.name}”, which is not installed: {sys.executable} -m pip install '{MCP_SDK}'"
        )
    settings = settings_or_complaint(StoneFaxSettings, BotSettings, LogSettings, *([McpSettings] if http else []))
    complain_of_rules_about_people(settings[BotSettings])
    configure_logging(settings[LogSettings])
    if not http:
        # There is nothing to end in order, and the thread that waits for input would hold an orderly end up.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        asyncio.run(assist_over_stdio(settings))
        return
    if settings[McpSettings].token is None:
        complain(complaint_about("FAXBOT_MCP_TOKEN", "is missing"))

    async def assist_until_told() -> None:
        stop = told_to_stop()
        async with assisting_over_http(settings, host, port, tuple(allow_host or ())):
            await stop.wait()

    try:
        uvloop.run(assist_until_told())
    except CannotListen as error:
        complain(f"{error}. Choose others with --host and --port.")


def complain_of_rules_about_people(bot: BotSettings) -> None:
    """Refuse to start where a rule says which people may ask: of who talks to an assistant nothing is known here."""
    rules = {"FAXBOT_ALLOWED_CHANNELS": bot.allowed_channels, "FAXBOT_ALLOWED_USER_GROUPS": bot.allowed_user_groups}
    if held := [name for name, listed in rules.items() if listed]:
        complain(
            *(f"{name}: cannot be kept by faxbot mcp: nobody in Slack asks there." for name in held),
            "If whoever uses the assistant may look faxes up, leave it empty for this command.",
        )
