"""Where no connection can be had, it is told with what to check, and not asked for in a storm."""

import asyncio
import socket
from dataclasses import replace
from io import StringIO

import pytest

from tests.conftest import BUSY, Desk
from tests.faults.desk import until
from tests.socket_mode.conftest import HASTY, WITHIN, openings, unconnected, until_connected, until_socket_mode

CARD = "the line was busy"


async def test_socket_mode_switched_off_is_told_and_looked_after(socket_desk: Desk, logged: StringIO) -> None:
    """Unready, with what to check; a few tries in a while, and ready again by itself."""
    await socket_desk.slack.sockets.switch_off()
    assert await until_socket_mode(socket_desk, "link_disabled") == 503
    before = openings(socket_desk)
    await asyncio.sleep(2.5 * HASTY.refused)
    assert 1 <= openings(socket_desk) - before <= 6
    assert "whether Socket Mode is on" in logged.getvalue()
    socket_desk.slack.sockets.switched_on = True
    assert await until_socket_mode(socket_desk, "ok") == 200
    assert CARD in await socket_desk.asked(BUSY)


@pytest.mark.parametrize(
    ("token", "problem", "check"),
    [
        ("xapp-wrong", "invalid_auth", "SLACK_APP_TOKEN"),
        ("xapp-of-the-bot", "not_allowed_token_type", "it begins with xapp-"),
    ],
)
async def test_a_wrong_token_is_told_and_not_tried_in_a_storm(
    closed_socket_desk: Desk, logged: StringIO, token: str, problem: str, check: str
) -> None:
    """Unready, with what to check; the token itself is nowhere."""
    desk = closed_socket_desk
    desk.settings["SLACK_APP_TOKEN"] = token
    if problem != "invalid_auth":
        desk.slack.fail("apps.connections.open", times=100, error=problem)
    async with unconnected(desk):
        assert await until_socket_mode(desk, problem) == 503
        await asyncio.sleep(2.5 * HASTY.refused)
        assert 2 <= openings(desk) <= 8
    assert check in logged.getvalue()
    assert token not in logged.getvalue()


async def test_a_slack_that_asks_to_wait_is_not_asked_before(closed_socket_desk: Desk) -> None:
    """429 with Retry-After, longer than any pause of our own."""
    desk = closed_socket_desk
    desk.slack.fail("apps.connections.open", times=2, status=429, retry_after=3)
    async with unconnected(desk):
        assert await until_socket_mode(desk, "ratelimited") == 503
        await asyncio.sleep(0.8)
        assert openings(desk) == 2


async def test_more_connections_than_slack_allows_are_told_and_tried_again(
    closed_socket_desk: Desk, logged: StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The one that is there serves."""
    desk = closed_socket_desk
    monkeypatch.setattr("playground.slack.sockets.MOST_CONNECTIONS", 1)
    async with unconnected(desk):
        assert await until_socket_mode(desk, "ok") == 200
        await until(lambda: "too_many_websockets" in logged.getvalue(), WITHIN, "not told")
        assert CARD in await desk.asked(BUSY)
        monkeypatch.undo()
        await until_connected(desk, lambda there: len(there) == 2)


async def test_without_a_network_at_the_start_it_waits_for_one(closed_socket_desk: Desk) -> None:
    """Unready, and ready as soon as there is one."""
    desk = closed_socket_desk
    desk.timing = replace(desk.timing, socket_mode=replace(HASTY, first=0.5, longest=0.5))
    desk.slack.fail("apps.connections.open", times=8, drop="before")
    async with unconnected(desk):
        assert await until_socket_mode(desk, "ServerDisconnectedError") == 503
        assert await until_socket_mode(desk, "ok") == 200
        assert CARD in await desk.asked(BUSY)


async def test_without_slack_at_all_it_runs_unready_and_stops_at_once(closed_socket_desk: Desk) -> None:
    """Nothing listens there."""
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        closed_socket_desk.settings["SLACK_API_URL"] = f"http://127.0.0.1:{nobody.getsockname()[1]}/api/"
    async with unconnected(closed_socket_desk) as desk:
        assert await until_socket_mode(desk, "ClientConnectorError") == 503


async def test_an_address_without_a_hello_is_given_up(
    closed_socket_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A proxy may take the connection and say nothing."""
    desk = closed_socket_desk
    desk.timing = replace(desk.timing, socket_mode=replace(HASTY, opening=0.2))

    async def silent(_: object, said: object) -> None:
        """Say nothing."""

    with monkeypatch.context() as patched:
        patched.setattr("playground.slack.sockets.Connection.say", silent)
        async with unconnected(desk):
            assert await until_socket_mode(desk, "no_hello") == 503
