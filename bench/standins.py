"""A fax server and a Slack that cost next to nothing: fixed answers, counted, with what arrived when.

The playground's servers are as strict as the real ones, and slower than the bot: with them in the load's process they
would be what is measured. These two are the same for every bot.
"""

import asyncio
import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic

from playground.slack.example import BOT, SUPPORT, TEAM
from playground.stonefax import ANSWERS

FAILED, COMPLETED = (
    json.loads((ANSWERS / f"{fax_id}.json").read_text())
    for fax_id in ("IAS-N1_401d6c8c07d6b7a_0", "IAS-N1_d53957a4-c6fa-4a89-9198-f32da47e6a58_0")
)
"""Every other fax has failed, as the line was busy; each is to a number of its own."""
MARK = FAILED["recipient"]["name"].encode()
"""What every bot's card shows: both are to the same person."""
FAX_ID = "IAS-N1_00000000-0000-4000-8000-{:012x}_0"
SLACK_ANSWER = {
    "ok": True,
    "team_id": TEAM,
    "user_id": BOT,
    "bot_id": "B0000FAXBOT1",
    "user": {"id": "U0", "team_id": TEAM},
    "channel": {"id": SUPPORT, "is_member": True},
    "ts": "1763900000.000100",
}
"""All that any bot here reads of any answer: of auth.test, users.info, conversations.info, chat.postMessage."""
RESPONSE_URL = "/respond/"


def whole_answer(body: bytes) -> bytes:
    """Give an HTTP answer as it goes over the wire."""
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def slack_answer(**more: str) -> bytes:
    """Give Slack's answer to every call; `more` is the address of Socket Mode."""
    return whole_answer(json.dumps({**SLACK_ANSWER, **more}).encode())


def fax_answer(fax_id: bytes, size: int) -> bytes:
    """Give a fax, in an answer of at least `size` bytes."""
    number = int(fax_id[-8:-2], 16)
    fax = FAILED if number % 2 else COMPLETED
    recipient = {**fax["recipient"], "faxNumber": f"+39 06 55{number % 10**6:06}"}
    return whole_answer(json.dumps({**fax, "faxId": fax_id.decode(), "recipient": recipient}).encode().ljust(size))


def content_length(head: bytes) -> int:
    """Read how long a body is; no client here sends one in chunks."""
    _, found, rest = head.lower().partition(b"content-length:")
    return int(rest.split(b"\r\n", 1)[0]) if found else 0


@dataclass(eq=False)
class Served(asyncio.Protocol):
    """One connection: each request, once it is whole, is given to `take` with the way to answer it."""

    take: Callable[[bytes, bytes, Callable[[bytes], None]], None]
    connected: Callable[[], None]
    received: bytes = b""
    transport: asyncio.Transport = field(init=False)

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # TCP gives a Transport
        """Count the connection."""
        self.transport = transport
        self.connected()

    def data_received(self, data: bytes) -> None:
        """Take every request that is whole."""
        self.received += data
        while True:
            head, found, rest = self.received.partition(b"\r\n\r\n")
            if not found or len(rest) < (length := content_length(head)):
                return
            self.received = rest[length:]
            self.take(head.split(b" ", 2)[1], rest[:length], self.answer)

    def answer(self, octets: bytes) -> None:
        """Answer, unless the client has gone."""
        if not self.transport.is_closing():
            self.transport.write(octets)


@dataclass
class StandIns:
    """Both servers on one port, told apart by the path."""

    told: Callable[[str, bytes], None]
    """What is told of each use of a response_url: its key, and the body."""
    delay: float | None = 0.0
    """Seconds until the fax server answers; None: it never does."""
    size: int = 0
    """Of its answers, in bytes."""
    connections: int = 0
    asked: Counter[str] = field(default_factory=Counter)
    """Requests, by the method of the Web API, or `fax`, or `response_url`."""
    slack_answer: bytes = slack_answer()

    def connected(self) -> None:
        """Count a connection."""
        self.connections += 1

    def serve(self) -> Served:
        """Give the protocol of one connection."""
        return Served(self.take, self.connected)

    def take(self, path: bytes, body: bytes, answer: Callable[[bytes], None]) -> None:
        """Answer one request."""
        if path.startswith(RESPONSE_URL.encode()):
            self.asked["response_url"] += 1
            self.told(path.rpartition(b"/")[2].decode(), body)
            answer(self.slack_answer)
        elif path.startswith(b"/api/"):
            self.asked[path.removeprefix(b"/api/").decode()] += 1
            answer(self.slack_answer)
        else:
            self.asked["fax"] += 1
            self.fax(path.rpartition(b"/")[2], answer)

    def fax(self, fax_id: bytes, answer: Callable[[bytes], None]) -> None:
        """Answer for a fax when it is time."""
        if self.delay is None:
            return
        octets = fax_answer(fax_id, self.size)
        if self.delay:
            loop = asyncio.get_running_loop()
            # By the clock of now: the loop's own stands still within a turn, and would answer early.
            loop.call_later(self.delay + monotonic() - loop.time(), answer, octets)
        else:
            answer(octets)
