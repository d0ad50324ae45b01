"""`Tell me when it is final`: begun by button and command, told once, where it was asked, as its reader may see it."""

import asyncio
import re
from collections.abc import Callable
from dataclasses import replace

import httpx
import pytest

from playground.slack import Message
from playground.slack.example import ANN, ANN_DM, BOB, BOT, PRIVATE, RANDOM, SUPPORT
from playground.slack.records import Call
from playground.stonefax import Rule
from tests.conftest import BUSY, RHYTHM, UNKNOWN, Desk, Opening
from tests.presses import QUEUED, card, newest, pressed, share

SECOND = "IAS-N1_401d6c8c0000002_0"
THIRD = "IAS-N1_401d6c8c0000003_0"
NUMBER, MASKED = "+39 06 1234 5678", "+39 ••• 678"
FAX = {"recipient": {"name": "Mario Rossi", "faxNumber": NUMBER}, "subject": "Referral letter"}


def waiting(desk: Desk, fax_id: str = QUEUED) -> None:
    """Let a fax wait in the queue."""
    desk.put(fax_id, status="Queued", **FAX)


def over(desk: Desk, fax_id: str = QUEUED, status: str = "Completed") -> None:
    """Let a fax be over."""
    reason = {"failureReason": f"Remote station busy {NUMBER}"} if status == "Failed" else {}
    desk.put(fax_id, status=status, **FAX, **reason)


def replies(desk: Desk, to: Message) -> list[Message]:
    """Give what everybody reads in the thread of a message."""
    thread_ts = to.thread_ts or to.ts
    return [one for one in desk.slack.workspace.replies(to.channel, thread_ts) if one.by_app and not one.ephemeral]


def direct(desk: Desk, user: str = ANN) -> list[Message]:
    """Give what the bot has written to somebody alone."""
    channel = desk.slack.workspace.direct_message(user).id
    said = [change.message for change in desk.slack.workspace.changes if change.kind == "posted"]
    return [one for one in said if one.channel == channel and one.user == BOT and not one.ephemeral]


async def told_directly(desk: Desk, user: str = ANN, count: int = 1) -> Message:
    """Wait for what the bot writes to somebody alone."""
    await desk.slack.until(lambda: len(direct(desk, user)) >= count, within=5)
    assert len(direct(desk, user)) == count
    return direct(desk, user)[-1]


async def told_in_thread(desk: Desk, to: Message, count: int = 1) -> Message:
    """Wait for the reply in the thread of a message."""
    await desk.slack.until(lambda: len(replies(desk, to)) >= count, within=5)
    assert len(replies(desk, to)) == count
    return replies(desk, to)[-1]


async def none_running(desk: Desk, user: str = ANN, within: float = 5.0) -> None:
    """Wait until nothing of somebody's is watched any more."""
    async with asyncio.timeout(within):
        while "no fax" not in (await desk.ask("watches", user=user)).shown[0].words:  # noqa: ASYNC110 - asked by HTTP
            await asyncio.sleep(0.01)


def now(desk: Desk, message: Message) -> Message:
    """Give a message as it is now."""
    found = desk.slack.workspace.find(message.channel, message.ts)
    assert found
    return found


async def test_a_private_card_is_answered_by_direct_message_with_everything(desk: Desk) -> None:
    """The presser reads that it will be so, with a way to stop it; the end is the whole card."""
    waiting(desk)
    private = await card(desk, QUEUED)
    assert private.buttons == ["Share to channel", "Refresh", "Tell me when it is final"]
    begun = await pressed(desk, private, "watch")
    assert begun.seen_only_by == ANN
    assert begun.words.splitlines() == [f"You will be told by direct message when `{QUEUED}` is final.", "Stop"]
    over(desk)
    told = await told_directly(desk)
    assert told.text == "Fax to Mario Rossi was delivered."
    assert "✅ Fax delivered" in told.words
    assert NUMBER in told.words
    assert "You asked to be told when it is final." in told.words
    assert told.buttons == []
    await none_running(desk)


async def test_a_shared_card_is_edited_and_answered_in_its_thread_as_others_may_see_it(desk: Desk) -> None:
    """The card keeps its button for everybody until the fax is over; the reply names who asked."""
    waiting(desk)
    shared = await share(desk, QUEUED)
    begun = await pressed(desk, shared, "watch", user=BOB)
    assert begun.seen_only_by == BOB
    assert "You will be told in this thread" in begun.words
    assert now(desk, shared).buttons == ["Show details", "Refresh", "Tell me when it is final"]
    over(desk, status="Failed")
    told = await told_in_thread(desk, shared)
    assert told.text.startswith(f"<@{BOB}> Fax to Mario Rossi failed: the line was busy. Send it again")
    assert QUEUED in told.words
    card_now = now(desk, shared)
    assert card_now.buttons == ["Show details"]
    assert "the line was busy" in card_now.words
    assert f"shared by <@{ANN}>" in card_now.words
    assert MASKED in card_now.words
    for message in (told, card_now):
        assert NUMBER not in f"{message.text} {message.words}"
        assert "Referral" not in message.words


