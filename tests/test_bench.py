"""The benchmarks run, and say all that they promise to say."""

import asyncio
import sys
from pathlib import Path

import pytest

from bench.contenders import FAXBOT, open_load
from bench.scenarios import JOBS, measured

ROOT = Path(__file__).parents[1]
LINES = (
    "memory at rest",
    "memory over rest, all watches running",
    "memory over rest, at the end",
    "start of a watch, median",
    "start of a watch, p95",
    "start of a watch, p99",
    "/fax watch, one by one, median",
    "/fax watch, 32 at once, p99",
    "polls, median of 1 rounds",
    "CPU of the bot for 1,000 polls",
    "polls of a fax that two people watch",
    "all told",
    "calls to Slack for an ending",
    "CPU of the bot for an ending",
    "endings told exactly once",
    "while ending: CPU of the bot",
    "while ending: CPU of the playground",
    "while ending: CPU of the database's server",
)


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="it reads what Linux says of a process")
async def test_the_benchmark_of_the_watches_measures_all_that_it_names() -> None:
    """With few watches it takes seconds; what was told twice, or not at all, would be its exit code."""
    command = (sys.executable, "-m", "bench.watches", "--watches", "20", "--rounds", "1")
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=pipe, stderr=pipe)
    said, complaints = await asyncio.wait_for(process.communicate(), timeout=60)
    assert process.returncode == 0, complaints.decode()
    assert [line for line in LINES if line not in said.decode()] == []


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="it reads what Linux says of a process")
async def test_the_comparison_measures_the_bot_as_it_is_served() -> None:
    """For a part of a second: every question is answered, the fax server asked once for each, the CPU known."""
    async with open_load() as load:
        found = await asyncio.wait_for(measured(JOBS[50, 32], FAXBOT, load, shorter=0.1), timeout=40)
    outcome = found.outcome
    assert outcome.whole > 0
    assert (outcome.refused, outcome.lost) == (0, 0)
    assert outcome.asked["fax"] >= outcome.whole
    assert found.cpu > 0
    assert found.resident > found.proportional > 0
