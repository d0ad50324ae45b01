"""response_urls: five posts within thirty minutes, to the place that a command or a press came from.

A command's response_url never replaces what the command's answer showed: a second message appears. An interaction's
can replace or delete the bot's own message that was pressed, a private one too; a private one stays private.
Sources: docs.slack.dev/interactivity/handling-user-interaction; slackapi/bolt-js#2287, slackapi/bolt-python#1268.
"""

import json
import secrets
from dataclasses import dataclass, field, replace

from .blocks import Surface, require
from .messages import Message
from .records import ResponsePost
from .wire import JsonObject, Refused, refuse
from .workspace import Workspace

MOST_USES = 5
LIFE = 30 * 60.0
"""Seconds."""

_FLAGS = {True: True, False: False, None: False, "true": True, "false": False}
"""The documentation's examples write these flags both as booleans and as words."""


@dataclass(slots=True)
class ResponseUrl:
    """One response_url: where it leads, and what has come by it."""

    url: str
    user: str
    channel: str
    made_at: float
    original_ts: str | None = None
    """The message that an interaction may replace or delete; None for a command."""
    uses: int = 0
    posts: list[ResponsePost] = field(default_factory=list)

    @property
    def shown(self) -> list[Message]:
        """What was posted by it, oldest first."""
        return [post.shown for post in self.posts if post.shown]


@dataclass
class ResponseUrls:
    """All response_urls given out; `base` is the server's own address."""

    workspace: Workspace
    base: str = ""
    _given: dict[str, ResponseUrl] = field(default_factory=dict)

    def give(self, kind: str, user: str, channel: str, original: Message | None = None) -> ResponseUrl:
        """Give a new address under `/commands/` or `/actions/`."""
        path = f"/{kind}/{self.workspace.team.id}/{secrets.randbelow(10**13):013d}/{secrets.token_urlsafe(18)}"
        replaceable = original is not None and original.by_app
        original_ts = original.ts if original is not None and replaceable else None
        given = ResponseUrl(self.base + path, user, channel, self.workspace.clock(), original_ts)
        self._given[path] = given
        return given

    def find(self, path: str) -> ResponseUrl | None:
        """Give the response_url at this path."""
        return self._given.get(path)

    def use(self, given: ResponseUrl | None, content_type: str, body: bytes) -> Message | None:
        """Do what the post asks, and give the message it made visible; Refused when it may not or says nothing."""
        if given is None or self.workspace.clock() - given.made_at > LIFE:
            refuse("expired_url", status=404)
        if given.uses >= MOST_USES:
            refuse("used_url", status=404)
        asked = _read(content_type, body)
        try:
            shown = self._apply(given, asked)
        except Refused as refusal:
            refuse(refusal.error, status=400, **refusal.details)
        given.uses += 1
        return shown

    def _apply(self, given: ResponseUrl, asked: JsonObject) -> Message | None:
        original = self.workspace.find(given.channel, given.original_ts) if given.original_ts else None
        if _flag(asked, "delete_original"):
            if given.original_ts and original is None:
                refuse("message_not_found")
            if original:
                self.workspace.delete(original)
            return None
        text, blocks = read_message(asked)
        if _flag(asked, "replace_original") and given.original_ts:
            if original is None:
                refuse("message_not_found")
            edited = None if original.ephemeral else self.workspace.new_ts()
            return self.workspace.put(replace(original, text=text, blocks=blocks, edited=edited))
        return self._post(given, asked, text, blocks)

    def _post(self, given: ResponseUrl, asked: JsonObject, text: str, blocks: list[JsonObject]) -> Message:
        thread_ts = asked.get("thread_ts")
        if thread_ts is not None and self.workspace.find(given.channel, thread_ts) is None:
            refuse("thread_not_found")
        message = Message(
            given.channel,
            self.workspace.new_ts(),
            self.workspace.app.bot_user_id,
            text,
            blocks,
            thread_ts=thread_ts,
            seen_only_by=None if is_in_channel(asked) else given.user,
            by_app=True,
            by_answer=True,
        )
        return self.workspace.say(message)

    def forget(self) -> None:
        """Drop every address given out; for runs that last."""
        self._given.clear()


def _read(content_type: str, body: bytes) -> JsonObject:
    if content_type != "application/json":
        refuse("invalid_payload", status=400)
    try:
        asked = json.loads(body)
    except ValueError:
        refuse("invalid_payload", status=400)
    if not isinstance(asked, dict):
        refuse("invalid_payload", status=400)
    return asked


def _flag(asked: JsonObject, name: str) -> bool:
    value = asked.get(name)
    if not isinstance(value, bool | str | None) or value not in _FLAGS:
        refuse("invalid_payload")
    return _FLAGS[value]


def is_in_channel(asked: JsonObject) -> bool:
    """Read `response_type`: everybody sees it, or (said or unsaid) the person alone."""
    response_type = asked.get("response_type", "ephemeral")
    if response_type not in {"in_channel", "ephemeral"}:
        refuse("invalid_response_type")
    return bool(response_type == "in_channel")


def read_message(asked: JsonObject) -> tuple[str, list[JsonObject]]:
    """Give text and blocks of a message in an ack or a response_url's post; refused when there is neither."""
    text = asked.get("text") or ""
    if not isinstance(text, str):
        refuse("invalid_payload")
    blocks = require(asked.get("blocks") or [], Surface.MESSAGE)
    if not text and not blocks:
        refuse("no_text")
    return text, blocks
