"""What a command may cost others: requests to the fax server, connections, calls to Slack; counted over many."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Sequence
from dataclasses import dataclass, replace

import pytest

from playground.slack import Delivery
from playground.slack.example import ADMIN, ANN, BOB, SUPPORT
from playground.stonefax import Rule
from tests.conftest import BUSY, QUICK, Desk, Opening

COMMANDS = 200
AT_ONCE = 8
PEOPLE = (ANN, BOB, ADMIN)
QUESTIONS = {"auth.test": 1, "users.info": len(PEOPLE), "conversations.info": 1}
"""What is asked of Slack, once for all commands: who we are, who each person is, what the channel is."""


@dataclass
class Costs:
    """What the bot has asked of others, from now on."""

    desk: Desk

    def __post_init__(self) -> None:
        self.faxes, self.posts = self.desk.fax_server.total, len(self.desk.slack.response_posts)

    @property
    def requests(self) -> int:
        """Requests to the fax server."""
        return self.desk.fax_server.total - self.faxes

    @property
    def later(self) -> int:
        """Answers that did not fit in an ack."""
        return len(self.desk.slack.response_posts) - self.posts

    @property
    def calls(self) -> Counter[str]:
        """Calls of the Web API since the bot started."""
        return Counter(call.method for call in self.desk.slack.calls)


@pytest.fixture
async def desk(closed_desk: Desk) -> AsyncIterator[Desk]:
    """Give a desk with the patience of earnest: on a busy machine, too, an answer that can be the ack is it."""
    closed_desk.timing = replace(QUICK, patience=1.5, deadline=5.0)
    async with Opening(closed_desk) as opened:
        yield opened


@pytest.fixture
def costs(desk: Desk) -> Costs:
    """Count from here."""
    return Costs(desk)


def final_faxes(desk: Desk, count: int) -> list[str]:
    """Let the fax server know so many faxes that have ended."""
    ids = [f"IAS-N1_401d6c8c1{number:06}_0" for number in range(count)]
    for fax_id in ids:
        desk.put(fax_id, status="Completed")
    return ids


async def asked(desk: Desk, texts: Sequence[str]) -> list[Delivery]:
    """Let people type these, some at once, and require that the card is in each ack."""
    deliveries: list[Delivery] = []
    for first in range(0, len(texts), AT_ONCE):
        some: list[Awaitable[Delivery]] = [
            desk.ask(text, user=PEOPLE[number % len(PEOPLE)])
            for number, text in enumerate(texts[first : first + AT_ONCE], first)
        ]
        deliveries += await asyncio.gather(*some)
    assert all(delivery.acked and delivery.shown for delivery in deliveries)
    return deliveries


async def test_a_command_costs_the_fax_server_one_request_and_slack_none(desk: Desk, costs: Costs) -> None:
    """The card is the ack; over no more connections than are asked over at once; what Slack must say is asked once."""
    await asked(desk, final_faxes(desk, COMMANDS))
    assert (costs.requests, costs.later) == (COMMANDS, 0)
    assert costs.calls == QUESTIONS
    assert desk.fax_server.connections <= AT_ONCE
    assert desk.slack.connections <= sum(QUESTIONS.values())


async def test_a_final_fax_that_everybody_asks_about_costs_one_request(desk: Desk, costs: Costs) -> None:
    """The first fetches it, those beside wait with it, and those after are given what it brought."""
    await asked(desk, [BUSY] * COMMANDS)
    assert (costs.requests, costs.later) == (1, 0)
    assert desk.fax_server.connections == 1


async def test_a_fax_under_way_costs_one_request_for_all_who_ask_at_once(desk: Desk, costs: Costs) -> None:
    """What changes is not kept; but it is not fetched twice at the same time."""
    (fax_id,) = final_faxes(desk, 1)
    desk.put(fax_id, status="InProgress")
    desk.fax_server.rule(fax_id, Rule(delay=0.2))
    await asyncio.gather(*(desk.ask(fax_id) for _ in range(AT_ONCE)))
    assert costs.requests == 1
    await desk.ask(fax_id)
    assert costs.requests == 2


async def test_several_ids_cost_a_request_each_and_all_at_once(desk: Desk, costs: Costs) -> None:
    """An id that is named twice counts once."""
    ids = final_faxes(desk, 10)
    for fax_id in ids:
        desk.fax_server.rule(fax_id, Rule(delay=0.1))
    await asked(desk, [" ".join([*ids, ids[0]])])
    assert (costs.requests, desk.fax_server.most_at_once) == (10, 10)


async def test_help_costs_a_question_for_each_persons_language(desk: Desk, costs: Costs) -> None:
    """Once for all their commands, and nothing is asked of the fax server."""
    await asked(desk, ["help"] * COMMANDS)
    assert (costs.requests, costs.later) == (0, 0)
    assert costs.calls == {"auth.test": 1, "users.info": len(PEOPLE)}


async def test_an_answer_that_comes_later_costs_one_post(desk: Desk, costs: Costs) -> None:
    """To the response_url, and nothing else is asked of Slack for it."""
    ids = final_faxes(desk, AT_ONCE)
    for fax_id in ids:
        desk.fax_server.rule(fax_id, Rule(delay=desk.timing.patience + 0.2))
    deliveries = await asyncio.gather(*(desk.ask(fax_id) for fax_id in ids))
    for delivery in deliveries:
        await desk.late(delivery)
    assert (costs.requests, costs.later) == (len(ids), len(ids))
    assert costs.calls == {**QUESTIONS, "users.info": 1}
    assert desk.slack.connections <= AT_ONCE + sum(QUESTIONS.values())


async def test_a_link_costs_one_request_and_one_call(desk: Desk, costs: Costs) -> None:
    """The same link again in the channel none at all, for a while: a final fax is kept, and its card stands there."""
    link = f"https://fax.example.com/faxes/{BUSY}"
    for _ in range(2):
        await desk.slack.post(ANN, SUPPORT, link)
    assert (costs.requests, costs.calls["chat.unfurl"]) == (1, 1)
