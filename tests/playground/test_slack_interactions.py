"""Presses and shortcuts: what the bot is sent, and what cannot be done."""

import pytest

from playground.slack import CannotDo, Message, SlackServer
from playground.slack.example import ANN, BOB, PRIVATE, SHARED, STRANGER, SUPPORT

from .conftest import CARD, Api, TinyBot


async def _posted(slack: SlackServer, api: Api, channel: str = SUPPORT) -> Message:
    await api("chat.postMessage", channel=channel, text="Fax failed", blocks=CARD)
    return slack.workspace.seen_by(ANN, channel)[-1]


async def test_a_press_on_a_message(slack: SlackServer, api: Api, bot: TinyBot) -> None:
    """The payload stands in a form's one field, with the message as it is."""
    message = await _posted(slack, api)
    delivery = await slack.press(message, "share", user=BOB)
    (received,) = bot.received
    assert received.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert set(received.form) == {"payload"}
    payload = received.payload
    team = slack.workspace.team
    assert payload["type"] == "block_actions"
    assert payload["user"] == {"id": BOB, "username": "bob", "name": "bob", "team_id": team.id}
    assert payload["team"] == {"id": team.id, "domain": "faxco"}
    assert payload["channel"] == {"id": SUPPORT, "name": "support"}
    assert payload["container"] == {
        "type": "message",
        "message_ts": message.ts,
        "channel_id": SUPPORT,
        "is_ephemeral": False,
    }
    assert payload["message"]["blocks"][1] == CARD[1]
    (action,) = payload["actions"]
    assert action.pop("action_ts")
    assert action == {
        "type": "button",
        "action_id": "share",
        "block_id": "what-now",
        "text": {"type": "plain_text", "text": "Share"},
        "value": "fax-1",
    }
    assert payload["response_url"].startswith(f"{slack.base_url}/actions/")
    assert (delivery.kind, delivery.payload, delivery.acked) == ("block_actions", received.payload, True)


async def test_a_press_on_a_private_message_has_no_message(slack: SlackServer, bot: TinyBot) -> None:
    """`is_ephemeral` says why; only the one who sees it can press."""
    bot.says({"text": "x", "blocks": CARD})
    message = (await slack.command("/fax", "1", user=ANN, channel=PRIVATE)).shown[0]
    bot.says("")
    await slack.press(message, "share", user=ANN)
    payload = bot.received[-1].payload
    assert (payload["container"]["is_ephemeral"], "message" in payload) == (True, False)
    assert payload["channel"]["name"] == "privategroup"
    with pytest.raises(CannotDo, match="does not see"):
        await slack.press(message, "share", user=BOB)


async def test_a_press_in_a_thread_names_the_thread(slack: SlackServer, api: Api, bot: TinyBot) -> None:
    """In the container."""
    parent = await slack.post(ANN, SUPPORT, "where is my fax?")
    await api("chat.postMessage", channel=SUPPORT, text="x", blocks=CARD, thread_ts=parent.ts)
    reply = slack.workspace.seen_by(ANN, SUPPORT, parent.ts)[-1]
    await slack.press(reply, "share", user=ANN)
    assert bot.received[-1].payload["container"]["thread_ts"] == parent.ts


async def test_a_button_that_is_no_longer_there_cannot_be_pressed(slack: SlackServer, api: Api) -> None:
    """A press goes to the message as it is now."""
    message = await _posted(slack, api)
    with pytest.raises(CannotDo, match="action_id open"):
        await slack.press(message, "open", user=ANN)
    await api("chat.update", channel=SUPPORT, ts=message.ts, text="Fax delivered")
    with pytest.raises(CannotDo, match="action_id share"):
        await slack.press(message, "share", user=ANN)
    await api("chat.delete", channel=SUPPORT, ts=message.ts)
    with pytest.raises(CannotDo, match="does not see"):
        await slack.press(message, "share", user=ANN)


