"""What people write and open, and the events that the bot hears of it."""

import asyncio
from dataclasses import replace

from .links import as_written
from .messages import Message
from .people import Channel, ChannelKind
from .records import Delivery
from .stage import Stage, cannot
from .wire import JsonObject


class Events(Stage):
    """People write messages and open the Home tab."""

    async def post(self, user: str, channel: str, text: str, *, thread_ts: str | None = None) -> Message:
        """Write a message, and send the events that follow from it; back when each has been answered or has failed.

        Links and special characters may be typed as they are; a mention is typed as Slack stores it, `<@U…>`.
        """
        self.require_member(user, channel)
        if self.workspace.channels[channel].is_archived:
            cannot(f"{channel} is archived")
        if thread_ts is not None and self.workspace.find(channel, thread_ts) is None:
            cannot(f"there is no thread {thread_ts} in {channel}")
        ts = self.workspace.new_ts()
        message = self.workspace.say(Message(channel, ts, user, as_written(text), thread_ts=thread_ts))
        events = self._events_of(message, self.workspace.channels[channel])
        await asyncio.gather(*(self.send_event(event, channel=channel) for event in events))
        return self.workspace.find(channel, ts) or message

    async def compose(self, user: str, channel: str, text: str) -> str | None:
        """Type a message without sending it; give the unfurl_id under which the bot was told of its links, if any."""
        self.require_member(user, channel)
        links = self.links.in_text(as_written(text))
        if not links or "link_shared" not in self.events or not self.workspace.is_ours(user):
            return None
        shared = self.links.offer("composer", user, channel, "", links)
        await self.send_event(self.payloads.link_shared(shared, None))
        return shared.unfurl_id

    async def open_home(self, user: str, tab: str = "home") -> Delivery | None:
        """Open the bot's Home tab; None when the app is not subscribed to that."""
        channel = self.workspace.direct_message(user).id
        event = {"type": "app_home_opened", "user": user, "channel": channel, "tab": tab}
        event["event_ts"] = self.workspace.new_ts()
        if "app_home_opened" not in self.events:
            return None
        home = self.workspace.homes.get(user)
        return await self.send_event({**event, "view": self.payloads.view(home)} if home else event, channel=channel)

    async def send_event(self, event: JsonObject, *, channel: str | None = None) -> Delivery:
        """Send any event, in the wrapper of the Events API, and give the first delivery.

        What fails is sent again, up to three times, as Slack does: those deliveries are recorded as they come.
        """
        there = self.workspace.channels.get(channel) if channel else None
        payload = self.payloads.event(event, in_shared_channel=bool(there and there.is_ext_shared))
        first = await self._deliver(payload, 0, None)
        if _comes_again(first):
            task = asyncio.create_task(self._retry(first))
            self.retries.add(task)
            task.add_done_callback(self.retries.discard)
        return first

    async def verify_url(self) -> Delivery:
        """Ask for the challenge, as Slack does when the address is saved; a `failure` when it is not given back."""
        challenge = f"challenge-{self.workspace.new_id('')}"
        token = self.workspace.app.verification_token
        payload = {"token": token, "challenge": challenge, "type": "url_verification"}
        delivery = await self.send_json("url_verification", payload, {})
        said = delivery.body.decode(errors="replace")
        if delivery.acked and said != challenge:
            try:
                given_back = delivery.json().get("challenge") == challenge
            except (ValueError, AttributeError):
                given_back = False
            delivery = delivery if given_back else replace(delivery, failure="challenge_failed")
        self.journal.note(delivery)
        return delivery

    def _events_of(self, message: Message, channel: Channel) -> list[JsonObject]:
        """Give the events that follow from a person's message."""
        workspace = self.workspace
        in_channel = workspace.bot_is_in(channel.id)
        events = []
        if channel.kind is ChannelKind.IM:
            if in_channel and "message.im" in self.events:
                events.append({**self.payloads.posted("message", message), "channel_type": "im"})
        elif in_channel and "app_mention" in self.events and f"<@{workspace.app.bot_user_id}>" in message.text:
            events.append(self.payloads.posted("app_mention", message))
        links = self.links.in_text(message.text)
        if links and "link_shared" in self.events and workspace.is_ours(message.user):
            thread_ts = message.thread_ts if message.is_reply else None
            shared = self.links.offer("conversations_history", message.user, channel.id, message.ts, links)
            events.append(self.payloads.link_shared(shared, thread_ts))
        return events

    async def _deliver(self, payload: JsonObject, attempt: int, reason: str | None) -> Delivery:
        headers = {"X-Slack-Retry-Num": str(attempt), "X-Slack-Retry-Reason": reason} if reason else {}
        delivery = await self.send_json(payload["event"]["type"], payload, headers)
        failure = delivery.failure if delivery.retry_reason else None
        delivery = replace(delivery, failure=failure, attempt=attempt)
        self.journal.note(delivery)
        return delivery

    async def _retry(self, failed: Delivery) -> None:
        for attempt, pause in enumerate(self.retry_pauses, start=1):
            await asyncio.sleep(pause)
            failed = await self._deliver(failed.payload, attempt, failed.retry_reason)
            if not _comes_again(failed):
                return


def _comes_again(delivery: Delivery) -> bool:
    asked_not_to = delivery.headers.get("X-Slack-No-Retry") == "1"
    return delivery.retry_reason is not None and not asked_not_to
