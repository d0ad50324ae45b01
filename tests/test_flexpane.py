"""Work Objects: what others see below a link, and the flexpane of each person who opens it."""

from collections.abc import AsyncIterator, Coroutine
from dataclasses import replace
from io import StringIO
from typing import Any

import pytest
from slack_sdk.models.metadata import EntityMetadata

from bot.cards.buttons import Pressed, written
from bot.store import Spans
from bot.tasks import Tasks, TooManyTasks
from playground.slack.example import ADMIN, ANN, BOB, GUEST, HIDDEN, SUPPORT
from playground.stonefax import Rule
from tests.conftest import BUSY, DOCUMENTED, QUICK, Desk, Opening
from tests.panes import LINK, WORK_OBJECTS, held_open, link_to, opened, placed, posted, presented, pressed_in_pane
from tests.presses import QUEUED
from tests.test_events import locked

MASKED, IN_FULL = "+39 ••• 678", "+39 06 1234 5678"


@pytest.fixture
async def desk(closed_desk: Desk) -> AsyncIterator[Desk]:
    """Give a desk at which links show Work Objects."""
    closed_desk.settings |= WORK_OBJECTS
    closed_desk.timing = replace(QUICK, patience=1.0)
    async with Opening(closed_desk) as opened_desk:
        yield opened_desk


async def test_below_the_link_is_an_entity_as_others_may_see_it(desk: Desk) -> None:
    """Masked, without subject and sender; no blocks beside it; slack_sdk's own model takes it."""
    message = await posted(desk)
    assert not message.unfurls
    entity = message.entities[LINK]
    assert EntityMetadata(**entity).to_dict() == entity
    assert (entity["entity_type"], entity["external_ref"]) == (
        "slack#/entities/item",
        {"id": BUSY, "type": "outbound_fax"},
    )
    assert "❌ Fax failed: the line was busy" in str(entity)
    assert MASKED in str(entity)
    for hidden in ("1234", "Referral", "user1"):
        assert hidden not in str(entity)


async def test_both_are_one_call(closed_desk: Desk) -> None:
    """A card and an entity, below the same link."""
    closed_desk.settings |= {"FAXBOT_UNFURL": "both"}
    async with Opening(closed_desk) as desk:
        message = await posted(desk)
        assert message.unfurls.keys() == message.entities.keys() == {LINK}
        assert sum(call.method == "chat.unfurl" for call in desk.slack.calls) == 1


async def test_a_watch_that_ends_renews_both(closed_desk: Desk) -> None:
    """The card and the entity say the same."""
    closed_desk.settings |= {"FAXBOT_UNFURL": "both"}
    async with Opening(closed_desk) as desk:
        desk.put(QUEUED, status="Queued")
        message = await posted(desk, QUEUED)
        await desk.slack.press(message, "watch", user=ANN)
        await desk.slack.until(lambda: any(m.seen_only_by == ANN for m in desk.slack.workspace.seen_by(ANN, SUPPORT)))
        desk.put(QUEUED, status="Completed")

        def renewed() -> bool:
            now = desk.slack.workspace.find(SUPPORT, message.ts)
            return bool(now and all("Fax delivered" in str(below) for below in (now.unfurls, now.entities)))

        assert await desk.slack.until(renewed)


@pytest.mark.parametrize("style", ["entities", "both"])
async def test_an_entity_that_slack_refuses_leaves_the_card(closed_desk: Desk, style: str, logged: StringIO) -> None:
    """Asked once more with that alone; the event is done, and the log warns by Slack's word."""
    closed_desk.settings |= {"FAXBOT_UNFURL": style}
    async with Opening(closed_desk) as desk:
        desk.slack.fail("chat.unfurl", times=1, error="invalid_metadata_format")
        message = await desk.slack.post(ANN, SUPPORT, LINK)
        assert message.unfurls.keys() == {LINK}
        assert not message.entities
        assert [delivery.status for delivery in desk.slack.deliveries if delivery.kind == "link_shared"] == [200]
        assert "invalid_metadata_format" in logged.getvalue()


