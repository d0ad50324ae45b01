"""`/fax <id>` from the outside: what a person types, and what they see."""

import asyncio
import inspect
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from io import StringIO
from time import monotonic
from typing import Any

import pytest

from bot.app import Timing, when_a_listener_breaks
from bot.cards.problems import FAULTS as FAULTS_SAID
from bot.references import EXAMPLE_ID
from bot.stonefax import errors
from handlers import buttons, links, mentions, shortcuts
from handlers.command import FaxCommand
from playground.slack.example import ANN, BOB
from playground.stonefax import ANSWERS, Break, Rule, StoneFaxServer
from tests.conftest import BUSY, DOCUMENTED, QUICK, UNKNOWN, Desk, Opening
from tests.presses import QUEUED

SLOW = Rule(delay=0.7)
REFERENCE = re.compile(r"\(ref ([A-HJ-NP-Z2-9]{4})\)")


def timeless(card: str) -> str:
    """Give a card without the moment at which it was asked for."""
    return re.sub(r"as of <!date[^>]*>", "as of now", card)


@pytest.mark.parametrize(
    "paste",
    [
        "{}",
        "  {}  ",
        "#{}",
        "*{}*",
        "_{}_",
        "`{}`",
        "```{}```",
        '"{}"',
        "“{}”",
        "‘{}’,",  # noqa: RUF001 - as editors write quotes
        "«{}»",
        "({}).",
        "{}!",
        "fax {} please",
        "https://fax.example.com/faxes/{}",
        "https://fax.example.com/faxes?id={}&amp;tab=1",
        "<https://fax.example.com/#/faxes/{}|the fax>",
        "<https://fax.example.com/x|{}>",
        "\u00a0{}\u200b",
    ],
)
async def test_an_id_is_found_however_it_was_pasted(desk: Desk, paste: str) -> None:
    """Bold, quoted, linked, decorated: the fax is the same."""
    assert "the line was busy" in await desk.asked(paste.format(BUSY))


@pytest.mark.parametrize("changed", [("-", "\u2013"), ("-", "\u2011"), ("_", "%5F"), ("-", "%2D")])
async def test_an_id_is_found_however_an_editor_changed_it(desk: Desk, changed: tuple[str, str]) -> None:
    """Smart dashes and percent signs."""
    assert "delivered" in await desk.asked(DOCUMENTED.replace(*changed))


@pytest.mark.parametrize("text", ["", "   ", "``", "…"])
async def test_without_an_id_it_says_how_to_ask(closed_desk: Desk, text: str) -> None:
    """With an example, and where people here find an id."""
    closed_desk.settings["FAXBOT_ID_HINT"] = "Open the fax in the portal & copy it."
    async with Opening(closed_desk) as desk:
        answer = await desk.asked(text)
    assert f"`/fax {EXAMPLE_ID}`" in answer
    assert "Open the fax in the portal &amp; copy it." in answer


@pytest.mark.parametrize("text", ["help", "Help", "*help*", "?", "hello", "--help"])
async def test_help(desk: Desk, text: str) -> None:
    """Each way to ask, in a line."""
    answer = await desk.asked(text)
    assert f"`/fax {EXAMPLE_ID}`" in answer
    assert "Only you see the answer" in answer


@pytest.mark.parametrize("typo", ["hlep", "halp", "HELPP"])
async def test_a_mistyped_subcommand_gets_the_nearest(desk: Desk, typo: str) -> None:
    """One line."""
    assert await desk.asked(typo) == f"No command “{typo}”: did you mean `/fax help`?"


@pytest.mark.parametrize("word", ["clinic", "../../x", "the fax to the clinic"])
async def test_what_is_no_id_is_said_to_be_none(desk: Desk, word: str) -> None:
    """With the form of one, and nothing is asked of the fax server."""
    answer = await desk.asked(word)
    assert f"is no fax id. One looks like `{EXAMPLE_ID}`." in answer
    assert desk.fax_server.total == 0


@pytest.mark.parametrize("word", [BUSY[:-2], "IAS-N1_d53957a4", "“IAS-N1_0000_0”"])
async def test_what_is_nearly_an_id_is_quoted_as_it_was_typed(desk: Desk, word: str) -> None:
    """The likeliest mistake is an id that lost its end in pasting."""
    assert f"“{word.strip('“”')}” is not a whole fax id." in await desk.asked(word)


