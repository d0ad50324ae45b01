"""HTTP itself: a listening socket, and uvicorn on it without its own idea of signals, and with a cap on headers."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from bot.server.edge import Receive, Scope, Send

Application = Callable[[Scope, Receive, Send], Awaitable[None]]
"""What ASGI calls one."""

LARGEST_HEAD = 64 * 1024
MOST_CONNECTIONS = 2000
SECONDS_FOR_A_HEAD = 10.0
STOPPING_SECONDS = 5
BACKLOG = 2048
ACCEPTED_AT_ONCE = 32
"""uvloop takes one connection in each turn of its loop, and a turn is long under load: so the socket is there often."""


class CannotListen(Exception):
    """The address cannot be had."""

    def __init__(self, host: str, port: int, reason: str) -> None:
        super().__init__(f"Cannot listen on {host}:{port}: {reason}")


class Capped(HttpToolsProtocol):
    """uvicorn's protocol, but for connections without number, and headers without an end, which it would keep."""

    in_head = True
    octets = 0
    hanging_up: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Take a connection, if there is room for it, and expect a head."""
        super().connection_made(transport)
        self.expect_a_head()
        if len(self.connections) > MOST_CONNECTIONS:
            transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        """Expect nothing more."""
        self.expect_nothing()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take what came, and hang up where the head is larger than any of Slack's."""
        super().data_received(data)
        self.octets += len(data)
        if self.in_head and self.octets > LARGEST_HEAD:
            self.transport.close()

    def on_message_begin(self) -> None:
        """Begin to count."""
        self.in_head, self.octets = True, 0
        self.expect_a_head()
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Stop counting: the body has a cap of its own."""
        self.in_head = False
        self.expect_nothing()
        super().on_headers_complete()

    def expect_a_head(self) -> None:
        """Hang up where no whole head comes."""
        self.expect_nothing()
        self.hanging_up = self.loop.call_later(SECONDS_FOR_A_HEAD, self.transport.close)

    def expect_nothing(self) -> None:
        """Leave it to uvicorn, which hangs up on whoever sends nothing more after an answer."""
        if self.hanging_up:
            self.hanging_up.cancel()
            self.hanging_up = None


class Server(uvicorn.Server):
    """uvicorn without its own idea of signals: a stop is the composition root's business."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals alone."""
        yield


def listening_socket(host: str, port: int) -> socket.socket:
    """Bind host and port; 0 is any free port. Raises CannotListen, for a port that is taken above all."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family, backlog=BACKLOG)
        # asyncio would do it for a socket of its own making alone; without it each kept-alive answer waits 40 ms.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno and error.errno > 0 else "there is no such address here"
        raise CannotListen(host, port, reason) from error
    return listener


@asynccontextmanager
async def serving(application: Application, listener: socket.socket) -> AsyncIterator[None]:
    """Serve on a listening socket, and at the end stop taking requests once those under way are answered."""
    config = uvicorn.Config(
        application,
        http=Capped,
        ws="none",
        limit_concurrency=MOST_CONNECTIONS + 1,  # never reached: it would answer 503 where the edge has a sentence
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,  # nobody asks where a request comes from but by its signature
        timeout_graceful_shutdown=STOPPING_SECONDS,
    )
    server = Server(config)
    # A worker is given the socket as one that blocks. Copies would take that over, for all processes that share it, and
    # one of the others would stand in accept() until the next to connect.
    listener.settimeout(0)
    again = [listener.dup() for _ in range(ACCEPTED_AT_ONCE - 1)]
    running = asyncio.create_task(server.serve(sockets=[listener, *again]))
    try:
        yield
    finally:
        server.should_exit = True
        await running
