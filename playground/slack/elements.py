"""What stands inside blocks: text objects, options, confirm dialogs, buttons and the other elements.

Elements that no bot may know (workflow buttons, feedback buttons, file inputs) are not listed, and so refused.
Sources: docs.slack.dev/reference/block-kit/composition-objects and …/block-elements.
"""

from .rules import Rule, array, boolean, by_type, fields, integer, never_both, one_of, settled, string

LONGEST_TEXT = 3000
URL = string(3000, like=r"[A-Za-z][A-Za-z0-9+.\-]*:\S+")
ACTION_ID = string(255)

_DATE = string(10, like=r"\d{4}-\d{2}-\d{2}")
_TIME = string(5, like=r"\d{2}:\d{2}")
_ACCESSIBILITY_LABEL = string(75)


def plain(longest: int = LONGEST_TEXT) -> Rule:
    """Give the rule for a plain_text object."""
    return by_type({"plain_text": fields({"type": settled, "text": string(longest)}, {"emoji": boolean})})


def text(longest: int = LONGEST_TEXT) -> Rule:
    """Give the rule for a text object of either kind; `verbatim` belongs to mrkdwn, `emoji` to plain_text."""
    return by_type(
        {
            "plain_text": fields({"type": settled, "text": string(longest)}, {"emoji": boolean}),
            "mrkdwn": fields({"type": settled, "text": string(longest)}, {"verbatim": boolean}),
        }
    )


CONFIRM = fields(
    {"title": plain(100), "text": text(300), "confirm": plain(30), "deny": plain(30)},
    {"style": one_of("primary", "danger")},
)

OPTION = fields({"text": text(75), "value": string(150)}, {"description": text(75), "url": URL})
_OPTIONS = array(OPTION, most=100)
_GROUPS = array(fields({"label": plain(75), "options": _OPTIONS}), most=100)
_SLACK_FILE = fields({}, {"id": string(255), "url": URL}, any_of=("id", "url"))

IMAGE = never_both(
    fields(
        {"type": settled, "alt_text": string(2000)},
        {"image_url": URL, "slack_file": _SLACK_FILE},
        any_of=("image_url", "slack_file"),
    ),
    "image_url",
    "slack_file",
)

BUTTON = fields(
    {"type": settled, "text": plain(75)},
    {
        "action_id": ACTION_ID,
        "url": URL,
        "value": string(2000),
        "style": one_of("primary", "danger"),
        "confirm": CONFIRM,
        "accessibility_label": _ACCESSIBILITY_LABEL,
    },
)


def _element(**own: Rule) -> Rule:
    """Give the rule for an element that has an action_id, a confirm dialog, a focus, and fields of its own."""
    return fields({"type": settled}, {"action_id": ACTION_ID, "confirm": CONFIRM, "focus_on_load": boolean, **own})


def _choice(**own: Rule) -> Rule:
    """Give the rule for a menu of options, or of groups of options."""
    return never_both(
        fields(
            {"type": settled},
            {
                "action_id": ACTION_ID,
                "confirm": CONFIRM,
                "focus_on_load": boolean,
                "placeholder": plain(150),
                "options": _OPTIONS,
                "option_groups": _GROUPS,
                **own,
            },
            any_of=("options", "option_groups"),
        ),
        "options",
        "option_groups",
    )


def _listed(most: int, **own: Rule) -> Rule:
    """Give the rule for an element that shows all its options at once."""
    return fields(
        {"type": settled, "options": array(OPTION, most=most)},
        {"action_id": ACTION_ID, "confirm": CONFIRM, "focus_on_load": boolean, **own},
    )


def _typed(**own: Rule) -> Rule:
    """Give the rule for an input into which a person types."""
    when = fields({"trigger_actions_on": array(one_of("on_enter_pressed", "on_character_entered"), most=2)})
    return fields(
        {"type": settled},
        {
            "action_id": ACTION_ID,
            "placeholder": plain(150),
            "focus_on_load": boolean,
            "dispatch_action_config": when,
            **own,
        },
    )


MENUS: dict[str, Rule] = {
    "checkboxes": _listed(10, initial_options=array(OPTION, most=10)),
    "radio_buttons": _listed(10, initial_option=OPTION),
    "static_select": _choice(initial_option=OPTION),
    "multi_static_select": _choice(initial_options=_OPTIONS, max_selected_items=integer(1, 100)),
    "users_select": _element(placeholder=plain(150), initial_user=string(20)),
    "channels_select": _element(placeholder=plain(150), initial_channel=string(20), response_url_enabled=boolean),
    "conversations_select": _element(
        placeholder=plain(150),
        initial_conversation=string(20),
        default_to_current_conversation=boolean,
        response_url_enabled=boolean,
    ),
    "datepicker": _element(placeholder=plain(150), initial_date=_DATE),
    "timepicker": _element(placeholder=plain(150), initial_time=_TIME, timezone=string(100)),
    "datetimepicker": _element(initial_date_time=integer(1_000_000_000, 9_999_999_999)),
}

INTERACTIVE: dict[str, Rule] = {"button": BUTTON, "overflow": _listed(5), **MENUS}
"""What may stand in an `actions` block, and beside the text of a section."""

ACCESSORIES: dict[str, Rule] = {"image": IMAGE, **INTERACTIVE}

INPUTS: dict[str, Rule] = {
    **MENUS,
    "plain_text_input": _typed(
        initial_value=string(3000, shortest=0),
        multiline=boolean,
        min_length=integer(0, 3000),
        max_length=integer(1, 3000),
    ),
    "email_text_input": _typed(initial_value=string(3000)),
    "url_text_input": _typed(initial_value=URL),
    "number_input": _typed(
        initial_value=string(100), is_decimal_allowed=boolean, min_value=string(100), max_value=string(100)
    ),
}
