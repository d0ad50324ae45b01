"""A crowd that types and presses whether it is answered or not: an open loop of requests, in a process of its own.

It reads one order from a file, sends, and writes what became of each request to another. Like Slack it keeps many
connections open, sends the next request by one that is free, and hangs up on an answer that takes 3 s.
"""

import asyncio
import pickle
import sys
from collections import deque
from collections.abc import Iterator
from dataclasses import astuple, dataclass, field
from pathlib import Path
from time import monotonic

import uvloop

SLACK_WAITS = 3.0
MOST_CONNECTIONS = 1900
"""How many Slack opens is its secret; more than this and the bot's own limit would be what is measured."""
TICK = 0.005
CHUNKED_END = b"0\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Request:
    """One request as it goes over the wire."""

    kind: str
    octets: bytes


@dataclass(frozen=True, slots=True)
class Order:
    """What to send to which port: so many a second, or, where `rate` is None, the next as soon as one is answered."""

    port: int
    requests: list[Request]
    rate: float | None
    at_once: int = 64
    """In the closed loop."""
    seconds: float = 5.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one request; `status` is 0 where the connection broke, and None where Slack gave up."""

    kind: str
    seconds: float
    """From when it was due, which is when a person pressed Enter: waiting for a connection counts."""
    status: int | None
    body: bytes = b""


@dataclass(eq=False)
class Line(asyncio.Protocol):
    """One kept-alive connection."""

    crowd: "Crowd"
    transport: asyncio.Transport = field(init=False)
    request: Request | None = None
    due: float = 0.0
    received: bytearray = field(default_factory=bytearray)

    def send(self, request: Request, due: float) -> None:
        """Send a request; the answer, or its lack, is told to the crowd."""
        self.request, self.due = request, due
        self.received.clear()
        self.transport.write(request.octets)

    def data_received(self, data: bytes) -> None:
        """Read until an answer is whole."""
        self.received += data
        head, found, body = self.received.partition(b"\r\n\r\n")
        if found and is_whole(head, body):
            self.over(int(head[9:12]), bytes(body))
            self.crowd.free(self)

    def connection_lost(self, _error: Exception | None) -> None:
        """Note a request that will get no answer."""
        self.crowd.lines.discard(self)
        self.over(0)

    def over(self, status: int | None, body: bytes = b"") -> None:
        """Tell what became of the request under way, if there is one."""
        if self.request:
            self.crowd.note(self.request, self.due, status, body)
            self.request = None


def is_whole(head: bytearray, body: bytearray) -> bool:
    """Say whether all of an answer has come, whichever way its length is told."""
    _, found, rest = head.lower().partition(b"content-length:")
    return len(body) >= int(rest.split(b"\r\n", 1)[0]) if found else body.endswith(CHUNKED_END)


@dataclass
class Crowd:
    """All connections, what waits for one, and what became of everything."""

    order: Order
    lines: set[Line] = field(default_factory=set)
    idle: list[Line] = field(default_factory=list)
    waiting: deque[tuple[Request, float]] = field(default_factory=deque)
    outcomes: list[Outcome] = field(default_factory=list)
    opening: set[asyncio.Task[None]] = field(default_factory=set)
    coming: Iterator[Request] = field(init=False)

    def __post_init__(self) -> None:
        self.coming = iter(self.order.requests)
        self.end = monotonic() + self.order.seconds

    def send(self, request: Request, due: float) -> None:
        """Send by a connection that is free, or a new one, or as soon as there is one."""
        while self.idle:
            line = self.idle.pop()
            if not line.transport.is_closing():
                line.send(request, due)
                return
        self.waiting.append((request, due))
        if len(self.lines) + len(self.opening) < MOST_CONNECTIONS:
            task = asyncio.create_task(self.open())
            self.opening.add(task)
            task.add_done_callback(self.opening.discard)

    async def open(self) -> None:
        """Open a connection, for whatever has waited longest by then."""
        try:
            transport, line = await asyncio.get_running_loop().create_connection(
                lambda: Line(self), "127.0.0.1", self.order.port
            )
        except OSError:
            if self.waiting:
                self.note(*self.waiting.popleft(), 0)
            return
        line.transport = transport
        self.lines.add(line)
        self.free(line)

    def free(self, line: Line) -> None:
        """Use a connection for what waits, if anything does."""
        if self.waiting:
            line.send(*self.waiting.popleft())
        elif self.order.rate is None and monotonic() < self.end and (request := next(self.coming, None)):
            line.send(request, monotonic())
        else:
            self.idle.append(line)

    def note(self, request: Request, due: float, status: int | None, body: bytes = b"") -> None:
        """Note what became of a request."""
        self.outcomes.append(Outcome(request.kind, monotonic() - due, status, body))

    def give_up(self) -> None:
        """Hang up on what takes too long, as Slack does."""
        late = monotonic() - SLACK_WAITS
        for line in [line for line in self.lines if line.request and line.due < late]:
            line.over(None)
            line.transport.abort()
        while self.waiting and self.waiting[0][1] < late:
            self.note(*self.waiting.popleft(), None)

    async def run(self) -> None:
        """Send everything when it is due, and wait for the last answers."""
        began, sent, rate = monotonic(), 0, self.order.rate
        if rate is None:
            for _ in range(self.order.at_once):
                self.send(next(self.coming), monotonic())
        while (now := monotonic()) < self.end:
            while rate and sent < (now - began) * rate and (request := next(self.coming, None)):
                self.send(request, began + sent / rate)
                sent += 1
            self.give_up()
            await asyncio.sleep(TICK)
        while self.waiting or any(line.request for line in self.lines):
            self.give_up()
            await asyncio.sleep(TICK)
        for line in self.lines:
            line.transport.abort()


def main(order: Path, outcomes: Path) -> None:
    """Send what the order says."""
    crowd = Crowd(pickle.loads(order.read_bytes()))  # noqa: S301 - the process that started this one wrote it
    uvloop.run(crowd.run())
    # As plain tuples: this module goes by another name here.
    outcomes.write_bytes(pickle.dumps([astuple(outcome) for outcome in crowd.outcomes]))


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
