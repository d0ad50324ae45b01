"""The settings, read as far as they can be: everything that is wrong is told, and the rest can still be looked at."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bot.settings import GROUPS, DatabaseSettings, Settings, SettingsMistake, read_settings
from bot.store import database_url

STAND_INS: Mapping[str, str] = {
    "SLACK_BOT_TOKEN": "xoxb-missing",
    "SLACK_APP_TOKEN": "xapp-missing",
    "SLACK_SIGNING_SECRET": "0" * 32,
    "STONEFAX_URL": "https://fax.invalid",
    "STONEFAX_USERNAME": "missing",
    "STONEFAX_PASSWORD": "missing",
}
"""In the place of what is required, and missing or wrong; nothing is ever asked with them.

So too of a wrong app token: without any, the signing secret would be required.
"""
KINDS: Mapping[str, str] = {
    "xoxb-": "a bot's token, which belongs into SLACK_BOT_TOKEN",
    "xoxp-": "a person's token: take the Bot User OAuth Token, which stands beside it",
    "xapp-": "an app-level token, which belongs into SLACK_APP_TOKEN",
    "xoxe": "a token that expires: turn token rotation off, and install the app anew",
}
"""Slack's tokens by their beginnings."""
TOKENS = ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN")


@dataclass(frozen=True, slots=True)
class Reading:
    """The settings; `mistakes` has a line for all that is wrong, `wrong` the variables that cannot be gone by.

    `kinds` says what the tokens are that were given in the place of another kind.
    """

    settings: Settings
    mistakes: tuple[str, ...] = ()
    wrong: frozenset[str] = frozenset()
    kinds: tuple[str, ...] = ()


def as_read(settings: Settings) -> Reading:
    """Give the settings with which a bot is running: in these there is no mistake."""
    return Reading(settings)


def read_what_can_be(values: Mapping[str, str]) -> Reading:
    """Read every setting, and leave out what is wrong."""
    mistakes: list[str] = []
    try:
        settings = read_settings(values, *GROUPS)
    except SettingsMistake as mistake:
        mistakes = mistake.lines
        named = {name_in(line) for line in mistakes}
        right = {name: value for name, value in values.items() if name not in named}
        settings = read_settings(right | {name: STAND_INS[name] for name in named & STAND_INS.keys()}, *GROUPS)
    try:
        database_url(settings[DatabaseSettings].url.get_secret_value())
    except ValueError as error:
        mistakes = [*mistakes, f"DATABASE_URL: {error}."]
    wrong = frozenset(map(name_in, mistakes))
    return Reading(settings, tuple(mistakes), wrong, tuple(other_kinds(values, wrong)))


def name_in(line: str) -> str:
    """Give the variable that a mistake is about."""
    return line.partition(":")[0]


def other_kinds(values: Mapping[str, str], wrong: frozenset[str]) -> Iterator[str]:
    """Say of each token that is wrong what it is instead."""
    for name in TOKENS:
        token = values.get(name, "").strip() if name in wrong else ""
        yield from (f"{name} holds {kind}." for begins, kind in KINDS.items() if token.startswith(begins))
