"""Slash commands: what the bot is sent, and what the person sees of its answer."""

import asyncio
from urllib.parse import urlsplit

import pytest
from aiohttp import web
from slack_sdk.signature import SignatureVerifier

from playground.slack import CannotDo, SlackServer
from playground.slack.example import (
    ANN,
    ANN_AND_BOB,
    ANN_DM,
    BOB,
    FORMER,
    HIDDEN,
    PRIVATE,
    RANDOM,
    SHARED,
    STRANGER,
    SUPPORT,
)

from .conftest import CARD, TinyBot


async def test_a_command_reaches_the_bot_as_a_signed_form(slack: SlackServer, bot: TinyBot) -> None:
    """The fields are those that Slack documents, in a form whose signature Slack's own verifier accepts."""
    await slack.command("/fax", "IAS-N1_1_0 & more", user=ANN, channel=SUPPORT)
    (received,) = bot.received
    form = received.form
    assert received.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert SignatureVerifier(slack.signing_secret).is_valid_request(received.body, dict(received.headers))
    assert form.pop("response_url").startswith(f"{slack.base_url}/commands/")
    assert form.pop("trigger_id")
    assert form == {
        "token": slack.workspace.app.verification_token,
        "team_id": slack.workspace.team.id,
        "team_domain": "faxco",
        "channel_id": SUPPORT,
        "channel_name": "support",
        "user_id": ANN,
        "user_name": "ann",
        "command": "/fax",
        "text": "IAS-N1_1_0 & more",
        "api_app_id": slack.workspace.app.id,
        "is_enterprise_install": "false",
    }


@pytest.mark.parametrize(
    ("channel", "name"),
    [
        (SUPPORT, "support"),
        (RANDOM, "random"),
        (PRIVATE, "privategroup"),
        (HIDDEN, "privategroup"),
        (ANN_DM, "directmessage"),
        (ANN_AND_BOB, "directmessage"),
    ],
)
async def test_commands_work_where_the_bot_is_not(slack: SlackServer, bot: TinyBot, channel: str, name: str) -> None:
    """Slack sends a command from any conversation, and says of private ones only what kind they are."""
    delivery = await slack.command("/fax", "1", user=ANN, channel=channel)
    assert delivery.acked
    assert bot.received[0].form["channel_name"] == name


async def test_an_empty_ack_shows_nothing(slack: SlackServer) -> None:
    """An ack without a body is an ack, and nobody sees anything."""
    delivery = await slack.command("/fax", "1", user=ANN, channel=SUPPORT)
    assert (delivery.status, delivery.failure, delivery.shown) == (200, None, ())
    assert slack.workspace.seen_by(ANN, SUPPORT) == []


async def test_a_text_ack_is_seen_by_the_person_alone(slack: SlackServer, bot: TinyBot) -> None:
    """A plain text body is an ephemeral message."""
    bot.says("Looking it up")
    delivery = await slack.command("/fax", "1", user=ANN, channel=SUPPORT)
    (seen,) = slack.workspace.seen_by(ANN, SUPPORT)
    assert (seen.text, seen.ephemeral, seen.user) == ("Looking it up", True, slack.workspace.app.bot_user_id)
    assert delivery.shown == (seen,)
    assert slack.workspace.seen_by(BOB, SUPPORT) == []


async def test_a_json_ack_may_hold_blocks(slack: SlackServer, bot: TinyBot) -> None:
    """Text and blocks are shown, blocks as they were sent."""
    bot.says({"text": "Fax failed", "blocks": CARD})
    delivery = await slack.command("/fax", "1", user=ANN, channel=SUPPORT)
    (seen,) = delivery.shown
    assert seen.blocks == CARD
    assert seen.words == "The line was busy\nShare"
    assert seen.buttons == ["Share"]


async def test_an_ack_in_channel_also_shows_the_typed_command(slack: SlackServer, bot: TinyBot) -> None:
    """Everybody sees what was typed, and then the answer."""
    bot.says({"response_type": "in_channel", "text": "Fax delivered"})
    await slack.command("/fax", "1", user=ANN, channel=SUPPORT)
    assert [(each.user, each.text) for each in slack.workspace.seen_by(BOB, SUPPORT)] == [
        (ANN, "/fax 1"),
        (slack.workspace.app.bot_user_id, "Fax delivered"),
    ]


async def test_an_ack_in_channel_without_words_shows_the_typed_command_alone(slack: SlackServer, bot: TinyBot) -> None:
    """So that everybody sees what was asked, and the answer can come later."""
    bot.says({"response_type": "in_channel"})
    (shown,) = (await slack.command("/fax", "1", user=ANN, channel=SUPPORT)).shown
    assert (shown.text, shown.ephemeral) == ("/fax 1", False)


