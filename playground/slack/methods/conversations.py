"""`conversations.*`: what a channel is, who is in it, what was said there, and opening direct messages."""

from collections.abc import Sequence
from typing import TypeVar

from playground.slack.messages import Message
from playground.slack.people import Channel, ChannelKind
from playground.slack.wire import JsonObject, refuse

from .asked import Asked

T = TypeVar("T")


def info(asked: Asked) -> JsonObject:
    """Say what a conversation is; a private one that the bot is not in does not exist for it."""
    channel = _readable(asked)
    shown = asked.parts.payloads.channel(channel)
    if asked.flag("include_num_members"):
        shown["num_members"] = len(channel.members)
    return {"ok": True, "channel": shown}


def open_(asked: Asked) -> JsonObject:
    """Open the direct message with one person, or with several."""
    users = [user for user in asked.text("users").split(",") if user]
    if not users:
        refuse("users_list_not_supplied")
    asked.require_scope("im:write" if len(users) == 1 else "mpim:write")
    for user in users:
        person = asked.workspace.people.get(user)
        if person is None:
            refuse("user_not_found")
        if person.deleted:
            refuse("user_disabled")
        if person.is_bot:
            refuse("cannot_dm_bot")
    channel = asked.workspace.direct_message(*users)
    shown = asked.parts.payloads.channel(channel) if asked.flag("return_im") else {"id": channel.id}
    return {"ok": True, "channel": shown}


def members(asked: Asked) -> JsonObject:
    """Say who is in a conversation."""
    channel = _readable(asked)
    page, cursor = _page(asked, sorted(channel.members), otherwise=100)
    return {"ok": True, "members": list(page), "response_metadata": {"next_cursor": cursor}}


def history(asked: Asked) -> JsonObject:
    """Give the messages at the channel's own level, newest first."""
    channel = _with_history(asked)
    said = [message for message in asked.workspace.messages(channel.id) if _in_range(asked, message)]
    page, cursor = _page(asked, said[::-1], otherwise=100)
    return _messages(asked, page, cursor)


def replies(asked: Asked) -> JsonObject:
    """Give a thread: its first message, then the replies, oldest first."""
    channel = _with_history(asked)
    parent = asked.workspace.find(channel.id, asked.required("ts"))
    if parent is None or parent.ephemeral or parent.is_reply:
        refuse("thread_not_found")
    thread = [parent, *asked.workspace.replies(channel.id, parent.ts)]
    said = [each for each in thread if not each.ephemeral and (each is parent or _in_range(asked, each))]
    page, cursor = _page(asked, said, otherwise=1000)
    return _messages(asked, page, cursor)


def _readable(asked: Asked) -> Channel:
    channel = asked.channel()
    asked.require_scope(f"{channel.kind}:read")
    return channel


def _with_history(asked: Asked) -> Channel:
    channel = asked.channel()
    asked.require_scope(f"{channel.kind}:history")
    if channel.kind is ChannelKind.PUBLIC and not asked.workspace.bot_is_in(channel.id):
        refuse("not_in_channel")
    return channel


def _in_range(asked: Asked, message: Message) -> bool:
    oldest, latest = asked.text("oldest"), asked.text("latest")
    if message.ts in {oldest, latest}:
        return asked.flag("inclusive")
    return (not oldest or message.ts > oldest) and (not latest or message.ts < latest)


def _page(asked: Asked, everything: Sequence[T], otherwise: int) -> tuple[Sequence[T], str]:
    """Give the page that was asked for, and the cursor of the next one; empty at the end."""
    cursor = asked.text("cursor") or "0"
    if not cursor.isdecimal():
        refuse("invalid_cursor")
    start, limit = int(cursor), asked.number("limit", otherwise, most=1000)
    end = start + limit
    return everything[start:end], str(end) if end < len(everything) else ""


def _messages(asked: Asked, page: Sequence[Message], cursor: str) -> JsonObject:
    shown = [asked.parts.payloads.message(message) for message in page]
    if asked.flag("include_all_metadata"):
        for each, message in zip(shown, page, strict=True):
            if message.metadata:
                each["metadata"] = message.metadata
    answer: JsonObject = {"ok": True, "messages": shown, "has_more": bool(cursor)}
    return {**answer, "response_metadata": {"next_cursor": cursor}} if cursor else answer
