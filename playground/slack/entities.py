"""Work Objects: what an entity must be, below a link and in a flexpane.

Lengths that Slack does not document are not checked. Sources: docs.slack.dev/messaging/work-objects-implementation
and …/reference/methods/entity.presentDetails.
"""

from collections.abc import Collection

from .elements import ACTION_ID, URL
from .rules import BlockError, Errors, Rule, array, boolean, by_type, fields, integer, one_of, settled, string
from .wire import JsonObject, refuse

ENTITY_TYPES = tuple(f"slack#/entities/{name}" for name in ("task", "file", "incident", "content_item", "item"))
OWN_WORDS = frozenset({"custom", "custom_partial_view", "edit_error"})
"""The errors of a flexpane that carry words of the app's own."""
WITH_BUTTONS = "custom_partial_view"
"""The one that may carry buttons."""
STATUSES = (*sorted(OWN_WORDS), "internal_error", "not_found", "restricted", "timeout")

_NO_LIMIT = 100_000
_TEXT = string(_NO_LIMIT)
_ICON = fields({"alt_text": _TEXT}, {"url": URL})
_FIELD = {"key": _TEXT, "label": _TEXT, "type": settled}
_LOOK: dict[str, Rule] = {
    "link": URL,
    "icon": _ICON,
    "long": boolean,
    "format": one_of("markdown"),
    "tag_color": one_of("red", "yellow", "green", "gray", "blue"),
}
_CUSTOM_FIELD = by_type(
    {
        "string": fields({**_FIELD, "value": _TEXT}, _LOOK),
        "integer": fields({**_FIELD, "value": integer(-(2**53), 2**53)}, _LOOK),
        "slack#/types/timestamp": fields({**_FIELD, "value": integer(0, 2**53)}),
    }
)
"""Of the types only those that a fax needs; any other is refused."""
ACTION = fields(
    {"text": _TEXT, "action_id": ACTION_ID},
    {
        "value": string(2000),
        "style": one_of("primary", "danger"),
        "url": URL,
        "accessibility_label": string(75),
        "processing_state": fields({"enabled": boolean}, {"interstitial_text": _TEXT}),
    },
)
_ATTRIBUTES = fields(
    {"title": fields({"text": _TEXT})},
    {
        "display_id": _TEXT,
        "display_type": _TEXT,
        "product_name": _TEXT,
        "product_icon": _ICON,
        "metadata_last_modified": integer(0, 2**53),
    },
)
_PAYLOAD = fields(
    {"attributes": _ATTRIBUTES},
    {
        "custom_fields": array(_CUSTOM_FIELD, most=100),
        "display_order": array(_TEXT, most=100),
        "actions": fields({}, {"primary_actions": array(ACTION, most=2), "overflow_actions": array(ACTION, most=5)}),
    },
)
_ENTITY: dict[str, Rule] = {
    "url": URL,
    "external_ref": fields({"id": _TEXT}, {"type": _TEXT}),
    "entity_type": one_of(*ENTITY_TYPES),
    "entity_payload": _PAYLOAD,
}
BELOW_A_LINK = fields({**_ENTITY, "app_unfurl_url": URL})
IN_A_PANE = fields(_ENTITY)
ERROR = fields(
    {"status": one_of(*STATUSES)},
    {
        "custom_title": _TEXT,
        "custom_message": _TEXT,
        "message_format": one_of("markdown"),
        "actions": array(ACTION, most=2),
    },
)


def errors_in_entity(value: object, rule: Rule) -> Errors:
    """Give what is wrong with an entity: its shape, and keys that stand twice or are ordered and not there."""
    errors: Errors = []
    rule(value, "", errors)
    if errors or not isinstance(value, dict):
        return errors
    payload = value["entity_payload"]
    keys = [field["key"] for field in payload.get("custom_fields", [])]
    action_ids = [action["action_id"] for row in payload.get("actions", {}).values() for action in row]
    array(one_of(*keys), most=len(keys), least=0)(payload.get("display_order", []), "/display_order", errors)
    for name, found in (("key", keys), ("action_id", action_ids)):
        if len(found) > len(set(found)):
            errors.append(BlockError("/entity_payload", f"{name} must be unique"))
    return errors


def entities_below(metadata: JsonObject | None, links: Collection[str]) -> dict[str, JsonObject]:
    """Give the entities of a chat.unfurl by the link that each stands below; refused where Slack would not take one."""
    if metadata is None:
        return {}
    entities = metadata.get("entities")
    if not isinstance(entities, list) or not entities or metadata.keys() != {"entities"}:
        refuse("invalid_metadata_format")
    for entity in entities:
        if errors := errors_in_entity(entity, BELOW_A_LINK):
            refuse("invalid_metadata_format", response_metadata={"messages": list(map(str, errors))})
        if entity["app_unfurl_url"] not in links:
            refuse("cannot_unfurl_url")
    return {entity["app_unfurl_url"]: entity for entity in entities}


def taken_over(below: JsonObject, in_pane: JsonObject) -> bool:
    """Say whether Slack puts what a pane shows below the link as well, for everybody: unless the pane's is no newer."""
    stands, comes = (
        entity["entity_payload"]["attributes"].get("metadata_last_modified") for entity in (below, in_pane)
    )
    return stands is None or comes is None or bool(comes > stands)


def require_error(error: JsonObject) -> JsonObject:
    """Give the error of a flexpane; refused where its status is none, or has no room for words, or for buttons."""
    errors: Errors = []
    ERROR(error, "", errors)
    words = error.keys() & {"custom_title", "custom_message", "message_format"}
    buttons = "actions" in error
    if errors or (words and error["status"] not in OWN_WORDS) or (buttons and error["status"] != WITH_BUTTONS):
        refuse("invalid_arguments", response_metadata={"messages": list(map(str, errors))})
    return error
