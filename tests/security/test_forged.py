"""Forged and replayed presses, forged metadata and hostile words: nobody gains by them what they may not see or do."""

import copy
import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
from io import StringIO
from typing import Any

import pytest

from playground.slack import Delivery, Message
from playground.slack.example import (
    ANN,
    BOB,
    BOT,
    GUEST,
    HIDDEN,
    OTHER_TEAM,
    PRIVATE,
    RANDOM,
    SHARED,
    STRANGER,
    SUPPORT,
)
from playground.slack.rules import objects_in
from playground.slack.views import View
from playground.stonefax.server import OUTBOUND
from tests.conftest import BUSY, Desk, Opening
from tests.presses import QUEUED, card, newest, pressed, share
from tests.test_ways import WAYS, Case

NUMBER, SUBJECT = "1234 5678", "Referral letter"
SINGLE = ("details", "refresh", "share", "watch", "unwatch", "details_1", "unwatch_1", "unwatch_listed_1")
NOT_OURS = (
    "",
    "1|",
    f"2|{BUSY}",
    BUSY,
    "1|../../Mine",
    "1|..%2f..%2fMine",
    "1|%2e%2e",
    "1|a..b",
    f"1|{BUSY}/../../x",
    f"1|{BUSY}\n",
    f"1|{BUSY}?x",
    f"1|{BUSY}\x00",
    f"1|{BUSY}|<!channel>",
    f"1|{BUSY}||١٢٣.٤٥",
    f"1|{BUSY}|{BOB}|1.1|1.1",
    json.dumps({"fax_id": BUSY}),
    "1|" + "a" * 10_000,
    f"1|{BUSY}|" + "U" * 10_000,
    "0" * 10_000,
)
"""Values that no card of this version has."""


def forged(desk: Desk, action: str, value: str, *, channel: str = SUPPORT, thread_ts: str | None = None) -> Message:
    """Let there be a message of ours with a button of this value."""
    label = {"type": "plain_text", "text": "Press"}
    blocks = [{"type": "actions", "elements": [{"type": "button", "action_id": action, "text": label, "value": value}]}]
    ts = desk.slack.workspace.new_ts()
    return desk.slack.workspace.say(Message(channel, ts, BOT, "a card", blocks, thread_ts=thread_ts, by_app=True))


async def again(desk: Desk, delivery: Delivery, **changes: Any) -> Delivery:  # noqa: ANN401 - any JSON
    """Send a press again, with other values in it."""
    return await desk.slack.send_interaction({**copy.deepcopy(delivery.payload), **changes})


def shown_since(desk: Desk, before: int) -> list[Message]:
    """Give what has been shown since then."""
    return [change.message for change in desk.slack.workspace.changes[before:] if change.kind != "deleted"]


def told(messages: list[Message]) -> str:
    """Give all that these say."""
    return "\n".join(f"{one.text} {one.words} {one.unfurls}" for one in messages)


async def settled(desk: Desk, user: str = ANN) -> None:
    """Wait until everything that was begun before is done: one more question goes the same way."""
    before = len(desk.slack.workspace.changes)
    await desk.slack.press(forged(desk, "settled", "settled", channel=SUPPORT), "settled", user=user)
    await desk.slack.until(lambda: "no longer know" in told(shown_since(desk, before)))


@pytest.mark.parametrize("action", SINGLE)
async def test_a_value_that_is_not_ours_is_not_acted_on(desk: Desk, action: str) -> None:
    """Whatever the button: the presser is told to ask again, and the fax server is asked nothing."""
    for value in NOT_OURS:
        before = len(desk.slack.workspace.changes)
        delivery = await desk.slack.press(forged(desk, action, value), action, user=BOB)
        assert delivery.acked
        answer = await newest(desk, BOB, SUPPORT, before + 1)
        assert "I no longer know this button" in answer.words, value[:80]
        assert answer.seen_only_by == BOB
    assert not desk.fax_server.requests


