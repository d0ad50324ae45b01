"""A bot of a few lines, a Slack that talks to it, and a client of Slack's Web API."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from urllib.parse import parse_qs

import aiohttp
import pytest
from aiohttp import web
from multidict import CIMultiDictProxy

from playground.slack import SlackServer, example_workspace
from playground.slack.wire import JsonObject

CARD: list[JsonObject] = [
    {"type": "section", "text": {"type": "mrkdwn", "text": "The line was busy"}},
    {
        "type": "actions",
        "block_id": "what-now",
        "elements": [
            {"type": "button", "text": {"type": "plain_text", "text": "Share"}, "action_id": "share", "value": "fax-1"}
        ],
    },
]


@dataclass
class Clock:
    """Seconds since 1970 that go on only when a test says so."""

    now: float = 1_763_900_000.0

    def __call__(self) -> float:
        """Give the time now."""
        return self.now


@dataclass(frozen=True)
class Received:
    """One request as it reached the bot."""

    headers: CIMultiDictProxy[str]
    body: bytes

    @property
    def form(self) -> dict[str, str]:
        """The fields of a form, each once."""
        fields = parse_qs(self.body.decode(), keep_blank_values=True, strict_parsing=True)
        return {name: value for name, (value,) in fields.items()}

    @property
    def payload(self) -> JsonObject:
        """What an interaction says."""
        payload: JsonObject = json.loads(self.form["payload"])
        return payload

    @property
    def json(self) -> JsonObject:
        """What an event says."""
        said: JsonObject = json.loads(self.body)
        return said


def nothing(_: Received) -> web.Response:
    """Ack and say nothing."""
    return web.Response()


@dataclass
class TinyBot:
    """Answers every request with what `answer` gives, and keeps what it was sent."""

    url: str = ""
    answer: Callable[[Received], web.Response | Awaitable[web.Response]] = nothing
    received: list[Received] = field(default_factory=list)

    def says(self, said: object, *, status: int = 200) -> None:
        """Answer everything with this text, or with this as JSON, from now on."""
        if isinstance(said, str):
            self.answer = lambda _: web.Response(text=said, status=status)
        else:
            self.answer = lambda _: web.json_response(said, status=status)

    def hangs(self, slack: SlackServer) -> None:
        """Answer nothing any more, and let Slack wait a tenth of its three seconds for it."""
        slack.sender.ack_within = 0.3

        async def never(_: Received) -> web.Response:
            await asyncio.Event().wait()
            return web.Response()

        self.answer = never

    async def handle(self, request: web.BaseRequest) -> web.Response:
        """Take a request."""
        received = Received(request.headers, await request.read())
        self.received.append(received)
        answer = self.answer(received)
        return answer if isinstance(answer, web.Response) else await answer


@dataclass
class Api:
    """Calls the Web API with the bot's token, by JSON or by form."""

    slack: SlackServer
    session: aiohttp.ClientSession

    async def __call__(self, method: str, **arguments: object) -> JsonObject:
        """Call with a JSON body, and give the answer."""
        async with self.post(method, json=arguments) as response:
            answer: JsonObject = await response.json()
            return answer

    async def form(self, method: str, **arguments: str) -> JsonObject:
        """Call with a form, and give the answer."""
        async with self.post(method, data=arguments) as response:
            answer: JsonObject = await response.json()
            return answer

    def post(
        self, method: str, *, token: str | None = None, json: object = None, data: object = None
    ) -> "aiohttp.client._RequestContextManager":
        """Call, and give the whole response."""
        headers = {"Authorization": f"Bearer {self.slack.bot_token if token is None else token}"}
        return self.session.post(self.slack.api_url + method, headers=headers, json=json, data=data)


@pytest.fixture
async def bot() -> AsyncIterator[TinyBot]:
    """Give a bot that acks everything and says nothing, until told otherwise."""
    bot = TinyBot()
    server = web.Server(bot.handle, access_log=None, handler_cancellation=True)
    listening = await asyncio.get_running_loop().create_server(server, "127.0.0.1", 0)
    bot.url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}/slack/events"
    yield bot
    listening.close()
    await server.shutdown(timeout=0.1)
    await listening.wait_closed()


@pytest.fixture
def clock() -> Clock:
    """Give a clock that stands still."""
    return Clock()


@pytest.fixture
async def slack(bot: TinyBot, clock: Clock) -> AsyncIterator[SlackServer]:
    """Give a Slack that does not wait between retries."""
    workspace = example_workspace(clock)
    domains = ("example.com", "faxes.example.org")
    async with SlackServer(workspace, bot_url=bot.url, unfurl_domains=domains, retry_pauses=(0, 0, 0)) as slack:
        yield slack


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    """Give one HTTP session."""
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
def api(slack: SlackServer, session: aiohttp.ClientSession) -> Api:
    """Give the Web API with the bot's token."""
    return Api(slack, session)
