"""What is done with everything from Slack, by whichever door it came: let in or shed, and each event worked on once.

The doors have made sure that it is Slack's. What is more than the process can hold is shed, for a tenth of the price.
"""

import asyncio
import json
from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from enum import Enum
from http import HTTPStatus
from typing import Any

import structlog
from slack_bolt.async_app import AsyncApp, AsyncBoltRequest

from bot.cards import Message, guidance
from bot.languages import in_language_of
from bot.metrics import Refusal
from bot.server.load import Load
from bot.services import Services
from bot.slack import ReplyTo
from bot.store import Lease, StoreUnreachable, Taken
from bot.tasks import TooManyTasks
from bot.telemetry import Arrival

NOTING_AGAIN = 0.5
"""Seconds between two tries to note that an event is done, while the database is away."""
RENEWALS = 3
"""How often a lease is renewed in its length."""
NOT_CLAIMED = frozenset({"entity_details_requested"})
"""Events that are worked on without a claim, also while the database is away: their trigger works once in any case."""
MOST_TOLD = 16
"""People who are told at once, by response_url, that there is no time for them."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer, in the terms of HTTP; any other status than 200 means that Slack is left without one."""

    status: int
    body: str = ""
    headers: tuple[tuple[str, str], ...] = (("content-type", "application/json; charset=utf-8"),)
    refused: Refusal | None = None
    """Why the request is not taken, to be counted."""


DONE = Reply(200, "")
NOT_YET = Reply(503, '{"error":"not yet"}')
NOT_READABLE = Reply(400, '{"error":"not readable"}', refused="not_readable")
BROKE = replace(NOT_READABLE, refused="broke")
"""The same to whoever sent it: no sign of a fault."""
SLACK_AWAY = replace(NOT_READABLE, refused=None)
"""The same; nobody's request is at fault, nor are we."""


class Kind(Enum):
    """What Slack sends."""

    COMMAND = "command"
    EVENT = "event"
    INTERACTION = "interaction"


@dataclass(frozen=True, slots=True)
class Incoming:
    """One request of Slack's: its kind is known at once, what it says is read when it is wanted."""

    kind: Kind
    arrival: Arrival
    headers: Mapping[str, str]
    read: Callable[[], dict[str, Any]]
    """Raises ValueError or RecursionError for what cannot be read."""


