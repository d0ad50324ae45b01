"""The Slack app manifest for this configuration: what the app asks for, and nothing that it does not use.

The form is that of docs.slack.dev/reference/app-manifest.
"""

import json
from collections.abc import Iterable, Mapping
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlencode

from bot.cards.work_object import ENTITY_TYPE

NEW_APP = "https://api.slack.com/apps"
NAME = "Faxbot"
MOST_DOMAINS = 5

BOT_SCOPES: Mapping[str, str] = {
    "app_mentions:read": "being asked by a mention",
    "channels:read": "whether a channel is shared with another organisation, and whether the bot is in it",
    "chat:write": "answering in a thread, and sharing a card",
    "commands": "the slash command",
    "groups:read": "as channels:read, of private channels",
    "im:history": "being asked in a direct message, summing up a thread there, and knowing our own replies again",
    "im:write": "late answers, and telling that a fax is final, as direct messages",
    "links:read": "hearing of links to faxes",
    "links:write": "showing a card below them",
    "usergroups:read": "who is in the groups of FAXBOT_ALLOWED_USER_GROUPS",
    "users:read": "whether who asks is a guest, or of another organisation",
}
"""Each scope, and what it is for."""

OPTIONAL_SCOPES: Mapping[str, str] = {
    "channels:history": "summing up a thread in a public channel, and knowing our own replies there again",
    "groups:history": "the same in a private channel",
    "mpim:history": "the same in a group conversation",
}
"""Without them a mention says that it may not read the thread, and points to the shortcut; and what was being told
while the bot was killed may be told again."""

EVENTS = ("app_home_opened", "app_mention", "link_shared", "message.im")
"""What the listeners in `handlers` listen to."""

WORK_OBJECT_EVENT = "entity_details_requested"
"""Somebody opens a Work Object; it is there only where FAXBOT_UNFURL has links show them."""
STEP = "fax_status"
STEP_EVENT = "function_executed"
"""The workflow step, and the event of its runs; both are there only where FAXBOT_WORKFLOW_STEP is on."""

Manifest = dict[str, Any]


def manifest(
    command: str,
    link_domains: Iterable[str],
    url: str | None = None,
    *,
    work_objects: bool = False,
    workflow_step: bool = False,
) -> Manifest:
    """Give the manifest of an app that Slack reaches at `url`, such as https://faxbot.example.com.

    Without one it is an app that connects to Slack by itself, in Socket Mode. With `work_objects`
    links show these too, as FAXBOT_UNFURL says, and `workflow_step` is as FAXBOT_WORKFLOW_STEP.
    """
    app = plain_manifest(command, link_domains, url)
    if work_objects:
        app = with_work_objects(app)
    return with_step(app) if workflow_step else app


def plain_manifest(command: str, link_domains: Iterable[str], url: str | None) -> Manifest:
    """Give the manifest of what is there under any settings."""
    requests = f"{url.rstrip('/')}/slack/events" if url else ""
    where = {"request_url": requests} if requests else {}
    return {
        "_metadata": {"major_version": 2},
        "display_information": {
            "name": NAME,
            "description": "What became of a fax, why it failed, and what to do now",
            "background_color": "#2b3a4a",
        },
        "features": {
            # Without a writable Messages tab nobody can write to the bot.
            "app_home": {
                "home_tab_enabled": True,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": False,
            },
            "bot_user": {"display_name": NAME, "always_online": True},
            "shortcuts": [
                {
                    "name": "Look up fax",
                    "type": "message",
                    "callback_id": "look_up_fax",
                    "description": "What became of the faxes that this message names",
                },
                {
                    "name": "Look up a fax",
                    "type": "global",
                    "callback_id": "look_up_a_fax",
                    "description": "What became of a fax, by its id",
                },
            ],
            "unfurl_domains": [host for host in link_domains if can_be_unfurled(host)][:MOST_DOMAINS],
            "slash_commands": [
                {
                    "command": command,
                    **({"url": requests} if requests else {}),
                    "description": "Look up a fax by its id",
                    "usage_hint": "<id or link>… | watch <id>… | unwatch <id> | watches | help",
                    "should_escape": False,
                }
            ],
        },
        "oauth_config": {"scopes": {"bot": sorted(BOT_SCOPES), "bot_optional": sorted(OPTIONAL_SCOPES)}},
        "settings": {
            "event_subscriptions": {**where, "bot_events": list(EVENTS)},
            "interactivity": {"is_enabled": True, **where},
            "org_deploy_enabled": False,
            "socket_mode_enabled": not url,
            "token_rotation_enabled": False,
        },
    }


def with_work_objects(app: Manifest) -> Manifest:
    """Add what links need to show a fax as a Work Object."""
    previews = {"is_active": True, "entity_types": [ENTITY_TYPE]}
    return with_event({**app, "features": {**app["features"], "rich_previews": previews}}, WORK_OBJECT_EVENT)


def with_step(app: Manifest) -> Manifest:
    """Add the step `fax_status`, which Workflow Builder then offers."""
    remote = {"org_deploy_enabled": True, "function_runtime": "remote"}
    return with_event({**app, "functions": {STEP: FAX_STATUS}, "settings": {**app["settings"], **remote}}, STEP_EVENT)


def with_event(app: Manifest, event: str) -> Manifest:
    """Let Slack tell of one event more."""
    settings = app["settings"]
    subscriptions = settings["event_subscriptions"]
    events = sorted([*subscriptions["bot_events"], event])
    return {**app, "settings": {**settings, "event_subscriptions": {**subscriptions, "bot_events": events}}}


def parameter(kind: str, title: str, description: str) -> Manifest:
    """Give one input or output of a step."""
    return {"type": kind, "title": title, "description": description}


FAX_STATUS: Manifest = {
    "title": "What became of a fax",
    "description": "Looks a fax up by its id, and says what became of it, without names and numbers",
    "input_parameters": {
        "properties": {"fax_id": parameter("string", "Fax id", "The id of one fax, or a link that holds it")},
        "required": ["fax_id"],
    },
    "output_parameters": {
        "properties": {
            "status": parameter("string", "Status", "Completed, Failed, Queued, InProgress, Canceled or Other"),
            "is_final": parameter("boolean", "Is final", "Whether this status stays"),
            "send_again": parameter(
                "string",
                "Send again",
                "Whether sending again helps: now, later, after_fix, no, ask_first (it may have arrived) or unknown",
            ),
            "verdict": parameter("string", "Verdict", "What became of it, in a sentence"),
        },
        "required": ["status", "is_final", "send_again", "verdict"],
    },
}


def link_to_create(app: Manifest) -> str:
    """Give the address that opens Slack's form for a new app with this manifest filled in."""
    return f"{NEW_APP}?{urlencode({'new_app': 1, 'manifest_json': json.dumps(app, separators=(',', ':'))})}"


def can_be_unfurled(host: str) -> bool:
    """Say whether Slack unfurls links on a host at all: it must have a top level domain, and be no address."""
    try:
        ip_address(host)
    except ValueError:
        return "." in host.strip(".")
    return False
