"""The objects and payloads that Slack sends, field by field.

Sources: docs.slack.dev/interactivity/implementing-slash-commands, …/reference/interaction-payloads, …/apis/events-api.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from .links import SharedLinks, as_rich_text
from .messages import Message
from .people import Channel, ChannelKind, Person, UserGroup
from .views import View
from .wire import JsonObject
from .workspace import Workspace


def with_block_ids(blocks: Sequence[JsonObject], seed: str) -> list[JsonObject]:
    """Give the blocks with an id for each that came without one, as Slack hands them out."""
    return [{"block_id": generated_block_id(seed, index), **block} for index, block in enumerate(blocks)]


def generated_block_id(seed: str, index: int) -> str:
    """Give the id of a block that came without one: the same each time."""
    return hashlib.sha256(f"{seed}/{index}".encode()).hexdigest()[:5]


@dataclass(frozen=True, slots=True)
class Payloads:
    """What one workspace's Slack writes about its messages, people and channels."""

    workspace: Workspace

    def message(self, message: Message) -> JsonObject:
        """Give a message as the Web API and interactions show it."""
        app = self.workspace.app
        shown: JsonObject = {"type": "message", "user": message.user, "text": message.text, "ts": message.ts}
        if message.user in self.workspace.people:
            shown["team"] = self.workspace.people[message.user].team_id
        blocks = message.blocks
        if message.by_app:
            shown |= {"bot_id": app.bot_id, "app_id": app.id}
        elif message.text:
            blocks = [as_rich_text(message.text)]
        if blocks:
            shown["blocks"] = with_block_ids(blocks, message.ts)
        if message.unfurls:
            shown["attachments"] = [
                self.unfurl(message, link, number) for number, link in enumerate(message.unfurls, start=1)
            ]
        if message.edited:
            shown["edited"] = {"user": message.user, "ts": message.edited}
        replies = [reply for reply in self.workspace.replies(message.channel, message.ts) if not reply.ephemeral]
        if message.thread_ts or replies:
            shown["thread_ts"] = message.thread_ts or message.ts
        if replies:
            shown |= {"reply_count": len(replies), "latest_reply": replies[-1].ts}
        return shown

    def unfurl(self, message: Message, link: str, number: int) -> JsonObject:
        """Give the unfurl of a link as it stands among a message's attachments."""
        app = self.workspace.app
        return {
            "id": number,
            "fallback": "[no preview available]",
            "from_url": link,
            "bot_id": app.bot_id,
            "app_id": app.id,
            "app_unfurl_url": link,
            "is_app_unfurl": True,
            "bot_team_id": self.workspace.team.id,
            "blocks": with_block_ids(message.unfurls[link], f"{message.ts}/{link}"),
        }

    def view(self, view: View) -> JsonObject:
        """Give a view with what Slack adds to it."""
        workspace = self.workspace
        optional = {"callback_id": "", "private_metadata": "", "external_id": "", "close": None, "submit": None}
        return {
            "title": {"type": "plain_text", "text": "View Title"},
            "clear_on_close": False,
            "notify_on_close": False,
            **optional,
            **view.as_sent,
            "id": view.id,
            "team_id": workspace.team.id,
            "blocks": with_block_ids(view.blocks, view.id),
            "state": {"values": {}},
            "hash": view.hash,
            "previous_view_id": None,
            "root_view_id": view.id,
            "app_id": workspace.app.id,
            "app_installed_team_id": workspace.team.id,
            "bot_id": workspace.app.bot_id,
        }

    def person(self, person: Person, *, with_locale: bool) -> JsonObject:
        """Give a person as `users.info` does; a stranger is one of another organisation whom the bot never meets."""
        offset = datetime.now(UTC).astimezone(ZoneInfo(person.tz)).utcoffset()
        shown: JsonObject = {
            "id": person.id,
            "team_id": person.team_id,
            "name": person.name,
            "real_name": person.real_name,
            "deleted": person.deleted,
            "tz": person.tz,
            "tz_offset": int(offset.total_seconds()) if offset else 0,
            "profile": {"real_name": person.real_name, "display_name": person.name, "team": person.team_id},
            "is_admin": person.is_admin,
            "is_owner": person.is_owner,
            "is_restricted": person.is_restricted,
            "is_ultra_restricted": person.is_ultra_restricted,
            "is_bot": person.is_bot,
            "is_app_user": False,
        }
        if person.team_id != self.workspace.team.id:
            met = {person.id, self.workspace.app.bot_user_id}
            shown["is_stranger"] = not any(met <= channel.members for channel in self.workspace.channels.values())
        if with_locale:
            shown["locale"] = person.locale
        return shown

    def channel(self, channel: Channel) -> JsonObject:
        """Give a conversation as `conversations.info` does; a direct message has no name but the other's id."""
        shared = channel.is_ext_shared or channel.is_org_shared
        shown: JsonObject = {
            "id": channel.id,
            "created": 1_700_000_000,
            "is_archived": channel.is_archived,
            "is_im": channel.kind is ChannelKind.IM,
            "is_mpim": channel.kind is ChannelKind.MPIM,
            "is_org_shared": channel.is_org_shared,
            "context_team_id": self.workspace.team.id,
        }
        if channel.kind is ChannelKind.IM:
            other = next(iter(channel.members - {self.workspace.app.bot_user_id}))
            return {**shown, "user": other, "is_open": True}
        return {
            **shown,
            "name": channel.name,
            "name_normalized": channel.name,
            "is_channel": channel.kind is ChannelKind.PUBLIC,
            "is_group": channel.kind is ChannelKind.PRIVATE,
            "is_private": channel.kind is not ChannelKind.PUBLIC,
            "is_shared": shared,
            "is_ext_shared": channel.is_ext_shared,
            "is_pending_ext_shared": channel.is_pending_ext_shared,
            "is_member": self.workspace.app.bot_user_id in channel.members,
        }

    def user_group(self, group: UserGroup, *, with_users: bool) -> JsonObject:
        """Give a user group as `usergroups.list` does."""
        shown: JsonObject = {
            "id": group.id,
            "team_id": self.workspace.team.id,
            "is_usergroup": True,
            "name": group.name,
            "handle": group.handle,
            "date_delete": 1_700_000_000 if group.is_disabled else 0,
            "user_count": len(group.users),
        }
        return {**shown, "users": list(group.users)} if with_users else shown

    def command(self, command: str, text: str, user: str, channel: Channel) -> dict[str, str]:
        """Give the form of a slash command, without the response_url and the trigger_id that end it."""
        workspace = self.workspace
        return {
            "token": workspace.app.verification_token,
            "team_id": workspace.team.id,
            "team_domain": workspace.team.domain,
            "channel_id": channel.id,
            "channel_name": channel.spoken_name,
            "user_id": user,
            "user_name": workspace.person(user).name,
            "command": command,
            "text": text,
            "api_app_id": workspace.app.id,
            "is_enterprise_install": "false",
        }

    def event(self, event: JsonObject, *, in_shared_channel: bool) -> JsonObject:
        """Wrap an event as the Events API does."""
        workspace = self.workspace
        authorization = {
            "enterprise_id": None,
            "team_id": workspace.team.id,
            "user_id": workspace.app.bot_user_id,
            "is_bot": True,
            "is_enterprise_install": False,
        }
        event_id = workspace.new_id("Ev")
        return {
            "token": workspace.app.verification_token,
            "team_id": workspace.team.id,
            "context_team_id": workspace.team.id,
            "context_enterprise_id": None,
            "api_app_id": workspace.app.id,
            "event": event,
            "type": "event_callback",
            "event_id": event_id,
            "event_time": int(workspace.clock()),
            "authorizations": [authorization],
            "is_ext_shared_channel": in_shared_channel,
            "event_context": f"4-{event_id}",
        }

    def posted(self, kind: str, message: Message) -> JsonObject:
        """Give the event `message` or `app_mention` about what a person wrote."""
        author = self.workspace.person(message.user)
        event: JsonObject = {
            "type": kind,
            "user": author.id,
            "ts": message.ts,
            "client_msg_id": hashlib.sha256(message.ts.encode()).hexdigest()[:32],
            "text": message.text,
            "team": author.team_id,
            "blocks": with_block_ids([as_rich_text(message.text)], message.ts),
            "channel": message.channel,
            "event_ts": message.ts,
        }
        if author.team_id != self.workspace.team.id:
            event |= {"user_team": author.team_id, "source_team": author.team_id}
        if message.is_reply:
            event["thread_ts"] = message.thread_ts
        return event

    def link_shared(self, shared: SharedLinks, thread_ts: str | None) -> JsonObject:
        """Give the event about links in a posted message, or in one that is still being written."""
        composing = shared.source == "composer"
        event: JsonObject = {
            "type": "link_shared",
            "channel": "COMPOSER" if composing else shared.channel,
            "is_bot_user_member": True if composing else self.workspace.bot_is_in(shared.channel),
            "user": shared.user,
            "user_locale": self.workspace.person(shared.user).locale,
            "message_ts": shared.message_ts,
            "unfurl_id": shared.unfurl_id,
            "source": shared.source,
            "links": list(shared.links),
            "event_ts": self.workspace.new_ts(),
        }
        return {**event, "thread_ts": thread_ts} if thread_ts else event

    def interaction(self, kind: str, user: str, trigger_id: str) -> JsonObject:
        """Give the part that every interaction begins with."""
        workspace, person = self.workspace, self.workspace.person(user)
        return {
            "type": kind,
            "user": {"id": user, "username": person.name, "name": person.name, "team_id": person.team_id},
            "api_app_id": workspace.app.id,
            "token": workspace.app.verification_token,
            "trigger_id": trigger_id,
            "team": {"id": workspace.team.id, "domain": workspace.team.domain},
            "enterprise": None,
            "is_enterprise_install": False,
        }
