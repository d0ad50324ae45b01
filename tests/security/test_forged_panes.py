"""Forged panes: a reference, a link, a trigger or a button that is not ours shows nobody what they may not see."""

from typing import Any

import pytest

from bot.cards.buttons import Pressed, written
from bot.cards.entity import PANE_REFRESH, PANE_WATCH
from playground.slack.example import ANN, BOB, GUEST, STRANGER, SUPPORT
from tests.conftest import BUSY, DOCUMENTED, UNKNOWN, Desk, Opening
from tests.panes import LINK, WORK_OBJECTS, held_open, link_to, placed, posted, presented, pressed_in_pane
from tests.presses import QUEUED
from tests.security.test_forged import FIELDS, HOSTILE, unseen

NUMBER, SUBJECT = "1234 5678", "Referral letter"
EVIL = f"https://evil.example/{BUSY}"
REFERENCES: tuple[Any, ...] = (
    {"id": "Mine", "type": "outbound_fax"},
    {"id": "../Mine", "type": "outbound_fax"},
    {"id": f"{BUSY}/../../Mine", "type": "outbound_fax"},
    {"id": f" {BUSY}", "type": "outbound_fax"},
    {"id": f"{BUSY} {DOCUMENTED}", "type": "outbound_fax"},
    {"id": BUSY, "type": "somebody else's"},
    {"id": BUSY},
    {"id": "", "type": "outbound_fax"},
    {"id": "a" * 10_000, "type": "outbound_fax"},
)
"""References that no entity of ours has."""


async def requested(desk: Desk, **changes: Any) -> dict[str, object]:  # noqa: ANN401 - any JSON
    """Tell the bot of an opened pane, with other values in the event, and give what it presents."""
    await desk.slack.open_entity(ANN, placed(desk), LINK)
    event = {**desk.slack.deliveries[-1].payload["event"], **changes}
    event["trigger_id"] = changes.get("trigger_id") or desk.slack.triggers.give(event["user"])
    desk.slack.panes.expect(event["trigger_id"], desk.slack.panes.open[ANN])
    before, asked = len(presented(desk)), desk.fax_server.total
    await desk.slack.send_event({key: value for key, value in event.items() if value is not None})
    said = presented(desk)[before]
    return {**said, "asked": desk.fax_server.total - asked}


@pytest.mark.parametrize("reference", REFERENCES, ids=lambda reference: str(reference)[:40])
async def test_a_reference_that_is_not_ours_is_not_found(desk: Desk, reference: dict[str, str]) -> None:
    """And the fax server is asked nothing, though the link beside it is one of ours."""
    said = await requested(desk, external_ref=reference)
    assert (said["error"], said["asked"]) == ({"status": "not_found"}, 0)


async def test_without_a_reference_a_link_counts_if_it_is_ours(desk: Desk) -> None:
    """By the rules of links: on a host of ours, with a fax's id."""
    assert "metadata" in await requested(desk, external_ref=None)
    for link in (EVIL, f"https://fax.example.com@evil.example/{BUSY}", "https://fax.example.com/none", "", "x"):
        said = await requested(
            desk, external_ref=None, app_unfurl_url=link, link={"url": link, "domain": "evil.example"}, entity_url=link
        )
        assert (said["error"], said["asked"]) == ({"status": "not_found"}, 0), link


@pytest.mark.parametrize("person", [GUEST, STRANGER])
async def test_a_pane_of_somebody_else_is_drawn_for_who_the_event_names(desk: Desk, person: str) -> None:
    """Who they are is asked of Slack."""
    said = str(await requested(desk, user=person))
    assert "Faxes are shown to" in said
    assert NUMBER not in said
    assert SUBJECT not in said


