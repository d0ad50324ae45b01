"""The buttons on our cards: what each is called, and its value, written and read.

A value holds all that a press needs, so that a button works after a restart: the form's version, the fax's id, and
on a card that others see who shared it, or in which thread it is. Anybody can forge one, so nothing in it is trusted:
a press is a new look-up under the policy, the sharer is a name to show, the thread one of the place's own.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.cards.blocks import LONGEST_BUTTON, Button, plain

OPEN_PAGE = "open_page"
SHARE = "share"
REFRESH = "refresh"
DETAILS = "details"
WATCH = "watch"
STOP = "unwatch"
ROW_DETAILS = re.compile(r"^details(_\d+)?$")
ROW_STOP = re.compile(r"^unwatch_\d+$")
LISTED_STOP = re.compile(r"^unwatch_listed_\d+$")
"""A message must not have an action_id twice, so the rows of a summary number theirs."""

VALUE = re.compile(
    r"1\|(?P<fax_id>[A-Za-z0-9][A-Za-z0-9._-]{0,199})"
    r"(?:\|(?P<sharer>[UW][A-Z0-9]{1,30})?)?"
    r"(?:\|(?P<thread_ts>[0-9]{1,12}\.[0-9]{1,8}))?"
)


@dataclass(frozen=True, slots=True)
class Pressed:
    """What a button's value says: which fax, who shared the card that it is on, and the thread that the card is in.

    The thread is said where Slack does not say it with the press: below a link.
    """

    fax_id: str
    sharer: str | None = None
    thread_ts: str | None = None


def written(pressed: Pressed) -> str:
    """Give the value of a button."""
    thread = f"|{pressed.thread_ts}" if pressed.thread_ts else ""
    sharer = f"|{pressed.sharer or ''}" if pressed.sharer or thread else ""
    return f"1|{pressed.fax_id}{sharer}{thread}"


def read(action: Mapping[str, Any]) -> Pressed | None:
    """Read the value of a pressed button, or give None for one that is not of ours, or of another version."""
    value = VALUE.fullmatch(str(action.get("value", "")))
    return Pressed(**value.groupdict()) if value and ".." not in value["fax_id"] else None


def button(action_id: str, label: str, pressed: Pressed, *, spoken: str | None = None) -> Button:
    """Give a button about one fax; `spoken` is what a screen reader says where the label alone does not tell."""
    made: Button = {
        "type": "button",
        "action_id": action_id,
        "text": plain(label, LONGEST_BUTTON),
        "value": written(pressed),
    }
    if spoken:
        made["accessibility_label"] = spoken[:LONGEST_BUTTON]
    return made
