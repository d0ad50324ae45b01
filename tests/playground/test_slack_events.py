"""Events: which of them follow from what people do, how they are wrapped, and how often they come again."""

import json

import aiohttp
import pytest
from aiohttp import web
from slack_sdk.signature import SignatureVerifier

from playground.slack import CannotDo, SlackServer
from playground.slack.example import (
    ANN,
    ANN_AND_BOB,
    ANN_DM,
    ARCHIVED,
    BOB,
    BOT,
    GROUP_DM,
    PRIVATE,
    RANDOM,
    SHARED,
    STRANGER,
    SUPPORT,
)

from .conftest import Api, Received, TinyBot

HELLO = f"<@{BOT}> where is IAS-N1_1_0?"
LINK = "https://faxes.example.org/o/A_1?x=1&y=2"


def _events(bot: TinyBot) -> list[str]:
    return [received.json["event"]["type"] for received in bot.received]


async def test_an_event_comes_wrapped_and_signed(slack: SlackServer, bot: TinyBot) -> None:
    """The wrapper is that of the Events API, sent as JSON."""
    message = await slack.post(ANN, SUPPORT, HELLO)
    (received,) = bot.received
    assert received.headers["Content-Type"] == "application/json"
    assert SignatureVerifier(slack.signing_secret).is_valid_request(received.body, dict(received.headers))
    wrapper = received.json
    event = wrapper.pop("event")
    team, app = slack.workspace.team, slack.workspace.app
    assert wrapper.pop("event_id").startswith("Ev")
    assert wrapper.pop("event_context")
    assert wrapper == {
        "token": app.verification_token,
        "team_id": team.id,
        "context_team_id": team.id,
        "context_enterprise_id": None,
        "api_app_id": app.id,
        "type": "event_callback",
        "event_time": 1_763_900_000,
        "authorizations": [
            {
                "enterprise_id": None,
                "team_id": team.id,
                "user_id": BOT,
                "is_bot": True,
                "is_enterprise_install": False,
            }
        ],
        "is_ext_shared_channel": False,
    }
    assert event.pop("client_msg_id")
    (block,) = event.pop("blocks")
    assert block["elements"][0]["elements"][0] == {"type": "user", "user_id": BOT}
    assert event == {
        "type": "app_mention",
        "user": ANN,
        "text": HELLO,
        "ts": message.ts,
        "event_ts": message.ts,
        "channel": SUPPORT,
        "team": team.id,
    }


@pytest.mark.parametrize(
    ("channel", "text", "events"),
    [
        (SUPPORT, HELLO, ["app_mention"]),
        (PRIVATE, HELLO, ["app_mention"]),
        (GROUP_DM, HELLO, ["app_mention"]),
        (SUPPORT, "where is my fax?", []),
        (RANDOM, HELLO, []),
        (ANN_DM, "IAS-N1_1_0", ["message"]),
        (ANN_DM, HELLO, ["message"]),
        (ANN_AND_BOB, "IAS-N1_1_0", []),
        (RANDOM, LINK, ["link_shared"]),
        (ANN_AND_BOB, LINK, ["link_shared"]),
    ],
)
async def test_the_bot_hears_what_concerns_it(
    slack: SlackServer, bot: TinyBot, channel: str, text: str, events: list[str]
) -> None:
    """Mentions where it is, direct messages to it, and links to its domains anywhere."""
    await slack.post(ANN, channel, text)
    assert _events(bot) == events


async def test_one_message_can_be_two_events(slack: SlackServer, bot: TinyBot) -> None:
    """A mention with a link."""
    await slack.post(ANN, SUPPORT, f"{HELLO} {LINK}")
    assert sorted(_events(bot)) == ["app_mention", "link_shared"]


async def test_events_that_are_not_subscribed_do_not_come(slack: SlackServer, bot: TinyBot) -> None:
    """As the manifest says."""
    slack.events = frozenset({"app_home_opened"})
    await slack.post(ANN, SUPPORT, f"{HELLO} {LINK}")
    await slack.post(ANN, ANN_DM, "x")
    assert await slack.compose(ANN, SUPPORT, LINK) is None
    assert _events(bot) == []
    slack.events = frozenset()
    assert await slack.open_home(ANN) is None


