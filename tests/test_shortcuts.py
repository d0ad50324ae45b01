"""The shortcuts: on a message, and anywhere; the answer is for whoever took them."""

from collections.abc import Coroutine
from typing import Any

import pytest

from bot.tasks import Tasks, TooManyTasks
from playground.slack import Message, View
from playground.slack.example import ANN, ANN_DM, SUPPORT
from playground.stonefax import Rule
from tests.conftest import BUSY, DOCUMENTED, Desk

IDS = "ids"


async def answered(desk: Desk, message: Message) -> Message:
    """Take "Look up fax" on a message, and give the answer."""
    delivery = await desk.slack.message_shortcut(message, "look_up_fax", user=ANN)
    assert delivery.acked
    return await desk.late(delivery)


async def opened(desk: Desk) -> View:
    """Wait for the modal before Ann."""
    return (await desk.slack.until(lambda: desk.slack.workspace.modals.get(ANN, [])))[-1]


def modal_of(desk: Desk) -> View:
    """Give the modal before Ann, as it is now."""
    return desk.slack.workspace.modals[ANN][-1]


def typed(text: str) -> dict[str, Any]:
    """Give the state of the modal's field."""
    return {IDS: {IDS: {"type": "plain_text_input", "value": text}}}


def words_of(view: View) -> str:
    """Give all that a modal says."""
    return str(view.blocks)


async def test_a_message_that_names_a_fax_is_answered_privately(desk: Desk) -> None:
    """With everything, and beside it: a thread that nobody has begun would not show it."""
    message = await desk.slack.post(ANN, SUPPORT, f"did {BUSY} arrive?")
    answer = await answered(desk, message)
    assert answer.seen_only_by == ANN
    assert answer.thread_ts is None
    assert "+39 06 1234 5678" in answer.words


async def test_a_reply_is_answered_in_the_thread_that_it_is_in(desk: Desk) -> None:
    """Not in a thread of its own."""
    root = await desk.slack.post(ANN, SUPPORT, "faxes?")
    reply = await desk.slack.post(ANN, SUPPORT, f"{BUSY} and {DOCUMENTED}", thread_ts=root.ts)
    answer = await answered(desk, reply)
    assert answer.thread_ts == root.ts
    assert answer.text == "2 faxes: 1 failed, 1 delivered."