async def test_where_slack_refuses_the_card_too_the_event_is_done(closed_desk: Desk) -> None:
    """Nothing is shown, and it is not brought again."""
    closed_desk.settings |= {"FAXBOT_UNFURL": "both"}
    async with Opening(closed_desk) as desk:
        desk.slack.fail("chat.unfurl", times=2, error="invalid_metadata_format")
        message = await desk.slack.post(ANN, SUPPORT, LINK)
        assert (message.unfurls, message.entities) == ({}, {})
        assert desk.slack.deliveries[-1].status == 200
        assert not desk.slack.retries


async def test_slacks_own_refresh_renews_the_entity(closed_desk: Desk) -> None:
    """However recent it is; it does not count as a question of who posted the link."""
    closed_desk.settings |= {**WORK_OBJECTS, "FAXBOT_PER_MINUTE": "2"}
    async with Opening(closed_desk) as desk:
        desk.put(QUEUED, status="Queued")
        message = await posted(desk, QUEUED)
        desk.put(QUEUED, status="Completed")
        for _ in range(3):
            assert (await desk.slack.refresh_entities(message)).status == 200
        now = desk.slack.workspace.find(SUPPORT, message.ts)
        assert now
        assert "✅ Fax delivered" in str(now.entities)
        assert "✅ Fax delivered" in await desk.asked(QUEUED)


async def test_blocks_are_what_there_is_unless_it_is_set(closed_desk: Desk) -> None:
    """And no Work Object is offered."""
    async with Opening(closed_desk) as desk:
        message = await desk.slack.post(ANN, SUPPORT, LINK)
        assert message.unfurls
        assert not message.entities


async def test_the_page_of_the_fax_is_its_address(closed_desk: Desk) -> None:
    """Where there is one; the link stays as it was posted."""
    closed_desk.settings |= {**WORK_OBJECTS, "STONEFAX_FAX_PAGE": "https://portal.example.org/fax?id={id}"}
    async with Opening(closed_desk) as desk:
        message = await posted(desk)
        assert message.entities[LINK]["url"] == f"https://portal.example.org/fax?id={BUSY}"
        assert IN_FULL in (await desk.slack.open_entity(ANN, message, LINK)).words()


async def test_a_pane_shows_everything_to_who_opened_it(desk: Desk) -> None:
    """Each person a pane of their own, in one answer to the trigger."""
    message = await posted(desk)
    for person in (ANN, BOB):
        pane = await desk.slack.open_entity(person, message, LINK)
        assert pane.metadata
        assert EntityMetadata(**pane.metadata).to_dict() == pane.metadata
        for shown in (IN_FULL, "Referral letter", "user1", "Most likely: the recipient's side"):
            assert shown in pane.words()
    assert len(presented(desk)) == 2


async def test_who_may_not_look_is_told_why(desk: Desk) -> None:
    """With the reference that leads to the log."""
    message = await posted(desk)
    pane = await desk.slack.open_entity(GUEST, message, LINK)
    assert "Faxes are shown to full members of this workspace" in pane.words()
    assert "(ref " in pane.words()
    assert IN_FULL not in pane.words()


async def test_a_fault_is_said_in_the_words_of_a_card(desk: Desk) -> None:
    """With whose turn it is, and Refresh where that may help."""
    desk.put(QUEUED, status="Queued")
    message = await posted(desk, QUEUED)
    for rule, says, actions in (
        (Rule(status=404, reason="no"), "I find no outbound fax with the id", []),
        (Rule(status=401, reason="no"), "The fax server does not accept my own account", ["pane_refresh"]),
    ):
        desk.fax_server.rule(QUEUED, rule)
        pane = await desk.slack.open_entity(ANN, message, link_to(QUEUED))
        assert says in pane.words()
        assert [action["action_id"] for action in pane.actions] == actions


async def test_refresh_draws_the_pane_anew(desk: Desk) -> None:
    """By the trigger of the press."""
    desk.put(QUEUED, status="Queued")
    pane = await opened(desk, QUEUED)
    assert "⏳ Fax waiting in the queue" in pane.words()
    desk.put(QUEUED, status="Completed")
    assert "✅ Fax delivered" in (await pressed_in_pane(desk, "pane_refresh")).words()


