"""The composition root: settings become services, services become a Bolt app, and a running bot stops cleanly."""

import asyncio
import json
import logging
import re
import socket
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import structlog
from slack_bolt import BoltResponse
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.signature import SignatureVerifier

from bot import __version__
from bot.answers import Answers
from bot.cards import guidance
from bot.fetches import Fetches
from bot.languages import read_catalogs
from bot.lookup import Lookup
from bot.metrics import OK, Metrics, serving_metrics
from bot.pace import Pace
from bot.policy import Asker, Facts, Policy
from bot.server import MOST_CONNECTIONS, Edge, Intake, Load, Pauses, listening_socket, serving, socket_mode
from bot.services import Health, Services, cards_for
from bot.settings import BotSettings, DatabaseSettings, ServeSettings, Settings, SlackSettings, StoneFaxSettings
from bot.slack import SlackUnreachable, open_slack
from bot.stonefax import Fax, FaxError, Status, open_client
from bot.store import SPANS, Spans, database_url, open_store
from bot.tasks import Tasks
from bot.telemetry import Arrival
from bot.triage import check_translations, judge
from bot.triage.outages import Outages
from bot.upkeep import keep_database, keep_figures, keep_identity, steadily
from bot.watches import Rhythm, Watches
from bot.watches.in_slack import InSlack
from handlers import buttons, command, flexpane, home, links, mentions, shortcuts, watching, workflow
from handlers.doctor import Doctor

MOST_TASKS = 1024
"""At 32 questions at once and 0.2 s for each, the last to be let in has its answer well within the deadline."""
ALWAYS_LET_IN = 1024
"""Requests at once where the CPU has time to spare: they wait for the fax server, and that costs nothing."""
RHYTHM = Rhythm()
SOCKET_MODE = Pauses()

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Timing:
    """Every wait of the bot, in seconds, in one place, so that tests need not wait."""

    patience: float = 1.5
    """For the answer itself to be the ack; Slack wants one within 3."""
    showing: float = 0.5
    """For Slack to show an ack in a modal, before the modal is changed again."""
    deadline: float = 10.0
    """For a look-up that a person waits for, from the request's arrival."""
    between_probes: float = 3.0
    """Between two questions to a fax server that is down; everybody else is told at once how it is."""
    identity_check: float = 60.0
    """Between two questions to Slack whether our token still counts."""
    identity_retry: float = 5.0
    """The same, where Slack gave no answer."""
    database_check: float = 15.0
    """Between two questions to the database whether it is there."""
    figures: float = 1.0
    """Between two notes for Prometheus of how things are."""
    event_patience: float = 2.5
    """For an event to be done; Slack waits 3, and brings it again where it is not."""
    work: float = 0.5
    """Of the CPU, for all requests under way; what comes beyond it is shed, so that no ack takes 3."""
    rhythm: Rhythm = RHYTHM
    """Of the watches: their pauses, their lease, their life."""
    spans: Spans = SPANS
    """How long the database keeps what: an event's lease, what is done, what was unfurled."""
    socket_mode: Pauses = SOCKET_MODE
    """Of the connections to Slack."""
    unready: float = 1.0
    """Between saying "not ready" and refusing requests, so that a load balancer hears of it."""
    drain: float = 25.0
    """For running look-ups to end at a stop."""


@asynccontextmanager
async def open_lookup(
    settings: Settings,
    facts: Callable[[Asker], Coroutine[Any, Any, Facts]],
    health: Health,
    timing: Timing,
    metrics: Metrics,
) -> AsyncIterator[Lookup]:
    """Open the way to the fax server, and close it afterwards; `facts` says what is known of an asker."""
    stonefax, bot = settings[StoneFaxSettings], settings[BotSettings]
    async with open_client(
        stonefax.url,
        stonefax.username,
        stonefax.password.get_secret_value(),
        at_once=bot.upstream_at_once,
        time_zone=stonefax.time_zone,
        ca_file=stonefax.ca_file,
        user_agent=f"Faxbot/{__version__}",
        told=lambda error, seconds: note_upstream(metrics, error, seconds),
    ) as client:
        yield Lookup(
            Fetches(client, health.note_fax_server, timing.between_probes),
            facts,
            Policy(bot.show_numbers, frozenset(bot.allowed_channels), frozenset(bot.allowed_user_groups)),
            Pace(bot.per_minute),
            Outages(),
            metrics,
            timing.deadline,
        )


def note_upstream(metrics: Metrics, error: FaxError | None, seconds: float) -> None:
    """Count a request to the fax server."""
    metrics.note_upstream(error.kind if error else OK, seconds, up=not (error and error.about_the_server))


