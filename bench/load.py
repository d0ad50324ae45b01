"""People who ask, in a process of their own, together with the servers that a bot asks: what the bot is measured by.

python -m bench.load, with an Order in a line of standard input and its Outcome in a line of standard output

So many people ask at once; each asks next when the answer is whole, which it is when its card is there, in the ack or
at the response_url.
"""

import asyncio
import json
import os
import sys
import time
from collections.abc import Coroutine
from dataclasses import asdict, dataclass
from itertools import count
from time import monotonic
from urllib.parse import quote_plus

import uvloop

from bench.orders import LINE, ORDER, Order, Outcome, hundredths
from bench.questions import ASKED, signed
from bench.sockets import Sockets, open_sockets
from bench.standins import MARK, RESPONSE_URL, StandIns, content_length, slack_answer

LOAD_CORE = 1
READS_A_SENTENCE = 1.0
"""Seconds until somebody who was told that the bot is busy asks again."""
BUSY = b"as many people"
"""What Faxbot's sentence says that is the whole answer, and no announcement of one."""


@dataclass(eq=False)
class Person(asyncio.Protocol):
    """One of many who ask, over a kept-alive connection as Slack has."""

    world: "World"
    left: int
    """Questions yet to ask, where they are counted."""
    transport: asyncio.Transport | None = None
    received: bytes = b""
    began: float = 0.0
    number: int = -1
    request: bytes = b""
    acked: bool = False
    answer: bytes | None = None
    sent_again: bool = False

    async def connect(self) -> None:
        """Open a connection, as Slack does where the last one is closed."""
        loop = asyncio.get_running_loop()
        self.transport, _ = await loop.create_connection(lambda: self, "127.0.0.1", self.world.order.port)

    def ask(self) -> None:
        """Ask the next question."""
        self.number = next(self.world.numbers)
        self.world.waiting[self.number] = self
        order, response_url = self.world.order, f"{self.world.response_url}{self.number}"
        self.acked, self.answer, self.sent_again = False, None, False
        self.began = monotonic()
        if order.by_socket:
            _, form = ASKED[order.ask](order, self.number, response_url)
            self.world.start(self.world.sockets.send(self.number, form))
        else:
            self.request = signed(order, self.number, response_url)
            self.send()

    def send(self) -> None:
        """Send it, over a new connection where there is none."""
        if self.transport and not self.transport.is_closing():
            self.received = b""
            self.transport.write(self.request)
        else:
            self.world.start(self.connect_and_send())

    async def connect_and_send(self) -> None:
        """Connect first."""
        await self.connect()
        self.send()

    def data_received(self, data: bytes) -> None:
        """Read until the ack is whole."""
        self.received += data
        head, found, body = self.received.partition(b"\r\n\r\n")
        if found and len(body) >= content_length(head) and not self.acked:
            self.take_ack(body, taken=head[9:12] == b"200")

    def take_ack(self, body: bytes, *, taken: bool = True) -> None:
        """Note the ack."""
        self.acked = True
        self.world.acks.append(monotonic() - self.began)
        if not taken:
            self.world.refused += 1
        elif self.world.is_answer(body):
            self.answered(body)
        self.settle()

    def connection_lost(self, _error: Exception | None) -> None:
        """Send a question again, once, that met a connection being closed."""
        self.transport = None
        if self.number in self.world.waiting and not self.acked and not self.sent_again and not self.received:
            self.sent_again = True
            self.send()

    def answered(self, body: bytes) -> None:
        """Note the answer, whichever way it came, and whether before or after the ack; what comes twice counts once."""
        if self.answer is None:
            self.answer = body
            self.world.note(monotonic() - self.began, body)

    def settle(self) -> None:
        """Ask again once both ack and answer are here: the connection is free then."""
        if self.acked and self.answer is not None and self.number in self.world.waiting:
            del self.world.waiting[self.number]
            if self.world.is_card(self.answer):
                self.next()
            else:
                self.world.start(self.read_and_ask())

    async def read_and_ask(self) -> None:
        """Read a sentence that asks for patience, and ask again."""
        await asyncio.sleep(READS_A_SENTENCE)
        self.next()

    def next(self) -> None:
        """Ask again, if there is more to ask."""
        if self.world.order.seconds is None:
            self.left -= 1
            if self.left > 0:
                self.ask()
        elif monotonic() < self.world.end:
            self.ask()

    def give_up(self) -> None:
        """Wait no longer; the connection may be of no use."""
        del self.world.waiting[self.number]
        if self.transport:
            self.transport.abort()
        self.next()


