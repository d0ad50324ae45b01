"""chat.unfurl: previews under links, for all to see."""

import pytest

from playground.slack import CannotDo, Message, SlackServer, example_workspace
from playground.slack.example import ANN, BOB, RANDOM, STRANGER, SUPPORT
from playground.slack.wire import JsonObject

from .conftest import CARD, Api, TinyBot

LINK = "https://faxes.example.org/o/A_1?x=1&amp;y=2"
PREVIEW: JsonObject = {LINK: {"blocks": CARD}}


@pytest.fixture
async def message(slack: SlackServer) -> Message:
    """Give a message with a link, in a channel without the bot."""
    return await slack.post(ANN, RANDOM, "see https://faxes.example.org/o/A_1?x=1&y=2")


async def test_a_preview_is_seen_by_all(api: Api, slack: SlackServer, bot: TinyBot, message: Message) -> None:
    """Answered with the unfurl_id of the event; the bot need not be a member. A second one takes its place."""
    event = bot.received[0].json["event"]
    call = {"unfurl_id": event["unfurl_id"], "source": event["source"]}
    assert (await api("chat.unfurl", **call, unfurls=PREVIEW)) == {"ok": True}
    (seen,) = slack.workspace.seen_by(BOB, RANDOM)
    assert (seen.unfurls, seen.text) == ({LINK: CARD}, message.text)
    assert (await api("chat.unfurl", **call, unfurls={LINK: {"blocks": [{"type": "divider"}]}}))["ok"] is True
    assert slack.workspace.seen_by(BOB, RANDOM)[0].unfurls == {LINK: [{"type": "divider"}]}


async def test_channel_and_ts_do_as_well(api: Api, slack: SlackServer, message: Message) -> None:
    """Also long after the event."""
    assert (await api("chat.unfurl", channel=RANDOM, ts=message.ts, unfurls=PREVIEW))["ok"] is True
    assert slack.workspace.seen_by(ANN, RANDOM)[0].buttons == ["Share"]


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({}, "missing_unfurls"),
        ({"unfurls": "no json"}, "invalid_unfurls_format"),
        ({"unfurls": []}, "missing_unfurls"),
        ({"unfurls": {LINK: {"text": "x"}}}, "invalid_unfurls_format"),
        ({"unfurls": {LINK: {"blocks": [{"type": "rich_text", "elements": []}]}}}, "invalid_blocks"),
        ({"unfurls": {LINK.replace("&amp;", "&"): {"blocks": CARD}}}, "cannot_unfurl_url"),
        ({"unfurls": {"https://elsewhere.net/": {"blocks": CARD}}}, "cannot_unfurl_url"),
        ({"unfurls": PREVIEW, "ts": ""}, "missing_ts"),
        ({"unfurls": PREVIEW, "channel": ""}, "missing_channel"),
        ({"unfurls": PREVIEW, "ts": "1.000001"}, "cannot_find_message"),
        ({"unfurls": PREVIEW, "channel": "C0NOWHERE"}, "cannot_find_channel"),
        ({"unfurls": PREVIEW, "source": "composer"}, "missing_unfurl_id"),
        ({"unfurls": PREVIEW, "unfurl_id": "x"}, "missing_source"),
        ({"unfurls": PREVIEW, "unfurl_id": "x", "source": "elsewhere"}, "invalid_source"),
        ({"unfurls": PREVIEW, "unfurl_id": "x", "source": "composer"}, "invalid_unfurl_id"),
    ],
)
async def test_what_cannot_be_unfurled(
    api: Api, slack: SlackServer, message: Message, arguments: JsonObject, error: str
) -> None:
    """The URL is wanted exactly as in the event; each mistake has its own word, and changes nothing."""
    call = {"channel": RANDOM, "ts": message.ts, **arguments}
    assert (await api("chat.unfurl", **call))["error"] == error
    assert slack.workspace.seen_by(ANN, RANDOM) == [message]


async def test_the_bots_own_messages_are_not_unfurled(api: Api) -> None:
    """Their links are the bot's own affair."""
    posted = await api("chat.postMessage", channel=SUPPORT, text=f"<{LINK}>")
    answer = await api("chat.unfurl", channel=SUPPORT, ts=posted["ts"], unfurls=PREVIEW)
    assert answer["error"] == "cannot_unfurl_message"


async def test_a_deleted_message_is_not_found(api: Api, slack: SlackServer, bot: TinyBot, message: Message) -> None:
    """Between the event and the answer, a person can delete the message."""
    slack.workspace.delete(message)
    event = bot.received[0].json["event"]
    call = {"unfurl_id": event["unfurl_id"], "source": event["source"], "unfurls": PREVIEW}
    assert (await api("chat.unfurl", **call))["error"] == "cannot_find_message"


async def test_a_preview_in_the_composer(api: Api, slack: SlackServer) -> None:
    """It is shown to the writer; in the channel there is nothing yet."""
    unfurl_id = await slack.compose(ANN, SUPPORT, "https://faxes.example.org/o/A_1?x=1&y=2")
    assert unfurl_id
    answer = await api("chat.unfurl", unfurl_id=unfurl_id, source="composer", unfurls=PREVIEW)
    assert answer["ok"] is True
    assert slack.links.previews == {unfurl_id: {LINK: CARD}}
    assert slack.workspace.seen_by(ANN, SUPPORT) == []


async def test_pressing_on_an_unfurl(api: Api, slack: SlackServer, bot: TinyBot, message: Message) -> None:
    """The bot is sent the unfurl, not the message; the response_url cannot change the person's message."""
    await api("chat.unfurl", channel=RANDOM, ts=message.ts, unfurls=PREVIEW)
    delivery = await slack.press(message, "share", user=BOB)
    payload = bot.received[-1].payload
    assert payload["container"] == {
        "type": "message_attachment",
        "message_ts": message.ts,
        "attachment_id": 1,
        "channel_id": RANDOM,
        "is_ephemeral": False,
        "is_app_unfurl": True,
        "app_unfurl_url": LINK,
    }
    assert (payload["app_unfurl"]["app_unfurl_url"], payload["app_unfurl"]["blocks"][1]) == (LINK, CARD[1])
    assert "message" not in payload
    assert payload["actions"][0]["value"] == "fax-1"
    assert delivery.response_url
    assert delivery.response_url.original_ts is None


async def test_a_stranger_does_not_see_into_other_channels(api: Api, slack: SlackServer, message: Message) -> None:
    """What is not seen cannot be pressed."""
    await api("chat.unfurl", channel=RANDOM, ts=message.ts, unfurls=PREVIEW)
    with pytest.raises(CannotDo):
        await slack.press(message, "share", user=STRANGER)


@pytest.mark.parametrize(
    "domains",
    [("10.0.0.5",), ("faxserver",), ("https://example.com",), ("fäxe.example.com",), tuple("abcdef")],
)
def test_domains_that_slack_does_not_register(domains: tuple[str, ...]) -> None:
    """No IP address, no bare host, no scheme, no Unicode, and no more than five."""
    with pytest.raises(ValueError, match="Slack registers"):
        SlackServer(example_workspace(), unfurl_domains=domains)
