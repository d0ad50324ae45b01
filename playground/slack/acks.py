"""What a bot's answer to a command makes visible, and what the person is told when it was no good answer."""

import json
from dataclasses import dataclass

from .messages import Message
from .records import Delivery
from .response_urls import is_in_channel, read_message
from .wire import JsonObject, Refused, refuse
from .workspace import Workspace

SLACKBOT = "USLACKBOT"


@dataclass(frozen=True, slots=True)
class Typed:
    """A command as a person typed it, and where."""

    command: str
    text: str
    user: str
    channel: str

    @property
    def line(self) -> str:
        """The command as it stands in the channel."""
        return f"{self.command} {self.text}".rstrip()


@dataclass(frozen=True, slots=True)
class Acks:
    """Shows the answers to commands in the workspace."""

    workspace: Workspace

    def show(self, delivery: Delivery, typed: Typed) -> tuple[tuple[Message, ...], str | None]:
        """Give what the answer shows, and what it failed with."""
        failure = delivery.failure
        if failure is None:
            try:
                return self._shown(delivery, typed), None
            except Refused as refused:
                failure = refused.error
        return (self.tell(typed, f'{typed.command} failed with the error "{failure}"'),), failure

    def tell(self, typed: Typed, words: str) -> Message:
        """Give Slackbot's own words to the person alone."""
        told = Message(typed.channel, self.workspace.new_ts(), SLACKBOT, words, seen_only_by=typed.user)
        return self.workspace.say(told)

    def _shown(self, delivery: Delivery, typed: Typed) -> tuple[Message, ...]:
        said = read_ack(delivery)
        if not said:
            return ()
        workspace = self.workspace
        in_channel = is_in_channel(said)
        speaks = bool(said.get("text") or said.get("blocks"))
        text, blocks = read_message(said) if speaks else ("", [])
        shown = []
        if in_channel:
            shown.append(workspace.say(Message(typed.channel, workspace.new_ts(), typed.user, typed.line)))
        if speaks:
            answer = Message(
                typed.channel,
                workspace.new_ts(),
                workspace.app.bot_user_id,
                text,
                blocks,
                seen_only_by=None if in_channel else typed.user,
                by_app=True,
                by_answer=True,
            )
            shown.append(workspace.say(answer))
        return tuple(shown)


def read_ack(delivery: Delivery) -> JsonObject:
    """Give what an answer says: a JSON object, or the text of any other body."""
    if not delivery.body:
        return {}
    content_type = delivery.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if content_type != "application/json":
        return {"text": delivery.body.decode(errors="replace")}
    try:
        said = json.loads(delivery.body)
    except ValueError:
        refuse("invalid_json")
    if not isinstance(said, dict):
        refuse("json_not_object")
    return said