async def test_a_word_that_was_perhaps_meant_as_an_id_is_not_passed_over(desk: Desk) -> None:
    """Beside one that is found: else all would seem well."""
    answer = await desk.asked(f"{BUSY} and IAS-N1_0000_0, please")
    assert "the line was busy" in answer
    assert "Not read as a fax id: “IAS-N1_0000_0”" in answer


async def test_a_phone_number_is_said_to_be_none(desk: Desk) -> None:
    """People ask for what they have at hand."""
    assert "by id, not by number" in await desk.asked("+39 06 1234 5678")


async def test_markup_in_what_is_no_id_reaches_nobody(desk: Desk) -> None:
    """What was typed is quoted harmlessly."""
    answer = await desk.asked("<!channel> *b* <https://evil|x> &")
    assert "<!" not in answer
    assert "<http" not in answer
    assert "*b*" not in answer


async def test_the_answer_is_the_ack_itself(desk: Desk) -> None:
    """One exchange, private, and no call to Slack by somebody who has asked before."""
    await desk.ask(BUSY)
    before = len(desk.slack.calls)
    delivery = await desk.ask(DOCUMENTED)
    assert delivery.shown[0].seen_only_by == ANN
    assert delivery.json()["text"] == "Fax to Mario Rossi was delivered."
    assert len(desk.slack.calls) == before
    assert not desk.slack.response_posts


async def test_every_shape_of_the_documented_answer_gives_the_same_card(desk: Desk) -> None:
    """Bare, wrapped, with an array of recipients: the people who read it cannot tell."""
    bare = (await desk.ask(DOCUMENTED)).body.decode()
    documented = json.loads((ANSWERS / f"{DOCUMENTED}.json").read_text())
    shapes = [
        {"fax": documented},
        {**documented, "recipient": [documented["recipient"]]},
        {"fax": {**documented, "recipient": [documented["recipient"]]}},
    ]
    for number, shape in enumerate(shapes):
        fax_id = DOCUMENTED[:-1] + str(number + 1)
        desk.fax_server.put(fax_id, shape)
        card = (await desk.ask(fax_id)).body.decode().replace(fax_id, DOCUMENTED)
        assert timeless(card) == timeless(bare)


FAULTS = {
    "404": Rule(status=404, reason="not there"),
    "404 as HTML": Rule(status=404),
    "401": Rule(status=401),
    "403": Rule(status=403),
    "400": Rule(status=400),
    "408": Rule(status=408),
    "429": Rule(status=429, retry_after=30),
    "503": Rule(status=503),
    "500": Rule(status=500),
    "302": Rule(status=302, location="https://login.example.com/"),
    "lost": Rule(breaks=Break.RESET),
    "hang": Rule(breaks=Break.HANG),
    "HTML": Rule(body=b"<html>", content_type="text/html"),
}


@pytest.mark.hurried
async def test_every_fault_has_its_own_sentence_with_a_reference_that_is_in_the_log(
    desk: Desk, logged: StringIO
) -> None:
    """Never a stack trace, never silence: what is the matter, whose turn it is, what to do."""
    sentences = {}
    for name, rule in FAULTS.items():
        desk.fax_server.rule(BUSY, rule)
        delivery = await desk.ask(BUSY)
        message = delivery.shown[0] if "follows" not in delivery.shown[0].text else await desk.late(delivery)
        found = REFERENCE.search(message.text)
        assert found, message.text
        assert f'"ref": "{found[1]}"' in logged.getvalue()
        assert "Traceback" not in message.text
        assert re.search(r"try again|Try again|administrator|mistyped", message.text), message.text
        sentences[name] = message.text.replace(found[0], "")
    assert len(set(sentences.values())) == len(FAULTS)
    assert "asks to wait 30 s" in sentences["429"]


def tree(kind: type[errors.FaxError]) -> Iterator[type[errors.FaxError]]:
    """Give an error and all below it."""
    yield kind
    for below in kind.__subclasses__():
        yield from tree(below)


@pytest.mark.parametrize("kind", [kind for kind in tree(errors.FaxError) if kind is not errors.FaxError])
def test_every_error_of_the_tree_has_a_sentence(kind: type[errors.FaxError]) -> None:
    """A new error without one is noticed here."""
    assert kind in FAULTS_SAID


async def test_the_servers_own_reason_is_quoted_to_the_asker(desk: Desk) -> None:
    """Harmlessly."""
    desk.fax_server.rule(BUSY, Rule(status=403, reason="<!channel> *level* too low"))
    delivery = await desk.ask(BUSY)
    element = delivery.shown[0].blocks[1]["elements"][0]
    assert element == {"type": "plain_text", "text": "The server says: “<!channel> *level* too low”", "emoji": False}