async def test_everybody_who_watches_a_card_is_told_by_one_poll_and_one_edit(desk: Desk) -> None:
    """Each in a reply of their own."""
    waiting(desk)
    shared = await share(desk, QUEUED)
    for user in (ANN, BOB):
        await pressed(desk, shared, "watch", user=user)
    before = len(desk.fax_server.requests)
    desk.fax_server.rule(QUEUED, Rule(delay=0.1))
    over(desk)
    await told_in_thread(desk, shared, count=2)
    assert {reply.text.split()[0] for reply in replies(desk, shared)} == {f"<@{ANN}>", f"<@{BOB}>"}
    assert len(desk.fax_server.requests) - before <= 3
    assert len([call for call in desk.slack.calls if call.method == "chat.update"]) == 1


async def test_a_failed_fax_is_asked_about_once_more_before_it_is_told(desk: Desk) -> None:
    """The server sends failed faxes again by itself; what it delivers then was never told as failed."""
    waiting(desk)
    await pressed(desk, await card(desk, QUEUED), "watch")
    over(desk, status="Failed")
    desk.fax_server.rule(QUEUED, Rule(steps=(Rule(times=1), Rule(change={"status": "Completed"}))))
    told = await told_directly(desk)
    assert "delivered" in told.text


async def test_a_preview_below_a_link_is_made_anew_and_answered_in_the_thread(desk: Desk) -> None:
    """The link is the one that was posted."""
    waiting(desk)
    posted = await desk.slack.post(BOB, SUPPORT, f"look: https://fax.example.com/faxes/{QUEUED}?x=1")
    assert "Tell me when it is final" in now(desk, posted).buttons
    assert "in this thread" in (await pressed(desk, now(desk, posted), "watch")).words
    over(desk)
    await told_in_thread(desk, posted)
    unfurled = now(desk, posted)
    assert unfurled.buttons == ["Show details"]
    assert "✅ Fax delivered" in str(unfurled.unfurls)
    assert NUMBER not in str(unfurled.unfurls)


async def test_a_mention_is_answered_in_its_own_thread(desk: Desk) -> None:
    """The card is a reply already."""
    waiting(desk)
    posted = await desk.slack.post(ANN, SUPPORT, f"<@{BOT}> {QUEUED}")
    answer = await told_in_thread(desk, posted)
    await pressed(desk, answer, "watch")
    over(desk)
    told = await told_in_thread(desk, posted, count=2)
    assert told.thread_ts == posted.ts
    assert now(desk, answer).buttons == ["Show details"]


async def test_a_card_in_the_direct_message_is_edited_there_with_everything(desk: Desk) -> None:
    """Nobody else reads it."""
    waiting(desk)
    posted = await desk.slack.post(ANN, ANN_DM, QUEUED)
    answer = await told_in_thread(desk, posted)
    assert "You will be told here" in (await pressed(desk, answer, "watch")).words
    over(desk)
    told = await told_in_thread(desk, posted, count=2)
    assert NUMBER in told.words
    assert now(desk, answer).buttons == []
    assert NUMBER in now(desk, answer).words


async def test_a_card_that_cannot_be_edited_has_no_button(desk: Desk) -> None:
    """Where the bot is no member a card is shared by the response_url."""
    waiting(desk)
    private = await card(desk, QUEUED, channel=RANDOM)
    shared = await pressed(desk, private, "share")
    assert shared.seen_only_by is None
    assert shared.buttons == ["Show details", "Refresh"]
    before = len(desk.slack.workspace.changes)
    await desk.slack.press(shared, "refresh", user=BOB)
    assert (await newest(desk, BOB, RANDOM, before)).buttons == ["Show details", "Refresh"]


async def test_a_preview_where_the_bot_is_no_member_is_told_by_direct_message(desk: Desk) -> None:
    """It cannot reply there."""
    waiting(desk)
    posted = await desk.slack.post(BOB, RANDOM, f"https://fax.example.com/faxes/{QUEUED}")
    assert "by direct message" in (await pressed(desk, now(desk, posted), "watch", user=BOB)).words
    over(desk)
    assert NUMBER in (await told_directly(desk, BOB)).words


