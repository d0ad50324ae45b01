"""Who and what a workspace is made of: its team, its app, its people, channels and user groups."""

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Team:
    """The organisation that installed the app."""

    id: str
    domain: str
    name: str


@dataclass(frozen=True, slots=True)
class App:
    """The bot, as Slack knows it."""

    id: str
    name: str
    bot_id: str
    bot_user_id: str
    verification_token: str


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with an account, here or in another organisation."""

    id: str
    name: str
    real_name: str
    team_id: str
    tz: str = "Europe/Rome"
    locale: str = "en-GB"
    is_admin: bool = False
    is_owner: bool = False
    is_restricted: bool = False
    """A guest in several channels."""
    is_ultra_restricted: bool = False
    """A guest in one channel; `is_restricted` is then true as well."""
    is_bot: bool = False
    deleted: bool = False


class ChannelKind(StrEnum):
    """What a conversation is; the value begins the names of its scopes, as in `groups:read`."""

    PUBLIC = "channels"
    PRIVATE = "groups"
    IM = "im"
    MPIM = "mpim"


@dataclass(frozen=True, slots=True)
class Channel:
    """A conversation and who is in it, the bot's own user included."""

    id: str
    name: str
    kind: ChannelKind = ChannelKind.PUBLIC
    members: frozenset[str] = frozenset()
    is_ext_shared: bool = False
    is_pending_ext_shared: bool = False
    is_org_shared: bool = False
    is_archived: bool = False

    @property
    def spoken_name(self) -> str:
        """What commands and interactions call the channel."""
        return {ChannelKind.IM: "directmessage", ChannelKind.PRIVATE: "privategroup"}.get(self.kind, self.name)


@dataclass(frozen=True, slots=True)
class UserGroup:
    """People who are addressed together, as in `@support`."""

    id: str
    handle: str
    name: str
    users: tuple[str, ...] = ()
    is_disabled: bool = False