async def test_refresh_below_the_link_renews_the_entity(desk: Desk) -> None:
    """For everybody, masked as before; a fax that is over has no button there."""
    desk.put(QUEUED, status="Queued", recipient={"name": "Mario Rossi", "faxNumber": IN_FULL})
    message = await posted(desk, QUEUED)
    link = link_to(QUEUED)
    desk.put(QUEUED, status="Completed", recipient={"name": "Mario Rossi", "faxNumber": IN_FULL})
    await desk.slack.press_entity(BOB, message, link, "refresh")

    def renewed() -> bool:
        now = desk.slack.workspace.find(SUPPORT, message.ts)
        return bool(now and "✅ Fax delivered" in str(now.entities[link]))

    assert await desk.slack.until(renewed)
    now = desk.slack.workspace.find(SUPPORT, message.ts)
    assert now
    assert MASKED in str(now.entities)
    assert "1234" not in str(now.entities)
    assert "actions" not in now.entities[link]["entity_payload"]


async def test_a_watch_from_the_pane_is_told_by_direct_message(desk: Desk) -> None:
    """The pane says that it runs, and offers it no more."""
    desk.put(QUEUED, status="Queued")
    pane = await opened(desk, QUEUED)
    assert [action["action_id"] for action in pane.actions] == ["pane_refresh", "pane_watch"]
    pane = await pressed_in_pane(desk, "pane_watch")
    assert "You will be told by direct message" in pane.words()
    assert [action["action_id"] for action in pane.actions] == ["pane_refresh"]
    desk.put(QUEUED, status="Completed")
    direct = desk.slack.workspace.direct_message(ANN).id
    await desk.slack.until(lambda: any("delivered" in m.words for m in desk.slack.workspace.messages(direct)))


async def test_a_fax_that_is_over_offers_no_watch(desk: Desk) -> None:
    """Only to look again."""
    pane = await opened(desk, DOCUMENTED)
    assert [action["action_id"] for action in pane.actions] == ["pane_refresh"]


async def test_a_slow_fax_server_is_said_to_be_slow_and_refresh_has_the_answer(closed_desk: Desk) -> None:
    """How long a trigger lives nobody knows: it is answered within our patience, and the fetch goes on."""
    closed_desk.settings |= WORK_OBJECTS
    closed_desk.timing = replace(QUICK, patience=0.3)
    async with Opening(closed_desk) as desk:
        desk.put(QUEUED, status="Queued")
        message = await posted(desk, QUEUED)
        desk.put(QUEUED, status="Completed")
        desk.fax_server.rule(QUEUED, Rule(delay=0.45))
        pane = await desk.slack.open_entity(ANN, message, link_to(QUEUED))
        assert "The fax server is taking its time. Press Refresh in a moment." in pane.words()
        assert "✅ Fax delivered" in (await pressed_in_pane(desk, "pane_refresh")).words()
        assert desk.fax_server.count(QUEUED) == 2


async def test_a_watch_that_is_slow_to_begin_is_told_of_directly(closed_desk: Desk) -> None:
    """The trigger is answered in time; the wish is not lost."""
    closed_desk.settings |= WORK_OBJECTS
    closed_desk.timing = replace(QUICK, patience=0.3)
    async with Opening(closed_desk) as desk:
        desk.put(QUEUED, status="Queued")
        await opened(desk, QUEUED)
        desk.fax_server.rule(QUEUED, Rule(delay=0.5))
        assert "taking its time" in (await pressed_in_pane(desk, "pane_watch")).words()
        direct = desk.slack.workspace.direct_message(ANN).id
        said = "You will be told by direct message"
        await desk.slack.until(lambda: any(said in m.words for m in desk.slack.workspace.messages(direct)))


async def test_a_watch_from_the_pane_is_one_look_up(closed_desk: Desk) -> None:
    """Who may ask once more has their watch, and the pane that says so, from one."""
    closed_desk.settings |= {**WORK_OBJECTS, "FAXBOT_PER_MINUTE": "2"}
    async with Opening(closed_desk) as desk:
        desk.put(QUEUED, status="Queued")
        await desk.slack.open_entity(ANN, await posted(desk, QUEUED, user=BOB), link_to(QUEUED))
        before = desk.fax_server.count(QUEUED)
        pane = await pressed_in_pane(desk, "pane_watch")
        assert "You will be told by direct message" in pane.words()
        assert desk.fax_server.count(QUEUED) <= before + 2  # the watch itself may have asked by now
        pane = await pressed_in_pane(desk, "pane_refresh")
        assert "That was 2 look-ups in a minute" in pane.words()


