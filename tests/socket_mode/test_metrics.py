"""What Prometheus is told of Socket Mode."""

from dataclasses import replace
from io import StringIO

from tests.conftest import BUSY, Desk, Opening
from tests.socket_mode.conftest import until_socket_mode
from tests.test_metrics import figures_of


async def test_no_connection_is_told(closed_socket_desk: Desk, logged: StringIO) -> None:
    """Slack still knows the bot's own token, and nothing reaches the bot."""
    desk = closed_socket_desk
    desk.settings["FAXBOT_METRICS_PORT"] = "0"
    desk.timing = replace(desk.timing, figures=0.02)
    async with Opening(desk):
        while not (await figures_of(logged))["faxbot_socket_mode_up", ""]:
            pass
        await desk.slack.sockets.switch_off()
        assert await until_socket_mode(desk, "link_disabled") == 503
        while (await figures_of(logged))["faxbot_socket_mode_up", ""]:
            pass
        assert (await figures_of(logged))["faxbot_slack_up", ""] == 1


async def test_what_cannot_be_read_is_counted(closed_socket_desk: Desk, logged: StringIO) -> None:
    """As it is at the edge; the connection goes on."""
    desk = closed_socket_desk
    desk.settings["FAXBOT_METRICS_PORT"] = "0"
    async with Opening(desk):
        await desk.slack.sockets.connections[0].socket.send_str("no JSON")
        await desk.slack.sockets.connections[0].socket.send_str('["an", "array"]')
        while (await figures_of(logged))["faxbot_refused_total", "not_readable"] < 2:
            pass
        assert "the line was busy" in await desk.asked(BUSY)
