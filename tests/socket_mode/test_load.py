"""More than the bot can hold is shed over Socket Mode as over HTTP: with a sentence, or left to Slack."""

import asyncio
from dataclasses import replace
from io import StringIO
from statistics import median

import pytest

from playground.slack import Delivery
from playground.slack.example import ANN, BOT, SUPPORT
from tests.conftest import BUSY, Desk, Opening
from tests.faults.desk import until
from tests.presses import card
from tests.socket_mode.conftest import IMPATIENT, WITHIN
from tests.test_overload import ROOM, SENTENCE, waiting_faxes

ODD = (
    "very-secret",
    "",
    "[]",
    '"very-secret"',
    "[" * 100_000,
    '{"type":"very-secret"}',
    '{"type":["hello"]}',
    '{"type":"slash_commands"}',
    '{"type":"slash_commands","envelope_id":"1","payload":{}}',
    '{"type":"slash_commands","envelope_id":"1","payload":{"command":"/fax","text":5,"user_id":[]}}',
    '{"type":"slash_commands","envelope_id":"1","payload":["very-secret"]}',
    '{"type":"interactive","envelope_id":{"very":"secret"},"payload":{"type":"block_actions","actions":3}}',
    '{"type":"events_api","envelope_id":"1","payload":"very-secret"}',
    '{"type":"events_api","envelope_id":"1","payload":{"type":"event_callback","event_id":"E","event":5}}',
    '{"type":"hello"}',
)
"""What Slack does not send."""


@pytest.fixture
async def small_desk(closed_socket_desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """Give a closed desk whose bot has room for few requests at once, however quick it is."""
    monkeypatch.setattr("bot.app.ALWAYS_LET_IN", ROOM)
    closed_socket_desk.timing = replace(closed_socket_desk.timing, patience=0.7, work=1000.0)
    return closed_socket_desk


async def full(desk: Desk) -> list[asyncio.Task[Delivery]]:
    """Let commands take all the room that there is."""
    asked = [asyncio.create_task(desk.ask(fax_id)) for fax_id in waiting_faxes(desk, ROOM)]
    await desk.fax_server.until(lambda: desk.fax_server.at_once == ROOM)
    return asked


async def test_commands_beyond_the_room_are_told_so_at_once(small_desk: Desk) -> None:
    """One room for both connections; what is shed never reaches the fax server."""
    async with Opening(small_desk) as desk:
        deliveries = await asyncio.gather(*(desk.ask(fax_id) for fax_id in waiting_faxes(desk, 40)))
        assert all(delivery.acked for delivery in deliveries)
        told = [delivery for delivery in deliveries if SENTENCE in delivery.shown[0].words]
        assert len(told) == 40 - ROOM
        waited = [delivery for delivery in deliveries if delivery not in told]
        assert median(one.seconds for one in told) < median(one.seconds for one in waited)
        assert desk.fax_server.total == ROOM


async def test_an_event_beyond_the_room_is_left_to_slack_and_done_once(small_desk: Desk) -> None:
    """It is not acked, so Slack brings it again."""
    async with Opening(small_desk) as desk:
        desk.slack.retry_pauses, desk.slack.sockets.ack_within = (0.0, 0.0, 0.0), IMPATIENT
        asked = await full(desk)
        message = await desk.slack.post(ANN, SUPPORT, f"<@{BOT}> {BUSY}")
        await asyncio.gather(*asked)
        await until(lambda: not desk.slack.retries, WITHIN, "it comes again and again")
        attempts = [delivery.acked for delivery in desk.slack.deliveries if delivery.kind == "app_mention"]
        assert (attempts[-1], desk.slack.deliveries[-1].attempt) == (True, len(attempts) - 1)
        assert sum(reply.user == BOT for reply in desk.slack.workspace.replies(SUPPORT, message.ts)) == 1


async def test_a_press_beyond_the_room_is_told_so(small_desk: Desk) -> None:
    """By the response_url, since its ack shows nothing."""
    async with Opening(small_desk) as desk:
        on = await card(desk)
        asked = await full(desk)
        press = await desk.slack.press(on, "share", user=ANN)
        assert press.acked
        assert SENTENCE in (await desk.late(press)).words
        await asyncio.gather(*asked)


async def test_what_comes_beyond_any_bound_waits_in_the_network(
    closed_socket_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is read while so many are under way, and all of it is answered in the end."""
    monkeypatch.setattr("bot.server.connection.MOST_UNDER_WAY", 2)
    desk = closed_socket_desk
    ids = waiting_faxes(desk, 12, seconds=0.1)
    async with Opening(desk):
        commands = asyncio.gather(*(desk.ask(fax_id) for fax_id in ids))
        await desk.fax_server.until(lambda: desk.fax_server.at_once == 4)
        assert all(delivery.acked and "waiting" in delivery.shown[0].words for delivery in await commands)


@pytest.mark.parametrize("text", ODD, ids=lambda text: text[:40])
async def test_a_message_that_cannot_be_read_takes_nothing_else_along(
    socket_desk: Desk, logged: StringIO, text: str
) -> None:
    """What comes after it on the same connection is answered, and nothing of it is in the log."""
    desk = socket_desk
    for connection in desk.slack.sockets.connections:
        await connection.socket.send_str(text)
    assert all(["the line was busy" in await desk.asked(BUSY) for _ in range(2)])
    assert [one.number for one in desk.slack.sockets.connections] == [1, 2]
    assert "very-secret" not in logged.getvalue()