async def test_a_watch_of_a_fax_without_an_answer_is_said(desk: Desk) -> None:
    """Below the fault: the watch has begun all the same."""
    desk.put(QUEUED, status="Queued")
    await opened(desk, QUEUED)
    desk.fax_server.rule(QUEUED, Rule(status=500, reason="no"))
    pane = await pressed_in_pane(desk, "pane_watch")
    assert "The fax server has a fault of its own" in pane.words()
    assert "You will be told by direct message" in pane.words()
    assert [action["action_id"] for action in pane.actions] == ["pane_refresh"]


async def test_what_came_of_a_wish_is_told_where_the_pane_is_not_drawn(desk: Desk) -> None:
    """By direct message, since nothing else would say it."""
    desk.put(QUEUED, status="Queued")
    await opened(desk, QUEUED)
    desk.slack.fail("entity.presentDetails", error="expired_trigger_id")
    await desk.slack.press_in_pane(ANN, "pane_watch")
    direct = desk.slack.workspace.direct_message(ANN).id
    said = "You will be told by direct message"
    await desk.slack.until(lambda: any(said in m.words for m in desk.slack.workspace.messages(direct)))


async def test_a_wish_that_was_not_noted_keeps_its_button(closed_desk: Desk) -> None:
    """And names no administrator: a mention would be read as it is written."""
    closed_desk.settings |= {**WORK_OBJECTS, "FAXBOT_ADMINS": ADMIN}
    closed_desk.timing = replace(QUICK, spans=Spans(question=0.1))
    async with Opening(closed_desk) as desk:
        desk.put(QUEUED, status="Queued")
        await opened(desk, QUEUED)
        with locked(desk.values()["DATABASE_URL"]):
            pane = await pressed_in_pane(desk, "pane_watch")
        assert "I could not note that just now" in pane.words()
        assert "tell an administrator" in pane.words()
        assert [action["action_id"] for action in pane.actions] == ["pane_refresh", "pane_watch"]


async def test_too_many_watches_keep_the_button(closed_desk: Desk) -> None:
    """The pane says what to do first."""
    closed_desk.settings |= WORK_OBJECTS
    closed_desk.timing = replace(QUICK, rhythm=replace(QUICK.rhythm, most_running=0))
    async with Opening(closed_desk) as desk:
        desk.put(QUEUED, status="Queued")
        await opened(desk, QUEUED)
        pane = await pressed_in_pane(desk, "pane_watch")
        assert "as many as one person can. Stop one first" in pane.words()
        assert [action["action_id"] for action in pane.actions] == ["pane_refresh", "pane_watch"]


async def test_no_mention_stands_in_a_pane(closed_desk: Desk) -> None:
    """Whoever is to be asked is an administrator, in words."""
    closed_desk.settings |= {**WORK_OBJECTS, "FAXBOT_ADMINS": ADMIN}
    async with Opening(closed_desk) as desk:
        desk.put(QUEUED, status="Queued")
        message = await posted(desk, QUEUED)
        desk.fax_server.rule(QUEUED, Rule(status=401, reason="no"))
        said = [(await desk.slack.open_entity(user, message, link_to(QUEUED))).words() for user in (ANN, GUEST)]
        assert all("an administrator" in words and "<@" not in words for words in said)


async def test_a_refusal_that_passes_offers_to_look_again(closed_desk: Desk) -> None:
    """Whoever asks too often, or of whom Slack does not say who they are."""
    closed_desk.settings |= {**WORK_OBJECTS, "FAXBOT_PER_MINUTE": "1"}
    async with Opening(closed_desk) as desk:
        desk.slack.fail("users.info", error="internal_error", times=2)
        message = placed(desk)
        for says in ("Slack cannot tell me right now who you are", "That was 1 look-up in a minute"):
            pane = await desk.slack.open_entity(ANN, message, LINK)
            assert "custom_partial_view\nNot now\n" in pane.words()
            assert says in pane.words()
            assert [action["action_id"] for action in pane.actions] == ["pane_refresh"]