async def test_a_thread_and_a_direct_message_say_where_they_are(slack: SlackServer, bot: TinyBot) -> None:
    """`thread_ts` stands only in threads, `channel_type` only in the message event."""
    parent = await slack.post(ANN, SUPPORT, HELLO)
    await slack.post(BOB, SUPPORT, HELLO, thread_ts=parent.ts)
    await slack.post(ANN, ANN_DM, "x")
    first, second, third = [received.json["event"] for received in bot.received]
    assert ("thread_ts" in first, second["thread_ts"]) == (False, parent.ts)
    assert (third["channel_type"], third["channel"]) == ("im", ANN_DM)


async def test_a_stranger_is_recognisable(slack: SlackServer, bot: TinyBot) -> None:
    """In a shared channel the wrapper says so, and the event names the other team."""
    await slack.post(STRANGER, SHARED, HELLO)
    wrapper = bot.received[0].json
    assert (wrapper["is_ext_shared_channel"], wrapper["team_id"]) == (True, slack.workspace.team.id)
    assert wrapper["event"]["user_team"] == slack.workspace.people[STRANGER].team_id
    await slack.post(ANN, SHARED, HELLO)
    assert "user_team" not in bot.received[1].json["event"]


async def test_links_are_told_as_slack_writes_them(slack: SlackServer, bot: TinyBot) -> None:
    """With `&amp;`, once each, under the registered domain; other hosts are left out."""
    text = f"{LINK} {LINK} https://a.b.example.com/2 https://example.com.evil.net/3 https://faxes.example.net/4"
    message = await slack.post(ANN, RANDOM, text)
    event = bot.received[0].json["event"]
    assert event["links"] == [
        {"domain": "faxes.example.org", "url": "https://faxes.example.org/o/A_1?x=1&amp;y=2"},
        {"domain": "example.com", "url": "https://a.b.example.com/2"},
    ]
    assert (event["channel"], event["message_ts"], event["is_bot_user_member"]) == (RANDOM, message.ts, False)
    assert (event["source"], event["user_locale"]) == ("conversations_history", "en-GB")
    assert message.text.startswith("<https://faxes.example.org/o/A_1?x=1&amp;y=2> <https://")


async def test_a_strangers_links_are_not_told(slack: SlackServer, bot: TinyBot) -> None:
    """An external member's message in a shared channel is no link_shared; one of ours there is."""
    await slack.post(STRANGER, SHARED, LINK)
    assert await slack.compose(STRANGER, SHARED, LINK) is None
    assert _events(bot) == []
    await slack.post(ANN, SHARED, LINK)
    assert _events(bot) == ["link_shared"]


async def test_links_are_told_while_they_are_written(slack: SlackServer, bot: TinyBot) -> None:
    """From the composer the channel is not known, and `message_ts` is the unfurl_id."""
    unfurl_id = await slack.compose(ANN, SUPPORT, LINK)
    event = bot.received[0].json["event"]
    assert (event["source"], event["channel"]) == ("composer", "COMPOSER")
    assert event["unfurl_id"] == event["message_ts"] == unfurl_id
    assert slack.workspace.seen_by(ANN, SUPPORT) == []
    assert await slack.compose(ANN, SUPPORT, "no link") is None


async def test_opening_the_home_tab_is_told(slack: SlackServer, bot: TinyBot, api: Api) -> None:
    """With the view that is there already, if any."""
    await slack.open_home(ANN)
    await api("views.publish", user_id=ANN, view={"type": "home", "blocks": [{"type": "divider"}]})
    await slack.open_home(ANN, tab="messages")
    first, second = [received.json["event"] for received in bot.received]
    assert (first["type"], first["user"], first["tab"], first["channel"]) == ("app_home_opened", ANN, "home", ANN_DM)
    assert "view" not in first
    assert (second["tab"], second["view"]["type"]) == ("messages", "home")


async def test_any_event_can_be_sent(slack: SlackServer, bot: TinyBot) -> None:
    """Also one that nothing here leads to."""
    delivery = await slack.send_event({"type": "channel_id_changed", "old_channel_id": "C1", "new_channel_id": "C2"})
    assert (delivery.kind, delivery.acked) == ("channel_id_changed", True)
    assert bot.received[0].json["event"]["new_channel_id"] == "C2"


async def test_any_2xx_is_an_ack(slack: SlackServer, bot: TinyBot) -> None:
    """Events take 204 as well as 200."""
    bot.says("", status=204)
    await slack.post(ANN, SUPPORT, HELLO)
    assert [each.acked for each in slack.deliveries] == [True]


