"""Every way in under every rule of the policy: what the asker sees, and what everybody else sees.

One table; its ways are exactly the registered listeners. `all` is the card with the number in full, `masked` the card
as others may see it, `refused` a sentence that says why not, `-` nothing; None is what Slack itself does not allow.
"""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field, replace

import pytest
from slack_bolt.async_app import AsyncApp

from bot.cards.buttons import DETAILS, REFRESH, SHARE, STOP, WATCH, Pressed, button, written
from bot.cards.entity import PANE_REFRESH, PANE_WATCH
from playground.slack import Message
from playground.slack.example import (
    ADMIN,
    ANN,
    ANN_DM,
    BOB,
    BOT,
    GUEST,
    RANDOM,
    SHARED,
    STRANGER,
    SUPPORT,
    SUPPORT_GROUP,
)
from tests.conftest import BUSY, QUICK, Desk, Opening
from tests.panes import LINK, held_open, placed, pressed_in_pane

REFUSALS = ("Faxes are shown", "Faxes can't be looked up", "I don't share faxes here", "/invite @Faxbot")
ALL, MASKED, REFUSED, NOTHING = "all", "masked", "refused", "-"
Seen = tuple[str, str] | None


@dataclass(frozen=True, slots=True)
class Case:
    """Who asks where, under which settings."""

    user: str
    channel: str
    settings: dict[str, str] = field(default_factory=dict)
    group: tuple[str, ...] = (ANN, ADMIN)
    info_fails: bool = False


IN_GROUP = {"FAXBOT_ALLOWED_USER_GROUPS": SUPPORT_GROUP}
CASES = {
    "own member": Case(ANN, SUPPORT),
    "guest": Case(GUEST, SUPPORT),
    "guest in a listed group": Case(GUEST, SUPPORT, IN_GROUP, group=(ADMIN, GUEST)),
    "other organisation": Case(STRANGER, SHARED),
    "channel shared with one": Case(ANN, SHARED),
    "conversations.info failing": Case(ANN, SUPPORT, info_fails=True),
    "channel not allowed": Case(ANN, SUPPORT, {"FAXBOT_ALLOWED_CHANNELS": RANDOM}),
    "group not allowed": Case(ANN, SUPPORT, IN_GROUP, group=(ADMIN,)),
    "both hold": Case(ANN, SUPPORT, {"FAXBOT_ALLOWED_CHANNELS": SUPPORT, **IN_GROUP}),
    "direct message": Case(ANN, ANN_DM),
    "direct message under allowed channels": Case(ANN, ANN_DM, {"FAXBOT_ALLOWED_CHANNELS": SUPPORT}),
    "direct message under both": Case(ANN, ANN_DM, {"FAXBOT_ALLOWED_CHANNELS": SUPPORT, **IN_GROUP}),
}


async def by_command(desk: Desk, case: Case) -> None:
    """Type `/fax`."""
    await desk.ask(BUSY, user=case.user, channel=case.channel)


async def by_mention(desk: Desk, case: Case) -> None:
    """Mention the bot, or write to it."""
    await desk.slack.post(case.user, case.channel, f"<@{BOT}> {BUSY}")


async def by_link(desk: Desk, case: Case) -> None:
    """Paste a link."""
    await desk.slack.post(case.user, case.channel, f"https://fax.example.com/{BUSY}")


async def by_message_shortcut(desk: Desk, case: Case) -> None:
    """Choose "Look up fax" in the menu of a message."""
    there = desk.slack.workspace.new_ts()
    message = desk.slack.workspace.say(Message(case.channel, there, case.user, f"fax {BUSY}"))
    delivery = await desk.slack.message_shortcut(message, "look_up_fax", user=case.user)
    await desk.late(delivery)


async def by_modal(desk: Desk, case: Case) -> None:
    """Choose "Look up a fax", and fill the modal."""
    await desk.slack.shortcut("look_up_a_fax", user=case.user)
    view = (await desk.slack.until(lambda: desk.slack.workspace.modals.get(case.user, [])))[-1]
    await desk.slack.submit(view, {"ids": {"ids": {"type": "plain_text_input", "value": BUSY}}})


