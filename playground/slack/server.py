"""The playground's Slack, running: it listens on loopback for the bot, and acts for the people in its workspace."""

import asyncio
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Literal, Self, TypeVar

from aiohttp import web
from aiohttp.web_protocol import RequestHandler

from .commands import Commands
from .edge import Edge
from .faults import Fault
from .methods import Parts
from .records import Call, Delivery, ResponsePost
from .work_objects import WorkObjects
from .workflows import Workflows

T = TypeVar("T")

UNDER_WAY = 0.1
"""Seconds that a call under way is given when Slack closes; then its connection is dropped."""


class Connections(web.Server):
    """Serves HTTP and numbers the TCP connections that it accepts."""

    def __init__(self, handler: Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]) -> None:
        super().__init__(handler, access_log=None)
        self.accepted = 0
        self.numbers: dict[RequestHandler, int] = {}

    def connection_made(self, handler: RequestHandler, transport: asyncio.Transport) -> None:
        """Give the connection the next number."""
        super().connection_made(handler, transport)
        self.accepted += 1
        self.numbers[handler] = self.accepted

    def connection_lost(self, handler: RequestHandler, exc: BaseException | None = None) -> None:
        """Forget a connection that is closed."""
        super().connection_lost(handler, exc)
        self.numbers.pop(handler, None)


class SlackServer(Commands, Workflows, WorkObjects):
    """A Slack with one workspace and one installed app, as strict as the real one.

    async with SlackServer(example_workspace(), bot_url="http://127.0.0.1:3000/slack/events") as slack:
        delivery = await slack.command("/fax", "IAS-N1_401d6c8c07d6b7a_0", user=ANN, channel=SUPPORT)
        assert "busy" in delivery.shown[0].words
    """

    @property
    def connections(self) -> int:
        """TCP connections accepted so far."""
        return self._web.accepted

    @property
    def base_url(self) -> str:
        """Where this Slack listens."""
        return f"http://{self.host}:{self.port}"

    @property
    def api_url(self) -> str:
        """The address of the Web API, as `base_url` of a Slack client wants it."""
        return f"{self.base_url}/api/"

    @property
    def calls(self) -> list[Call]:
        """The calls of the Web API, oldest first."""
        return self.journal.calls

    @property
    def response_posts(self) -> list[ResponsePost]:
        """The posts to response_urls, oldest first."""
        return self.journal.response_posts

    @property
    def deliveries(self) -> list[Delivery]:
        """The requests to the bot, by HTTP or by WebSocket, in the order of their answers."""
        return self.journal.deliveries

    async def __aenter__(self) -> Self:
        parts = Parts(self.workspace, self.triggers, self.links, self.payloads, self.sockets, self.panes, self.steps)
        self._edge = Edge(parts, self.grant, self.response_urls, self.rates, self.faults, self.journal)
        self._web = Connections(self._answer)
        self._listening = await asyncio.get_running_loop().create_server(self._web, self.host, self.port)
        self.port = self._listening.sockets[0].getsockname()[1]
        self.response_urls.base = self.base_url
        self.sockets.base = f"ws://{self.host}:{self.port}"
        await self.sender.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for retry in tuple(self.retries):
            retry.cancel()
        await asyncio.gather(*self.retries, return_exceptions=True)
        await self.sender.__aexit__(kind, error, trace)
        self.sockets.close()
        self._listening.close()
        self._web.pre_shutdown()
        await self._web.shutdown(UNDER_WAY)
        await self._listening.wait_closed()

    def sign(self, body: bytes, timestamp: str | None = None) -> dict[str, str]:
        """Give the headers that say a body comes from this Slack."""
        return self.sender.sign(body, timestamp)

    def fail(  # noqa: PLR0913 (each is one way in which a call can go wrong)
        self,
        method: str,
        *,
        times: int = 1,
        status: int | None = None,
        error: str | None = None,
        delay: float = 0.0,
        retry_after: int | None = None,
        drop: Literal["before", "after"] | None = None,
    ) -> None:
        """Let the next calls of a method go wrong (see Fault); `response_url` stands for all response_urls."""
        self.faults.order(method, Fault(times, status, error, delay, retry_after, drop))

    async def until(self, ready: Callable[[], T], within: float = 5.0) -> T:
        """Wait, without sleeping, until `ready` gives something true, and give it; TimeoutError after `within` seconds.

        It is asked again whenever something was recorded: a call, a use of a response_url, a delivery.
        """
        return await self.journal.until(ready, within)

    def forget(self) -> None:
        """Drop records, messages, response_urls and trigger_ids; for runs that last, when nothing is under way."""
        self.journal.forget()
        self.workspace.forget()
        self.response_urls.forget()
        self.triggers.forget()

    async def _answer(self, request: web.BaseRequest) -> web.StreamResponse:
        gone = 0  # the client has hung up already
        return await self._edge.answer(request, self._web.numbers.get(request.protocol, gone))
