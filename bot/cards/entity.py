"""A fax as a Work Object: the entity that others see below a link, and the flexpane that one person opens beside it.

It shows all that it is given: the look-up has already taken out what this reader may not see.
Shapes and limits: docs.slack.dev/messaging/work-objects-implementation.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NotRequired, TypeAlias, TypedDict
from urllib.parse import quote

from bot.cards import blocks, words
from bot.cards.advice import advice_for
from bot.cards.blocks import Message
from bot.cards.buttons import REFRESH, Pressed, written
from bot.cards.fax import (
    LONGEST_QUOTE,
    NAMED_RECIPIENTS,
    Desk,
    cause_in_words,
    headline,
    named,
    names,
    quoted,
    waiting,
    wording_of,
)
from bot.cards.problems import sentence_for
from bot.lookup import NotSeen, SeenFax
from bot.stonefax import Fax, Status
from bot.triage import Failure, in_words, seconds_on_line, seconds_waited
from bot.triage.outages import SINCE, Hint

ENTITY_TYPE = "slack#/entities/item"
REFERENCE_TYPE = "outbound_fax"
TIMESTAMP: Literal["slack#/types/timestamp"] = "slack#/types/timestamp"
PANE_REFRESH, PANE_WATCH = "pane_refresh", "pane_watch"
"""The actions of the flexpane; its presses come with a trigger and without a response_url."""
LONGEST_TITLE = 150
LONGEST_VALUE = 2000

TagColor = Literal["red", "yellow", "green", "gray", "blue"]
COLOURS: Mapping[Status, TagColor] = {
    Status.COMPLETED: "green",
    Status.FAILED: "red",
    Status.QUEUED: "yellow",
    Status.IN_PROGRESS: "blue",
    Status.CANCELED: "gray",
    Status.OTHER: "gray",
}
"""Beside the word and the emoji, never in their place."""


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
    """Why a flexpane stays empty: a status that Slack has words for, or words of ours."""

    status: Literal["custom", "internal_error", "not_found"]
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
    """What appears below a link: blocks, an entity, or both."""

    card: Message | None = None
    entity: Entity | None = None


NOT_OURS: Presented = {"error": {"status": "not_found"}}
BROKEN: Presented = {"error": {"status": "internal_error"}}


def entity_below(seen: SeenFax, link: str, fax_page: str | None, thread_ts: str | None = None) -> Entity:
    """Give the entity that stands below a link, as it was posted; `thread_ts` is the thread that the link is in."""
    refresh = Pressed(seen.fax.id, thread_ts=thread_ts)
    actions = [] if seen.fax.status.final else [action(REFRESH, "Refresh", refresh)]
    return {"app_unfurl_url": link, **entity_of(seen, link, fax_page, actions)}


def pane(seen: SeenFax, link: str, fax_page: str | None, note: str | None = None) -> Presented:
    """Give the flexpane; `note` is what has just come of a wish to be told, in place of the button for it."""
    pressed = Pressed(seen.fax.id)
    actions = [refresh_in_pane(pressed)]
    if not seen.fax.status.final and note is None:
        actions.append(action(PANE_WATCH, "Tell me when it is final", pressed, "Noting it…"))
    entity = entity_of(seen, link, fax_page, actions)
    if note and not seen.fax.status.final:
        line: Field = {**text("watch", "Watch", note, long=True), "format": "markdown"}
        entity["entity_payload"]["custom_fields"].append(line)
        entity["entity_payload"]["display_order"].append(line["key"])
    return {"metadata": entity}


def pane_without_fax(not_seen: NotSeen, admin: str) -> Presented:
    """Say in the flexpane why there is nothing to see, and whose turn it is; `admin` is whom to ask."""
    again = refresh_in_pane(Pressed(not_seen.fax_id)) if not not_seen.error.final else None
    return in_words_of_ours(
        "Nothing to show of this fax", f"{sentence_for(not_seen, admin)} (ref {not_seen.reference})", again
    )


def pane_refused(message: Message) -> Presented:
    """Say in the flexpane why this person gets nothing."""
    return in_words_of_ours("Not shown to you", message.text)


def pane_outdated(message: Message) -> Presented:
    """Say in the flexpane that one of its buttons is of another version of the bot."""
    return in_words_of_ours("An old button", message.text)


def pane_overloaded(message: Message) -> Presented:
    """Say in the flexpane that there is too much to do at this moment."""
    return in_words_of_ours("Too much at once", message.text)


def pane_follows(fax_id: str, reference: str) -> Presented:
    """Say in the flexpane that the answer is not there yet: Slack does not wait, so it must be asked for again."""
    sentence = f"The fax server is taking its time. Press Refresh in a moment. (ref {reference})"
    return in_words_of_ours("Not there yet", sentence, refresh_in_pane(Pressed(fax_id)))


def in_words_of_ours(title: str, sentence: str, offered: Action | None = None) -> Presented:
    """Give an error with a sentence of ours, which Slack's own statuses do not carry."""
    error: PaneError = {
        "status": "custom",
        "custom_title": title,
        "custom_message": blocks.cut(sentence, LONGEST_VALUE),
        "message_format": "markdown",
    }
    if offered:
        error["actions"] = [offered]
    return {"error": error}


