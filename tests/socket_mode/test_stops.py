"""A stop over Socket Mode: unready first, what was taken is acked and answered, then the connections are closed."""

import asyncio
import signal
import time
from dataclasses import replace
from pathlib import Path

import httpx

from playground.slack import Delivery
from playground.slack.example import ANN, BOT, SUPPORT
from playground.stonefax import Break, Rule
from tests.conftest import BUSY, DOCUMENTED, Desk, Opening
from tests.faults.desk import until
from tests.socket_mode.conftest import WITHIN, readiness
from tests.test_overload import SENTENCE
from tests.test_stops import logged, serving

CARD = "the line was busy"


async def test_what_was_taken_is_acked_and_answered_and_then_the_connections_close(closed_socket_desk: Desk) -> None:
    """A command, and a mention."""
    desk = closed_socket_desk
    desk.fax_server.rule(BUSY, Rule(delay=0.3))
    async with Opening(desk):
        command = asyncio.create_task(desk.ask(BUSY))
        mention = asyncio.create_task(desk.slack.post(ANN, SUPPORT, f"<@{BOT}> {BUSY}"))
        await until(lambda: all(one.taken for one in desk.slack.sockets.connections), WITHIN, "not delivered")
        await desk.fax_server.until(lambda: desk.fax_server.at_once > 0)
    assert CARD in (await command).shown[0].words
    assert len(desk.slack.workspace.replies(SUPPORT, (await mention).ts)) == 1
    assert all(delivery.acked for delivery in desk.slack.deliveries)
    assert desk.slack.sockets.connections == []


async def test_while_it_says_that_it_is_not_ready_it_goes_on_answering(closed_socket_desk: Desk) -> None:
    """Slack does not ask whether it is ready; who types is answered until the connections close."""
    desk = closed_socket_desk
    desk.timing = replace(desk.timing, unready=0.3)
    opened = Opening(desk)
    await opened.__aenter__()
    stopping = asyncio.create_task(opened.__aexit__())
    await asyncio.sleep(0.1)
    status, told = await readiness(desk)
    assert (status, told["draining"], told["socket_mode"]) == (503, True, "ok")
    assert CARD in await desk.asked(BUSY)
    await stopping


async def test_what_still_comes_when_time_is_up_is_told_so(closed_socket_desk: Desk) -> None:
    """Somebody types while the last answers are waited for: a sentence, and no silence."""
    desk = closed_socket_desk
    finishing = replace(desk.timing.socket_mode, finishing=1.0)
    desk.timing = replace(desk.timing, patience=2.2, deadline=3.0, socket_mode=finishing)
    desk.fax_server.rule(BUSY, Rule(delay=1.6))
    late = list[Delivery]()
    async with Opening(desk):
        commands = [asyncio.create_task(desk.ask(BUSY)) for _ in range(2)]
        await desk.fax_server.until(lambda: desk.fax_server.at_once > 0)

        async def afterwards() -> None:
            await asyncio.sleep(1.3)
            late.extend(await asyncio.gather(desk.ask(DOCUMENTED), desk.ask(DOCUMENTED)))

        telling = asyncio.create_task(afterwards())
    assert all([CARD in (await command).shown[0].words for command in commands])
    await telling
    assert all(SENTENCE in delivery.shown[0].words for delivery in late)


async def test_serve_runs_over_socket_mode_and_stops_in_good_order(closed_socket_desk: Desk, tmp_path: Path) -> None:
    """As a process, with no signing secret: answers, is ready, acks what it took at SIGTERM, exits with 0."""
    desk, log = closed_socket_desk, tmp_path / "bot.log"
    desk.fax_server.rule(BUSY, Rule(delay=0.6, times=1))
    async with serving(desk, log) as bot, httpx.AsyncClient(base_url=bot.url) as http:
        assert (await http.get("/readyz")).json()["socket_mode"] == "ok"
        assert (await http.post("/slack/events")).status_code == 404
        assert CARD in await desk.asked(BUSY)
        desk.fax_server.rule(DOCUMENTED, Rule(delay=0.6))
        command = asyncio.create_task(desk.ask(DOCUMENTED))
        await desk.fax_server.until(lambda: desk.fax_server.at_once > 0)
        bot.process.send_signal(signal.SIGTERM)
        assert (await command).acked
        assert await bot.process.wait() == 0
    lines = logged(log)
    assert "connected to Slack" in [line["event"] for line in lines]
    assert [line for line in lines if line["level"] in {"warning", "error"}] == []


async def test_a_second_sigterm_ends_at_once(closed_socket_desk: Desk, tmp_path: Path) -> None:
    """As over HTTP."""
    desk = closed_socket_desk
    desk.fax_server.rule(DOCUMENTED, Rule(breaks=Break.HANG))
    async with serving(desk, tmp_path / "bot.log") as bot:
        assert "follows here" in await desk.asked(DOCUMENTED)
        bot.process.send_signal(signal.SIGTERM)
        await asyncio.sleep(0.2)
        before = time.monotonic()
        bot.process.send_signal(signal.SIGTERM)
        assert await bot.process.wait() == 1
        assert time.monotonic() - before < 0.5


async def test_a_process_with_a_wrong_token_says_what_to_check(closed_socket_desk: Desk, tmp_path: Path) -> None:
    """It runs, unready, so that whoever looks finds it in the log and at /readyz."""
    desk, log = closed_socket_desk, tmp_path / "bot.log"
    desk.settings["SLACK_APP_TOKEN"] = "xapp-very-wrong"

    def told() -> list[dict[str, object]]:
        return [line for line in logged(log) if line["event"] == "no connection to Slack"]

    running = serving(desk, log)
    # It never becomes ready, so its start is not waited for.
    starting = asyncio.create_task(running.__aenter__())
    await until(lambda: log.exists() and bool(told()), 10.0, "nothing is told")
    assert told()[0]["problem"] == "invalid_auth"
    assert str(told()[0]["check"]).startswith("SLACK_APP_TOKEN")
    assert "very-wrong" not in log.read_text()
    starting.cancel()
    await asyncio.gather(starting, return_exceptions=True)
