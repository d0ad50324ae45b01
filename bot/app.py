"""The composition root: settings become services, services become a Bolt app, and a running bot stops cleanly."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

import structlog
from slack_bolt import BoltResponse
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.signature import SignatureVerifier

from bot.answers import Answers
from bot.cards import Cards, guidance
from bot.lookup import Fetches, Lookup
from bot.pace import Pace
from bot.policy import Policy
from bot.server import Edge, listening_socket, serving
from bot.services import Health, Services
from bot.settings import BotSettings, ServeSettings, Settings, SlackSettings, StoneFaxSettings
from bot.slack import SlackUnreachable, open_slack
from bot.stonefax import StoneFaxClient, open_client
from bot.tasks import Tasks
from bot.telemetry import Arrival
from bot.triage.outages import Outages
from handlers import buttons, command

MOST_TASKS = 2048

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Timing:
    """Every wait of the bot, in seconds, in one place, so that tests need not wait."""

    patience: float = 1.5
    """For the answer itself to be the ack; Slack wants one within 3."""
    deadline: float = 10.0
    """For a look-up that a person waits for, from the request's arrival."""
    identity_check: float = 60.0
    """Between two questions to Slack whether our token still counts."""
    unready: float = 1.0
    """Between saying "not ready" and refusing requests, so that a load balancer hears of it."""
    drain: float = 25.0
    """For running look-ups to end at a stop."""


@asynccontextmanager
async def open_lookup(settings: Settings, health: Health, timing: Timing) -> AsyncIterator[Lookup]:
    """Open the way to the fax server, and close it afterwards."""
    stonefax, bot = settings[StoneFaxSettings], settings[BotSettings]
    async with open_client(
        stonefax.url,
        stonefax.username,
        stonefax.password.get_secret_value(),
        at_once=bot.upstream_at_once,
        time_zone=stonefax.time_zone,
        ca_file=stonefax.ca_file,
    ) as client:
        yield lookup_through(client, bot, health, timing)


def lookup_through(client: StoneFaxClient, bot: BotSettings, health: Health, timing: Timing) -> Lookup:
    """Put the look-up together."""
    return Lookup(
        Fetches(client, health.note_fax_server),
        Policy(bot.show_numbers),
        Pace(bot.per_minute),
        Outages(),
        timing.deadline,
    )


def cards_for(settings: Settings) -> Cards:
    """Give the cards in this desk's words."""
    bot = settings[BotSettings]
    return Cards(bot.command, bot.id_hint, bot.admins, settings[StoneFaxSettings].fax_page)


@asynccontextmanager
async def open_services(settings: Settings, timing: Timing) -> AsyncIterator[Services]:
    """Open everything that handlers use; at the end await the work under way, then close."""
    slack_settings, health, tasks = settings[SlackSettings], Health(), Tasks(MOST_TASKS)
    async with (
        open_slack(slack_settings.bot_token.get_secret_value(), slack_settings.api_url) as slack,
        open_lookup(settings, health, timing) as lookup,
    ):
        answers = Answers(slack, tasks, timing.patience)
        services = Services(lookup, cards_for(settings), answers, slack, tasks, health)
        checking = asyncio.create_task(keep_identity(services, timing.identity_check))
        try:
            yield services
        finally:
            checking.cancel()
            with suppress(asyncio.CancelledError):
                await checking
            await tasks.drain(timing.drain)


async def keep_identity(services: Services, every: float) -> None:
    """Learn who we are in the workspace, and notice when the token no longer counts."""
    health = services.health
    while True:
        try:
            health.identity = await services.slack.identity()
            problem = None
        except SlackUnreachable as error:
            problem = error.problem
        if problem != health.slack_problem:
            health.slack_problem = problem
            if problem:
                log.error("Slack does not know us: check SLACK_BOT_TOKEN", problem=problem)
            else:
                log.info("known to Slack")
        await asyncio.sleep(every)


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
        client=services.slack.client_without_token(),
        signing_secret=signing_secret,
        authorize=authorize,
        # Without it Bolt asks every 10 ms whether the listener has acked, at two thirds of the throughput.
        process_before_response=True,
    )
    command.register(app, services)
    buttons.register(app, services)
    # Last, since Bolt asks in turn: an event without a listener would get 404, and Slack would send it again.
    app.event(re.compile(""))(taken)
    app.error(when_a_listener_breaks)
    return app


async def taken() -> None:
    """Take an event that says nothing to us."""


async def when_a_listener_breaks(error: Exception, body: dict[str, object], arrival: Arrival) -> BoltResponse:
    """Log by type and place, and tell the person who typed a command."""
    log.error("a listener broke", exc_info=error)
    if "command" not in body:
        return BoltResponse(status=500)
    return BoltResponse(
        status=200,
        headers={"content-type": ["application/json; charset=utf-8"]},
        body=json.dumps(guidance.broken(arrival.reference).payload()),
    )


@asynccontextmanager
async def running_bot(settings: Settings, timing: Timing | None = None) -> AsyncIterator[int]:
    """Run the bot over HTTP and give its port; at the end stop cleanly: unready, no new requests, running work awaited.

    Raises OSError where the port cannot be had.
    """
    timing, serve = timing or Timing(), settings[ServeSettings]
    secret = settings[SlackSettings].signing_secret.get_secret_value()
    with listening_socket(serve.host, serve.port) as listener:
        async with open_services(settings, timing) as services:
            edge = Edge(bolt_app(services, secret), SignatureVerifier(secret), services.health)
            async with serving(edge, listener):
                port = int(listener.getsockname()[1])
                log.info("listening", host=serve.host, port=port)
                yield port
                services.health.draining = True
                await asyncio.sleep(timing.unready)
