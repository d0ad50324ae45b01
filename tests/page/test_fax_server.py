"""The fax server beside the channel: its faxes, its moods, an outage, an answer of one's own; and the requests."""

import json

import pytest
from playwright.async_api import expect

from playground.page.fax_room import MOODS
from playground.stonefax import exhibits
from tests.conftest import BUSY
from tests.page.conftest import Visit

pytestmark = pytest.mark.asyncio(loop_scope="session")

SAID = {
    "fine": "Fax failed: the line was busy",
    "slow": "follows here",
    "down": "broke off before its answer was whole",
    "refusing": "does not accept my own account",
    "garbage": "I can't read the fax server's answer",
}


async def test_every_fax_is_there_to_be_pressed(visit: Visit) -> None:
    """In every state, by what it shows; a search finds those that one means, and a press looks one up."""
    faxes = visit.page.get_by_role("tabpanel", name="Fax server").locator("button[data-fax]")
    await expect(faxes).to_have_count(len(exhibits()))
    await visit.page.get_by_label("Find a fax").fill("besetzt")
    await expect(faxes).to_have_count(1)
    await faxes.first.click()
    await visit.seen("Fax failed: the line was busy")
    await visit.page.get_by_label("Find a fax").fill(BUSY)
    await visit.page.get_by_role("button", name="Type the id of").click()
    await expect(visit.line).to_have_value(BUSY)
    await expect(visit.line).to_be_focused()


@pytest.mark.parametrize("mood", MOODS)
async def test_each_mood_is_heard_in_what_the_bot_says(visit: Visit, mood: str) -> None:
    """The switch changes the server, and the bot says whose turn it is; a slow answer still comes."""
    await visit.page.get_by_role("radio", name=MOODS[mood].label).check()
    await expect(visit.page.get_by_text(MOODS[mood].note)).to_be_visible()
    await visit.say(f"/fax {BUSY}")
    await expect(visit.channel.get_by_text(SAID[mood]).first).to_be_visible()
    if mood == "slow":
        await visit.seen(SAID["fine"])


async def test_an_outage_makes_the_hint_speak(visit: Visit) -> None:
    """Three faxes to three numbers, and the fourth says that it is probably the line."""
    await visit.page.get_by_role("button", name="The line goes down").click()
    await visit.seen("probably the line", "Hold off sending again.")


async def test_an_answer_of_ones_own_is_served_or_said_to_be_wrong(visit: Visit) -> None:
    """With the line where it is no JSON, and the field where it is no fax."""
    await visit.page.get_by_text("Make your own answer").click()
    answer = visit.page.get_by_label("The fax as JSON")
    serve = visit.page.get_by_role("button", name="Serve it and look it up")
    wrong = visit.page.get_by_role("tabpanel", name="Fax server").get_by_role("alert")
    for text, said in (('{\n "faxId": oops\n}', "in line 2"), ("[]", "one JSON object"), ("{}", "“faxId” is missing")):
        await answer.fill(text)
        await serve.click()
        await expect(wrong).to_contain_text(said)
    await answer.fill(
        json.dumps(
            {"faxId": "IAS-N1_abcdef0123456789_0", "status": "Completed", "recipient": {"name": "Own Recipient"}}
        )
    )
    await serve.click()
    await visit.seen("Fax delivered", "Own Recipient")
    await expect(wrong).to_be_hidden()


async def test_each_request_is_shown_with_its_answer_and_its_milliseconds(visit: Visit) -> None:
    """Between Slack, the bot and the fax server, signed as Slack signs."""
    await visit.say(f"/fax {BUSY}")
    await visit.seen("Fax failed")
    await visit.page.get_by_role("tab", name="Requests").click()
    requests = visit.page.get_by_role("tabpanel", name="Requests").get_by_role("listitem")
    for way, title in (
        ("Slack → bot", f"/fax {BUSY}"),
        ("bot → fax server", f"GET {BUSY}"),
        ("bot → Slack", "users.info"),
    ):
        row = requests.filter(has_text=way).filter(has_text=title).first
        await expect(row.get_by_text("ms", exact=False).last).to_be_visible()
    command = requests.filter(has_text="Slack → bot").first
    await command.locator("summary").click()
    await expect(command.get_by_text("X-Slack-Signature")).to_be_visible()
    await expect(command.get_by_text("Fax failed: the line was busy").first).to_be_visible()
