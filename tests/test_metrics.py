"""Metrics: what Prometheus is told, on a port of its own."""

import json
import socket
from dataclasses import replace
from io import StringIO

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from bot.metrics import CannotServeMetrics
from tests.conftest import Desk, Opening
from tests.presses import QUEUED

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
    closed_desk.timing = replace(closed_desk.timing, database_check=0.02)
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