@asynccontextmanager
async def open_services(settings: Settings, timing: Timing) -> AsyncIterator[Services]:
    """Open everything that handlers use; at the end await the work under way, then close."""
    slack_settings, health, tasks, metrics = settings[SlackSettings], Health(), Tasks(MOST_TASKS), Metrics()
    async with (
        open_store(database_url(settings[DatabaseSettings].url.get_secret_value()), timing.spans) as store,
        open_slack(
            slack_settings.bot_token.get_secret_value(),
            slack_settings.api_url,
            settings[BotSettings].allowed_user_groups,
            settings[BotSettings].language,
        ) as slack,
        open_lookup(settings, slack.people.facts, health, timing, metrics) as lookup,
    ):
        answers = Answers(slack, tasks, metrics, timing.patience, timing.showing)
        cards = cards_for(settings)
        watches = Watches(store, InSlack(lookup, slack, cards, timing.rhythm.life), timing.rhythm)
        services = Services(
            lookup,
            cards,
            answers,
            slack,
            tasks,
            health,
            metrics,
            store,
            watches,
            link_domains(settings),
            settings,
            MOST_CONNECTIONS,
        )
        works = (
            lambda: keep_identity(services, timing.identity_check, timing.identity_retry),
            lambda: keep_database(services, timing.database_check),
            watches.run,
            lambda: keep_figures(services, timing.figures),
        )
        steady = {asyncio.create_task(steadily(work)) for work in works}
        try:
            yield services
        finally:
            for task in steady:
                task.cancel()
            await asyncio.gather(asyncio.wait(steady), tasks.drain(timing.drain))


def link_domains(settings: Settings) -> tuple[str, ...]:
    """Give the hosts whose links to faxes are unfurled: those named, else the fax server's own."""
    return settings[BotSettings].link_domains or (urlsplit(settings[StoneFaxSettings].url).hostname or "",)


def bolt_app(services: Services, signing_secret: str) -> AsyncApp:
    """Give the Bolt app with every listener; the hot one first, since Bolt asks them in turn."""

    async def authorize(team_id: str | None) -> AuthorizeResult:
        known = services.health.identity
        return AuthorizeResult(
            enterprise_id=None,
            team_id=known.team_id if known else team_id,
            bot_id=known.bot_id if known else None,
            bot_user_id=known.bot_user_id if known else None,
            bot_token=services.slack.client.token,
        )

    app = AsyncApp(
        name="faxbot",
        # Bolt's own loggers would take the root's level each, and quote whole cards at DEBUG.
        logger=logging.getLogger("slack_bolt"),
        client=services.slack.client_without_token(),
        signing_secret=signing_secret,
        authorize=authorize,
        # Without it Bolt asks every 10 ms whether the listener has acked, at two thirds of the throughput.
        process_before_response=True,
    )
    doctor = Doctor(services)
    command.register(app, services, doctor)
    buttons.register(app, services)
    home.register(app, services, doctor)
    watching.register(app, services)
    links.register(app, services)
    flexpane.register(app, services)
    mentions.register(app, services)
    shortcuts.register(app, services)
    workflow.register(app, services)
    buttons.register_last(app, services)
    # Last, since Bolt asks in turn: an event without a listener would get 404, and Slack would send it again.
    app.event(re.compile(""))(taken)
    app.error(when_a_listener_breaks)
    return app


async def taken() -> None:
    """Take an event that says nothing to us."""


async def when_a_listener_breaks(error: Exception, body: dict[str, object], arrival: Arrival) -> BoltResponse:
    """Log by type and place, and tell the person who typed a command; a Slack that is away is no fault of ours."""
    if isinstance(error, SlackUnreachable):
        log.warning("Slack did not take an answer; an event comes again", problem=error.problem)
    else:
        log.error("a listener broke", exc_info=error)
    if "command" not in body:
        return BoltResponse(status=503 if isinstance(error, SlackUnreachable) else 500)
    return BoltResponse(
        status=200,
        headers={"content-type": ["application/json; charset=utf-8"]},
        body=json.dumps(guidance.broken(arrival.reference).payload()),
    )


def read_the_tables() -> None:
    """Find a mistake in a data file or a catalog at the start, so that the first to ask need not wait.

    Raises DataFileError, CatalogMistake.
    """
    judge(Fax(id="-", status=Status.FAILED, failure_reason="busy"))
    check_translations()
    read_catalogs()


@asynccontextmanager
async def running_bot(
    settings: Settings,
    timing: Timing | None = None,
    listener: socket.socket | None = None,
    cpu: float = 1.0,
    *,
    metrics: bool = True,
) -> AsyncIterator[int]:
    """Run the bot and give its port; at the end stop cleanly: unready, no new requests, running work awaited.

    Slack comes over HTTP, or, with an app token, by Socket Mode: then the port has health alone.
    `listener` is a socket that others serve as well, and `cpu` what of one is left to each when all are busy; without
    `metrics` somebody else serves these, by the same settings.
    Raises CannotListen, CannotServeMetrics where a port cannot be had.
    """
    read_the_tables()
    timing, serve = timing or Timing(), settings[ServeSettings]
    slack = settings[SlackSettings]
    secret = slack.signing_secret.get_secret_value() if slack.signing_secret else ""
    with listener or listening_socket(serve.host, serve.port) as here:
        async with open_services(settings, timing) as services:
            app = bolt_app(services, secret)
            intake = Intake(app, services, timing.event_patience, Load(timing.work, ALWAYS_LET_IN, share=cpu))
            token = slack.app_token.get_secret_value() if slack.app_token else None
            edge = Edge(intake, None if token else SignatureVerifier(secret))
            by_socket = socket_mode(intake, token, timing.socket_mode) if token else nullcontext()
            with serving_metrics(serve.metrics_port if metrics else None, services.metrics.registry):
                async with serving(edge, here), by_socket:
                    port = int(here.getsockname()[1])
                    log.info(
                        "listening",
                        host=serve.host,
                        port=port,
                        slack="by Socket Mode" if token else "over HTTP",
                        version=__version__,
                    )
                    yield port
                    services.health.draining = True
                    log.info("stopping", pieces=len(services.tasks.running))
                    await asyncio.sleep(timing.unready)
