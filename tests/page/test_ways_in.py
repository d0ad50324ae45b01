"""Every way in, in the browser: the command, mentions, links, shortcuts, direct messages."""

import pytest
from playwright.async_api import expect

from tests.conftest import BUSY, DOCUMENTED
from tests.page.conftest import Visit

pytestmark = pytest.mark.asyncio(loop_scope="session")

FAILED = "Fax failed: the line was busy"
MASKED, IN_FULL = "+39 ••• 678", "+39 06 1234 5678"


async def test_the_first_screen_says_what_this_is_and_leads_to_a_card(visit: Visit) -> None:
    """One fax is suggested; one press shows why it failed. The page is there to act on in under a second."""
    await expect(visit.page.get_by_text("Did the fax go through?")).to_be_visible()
    await expect(visit.page.get_by_role("heading", name="support")).to_be_visible()
    await visit.page.get_by_role("button", name="never arrived").click()
    await visit.seen(FAILED, IN_FULL, "Only visible to you")
    await expect(visit.page.get_by_text("Did the fax go through?")).to_be_hidden()
    assert min([await visit.milliseconds_until_ready() for _ in range(3)]) < 1000


async def test_the_command_answers_the_asker_alone(visit: Visit) -> None:
    """A slash shows how it is used; what came back is the bot's own answer, over its HTTP address."""
    await visit.line.fill("/")
    await expect(visit.page.get_by_text("answered to you alone")).to_be_visible()
    await visit.say(f"/fax {BUSY}")
    await visit.seen(FAILED, IN_FULL, "Referral letter")
    (delivery,) = visit.playground.slack.deliveries
    assert (delivery.kind, delivery.payload["text"], delivery.status) == ("command", BUSY, 200)


async def test_several_ids_give_a_row_each_with_its_button(visit: Visit) -> None:
    """A row's Details opens its card below."""
    await visit.say(f"/fax {DOCUMENTED} {BUSY}")
    await visit.seen("2 faxes: 1 failed, 1 delivered")
    await visit.newest.get_by_role("button", name="Details").last.click()
    await visit.seen(FAILED)


async def test_a_mention_is_answered_in_its_thread(visit: Visit) -> None:
    """As others may see it; the thread opens from the count of replies, and takes further questions."""
    await visit.page.get_by_role("button", name="Mention the bot").last.click()
    assert await visit.line.input_value() == "@Faxbot "
    await visit.say(f"@Faxbot {BUSY}")
    await visit.channel.get_by_role("button", name="1 reply").click()
    await expect(visit.thread.get_by_role("heading", name=FAILED)).to_be_visible()
    await expect(visit.thread.get_by_text(MASKED)).to_be_visible()
    await expect(visit.thread.get_by_text("Referral letter")).to_have_count(0)
    reply = visit.page.get_by_label("Reply in the thread", exact=True)
    await expect(reply).to_be_focused()
    await reply.fill("@Faxbot triage")
    await reply.press("Enter")
    await expect(visit.channel.get_by_role("button", name="3 replies")).to_be_visible()


async def test_slack_takes_no_command_in_a_thread(visit: Visit) -> None:
    """And says so in its own words; the bot hears nothing."""
    await visit.say("Did it arrive?")
    await visit.newest.hover()
    await visit.newest.get_by_role("button", name="Reply in a thread").click()
    reply = visit.page.get_by_label("Reply in the thread", exact=True)
    await reply.fill(f"/fax {BUSY}")
    await reply.press("Enter")
    await expect(visit.page.get_by_text("/fax is not supported in threads. Sorry!").first).to_be_visible()
    assert [delivery.status for delivery in visit.playground.slack.deliveries] == [None]


async def test_a_link_shows_its_card_below(visit: Visit) -> None:
    """As others may see it."""
    await visit.say(f"Is https://fax.example.com/faxes/{BUSY} through?")
    preview = visit.newest.get_by_role("group", name="Preview of the link")
    await expect(preview.get_by_role("heading", name=FAILED)).to_be_visible()
    await expect(preview.get_by_text(MASKED)).to_be_visible()


async def test_the_menu_of_a_message_has_the_shortcut(visit: Visit) -> None:
    """Under the name that the manifest gives it."""
    await visit.say(f"The clinic asks for {BUSY}")
    await visit.newest.hover()
    await visit.newest.get_by_role("button", name="More about").click()
    await visit.page.get_by_role("menuitem", name="Look up fax").click()
    await visit.seen(FAILED, IN_FULL, "Only visible to you")


async def test_the_shortcut_anywhere_asks_in_a_modal(visit: Visit) -> None:
    """What is no id is said at the field, which keeps what was typed; then the answer stands in the modal."""
    await visit.page.get_by_role("button", name="Shortcuts").first.click()
    await visit.page.get_by_role("menuitem", name="Look up a fax").click()
    modal = visit.page.get_by_role("dialog", name="Look up a fax")
    field = modal.get_by_label("Fax ids, or links to faxes")
    await expect(field).to_be_focused()
    await field.fill("the clinic")
    await modal.get_by_role("button", name="Look up").click()
    await expect(modal.get_by_text("I find no fax id in that")).to_be_visible()
    await expect(field).to_have_value("the clinic")
    await expect(field).to_have_attribute("aria-invalid", "true")
    await field.fill(BUSY)
    await modal.get_by_role("button", name="Look up").click()
    await expect(modal.get_by_role("heading", name=FAILED)).to_be_visible()
    await modal.get_by_role("button", name="Close").last.click()
    await expect(modal).to_be_hidden()


async def test_a_direct_message_is_answered_with_everything(visit: Visit) -> None:
    """In the thread of the question, as there is nobody else to read along."""
    await visit.go("Faxbot")
    await visit.say(BUSY)
    await visit.newest.get_by_role("button", name="1 reply").click()
    for text in (FAILED, IN_FULL, "Referral letter"):
        await expect(visit.thread.get_by_text(text).first).to_be_visible()


async def test_commands_of_slack_itself(visit: Visit) -> None:
    """`/invite` lets the bot into a channel, where it then hears mentions; what nobody offers is no command."""
    await visit.go("random")
    await visit.say("/fux 1")
    await visit.seen("/fux is not a valid command.")
    await visit.say("/invite @faxbot")
    await visit.seen("joined the channel")
    await visit.say(f"@Faxbot {BUSY}")
    await expect(visit.newest.get_by_role("button", name="1 reply")).to_be_visible()