async def test_the_command_watches_several_and_says_what_is_over_already(desk: Desk) -> None:
    """Each waiting one with its Stop, the rest as a summary has it; nothing that was typed is lost."""
    waiting(desk)
    waiting(desk, SECOND)
    delivery = await desk.ask(f"watch {QUEUED} {SECOND} {BUSY} {UNKNOWN} IAS-N1_broken_id")
    answer = delivery.shown[0]
    assert answer.seen_only_by == ANN
    first, *rows = answer.words.splitlines()
    assert first == "You will be told by direct message when these are final:"
    assert answer.buttons == ["Stop", "Stop", "Details"]
    assert [row for row in rows if "❌" in row]
    assert [row for row in rows if "not found" in row]
    assert "IAS-N1_broken_id" in rows[-1]
    over(desk)
    over(desk, SECOND, "Failed")
    await told_directly(desk, count=2)
    await none_running(desk)


async def test_stop_in_an_answer_that_says_more_leaves_it_as_it_is(desk: Desk) -> None:
    """What failed is still to be read there."""
    waiting(desk)
    answer = (await desk.ask(f"watch {QUEUED} {BUSY}")).shown[0]
    stopped = await pressed(desk, answer, "unwatch_1")
    assert stopped.words == f"You will not be told of `{QUEUED}`."
    assert now(desk, answer) == answer
    await none_running(desk)


async def test_a_preview_in_a_thread_is_answered_in_that_thread(desk: Desk) -> None:
    """Slack does not say with the press which thread it is: the button does."""
    waiting(desk)
    posted = await desk.slack.post(BOB, SUPPORT, "did it go through?")
    link = await desk.slack.post(ANN, SUPPORT, f"https://fax.example.com/faxes/{QUEUED}", thread_ts=posted.ts)
    begun = await pressed(desk, now(desk, link), "watch")
    assert "in this thread" in begun.words
    assert begun.thread_ts == posted.ts
    over(desk)
    told = await told_in_thread(desk, posted)
    assert told.thread_ts == posted.ts


async def test_one_that_is_over_is_shown_instead(desk: Desk) -> None:
    """There is nothing to wait for."""
    answer = (await desk.ask(f"watch {BUSY}")).shown[0]
    assert "the line was busy" in answer.words
    await none_running(desk)


async def test_an_unknown_fax_is_not_watched(desk: Desk) -> None:
    """It may be mistyped."""
    assert "I find no outbound fax" in await desk.asked(f"watch {UNKNOWN}")
    await none_running(desk)


async def test_a_fax_server_that_is_down_is_waited_for(desk: Desk) -> None:
    """That is what watching is for."""
    over(desk)
    desk.fax_server.rule(QUEUED, Rule(steps=(Rule(status=500, times=8), Rule())))
    assert "gives no answer just now; I keep asking" in await desk.asked(f"watch {QUEUED}")
    await told_directly(desk)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("watch", "Give me the id of a fax, or a link to it: `/fax watch IAS-N1_"),
        ("watch clinic", "“clinic” is no fax id"),
        ("watch IAS-N1_d53957a4-c6fa_0", "not a whole fax id"),
        ("wach", "did you mean `/fax watch`?"),
        ("unwach", "did you mean `/fax unwatch`?"),
        ("unwatch clinic", "“clinic” is no fax id"),
        ("unwatch", "You are watching no fax. `/fax watch IAS-N1_"),
        (f"unwatch {QUEUED}", f"You are not watching `{QUEUED}`: `/fax watches` lists what you watch."),
        ("*Watches*", "You are watching no fax."),
        ("help", "`/fax watches` lists what you wait for"),
    ],
)
async def test_what_is_typed_about_watches(desk: Desk, typed: str, said: str) -> None:
    """A sentence with the next step, whatever is missing."""
    assert said in await desk.asked(typed)


