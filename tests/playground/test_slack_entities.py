"""Work Objects as Slack takes them: below links, in flexpanes, and pressed."""

import copy
from typing import Any

import pytest

from playground.slack import CannotDo, Message, SlackServer
from playground.slack.example import ANN, BOB, RANDOM, STRANGER
from playground.slack.wire import JsonObject

from .conftest import Api, Clock, TinyBot

LINK = "https://faxes.example.org/o/A_1?x=1&amp;y=2"
BELOW: JsonObject = {
    "app_unfurl_url": LINK,
    "url": "https://faxes.example.org/o/A_1",
    "external_ref": {"id": "A_1", "type": "outbound_fax"},
    "entity_type": "slack#/entities/item",
    "entity_payload": {
        "attributes": {"title": {"text": "Fax to •••567"}, "display_type": "Fax"},
        "custom_fields": [
            {"key": "status", "label": "Status", "type": "string", "value": "Failed", "tag_color": "red"}
        ],
        "display_order": ["status"],
        "actions": {"primary_actions": [{"text": "Refresh", "action_id": "refresh", "value": "A_1"}]},
    },
}
IN_PANE: JsonObject = {name: part for name, part in BELOW.items() if name != "app_unfurl_url"}
PRESS = {"text": "Press", "action_id": "a"}


def but(entity: JsonObject, *path: str, value: Any = None) -> JsonObject:  # noqa: ANN401 - any JSON
    """Give the entity with another value there, or without it."""
    changed = copy.deepcopy(entity)
    part = changed
    for name in path[:-1]:
        part = part[name]
    part[path[-1]] = value
    if value is None:
        del part[path[-1]]
    return changed


def with_actions(*actions: JsonObject) -> JsonObject:
    """Give the entity with these buttons."""
    return but(BELOW, "entity_payload", "actions", value={"primary_actions": list(actions)})


@pytest.fixture
async def message(slack: SlackServer, api: Api) -> Message:
    """Give a message with an entity below its link."""
    posted = await slack.post(ANN, RANDOM, "see https://faxes.example.org/o/A_1?x=1&y=2")
    assert await api("chat.unfurl", channel=RANDOM, ts=posted.ts, metadata={"entities": [BELOW]}) == {"ok": True}
    return slack.workspace.seen_by(BOB, RANDOM)[0]


def trigger(bot: TinyBot) -> str:
    """Give the trigger of the pane that was opened last."""
    return str(bot.received[-1].json["event"]["trigger_id"])


async def test_an_entity_is_seen_by_all(message: Message) -> None:
    """Below the link as it was posted."""
    assert message.entities == {LINK: BELOW}


@pytest.mark.parametrize(
    "entity",
    [
        but(BELOW, "entity_type", value="slack#/entities/fax"),
        but(BELOW, "url"),
        but(BELOW, "external_ref", "id"),
        but(BELOW, "entity_payload", "attributes", "title"),
        but(BELOW, "entity_payload", "attributes", "title", "text", value=""),
        but(BELOW, "app_unfurl_url"),
        but(BELOW, "entity_payload", "display_order", value=["status", "x"]),
        with_actions(*({**PRESS, "action_id": f"{number}"} for number in range(3))),
        with_actions(PRESS, PRESS),
        with_actions({**PRESS, "value": "x" * 2001}),
        with_actions({**PRESS, "action_id": "x" * 256}),
    ],
)
async def test_what_is_no_entity(slack: SlackServer, api: Api, message: Message, entity: JsonObject) -> None:
    """Refused, and what stood there stays."""
    answer = await api("chat.unfurl", channel=RANDOM, ts=message.ts, metadata={"entities": [entity]})
    assert answer["error"] == "invalid_metadata_format"
    assert slack.workspace.seen_by(BOB, RANDOM)[0].entities == {LINK: BELOW}


async def test_an_entity_stands_below_a_link_of_the_message(api: Api, message: Message) -> None:
    """Exactly as it was posted."""
    elsewhere = but(BELOW, "app_unfurl_url", value="https://faxes.example.org/o/A_2")
    answer = await api("chat.unfurl", channel=RANDOM, ts=message.ts, metadata={"entities": [elsewhere]})
    assert answer["error"] == "cannot_unfurl_url"


