"""Mentions and direct messages: the answer stands where it was asked, as whoever reads there may see it."""

import pytest

from playground.slack import Message
from playground.slack.example import ANN, ANN_DM, BOT, GUEST, PENDING, PRIVATE, SHARED, STRANGER, SUPPORT
from playground.stonefax import Rule
from tests.conftest import BUSY, DOCUMENTED, UNKNOWN, Desk, Opening

FAXBOT = f"<@{BOT}>"
HISTORY = frozenset({"channels:history", "groups:history", "mpim:history"})


async def asked(
    desk: Desk, text: str, *, user: str = ANN, channel: str = SUPPORT, thread_ts: str | None = None
) -> Message:
    """Write a message, and give what the asker sees as the answer to it."""
    message = await desk.slack.post(user, channel, text, thread_ts=thread_ts)

    def answers() -> list[Message]:
        said = [change.message for change in desk.slack.workspace.changes if change.message.user == BOT]
        there = [m for m in said if m.channel == channel and float(m.ts) > float(message.ts)]
        return [m for m in there if m.seen_only_by in {None, user}]

    return (await desk.slack.until(answers))[-1]


async def test_a_mention_is_answered_in_its_thread_as_others_may_see_it(desk: Desk) -> None:
    """Masked, with the details for whoever presses, and a sentence for screen readers."""
    answer = await asked(desk, f"{FAXBOT} what became of {BUSY}?")
    assert answer.seen_only_by is None
    assert answer.is_reply
    assert "the line was busy" in answer.words
    assert "+39 ••• 678" in answer.words
    assert "Referral" not in answer.words
    assert answer.buttons == ["Show details"]
    assert answer.text.startswith("Fax to Mario Rossi failed: the line was busy.")


async def test_a_mention_within_a_thread_is_answered_there(desk: Desk) -> None:
    """Not in a new one."""
    root = await desk.slack.post(ANN, SUPPORT, "did the fax to the clinic go through?")
    answer = await asked(desk, f"{FAXBOT} {BUSY}", thread_ts=root.ts)
    assert answer.thread_ts == root.ts


async def test_several_ids_are_one_summary(desk: Desk) -> None:
    """In the order asked for."""
    answer = await asked(desk, f"{FAXBOT} {DOCUMENTED} and {BUSY}")
    assert answer.text == "2 faxes: 1 failed, 1 delivered."


@pytest.mark.parametrize("text", [FAXBOT, f"{FAXBOT} hello", f"{FAXBOT} triage"])
async def test_without_an_id_it_helps_privately(desk: Desk, text: str) -> None:
    """How to ask here, without bothering others, and where it is shown: a thread of one message shows nothing so."""
    answer = await asked(desk, text)
    assert answer.seen_only_by == ANN
    assert answer.thread_ts is None
    assert "Name a fax by its id" in answer.words


@pytest.mark.parametrize("channel", [SHARED, PENDING])
async def test_where_strangers_may_read_along_the_answer_is_private(desk: Desk, channel: str) -> None:
    """Our own people are answered all the same, with everything."""
    answer = await asked(desk, f"{FAXBOT} {BUSY}", channel=channel)
    assert answer.seen_only_by == ANN
    assert "+39 06 1234 5678" in answer.words


async def test_where_slack_does_not_say_the_answer_is_private(desk: Desk) -> None:
    """Closed on doubt."""
    desk.slack.fail("conversations.info", times=2, status=500)
    assert (await asked(desk, f"{FAXBOT} {BUSY}")).seen_only_by == ANN


async def test_a_guest_is_told_why_not_and_nobody_else_is(desk: Desk) -> None:
    """Privately."""
    answer = await asked(desk, f"{FAXBOT} {BUSY}", user=GUEST)
    assert answer.seen_only_by == GUEST
    assert "not to guests" in answer.words


async def test_a_fault_of_the_fax_server_is_told_without_its_own_words(desk: Desk) -> None:
    """Others read along, and nobody knows what those quote."""
    desk.fax_server.rule(BUSY, Rule(status=403, reason="Mario Rossi may not"))
    answer = await asked(desk, f"{FAXBOT} {BUSY}")
    assert "may not read other people's faxes" in answer.words
    assert "Rossi" not in answer.words


async def test_a_direct_message_is_answered_with_everything(desk: Desk) -> None:
    """Nobody else reads it."""
    answer = await asked(desk, f"and {BUSY}?", channel=ANN_DM)
    assert "+39 06 1234 5678" in answer.words
    assert "Referral letter" in answer.words
    assert answer.buttons == []


