"""People who ask, in a process of their own, together with the servers that a bot asks: what the bot is measured by.

python -m bench.load, with an Order in a line of standard input and its Outcome in a line of standard output

So many people ask at once; each asks next when the answer is whole. An answer is whole when its card is there, in the
ack or at the response_url. A command is signed just before it is sent, which takes a few microseconds.
"""

import asyncio
import hashlib
import hmac
import json
import os
import sys
import time
from collections.abc import Callable, Coroutine
from dataclasses import asdict, dataclass
from itertools import count
from statistics import quantiles
from time import monotonic
from urllib.parse import quote_plus

import uvloop
from pydantic import TypeAdapter

from bench.standins import FAX_ID, MARK, RESPONSE_URL, StandIns, content_length
from playground.slack.example import ANN, BOB, BOT, SUPPORT, TEAM

SECRET = "8f742231b10e8888abcd99yyyzzz85a5"  # noqa: S105 - the example in Slack's documentation
LOAD_CORE = 1
READS_A_SENTENCE = 1.0
"""Seconds until somebody who was told that the bot is busy asks again."""
PEOPLE = (ANN, BOB, "U000000CARL", "U000000DORA", "U000000EVEN")
BUSY = b"as many people"
"""What Faxbot's sentence says that is the whole answer, and no announcement of one."""
FORM, JSON = "application/x-www-form-urlencoded", "application/json"
LINE = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Order:
    """What to ask, by how many at once, and how the fax server behaves meanwhile."""

    port: int
    ask: str = "fax"
    """One of ASKED."""
    at_once: int = 1
    seconds: float | None = None
    """For so long whoever has an answer asks again; None: each asks `each` times."""
    each: int = 1
    lead: float = 0.0
    """Seconds of the order's in which answers do not count yet: at first nobody has one."""
    ids: int = 1
    """Faxes in a command."""
    same_fax: bool = False
    delay: float | None = 0.0
    """Seconds until the fax server answers; None: it never does."""
    size: int = 0
    """Bytes of its answer, at least."""
    limit: float = 15.0
    """Seconds after which nobody waits for an answer any longer."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an order; times in seconds."""

    seconds: float
    """In which `within` were answered: the order's without its lead, or all that it took."""
    within: int
    whole: int
    """Answered with a card, the last included, which came after the time."""
    refused: int
    """Acks other than 200, as when Slack's 3 s are over."""
    told: int
    """Answers that are a sentence: the bot is busy, or the fax server does not answer."""
    lost: int
    """Never answered."""
    ack_p50: float
    ack_p99: float
    whole_p50: float
    whole_p99: float
    last: float
    """From the first question to the last answer."""
    load: float
    """Share of its core that this process used."""
    connections: int
    """TCP connections that the bot opened, to either server."""
    asked: dict[str, int]
    """Requests of the bot, by method of Slack's Web API, or `fax`, or `response_url`."""

    @property
    def rate(self) -> float:
        """Whole answers a second."""
        return self.within / self.seconds


def hundredths(seconds: list[float]) -> tuple[float, float]:
    """Give the median and p99."""
    if len(seconds) < 2:  # noqa: PLR2004 - quantiles wants two
        return (seconds[0], seconds[0]) if seconds else (0.0, 0.0)
    cut = quantiles(seconds, n=100, method="inclusive")
    return cut[49], cut[98]


Ask = Callable[["World", int], tuple[str, bytes]]


def command_form(text: str, number: int, response_url: str) -> bytes:
    """Give a command's form as Slack sends it (docs.slack.dev/interactivity/implementing-slash-commands)."""
    return (
        f"token=deprecated&team_id={TEAM}&team_domain=faxco&channel_id={SUPPORT}&channel_name=support"
        f"&user_id={PEOPLE[number % len(PEOPLE)]}&user_name=somebody&command=%2Ffax&text={text}"
        f"&api_app_id=A0000FAXBOT1&is_enterprise_install=false&response_url={response_url}&trigger_id=1.2.abc"
    ).encode()


