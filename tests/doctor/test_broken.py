"""Set-ups with one thing wrong: the doctor names that and nothing else, and says what to do about it."""

import socket
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.doctor import Finding, State
from bot.store import Store, database_url, open_store
from bot.watches import InDirectMessage, Rhythm, Watch
from bot.watches.rows import Rows
from playground.slack.example import ANN, ANN_DM, ARCHIVED, FORMER, HIDDEN, SUPPORT_GROUP, TEAM
from playground.stonefax import Break, Rule
from tests.conftest import BUSY, UNKNOWN
from tests.doctor.conftest import World
from tests.doctor.front import front_of

OWN = "IAS-N1_00000000-0000-4000-8000-0000000000aa_0"


def broken(break_it: Callable[[World], object]) -> Callable[[World], AbstractAsyncContextManager[None]]:
    """Break something at once, and for good."""

    @asynccontextmanager
    async def breaking(world: World) -> AsyncIterator[None]:
        break_it(world)
        yield

    return breaking


def setting(**values: str) -> Callable[[World], AbstractAsyncContextManager[None]]:
    """Set these; an empty value unsets."""
    return broken(lambda world: world.values.update(values))


def mood(rule: Rule) -> Callable[[World], AbstractAsyncContextManager[None]]:
    """Let the fax server answer so."""
    return broken(lambda world: setattr(world.fax_server, "mood", rule))


def scopes(*, without: str = "", more: str = "") -> Callable[[World], AbstractAsyncContextManager[None]]:
    """Grant one scope less, or one more."""

    def regrant(world: World) -> None:
        world.slack.grant.scopes = world.slack.grant.scopes - {without} | ({more} if more else set())

    return broken(regrant)


def certified(
    name: str = "127.0.0.1", *, days: int = 365, known: bool = True
) -> Callable[[World], AbstractAsyncContextManager[None]]:
    """Stand before the fax server with such a certificate."""

    @asynccontextmanager
    async def breaking(world: World) -> AsyncIterator[None]:
        context = world.context(name, datetime.now(UTC) + timedelta(days=days, hours=1))
        if not known:
            del world.values["STONEFAX_CA_FILE"]
        async with front_of(world.fax_server.url, context) as front:
            world.values["STONEFAX_URL"] = front.url
            yield

    return breaking


def taken_port(name: str) -> Callable[[World], AbstractAsyncContextManager[None]]:
    """Let something that never answers have the port."""

    @asynccontextmanager
    async def breaking(world: World) -> AsyncIterator[None]:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            world.values[name] = str(listener.getsockname()[1])
            world.bounds = replace(world.bounds, deadline=0.3)
            yield

    return breaking


def nobody_at(name: str, address: str) -> Callable[[World], AbstractAsyncContextManager[None]]:
    """Set an address at which nobody listens."""

    def leave(world: World) -> None:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            world.values[name] = address.format(port=listener.getsockname()[1])

    return broken(leave)


@contextmanager
def writing(world: World) -> Iterator[sqlite3.Connection]:
    """Open the database as another process would."""
    connection = sqlite3.connect(world.file, isolation_level=None)
    try:
        yield connection
    finally:
        connection.close()


@asynccontextmanager
async def locked(world: World) -> AsyncIterator[None]:
    """Let another process be writing."""
    with writing(world) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield


def tables_of(version: str) -> Callable[[World], AbstractAsyncContextManager[None]]:
    """Let another version have been there last."""

    def note(world: World) -> None:
        with writing(world) as connection:
            connection.execute("UPDATE alembic_version SET version_num = ?", (version,))

    return broken(note)


@asynccontextmanager
async def overdue(world: World) -> AsyncIterator[None]:
    """Leave a watch that nobody works on."""
    async with open_store(database_url(world.values["DATABASE_URL"])) as store:
        await started_long_ago(store)
    yield


async def started_long_ago(store: Store) -> None:
    """Start a watch that was to be worked on a quarter of an hour ago."""
    watch = Watch(BUSY, ANN, TEAM, InDirectMessage(ANN_DM), ANN_DM)
    await Rows(store, Rhythm()).start(watch, -900.0)


def nobody_in_the_group(world: World) -> None:
    """Take everybody out of the user group."""
    groups = world.slack.workspace.user_groups
    groups[SUPPORT_GROUP] = replace(groups[SUPPORT_GROUP], users=())


def own_fax(world: World) -> None:
    """Ask for a fax that the account has sent itself."""
    world.fax_server.put(OWN, {"faxId": OWN, "username": "faxbot", "status": "Completed"})
    world.fax_id = OWN


