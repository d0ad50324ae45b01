"""response_urls: how often and how long they may be used, and what they may change."""

from dataclasses import dataclass

import aiohttp
import pytest

from playground.slack import Delivery, SlackServer
from playground.slack.example import ANN, BOB, HIDDEN, RANDOM, SUPPORT
from playground.slack.wire import JsonObject

from .conftest import CARD, Clock, TinyBot


@dataclass
class Respond:
    """Posts to the response_url of a delivery."""

    session: aiohttp.ClientSession

    async def __call__(self, to: Delivery, **said: object) -> tuple[int, JsonObject]:
        """Post, and give status and answer."""
        assert to.response_url
        async with self.session.post(to.response_url.url, json=said) as response:
            return response.status, await response.json()


@pytest.fixture
def respond(session: aiohttp.ClientSession) -> Respond:
    """Give the bot's way to answer later."""
    return Respond(session)


@pytest.fixture
async def command(slack: SlackServer, bot: TinyBot) -> Delivery:
    """Give a command of Ann's whose ack was a line of text."""
    bot.says("Looking it up")
    return await slack.command("/fax", "1", user=ANN, channel=SUPPORT)


@pytest.fixture
async def press(slack: SlackServer, bot: TinyBot) -> Delivery:
    """Give a press of Ann's on a button of an ephemeral card."""
    bot.says({"text": "Fax failed", "blocks": CARD})
    card = (await slack.command("/fax", "1", user=ANN, channel=SUPPORT)).shown[0]
    bot.says("")
    return await slack.press(card, "share", user=ANN)


def _texts(slack: SlackServer, user: str, channel: str = SUPPORT) -> list[str]:
    return [message.text for message in slack.workspace.seen_by(user, channel)]


async def test_by_default_the_person_alone_sees_it(slack: SlackServer, command: Delivery, respond: Respond) -> None:
    """Without a response_type a post is ephemeral, and needs no token."""
    assert await respond(command, text="Delivered", blocks=CARD) == (200, {"ok": True})
    assert _texts(slack, ANN) == ["Looking it up", "Delivered"]
    assert _texts(slack, BOB) == []


async def test_the_message_of_a_person_is_not_replaced(slack: SlackServer, bot: TinyBot, respond: Respond) -> None:
    """A shortcut on what somebody wrote leads to a new message: only the bot's own can be replaced or deleted."""
    message = await slack.post(BOB, SUPPORT, "where is my fax?")
    shortcut = await slack.message_shortcut(message, "look-up", user=ANN)
    assert len(bot.received) == 1
    await respond(shortcut, delete_original=True)
    await respond(shortcut, text="Delivered", replace_original=True)
    assert _texts(slack, ANN) == ["where is my fax?", "Delivered"]


async def test_a_deleted_card_cannot_be_deleted_again(press: Delivery, respond: Respond) -> None:
    """The second time it is not found."""
    await respond(press, delete_original=True)
    assert await respond(press, delete_original=True) == (400, {"ok": False, "error": "message_not_found"})


async def test_in_channel_everybody_sees_it(slack: SlackServer, command: Delivery, respond: Respond) -> None:
    """`in_channel` is for all."""
    await respond(command, text="Delivered", response_type="in_channel")
    assert _texts(slack, BOB) == ["Delivered"]


@pytest.mark.parametrize("channel", [RANDOM, HIDDEN])
async def test_the_bot_need_not_be_a_member(slack: SlackServer, respond: Respond, channel: str) -> None:
    """A response_url leads even into channels where the bot could not post."""
    command = await slack.command("/fax", "1", user=ANN, channel=channel)
    assert (await respond(command, text="Delivered", response_type="in_channel"))[0] == 200
    assert _texts(slack, BOB, channel) == ["Delivered"]


@pytest.mark.parametrize("flag", ["replace_original", "delete_original"])
async def test_a_command_answer_is_never_replaced(
    slack: SlackServer, command: Delivery, respond: Respond, flag: str
) -> None:
    """What the ack of a command showed stays: a second message appears, and nothing is deleted."""
    await respond(command, text="Delivered", **{flag: True})
    assert _texts(slack, ANN) == ["Looking it up", "Delivered"][: 2 if flag == "replace_original" else 1]


@pytest.mark.parametrize("flag", [True, "true"])
async def test_a_press_can_replace_a_private_message(
    slack: SlackServer, press: Delivery, respond: Respond, flag: object
) -> None:
    """The card is changed in its place; that it was private is kept, whatever the post asks for."""
    await respond(press, text="Delivered", replace_original=flag, response_type="in_channel")
    (seen,) = slack.workspace.seen_by(ANN, SUPPORT)
    assert (seen.text, seen.blocks, seen.ephemeral) == ("Delivered", [], True)
    assert _texts(slack, BOB) == []


