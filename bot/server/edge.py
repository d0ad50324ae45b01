"""The edge: what comes in over HTTP is capped, verified and parsed here, and only then handed on.

POST /slack/events   everything from Slack: commands, events, interactions; not there where Socket Mode is on
GET  /healthz        alive
GET  /readyz         200 when Slack should send requests here, else 503; how the fax server is, is told, never a reason

Bolt parses before it verifies, answers 500 to bad bytes, and loses a form that has the word "payload" anywhere in it.
Here the signature over the raw bytes comes first, and Bolt gets the parsed body, as it does in Socket Mode.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import parse_qsl

import structlog
from slack_sdk.signature import SignatureVerifier

from bot.server.intake import Incoming, Intake, Kind, Reply
from bot.server.load import Load
from bot.services import Health
from bot.telemetry import begin_request

SLACK_PATH = "/slack/events"
LARGEST_BODY = 1024 * 1024
MOST_HELD = 64 * LARGEST_BODY
"""For all bodies together that are not whole yet, whoever sends them."""
SECONDS_FOR_A_BODY = 3.0
INTERACTION = b"payload="
"""How the form of a press, a shortcut or a modal begins; any other is a command's."""

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

log = structlog.get_logger(__name__)

NOT_VERIFIED = Reply(401, '{"error":"not verified"}', refused="not_verified")
TOO_SLOW = Reply(408, '{"error":"too slow"}', refused="too_slow")
TOO_LARGE = Reply(413, '{"error":"too large"}', refused="too_large")
NOT_FOUND = Reply(404, '{"error":"not found"}')
NOT_ALLOWED = Reply(405, '{"error":"method not allowed"}')


class BodyTooLarge(Exception):
    """More than any request of Slack's, or more than there is room for."""


@dataclass(frozen=True, slots=True)
class Edge:
    """The ASGI application."""

    intake: Intake
    verifier: SignatureVerifier | None
    """None where Socket Mode is on: then nothing of Slack's comes over HTTP."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        reply = await self.reply(scope, receive)
        headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in reply.headers]
        body = reply.body.encode()
        headers.append((b"content-length", str(len(body)).encode()))
        await send({"type": "http.response.start", "status": reply.status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def reply(self, scope: Scope, receive: Receive) -> Reply:
        """Find the route."""
        routes = {"/healthz": "GET", "/readyz": "GET"} | ({SLACK_PATH: "POST"} if self.verifier else {})
        path, method = scope["path"], scope["method"]
        if path not in routes:
            return NOT_FOUND
        if method != routes[path] and not (method == "HEAD" and routes[path] == "GET"):
            return NOT_ALLOWED
        if path == "/healthz":
            return Reply(200, '{"alive":true}')
        if path == "/readyz":
            return readiness(self.intake.services.health)
        reply = await self.from_slack(scope, receive)
        self.intake.services.metrics.note_refusal(reply.refused)
        return reply

    async def from_slack(self, scope: Scope, receive: Receive) -> Reply:
        """Verify, and hand on."""
        arrival = begin_request()
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        try:
            async with asyncio.timeout(SECONDS_FOR_A_BODY):
                body = await read_body(receive, self.intake.load)
        except TimeoutError:
            log.warning("refused", reason="too slow")
            return TOO_SLOW
        except BodyTooLarge:
            log.warning("refused", reason="too large")
            return TOO_LARGE
        if not self.verified(body, headers):
            log.warning("refused", reason="not verified", check="SLACK_SIGNING_SECRET, and this machine's clock")
            return NOT_VERIFIED
        content_type = headers.get("content-type", "")
        read = partial(parsed_body, body, content_type)
        return await self.intake.answer(Incoming(kind_of(body, content_type), arrival, headers, read))

    def verified(self, body: bytes, headers: Mapping[str, str]) -> bool:
        """Check Slack's signature over the raw bytes; whatever the checking trips over is no signature of Slack's."""
        timestamp, signature = headers.get("x-slack-request-timestamp"), headers.get("x-slack-signature")
        try:
            return bool(
                self.verifier and timestamp and signature and self.verifier.is_valid(body, timestamp, signature)
            )
        except (ValueError, TypeError, OverflowError):
            return False


async def read_body(receive: Receive, load: Load) -> bytes:
    """Read a request's body. Raises BodyTooLarge as soon as it is."""
    body = bytearray()
    try:
        while True:
            message = await receive()
            part = message.get("body", b"")
            body += part
            load.held += len(part)
            if len(body) > LARGEST_BODY or load.held > MOST_HELD:
                raise BodyTooLarge
            if not message.get("more_body"):
                return bytes(body)
    finally:
        load.held -= len(body)


def kind_of(body: bytes, content_type: str) -> Kind:
    """Tell what a body is, for next to nothing."""
    if is_json(content_type):
        return Kind.EVENT
    return Kind.INTERACTION if body.startswith(INTERACTION) else Kind.COMMAND


def parsed_body(body: bytes, content_type: str) -> dict[str, Any]:
    """Parse JSON, a form, or a form's `payload`, into a dict. Raises ValueError."""
    text = body.decode()
    if is_json(content_type):
        parsed = json.loads(text)
    else:
        form = dict(parse_qsl(text, keep_blank_values=True))
        parsed = json.loads(form["payload"]) if "payload" in form else form
    if not isinstance(parsed, dict):
        message = "neither an object nor a form"
        raise ValueError(message)  # noqa: TRY004 - to the caller it is one more unreadable body
    return parsed


def is_json(content_type: str) -> bool:
    """Tell an event from what comes as a form."""
    return content_type.split(";", maxsplit=1)[0].strip().lower() == "application/json"


def readiness(health: Health) -> Reply:
    """Say whether requests should come here, and how things stand."""
    told = {
        "ready": health.ready,
        "draining": health.draining,
        "slack": health.slack_problem or "ok",
        "socket_mode": health.socket_mode,
        "database": health.database_problem or "ok",
        "fax_server": {"state": health.fax_server, "since": health.fax_server_since.isoformat()},
    }
    return Reply(200 if health.ready else 503, json.dumps(told))
