"""The Slack app manifest for this configuration: what the app asks for, and nothing that it does not use.

The form is that of docs.slack.dev/reference/app-manifest.
"""

from collections.abc import Mapping
from typing import Any

NAME = "Faxbot"

BOT_SCOPES: Mapping[str, str] = {
    "channels:read": "whether a channel is shared with another organisation, and whether the bot is in it",
    "chat:write": "sharing a card, and late answers as direct messages",
    "commands": "the slash command",
    "groups:read": "as channels:read, of private channels",
    "users:read": "whether who asks is a guest, or of another organisation",
}
"""Each scope, and what it is for."""

Manifest = dict[str, Any]


def manifest(command: str, url: str) -> Manifest:
    """Give the manifest of an app that Slack reaches at `url`, such as https://faxbot.example.com."""
    requests = f"{url.rstrip('/')}/slack/events"
    return {
        "_metadata": {"major_version": 2},
        "display_information": {
            "name": NAME,
            "description": "What became of a fax, why it failed, and what to do now",
            "background_color": "#2b3a4a",
        },
        "features": {
            "bot_user": {"display_name": NAME, "always_online": True},
            "slash_commands": [
                {
                    "command": command,
                    "url": requests,
                    "description": "Look up a fax by its id",
                    "usage_hint": "<id or link>… | help",
                    "should_escape": False,
                }
            ],
        },
        "oauth_config": {"scopes": {"bot": sorted(BOT_SCOPES)}},
        "settings": {
            "interactivity": {"is_enabled": True, "request_url": requests},
            "org_deploy_enabled": False,
            "socket_mode_enabled": False,
            "token_rotation_enabled": False,
        },
    }
