"""Which blocks Slack takes, where, and how large: the judge over every message, ack, unfurl and view.

Sources: docs.slack.dev/reference/block-kit/blocks and …/surfaces. Where the documentation is silent the stricter
reading holds: an `action_id` is unique in the whole message, and an unfurl takes only the blocks that the
documentation shows in one.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NoReturn

from .elements import ACCESSORIES, BUTTON, IMAGE, INPUTS, INTERACTIVE, URL, plain, text
from .rich_text import RICH_TEXT
from .rules import (
    BlockError,
    Errors,
    Rule,
    array,
    boolean,
    by_type,
    fields,
    integer,
    never_both,
    objects_in,
    one_of,
    settled,
    string,
)
from .wire import JsonObject, refuse


class Surface(StrEnum):
    """Where blocks are shown."""

    MESSAGE = "message"
    UNFURL = "unfurl"
    MODAL = "modal"
    HOME = "home"


MOST_BLOCKS = {Surface.MESSAGE: 50, Surface.UNFURL: 50, Surface.MODAL: 100, Surface.HOME: 100}

_EVERYWHERE = frozenset(Surface)
_NO_UNFURL = _EVERYWHERE - {Surface.UNFURL}
_MESSAGE_OR_HOME = frozenset({Surface.MESSAGE, Surface.HOME})


@dataclass(frozen=True, slots=True)
class Kind:
    """A type of block: its rule and the surfaces it may stand on."""

    rule: Rule
    surfaces: frozenset[Surface]


def _block(
    required: Mapping[str, Rule], optional: Mapping[str, Rule] | None = None, *, any_of: tuple[str, ...] = ()
) -> Rule:
    """Give the rule for a block: every block has a type and may have a block_id."""
    return fields({"type": settled, **required}, {"block_id": string(255), **(optional or {})}, any_of=any_of)


_SECTION = _block(
    {},
    {"text": text(), "fields": array(text(2000), most=10), "accessory": by_type(ACCESSORIES), "expand": boolean},
    any_of=("text", "fields"),
)
_TEXT_OR_IMAGE = by_type({"image": IMAGE, "plain_text": text(), "mrkdwn": text()})
_IMAGE_BLOCK = never_both(
    _block(
        {"alt_text": string(2000)},
        {"image_url": URL, "slack_file": fields({}, {"id": string(255), "url": URL}), "title": plain(2000)},
        any_of=("image_url", "slack_file"),
    ),
    "image_url",
    "slack_file",
)
_INPUT = _block(
    {"label": plain(2000), "element": by_type(INPUTS)},
    {"hint": plain(2000), "optional": boolean, "dispatch_action": boolean},
)

_NUMBER_CELL = fields({"type": settled, "value": integer(-(10**15), 10**15)}, {"text": string(100)})
_CELL = by_type(
    {
        "raw_text": fields({"type": settled, "text": string(10_000)}),
        "raw_number": _NUMBER_CELL,
        "rich_text": RICH_TEXT,
    }
)
_COLUMN = fields({}, {"align": one_of("left", "center", "right"), "is_wrapped": boolean})
_TABLE = _block(
    {"rows": array(array(_CELL, most=20), most=100)},
    {"column_settings": array(lambda v, at, errors: None if v is None else _COLUMN(v, at, errors), most=20)},
)
_DATA_TABLE = _block(
    {"caption": string(3000), "rows": array(array(_CELL, most=20), least=2, most=201)},
    {"page_size": integer(1, 100), "row_header_column_index": integer(0, 19)},
)

_ICON = by_type({"image": IMAGE})
_CARD = never_both(
    _block(
        {},
        {
            "hero_image": _ICON,
            "icon": _ICON,
            "slack_icon": by_type({"icon": fields({"type": settled, "name": string(255)})}),
            "title": text(150),
            "subtitle": text(150),
            "body": text(200),
            "subtext": text(200),
            "actions": array(by_type({"button": BUTTON}), most=3),
        },
        any_of=("hero_image", "title", "actions", "body"),
    ),
    "icon",
    "slack_icon",
)

_SIMPLE: dict[str, Kind] = {
    "header": Kind(_block({"text": plain(150)}), _EVERYWHERE),
    "section": Kind(_SECTION, _EVERYWHERE),
    "context": Kind(_block({"elements": array(_TEXT_OR_IMAGE, most=10)}), _EVERYWHERE),
    "actions": Kind(_block({"elements": array(by_type(INTERACTIVE), most=25)}), _EVERYWHERE),
    "divider": Kind(_block({}), _EVERYWHERE),
    "image": Kind(_IMAGE_BLOCK, _EVERYWHERE),
    "input": Kind(_INPUT, _NO_UNFURL),
    "rich_text": Kind(RICH_TEXT, _NO_UNFURL),
    "table": Kind(_TABLE, _MESSAGE_OR_HOME),
}

_CONTAINER = _block(
    {"child_blocks": array(by_type({name: kind.rule for name, kind in _SIMPLE.items()}), most=10)},
    {
        "title": plain(150),
        "rich_text_title": by_type({"rich_text": RICH_TEXT}),
        "subtitle": text(150),
        "icon": _ICON,
        "width": one_of("narrow", "standard", "wide", "full"),
        "is_collapsible": boolean,
        "default_collapsed": boolean,
        "has_header_divider": boolean,
    },
    any_of=("title", "rich_text_title"),
)
_ALERT = _block({"text": text(200)}, {"level": one_of("default", "info", "warning", "error", "success")})

BLOCKS: dict[str, Kind] = {
    **_SIMPLE,
    "data_table": Kind(_DATA_TABLE, _MESSAGE_OR_HOME),
    "card": Kind(_CARD, _NO_UNFURL),
    "carousel": Kind(_block({"elements": array(by_type({"card": _CARD}), most=10)}), _MESSAGE_OR_HOME),
    "container": Kind(_CONTAINER, _MESSAGE_OR_HOME),
    "alert": Kind(_ALERT, frozenset({Surface.MODAL})),
    "markdown": Kind(_block({"text": string(12_000)}), frozenset({Surface.MESSAGE})),
}

_ON: dict[Surface, Rule] = {
    surface: array(
        by_type({name: kind.rule for name, kind in BLOCKS.items() if surface in kind.surfaces}),
        least=0,
        most=MOST_BLOCKS[surface],
    )
    for surface in Surface
}

_MOST_CHARACTERS = {"table": 10_000, "data_table": 20_000, "markdown": 12_000}
"""Over all blocks of the type in one message."""


def errors_in(blocks: object, surface: Surface, at: str = "/blocks") -> list[BlockError]:
    """Give everything that Slack would refuse about these blocks on this surface; nothing, when it takes them."""
    errors: Errors = []
    _ON[surface](blocks, at, errors)
    if not errors and isinstance(blocks, list):
        errors.extend(_repeated(blocks, at))
        errors.extend(_too_much(blocks, at))
    return errors


def require(blocks: object, surface: Surface, at: str = "/blocks") -> list[JsonObject]:
    """Give the blocks back when Slack takes them, else refuse them as the Web API does."""
    if not isinstance(blocks, list) or not all(isinstance(block, dict) for block in blocks):
        refuse("invalid_blocks_format")
    if errors := errors_in(blocks, surface, at):
        refuse_for(errors, "invalid_blocks")
    return blocks


def refuse_for(errors: list[BlockError], error: str) -> NoReturn:
    """Refuse blocks or a view with all that is wrong with it, as the Web API words it."""
    said = [str(each) for each in errors]
    refuse(error, errors=said, response_metadata={"messages": [f"[ERROR] {each}" for each in said]})


def _repeated(blocks: list[JsonObject], at: str) -> Iterator[BlockError]:
    """Find ids that stand twice in one message: its block_ids and its action_ids."""
    seen: set[tuple[str, str]] = set()
    for pointer, found in objects_in(blocks, at):
        for name in ("block_id", "action_id"):
            if name in found:
                if (name, found[name]) in seen:
                    said = f"`{name}` {found[name]} already exists for another {name.removesuffix('_id')}"
                    yield BlockError(f"{pointer}/{name}", said, constraint=("unique", name))
                seen.add((name, found[name]))


def _too_much(blocks: list[JsonObject], at: str) -> Iterator[BlockError]:
    """Find types of block whose text is too long when all blocks of the type are taken together."""
    for kind, most in _MOST_CHARACTERS.items():
        written = sum(
            len(found["text"])
            for block in blocks
            if block["type"] == kind
            for _, found in objects_in(block, at)
            if isinstance(found.get("text"), str)
        )
        if written > most:
            yield BlockError(at, f"{kind} must be less than {most + 1} characters", constraint=("max_characters", most))
