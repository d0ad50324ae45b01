"""What one person may see, as JSON: a snapshot, and each entry of the feed."""

import json
from typing import Any

from bot.manifest import manifest
from playground.demo.settings import COMMAND, LINK_DOMAIN
from playground.page.eyes import EYES, TOPICS, Eyes
from playground.page.fax_room import MOODS, FaxRoom
from playground.page.feed import Entry, FaxesChanged, Feed, HomeTab, Uppermost
from playground.slack import Call, Delivery, Message, ResponsePost, SlackServer, View
from playground.slack.acks import SLACKBOT
from playground.slack.panes import Pane
from playground.slack.people import Channel, ChannelKind
from playground.slack.wire import JsonObject
from playground.slack.workspace import Change
from playground.stonefax import Answered

SHOWN_HEADERS = ("Content-Type", "X-Slack-Request-Timestamp", "X-Slack-Signature", "X-Slack-Retry-Num")
MOST_EXCHANGES = 200
"""Of those before the page was opened."""


class Drawing:
    """Draws the workspace, the exchanges and the fax server for the page."""

    def __init__(self, slack: SlackServer, room: FaxRoom, feed: Feed) -> None:
        self.slack = slack
        self.room = room
        self.feed = feed

    def snapshot(self, eyes: Eyes) -> JsonObject:
        """Give everything that these eyes see now, and the number of the last entry that is in it."""
        workspace = self.slack.workspace
        channels = eyes.channels(workspace)
        stack = workspace.modals.get(eyes.user, [])
        return {
            "run": self.feed.run,
            "number": len(self.feed.entries),
            "eyes": [{"key": each.key, "label": each.label, "note": each.note} for each in EYES.values()],
            "me": eyes.user,
            "app": self.app(),
            "people": self.people(),
            "channels": [self.channel(workspace.channels[channel], eyes) for channel in channels],
            "messages": [self.message(each) for channel in channels for each in self.messages(eyes, channel)],
            "modal": self.view(stack[-1]) if stack else None,
            "pane": pane_drawn(self.slack.panes.open.get(eyes.user)),
            "home": self.view(home) if (home := workspace.homes.get(eyes.user)) else None,
            "exchanges": self.exchanges(),
            "fax_server": self.fax_server(),
        }

    def entry(self, number: int, entry: Entry, eyes: Eyes) -> tuple[str, JsonObject] | None:
        """Give the name and the content of an entry, or None where these eyes do not see it."""
        match entry:
            case Change():
                return self.change(entry, eyes)
            case Uppermost():
                shown = self.view(entry.view) if entry.view else None
                return ("modal", {"view": shown}) if entry.user == eyes.user else None
            case Pane():
                return ("pane", {"pane": pane_drawn(entry)}) if entry.user == eyes.user else None
            case HomeTab():
                return ("home", {"view": self.view(entry.view)}) if entry.user == eyes.user else None
            case FaxesChanged():
                return "faxes", self.fax_server()
            case _:
                return "exchange", {"number": number, **exchange(entry)}

    def change(self, change: Change, eyes: Eyes) -> tuple[str, JsonObject] | None:
        """Give what became of a message."""
        message = change.message
        if message.seen_only_by not in {None, eyes.user} or message.channel not in eyes.channels(self.slack.workspace):
            return None
        return "message", {"kind": change.kind, "message": self.message(message)}

    def messages(self, eyes: Eyes, channel: str) -> list[Message]:
        """Give all that these eyes see in a channel and in its threads."""
        workspace = self.slack.workspace
        top = workspace.seen_by(eyes.user, channel)
        replies = [reply for each in top for reply in workspace.seen_by(eyes.user, channel, each.ts)[1:]]
        return [*top, *replies]

    def message(self, message: Message) -> JsonObject:
        """Give a message as the Web API shows it, with where it stands and who sees it."""
        return {
            **self.slack.payloads.message(message),
            "channel": message.channel,
            "ephemeral": message.ephemeral,
            "by_app": message.by_app,
            "entities": [{"link": link, "entity": entity} for link, entity in message.entities.items()],
        }

    def view(self, view: View) -> JsonObject:
        """Give a modal, with what its last submission was told, or a Home tab."""
        return {**self.slack.payloads.view(view), "errors": view.errors}

    def app(self) -> JsonObject:
        """Give what the bot's manifest says of it."""
        features = manifest(COMMAND, (LINK_DOMAIN,), f"https://{LINK_DOMAIN}")["features"]
        command = features["slash_commands"][0]
        return {
            "user": self.slack.workspace.app.bot_user_id,
            "name": features["bot_user"]["display_name"],
            "command": command["command"],
            "usage": command["usage_hint"],
            "shortcuts": features["shortcuts"],
            "link": f"https://{LINK_DOMAIN}/faxes/",
        }

    def people(self) -> JsonObject:
        """Give everybody's names."""
        workspace = self.slack.workspace
        people: JsonObject = {
            user: {"name": person.name, "real_name": person.real_name, "is_bot": person.is_bot}
            for user, person in workspace.people.items()
        }
        return {**people, SLACKBOT: {"name": "slackbot", "real_name": "Slackbot", "is_bot": True}}

    def channel(self, channel: Channel, eyes: Eyes) -> JsonObject:
        """Give a channel, or the direct message with the bot under the bot's name."""
        if channel.kind is ChannelKind.IM:
            topic = "A direct message is answered with everything."
            return {"id": channel.id, "name": self.app()["name"], "direct": True, "topic": topic, "member": True}
        return {
            "id": channel.id,
            "name": channel.name,
            "direct": False,
            "topic": TOPICS[channel.id],
            "member": eyes.user in channel.members,
        }

    def fax_server(self) -> JsonObject:
        """Give the fax server's mood and its faxes."""
        return {
            "mood": self.room.mood,
            "moods": [{"key": key, "label": mood.label, "note": mood.note} for key, mood in MOODS.items()],
            "faxes": self.room.faxes(),
        }

    def exchanges(self) -> list[JsonObject]:
        """Give the exchanges so far, the last ones where there are many."""
        numbered = [
            {"number": number, **exchange(entry)}
            for number, entry in enumerate(self.feed.entries, 1)
            if isinstance(entry, Call | Delivery | ResponsePost | Answered)
        ]
        return numbered[-MOST_EXCHANGES:]