async def test_strangers_can_press_in_a_shared_channel(slack: SlackServer, api: Api, bot: TinyBot) -> None:
    """Buttons reach everybody: only `user.team_id` tells who it was. Shortcuts do not reach them."""
    message = await _posted(slack, api, SHARED)
    await slack.press(message, "share", user=STRANGER)
    payload = bot.received[-1].payload
    assert payload["user"]["team_id"] == slack.workspace.people[STRANGER].team_id
    assert payload["team"]["id"] == slack.workspace.team.id
    with pytest.raises(CannotDo):
        await slack.message_shortcut(message, "look-up", user=STRANGER)
    with pytest.raises(CannotDo):
        await slack.shortcut("look-up", user=STRANGER)


async def test_choosing_from_a_menu(slack: SlackServer, api: Api, bot: TinyBot) -> None:
    """The option chosen is sent whole; one that is not in the menu cannot be chosen."""
    option = {"text": {"type": "plain_text", "text": "Later"}, "value": "later"}
    blocks = [{"type": "actions", "elements": [{"type": "overflow", "action_id": "more", "options": [option]}]}]
    await api("chat.postMessage", channel=SUPPORT, text="x", blocks=blocks)
    message = slack.workspace.seen_by(ANN, SUPPORT)[0]
    await slack.press(message, "more", user=ANN, option="later")
    action = bot.received[-1].payload["actions"][0]
    assert action["selected_option"] == option
    history = await api.form("conversations.history", channel=SUPPORT)
    assert action["block_id"] == history["messages"][0]["blocks"][0]["block_id"]
    with pytest.raises(CannotDo, match="no option now"):
        await slack.press(message, "more", user=ANN, option="now")


@pytest.mark.parametrize(("status", "failure"), [(200, None), (204, "dispatch_failed"), (404, "dispatch_failed")])
async def test_an_interaction_is_acked_by_200(
    slack: SlackServer, api: Api, bot: TinyBot, status: int, failure: str | None
) -> None:
    """And by nothing else."""
    bot.says("", status=status)
    delivery = await slack.press(await _posted(slack, api), "share", user=ANN)
    assert (delivery.failure, delivery.acked) == (failure, failure is None)


async def test_an_interaction_has_three_seconds(slack: SlackServer, api: Api, bot: TinyBot) -> None:
    """The person sees that it timed out."""
    bot.hangs(slack)
    assert (await slack.press(await _posted(slack, api), "share", user=ANN)).failure == "operation_timeout"


async def test_a_message_shortcut(slack: SlackServer, bot: TinyBot) -> None:
    """The bot is sent the message of a person, without any history scope."""
    message = await slack.post(ANN, SUPPORT, "the fax https://example.com/1 & more")
    await slack.message_shortcut(message, "look-up", user=BOB)
    payload = bot.received[-1].payload
    assert (payload["type"], payload["callback_id"]) == ("message_action", "look-up")
    assert payload["message"]["text"] == "the fax <https://example.com/1> &amp; more"
    inner = payload["message"]["blocks"][0]["elements"][0]["elements"]
    assert inner == [
        {"type": "text", "text": "the fax "},
        {"type": "link", "url": "https://example.com/1"},
        {"type": "text", "text": " & more"},
    ]
    assert (payload["message_ts"], payload["channel"]["id"]) == (message.ts, SUPPORT)
    assert payload["response_url"]
    assert payload["trigger_id"]


async def test_private_messages_have_no_shortcuts(slack: SlackServer, bot: TinyBot) -> None:
    """Their menu is empty."""
    bot.says("x")
    message = (await slack.command("/fax", "1", user=ANN, channel=SUPPORT)).shown[0]
    with pytest.raises(CannotDo):
        await slack.message_shortcut(message, "look-up", user=ANN)


async def test_any_interaction_can_be_sent(slack: SlackServer, bot: TinyBot) -> None:
    """Also one that nobody could do: a press on what is gone, or a forgery of a stranger's."""
    delivery = await slack.send_interaction({"type": "block_actions", "actions": []})
    assert bot.received[0].payload == delivery.payload
