"""What a method is given: the arguments of a call, and the parts of Slack that it works on."""

import json
from dataclasses import dataclass
from typing import cast

from playground.slack.blocks import Surface, require
from playground.slack.links import Links
from playground.slack.messages import Message
from playground.slack.panes import Panes
from playground.slack.payloads import Payloads
from playground.slack.people import Channel, ChannelKind, Person
from playground.slack.sockets import Sockets
from playground.slack.steps import Steps
from playground.slack.triggers import Triggers
from playground.slack.wire import JsonObject, Refused, refuse
from playground.slack.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of one workspace's Slack that its Web API reads and changes."""

    workspace: Workspace
    triggers: Triggers
    links: Links
    payloads: Payloads
    sockets: Sockets
    panes: Panes
    steps: Steps


@dataclass(frozen=True, slots=True)
class Asked:
    """One call: who may do what, with which arguments, on which parts."""

    parts: Parts
    given: JsonObject
    scopes: frozenset[str]
    token: str = ""

    @property
    def workspace(self) -> Workspace:
        """Give the state of the workspace."""
        return self.parts.workspace

    def text(self, name: str) -> str:
        """Give an argument as a string; empty when it was not given."""
        value = self.given.get(name)
        return "" if value is None else str(value)

    def required(self, name: str) -> str:
        """Give an argument that the method cannot do without."""
        value = self.text(name)
        if not value:
            said = f"[ERROR] missing required field: {name}"
            refuse("invalid_arguments", response_metadata={"messages": [said]})
        return value

    def flag(self, name: str) -> bool:
        """Give a boolean: JSON's own, or a form's `1` and `true`."""
        return self.given.get(name) in {True, "1", "true", "True"}

    def number(self, name: str, otherwise: int, most: int) -> int:
        """Give a whole number from 1 to `most`."""
        value = self.text(name) or str(otherwise)
        if not value.isdecimal() or not 1 <= int(value) <= most:
            refuse("invalid_limit")
        return int(value)

    def structure(self, name: str, error: str) -> object:
        """Give an object or array, also one that came as a string of JSON; refused with `error` when it is none."""
        value = self.given.get(name)
        if isinstance(value, str) and value:
            try:
                value = json.loads(value)
            except ValueError:
                refuse(error)
        return value or None

    def require_scope(self, scope: str) -> None:
        """Refuse the call when the token was not granted this scope."""
        if scope not in self.scopes:
            raise missing_scope(scope, self.scopes)

    def channel(self, name: str = "channel") -> Channel:
        """Give the conversation of that id, when the bot can know of it: private ones only from inside."""
        channel = self.workspace.channels.get(self.required(name))
        hidden = channel and channel.kind is not ChannelKind.PUBLIC and not self.workspace.bot_is_in(channel.id)
        if channel is None or hidden:
            refuse("channel_not_found")
        return channel

    def person(self, name: str = "user") -> Person:
        """Give the person of that id."""
        person = self.workspace.people.get(self.required(name))
        if person is None:
            refuse("user_not_found")
        return person

    def message(self, channel: Channel, name: str = "ts") -> Message:
        """Give the message of that time stamp; a private one cannot be found by anybody."""
        message = self.workspace.find(channel.id, self.required(name))
        if message is None or message.ephemeral:
            refuse("message_not_found")
        return message

    def blocks(self) -> list[JsonObject]:
        """Give the blocks of a message; an empty list when there are none."""
        blocks = self.structure("blocks", "invalid_blocks_format")
        return require(blocks, Surface.MESSAGE) if blocks else []

    def object(self, name: str, error: str) -> JsonObject | None:
        """Give a JSON object, or None when it was not given."""
        value = self.structure(name, error)
        if value is not None and not isinstance(value, dict):
            refuse(error)
        return cast("JsonObject | None", value)


def missing_scope(needed: str, scopes: frozenset[str]) -> Refused:
    """Give the refusal that names the scope that is needed and those that were granted."""
    return Refused("missing_scope", needed=needed, provided=",".join(sorted(scopes)))