async def by_home(desk: Desk, case: Case) -> None:
    """Open the Home tab."""
    await desk.slack.open_home(case.user)


def by_button(action: str) -> Callable[[Desk, Case], Awaitable[None]]:
    """Press a button on a card that everybody sees, from a time when it could be shared."""

    async def press(desk: Desk, case: Case) -> None:
        blocks = [{"type": "actions", "elements": [button(action, "Press", Pressed(BUSY, BOB))]}]
        ts = desk.slack.workspace.new_ts()
        card = desk.slack.workspace.say(Message(case.channel, ts, BOT, "a card", blocks, by_app=True))
        before = len(desk.slack.workspace.changes)
        await desk.slack.press(card, action, user=case.user)
        await desk.slack.until(lambda: len(desk.slack.workspace.changes) > before)

    return press


async def by_flexpane(desk: Desk, case: Case) -> None:
    """Open the flexpane of a Work Object, from a time when it could be shown there."""
    await desk.slack.open_entity(case.user, placed(desk, channel=case.channel), LINK)


def by_pane(action: str) -> Callable[[Desk, Case], Awaitable[None]]:
    """Press a button of an open flexpane."""

    async def press(desk: Desk, case: Case) -> None:
        held_open(desk, case.user, action, written(Pressed(BUSY)), channel=case.channel)
        await pressed_in_pane(desk, action, user=case.user)

    return press


WAYS = {
    "command": by_command,
    "home": by_home,
    "details": by_button(DETAILS),
    "flexpane": by_flexpane,
    "pane refresh": by_pane(PANE_REFRESH),
    "pane tell me": by_pane(PANE_WATCH),
    "refresh": by_button(REFRESH),
    "share": by_button(SHARE),
    "stop": by_button(STOP),
    "tell me": by_button(WATCH),
    "link": by_link,
    "mention": by_mention,
    "message shortcut": by_message_shortcut,
    "modal": by_modal,
}

PRIVATE: Seen = (ALL, NOTHING)
PUBLIC: Seen = (MASKED, MASKED)
NOT: Seen = (REFUSED, NOTHING)
SILENT: Seen = (NOTHING, NOTHING)
ALONE = ("command", "details", "flexpane", "message shortcut", "modal", "pane refresh", "pane tell me", "tell me")
FOR_ALL = ("refresh", "share", "mention")


def expected(alone: Seen, for_all: Seen, link: Seen, **others: Seen) -> dict[str, Seen]:
    """Give a column of the table: ways that answer the asker alone, ways that everybody reads, and the link."""
    column = dict.fromkeys(ALONE, alone) | dict.fromkeys(FOR_ALL, for_all)
    column |= {"link": link, "stop": SILENT, "home": SILENT}
    return column | {name.replace("_", " "): seen for name, seen in others.items()}


TABLE = {
    "own member": expected(PRIVATE, PUBLIC, PUBLIC),
    "guest": expected(NOT, NOT, SILENT, home=NOT),
    "guest in a listed group": expected(PRIVATE, PUBLIC, PUBLIC),
    "other organisation": expected(NOT, NOT, SILENT, command=None, message_shortcut=None, modal=None, home=None),
    "channel shared with one": expected(PRIVATE, NOT, SILENT, mention=PRIVATE),
    "conversations.info failing": expected(PRIVATE, NOT, SILENT, mention=PRIVATE),
    "channel not allowed": expected(NOT, NOT, SILENT),
    "group not allowed": expected(NOT, NOT, SILENT, home=NOT),
    "both hold": expected(PRIVATE, PUBLIC, PUBLIC),
    "direct message": expected(PRIVATE, NOT, PRIVATE, refresh=PRIVATE, mention=PRIVATE),
    "direct message under allowed channels": expected(NOT, NOT, NOT),
    "direct message under both": expected(PRIVATE, NOT, PRIVATE, refresh=PRIVATE, mention=PRIVATE),
}