@pytest.mark.parametrize("action", ["details", "refresh", "share", "watch"])
async def test_the_server_is_asked_for_one_fax_alone_and_only_a_fax_is_shown(desk: Desk, action: str) -> None:
    """`Mine` would be the list of the account's own faxes: no id can climb, and no list is a card."""
    desk.put("IAS-N1_401d6c8c0000009_0", username="faxbot", status="Queued", subject="of the account's own")
    before = len(desk.slack.workspace.changes)
    await desk.slack.press(forged(desk, action, "1|Mine"), action, user=BOB)
    answer = await newest(desk, BOB, SUPPORT, before + 1)
    assert "own" not in answer.words.replace("its own", "")
    assert {request.raw_path for request in desk.fax_server.requests} == {OUTBOUND + "Mine"}


REFUSED = "Faxes are shown to"


@pytest.mark.parametrize("action", ["details", "refresh", "share", "watch"])
@pytest.mark.parametrize(
    ("user", "team", "channel"),
    [(GUEST, "T0000FAXTEAM", SUPPORT), (STRANGER, OTHER_TEAM, SHARED), (STRANGER, "T0000FAXTEAM", SUPPORT)],
)
async def test_a_press_replayed_by_somebody_else_is_theirs(
    desk: Desk, action: str, user: str, team: str, channel: str
) -> None:
    """Who they are is asked of Slack, whatever team the payload claims; an answer at Ann's address is a refusal too."""
    private = await card(desk, QUEUED if action == "watch" else BUSY, channel=channel)
    await pressed(desk, forged(desk, action, f"1|{BUSY}", channel=channel), action)
    delivery = desk.slack.deliveries[-1]
    before = len(desk.slack.workspace.changes)
    await again(desk, delivery, user={"id": user, "team_id": team})
    await desk.slack.until(lambda: REFUSED in told(shown_since(desk, before)))
    assert NUMBER not in told(shown_since(desk, before))
    assert SUBJECT not in told(shown_since(desk, before))
    assert desk.slack.workspace.find(private.channel, private.ts) == private


async def test_a_press_replayed_at_somebody_elses_address_is_answered_there(desk: Desk) -> None:
    """Bob gains nothing by Ann's response_url: what comes of it, Ann sees."""
    await pressed(desk, await share(desk), "details")
    delivery = desk.slack.deliveries[-1]
    before = len(desk.slack.workspace.changes)
    await again(desk, delivery, user={"id": BOB, "team_id": "T0000FAXTEAM"})
    await desk.slack.until(lambda: shown_since(desk, before))
    assert {one.seen_only_by for one in shown_since(desk, before)} == {ANN}


async def test_an_address_that_is_nobodys_leads_to_the_presser(desk: Desk) -> None:
    """By direct message."""
    await pressed(desk, await share(desk), "details")
    delivery = desk.slack.deliveries[-1]
    before = len(desk.slack.workspace.changes)
    await again(desk, delivery, response_url=f"{desk.slack.base_url}/actions/T1/1/never-given")
    await desk.slack.until(lambda: shown_since(desk, before))
    assert {one.channel for one in shown_since(desk, before)} == {desk.slack.workspace.direct_message(ANN).id}


async def test_a_press_replayed_after_the_rules_have_changed_is_refused(closed_desk: Desk) -> None:
    """A card outlives its permission, and its buttons do not."""
    async with Opening(closed_desk) as desk:
        deliveries = []
        for action in ("details", "share", "watch"):
            await pressed(desk, forged(desk, action, f"1|{BUSY}"), action, user=BOB)
            deliveries.append(desk.slack.deliveries[-1])
    closed_desk.settings["FAXBOT_ALLOWED_CHANNELS"] = RANDOM
    async with Opening(closed_desk) as desk:
        for delivery in deliveries:
            before = len(desk.slack.workspace.changes)
            await again(desk, delivery)
            await desk.slack.until(lambda before=before: shown_since(desk, before))  # type: ignore[misc] # mypy's lambda
            assert "can't be looked up in this channel" in told(shown_since(desk, before))


