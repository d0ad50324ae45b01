"""One WebSocket of Socket Mode: envelopes come in by it, and what is done with each is answered by it.

What Slack sends is told at docs.slack.dev/apis/events-api/using-socket-mode.
"""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import aiohttp
import structlog
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse

from bot.server.intake import NOT_READABLE, Incoming, Intake, Kind, Reply
from bot.telemetry import begin_request

KINDS: Mapping[str, Kind] = {
    "events_api": Kind.EVENT,
    "interactive": Kind.INTERACTION,
    "slash_commands": Kind.COMMAND,
}
LOST = "connection_lost"
MOST_UNDER_WAY = 2048
"""Envelopes whose ack is not out yet; beyond that nothing is read, and what comes waits in the network."""

log = structlog.get_logger(__name__)


@dataclass(eq=False, slots=True)
class Connection:
    """One WebSocket, from its first word to its last."""

    socket: aiohttp.ClientWebSocketResponse
    intake: Intake
    hello: asyncio.Future[None] = field(default_factory=lambda: asyncio.get_running_loop().create_future())
    going: asyncio.Future[str] = field(default_factory=lambda: asyncio.get_running_loop().create_future())
    """Slack's word for why the connection is about to go, or LOST."""
    under_way: set[asyncio.Task[None]] = field(default_factory=set)
    closing: bool = False

    @property
    def up(self) -> bool:
        """Whether envelopes may come by it."""
        return self.hello.done() and not self.socket.closed

    async def run(self) -> None:
        """Take what comes, until the connection is over."""
        try:
            async for message in self.socket:
                if message.type is aiohttp.WSMsgType.TEXT:
                    self.take(message.data)
                while len(self.under_way) >= MOST_UNDER_WAY:
                    await asyncio.wait(self.under_way, return_when=asyncio.FIRST_COMPLETED)
        except Exception:
            log.exception("a connection broke")
        finally:
            self.goes(LOST)

    def take(self, text: str) -> None:
        """Take one message; whatever it is, the next is taken, too."""
        try:
            said = json.loads(text)
            request = SocketModeRequest.from_dict(said)
            kind = said.get("type")
        except (AttributeError, TypeError, ValueError, RecursionError):
            log.warning("refused", reason="not readable")
            self.intake.services.metrics.note_refusal(NOT_READABLE.refused)
            return
        if kind == "hello" and not self.hello.done():
            self.hello.set_result(None)
        elif kind == "disconnect":
            self.goes(str(said.get("reason")))
        elif request and kind in KINDS:
            task = asyncio.create_task(self.answer(request))
            self.under_way.add(task)
            task.add_done_callback(self.over)

    def goes(self, why: str) -> None:
        """Note that it is about to go: the first word for it counts."""
        if not self.going.done():
            self.going.set_result(why)

    async def answer(self, request: SocketModeRequest) -> None:
        """Answer one envelope by an ack; what is not acked Slack brings again, if it is an event."""
        headers = {"x-slack-retry-num": str(request.retry_attempt)} if request.retry_attempt else {}
        incoming = Incoming(KINDS[request.type], begin_request(), headers, lambda: request.payload)
        # When closing there is no time for more than a sentence.
        reply = self.intake.shed(incoming) if self.closing else await self.intake.answer(incoming)
        self.intake.services.metrics.note_refusal(reply.refused)
        if reply.status != HTTPStatus.OK:
            return
        ack = SocketModeResponse(request.envelope_id, said_in(reply))
        try:
            await self.socket.send_json(ack.to_dict())
        except ConnectionError:
            log.warning("an ack was lost with its connection", kind=incoming.kind.value)
            self.intake.make_good(incoming, reply)

    def over(self, task: asyncio.Task[None]) -> None:
        """Forget an envelope; whatever broke is logged."""
        self.under_way.discard(task)
        if not task.cancelled() and (error := task.exception()):
            log.error("an envelope broke", exc_info=error)

    async def close(self, within: float) -> None:
        """Close when nothing is under way; after `within` seconds take nothing more, so that it comes to that."""
        clock = asyncio.get_running_loop().time
        end = clock() + within
        while self.under_way and not self.socket.closed and (left := end - clock()) > 0:
            await asyncio.wait(self.under_way, timeout=left)
        self.closing = True
        if self.under_way:
            await asyncio.wait(self.under_way, timeout=within)
        await self.socket.close()


def said_in(reply: Reply) -> dict[str, Any] | None:
    """Give what an answer says, as an ack has it."""
    if not reply.body:
        return None
    if not dict(reply.headers).get("content-type", "").startswith("application/json"):
        return {"text": reply.body}
    said: dict[str, Any] = json.loads(reply.body)
    return said
