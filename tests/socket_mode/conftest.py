"""A desk whose Slack comes by Socket Mode, and a bot that waits for nothing long."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import httpx
import pytest

from bot.app import running_bot
from bot.server import Pauses
from bot.settings import GROUPS, read_settings
from tests.conftest import QUICK, Desk, Opening
from tests.faults.desk import until

HASTY = Pauses(ping=0.2, opening=1.0, first=0.02, longest=0.1, refused=0.3, steady=30.0, leaving=2.0, finishing=2.0)
IMPATIENT = 0.8
"""Seconds for an ack, in place of three, where it is the lack of one that is waited for."""
WITHIN = 6.0
"""Seconds in which something has to come of it, on a busy machine too."""


@pytest.fixture
async def closed_socket_desk(closed_desk: Desk) -> Desk:
    """Give a desk whose bot is not running yet."""
    closed_desk.slack.socket_mode = True
    closed_desk.timing = replace(QUICK, patience=1.0, deadline=3.0, event_patience=2.0, socket_mode=HASTY)
    return closed_desk


@pytest.fixture
async def socket_desk(closed_socket_desk: Desk) -> AsyncIterator[Desk]:
    """Give a desk that is open, and the bot connected."""
    async with Opening(closed_socket_desk) as opened:
        yield opened


@asynccontextmanager
async def unconnected(desk: Desk) -> AsyncIterator[Desk]:
    """Run the bot, whether it comes to be connected or not."""
    async with running_bot(read_settings(desk.values(), *GROUPS), desk.timing) as port:
        desk.url = f"http://127.0.0.1:{port}"
        yield desk


async def readiness(desk: Desk) -> tuple[int, dict[str, Any]]:
    """Ask whether the bot is ready."""
    async with httpx.AsyncClient() as http:
        answer = await http.get(f"{desk.url}/readyz")
    return answer.status_code, answer.json()


async def until_socket_mode(desk: Desk, state: str) -> int:
    """Wait until the bot says that Socket Mode is in this state, and give the status that it says so with."""
    async with asyncio.timeout(WITHIN):
        while True:
            status, told = await readiness(desk)
            if told["socket_mode"] == state:
                return status
            await asyncio.sleep(0.02)


async def until_connected(desk: Desk, holds: Callable[[set[int]], bool]) -> None:
    """Wait until this holds of the numbers of the connections that Slack may send by."""
    there = desk.slack.sockets.connections
    await until(lambda: holds({one.number for one in there if not one.leaving}), WITHIN, "the connections stay")


def openings(desk: Desk) -> int:
    """Count how often an address was asked for."""
    return sum(call.method == "apps.connections.open" for call in desk.slack.calls)