async def test_nobody_stops_what_somebody_else_watches(desk: Desk) -> None:
    """By a forged value, by Ann's own button pressed again as Bob, by the command."""
    desk.put(QUEUED, status="Queued")
    begun = await pressed(desk, await card(desk, QUEUED), "watch")
    stop = forged(desk, "unwatch", f"1|{QUEUED}|{ANN}")
    assert "You are not watching" in (await pressed(desk, stop, "unwatch", user=BOB)).words
    await desk.ask(f"unwatch {QUEUED}", user=BOB)
    assert "1 fax" in await desk.asked("watches")
    delivery = await desk.slack.press(begun, "unwatch", user=ANN)
    await desk.slack.until(lambda: "will not be told" in told(shown_since(desk, 0)))
    await desk.ask(f"watch {QUEUED}")
    await again(desk, delivery, user={"id": BOB, "team_id": "T0000FAXTEAM"})
    await settled(desk, BOB)
    assert "1 fax" in await desk.asked("watches")


async def test_a_sharer_and_a_thread_in_a_value_open_no_other_place(desk: Desk) -> None:
    """A name is shown as claimed, and nothing else; a thread of another channel is none here."""
    elsewhere = desk.slack.workspace.say(Message(PRIVATE, desk.slack.workspace.new_ts(), ANN, "a private matter"))
    value = f"1|{BUSY}|UNOBODY1|{elsewhere.ts}"
    for action in ("details", "share", "refresh"):
        before = len(desk.slack.workspace.changes)
        await desk.slack.press(forged(desk, action, value), action, user=BOB)
        await settled(desk)
        seen = [one for one in shown_since(desk, before) if one.seen_only_by is None]
        assert NUMBER not in told([one for one in seen if one.channel != desk.slack.workspace.direct_message(BOB).id])
        assert all(one.channel in {SUPPORT, desk.slack.workspace.direct_message(BOB).id} for one in seen)
    assert desk.slack.workspace.replies(PRIVATE, elsewhere.ts) == []


METADATA = (
    "",
    SUPPORT,
    HIDDEN,
    "D0000000000",
    "../..",
    "%2e%2e",
    '{"channel":"C1"}',
    "C" * 10_000,
    f"{SUPPORT}\n",
    "\x00",
)


async def submitted(desk: Desk, user: str, metadata: str) -> str:
    """Fill the modal of the shortcut, with metadata that we did not write, and give what it shows."""
    ids = {"ids": {"ids": {"type": "plain_text_input", "value": BUSY}}}
    shown = {"id": "V1", "type": "modal", "callback_id": "look_up_fax", "private_metadata": metadata, "blocks": []}
    payload = {
        **desk.slack.payloads.interaction("view_submission", user, desk.slack.triggers.give(user)),
        "view": {**shown, "state": {"values": ids}, "team_id": "T0000FAXTEAM"},
        "response_urls": [],
    }
    return (await desk.slack.send_interaction(payload)).body.decode()


@pytest.mark.parametrize("metadata", METADATA)
async def test_forged_metadata_of_a_modal_opens_nothing(closed_desk: Desk, metadata: str) -> None:
    """It says where the modal was opened, not who somebody is, and a place that is not allowed stays so."""
    async with Opening(closed_desk) as desk:
        before = len(desk.slack.workspace.changes)
        assert REFUSED in await submitted(desk, GUEST, metadata)
        assert REFUSED in await submitted(desk, STRANGER, metadata)
        assert NUMBER in await submitted(desk, ANN, metadata)
        assert shown_since(desk, before) == []
    closed_desk.settings["FAXBOT_ALLOWED_CHANNELS"] = RANDOM
    async with Opening(closed_desk) as desk:
        assert NUMBER not in await submitted(desk, ANN, metadata)


