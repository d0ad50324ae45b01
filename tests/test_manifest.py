"""The manifest is what the bot needs: no more, no less, and the file is what the command prints."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import yaml

from bot.manifest import (
    BOT_SCOPES,
    EVENTS,
    OPTIONAL_SCOPES,
    STEP,
    STEP_EVENT,
    can_be_unfurled,
    link_to_create,
    manifest,
)
from handlers import shortcuts

ROOT = Path(__file__).parent.parent
MANIFEST: Mapping[str, Any] = manifest("/fax", ["fax.example.com"], "https://faxbot.example.com/")
METHODS = {
    "apps.connections.open": set(),
    "auth.test": set(),
    "chat.postEphemeral": {"chat:write"},
    "chat.postMessage": {"chat:write"},
    "chat.unfurl": {"links:write"},
    "chat.update": {"chat:write"},
    "conversations.history": {"im:history"},
    "conversations.info": {"channels:read", "groups:read"},
    "conversations.open": {"im:write"},
    "conversations.replies": {"im:history"},
    "entity.presentDetails": set(),
    "usergroups.users.list": {"usergroups:read"},
    "functions.completeError": set(),
    "functions.completeSuccess": set(),
    "users.info": {"users:read"},
    "views.open": set(),
    "views.publish": set(),
    "views.update": set(),
}
"""What each method that is called needs (docs.slack.dev/reference/methods)."""
HEARD: Mapping[str, set[str]] = {
    "app_home_opened": set(),
    "app_mention": {"app_mentions:read"},
    "link_shared": {"links:read"},
    "message.im": {"im:history"},
}
"""What each event needs."""


def test_the_file_is_what_the_command_prints() -> None:
    """With no settings, for the example's host."""
    assert yaml.safe_load((ROOT / "manifest.yml").read_text()) == MANIFEST


def test_every_scope_is_used_and_none_is_missing() -> None:
    """Each method that the code calls, each event, and the slash command."""
    source = "".join(path.read_text() for path in (ROOT / "bot" / "slack").glob("*.py"))
    called = {called.replace("_", ".") for called in re.findall(r"(?:client|poster)\.([a-z]+_[a-zA-Z_]+)\(", source)}
    called |= set(re.findall(r"api_call\(\"([a-zA-Z.]+)\"", source))
    called -= {"api.call"}
    needed = {scope for method in called for scope in METHODS[method]}
    needed |= {scope for event in EVENTS for scope in HEARD[event]}
    assert needed | {"commands"} == set(BOT_SCOPES)
    assert set(HEARD) == set(EVENTS)
    assert all(scope.endswith(":history") for scope in OPTIONAL_SCOPES)


def test_shortcuts_are_those_that_are_listened_to() -> None:
    """By their callback ids."""
    ids = {shortcut["callback_id"] for shortcut in MANIFEST["features"]["shortcuts"]}
    assert ids == {shortcuts.ON_A_MESSAGE, shortcuts.ANYWHERE}


def test_people_can_write_to_the_bot() -> None:
    """Without a writable Messages tab Slack turns direct messages off, and `message.im` never comes."""
    home = MANIFEST["features"]["app_home"]
    assert home["messages_tab_enabled"]
    assert not home["messages_tab_read_only_enabled"]


def test_the_bot_has_a_home_tab() -> None:
    """It is shown, and the bot hears when somebody opens it."""
    assert MANIFEST["features"]["app_home"]["home_tab_enabled"]
    assert "app_home_opened" in MANIFEST["settings"]["event_subscriptions"]["bot_events"]


@pytest.mark.parametrize(
    ("host", "can"),
    [("fax.example.com", True), ("10.0.0.5", False), ("faxserver", False), ("::1", False), ("fax.corp.local", True)],
)
def test_only_hosts_that_slack_unfurls_are_asked_for(host: str, can: bool) -> None:  # noqa: FBT001 - a parameter of the table
    """It needs a top level domain, and takes no address."""
    assert can_be_unfurled(host) is can


def test_in_socket_mode_slack_is_given_no_address() -> None:
    """The bot connects by itself; all else is the same."""
    app = manifest("/fax", ["fax.example.com"])
    assert app["settings"]["socket_mode_enabled"]
    assert "https:" not in json.dumps(app)
    for at_all in ("oauth_config", "display_information"):
        assert app[at_all] == MANIFEST[at_all]
    assert app["settings"]["event_subscriptions"]["bot_events"] == list(EVENTS)
    assert not MANIFEST["settings"]["socket_mode_enabled"]


def test_work_objects_are_asked_for_only_where_they_are_wanted() -> None:
    """Their kind, and the event of somebody opening one; no scope more."""
    app = manifest("/fax", ["fax.example.com"], "https://faxbot.example.com/", work_objects=True)
    assert app["features"].pop("rich_previews") == {"is_active": True, "entity_types": ["slack#/entities/item"]}
    events = app["settings"]["event_subscriptions"]["bot_events"]
    events.remove("entity_details_requested")
    assert app == MANIFEST


def test_the_workflow_step_is_offered_only_where_it_is_on() -> None:
    """With it come the event, the remote runtime and organisation-ready deployment, and nothing else changes."""
    url = "https://faxbot.example.com/"
    app = manifest("/fax", ["fax.example.com"], url, workflow_step=True)
    settings = app["settings"]
    assert list(app["functions"]) == [STEP]
    assert (settings["function_runtime"], settings["org_deploy_enabled"]) == ("remote", True)
    assert set(settings["event_subscriptions"]["bot_events"]) == {*EVENTS, STEP_EVENT}
    for each in ("input_parameters", "output_parameters"):
        declared = app["functions"][STEP][each]
        assert set(declared["required"]) == set(declared["properties"])
    assert "functions" not in MANIFEST
    assert "function_runtime" not in MANIFEST["settings"]
    assert not MANIFEST["settings"]["org_deploy_enabled"]
    assert app["oauth_config"] == MANIFEST["oauth_config"]
    assert app["features"] == MANIFEST["features"]


def test_the_link_fills_slacks_form_in() -> None:
    """With the same manifest, as JSON."""
    address = urlsplit(link_to_create(dict(MANIFEST)))
    assert (address.scheme, address.netloc, address.path) == ("https", "api.slack.com", "/apps")
    query = dict(parse_qsl(address.query))
    assert query["new_app"] == "1"
    assert json.loads(query["manifest_json"]) == MANIFEST