@pytest.mark.parametrize(
    ("ack", "failure"),
    [
        ({"blocks": [{"type": "section"}]}, "invalid_blocks"),
        ({"blocks": [{"type": "alert", "text": {"type": "plain_text", "text": "!"}}]}, "invalid_blocks"),
        ({"blocks": "[]"}, "invalid_blocks_format"),
        ({"text": "x", "response_type": "everybody"}, "invalid_response_type"),
        (["x"], "json_not_object"),
        (web.Response(body=b"{", content_type="application/json"), "invalid_json"),
    ],
)
async def test_an_ack_that_slack_refuses_shows_only_that_it_failed(
    slack: SlackServer, bot: TinyBot, ack: object, failure: str
) -> None:
    """Nothing of a wrong ack is seen."""
    bot.says(ack)
    if isinstance(ack, web.Response):
        bot.answer = lambda _: ack
    delivery = await slack.command("/fax", "1", user=ANN, channel=SUPPORT)
    assert delivery.failure == failure
    assert [each.text for each in slack.workspace.seen_by(ANN, SUPPORT)] == [f'/fax failed with the error "{failure}"']


async def test_a_status_other_than_200_is_dispatch_failed(slack: SlackServer, bot: TinyBot) -> None:
    """The person reads that the dispatch failed, and nobody else reads anything."""
    bot.says("oops", status=500)
    delivery = await slack.command("/fax", "1", user=ANN, channel=SUPPORT)
    assert (delivery.status, delivery.failure) == (500, "dispatch_failed")
    assert "dispatch_failed" in slack.workspace.seen_by(ANN, SUPPORT)[0].text
    assert slack.workspace.seen_by(BOB, SUPPORT) == []


async def test_an_ack_that_is_late_is_operation_timeout(slack: SlackServer, bot: TinyBot) -> None:
    """After `ack_within` seconds Slack hangs up, and the person reads of the timeout."""
    bot.hangs(slack)
    delivery = await slack.command("/fax", "1", user=ANN, channel=SUPPORT)
    assert (delivery.status, delivery.failure) == (None, "operation_timeout")
    assert 0.3 <= delivery.seconds < 1
    assert "operation_timeout" in slack.workspace.seen_by(ANN, SUPPORT)[0].text


async def test_a_bot_that_does_not_listen_is_dispatch_failed(slack: SlackServer, unused_tcp_port: int) -> None:
    """A refused connection is told at once."""
    slack.bot_url = f"http://127.0.0.1:{unused_tcp_port}/slack/events"
    assert (await slack.command("/fax", "1", user=ANN, channel=SUPPORT)).failure == "dispatch_failed"


async def test_a_command_in_a_thread_is_not_sent(slack: SlackServer, bot: TinyBot) -> None:
    """Slack refuses it by itself, and says so to the person."""
    parent = await slack.post(BOB, SUPPORT, "where is my fax?")
    delivery = await slack.command("/fax", "1", user=ANN, channel=SUPPORT, thread_ts=parent.ts)
    assert (delivery.status, delivery.failure) == (None, "not_in_threads")
    assert "not supported in threads" in delivery.shown[0].text
    assert bot.received == []


async def test_a_command_from_another_organisation_is_not_sent(slack: SlackServer, bot: TinyBot) -> None:
    """Commands exist only for the team that installed the app, also in a shared channel."""
    assert (await slack.command("/fax", "1", user=STRANGER, channel=SHARED)).failure == "invalid_command"
    assert bot.received == []
    assert (await slack.command("/fax", "1", user=ANN, channel=SHARED)).acked


@pytest.mark.parametrize(("user", "channel"), [(BOB, PRIVATE), (FORMER, SUPPORT), (ANN, "C0NOWHERE")])
async def test_nobody_types_where_they_are_not(slack: SlackServer, user: str, channel: str) -> None:
    """A test that lets somebody act where they cannot is a mistake, and is told so."""
    with pytest.raises(CannotDo, match=f"{user} is not in {channel}"):
        await slack.command("/fax", "1", user=user, channel=channel)


async def test_nothing_is_sent_before_there_is_an_address(slack: SlackServer) -> None:
    """A forgotten `bot_url` is a mistake of the test, not a failure of the bot."""
    slack.bot_url = ""
    with pytest.raises(CannotDo, match="bot_url"):
        await slack.command("/fax", "1", user=ANN, channel=SUPPORT)


async def test_deliveries_tell_all_that_was_sent_and_answered(slack: SlackServer, bot: TinyBot) -> None:
    """A delivery holds the request as it went out, the answer, and both clocks."""
    bot.says({"text": "x"})
    delivery = await slack.command("/fax", "1", user=ANN, channel=SUPPORT)
    assert slack.deliveries == [delivery]
    assert delivery.request_body == bot.received[0].body
    assert delivery.request_headers["X-Slack-Signature"] == bot.received[0].headers["x-slack-signature"]
    assert (delivery.kind, delivery.payload["text"], delivery.json()) == ("command", "1", {"text": "x"})
    assert delivery.seconds > 0
    assert delivery.at > 1_700_000_000


async def test_many_commands_at_once(slack: SlackServer, bot: TinyBot) -> None:
    """Thirty-two commands together each have their own response_url and their own answer."""
    bot.answer = lambda received: _text(received.form["text"])
    deliveries = await asyncio.gather(*(slack.command("/fax", str(n), user=ANN, channel=SUPPORT) for n in range(32)))
    assert [each.shown[0].text for each in deliveries] == [str(n) for n in range(32)]
    urls = {urlsplit(each.response_url.url).path for each in deliveries if each.response_url}
    assert len(urls) == 32


def _text(said: str) -> web.Response:
    return web.Response(text=said)
