"""The manifest is what the bot needs: no more, no less, and the file is what the command prints."""

import re
from pathlib import Path

import yaml

from bot.manifest import BOT_SCOPES, manifest

ROOT = Path(__file__).parent.parent
METHODS = {
    "conversations.info": {"channels:read", "groups:read"},
    "users.info": {"users:read"},
    "chat.postMessage": {"chat:write"},
}
"""What each method that is called needs (docs.slack.dev/reference/methods); auth.test needs nothing."""


def test_the_file_is_what_the_command_prints() -> None:
    """With no settings, for the example's host."""
    assert yaml.safe_load((ROOT / "manifest.yml").read_text()) == manifest("/fax", "https://faxbot.example.com/")


def test_every_scope_is_used_and_none_is_missing() -> None:
    """Each method that the code calls, and the slash command."""
    source = "".join(path.read_text() for path in (ROOT / "bot").glob("*.py"))
    called = {name.replace("_", ".", 1) for name in re.findall(r"client\.([a-z]+_[a-zA-Z]+)\(", source)} - {"auth.test"}
    assert {scope for method in called for scope in METHODS[method]} | {"commands"} == set(BOT_SCOPES)