async def test_a_card_in_a_direct_message_can_be_refreshed(desk: Desk) -> None:
    """It takes its own place, still with everything."""
    desk.put(UNKNOWN, status="Queued", subject="Referral")
    answer = await asked(desk, UNKNOWN, channel=ANN_DM)
    desk.put(UNKNOWN, status="Completed", subject="Referral")
    before = len(desk.slack.workspace.changes)
    await desk.slack.press(answer, "refresh", user=ANN)
    changes = await desk.slack.until(lambda: desk.slack.workspace.changes[before:])
    assert "Fax delivered" in changes[0].message.words
    assert "Referral" in changes[0].message.words


async def test_a_message_with_a_file_is_answered_too(desk: Desk) -> None:
    """People attach the confirmation page."""
    message = desk.slack.workspace.say(Message(ANN_DM, desk.slack.workspace.new_ts(), ANN, BUSY))
    event = {"type": "message", "subtype": "file_share", "channel_type": "im", "channel": ANN_DM, "user": ANN}
    await desk.slack.send_event({**event, "ts": message.ts, "text": BUSY})
    assert "the line was busy" in desk.slack.workspace.changes[-1].message.words


async def test_a_stranger_gets_neither_triage_nor_help(desk: Desk) -> None:
    """Nothing is read for them, and nothing told."""
    for text in (f"{FAXBOT} triage", f"{FAXBOT} hello"):
        root = await desk.slack.post(ANN, SHARED, BUSY)
        answer = await asked(desk, text, user=STRANGER, channel=SHARED, thread_ts=root.ts)
        assert answer.seen_only_by == STRANGER
        assert "nobody else" in answer.words
    assert not [call for call in desk.slack.calls if call.method == "conversations.replies"]


async def test_pictures_are_no_faxes(desk: Desk) -> None:
    """Slack's own addresses of pictures have names that look like ids."""
    desk.slack.grant.scopes |= HISTORY
    root = await desk.slack.post(
        ANN, SUPPORT, f"{BUSY} https://avatars.example.com/792213712182_7d1a1f5ef1d9d8a3d4b1_48.png"
    )
    answer = await asked(desk, f"{FAXBOT} triage", thread_ts=root.ts)
    assert answer.text.startswith("Fax to Mario Rossi failed")


async def test_an_answer_that_was_posted_though_the_connection_broke_is_not_posted_again(closed_desk: Desk) -> None:
    """Where we may read: its mark is found when Slack brings the event again."""
    closed_desk.slack.retry_pauses = (0.1, 0.1, 0.1)
    async with Opening(closed_desk) as desk:
        desk.slack.fail("chat.postMessage", times=1, drop="after")
        await desk.slack.post(ANN, ANN_DM, BUSY)
        await desk.slack.until(lambda: desk.slack.deliveries[-1].status == 200)
    assert [delivery.status for delivery in closed_desk.slack.deliveries] == [503, 200]
    assert sum(call.method == "chat.postMessage" for call in closed_desk.slack.calls) == 1


async def test_our_own_messages_are_not_answered(desk: Desk) -> None:
    """Nor those of other bots."""
    event = {"type": "message", "channel_type": "im", "channel": ANN_DM, "ts": "1.2", "text": BUSY}
    for extra in ({"user": BOT, "bot_id": "B1"}, {"user": ANN, "subtype": "message_changed"}, {"bot_id": "B2"}):
        assert (await desk.slack.send_event({**event, **extra})).status == 200
    assert desk.fax_server.total == 0


@pytest.mark.parametrize("problem", ["is_archived", "restricted_action_read_only_channel"])
async def test_where_we_may_not_write_the_answer_comes_as_a_direct_message(desk: Desk, problem: str) -> None:
    """Once, saying why, with no more than was meant for the channel, and without buttons."""
    desk.slack.fail("chat.postMessage", times=1, error=problem)
    await desk.slack.post(ANN, SUPPORT, f"{FAXBOT} {BUSY}")
    [told] = await desk.slack.until(lambda: desk.slack.workspace.seen_by(ANN, ANN_DM))
    assert f"You asked in <#{SUPPORT}>, where Slack does not let me write." in told.words
    assert "the line was busy" in told.words
    assert "Referral" not in told.words
    assert not told.buttons
    assert [delivery.status for delivery in desk.slack.deliveries] == [200]


