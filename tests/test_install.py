"""What an administrator installs from: the wheel, the Procfile, the Slack CLI's hooks, the container and the unit."""

import asyncio
import json
import os
import re
import signal
import sys
import zipfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import httpx
import pytest
import yaml

from tests.conftest import BUSY, Desk

ROOT = Path(__file__).parent.parent
BIN = Path(sys.executable).parent
STARTS_WITHIN = 20.0
ROOM_FOR_A_STOP = 31
"""Seconds that a stop may take: the pause, the last requests, and the work that was promised."""


@asynccontextmanager
async def running(*command: str, values: Mapping[str, str], cwd: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run a command, and all that it starts, until the end of the block."""
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=cwd,
        env={"PATH": f"{BIN}:{os.environ['PATH']}", **values},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        await process.communicate()


async def until_ready(url: str) -> None:
    """Wait until the bot at this address is ready."""
    async with httpx.AsyncClient() as http, asyncio.timeout(STARTS_WITHIN):
        while True:
            with suppress(httpx.TransportError):
                if (await http.get(f"{url}/readyz")).status_code == httpx.codes.OK:
                    return
            await asyncio.sleep(0.05)


@pytest.mark.parametrize(("process", "socket_mode"), [("web", False), ("worker", True)])
async def test_the_procfile_runs_it_by_either_door(
    closed_desk: Desk,
    tmp_path: Path,
    unused_tcp_port: int,
    process: str,
    socket_mode: bool,  # noqa: FBT001 - a parameter of the table
) -> None:
    """`web` over HTTP on the platform's port, though Socket Mode's token is set; `worker` by Socket Mode."""
    desk, port = closed_desk, unused_tcp_port
    desk.slack.socket_mode = socket_mode
    values = {**desk.values(), "SLACK_APP_TOKEN": desk.slack.app_token, "PORT": str(port)}
    (tmp_path / "Procfile").write_text((ROOT / "Procfile").read_text())
    async with running("honcho", "start", process, values=values, cwd=tmp_path):
        desk.slack.bot_url = f"http://127.0.0.1:{port}/slack/events"
        await until_ready(f"http://127.0.0.1:{port}")
        assert "the line was busy" in await desk.asked(BUSY)


def unpack_wheel_in(folder: Path) -> Path:
    """Unpack the one wheel that is there, and give where."""
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "unpacked")
    return folder / "unpacked"


async def test_the_wheel_holds_all_that_the_bot_and_the_demo_need(tmp_path: Path) -> None:
    """Unpacked, far from the checkout, the demo answers, in any language."""
    async with running(
        sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path), values={}, cwd=ROOT
    ) as build:
        await build.wait()
    unpacked = unpack_wheel_in(tmp_path)
    demo = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot",
        "demo",
        cwd=unpacked,
        env={"PATH": os.environ["PATH"], "FAXBOT_LANGUAGE": "it"},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    out, _ = await demo.communicate(f"/fax {BUSY}\n".encode())
    assert demo.returncode == 0
    assert "Fax non riuscito" in out.decode()
    names = {path.relative_to(unpacked).parts[0] for path in unpacked.rglob("*.py")}
    assert names == {"bot", "handlers", "playground"}
    static = {
        path.name for path in (ROOT / "playground" / "page").rglob("*") if path.suffix in {".js", ".css", ".html"}
    }
    assert static
    assert static <= {path.name for path in unpacked.rglob("*")}


def test_the_slack_cli_finds_its_hooks() -> None:
    """Each is a command that there is after `make install`."""
    hooks = json.loads((ROOT / ".slack" / "hooks.json").read_text())["hooks"]
    assert set(hooks) == {"get-hooks", "get-manifest", "start"}
    for hook in hooks.values():
        assert (BIN / Path(hook.split()[0]).name).exists()


async def test_the_slack_cli_reads_hooks_and_manifest(tmp_path: Path) -> None:
    """Both as JSON alone on standard output, and the manifest for Socket Mode, as `slack run` connects so."""
    hooks = json.loads((ROOT / ".slack" / "hooks.json").read_text())["hooks"]
    for name, key in (("get-hooks", "hooks"), ("get-manifest", "settings")):
        program, *arguments = hooks[name].split()
        process = await asyncio.create_subprocess_exec(
            BIN / Path(program).name, *arguments, cwd=tmp_path, stdout=asyncio.subprocess.PIPE, env={"PATH": str(BIN)}
        )
        out, _ = await process.communicate()
        assert key in json.loads(out)
    assert json.loads(out)["settings"]["socket_mode_enabled"]


@pytest.mark.parametrize(
    "source", re.findall(r"^COPY (?!--from)(.+) \S+$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
)
def test_the_container_is_built_from_what_there_is_and_what_is_sent_to_it(source: str) -> None:
    """Each file that is copied exists, and .dockerignore lets it through."""
    let_through = (ROOT / ".dockerignore").read_text().splitlines()
    for name in source.split():
        assert (ROOT / name).exists()
        assert f"!{name}" in let_through


def test_container_and_unit_give_a_stop_its_time() -> None:
    """More than the bot itself takes at most, or what was promised would be cut off."""
    compose = yaml.safe_load((ROOT / "compose.yaml").read_text())
    unit = (ROOT / "deploy" / "faxbot.service").read_text()
    assert int(compose["services"]["faxbot"]["stop_grace_period"].removesuffix("s")) > ROOM_FOR_A_STOP
    assert int(re.findall(r"^TimeoutStopSec=(\d+)", unit, re.MULTILINE)[0]) > ROOM_FOR_A_STOP