def a_fax(world: "World", number: int) -> tuple[str, bytes]:
    """Ask about a fax, or several, that nobody asked about before."""
    ids = [
        FAX_ID.format(0 if world.order.same_fax else number * world.order.ids + nth) for nth in range(world.order.ids)
    ]
    return FORM, command_form("+".join(ids), number, f"{world.response_url}{number}")


def some_help(world: "World", number: int) -> tuple[str, bytes]:
    """Ask for help: nobody else is asked anything."""
    return FORM, command_form("help", number, f"{world.response_url}{number}")


def event(number: int, kind: str, **fields: object) -> tuple[str, bytes]:
    """Give an event as Slack sends it."""
    inner = {"type": kind, "user": PEOPLE[number % len(PEOPLE)], "channel": SUPPORT, **fields}
    body = {
        "type": "event_callback",
        "team_id": TEAM,
        "api_app_id": "A0000FAXBOT1",
        "event_id": f"Ev{number:010}",
        "event_time": int(time.time()),
        "authorizations": [{"team_id": TEAM, "user_id": BOT, "is_bot": True}],
        "event": {**inner, "event_ts": f"1763900000.{number:06}"},
    }
    return JSON, json.dumps(body).encode()


def a_link(_world: "World", number: int) -> tuple[str, bytes]:
    """Share a link to a fax."""
    link = {"domain": "fax.example.com", "url": f"https://fax.example.com/faxes/{FAX_ID.format(number)}"}
    more = {"message_ts": f"1763900000.{number:06}", "unfurl_id": f"C.{number}", "source": "conversations_history"}
    return event(number, "link_shared", links=[link], **more)


def a_mention(_world: "World", number: int) -> tuple[str, bytes]:
    """Mention the bot with a fax's id."""
    return event(number, "app_mention", text=f"<@{BOT}> {FAX_ID.format(number)}", ts=f"1763900000.{number:06}")


ASKED: dict[str, Ask] = {"fax": a_fax, "help": some_help, "link": a_link, "mention": a_mention}


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
        self.request = self.world.signed(self.number)
        self.acked, self.answer, self.sent_again = False, None, False
        self.began = monotonic()
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
            self.acked = True
            self.world.acks.append(monotonic() - self.began)
            if head[9:12] != b"200":
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
                asyncio.get_running_loop().call_later(READS_A_SENTENCE, self.next)

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

    def signed(self, number: int) -> bytes:
        """Give a request as it goes over the wire (docs.slack.dev/authentication/verifying-requests-from-slack)."""
        content_type, body = ASKED[self.order.ask](self, number)
        timestamp = str(int(time.time()))
        signature = hmac.digest(SECRET.encode(), f"v0:{timestamp}:".encode() + body, hashlib.sha256).hex()
        return (
            f"POST /slack/events HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: {content_type}\r\n"
            f"Content-Length: {len(body)}\r\nX-Slack-Request-Timestamp: {timestamp}\r\n"
            f"X-Slack-Signature: v0={signature}\r\n\r\n"
        ).encode() + body

    def is_answer(self, body: bytes) -> bool:
        """Tell an ack that is the answer from one that says that the answer follows."""
        return self.is_card(body) or BUSY in body

    def at_response_url(self, key: str, body: bytes) -> None:
        """Take what came by a response_url."""
        if person := self.waiting.get(int(key)):
            person.answered(body)
            person.settle()

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
        await asyncio.gather(*(person.connect() for person in people))
        spent, self.began = time.process_time(), monotonic()
        self.end = self.began + (order.seconds or 0.0)
        for person in people:
            person.ask()
        while self.waiting or monotonic() < self.end:
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


ORDER = TypeAdapter(Order)


async def main() -> None:
    """Serve, say the port, and carry out one order after the other."""
    if hasattr(os, "sched_setaffinity") and (os.cpu_count() or 1) > LOAD_CORE:
        os.sched_setaffinity(0, {LOAD_CORE})
    loop, world = asyncio.get_running_loop(), World()
    server = await loop.create_server(world.stand_ins.serve, "127.0.0.1", 0, backlog=2048)
    port = server.sockets[0].getsockname()[1]
    world.response_url = quote_plus(f"http://127.0.0.1:{port}{RESPONSE_URL}")
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