async def test_an_unknown_fax_is_told_apart_from_a_broken_server(desk: Desk) -> None:
    """What a person needs to know of a 404."""
    answer = await desk.asked(UNKNOWN)
    assert f"I find no outbound fax with the id `{UNKNOWN}`" in answer


@pytest.mark.hurried
async def test_a_slow_answer_follows_the_ack(desk: Desk) -> None:
    """One line that reads right when it stays, then the card, both private."""
    desk.fax_server.rule(DOCUMENTED, SLOW)
    delivery = await desk.ask(DOCUMENTED)
    assert delivery.acked
    assert f"the answer for `{DOCUMENTED}` follows here" in delivery.shown[0].words
    card = await desk.late(delivery)
    assert "Fax delivered" in card.words
    assert card.seen_only_by == ANN
    assert [post.status for post in desk.slack.response_posts] == [200]


async def test_an_upstream_of_two_and_a_half_seconds_is_acked_in_time(closed_desk: Desk) -> None:
    """With the waits of earnest: an ack inside Slack's three seconds, and then the card."""
    closed_desk.timing = replace(Timing(), unready=0.0)
    async with Opening(closed_desk) as desk:
        desk.fax_server.rule(DOCUMENTED, Rule(delay=2.5))
        delivery = await desk.ask(DOCUMENTED)
        assert delivery.acked
        assert delivery.seconds < 2
        assert "Fax delivered" in (await desk.late(delivery)).words


@pytest.mark.hurried
async def test_an_upstream_that_never_answers_is_told_at_the_deadline(desk: Desk) -> None:
    """Silence is no answer."""
    desk.fax_server.rule(DOCUMENTED, Rule(breaks=Break.HANG))
    delivery = await desk.ask(DOCUMENTED)
    assert delivery.acked
    assert "did not answer within 2 s" in (await desk.late(delivery)).words


@pytest.mark.hurried
async def test_late_answers_share_one_session(desk: Desk) -> None:
    """slack_sdk would open one for each."""
    before = desk.slack.connections
    desk.fax_server.mood = Rule(delay=0.5)
    for _ in range(4):
        await desk.late(await desk.ask(UNKNOWN))
    assert len(desk.slack.response_posts) == 4
    assert desk.slack.connections - before <= 1


@pytest.mark.hurried
@pytest.mark.parametrize("status", [404, 500])
async def test_a_late_answer_whose_response_url_is_gone_comes_as_a_direct_message(desk: Desk, status: int) -> None:
    """Expired or broken, it raises nothing by itself."""
    desk.slack.fail("response_url", times=5, status=status)
    desk.fax_server.rule(DOCUMENTED, SLOW)
    await desk.ask(DOCUMENTED)
    await desk.slack.until(lambda: any(call.method == "chat.postMessage" and call.ok for call in desk.slack.calls))
    there = desk.slack.workspace.direct_message(ANN)
    assert "Fax delivered" in desk.slack.workspace.seen_by(ANN, there.id)[-1].words


@pytest.mark.hurried
async def test_a_stop_lets_running_look_ups_finish(closed_desk: Desk) -> None:
    """What was acked is answered."""
    async with Opening(closed_desk) as desk:
        desk.fax_server.rule(DOCUMENTED, Rule(delay=1.0))
        delivery = await desk.ask(DOCUMENTED)
        assert "follows here" in delivery.shown[0].words
    assert "Fax delivered" in (await closed_desk.late(delivery)).words


async def test_hostile_text_reaches_nobody_as_markup(desk: Desk) -> None:
    """Mentions, links and bold in any field are letters, exactly as they were written."""
    hostile = "<!channel> <https://evil|x> *b* & <"
    fields = ["username", "subject", "serverName", "detailedStatus", "failureReason"]
    recipient = {"name": hostile, "faxNumber": hostile}
    for status in ("Failed", "Queued", hostile):
        desk.put(UNKNOWN, status=status, recipient=recipient, **dict.fromkeys(fields, hostile))
        card = (await desk.ask(UNKNOWN)).json()
        marked_up = [card["text"], *mrkdwn_in(card["blocks"])]
        for text in marked_up:
            allowed = re.sub(r"<!date\^\d+\^[^>]*>", "", text)
            assert "<" not in allowed
            assert "*b*" not in allowed
        assert hostile in plain_in(card["blocks"])


