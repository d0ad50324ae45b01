"""Every setting, read once from the environment or `.env`; all mistakes are reported together, and no secret is shown.

The settings come in groups, so that each command asks only for what it needs: `lookup` for the fax server alone.
"""

import os
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar, cast
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from dotenv import dotenv_values
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
)


class SettingsMistake(Exception):
    """What is wrong with the settings: one line for each, fit to be read by whoever set them."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines


@dataclass(frozen=True, slots=True)
class Hint:
    """What helps somebody who got a setting wrong: an example, and where its value comes from."""

    example: str
    where: str


def starting_with(prefix: str) -> Callable[[SecretStr], SecretStr]:
    """Check the kind of a Slack token by its beginning."""

    def check(token: SecretStr) -> SecretStr:
        if not re.fullmatch(rf"{prefix}[\w-]+", token.get_secret_value()):
            message = f"a token of this kind begins with {prefix}"
            raise ValueError(message)
        return token

    return check


def not_a_token(secret: SecretStr) -> SecretStr:
    """Check that it is no token: the two are easily swapped."""
    if secret.get_secret_value().startswith(("xoxb-", "xapp-", "xoxp-")):
        message = "this is a token, not the signing secret"
        raise ValueError(message)
    return secret


def server_address(url: str) -> str:
    """Fold the address of the fax server to scheme and host, with a path before the API's own if there is one."""
    parts = urlsplit(url.strip())
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        message = "not an address that begins with https://"
        raise ValueError(message)
    if parts.username or parts.password or parts.query or parts.fragment:
        message = "only scheme, host and port belong here: no user, no question mark, no #"
        raise ValueError(message)
    base, _, _ = parts.path.partition("/fw/Apps/")
    return f"{parts.scheme}://{parts.netloc}{base.rstrip('/')}"


def is_loopback(url: str) -> bool:
    """Whether the address never leaves this machine."""
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def in_clear_only_on_purpose(url: str, info: ValidationInfo) -> str:
    """Refuse plain http to anywhere but this machine: Basic sends the password in clear."""
    if url.startswith("http://") and not info.data.get("allow_http") and not is_loopback(url):
        message = "plain http sends the password in clear; use https, or set STONEFAX_ALLOW_HTTP=yes"
        raise ValueError(message)
    return url


def as_time_zone(name: object) -> object:
    """Find a time zone by its IANA name."""
    try:
        return ZoneInfo(str(name))
    except (KeyError, ValueError, OSError) as error:
        message = "no IANA time zone has this name"
        raise ValueError(message) from error


def existing_file(path: Path) -> Path:
    """Check that the file can be read."""
    if not path.is_file():
        message = "there is no such file"
        raise ValueError(message)
    return path


def page_template(template: str) -> str:
    """Check the template of one fax's web page."""
    if "{id}" not in template or not template.startswith(("https://", "http://")):
        message = "it must be a web address with {id} in the place of the fax's id"
        raise ValueError(message)
    return template


def slash_command(command: str) -> str:
    """Check the name of the slash command."""
    if not re.fullmatch(r"/[a-z0-9_-]{1,31}", command):
        message = "a slash command is / and up to 31 small letters, digits, hyphens or underscores"
        raise ValueError(message)
    return command


def comma_separated(value: object) -> object:
    """Split a list as people write it."""
    return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value


