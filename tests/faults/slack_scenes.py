"""What people do that makes the bot call Slack, one scene for each call, and what is to be seen of it in a word or two.

A scene prepares everything, lets the fault be ordered, does the one thing, and waits until nothing more comes.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from bot.cards.buttons import DETAILS, REFRESH, SHARE, WATCH
from bot.manifest import STEP
from playground.slack import Message
from playground.slack.example import ANN, ANN_DM, BOT, SHARED, SUPPORT, SUPPORT_GROUP
from tests.conftest import BUSY, Desk
from tests.faults.desk import Since, until
from tests.faults.scene import (
    CARD,
    HOW,
    LOST,
    SPENT,
    TOLD,
    UNNOTED,
    WHO,
    WITHIN,
    Play,
    Scene,
    brought,
    card_in,
    new_fax,
    over,
    slow_fax,
    times,
)
from tests.panes import link_to, placed


async def asking(scene: Scene) -> str:
    """Type `/fax`, about which Slack is asked who somebody is."""
    since = Since.now(scene.desk)
    scene.order()
    await scene.desk.ask(BUSY)
    await until(lambda: CARD in since.told(ANN) or WHO in since.told(ANN), WITHIN, since.told())
    return "the card" if CARD in since.told(ANN) else "asked to try again"


async def where(scene: Scene) -> str:
    """Mention the bot, about which Slack is asked what the channel is."""
    since = Since.now(scene.desk)
    scene.order()
    await scene.desk.slack.post(ANN, SUPPORT, f"<@{BOT}> {BUSY}")
    await brought(scene)
    cards = [one for one in since.messages() if CARD in one.words]
    assert len(cards) == 1
    return "the card, privately" if cards[0].seen_only_by == ANN else "the card"


def mentioned(channel: str, *, after: Callable[[Desk], None] = lambda _: None) -> Play:
    """Mention the bot there."""

    async def play(scene: Scene) -> str:
        since = Since.now(scene.desk)
        after(scene.desk)
        scene.order()
        await scene.desk.slack.post(ANN, channel, f"<@{BOT}> {BUSY}")
        await brought(scene)
        cards = [one for one in since.messages(ANN) if CARD in one.words]
        directly = bool(cards) and cards[0].channel == ANN_DM != channel
        return f"{times(len(cards))}{' directly' if directly else ''}"

    return play


def yes_is_lost(desk: Desk) -> None:
    """Let Slack's next yes to a message be lost."""
    desk.slack.fail("chat.postMessage", drop="after")


async def shared(scene: Scene) -> str:
    """Share a card with everybody in the channel."""
    card = card_in(scene.desk, SUPPORT, SHARE, BUSY)
    since = Since.now(scene.desk)
    scene.order()
    await scene.desk.slack.press(card, SHARE, user=ANN)
    await until(lambda: bool(since.messages()), WITHIN, "nothing came of sharing")
    await until(lambda: not told_privately(since) or bool(scene.desk.slack.response_posts), WITHIN, "no sentence")
    await scene.rest()
    said = told_privately(since)
    sentence = "asked to invite the bot" if "/invite" in said else "asked to press again" if said else ""
    return ", ".join(filter(None, ("" if not since.count(CARD) else "shared", sentence)))


def told_privately(since: Since) -> str:
    """Give what somebody alone was told."""
    return "\n".join(one.words for one in since.messages() if one.seen_only_by)


def watched(*, after: Callable[[Desk], None] = lambda _: None) -> Play:
    """Watch a fax from the command, which is told by direct message."""

    async def play(scene: Scene) -> str:
        desk, fax_id = scene.desk, new_fax(scene.desk)
        assert TOLD in await desk.asked(f"watch {fax_id}")
        since = Since.now(desk)
        after(desk)
        scene.order()
        over(desk, fax_id)
        await until(lambda: f'"fax": "{fax_id}", "outcome": "final"' in scene.log(), WITHIN, "a watch is not over")
        await scene.rest()
        return times(sum(fax_id in one.words for one in since.messages(ANN)))

    return play


