"""`chat.*`: who may post where, and what can be changed afterwards."""

import pytest

from playground.slack import SlackServer
from playground.slack.example import (
    ADMIN,
    ANN,
    ANN_AND_BOB,
    ANN_DM,
    ARCHIVED,
    BOB,
    BOT,
    FORMER,
    GROUP_DM,
    GUEST,
    HIDDEN,
    PRIVATE,
    RANDOM,
    SHARED,
    STRANGER,
    SUPPORT,
)
from playground.slack.wire import JsonObject

from .conftest import CARD, Api, TinyBot


@pytest.mark.parametrize("channel", [SUPPORT, PRIVATE, SHARED, ANN_DM, GROUP_DM])
async def test_the_bot_posts_where_it_is_a_member(api: Api, slack: SlackServer, channel: str) -> None:
    """Everybody there sees the message, and the answer names it."""
    answer = await api("chat.postMessage", channel=channel, text="Fax failed", blocks=CARD)
    (seen,) = slack.workspace.seen_by(ANN, channel)
    assert (answer["channel"], answer["ts"]) == (channel, seen.ts)
    assert (seen.text, seen.blocks, seen.ephemeral) == ("Fax failed", CARD, False)
    assert answer["message"]["bot_id"] == slack.workspace.app.bot_id
    assert [block["block_id"] for block in answer["message"]["blocks"]][1] == "what-now"


@pytest.mark.parametrize(
    ("channel", "error"),
    [
        (HIDDEN, "channel_not_found"),
        (ANN_AND_BOB, "channel_not_found"),
        ("C0NOWHERE", "channel_not_found"),
        ("#support", "channel_not_found"),
        (ARCHIVED, "is_archived"),
        (BOT, "cannot_dm_bot"),
        (FORMER, "channel_not_found"),
    ],
)
async def test_elsewhere_it_does_not(api: Api, channel: str, error: str) -> None:
    """Private places do not exist for it, and nobody reads in an archive."""
    assert (await api("chat.postMessage", channel=channel, text="x"))["error"] == error


async def test_public_channels_without_membership_need_their_own_scope(api: Api, slack: SlackServer) -> None:
    """`chat:write.public` opens public channels, `chat:write` alone does not."""
    assert (await api("chat.postMessage", channel=RANDOM, text="x"))["ok"] is True
    slack.grant.scopes -= {"chat:write.public"}
    assert (await api("chat.postMessage", channel=RANDOM, text="x"))["error"] == "not_in_channel"
    slack.workspace.join(RANDOM, BOT)
    assert (await api("chat.postMessage", channel=RANDOM, text="x"))["ok"] is True
    slack.workspace.leave(RANDOM, BOT)
    assert (await api("chat.postMessage", channel=RANDOM, text="x"))["error"] == "not_in_channel"


async def test_posting_to_a_person_opens_the_direct_message(api: Api, slack: SlackServer) -> None:
    """The answer names the D… channel, the same one each time."""
    first = await api("chat.postMessage", channel=BOB, text="one")
    second = await api("chat.postMessage", channel=first["channel"], text="two")
    assert first["channel"].startswith("D")
    assert second["channel"] == first["channel"]
    assert [each.text for each in slack.workspace.seen_by(BOB, first["channel"])] == ["one", "two"]
    assert slack.workspace.seen_by(ANN, first["channel"]) == []
    assert (await api("chat.postMessage", channel=ANN, text="x"))["channel"] == ANN_DM


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({}, "no_text"),
        ({"text": "", "blocks": []}, "no_text"),
        ({"text": "x", "blocks": [{"type": "header", "text": {"type": "mrkdwn", "text": "x"}}]}, "invalid_blocks"),
        ({"text": "x", "blocks": "no json"}, "invalid_blocks_format"),
        ({"text": "x", "blocks": {"type": "divider"}}, "invalid_blocks_format"),
        ({"text": "x", "thread_ts": "1.000001"}, "thread_not_found"),
        ({"text": "x", "metadata": {"event_type": "a"}}, "invalid_metadata_format"),
        ({"text": "x", "metadata": "no json"}, "invalid_metadata_format"),
        ({"text": "x", "metadata": [1]}, "invalid_metadata_format"),
    ],
)
async def test_a_message_that_slack_cannot_show_is_refused(
    api: Api, slack: SlackServer, arguments: JsonObject, error: str
) -> None:
    """Nothing is seen of it, neither by all nor by one."""
    assert (await api("chat.postMessage", channel=SUPPORT, **arguments))["error"] == error
    assert (await api("chat.postEphemeral", channel=SUPPORT, user=ANN, **arguments))["error"] == error
    assert slack.workspace.seen_by(ANN, SUPPORT) == []