async def test_a_press_can_delete_a_private_message(slack: SlackServer, press: Delivery, respond: Respond) -> None:
    """`delete_original` takes the card away; then there is nothing left to replace."""
    assert (await respond(press, delete_original=True))[0] == 200
    assert _texts(slack, ANN) == []
    assert await respond(press, text="x", replace_original=True) == (400, {"ok": False, "error": "message_not_found"})


async def test_a_press_posts_anew_unless_it_replaces(slack: SlackServer, press: Delivery, respond: Respond) -> None:
    """Sharing a private card is a new message; the private one stays."""
    await respond(press, text="Shared by Ann", response_type="in_channel", replace_original=False)
    assert _texts(slack, ANN) == ["Fax failed", "Shared by Ann"]
    assert _texts(slack, BOB) == ["Shared by Ann"]


async def test_thread_ts_leads_into_a_thread(slack: SlackServer, command: Delivery, respond: Respond) -> None:
    """The post stands in the thread and not in the channel; a thread that is not there is refused."""
    parent = await slack.post(BOB, SUPPORT, "where is my fax?")
    assert (await respond(command, text="Here", thread_ts=parent.ts, response_type="in_channel"))[0] == 200
    assert _texts(slack, BOB) == ["where is my fax?"]
    assert [each.text for each in slack.workspace.seen_by(BOB, SUPPORT, parent.ts)] == ["where is my fax?", "Here"]
    assert (await respond(command, text="x", thread_ts="1.000001"))[1]["error"] == "thread_not_found"


async def test_the_sixth_use_is_refused(slack: SlackServer, command: Delivery, respond: Respond) -> None:
    """Five uses are taken; then the address is used up."""
    for _ in range(5):
        assert (await respond(command, text="x"))[0] == 200
    assert await respond(command, text="x") == (404, {"ok": False, "error": "used_url"})
    assert _texts(slack, ANN).count("x") == 5


async def test_after_thirty_minutes_it_has_expired(
    slack: SlackServer, command: Delivery, respond: Respond, clock: Clock
) -> None:
    """At half an hour it still works, a second later no more."""
    clock.now += 30 * 60
    assert (await respond(command, text="x"))[0] == 200
    clock.now += 1
    assert await respond(command, text="late") == (404, {"ok": False, "error": "expired_url"})
    assert "late" not in _texts(slack, ANN)


@pytest.mark.parametrize(
    ("said", "error"),
    [
        ({}, "no_text"),
        ({"text": "x", "blocks": [{"type": "header"}]}, "invalid_blocks"),
        ({"text": "x", "response_type": "all"}, "invalid_response_type"),
        ({"text": "x", "replace_original": 1}, "invalid_payload"),
        ({"text": 1}, "invalid_payload"),
    ],
)
async def test_a_wrong_post_is_refused_and_costs_no_use(
    command: Delivery, respond: Respond, said: JsonObject, error: str
) -> None:
    """The answer is 400 with Slack's word for it."""
    status, answer = await respond(command, **said)
    assert (status, answer["error"]) == (400, error)
    assert command.response_url
    assert command.response_url.uses == 0


async def test_only_json_is_taken(command: Delivery, session: aiohttp.ClientSession) -> None:
    """A form, broken JSON and JSON that is no object are all refused."""
    assert command.response_url
    url = command.response_url.url
    json, form = "application/json", "application/x-www-form-urlencoded"
    for content_type, body in ((form, b"text=x"), (json, b"{"), (json, b'["text"]')):
        async with session.post(url, data=body, headers={"Content-Type": content_type}) as response:
            assert (response.status, await response.json()) == (400, {"ok": False, "error": "invalid_payload"})


async def test_an_address_that_was_never_given_is_not_found(slack: SlackServer, session: aiohttp.ClientSession) -> None:
    """Nobody can guess one; the attempt is recorded."""
    async with session.post(f"{slack.base_url}/commands/T1/1/guess", json={"text": "x"}) as response:
        assert response.status == 404
    assert slack.response_posts[0].response_url is None


async def test_every_use_is_recorded(slack: SlackServer, command: Delivery, respond: Respond) -> None:
    """A record tells what was posted, what was answered, and which message appeared."""
    await respond(command, text="Delivered")
    await respond(command)
    assert [post.ok for post in slack.response_posts] == [True, False]
    assert slack.response_posts[0].shown == slack.workspace.seen_by(ANN, SUPPORT)[1]
    assert command.response_url
    assert command.response_url.posts == slack.response_posts
    assert [message.text for message in command.response_url.shown] == ["Delivered"]


async def test_faults_reach_response_urls_too(slack: SlackServer, command: Delivery, respond: Respond) -> None:
    """`fail("response_url")` stands for all of them, once."""
    slack.fail("response_url", status=404, error="expired_url", delay=0.01)
    assert await respond(command, text="x") == (404, {"ok": False, "error": "expired_url"})
    assert (await respond(command, text="x"))[0] == 200
