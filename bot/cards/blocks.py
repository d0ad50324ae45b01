"""Block Kit's parts as plain typed dicts, each cut to Slack's limits, and the one escape for what comes from outside.

Outside text is shown in plain_text, where nothing is markup; where a sentence of ours needs it in mrkdwn, it passes
`escape`. Limits: docs.slack.dev/reference/block-kit.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal, NotRequired, TypedDict

from bot.languages import _

LONGEST_HEADER = 150
LONGEST_SECTION = 3000
LONGEST_FIELD = 2000
LONGEST_BUTTON = 75
LONGEST_FALLBACK = 3000
MOST_FIELDS = 10
MOST_CONTEXT_ELEMENTS = 10
EMPTY = "-"
"""Slack refuses an empty text."""


class TextObject(TypedDict):
    """A text object: plain_text shows what it holds, mrkdwn is Slack's own markup."""

    type: Literal["plain_text", "mrkdwn"]
    text: str
    emoji: NotRequired[bool]
    verbatim: NotRequired[bool]


class Confirm(TypedDict):
    """A question before a press counts."""

    title: TextObject
    text: TextObject
    confirm: TextObject
    deny: TextObject


class Button(TypedDict):
    """A button: `url` opens a page, `value` comes back to us."""

    type: Literal["button"]
    action_id: str
    text: TextObject
    value: NotRequired[str]
    url: NotRequired[str]
    accessibility_label: NotRequired[str]
    confirm: NotRequired[Confirm]


class Header(TypedDict):
    """A headline."""

    type: Literal["header"]
    text: TextObject


class Section(TypedDict):
    """A paragraph, or up to ten fields in two columns."""

    type: Literal["section"]
    text: NotRequired[TextObject]
    fields: NotRequired[list[TextObject]]
    accessory: NotRequired[Button]


class Context(TypedDict):
    """Small print."""

    type: Literal["context"]
    elements: list[TextObject]


class Actions(TypedDict):
    """A row of buttons."""

    type: Literal["actions"]
    elements: list[Button]


Block = Header | Section | Context | Actions


@dataclass(frozen=True, slots=True)
class Message:
    """One answer: its sentence, escaped for mrkdwn, and its blocks."""

    text: str
    blocks: tuple[Block, ...]

    def payload(self) -> dict[str, Any]:
        """Give the message's part of a request to Slack."""
        return {"text": cut(self.text, LONGEST_FALLBACK), "blocks": list(self.blocks)}

    def without_buttons(self) -> "Message":
        """Give the same for a place in which a press could not be answered."""
        return Message(self.text, tuple(without_button(block) for block in self.blocks if block["type"] != "actions"))


def without_button(block: Block) -> Block:
    """Leave a row's button out."""
    if block["type"] == "section" and "accessory" in block:
        block = block.copy()
        del block["accessory"]
    return block


MARKUP = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "*": "∗", "~": "∼", "`": "ˋ"})  # noqa: RUF001 - look-alikes
EDGE_UNDERSCORE = re.compile(r"(?<![^\W_])_|_(?![^\W_])")
UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
"""Control characters, to terminals too, and the marks that would turn what follows around."""


def escape(text: str) -> str:
    """Make outside text harmless inside mrkdwn: no mention, no link, and, by look-alikes, no bold, strike or code."""
    return EDGE_UNDERSCORE.sub("ˍ", one_line(text).translate(MARKUP))


def one_line(text: str) -> str:
    """Fold outside text to one line."""
    return " ".join(UNPRINTABLE.sub(" ", text).split())


def cut(text: str, longest: int) -> str:
    """Shorten a text with an ellipsis, never in the middle of an entity or of one of Slack's `<…>`."""
    if len(text) <= longest:
        return text
    short = text[: longest - 1]
    for opening, closing in (("&", ";"), ("<", ">")):
        start = short.rfind(opening)
        if start > short.rfind(closing) and closing in text[start:]:
            short = short[:start]
    return short + "…"


def plain(text: str, longest: int = LONGEST_FIELD, *, emoji: bool = False) -> TextObject:
    """Show a text exactly as it is."""
    shown = UNPRINTABLE.sub(" ", text).strip()
    return {"type": "plain_text", "text": cut(shown, longest) or EMPTY, "emoji": emoji}


def mrkdwn(text: str, longest: int = LONGEST_SECTION) -> TextObject:
    """Show our own markup; what it holds from outside has passed `escape`."""
    return {"type": "mrkdwn", "text": cut(text, longest) or EMPTY, "verbatim": True}


def header(text: str) -> Header:
    """Give a card's headline."""
    return {"type": "header", "text": plain(one_line(text), LONGEST_HEADER, emoji=True)}


def section(text: str) -> Section:
    """Give a paragraph of ours."""
    return {"type": "section", "text": mrkdwn(text)}


def section_of(text: TextObject) -> Section:
    """Give a paragraph that may hold outside text."""
    return {"type": "section", "text": text}


def rows(pairs: Iterable[tuple[str, TextObject]]) -> list[Section]:
    """Give labels and values in two columns; what has more rows than one section holds goes on in the next."""
    cells: list[TextObject] = []
    for label, value in pairs:
        cells += [mrkdwn(f"*{label}*"), value]
    parts = [cells[start : start + MOST_FIELDS] for start in range(0, len(cells), MOST_FIELDS)]
    return [{"type": "section", "fields": part} for part in parts]


def context(*elements: TextObject) -> Context:
    """Give small print."""
    return {"type": "context", "elements": list(elements[:MOST_CONTEXT_ELEMENTS])}


def actions(*buttons: Button) -> Actions:
    """Give a row of buttons."""
    return {"type": "actions", "elements": list(buttons)}


def confirm(title: str, text: str, yes: str) -> Confirm:
    """Give a question before a press counts."""
    return {"title": plain(title), "text": plain(text), "confirm": plain(yes), "deny": plain(_("Cancel"))}


def link_button(action_id: str, label: str, url: str) -> Button:
    """Give a button that opens a page."""
    return {"type": "button", "action_id": action_id, "text": plain(label, LONGEST_BUTTON), "url": url}
