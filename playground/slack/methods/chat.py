"""`chat.*`: posting, changing and deleting messages, and putting previews under links.

Sources: docs.slack.dev/reference/methods/chat.postMessage and its neighbours.
"""

from dataclasses import replace

from playground.slack.blocks import Surface, require
from playground.slack.entities import entities_below
from playground.slack.links import SharedLinks
from playground.slack.messages import Message
from playground.slack.people import Channel, Person
from playground.slack.wire import JsonObject, refuse

from .asked import Asked

LONGEST_POST = 40_000
"""Characters; the rest is cut off."""
LONGEST_UPDATE = 4_000
"""Characters; more is `msg_too_long`."""


def post_message(asked: Asked) -> JsonObject:
    """Post to a channel, or to a person: then the direct message with them is opened."""
    wanted = asked.required("channel")
    if wanted in asked.workspace.people:
        channel = _direct_message(asked, asked.workspace.people[wanted])
    else:
        channel = _channel_to_post_in(asked)
    message = _composed(asked, channel)
    asked.workspace.say(message)
    return {"ok": True, "channel": channel.id, "ts": message.ts, "message": asked.parts.payloads.message(message)}


def post_ephemeral(asked: Asked) -> JsonObject:
    """Post what one person alone sees; both they and the bot have to be in the channel."""
    channel = asked.channel()
    if not asked.workspace.bot_is_in(channel.id):
        refuse("not_in_channel")
    if asked.required("user") not in channel.members:
        refuse("user_not_in_channel")
    if channel.is_archived:
        refuse("is_archived")
    message = asked.workspace.say(replace(_composed(asked, channel), seen_only_by=asked.text("user")))
    return {"ok": True, "message_ts": message.ts}


def update(asked: Asked) -> JsonObject:
    """Change one of the bot's own messages. Text without blocks takes the blocks away."""
    channel = asked.channel()
    before = _own_message(asked, channel, "cant_update_message")
    text, blocks = asked.text("text"), asked.blocks()
    if not text and not blocks:
        refuse("no_text")
    if len(text) > LONGEST_UPDATE:
        refuse("msg_too_long")
    metadata = _metadata(asked) if "metadata" in asked.given else before.metadata
    after = replace(before, text=text, blocks=blocks, metadata=metadata, edited=asked.workspace.new_ts())
    asked.workspace.put(after)
    shown = asked.parts.payloads.message(after)
    return {"ok": True, "channel": channel.id, "ts": after.ts, "text": after.text, "message": shown}


def delete(asked: Asked) -> JsonObject:
    """Delete one of the bot's own messages."""
    channel = asked.channel()
    message = _own_message(asked, channel, "cant_delete_message")
    asked.workspace.delete(message)
    return {"ok": True, "channel": channel.id, "ts": message.ts}


def get_permalink(asked: Asked) -> JsonObject:
    """Give the address at which a message opens in Slack."""
    channel = asked.channel()
    message = asked.message(channel, "message_ts")
    address = f"https://{asked.workspace.team.domain}.slack.com/archives/{channel.id}/p{message.ts.replace('.', '')}"
    if message.is_reply:
        address += f"?thread_ts={message.thread_ts}&cid={channel.id}"
    return {"ok": True, "channel": channel.id, "permalink": address}


def unfurl(asked: Asked) -> JsonObject:
    """Put previews under links, in a posted message or in one that is still being written."""
    shared = _shared_links(asked)
    unfurls = asked.object("unfurls", "invalid_unfurls_format") or {}
    known = {link["url"] for link in shared.links}
    entities = entities_below(asked.object("metadata", "invalid_metadata_format"), known)
    if not unfurls and not entities:
        refuse("missing_unfurls")
    for url, preview in unfurls.items():
        if url not in known:
            refuse("cannot_unfurl_url")
        if not isinstance(preview, dict) or not preview.get("blocks") or preview.keys() - {"blocks", "preview"}:
            refuse("invalid_unfurls_format")
        require(preview["blocks"], Surface.UNFURL, f"/unfurls/{url.replace('/', '~1')}/blocks")
    previews = {url: preview["blocks"] for url, preview in unfurls.items()}
    if shared.source == "composer":
        asked.parts.links.previews[shared.unfurl_id] = previews
    else:
        message = _message_with_links(asked, shared.channel, shared.message_ts)
        asked.workspace.put(
            replace(message, unfurls={**message.unfurls, **previews}, entities={**message.entities, **entities}),
            kind="unfurled",
        )
    return {"ok": True}


