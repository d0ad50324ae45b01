"""The faults of the fax server again and again at one bot, in a process of its own: it stays well, and as small."""

import asyncio
import json
import os
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path

from bench.processes import resident
from playground.stonefax import Rule
from tests.conftest import DOCUMENTED, Desk
from tests.faults.desk import broken
from tests.faults.tally import TALLY
from tests.faults.upstream import ANSWER, ROWS, SAYS, Row

ROOT = Path(__file__).parents[2]
BEHIND_A_RULE = {name: row for name, row in ROWS.items() if isinstance(row.at, Rule)}
AT_REST, ROUNDS = 3, 8
"""Rounds before the memory is looked at, in which libraries are loaded and pools are filled; and after."""
MOST_MEGABYTES = 10.0
IDS = count(1)


@asynccontextmanager
async def bot_at(desk: Desk) -> AsyncIterator[tuple[int, Path]]:
    """Run the bot, and give its process and its log."""
    values = {**desk.values(), "PYTHONPATH": str(ROOT), "PATH": os.environ["PATH"]}
    log = desk.folder / "faxbot.log"
    with log.open("wb") as writing:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tests.faults.bot_in_a_hurry",
            cwd=desk.folder,
            env=values,
            stdout=PIPE,
            stderr=writing,
        )
        assert process.stdout
        try:
            desk.slack.bot_url = f"http://127.0.0.1:{int(await process.stdout.readline())}/slack/events"
            yield process.pid, log
        finally:
            process.kill()
            await process.communicate()


async def asked(desk: Desk, row: Row) -> str:
    """Ask for a fax about which the server has this fault, and give the answer, late or not."""
    assert isinstance(row.at, Rule)
    fax_id = f"IAS-N1_401d6c9f{next(IDS):07}_0"
    desk.fax_server.put(fax_id, json.loads(ANSWER))
    desk.fax_server.rule(fax_id, row.at)
    delivery = await desk.ask(fax_id)
    assert delivery.acked
    (message,) = delivery.shown
    return (await desk.late(delivery)).words if "follows here" in message.words else message.words


async def round_of(desk: Desk) -> None:
    """Meet every fault that stands behind a rule, eight at once."""
    turns = asyncio.Semaphore(8)

    async def meet(name: str, row: Row) -> None:
        async with turns:
            said = await asked(desk, row)
        # Eight at once, and little time: a busy machine may be too slow for one. Their sentences are another test's.
        assert (SAYS[row.fault] if row.fault else "Fax delivered") in said or "did not answer within" in said, name

    await asyncio.gather(*(meet(name, row) for name, row in BEHIND_A_RULE.items()))
    desk.slack.forget()


async def test_faults_without_end_cost_no_memory(closed_desk: Desk) -> None:
    """Less than ten megabytes over hundreds of them, and then an answer as ever."""
    async with bot_at(closed_desk) as (pid, log):
        for _ in range(AT_REST):
            await round_of(closed_desk)
        before = resident(pid)
        for _ in range(ROUNDS):
            await round_of(closed_desk)
        grown = resident(pid) - before
        assert "Fax delivered" in await closed_desk.asked(DOCUMENTED)
        assert not broken(log.read_text())
    TALLY[f"faults in a row at one bot of {before:.0f} MB, which grew by {grown:.1f} MB"] = ROUNDS * len(BEHIND_A_RULE)
    assert grown < MOST_MEGABYTES
