"""The list of all checks, and the one way through it: each in turn, unless what it needs is not there."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import aiohttp

from bot.doctor import clock, database, fax_api, fax_server, machine, people, samples, settings, slack
from bot.doctor.check import Check
from bot.doctor.finding import Finding, Settled, State, fail, skip
from bot.doctor.questions import NoAnswer, Questions
from bot.doctor.visit import Setup, Visit

TOKEN = ("SLACK_BOT_TOKEN", "SLACK_API_URL")
KNOWN = ("slack_token",)
SERVER = ("STONEFAX_URL",)
ACCOUNT = ("STONEFAX_URL", "STONEFAX_USERNAME", "STONEFAX_PASSWORD")
DATABASE = ("DATABASE_URL",)

CHECKS: Mapping[str, tuple[Check, ...]] = {
    "Settings": (
        Check("settings", "Settings", settings.readable),
        Check("signing_secret", "Signing secret", settings.signing_secret, ("SLACK_SIGNING_SECRET",)),
        Check(
            "policy",
            "Who is let in",
            settings.policy,
            ("FAXBOT_ALLOWED_CHANNELS", "FAXBOT_ALLOWED_USER_GROUPS"),
        ),
        Check("link_domains", "Links", settings.link_domains, ("FAXBOT_LINK_DOMAINS", *SERVER)),
    ),
    "Slack": (
        Check("slack_token", "Token and workspace", slack.workspace, TOKEN),
        Check("slack_token_kind", "Kind of the token", slack.token_kind, TOKEN, KNOWN),
        Check("slack_scopes", "Scopes", slack.scopes, TOKEN, KNOWN),
        Check("slack_clock", "This machine's clock", clock.against_slack, TOKEN, KNOWN),
        Check("socket_mode", "Socket Mode", slack.socket_mode, ("SLACK_APP_TOKEN", "SLACK_API_URL"), KNOWN),
        Check("guests", "Who is a guest", people.guests, TOKEN, KNOWN),
        Check("admins", "Administrators", people.admins, (*TOKEN, "FAXBOT_ADMINS"), KNOWN),
        Check("channels", "Channels", people.channels, (*TOKEN, "FAXBOT_ALLOWED_CHANNELS"), KNOWN),
        Check("groups", "User groups", people.groups, (*TOKEN, "FAXBOT_ALLOWED_USER_GROUPS"), KNOWN),
        Check("cards", "Cards", samples.taken, (*TOKEN, "FAXBOT_COMMAND", "STONEFAX_FAX_PAGE"), KNOWN),
    ),
    "Fax server": (
        Check("fax_encryption", "Encryption", settings.plain_http, ("STONEFAX_ALLOW_HTTP", *SERVER)),
        Check("fax_name", "Name", fax_server.name, SERVER),
        Check("fax_connection", "Connection", fax_server.connection, SERVER, ("fax_name",)),
        Check(
            "fax_certificate",
            "Certificate",
            fax_server.certificate,
            (*SERVER, "STONEFAX_CA_FILE"),
            ("fax_connection",),
        ),
        Check("fax_address", "Address", fax_api.address, ACCOUNT, ("fax_certificate",)),
        Check("fax_login", "Account", fax_api.login, ACCOUNT, ("fax_address",)),
        Check("fax_privilege", "Privilege", fax_api.privilege, ACCOUNT, ("fax_login",)),
        Check("fax_latency", "Speed", fax_api.latency, ACCOUNT, ("fax_login",)),
        Check("fax_clock", "Clock", clock.against_the_fax_server, ACCOUNT, ("fax_address",)),
        Check("time_zone", "Time zone", clock.time_zone, ("STONEFAX_TIME_ZONE",)),
    ),
    "Database": (
        Check("database", "Database", database.reachable, DATABASE),
        Check("database_schema", "Tables", database.schema, DATABASE, ("database",)),
        Check("database_writing", "Writing", database.writable, DATABASE, ("database",)),
        Check("database_file", "The file's mode", database.private, DATABASE, ("database",)),
        Check("database_disk", "The file's disk", machine.disk, DATABASE),
        Check("watches", "Watches", database.watches, DATABASE, ("database", "database_schema")),
    ),
    "This process": (
        Check("port", "Port", machine.port, ("HOST", "PORT")),
        Check("metrics_port", "Port for metrics", machine.metrics_port, ("FAXBOT_METRICS_PORT",)),
        Check("descriptors", "Open connections", machine.descriptors, ("FAXBOT_UPSTREAM_AT_ONCE",)),
    ),
}
"""By what they are about, in the order in which they are made."""


@dataclass(frozen=True, slots=True)
class Found:
    """A check, what it is about, and what it has found."""

    about: str
    check: Check
    finding: Finding

    def told(self) -> dict[str, str | None]:
        """Give it for scripts."""
        return {
            "name": self.check.name,
            "state": str(self.finding.state),
            "sentence": self.finding.sentence,
            "remedy": self.finding.remedy,
        }


def every_check() -> Iterator[tuple[str, Check]]:
    """Give all checks in their order, each with what it is about."""
    for about, checks in CHECKS.items():
        yield from ((about, check) for check in checks)


async def examine(setup: Setup, begun: Callable[[Check], None] = lambda _: None) -> tuple[Found, ...]:
    """Make all checks in turn; `begun` is told of each before it is made."""
    found: list[Found] = []
    closed: dict[str, str] = {}
    timeout = aiohttp.ClientTimeout(total=setup.bounds.deadline)
    async with aiohttp.ClientSession(timeout=timeout, cookie_jar=aiohttp.DummyCookieJar()) as session:
        visit = Visit(setup, Questions(session, setup.machine.clock))
        for about, check in every_check():
            begun(check)
            finding = in_the_way(check, setup, closed)
            if finding is not None:
                closed[check.name] = check.title
            else:
                finding = await looked(check, visit)
                if finding.state is State.FAIL:
                    closed[check.name] = check.title
            found.append(Found(about, check, finding))
    return tuple(found)


def in_the_way(check: Check, setup: Setup, closed: Mapping[str, str]) -> Finding | None:
    """Say what keeps a check from being made, if anything does."""
    if wrong := [name for name in check.settings if name in setup.reading.wrong]:
        verb = "is" if len(wrong) == 1 else "are"
        return skip(f"Not looked at: {' and '.join(wrong)} {verb} missing or wrong.", "See to “Settings” first.")
    if first := [closed[name] for name in check.after if name in closed]:
        return skip("Not looked at.", f"See to “{first[0]}” first.")
    return None


async def looked(check: Check, visit: Visit) -> Finding:
    """Make one check; whatever breaks is a finding too, and quotes nothing."""
    try:
        return await check.look(visit)
    except Settled as settled:
        return settled.finding
    except NoAnswer as none:
        return fail(f"No answer came: {none.problem}.", "Run this again; if it stays so, look for what is in between.")
    except Exception as error:  # noqa: BLE001 - one check that breaks must not hide what the others find
        return fail(f"The check itself broke ({type(error).__name__}).", "Report it, with the version of Faxbot.")