async def watched_card(scene: Scene) -> str:
    """Watch a fax from a card that everybody sees, which is brought up to date."""
    desk, fax_id = scene.desk, new_fax(scene.desk)
    card = card_in(desk, SUPPORT, WATCH, fax_id)
    since = Since.now(desk)
    await desk.slack.press(card, WATCH, user=ANN)
    await until(lambda: TOLD in since.told(ANN), WITHIN, "no watch is begun")
    scene.order()
    over(desk, fax_id)
    await until(lambda: f'"fax": "{fax_id}", "outcome": "final"' in scene.log(), WITHIN, "a watch is not over")
    await scene.rest()
    now = desk.slack.workspace.find(SUPPORT, card.ts)
    told = [one for one in since.messages() if fax_id in one.words and one.ts != card.ts and TOLD not in one.words]
    where_told = "directly" if told and told[0].channel != SUPPORT else "in the thread"
    return f"{'edited, ' if now and 'Fax delivered' in now.words else ''}told {times(len(told))} {where_told}"


async def told_by_button(scene: Scene) -> str:
    """Press "tell me" on a private card, for which a direct message is opened."""
    desk = scene.desk
    (card,) = (await desk.ask(new_fax(desk))).shown
    since = Since.now(desk)
    scene.order()
    await desk.slack.press(card, WATCH, user=ANN)
    await until(lambda: TOLD in since.told(ANN) or UNNOTED in since.told(ANN), WITHIN, since.told())
    return "watched" if TOLD in since.told(ANN) else "asked to try again"


async def last_resort(scene: Scene) -> str:
    """Answer late where the response_url is gone: by direct message."""
    desk = scene.desk
    since = Since.now(desk)
    desk.slack.fail("response_url", status=404, error="expired_url")
    scene.order()
    assert (await desk.ask(slow_fax(desk))).acked
    await until(lambda: CARD in since.told(ANN) or LOST in scene.log(), WITHIN, "neither told nor logged")
    await scene.rest()
    return f"told {times(since.count(CARD))}{', and logged' if LOST in scene.log() else ''}"


async def linked(scene: Scene) -> str:
    """Paste a link."""
    desk = scene.desk
    fax_id = new_fax(desk)
    scene.order()
    message = await desk.slack.post(ANN, SUPPORT, f"https://fax.example.com/{fax_id}")
    await brought(scene)
    now = desk.slack.workspace.find(SUPPORT, message.ts)
    return "unfurled" if now and now.unfurls else "nothing"


async def flexpane(scene: Scene) -> str:
    """Open the flexpane of a Work Object."""
    desk, fax_id = scene.desk, new_fax(scene.desk)
    message = placed(desk, fax_id)
    scene.order()
    await desk.slack.open_entity(ANN, message, link_to(fax_id))
    await brought(scene)
    pane = desk.slack.panes.open[ANN]
    return "drawn" if pane.metadata else "an error" if pane.error else "nothing"


async def refreshed(scene: Scene) -> str:
    """Press "refresh" below a link."""
    desk = scene.desk
    fax_id = new_fax(desk)
    message = await desk.slack.post(ANN, SUPPORT, f"https://fax.example.com/{fax_id}")
    over(desk, fax_id)
    since = Since.now(desk)
    scene.order()
    await desk.slack.press(message, REFRESH, user=ANN)
    await until(lambda: "Fax delivered" in since.told(ANN), WITHIN, "no refresh")
    await scene.rest()
    now = desk.slack.workspace.find(SUPPORT, message.ts)
    unfurled = "unfurled" if now and "Fax delivered" in str(now.unfurls) else ""
    return " and ".join(filter(None, (unfurled, told_privately(since) and "told privately")))


