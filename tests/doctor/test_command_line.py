"""`faxbot doctor` as a person types it, in a process of its own."""

import asyncio
import json
import os
import pty
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.__main__ import cli
from bot.doctor import every_check
from tests.conftest import BUSY
from tests.doctor.conftest import SECRETS, World
from tests.test_cli import Ran, environment, faxbot

ROOT = Path(__file__).parent.parent.parent
NAMES = [check.name for _, check in every_check()]


async def doctor(world: World, *arguments: str, **values: str) -> Ran:
    """Examine the set-up, with these settings changed."""
    ran = await faxbot("doctor", *arguments, values={**world.values, **values}, cwd=world.folder)
    assert not [secret for secret in SECRETS if secret in ran.out + ran.err]
    return ran


async def test_all_is_well(world: World) -> None:
    """A line for each check with a mark and a word, no colours in a pipe, no progress, exit 0."""
    ran = await doctor(world, "--fax", BUSY, "--online")
    assert (ran.code, ran.err) == (0, "")
    assert "\x1b" not in ran.out
    lines = [line for line in ran.out.splitlines() if line.startswith("  ")]
    assert len([line for line in lines if line.startswith(("  ✓ ok ", "  ! warn ", "  - skip "))]) == len(NAMES)
    assert "  ✓ ok   Privilege: The account may read other people's faxes." in lines
    assert "  ✓ ok   Cards: Slack takes the cards." in lines
    judged = [call.arguments["blocks"] for call in world.slack.calls if call.method == "blocks.validate"]
    assert any("Examine everything" in str(blocks) for blocks in judged), "the Home tab is judged too"


async def test_without_any_setting_all_that_can_be_is_looked_at(world: World) -> None:
    """The missing ones are named together; the database and the ports are looked at all the same."""
    ran = await faxbot("doctor", "--json", values={"PORT": "0"}, cwd=world.folder)
    assert ran.code == 1
    told = {one["name"]: one for one in json.loads(ran.out)}
    for name in ("SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET", "STONEFAX_URL", "STONEFAX_USERNAME", "STONEFAX_PASSWORD"):
        assert f"{name}: is missing" in told["settings"]["sentence"]
    assert told["slack_token"]["state"] == told["fax_name"]["state"] == "skip"
    assert "SLACK_BOT_TOKEN" in told["slack_token"]["sentence"]
    assert told["database"]["state"] == told["port"]["state"] == "ok"


async def test_json_is_one_array_of_all_checks(world: World) -> None:
    """Name, state, sentence, remedy: a contract for scripts. What is not ok has a remedy; a warning is exit 0."""
    ran = await doctor(world, "--json", STONEFAX_TIME_ZONE="")
    assert ran.code == 0
    told = json.loads(ran.out)
    assert [one["name"] for one in told] == NAMES
    for one in told:
        assert list(one) == ["name", "state", "sentence", "remedy"]
        assert one["sentence"]
        assert (one["remedy"] is None) == (one["state"] == "ok")
    states = {one["name"]: one["state"] for one in told}
    assert (states["time_zone"], states["fax_privilege"], states["cards"]) == ("warn", "skip", "skip")


@pytest.mark.parametrize("arguments", [("--fax", "clinic"), ("--fax", f"{BUSY} {BUSY[:-1]}1"), ("--loud",), ("now",)])
def test_wrong_usage_is_told_apart_from_what_fails(arguments: tuple[str, ...]) -> None:
    """Exit 2, and nothing is looked at."""
    ran = CliRunner().invoke(cli, ["doctor", *arguments])
    assert (ran.exit_code, ran.stdout) == (2, "")


async def test_a_terminal_sees_how_far_it_is(world: World) -> None:
    """On standard error, which leaves the findings to a pipe: what fails has its remedy below it. Exit 1."""
    ran = await in_terminal({**world.values, "STONEFAX_PASSWORD": "planted, but wrong"}, world.folder)
    assert "Looking: Scopes" in ran.err
    assert "Looking" not in ran.out
    assert ran.code == 1
    lines = ran.out.splitlines()
    at = lines.index("  ✗ fail Account: The fax server refuses the account (401).")
    assert lines[at + 1].startswith("         → Check STONEFAX_USERNAME and STONEFAX_PASSWORD.")


async def in_terminal(values: Mapping[str, str], cwd: Path) -> Ran:
    """Run the command with a terminal for its standard error, and give what that was shown."""
    ours, theirs = pty.openpty()
    try:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "bot",
            "doctor",
            cwd=cwd,
            env=environment({"PYTHONPATH": str(ROOT), "TERM": "xterm", **values}),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=theirs,
        )
        shown = asyncio.create_task(asyncio.to_thread(read_to_the_end, ours))
        out, _ = await process.communicate()
    finally:
        os.close(theirs)
    return Ran(process.returncode, out.decode(), (await shown).decode())


def read_to_the_end(terminal: int) -> bytes:
    """Read what a terminal is shown until nobody holds its other side."""
    shown = b""
    try:
        while chunk := os.read(terminal, 4096):
            shown += chunk
    except OSError:  # as Linux says that the other side is closed
        pass
    finally:
        os.close(terminal)
    return shown