async def test_a_trigger_draws_one_fax_once(desk: Desk) -> None:
    """Another one Slack refuses, and an error takes its place; a second time nothing is drawn."""
    assert "metadata" in await requested(desk, external_ref={"id": DOCUMENTED, "type": "outbound_fax"})
    assert desk.slack.panes.open[ANN].error == {"status": "internal_error"}
    event = desk.slack.deliveries[-1].payload["event"]
    await desk.slack.send_event({**event, "external_ref": {"id": BUSY, "type": "outbound_fax"}})
    assert desk.slack.panes.open[ANN].error == {"status": "internal_error"}
    answers = [call.answer.get("error") for call in desk.slack.calls if call.method == "entity.presentDetails"]
    assert answers == [None, "entity_metadata_does_not_match_trigger", None, "exchanged_trigger_id"]


BUTTONS = ("", "1|", BUSY, "1|../../Mine", f"2|{BUSY}", written(Pressed(DOCUMENTED)), written(Pressed(UNKNOWN)))


@pytest.mark.parametrize("action", [PANE_REFRESH, PANE_WATCH])
@pytest.mark.parametrize("value", BUTTONS)
async def test_a_button_of_another_fax_or_another_version_is_not_acted_on(desk: Desk, action: str, value: str) -> None:
    """The pane says so, and the fax server is asked nothing."""
    held_open(desk, BOB, action, value)
    assert "I no longer know this button" in (await pressed_in_pane(desk, action, user=BOB)).words()
    assert desk.fax_server.total == 0


@pytest.mark.parametrize("action", [PANE_REFRESH, PANE_WATCH])
async def test_a_press_replayed_by_somebody_else_is_theirs(desk: Desk, action: str) -> None:
    """A guest with Bob's button gets a refusal, and no watch."""
    desk.put(QUEUED, status="Queued")
    held_open(desk, BOB, action, written(Pressed(BUSY)))
    await pressed_in_pane(desk, action, user=BOB)
    payload = dict(desk.slack.deliveries[-1].payload)
    before = len(presented(desk))
    await desk.slack.send_interaction({**payload, "user": {"id": GUEST, "team_id": "T0000FAXTEAM"}})
    await desk.slack.until(lambda: len(presented(desk)) > before)
    said = str(presented(desk)[-1])
    assert "Faxes are shown to" in said
    assert NUMBER not in said


@pytest.mark.parametrize("kind", HOSTILE)
async def test_hostile_words_in_every_field_are_plain_text(closed_desk: Desk, kind: str) -> None:
    """Below the link and in the pane: one line each, nothing turned around, never read as markup."""
    hostile = HOSTILE[kind]
    fax = dict.fromkeys(FIELDS, hostile) | {"recipient": [{"name": hostile, "faxNumber": hostile}] * 2}
    closed_desk.settings |= WORK_OBJECTS
    async with Opening(closed_desk) as desk:
        desk.fax_server.put(QUEUED, {**fax, "status": f"x {hostile}"})
        pane = await desk.slack.open_entity(ANN, message := await posted(desk, QUEUED), link_to(QUEUED))
    assert pane.metadata
    for shown in (message.entities[link_to(QUEUED)], pane.metadata):
        fields = shown["entity_payload"]["custom_fields"]
        texts = [shown["entity_payload"]["attributes"]["title"]["text"], *(str(field["value"]) for field in fields)]
        assert not [letter for text in texts for letter in text if unseen(letter) or letter == "\n"]
        assert not any("format" in field for field in fields)


async def test_others_see_nothing_of_a_pane(closed_desk: Desk) -> None:
    """It is one person's; no message is posted, and Slack takes nothing of it over into the entity below the link."""
    closed_desk.settings |= WORK_OBJECTS
    async with Opening(closed_desk) as desk:
        desk.put(QUEUED, status="Queued", recipient={"faxNumber": f"+39 06 {NUMBER}"})
        message = await posted(desk, QUEUED)
        before = len(desk.slack.workspace.changes)
        for _ in range(2):
            pane = await desk.slack.open_entity(ANN, message, link_to(QUEUED))
            assert NUMBER in pane.words()
            desk.put(QUEUED, status="Completed", recipient={"faxNumber": f"+39 06 {NUMBER}"})
        assert len(desk.slack.workspace.changes) == before
        assert desk.slack.workspace.find(SUPPORT, message.ts) == message
        assert BOB not in desk.slack.panes.open
