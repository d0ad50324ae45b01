"""The edge: what comes in from the internet is capped, verified and parsed here, and only then handed to Bolt.

POST /slack/events   everything from Slack: commands, events, interactions
GET  /healthz        alive
GET  /readyz         200 when Slack should send requests here, else 503; how the fax server is, is told, never a reason

Bolt parses before it verifies, answers 500 to bad bytes, and loses a form that has the word "payload" anywhere in it.
Here the signature over the raw bytes comes first, and Bolt gets the parsed body, as it does in Socket Mode.
"""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, MutableMapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

import structlog
import uvicorn
from slack_bolt.async_app import AsyncApp, AsyncBoltRequest
from slack_sdk.signature import SignatureVerifier

from bot.services import Health
from bot.telemetry import begin_request

SLACK_PATH = "/slack/events"
LARGEST_BODY = 1024 * 1024
STOPPING_SECONDS = 5
BACKLOG = 2048

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Reply:
    """One HTTP answer."""

    status: int
    body: str = ""
    headers: tuple[tuple[str, str], ...] = (("content-type", "application/json; charset=utf-8"),)


NOT_VERIFIED = Reply(401, '{"error":"not verified"}')
NOT_READABLE = Reply(400, '{"error":"not readable"}')
TOO_LARGE = Reply(413, '{"error":"too large"}')
NOT_FOUND = Reply(404, '{"error":"not found"}')
NOT_ALLOWED = Reply(405, '{"error":"method not allowed"}')


class BodyTooLarge(Exception):
    """More than any request of Slack's."""


@dataclass(frozen=True, slots=True)
class Edge:
    """The ASGI application."""

    app: AsyncApp
    verifier: SignatureVerifier
    health: Health

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        reply = await self.reply(scope, receive)
        headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in reply.headers]
        await send({"type": "http.response.start", "status": reply.status, "headers": headers})
        await send({"type": "http.response.body", "body": reply.body.encode()})

    async def reply(self, scope: Scope, receive: Receive) -> Reply:
        """Find the route."""
        routes = {SLACK_PATH: "POST", "/healthz": "GET", "/readyz": "GET"}
        path, method = scope["path"], scope["method"]
        if path not in routes:
            return NOT_FOUND
        if method != routes[path] and not (method == "HEAD" and routes[path] == "GET"):
            return NOT_ALLOWED
        if path == "/healthz":
            return Reply(200, '{"alive":true}')
        if path == "/readyz":
            return readiness(self.health)
        return await self.from_slack(scope, receive)

    async def from_slack(self, scope: Scope, receive: Receive) -> Reply:
        """Verify, parse, and hand to Bolt."""
        arrival = begin_request()
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        try:
            body = await read_body(receive)
        except BodyTooLarge:
            log.warning("refused", reason="too large")
            return TOO_LARGE
        if not self.verified(body, headers):
            log.warning("refused", reason="not verified")
            return NOT_VERIFIED
        try:
            parsed = parsed_body(body, headers.get("content-type", ""))
        except (ValueError, RecursionError):
            log.warning("refused", reason="not readable")
            return NOT_READABLE
        request = AsyncBoltRequest(body=parsed, headers=headers, mode="socket_mode", context={"arrival": arrival})
        response = await self.app.async_dispatch(request)
        return Reply(response.status, response.body, tuple(response.first_headers().items()))

    def verified(self, body: bytes, headers: Mapping[str, str]) -> bool:
        """Check Slack's signature over the raw bytes; whatever the checking trips over is no signature of Slack's."""
        timestamp, signature = headers.get("x-slack-request-timestamp"), headers.get("x-slack-signature")
        try:
            return bool(timestamp and signature and self.verifier.is_valid(body, timestamp, signature))
        except (ValueError, TypeError):
            return False


async def read_body(receive: Receive) -> bytes:
    """Read a request's body. Raises BodyTooLarge as soon as it is."""
    body = bytearray()
    while True:
        message = await receive()
        body += message.get("body", b"")
        if len(body) > LARGEST_BODY:
            raise BodyTooLarge
        if not message.get("more_body"):
            return bytes(body)


def parsed_body(body: bytes, content_type: str) -> dict[str, Any]:
    """Parse JSON, a form, or a form's `payload`, into a dict. Raises ValueError."""
    text = body.decode()
    if content_type.split(";", maxsplit=1)[0].strip().lower() == "application/json":
        parsed = json.loads(text)
    else:
        form = dict(parse_qsl(text, keep_blank_values=True))
        parsed = json.loads(form["payload"]) if "payload" in form else form
    if not isinstance(parsed, dict):
        message = "neither an object nor a form"
        raise ValueError(message)  # noqa: TRY004 - to the caller it is one more unreadable body
    return parsed


def readiness(health: Health) -> Reply:
    """Say whether requests should come here, and how things stand."""
    told = {
        "ready": health.ready,
        "draining": health.draining,
        "slack": health.slack_problem or "ok",
        "fax_server": {"state": health.fax_server, "since": health.fax_server_since.isoformat()},
    }
    return Reply(200 if health.ready else 503, json.dumps(told))


class Server(uvicorn.Server):
    """uvicorn without its own idea of signals: a stop is the composition root's business."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals alone."""
        yield


def listening_socket(host: str, port: int) -> socket.socket:
    """Bind host and port; 0 is any free port. Raises OSError, for a port that is taken above all."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family, backlog=BACKLOG)


@asynccontextmanager
async def serving(edge: Edge, listener: socket.socket) -> AsyncIterator[None]:
    """Serve on a listening socket, and at the end stop taking requests once those under way are answered."""
    config = uvicorn.Config(
        edge,
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=STOPPING_SECONDS,
    )
    server = Server(config)
    running = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield
    finally:
        server.should_exit = True
        await running
