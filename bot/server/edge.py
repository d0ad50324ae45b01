"""The edge: what comes in from the internet is capped, verified and parsed here, and only then handed to Bolt.

POST /slack/events   everything from Slack: commands, events, interactions
GET  /healthz        alive
GET  /readyz         200 when Slack should send requests here, else 503; how the fax server is, is told, never a reason

Bolt parses before it verifies, answers 500 to bad bytes, and loses a form that has the word "payload" anywhere in it.
Here the signature over the raw bytes comes first, and Bolt gets the parsed body, as it does in Socket Mode.
What is more than the process can hold is shed in between, for a tenth of the price: see `shed`.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from contextlib import suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl

import structlog
from slack_bolt.async_app import AsyncApp, AsyncBoltRequest
from slack_sdk.signature import SignatureVerifier

from bot.cards import guidance
from bot.server.load import Load
from bot.services import Health, Services
from bot.slack import ReplyTo
from bot.store import Lease, StoreUnreachable, Taken
from bot.tasks import TooManyTasks
from bot.telemetry import Arrival, begin_request

SLACK_PATH = "/slack/events"
LARGEST_BODY = 1024 * 1024
MOST_HELD = 64 * LARGEST_BODY
"""For all bodies together that are not whole yet, whoever sends them."""
SECONDS_FOR_A_BODY = 3.0
NOTING_AGAIN = 0.5
"""Seconds between two tries to note that an event is done, while the database is away."""
RENEWALS = 3
"""How often a lease is renewed in its length."""
INTERACTION = b"payload="
"""How the form of a press, a shortcut or a modal begins; any other is a command's."""
MOST_TOLD = 16
"""People who are told at once, by response_url, that there is no time for them."""

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


DONE = Reply(200, "")
NOT_YET = Reply(503, '{"error":"not yet"}')
NOT_VERIFIED = Reply(401, '{"error":"not verified"}')
NOT_READABLE = Reply(400, '{"error":"not readable"}')
TOO_SLOW = Reply(408, '{"error":"too slow"}')
TOO_LARGE = Reply(413, '{"error":"too large"}')
NOT_FOUND = Reply(404, '{"error":"not found"}')
NOT_ALLOWED = Reply(405, '{"error":"method not allowed"}')


class BodyTooLarge(Exception):
    """More than any request of Slack's, or more than there is room for."""


