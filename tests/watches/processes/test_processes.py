"""Two bots on one PostgreSQL, hundreds of watches, and one of the bots killed in the midst of telling them."""

import asyncio
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import replace
from functools import partial
from itertools import pairwise
from time import monotonic

import pytest

from bot.store import Store
from playground.slack.example import ANN, SUPPORT, TEAM
from playground.slack.people import Person
from tests.conftest import Desk
from tests.watches.conftest import QUICK
from tests.watches.processes.nursery import Bot, Nursery
from tests.watches.processes.wishes import (
    COMPLETED,
    FAILED,
    QUEUED,
    Wish,
    end_after,
    fax_id,
    insist,
    insist_on_all,
    leases,
    none_held,
    none_left,
    shared_card,
    shows_the_end,
    told,
)

RHYTHM = replace(QUICK, first=0.1, longest=0.4, lease=1.5, send=1.2, life=600.0)
SHORTEST_PAUSE = RHYTHM.pause(1, chance=0.0)
LONGEST_PAUSE = RHYTHM.pause(9, chance=1.0)
ROUNDS_OF_POLLS = 4
IN_THE_MIDST = 60
"""Messages shown or edited, of several hundred."""
IN_PASSING = 3.0
"""Seconds that a machine takes which has much else to do."""
PATIENCE = 40.0
"""Seconds for what is to happen, however much else that machine has to do: what is measured is measured by itself."""
FAXES = [fax_id(number) for number in range(30)]
CARDS = 8
PEOPLE = [f"U00000PEER{number}" for number in range(8)]


@pytest.fixture
def people(closed_desk: Desk) -> Sequence[str]:
    """Let more people into the channel: one alone may not watch so much."""
    for number, person in enumerate(PEOPLE):
        closed_desk.slack.workspace.people[person] = Person(person, f"peer{number}", f"Pia Peer {number}", TEAM)
        closed_desk.slack.workspace.join(SUPPORT, person)
    return PEOPLE


async def watched_directly(desk: Desk, bot: Bot, people: Sequence[str]) -> list[Wish]:
    """Let people watch all faxes by command, ten with each."""
    desk.slack.bot_url = bot.url
    tens = [" ".join(FAXES[first : first + 10]) for first in range(0, len(FAXES), 10)]
    for ten in tens:
        commands = (partial(desk.ask, f"watch {ten}", user=person) for person in people)
        await asyncio.gather(*(insist(desk, command) for command in commands))
    return [Wish(fax, person) for person in people for fax in FAXES]


async def watched_on_cards(desk: Desk, bot: Bot, people: Sequence[str]) -> list[Wish]:
    """Share some of the faxes, and let people press the button on each card."""
    desk.slack.bot_url = bot.url
    cards = [(fax, await shared_card(desk, fax, ANN, SUPPORT)) for fax in FAXES[:CARDS]]
    wishes = [Wish(fax, person, (card.channel, card.ts)) for fax, card in cards for person in people]
    await insist_on_all(desk, wishes)
    return wishes


def pauses_between_polls(desk: Desk, since: float) -> list[float]:
    """Give the seconds between two questions about the same fax, whichever bot asked.

    The first pause is left out: who came while a fax was asked about had it asked about once more.
    """
    asked = [(request.fax_id, request.at) for request in desk.fax_server.requests if request.at >= since]
    by_fax = {fax: [at for asked_about, at in asked if asked_about == fax] for fax in FAXES}
    return [later - sooner for moments in by_fax.values() for sooner, later in pairwise(moments[1:])]


async def killed_in_the_midst(desk: Desk, bot: Bot, connections: Collection[int]) -> float:
    """Kill a bot at the moment of Slack's yes to a reply of its own, and give that moment.

    It is known by these connections, has told some, and has more in hand than the reply.
    """
    changes = desk.slack.workspace.changes
    enough = len(changes) + IN_THE_MIDST

    def killed() -> float | None:
        """Look at the newest call: this is asked before its answer leaves Slack."""
        call = desk.slack.calls[-1]
        its_own = call.connection in connections and call.method == "chat.postMessage" and call.ok
        return bot.kill() if its_own and len(changes) >= enough and bot.logged("watch_told") else None

    moment = await desk.slack.until(killed, within=PATIENCE)
    assert moment
    return moment


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
async def test_what_a_killed_bot_held_is_told_by_the_other(
    desk: Desk, bots: Nursery, store: Store, people: Sequence[str]
) -> None:
    """Within the lease and a poll, and none of it twice; until then they ask about each fax once for all who wait."""
    for fax in FAXES:
        desk.put(fax, status=QUEUED)
    left = await bots.bear(desk.values(), RHYTHM)
    wishes = await watched_directly(desk, left, people[:4])
    connections = {call.connection for call in desk.slack.calls}
    right = await bots.bear(desk.values(), RHYTHM)
    wishes += await watched_directly(desk, right, people[4:])
    wishes += await watched_on_cards(desk, right, people)
    begun, asked = monotonic(), {fax: desk.fax_server.count(fax) for fax in FAXES}

    def rounds_of_polls() -> int:
        return min(desk.fax_server.count(fax) - asked[fax] for fax in FAXES)

    await desk.fax_server.until(lambda: rounds_of_polls() >= ROUNDS_OF_POLLS, within=PATIENCE)
    pauses = pauses_between_polls(desk, begun)

    for number, fax in enumerate(FAXES):
        end_after(desk, fax, (COMPLETED, FAILED)[number % 2], polls=0)
    killed = await killed_in_the_midst(desk, left, connections)
    await asyncio.sleep(RHYTHM.lease * 0.7)
    held = await leases(store)
    await none_held(store, held.keys(), within=PATIENCE)
    taken_after = monotonic() - killed
    await none_left(store, within=PATIENCE)

    print(  # noqa: T201 - for the soak
        f"\ntwo bots: {len(wishes)} watches of {len(FAXES)} faxes, its polls at least {min(pauses):.2f} s apart; "
        f"one bot told {left.logged('watch')} and was killed with {held.total()} in hand; the other had taken all "
        f"{taken_after:.2f} s later, with a lease of {RHYTHM.lease} s, and told all after {monotonic() - killed:.2f} s"
    )
    assert min(pauses) >= SHORTEST_PAUSE * 0.9
    assert left.logged("watch_told")
    assert right.logged("watch_told")
    assert held
    assert taken_after <= RHYTHM.lease + LONGEST_PAUSE + IN_PASSING
    assert Counter(one.wish for one in told(desk)) == Counter(wishes)
    assert all(shows_the_end(desk, wish.below) for wish in wishes if wish.below)
