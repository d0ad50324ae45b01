"""`faxbot doctor`: is everything as it should be, and what to do if not."""

import asyncio
import json
from typing import Annotated

import typer
from rich.console import Console

from bot.app import Timing
from bot.commands.complaints import complain, complaints
from bot.doctor import Bounds, Setup, State, examine, read_what_can_be
from bot.doctor.terminal import progress, show
from bot.references import EXAMPLE_ID, fax_ids
from bot.server import MOST_CONNECTIONS
from bot.settings import LogSettings, environment
from bot.telemetry import configure_logging

ALL_WELL, SOMETHING_FAILS = 0, 1


def doctor(
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON array, an object for each check.")] = False,
    fax: Annotated[
        str | None, typer.Option(metavar="ID", help="A fax of somebody else's, to see whether the account may read it.")
    ] = None,
    online: Annotated[bool, typer.Option("--online", help="Have Slack judge sample cards too.")] = False,
) -> None:
    """Look whether everything is as it should be. Exit 0: nothing fails, 1: something does, 2: wrong usage."""
    ids = fax_ids(fax or "")
    if fax is not None and len(ids) != 1:
        complain(f"--fax {fax}: give the id of one fax. One looks like {EXAMPLE_ID}.")
    configure_logging(LogSettings(LOG_LEVEL="error"), audit=False)
    bounds = Bounds(MOST_CONNECTIONS, Timing().patience, Timing().deadline)
    setup = Setup(read_what_can_be(environment()), bounds, next(iter(ids), None), online)
    with progress(complaints) as begun:
        found = asyncio.run(examine(setup, begun))
    if as_json:
        typer.echo(json.dumps([one.told() for one in found], indent=2, ensure_ascii=False))
    else:
        show(found, Console(highlight=False))
    raise typer.Exit(SOMETHING_FAILS if any(one.finding.state is State.FAIL for one in found) else ALL_WELL)
