"""`faxbot lookup`: the same card in the terminal, or as JSON for scripts."""

import asyncio
import json
from dataclasses import replace
from typing import Annotated

import typer
from rich.console import Console

from bot.app import Timing, open_lookup
from bot.commands.complaints import complain, settings_or_complaint
from bot.languages import in_language
from bot.lookup import Looked, NotSeen, Seen
from bot.metrics import Metrics
from bot.policy import Asker, Facts, Place, Standing
from bot.references import EXAMPLE_ID, fax_ids
from bot.report import report
from bot.services import Health, cards_for
from bot.settings import BotSettings, LogSettings, Settings, StoneFaxSettings
from bot.telemetry import Arrival, configure_logging
from bot.terminal import drawn

ALL_FOUND, SOME_NOT_FOUND = 0, 1


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
    configure_logging(settings[LogSettings].model_copy(update={"level": "warning"}), audit=False)
    seen = asyncio.run(look_up(settings, fax_ids(" ".join(ids))))
    cards = replace(cards_for(settings), admins=())  # a Slack mention says nothing here
    with in_language(cards.language):
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
    async with open_lookup(settings, facts_here, Health(), Timing(), Metrics()) as lookup_of:
        looked = await lookup_of(ids, asker, Arrival())
    assert isinstance(looked, Looked)  # nobody is refused here
    return looked.seen


async def facts_here(_asker: Asker) -> Facts:
    """Say what is known of whoever holds the fax server's password: nobody else reads this terminal."""
    return Facts(Standing.OWN, Place.DIRECT, in_allowed_group=True)