class World:
    """Everybody who asks, everything that a bot asks, and what came of it."""

    def __init__(self) -> None:
        self.numbers = count(1)
        self.stand_ins = StandIns(self.at_response_url)
        self.sockets = Sockets(self.at_socket)
        self.waiting: dict[int, Person] = {}
        self.tasks: set[asyncio.Task[None]] = set()
        self.response_url = ""
        self.began = self.end = 0.0
        self.begin(Order(0))

    def begin(self, order: Order) -> None:
        """Begin to count."""
        self.order = order
        self.acks: list[float] = []
        self.wholes: list[float] = []
        self.within = self.refused = self.told = self.lost = 0
        self.last = 0.0
        self.stand_ins.delay, self.stand_ins.size = order.delay, order.size
        self.stand_ins.connections = 0
        self.stand_ins.asked.clear()

    def start(self, work: Coroutine[None, None, None]) -> None:
        """Do something beside this."""
        task = asyncio.ensure_future(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    def is_answer(self, body: bytes) -> bool:
        """Tell an ack that is the answer from one that says that the answer follows."""
        return self.is_card(body) or BUSY in body

    def at_response_url(self, key: str, body: bytes) -> None:
        """Take what came by a response_url."""
        if person := self.waiting.get(int(key)):
            person.answered(body)
            person.settle()

    def at_socket(self, number: int, body: bytes) -> None:
        """Take an ack that came by Socket Mode."""
        if (person := self.waiting.get(number)) and not person.acked:
            person.take_ack(body)

    def is_card(self, body: bytes) -> bool:
        """Tell a whole answer from a sentence that the bot is busy, or the fax server silent."""
        return self.order.ask != "fax" or MARK in body

    def note(self, seconds: float, body: bytes) -> None:
        """Note an answer."""
        now = monotonic()
        self.last = now - self.began
        if not self.is_card(body):
            self.told += 1
            return
        self.wholes.append(seconds)
        self.within += self.order.seconds is None or self.began + self.order.lead <= now < self.end

    async def run(self, order: Order) -> Outcome:
        """Let everybody ask, and wait for the last answers."""
        self.begin(order)
        people = [Person(self, order.each) for _ in range(order.at_once)]
        if not order.by_socket:
            await asyncio.gather(*(person.connect() for person in people))
        spent, self.began = time.process_time(), monotonic()
        self.end = self.began + (order.seconds or 0.0)
        for person in people:
            person.ask()
        while self.waiting or self.tasks or monotonic() < self.end:
            await asyncio.sleep(0.01)
            for late in [each for each in self.waiting.values() if each.began < monotonic() - order.limit]:
                self.lost += late.answer is None
                late.give_up()
        load = (time.process_time() - spent) / (monotonic() - self.began)
        for person in people:
            if person.transport:
                person.transport.abort()
        return self.outcome(load)

    def outcome(self, load: float) -> Outcome:
        """Sum up."""
        ack_p50, ack_p99 = hundredths(self.acks)
        whole_p50, whole_p99 = hundredths(self.wholes)
        return Outcome(
            self.order.seconds - self.order.lead if self.order.seconds else self.last or self.order.limit,
            self.within,
            len(self.wholes),
            self.refused,
            self.told,
            self.lost,
            ack_p50,
            ack_p99,
            whole_p50,
            whole_p99,
            self.last,
            load,
            self.stand_ins.connections,
            dict(self.stand_ins.asked),
        )


async def main() -> None:
    """Serve, say the port, and carry out one order after the other."""
    if hasattr(os, "sched_setaffinity") and (os.cpu_count() or 1) > LOAD_CORE:
        os.sched_setaffinity(0, {LOAD_CORE})
    loop, world = asyncio.get_running_loop(), World()
    server = await loop.create_server(world.stand_ins.serve, "127.0.0.1", 0, backlog=2048)
    port = server.sockets[0].getsockname()[1]
    world.response_url = quote_plus(f"http://127.0.0.1:{port}{RESPONSE_URL}")
    async with open_sockets(world.sockets) as address:
        world.stand_ins.slack_answer = slack_answer(url=address)
        say(port)
        reader = asyncio.StreamReader(LINE)
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
        while line := await reader.readline():
            say(asdict(await world.run(ORDER.validate_json(line))))


def say(answer: object) -> None:
    """Write a line of JSON."""
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    uvloop.run(main())
