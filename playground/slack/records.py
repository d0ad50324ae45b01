"""What was asked of Slack, what Slack sent, and waiting for the next of it without sleeping."""

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from .messages import Message
from .wire import JsonObject

if TYPE_CHECKING:
    from .response_urls import ResponseUrl

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Call:
    """One call of the Web API."""

    method: str
    arguments: JsonObject
    token_kind: str
    """The part of the token before the first hyphen, or nothing."""
    status: int
    """The HTTP status; 0 when the connection was dropped."""
    answer: JsonObject
    seconds: float
    connection: int
    """Which of the TCP connections it came by."""
    at: float
    """The wall clock's time, in seconds since 1970."""
    monotonic: float

    @property
    def ok(self) -> bool:
        """Whether Slack said yes."""
        return self.answer.get("ok") is True


@dataclass(frozen=True, slots=True)
class ResponsePost:
    """One use of a response_url."""

    response_url: "ResponseUrl | None"
    """None for an address that was never given out."""
    body: bytes
    status: int
    answer: JsonObject
    shown: Message | None
    """What it made visible."""
    seconds: float
    connection: int
    at: float
    monotonic: float

    @property
    def ok(self) -> bool:
        """Whether Slack said yes."""
        return self.status == 200  # noqa: PLR2004 (the only status that means yes)


@dataclass(frozen=True, slots=True)
class Delivery:
    """One request to the bot and what came of it."""

    kind: str
    """`command`, `url_verification`, the type of the event, or the type of the interaction."""
    payload: JsonObject
    """What was sent: the form of a command, the JSON of an event or interaction."""
    request_body: bytes = b""
    request_headers: Mapping[str, str] = field(default_factory=dict)
    status: int | None = None
    """None when there was no answer, or when nothing was sent."""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    seconds: float = 0.0
    failure: str | None = None
    """In Slack's words, what the person is told: `operation_timeout`, `dispatch_failed`, `invalid_blocks`, …"""
    retry_reason: str | None = None
    """Why an event that failed comes again, as `http_timeout`."""
    attempt: int = 0
    """0, or the number of the retry."""
    shown: tuple[Message, ...] = ()
    """What the answer itself made visible."""
    response_url: "ResponseUrl | None" = None
    at: float = 0.0
    monotonic: float = 0.0

    @property
    def acked(self) -> bool:
        """Whether the bot answered in time, and well."""
        return self.failure is None

    @property
    def event_id(self) -> str:
        """What is the same in all retries of an event."""
        return str(self.payload["event_id"])

    def json(self) -> JsonObject:
        """Give the body of the bot's answer."""
        answer: JsonObject = json.loads(self.body)
        return answer


Record = Call | ResponsePost | Delivery


@dataclass
class Journal:
    """Everything recorded, oldest first, and those who wait for more."""

    calls: list[Call] = field(default_factory=list)
    response_posts: list[ResponsePost] = field(default_factory=list)
    deliveries: list[Delivery] = field(default_factory=list)
    on_record: list[Callable[[Record], None]] = field(default_factory=list)
    """Who is told of each record, as it comes."""
    _waiting: list[Callable[[], bool]] = field(default_factory=list)

    def note(self, record: Record) -> None:
        """Keep the record, and wake those whose condition holds now."""
        match record:
            case Call():
                self.calls.append(record)
            case ResponsePost():
                self.response_posts.append(record)
            case Delivery():
                self.deliveries.append(record)
        for told in self.on_record:
            told(record)
        if self._waiting:
            self._waiting = [asked for asked in self._waiting if not asked()]

    async def until(self, ready: Callable[[], T], within: float = 5.0) -> T:
        """Give what `ready` gives as soon as it is true, asked again after each record; TimeoutError after `within`."""
        told: asyncio.Future[T] = asyncio.get_running_loop().create_future()

        def asked() -> bool:
            """Say whether this one need not be asked again: told now, or no longer waiting."""
            if not told.done():
                try:
                    if now := ready():
                        told.set_result(now)
                except Exception as error:  # noqa: BLE001 (the condition is the waiter's: so is its mistake)
                    told.set_exception(error)
            return told.done()

        if not asked():
            self._waiting.append(asked)
        try:
            async with asyncio.timeout(within):
                return await told
        except TimeoutError:
            said = f"not within {within} s; {self._lately()}"
            raise TimeoutError(said) from None

    def _lately(self) -> str:
        deliveries = [f"{each.kind} {each.status or each.failure}" for each in self.deliveries[-3:]]
        posts = [f"response_url {each.status} {each.answer}" for each in self.response_posts[-3:]]
        calls = [f"{each.method} {each.status} {each.answer.get('error', 'ok')}" for each in self.calls[-5:]]
        return "the last records: " + ("; ".join((*deliveries, *posts, *calls)) or "none")

    def forget(self) -> None:
        """Drop all records; for runs that last."""
        self.calls.clear()
        self.response_posts.clear()
        self.deliveries.clear()