def entity_of(seen: SeenFax, link: str, fax_page: str | None, actions: list[Action]) -> Entity:
    """Give a fax with these actions, at its own page where there is one, else at the link."""
    fields = list(fields_of(seen))
    payload: EntityPayload = {
        "attributes": {
            "title": {"text": blocks.cut(title_of(seen.fax), LONGEST_TITLE)},
            "display_type": "Fax",
            "display_id": seen.fax.id,
        },
        "custom_fields": fields,
        "display_order": [field["key"] for field in fields],
    }
    if actions:
        payload["actions"] = {"primary_actions": actions}
    return {
        "url": fax_page.replace("{id}", quote(seen.fax.id, safe="")) if fax_page else link,
        "external_ref": {"id": seen.fax.id, "type": REFERENCE_TYPE},
        "entity_type": ENTITY_TYPE,
        "entity_payload": payload,
    }


def title_of(fax: Fax) -> str:
    """Name a fax by whom it goes to."""
    to = blocks.one_line(names(fax))
    return f"Fax to {to}" if to else f"Fax {fax.id}"


def fields_of(seen: SeenFax) -> Iterator[Field]:
    """Give what is known, the verdict first; what the server left empty is left out."""
    fax, failure = seen.fax, seen.failure
    yield {**text("status", "Status", headline(fax, failure)), "tag_color": COLOURS[fax.status]}
    if failure:
        yield from verdict(seen, failure)
    else:
        yield from standing(seen)
    if seen.hint:
        yield text("hint", "Not this fax alone", in_plain_words(seen.hint), long=True)
    yield from facts(fax)
    yield moment("as_of", "As of", seen.as_of)
    if fax.named:
        yield text("named", "The server's own id", fax.named)


def verdict(seen: SeenFax, failure: Failure) -> Iterator[Field]:
    """Give what a failure means, whose it is, what to do now, and what the server itself says."""
    advice = advice_for(seen, failure)
    yield text("meaning", "What happened", failure.meaning, long=True)
    yield text("side", "Most likely", failure.side.words)
    yield text("send_again", "Send again", advice.send_again.words)
    yield text("do_now", "Do now", advice.next_step, long=True)
    if failure.server_words:
        own = ", ".join(quoted(word) for word in failure.server_words)
        yield text("server_words", "The server says", own, long=True)
    if failure.cause:
        yield text("cause", "Cause", cause_in_words(failure.cause, failure.server_words))
    if failure.notes:
        yield text("notes", "Noticed", " ".join(failure.notes), long=True)


def standing(seen: SeenFax) -> Iterator[Field]:
    """Give how a fax stands that did not fail."""
    fax, desk = seen.fax, Desk()
    if said := wording_of(fax).body or waiting(seen, desk):
        yield text("standing", "How it stands", said.format(admin=desk.admin), long=True)
    if fax.detailed_status and fax.status is not Status.COMPLETED:
        yield text("server_words", "The server says", quoted(fax.detailed_status), long=True)


def facts(fax: Fax) -> Iterator[Field]:
    """Give the facts of a fax."""
    if fax.recipients:
        label = "Recipient" if len(fax.recipients) == 1 else "Recipients"
        yield text("recipients", label, words.first_few([named(r) for r in fax.recipients], NAMED_RECIPIENTS, "; "))
    if fax.sender:
        yield text("sender", "Sender", fax.sender)
    if fax.subject:
        yield text("subject", "Subject", blocks.cut(blocks.one_line(fax.subject), LONGEST_QUOTE))
    if fax.pages or fax.size:
        pages = words.counted(fax.pages, "page") if fax.pages else None
        yield text("length", "Length", ", ".join(filter(None, [pages, words.size(fax.size) if fax.size else None])))
    for key, label, time in (
        ("submitted", "Submitted", fax.submitted),
        ("started", "Started", fax.started),
        ("ended", "Ended", fax.ended),
    ):
        if time:
            yield moment(key, label, time)
    if (waited := seconds_waited(fax)) is not None:
        yield text("waited", "Waited", in_words(waited))
    if (on_line := seconds_on_line(fax)) is not None:
        yield text("on_line", "On the line", in_words(on_line))
    if fax.server:
        yield text("server", "Fax server", fax.server)


def in_plain_words(hint: Hint) -> str:
    """Say that it is probably not this fax alone; a text of an entity has no time of its reader's own zone."""
    return "📡 " + hint.text.replace(SINCE, f"{hint.since:%H:%M %Z}")


def text(key: str, label: str, value: str, *, long: bool = False) -> Field:
    """Give a line of text, as it is; Slack refuses an empty one."""
    shown = blocks.cut(blocks.one_line(value), LONGEST_VALUE) or blocks.EMPTY
    field: Field = {"key": key, "label": label, "type": "string", "value": shown}
    if long:
        field["long"] = True
    return field


def moment(key: str, label: str, time: datetime) -> Field:
    """Give a time: in the reader's own zone if ours is known, else as the server's."""
    if time.tzinfo is None:
        return text(key, label, words.moment(time))
    return {"key": key, "label": label, "type": TIMESTAMP, "value": int(time.timestamp())}


def refresh_in_pane(pressed: Pressed) -> Action:
    """Give the button that draws the flexpane anew."""
    return action(PANE_REFRESH, "Refresh", pressed, "Looking it up…")


def action(action_id: str, label: str, pressed: Pressed, meanwhile: str | None = None) -> Action:
    """Give a button; `meanwhile` is said until the press is answered, where Slack is told of the answer."""
    made: Action = {"text": label, "action_id": action_id, "value": written(pressed)}
    if meanwhile:
        made["processing_state"] = {"enabled": True, "interstitial_text": meanwhile}
    return made
