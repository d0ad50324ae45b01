"""A Message drawn in a terminal: the same card, for `lookup` and for the demo."""

import html
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from io import StringIO

from rich.console import Console, Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from bot.cards import Message, words
from bot.cards.blocks import Block, Button, TextObject

WIDTH = 88
LABEL_WIDTH = 10
WIDEST_LINE = 4000
"""Wider than any paragraph of a card, where nobody needs it to be folded."""
MARKUP = re.compile(r"\*(?P<bold>[^*\n]+)\*|`(?P<code>[^`\n]+)`|<!date\^(?P<date>\d+)\^(?P<shape>[^|^>]*)\|[^>]*>")
TIME_ALONE = "{time}"
"""The shape of a date of Slack's that is a time of today."""


def drawn(message: Message) -> RenderableType:
    """Draw a message as a panel."""
    return Panel(Group(*(part for block in message.blocks for part in drawn_block(block))), width=WIDTH)


def as_text(message: Message) -> str:
    """Give a message as lines of text alone: no frame, no colours, and nothing that could be pressed."""
    page = Console(file=StringIO(), width=WIDEST_LINE, force_terminal=False, color_system=None)
    with page.capture() as captured:
        for block in message.without_buttons().blocks:
            page.print(*drawn_block(block), sep="\n")
    return "\n".join(line.rstrip() for line in captured.get().splitlines())


def drawn_block(block: Block) -> Iterator[RenderableType]:
    """Draw one block."""
    match block["type"]:
        case "header":
            yield Text(block["text"]["text"], style="bold")
        case "section":
            if "text" in block:
                beside = [drawn_button(block["accessory"])] if "accessory" in block else []
                yield Text("  ").join([drawn_text(block["text"]), *beside])
            if "fields" in block:
                yield drawn_rows(block["fields"])
        case "context":
            yield Text(" · ", style="dim").join(drawn_text(element, "dim") for element in block["elements"])
        case "actions":
            yield Text("  ").join(drawn_button(button) for button in block["elements"])


def drawn_rows(fields: Sequence[TextObject]) -> Table:
    """Draw labels and values side by side."""
    table = Table.grid(padding=(0, 2))
    table.add_column(min_width=LABEL_WIDTH)
    table.add_column()
    for label, value in zip(fields[::2], fields[1::2], strict=True):
        table.add_row(drawn_text(label), drawn_text(value))
    return table


def drawn_text(text: TextObject, style: str = "") -> Text:
    """Draw a text object: plain as it is, mrkdwn with its bold, code and dates."""
    if text["type"] == "plain_text":
        return Text(text["text"], style=style)
    drawn_so_far, end = Text(style=style), 0
    for mark in MARKUP.finditer(text["text"]):
        drawn_so_far.append(html.unescape(text["text"][end : mark.start()]))
        drawn_so_far.append(*drawn_mark(mark))
        end = mark.end()
    return drawn_so_far.append(html.unescape(text["text"][end:]))


def drawn_mark(mark: re.Match[str]) -> tuple[str, str]:
    """Give one mark's text and style; a time is shown in this machine's zone, by its name."""
    if mark["bold"]:
        return html.unescape(mark["bold"]), "bold"
    if mark["code"]:
        return html.unescape(mark["code"]), "cyan"
    local = datetime.fromtimestamp(int(mark["date"]), UTC).astimezone()
    return local.strftime("%H:%M %Z" if mark["shape"] == TIME_ALONE else f"{words.day_and_time()} %Z"), ""


def drawn_button(button: Button) -> Text:
    """Draw a button, with its address if it opens a page."""
    label = f"[{button['text']['text']}]"
    return Text(f"{label} {button['url']}" if "url" in button else label, style="blue")
