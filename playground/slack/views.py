"""Modals and Home tabs: what Slack takes as one, and what it keeps of it."""

from dataclasses import dataclass, field

from .blocks import Surface, errors_in, refuse_for
from .elements import plain
from .rules import BlockError, Errors, Rule, boolean, by_type, fields, settled, string
from .wire import JsonObject, dumps, refuse

LARGEST_VIEW = 250_000
"""Bytes of JSON; a larger view is `view_too_large`."""


_SHARED: dict[str, Rule] = {
    "callback_id": string(255, shortest=0),
    "private_metadata": string(3000, shortest=0),
    "external_id": string(255, shortest=0),
}
_VIEW = by_type(
    {
        "modal": fields(
            {"type": settled, "title": plain(24), "blocks": settled},
            {
                **_SHARED,
                "submit": plain(24),
                "close": plain(24),
                "clear_on_close": boolean,
                "notify_on_close": boolean,
                "submit_disabled": boolean,
            },
        ),
        "home": fields({"type": settled, "blocks": settled}, _SHARED),
    }
)


@dataclass(frozen=True, slots=True)
class View:
    """A view as a person has it before them; `as_sent` is what the bot sent."""

    id: str
    user: str
    as_sent: JsonObject
    hash: str
    errors: JsonObject = field(default_factory=dict)
    """What a submission was told: block_id → sentence."""

    @property
    def type(self) -> str:
        """`modal` or `home`."""
        return str(self.as_sent["type"])

    @property
    def blocks(self) -> list[JsonObject]:
        """The blocks as the bot sent them."""
        blocks: list[JsonObject] = self.as_sent["blocks"]
        return blocks


def errors_in_view(view: object, at: str = "/view") -> list[BlockError]:
    """Give everything that Slack would refuse about this view."""
    errors: Errors = []
    _VIEW(view, at, errors)
    if errors or not isinstance(view, dict):
        return errors
    errors = errors_in(view["blocks"], Surface(view["type"]), f"{at}/blocks")
    asks = any(block["type"] == "input" for block in view["blocks"]) if not errors else False
    if asks and view["type"] == "modal" and "submit" not in view:
        errors.append(BlockError(at, "missing required field: submit", "missing_required_field"))
    return errors


def require_view(view: object, *, kind: str) -> JsonObject:
    """Give the view back when Slack takes it as a view of this kind, else refuse it as the Web API does."""
    if errors := errors_in_view(view):
        refuse_for(errors, "invalid_arguments")
    assert isinstance(view, dict)
    if view["type"] != kind:
        refuse_for([BlockError("/view/type", f"must be {kind}", constraint=("enum", [kind]))], "invalid_arguments")
    if len(dumps(view)) > LARGEST_VIEW:
        refuse("view_too_large")
    return view