HOSTILE = {
    "mentions and links": f"<!channel> <!here|x> <@{BOB}> <#{SUPPORT}> <https://evil.example|Open> https://evil.example",
    "markup": "*b* _i_ ~s~ `c` ```x```\n> quote",
    "escaped already": "&lt;!channel&gt; &amp;lt;!here&amp;gt;",
    "control characters": "a\x00\x07\x1b[31m\x7f\x85\x9b31m\x9d0;t\x07\r\nb",
    "marks of direction": "a\u202egnp.fdp\u202c \u2066b\u2069 \u200fc\u200e \u061cd \u2028e",
    "Block Kit": '{"type":"section","text":{"type":"mrkdwn","text":"<!here>"}}],"blocks":[{"type":"divider"}',
    "a line of the log": 'x\n{"event": "forged", "level": "error"}\r\n2026-11-24 [error] forged',
    "a template": "{id} {admin} {0.__class__} %s ${jndi:ldap://x} {{7*7}}",
    "much": "<!channel>" * 500,
}
OUR_OWN = re.compile(r"<@[UW][A-Z0-9]+>|<#C[A-Z0-9]+>|<!date\^\d+\^[^|<>]*\|[^<>]*>")
KNOWN = re.compile(r"details(_\d+)?|share|refresh|watch|unwatch(_\w+)?|ids")
FIELDS = ("username", "subject", "serverName", "detailedStatus", "failureReason", "faxId")


def unseen(character: str) -> bool:
    """Say whether a character moves a cursor or turns the direction of what follows; a line's end does neither."""
    turns = unicodedata.bidirectional(character) in {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
    return turns or character in "\u061c\u200e\u200f" or (unicodedata.category(character) == "Cc" and character != "\n")


def texts_of(message: Message) -> Iterator[Mapping[str, Any]]:
    """Give every text object of a message and its previews, and its own text as mrkdwn."""
    if message.by_app:
        yield {"type": "mrkdwn", "text": message.text, "verbatim": True}
    for blocks in (message.blocks, *message.unfurls.values()):
        for _, found in objects_in(json.loads(json.dumps(list(blocks))), ""):
            assert found.get("type") in {
                "header",
                "section",
                "context",
                "actions",
                "button",
                "plain_text",
                "mrkdwn",
                None,
            }
            assert "action_id" not in found or KNOWN.fullmatch(found["action_id"])
            assert "url" not in found
            if isinstance(found.get("text"), str):
                yield found


@pytest.mark.parametrize("kind", HOSTILE)
async def test_hostile_words_in_every_field_are_inert_by_every_way_in(desk: Desk, logged: StringIO, kind: str) -> None:
    """No mention, no link, no block, no line of the log, nothing turned around: words are words."""
    hostile, before = HOSTILE[kind], len(desk.slack.workspace.changes)
    modals: list[View] = []
    fax = dict.fromkeys(FIELDS, hostile) | {"recipient": [{"name": hostile, "faxNumber": hostile}] * 2}
    for status in (f"x {hostile}", "Failed"):
        desk.fax_server.put(BUSY, {**fax, "status": status})
        for way in WAYS.values():
            await way(desk, Case(ANN, SUPPORT))
        await desk.ask(f"{BUSY} {QUEUED}")
        modals += desk.slack.workspace.modals.pop(ANN)
    await settled(desk)
    ours = [one for one in shown_since(desk, before) if one.by_app or one.unfurls]
    ours += [Message("", "", BOT, "", view.blocks, by_app=True) for view in modals]
    objects = [found for message in ours if message.text != "a card" for found in texts_of(message)]
    assert len(objects) > 200
    for found in objects:
        if found["type"] == "mrkdwn":
            assert found.get("verbatim") is True
            assert "<" not in OUR_OWN.sub("", found["text"]), found
        assert not [one for one in found["text"] if unseen(one)], found
    assert not any({"parse", "link_names"} & call.arguments.keys() for call in desk.slack.calls)
    events = [json.loads(line)["event"] for line in logged.getvalue().splitlines()]
    assert "looked_up" in events
    assert "forged" not in events
