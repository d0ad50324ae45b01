"""The command line: serve · demo · lookup · manifest · mcp."""

import asyncio
import json
import os
import re
import signal
import stat
import sys
from dataclasses import replace
from importlib.metadata import version
from typing import Annotated, NoReturn
from urllib.parse import urlsplit

import typer
import uvloop
import yaml
from rich.console import Console

from bot.app import Timing, cards_for, open_lookup, running_bot
from bot.lookup import Looked, NotSeen, Seen
from bot.manifest import can_be_unfurled, link_to_create, manifest
from bot.metrics import CannotServeMetrics
from bot.policy import Asker, Facts, Place, Standing
from bot.references import EXAMPLE_ID, fax_ids
from bot.report import report
from bot.server import CannotListen
from bot.services import Health
from bot.settings import (
    BotSettings,
    DatabaseSettings,
    Group,
    LogSettings,
    McpSettings,
    ServeSettings,
    Settings,
    SettingsMistake,
    SlackSettings,
    StoneFaxSettings,
    complaint_about,
    environment,
    read_settings,
    where_settings_come_from,
)
from bot.store import StoreUnreachable, database_url
from bot.telemetry import Arrival, configure_logging
from bot.terminal import drawn
from bot.triage import DataFileError

EXAMPLE_DOMAIN = "fax.example.com"
MCP_SDK = "mcp>=1.29,<2"
"""The extra, as pip wants it typed; by our own name pip might find somebody else's package."""
ALL_FOUND, SOME_NOT_FOUND, WRONG_USAGE = 0, 1, 2

