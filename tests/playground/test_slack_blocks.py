"""Block Kit's rules: for each limit, what is still taken and what is refused, and where."""

import json

import pytest

from playground.slack.blocks import Surface, errors_in
from playground.slack.views import errors_in_view
from playground.slack.wire import JsonObject

from .conftest import CARD, Api

M, U, MODAL, HOME = Surface.MESSAGE, Surface.UNFURL, Surface.MODAL, Surface.HOME
DIVIDER: JsonObject = {"type": "divider"}


def plain(length: int = 1, **more: object) -> JsonObject:
    """Write a plain_text object of this length."""
    return {"type": "plain_text", "text": "x" * length, **more}


def mrkdwn(length: int = 1, **more: object) -> JsonObject:
    """Write a mrkdwn object of this length."""
    return {"type": "mrkdwn", "text": "x" * length, **more}


def section(**more: object) -> JsonObject:
    """Write a section with text, unless it is given otherwise."""
    return {"type": "section", **(more or {"text": mrkdwn()})}


def button(action_id: str = "a", **more: object) -> JsonObject:
    """Write a button."""
    return {"type": "button", "text": plain(), "action_id": action_id, **more}


def actions(*elements: JsonObject, **more: object) -> JsonObject:
    """Write a row of buttons."""
    return {"type": "actions", "elements": list(elements), **more}


def context(*elements: JsonObject) -> JsonObject:
    """Write a context line."""
    return {"type": "context", "elements": list(elements)}


def card(**more: object) -> JsonObject:
    """Write a card."""
    return {"type": "card", **more}


def container(*children: JsonObject, **more: object) -> JsonObject:
    """Write a container."""
    return {"type": "container", "title": plain(), "child_blocks": list(children), **more}


def table(rows: int, columns: int = 1, characters: int = 1) -> JsonObject:
    """Write a table."""
    cell = {"type": "raw_text", "text": "x" * characters}
    return {"type": "table", "rows": [[cell] * columns] * rows}


def data_table(rows: int, **more: object) -> JsonObject:
    """Write a data table."""
    return {"type": "data_table", "caption": "x", "rows": [[{"type": "raw_text", "text": "x"}]] * rows, **more}


def rich_text(text: str = "x") -> JsonObject:
    """Write a rich_text block."""
    inner = {"type": "rich_text_section", "elements": [{"type": "text", "text": text}]}
    return {"type": "rich_text", "elements": [inner]}


IMAGE: JsonObject = {"type": "image", "image_url": "https://example.com/x.png", "alt_text": "x"}
CONFIRM: JsonObject = {"title": plain(100), "text": mrkdwn(300), "confirm": plain(30), "deny": plain(30)}
INPUT: JsonObject = {"type": "input", "label": plain(), "element": {"type": "plain_text_input", "action_id": "t"}}
OPTION: JsonObject = {"text": plain(75), "value": "x" * 150}

TAKEN: list[tuple[Surface, list[JsonObject]]] = [
    (M, []),
    (M, CARD),
    (M, [DIVIDER] * 50),
    (MODAL, [DIVIDER] * 100),
    (HOME, [DIVIDER] * 100),
    (M, [section(text=mrkdwn(3000, verbatim=True), block_id="b" * 255, expand=True)]),
    (M, [section(fields=[mrkdwn(2000)] * 10)]),
    (M, [section(text=plain(emoji=True), accessory=IMAGE)]),
    (U, [section(text=mrkdwn(), accessory=button())]),
    (M, [{"type": "header", "text": plain(150)}]),
    (M, [context(*[mrkdwn(3000)] * 9, IMAGE)]),
    (M, [actions(*(button(f"a{n}") for n in range(25)))]),
    (M, [actions(button("a" * 255, value="v" * 2000, style="primary", url="https://example.com/" + "u" * 2980))]),
    (M, [actions(button(text=plain(75), style="danger", confirm=CONFIRM, accessibility_label="x" * 75))]),
    (M, [actions({"type": "overflow", "action_id": "o", "options": [OPTION] * 5})]),
    (M, [actions({"type": "static_select", "action_id": "s", "placeholder": plain(150), "options": [OPTION] * 100})]),
    (M, [actions(button("a")), actions(button("b"))]),
    (M, [{"type": "image", "image_url": "https://example.com/x", "alt_text": "x" * 2000, "title": plain(2000)}]),
    (M, [rich_text()]),
    (HOME, [rich_text()]),
    (M, [table(100, 20)]),
    (M, [table(1, 1, 5000), table(1, 1, 5000)]),
    (M, [data_table(201, page_size=100)]),
    (M, [card(title=mrkdwn(150), subtitle=plain(150), body=mrkdwn(200), subtext=plain(200), actions=[button()])]),
    (M, [card(hero_image=IMAGE, slack_icon={"type": "icon", "name": "rocket"})]),
    (MODAL, [card(body=plain())]),
    (M, [{"type": "carousel", "elements": [card(title=plain())] * 10}]),
    (M, [container(*[DIVIDER] * 10, is_collapsible=True, default_collapsed=True)]),
    (MODAL, [{"type": "alert", "text": plain(200), "level": "error"}]),
    (M, [{"type": "markdown", "text": "x" * 12_000}]),
    (MODAL, [INPUT]),
]

