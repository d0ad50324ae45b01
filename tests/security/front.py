"""The bot's one address as anybody on the internet has it: raw bytes in, raw bytes out, from tests that are plain code.

Hypothesis wants plain functions, so the bot runs on a loop that moves only while a request is under way.
"""

import asyncio
import json
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from io import StringIO
from pathlib import Path
from typing import Any, TypeVar

from playground.slack import NO_LIMITS, SlackServer, example_workspace
from playground.stonefax import ANSWERS, StoneFaxServer
from tests.conftest import BUSY, DOMAINS, QUICK, SCOPES, Desk, Opening

Result = TypeVar("Result")
Headers = tuple[tuple[bytes, bytes], ...]

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"
PATH = b"/slack/events"
NO_ANSWER = 0
"""The status of a request at which the bot hung up, or still waits for its rest."""
WHO_AND_WHERE = ("user", "team", "channel")
"""What an audit line quotes of a request, besides a fax's id: Slack's own ids."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Front:
    """A running bot, and the connections to it."""

    desk: Desk
    run: Callable[[Coroutine[Any, Any, Any]], Any]
    log: StringIO

    def octets(self, request: bytes, patience: float = 1.0) -> Answer:
        """Send these bytes over a connection of their own, and give what comes back within so many seconds."""
        answer: Answer = self.run(exchanged(self.port, request, patience))
        return answer

    @property
    def port(self) -> int:
        """Where the bot listens."""
        return int(self.desk.url.rsplit(":", 1)[1])

    def request(self, body: bytes, headers: Headers) -> bytes:
        """Write a POST of a body."""
        return head(b"POST", PATH, (*headers, (b"Content-Length", b"%d" % len(body)))) + body

    def post(self, body: bytes, headers: Headers = ()) -> Answer:
        """Post a body."""
        return self.octets(self.request(body, headers))

    def signed_at_once(self, bodies: Sequence[bytes], content_type: str) -> list[Answer]:
        """Post several bodies, each signed, at the same time."""
        return list(
            self.run(self.gathered([self.request(body, self.signature(body, content_type)) for body in bodies]))
        )

    async def gathered(self, requests: Sequence[bytes]) -> list[Answer]:
        """Send requests at once."""
        return await asyncio.gather(*(exchanged(self.port, request, 3.0) for request in requests))

    def signed(self, body: bytes, content_type: str = FORM) -> Answer:
        """Post a body that whoever holds the signing secret has signed."""
        return self.post(body, self.signature(body, content_type))

    def signature(self, body: bytes, content_type: str = FORM, timestamp: str | None = None) -> Headers:
        """Give the headers of a signed body."""
        named = {"Content-Type": content_type, **self.desk.slack.sign(body, timestamp)}
        return tuple((name.encode(), value.encode("latin-1")) for name, value in named.items())

    def answers_well(self) -> bool:
        """Ask for a fax as Slack would, and see whether its card comes."""
        delivery = self.run(self.desk.ask(BUSY))
        return bool(delivery.acked and "the line was busy" in delivery.shown[0].words)

    def logged_but_for(self, *fields: str) -> str:
        """Give all that was logged, without these fields of a line."""
        lines = [json.loads(line) for line in self.log.getvalue().splitlines()]
        return "\n".join(
            json.dumps({key: value for key, value in line.items() if key not in fields}, ensure_ascii=False)
            for line in lines
        )


@contextmanager
def running_front(folder: Path, log: StringIO, settings: Mapping[str, str] | None = None) -> Iterator[Front]:
    """Run a desk with its bot, and close it afterwards."""
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()
        try:
            yield Front(runner.run(opened(stack, folder, settings or {})), runner.run, log)
        finally:
            runner.run(stack.aclose())


async def opened(stack: AsyncExitStack, folder: Path, settings: Mapping[str, str]) -> Desk:
    """Open a fax server, a Slack, and the bot between them."""
    fax_server = await stack.enter_async_context(StoneFaxServer(ANSWERS))
    slack = await stack.enter_async_context(
        SlackServer(workspace=example_workspace(), limits=NO_LIMITS, scopes=SCOPES, unfurl_domains=DOMAINS)
    )
    slack.retry_pauses = ()
    return await stack.enter_async_context(Opening(Desk(fax_server, slack, folder, dict(settings), UNHURRIED)))


UNHURRIED = replace(QUICK, patience=2.0)
"""A busy machine may be slow: the answers are what is looked at here."""


def head(method: bytes, path: bytes, headers: Headers) -> bytes:
    """Write the head of a request after which the connection is closed."""
    lines = [b"%b: %b" % header for header in ((b"Host", b"bot"), (b"Connection", b"close"), *headers)]
    return b"\r\n".join([b"%b %b HTTP/1.1" % (method, path), *lines, b"", b""])


async def exchanged(port: int, request: bytes, patience: float) -> Answer:
    """Exchange bytes; a bot that hangs up in the midst of them is no fault."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    came = b""
    try:
        async with asyncio.timeout(patience):
            with suppress(ConnectionError):
                writer.write(request)
                await writer.drain()
            with suppress(ConnectionError):
                while more := await reader.read(65536):
                    came += more
    except TimeoutError:
        pass
    writer.close()
    with suppress(ConnectionError):
        await writer.wait_closed()
    came = came.removeprefix(b"HTTP/1.1 100 Continue\r\n\r\n")
    status_line, _, rest = came.partition(b"\r\n")
    if not came:
        return Answer(NO_ANSWER, b"")
    return Answer(int(status_line.split()[1]), rest.partition(b"\r\n\r\n")[2])
