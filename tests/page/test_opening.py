"""`faxbot demo` as a person starts it: an address, a browser where there is somebody to see it, and Ctrl-C."""

import asyncio
import os
import pty
import re
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import aiohttp
import pytest
from playwright.async_api import Browser, expect

from playground.page import open_playground
from tests.test_cli import environment

ADDRESS = re.compile(r"http://127\.0\.0\.1:(\d+)/")
WITHIN = 10.0


@asynccontextmanager
async def demo(
    *arguments: str, cwd: Path, stdout: int = asyncio.subprocess.PIPE, **values: str
) -> AsyncIterator[asyncio.subprocess.Process]:
    """Start the demo with no lines to read, and make sure that it ends."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot",
        "demo",
        *arguments,
        cwd=cwd,
        env=environment({"PYTHONPATH": str(Path(__file__).parents[2]), **values}),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=stdout,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def port_of(process: asyncio.subprocess.Process) -> int:
    """Read the address that is printed."""
    assert process.stdout
    async with asyncio.timeout(WITHIN):
        found = ADDRESS.search((await process.stdout.readline()).decode())
    assert found
    return int(found[1])


@pytest.mark.asyncio(loop_scope="session")
async def test_from_the_command_to_the_first_card(browser: Browser, tmp_path: Path) -> None:
    """Under ten seconds, with what the person reads and presses in between."""
    async with asyncio.timeout(10.0), demo("--port", "0", cwd=tmp_path) as process, await browser.new_page() as page:
        await page.goto(f"http://127.0.0.1:{await port_of(process)}/")
        await page.get_by_role("button", name="never arrived").click()
        await page.get_by_role("heading", name="Fax failed: the line was busy").wait_for()


@pytest.mark.asyncio(loop_scope="session")
async def test_a_page_says_when_the_demo_is_gone_and_takes_up_the_next(browser: Browser) -> None:
    """It tries again by itself, and begins anew with what the next one has to show."""
    async with await browser.new_page() as page:
        async with open_playground(0) as first:
            await page.goto(first.url)
            await page.get_by_role("button", name="never arrived").click()
            await page.get_by_role("heading", name="Fax failed: the line was busy").wait_for()
        await expect(page.get_by_role("alert").filter(has_text="The playground has stopped")).to_be_visible()
        async with open_playground(int(first.url.rstrip("/").rpartition(":")[2])):
            await expect(page.get_by_text("Did the fax go through?")).to_be_visible()
            await expect(page.get_by_text("The playground has stopped")).to_be_hidden()


async def test_it_prints_the_address_and_ctrl_c_stops_everything(tmp_path: Path) -> None:
    """Even with a page open: no traceback, exit 0, and the port is free again."""
    async with demo("--port", "0", cwd=tmp_path) as process, aiohttp.ClientSession() as http:
        url = f"http://127.0.0.1:{await port_of(process)}"
        async with http.get(url) as response:
            assert "Faxbot playground" in await response.text()
        async with http.get(f"{url}/snapshot") as response:
            snapshot = await response.json()
        async with http.get(f"{url}/feed?after={snapshot['run']}-{snapshot['number']}") as feed:
            assert feed.status == 200
            process.send_signal(signal.SIGINT)
            async with asyncio.timeout(WITHIN):
                out, err = await process.communicate()
        assert (process.returncode, out, err) == (0, b"", b"")


async def test_a_taken_port_is_another_one_unless_it_was_named(tmp_path: Path) -> None:
    """3000 is taken by half of the world's programs."""
    with socket.socket() as taken:
        with suppress(OSError):  # taken by somebody else: as good
            taken.bind(("127.0.0.1", 3000))
            taken.listen()
        async with demo(cwd=tmp_path) as process:
            assert await port_of(process) != 3000
        async with demo("--port", "3000", cwd=tmp_path) as process, asyncio.timeout(WITHIN):
            _, err = await process.communicate()
            assert process.returncode == 2
            assert "Cannot listen on 127.0.0.1:3000" in err.decode()


async def test_the_browser_opens_where_there_is_a_terminal(tmp_path: Path) -> None:
    """At the address that is printed."""
    opened = tmp_path / "opened"
    script = tmp_path / "browser"
    os.mkfifo(opened)
    script.write_text(f'#!/bin/sh\necho "$1" > {opened}\n')
    script.chmod(0o755)
    ours, its = pty.openpty()
    shown = asyncio.StreamReader()
    transport, _ = await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(shown), os.fdopen(ours, "rb", buffering=0)
    )
    try:
        async with demo("--port", "0", cwd=tmp_path, stdout=its, BROWSER=f"{script} %s") as process:
            os.close(its)
            async with asyncio.timeout(WITHIN):
                address = ADDRESS.search((await shown.readline()).decode())
                assert address
                assert (await asyncio.to_thread(opened.read_text)).strip() == address[0]
            process.send_signal(signal.SIGTERM)
            async with asyncio.timeout(WITHIN):
                assert await process.wait() == 0
    finally:
        transport.close()
