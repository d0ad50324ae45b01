"""From the keyboard, on a narrow screen, in dark and light, and read aloud."""

from typing import Any

import pytest
from axe_playwright_python.async_playwright import Axe  # type: ignore[import-untyped]  # it ships no types
from playwright.async_api import Page, expect

from tests.conftest import BUSY
from tests.page.conftest import Open, Visit
from tests.page.test_ways_in import FAILED

pytestmark = pytest.mark.asyncio(loop_scope="session")

NARROW = {"viewport": {"width": 360, "height": 740}}
SERIOUS = {"serious", "critical"}


async def focused(page: Page) -> str:
    """Give what the focus is on, by its name or its words."""
    words: str = await page.evaluate(
        "(document.activeElement.getAttribute('aria-label') || document.activeElement.textContent).trim()"
    )
    return words


async def test_everything_goes_by_keyboard(visit: Visit) -> None:
    """To the message field, a card, its question and its menu, and back; the focus is never lost."""
    keyboard = visit.page.keyboard
    await keyboard.press("Tab")
    assert await focused(visit.page) == "Skip to the message field"
    await keyboard.press("Enter")
    await expect(visit.line).to_be_focused()
    await keyboard.type(f"/fax {BUSY}")
    await keyboard.press("Enter")
    await visit.seen(FAILED)
    await visit.newest.get_by_role("button", name="Share to channel").focus()
    await keyboard.press("Enter")
    await expect(visit.page.get_by_role("dialog").get_by_role("button", name="Share", exact=True)).to_be_focused()
    await keyboard.press("Enter")
    await visit.seen("shared by")
    assert await focused(visit.page) != ""
    await visit.newest.get_by_role("button", name="More about").focus()
    await keyboard.press("Enter")
    await expect(visit.page.get_by_role("menuitem", name="Look up fax")).to_be_focused()
    await keyboard.press("ArrowDown")
    await keyboard.press("Escape")
    await expect(visit.newest.get_by_role("button", name="More about")).to_be_focused()
    await keyboard.press("Shift+Tab")
    await keyboard.press("Enter")
    await expect(visit.page.get_by_label("Reply in the thread", exact=True)).to_be_focused()
    await visit.page.get_by_role("tab", name="Thread").focus()
    await keyboard.press("ArrowRight")
    await expect(visit.page.get_by_role("tab", name="Fax server")).to_be_focused()
    await visit.line.focus()
    await keyboard.press("ArrowUp")
    await expect(visit.line).to_have_value(f"/fax {BUSY}")


async def test_escape_closes_a_modal(visit: Visit) -> None:
    """In Slack too: it is no longer before the person."""
    await visit.page.get_by_role("button", name="Shortcuts").first.click()
    await visit.page.keyboard.press("Enter")
    modal = visit.page.get_by_role("dialog", name="Look up a fax")
    await modal.wait_for()
    await visit.page.keyboard.press("Escape")
    await expect(modal).to_be_hidden()
    async with visit.page.expect_response("**/snapshot*") as fetched:
        await visit.page.reload()
    assert (await (await fetched.value).json())["modal"] is None


async def test_an_edit_leaves_the_focus_where_it_was(visit: Visit) -> None:
    """On the same button of the card that took the place of the old one."""
    await visit.page.get_by_role("button", name="A fax fails while you watch").click()
    await visit.seen("Fax waiting in the queue")
    refresh = visit.newest.get_by_role("button", name="Refresh")
    async with visit.page.expect_response("**/do/press"):
        await refresh.press("Enter")
    await expect(visit.newest.locator("[data-action]:focus")).to_have_count(1)


async def test_what_comes_is_read_aloud_as_one_sentence(visit: Visit) -> None:
    """The bot's own fallback text, with who says it and who hears it."""
    await visit.say(f"/fax {BUSY}")
    heard = visit.page.get_by_role("log")
    await expect(heard).to_have_attribute("aria-live", "polite")
    await expect(heard).to_contain_text("Faxbot, only visible to you: Fax to Mario Rossi failed: the line was busy.")


