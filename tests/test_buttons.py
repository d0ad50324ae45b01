"""Several ids, and the buttons: shared, refreshed and shown, each time under the policy, for whoever presses."""

import asyncio
import json
from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any

import pytest

from playground.slack.example import (
    ADMIN,
    ANN,
    ANN_DM,
    BOB,
    GUEST,
    HIDDEN,
    PENDING,
    RANDOM,
    SHARED,
    STRANGER,
    SUPPORT,
)
from playground.stonefax import Rule
from tests.conftest import BUSY, DOCUMENTED, UNKNOWN, Desk, Opening
from tests.presses import QUEUED, card, newest, pressed, share


async def test_several_ids_are_one_summary(desk: Desk) -> None:
    """A verdict, a line each in the order asked for with the next step for failures, and a button to each card."""
    desk.put(QUEUED, status="Queued", recipient={"name": "Clinica Esempio"})
    summary = (await desk.ask(f"{BUSY} {QUEUED} {DOCUMENTED} {UNKNOWN} {BUSY}")).shown[0]
    header, *rows = [block["text"]["text"] for block in summary.blocks if "text" in block]
    assert header == "4 faxes: 1 failed, 1 waiting, 1 delivered, 1 not found"
    assert summary.text == f"{header}."
    assert rows[0] == "❌ …6b7a_0 · Mario Rossi · the line was busy → send again now"
    assert rows[1] == "⏳ …0001_0 · Clinica Esempio · in the queue"
    assert rows[2] == "✅ …6a58_0 · Mario Rossi · delivered, 1 page"
    assert rows[3].startswith("❔ …0000_0 · not found: a wrong id")
    assert summary.buttons == ["Details", "Details", "Details"]
    assert "ref " in summary.blocks[-1]["elements"][0]["text"]


async def test_several_ids_are_fetched_side_by_side_and_one_failure_spoils_no_other(desk: Desk) -> None:
    """Ten that are slow take as long as one."""
    ids = [f"IAS-N1_401d6c8c000001{number}_0" for number in range(10)]
    for fax_id in ids:
        desk.put(fax_id, status="Completed")
        desk.fax_server.rule(fax_id, Rule(delay=0.15))
    desk.fax_server.rule(ids[3], Rule(status=500, delay=0.15))
    delivery = await desk.ask(" ".join(ids))
    assert "10 faxes: 9 delivered, 1 without an answer" in delivery.shown[0].words
    assert delivery.seconds < 0.4
    assert desk.fax_server.most_at_once == 10


async def test_more_than_ten_ids_are_said_to_be_cut(desk: Desk) -> None:
    """Nothing is passed over in silence."""
    ids = [f"IAS-N1_401d6c8c000001{number:02}_0" for number in range(12)]
    answer = await desk.asked(" ".join(ids))
    assert "10 faxes: 10 not found" in answer
    assert "I look up 10 at a time: 2 more were named and left out." in answer
    assert desk.fax_server.total == 10


async def test_details_of_a_row(desk: Desk) -> None:
    """The whole card, for the presser alone."""
    summary = (await desk.ask(f"{DOCUMENTED} {BUSY}")).shown[0]
    details = await pressed(desk, summary, "details_2")
    assert "Fax failed: the line was busy" in details.words
    assert details.seen_only_by == ANN


async def test_share_shows_everybody_what_others_may_see(desk: Desk) -> None:
    """Masked, without subject, sender and server user, with who shared it; the private card makes way."""
    private = await card(desk)
    everybody = await pressed(desk, private, "share")
    assert everybody.seen_only_by is None
    for told in ("the line was busy", "Mario Rossi, +39 ••• 678", f"shared by <@{ANN}>", f"`{BUSY}`"):
        assert told in everybody.words
    for hidden in ("1234", "Referral", "user1", "IAS-N1\n"):
        assert hidden not in everybody.words
    assert everybody.buttons == ["Show details"]
    await desk.slack.until(lambda: "Shared here" in desk.slack.workspace.seen_by(ANN, SUPPORT)[0].words)
    assert desk.slack.workspace.seen_by(BOB, SUPPORT)[-1].words == everybody.words


