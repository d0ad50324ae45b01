"""Links to faxes, shared in a channel: what appears below the message, for everybody."""

import asyncio
import json
from dataclasses import replace
from io import StringIO

import pytest

from bot.references import fax_id_in_link
from playground.slack import Message
from playground.slack.example import ANN, ANN_DM, BOB, GUEST, HIDDEN, PENDING, RANDOM, SHARED, SUPPORT
from playground.stonefax import Rule
from tests.conftest import BUSY, DOCUMENTED, UNKNOWN, Desk, Opening

LINK = f"https://fax.example.com/faxes/{BUSY}"


async def posted(desk: Desk, text: str, *, user: str = ANN, channel: str = SUPPORT) -> Message:
    """Write a message, and give it as it is once the bot has dealt with it."""
    return await desk.slack.post(user, channel, text)


def shared(link: str) -> dict[str, object]:
    """Make the event of a link in a message, as Slack would send it or not."""
    return {
        "type": "link_shared",
        "channel": SUPPORT,
        "user": ANN,
        "message_ts": "1.2",
        "unfurl_id": "x",
        "source": "conversations_history",
        "links": [{"url": link, "domain": "fax.example.com"}],
    }


def noted(logged: StringIO) -> list[tuple[str, str]]:
    """Give who unfurled what, by the audit lines."""
    lines = [json.loads(line) for line in logged.getvalue().splitlines()]
    return [(line["user"], line["fax"]) for line in lines if line["event"] == "unfurled"]


def unfurls(desk: Desk) -> int:
    """Count the calls of chat.unfurl."""
    return sum(call.method == "chat.unfurl" for call in desk.slack.calls)


async def test_a_link_is_unfurled_as_others_may_see_it(desk: Desk) -> None:
    """Masked, without subject and sender; the details are for whoever presses."""
    message = await posted(desk, f"did this go through? {LINK}")
    (blocks,) = message.unfurls.values()
    assert "the line was busy" in str(blocks)
    assert "+39 ••• 678" in str(blocks)
    for hidden in ("1234", "Referral", "user1"):
        assert hidden not in str(blocks)
    before = len(desk.slack.workspace.changes)
    await desk.slack.press(message, "details", user=BOB)
    changes = desk.slack.workspace.changes
    details = await desk.slack.until(lambda: [change.message for change in changes[before:]])
    assert details[0].seen_only_by == BOB
    assert "Referral letter" in details[0].words


@pytest.mark.parametrize(
    "link",
    [
        "https://fax.example.com/faxes/{}",
        "https://fax.example.com/faxes?id={}&tab=1",
        "https://fax.example.com/#/faxes/{}",
        "https://FAX.Example.COM/{}",
        "https://fax.example.com:8443/{}",
        "https://portal.fax.example.com/{}",
        "https://somebody@fax.example.com/{}",
        "http://fax.example.com/x?y=%7B{}%7D",
    ],
)
async def test_an_id_is_found_anywhere_in_a_link_of_ours(desk: Desk, link: str) -> None:
    """In path, query and fragment, whatever the port and case."""
    assert len((await posted(desk, link.format(BUSY))).unfurls) == 1


async def test_a_percent_encoded_id_is_found(desk: Desk) -> None:
    """As browsers copy it."""
    link = LINK.replace("_", "%5F")
    assert len((await posted(desk, link)).unfurls) == 1


HOSTS = [
    "https://fax.example.com.evil.org/{}",
    "https://fax.example.com@evil.org/{}",
    "https://evil.org/fax.example.com/{}",
    "https://notfax.example.com/{}",
    "https://example.com/{}",
    "https://fax.example.com%2eevil.org/{}",
    "https://fax.exаmple.com/{}",  # noqa: RUF001 - a Cyrillic a
    "https://[::1/{}",
    "https://evil.org\\@fax.example.com/{}",
    "ftp://fax.example.com/{}",
    "https://xn--fx-cja.example.com/{}",
]


@pytest.mark.parametrize("link", HOSTS)
async def test_a_host_that_only_looks_like_ours_never_matches(desk: Desk, link: str) -> None:
    """Whatever Slack sends us."""
    event = shared(link.format(BUSY))
    assert (await desk.slack.send_event(event)).status == 200
    assert desk.fax_server.total == 0


