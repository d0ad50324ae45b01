"""What the bot sees to by itself while it runs: its standing in Slack, its database, and what Prometheus is told."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import structlog

from bot.metrics import Family
from bot.services import Services
from bot.slack import TOKEN_REFUSED, SlackUnreachable
from bot.store import StoreUnreachable

log = structlog.get_logger(__name__)


async def steadily(work: Callable[[], Coroutine[Any, Any, None]], pause: float = 1.0) -> None:
    """Do work that never ends; whatever breaks it is logged, and it begins anew after a pause in seconds."""
    while True:
        try:
            await work()
        except Exception:
            log.exception("steady work broke, and begins anew")
            await asyncio.sleep(pause)


async def keep_identity(services: Services, every: float, retry: float) -> None:
    """Learn who we are in the workspace, and notice when the token no longer counts; `every` and `retry` in seconds.

    A question that Slack does not answer makes nobody unready who was ready: it is asked again soon. So it is when
    the watches find that the token is refused.
    """
    health, watches = services.health, services.watches
    while True:
        pause = every
        try:
            health.identity = await services.slack.people.identity()
            problem = None
        except SlackUnreachable as error:
            problem = error.problem
            if problem not in TOKEN_REFUSED:
                pause = retry
                problem = health.slack_problem and problem
        if problem in TOKEN_REFUSED:
            watches.pause()
        elif problem is None:
            watches.resume()
        if problem != health.slack_problem:
            health.slack_problem = problem
            if problem:
                check = "SLACK_BOT_TOKEN" if problem in TOKEN_REFUSED else "the way to Slack: DNS, proxy, firewall"
                log.error("not known to Slack", problem=problem, check=check)
            else:
                log.info("known to Slack")
        await watches.until_paused(pause)


async def keep_database(services: Services, every: float) -> None:
    """Notice when the database is away, forget what is over, and count the watches, `every` so many seconds."""
    health = services.health
    while True:
        await asyncio.sleep(every)
        try:
            await services.store.ping()
            await services.store.forget_old()
            health.watches = await services.watches.count()
            problem = None
        except StoreUnreachable as error:
            problem = error.problem
        if problem != health.database_problem:
            health.database_problem = problem
            log.error("the database is away", problem=problem) if problem else log.info("the database is back")


def families(services: Services) -> tuple[Family, ...]:
    """Give what Prometheus is told."""
    watches, health = services.watches, services.health
    return (
        Family(
            "faxbot_watches",
            "Watches of all processes, and those among them that nobody has worked on in time",
            "state",
            lambda: {"running": health.watches.running, "overdue": health.watches.overdue},
        ),
        Family(
            "faxbot_watches_oldest_seconds",
            "How long the oldest watch has been running",
            None,
            lambda: {"": health.watches.oldest},
        ),
        Family(
            "faxbot_watches_ended_total",
            "What came of the watches that this process has ended",
            "outcome",
            lambda: watches.outcomes,
        ),
        Family(
            "faxbot_watches_put_off_total",
            "How often Slack did not take what was to be told, so that it was tried again",
            None,
            lambda: {"": watches.put_off},
        ),
    )