@dataclass(frozen=True, slots=True)
class Intake:
    """Answers what Slack asks, tells and reports."""

    app: AsyncApp
    services: Services
    event_patience: float
    """Seconds after which an event's delivery is answered "not yet": Slack waits 3."""
    load: Load
    telling: set[asyncio.Task[None]] = field(default_factory=set)

    async def answer(self, incoming: Incoming) -> Reply:
        """Let in what there is time for."""
        metrics, kind = self.services.metrics, incoming.kind.value
        if self.load.full:
            self.load.note_shed()
            metrics.shed.labels(kind).inc()
            return self.shed(incoming)
        with self.load.one_more():
            reply = await self.let_in(incoming)
        metrics.ack_seconds.labels(kind).observe(incoming.arrival.seconds_since())
        return reply

    async def let_in(self, incoming: Incoming) -> Reply:
        """Read what Slack sent, and hand it on."""
        try:
            parsed = incoming.read()
        except (ValueError, RecursionError):
            log.warning("refused", reason="not readable")
            return NOT_READABLE
        if parsed.get("type") == "event_callback":
            return await self.event(parsed, incoming)
        return await self.dispatched(parsed, incoming)

    def shed(self, incoming: Incoming) -> Reply:
        """Say at once that there is no time: to who typed in the ack, to Slack of an event, which it brings again.

        The ack of a press shows nothing, so a few are told by response_url; the rest see Slack's own warning.
        """
        if incoming.kind is Kind.EVENT or (incoming.kind is Kind.INTERACTION and len(self.telling) >= MOST_TOLD):
            return NOT_YET
        try:
            parsed = incoming.read()
            user_id = parsed["user_id"] if incoming.kind is Kind.COMMAND else parsed["user"]["id"]
            with in_language_of(self.services.slack.people.reader(user_id)):
                sentence = guidance.overloaded(incoming.arrival.reference)
            if incoming.kind is Kind.COMMAND:
                return Reply(200, json.dumps(sentence.payload()))
            reply_to = ReplyTo(parsed["response_url"], user_id)
            task = self.services.tasks.start(self.services.answers.deliver(sentence, reply_to))
        except (KeyError, TypeError, ValueError, RecursionError, TooManyTasks):
            return NOT_YET
        self.telling.add(task)
        task.add_done_callback(self.telling.discard)
        return DONE

    def make_good(self, incoming: Incoming, reply: Reply) -> None:
        """Bring the answer that an ack would have been by another way, where the door was gone before the ack was out.

        A command's goes to its response_url, a modal's into the modal. Nothing else needs it: an event comes again,
        the ack of a press shows nothing, and what is wrong in a modal is said when it is submitted again.
        """
        if incoming.kind is Kind.EVENT or not reply.body:
            return
        said, asked = json.loads(reply.body), incoming.read()
        answers = self.services.answers
        if incoming.kind is Kind.COMMAND:
            user_id = asked["user_id"]
            work = answers.deliver(
                Message(said["text"], tuple(said["blocks"])), ReplyTo(asked["response_url"], user_id)
            )
        elif said.get("response_action") == "update":
            user_id, view = asked["user"]["id"], said["view"]
            answer = Message(view["title"]["text"], tuple(view["blocks"]))
            work = answers.show_in_view(asked["view"]["id"], user_id, answer, view)
        else:
            return
        try:
            self.services.tasks.start(work)
        except TooManyTasks:
            log.error("an answer was lost", user=user_id)  # noqa: TRY400 - the kind says all

    async def dispatched(self, parsed: dict[str, Any], incoming: Incoming) -> Reply:
        """Hand a request to Bolt, and give its answer."""
        try:
            request = AsyncBoltRequest(
                body=parsed,
                headers=dict(incoming.headers),
                mode="socket_mode",
                context={"arrival": incoming.arrival},
            )
            with in_language_of(self.services.slack.people.reader(request.context.user_id)):
                response = await self.app.async_dispatch(request)
        except Exception:
            # Bolt trips over payloads that Slack does not send; whoever signs them learns no more.
            log.exception("refused")
            return NOT_READABLE
        if response.status == HTTPStatus.SERVICE_UNAVAILABLE:
            return SLACK_AWAY
        if response.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            # A listener tripped, and has logged where.
            return BROKE
        return Reply(response.status, response.body, tuple(response.first_headers().items()))

    async def event(self, parsed: dict[str, Any], incoming: Incoming) -> Reply:
        """Work on an event once, whichever of its deliveries and whichever process it comes to.

        Slack keeps it for us: only what is done is acked; the rest is answered "not yet", and brought again.
        """
        if type_of(parsed) in NOT_CLAIMED:
            return await self.in_time(self.dispatched(parsed, incoming), incoming) or NOT_YET
        try:
            claim = await self.services.store.claim(str(parsed.get("event_id")))
        except StoreUnreachable as error:
            log.warning("an event was left to Slack", problem=error.problem)
            return NOT_YET
        if not isinstance(claim, Lease):
            return DONE if claim is Taken.DONE else NOT_YET
        reply = await self.in_time(self.work_on(claim, parsed, incoming), incoming)
        if reply is None:
            await self.given_back(claim)
        return reply or NOT_YET

    async def in_time(self, handling: Coroutine[Any, Any, Reply], incoming: Incoming) -> Reply | None:
        """Begin to handle an event, and give its reply if it is there in time; None where there is no room for it."""
        try:
            work = self.services.tasks.start(handling)
        except TooManyTasks:
            self.services.metrics.shed.labels(incoming.kind.value).inc()
            return None
        await asyncio.wait({work}, timeout=max(0.0, self.event_patience - incoming.arrival.seconds_since()))
        return work.result() if work.done() else NOT_YET

    async def work_on(self, lease: Lease, parsed: dict[str, Any], incoming: Incoming) -> Reply:
        """Handle an event, and note that it is done, or give it back for its next delivery."""
        renewing = asyncio.create_task(self.keep(lease))
        try:
            reply = await self.dispatched(parsed, incoming)
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
        """Note that an event is done as soon as the database is back: Slack may bring it again, as not acked."""
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


def type_of(parsed: Mapping[str, Any]) -> str | None:
    """Give what an event says it is; whoever signs it may say anything."""
    event = parsed.get("event")
    return str(event.get("type")) if isinstance(event, dict) else None