async def test_watches_are_listed_and_stopped_by_who_asked_alone(desk: Desk) -> None:
    """By Stop in the list, by the command, by Stop below the button; Bob's watch of the same fax goes on."""
    for fax_id in (QUEUED, SECOND, THIRD):
        waiting(desk, fax_id)
    shared = await share(desk, THIRD)
    stopping = await pressed(desk, shared, "watch")
    await pressed(desk, shared, "watch", user=BOB)
    await desk.ask(f"watch {QUEUED} {SECOND} {THIRD}")
    listed = (await desk.ask("watches")).shown[0]
    assert listed.words.splitlines()[0] == "You are watching 3 faxes."
    assert f"`{THIRD}` · told in <#{SUPPORT}> and by direct message" in listed.words
    await desk.slack.press(listed, "unwatch_listed_2", user=ANN)
    left = await desk.slack.until(lambda: (now(desk, listed).buttons == ["Stop", "Stop"]) and now(desk, listed))
    assert left
    assert left.words.splitlines()[0] == "You are watching 2 faxes."
    await desk.slack.press(stopping, "unwatch", user=ANN)
    await desk.slack.until(lambda: now(desk, stopping).words == f"You will not be told of `{THIRD}`.")
    remaining = (set(re.findall(r"`(IAS\S+)`", left.words)) - {THIRD}).pop()
    assert await desk.asked(f"unwatch {remaining}") == f"You will not be told of `{remaining}`."
    await none_running(desk)
    over(desk, THIRD)
    assert (await told_in_thread(desk, shared)).text.startswith(f"<@{BOB}>")
    assert direct(desk) == []


async def test_asking_twice_is_told_once(desk: Desk) -> None:
    """By the card's button and by the command, both by direct message."""
    waiting(desk)
    private = await card(desk, QUEUED)
    for _ in range(2):
        assert "You will be told" in (await pressed(desk, private, "watch")).words
    assert "You will be told" in await desk.asked(f"watch {QUEUED}")
    over(desk)
    await told_directly(desk)
    await none_running(desk)
    assert len(direct(desk)) == 1


async def test_one_person_watches_so_many_and_no_more(closed_desk: Desk) -> None:
    """They are told what to do; everybody else watches on."""
    closed_desk.timing = replace(closed_desk.timing, rhythm=replace(RHYTHM, most_running=2))
    async with Opening(closed_desk) as desk:
        for fax_id in (QUEUED, SECOND, THIRD):
            waiting(desk, fax_id)
        said = await desk.asked(f"watch {QUEUED} {SECOND} {THIRD}")
        assert "You have 2 watches running, as many as one person can." in said
        assert "`/fax watches` lists them" in said
        assert "You will be told" in await desk.asked(f"watch {QUEUED}")
        assert "You will be told" in (await desk.ask(f"watch {THIRD}", user=BOB)).shown[0].words


async def test_a_fax_that_vanishes(desk: Desk) -> None:
    """The card above loses its dead buttons, too."""
    waiting(desk)
    shared = await share(desk, QUEUED)
    await pressed(desk, shared, "watch")
    desk.fax_server.rule(QUEUED, Rule(status=404, reason="Not found"))
    told = await told_in_thread(desk, shared)
    assert told.text.startswith(f"<@{ANN}> The fax server no longer knows the fax `{QUEUED}`")
    assert now(desk, shared).buttons == []


async def test_an_answer_that_cannot_be_read_is_told_once_and_waited_on(desk: Desk) -> None:
    """It may become readable."""
    waiting(desk)
    await pressed(desk, await card(desk, QUEUED), "watch")
    desk.fax_server.rule(QUEUED, Rule(body=b"[]"))
    assert "I can't read what the fax server says" in (await told_directly(desk)).text
    over(desk)
    desk.fax_server.rule(QUEUED, Rule())
    assert "delivered" in (await told_directly(desk, count=2)).text


async def test_a_day_is_enough(closed_desk: Desk) -> None:
    """It says which fax, and how to go on; a card that others see keeps its buttons, since they still act."""
    closed_desk.timing = replace(closed_desk.timing, rhythm=replace(RHYTHM, life=0.36))
    async with Opening(closed_desk) as desk:
        waiting(desk)
        shared = await share(desk, QUEUED)
        await pressed(desk, shared, "watch")
        told = await told_in_thread(desk, shared)
        assert "still not final after 0.0001 hours" in told.text
        assert f"`/fax watch {QUEUED}` begins anew" in told.text
        assert "Tell me when it is final" in now(desk, shared).buttons


def delete_it(desk: Desk, shared: Message) -> None:
    """Let the card be deleted."""
    desk.slack.workspace.delete(now(desk, shared))


def archive_it(desk: Desk, shared: Message) -> None:
    """Let the channel be archived."""
    channels = desk.slack.workspace.channels
    channels[shared.channel] = replace(channels[shared.channel], is_archived=True)


def remove_the_bot(desk: Desk, shared: Message) -> None:
    """Let the bot be removed from the channel."""
    desk.slack.workspace.leave(shared.channel, BOT)


def refuse_the_edit(desk: Desk, _shared: Message) -> None:
    """Let Slack refuse the edit."""
    desk.slack.fail("chat.update", times=9, error="cant_update_message")