@dataclass(frozen=True, slots=True)
class Edge:
    """The ASGI application."""

    app: AsyncApp
    verifier: SignatureVerifier
    services: Services
    event_patience: float
    """Seconds after which an event's delivery is answered "not yet": Slack waits 3."""
    load: Load
    telling: set[asyncio.Task[None]] = field(default_factory=set)

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
        routes = {SLACK_PATH: "POST", "/healthz": "GET", "/readyz": "GET"}
        path, method = scope["path"], scope["method"]
        if path not in routes:
            return NOT_FOUND
        if method != routes[path] and not (method == "HEAD" and routes[path] == "GET"):
            return NOT_ALLOWED
        if path == "/healthz":
            return Reply(200, '{"alive":true}')
        if path == "/readyz":
            return readiness(self.services.health)
        reply = await self.from_slack(scope, receive)
        self.services.metrics.note_answer(reply.status)
        return reply

    async def from_slack(self, scope: Scope, receive: Receive) -> Reply:
        """Verify, and let in what there is time for."""
        arrival = begin_request()
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        try:
            async with asyncio.timeout(SECONDS_FOR_A_BODY):
                body = await read_body(receive, self.load)
        except TimeoutError:
            log.warning("refused", reason="too slow")
            return TOO_SLOW
        except BodyTooLarge:
            log.warning("refused", reason="too large")
            return TOO_LARGE
        if not self.verified(body, headers):
            log.warning("refused", reason="not verified", check="SLACK_SIGNING_SECRET, and this machine's clock")
            return NOT_VERIFIED
        metrics, kind = self.services.metrics, kind_of(body, headers)
        if self.load.full:
            self.load.note_shed()
            metrics.shed.labels(kind).inc()
            return self.shed(body, headers, arrival)
        with self.load.one_more():
            reply = await self.let_in(body, headers, arrival)
        metrics.ack_seconds.labels(kind).observe(arrival.seconds_since())
        return reply

    async def let_in(self, body: bytes, headers: Mapping[str, str], arrival: Arrival) -> Reply:
        """Parse what Slack sent, and hand it on."""
        try:
            parsed = parsed_body(body, headers.get("content-type", ""))
        except (ValueError, RecursionError):
            log.warning("refused", reason="not readable")
            return NOT_READABLE
        if parsed.get("type") == "event_callback":
            return await self.event(parsed, headers, arrival)
        return await self.dispatched(parsed, headers, arrival)

    def shed(self, body: bytes, headers: Mapping[str, str], arrival: Arrival) -> Reply:
        """Say at once that there is no time: to who typed in the ack, to Slack of an event, which it brings again.

        The ack of a press shows nothing, so a few are told by response_url; the rest see Slack's own warning.
        """
        content_type, sentence = headers.get("content-type", ""), guidance.overloaded(arrival.reference)
        if is_json(content_type):
            return NOT_YET
        if not body.startswith(INTERACTION):
            return Reply(200, json.dumps(sentence.payload()))
        if len(self.telling) >= MOST_TOLD:
            return NOT_YET
        try:
            parsed = parsed_body(body, content_type)
            reply_to = ReplyTo(parsed["response_url"], parsed["user"]["id"])
            task = self.services.tasks.start(self.services.answers.deliver(sentence, reply_to))
        except (KeyError, TypeError, ValueError, RecursionError, TooManyTasks):
            return NOT_YET
        self.telling.add(task)
        task.add_done_callback(self.telling.discard)
        return DONE

    async def dispatched(self, parsed: dict[str, Any], headers: Mapping[str, str], arrival: Arrival) -> Reply:
        """Hand a request to Bolt, and give its answer."""
        try:
            request = AsyncBoltRequest(
                body=parsed, headers=dict(headers), mode="socket_mode", context={"arrival": arrival}
            )
            response = await self.app.async_dispatch(request)
        except Exception:
            # Bolt trips over payloads that Slack does not send; whoever signs them learns no more.
            log.exception("refused")
            return NOT_READABLE
        if response.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            # A listener tripped, and has logged where: to Slack it is the same, and to anybody else no sign of a fault.
            return NOT_READABLE
        return Reply(response.status, response.body, tuple(response.first_headers().items()))

    async def event(self, parsed: dict[str, Any], headers: Mapping[str, str], arrival: Arrival) -> Reply:
        """Work on an event once, whichever of its deliveries and whichever process it comes to.

        Slack keeps it for us: only what is done is answered 200; the rest is answered 503, and brought again.
        """
        try:
            claim = await self.services.store.claim(str(parsed.get("event_id")))
        except StoreUnreachable as error:
            log.warning("an event was left to Slack", problem=error.problem)
            return NOT_YET
        if not isinstance(claim, Lease):
            return DONE if claim is Taken.DONE else NOT_YET
        try:
            work = self.services.tasks.start(self.work_on(claim, parsed, headers, arrival))
        except TooManyTasks:
            self.services.metrics.shed.labels("event").inc()
            await self.given_back(claim)
            return NOT_YET
        await asyncio.wait({work}, timeout=max(0.0, self.event_patience - arrival.seconds_since()))
        return work.result() if work.done() else NOT_YET

    async def work_on(
        self, lease: Lease, parsed: dict[str, Any], headers: Mapping[str, str], arrival: Arrival
    ) -> Reply:
        """Handle an event, and note that it is done, or give it back for its next delivery."""
        renewing = asyncio.create_task(self.keep(lease))
        try:
            reply = await self.dispatched(parsed, headers, arrival)
        finally:
            renewing.cancel()
        if reply.status != HTTPStatus.OK:
            await self.given_back(lease)
            return NOT_YET
        try:
            await self.services.store.done(lease)
        except StoreUnreachable as error:
            log.warning("an event was not noted as done", problem=error.problem)
            with suppress(TooManyTasks):
                self.services.tasks.start(self.noted_later(lease))
        return reply

    async def noted_later(self, lease: Lease) -> None:
        """Note that an event is done as soon as the database is back: Slack may bring it again, as answered 503."""
        while True:
            await asyncio.sleep(NOTING_AGAIN)
            with suppress(StoreUnreachable):
                await self.services.store.done(lease)
                return

    async def keep(self, lease: Lease) -> None:
        """Renew the lease while the event is worked on, so that nobody else takes it for abandoned."""
        store = self.services.store
        while True:
            await asyncio.sleep(store.spans.lease / RENEWALS)
            with suppress(StoreUnreachable):
                await store.renew(lease)

    async def given_back(self, lease: Lease) -> None:
        """Let the next delivery have an event at once; if the database is away, it has it when the lease is over."""
        with suppress(StoreUnreachable):
            await self.services.store.release(lease)

    def verified(self, body: bytes, headers: Mapping[str, str]) -> bool:
        """Check Slack's signature over the raw bytes; whatever the checking trips over is no signature of Slack's."""
        timestamp, signature = headers.get("x-slack-request-timestamp"), headers.get("x-slack-signature")
        try:
            return bool(timestamp and signature and self.verifier.is_valid(body, timestamp, signature))
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


def kind_of(body: bytes, headers: Mapping[str, str]) -> str:
    """Say what Slack sends, as far as its first bytes say it."""
    if is_json(headers.get("content-type", "")):
        return "event"
    return "interaction" if body.startswith(INTERACTION) else "command"


def is_json(content_type: str) -> bool:
    """Tell an event from what comes as a form."""
    return content_type.split(";", maxsplit=1)[0].strip().lower() == "application/json"


def readiness(health: Health) -> Reply:
    """Say whether requests should come here, and how things stand."""
    told = {
        "ready": health.ready,
        "draining": health.draining,
        "slack": health.slack_problem or "ok",
        "database": health.database_problem or "ok",
        "fax_server": {"state": health.fax_server, "since": health.fax_server_since.isoformat()},
    }
    return Reply(200 if health.ready else 503, json.dumps(told))
