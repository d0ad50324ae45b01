"""The command line: serve · demo · lookup · manifest."""

import asyncio
import json
import os
import re
import signal
import sys
from importlib.metadata import version
from typing import Annotated, NoReturn

import typer
import yaml
from rich.console import Console

from bot.app import Timing, cards_for, open_lookup, running_bot
from bot.lookup import Looked, NotSeen, Seen
from bot.manifest import manifest
from bot.policy import Asker, Facts, Place, Standing
from bot.references import EXAMPLE_ID, fax_ids
from bot.report import report
from bot.services import Health
from bot.settings import (
    BotSettings,
    Group,
    LogSettings,
    ServeSettings,
    Settings,
    SettingsMistake,
    SlackSettings,
    StoneFaxSettings,
    environment,
    read_settings,
)
from bot.telemetry import Arrival, configure_logging
from bot.terminal import drawn

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
    try:
        return read_settings(environment(), *groups)
    except SettingsMistake as mistake:
        complain("Faxbot's settings (environment or .env):", *(f"  {line}" for line in mistake.lines))


@cli.command()
def serve() -> None:
    """Run the bot: Slack reaches it at POST /slack/events on HOST:PORT."""
    settings = settings_or_complaint(SlackSettings, StoneFaxSettings, BotSettings, ServeSettings, LogSettings)
    configure_logging(settings[LogSettings])
    try:
        asyncio.run(serve_until_told(settings))
    except OSError as error:
        serve_at = settings[ServeSettings]
        complain(f"Cannot listen on {serve_at.host}:{serve_at.port}: {error.strerror}. Set HOST and PORT.")


async def serve_until_told(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT, then stop cleanly; a second one stops at once."""
    stop = asyncio.Event()

    def told() -> None:
        if stop.is_set():
            os._exit(1)
        stop.set()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, told)
    async with running_bot(settings):
        await stop.wait()


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
    cards = cards_for(settings)
    if as_json:
        typer.echo(json.dumps([report(one, cards) for one in seen], indent=2, ensure_ascii=False))
    else:
        console = Console()
        for one in seen:
            console.print(drawn(cards.one(one)))
    raise typer.Exit(SOME_NOT_FOUND if any(isinstance(one, NotSeen) for one in seen) else ALL_FOUND)


async def look_up(settings: Settings, ids: tuple[str, ...]) -> tuple[Seen, ...]:
    """Look these faxes up as whoever runs the command may see them."""
    asker = Asker(user_id="terminal", team_id="", channel_id=None, way_in="terminal")
    async with open_lookup(settings, Health(), Timing()) as lookup_of:
        looked = await lookup_of(ids, asker, Arrival(), facts_here())
    return looked.seen if isinstance(looked, Looked) else ()


async def facts_here() -> Facts:
    """Say what is known of whoever holds the fax server's password: nobody else reads this terminal."""
    return Facts(Standing.OWN, Place.DIRECT)


@cli.command("manifest")
def print_manifest(
    *,
    url: Annotated[str, typer.Option(help="The https address at which Slack reaches the bot.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of YAML.")] = False,
) -> None:
    """Print the Slack app manifest for this configuration, to be pasted at api.slack.com/apps."""
    if not re.fullmatch(r"https://[^/\s]+/?", url):
        complain(f"“{url}” is no address that Slack can reach. Example: --url https://faxbot.example.com")
    settings = settings_or_complaint(BotSettings)
    app = manifest(settings[BotSettings].command, url)
    typer.echo(
        json.dumps(app, indent=2) if as_json else yaml.safe_dump(app, sort_keys=False, allow_unicode=True), nl=False
    )


@cli.command()
def demo(
    *,
    port: Annotated[int, typer.Option(help="The bot's own port; 0: any free one.")] = 0,
    terminal: Annotated[bool, typer.Option("--terminal", help="Keep the prompt.")] = False,  # noqa: ARG001 - the page comes later
) -> None:
    """Try the whole bot here, with a fax server and a Slack of its own: type /fax and an id."""
    # The playground is no part of the bot that serves, so only the demo loads it.
    from playground.demo import run_demo  # noqa: PLC0415

    configure_logging(LogSettings(LOG_LEVEL="error"))
    try:
        asyncio.run(run_demo(port, sys.stdin))
    except OSError as error:
        complain(f"Cannot listen on port {port}: {error.strerror}. Choose another with --port.")
    except KeyboardInterrupt:
        raise typer.Exit from None


if __name__ == "__main__":
    main()
