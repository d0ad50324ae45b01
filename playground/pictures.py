"""The README's pictures, taken from the running demo: `make pictures`."""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Literal

from PIL import Image
from playwright.async_api import Browser, Page, async_playwright

from bot.settings import LogSettings
from bot.telemetry import configure_logging
from playground.chromium import HOW_TO_GET_IT, chromium_arguments, system_chromium
from playground.page import Playground, open_playground
from playground.slack.example import BOB, SUPPORT

FOLDER = Path(__file__).parents[1] / "docs" / "pictures"
BUSY = "IAS-N1_401d6c8c07d6b7a_0"
DENSITY = 2.0
COLOURS = 256
WINDOW = (1240, 790)
PHONE = (360, 740)
FAILED = "Fax failed: the line was busy"


async def ask(page: Page) -> None:
    """Look the fax up that a colleague asks about."""
    await page.locator("#line").fill(f"/fax {BUSY}")
    await page.locator("#line").press("Enter")
    await page.get_by_role("heading", name=FAILED).wait_for()


async def share(page: Page) -> None:
    """Share its card, and see with the eyes of others."""
    await ask(page)
    await page.get_by_role("button", name="Share to channel").click()
    await page.get_by_role("dialog").get_by_role("button", name="Share", exact=True).click()
    await page.get_by_text("shared by").first.wait_for()
    await page.get_by_role("radio", name="others").check()
    await page.get_by_text("You see and act as Bob Rossi").wait_for()


async def watch(page: Page) -> None:
    """Share the card of a fax on its way, and be told in its thread what became of it."""
    await page.get_by_role("button", name="A fax fails while you watch").click()
    await page.get_by_role("button", name="Share to channel").click()
    await page.get_by_role("dialog").get_by_role("button", name="Share", exact=True).click()
    card = page.locator("#messages .message", has_text="shared by")
    await card.get_by_role("button", name="Tell me when it is final").click()
    await card.get_by_role("button", name="1 reply").click(timeout=60_000)
    await page.get_by_role("region", name="Messages of the thread").get_by_role("heading").first.wait_for()
    await card.evaluate("card => card.scrollIntoView()")


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture: its file, what is done before it is taken, and on which screen."""

    name: str
    act: Callable[[Page], Awaitable[None]]
    scheme: Literal["light", "dark"] = "light"
    size: tuple[int, int] = WINDOW


PICTURES = (
    Picture("answer-light", ask),
    Picture("answer-dark", ask, "dark"),
    Picture("shared", share),
    Picture("watched", watch, size=(WINDOW[0], 752)),
    Picture("phone", ask, size=PHONE),
)


async def take(picture: Picture, browser: Browser, playground: Playground) -> None:
    """Take one picture, of a playground in which only a colleague has said something."""
    await playground.slack.post(BOB, SUPPORT, f"The clinic has nothing from us. Did {BUSY} go through?")
    width, height = picture.size
    page = await browser.new_page(
        viewport={"width": width, "height": height},
        device_scale_factor=DENSITY,
        color_scheme=picture.scheme,
        reduced_motion="reduce",
    )
    await page.goto(playground.url)
    await page.locator("body[data-ready]").wait_for()
    await picture.act(page)
    await page.mouse.move(width / 2, 4)
    save(await page.screenshot(), FOLDER / f"{picture.name}.png")
    await page.close()


def save(screenshot: bytes, file: Path) -> None:
    """Write a picture with a palette: a third of the size, and no difference to be seen."""
    with Image.open(BytesIO(screenshot)) as image:
        image.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(file, optimize=True)


async def take_all(executable: str) -> None:
    """Take every picture, each of a playground of its own."""
    FOLDER.mkdir(exist_ok=True)
    async with (
        async_playwright() as playwright,
        await playwright.chromium.launch(executable_path=executable, args=chromium_arguments()) as browser,
    ):
        for picture in PICTURES:
            async with open_playground(0) as playground:
                await take(picture, browser, playground)


def main() -> None:
    """Take the pictures, or say what is missing."""
    configure_logging(LogSettings(LOG_LEVEL="error"), audit=False)
    executable = system_chromium()
    if executable is None:
        sys.exit(f"There is no Chromium here: {HOW_TO_GET_IT}.")
    asyncio.run(take_all(executable))


if __name__ == "__main__":
    main()
