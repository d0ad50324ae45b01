"""The workflow with the bot's own step, in the browser."""

import pytest
from playwright.async_api import expect

from tests.page.conftest import Visit

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_workflow_shows_its_outputs_or_why_it_has_ended(visit: Visit) -> None:
    """Without the recipient's name and number; all of it by keyboard."""
    await visit.page.get_by_role("tab", name="Workflow").press("Enter")
    panel = visit.page.get_by_role("tabpanel", name="Workflow")
    line = panel.get_by_label("Fax id, or a link that holds it")
    await line.fill("https://fax.example.com/faxes/IAS-N1_401d6c8c07d6b7a_0")
    await line.press("Enter")
    await expect(panel.get_by_text("The fax failed: the line was busy.")).to_be_visible()
    await expect(panel.get_by_text("Mario")).to_have_count(0)
    await line.fill("no id")
    await line.press("Enter")
    await expect(panel.get_by_text("names no fax")).to_be_visible()