REFUSED: list[tuple[Surface, list[object], str, str]] = [
    (M, [DIVIDER] * 51, "", "no more than 50 items allowed"),
    (U, [DIVIDER] * 51, "", "no more than 50 items allowed"),
    (MODAL, [DIVIDER] * 101, "", "no more than 100 items allowed"),
    (HOME, [DIVIDER] * 101, "", "no more than 100 items allowed"),
    (M, ["x"], "/0", "must provide an object"),
    (M, [{}], "/0", "missing required field: type"),
    (M, [{"type": "banner"}], "/0/type", "unsupported type: banner"),
    (M, [{"type": 1}], "/0/type", "unsupported type: 1"),
    (M, [{"type": "section"}], "/0", "missing required field: text or fields"),
    (M, [section(text=mrkdwn(3001))], "/0/text/text", "must be less than 3001 characters"),
    (M, [section(text=mrkdwn(0))], "/0/text/text", "must be more than 0 characters"),
    (M, [section(text={"type": "mrkdwn"})], "/0/text", "missing required field: text"),
    (M, [section(text="x")], "/0/text", "must provide an object"),
    (M, [section(text={"type": "mrkdwn", "text": 1})], "/0/text/text", "must provide a string"),
    (M, [section(text=None)], "/0/text", "must provide an object"),
    (M, [actions(button(confirm="sure?"))], "/0/elements/0/confirm", "must provide an object"),
    (M, [section(text=mrkdwn(emoji=True))], "/0/text", "invalid additional property: emoji"),
    (M, [section(text=plain(verbatim=True))], "/0/text", "invalid additional property: verbatim"),
    (M, [section(text=plain(emoji="yes"))], "/0/text/emoji", "must provide a boolean"),
    (M, [section(fields=[mrkdwn()] * 11)], "/0/fields", "no more than 10 items allowed"),
    (M, [section(fields=[mrkdwn(2001)])], "/0/fields/0/text", "must be less than 2001 characters"),
    (M, [section(fields=[])], "/0/fields", "no fewer than 1 items allowed"),
    (M, [section(text=mrkdwn(), color="red")], "/0", "invalid additional property: color"),
    (M, [section(text=mrkdwn(), block_id="b" * 256)], "/0/block_id", "must be less than 256 characters"),
    (M, [section(text=mrkdwn(), block_id="")], "/0/block_id", "must be more than 0 characters"),
    (M, [{"type": "header", "text": plain(151)}], "/0/text/text", "must be less than 151 characters"),
    (M, [{"type": "header", "text": mrkdwn()}], "/0/text/type", "unsupported type: mrkdwn"),
    (M, [context(*[mrkdwn()] * 11)], "/0/elements", "no more than 10 items allowed"),
    (M, [context()], "/0/elements", "no fewer than 1 items allowed"),
    (M, [context(button())], "/0/elements/0/type", "unsupported type: button"),
    (M, [context({**IMAGE, "alt_text": ""})], "/0/elements/0/alt_text", "must be more than 0 characters"),
    (M, [actions(*(button(f"a{n}") for n in range(26)))], "/0/elements", "no more than 25 items allowed"),
    (M, [actions()], "/0/elements", "no fewer than 1 items allowed"),
    (M, [actions(mrkdwn())], "/0/elements/0/type", "unsupported type: mrkdwn"),
    (M, [actions(button(text=plain(76)))], "/0/elements/0/text/text", "must be less than 76 characters"),
    (M, [actions(button(text=mrkdwn()))], "/0/elements/0/text/type", "unsupported type: mrkdwn"),
    (M, [actions(button(value="v" * 2001))], "/0/elements/0/value", "must be less than 2001 characters"),
    (M, [actions(button(value=7))], "/0/elements/0/value", "must provide a string"),
    (M, [actions(button("a" * 256))], "/0/elements/0/action_id", "must be less than 256 characters"),
    (M, [actions(button(style="default"))], "/0/elements/0/style", "must be a valid enum value"),
    (M, [actions(button(url="https://" + "u" * 2993))], "/0/elements/0/url", "must be less than 3001 characters"),
    (M, [actions(button(url="no url"))], "/0/elements/0/url", "must match "),
    (
        M,
        [actions(button(confirm={**CONFIRM, "deny": plain(31)}))],
        "/0/elements/0/confirm/deny/text",
        "must be less than 31",
    ),
    (M, [actions(button(accessibility_label="x" * 76))], "/0/elements/0/accessibility_label", "must be less than 76"),
    (M, [actions(button("a"), button("a"))], "/0/elements/1/action_id", "`action_id` a already exists"),
    (
        M,
        [actions(button("a")), section(text=plain(), accessory=button("a"))],
        "/1/accessory/action_id",
        "`action_id` a",
    ),
    (M, [section(text=plain(), block_id="b"), actions(button(), block_id="b")], "/1/block_id", "`block_id` b already"),
    (M, [actions({"type": "overflow", "options": [OPTION] * 6})], "/0/elements/0/options", "no more than 5 items"),
    (M, [actions({"type": "static_select"})], "/0/elements/0", "missing required field: options or option_groups"),
    (M, [actions({"type": "plain_text_input"})], "/0/elements/0/type", "unsupported type: plain_text_input"),
    (M, [{"type": "image", "image_url": "https://example.com/x"}], "/0", "missing required field: alt_text"),
    (M, [{"type": "image", "alt_text": "x"}], "/0", "missing required field: image_url or slack_file"),
    (U, [rich_text()], "/0/type", "unsupported type: rich_text"),
    (M, [rich_text("")], "/0/elements/0/elements/0/text", "must be more than 0 characters"),
    (M, [table(101)], "/0/rows", "no more than 100 items allowed"),
    (M, [table(1, 21)], "/0/rows/0", "no more than 20 items allowed"),
    (M, [table(1, 1, 5000), table(1, 1, 5001)], "", "table must be less than 10001 characters"),
    (MODAL, [table(1)], "/0/type", "unsupported type: table"),
    (M, [data_table(1)], "/0/rows", "no fewer than 2 items allowed"),
    (M, [data_table(2, page_size=101)], "/0/page_size", "must be at most 100"),
    (M, [data_table(2, page_size=True)], "/0/page_size", "must provide a number"),
    (M, [{"type": "data_table", "rows": data_table(2)["rows"]}], "/0", "missing required field: caption"),
    (M, [card(subtitle=plain())], "/0", "missing required field: hero_image or title or actions or body"),
    (M, [card(body=plain(201))], "/0/body/text", "must be less than 201 characters"),
    (M, [card(title="x")], "/0/title", "must provide an object"),
    (M, [card(actions=[button(f"a{n}") for n in range(4)])], "/0/actions", "no more than 3 items allowed"),
    (M, [card(actions=actions(button()))], "/0/actions", "must provide an array"),
    (M, [card(title=plain(), icon=IMAGE, slack_icon={"type": "icon", "name": "x"})], "/0", "only one of icon and"),
    (U, [card(title=plain())], "/0/type", "unsupported type: card"),
    (M, [{"type": "carousel", "elements": [card(title=plain())] * 11}], "/0/elements", "no more than 10 items"),
    (MODAL, [{"type": "carousel", "elements": [card(title=plain())]}], "/0/type", "unsupported type: carousel"),
    (M, [container(*[DIVIDER] * 11)], "/0/child_blocks", "no more than 10 items allowed"),
    (M, [container(card(title=plain()))], "/0/child_blocks/0/type", "unsupported type: card"),
    (M, [{"type": "container", "child_blocks": [DIVIDER]}], "/0", "missing required field: title or rich_text_title"),
    (M, [{"type": "alert", "text": plain()}], "/0/type", "unsupported type: alert"),
    (HOME, [{"type": "alert", "text": plain()}], "/0/type", "unsupported type: alert"),
    (MODAL, [{"type": "alert", "text": plain(201)}], "/0/text/text", "must be less than 201 characters"),
    (MODAL, [{"type": "alert", "text": plain(), "level": "fatal"}], "/0/level", "must be a valid enum value"),
    (M, [{"type": "markdown", "text": "x" * 12_001}], "/0/text", "must be less than 12001 characters"),
    (M, [{"type": "markdown", "text": "x" * 6001}] * 2, "", "markdown must be less than 12001 characters"),
    (HOME, [{"type": "markdown", "text": "x"}], "/0/type", "unsupported type: markdown"),
    (U, [INPUT], "/0/type", "unsupported type: input"),
    (MODAL, [{**INPUT, "element": button()}], "/0/element/type", "unsupported type: button"),
]


