"""One of each request that Slack sends, as the playground's Slack really sends it, and ways to spoil it."""

import copy
import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from playground.slack import Message
from playground.slack.example import ANN, ANN_DM, BOT, SUPPORT
from tests.conftest import BUSY, Desk
from tests.panes import link_to, placed, pressed_in_pane
from tests.presses import QUEUED, card, pressed, share
from tests.security.front import FORM, JSON

Way = tuple[str | int, ...]
"""How to come to a part of a payload: keys and places in lists."""
GONE = object()
"""In the place of a value: the key itself is missing."""


@dataclass(frozen=True, slots=True)
class Template:
    """A request as it should be; an event's id is new each time, or it would be taken for done."""

    name: str
    payload: dict[str, Any]
    content_type: str = FORM

    def parts(self) -> Iterator[Way]:
        """Give the way to every value in it, the whole excepted."""
        yield from parts_of(self.payload, ())

    def spoilt(self, *changes: tuple[Way, object]) -> dict[str, Any]:
        """Give the payload with other values in these places; a place that is not there any more stays away."""
        payload = copy.deepcopy(self.payload)
        for path, value in changes:
            put(payload, path, value)
        return payload

    def body(self, payload: object) -> bytes:
        """Write it as Slack would."""
        if self.content_type == JSON:
            return json.dumps(payload).encode()
        if self.name == "command" and isinstance(payload, dict):
            plain = {key: value if isinstance(value, str) else json.dumps(value) for key, value in payload.items()}
            return urlencode(plain, errors="replace").encode()
        return urlencode({"payload": json.dumps(payload)}).encode()


def parts_of(value: object, path: Way) -> Iterator[Way]:
    """Give the way to every part of a JSON value."""
    keyed = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in keyed:
        yield (*path, key)
        yield from parts_of(part, (*path, key))


def put(payload: Any, way: Way, value: object) -> None:  # noqa: ANN401 - any JSON
    """Put a value in a place of a payload, or take the place away."""
    *before, last = way
    with suppress(LookupError, TypeError):  # another change has taken away what was there
        for key in before:
            payload = payload[key]
        if value is GONE:
            del payload[last]
        else:
            payload[last] = value


async def templates(desk: Desk) -> tuple[Template, ...]:
    """Let a person take every way in once, and give what Slack sent."""
    slack = desk.slack
    desk.put(QUEUED, status="Queued")
    private = await card(desk, QUEUED)
    await pressed(desk, private, "refresh")
    shared = await share(desk)
    await pressed(desk, shared, "details")
    await slack.post(ANN, SUPPORT, f"<@{BOT}> {BUSY}", thread_ts=shared.ts)
    await slack.post(ANN, ANN_DM, BUSY)
    link = await slack.post(ANN, SUPPORT, f"https://fax.example.com/{QUEUED}")
    await slack.until(lambda: (found := slack.workspace.find(SUPPORT, link.ts)) and found.unfurls)
    await pressed(desk, link, "watch")
    await slack.open_entity(ANN, placed(desk, QUEUED), link_to(QUEUED))
    await pressed_in_pane(desk, "pane_refresh")
    await pressed(desk, private, "watch")
    listed = (await desk.ask("watches")).shown[0]
    await pressed(desk, listed, "unwatch_listed_1")
    said = slack.workspace.say(Message(SUPPORT, slack.workspace.new_ts(), ANN, f"fax {BUSY}"))
    await slack.message_shortcut(said, "look_up_fax", user=ANN)
    await slack.shortcut("look_up_a_fax", user=ANN)
    view = (await slack.until(lambda: slack.workspace.modals.get(ANN, [])))[-1]
    await slack.submit(view, {"ids": {"ids": {"type": "plain_text_input", "value": BUSY}}})
    sent: dict[str, Template] = {}
    for delivery in slack.deliveries:
        place = delivery.payload.get("container", {})
        name = f"{delivery.kind} {place.get('type', '')} {place.get('is_ephemeral', '')}".strip()
        sent[name] = Template(name, delivery.payload, JSON if "event_id" in delivery.payload else FORM)
    checked = Template("url_verification", {"type": "url_verification", "challenge": "abc", "token": "t"}, JSON)
    return (*sent.values(), checked)