async def triaged(scene: Scene) -> str:
    """Let a thread be summed up, for which it is read."""
    desk = scene.desk
    workspace = desk.slack.workspace
    root = workspace.say(Message(ANN_DM, workspace.new_ts(), ANN, f"{BUSY}?"))
    since = Since.now(desk)
    scene.order()
    await desk.slack.post(ANN, ANN_DM, "triage", thread_ts=root.ts)
    await brought(scene)
    told = since.told(ANN)
    return "the card" if CARD in told else "asked to take the shortcut" if "Look up fax" in told else told_again(told)


def told_again(told: str) -> str:
    """Say what a person is told to do."""
    return "asked to try again" if "Ask again in a minute" in told else told or "nothing"


async def opened(scene: Scene) -> str:
    """Choose "Look up a fax"."""
    desk = scene.desk
    desk.slack.workspace.modals.clear()
    since, before = Since.now(desk), len(desk.slack.calls)
    scene.order()
    assert (await desk.slack.shortcut("look_up_a_fax", user=ANN)).acked
    return await modal_or_words(scene, since, before)


async def opened_on_a_message(scene: Scene) -> str:
    """Choose "Look up fax" on a message that names none."""
    desk = scene.desk
    desk.slack.workspace.modals.clear()
    message = desk.slack.workspace.say(Message(SUPPORT, desk.slack.workspace.new_ts(), ANN, "no fax"))
    since, before = Since.now(desk), len(desk.slack.calls)
    scene.order()
    assert (await desk.slack.message_shortcut(message, "look_up_fax", user=ANN)).acked
    return await modal_or_words(scene, since, before)


async def modal_or_words(scene: Scene, since: Since, before: int) -> str:
    """Wait for a modal, or for words in its place; the call is answered by then."""
    desk = scene.desk

    def something() -> bool:
        refused = {call.answer.get("error") for call in desk.slack.calls[before:] if call.method == "views.open"}
        return bool(desk.slack.workspace.modals.get(ANN)) or HOW in since.told(ANN) or SPENT in refused

    await until(something, WITHIN, "neither a modal nor words")
    await scene.rest()
    modal = "a modal" if desk.slack.workspace.modals.get(ANN) else ""
    words = "told how to ask" if since.count(HOW) else ""
    return " and ".join(filter(None, (modal, words))) or "nothing"


async def answered_in_a_modal(scene: Scene) -> str:
    """Fill the modal; the answer is late, and the modal is changed."""
    desk = scene.desk
    desk.slack.workspace.modals.clear()
    await desk.slack.shortcut("look_up_a_fax", user=ANN)
    await until(lambda: bool(desk.slack.workspace.modals.get(ANN)), WITHIN, "no modal")
    fax_id, since = slow_fax(desk), Since.now(desk)
    scene.order()
    view = desk.slack.workspace.modals[ANN][-1]
    await desk.slack.submit(view, {"ids": {"ids": {"type": "plain_text_input", "value": fax_id}}})
    gone = "a modal was not changed"
    await until(lambda: CARD in since.told(ANN) or (gone in scene.log() and "not_found" in scene.log()), WITHIN, "lost")
    await scene.rest()
    in_modal = "in the modal" if CARD in str(desk.slack.workspace.modals[ANN][-1].blocks) else ""
    directly = "directly" if since.count(CARD) else ""
    return " and ".join(filter(None, (in_modal, directly))) or "nothing"


async def home_tab(scene: Scene) -> str:
    """Open the Home tab."""
    desk = scene.desk
    desk.slack.workspace.homes.clear()
    scene.order()
    await desk.slack.open_home(ANN)
    await brought(scene)
    return "the Home tab" if "How to ask" in str(desk.slack.workspace.homes.get(ANN)) else "nothing"


def step_run(fax_id: str) -> Play:
    """Let a workflow come to our step."""

    async def play(scene: Scene) -> str:
        desk = scene.desk
        scene.order()
        run = await desk.slack.run_step(STEP, fax_id=fax_id)
        await brought(scene)
        return "outputs" if run.outputs else "an error" if run.error else "nothing"

    return play