def _direct_message(asked: Asked, person: Person) -> Channel:
    if person.is_bot:
        refuse("cannot_dm_bot")
    if person.deleted or not asked.workspace.is_ours(person.id):
        refuse("channel_not_found")
    return asked.workspace.direct_message(person.id)


def _channel_to_post_in(asked: Asked) -> Channel:
    channel = asked.channel()
    if channel.is_archived:
        refuse("is_archived")
    if not asked.workspace.bot_is_in(channel.id) and "chat:write.public" not in asked.scopes:
        refuse("not_in_channel")
    return channel


def _composed(asked: Asked, channel: Channel) -> Message:
    """Give the message that the arguments describe, before anybody sees it."""
    text, blocks = asked.text("text")[:LONGEST_POST], asked.blocks()
    if not text and not blocks:
        refuse("no_text")
    metadata = _metadata(asked)
    thread_ts = asked.text("thread_ts") or None
    if thread_ts:
        parent = asked.workspace.find(channel.id, thread_ts)
        if parent is None or parent.ephemeral:
            refuse("thread_not_found")
        if parent.is_reply:
            refuse("cannot_reply_to_message")
    workspace = asked.workspace
    return Message(
        channel.id,
        workspace.new_ts(),
        workspace.app.bot_user_id,
        text,
        blocks,
        thread_ts=thread_ts,
        by_app=True,
        metadata=metadata,
    )


def _metadata(asked: Asked) -> JsonObject | None:
    metadata = asked.object("metadata", "invalid_metadata_format")
    if metadata is None:
        return None
    event_type, payload = metadata.get("event_type"), metadata.get("event_payload")
    if not isinstance(event_type, str) or not event_type or not isinstance(payload, dict):
        refuse("invalid_metadata_format")
    return metadata


def _own_message(asked: Asked, channel: Channel, error: str) -> Message:
    """Give a message that the bot posted with its token; any other is refused with `error`."""
    message = asked.message(channel)
    if not message.by_app or message.by_answer:
        refuse(error)
    return message


def _shared_links(asked: Asked) -> SharedLinks:
    """Give what the call points at: `channel` and `ts`, or `unfurl_id` and `source`."""
    if "unfurl_id" in asked.given or "source" in asked.given:
        for name in ("unfurl_id", "source"):
            if not asked.text(name):
                refuse(f"missing_{name}")
        if asked.text("source") not in {"composer", "conversations_history"}:
            refuse("invalid_source")
        shared = asked.parts.links.shared.get(asked.text("unfurl_id"))
        if shared is None or shared.source != asked.text("source"):
            refuse("invalid_unfurl_id")
        return shared
    for name in ("channel", "ts"):
        if not asked.text(name):
            refuse(f"missing_{name}")
    message = _message_with_links(asked, asked.text("channel"), asked.text("ts"))
    links = asked.parts.links.in_text(message.text)
    return SharedLinks("", "conversations_history", message.user, message.channel, message.ts, links)


def _message_with_links(asked: Asked, channel: str, ts: str) -> Message:
    if channel not in asked.workspace.channels:
        refuse("cannot_find_channel")
    message = asked.workspace.find(channel, ts)
    if message is None or message.ephemeral:
        refuse("cannot_find_message")
    if message.by_app:
        refuse("cannot_unfurl_message")
    return message
