"""What a person does with a Work Object: open its flexpane, and press what stands in it or below the link."""

from .events import Events
from .interactions import Interactions
from .messages import Message
from .panes import Pane
from .records import Delivery
from .stage import cannot
from .wire import JsonObject

OPENED = "entity_details_requested"


class WorkObjects(Events, Interactions):
    """People open entities below links, each in a pane of their own."""

    async def open_entity(self, user: str, on: Message, link: str) -> Pane:
        """Open the flexpane of the entity below a link; give it as it is once the bot has answered the event."""
        message, entity = self._entity(user, on, link)
        pane = Pane(user, message.channel, message.ts, message.thread_ts, entity)
        self.panes.show(pane)
        if OPENED in self.events:
            await self.send_event(self._details_requested(pane), channel=message.channel)
        return self.panes.open[user]

    async def refresh_entities(self, on: Message) -> Delivery:
        """Let Slack refresh what stands below the links of a message by itself: it asks in the poster's name."""
        links = self.links.in_text(on.text)
        shared = self.links.offer("conversations_history", on.user, on.channel, on.ts, links)
        event = self.payloads.link_shared(shared, on.thread_ts if on.is_reply else None)
        return await self.send_event({**event, "is_unfurl_refresh": True}, channel=on.channel)

    def close_entity(self, user: str) -> None:
        """Close the flexpane; the bot hears nothing of it."""
        self.panes.open.pop(user, None)

    async def press_in_pane(self, user: str, action_id: str) -> Delivery:
        """Press a button of the flexpane that the person has open."""
        pane = self.panes.open.get(user) or cannot(f"{user} has no flexpane open")
        pressed = next((each for each in pane.actions if each["action_id"] == action_id), None)
        if pressed is None:
            cannot(f"nothing has the action_id {action_id} in the flexpane of {user}")
        trigger_id = self.triggers.give(user)
        self.panes.expect(trigger_id, pane)
        # The container alone says where it is: no channel beside it, no message, no response_url.
        container = {"type": "entity_detail", **self._place(pane)}
        payload = {
            **self.payloads.interaction("block_actions", user, trigger_id),
            "container": container,
            "actions": [self._pressed(pressed)],
        }
        return await self.send_interaction(payload)

    async def press_entity(self, user: str, on: Message, link: str, action_id: str) -> Delivery:
        """Press a button of the entity below a link."""
        message, entity = self._entity(user, on, link)
        rows = entity["entity_payload"].get("actions", {}).values()
        pressed = next((each for row in rows for each in row if each["action_id"] == action_id), None)
        if pressed is None:
            cannot(f"nothing has the action_id {action_id} on the entity below {link}")
        response_url = self.response_urls.give("actions", user, message.channel, None)
        container = {
            "type": "message_attachment",
            "message_ts": message.ts,
            "attachment_id": list(message.entities).index(link) + 1,
            "channel_id": message.channel,
            "is_ephemeral": False,
            "is_app_unfurl": True,
            "app_unfurl_url": link,
            "entity_url": entity["url"],
            "external_ref": entity["external_ref"],
        }
        payload = {
            **self.payloads.interaction("block_actions", user, self.triggers.give(user)),
            "container": container,
            "channel": self._channel(message.channel),
            "app_unfurl": {"app_unfurl_url": link, "is_app_unfurl": True},
            "response_url": response_url.url,
            "actions": [self._pressed(pressed)],
        }
        return await self.send_interaction(payload, response_url)

    def _entity(self, user: str, on: Message, link: str) -> tuple[Message, JsonObject]:
        """Give the message as it is now, and the entity below this link of it."""
        message = self.workspace.find(on.channel, on.ts)
        if message is None or not self._can_act(user, on.channel):
            cannot(f"{user} does not see the message {on.ts} in {on.channel}")
        entity = message.entities.get(link) or cannot(f"there is no entity below {link}")
        return message, entity

    def _place(self, pane: Pane) -> JsonObject:
        """Give where a pane was opened, and of what."""
        place = {
            "entity_url": pane.entity["url"],
            "app_unfurl_url": pane.entity["app_unfurl_url"],
            "external_ref": pane.entity["external_ref"],
            "channel_id": pane.channel,
            "message_ts": pane.message_ts,
        }
        return {**place, "thread_ts": pane.thread_ts} if pane.thread_ts else place

    def _details_requested(self, pane: Pane) -> JsonObject:
        """Give the event of an opened pane, with a trigger that draws it."""
        trigger_id = self.triggers.give(pane.user)
        self.panes.expect(trigger_id, pane)
        place = self._place(pane)
        url = place["app_unfurl_url"]
        domain = next((link["domain"] for link in self.links.in_text(f"<{url}>")), "")
        return {
            "type": OPENED,
            "user": pane.user,
            "trigger_id": trigger_id,
            "user_locale": self.workspace.person(pane.user).locale,
            "event_ts": self.workspace.new_ts(),
            "channel": place.pop("channel_id"),
            "link": {"url": url, "domain": domain},
            **place,
        }

    def _pressed(self, action: JsonObject) -> JsonObject:
        """Give a button as the bot hears of its press."""
        return {
            "type": "button",
            "action_id": action["action_id"],
            "block_id": "entity_actions",
            "text": {"type": "plain_text", "text": action["text"], "emoji": True},
            "value": action.get("value", ""),
            "action_ts": self.workspace.new_ts(),
        }
