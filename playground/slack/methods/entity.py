"""`entity.presentDetails`: drawing the flexpane that somebody has opened.

Source: docs.slack.dev/reference/methods/entity.presentDetails.
"""

from dataclasses import replace

from playground.slack.entities import IN_A_PANE, errors_in_entity, require_error, taken_over
from playground.slack.panes import Pane
from playground.slack.wire import JsonObject, refuse

from .asked import Asked


def present_details(asked: Asked) -> JsonObject:
    """Show an entity, or an error, in the pane of the person whose trigger this is.

    How long a trigger lives is not documented: here, as long as any other.
    """
    trigger_id = asked.required("trigger_id")
    pane = asked.parts.panes.behind(trigger_id)
    if pane is None:
        refuse("invalid_trigger_id")
    metadata, error = asked.object("metadata", "invalid_metadata"), asked.object("error", "invalid_arguments")
    if (metadata is None) == (error is None):
        refuse("invalid_arguments")
    if error is not None:
        require_error(error)
    if metadata is not None:
        if errors := errors_in_entity(metadata, IN_A_PANE):
            refuse("invalid_metadata", response_metadata={"messages": list(map(str, errors))})
        if metadata["external_ref"] != pane.entity["external_ref"]:
            refuse("entity_metadata_does_not_match_trigger")
    asked.parts.triggers.use(trigger_id)
    asked.parts.panes.draw(pane, metadata, error)
    if metadata is not None:
        _take_over(asked, pane, metadata)
    return {"ok": True}


def _take_over(asked: Asked, pane: Pane, metadata: JsonObject) -> None:
    """Renew the entity below the link with what the pane shows, where Slack does so (…/work-objects-implementation)."""
    message = asked.workspace.find(pane.channel, pane.message_ts)
    renewed = {
        link: {"app_unfurl_url": link, **metadata}
        for link, below in (message.entities if message else {}).items()
        if below["external_ref"] == metadata["external_ref"] and taken_over(below, metadata)
    }
    if message and renewed:
        asked.workspace.put(replace(message, entities={**message.entities, **renewed}), kind="unfurled")