async def test_who_can_be_told_nowhere_stops_nothing(desk: Desk) -> None:
    """A person who left: Slack need not bring it again."""
    desk.slack.fail("chat.postMessage", times=2, error="is_archived")
    delivery = await desk.slack.send_event(
        {"type": "app_mention", "channel": SUPPORT, "user": ANN, "ts": "1.2", "text": f"{FAXBOT} {BUSY}"}
    )
    assert delivery.status == 200


async def thread_of(desk: Desk, messages: int, faxes: int, channel: str = SUPPORT) -> tuple[Message, list[str]]:
    """Make a thread that names so many faxes, every second of them failed."""
    ids = [f"IAS-N1_401d6c8c00000{number:02}_0" for number in range(faxes)]
    for number, fax_id in enumerate(ids):
        failed = {"status": "Failed", "Q931Code": 17} if number % 2 else {"status": "Completed"}
        desk.put(fax_id, **failed)
    root = await desk.slack.post(ANN, channel, "faxes that did not arrive?")
    for number in range(messages - 1):
        text = f"and {ids[number]}?" if number < faxes else f"again {ids[number % faxes]}" if number % 3 else "hm"
        await desk.slack.post(ANN, channel, text, thread_ts=root.ts)
    return root, ids


async def test_triage_sums_a_thread_up(desk: Desk) -> None:
    """40 messages with 12 faxes: one answer, one fetch for each, failures first with what to do."""
    desk.slack.grant.scopes |= HISTORY
    root, ids = await thread_of(desk, 40, 12)
    answer = await asked(desk, f"{FAXBOT} triage please", thread_ts=root.ts)
    assert answer.text == "12 faxes: 6 failed, 6 delivered."
    rows = [block["text"]["text"] for block in answer.blocks[1:] if "text" in block]
    assert [row[0] for row in rows] == ["❌"] * 6 + ["✅"] * 6
    assert "→ send it again" in rows[0] or "→ send again" in rows[0]
    assert [desk.fax_server.count(fax_id) for fax_id in ids] == [1] * 12


async def test_triage_counts_what_is_too_much(desk: Desk) -> None:
    """At most 20, the rest counted."""
    desk.slack.grant.scopes |= HISTORY
    root, _ = await thread_of(desk, 26, 24)
    answer = await asked(desk, f"{FAXBOT} triage", thread_ts=root.ts)
    assert answer.text.startswith("20 faxes: ")
    assert "4 more were named and left out" in answer.words


async def test_triage_of_a_thread_without_a_fax(desk: Desk) -> None:
    """Privately."""
    desk.slack.grant.scopes |= HISTORY
    root = await desk.slack.post(ANN, SUPPORT, "hello")
    answer = await asked(desk, f"{FAXBOT} triage", thread_ts=root.ts)
    assert answer.seen_only_by == ANN
    assert "no fax id in this thread" in answer.words


@pytest.mark.parametrize("channel", [SUPPORT, PRIVATE])
async def test_triage_without_the_scope_points_to_the_shortcut(desk: Desk, channel: str) -> None:
    """The history of channels is optional."""
    root = await desk.slack.post(ANN, channel, BUSY)
    answer = await asked(desk, f"{FAXBOT} triage", channel=channel, thread_ts=root.ts)
    assert answer.seen_only_by == ANN
    assert "Look up fax" in answer.words


async def test_triage_in_a_direct_message_needs_no_optional_scope(desk: Desk) -> None:
    """There the history is ours."""
    root = await desk.slack.post(ANN, ANN_DM, f"{BUSY} {DOCUMENTED}")
    answer = await asked(desk, "triage", channel=ANN_DM, thread_ts=root.ts)
    assert answer.text == "2 faxes: 1 failed, 1 delivered."


async def test_a_reply_that_slack_does_not_take_now_is_brought_again(closed_desk: Desk) -> None:
    """One answer, none lost."""
    closed_desk.slack.retry_pauses = (0.1, 0.1, 0.1)
    async with Opening(closed_desk) as desk:
        desk.slack.fail("chat.postMessage", times=1, retry_after=30, status=429)
        message = await desk.slack.post(ANN, SUPPORT, f"{FAXBOT} {BUSY}")
        seen = desk.slack.workspace.seen_by
        await desk.slack.until(lambda: len(seen(ANN, SUPPORT, message.ts)) == 2)
        await desk.slack.until(lambda: desk.slack.deliveries[-1].status == 200)
    assert [delivery.status for delivery in closed_desk.slack.deliveries] == [503, 200]
    assert len(seen(ANN, SUPPORT, message.ts)) == 2