def sent_in_rome_just_now(world: World) -> None:
    """Let the account have sent a fax, and look at its time as if it were California's."""
    now = datetime.now(ZoneInfo("Europe/Rome")).replace(tzinfo=None)
    world.fax_server.put(OWN, {"faxId": OWN, "username": "faxbot", "submitTime": now.isoformat()})
    world.values["STONEFAX_TIME_ZONE"] = "America/Los_Angeles"


def slow(world: World) -> None:
    """Let answers take longer than our patience."""
    world.fax_server.mood = Rule(delay=0.05)
    world.bounds = replace(world.bounds, patience=0.02)


def hanging(world: World) -> None:
    """Let the fax server never answer."""
    world.fax_server.mood = Rule(breaks=Break.HANG)
    world.bounds = replace(world.bounds, deadline=0.3)


def without_tls(world: World) -> None:
    """Say https where http is spoken."""
    world.values["STONEFAX_URL"] = world.fax_server.url.replace("http:", "https:")


def in_clear(world: World) -> None:
    """Ask in clear, on purpose."""
    world.values |= {"STONEFAX_URL": world.fax_server.url, "STONEFAX_ALLOW_HTTP": "yes"}


@dataclass(frozen=True, slots=True)
class Case:
    """What is broken, which check must say so and how, and a part of what it says to do."""

    breaking: Callable[[World], AbstractAsyncContextManager[None]]
    check: str
    state: State
    remedy: str


