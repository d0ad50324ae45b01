"""What the bot sees to by itself while it runs: its standing in Slack, its database, and what Prometheus is told."""

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine
from typing import Any

import structlog

from bot.services import CONNECTED, NOT_ASKED_YET, SOCKET_MODE_OFF, Services
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
        await asyncio.sleep(every)


async def keep_figures(services: Services, every: float) -> None:
    """Write down for Prometheus how things are, `every` so many seconds, and what the watches have counted since."""
    health, metrics, watches = services.health, services.metrics, services.watches
    ended, put_off, counted = Counter[str](), 0, None
    while True:
        metrics.tasks.set(len(services.tasks.running))
        if health.slack_problem != NOT_ASKED_YET:
            metrics.slack_up.set(health.slack_problem is None)
        if health.socket_mode != SOCKET_MODE_OFF:
            metrics.socket_mode_up.set(health.socket_mode == CONNECTED)
        metrics.database_up.set(health.database_problem is None)
        # Once for each count: of several processes the one that wrote last is heard, and must not have known least.
        if health.watches is not counted and (counted := health.watches):
            metrics.watches.labels("running").set(counted.running)
            metrics.watches.labels("overdue").set(counted.overdue)
            metrics.oldest_watch.set(counted.oldest)
        for outcome, count in watches.outcomes.items():
            metrics.watches_ended.labels(outcome).inc(count - ended[outcome])
            ended[outcome] = count
        metrics.watches_put_off.inc(watches.put_off - put_off)
        put_off = watches.put_off
        await asyncio.sleep(every)
