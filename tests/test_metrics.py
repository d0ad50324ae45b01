"""Metrics: what Prometheus is told, on a port of its own."""

import asyncio
import json
import math
import os
import socket
import sys
from dataclasses import replace
from io import StringIO
from pathlib import Path
from unittest.mock import Mock

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from bot.app import running_bot
from bot.metrics import FOLDER, CannotServeMetrics, figures_of_workers
from bot.settings import GROUPS, read_settings
from bot.slack import SlackUnreachable
from bot.stonefax.client import ATTEMPTS
from bot.watches import Counts, Watches
from playground.slack.example import ANN
from playground.stonefax import Break, Rule
from tests.conftest import BUSY, DOCUMENTED, UNKNOWN, Desk, Opening
from tests.presses import QUEUED
from tests.test_shortcuts import opened, typed

ROOT = Path(__file__).parent.parent
Figures = dict[tuple[str, str], float]


async def scraped(url: str) -> Figures:
    """Give each figure by its name and its label's value."""
    async with httpx.AsyncClient() as http:
        text = (await http.get(url)).text
    samples = [sample for family in text_string_to_metric_families(text) for sample in family.samples]
    return {(sample.name, next(iter(sample.labels.values()), "")): sample.value for sample in samples}


async def test_the_watches_are_counted(closed_desk: Desk, logged: StringIO) -> None:
    """Those that run, by all processes; and what came of them, by this one. No person and no fax is named."""
    closed_desk.settings["FAXBOT_METRICS_PORT"] = "0"
    closed_desk.timing = replace(closed_desk.timing, database_check=0.02, figures=0.02)
    async with Opening(closed_desk) as desk:
        lines = [json.loads(line) for line in logged.getvalue().splitlines()]
        port = next(line["port"] for line in lines if line["event"] == "metrics")
        url = f"http://127.0.0.1:{port}/metrics"
        desk.put(QUEUED, status="Queued")
        await desk.ask(f"watch {QUEUED}")
        figures: Figures = {}
        while not figures.get(("faxbot_watches", "running")):
            figures = await scraped(url)
        assert figures["faxbot_watches", "running"] == 1
        assert figures["faxbot_watches", "overdue"] == 0
        assert figures["faxbot_watches_oldest_seconds", ""] > 0
        assert figures["faxbot_watches_put_off_total", ""] == 0
        desk.put(QUEUED, status="Completed")
        while not figures.get(("faxbot_watches_ended_total", "final")):
            figures = await scraped(url)
        while figures["faxbot_watches", "running"]:
            figures = await scraped(url)
        assert not any(QUEUED in name or QUEUED in label for name, label in figures)


async def test_without_a_port_there_are_none(desk: Desk) -> None:
    """Least of all on the port that Slack reaches."""
    async with httpx.AsyncClient() as http:
        assert (await http.get(f"{desk.url}/metrics")).status_code == 404


