"""A browser of this system, and a playground for each test to open in it."""

import os
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, ConsoleMessage, Locator, Page, Request, async_playwright, expect

from bot.app import Timing
from bot.watches import Rhythm
from playground.chromium import HOW_TO_GET_IT, chromium_arguments, system_chromium
from playground.page import Pauses, Playground, open_playground

NO_CHROMIUM = "no Chromium on this machine"
PATIENCE = 8000.0
"""Milliseconds that a test waits for something to be seen."""

QUICK = Timing(unready=0.0, drain=5.0, rhythm=Rhythm(first=0.2, longest=0.4, to_confirm=0.3, idle=0.1))
PAUSES = Pauses(queued=1.0, sending=0.5)


@dataclass
class Visit:
    """A page that is open, and what became of it; `with_eyes` switches whose they are."""

    page: Page
    playground: Playground
    complaints: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    @property
    def line(self) -> Locator:
        """The message field of the channel."""
        return self.page.locator("#line")

    @property
    def channel(self) -> Locator:
        """The messages in the channel."""
        return self.page.get_by_role("region", name="Messages in")

    @property
    def thread(self) -> Locator:
        """The messages in the thread."""
        return self.page.get_by_role("region", name="Messages of the thread")

    @property
    def newest(self) -> Locator:
        """The newest message in the channel."""
        return self.channel.get_by_role("listitem").and_(self.page.locator(".message")).last

    async def say(self, text: str) -> None:
        """Type a line and send it."""
        await self.line.fill(text)
        await self.line.press("Enter")

    async def with_eyes(self, label: str, name: str) -> None:
        """See as somebody else."""
        await self.page.get_by_role("radio", name=label, exact=True).check()
        await self.page.get_by_role("navigation", name="Channels").get_by_text(name).wait_for(state="attached")

    async def milliseconds_until_ready(self) -> float:
        """Load the page anew, and give the time from then until a person can act on it."""
        await self.page.reload()
        await self.page.locator("body[data-ready]").wait_for()
        ready: float = await self.page.evaluate("performance.getEntriesByName('ready')[0].startTime")
        return ready

    async def go(self, channel: str) -> None:
        """Go to another channel."""
        await self.page.get_by_role("navigation", name="Channels").get_by_role("button", name=channel).click()
        await self.page.get_by_role("region", name=f"Messages in {channel}").wait_for()

    async def seen(self, *texts: str) -> None:
        """Wait until each of these is to be read in the newest message."""
        for text in texts:
            await self.newest.get_by_text(text).first.wait_for()


Open = Callable[..., Coroutine[Any, Any, Visit]]


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """Give the system's Chromium; without one these tests are skipped, but never where CI runs."""
    found = system_chromium()
    if found is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(f"{NO_CHROMIUM}: {HOW_TO_GET_IT}")
    expect.set_options(timeout=PATIENCE)
    async with (
        async_playwright() as playwright,
        await playwright.chromium.launch(executable_path=found, args=chromium_arguments()) as launched,
    ):
        yield launched


@pytest_asyncio.fixture(loop_scope="session")
async def playground() -> AsyncIterator[Playground]:
    """Give a playground whose watches and failing faxes need not be waited for."""
    async with open_playground(0, timing=QUICK, pauses=PAUSES) as opened:
        yield opened


@pytest_asyncio.fixture(loop_scope="session")
async def open_page(browser: Browser, playground: Playground) -> AsyncIterator[Open]:
    """Open the page as often as a test wants; none may complain, or ask another address for anything."""
    async with AsyncExitStack() as stack:
        visits = []

        async def opened(**context: Any) -> Visit:  # noqa: ANN401 - playwright's own arguments
            screen = {"viewport": {"width": 1280, "height": 800}, "reduced_motion": "reduce", **context}
            page = await (await stack.enter_async_context(await browser.new_context(**screen))).new_page()
            page.set_default_timeout(PATIENCE)
            visit = Visit(page, playground)
            page.on("pageerror", lambda error: visit.complaints.append(str(error)))
            page.on("console", lambda said: visit.complaints.append(said.text) if complains(said) else None)

            def asked(request: Request) -> None:
                visit.requests.append(request.url)

            page.on("request", asked)
            await page.goto(playground.url)
            await page.locator("body[data-ready]").wait_for()
            visits.append(visit)
            return visit

        yield opened
        for visit in visits:
            assert visit.complaints == []
            assert [url for url in visit.requests if not url.startswith(playground.url)] == []


@pytest_asyncio.fixture(loop_scope="session")
async def visit(open_page: Open) -> Visit:
    """Give the page, open."""
    return await open_page()


def complains(said: ConsoleMessage) -> bool:
    """Say whether the browser's console complains; of an act that was refused the person is told."""
    return said.type == "error" and "409 (Conflict)" not in said.text


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say plainly which tests did not run for want of a browser, and how to get them."""
    skipped = [report for report in terminalreporter.stats.get("skipped", []) if NO_CHROMIUM in str(report.longrepr)]
    if skipped:
        files = sorted({report.nodeid.partition("::")[0] for report in skipped})
        terminalreporter.section("not run: the tests in a browser")
        terminalreporter.line(f"{len(skipped)} tests in {', '.join(files)}: {NO_CHROMIUM}. {HOW_TO_GET_IT}.")
