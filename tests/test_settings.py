"""Whoever sets Faxbot up reads, a line each, everything that is wrong with the settings."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from bot.settings import (
    GROUPS,
    BotSettings,
    ServeSettings,
    SettingsMistake,
    SlackSettings,
    StoneFaxSettings,
    environment,
    read_settings,
    where_settings_come_from,
)
from bot.settings.sources import Found
from playground.slack import SlackServer, example_workspace

RIGHT: Mapping[str, str] = {
    "SLACK_BOT_TOKEN": "xoxb-1-2-abc",
    "SLACK_SIGNING_SECRET": "0123456789ABCDEF0123456789abcdef",
    "STONEFAX_URL": "https://fax.example.com",
    "STONEFAX_USERNAME": "faxbot",
    "STONEFAX_PASSWORD": "dolphin$1 #2",
}

SECRET_HELP = "Example: 32 hexadecimal digits. From: api.slack.com/apps, your app, Basic Information."
URL_HELP = "Example: https://fax.example.com. From: the address at which the fax server's web portal opens."
PAGE_HELP = "Example: https://fax.example.com/faxes/{id}. From: the address bar, with one fax open."

MISTAKES = [
    ("FAXBOT_METRICS_PORT", "3000", "is PORT too; take another."),
    ("SLACK_SIGNING_SECRET", "dolphin", f"must be at least 16 characters, without spaces. {SECRET_HELP}"),
    ("SLACK_SIGNING_SECRET", "dolphin " * 4, f"must be at least 16 characters, without spaces. {SECRET_HELP}"),
    ("SLACK_SIGNING_SECRET", "xoxb-1-2-dolphin", f"this is a token, not the signing secret. {SECRET_HELP}"),
    ("SLACK_API_URL", "slack.com/api", "is not an address that begins with https://."),
    ("SLACK_API_URL", "http://slack.com/api/", "plain http sends the token in clear; use https."),
    ("SLACK_CLIENT_ID", "1.2", "must not be set: it would turn OAuth on. Remove it."),
    ("SLACK_CLIENT_SECRET", "dolphin", "must not be set: it would turn OAuth on. Remove it."),
    ("STONEFAX_URL", "https://[fax", f"is not an address. {URL_HELP}"),
    ("STONEFAX_URL", "fax.example.com", f"is not an address that begins with https://. {URL_HELP}"),
    ("STONEFAX_URL", "https://fax example.com", f"is not an address that begins with https://. {URL_HELP}"),
    ("STONEFAX_URL", "https://fax.example.com:70000", f"its port must be from 1 to 65535. {URL_HELP}"),
    ("STONEFAX_URL", "https://fax.example.com:dolphin", f"its port must be from 1 to 65535. {URL_HELP}"),
    ("STONEFAX_URL", "https://fax.example.com:0", f"its port must be from 1 to 65535. {URL_HELP}"),
    (
        "STONEFAX_URL",
        "http://fax.example.com",
        f"plain http sends the password in clear; use https, or set STONEFAX_ALLOW_HTTP=yes. {URL_HELP}",
    ),
    ("STONEFAX_ALLOW_HTTP", "perhaps", "must be yes or no."),
    (
        "STONEFAX_FAX_PAGE",
        "https://fax.example.com",
        f"must be a web address with {{id}} in the place of the fax's id. {PAGE_HELP}",
    ),
    ("FAXBOT_UPSTREAM_AT_ONCE", "0", "must be from 1 to 1024."),
    ("FAXBOT_PER_MINUTE", "10001", "must be from 0 to 10000."),
    ("FAXBOT_PER_MINUTE", "-1", "must be from 0 to 10000."),
    ("PORT", "http", "must be a whole number from 0 to 65535."),
    ("PORT", "65536", "must be from 0 to 65535."),
    (
        "FAXBOT_LANGUAGE",
        "Italian",
        "must be en, it, de, fr or es. Example: it. From: the language that most people here have Slack in.",
    ),
    ("FAXBOT_WORKFLOW_STEP", "perhaps", "must be yes or no."),
    ("FAXBOT_SHOW_NUMBERS", "everybody", "must be asker or nobody."),
    ("FAXBOT_UNFURL", "cards", "must be blocks, entities or both."),
    ("LOG_LEVEL", "loud", "must be debug, info, warning or error."),
    ("LOG_FORMAT", "xml", "must be json or text."),
    ("STONEFAX_TIMEZONE", "Europe/Rome", "there is no such setting; did you mean STONEFAX_TIME_ZONE?"),
    ("STONEFAX_USER", "dolphin", "there is no such setting; did you mean STONEFAX_USERNAME?"),
    ("stonefax_url", "https://dolphin", "there is no such setting; did you mean STONEFAX_URL?"),
    ("FAXBOT_ADMIN", "U0123ABCD", "there is no such setting; did you mean FAXBOT_ADMINS?"),
    ("FAXBOT_LOG_LEVEL", "debug", "there is no such setting; did you mean LOG_LEVEL?"),
    ("FAXBOT_PORT", "3000", "there is no such setting; did you mean PORT?"),
    ("FAXBOT_STONEFAX_URL", "https://dolphin", "there is no such setting; did you mean STONEFAX_URL?"),
    ("STONEFAX_HOST", "fax.example.com", "there is no such setting."),
    ("FAXBOT_COLOUR", "dolphin", "there is no such setting."),
]


def complaints_about(values: Mapping[str, str]) -> list[str]:
    """Give the lines that reading these values ends with, none if they are right."""
    try:
        read_settings(values, *GROUPS)
    except SettingsMistake as mistake:
        return mistake.lines
    return []


@pytest.mark.parametrize(("name", "value", "wrong"), MISTAKES)
def test_a_mistake_is_said_in_one_line(name: str, value: str, wrong: str) -> None:
    """The name, what is wrong, and an example and where it comes from if that helps; never the secret."""
    lines = complaints_about({**RIGHT, name: value})
    assert lines == [f"{name}: {wrong}"]
    assert "dolphin" not in lines[0]


def test_all_mistakes_are_said_together() -> None:
    """Of every group, and a misnamed setting before the one that it leaves missing."""
    wrong = {"STONEFAX_PASSWORT": "dolphin", "STONEFAX_PASSWORD": "", "PORT": "http", "SLACK_BOT_TOKEN": "dolphin"}
    names = [line.partition(":")[0] for line in complaints_about({**RIGHT, **wrong})]
    assert names == ["STONEFAX_PASSWORT", "SLACK_BOT_TOKEN", "STONEFAX_PASSWORD", "PORT"]


def test_a_misnamed_setting_is_noticed_whatever_is_asked_for() -> None:
    """Also one of a group that this command does not read; one that is named right is no mistake there."""
    values = {"STONEFAX_URI": "https://fax.example.com", "PORT": "http", "STONEFAX_CA_FILE": "/nowhere"}
    with pytest.raises(SettingsMistake) as raised:
        read_settings(values, BotSettings)
    assert raised.value.lines == ["STONEFAX_URI: there is no such setting; did you mean STONEFAX_URL?"]


def test_what_is_right_is_read() -> None:
    """An address is folded to what stands before the API's own path, and a number may be at its bound."""
    values = {
        **RIGHT,
        "STONEFAX_URL": "HTTPS://fax.example.com:65535/house/fw/Apps/StoneFax/",
        "SLACK_API_URL": "http://127.0.0.1:9/api/",
        "FAXBOT_UPSTREAM_AT_ONCE": "1024",
        "PORT": " 0 ",
        "LOG_FORMAT": "",
    }
    settings = read_settings(values, *GROUPS)
    assert settings[StoneFaxSettings].url == "https://fax.example.com:65535/house"
    assert settings[SlackSettings].api_url == "http://127.0.0.1:9/api/"
    assert settings[BotSettings].upstream_at_once == 1024
    assert settings[ServeSettings].port == 0


