"""`faxbot serve`: the bot."""

from typing import Annotated

import typer
import uvloop

from bot.commands.complaints import complain, settings_or_complaint
from bot.languages import CatalogMistake
from bot.metrics import CannotServeMetrics
from bot.processes import NEEDED, serve_alone, serve_by_workers
from bot.server import CannotListen, NoWorkerBegan
from bot.settings import BotSettings, DatabaseSettings, LogSettings, Settings, SlackSettings
from bot.store import StoreUnreachable, database_url
from bot.telemetry import configure_logging
from bot.triage import DataFileError


def serve(
    *,
    workers: Annotated[int, typer.Option(metavar="N", help="Number of processes, on one port and one database.")] = 1,
) -> None:
    """Run the bot: Slack reaches it at POST /slack/events on HOST:PORT, or by Socket Mode with SLACK_APP_TOKEN."""
    settings = settings_or_complaint(*NEEDED)
    if why := why_not_so_many(workers, settings):
        complain(f"--workers {workers}: {why}")
    try:
        database_url(settings[DatabaseSettings].url.get_secret_value())
    except ValueError as error:
        complain(f"DATABASE_URL: {error}.")
    configure_logging(settings[LogSettings])
    try:
        if workers == 1:
            uvloop.run(serve_alone(settings))
        else:
            raise typer.Exit(uvloop.run(serve_by_workers(settings, workers)))
    except StoreUnreachable as error:
        complain(f"DATABASE_URL: {error}.")
    except DataFileError as error:
        complain(f"bot/triage/{error}")
    except CatalogMistake as error:
        complain(f"{error}.")
    except CannotListen as error:
        complain(f"{error}. Set HOST and PORT.")
    except CannotServeMetrics as error:
        complain(f"{error}. Set FAXBOT_METRICS_PORT.")
    except NoWorkerBegan as error:
        complain(f"--workers {workers}: {error}.")


def why_not_so_many(workers: int, settings: Settings) -> str | None:
    """Say why there cannot be so many workers, if so."""
    at_once = settings[BotSettings].upstream_at_once
    if workers < 1:
        return "at least one has to do the work."
    if workers > 1 and settings[SlackSettings].app_token:
        return "Slack allows an app ten connections, so with SLACK_APP_TOKEN there is one process: leave --workers out."
    if workers > at_once:
        return f"each asks the fax server by itself, and FAXBOT_UPSTREAM_AT_ONCE is {at_once}."
    return None