def pane_drawn(pane: Pane | None) -> JsonObject | None:
    """Give a flexpane: the entity that it was opened from, and what it shows, if anything yet."""
    if pane is None:
        return None
    shown = {"metadata": pane.metadata, "error": pane.error}
    return {"channel": pane.channel, "message_ts": pane.message_ts, "entity": pane.entity, **shown}


def exchange(entry: Call | Delivery | ResponsePost | Answered) -> JsonObject:
    """Give one request and its answer; `began` puts several in order."""
    match entry:
        case Delivery():
            headers = {name: entry.request_headers[name] for name in SHOWN_HEADERS if name in entry.request_headers}
            about = {"way": "slack-bot", "title": title_of(entry), "status": entry.status, "failure": entry.failure}
            sent = {"POST": "/slack/events", "headers": headers, "body": entry.payload}
            return about | timed(entry.monotonic, entry.seconds, sent, read(entry.body))
        case Call():
            title = entry.method if entry.ok else f"{entry.method}: {entry.answer.get('error', 'dropped')}"
            about = {"way": "bot-slack", "title": title, "status": entry.status or None, "failure": None}
            sent = {name: parsed(value) for name, value in entry.arguments.items()}
            return about | timed(entry.monotonic, entry.seconds, sent, entry.answer)
        case ResponsePost():
            about = {"way": "bot-slack", "title": "response_url", "status": entry.status or None, "failure": None}
            return about | timed(entry.monotonic, entry.seconds, read(entry.body), entry.answer)
        case Answered():
            failure = None if entry.status else "no answer"
            title = f"GET {entry.request.fax_id}" if entry.request.fax_id else entry.request.raw_path
            about = {"way": "bot-fax", "title": title, "status": entry.status, "failure": failure}
            sent = {entry.request.method: entry.request.raw_path}
            answer = read(entry.body) if entry.status else None
            return about | timed(entry.request.at, entry.seconds, sent, answer)


def title_of(delivery: Delivery) -> str:
    """Say in a line what Slack told the bot."""
    if delivery.kind == "command":
        return f"{delivery.payload['command']} {delivery.payload['text']}".rstrip()
    if delivery.kind == "block_actions":
        return f"block_actions: {delivery.payload['actions'][0]['action_id']}"
    return delivery.kind


def timed(began: float, seconds: float, request: object, answer: object) -> JsonObject:
    """Give when and how long, and what went to and fro."""
    return {"began": began, "milliseconds": round(seconds * 1000, 1), "request": request, "answer": answer}


def read(body: bytes) -> object:
    """Give a body as JSON, else as text; None where it is empty."""
    text = body.decode(errors="replace")
    try:
        return json.loads(text)
    except ValueError:
        return text or None


def parsed(value: Any) -> Any:  # noqa: ANN401 - any JSON
    """Take JSON that travels as a word in a form out of it."""
    if not isinstance(value, str) or not value.startswith(("[", "{")):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value