def share_the_channel(desk: Desk, shared: Message) -> None:
    """Let the channel be shared with another organisation."""
    channels = desk.slack.workspace.channels
    channels[shared.channel] = replace(channels[shared.channel], is_ext_shared=True)


@pytest.mark.parametrize("gone", [delete_it, archive_it, remove_the_bot, refuse_the_edit, share_the_channel])
@pytest.mark.parametrize("channel", [SUPPORT, PRIVATE])
async def test_where_the_place_is_gone_it_is_told_by_direct_message(
    closed_desk: Desk,
    gone: Callable[[Desk, Message], None],
    channel: str,
) -> None:
    """While the bot was away, so that it knows nothing of it."""
    async with Opening(closed_desk) as desk:
        waiting(desk)
        shared = await share(desk, QUEUED, channel=channel)
        await pressed(desk, shared, "watch")
    gone(closed_desk, shared)
    over(closed_desk)
    async with Opening(closed_desk) as desk:
        assert NUMBER in (await told_directly(desk)).words
        await none_running(desk)
    assert len(direct(closed_desk)) == 1


async def test_a_watch_outlives_the_bot(closed_desk: Desk) -> None:
    """And what became final meanwhile is told."""
    async with Opening(closed_desk) as desk:
        waiting(desk)
        await pressed(desk, await card(desk, QUEUED), "watch")
    over(closed_desk)
    async with Opening(closed_desk) as desk:
        await told_directly(desk)


async def test_whoever_may_not_see_faxes_any_more_is_told_nothing(closed_desk: Desk) -> None:
    """The policy is asked at the end too, by the place that it was asked in."""
    async with Opening(closed_desk) as desk:
        waiting(desk)
        shared = await share(desk, QUEUED)
        await pressed(desk, shared, "watch")
        await desk.ask(f"watch {QUEUED}")
    over(closed_desk)
    closed_desk.settings["FAXBOT_ALLOWED_CHANNELS"] = RANDOM
    async with Opening(closed_desk) as desk:
        await none_running(desk)
    assert replies(closed_desk, shared) == []
    assert direct(closed_desk) == []


async def test_while_slack_does_not_say_who_somebody_is_they_wait(closed_desk: Desk) -> None:
    """Closed on doubt, and asked again."""
    async with Opening(closed_desk) as desk:
        waiting(desk)
        await pressed(desk, await card(desk, QUEUED), "watch")
    over(closed_desk)
    closed_desk.slack.fail("users.info", times=3, status=500)
    async with Opening(closed_desk) as desk:
        await told_directly(desk)
    assert len([call for call in closed_desk.slack.calls if call.method == "users.info" and call.status == 500]) == 3


async def test_slack_asking_to_wait_is_waited_for(desk: Desk) -> None:
    """And nobody is told twice."""
    waiting(desk)
    await pressed(desk, await card(desk, QUEUED), "watch")
    desk.slack.fail("chat.postMessage", times=2, status=429, retry_after=30)
    over(desk)
    await told_directly(desk)
    await none_running(desk)
    assert len(direct(desk)) == 1


def refused(call: Call, method: str) -> bool:
    """Say whether a method was refused for the token."""
    return call.method == method and call.answer.get("error") == "token_revoked"


async def test_a_revoked_token_pauses_them_and_readiness_says_so(closed_desk: Desk) -> None:
    """At once; with a token that counts again they go on."""
    closed_desk.timing = replace(closed_desk.timing, identity_check=60.0)
    async with Opening(closed_desk) as desk:
        waiting(desk)
        await pressed(desk, await card(desk, QUEUED), "watch")
        desk.slack.fail("chat.postMessage", error="token_revoked")
        desk.slack.fail("auth.test", error="token_revoked")
        over(desk)
        await desk.slack.until(lambda: any(refused(call, "auth.test") for call in desk.slack.calls))
        async with httpx.AsyncClient() as http:
            answer = await http.get(f"{desk.url}/readyz")
        assert answer.status_code == 503
        assert answer.json()["slack"] == "token_revoked"
        assert direct(desk) == []
    async with Opening(closed_desk) as desk:
        await told_directly(desk)


async def test_the_database_holds_ids_alone(desk: Desk) -> None:
    """No number, name or subject; the file is its owner's."""
    waiting(desk)
    shared = await share(desk, QUEUED)
    await pressed(desk, shared, "watch")
    await desk.ask(f"watch {QUEUED}")
    files = list(desk.folder.glob("faxbot.db*"))
    assert files
    stored = b"".join(file.read_bytes() for file in files)
    assert QUEUED.encode() in stored
    for private in (b"Mario", b"Rossi", b"Referral", b"1234"):
        assert private not in stored
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}