def test_the_secret_of_the_playground_is_one() -> None:
    """Slack's have 32 hexadecimal digits, but others sign requests too."""
    secret = SlackServer(workspace=example_workspace()).signing_secret
    assert complaints_about({**RIGHT, "SLACK_SIGNING_SECRET": secret}) == []


def test_what_kubernetes_sets_for_a_service_is_no_mistake() -> None:
    """Where the service is called `faxbot`, its variables begin as the bot's settings do."""
    links = {
        "FAXBOT_SERVICE_HOST": "10.0.0.1",
        "FAXBOT_SERVICE_PORT": "80",
        "FAXBOT_SERVICE_PORT_HTTP": "80",
        "FAXBOT_PORT": "tcp://10.0.0.1:80",
        "FAXBOT_PORT_80_TCP": "tcp://10.0.0.1:80",
        "FAXBOT_PORT_80_TCP_PROTO": "tcp",
        "FAXBOT_PORT_80_TCP_PORT": "80",
        "FAXBOT_PORT_80_TCP_ADDR": "10.0.0.1",
    }
    assert complaints_about({**RIGHT, **links}) == []


@pytest.fixture
def env_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the place of a `.env`, in an environment that holds none of its names."""
    for name in RIGHT:
        monkeypatch.delenv(name, raising=False)
    return tmp_path / ".env"


def test_lines_of_the_file_that_set_nothing_are_mistakes_among_the_others(env_file: Path) -> None:
    """Each with its number, which counts blank lines, and without what it says: it may be a secret."""
    right = [f"{name}='{value}'" for name, value in RIGHT.items()]
    wrong = ["", "", "PASSWORD dolphin", "SLACK_API_URL:https://dolphin", "=dolphin", "FAXBOT_ADMIN=U1", "A='dolphin"]
    env_file.write_text("\n".join(["# Faxbot", *right, "export OTHER=1", *wrong]))
    lines = complaints_about(environment(env_file))
    no_setting = "not NAME=value. Example: STONEFAX_PASSWORD='with a # in it'."
    assert lines == [
        *(f".env, line {number}: {no_setting}" for number in (10, 11, 12, 14)),
        "FAXBOT_ADMIN: there is no such setting; did you mean FAXBOT_ADMINS?",
    ]


def test_a_file_is_read_as_it_was_meant(env_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A `$` is one, quotes keep a `#`, a mark of byte order is no letter, and the environment comes first."""
    env_file.write_text("\ufeff" + "\n".join(f"{name}='{value}'" for name, value in RIGHT.items()), encoding="utf-8")
    monkeypatch.setenv("STONEFAX_USERNAME", "another")
    settings = read_settings(environment(env_file), SlackSettings, StoneFaxSettings)
    assert settings[SlackSettings].bot_token.get_secret_value() == RIGHT["SLACK_BOT_TOKEN"]
    assert settings[StoneFaxSettings].password.get_secret_value() == "dolphin$1 #2"
    assert settings[StoneFaxSettings].username == "another"