@pytest.mark.parametrize(("value", "actions"), [(written(Pressed(BUSY)), ["pane_refresh"]), ("2|x", [])])
async def test_where_there_is_no_time_a_pane_says_so(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, value: str, actions: list[str]
) -> None:
    """In the language of who pressed, with Refresh where it is known of which fax."""
    desk.slack.workspace.people[BOB] = replace(desk.slack.workspace.people[BOB], locale="de-DE")
    held_open(desk, BOB, "pane_refresh", value)
    monkeypatch.setattr("bot.tasks.Tasks.start", full)
    pane = await pressed_in_pane(desk, "pane_refresh", user=BOB)
    assert "Nicht jetzt" in pane.words()
    assert [action["action_id"] for action in pane.actions] == actions


def full(_tasks: Tasks, work: Coroutine[Any, Any, object]) -> None:
    """Take no more work."""
    work.close()
    raise TooManyTasks


async def test_an_old_button_is_told_of_in_the_language_of_who_pressed(desk: Desk) -> None:
    """Though nothing has asked for it before."""
    desk.slack.workspace.people[BOB] = replace(desk.slack.workspace.people[BOB], locale="it-IT")
    held_open(desk, BOB, "pane_refresh", "2|x")
    assert "Un pulsante vecchio" in (await pressed_in_pane(desk, "pane_refresh", user=BOB)).words()


async def test_a_pane_is_drawn_while_the_database_is_away(closed_desk: Desk) -> None:
    """Its trigger works once in any case, so the event needs no claim."""
    closed_desk.settings |= WORK_OBJECTS
    closed_desk.timing = replace(QUICK, spans=Spans(question=0.1))
    async with Opening(closed_desk) as desk:
        message = placed(desk)
        with locked(desk.values()["DATABASE_URL"]):
            pane = await desk.slack.open_entity(ANN, message, LINK)
            assert IN_FULL in pane.words()
            assert desk.slack.deliveries[-1].status == 200


async def test_whatever_breaks_the_trigger_is_answered(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """With Slack's own words for it: the pane would stay empty otherwise."""
    message = await posted(desk)

    def broken(*_arguments: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("bot.cards.entity.facts", broken)
    pane = await desk.slack.open_entity(ANN, message, LINK)
    assert pane.error == {"status": "internal_error"}


async def test_an_entity_that_slack_does_not_take_leaves_an_error(desk: Desk) -> None:
    """The trigger is still good for one."""
    message = await posted(desk)
    desk.slack.fail("entity.presentDetails", error="invalid_metadata")
    pane = await desk.slack.open_entity(ANN, message, LINK)
    assert pane.error == {"status": "internal_error"}


@pytest.mark.parametrize("problem", ["expired_trigger_id", "ratelimited", "fatal_error"])
async def test_where_slack_takes_nothing_the_event_is_done(desk: Desk, problem: str, logged: StringIO) -> None:
    """It is not brought again, since its trigger is gone; the log says by which word."""
    message = await posted(desk)
    desk.slack.fail("entity.presentDetails", error=problem)
    pane = await desk.slack.open_entity(ANN, message, LINK)
    assert (pane.metadata, pane.error) == (None, None)
    assert desk.slack.deliveries[-1].status == 200
    assert not desk.slack.retries
    assert problem in logged.getvalue()


async def test_a_pane_in_a_channel_that_is_not_allowed_stays_closed(closed_desk: Desk) -> None:
    """The place is the one that it was opened in; without a channel the rules for no channel hold."""
    closed_desk.settings |= {**WORK_OBJECTS, "FAXBOT_ALLOWED_CHANNELS": SUPPORT}
    async with Opening(closed_desk) as desk:
        assert IN_FULL in (await opened(desk)).words()
        event = dict(desk.slack.deliveries[-1].payload["event"])
        pane = desk.slack.panes.open[ANN]
        for channel, says in ((HIDDEN, "can't be looked up in this channel"), (None, "outside the channels")):
            event["channel"] = channel
            event["trigger_id"] = desk.slack.triggers.give(ANN)
            desk.slack.panes.expect(event["trigger_id"], pane)
            await desk.slack.send_event(event)
            assert says in desk.slack.panes.open[ANN].words()
