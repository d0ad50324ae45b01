"""The two windows in which a watch can be told twice, hit on purpose; and how little it takes to be beside them."""

from dataclasses import replace

import pytest

from bot.store import Store
from bot.watches.watch import Step
from playground.slack.example import ANN, PRIVATE, SUPPORT
from tests.conftest import Desk
from tests.watches.conftest import QUICK, until
from tests.watches.processes.nursery import Bot, Nursery
from tests.watches.processes.wishes import (
    COMPLETED,
    QUEUED,
    Wish,
    end_after,
    fax_id,
    insist_on_all,
    none_left,
    shared_card,
    told,
    until_steps,
)

RHYTHM = replace(QUICK, lease=0.6)
FAX = fax_id(1)
POSSIBLY = "a watch may be told twice"
TOLD = "watch"
GIVEN_UP = ("no answer about a watch", "a watch was stopped")


async def begun(desk: Desk, bot: Bot, channel: str | None) -> Wish:
    """Let Ann wish to be told below a card in a channel, or, where there is none, by direct message."""
    desk.slack.bot_url = bot.url
    desk.put(FAX, status=QUEUED)
    below = None
    if channel:
        card = await shared_card(desk, FAX, ANN, channel)
        below = (card.channel, card.ts)
    wish = Wish(FAX, ANN, below)
    await insist_on_all(desk, [wish])
    return wish


@pytest.mark.parametrize(
    ("channel", "times"), [(SUPPORT, 1), (None, 1), (PRIVATE, 2)], ids=["history", "direct", "no history"]
)
async def test_a_kill_between_slacks_yes_and_our_delete(
    desk: Desk, bots: Nursery, store: Store, channel: str | None, times: int
) -> None:
    """The next bot looks for the reply where it may; else it says it again, and notes that it may be so."""
    bot = await bots.bear(desk.values(), RHYTHM)
    wish = await begun(desk, bot, channel)

    def killed_by_its_own_reply() -> bool:
        """Kill the bot at the moment of Slack's yes: this is asked before the yes leaves Slack."""
        replied = bool(told(desk))
        if replied:
            bot.kill()
        return replied

    end_after(desk, FAX, COMPLETED, polls=1)
    await desk.slack.until(killed_by_its_own_reply)
    other = await bots.bear(desk.values(), RHYTHM)
    await none_left(store)
    assert [one.wish for one in told(desk)] == [wish] * times
    assert len({one.mark for one in told(desk)}) == 1
    assert other.logged(POSSIBLY) == times - 1


@pytest.mark.parametrize(("stalls_in", "times"), [("update", 1), ("post", 2)], ids=["edit", "reply"])
async def test_a_stall_between_the_last_check_and_the_send(
    desk: Desk, bots: Nursery, store: Store, stalls_in: str, times: int
) -> None:
    """For longer than the lease: another bot tells it meanwhile, so what then goes out says it again.

    With the history scope too. An edit may go out twice: it does no harm, and no reply follows.
    """
    first = await bots.bear(desk.values(), RHYTHM)
    wish = await begun(desk, first, SUPPORT)
    first.kill()
    stalled = await bots.bear(desk.values(), RHYTHM, stalls_in=stalls_in)
    end_after(desk, FAX, COMPLETED, polls=0)
    step = Step.ENDED if stalls_in == "update" else Step.REPLYING
    await until_steps(store, lambda there: step in there)
    await bots.bear(desk.values(), RHYTHM)
    await none_left(store)
    assert [one.wish for one in told(desk)] == [wish]
    stalled.go_on()
    await until(lambda: bool(stalled.logged(*GIVEN_UP, TOLD)))
    await desk.slack.until(lambda: len(told(desk)) >= times)
    assert [one.wish for one in told(desk)] == [wish] * times
    assert len({one.mark for one in told(desk)}) == 1