async def test_a_pane_is_drawn_once_by_its_trigger(
    slack: SlackServer, api: Api, bot: TinyBot, message: Message
) -> None:
    """For the person who opened it; the event says where, and of what."""
    pane = await slack.open_entity(BOB, message, LINK)
    assert (pane.metadata, pane.error) == (None, None)
    event = bot.received[-1].json["event"]
    assert (event["type"], event["user"], event["channel"]) == ("entity_details_requested", BOB, RANDOM)
    assert (event["external_ref"], event["app_unfurl_url"]) == (BELOW["external_ref"], LINK)
    given = {"trigger_id": trigger(bot), "metadata": IN_PANE}
    assert await api("entity.presentDetails", **given) == {"ok": True}
    assert slack.panes.open[BOB].metadata == IN_PANE
    assert (await api("entity.presentDetails", **given))["error"] == "exchanged_trigger_id"
    assert ANN not in slack.panes.open


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"metadata": BELOW}, "invalid_metadata"),
        ({"metadata": {"entities": [IN_PANE]}}, "invalid_metadata"),
        ({"metadata": but(IN_PANE, "external_ref", "id", value="A_2")}, "entity_metadata_does_not_match_trigger"),
        ({"error": {"status": "no_such_status"}}, "invalid_arguments"),
        ({"error": {"status": "restricted", "custom_message": "no"}}, "invalid_arguments"),
        ({"error": {"status": "custom", "custom_message": "no", "actions": [PRESS]}}, "invalid_arguments"),
        ({"error": {"status": "not_found"}, "metadata": IN_PANE}, "invalid_arguments"),
        ({}, "invalid_arguments"),
        ({"metadata": IN_PANE, "trigger_id": "1.2.x"}, "invalid_trigger_id"),
    ],
)
async def test_what_is_not_presented(
    slack: SlackServer, api: Api, bot: TinyBot, message: Message, arguments: JsonObject, error: str
) -> None:
    """The pane stays empty, and the trigger is still good for an error."""
    await slack.open_entity(BOB, message, LINK)
    given = {"trigger_id": trigger(bot), **arguments}
    assert (await api("entity.presentDetails", **given))["error"] == error
    assert slack.panes.open[BOB].metadata is None
    said = {"status": "custom_partial_view", "custom_message": "not now", "actions": [PRESS]}
    assert (await api("entity.presentDetails", trigger_id=trigger(bot), error=said))["ok"] is True
    assert slack.panes.open[BOB].error == said


@pytest.mark.parametrize(
    ("stands", "comes", "taken"),
    [(None, None, True), (1, None, True), (None, 1, True), (1, 2, True), (1, 1, False), (2, 1, False)],
)
async def test_what_a_pane_shows_is_taken_over_for_everybody(
    slack: SlackServer, api: Api, bot: TinyBot, stands: int | None, comes: int | None, *, taken: bool
) -> None:
    """Unless `metadata_last_modified` says on both sides that it is no newer."""
    modified = ("entity_payload", "attributes", "metadata_last_modified")
    posted = await slack.post(ANN, RANDOM, "see https://faxes.example.org/o/A_1?x=1&y=2")
    below = but(BELOW, *modified, value=stands) if stands else BELOW
    await api("chat.unfurl", channel=RANDOM, ts=posted.ts, metadata={"entities": [below]})
    await slack.open_entity(BOB, posted, LINK)
    shown = but(IN_PANE, "entity_payload", "attributes", "title", value={"text": "Fax to 4567"})
    shown = but(shown, *modified, value=comes) if comes else shown
    assert await api("entity.presentDetails", trigger_id=trigger(bot), metadata=shown) == {"ok": True}
    now = slack.workspace.seen_by(ANN, RANDOM)[0].entities[LINK]
    assert ("4567" in str(now)) is taken


async def test_slack_refreshes_by_itself(slack: SlackServer, bot: TinyBot, message: Message) -> None:
    """In the name of who posted the link."""
    await slack.refresh_entities(message)
    event = bot.received[-1].json["event"]
    assert (event["type"], event["is_unfurl_refresh"], event["user"]) == ("link_shared", True, ANN)
    assert event["message_ts"] == message.ts


async def test_presses_say_where_they_are(slack: SlackServer, api: Api, bot: TinyBot, message: Message) -> None:
    """In the pane the container alone, with a trigger of its own; below the link there is a response_url."""
    await slack.open_entity(BOB, message, LINK)
    await api("entity.presentDetails", trigger_id=trigger(bot), metadata=IN_PANE)
    await slack.press_in_pane(BOB, "refresh")
    payload = bot.received[-1].payload
    assert (payload["container"]["type"], payload["container"]["channel_id"]) == ("entity_detail", RANDOM)
    assert not {"channel", "message", "response_url"} & payload.keys()
    assert payload["actions"][0]["value"] == "A_1"
    assert (await api("entity.presentDetails", trigger_id=payload["trigger_id"], metadata=IN_PANE))["ok"] is True
    await slack.press_entity(ANN, message, LINK, "refresh")
    payload = bot.received[-1].payload
    assert (payload["container"]["type"], payload["container"]["is_app_unfurl"]) == ("message_attachment", True)
    assert payload["response_url"]


async def test_a_trigger_grows_old(slack: SlackServer, api: Api, bot: TinyBot, message: Message, clock: Clock) -> None:
    """Like any other, since nothing is documented."""
    await slack.open_entity(BOB, message, LINK)
    clock.now += 3.1
    answer = await api("entity.presentDetails", trigger_id=trigger(bot), metadata=IN_PANE)
    assert answer["error"] == "expired_trigger_id"


async def test_nobody_opens_or_presses_what_they_do_not_see(slack: SlackServer, message: Message) -> None:
    """Somebody outside, a link without an entity, a pane that is not open, a button that is not there."""
    with pytest.raises(CannotDo):
        await slack.open_entity(STRANGER, message, LINK)
    with pytest.raises(CannotDo):
        await slack.open_entity(BOB, message, "https://faxes.example.org/")
    with pytest.raises(CannotDo):
        await slack.press_in_pane(BOB, "refresh")
    with pytest.raises(CannotDo):
        await slack.press_entity(BOB, message, LINK, "no such")
