"""`conversations.*`, `users.*` and `usergroups.*`: what the bot can learn about channels and people."""

from dataclasses import replace

import pytest

from playground.slack import SlackServer
from playground.slack.example import (
    ADMIN,
    ANN,
    ANN_DM,
    BOB,
    BOT,
    FORMER,
    GROUP_DM,
    GUEST,
    HIDDEN,
    LONE_GUEST,
    PENDING,
    PRIVATE,
    RANDOM,
    SHARED,
    STRANGER,
    SUPPORT,
    SUPPORT_GROUP,
)
from playground.slack.wire import JsonObject

from .conftest import Api


@pytest.mark.parametrize(
    ("channel", "said"),
    [
        (SUPPORT, {"name": "support", "is_channel": True, "is_private": False, "is_member": True}),
        (RANDOM, {"is_member": False, "is_ext_shared": False, "is_pending_ext_shared": False}),
        (PRIVATE, {"is_channel": False, "is_group": True, "is_private": True}),
        (SHARED, {"is_ext_shared": True, "is_shared": True}),
        (PENDING, {"is_ext_shared": False, "is_pending_ext_shared": True}),
        (GROUP_DM, {"is_mpim": True, "is_im": False}),
        (ANN_DM, {"is_im": True, "user": ANN}),
    ],
)
async def test_info_says_what_a_channel_is(api: Api, channel: str, said: JsonObject) -> None:
    """Above all whether others can read there."""
    info = (await api.form("conversations.info", channel=channel))["channel"]
    assert {name: info[name] for name in said} == said


async def test_info_counts_members_only_when_asked(api: Api) -> None:
    """`include_num_members` costs Slack something, so it is not the default."""
    assert "num_members" not in (await api.form("conversations.info", channel=PRIVATE))["channel"]
    counted = await api.form("conversations.info", channel=PRIVATE, include_num_members="true")
    assert counted["channel"]["num_members"] == 3


async def test_private_channels_without_the_bot_do_not_exist(api: Api) -> None:
    """For every method that names a channel."""
    for method in ("info", "members", "history"):
        assert (await api.form(f"conversations.{method}", channel=HIDDEN))["error"] == "channel_not_found"


async def test_members_come_in_pages(api: Api) -> None:
    """The cursor leads on until it is empty."""
    first = await api.form("conversations.members", channel=SUPPORT, limit="4")
    second = await api.form(
        "conversations.members", channel=SUPPORT, limit="4", cursor=first["response_metadata"]["next_cursor"]
    )
    assert sorted(first["members"] + second["members"]) == sorted({ANN, BOB, ADMIN, BOT, GUEST, LONE_GUEST})
    assert second["response_metadata"]["next_cursor"] == ""
    assert (await api.form("conversations.members", channel=SUPPORT, limit="0"))["error"] == "invalid_limit"
    assert (await api.form("conversations.members", channel=SUPPORT, cursor="x"))["error"] == "invalid_cursor"


async def test_opening_direct_messages(api: Api, slack: SlackServer) -> None:
    """With one person or several; with a bot, with somebody who left or with nobody it is refused."""
    one = await api("conversations.open", users=BOB)
    assert one["channel"] == {"id": slack.workspace.direct_message(BOB).id}
    several = await api("conversations.open", users=f"{ANN},{ADMIN}", return_im=True)
    assert several["channel"]["is_mpim"] is True
    for users, error in (("", "users_list_not_supplied"), ("U0NOBODY", "user_not_found"), (BOT, "cannot_dm_bot")):
        assert (await api("conversations.open", users=users))["error"] == error
    assert (await api("conversations.open", users=FORMER))["error"] == "user_disabled"
    slack.grant.scopes -= {"mpim:write"}
    assert (await api("conversations.open", users=f"{ANN},{BOB}"))["needed"] == "mpim:write"


async def test_history_is_newest_first_and_without_private_messages(api: Api, slack: SlackServer) -> None:
    """Threads are not in it, ephemeral messages nowhere; `oldest` and `latest` narrow it."""
    first, second, third = [await slack.post(ANN, SUPPORT, text) for text in ("one", "two", "three")]
    await slack.post(BOB, SUPPORT, "reply", thread_ts=first.ts)
    await api("chat.postEphemeral", channel=SUPPORT, user=ANN, text="for you")
    answer = await api.form("conversations.history", channel=SUPPORT)
    assert [each["text"] for each in answer["messages"]] == ["three", "two", "one"]
    assert answer["messages"][2]["reply_count"] == 1
    between = await api.form("conversations.history", channel=SUPPORT, oldest=first.ts, latest=third.ts)
    assert [each["ts"] for each in between["messages"]] == [second.ts]
    closed = await api.form("conversations.history", channel=SUPPORT, oldest=second.ts, inclusive="1")
    assert [each["ts"] for each in closed["messages"]] == [third.ts, second.ts]


