"""`entity.presentDetails`: drawing the flexpane that somebody has opened.

Source: docs.slack.dev/reference/methods/entity.presentDetails.
"""

from playground.slack.entities import IN_A_PANE, errors_in_entity, require_error
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
    return {"ok": True}
