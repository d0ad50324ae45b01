"""The Web API's door: tokens, scopes, bodies, rates, faults, and what is recorded."""

import asyncio
import time
from dataclasses import replace

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from playground.slack import NO_LIMITS, SLACK_LIMITS, Limits, SlackServer, example_workspace
from playground.slack.example import ANN, RANDOM, SUPPORT
from playground.slack.rates import Tier

from .conftest import Api, Clock


async def test_auth_test_says_whose_token_it_is(api: Api, slack: SlackServer) -> None:
    """Team, user and bot are those of the workspace."""
    answer = await api("auth.test")
    workspace = slack.workspace
    assert (answer["team_id"], answer["user_id"], answer["bot_id"]) == (
        workspace.team.id,
        workspace.app.bot_user_id,
        workspace.app.bot_id,
    )


async def test_slacks_own_client_understands_it(slack: SlackServer, session: aiohttp.ClientSession) -> None:
    """slack_sdk posts, reads threads, and raises on refusals, over one connection."""
    client = AsyncWebClient(token=slack.bot_token, base_url=slack.api_url, session=session)
    posted = await client.chat_postMessage(
        channel=SUPPORT, text="Fax failed", metadata={"event_type": "a", "event_payload": {}}
    )
    await client.chat_postMessage(channel=SUPPORT, text="Sent again", thread_ts=posted["ts"])
    thread = await client.conversations_replies(channel=SUPPORT, ts=posted["ts"], include_all_metadata=True)
    assert [each["text"] for each in thread["messages"]] == ["Fax failed", "Sent again"]
    assert thread["messages"][0]["metadata"]["event_type"] == "a"
    assert (await client.users_info(user=ANN, include_locale=True))["user"]["locale"] == "en-GB"
    assert (await client.conversations_info(channel=RANDOM))["channel"]["is_member"] is False
    assert (await client.conversations_open(users=[ANN]))["channel"]["id"]
    with pytest.raises(SlackApiError) as refused:
        await client.chat_postMessage(channel="C0NOWHERE", text="x")
    assert refused.value.response["error"] == "channel_not_found"
    assert slack.connections == 1
    assert {call.connection for call in slack.calls} == {1}


async def test_a_client_without_a_session_opens_a_connection_for_each_call(slack: SlackServer) -> None:
    """Connections are counted as they are accepted."""
    client = AsyncWebClient(token=slack.bot_token, base_url=slack.api_url)
    for _ in range(3):
        await client.auth_test()
    assert slack.connections == 3
    assert [call.connection for call in slack.calls] == [1, 2, 3]


@pytest.mark.parametrize(
    ("token", "error"), [("", "not_authed"), ("xoxb-wrong", "invalid_auth"), ("xoxp-person", "invalid_auth")]
)
async def test_other_tokens_are_refused(api: Api, slack: SlackServer, token: str, error: str) -> None:
    """Only the bot's own token opens the door; the record keeps the kind of the token, not the token."""
    async with api.post("auth.test", token=token) as response:
        assert (await response.json())["error"] == error
    assert slack.calls[0].token_kind == token.partition("-")[0]


async def test_a_token_may_stand_in_the_form_but_not_in_json(api: Api, slack: SlackServer) -> None:
    """As with the real one; it never shows in the recorded arguments."""
    async with api.post("auth.test", token="", data={"token": slack.bot_token}) as response:
        assert (await response.json())["ok"] is True
    async with api.post("auth.test", token="", json={"token": slack.bot_token}) as response:
        assert (await response.json())["error"] == "not_authed"
    assert [call.arguments for call in slack.calls] == [{}, {}]


@pytest.mark.parametrize("state", ["token_revoked", "account_inactive"])
async def test_a_token_can_stop_being_good(api: Api, slack: SlackServer, state: str) -> None:
    """As when the app is removed while the bot runs."""
    assert (await api("auth.test"))["ok"] is True
    slack.grant.refused = "token_revoked" if state == "token_revoked" else "account_inactive"
    assert (await api("auth.test"))["error"] == state


@pytest.mark.parametrize(
    ("method", "arguments", "needed"),
    [
        ("chat.postMessage", {"channel": SUPPORT, "text": "x"}, "chat:write"),
        ("chat.unfurl", {}, "links:write"),
        ("users.info", {"user": ANN}, "users:read"),
        ("usergroups.users.list", {}, "usergroups:read"),
        ("conversations.info", {"channel": SUPPORT}, "channels:read,groups:read,im:read,mpim:read"),
        ("conversations.replies", {}, "channels:history,groups:history,im:history,mpim:history"),
        ("conversations.open", {"users": ANN}, "im:write,mpim:write"),
    ],
)
async def test_a_missing_scope_is_named(
    api: Api, slack: SlackServer, method: str, arguments: dict[str, str], needed: str
) -> None:
    """The refusal says what is needed and what was provided."""
    slack.grant.scopes = frozenset({"commands", "app_mentions:read"})
    answer = await api.form(method, **arguments)
    assert answer == {
        "ok": False,
        "error": "missing_scope",
        "needed": needed,
        "provided": "app_mentions:read,commands",
    }