def mrkdwn_in(blocks: list[dict[str, Any]]) -> list[str]:
    """Give every text in which Slack looks for markup."""
    return [text["text"] for text in texts_in(blocks) if text["type"] == "mrkdwn"]


def plain_in(blocks: list[dict[str, Any]]) -> list[str]:
    """Give every text that Slack shows as it is."""
    return [text["text"] for text in texts_in(blocks) if text["type"] == "plain_text"]


def texts_in(value: Any) -> Iterator[dict[str, str]]:  # noqa: ANN401 - any JSON
    """Give every text object."""
    if isinstance(value, dict) and isinstance(value.get("text"), str):
        yield value
    elif isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from texts_in(part)


async def test_what_climbs_never_reaches_another_path(desk: Desk) -> None:
    """Whatever is typed, the fax server is asked for an outbound fax or for nothing."""
    for text in ("../../x", f"../../{BUSY}", f"{BUSY}/../../x", f"{BUSY}%2f..%2fMine", f"..%2f{BUSY}"):
        await desk.ask(text)
    assert {request.raw_path for request in desk.fax_server.requests} == {
        f"/fw/Apps/StoneFax/WebAPI/Faxes/Outbound/{BUSY}"
    }


async def test_many_at_once_cost_one_request(desk: Desk) -> None:
    """The same fax asked for by many while it is being fetched."""
    desk.fax_server.rule(BUSY, Rule(delay=0.2))
    answers = await asyncio.gather(*(desk.asked(BUSY) for _ in range(20)))
    assert all("the line was busy" in answer for answer in answers)
    assert desk.fax_server.count(BUSY) == 1


async def test_only_what_is_final_is_remembered(desk: Desk) -> None:
    """A queued fax is asked for again each time."""
    desk.put(UNKNOWN, status="Queued")
    for _ in range(2):
        await desk.ask(UNKNOWN)
        await desk.ask(BUSY)
    assert desk.fax_server.count(UNKNOWN) == 2
    assert desk.fax_server.count(BUSY) == 1


async def test_too_often_is_said_and_others_go_on(closed_desk: Desk) -> None:
    """With the wait, and nothing is asked of the fax server."""
    closed_desk.settings["FAXBOT_PER_MINUTE"] = "2"
    async with Opening(closed_desk) as desk:
        await desk.ask(BUSY)
        await desk.ask(BUSY)
        assert re.search(r"That was 2 look-ups in a minute\. Go on in (60|59) s\.", await desk.asked(BUSY))
        assert "the line was busy" in (await desk.ask(BUSY, user=BOB)).shown[0].words


async def test_numbers_can_be_hidden_from_the_asker_too(closed_desk: Desk) -> None:
    """FAXBOT_SHOW_NUMBERS=nobody: in the field, and inside the server's words."""
    closed_desk.settings["FAXBOT_SHOW_NUMBERS"] = "nobody"
    async with Opening(closed_desk) as desk:
        desk.put(
            UNKNOWN,
            status="Failed",
            subject="for 06 1234 5678",
            recipient={"name": "Mario Rossi", "faxNumber": "+39 06 1234 5678"},
            failureReason="0612345678 is busy",
        )
        answer = await desk.asked(UNKNOWN)
    assert "+39 ••• 678" in answer
    assert "1234" not in answer
    assert "for •••678" in answer