async def late(scene: Scene) -> str:
    """Ask a fax server that takes its time: the answer goes to the response_url."""
    desk = scene.desk
    since = Since.now(desk)
    scene.order()
    assert (await desk.ask(slow_fax(desk))).acked
    return await at_response_url(scene, since)


async def details(scene: Scene) -> str:
    """Press "details": the answer goes to the response_url."""
    desk = scene.desk
    card = card_in(desk, SUPPORT, DETAILS, BUSY)
    since = Since.now(desk)
    scene.order()
    assert (await desk.slack.press(card, DETAILS, user=ANN)).acked
    return await at_response_url(scene, since)


async def at_response_url(scene: Scene, since: Since) -> str:
    """Wait for the answer, at a response_url or by direct message."""
    await until(lambda: CARD in since.told(ANN), WITHIN, "no answer")
    await scene.rest()
    places = ("privately" if one.channel == SUPPORT else "directly" for one in since.messages() if CARD in one.words)
    return " and ".join(places)


STEP_ON = {"FAXBOT_WORKFLOW_STEP": "yes"}
HASTY = 0.02
"""Seconds of patience, so that a slow answer is late."""
PATIENT = 1.5


@dataclass(frozen=True, slots=True)
class Call:
    """One call of the bot's: of which method, in which scene."""

    method: str
    play: Play
    patience: float = PATIENT
    settings: dict[str, str] = field(default_factory=dict)
    unhurried: bool = False
    """Whether Slack is given time to do what it was too slow to say, before it is asked whether it did."""
    own: bool = True
    """Whether every error that is documented for the method is played; another scene has all, where this has not."""
    common: bool = False
    """The same of the errors that are documented for every method; some scenes of each kind have all."""


CALLS = {
    "who we are, for a command": Call("auth.test", asking, common=True),
    "who somebody is, for a command": Call("users.info", asking, common=True),
    "who is in a group, for a command": Call(
        "usergroups.users.list", asking, settings={"FAXBOT_ALLOWED_USER_GROUPS": SUPPORT_GROUP}, common=True
    ),
    "what a channel is, for a mention": Call("conversations.info", where, common=True),
    "the reply to a mention": Call("chat.postMessage", mentioned(SUPPORT), own=False),
    "the reply to a direct message": Call("chat.postMessage", mentioned(ANN_DM), own=False),
    "a card for everybody": Call("chat.postMessage", shared, common=True),
    "the end of a watch": Call("chat.postMessage", watched(), unhurried=True, own=False),
    "a late answer by direct message": Call("chat.postMessage", last_resort, HASTY, own=False),
    "the private reply to a mention": Call("chat.postEphemeral", mentioned(SHARED)),
    "a preview": Call("chat.unfurl", linked),
    "a preview anew": Call("chat.unfurl", refreshed, own=False),
    "a flexpane": Call("entity.presentDetails", flexpane),
    "a card brought up to date": Call("chat.update", watched_card),
    "a direct message opened for a watch": Call("conversations.open", told_by_button, common=True),
    "a direct message opened for a late answer": Call("conversations.open", last_resort, HASTY, own=False),
    "a thread read, to sum it up": Call("conversations.replies", triaged),
    "a thread read, for our own reply": Call("conversations.replies", mentioned(ANN_DM, after=yes_is_lost), own=False),
    "a direct message read, for our own reply": Call("conversations.history", watched(after=yes_is_lost)),
    "a modal opened": Call("views.open", opened, common=True),
    "a modal opened on a message": Call("views.open", opened_on_a_message, own=False),
    "a modal changed": Call("views.update", answered_in_a_modal, HASTY),
    "the Home tab": Call("views.publish", home_tab),
    "the outputs of a step": Call("functions.completeSuccess", step_run(BUSY), settings=STEP_ON),
    "the error of a step": Call("functions.completeError", step_run("no id"), settings=STEP_ON),
    "a late answer": Call("response_url", late, HASTY),
    "the answer to a press": Call("response_url", details),
}