async def test_wrong_blocks_are_explained(api: Api) -> None:
    """Each mistake has a sentence and a pointer, in the three places where Slack puts them."""
    blocks = [{"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3001}}]
    answer = await api("chat.postMessage", channel=SUPPORT, text="x", blocks=blocks)
    said = "must be less than 3001 characters [json-pointer:/blocks/0/text/text]"
    assert answer["errors"] == [said]
    assert answer["response_metadata"] == {"messages": [f"[ERROR] {said}"]}


async def test_a_channel_must_be_given(api: Api) -> None:
    """A missing argument is named."""
    answer = await api("chat.postMessage", text="x")
    assert answer["response_metadata"]["messages"] == ["[ERROR] missing required field: channel"]


async def test_form_and_json_say_the_same(api: Api, slack: SlackServer) -> None:
    """In a form, blocks are a string of JSON."""
    blocks = '[{"type":"divider"}]'
    assert (await api.form("chat.postMessage", channel=SUPPORT, text="x", blocks=blocks))["ok"] is True
    assert slack.workspace.seen_by(ANN, SUPPORT)[0].blocks == [{"type": "divider"}]


async def test_very_long_text_is_cut_off(api: Api, slack: SlackServer) -> None:
    """What goes past 40,000 characters is not seen."""
    await api("chat.postMessage", channel=SUPPORT, text="x" * 40_001)
    assert len(slack.workspace.seen_by(ANN, SUPPORT)[0].text) == 40_000


async def test_replies_stand_in_their_thread(api: Api, slack: SlackServer) -> None:
    """The channel shows the first message alone; a thread grows on no reply and on no private message."""
    parent = await api("chat.postMessage", channel=SUPPORT, text="Fax failed")
    reply = await api("chat.postMessage", channel=SUPPORT, text="Sent again", thread_ts=parent["ts"])
    assert [each.text for each in slack.workspace.seen_by(BOB, SUPPORT)] == ["Fax failed"]
    thread = slack.workspace.seen_by(BOB, SUPPORT, parent["ts"])
    assert [each.text for each in thread] == ["Fax failed", "Sent again"]
    wrong = await api("chat.postMessage", channel=SUPPORT, text="x", thread_ts=reply["ts"])
    assert wrong["error"] == "cannot_reply_to_message"
    private = await api("chat.postEphemeral", channel=SUPPORT, user=ANN, text="for you")
    wrong = await api("chat.postMessage", channel=SUPPORT, text="x", thread_ts=private["message_ts"])
    assert wrong["error"] == "thread_not_found"


async def test_an_ephemeral_message_is_for_one_person(api: Api, slack: SlackServer) -> None:
    """In the channel or in a thread, nobody else sees it."""
    parent = await slack.post(ANN, SUPPORT, "where is my fax?")
    answer = await api("chat.postEphemeral", channel=SUPPORT, user=ANN, text="for you", thread_ts=parent.ts)
    assert answer.keys() == {"ok", "message_ts"}
    assert [each.text for each in slack.workspace.seen_by(ANN, SUPPORT, parent.ts)][1:] == ["for you"]
    assert slack.workspace.seen_by(BOB, SUPPORT, parent.ts)[1:] == []


@pytest.mark.parametrize(
    ("channel", "user", "error"),
    [
        (RANDOM, ANN, "not_in_channel"),
        (HIDDEN, ANN, "channel_not_found"),
        (PRIVATE, BOB, "user_not_in_channel"),
        (ARCHIVED, ANN, "is_archived"),
        (PRIVATE, ANN, None),
        (SHARED, STRANGER, None),
    ],
)
async def test_ephemeral_needs_both_in_the_channel(api: Api, channel: str, user: str, error: str | None) -> None:
    """The bot and the person."""
    assert (await api("chat.postEphemeral", channel=channel, user=user, text="x")).get("error") == error


async def test_an_update_replaces_text_and_blocks(api: Api, slack: SlackServer) -> None:
    """The message stays in its place, edited; a message taken before the edit is as it was."""
    posted = await api("chat.postMessage", channel=SUPPORT, text="In the queue")
    before = slack.workspace.seen_by(ANN, SUPPORT)[0]
    answer = await api("chat.update", channel=SUPPORT, ts=posted["ts"], text="Fax failed", blocks=CARD)
    (after,) = slack.workspace.seen_by(ANN, SUPPORT)
    assert (answer["ts"], answer["text"]) == (posted["ts"], "Fax failed")
    assert (after.text, after.blocks, after.edited is not None) == ("Fax failed", CARD, True)
    assert (before.text, before.edited) == ("In the queue", None)
    assert [(change.kind, change.before) for change in slack.workspace.changes] == [
        ("posted", None),
        ("updated", before),
    ]


async def test_an_update_without_blocks_takes_them_away(api: Api, slack: SlackServer) -> None:
    """Text alone removes what blocks there were."""
    posted = await api("chat.postMessage", channel=SUPPORT, text="x", blocks=CARD)
    await api("chat.update", channel=SUPPORT, ts=posted["ts"], text="y")
    assert slack.workspace.seen_by(ANN, SUPPORT)[0].blocks == []


async def test_metadata_stays_through_an_update_and_goes_when_emptied(api: Api, slack: SlackServer) -> None:
    """Not said: kept. An empty object: gone."""
    metadata = {"event_type": "fax", "event_payload": {"id": "1"}}
    posted = await api("chat.postMessage", channel=SUPPORT, text="x", metadata=metadata)
    await api("chat.update", channel=SUPPORT, ts=posted["ts"], text="y")
    assert slack.workspace.seen_by(ANN, SUPPORT)[0].metadata == metadata
    await api("chat.update", channel=SUPPORT, ts=posted["ts"], text="y", metadata={})
    assert slack.workspace.seen_by(ANN, SUPPORT)[0].metadata is None


async def test_an_update_takes_no_more_than_4000_characters(api: Api) -> None:
    """At the limit it works, one more is msg_too_long; nothing at all is no_text."""
    posted = await api("chat.postMessage", channel=SUPPORT, text="x")
    for text, error in (("x" * 4000, None), ("x" * 4001, "msg_too_long"), ("", "no_text")):
        assert (await api("chat.update", channel=SUPPORT, ts=posted["ts"], text=text)).get("error") == error


async def test_only_the_bots_own_posts_can_be_changed(api: Api, slack: SlackServer, bot: TinyBot) -> None:
    """Not those of people, not what an ack showed to all, and private ones cannot even be found."""
    bot.says({"text": "for all", "response_type": "in_channel"})
    acked = (await slack.command("/fax", "1", user=ANN, channel=SUPPORT)).shown[1]
    bot.says("for Ann")
    private = (await slack.command("/fax", "1", user=ANN, channel=SUPPORT)).shown[0]
    bot.says("")
    theirs = await slack.post(ANN, SUPPORT, "mine")
    for ts, update, delete in (
        (theirs.ts, "cant_update_message", "cant_delete_message"),
        (acked.ts, "cant_update_message", "cant_delete_message"),
        (private.ts, "message_not_found", "message_not_found"),
        ("1.000001", "message_not_found", "message_not_found"),
    ):
        assert (await api("chat.update", channel=SUPPORT, ts=ts, text="x"))["error"] == update
        assert (await api("chat.delete", channel=SUPPORT, ts=ts))["error"] == delete


async def test_a_deleted_message_is_gone(api: Api, slack: SlackServer) -> None:
    """From the channel and from its thread; the second time there is nothing to delete."""
    parent = await slack.post(ANN, SUPPORT, "where is my fax?")
    posted = await api("chat.postMessage", channel=SUPPORT, text="x", thread_ts=parent.ts)
    assert (await api("chat.delete", channel=SUPPORT, ts=posted["ts"]))["ok"] is True
    assert slack.workspace.seen_by(ANN, SUPPORT, parent.ts) == [parent]
    assert (await api("chat.delete", channel=SUPPORT, ts=posted["ts"]))["error"] == "message_not_found"
    assert slack.workspace.changes[-1].kind == "deleted"


async def test_a_permalink_leads_to_a_message(api: Api) -> None:
    """A reply's link names its thread; a message that is not there has none."""
    parent = await api("chat.postMessage", channel=SUPPORT, text="x")
    reply = await api("chat.postMessage", channel=SUPPORT, text="y", thread_ts=parent["ts"])
    link = (await api.form("chat.getPermalink", channel=SUPPORT, message_ts=parent["ts"]))["permalink"]
    assert link == f"https://faxco.slack.com/archives/{SUPPORT}/p{parent['ts'].replace('.', '')}"
    link = (await api.form("chat.getPermalink", channel=SUPPORT, message_ts=reply["ts"]))["permalink"]
    assert link.endswith(f"?thread_ts={parent['ts']}&cid={SUPPORT}")
    missing = await api.form("chat.getPermalink", channel=SUPPORT, message_ts="1.000001")
    assert missing["error"] == "message_not_found"


async def test_time_stamps_are_unique_and_rise(api: Api, slack: SlackServer) -> None:
    """Even when the clock stands still, and as Slack writes them."""
    for _ in range(5):
        await api("chat.postMessage", channel=SUPPORT, text="x")
    stamps = [message.ts for message in slack.workspace.seen_by(ANN, SUPPORT)]
    assert stamps[0] == "1763900000.000000"
    assert stamps == sorted(set(stamps))
    assert all(len(ts.partition(".")[2]) == 6 for ts in stamps)


async def test_people_see_only_what_they_may(api: Api, slack: SlackServer) -> None:
    """Full members look into public channels; guests and strangers see where they are, and nothing else."""
    for channel in (SUPPORT, PRIVATE, SHARED):
        await api("chat.postMessage", channel=channel, text="x")
    slack.workspace.leave(SUPPORT, ADMIN)
    slack.workspace.leave(SUPPORT, GUEST)
    seen = {
        (user, channel): len(slack.workspace.seen_by(user, channel))
        for user in (ADMIN, GUEST, STRANGER)
        for channel in (SUPPORT, PRIVATE, SHARED)
    }
    assert seen == {
        (ADMIN, SUPPORT): 1,
        (ADMIN, PRIVATE): 1,
        (ADMIN, SHARED): 1,
        (GUEST, SUPPORT): 0,
        (GUEST, PRIVATE): 0,
        (GUEST, SHARED): 0,
        (STRANGER, SUPPORT): 0,
        (STRANGER, PRIVATE): 0,
        (STRANGER, SHARED): 1,
    }
