"""Who reads which language: one person alone their own, everybody the workspace's."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
from mcp.types import TextContent
from slack_bolt.async_app import AsyncApp

from bot.answers import Answers
from bot.assistants import open_tool
from bot.cards import guidance, modal
from bot.languages import in_language
from bot.metrics import Metrics
from bot.server import Intake, Load
from bot.server.intake import Incoming, Kind, Reply
from bot.services import Services
from bot.settings import BotSettings, McpSettings, StoneFaxSettings, read_settings
from bot.slack import Slack
from bot.tasks import Tasks
from bot.telemetry import begin_request
from handlers.shortcuts import ANYWHERE
from playground.slack import Message
from playground.slack.example import ANN, ANN_DM, BOB, BOT, SUPPORT
from playground.stonefax import Rule
from tests.conftest import BUSY, HURRIED, QUICK, Desk, Opening
from tests.panes import LINK as FAX_LINK
from tests.panes import WORK_OBJECTS
from tests.panes import posted as work_object_posted
from tests.presses import QUEUED, card, pressed
from tests.test_cli import faxbot
from tests.test_home import opened as home_opened
from tests.test_links import LINK, posted
from tests.test_mentions import FAXBOT, asked
from tests.test_watching import now, over, told_directly, waiting
from tests.test_workflow import ran

FAILED_IN_ENGLISH, FAILED_IN_ITALIAN = "❌ Fax failed: ", "❌ Fax non riuscito: "
FAILED_IN_GERMAN = "❌ Fax fehlgeschlagen: "
VERDICT_IN_GERMAN = "Das Fax ist fehlgeschlagen: Die Leitung war besetzt."


def speaks(desk: Desk, user: str, locale: str) -> None:
    """Let somebody have Slack in this language."""
    people = desk.slack.workspace.people
    people[user] = replace(people[user], locale=locale)


async def shared_by_ann(desk: Desk, fax_id: str = BUSY) -> Message:
    """Give a card that Ann has shared, as everybody sees it."""
    private = await card(desk, fax_id)
    message = await pressed(desk, private, "share")
    assert message.seen_only_by is None, message.words
    await desk.slack.until(lambda: now(desk, private).text != private.text)
    return message


@pytest.fixture
async def desk(closed_desk: Desk) -> AsyncIterator[Desk]:
    """Give a desk where Ann has Slack in Italian, Bob in a language that is none of ours; all others in English."""
    speaks(closed_desk, ANN, "it-IT")
    speaks(closed_desk, BOB, "pt-BR")
    closed_desk.timing = replace(QUICK, patience=1.5)
    async with Opening(closed_desk) as opened:
        yield opened


async def test_the_asker_alone_reads_their_own_language(desk: Desk) -> None:
    """From the first answer on, though Slack is asked for it beside the fax server; the rest read English."""
    answer = await card(desk)
    assert answer.words.startswith(FAILED_IN_ITALIAN)
    assert answer.text.startswith("Il fax per Mario Rossi non è riuscito: ")
    assert "Condividi nel canale" in answer.buttons
    assert "Destinatario" in answer.words
    assert (await card(desk, user=BOB)).words.startswith(FAILED_IN_ENGLISH)


async def test_a_direct_message_is_answered_in_the_language_of_who_wrote_it(desk: Desk) -> None:
    """Nobody else reads it."""
    assert (await asked(desk, BUSY, channel=ANN_DM)).words.startswith(FAILED_IN_ITALIAN)


async def test_a_shared_card_is_in_the_language_of_everybody(desk: Desk) -> None:
    """The details that one person then presses for are in theirs."""
    shared = await shared_by_ann(desk)
    assert shared.words.startswith(FAILED_IN_ENGLISH)
    assert shared.buttons == ["Show details"]
    assert (await pressed(desk, shared, "details", user=ANN)).words.startswith(FAILED_IN_ITALIAN)
    assert (await pressed(desk, shared, "details", user=BOB)).words.startswith(FAILED_IN_ENGLISH)


async def test_a_mention_and_a_link_are_answered_in_the_language_of_everybody(desk: Desk) -> None:
    """Whoever asked."""
    assert (await asked(desk, f"{FAXBOT} {BUSY}")).words.startswith(FAILED_IN_ENGLISH)
    (blocks,) = (await posted(desk, LINK)).unfurls.values()
    assert FAILED_IN_ENGLISH in str(blocks)
    assert FAILED_IN_ITALIAN not in str(blocks)


async def test_a_refreshed_card_keeps_the_language_of_its_readers(desk: Desk) -> None:
    """A shared one that of everybody, a private one that of who reads it."""
    waiting(desk)
    private = await card(desk, QUEUED)
    assert private.words.startswith("⏳ Fax in attesa in coda")
    shared = await shared_by_ann(desk, QUEUED)
    over(desk)
    refreshed = await pressed(desk, shared, "refresh")
    assert refreshed.words.startswith("✅ Fax delivered")


async def test_a_watch_is_told_in_the_language_of_its_readers(desk: Desk) -> None:
    """By direct message the person's, in a thread that of everybody, as of the card that is brought up to date."""
    waiting(desk)
    private = await card(desk, QUEUED)
    await pressed(desk, private, "watch")
    mention = await asked(desk, f"{FAXBOT} {QUEUED}", user=BOB)
    await pressed(desk, mention, "watch")
    over(desk)
    told = await told_directly(desk)
    assert told.text == "Il fax per Mario Rossi è stato consegnato."
    assert "✅ Fax consegnato" in told.words
    reply = await desk.slack.until(
        lambda: [
            one
            for one in desk.slack.workspace.replies(SUPPORT, mention.thread_ts or "")
            if one.user == BOT and one.text.startswith(f"<@{ANN}> ")
        ]
    )
    assert reply[0].text == f"<@{ANN}> Fax to Mario Rossi was delivered."
    assert now(desk, mention).words.startswith("✅ Fax delivered")