async def test_a_port_that_is_taken_stops_the_start(closed_desk: Desk) -> None:
    """And is named."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        closed_desk.settings["FAXBOT_METRICS_PORT"] = str(port)
        with pytest.raises(CannotServeMetrics, match=f"port {port} for metrics: Address already in use"):
            async with Opening(closed_desk):
                pass


async def figures_of(logged: StringIO) -> Figures:
    """Give what Prometheus is told now."""
    lines = [json.loads(line) for line in logged.getvalue().splitlines()]
    port = next(line["port"] for line in lines if line["event"] == "metrics")
    return await scraped(f"http://127.0.0.1:{port}/metrics")


async def test_look_ups_acks_and_requests_to_the_fax_server_are_counted(closed_desk: Desk, logged: StringIO) -> None:
    """By what came of them; one request for many who ask at once, and each try for itself."""
    closed_desk.settings["FAXBOT_METRICS_PORT"] = "0"
    async with Opening(closed_desk) as desk:
        before = await figures_of(logged)
        assert math.isnan(before["faxbot_fax_server_up", ""])
        desk.fax_server.rule(BUSY, Rule(delay=0.1))
        await asyncio.gather(*(desk.ask(BUSY) for _ in range(5)))
        await desk.ask(UNKNOWN)
        figures = await figures_of(logged)
        assert figures["faxbot_lookup_seconds_count", "command"] == 6
        assert figures["faxbot_ack_seconds_count", "command"] == 6
        assert figures["faxbot_upstream_seconds_count", "ok"] == 1
        assert figures["faxbot_upstream_seconds_sum", "ok"] >= 0.1
        assert figures["faxbot_upstream_seconds_count", "not_found"] == 1
        assert figures["faxbot_fax_server_up", ""] == 1
        desk.fax_server.rule(DOCUMENTED, Rule(status=503))
        await desk.ask(DOCUMENTED)
        while figures.get(("faxbot_upstream_seconds_count", "server_busy")) != ATTEMPTS:
            figures = await figures_of(logged)
        assert figures["faxbot_fax_server_up", ""] == 0


@pytest.mark.hurried
async def test_a_request_that_is_given_up_counts_with_the_whole_deadline(closed_desk: Desk, logged: StringIO) -> None:
    """A server that hangs would otherwise look as if nobody had asked it."""
    closed_desk.settings["FAXBOT_METRICS_PORT"] = "0"
    closed_desk.fax_server.rule(BUSY, Rule(breaks=Break.HANG))
    async with Opening(closed_desk) as desk:
        await desk.late(await desk.ask(BUSY))
        figures = await figures_of(logged)
        assert figures["faxbot_upstream_seconds_sum", "server_too_slow"] == pytest.approx(1.5, abs=0.2)
        assert figures["faxbot_fax_server_up", ""] == 0


async def test_what_the_edge_does_not_take_is_counted_from_the_start(closed_desk: Desk, logged: StringIO) -> None:
    """At 0, so that the first is a rise."""
    closed_desk.settings["FAXBOT_METRICS_PORT"] = "0"
    async with Opening(closed_desk) as desk, httpx.AsyncClient() as http:
        before = await figures_of(logged)
        await http.post(desk.slack.bot_url, content=b"{}")
        after = await figures_of(logged)
        rose = {name: after[name] - before[name] for name in before if name[0] == "faxbot_refused_total"}
        assert rose == {
            ("faxbot_refused_total", "broke"): 0,
            ("faxbot_refused_total", "not_readable"): 0,
            ("faxbot_refused_total", "not_verified"): 1,
            ("faxbot_refused_total", "too_large"): 0,
            ("faxbot_refused_total", "too_slow"): 0,
        }
        assert {name[1] for name in after if name[0] == "faxbot_shed_total"} == {
            "command",
            "event",
            "interaction",
            "answer",
        }


async def test_a_press_that_we_trip_over_is_counted_as_our_fault(
    closed_desk: Desk, logged: StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not as a request that could not be read; and Slack being away is nobody's fault."""
    closed_desk.settings["FAXBOT_METRICS_PORT"] = "0"
    async with Opening(closed_desk) as desk:
        await desk.slack.shortcut("look_up_a_fax", user=ANN)
        view = await opened(desk)
        for error in (RuntimeError("a fault of ours"), SlackUnreachable("TimeoutError")):
            monkeypatch.setattr("handlers.shortcuts.asker_of", Mock(side_effect=error))
            assert (await desk.slack.submit(view, typed(BUSY))).status == 400
        figures = await figures_of(logged)
        assert figures["faxbot_refused_total", "broke"] == 1
        assert figures["faxbot_refused_total", "not_readable"] == 0


async def test_slack_and_the_database_are_told_to_be_there_or_not(closed_desk: Desk, logged: StringIO) -> None:
    """As readiness sees them."""
    closed_desk.settings["FAXBOT_METRICS_PORT"] = "0"
    closed_desk.timing = replace(closed_desk.timing, figures=0.02, identity_check=0.05)
    async with Opening(closed_desk) as desk:
        while not (await figures_of(logged))["faxbot_slack_up", ""]:
            pass
        assert (await figures_of(logged))["faxbot_database_up", ""] == 1
        desk.slack.fail("auth.test", times=1000, error="token_revoked")
        while (await figures_of(logged))["faxbot_slack_up", ""]:
            pass


async def test_what_is_not_known_yet_is_told_as_nothing(
    closed_desk: Desk, logged: StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A zero would say that Slack is away, and that there are no watches."""
    closed_desk.settings["FAXBOT_METRICS_PORT"] = "0"
    closed_desk.timing = replace(closed_desk.timing, figures=0.02)
    counting = asyncio.Event()
    count = Watches.count

    async def counted(watches: Watches) -> Counts:
        await counting.wait()
        return await count(watches)

    monkeypatch.setattr(Watches, "count", counted)
    closed_desk.slack.fail("auth.test", times=1, delay=0.5)
    async with running_bot(read_settings(closed_desk.values(), *GROUPS), closed_desk.timing):
        before = await figures_of(logged)
        assert math.isnan(before["faxbot_slack_up", ""])
        assert math.isnan(before["faxbot_socket_mode_up", ""])
        assert math.isnan(before["faxbot_watches_oldest_seconds", ""])
        assert ("faxbot_watches", "running") not in before
        counting.set()
        while ("faxbot_watches", "running") not in (after := await figures_of(logged)):
            pass
        assert after["faxbot_watches", "running"] == 0
        while (await figures_of(logged))["faxbot_slack_up", ""] != 1:
            pass


async def test_among_several_processes_one_that_knows_nothing_yet_hides_nothing(tmp_path: Path) -> None:
    """What another has found out stays told, until the new one has looked, too."""
    new = "from bot.metrics import Metrics; m = Metrics()"
    old = f"{new}; m.slack_up.set(1); m.database_up.set(1); m.watches.labels('running').set(3); m.oldest_watch.set(7)"
    for program in (new, old, new):
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", program, env={**os.environ, FOLDER: str(tmp_path)}, cwd=ROOT
        )
        assert await process.wait() == 0
    told = {s.name: s.value for family in figures_of_workers(tmp_path, {}).collect() for s in family.samples}
    assert told["faxbot_slack_up"] == 1
    assert told["faxbot_watches"] == 3
    assert told["faxbot_watches_oldest_seconds"] == 7
    assert "faxbot_socket_mode_up" not in told
