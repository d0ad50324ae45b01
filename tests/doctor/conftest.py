"""A set-up in which everything is as it should be: what a test breaks is all that is wrong with it."""

import asyncio
import json
import shutil
import ssl
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from io import StringIO
from pathlib import Path
from time import time

import pytest
import trustme
from rich.console import Console

from bot.cards import doctor as card
from bot.doctor import Bounds, Found, Machine, Setup, examine, read_what_can_be
from bot.doctor.terminal import show
from bot.store import database_url, open_store
from handlers.doctor import line_of
from playground.slack import NO_LIMITS, SlackServer, example_workspace
from playground.slack.blocks import Surface, errors_in
from playground.slack.example import ADMIN, SUPPORT, SUPPORT_GROUP
from playground.stonefax import ANSWERS, StoneFaxServer
from tests.conftest import BUSY, DOMAINS, SCOPES
from tests.doctor.front import Front, front_of

BOT_TOKEN = "xoxb-1111-planted-bot-token"
APP_TOKEN = "xapp-1-planted-app-token"
SIGNING_SECRET = "5ec0de5ec0de5ec0de5ec0de5ec0de5e"
PASSWORD = "planted pass$word"
SECRETS = (BOT_TOKEN, "planted", APP_TOKEN, SIGNING_SECRET, PASSWORD)
MOUNTS = "22 1 254:0 / / rw,relatime - ext4 /dev/vda rw\n"
QUICK = Bounds(most_connections=2000, patience=1.5, deadline=3.0)


@dataclass
class World:
    """Everything that a doctor looks at; `values` are the settings."""

    fax_server: StoneFaxServer
    fax_front: Front
    slack: SlackServer
    slack_front: Front
    folder: Path
    authority: trustme.CA
    values: dict[str, str]
    bounds: Bounds = QUICK
    fax_id: str | None = BUSY
    environ: dict[str, str] = field(default_factory=dict)
    descriptors: int = 65_536
    ahead: float = 0.0
    """By how many seconds this machine's clock is fast."""

    @property
    def file(self) -> Path:
        """Give SQLite's file."""
        return self.folder / "faxbot.db"

    @property
    def mounts(self) -> Path:
        """Give the list of mounts."""
        return self.folder / "mountinfo"

    async def examined(self) -> tuple[Found, ...]:
        """Make all checks, and see to it that no way of telling what was found tells a secret."""
        machine = Machine(self.environ, self.mounts, self.descriptors, lambda: time() + self.ahead)
        setup = Setup(read_what_can_be(self.values), self.bounds, self.fax_id, online=True, machine=machine)
        found = await examine(setup)
        for told in (as_text(found), json.dumps([one.told() for one in found]), json.dumps(as_card(found))):
            assert not [secret for secret in SECRETS if secret in told], told
        assert not errors_in(as_card(found), Surface.MESSAGE)
        return found

    def context(self, name: str = "127.0.0.1", not_after: datetime | None = None) -> ssl.SSLContext:
        """Give what a server needs to show a certificate of our authority."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.authority.issue_cert(name, not_after=not_after).configure_cert(context)
        return context


def as_text(found: tuple[Found, ...]) -> str:
    """Give what a pipe gets."""
    stream = StringIO()
    show(found, Console(file=stream, highlight=False))
    return stream.getvalue()


def as_card(found: tuple[Found, ...]) -> list[Mapping[str, object]]:
    """Give the blocks that an administrator gets."""
    blocks: list[Mapping[str, object]] = card.examined([line_of(one) for one in found]).payload()["blocks"]
    return blocks


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    """Give an authority that no machine knows."""
    return trustme.CA()


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a database as the first start makes it."""
    file = tmp_path_factory.mktemp("database") / "faxbot.db"

    async def make() -> None:
        async with open_store(database_url(f"sqlite:///{file}")):
            pass

    asyncio.run(make())
    return file


@pytest.fixture
async def world(tmp_path: Path, authority: trustme.CA, empty_database: Path) -> AsyncIterator[World]:
    """Give a set-up in which everything is as it should be."""
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    (tmp_path / "mountinfo").write_text(MOUNTS)
    shutil.copy(empty_database, tmp_path / "faxbot.db")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    async with (
        StoneFaxServer(ANSWERS, password=PASSWORD) as fax_server,
        front_of(fax_server.url, context) as fax_front,
        SlackServer(
            example_workspace(), bot_token=BOT_TOKEN, limits=NO_LIMITS, scopes=SCOPES, unfurl_domains=DOMAINS
        ) as slack,
        front_of(slack.base_url) as slack_front,
    ):
        slack_front.answers["apps.connections.open"] = {"ok": True, "url": "wss://127.0.0.1/link"}
        values = {
            "SLACK_BOT_TOKEN": BOT_TOKEN,
            "SLACK_APP_TOKEN": APP_TOKEN,
            "SLACK_SIGNING_SECRET": SIGNING_SECRET,
            "SLACK_API_URL": f"{slack_front.url}/api/",
            "STONEFAX_URL": fax_front.url,
            "STONEFAX_CA_FILE": str(tmp_path / "ca.pem"),
            "STONEFAX_USERNAME": "faxbot",
            "STONEFAX_PASSWORD": PASSWORD,
            "STONEFAX_TIME_ZONE": "Europe/Rome",
            "FAXBOT_LINK_DOMAINS": "fax.example.com",
            "FAXBOT_ADMINS": ADMIN,
            "FAXBOT_ALLOWED_CHANNELS": SUPPORT,
            "FAXBOT_ALLOWED_USER_GROUPS": SUPPORT_GROUP,
            "FAXBOT_METRICS_PORT": "0",
            "DATABASE_URL": f"sqlite:///{tmp_path / 'faxbot.db'}",
            "PORT": "0",
        }
        yield World(fax_server, fax_front, slack, slack_front, tmp_path, authority, values)