async def test_history_shows_edits_and_unfurls(api: Api, slack: SlackServer) -> None:
    """Under `edited` and `attachments`."""
    posted = await api("chat.postMessage", channel=SUPPORT, text="x")
    await api("chat.update", channel=SUPPORT, ts=posted["ts"], text="y")
    linked = await slack.post(ANN, SUPPORT, "https://example.com/1")
    preview = {"https://example.com/1": {"blocks": [{"type": "divider"}]}}
    await api("chat.unfurl", channel=SUPPORT, ts=linked.ts, unfurls=preview)
    unfurled, edited = (await api.form("conversations.history", channel=SUPPORT))["messages"]
    assert unfurled["attachments"][0]["app_unfurl_url"] == "https://example.com/1"
    assert edited["edited"]["user"] == BOT
    assert "attachments" not in edited


async def test_history_needs_membership_and_the_scope_of_the_channel(api: Api, slack: SlackServer) -> None:
    """A public channel without the bot is not_in_channel; each kind of channel has its own scope."""
    assert (await api.form("conversations.history", channel=RANDOM))["error"] == "not_in_channel"
    slack.grant.scopes = frozenset({"im:history"})
    assert (await api.form("conversations.history", channel=ANN_DM))["ok"] is True
    assert (await api.form("conversations.history", channel=SUPPORT))["needed"] == "channels:history"


async def test_replies_give_a_thread_with_its_first_message(api: Api, slack: SlackServer) -> None:
    """In pages; metadata only when asked for; a reply or a missing message heads no thread."""
    parent = await slack.post(ANN, SUPPORT, "where is my fax?")
    metadata = {"event_type": "fax", "event_payload": {"id": "1"}}
    reply = await api("chat.postMessage", channel=SUPPORT, text="a", thread_ts=parent.ts, metadata=metadata)
    await slack.post(BOB, SUPPORT, "b", thread_ts=parent.ts)
    page = await api.form("conversations.replies", channel=SUPPORT, ts=parent.ts, limit="2")
    assert [each["text"] for each in page["messages"]] == ["where is my fax?", "a"]
    assert page["has_more"] is True
    assert "metadata" not in page["messages"][1]
    cursor = page["response_metadata"]["next_cursor"]
    rest = await api.form("conversations.replies", channel=SUPPORT, ts=parent.ts, limit="2", cursor=cursor)
    assert ([each["text"] for each in rest["messages"]], rest["has_more"]) == (["b"], False)
    full = await api.form("conversations.replies", channel=SUPPORT, ts=parent.ts, include_all_metadata="true")
    assert full["messages"][1]["metadata"] == metadata
    for ts in (reply["ts"], "1.000001"):
        assert (await api.form("conversations.replies", channel=SUPPORT, ts=ts))["error"] == "thread_not_found"


@pytest.mark.parametrize(
    ("user", "said"),
    [
        (ANN, {"name": "ann", "real_name": "Ann Lee", "is_admin": False, "is_restricted": False, "deleted": False}),
        (ADMIN, {"is_admin": True, "is_owner": True}),
        (GUEST, {"is_restricted": True, "is_ultra_restricted": False}),
        (LONE_GUEST, {"is_restricted": True, "is_ultra_restricted": True}),
        (FORMER, {"deleted": True}),
        (BOT, {"is_bot": True}),
        (STRANGER, {"team_id": "T0000000ACME", "is_stranger": False}),
    ],
)
async def test_users_info_says_who_somebody_is(api: Api, user: str, said: JsonObject) -> None:
    """Role and team; the locale only when asked for."""
    info = (await api.form("users.info", user=user))["user"]
    assert {name: info[name] for name in said} == said
    assert "locale" not in info
    assert (await api.form("users.info", user=user, include_locale="true"))["user"]["locale"]


async def test_a_stranger_whom_the_bot_never_meets_is_marked(api: Api, slack: SlackServer) -> None:
    """`is_stranger` is for people of other organisations outside the channels shared with the bot."""
    slack.workspace.leave(SHARED, STRANGER)
    assert (await api.form("users.info", user=STRANGER))["user"]["is_stranger"] is True
    assert (await api.form("users.info", user="U0NOBODY"))["error"] == "user_not_found"


async def test_user_groups_and_their_members(api: Api, slack: SlackServer) -> None:
    """A disabled group is listed and read only when asked for."""
    (group,) = (await api.form("usergroups.list", include_users="true"))["usergroups"]
    assert (group["handle"], group["users"]) == ("support", [ANN, ADMIN])
    assert (await api.form("usergroups.users.list", usergroup=SUPPORT_GROUP))["users"] == [ANN, ADMIN]
    assert (await api.form("usergroups.users.list", usergroup="S0NONE"))["error"] == "no_such_subteam"
    slack.workspace.user_groups[SUPPORT_GROUP] = replace(slack.workspace.user_groups[SUPPORT_GROUP], is_disabled=True)
    assert (await api.form("usergroups.list"))["usergroups"] == []
    assert (await api.form("usergroups.users.list", usergroup=SUPPORT_GROUP))["error"] == "no_such_subteam"
    answer = await api.form("usergroups.users.list", usergroup=SUPPORT_GROUP, include_disabled="1")
    assert answer["users"] == [ANN, ADMIN]