async def test_what_fails_comes_again_three_times(slack: SlackServer, bot: TinyBot) -> None:
    """The same event_id each time; the headers say which retry it is, and why."""
    bot.says("no", status=503)
    await slack.post(ANN, SUPPORT, HELLO)
    await slack.until(lambda: len(slack.deliveries) == 4)
    assert {received.json["event_id"] for received in bot.received} == {slack.deliveries[0].event_id}
    assert [
        (received.headers.get("X-Slack-Retry-Num"), received.headers.get("X-Slack-Retry-Reason"))
        for received in bot.received
    ] == [(None, None), ("1", "http_error"), ("2", "http_error"), ("3", "http_error")]
    assert [each.attempt for each in slack.deliveries] == [0, 1, 2, 3]


async def test_retries_end_with_the_first_success(slack: SlackServer, bot: TinyBot) -> None:
    """A bot that was slow once is asked once more."""
    answers = iter([503, 200])
    bot.answer = lambda _: web.Response(status=next(answers))
    await slack.post(ANN, SUPPORT, HELLO)
    await slack.until(lambda: slack.deliveries[-1].acked)
    assert [each.status for each in slack.deliveries] == [503, 200]


async def test_the_reason_of_a_retry(slack: SlackServer, bot: TinyBot, unused_tcp_port: int) -> None:
    """Too slow is http_timeout, no TLS is ssl_error, nobody there is connection_failed."""
    slack.retry_pauses = (0,)
    bot.hangs(slack)
    assert (await slack.send_event({"type": "x"})).retry_reason == "http_timeout"
    slack.bot_url = bot.url.replace("http:", "https:")
    assert (await slack.send_event({"type": "x"})).retry_reason == "ssl_error"
    slack.bot_url = f"http://127.0.0.1:{unused_tcp_port}/"
    assert (await slack.send_event({"type": "x"})).retry_reason == "connection_failed"


async def test_the_bot_can_ask_for_no_retry(slack: SlackServer, bot: TinyBot) -> None:
    """By a header, on an answer that is no ack."""
    bot.answer = lambda _: web.Response(status=500, headers={"x-slack-no-retry": "1"})
    await slack.post(ANN, SUPPORT, HELLO)
    assert (len(slack.deliveries), len(slack.retries)) == (1, 0)


@pytest.mark.parametrize(("user", "channel"), [(BOB, ANN_DM), (ANN, ARCHIVED), (STRANGER, SUPPORT)])
async def test_nobody_writes_where_they_cannot(slack: SlackServer, user: str, channel: str) -> None:
    """Not in another's direct message, an archive, or a channel of another organisation."""
    with pytest.raises(CannotDo):
        await slack.post(user, channel, "x")
    with pytest.raises(CannotDo):
        await slack.post(ANN, SUPPORT, "x", thread_ts="1.000001")


@pytest.mark.parametrize(
    ("said", "failure"),
    [("text", None), ("json", None), ("other", "challenge_failed"), ("nonsense", "challenge_failed")],
)
async def test_url_verification_wants_the_challenge(
    slack: SlackServer, bot: TinyBot, said: str, failure: str | None
) -> None:
    """As text or as JSON."""

    def answer(received: Received) -> web.Response:
        challenge = received.json["challenge"]
        bodies: dict[str, str] = {"text": challenge, "json": json.dumps({"challenge": challenge}), "other": "{}"}
        return web.Response(text=bodies.get(said, "nonsense"))

    bot.answer = answer
    assert (await slack.verify_url()).failure == failure
    assert bot.received[0].json["type"] == "url_verification"


async def test_a_test_can_sign_its_own_requests(slack: SlackServer, session: aiohttp.ClientSession) -> None:
    """For requests that Slack would not send: old, odd, or forged."""
    body = b"payload=1"
    headers = slack.sign(body, timestamp="1")
    assert headers["X-Slack-Request-Timestamp"] == "1"
    async with session.post(slack.bot_url, data=body, headers=headers) as response:
        assert response.status == 200


async def test_retries_do_not_outlive_slack(slack: SlackServer, bot: TinyBot) -> None:
    """Pauses of minutes are cut short when Slack closes."""
    slack.retry_pauses = (60,)
    bot.says("no", status=500)
    await slack.post(ANN, SUPPORT, HELLO)
    assert len(slack.retries) == 1