class Group(BaseModel):
    """What the groups have in common: they never change, and what is wrong is never quoted."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)


GroupType = TypeVar("GroupType", bound=Group)


class StoneFaxSettings(Group):
    """The fax server."""

    allow_http: bool = Field(
        default=False,
        validation_alias="STONEFAX_ALLOW_HTTP",
        description="`yes` for a server inside the house without TLS: the password then travels in clear",
    )
    url: Annotated[str, AfterValidator(in_clear_only_on_purpose), AfterValidator(server_address)] = Field(
        validation_alias="STONEFAX_URL",
        description="the fax server's address: the part before `/fw/Apps/StoneFax/WebAPI/`; `https`, or loopback",
    )
    username: str = Field(
        validation_alias="STONEFAX_USERNAME", description="the account that may read everybody's faxes"
    )
    password: SecretStr = Field(validation_alias="STONEFAX_PASSWORD", description="its password")
    time_zone: Annotated[ZoneInfo | None, BeforeValidator(as_time_zone)] = Field(
        default=None,
        validation_alias="STONEFAX_TIME_ZONE",
        description='the server\'s IANA time zone; unset, times are shown as "server time", not converted',
    )
    ca_file: Annotated[Path, AfterValidator(existing_file)] | None = Field(
        default=None,
        validation_alias="STONEFAX_CA_FILE",
        description="a PEM file with the private authority that signed the server's certificate",
    )
    fax_page: Annotated[str, AfterValidator(page_template)] | None = Field(
        default=None,
        validation_alias="STONEFAX_FAX_PAGE",
        description='the web page of one fax, with `{id}` in it: gives cards an "Open" button',
    )


class SlackSettings(Group):
    """The workspace."""

    bot_token: Annotated[SecretStr, AfterValidator(starting_with("xoxb-"))] = Field(
        validation_alias="SLACK_BOT_TOKEN", description="the bot's token"
    )
    signing_secret: Annotated[SecretStr, AfterValidator(not_a_token)] = Field(
        validation_alias="SLACK_SIGNING_SECRET", description="proves that a request comes from Slack"
    )
    api_url: str = Field(
        default="https://slack.com/api/",
        validation_alias="SLACK_API_URL",
        description="another Web API than Slack's own, for tests",
    )
    client_id: None = Field(
        default=None,
        validation_alias="SLACK_CLIENT_ID",
        description="must stay unset: it would turn Bolt's OAuth on in place of the token",
    )
    client_secret: None = Field(
        default=None, validation_alias="SLACK_CLIENT_SECRET", description="must stay unset, for the same reason"
    )


class BotSettings(Group):
    """How Faxbot itself behaves."""

    command: Annotated[str, AfterValidator(slash_command)] = Field(
        default="/fax", validation_alias="FAXBOT_COMMAND", description="the slash command, as in the app's manifest"
    )
    id_hint: str | None = Field(
        default=None,
        validation_alias="FAXBOT_ID_HINT",
        description="one sentence: where people here find a fax's id; said when one is missing",
    )
    per_minute: Annotated[int, Field(ge=0, le=10_000)] = Field(
        default=30, validation_alias="FAXBOT_PER_MINUTE", description="requests by one person a minute; 0: no limit"
    )
    upstream_at_once: Annotated[int, Field(ge=1, le=1024)] = Field(
        default=32, validation_alias="FAXBOT_UPSTREAM_AT_ONCE", description="requests to the fax server at once"
    )
    admins: Annotated[tuple[str, ...], BeforeValidator(comma_separated)] = Field(
        default=(),
        validation_alias="FAXBOT_ADMINS",
        description="Slack user ids, comma separated: whom others are sent to",
    )
    show_numbers: Literal["asker", "nobody"] = Field(
        default="asker",
        validation_alias="FAXBOT_SHOW_NUMBERS",
        description="who sees phone numbers in full: `asker` (in private answers) or `nobody`",
    )


class ServeSettings(Group):
    """The process."""

    host: str = Field(default="127.0.0.1", validation_alias="HOST", description="the address to listen on")
    port: Annotated[int, Field(ge=0, le=65535)] = Field(
        default=3000, validation_alias="PORT", description="the port to listen on"
    )


class LogSettings(Group):
    """The log."""

    level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", validation_alias="LOG_LEVEL", description="`debug`, `info`, `warning` or `error`"
    )
    format: Literal["json", "text"] | None = Field(
        default=None,
        validation_alias="LOG_FORMAT",
        description="`json` or `text`; unset: text on a terminal, else json",
    )


GROUPS: tuple[type[Group], ...] = (SlackSettings, StoneFaxSettings, BotSettings, ServeSettings, LogSettings)

HINTS: Mapping[str, Hint] = {
    "SLACK_BOT_TOKEN": Hint("xoxb-…", "api.slack.com/apps, your app, OAuth & Permissions, after installing it"),
    "SLACK_SIGNING_SECRET": Hint("32 hexadecimal digits", "api.slack.com/apps, your app, Basic Information"),
    "SLACK_CLIENT_ID": Hint("(unset)", "remove it from the environment: it would turn OAuth on"),
    "SLACK_CLIENT_SECRET": Hint("(unset)", "remove it from the environment: it would turn OAuth on"),
    "STONEFAX_URL": Hint("https://fax.example.com", "the address at which the fax server's web portal opens"),
    "STONEFAX_USERNAME": Hint("faxbot", "an account of the fax server that does not sign in through SSO"),
    "STONEFAX_PASSWORD": Hint("its password", "whoever administers the fax server"),
    "STONEFAX_TIME_ZONE": Hint("Europe/Rome", "the time zone of the machine that the fax server runs on"),
    "STONEFAX_CA_FILE": Hint("/etc/ssl/our-authority.pem", "whoever runs your certificate authority"),
    "STONEFAX_FAX_PAGE": Hint("https://fax.example.com/faxes/{id}", "the address bar, with one fax open"),
    "FAXBOT_COMMAND": Hint("/fax", "the slash command in the app's manifest"),
    "FAXBOT_SHOW_NUMBERS": Hint("asker", "asker or nobody"),
    "LOG_LEVEL": Hint("info", "debug, info, warning or error"),
    "LOG_FORMAT": Hint("json", "json or text"),
}

WORDS: Mapping[str, str] = {
    "missing": "is missing",
    "none_required": "must not be set",
    "bool_parsing": "must be yes or no",
    "int_parsing": "must be a whole number",
    "literal_error": "is none of the words that can stand here",
}


class Settings:
    """The groups that were asked for: `settings[StoneFaxSettings].url`."""

    def __init__(self, groups: Iterable[Group]) -> None:
        self.groups: Mapping[type[Group], Group] = {type(group): group for group in groups}

    def __getitem__(self, group: type[GroupType]) -> GroupType:
        return cast("GroupType", self.groups[group])


def environment(env_file: Path = Path(".env")) -> dict[str, str]:
    """Give what is set, in the environment or else in the file; a `$` in a password is a `$`."""
    return {**{k: v for k, v in dotenv_values(env_file, interpolate=False).items() if v}, **os.environ}


def read_settings(values: Mapping[str, str], *groups: type[Group]) -> Settings:
    """Read these groups; an empty value counts as unset. Raises SettingsMistake with a line for every mistake."""
    given = {name: value.strip() for name, value in values.items() if value.strip()}
    read: list[Group] = []
    lines: list[str] = []
    for group in groups:
        try:
            read.append(group.model_validate(given))
        except ValidationError as error:
            lines += [line_for(dict(mistake)) for mistake in error.errors(include_url=False, include_input=False)]
    if lines:
        raise SettingsMistake(lines)
    return Settings(read)


def line_for(mistake: Mapping[str, Any]) -> str:
    """Say one mistake: the variable, what is wrong, an example, and where to get it."""
    message = str(mistake["msg"]).removeprefix("Value error, ")
    name = str(mistake["loc"][0])
    wrong = WORDS.get(mistake["type"], message)
    hint = HINTS.get(name)
    return f"{name}: {wrong}. Example: {hint.example}. From: {hint.where}." if hint else f"{name}: {wrong}."