async def test_a_scope_for_one_kind_of_channel_is_none_for_another(api: Api, slack: SlackServer) -> None:
    """`groups:read` does not read public channels."""
    slack.grant.scopes = frozenset({"groups:read"})
    assert (await api.form("conversations.info", channel=SUPPORT))["needed"] == "channels:read"
    slack.grant.scopes = frozenset({"channels:read"})
    assert (await api.form("conversations.info", channel=SUPPORT))["ok"] is True


async def test_the_scopes_stand_in_a_header(api: Api, slack: SlackServer) -> None:
    """`x-oauth-scopes` tells what the token was granted."""
    async with api.post("auth.test") as response:
        assert response.headers["x-oauth-scopes"].split(",") == sorted(slack.grant.scopes)
    async with api.post("auth.test", token="xoxb-wrong") as response:
        assert "x-oauth-scopes" not in response.headers


async def test_methods_that_need_no_scope_need_none(api: Api, slack: SlackServer) -> None:
    """auth.test and views need a token and nothing else; api.test and blocks.validate not even that."""
    slack.grant.scopes = frozenset()
    assert (await api("auth.test"))["ok"] is True
    assert (await api("views.open", trigger_id="1", view={"type": "modal"}))["error"] == "invalid_arguments"
    async with api.post("api.test", token="", json={"foo": "bar"}) as response:
        assert await response.json() == {"ok": True, "args": {"foo": "bar"}}
    assert (await api("api.test", error="my_error"))["error"] == "my_error"


async def test_unknown_methods_are_refused(api: Api) -> None:
    """A misspelt method is told."""
    answer = await api("chat.post")
    assert (answer["error"], answer["req_method"]) == ("unknown_method", "chat.post")


@pytest.mark.parametrize(
    ("body", "content_type", "error"),
    [
        (b"{", "application/json", "invalid_json"),
        (b"[]", "application/json", "json_not_object"),
        (b"<x/>", "text/xml", "invalid_post_type"),
        (b"x", None, "missing_post_type"),
        (b"text=%ff\xff", "application/x-www-form-urlencoded", "invalid_form_data"),
    ],
)
async def test_bodies_that_cannot_be_read_are_refused(
    slack: SlackServer, session: aiohttp.ClientSession, body: bytes, content_type: str | None, error: str
) -> None:
    """Each has its own word."""
    headers = {"Authorization": f"Bearer {slack.bot_token}", **({"Content-Type": content_type} if content_type else {})}
    url = slack.api_url + "chat.postMessage"
    async with session.post(url, data=body, headers=headers, skip_auto_headers={"Content-Type"}) as response:
        assert (await response.json())["error"] == error


async def test_reading_methods_take_no_json(api: Api) -> None:
    """A JSON body goes unread there, so that its arguments are missing; a form and the query are read."""
    answer = await api("users.info", user=ANN)
    assert answer["error"] == "invalid_arguments"
    assert answer["response_metadata"]["messages"] == ["[ERROR] missing required field: user"]
    assert (await api.form("users.info", user=ANN))["user"]["id"] == ANN
    async with api.post(f"users.info?user={ANN}") as response:
        assert (await response.json())["user"]["id"] == ANN


async def test_a_tier_is_so_many_calls_a_minute(api: Api, clock: Clock) -> None:
    """The 21st call of a tier 2 method is one too many; three seconds later there is one again."""
    for _ in range(20):
        assert (await api.form("usergroups.list"))["ok"] is True
    async with api.post("usergroups.list") as response:
        assert (response.status, response.headers["Retry-After"]) == (429, "3")
        assert await response.json() == {"ok": False, "error": "ratelimited"}
    assert (await api.form("users.info", user=ANN))["ok"] is True
    clock.now += 3
    assert (await api.form("usergroups.list"))["ok"] is True


async def test_posting_is_one_a_second_in_each_channel_after_a_burst(api: Api, clock: Clock) -> None:
    """Five at once are taken; another channel is not concerned."""
    for _ in range(5):
        assert (await api("chat.postMessage", channel=SUPPORT, text="x"))["ok"] is True
    async with api.post("chat.postMessage", json={"channel": SUPPORT, "text": "x"}) as response:
        assert (response.status, response.headers["Retry-After"]) == (429, "1")
    assert (await api("chat.postMessage", channel=ANN, text="x"))["ok"] is True
    clock.now += 1
    assert (await api("chat.postMessage", channel=SUPPORT, text="x"))["ok"] is True


