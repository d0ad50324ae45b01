"""What comes by a WebSocket is in no log, at DEBUG neither: no payload, no address with its ticket, no token."""

from io import StringIO

import pytest

from playground.slack.example import ANN, BOT, SUPPORT
from tests.conftest import BUSY, Desk, Opening
from tests.faults.desk import until
from tests.socket_mode.conftest import WITHIN, until_connected


async def test_the_log_holds_nothing_of_what_slack_sends(closed_socket_desk: Desk, logged: StringIO) -> None:
    """Through a command, an event, a cut, a refresh, a refusal and a handshake that fails."""
    desk = closed_socket_desk
    desk.slack.retry_pauses = (0.0, 0.1, 0.1)
    async with Opening(desk):
        delivery = await desk.ask(f"{BUSY} very-secret-words")
        await desk.slack.post(ANN, SUPPORT, f"<@{BOT}> {BUSY} very-secret-words")
        desk.slack.sockets.cuts = 1
        await desk.ask(f"{BUSY} very-secret-words")
        await until_connected(desk, lambda there: len(there) == 2)
        await desk.slack.sockets.refresh(desk.slack.sockets.connections[-1], warned=0.05)
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(desk.slack.sockets, "address", lambda: f"{desk.slack.sockets.base}/link/?ticket=forged")
            desk.slack.sockets.close()
            await until(lambda: "WSServerHandshakeError" in logged.getvalue(), WITHIN, "no handshake fails")
        await until_connected(desk, lambda there: len(there) == 2)
    urls = [call.answer["url"] for call in desk.slack.calls if call.method == "apps.connections.open"]
    tickets = [url.partition("ticket=")[2].partition("&")[0] for url in urls]
    assert len(tickets) > 4
    assert delivery.response_url
    secrets = [*tickets, delivery.response_url.url, desk.slack.app_token, desk.slack.bot_token]
    for secret in [*secrets, "very-secret", "Mario Rossi", "1234 5678", "Referral", "envelope_id"]:
        assert secret not in logged.getvalue(), secret
