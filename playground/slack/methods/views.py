"""`views.*` and `blocks.validate`: modals, Home tabs, and asking whether blocks would be taken."""

from dataclasses import replace

from playground.slack.blocks import Surface, errors_in
from playground.slack.rules import BlockError
from playground.slack.views import View, errors_in_view, require_view
from playground.slack.wire import JsonObject, refuse

from .asked import Asked


def open_(asked: Asked) -> JsonObject:
    """Open a modal before the person whose press the trigger_id came with."""
    trigger_id = asked.required("trigger_id")
    as_sent = require_view(asked.structure("view", "invalid_arguments"), kind="modal")
    view = asked.workspace.new_view(asked.parts.triggers.use(trigger_id), as_sent)
    asked.workspace.modals[view.user] = [view]
    return _answer(asked, view)


def update(asked: Asked) -> JsonObject:
    """Put another view in the place of an open one, found by `view_id` or `external_id`."""
    as_sent = require_view(asked.structure("view", "invalid_arguments"), kind="modal")
    before = _open_view(asked)
    if asked.text("hash") not in {"", before.hash}:
        refuse("hash_conflict")
    after = replace(before, as_sent=as_sent, hash=f"{asked.workspace.new_ts()}.hash", errors={})
    asked.workspace.put_modal(after)
    return _answer(asked, after)


def publish(asked: Asked) -> JsonObject:
    """Show somebody's Home tab anew."""
    person = asked.person("user_id")
    as_sent = require_view(asked.structure("view", "invalid_arguments"), kind="home")
    before = asked.workspace.homes.get(person.id)
    if before and asked.text("hash") not in {"", before.hash}:
        refuse("hash_conflict")
    view = asked.workspace.new_view(person.id, as_sent)
    if before:
        view = replace(view, id=before.id)
    asked.workspace.homes[person.id] = view
    return _answer(asked, view)


def validate(asked: Asked) -> JsonObject:
    """Say whether Slack would take these blocks, this message or this view, and if not, what is wrong where."""
    given = [name for name in ("blocks", "message", "view") if asked.text(name)]
    if len(given) != 1:
        refuse("invalid_arguments")
    value = asked.structure(given[0], "invalid_arguments")
    if errors := _errors(given[0], value):
        refuse("invalid_blocks", errors=[error.as_json() for error in errors])
    return {"ok": True}


def _errors(name: str, value: object) -> list[BlockError]:
    if name == "view":
        return errors_in_view(value, at="")
    if name == "blocks":
        return errors_in(value or [], Surface.MESSAGE, at="")
    if not isinstance(value, dict):
        return [BlockError("", "must provide an object", "invalid_type")]
    return errors_in(value.get("blocks", []), Surface.MESSAGE)


def _open_view(asked: Asked) -> View:
    external_id = asked.text("external_id")
    if external_id and not asked.text("view_id"):
        stacks = asked.workspace.modals.values()
        found = [view for stack in stacks for view in stack if view.as_sent.get("external_id") == external_id]
        view = found[-1] if found else None
    else:
        view = asked.workspace.find_view(asked.required("view_id"))
    if view is None or view.type != "modal":
        refuse("not_found")
    return view


def _answer(asked: Asked, view: View) -> JsonObject:
    return {"ok": True, "view": asked.parts.payloads.view(view)}
