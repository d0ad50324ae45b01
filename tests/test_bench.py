"""The benchmark of the watches runs, and says all that it promises to say."""

import asyncio
import sys
from pathlib import Path

import pytest

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