async def test_rates_can_be_lowered_and_switched_off(session: aiohttp.ClientSession) -> None:
    """For tests that need 429 soon, or never."""
    tight = Limits({**SLACK_LIMITS.per_minute, Tier.T4: 1}, posts_per_second=1)
    for limits, refused in ((tight, 1), (NO_LIMITS, 0)):
        async with SlackServer(example_workspace(), limits=limits) as slack:
            api = Api(slack, session)
            answers = [await api.form("users.info", user=ANN) for _ in range(2)]
            assert [each["ok"] for each in answers].count(False) == refused


async def test_a_fault_is_answered_as_ordered_and_then_it_is_over(api: Api, slack: SlackServer) -> None:
    """A refusal, a 429 and a broken gateway, each as often as asked, without effect."""
    slack.fail("chat.postMessage", error="internal_error", times=2)
    slack.fail("chat.postMessage", status=429, retry_after=7)
    slack.fail("chat.postMessage", status=503)
    post = {"channel": SUPPORT, "text": "x"}
    for _ in range(2):
        assert await api("chat.postMessage", **post) == {"ok": False, "error": "internal_error"}
    async with api.post("chat.postMessage", json=post) as response:
        assert (response.status, response.headers["Retry-After"]) == (429, "7")
        assert (await response.json())["error"] == "ratelimited"
    async with api.post("chat.postMessage", json=post) as response:
        assert (response.status, response.content_type) == (503, "text/html")
    assert slack.workspace.seen_by(ANN, SUPPORT) == []
    assert (await api("chat.postMessage", **post))["ok"] is True


async def test_a_delay_only_delays(api: Api, slack: SlackServer) -> None:
    """The call is answered as ever, later."""
    slack.fail("auth.test", delay=0.1)
    started = time.monotonic()
    assert (await api("auth.test"))["ok"] is True
    assert time.monotonic() - started >= 0.1


@pytest.mark.parametrize(("drop", "seen"), [("before", 0), ("after", 1)])
async def test_a_dropped_connection_hides_whether_it_worked(api: Api, slack: SlackServer, drop: str, seen: int) -> None:
    """The caller gets no answer either way; only the channel knows."""
    slack.fail("chat.postMessage", drop="before" if drop == "before" else "after")
    with pytest.raises(aiohttp.ClientConnectionError):
        await api("chat.postMessage", channel=SUPPORT, text="x")
    assert len(slack.workspace.seen_by(ANN, SUPPORT)) == seen
    assert slack.calls[0].status == 0
    assert (await api("auth.test"))["ok"] is True


async def test_calls_are_recorded(api: Api, slack: SlackServer) -> None:
    """Method, arguments, kind of token, status, answer and time."""
    await api("chat.postMessage", channel=SUPPORT, text="x")
    (call,) = slack.calls
    assert (call.method, call.arguments, call.token_kind) == (
        "chat.postMessage",
        {"channel": SUPPORT, "text": "x"},
        "xoxb",
    )
    assert (call.status, call.ok, call.answer["channel"], call.connection) == (200, True, SUPPORT, 1)
    assert 0 < call.seconds < 1
    slack.forget()
    assert (slack.calls, slack.workspace.seen_by(ANN, SUPPORT)) == ([], [])


async def test_until_gives_what_was_waited_for(api: Api, slack: SlackServer) -> None:
    """It wakes with the record that makes it true, and gives the value."""
    waiting = asyncio.create_task(slack.until(lambda: slack.workspace.seen_by(ANN, SUPPORT)))
    await asyncio.sleep(0)
    await api("auth.test")
    assert not waiting.done()
    await api("chat.postMessage", channel=SUPPORT, text="x")
    assert [message.text for message in await waiting] == ["x"]


async def test_until_says_what_happened_instead(api: Api, slack: SlackServer) -> None:
    """After the time given it names the last records; a mistake in the condition is the waiter's own."""
    await api("chat.update", channel=SUPPORT, ts="1.000001", text="x")
    with pytest.raises(TimeoutError, match=r"chat\.update 200 message_not_found"):
        await slack.until(lambda: False, within=0.01)
    with pytest.raises(ZeroDivisionError):
        await slack.until(lambda: 1 / 0)


async def test_other_paths_are_not_found(slack: SlackServer, session: aiohttp.ClientSession) -> None:
    """Nothing else listens there."""
    async with session.get(slack.base_url + "/") as response:
        assert response.status == 404


async def test_a_port_can_be_given(session: aiohttp.ClientSession, unused_tcp_port: int) -> None:
    """For a demo with an address known before."""
    async with SlackServer(example_workspace(), port=unused_tcp_port) as slack:
        assert slack.api_url == f"http://127.0.0.1:{unused_tcp_port}/api/"
        assert (await Api(slack, session)("auth.test"))["ok"] is True


def test_example_people_can_be_changed() -> None:
    """People are values: a change makes another one."""
    workspace = example_workspace()
    workspace.people[ANN] = replace(workspace.people[ANN], is_restricted=True)
    assert workspace.is_guest(ANN)
    assert not example_workspace().is_guest(ANN)
