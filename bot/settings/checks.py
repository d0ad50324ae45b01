"""What each setting must be, said in words that follow its name; none of them quotes the value."""

import re
from collections.abc import Callable
from ipaddress import ip_address
from pathlib import Path
from typing import Never
from urllib.parse import SplitResult, urlsplit
from zoneinfo import ZoneInfo

from pydantic import SecretStr, ValidationInfo

SHORTEST_SECRET = 16
"""Slack's own have 32 digits; others' are only expected to be hard to guess."""


def starting_with(prefix: str) -> Callable[[SecretStr], SecretStr]:
    """Check the kind of a Slack token by its beginning."""

    def check(token: SecretStr) -> SecretStr:
        if not re.fullmatch(rf"{prefix}[\w-]+", token.get_secret_value()):
            message = f"a token of this kind begins with {prefix}"
            raise ValueError(message)
        return token

    return check


def likely_secret(secret: SecretStr | None) -> SecretStr | None:
    """Check that it can be a secret, if there is one, and is no token: the two are easily swapped."""
    if secret is None:
        return None
    text = secret.get_secret_value()
    if text.startswith(("xox", "xapp-")):
        message = "this is a token, not the signing secret"
        raise ValueError(message)
    return hard_to_guess(secret)


def hard_to_guess(secret: SecretStr) -> SecretStr:
    """Check that a secret is long enough, and fits into a header."""
    text = secret.get_secret_value()
    if len(text) < SHORTEST_SECRET or re.search(r"\s", text):
        message = f"must be at least {SHORTEST_SECRET} characters, without spaces"
        raise ValueError(message)
    if not re.fullmatch(r"[!-~]+", text):
        message = "must be plain letters, digits and signs: no accents"
        raise ValueError(message)
    return secret


def needed_for_http(secret: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
    """Refuse to do without, unless everything comes by Socket Mode; with a wrong app token one mistake is enough."""
    if secret is None and info.data.get("app_token", "wrong") is None:
        message = "is missing; it is needed unless SLACK_APP_TOKEN turns Socket Mode on"
        raise ValueError(message)
    return secret


def another_port(port: int | None, info: ValidationInfo) -> int | None:
    """Refuse the port that Slack reaches; 0 is any free one, and never that."""
    if port and port == info.data.get("port"):
        message = "is PORT too; take another"
        raise ValueError(message)
    return port


def never_set(_: object) -> Never:
    """Refuse what Bolt would read by itself, and then ignore the token."""
    message = "must not be set: it would turn OAuth on. Remove it"
    raise ValueError(message)


def whole_number(low: int, high: int) -> Callable[[object], int]:
    """Read a number within these bounds, which are said whichever is crossed."""

    def read(value: object) -> int:
        try:
            number = int(str(value))
        except ValueError as error:
            message = f"must be a whole number from {low} to {high}"
            raise ValueError(message) from error
        if not low <= number <= high:
            message = f"must be from {low} to {high}"
            raise ValueError(message)
        return number

    return read


def web_address(url: str) -> SplitResult:
    """Take an address apart that holds scheme, host, port and path alone."""
    try:
        parts = urlsplit(url)
    except ValueError as error:
        message = "is not an address"
        raise ValueError(message) from error
    if parts.scheme not in {"http", "https"} or not parts.hostname or re.search(r"\s", url):
        message = "is not an address that begins with https://"
        raise ValueError(message)
    if parts.username or parts.password or parts.query or parts.fragment:
        message = "only scheme, host and port belong here: no user, no question mark, no #"
        raise ValueError(message)
    if not has_possible_port(parts):
        message = "its port must be from 1 to 65535"
        raise ValueError(message)
    return parts


def has_possible_port(parts: SplitResult) -> bool:
    """Whether the port, if there is one, can be: reading it raises for what is no number or too large."""
    try:
        return parts.port != 0
    except ValueError:
        return False


def server_address(url: str) -> str:
    """Fold the address of the fax server to scheme and host, with a path before the API's own if there is one."""
    parts = web_address(url)
    base, _, _ = parts.path.partition("/fw/Apps/")
    return f"{parts.scheme}://{parts.netloc}{base.rstrip('/')}"


def api_address(url: str) -> str:
    """Check the address of a Web API: the token travels to it."""
    if web_address(url).scheme == "http" and not is_loopback(url):
        message = "plain http sends the token in clear; use https"
        raise ValueError(message)
    return url


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
        message = "must be a web address with {id} in the place of the fax's id"
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


def off_under_rules_about_people(on: bool, info: ValidationInfo) -> bool:  # noqa: FBT001 - as pydantic calls it
    """Refuse what nobody asks for where a rule says who may ask."""
    if on and (info.data.get("allowed_channels") or info.data.get("allowed_user_groups")):
        message = (
            "cannot be used with FAXBOT_ALLOWED_CHANNELS or FAXBOT_ALLOWED_USER_GROUPS: in a workflow nobody asks, so "
            "neither could be kept"
        )
        raise ValueError(message)
    return on


def slack_ids(kinds: str) -> Callable[[tuple[str, ...]], tuple[str, ...]]:
    """Check that these are ids of Slack's, which begin with one of the letters in `kinds`."""

    def check(ids: tuple[str, ...]) -> tuple[str, ...]:
        if not all(re.fullmatch(rf"[{kinds}][A-Z0-9]{{2,30}}", one) for one in ids):
            message = f"ids of this kind begin with {' or '.join(kinds)}, as Slack shows them in the details"
            raise ValueError(message)
        return ids

    return check


def host_names(hosts: tuple[str, ...]) -> tuple[str, ...]:
    """Check that these are bare host names, and fold their case."""
    if not all(re.fullmatch(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*", host) for host in hosts):
        message = "a host name alone belongs here: no https://, no port, no path"
        raise ValueError(message)
    return tuple(host.lower() for host in hosts)