cli = typer.Typer(
    name="faxbot",
    help="A Slack bot that says what became of a fax, why it failed, and what to do now.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
complaints = Console(stderr=True, soft_wrap=True)


def main() -> None:
    """Run the command line."""
    cli()


def show_version(wanted: bool) -> None:  # noqa: FBT001 - typer gives an option's value so
    """Print the version."""
    if wanted:
        typer.echo(f"faxbot {version('faxbot')}")
        raise typer.Exit


@cli.callback()
def faxbot(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=show_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Say what became of a fax."""


def complain(*lines: str) -> NoReturn:
    """Say what is wrong with the usage or the settings, a line each, and leave."""
    for line in lines:
        complaints.print(line, markup=False, highlight=False)
    raise typer.Exit(WRONG_USAGE)


def settings_or_complaint(*groups: type[Group]) -> Settings:
    """Read these settings, or say what is wrong with them."""
    found = environment()
    for warning in found.warnings:
        complaints.print(warning, markup=False, highlight=False)
    try:
        return read_settings(found, *groups)
    except SettingsMistake as mistake:
        complain(f"Faxbot's settings ({where_settings_come_from()}):", *(f"  {line}" for line in mistake.lines))


@cli.command()
def serve() -> None:
    """Run the bot: Slack reaches it at POST /slack/events on HOST:PORT."""
    settings = settings_or_complaint(
        SlackSettings, StoneFaxSettings, BotSettings, ServeSettings, DatabaseSettings, LogSettings
    )
    try:
        database_url(settings[DatabaseSettings].url.get_secret_value())
    except ValueError as error:
        complain(f"DATABASE_URL: {error}.")
    configure_logging(settings[LogSettings])
    try:
        uvloop.run(serve_until_told(settings))
    except StoreUnreachable as error:
        complain(f"DATABASE_URL: {error}.")
    except DataFileError as error:
        complain(f"bot/triage/{error}")
    except CannotListen as error:
        complain(f"{error}. Set HOST and PORT.")
    except CannotServeMetrics as error:
        complain(f"{error}. Set FAXBOT_METRICS_PORT.")


async def serve_until_told(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT, then stop cleanly; a second one stops at once."""
    stop = told_to_stop()
    async with running_bot(settings):
        await stop.wait()


def told_to_stop() -> asyncio.Event:
    """Give what is set by SIGTERM or SIGINT; a second one ends the process at once."""
    stop = asyncio.Event()

    def told() -> None:
        if stop.is_set():
            os._exit(1)
        stop.set()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, told)
    return stop


@cli.command()
def lookup(
    ids: Annotated[list[str], typer.Argument(metavar="ID…", help="Fax ids, or links that hold one.")],
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON array, an object for each id.")] = False,
) -> None:
    """Look faxes up and draw their cards here. Exit 0: all found, 1: some not, 2: wrong usage or settings."""
    wrong = [text for text in ids if not fax_ids(text)]
    if wrong:
        complain(*(f"“{text}” is no fax id. One looks like {EXAMPLE_ID}." for text in wrong))
    settings = settings_or_complaint(StoneFaxSettings, BotSettings, LogSettings)
    configure_logging(settings[LogSettings].model_copy(update={"level": "warning"}))
    seen = asyncio.run(look_up(settings, fax_ids(" ".join(ids))))
    cards = replace(cards_for(settings), admins=())  # a Slack mention says nothing here
    if as_json:
        typer.echo(json.dumps([report(one, cards).as_json() for one in seen], indent=2, ensure_ascii=False))
    else:
        console = Console()
        for one in seen:
            console.print(drawn(cards.one(one)))
    raise typer.Exit(SOME_NOT_FOUND if any(isinstance(one, NotSeen) for one in seen) else ALL_FOUND)


async def look_up(settings: Settings, ids: tuple[str, ...]) -> tuple[Seen, ...]:
    """Look these faxes up as whoever runs the command may see them."""
    asker = Asker(user_id="terminal", team_id="", channel_id=None, way_in="terminal")
    async with open_lookup(settings, facts_here, Health(), Timing()) as lookup_of:
        looked = await lookup_of(ids, asker, Arrival())
    assert isinstance(looked, Looked)  # nobody is refused here
    return looked.seen


async def facts_here(_asker: Asker) -> Facts:
    """Say what is known of whoever holds the fax server's password: nobody else reads this terminal."""
    return Facts(Standing.OWN, Place.DIRECT)


@cli.command()
def mcp(
    *,
    http: Annotated[
        bool, typer.Option("--http", help="At POST /mcp, for whoever shows FAXBOT_MCP_TOKEN, not by standard output.")
    ] = False,
    host: Annotated[str, typer.Option(help="With --http: the address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="With --http: the port to listen on, 0: any free one.")] = 3001,
    allow_host: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="With --http: a name by which a proxy passes requests on.")
    ] = None,
) -> None:
    """Look faxes up for assistants, as a tool of the Model Context Protocol: masked as others see them."""
    try:
        # The protocol's SDK is an extra, and no part of the bot that serves.
        from bot.assistants import assist_over_stdio, assisting_over_http  # noqa: PLC0415
    except ModuleNotFoundError as error:
        complain(f"faxbot mcp needs “{error.name}”, which is not installed: pip install '{MCP_SDK}'")
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


@cli.command("manifest")
def print_manifest(
    *,
    url: Annotated[
        str | None, typer.Option(help="The https address at which Slack reaches the bot; without it, Socket Mode.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of YAML.")] = False,
) -> None:
    """Print the Slack app manifest for this configuration, and the link that creates the app from it."""
    if url is not None and not re.fullmatch(r"https://[^/\s]+/?", url):
        complain(f"--url {url}: give https:// and the host only, as in --url https://faxbot.example.com")
    settings = settings_or_complaint(BotSettings)
    bot = settings[BotSettings]
    domains = bot.link_domains or (urlsplit(environment().get("STONEFAX_URL", "")).hostname or EXAMPLE_DOMAIN,)
    for host in domains:
        if not can_be_unfurled(host):
            complaints.print(f"{host}: Slack cannot unfurl links on it; use an alias that has a top level domain.")
    app = manifest(bot.command, domains, url)
    typer.echo(
        json.dumps(app, indent=2) if as_json else yaml.safe_dump(app, sort_keys=False, allow_unicode=True).rstrip()
    )
    complaints.print(f"\nCreate the app from it: {link_to_create(app)}", markup=False, highlight=False)


@cli.command()
def demo(
    *,
    port: Annotated[
        int | None, typer.Option(help="The page's port, 3000 or a free one if none is given; 0: any free one.")
    ] = None,
    terminal: Annotated[
        bool, typer.Option("--terminal", help="At a prompt; so too where lines come from a pipe or a file.")
    ] = False,
) -> None:
    """Try the whole bot in the browser, with a fax server and a Slack of its own."""
    # The playground is no part of the bot that serves, so only the demo loads it.
    from playground.demo import run_demo  # noqa: PLC0415

    configure_logging(LogSettings(LOG_LEVEL="error"))
    at_prompt = terminal or brings_lines(sys.stdin.fileno())
    try:
        asyncio.run(run_demo(port or 0, sys.stdin) if at_prompt else show_page(port))
    except CannotListen as error:
        complain(f"{error}. Choose another port with --port.")
    except KeyboardInterrupt:
        raise typer.Exit from None


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

    await run_page(port, opened, told_to_stop())


if __name__ == "__main__":
    main()
