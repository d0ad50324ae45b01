"""Every way in answers over Socket Mode as over HTTP, and is refused as there."""

import httpx
import pytest

from playground.slack.example import ANN, ANN_DM, BOB, BOT, SUPPORT
from playground.stonefax import Rule
from tests.conftest import BUSY, Desk
from tests.presses import QUEUED
from tests.test_ways import CASES, TABLE, WAYS, seen_by

CELLS = [
    (case, way) for case in ("own member", "channel shared with one") for way in WAYS if TABLE[case][way] is not None
]


@pytest.mark.parametrize(("case_name", "way"), CELLS)
async def test_who_sees_what_is_the_same_by_either_door(socket_desk: Desk, case_name: str, way: str) -> None:
    """The cell of the one table; and everything is acked once, in time, on the connection that it came by."""
    case, desk = CASES[case_name], socket_desk
    await WAYS[way](desk, case)
    assert (seen_by(desk, case.user, case.channel), seen_by(desk, BOB, case.channel)) == TABLE[case_name][way]
    assert desk.slack.deliveries
    assert all(delivery.acked for delivery in desk.slack.deliveries)
    assert desk.slack.sockets.stray == []


async def test_a_watch_is_told_when_the_fax_is_final(socket_desk: Desk) -> None:
    """As asked for by a command."""
    socket_desk.put(QUEUED, status="Queued")
    assert "You will be told" in await socket_desk.asked(f"watch {QUEUED}")
    socket_desk.put(QUEUED, status="Completed")
    messages = socket_desk.slack.workspace.messages
    await socket_desk.slack.until(lambda: [m for m in messages(ANN_DM) if m.user == BOT and "delivered" in m.words])


async def test_the_word_payload_loses_nothing(socket_desk: Desk) -> None:
    """Nothing is parsed that was a form."""
    assert "the line was busy" in await socket_desk.asked(f"payload={BUSY} {BUSY}")


async def test_an_answer_that_is_late_follows(socket_desk: Desk) -> None:
    """The ack says so, and the response_url brings it."""
    socket_desk.fax_server.rule(BUSY, Rule(delay=1.3))
    delivery = await socket_desk.ask(BUSY)
    assert "follows here" in delivery.shown[0].words
    assert "the line was busy" in (await socket_desk.late(delivery)).words


async def test_nothing_of_slacks_is_taken_over_http(socket_desk: Desk) -> None:
    """The address is not there, whoever signs; health is."""
    body = b"command=%2Ffax&text=x"
    async with httpx.AsyncClient(base_url=socket_desk.url) as http:
        posted = await http.post("/slack/events", content=body, headers=socket_desk.slack.sign(body))
        assert posted.status_code == 404
        assert (await http.get("/healthz")).status_code == 200
        assert (await http.get("/readyz")).json()["socket_mode"] == "ok"


async def test_commands_come_by_both_connections(socket_desk: Desk) -> None:
    """Slack sends a payload to any one."""
    deliveries = [await socket_desk.ask(BUSY, user=ANN, channel=SUPPORT) for _ in range(8)]
    assert all(delivery.acked for delivery in deliveries)
    assert [one.taken for one in socket_desk.slack.sockets.connections] == [4, 4]
