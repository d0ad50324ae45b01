"""Telling when a fax is final, in the browser, and faxes that change while one looks."""

import pytest
from playwright.async_api import expect

from tests.page.conftest import Visit

pytestmark = pytest.mark.asyncio(loop_scope="session")

WAITING, NOBODY = "Fax waiting in the queue", "Fax failed: it rang and nobody answered"


async def start(visit: Visit) -> None:
    """Let a fax begin that will fail."""
    await visit.page.get_by_role("button", name="A fax fails while you watch").click()
    await visit.seen(WAITING)


async def test_a_watch_from_a_private_answer_ends_in_a_direct_message(visit: Visit) -> None:
    """The presser alone is told that it runs; the end arrives in the direct message with the bot, marked as new."""
    await start(visit)
    await visit.newest.get_by_role("button", name="Tell me when it is final").click()
    await visit.seen("You will be told by direct message", "Only visible to you")
    await visit.page.get_by_role("button", name="Faxbot new").click()
    await visit.seen("Fax failed")


async def test_a_watch_from_a_shared_card_ends_in_its_thread(visit: Visit) -> None:
    """The card itself is changed in its place, and a reply in its thread names who asked."""
    await start(visit)
    await visit.newest.get_by_role("button", name="Share to channel").click()
    await visit.page.get_by_role("dialog").get_by_role("button", name="Share", exact=True).click()
    await visit.seen("shared by", WAITING)
    card = visit.channel.locator(".message", has_text="shared by")
    await card.get_by_role("button", name="Tell me when it is final").click()
    await expect(visit.channel.get_by_text("You will be told in this thread")).to_be_visible()
    await expect(card.get_by_role("heading", name="Fax failed")).to_be_visible()
    await card.get_by_role("button", name="1 reply").click()
    await expect(visit.thread.get_by_text("@Ann Lee").last).to_be_visible()
    await expect(visit.thread.locator(".message")).to_have_count(2)


async def test_refresh_changes_the_card_in_its_place(visit: Visit) -> None:
    """Until the fax is final: then the button is gone."""
    await start(visit)
    faxes = visit.page.get_by_role("region", name="Made by you")
    await expect(faxes.get_by_role("img", name="Failed")).to_be_visible()
    await visit.newest.get_by_role("button", name="Refresh").click()
    await visit.seen("Fax failed")
    await expect(visit.channel.locator(".message")).to_have_count(1)
    await expect(visit.newest.get_by_role("button", name="Refresh")).to_have_count(0)
