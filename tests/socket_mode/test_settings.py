"""What must be set for Socket Mode, and what need not."""

from collections.abc import Mapping

import pytest

from bot.settings import SettingsMistake, SlackSettings, read_settings
from tests.test_settings import RIGHT, SECRET_HELP

TOKEN_HELP = "Example: xapp-…. From: api.slack.com/apps, your app, Basic Information, App-Level Tokens."
IN_PLACE_OF_IT = "SLACK_APP_TOKEN turns Socket Mode on"
WITHOUT_SECRET: Mapping[str, str] = {**RIGHT, "SLACK_SIGNING_SECRET": ""}


def test_with_an_app_token_the_signing_secret_need_not_be_set() -> None:
    """Nothing comes over HTTP that could be signed."""
    slack = read_settings({**WITHOUT_SECRET, "SLACK_APP_TOKEN": "xapp-1-A1-2-abc"}, SlackSettings)[SlackSettings]
    assert slack.app_token
    assert slack.app_token.get_secret_value() == "xapp-1-A1-2-abc"
    assert slack.signing_secret is None


@pytest.mark.parametrize(
    ("values", "line"),
    [
        (
            WITHOUT_SECRET,
            f"SLACK_SIGNING_SECRET: is missing; it is needed unless {IN_PLACE_OF_IT}. {SECRET_HELP}",
        ),
        (
            {**WITHOUT_SECRET, "SLACK_APP_TOKEN": "xoxb-dolphin"},
            f"SLACK_APP_TOKEN: a token of this kind begins with xapp-. {TOKEN_HELP}",
        ),
    ],
)
def test_what_is_missing_is_said_once(values: Mapping[str, str], line: str) -> None:
    """Whichever of the two was meant."""
    with pytest.raises(SettingsMistake) as raised:
        read_settings(values, SlackSettings)
    assert raised.value.lines == [line]