def test_a_file_that_is_no_text_is_a_mistake(env_file: Path) -> None:
    """PowerShell writes UTF-16 unless it is told otherwise."""
    env_file.write_text("STONEFAX_USERNAME=faxbot", encoding="utf-16")
    assert complaints_about(environment(env_file))[0] == ".env: cannot be read: it is not UTF-8."


def test_where_settings_come_from_names_the_file(env_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In full, whether it is there or not; a virtualenv of that name is no file."""
    folder = env_file.parent
    monkeypatch.chdir(folder)
    assert where_settings_come_from() == f"environment; there is no .env in {folder}"
    env_file.mkdir()
    assert where_settings_come_from() == f"environment; there is no .env in {folder}"
    env_file.rmdir()
    env_file.touch()
    assert where_settings_come_from() == f"environment, and {folder}/.env"


def test_a_name_that_is_old_still_works_and_says_what_it_is_called_now() -> None:
    """The new name comes first, where both are set; an empty one is none."""
    renamed = {"FAXBOT_HINT": "FAXBOT_ID_HINT", "FAXBOT_PACE": "FAXBOT_PER_MINUTE"}
    found = Found(
        {"FAXBOT_HINT": "old", "FAXBOT_ID_HINT": "", "FAXBOT_PACE": "1", "FAXBOT_PER_MINUTE": "2"}, (), renamed
    )
    bot = read_settings(found, BotSettings)[BotSettings]
    assert (bot.id_hint, bot.per_minute) == ("old", 2)
    assert found.warnings == (
        "FAXBOT_HINT is now called FAXBOT_ID_HINT; the old name still works.",
        "FAXBOT_PACE is now called FAXBOT_PER_MINUTE; the old name still works.",
    )


def test_the_tokens_that_slack_run_sets_are_taken(env_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are those of the app that it has just installed, whatever `.env` says."""
    env_file.write_text("SLACK_BOT_TOKEN=xoxb-of-another-app")
    monkeypatch.setenv("SLACK_CLI_XOXB", "xoxb-1")
    monkeypatch.setenv("SLACK_CLI_XAPP", "xapp-1")
    found = environment(env_file)
    assert (found["SLACK_BOT_TOKEN"], found["SLACK_APP_TOKEN"]) == ("xoxb-1", "xapp-1")
