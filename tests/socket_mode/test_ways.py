"""Every way in answers by either door alike: over HTTP, and over Socket Mode."""

from collections.abc import AsyncIterator

import pytest

from tests.conftest import Desk, Opening
from tests.test_ways import CASES, TABLE, WAYS, seen_by
from playground.slack.example import BOB

@pytest.mark.parametrize("way", WAYS)
async def test_x(closed_desk: Desk, way: str) -> None:
    case = CASES["own member"]
    closed_desk.slack.socket_mode = True
    async with Opening(closed_desk) as desk:
        await WAYS[way](desk, case)
        assert all(d.acked for d in desk.slack.deliveries), desk.slack.deliveries
        assert not desk.slack.sockets.stray
    assert (seen_by(desk, case.user, case.channel), seen_by(desk, BOB, case.channel)) == TABLE["own member"][way]
