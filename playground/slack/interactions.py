"""Presses, shortcuts and modals: what a person does with the bot's messages and views."""

from dataclasses import replace

from .acks import read_ack
from .messages import Message, elements_in
from .payloads import generated_block_id
from .records import Delivery
from .response_urls import ResponseUrl
from .stage import Stage, cannot
from .views import View, require_view
from .wire import JsonObject, Refused, dumps, refuse


class Interactions(Stage):
    """People press buttons, choose shortcuts, send and close modals. All that the bot gets is `payload=` in a form."""

    async def press(self, on: Message | View, action_id: str, *, user: str, option: str | None = None) -> Delivery:
        """Press what has this action_id on a message, one of its unfurls, or a view, as it is now.

        `option` is the value chosen in a menu. CannotDo when it is not there, or not before this person.
        """
        if isinstance(on, View):
            return await self._press_in_view(on, action_id, user, option)
        message = self.workspace.find(on.channel, on.ts)
        if message is None or message.seen_only_by not in {None, user} or not self._can_act(user, on.channel):
            cannot(f"{user} does not see the message {on.ts} in {on.channel}")
        pressed = next((each for each in message.elements() if each[1]["action_id"] == action_id), None)
        if pressed is None:
            cannot(f"nothing has the action_id {action_id} on the message {on.ts}")
        index, element, link = pressed
        if link is None:
            place, blocks, seed = self._on_message(message), message.blocks, message.ts
        else:
            place = self._on_unfurl(message, link)
            blocks, seed = message.unfurls[link], f"{message.ts}/{link}"
        block_id = blocks[index].get("block_id") or generated_block_id(seed, index)
        response_url = self.response_urls.give("actions", user, message.channel, message if link is None else None)
        payload = {
            **self.payloads.interaction("block_actions", user, self.triggers.give(user)),
            **place,
            "channel": self._channel(message.channel),
            "state": {"values": {}},
            "response_url": response_url.url,
            "actions": [self._action(element, block_id, option)],
        }
        return await self.send_interaction(payload, response_url)

    async def message_shortcut(self, on: Message, callback_id: str, *, user: str) -> Delivery:
        """Choose one of the app's shortcuts in the menu of a message; private messages have no such menu."""
        self.require_member(user, on.channel)
        message = self.workspace.find(on.channel, on.ts)
        if message is None or message.ephemeral or not self.workspace.is_ours(user):
            cannot(f"{user} has no shortcuts on the message {on.ts}")
        response_url = self.response_urls.give("actions", user, message.channel, message)
        payload = {
            **self.payloads.interaction("message_action", user, self.triggers.give(user)),
            "action_ts": self.workspace.new_ts(),
            "callback_id": callback_id,
            "channel": self._channel(message.channel),
            "response_url": response_url.url,
            "message_ts": message.ts,
            "message": self.payloads.message(message),
        }
        return await self.send_interaction(payload, response_url)

    async def shortcut(self, callback_id: str, *, user: str) -> Delivery:
        """Choose one of the app's global shortcuts."""
        if not self.workspace.is_ours(user):
            cannot(f"the app is not installed for {user}")
        payload = self.payloads.interaction("shortcut", user, self.triggers.give(user))
        return await self.send_interaction(
            {**payload, "action_ts": self.workspace.new_ts(), "callback_id": callback_id}
        )

    async def submit(self, view: View, values: JsonObject | None = None) -> Delivery:
        """Send a modal with `values` (block_id → action_id → state), and do what the answer says with it."""
        payload = self._view_payload("view_submission", view)
        payload["view"]["state"] = {"values": values or {}}
        delivery = await self._send({**payload, "response_urls": []})
        if delivery.acked:
            try:
                self._answer_submission(view, read_ack(delivery))
            except Refused as refused:
                delivery = replace(delivery, failure=refused.error)
        self.journal.note(delivery)
        return delivery

    async def close_view(self, view: View) -> Delivery | None:
        """Close a modal; the bot hears of it (else None) when the view has `notify_on_close`."""
        payload = self._view_payload("view_closed", view)
        self.workspace.modals[view.user] = [each for each in self.workspace.modals[view.user] if each.id != view.id]
        if not view.as_sent.get("notify_on_close"):
            return None
        return await self.send_interaction({**payload, "is_cleared": False})

    async def send_interaction(self, payload: JsonObject, response_url: ResponseUrl | None = None) -> Delivery:
        """Send any interaction, and record and give the delivery."""
        delivery = replace(await self._send(payload), response_url=response_url)
        self.journal.note(delivery)
        return delivery

    async def _send(self, payload: JsonObject) -> Delivery:
        return replace(await self.send_form(payload["type"], {"payload": dumps(payload)}), payload=payload)

    async def _press_in_view(self, on: View, action_id: str, user: str, option: str | None) -> Delivery:
        view = self._open(on)
        if view.user != user:
            cannot(f"the view {view.id} is not before {user}")
        pressed = next((each for each in elements_in(view.blocks) if each[1]["action_id"] == action_id), None)
        if pressed is None:
            cannot(f"nothing has the action_id {action_id} in the view {view.id}")
        index, element = pressed
        block_id = view.blocks[index].get("block_id") or generated_block_id(view.id, index)
        payload = {
            **self._view_payload("block_actions", view),
            "container": {"type": "view", "view_id": view.id},
            "actions": [self._action(element, block_id, option)],
        }
        return await self.send_interaction(payload)

    def _view_payload(self, kind: str, on: View) -> JsonObject:
        view = self._open(on)
        payload = self.payloads.interaction(kind, view.user, self.triggers.give(view.user))
        return {**payload, "view": self.payloads.view(view)}

    def _open(self, view: View) -> View:
        now = self.workspace.find_view(view.id)
        if now is None:
            cannot(f"the view {view.id} is not open")
        return now

    def _on_message(self, message: Message) -> JsonObject:
        container: JsonObject = {
            "type": "message",
            "message_ts": message.ts,
            "channel_id": message.channel,
            "is_ephemeral": message.ephemeral,
        }
        if message.thread_ts:
            container["thread_ts"] = message.thread_ts
        shown = {} if message.ephemeral else {"message": self.payloads.message(message)}
        return {"container": container, **shown}

    def _on_unfurl(self, message: Message, link: str) -> JsonObject:
        number = list(message.unfurls).index(link) + 1
        container: JsonObject = {
            "type": "message_attachment",
            "message_ts": message.ts,
            "attachment_id": number,
            "channel_id": message.channel,
            "is_ephemeral": False,
            "is_app_unfurl": True,
            "app_unfurl_url": link,
        }
        # Slack's documentation has no thread_ts here.
        return {"container": container, "app_unfurl": self.payloads.unfurl(message, link, number)}

    def _action(self, element: JsonObject, block_id: str, option: str | None) -> JsonObject:
        action = {"type": element["type"], "action_id": element["action_id"], "block_id": block_id}
        action["action_ts"] = self.workspace.new_ts()
        if element["type"] == "button":
            kept = ("text", "value", "style", "url")
            return {**action, **{name: element[name] for name in kept if name in element}}
        chosen = [each for each in element.get("options", []) if each["value"] == option]
        if not chosen:
            cannot(f"{element['action_id']} has no option {option}")
        return {**action, "selected_option": chosen[0]}

    def _channel(self, channel: str) -> JsonObject:
        return {"id": channel, "name": self.workspace.channels[channel].spoken_name}

    def _can_act(self, user: str, channel: str) -> bool:
        person = self.workspace.people.get(user)
        return person is not None and not person.deleted and self.workspace.can_see(user, channel)

    def _answer_submission(self, on: View, said: JsonObject) -> None:
        """Close, clear or change the modal, or show its errors."""
        stack, view = self.workspace.modals[on.user], self._open(on)
        match said.get("response_action"):
            case None if not said:
                stack.remove(view)
            case "clear":
                stack.clear()
            case "update":
                after = require_view(said.get("view"), kind="modal")
                self.workspace.put_modal(replace(view, as_sent=after, errors={}))
            case "errors":
                asked = {block.get("block_id") for block in view.blocks if block["type"] == "input"}
                errors = said.get("errors")
                if not isinstance(errors, dict) or not errors or not errors.keys() <= asked:
                    refuse("invalid_errors")
                self.workspace.put_modal(replace(view, errors=errors))
            case _:
                refuse("invalid_response_action")
