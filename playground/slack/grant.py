"""What the app was granted when it was installed: its tokens and scopes."""

from dataclasses import dataclass
from typing import Literal

from .wire import refuse

ALL_SCOPES = frozenset(
    f"{kind}:{what}" for kind in ("channels", "groups", "im", "mpim") for what in ("read", "history")
) | {
    "app_mentions:read",
    "chat:write",
    "chat:write.public",
    "commands",
    "im:write",
    "links:read",
    "links:write",
    "mpim:write",
    "usergroups:read",
    "users:read",
}
"""Every scope that something here asks for."""


@dataclass
class Grant:
    """The bot token, which may lose scopes or stop being good while the bot runs."""

    bot_token: str
    scopes: frozenset[str]
    app_token: str
    """Of the app itself, for Socket Mode alone."""
    refused: Literal["token_revoked", "account_inactive"] | None = None
    """Set by a test: what every call with the bot token is answered from now on."""

    def check(self, token: str, *, of_the_app: bool) -> None:
        """Refuse every token but the bot's own, or the app's own where that is wanted."""
        wanted, other = (self.app_token, self.bot_token) if of_the_app else (self.bot_token, self.app_token)
        if not token:
            refuse("not_authed")
        if token == other:
            refuse("not_allowed_token_type")
        if token != wanted:
            refuse("invalid_auth")
        if self.refused and not of_the_app:
            refuse(self.refused)