async def test_share_where_the_bot_is_no_member(desk: Desk) -> None:
    """In a public channel the response_url does it."""
    everybody = await share(desk, channel=RANDOM)
    assert "+39 ••• 678" in everybody.words
    assert not [call for call in desk.slack.calls if call.method == "chat.postMessage"]


@pytest.mark.parametrize(
    ("channel", "said"), [(HIDDEN, "/invite @Faxbot"), (ANN_DM, None), (SHARED, None), (PENDING, None)]
)
async def test_no_share_button_where_sharing_is_not_possible(desk: Desk, channel: str, said: str | None) -> None:
    """A private channel without the bot, a direct message, a channel shared with another organisation."""
    private = await card(desk, channel=channel)
    assert "Share to channel" not in private.buttons
    assert ("/invite @Faxbot" in private.words) == (said is not None)


async def test_a_channel_that_became_shared_outside_is_noticed_at_the_press(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A button from before still asks the policy; the five minutes of memory are cut short here."""
    private = await card(desk)
    desk.put(QUEUED, status="Queued")
    waiting = await share(desk, QUEUED)

    async def forgetful(_self: object, _key: str, ask: Callable[[], Coroutine[Any, Any, object]]) -> object:
        return await ask()

    monkeypatch.setattr("bot.slack.people.Kept.get", forgetful)
    workspace = desk.slack.workspace
    workspace.channels[SUPPORT] = replace(workspace.channels[SUPPORT], is_ext_shared=True)
    assert "I don't share faxes here" in (await pressed(desk, private, "share")).words
    assert "I don't share faxes here" in (await pressed(desk, waiting, "refresh")).words


async def test_show_details_of_a_shared_card_is_for_the_presser_alone(desk: Desk) -> None:
    """Somebody else in the channel sees the number in full, privately."""
    everybody = await share(desk)
    details = await pressed(desk, everybody, "details", user=BOB)
    assert details.seen_only_by == BOB
    assert "+39 06 1234 5678" in details.words
    assert "Referral letter" in details.words


@pytest.mark.parametrize(("user", "said"), [(GUEST, "not to guests"), (STRANGER, "nobody else")])
async def test_guests_and_strangers_get_nothing_from_a_button(desk: Desk, user: str, said: str) -> None:
    """Everybody who sees a button can press it."""
    everybody = await share(desk)
    desk.slack.workspace.join(SUPPORT, STRANGER)
    answer = await pressed(desk, everybody, "details", user=user)
    assert answer.seen_only_by == user
    assert said in answer.words
    assert "Rossi" not in answer.words


async def test_a_guest_gets_nothing_from_the_command(desk: Desk) -> None:
    """And is told whom to ask."""
    answer = (await desk.ask(BUSY, user=GUEST)).shown[0].words
    assert "not to guests. Ask an administrator." in answer
    assert "busy" not in answer


async def test_where_slack_does_not_say_who_asks_the_door_stays_closed(desk: Desk) -> None:
    """Once Slack answers again it opens: a failure is not remembered."""
    desk.slack.fail("users.info", times=1, status=500)
    assert "Slack cannot tell me right now who you are" in await desk.asked(BUSY)
    assert "the line was busy" in await desk.asked(BUSY)


async def test_where_slack_does_not_say_what_the_channel_is_the_answer_stays_private(desk: Desk) -> None:
    """Its own people are still answered."""
    desk.slack.fail("conversations.info", times=1, error="channel_not_found")
    private = await card(desk)
    assert "the line was busy" in private.words
    assert "Share to channel" not in private.buttons


async def test_people_and_channels_are_asked_about_once(desk: Desk) -> None:
    """Not at every look-up, and not once for each of many at once."""
    await asyncio.gather(*(desk.ask(BUSY) for _ in range(10)))
    asked = [call.method for call in desk.slack.calls]
    assert asked.count("users.info") == 1
    assert asked.count("conversations.info") == 1


async def test_refresh_replaces_a_private_card_until_it_is_final(desk: Desk) -> None:
    """In its place, with a new "as of"; when the fax is over, the button is gone."""
    desk.put(QUEUED, status="Queued")
    private = await card(desk, QUEUED)
    assert private.buttons == ["Share to channel", "Refresh", "Tell me when it is final"]
    desk.put(QUEUED, status="Completed")
    refreshed = await pressed(desk, private, "refresh")
    assert refreshed.ts == private.ts
    assert "Fax delivered" in refreshed.words
    assert refreshed.buttons == ["Share to channel"]


async def test_refresh_replaces_a_shared_card_for_everybody(desk: Desk) -> None:
    """Still masked, and still with who shared it, whoever presses."""
    desk.put(QUEUED, status="Queued", subject="Secret", recipient={"name": "Rossi", "faxNumber": "+39 06 1234 5678"})
    everybody = await share(desk, QUEUED)
    assert everybody.buttons == ["Show details", "Refresh", "Tell me when it is final"]
    refreshed = await pressed(desk, everybody, "refresh", user=BOB)
    assert refreshed.ts == everybody.ts
    assert refreshed.seen_only_by is None
    assert f"shared by <@{ANN}>" in refreshed.words
    assert "1234" not in refreshed.words
    assert "Secret" not in refreshed.words


async def test_a_refresh_that_fails_leaves_the_card(desk: Desk) -> None:
    """The presser is told why."""
    desk.put(QUEUED, status="Queued")
    everybody = await share(desk, QUEUED)
    desk.fax_server.rule(QUEUED, Rule(status=500))
    told = await pressed(desk, everybody, "refresh", user=BOB)
    assert told.seen_only_by == BOB
    assert "fault of its own" in told.words
    assert "waiting in the queue" in desk.slack.workspace.seen_by(BOB, SUPPORT)[0].words


async def test_buttons_survive_a_restart_of_the_bot(closed_desk: Desk) -> None:
    """All that they need is in their value."""
    async with Opening(closed_desk) as desk:
        private = await card(desk)
    async with Opening(closed_desk) as desk:
        everybody = await pressed(desk, private, "share")
        assert f"shared by <@{ANN}>" in everybody.words


async def test_button_values_hold_ids_alone(desk: Desk) -> None:
    """No number, name or subject."""
    private = await card(desk)
    everybody = await pressed(desk, private, "share")
    values = [element["value"] for message in (private, everybody) for _, element, _ in message.elements()]
    assert values == [f"1|{BUSY}", f"1|{BUSY}|{ANN}"]


@pytest.mark.parametrize("value", ["", "0|x", "1|../../x", "1|a..b", "2|" + BUSY, '{"id": 1}', f"1|{BUSY}|<!channel>"])
async def test_a_forged_or_outdated_value_is_said_to_be_one(desk: Desk, value: str) -> None:
    """Nothing is asked of the fax server, and nobody else sees anything."""
    private = await card(desk)
    before, asked = len(desk.slack.workspace.changes), desk.fax_server.total
    payload = (await desk.slack.press(private, "share", user=ANN)).payload
    await newest(desk, ANN, SUPPORT, before)
    before = len(desk.slack.workspace.changes)
    forged = json.loads(json.dumps(payload))
    forged["actions"][0]["value"] = value
    await desk.slack.send_interaction(forged)
    answer = await newest(desk, ANN, SUPPORT, before)
    while "no longer know this button" not in answer.words:
        before += 1
        answer = await newest(desk, ANN, SUPPORT, before)
    assert answer.seen_only_by == ANN
    assert desk.fax_server.total == asked


async def test_a_button_pressed_twice_shares_once(desk: Desk) -> None:
    """People double-click."""
    desk.fax_server.mood = Rule(delay=0.1)
    desk.put(QUEUED, status="Queued")
    private = await card(desk, QUEUED)
    await asyncio.gather(*(desk.slack.press(private, "share", user=ANN) for _ in range(2)))
    await desk.slack.until(lambda: desk.slack.response_posts)
    assert len([call for call in desk.slack.calls if call.method == "chat.postMessage"]) == 1


async def test_a_share_that_slack_refuses_is_told(desk: Desk) -> None:
    """And the private card stays."""
    private = await card(desk, user=ADMIN)
    desk.slack.fail("chat.postMessage", times=3, error="not_in_channel")
    told = await pressed(desk, private, "share", user=ADMIN)
    assert told.seen_only_by == ADMIN
    assert "/invite @Faxbot" in told.words


async def test_a_share_whose_answer_is_lost_is_not_posted_twice(desk: Desk) -> None:
    """Slack may have taken it before the connection broke."""
    private = await card(desk)
    desk.slack.fail("chat.postMessage", drop="after")
    await pressed(desk, private, "share")
    await desk.slack.until(lambda: desk.slack.response_posts)
    assert len([call for call in desk.slack.calls if call.method == "chat.postMessage"]) == 1


async def test_refresh_of_a_shared_card_is_closed_on_doubt(desk: Desk) -> None:
    """Where Slack does not say whether strangers read along by now, they learn nothing new."""
    desk.put(QUEUED, status="Queued")
    everybody = await share(desk, QUEUED)
    async with Opening(desk) as restarted:
        restarted.slack.fail("conversations.info", error="channel_not_found")
        told = await pressed(restarted, everybody, "refresh", user=BOB)
    assert told.seen_only_by == BOB


@pytest.mark.hurried
async def test_a_late_answer_as_a_direct_message_has_no_buttons(desk: Desk) -> None:
    """There they could not act."""
    desk.slack.fail("response_url", times=5, status=404)
    desk.put(QUEUED, status="Queued")
    desk.fax_server.rule(QUEUED, Rule(delay=0.6))
    await desk.ask(QUEUED)
    there = desk.slack.workspace.direct_message(ANN)
    message = await desk.slack.until(lambda: desk.slack.workspace.seen_by(ANN, there.id))
    assert message[-1].buttons == []


async def test_a_button_that_nobody_knows_any_more_is_said_to_be_one(desk: Desk) -> None:
    """And Slack shows no warning beside it."""
    private = await card(desk)
    payload = json.loads(json.dumps((await desk.slack.press(private, "share", user=ANN)).payload))
    payload["actions"][0]["action_id"] = "rewind"
    assert (await desk.slack.send_interaction(payload)).acked
    seen = desk.slack.workspace.seen_by
    await desk.slack.until(lambda: any("no longer know this button" in m.words for m in seen(ANN, SUPPORT)))


async def test_a_hint_where_several_faxes_failed_alike(desk: Desk) -> None:
    """On the card of the third number, and once below a summary."""
    ids = [f"IAS-N1_401d6c8c000000{number}_0" for number in range(3)]
    for number, fax_id in enumerate(ids):
        desk.put(fax_id, status="Failed", Q931Code=38, recipient={"faxNumber": f"+39 06 1234 567{number}"})
    assert "📡" not in await desk.asked(ids[0])
    assert "📡" not in await desk.asked(ids[1])
    hint = next(line for line in (await desk.asked(ids[2])).splitlines() if line.startswith("📡"))
    assert "probably the line, not this number" in hint
    assert "1234" not in hint
    assert (await desk.asked(" ".join(ids))).count("📡") == 1


async def test_the_open_button_is_acknowledged(closed_desk: Desk) -> None:
    """Else Slack would show a warning beside it."""
    closed_desk.settings["STONEFAX_FAX_PAGE"] = "https://fax.example.com/faxes/{id}"
    async with Opening(closed_desk) as desk:
        private = await card(desk)
        assert (await desk.slack.press(private, "open_page", user=ANN)).acked
    url = next(element["url"] for _, element, _ in private.elements() if "url" in element)
    assert url == f"https://fax.example.com/faxes/{BUSY}"