async def test_the_workspace_has_a_language(closed_desk: Desk) -> None:
    """FAXBOT_LANGUAGE: for everybody, for whom Slack has in another than ours, and where Slack does not say."""
    closed_desk.settings["FAXBOT_LANGUAGE"] = "it"
    speaks(closed_desk, BOB, "pt-BR")
    async with Opening(closed_desk) as desk:
        assert (await card(desk, user=ANN)).words.startswith(FAILED_IN_ENGLISH)
        assert (await card(desk, user=BOB)).words.startswith(FAILED_IN_ITALIAN)
        assert (await asked(desk, f"{FAXBOT} {BUSY}")).words.startswith(FAILED_IN_ITALIAN)
        (blocks,) = (await posted(desk, LINK)).unfurls.values()
        assert FAILED_IN_ITALIAN in str(blocks)


@pytest.fixture
async def german_desk(closed_desk: Desk) -> AsyncIterator[Desk]:
    """Give a desk where everybody reads German, and Ann alone Italian; with Work Objects and the workflow step."""
    closed_desk.settings |= {"FAXBOT_LANGUAGE": "de", "FAXBOT_WORKFLOW_STEP": "yes", **WORK_OBJECTS}
    speaks(closed_desk, ANN, "it-IT")
    speaks(closed_desk, BOB, "pt-BR")
    async with Opening(closed_desk) as opened:
        yield opened


async def test_a_work_object_is_for_everybody_and_its_flexpane_for_who_opens_it(german_desk: Desk) -> None:
    """Buttons too; whoever has Slack in none of our languages reads as everybody does."""
    message = await work_object_posted(german_desk, user=ANN)
    assert FAILED_IN_GERMAN in str(message.entities[FAX_LINK])
    for person, headline, button in ((ANN, FAILED_IN_ITALIAN, "Aggiorna"), (BOB, FAILED_IN_GERMAN, "Aktualisieren")):
        pane = await german_desk.slack.open_entity(person, message, FAX_LINK)
        assert headline in pane.words()
        assert [action["text"] for action in pane.actions] == [button]


async def test_a_home_tab_is_in_the_language_of_whose_it_is(german_desk: Desk) -> None:
    """Each person has one of their own."""
    assert "Che fine ha fatto un fax?" in await home_opened(german_desk, ANN)
    assert "Was wurde aus einem Fax?" in await home_opened(german_desk, BOB)


async def test_a_workflow_is_told_in_the_language_of_everybody(german_desk: Desk) -> None:
    """A verdict, and why there is none."""
    told = await ran(german_desk, BUSY)
    assert told.outputs
    assert (told.outputs["status"], told.outputs["verdict"]) == ("Failed", VERDICT_IN_GERMAN)
    assert "Eingabe" in ((await ran(german_desk, "")).error or "")


async def test_a_slack_that_does_not_say_costs_no_answer(desk: Desk) -> None:
    """Help is there in time, in the language of everybody."""
    desk.slack.fail("users.info", times=3, status=500)
    answer = await desk.ask("help", user=BOB)
    assert answer.acked
    assert "what became of a fax" in answer.shown[0].words


async def test_help_waits_for_a_silent_slack_once(desk: Desk) -> None:
    """For half a minute nobody waits for their language alone again."""
    desk.slack.fail("users.info", times=9, status=500)
    for word in ("help", "help", "clinic", ""):
        assert (await desk.ask(word, user=BOB)).acked
    assert [call.method for call in desk.slack.calls].count("users.info") == 1


