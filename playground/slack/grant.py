"""What the app was granted when it was installed: its token and scopes."""

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
    refused: Literal["token_revoked", "account_inactive"] | None = None
    """Set by a test: what every call is answered from now on."""

    def check(self, token: str) -> None:
        """Refuse every token but the bot's own."""
        if not token:
            refuse("not_authed")
        if token != self.bot_token:
            refuse("invalid_auth")
        if self.refused:
            refuse(self.refused)
