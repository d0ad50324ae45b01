"""Work Objects that tests post, and the flexpanes that they open beside them."""

from bot.cards.work_object import ENTITY_TYPE, LAST_MODIFIED, REFERENCE_TYPE
from playground.slack import Message
from playground.slack.example import ANN, SUPPORT
from playground.slack.panes import Pane
from tests.conftest import BUSY, Desk

LINK = f"https://fax.example.com/faxes/{BUSY}"
WORK_OBJECTS = {"FAXBOT_UNFURL": "entities"}


def link_to(fax_id: str) -> str:
    """Give a link to a fax."""
    return f"https://fax.example.com/faxes/{fax_id}"


def placed(desk: Desk, fax_id: str = BUSY, *, channel: str = SUPPORT) -> Message:
    """Let there be a message with a Work Object below its link, from a time when it could be shown there."""
    link = link_to(fax_id)
    payload = {"attributes": {"title": {"text": "Fax"}, "metadata_last_modified": LAST_MODIFIED}}
    reference = {"id": fax_id, "type": REFERENCE_TYPE}
    entity = {"url": link, "external_ref": reference, "entity_type": ENTITY_TYPE, "entity_payload": payload}
    ts = desk.slack.workspace.new_ts()
    below = {link: {"app_unfurl_url": link, **entity}}
    return desk.slack.workspace.say(Message(channel, ts, ANN, f"see <{link}>", entities=below))


def held_open(desk: Desk, user: str, action_id: str, value: str, *, channel: str = SUPPORT) -> Pane:
    """Let a person have a pane open, with one button of this value."""
    message = placed(desk, channel=channel)
    entity = message.entities[LINK]
    buttons = {"primary_actions": [{"text": "Press", "action_id": action_id, "value": value}]}
    shown = {**entity, "entity_payload": {**entity["entity_payload"], "actions": buttons}}
    pane = Pane(user, channel, message.ts, None, entity, metadata=shown)
    desk.slack.panes.show(pane)
    return pane


async def posted(desk: Desk, fax_id: str = BUSY, *, user: str = ANN, channel: str = SUPPORT) -> Message:
    """Post a link, and give the message once its Work Object is there."""
    message = await desk.slack.post(user, channel, f"see {link_to(fax_id)}")

    def below() -> Message | None:
        now = desk.slack.workspace.find(channel, message.ts)
        return now if now and now.entities else None

    now = await desk.slack.until(below)
    assert now
    return now


async def opened(desk: Desk, fax_id: str = BUSY, *, user: str = ANN) -> Pane:
    """Post a link, open its pane, and give it as it was drawn."""
    return await desk.slack.open_entity(user, await posted(desk, fax_id), link_to(fax_id))


async def pressed_in_pane(desk: Desk, action_id: str, *, user: str = ANN) -> Pane:
    """Press a button in the open pane, and give the pane as it is drawn anew."""
    before = len(presented(desk))
    delivery = await desk.slack.press_in_pane(user, action_id)
    assert delivery.acked
    await desk.slack.until(lambda: len(presented(desk)) > before)
    return desk.slack.panes.open[user]


def presented(desk: Desk) -> list[dict[str, object]]:
    """Give what the bot has presented in panes, taken or not."""
    return [dict(call.arguments) for call in desk.slack.calls if call.method == "entity.presentDetails"]