def test_a_trailing_dot_changes_no_host() -> None:
    """Slack may not send such links; if it does, they are ours."""
    assert fax_id_in_link(f"https://fax.example.com./{BUSY}", ["fax.example.com"]) == BUSY


async def test_the_same_fax_twice_is_one(desk: Desk) -> None:
    """One preview, one call, one fetch."""
    message = await posted(desk, f"{LINK} and https://fax.example.com/other?id={BUSY}")
    assert len(message.unfurls) == 1
    assert unfurls(desk) == 1
    assert desk.fax_server.count(BUSY) == 1


async def test_several_faxes_are_one_call(desk: Desk) -> None:
    """With a preview each."""
    message = await posted(desk, f"{LINK} https://fax.example.com/{DOCUMENTED}")
    assert len(message.unfurls) == 2
    assert unfurls(desk) == 1


async def test_not_again_in_the_same_channel_within_half_an_hour(desk: Desk) -> None:
    """A fax that is being discussed is shown once; elsewhere it is new."""
    await posted(desk, LINK)
    assert not (await posted(desk, LINK, user=BOB)).unfurls
    assert len((await posted(desk, LINK, channel=RANDOM)).unfurls) == 1


async def test_what_is_not_shown_again_is_not_looked_up(closed_desk: Desk, logged: StringIO) -> None:
    """The audit tells of no unfurl, and who posted it again has asked for nothing."""
    closed_desk.settings |= {"FAXBOT_PER_MINUTE": "1"}
    async with Opening(closed_desk) as desk:
        await posted(desk, LINK)
        assert not (await posted(desk, LINK, user=BOB)).unfurls
        assert noted(logged) == [(ANN, BUSY)]
        assert (await desk.ask(BUSY, user=BOB)).shown[0].words.startswith("❌ Fax failed")


@pytest.mark.parametrize("problem", ["cannot_find_message", "invalid_blocks"])
async def test_what_slack_did_not_show_is_shown_below_the_next_link(desk: Desk, problem: str) -> None:
    """In the same channel, within the half hour."""
    desk.slack.fail("chat.unfurl", times=1, error=problem)
    assert not (await posted(desk, LINK)).unfurls
    assert desk.slack.deliveries[-1].status == 200
    assert (await posted(desk, LINK, user=BOB)).unfurls


async def test_what_was_refused_is_shown_below_the_next_link(closed_desk: Desk) -> None:
    """To whoever has asked too often nothing is shown; their colleague's link is unfurled."""
    closed_desk.settings |= {"FAXBOT_PER_MINUTE": "1"}
    async with Opening(closed_desk) as desk:
        await desk.ask(DOCUMENTED)
        assert not (await posted(desk, LINK)).unfurls
        assert (await posted(desk, LINK, user=BOB)).unfurls


async def test_on_enterprise_grid_the_message_is_named(desk: Desk) -> None:
    """Neither source nor unfurl_id come there; a message still being written is known by its channel."""
    message = await posted(desk, "no link yet")
    desk.slack.workspace.put(replace(message, text=f"<{LINK}>"))
    event = {key: value for key, value in shared(LINK).items() if key not in {"source", "unfurl_id"}}
    await desk.slack.send_event({**event, "channel": "COMPOSER", "message_ts": "U0000000ANN-1"})
    assert desk.fax_server.total == 0
    await desk.slack.send_event({**event, "message_ts": message.ts})
    now = desk.slack.workspace.find(SUPPORT, message.ts)
    assert now
    assert now.unfurls.keys() == {LINK}


async def test_nothing_for_more_than_three_links(desk: Desk) -> None:
    """That is a list, not a question."""
    links = " ".join(f"https://fax.example.com/IAS-N1_401d6c8c000000{number}_0" for number in range(4))
    assert not (await posted(desk, links)).unfurls
    assert desk.fax_server.total == 0


async def test_nothing_in_the_composer(desk: Desk) -> None:
    """Its audience is unknown: 200, and nothing is asked."""
    await desk.slack.compose(ANN, SUPPORT, LINK)
    assert desk.slack.deliveries[-1].status == 200
    assert desk.fax_server.total == 0


@pytest.mark.parametrize("channel", [SHARED, PENDING, HIDDEN, ANN_DM])
async def test_nothing_where_strangers_may_read_along(desk: Desk, channel: str) -> None:
    """A channel shared outside, or of which Slack does not say; in a direct message the message itself is answered."""
    assert not (await posted(desk, LINK, channel=channel)).unfurls
    assert unfurls(desk) == 0