async def test_what_follows_is_said_in_the_language_that_is_known_by_then(closed_desk: Desk) -> None:
    """Though nobody knew it when the command came."""
    speaks(closed_desk, ANN, "it-IT")
    closed_desk.timing = HURRIED
    async with Opening(closed_desk) as desk:
        desk.fax_server.rule(BUSY, Rule(delay=0.8))
        answer = await desk.ask(BUSY)
        assert answer.shown[0].words.startswith("Il server fax ")
        assert (await desk.late(answer)).words.startswith(FAILED_IN_ITALIAN)


async def test_an_answer_that_is_told_elsewhere_is_all_in_one_language(desk: Desk) -> None:
    """Of the person who is told it alone; no more of the fax is in it than others would have seen."""
    desk.slack.fail("chat.postMessage", error="is_archived", times=1)
    await desk.slack.post(ANN, SUPPORT, f"{FAXBOT} {BUSY}")
    (told,) = await desk.slack.until(lambda: desk.slack.workspace.seen_by(ANN, ANN_DM))
    assert FAILED_IN_ITALIAN in told.words
    assert told.text.startswith("Il fax per ")
    assert FAILED_IN_ENGLISH not in told.words
    assert "Referral" not in told.words


async def test_a_card_that_slack_does_not_replace_comes_in_the_language_of_who_pressed(desk: Desk) -> None:
    """Everybody else's stays as it is."""
    waiting(desk)
    shared = await shared_by_ann(desk, QUEUED)
    over(desk)
    desk.slack.fail("response_url", status=404)
    refreshed = await pressed(desk, shared, "refresh", user=ANN)
    assert refreshed.seen_only_by == ANN
    assert refreshed.words.startswith("✅ Fax consegnato")
    assert now(desk, shared).words.startswith("⏳ Fax waiting")


async def test_who_is_shed_is_told_in_their_language_where_it_is_known(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody is asked for it then."""
    await card(desk)
    monkeypatch.setattr(Load, "full", True)
    asked_before = len(desk.slack.calls)
    assert "Sto già rispondendo" in (await desk.ask(BUSY)).shown[0].words
    assert "as many people as I can" in (await desk.ask(BUSY, user=BOB)).shown[0].words
    assert len(desk.slack.calls) == asked_before


async def test_a_modal_that_is_made_good_is_as_its_ack_was(desk: Desk) -> None:
    """Frame and all, though the door that it came by is gone."""
    await desk.slack.shortcut(ANYWHERE, user=ANN)
    opened = await desk.slack.until(lambda: next(iter(desk.slack.workspace.modals.get(ANN, ())), None))
    assert opened
    with in_language("it"):
        view = modal.showing(guidance.follows_in_modal())
    shown: list[object] = []

    class Views:
        """A Slack that takes views."""

        async def update_view(self, _view_id: str, view: object) -> None:
            """Keep it."""
            shown.append(view)

    tasks = Tasks(1)
    answers = Answers(cast("Slack", Views()), tasks, Metrics(), 1.5, 0)
    services = cast("Services", SimpleNamespace(answers=answers, tasks=tasks))
    intake = Intake(cast("AsyncApp", None), services, 2.5, Load(1.0, 1, share=1.0))
    asked_for = {"user": {"id": ANN}, "view": {"id": opened.id}}
    incoming = Incoming(Kind.INTERACTION, begin_request(), {}, lambda: asked_for)
    intake.make_good(incoming, Reply(200, json.dumps({"response_action": "update", "view": view})))
    await tasks.drain(1.0)
    assert shown == [view]


async def test_the_command_line_speaks_the_language_of_everybody(tmp_path: Path, desk: Desk) -> None:
    """The card and the sentences of its JSON, whose machine words stay."""
    values = {**desk.values(), "FAXBOT_LANGUAGE": "it"}
    drawn = await faxbot("lookup", BUSY, values=values, cwd=tmp_path)
    assert FAILED_IN_ITALIAN in drawn.out
    ran = await faxbot("lookup", BUSY, "--json", values=values, cwd=tmp_path)
    (told,) = json.loads(ran.out)
    assert told["verdict"].startswith("Il fax per Mario Rossi non è riuscito: ")
    assert (told["status"], told["cause"]["family"], told["side"]) == ("Failed", "busy", "far_end")


async def test_an_assistant_is_told_in_the_language_of_everybody(desk: Desk) -> None:
    """As text and as values."""
    settings = read_settings({**desk.values(), "FAXBOT_LANGUAGE": "it"}, BotSettings, McpSettings, StoneFaxSettings)
    async with open_tool(settings, QUICK) as get_fax:
        told = await get_fax({"ids": [BUSY]})
    assert isinstance(told.content[0], TextContent)
    assert told.content[0].text.startswith(FAILED_IN_ITALIAN)
    assert "non è riuscito" in str(told.structuredContent)
