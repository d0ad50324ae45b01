"""What Slack calls a Work Object, as typed dicts: an entity, its fields and buttons, and what a flexpane shows.

Shapes and limits: docs.slack.dev/messaging/work-objects-implementation.
"""

from dataclasses import dataclass, replace
from typing import Literal, NotRequired, TypeAlias, TypedDict

from bot.cards.blocks import Message

ENTITY_TYPE = "slack#/entities/item"
REFERENCE_TYPE = "outbound_fax"
TIMESTAMP: Literal["slack#/types/timestamp"] = "slack#/types/timestamp"
LAST_MODIFIED = 1_700_000_000
"""The same in every entity, whatever changes: Slack puts what one person's flexpane shows below the link too, for
everybody, unless `metadata_last_modified` is there and no greater (…/work-objects-implementation, Automatic refresh).
"""

TagColor = Literal["red", "yellow", "green", "gray", "blue"]


class Field(TypedDict):
    """One line of an entity: a text, or a time that each reader sees in their own zone."""

    key: str
    label: str
    type: Literal["string", "slack#/types/timestamp"]
    value: str | int
    tag_color: NotRequired[TagColor]
    long: NotRequired[bool]
    format: NotRequired[Literal["markdown"]]


class ProcessingState(TypedDict):
    """What stands in the place of an action's button until the press is answered."""

    enabled: bool
    interstitial_text: str


class Action(TypedDict):
    """A button of an entity."""

    text: str
    action_id: str
    value: str
    processing_state: NotRequired[ProcessingState]


class Actions(TypedDict):
    """The buttons of an entity: two are always seen."""

    primary_actions: list[Action]


class Title(TypedDict):
    """An entity's headline."""

    text: str


class Attributes(TypedDict):
    """What every kind of entity has."""

    title: Title
    display_type: str
    display_id: str
    metadata_last_modified: int


class EntityPayload(TypedDict):
    """What is to be read in an entity."""

    attributes: Attributes
    custom_fields: list[Field]
    display_order: list[str]
    actions: NotRequired[Actions]


class ExternalRef(TypedDict):
    """Our name for an entity, by which Slack keeps what is said of it together: it never changes."""

    id: str
    type: str


class Entity(TypedDict):
    """A fax as a Work Object; `app_unfurl_url` is the link as it was posted, and stands below links alone."""

    app_unfurl_url: NotRequired[str]
    url: str
    external_ref: ExternalRef
    entity_type: str
    entity_payload: EntityPayload


class PaneError(TypedDict):
    """Why a flexpane stays empty: a status that Slack has words for, or words of ours, the last with buttons."""

    status: Literal["internal_error", "not_found", "custom", "custom_partial_view"]
    custom_title: NotRequired[str]
    custom_message: NotRequired[str]
    message_format: NotRequired[Literal["markdown"]]
    actions: NotRequired[list[Action]]


class Presented(TypedDict):
    """What a flexpane shows: an entity, or an error in its place."""

    metadata: NotRequired[Entity]
    error: NotRequired[PaneError]


UnfurlStyle: TypeAlias = Literal["blocks", "entities", "both"]


@dataclass(frozen=True, slots=True)
class Preview:
    """What appears below a link: a card, or an entity, with the card beside it or in its place if Slack refuses it."""

    card: Message
    entity: Entity | None = None
    card_beside: bool = False

    @property
    def card_shown(self) -> bool:
        """Whether the card appears where Slack takes everything."""
        return self.card_beside or self.entity is None

    def card_alone(self) -> "Preview":
        """Give what is left to show where Slack does not take the entity."""
        return replace(self, entity=None)