@pytest.mark.parametrize(("surface", "blocks"), TAKEN)
def test_what_slack_takes(surface: Surface, blocks: list[JsonObject]) -> None:
    """At each limit, blocks are still good."""
    assert errors_in(blocks, surface) == []


@pytest.mark.parametrize(("surface", "blocks", "pointer", "said"), REFUSED)
def test_what_slack_refuses(surface: Surface, blocks: list[object], pointer: str, said: str) -> None:
    """One over the limit, or one thing wrong, is one error at its place."""
    (error,) = errors_in(blocks, surface, at="")
    assert error.pointer == pointer
    assert error.message.startswith(said)


def test_all_mistakes_are_told_together() -> None:
    """Not only the first."""
    errors = errors_in([{"type": "header", "text": mrkdwn()}, {"type": "nonsense"}], M)
    assert [error.pointer for error in errors] == ["/blocks/0/text/type", "/blocks/1/type"]


async def test_blocks_validate_answers_as_documented(api: Api) -> None:
    """The example of the documentation: a header's text must be plain_text."""
    blocks = json.dumps([{"type": "header", "text": mrkdwn()}])
    answer = await api("blocks.validate", blocks=blocks)
    assert answer == {
        "ok": False,
        "error": "invalid_blocks",
        "errors": [
            {
                "pointer": "/0/text/type",
                "code": "failed_constraint",
                "message": "unsupported type: mrkdwn",
                "constraint": {"type": "enum", "expected": ["plain_text"]},
            }
        ],
    }