async def test_at_360_pixels_there_is_one_pane_at_a_time_with_a_way_back(open_page: Open) -> None:
    """Channels, chat, thread, fax server, requests; nothing is wider than the screen."""
    visit = await open_page(**NARROW)
    panes = visit.page.get_by_role("navigation", name="Panes")
    await panes.get_by_role("button", name="Fax server").click()
    await expect(visit.channel).to_be_hidden()
    await visit.page.locator(f'button[data-fax="{BUSY}"]').click()
    await visit.seen(FAILED)
    await expect(visit.newest.get_by_role("heading", name=FAILED)).to_be_in_viewport()
    await visit.say(f"@Faxbot {BUSY}")
    await visit.newest.get_by_role("button", name="1 reply").click()
    await expect(visit.thread.get_by_role("heading", name=FAILED)).to_be_visible()
    await expect(visit.channel).to_be_hidden()
    await visit.page.get_by_role("button", name="Back to the channel").click()
    await expect(visit.channel).to_be_visible()
    await panes.get_by_role("button", name="Requests").click()
    await visit.page.locator(".exchanges summary").first.click()
    for pane in ("Requests", "Channels", "Fax server", "Chat"):
        await panes.get_by_role("button", name=pane).click()
        assert await visit.page.evaluate("document.documentElement.scrollWidth") == 360
    await panes.get_by_role("button", name="Channels").click()
    await visit.go("random")


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_each_colour_scheme_is_followed(open_page: Open, scheme: str) -> None:
    """Light on dark where the system is dark."""
    visit = await open_page(color_scheme=scheme)
    colour: str = await visit.page.evaluate("getComputedStyle(document.body).backgroundColor")
    red = int(colour.removeprefix("rgb(").split(",")[0])
    assert (red > 200) == (scheme == "light")


@pytest.mark.parametrize(
    "context",
    [{"color_scheme": "light"}, {"color_scheme": "dark"}, {"color_scheme": "light", **NARROW}],
    ids=["light", "dark", "narrow"],
)
async def test_an_accessibility_audit_finds_nothing_serious(open_page: Open, context: dict[str, Any]) -> None:
    """On the first screen, with cards and a thread, in the requests, in a modal, and in the question before a share."""
    visit = await open_page(**context)
    findings = [*await audit(visit.page)]
    await visit.say(f"/fax {BUSY}")
    await visit.seen(FAILED)
    await visit.say(f"@Faxbot {BUSY}")
    await visit.newest.get_by_role("button", name="1 reply").click()
    findings += await audit(visit.page)
    await visit.page.locator(".thread-head button").click()
    narrow = "viewport" in context
    requests = visit.page.get_by_role("button" if narrow else "tab", name="Requests")
    await requests.click()
    await visit.page.locator(".exchanges summary").first.click()
    findings += await audit(visit.page)
    if narrow:
        await visit.page.get_by_role("button", name="Chat").click()
    await visit.page.get_by_role("button", name="Shortcuts").first.click()
    findings += await audit(visit.page)
    await visit.page.keyboard.press("Enter")
    await visit.page.get_by_role("dialog").get_by_role("button", name="Look up", exact=True).click()
    await visit.page.locator("[aria-invalid=true]").first.wait_for()
    findings += await audit(visit.page)
    await visit.page.keyboard.press("Escape")
    await visit.channel.get_by_role("button", name="Share to channel").first.click()
    findings += await audit(visit.page)
    assert findings == []


async def audit(page: Page) -> list[str]:
    """Give the serious findings, each with where it is."""
    results = await Axe().run(page, options={"resultTypes": ["violations"]})
    return [
        f"{found['id']}: {node['target']} {node['failureSummary']}"
        for found in results.response["violations"]
        if found["impact"] in SERIOUS
        for node in found["nodes"]
    ]
