"""The wire, fuzzed: any bytes whatever as the fax server's answer give a card, from a fax or from a fault of ours."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime

import pytest
import stamina
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.cards import Cards, Message
from bot.lookup import NotSeen, Seen, SeenFax
from bot.policy import Audience
from bot.stonefax import FaxError, StoneFaxClient
from bot.triage import judge
from playground.slack.blocks import Surface, errors_in
from tests.conftest import DOCUMENTED
from tests.faults.tally import TALLY
from tests.faults.upstream import ANSWER, REQUEST
from tests.stonefax.test_client import client_of
from tests.test_cards import ANSWERS

RUNS = 1500
DEADLINE = 2.0
CARDS = Cards("/fax", None, (), None)

LINE_ENDS = st.sampled_from([b"\r\n", b"\r\n", b"\r\n", b"\n", b"\r", b""])
NUMBERS = st.integers(-1, 2**65).map(lambda number: str(number).encode()) | st.integers(0, 3000).map(
    lambda number: str(number).encode()
)
STATUS_LINES = (
    st.just(b"HTTP/1.1 200 OK")
    | st.builds(lambda status, words: b"HTTP/1.1 %d " % status + words, st.integers(0, 1100), st.binary(max_size=20))
    | st.sampled_from(
        [b"HTTP/1.0 200", b"HTTP/2 200 OK", b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK", b"ICY 200 OK"]
    )
    | st.binary(max_size=40)
)
NAMES = st.sampled_from(
    [
        b"Content-Length",
        b"Content-Type",
        b"Content-Encoding",
        b"Transfer-Encoding",
        b"Connection",
        b"Location",
        b"Retry-After",
        b"Set-Cookie",
        b"Upgrade",
        b"WWW-Authenticate",
    ]
) | st.binary(min_size=1, max_size=12)
VALUES = (
    st.sampled_from(
        [
            b"application/json",
            b"application/json; charset=utf-16",
            b'text/html; charset="',
            b"text/html; charset=\xff",
            b"gzip",
            b"chunked",
            b"chunked, gzip",
            b"identity",
            b"close",
            b"Wed, 21 Oct 2065 07:28:00 GMT",
            b"https://[",
            b"websocket",
        ]
    )
    | NUMBERS
    | st.binary(max_size=40)
)
JSON = ANSWERS.map(json.dumps).map(str.encode)
SPOILT = st.builds(
    lambda body, at, octets: body[: at % (len(body) + 1)] + octets + body[at % (len(body) + 1) :],
    JSON | st.just(ANSWER),
    st.integers(0, 10_000),
    st.binary(max_size=4),
)
CHUNKED = st.builds(lambda body, length: b"%x\r\n" % length + body + b"\r\n0\r\n\r\n", JSON, st.integers(0, 4000))
BODIES = JSON | SPOILT | CHUNKED | st.binary(max_size=200) | st.just(ANSWER)


@st.composite
def http(draw: st.DrawFn) -> bytes:
    """Give what is nearly an answer over HTTP: now and then it is a good one."""
    body, end = draw(BODIES), draw(LINE_ENDS)
    headers = [name + b": " + value for name, value in draw(st.lists(st.tuples(NAMES, VALUES), max_size=5))]
    length = [b"Content-Length: %d" % len(body)] if draw(st.booleans()) else []
    return end.join([draw(STATUS_LINES), *headers, *length, b"", body])


class Wire:
    """A place that answers what it is told to, and a client that asks there, on a loop of their own."""

    def __init__(self, runner: asyncio.Runner) -> None:
        self.runner = runner
        self.octets = b""
        self.client: StoneFaxClient

    def card(self, octets: bytes) -> Message:
        """Ask, be answered this, and give the card."""
        self.octets = octets
        return self.runner.run(self.asked())

    async def asked(self) -> Message:
        """Give the card."""
        seen: Seen
        try:
            fax = await self.client.fax(DOCUMENTED, DEADLINE)
        except FaxError as error:
            seen = NotSeen(DOCUMENTED, error, "K7Q2", error.reason)
        else:
            seen = SeenFax(fax, judge(fax), None, datetime(2026, 11, 24, tzinfo=UTC), Audience.ASKER)
        return CARDS.one(seen)

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer once, and hang up."""
        await reader.read(REQUEST)
        writer.write(self.octets)
        writer.close()

    async def opened(self, stack: AsyncExitStack) -> None:
        """Open both."""
        server = await stack.enter_async_context(await asyncio.start_server(self.answer, "127.0.0.1", 0))
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        self.client = await stack.enter_async_context(client_of(url))


@pytest.fixture
def wire() -> Iterator[Wire]:
    """Open both; what is tried again is tried at once."""
    with asyncio.Runner() as runner, stamina.set_testing(True, attempts=3, cap=True):
        wire, stack = Wire(runner), AsyncExitStack()
        runner.run(wire.opened(stack))
        yield wire
        runner.run(stack.aclose())


@settings(
    max_examples=RUNS,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(octets=http() | st.binary(max_size=300))
def test_any_bytes_whatever_give_a_card(wire: Wire, octets: bytes) -> None:
    """Never another exception, and a card that Slack takes."""
    card = wire.card(octets)
    assert card.text
    assert not errors_in(card.payload()["blocks"], Surface.MESSAGE)
    TALLY["answers of any bytes whatever"] += 1
