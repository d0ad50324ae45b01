"""The modal of the shortcuts: it asks for ids, and shows the answer, to whoever opened it alone.

A modal's blocks are those of a message, but for the buttons: a press in a view brings no response_url.
"""

from typing import Any

from bot.cards.blocks import Block, Message, plain, section
from bot.languages import _, pgettext
from bot.references import EXAMPLE_ID

View = dict[str, Any]

CALLBACK = "look_up_fax"
INPUT_BLOCK = "ids"
INPUT = "ids"
LONGEST_INPUT = 3000
LONGEST_TITLE = 24


def asking(channel_id: str | None, *, found_none: bool = False, id_hint: str | None = None) -> View:
    """Ask for ids; `channel_id` is where the shortcut was taken, if anywhere, for the policy to judge by."""
    intro: list[Block] = [section(_("I find no fax id in that message."))] if found_none else []
    field = {
        "type": "input",
        "block_id": INPUT_BLOCK,
        "label": plain(_("Fax ids, or links to faxes")),
        "hint": plain(id_hint or _("One looks like {example}.").format(example=EXAMPLE_ID)),
        "element": {
            "type": "plain_text_input",
            "action_id": INPUT,
            "multiline": True,
            "max_length": LONGEST_INPUT,
            "focus_on_load": True,
        },
    }
    return {**frame([*intro, field], channel_id), "submit": plain(pgettext("button", "Look up"))}


def showing(message: Message) -> View:
    """Show an answer."""
    return frame(list(message.without_buttons().blocks))


def frame(blocks: list[Any], channel_id: str | None = None) -> View:
    """Give the modal around these blocks."""
    return {
        "type": "modal",
        "callback_id": CALLBACK,
        "title": plain(_("Look up a fax"), LONGEST_TITLE),
        "close": plain(pgettext("button", "Close")),
        "private_metadata": channel_id or "",
        "blocks": blocks,
    }