async def test_a_fault_of_our_own_is_told_too(closed_desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bug cannot be provoked from outside, so one is put in: the person gets a sentence and a reference."""

    def broken(*_: object) -> None:
        message = "a bug that quotes +39 06 1234 5678"
        raise RuntimeError(message)

    monkeypatch.setattr("bot.cards.fax_card", broken)
    async with Opening(closed_desk) as desk:
        assert "Something went wrong on my side" in await desk.asked(DOCUMENTED)
        monkeypatch.setattr("handlers.command.fax_ids", broken)
        assert "Something went wrong on my side" in await desk.asked(DOCUMENTED)


@pytest.mark.hurried
async def test_no_number_name_or_subject_reaches_the_log(desk: Desk, logged: StringIO) -> None:
    """Whether it goes well or not."""
    desk.fax_server.rule(DOCUMENTED, SLOW)
    for fax_id in (BUSY, UNKNOWN, DOCUMENTED):
        delivery = await desk.ask(fax_id)
    await desk.late(delivery)
    assert BUSY in logged.getvalue()
    for secret in ("Rossi", "1234", "Referral", "user1", "playground", desk.slack.bot_token, "Remote station"):
        assert secret not in logged.getvalue()


LISTENERS = [
    FaxCommand.__call__,
    buttons.CardButton.__call__,
    buttons.Outdated.__call__,
    buttons.page_opened,
    links.SharedLinks.__call__,
    mentions.Mention.__call__,
    mentions.DirectMessage.__call__,
    shortcuts.Shortcuts.on_message,
    shortcuts.Shortcuts.anywhere,
    shortcuts.Shortcuts.submitted,
    when_a_listener_breaks,
]


@pytest.mark.parametrize("listener", LISTENERS)
def test_listeners_take_what_bolt_gives(listener: object) -> None:
    """Bolt passes None for a misspelt parameter and fails on keyword-only ones."""
    known = {"self", "ack", "command", "arrival", "body", "context", "event", "error", "request"}
    parameters = inspect.signature(listener).parameters  # type: ignore[arg-type]
    assert set(parameters) <= known
    assert all(parameter.kind is parameter.POSITIONAL_OR_KEYWORD for parameter in parameters.values())


async def test_more_than_it_can_hold_is_shed_with_a_sentence(
    closed_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Never silence: the limit is lowered here, so that a test can reach it."""
    monkeypatch.setattr("bot.app.MOST_TASKS", 2)
    async with Opening(closed_desk) as desk:
        desk.fax_server.mood = Rule(delay=0.2)
        answers = await asyncio.gather(*(desk.asked(BUSY) for _ in range(4)))
    assert sum("Try again in a few seconds" in answer for answer in answers) == 2


async def test_the_fax_server_may_be_away_from_the_start(closed_desk: Desk) -> None:
    """Ready all the same: else everybody would get Slack's failure instead of our sentence."""
    async with StoneFaxServer() as gone:
        url = gone.url
    closed_desk.settings["STONEFAX_URL"] = url
    async with Opening(closed_desk) as desk:
        assert "Nobody answers at the fax server's address" in await desk.asked(BUSY)


async def test_a_fax_server_that_is_down_is_probed_and_everybody_else_told_at_once(closed_desk: Desk) -> None:
    """Since when it has been so, too; as soon as a probe is answered all is as ever."""
    closed_desk.timing = replace(QUICK, between_probes=0.5)
    async with Opening(closed_desk) as desk:
        desk.fax_server.mood = Rule(status=500)
        for _ in range(3):
            assert "It has been so since" not in await desk.asked(BUSY)
        asked, began = len(desk.fax_server.requests), monotonic()
        for _ in range(3):
            answers = await asyncio.gather(*(desk.asked(fax_id) for fax_id in (BUSY, DOCUMENTED, UNKNOWN) * 20))
            assert all("has a fault of its own" in answer for answer in answers)
            assert sum("It has been so since" in answer for answer in answers) >= 40
        assert len(desk.fax_server.requests) - asked <= (monotonic() - began) / 0.5 + 1
        desk.fax_server.mood = Rule()
        await asyncio.sleep(0.5)
        assert "the line was busy" in await desk.asked(BUSY)
        assert "delivered" in await desk.asked(DOCUMENTED)


async def test_a_server_that_asks_for_a_pause_gets_it(closed_desk: Desk) -> None:
    """Whoever comes meanwhile is told what is left of it."""
    closed_desk.timing = replace(QUICK, between_probes=3.0)
    async with Opening(closed_desk) as desk:
        desk.fax_server.mood = Rule(status=503, retry_after=30)
        assert "asks to wait 30 s" in await desk.asked(BUSY)
        asked = len(desk.fax_server.requests)
        told = await desk.asked(DOCUMENTED)
        assert re.search(r"asks to wait (29|30) s\. Try again then\..* It has been so since", told)
        assert len(desk.fax_server.requests) == asked


async def test_one_difficult_fax_is_no_server_that_is_down(closed_desk: Desk) -> None:
    """Answers about other faxes in between show that."""
    closed_desk.timing = replace(QUICK, between_probes=9.0)
    async with Opening(closed_desk) as desk:
        desk.fax_server.rule(UNKNOWN, Rule(status=500))
        for _ in range(4):
            assert "It has been so since" not in await desk.asked(UNKNOWN)
            assert "not found" not in await desk.asked(DOCUMENTED)
            desk.put(QUEUED, status="Queued")
            assert "waiting" in await desk.asked(QUEUED)