async def test_nothing_for_a_guest(desk: Desk) -> None:
    """Who could look nothing up shows nothing to others either; a member's link is then unfurled all the same."""
    assert not (await posted(desk, LINK, user=GUEST)).unfurls
    assert len((await posted(desk, LINK)).unfurls) == 1


@pytest.mark.parametrize("extra", [{"bot_id": "B1"}, {"user": None}])
async def test_nothing_for_what_bots_post(desk: Desk, extra: dict[str, str | None]) -> None:
    """Whatever Slack sends us of it."""
    event = shared(LINK)
    assert (await desk.slack.send_event({**event, **extra})).status == 200
    assert desk.fax_server.total == 0


async def test_nothing_where_the_fax_cannot_be_seen(desk: Desk) -> None:
    """A link is no question: nobody is told of a wrong id or a fault, and a later link is new."""
    link = f"https://fax.example.com/{UNKNOWN}"
    assert not (await posted(desk, link)).unfurls
    desk.put(UNKNOWN, status="Queued")
    assert len((await posted(desk, link)).unfurls) == 1


async def test_an_unfurl_that_is_not_final_can_be_refreshed(desk: Desk) -> None:
    """In its place, still masked."""
    desk.put(UNKNOWN, status="Queued", recipient={"name": "Rossi", "faxNumber": "+39 06 1234 5678"})
    message = await posted(desk, f"https://fax.example.com/{UNKNOWN}")
    assert message.buttons == ["Show details", "Refresh", "Tell me when it is final"]
    desk.put(UNKNOWN, status="Completed", recipient={"name": "Rossi", "faxNumber": "+39 06 1234 5678"})
    await desk.slack.press(message, "refresh", user=BOB)
    await desk.slack.until(lambda: unfurls(desk) == 2)
    (blocks,) = desk.slack.workspace.seen_by(BOB, SUPPORT)[-1].unfurls.values()
    assert "Fax delivered" in str(blocks)
    assert "1234" not in str(blocks)


@pytest.mark.parametrize("problem", ["cannot_unfurl_url", "cannot_find_message", "cannot_find_channel"])
async def test_a_message_that_is_gone_is_taken_as_it_is(desk: Desk, problem: str) -> None:
    """Slack need not bring it again."""
    desk.slack.fail("chat.unfurl", error=problem)
    await posted(desk, LINK)
    assert desk.slack.deliveries[-1].status == 200


async def test_an_unfurl_that_slack_does_not_take_now_is_brought_again(closed_desk: Desk) -> None:
    """Answered 503, so that Slack sends the event once more; then it is there, once."""
    closed_desk.slack.retry_pauses = (0.1, 0.1, 0.1)
    async with Opening(closed_desk) as desk:
        desk.slack.fail("chat.unfurl", times=1, status=500)
        message = await posted(desk, LINK)
        await desk.slack.until(lambda: unfurls(desk) == 2)
        await desk.slack.until(lambda: len(desk.slack.deliveries) == 2)
    assert [delivery.status for delivery in closed_desk.slack.deliveries] == [503, 200]
    assert len(desk.slack.workspace.find(SUPPORT, message.ts).unfurls) == 1  # type: ignore[union-attr] # it is there


@pytest.mark.hurried
async def test_a_slow_fax_server_delays_the_unfurl_not_the_answer(closed_desk: Desk) -> None:
    """Answered "not yet" in time, worked on, and done when Slack asks again."""
    closed_desk.slack.retry_pauses = (0.5, 0.5, 0.5)
    async with Opening(closed_desk) as desk:
        desk.fax_server.rule(BUSY, Rule(delay=0.8))
        await posted(desk, LINK)
        first = desk.slack.deliveries[0]
        assert first.status == 503
        assert first.seconds < 0.8
        await desk.slack.until(lambda: desk.slack.deliveries[-1].status == 200)
        assert unfurls(desk) == 1
        assert desk.fax_server.count(BUSY) == 1


async def test_many_messages_at_once(desk: Desk) -> None:
    """Each channel has its own."""
    await asyncio.gather(*(posted(desk, LINK, channel=channel) for channel in (SUPPORT, RANDOM)))
    assert unfurls(desk) == 2
    assert desk.fax_server.count(BUSY) == 1