def level(texts: Iterable[str]) -> str:
    """Say what somebody sees in these texts."""
    text = "\n".join(texts)
    if any(private in text for private in ("1234 5678", "Referral letter", "user1")):
        return ALL
    if "+39 ••• 678" in text:
        return MASKED
    return REFUSED if any(refusal in text for refusal in REFUSALS) else NOTHING


def seen_by(desk: Desk, user: str, channel: str) -> str:
    """Say what somebody sees of the fax: in the channel, its threads, below links, in a modal and in the Home tab."""
    workspace = desk.slack.workspace
    if not workspace.can_see(user, channel):
        return NOTHING
    there = [workspace.find(channel, ts) for ts in {change.message.ts for change in workspace.changes}]
    answers = [message for message in there if message and (message.user == BOT or message.unfurls)]
    visible = [message for message in answers if message.seen_only_by in {None, user}]
    homes = [home for home in [workspace.homes.get(user)] if home]
    views = [str(view.blocks) for view in [*workspace.modals.get(user, []), *homes]]
    panes = [pane.words() for pane in desk.slack.panes.open.values() if pane.user == user]
    return level([*(f"{message.words} {message.unfurls}" for message in visible), *views, *panes])


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("case_name", CASES)
async def test_who_sees_what(closed_desk: Desk, case_name: str, way: str) -> None:
    """The cell of this way and case."""
    case, cell = CASES[case_name], TABLE[case_name][way]
    if cell is None:
        pytest.skip("Slack itself does not let strangers do that")
    closed_desk.settings.update(case.settings)
    closed_desk.timing = replace(QUICK, patience=1.0)
    workspace = closed_desk.slack.workspace
    workspace.user_groups[SUPPORT_GROUP] = replace(workspace.user_groups[SUPPORT_GROUP], users=case.group)
    async with Opening(closed_desk) as desk:
        if case.info_fails:
            desk.slack.fail("conversations.info", times=20, error="channel_not_found")
        await WAYS[way](desk, case)
    others = BOB if case.user != BOB else ADMIN
    assert (seen_by(desk, case.user, case.channel), seen_by(desk, others, case.channel)) == cell


def test_the_table_is_whole() -> None:
    """Each way in each case."""
    assert set(TABLE) == set(CASES)
    assert all(set(column) == set(WAYS) for column in TABLE.values())


LISTENED_TO = {
    "command": {"command"},
    "action": {
        "details",
        "refresh",
        "pane refresh",
        "pane tell me",
        "share",
        "open page",
        "tell me",
        "stop",
        "stop in a list",
        "stop in a row",
        "stop in the home tab",
        "examine everything",
        "any other",
    },
    "event": {"home", "mention", "direct message", "link", "flexpane", "any other"},
    "shortcut": {"message shortcut", "modal"},
    "view": {"modal"},
    "function": {"workflow step"},
}
"""What is registered with Bolt, by kind; a mention and a direct message are one way in the table.

Nobody asks in a workflow: `tests/test_workflow.py` has what comes out of it.
"""


async def test_the_ways_are_exactly_those_that_are_listened_to(
    closed_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A listener more, and this table must know of it: every registration is counted as it is made."""
    registered: dict[str, int] = {}

    def counting(kind: str, register: Callable[..., object]) -> Callable[..., object]:
        def count(*arguments: object, **named: object) -> object:
            registered[kind] = registered.get(kind, 0) + 1
            return register(*arguments, **named)

        return count

    for kind, names in REGISTERING.items():
        for name in names:
            monkeypatch.setattr(AsyncApp, name, counting(kind, getattr(AsyncApp, name)))
    async with Opening(closed_desk):
        pass
    assert registered == {kind: len(ways) for kind, ways in LISTENED_TO.items()}


REGISTERING = {
    "command": ("command",),
    "action": ("action", "block_action"),
    "event": ("event", "message"),
    "shortcut": ("message_shortcut", "global_shortcut"),
    "view": ("view_submission", "view_closed"),
    "function": ("function",),
}
