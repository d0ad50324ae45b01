"""The whole bot at a prompt, with no Slack and no fax server: look faxes up and press buttons, as in a channel.

Each line is sent as Slack would, signed, over real HTTP; what is drawn is what came back, with who sees it.

seat      who types, and where
keyboard  what can be typed, and what it does
screen    what becomes visible in Slack, drawn as it comes
today     the faxes, as if they had just been sent
settings  of a bot between the two servers
"""

import asyncio
from tempfile import TemporaryDirectory
from typing import TextIO

from rich.console import Console

from bot.app import running_bot
from bot.languages import SOURCE, Language, in_language
from bot.server import SLACK_PATH
from bot.settings import Settings
from playground.demo.keyboard import Keyboard
from playground.demo.screen import Screen
from playground.demo.settings import TIME_ZONE, TIMING, demo_settings
from playground.demo.today import bring_up_to_date
from playground.slack import SlackServer, example_workspace
from playground.stonefax import ANSWERS, StoneFaxServer, exhibits

ID_HINT = "Here, the ids to try are those printed at the start."


async def run_demo(port: int, lines: TextIO, language: Language = SOURCE) -> None:
    """Serve the bot on `port`, 0 for any, and take lines until their end, drawing what comes back.

    Raises CannotListen where the port cannot be had.
    """
    with in_language(language), TemporaryDirectory() as folder:
        async with (
            StoneFaxServer(ANSWERS) as fax_server,
            SlackServer(workspace=example_workspace(locale=language)) as slack,
        ):
            bring_up_to_date(fax_server, TIME_ZONE)
            screen = Screen(slack, Console(highlight=False))
            settings = demo_settings(fax_server, slack, port, folder, FAXBOT_ID_HINT=ID_HINT, FAXBOT_LANGUAGE=language)
            await demo(settings, slack, screen, lines)


async def demo(settings: Settings, slack: SlackServer, screen: Screen, lines: TextIO) -> None:
    """Run the bot between the two servers, and take lines until their end."""
    async with running_bot(settings, TIMING) as bot_port:
        slack.bot_url = f"http://127.0.0.1:{bot_port}{SLACK_PATH}"
        drawing = asyncio.create_task(screen.keep_drawing())
        await Keyboard(slack, screen, exhibits()).take(lines)
    # A clean stop lets running look-ups finish: their answers came in the meantime.
    drawing.cancel()
    screen.draw_news()
