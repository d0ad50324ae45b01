"""`faxbot demo`: the whole bot, with a fax server and a Slack of its own."""

import asyncio
import os
import stat
import sys
from typing import Annotated

import typer

from bot.commands.complaints import complain
from bot.languages import Language
from bot.processes import told_to_stop
from bot.server import CannotListen
from bot.settings import BotSettings, LogSettings, SettingsMistake, read_settings
from bot.telemetry import configure_logging


def demo(
    *,
    port: Annotated[
        int | None,
        typer.Option(min=0, max=65535, help="The page's port, 3000 or a free one if none is given; 0: any free one."),
    ] = None,
    terminal: Annotated[
        bool, typer.Option("--terminal", help="At a prompt; so too where lines come from a pipe or a file.")
    ] = False,
) -> None:
    """Try the whole bot in the browser, with a fax server and a Slack of its own."""
    # The playground is no part of the bot that serves, so only the demo loads it.
    from playground.demo import run_demo  # noqa: PLC0415

    configure_logging(LogSettings(LOG_LEVEL="error"), audit=False)
    at_prompt = terminal or brings_lines(sys.stdin.fileno())
    try:
        asyncio.run(run_demo(port or 0, sys.stdin, spoken()) if at_prompt else show_page(port))
    except CannotListen as error:
        complain(f"{error}. Choose another port with --port.")
    except KeyboardInterrupt:
        raise typer.Exit from None


def spoken() -> Language:
    """Give the language of FAXBOT_LANGUAGE, the one setting that the demo reads, or say what is wrong with it."""
    given = {"FAXBOT_LANGUAGE": os.environ.get("FAXBOT_LANGUAGE", "")}
    try:
        return read_settings(given, BotSettings)[BotSettings].language
    except SettingsMistake as mistake:
        complain(*mistake.lines)


def brings_lines(number: int) -> bool:
    """Say whether an input holds lines already: a pipe, a socket or a file, but no terminal and no /dev/null."""
    return not stat.S_ISCHR(os.fstat(number).st_mode)


async def show_page(port: int | None) -> None:
    """Serve the page until told to stop, and open it where a person is there to see it."""
    from playground.page import open_browser, run_page  # noqa: PLC0415 - as above

    def opened(url: str) -> None:
        typer.echo(f"Faxbot's playground is at {url}  (Ctrl-C stops it)")
        if sys.stdout.isatty():
            open_browser(url)

    await run_page(port, opened, told_to_stop(), spoken())
