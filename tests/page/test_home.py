"""The app's Home tab, in the browser."""

import pytest
from playwright.async_api import Locator, expect

from tests.page.conftest import Open, Visit

QUEUED = "IAS-N1_401d6c8c0000077_0"
pytestmark = pytest.mark.asyncio(loop_scope="session")


def home(visit: Visit) -> Locator:
    """Give what the Home tab shows."""
    return visit.page.get_by_role("tabpanel", name="Home")


async def test_the_tabs_are_reached_by_keyboard(visit: Visit) -> None:
    """They are there in the app's own conversation alone; the arrows lead from one to the other."""
    tabs = visit.page.get_by_role("tablist", name="Home and messages")
    await expect(tabs).to_have_count(0)
    await visit.go("Faxbot")
    await tabs.get_by_role("tab", name="Messages").focus()
    await visit.page.keyboard.press("ArrowLeft")
    await expect(home(visit).get_by_role("heading", name="How to ask")).to_be_visible()
    await expect(home(visit).get_by_text("as I looked")).to_be_visible()
    await expect(visit.line).to_be_hidden()
    await visit.page.keyboard.press("ArrowRight")
    await expect(visit.line).to_be_visible()


async def test_stop_takes_a_watch_off_the_tab(visit: Visit) -> None:
    """And the focus is not lost."""
    visit.playground.fax_server.put(QUEUED, {"faxId": QUEUED, "status": "Queued"})
    await visit.say(f"/fax watch {QUEUED}")
    await visit.seen("You will be told by direct message")
    await visit.go("Faxbot")
    await visit.page.get_by_role("tab", name="Home").click()
    await expect(home(visit).get_by_text("You are watching 1 fax.")).to_be_visible()
    await home(visit).get_by_role("button", name="Stop watching fax 1").click()
    await expect(home(visit).get_by_text("You will not be told of")).to_be_visible()
    await expect(home(visit).get_by_role("button", name="Stop")).to_have_count(0)
    await expect(home(visit)).to_be_focused()


async def test_a_guest_reads_why_not_and_a_colleague_nothing_of_how_the_bot_is(open_page: Open) -> None:
    """In the dark, too."""
    visit = await open_page(color_scheme="dark")
    await visit.go("Faxbot")
    await visit.page.get_by_role("tab", name="Home").click()
    await visit.page.get_by_role("radio", name="others", exact=True).check()
    await expect(home(visit).get_by_text("You are watching no fax")).to_be_visible()
    await expect(home(visit).get_by_role("button", name="Examine everything")).to_have_count(0)
    await visit.page.get_by_role("radio", name="a guest", exact=True).check()
    await expect(home(visit).get_by_text("not to guests")).to_be_visible()
