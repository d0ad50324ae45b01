"""The whole bot at a prompt, with no Slack and no fax server: type `/fax` and an id, as in a channel.

Each line is sent as Slack would, signed, over real HTTP; what is drawn is what came back to the person who typed it.
"""

import asyncio
import threading
from collections.abc import AsyncIterator, Sequence
from typing import TextIO, cast

from rich.console import Console
from rich.markup import escape

from bot.app import Timing, running_bot
from bot.cards import Message as Card
from bot.cards.blocks import Block
from bot.server import SLACK_PATH
from bot.settings import BotSettings, ServeSettings, Settings, SlackSettings, StoneFaxSettings, read_settings
from bot.terminal import drawn
from playground.slack import Message, SlackServer, example_workspace
from playground.slack.example import ANN, SUPPORT
from playground.stonefax import ANSWERS, StoneFaxServer, exhibits

PROMPT = "ann in #support> "
SHOWN_AT_FIRST = 12
FOR_EVER = 1e9

console = Console(highlight=False)


async def run_demo(port: int, lines: TextIO) -> None:
    """Serve the bot on `port`, 0 for any, and take lines until their end, drawing what comes back.

    Raises OSError where the port cannot be had.
    """
    async with StoneFaxServer(ANSWERS) as fax_server, SlackServer(workspace=example_workspace()) as slack:
        screen = Screen(slack)
        async with running_bot(demo_settings(fax_server, slack, port), Timing(unready=0.0)) as bot_port:
            slack.bot_url = f"http://127.0.0.1:{bot_port}{SLACK_PATH}"
            introduce(interactive=lines.isatty())
            drawing = asyncio.create_task(screen.keep_drawing())
            async for line in read_lines(lines):
                if not lines.isatty():
                    console.print(f"[bold]{PROMPT}[/bold]{escape(line)}")
                await type_line(slack, line)
                screen.draw_news()
            drawing.cancel()
        # A clean stop lets running look-ups finish: their answers came in the meantime.
        screen.draw_news()


class Screen:
    """Draws what Ann sees, as it comes."""

    def __init__(self, slack: SlackServer) -> None:
        self.slack = slack
        self.drawn = 0

    def draw_news(self) -> None:
        """Draw what has come since the last time."""
        changes = self.slack.workspace.changes
        for change in changes[self.drawn :]:
            if change.kind != "deleted" and change.message.seen_only_by in {None, ANN}:
                console.print(drawn(as_card(change.message)) if change.message.blocks else change.message.text)
        self.drawn = len(changes)

    async def keep_drawing(self) -> None:
        """Draw late answers, until cancelled."""
        while True:
            await self.slack.until(lambda: len(self.slack.workspace.changes) > self.drawn, within=FOR_EVER)
            self.draw_news()


def as_card(message: Message) -> Card:
    """Give a message as it came over the wire back in the type that the terminal draws."""
    return Card(message.text, tuple(cast("Sequence[Block]", message.blocks)))


async def type_line(slack: SlackServer, line: str) -> None:
    """Type one line as Ann."""
    command, _, text = line.partition(" ")
    if line == "ids":
        introduce(interactive=False)
    elif command == "/fax":
        await slack.command(command, text.strip(), user=ANN, channel=SUPPORT)
    else:
        console.print("Here only /fax does something: [bold]/fax help[/bold] says what.")


def demo_settings(fax_server: StoneFaxServer, slack: SlackServer, port: int) -> Settings:
    """Give the settings of a bot between the two servers; nothing is read from the environment."""
    values = {
        "SLACK_BOT_TOKEN": slack.bot_token,
        "SLACK_SIGNING_SECRET": slack.signing_secret,
        "SLACK_API_URL": slack.api_url,
        "STONEFAX_URL": fax_server.url,
        "STONEFAX_USERNAME": "faxbot",
        "STONEFAX_PASSWORD": "playground",
        "STONEFAX_TIME_ZONE": "Europe/Rome",
        "STONEFAX_FAX_PAGE": "https://fax.example.com/faxes/{id}",
        "FAXBOT_ID_HINT": "Here, the ids to try are those printed at the start.",
        "PORT": str(port),
    }
    return read_settings(values, SlackSettings, StoneFaxSettings, BotSettings, ServeSettings)


def introduce(*, interactive: bool) -> None:
    """Say what can be tried."""
    known = exhibits()
    console.print("[bold]Faxbot, with a fax server and a Slack of its own.[/bold] You are Ann, in #support.\n")
    for exhibit in known[:SHOWN_AT_FIRST] if interactive else known:
        console.print(f"{exhibit.id:<48}[dim]{exhibit.shows}[/dim]", soft_wrap=True)
    if interactive:
        console.print(f"\nType /fax and an id, /fax help, or ids for all {len(known)}; Ctrl-D ends.\n")


async def read_lines(lines: TextIO) -> AsyncIterator[str]:
    """Give each line, read in a thread of its own so that late answers are drawn meanwhile."""
    loop, queue = asyncio.get_running_loop(), asyncio.Queue[str | None]()
    interactive = lines.isatty()

    def read() -> None:
        while True:
            try:
                line = input(PROMPT) + "\n" if interactive else lines.readline()
            except EOFError:
                line = ""
            loop.call_soon_threadsafe(queue.put_nowait, line.strip() if line else None)
            if not line:
                return
            answered.wait()
            answered.clear()

    answered = threading.Event()
    threading.Thread(target=read, daemon=True).start()
    while (line := await queue.get()) is not None:
        if line:
            yield line
        answered.set()