async def test_who_finds_no_time_for_their_modal_is_told(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """And Slack shows no warning."""
    start = Tasks.start

    def full(tasks: Tasks, work: Coroutine[Any, Any, Any]) -> Any:  # noqa: ANN401 - as what it stands for
        """Have room for nothing but modals."""
        if "ask_or_say_so" in str(work):
            raise TooManyTasks
        return start(tasks, work)

    monkeypatch.setattr(Tasks, "start", full)
    assert (await desk.slack.shortcut("look_up_a_fax", user=ANN)).acked
    (told,) = await desk.slack.until(lambda: desk.slack.workspace.seen_by(ANN, ANN_DM))
    assert "as many people as I can" in told.words


@pytest.mark.parametrize("part", ["blocks", "attachments"])
async def test_ids_are_found_in_blocks_and_attachments_too(desk: Desk, part: str) -> None:
    """Monitoring tools post so."""
    message = await desk.slack.post(ANN, SUPPORT, "alert")
    payload = (await desk.slack.message_shortcut(message, "look_up_fax", user=ANN)).payload
    payload["message"][part] = [{"type": "section", "fields": [{"text": f"*Fax* https://x.example/{BUSY}?a=1"}]}]
    before = len(desk.slack.response_posts)
    await desk.slack.send_interaction(payload)
    await desk.slack.until(lambda: desk.slack.response_posts[before:])
    assert b"the line was busy" in desk.slack.response_posts[-1].body


async def test_a_message_without_a_fax_opens_the_modal(desk: Desk) -> None:
    """Which says so, and asks."""
    message = await desk.slack.post(ANN, SUPPORT, "did the fax to the clinic arrive?")
    await desk.slack.message_shortcut(message, "look_up_fax", user=ANN)
    view = await opened(desk)
    assert "I find no fax id in that message" in words_of(view)
    await desk.slack.submit(view, typed(f"it is {BUSY}"))
    assert "the line was busy" in words_of(modal_of(desk))


async def test_the_global_shortcut_opens_the_modal(desk: Desk) -> None:
    """And the modal shows the answer, with everything, and no button that could not act."""
    await desk.slack.shortcut("look_up_a_fax", user=ANN)
    await desk.slack.submit(await opened(desk), typed(f"{BUSY} {DOCUMENTED}"))
    shown = words_of(modal_of(desk))
    assert "2 faxes: 1 failed, 1 delivered" in shown
    assert "button" not in shown


async def test_what_names_no_fax_is_said_below_the_field(desk: Desk) -> None:
    """Nothing that was typed is lost."""
    await desk.slack.shortcut("look_up_a_fax", user=ANN)
    delivery = await desk.slack.submit(await opened(desk), typed("clinic"))
    assert delivery.json()["response_action"] == "errors"
    assert "I find no fax id in that" in delivery.json()["errors"][IDS]
    assert desk.fax_server.total == 0


@pytest.mark.hurried
async def test_a_slow_answer_follows_in_the_modal(desk: Desk) -> None:
    """It says so at once, and then changes by itself."""
    desk.fax_server.rule(BUSY, Rule(delay=0.7))
    await desk.slack.shortcut("look_up_a_fax", user=ANN)
    delivery = await desk.slack.submit(await opened(desk), typed(BUSY))
    assert delivery.seconds < 0.7
    assert "follows here" in words_of(modal_of(desk))
    await desk.slack.until(lambda: "the line was busy" in words_of(modal_of(desk)))


@pytest.mark.hurried
async def test_a_modal_that_was_closed_before_its_answer_is_no_fault(desk: Desk) -> None:
    """Whoever closed it does not want to know any more."""
    desk.fax_server.rule(BUSY, Rule(delay=0.6))
    await desk.slack.shortcut("look_up_a_fax", user=ANN)
    view = await opened(desk)
    await desk.slack.submit(view, typed(BUSY))
    await desk.slack.close_view(modal_of(desk))
    await desk.slack.until(lambda: any(call.method == "views.update" for call in desk.slack.calls))
    assert not [call for call in desk.slack.calls if call.method == "chat.postMessage"]


async def test_a_modal_that_cannot_be_opened_is_made_good(desk: Desk) -> None:
    """Slack gives three seconds for it; whoever took the shortcut is told how to ask."""
    desk.slack.fail("views.open", times=2, error="expired_trigger_id")
    message = await desk.slack.post(ANN, SUPPORT, "did it arrive?")
    delivery = await desk.slack.message_shortcut(message, "look_up_fax", user=ANN)
    assert delivery.acked
    assert "Give me the id of a fax" in (await desk.late(delivery)).words
    assert (await desk.slack.shortcut("look_up_a_fax", user=ANN)).acked
    there = desk.slack.workspace.direct_message(ANN)
    told = await desk.slack.until(lambda: desk.slack.workspace.seen_by(ANN, there.id))
    assert "Give me the id of a fax" in told[-1].words


async def test_a_slow_modal_does_not_hold_up_the_ack(desk: Desk) -> None:
    """Slack would show a failure after three seconds."""
    desk.slack.fail("views.open", delay=1.0)
    delivery = await desk.slack.shortcut("look_up_a_fax", user=ANN)
    assert delivery.acked
    assert delivery.seconds < 0.9


@pytest.mark.hurried
async def test_a_modal_that_could_not_be_changed_is_made_good(desk: Desk) -> None:
    """The answer comes as a direct message."""
    desk.fax_server.rule(BUSY, Rule(delay=0.7))
    desk.slack.fail("views.update", times=3, status=500)
    await desk.slack.shortcut("look_up_a_fax", user=ANN)
    await desk.slack.submit(await opened(desk), typed(BUSY))
    there = desk.slack.workspace.direct_message(ANN)
    told = await desk.slack.until(lambda: desk.slack.workspace.seen_by(ANN, there.id))
    assert "the line was busy" in told[-1].words
