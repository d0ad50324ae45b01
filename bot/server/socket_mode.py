"""Socket Mode: the bot opens WebSockets to Slack, and everything comes by them; no address of ours need be reachable.

    one line      open ── hello ── envelopes ── "warning" ──────────── closed by Slack
    its next one                                    └── open ── hello ── envelopes …

Two lines are kept, so that one that breaks leaves the other, and on each line the next connection is opened before the
last one goes. slack_sdk has a client for this, and it serves us ill: it closes the old connection before it opens the
new one, keeps what comes in a queue without bound, retries a wrong token for ever, and logs the address, which is a
secret.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

import aiohttp
import structlog

from bot.server.connection import LOST, Connection
from bot.server.intake import Intake
from bot.services import CONNECTED
from bot.slack import TOKEN_REFUSED, SlackUnreachable
from bot.upkeep import steadily

LINES = 2
LARGEST_MESSAGE = 4 * 1024 * 1024
MOST_DOUBLINGS = 16
SECONDS_TO_CLOSE = 1.0
"""For Slack to say good-bye, too."""
NOT_YET_CONNECTED, NO_HELLO, TOO_MANY = "not connected yet", "no_hello", "too_many_websockets"
WHERE_TOKENS_ARE = "api.slack.com/apps, your app, Basic Information, App-Level Tokens"
CHECKS: Mapping[str, str] = {
    **dict.fromkeys(TOKEN_REFUSED, f"SLACK_APP_TOKEN: {WHERE_TOKENS_ARE}"),
    "not_allowed_token_type": f"SLACK_APP_TOKEN: it begins with xapp- and is under {WHERE_TOKENS_ARE}",
    "missing_scope": f"the scope connections:write of SLACK_APP_TOKEN: {WHERE_TOKENS_ARE}",
    "link_disabled": "whether Socket Mode is on: api.slack.com/apps, your app, Socket Mode",
    TOO_MANY: "how many processes run: an app has ten connections, and each process takes two",
}
"""By Slack's words for what is in the way, what to look at."""
WAY_TO_SLACK = "the way to Slack: DNS, proxy, firewall"
UNTIL_SOMEBODY_ACTS = CHECKS.keys() - {TOO_MANY}
"""What does not pass by itself."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Pauses:
    """Every wait of Socket Mode, in seconds."""

    ping: float = 3.0
    """Of silence until Slack is asked whether it is there; half of that later it is not."""
    opening: float = 10.0
    """For an address and a connection, and again for Slack's hello."""
    first: float = 0.5
    """Before a connection is opened again that did not last; then twice as long each time."""
    longest: float = 30.0
    refused: float = 60.0
    """The same, where somebody must act first."""
    steady: float = 30.0
    """After which a connection has lasted, and the next one is opened at once."""
    leaving: float = 20.0
    """For Slack to close a connection that it has called off; its warning comes about 10 s before."""
    finishing: float = 3.0
    """For what is under way on a connection, at a stop."""


@dataclass(frozen=True, slots=True)
class SocketMode:
    """The connections to Slack, old and new."""

    intake: Intake
    app_token: str
    pauses: Pauses
    jitter: Callable[[], float] = random.random
    connections: dict[Connection, asyncio.Task[None]] = field(default_factory=dict)

    async def keep_line(self) -> None:
        """Keep a connection up, and have the next one before it goes, where Slack says so in time."""
        short_lived = 0
        while True:
            began = monotonic()
            why, wait = await self.one_connection()
            short_lived = 0 if monotonic() - began >= self.pauses.steady else short_lived + 1
            await asyncio.sleep(max(wait, self.pause(why, short_lived)))

    def pause(self, why: str, short_lived: int) -> float:
        """Give the seconds before the next connection, after so many in turn that did not come up or did not last."""
        if why in UNTIL_SOMEBODY_ACTS:
            return self.pauses.refused
        if not short_lived:
            return 0.0
        doubled = self.pauses.first * 2.0 ** min(short_lived - 1, MOST_DOUBLINGS)
        return min(self.pauses.longest, doubled) * (1 + self.jitter()) / 2

    async def one_connection(self) -> tuple[str, float]:
        """Open a connection; give why it goes, as soon as that is known, and the seconds that Slack asks to wait."""
        try:
            connection = await self.opened()
        except SlackUnreachable as error:
            self.note(error.problem)
            return error.problem, error.wait
        self.note(None)
        # Not awaited itself: who gives up waiting would take the word from the others.
        await asyncio.wait({connection.going})
        why = connection.going.result()
        log.info("a connection to Slack goes", reason=why)
        return why, 0.0

    async def opened(self) -> Connection:
        """Open a connection, and give it when Slack has said hello. Raises SlackUnreachable."""
        slack = self.intake.services.slack
        try:
            async with asyncio.timeout(self.pauses.opening):
                socket = await slack.session.ws_connect(
                    await slack.socket_address(self.app_token),
                    heartbeat=self.pauses.ping,
                    max_msg_size=LARGEST_MESSAGE,
                    timeout=aiohttp.ClientWSTimeout(ws_close=SECONDS_TO_CLOSE),
                    proxy=slack.client.proxy,  # as slack_sdk takes it from the environment, for its calls
                )
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise SlackUnreachable(type(error).__name__) from None
        connection = Connection(socket, self.intake)
        self.connections[connection] = asyncio.create_task(self.see_through(connection))
        first_words: set[asyncio.Future[Any]] = {connection.hello, connection.going}
        await asyncio.wait(first_words, timeout=self.pauses.opening, return_when=asyncio.FIRST_COMPLETED)
        if not connection.hello.done():
            connection.goes(NO_HELLO)
            raise SlackUnreachable(connection.going.result())
        return connection

    async def see_through(self, connection: Connection) -> None:
        """Let a connection run to its end: what Slack still sends after calling it off is answered, too."""
        running = asyncio.create_task(connection.run())
        await asyncio.wait({connection.going})
        if connection.hello.done():
            await asyncio.wait({running}, timeout=self.pauses.leaving)
        await connection.close(self.pauses.finishing)
        await running
        del self.connections[connection]
        if connection.hello.done():
            self.note(why if (why := connection.going.result()) in CHECKS else LOST)

    def note(self, problem: str | None) -> None:
        """Note how things stand, and log it where that is news."""
        health = self.intake.services.health
        up = sum(connection.up for connection in self.connections)
        state = CONNECTED if up else problem or LOST
        if problem and problem in CHECKS:
            log.warning("a connection to Slack was refused", problem=problem, others=up, check=CHECKS[problem])
        if state == health.socket_mode:
            return
        health.socket_mode = state
        if up:
            log.info("connected to Slack")
        elif not health.draining:
            log.error("no connection to Slack", problem=state, check=CHECKS.get(state, WAY_TO_SLACK))

    async def finish(self) -> None:
        """Answer what was taken, and close every connection."""
        seen_through = tuple(self.connections.values())
        await asyncio.gather(*(connection.close(self.pauses.finishing) for connection in tuple(self.connections)))
        await asyncio.gather(*seen_through)


@asynccontextmanager
async def socket_mode(intake: Intake, app_token: str, pauses: Pauses) -> AsyncIterator[None]:
    """Be connected to Slack; at the end answer what was taken, and close."""
    door = SocketMode(intake, app_token, pauses)
    intake.services.health.socket_mode = NOT_YET_CONNECTED
    lines = {asyncio.create_task(steadily(door.keep_line)) for _ in range(LINES)}
    try:
        yield
    finally:
        for line in lines:
            line.cancel()
        await asyncio.wait(lines)
        await door.finish()