@pytest.mark.parametrize(
    ("arguments", "pointers"),
    [
        ({"blocks": json.dumps(CARD)}, None),
        ({"blocks": CARD}, None),
        ({"message": json.dumps({"text": "x", "blocks": CARD})}, None),
        ({"message": {"blocks": [{"type": "alert", "text": plain()}]}}, ["/blocks/0/type"]),
        ({"message": "[1]"}, [""]),
        ({"view": {"type": "modal", "title": plain(), "blocks": []}}, None),
        ({"view": {"type": "modal", "title": plain(25), "blocks": []}}, ["/title/text"]),
    ],
)
async def test_blocks_validate_takes_blocks_a_message_or_a_view(
    api: Api, arguments: JsonObject, pointers: list[str] | None
) -> None:
    """Each alone, as JSON or as a string of it."""
    answer = await api("blocks.validate", **arguments)
    assert (None if answer["ok"] else [error["pointer"] for error in answer["errors"]]) == pointers


@pytest.mark.parametrize("arguments", [{}, {"blocks": "[]", "view": "{}"}, {"blocks": "no json"}])
async def test_blocks_validate_takes_exactly_one(api: Api, arguments: JsonObject) -> None:
    """Neither none nor two."""
    assert (await api("blocks.validate", **arguments))["error"] == "invalid_arguments"


MODAL_VIEW: JsonObject = {"type": "modal", "title": plain(24), "blocks": [DIVIDER]}


@pytest.mark.parametrize(
    ("view", "error"),
    [
        (MODAL_VIEW, None),
        ({**MODAL_VIEW, "submit": plain(24), "close": plain(24), "callback_id": "c", "private_metadata": "m"}, None),
        ({**MODAL_VIEW, "blocks": [INPUT], "submit": plain()}, None),
        ({"type": "home", "blocks": [DIVIDER] * 100, "private_metadata": "m" * 3000}, None),
        ({**MODAL_VIEW, "title": plain(25)}, "/view/title/text"),
        ({**MODAL_VIEW, "title": mrkdwn()}, "/view/title/type"),
        ({**MODAL_VIEW, "submit": plain(25)}, "/view/submit/text"),
        ({**MODAL_VIEW, "private_metadata": "m" * 3001}, "/view/private_metadata"),
        ({**MODAL_VIEW, "callback_id": "c" * 256}, "/view/callback_id"),
        ({**MODAL_VIEW, "blocks": [INPUT]}, "/view"),
        ({**MODAL_VIEW, "blocks": [section(text=mrkdwn(3001))]}, "/view/blocks/0/text/text"),
        ({"type": "modal", "blocks": []}, "/view"),
        ({"type": "home", "blocks": [], "title": plain()}, "/view"),
        ({"type": "page", "blocks": []}, "/view/type"),
        ("view", "/view"),
    ],
)
def test_views(view: object, error: str | None) -> None:
    """Title and buttons of 24 characters; a modal with inputs needs its submit; a Home tab has no title."""
    assert [each.pointer for each in errors_in_view(view)] == ([error] if error else [])
