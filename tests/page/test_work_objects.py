"""Work Objects in the browser: below the link for all, in the flexpane for who opened it."""

import pytest
from axe_playwright_python.async_playwright import Axe  # type: ignore[import-untyped]  # it ships no types
from playwright.async_api import Locator, expect

from tests.conftest import BUSY
from tests.page.conftest import Open, Visit
from tests.page.test_ways_in import IN_FULL, MASKED
from tests.presses import QUEUED

pytestmark = pytest.mark.asyncio(loop_scope="session")


def pane_of(visit: Visit) -> Locator:
    """Give the flexpane."""
    return visit.page.get_by_role("tabpanel", name="Details")


def title_of(visit: Visit) -> Locator:
    """Give the title of the newest message's entity, which opens its flexpane."""
    return visit.newest.get_by_role("group", name="Work Object of the link").get_by_role("button", name="Open Fax")


async def test_a_flexpane_opens_by_keyboard_for_one_person(visit: Visit) -> None:
    """Everything for who may look, the reason for a guest; Escape closes it, and the focus is back on the title."""
    await visit.say(f"see https://fax.example.com/faxes/{BUSY}")
    await title_of(visit).press("Enter")
    await expect(pane_of(visit).get_by_role("heading", name="Fax to Mario Rossi")).to_be_focused()
    await expect(pane_of(visit).get_by_text("❌ Fax failed: the line was busy")).to_be_visible()
    await expect(pane_of(visit).get_by_text(IN_FULL)).to_be_visible()
    await expect(pane_of(visit).get_by_text("Referral letter")).to_be_visible()
    await visit.page.keyboard.press("Escape")
    await expect(pane_of(visit)).to_be_hidden()
    await expect(title_of(visit)).to_be_focused()
    await visit.with_eyes("a guest", "Gus Guest")
    await expect(pane_of(visit)).to_be_hidden()
    await title_of(visit).click()
    await expect(pane_of(visit).get_by_text("not to guests")).to_be_visible()
    everything = await visit.page.locator("body").inner_text()
    assert MASKED in everything
    assert IN_FULL not in everything


async def test_a_pane_is_watched_and_refreshed(visit: Visit) -> None:
    """Its buttons draw it anew; what is over offers no watch."""
    visit.playground.fax_server.put(QUEUED, {"faxId": QUEUED, "status": "Queued"})
    await visit.say(f"see https://fax.example.com/faxes/{QUEUED}")
    await title_of(visit).click()
    await pane_of(visit).get_by_role("button", name="Tell me when it is final").click()
    await expect(pane_of(visit).get_by_text("You will be told by direct message")).to_be_visible()
    await expect(pane_of(visit).get_by_role("button", name="Tell me when it is final")).to_have_count(0)
    visit.playground.fax_server.put(QUEUED, {"faxId": QUEUED, "status": "Completed"})
    await pane_of(visit).get_by_role("button", name="Refresh").click()
    await expect(pane_of(visit).get_by_text("✅ Fax delivered")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_a_pane_is_for_everybody(open_page: Open, scheme: str) -> None:
    """On a narrow screen, in dark and light: nothing serious for a screen reader, and a way back."""
    visit = await open_page(viewport={"width": 360, "height": 740}, color_scheme=scheme)
    await visit.say(f"see https://fax.example.com/faxes/{BUSY}")
    await title_of(visit).click()
    await expect(pane_of(visit).get_by_text(IN_FULL)).to_be_visible()
    found = await Axe().run(visit.page)
    assert [each["id"] for each in found.response["violations"] if each["impact"] in {"serious", "critical"}] == []
    await pane_of(visit).get_by_role("button", name="Back to the channel").click()
    await expect(visit.line).to_be_visible()