WARN, FAIL = State.WARN, State.FAIL
CASES: dict[str, Case] = {
    "a setting is missing": Case(setting(STONEFAX_PASSWORD=""), "settings", FAIL, "STONEFAX_PASSWORD: is missing"),
    "OAuth is turned on": Case(setting(SLACK_CLIENT_ID="1.2"), "settings", FAIL, "must not be set"),
    "so it is by the secret": Case(setting(SLACK_CLIENT_SECRET="planted"), "settings", FAIL, "must not be set"),
    "a person's token": Case(setting(SLACK_BOT_TOKEN="xoxp-1-planted"), "settings", FAIL, "Bot User OAuth Token"),
    "the app's token as the bot's": Case(
        setting(SLACK_BOT_TOKEN="xapp-1-planted"), "settings", FAIL, "belongs into SLACK_APP_TOKEN"
    ),
    "the bot's token as the app's": Case(
        setting(SLACK_APP_TOKEN="xoxb-1-planted"), "settings", FAIL, "belongs into SLACK_BOT_TOKEN"
    ),
    "a token as signing secret": Case(
        setting(SLACK_SIGNING_SECRET="xoxb-planted-planted"), "settings", FAIL, "this is a token"
    ),
    "no such time zone": Case(setting(STONEFAX_TIME_ZONE="Rome"), "settings", FAIL, "Example: Europe/Rome"),
    "a misspelt name": Case(setting(FAXBOT_ADMIN="U1"), "settings", FAIL, "did you mean FAXBOT_ADMINS"),
    "another database": Case(setting(DATABASE_URL="mysql://a:planted@b/c"), "settings", FAIL, "sqlite:///"),
    "a secret that is none of Slack's": Case(
        setting(SLACK_SIGNING_SECRET="not-planted-by-slack"), "signing_secret", WARN, "Basic Information"
    ),
    "nobody in direct messages": Case(
        setting(FAXBOT_ALLOWED_USER_GROUPS=""), "policy", WARN, "FAXBOT_ALLOWED_USER_GROUPS"
    ),
    "links to an address": Case(setting(FAXBOT_LINK_DOMAINS="10.0.0.5"), "link_domains", WARN, "fax.example.com"),
    "links to a bare name": Case(setting(FAXBOT_LINK_DOMAINS="faxserver"), "link_domains", WARN, "shortcut"),
    "links to too many hosts": Case(
        setting(FAXBOT_LINK_DOMAINS=",".join(f"fax{n}.example.com" for n in range(6))),
        "link_domains",
        WARN,
        "Leave the rest out",
    ),
    "the token is revoked": Case(
        broken(lambda world: setattr(world.slack.grant, "refused", "token_revoked")),
        "slack_token",
        FAIL,
        "Copy SLACK_BOT_TOKEN anew",
    ),
    "another workspace's token": Case(
        setting(SLACK_BOT_TOKEN="xoxb-9-planted"), "slack_token", FAIL, "OAuth & Permissions"
    ),
    "Slack cannot be reached": Case(
        nobody_at("SLACK_API_URL", "http://127.0.0.1:{port}/api/"), "slack_token", FAIL, "proxy, firewall"
    ),
    "Slack has a fault": Case(
        broken(lambda world: world.slack.fail("auth.test", status=503)), "slack_token", FAIL, "status.slack.com"
    ),
    "a token without a bot": Case(
        broken(lambda world: world.slack_front.answers.update({"auth.test": {"ok": True, "user_id": ANN}})),
        "slack_token_kind",
        FAIL,
        "Bot User OAuth Token",
    ),
    "a scope is missing": Case(scopes(without="links:write"), "slack_scopes", FAIL, "re-install the app"),
    "a scope that checks need": Case(scopes(without="users:read"), "slack_scopes", FAIL, "re-install the app"),
    "groups cannot be read": Case(scopes(without="usergroups:read"), "slack_scopes", FAIL, "re-install the app"),
    "a scope too many": Case(scopes(more="chat:write.public"), "slack_scopes", WARN, "re-install the app"),
    "our clock is slow": Case(
        broken(lambda world: setattr(world, "ahead", -60.0)), "slack_clock", WARN, "time service"
    ),
    "our clock is far too fast": Case(
        broken(lambda world: setattr(world, "ahead", 400.0)), "slack_clock", FAIL, "time service"
    ),
    "an app token without its scope": Case(
        broken(
            lambda world: world.slack_front.answers.update(
                {"apps.connections.open": {"ok": False, "error": "missing_scope"}}
            )
        ),
        "socket_mode",
        FAIL,
        "connections:write",
    ),
    "Slack says nothing of people": Case(
        broken(lambda world: world.slack.fail("users.info", error="internal_error")), "guests", FAIL, "run this again"
    ),
    "an administrator nobody knows": Case(setting(FAXBOT_ADMINS="U00000NOBODY"), "admins", FAIL, "Copy member ID"),
    "an administrator who has left": Case(setting(FAXBOT_ADMINS=FORMER), "admins", FAIL, "FAXBOT_ADMINS"),
    "no such channel": Case(setting(FAXBOT_ALLOWED_CHANNELS="C0000NOWHERE"), "channels", FAIL, "the channel's details"),
    "a channel without the bot": Case(setting(FAXBOT_ALLOWED_CHANNELS=HIDDEN), "channels", FAIL, "/invite"),
    "an archived channel": Case(setting(FAXBOT_ALLOWED_CHANNELS=ARCHIVED), "channels", WARN, "Take it out"),
    "no such group": Case(setting(FAXBOT_ALLOWED_USER_GROUPS="S0000NOBODY"), "groups", FAIL, "Copy group ID"),
    "nobody in the group": Case(broken(nobody_in_the_group), "groups", WARN, "Add people"),
    "cards that Slack refuses": Case(
        broken(lambda world: world.slack.fail("blocks.validate", error="invalid_blocks")), "cards", FAIL, "Report it"
    ),
    "in clear": Case(broken(in_clear), "fax_encryption", WARN, "remove STONEFAX_ALLOW_HTTP"),
    "an unknown name": Case(setting(STONEFAX_URL="https://fax.invalid"), "fax_name", FAIL, "DNS server"),
    "nobody listens": Case(
        nobody_at("STONEFAX_URL", "https://127.0.0.1:{port}"),
        "fax_connection",
        FAIL,
        "whether the fax server runs",
    ),
    "no TLS": Case(broken(without_tls), "fax_certificate", FAIL, "plain http"),
    "an unknown authority": Case(certified(known=False), "fax_certificate", FAIL, "STONEFAX_CA_FILE"),
    "a certificate for another name": Case(
        certified("fax.example.com"), "fax_certificate", FAIL, "the name in the certificate"
    ),
    "an expired certificate": Case(certified(days=-2), "fax_certificate", FAIL, "Have it renewed"),
    "a certificate that expires soon": Case(certified(days=10), "fax_certificate", WARN, "Have it renewed in time"),
    "no certificate in the file": Case(
        broken(lambda world: (world.folder / "ca.pem").write_text("planted")), "fax_certificate", FAIL, "as PEM"
    ),
    "a sign-in page": Case(
        mood(Rule(body=b"<html>Sign in</html>", content_type="text/html")), "fax_address", FAIL, "web portal opens"
    ),
    "another API": Case(mood(Rule(body=b'{"planted": 1}')), "fax_address", FAIL, "web portal opens"),
    "compressed": Case(mood(Rule(gzip=True)), "fax_address", FAIL, "Turn compression off"),
    "no API there": Case(mood(Rule(status=404)), "fax_address", FAIL, "web portal opens"),
    "sent on": Case(mood(Rule(status=302, location="https://sso.invalid/")), "fax_address", FAIL, "web portal opens"),
    "busy": Case(mood(Rule(status=503, retry_after=60)), "fax_address", FAIL, "Wait for it"),
    "a fault of its own": Case(mood(Rule(status=500, reason="planted")), "fax_address", FAIL, "whoever runs the fax"),
    "hanging": Case(broken(hanging), "fax_address", FAIL, "Wait for it"),
    "a wrong password": Case(setting(STONEFAX_PASSWORD="planted, but wrong"), "fax_login", FAIL, "SSO"),
    "let in, and no more": Case(mood(Rule(status=403, reason="planted")), "fax_login", FAIL, "privilege level"),
    "too low a privilege": Case(
        broken(lambda world: setattr(world.fax_server, "_privilege", 6)), "fax_privilege", FAIL, "privilege level"
    ),
    "no such fax": Case(broken(lambda world: setattr(world, "fax_id", UNKNOWN)), "fax_privilege", WARN, "another id"),
    "a fax of its own": Case(broken(own_fax), "fax_privilege", WARN, "somebody else"),
    "slow": Case(broken(slow), "fax_latency", WARN, "nearer to the fax server"),
    "the fax server's clock": Case(
        broken(lambda world: setattr(world.fax_front, "ahead", timedelta(minutes=7))), "fax_clock", WARN, "Set the fax"
    ),
    "no time zone": Case(setting(STONEFAX_TIME_ZONE=""), "time_zone", WARN, "Europe/Rome"),
    "another time zone": Case(broken(sent_in_rome_just_now), "time_zone", WARN, "STONEFAX_TIME_ZONE"),
    "no folder": Case(setting(DATABASE_URL="sqlite:////nowhere/at/all/faxbot.db"), "database", FAIL, "the folder"),
    "no PostgreSQL": Case(
        nobody_at("DATABASE_URL", "postgresql://faxbot:planted@127.0.0.1:{port}/faxbot"),
        "database",
        FAIL,
        "host and port",
    ),
    "no database file": Case(
        broken(lambda world: world.file.write_bytes(b"planted" * 999)), "database", FAIL, "from a copy"
    ),
    "a newer version's tables": Case(tables_of("9999"), "database_schema", FAIL, "the version of Faxbot"),
    "an older version's tables": Case(tables_of("0001"), "database_schema", WARN, "faxbot serve, which brings them up"),
    "a locked database": Case(locked, "database_writing", FAIL, "the process that keeps it locked"),
    "a file that others can read": Case(
        broken(lambda world: world.file.chmod(0o644)), "database_file", WARN, "chmod 600"
    ),
    "a disk in memory": Case(
        broken(lambda world: world.mounts.write_text(f"1 1 0:1 / {world.folder} rw - tmpfs tmpfs rw\n")),
        "database_disk",
        WARN,
        "DATABASE_URL",
    ),
    "a container's own disk": Case(
        broken(lambda world: world.mounts.write_text("1 1 0:1 / / rw - overlay overlay rw\n")),
        "database_disk",
        WARN,
        "a volume that stays",
    ),
    "a platform": Case(
        broken(lambda world: world.environ.update(DYNO="web.1")), "database_disk", WARN, "Set DATABASE_URL"
    ),
    "watches that nobody works on": Case(overdue, "watches", WARN, "faxbot serve"),
    "the port is taken": Case(taken_port("PORT"), "port", FAIL, "Set HOST and PORT"),
    "no such host": Case(setting(HOST="203.0.113.1", PORT="3000"), "port", FAIL, "Set HOST and PORT"),
    "the port for metrics is taken": Case(
        taken_port("FAXBOT_METRICS_PORT"), "metrics_port", FAIL, "Set FAXBOT_METRICS_PORT"
    ),
    "few files may be open": Case(
        broken(lambda world: setattr(world, "descriptors", 1024)), "descriptors", WARN, "ulimit -n"
    ),
}


async def findings(world: World) -> dict[str, Finding]:
    """Give what each check has found."""
    return {one.check.name: one.finding for one in await world.examined()}


async def test_a_healthy_set_up_is_all_well(world: World) -> None:
    """Nothing fails, warns or goes unlooked at."""
    assert {name: found for name, found in (await findings(world)).items() if found.state is not State.OK} == {}


@pytest.mark.parametrize("case", CASES.values(), ids=list(CASES))
async def test_what_is_wrong_is_named_and_nothing_else(world: World, case: Case) -> None:
    """With its remedy; what hangs on it is not looked at, and all the rest is well."""
    async with case.breaking(world):
        found = await findings(world)
    wrong = {name: finding for name, finding in found.items() if finding.state in {WARN, FAIL}}
    assert set(wrong) == {case.check}, wrong
    finding = wrong[case.check]
    assert finding.state is case.state
    assert finding.remedy
    assert case.remedy in f"{finding.sentence} {finding.remedy}"
