"""The methods of the Web API: each with what it needs, how often it may be called, and who answers."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from playground.slack.rates import Tier
from playground.slack.wire import JsonObject

from . import apps, chat, conversations, entity, functions, people, views
from .asked import Asked, Parts, missing_scope

__all__ = ["METHODS", "Asked", "Method", "Parts", "missing_scope"]

Answer: TypeAlias = Callable[[Asked], JsonObject]


@dataclass(frozen=True, slots=True)
class Method:
    """One method. Of several scopes one is enough at the door: which one it must be depends on the channel."""

    answer: Answer
    tier: Tier
    scopes: tuple[str, ...] = ()
    takes_json: bool = True
    """Otherwise a JSON body goes unread, and only a form or the query is."""
    needs_token: bool = True
    of_the_app: bool = False
    """Wants the app-level token, in the header alone."""
    of_a_step: bool = False
    """Takes the token of a step's run, which it looks at itself."""


def _any_kind(of: str) -> tuple[str, ...]:
    """Give the four scopes, one for each kind of conversation."""
    return tuple(f"{kind}:{of}" for kind in ("channels", "groups", "im", "mpim"))


_WRITE = ("chat:write",)
_READ, _HISTORY = _any_kind("read"), _any_kind("history")

METHODS: dict[str, Method] = {
    "api.test": Method(people.api_test, Tier.T4, needs_token=False),
    "apps.connections.open": Method(apps.connections_open, Tier.T3, of_the_app=True),
    "auth.test": Method(people.auth_test, Tier.SPECIAL),
    "blocks.validate": Method(views.validate, Tier.T4, needs_token=False),
    "chat.delete": Method(chat.delete, Tier.T3, _WRITE),
    "chat.getPermalink": Method(chat.get_permalink, Tier.SPECIAL, takes_json=False),
    "chat.postEphemeral": Method(chat.post_ephemeral, Tier.T4, _WRITE),
    "chat.postMessage": Method(chat.post_message, Tier.SPECIAL, _WRITE),
    "chat.unfurl": Method(chat.unfurl, Tier.T3, ("links:write",)),
    "chat.update": Method(chat.update, Tier.T3, _WRITE),
    "conversations.history": Method(conversations.history, Tier.T3, _HISTORY, takes_json=False),
    "conversations.info": Method(conversations.info, Tier.T3, _READ, takes_json=False),
    "conversations.members": Method(conversations.members, Tier.T4, _READ, takes_json=False),
    "conversations.open": Method(conversations.open_, Tier.T3, ("im:write", "mpim:write")),
    "conversations.replies": Method(conversations.replies, Tier.T3, _HISTORY, takes_json=False),
    "entity.presentDetails": Method(entity.present_details, Tier.T3),
    "functions.completeError": Method(functions.complete_error, Tier.T3, of_a_step=True),
    "functions.completeSuccess": Method(functions.complete_success, Tier.T3, of_a_step=True),
    "usergroups.list": Method(people.usergroups_list, Tier.T2, ("usergroups:read",), takes_json=False),
    "usergroups.users.list": Method(people.usergroups_users_list, Tier.T2, ("usergroups:read",), takes_json=False),
    "users.info": Method(people.users_info, Tier.T4, ("users:read",), takes_json=False),
    "views.open": Method(views.open_, Tier.T4),
    "views.publish": Method(views.publish, Tier.T4),
    "views.update": Method(views.update, Tier.T4),
}
