"""Sharing, and the switch that shows what each of them sees."""

import pytest
from playwright.async_api import expect

from tests.conftest import BUSY
from tests.page.conftest import Visit
from tests.page.test_ways_in import FAILED, IN_FULL, MASKED

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def shared(visit: Visit) -> None:
    """Look a failed fax up and share it."""
    await visit.say(f"/fax {BUSY}")
    await visit.newest.get_by_role("button", name="Share to channel").click()
    question = visit.page.get_by_role("dialog", name="Share to channel?")
    await question.get_by_role("button", name="Share", exact=True).click()
    await visit.seen("shared by")


async def test_a_shared_card_is_seen_by_others_without_what_is_private(visit: Visit) -> None:
    """Number masked, no subject, no sender; the asker's private answers are gone from what others get at all."""
    await shared(visit)
    await expect(visit.channel.get_by_text("Shared here:")).to_be_visible()
    await visit.with_eyes("others", "Bob Rossi")
    await expect(visit.channel.locator(".message")).to_have_count(1)
    await visit.seen(FAILED, MASKED, "@Ann Lee")
    everything = await visit.page.locator("body").inner_text()
    for private in (IN_FULL, "Referral letter", "user1", "Only visible to you"):
        assert private not in everything


async def test_a_question_comes_before_a_share(visit: Visit) -> None:
    """Whoever thinks better of it shares nothing, and the focus is back on the button."""
    await visit.say(f"/fax {BUSY}")
    share = visit.newest.get_by_role("button", name="Share to channel")
    await share.click()
    question = visit.page.get_by_role("dialog", name="Share to channel?")
    await expect(question.get_by_text("with the number masked")).to_be_visible()
    await question.get_by_role("button", name="Cancel").click()
    await expect(share).to_be_focused()
    assert [delivery.kind for delivery in visit.playground.slack.deliveries] == ["command"]


async def test_others_press_for_details_which_a_guest_does_not_get(visit: Visit) -> None:
    """Each press is judged anew."""
    await shared(visit)
    await visit.with_eyes("others", "Bob Rossi")
    await visit.newest.get_by_role("button", name="Show the details to me alone").click()
    await visit.seen(IN_FULL, "Only visible to you")
    await visit.with_eyes("a guest", "Gus Guest")
    await expect(visit.channel.locator(".message")).to_have_count(1)
    await visit.newest.get_by_role("button", name="Show the details to me alone").click()
    await visit.seen("not to guests")


async def test_somebody_outside_sees_the_shared_channel_alone(visit: Visit) -> None:
    """And may not use the command there: Slack itself refuses."""
    await visit.with_eyes("outside", "Sid Stranger")
    side = visit.page.get_by_role("navigation", name="Channels")
    await expect(side.get_by_role("button")).to_have_text(["#shared-with-acme"])
    await visit.say(f"/fax {BUSY}")
    await visit.seen("/fax is not a valid command.")


async def test_what_comes_while_one_looks_elsewhere_is_marked(visit: Visit) -> None:
    """Two windows: what Ann shares arrives in Bob's, and in a channel that he is not looking at it is `new`."""
    await visit.with_eyes("others", "Bob Rossi")
    await visit.go("random")
    slack = visit.playground.slack
    ann = next(user for user, person in slack.workspace.people.items() if person.name == "ann")
    support = next(channel.id for channel in slack.workspace.channels.values() if channel.name == "support")
    await slack.post(ann, support, "Anybody there?")
    await visit.page.get_by_role("button", name="support new").click()
    await visit.seen("Anybody there?")
