"""A fax as a Work Object: the entity that others see below a link, and the flexpane that one person opens beside it.

It shows all that it is given: the look-up has already taken out what this reader may not see.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from bot.cards import blocks, words
from bot.cards.advice import advice_for, seconds_since
from bot.cards.blocks import Message
from bot.cards.buttons import REFRESH, Pressed, written
from bot.cards.fax import (
    LONGEST_QUOTE,
    NAMED_RECIPIENTS,
    Desk,
    headline,
    name_of,
    named,
    names,
    waiting,
    wording_of,
)
from bot.cards.problems import sentence_for
from bot.cards.work_object import (
    ENTITY_TYPE,
    LAST_MODIFIED,
    REFERENCE_TYPE,
    TIMESTAMP,
    Action,
    Entity,
    EntityPayload,
    Field,
    PaneError,
    Presented,
    TagColor,
)
from bot.languages import _, ngettext, pgettext
from bot.lookup import NotAllowed, NotSeen, Refused, SeenFax, TooOften
from bot.policy import Refusal
from bot.stonefax import Fax, Status
from bot.triage import Failure, in_words, seconds_on_line, seconds_waited
from bot.triage.hint import SINCE, Hint

PANE_REFRESH, PANE_WATCH = "pane_refresh", "pane_watch"
"""The actions of the flexpane; its presses come with a trigger and without a response_url."""
LONGEST_TITLE = 150
LONGEST_VALUE = 2000

COLOURS: Mapping[Status, TagColor] = {
    Status.COMPLETED: "green",
    Status.FAILED: "red",
    Status.QUEUED: "yellow",
    Status.IN_PROGRESS: "blue",
    Status.CANCELED: "gray",
    Status.OTHER: "gray",
}
"""Beside the word and the emoji, never in their place."""
PASSING = frozenset({Refusal.STANDING_UNKNOWN})
"""Refusals that may be over a moment later."""

NOT_OURS: Presented = {"error": {"status": "not_found"}}
BROKEN: Presented = {"error": {"status": "internal_error"}}


def entity_below(seen: SeenFax, link: str, fax_page: str | None, thread_ts: str | None = None) -> Entity:
    """Give the entity that stands below a link, as it was posted; `thread_ts` is the thread that the link is in."""
    refresh = Pressed(seen.fax.id, thread_ts=thread_ts)
    actions = [] if seen.fax.status.final else [action(REFRESH, _("Refresh"), refresh)]
    return {"app_unfurl_url": link, **entity_of(seen, link, fax_page, actions)}


@dataclass(frozen=True, slots=True)
class Note:
    """What has just come of a wish to be told, and whether a watch runs now."""

    text: str
    watched: bool


def pane(seen: SeenFax, link: str, fax_page: str | None, note: Note | None = None) -> Presented:
    """Give the flexpane; a `note` that a watch runs stands in the place of the button for it."""
    pressed = Pressed(seen.fax.id)
    actions = [refresh_in_pane(pressed)]
    if not seen.fax.status.final and not (note and note.watched):
        actions.append(action(PANE_WATCH, _("Tell me when it is final"), pressed, _("Noting it…")))
    entity = entity_of(seen, link, fax_page, actions)
    if note and not seen.fax.status.final:
        line: Field = {**text("watch", _("Watch"), note.text, long=True), "format": "markdown"}
        entity["entity_payload"]["custom_fields"].append(line)
        entity["entity_payload"]["display_order"].append(line["key"])
    return {"metadata": entity}


def pane_without_fax(not_seen: NotSeen, admin: str, note: Note | None = None) -> Presented:
    """Say in the flexpane why there is nothing to see, and whose turn it is; `admin` is whom to ask."""
    again = refresh_in_pane(Pressed(not_seen.fax_id)) if not not_seen.error.final else None
    sentence = words.with_reference(sentence_for(not_seen, admin), not_seen.reference)
    if note:
        sentence = f"{sentence}\n\n{note.text}"
    return in_words_of_ours(_("Nothing to show of this fax"), sentence, again)


def pane_refused(refused: Refused, message: Message, fax_id: str) -> Presented:
    """Say in the flexpane why this person gets nothing, and offer to look again where that passes."""
    if isinstance(refused, TooOften) or (isinstance(refused, NotAllowed) and refused.refusal in PASSING):
        return pane_not_now(message, fax_id)
    return in_words_of_ours(_("Not shown to you"), message.text)


def pane_not_now(message: Message, fax_id: str | None) -> Presented:
    """Say in the flexpane that this passes; without a fax there is nothing to look up again."""
    return in_words_of_ours(_("Not now"), message.text, refresh_in_pane(Pressed(fax_id)) if fax_id else None)


def pane_outdated(message: Message) -> Presented:
    """Say in the flexpane that one of its buttons is of another version of the bot."""
    return in_words_of_ours(_("An old button"), message.text)


def pane_follows(fax_id: str, reference: str) -> Presented:
    """Say in the flexpane that the answer is not there yet: Slack does not wait, so it must be asked for again."""
    sentence = words.with_reference(_("The fax server is taking its time. Press Refresh in a moment."), reference)
    return in_words_of_ours(_("Not there yet"), sentence, refresh_in_pane(Pressed(fax_id)))


def in_words_of_ours(title: str, sentence: str, offered: Action | None = None) -> Presented:
    """Give an error with a sentence of ours, which Slack's own statuses do not carry."""
    error: PaneError = {
        # The one that is documented to have buttons.
        "status": "custom_partial_view" if offered else "custom",
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
            "display_type": _("Fax"),
            "display_id": seen.fax.id,
            "metadata_last_modified": LAST_MODIFIED,
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
    return _("Fax to {names}").format(names=to) if to else _("Fax {id}").format(id=fax.id)


def fields_of(seen: SeenFax) -> Iterator[Field]:
    """Give what is known, the verdict first; what the server left empty is left out."""
    fax, failure = seen.fax, seen.failure
    yield {**text("status", _("Status"), headline(fax, failure)), "tag_color": COLOURS[fax.status]}
    if failure:
        yield from verdict(seen, failure)
    else:
        yield from standing(seen)
    if seen.hint:
        yield text("hint", _("Not this fax alone"), in_plain_words(seen.hint), long=True)
    yield from facts(fax)
    yield moment("as_of", _("As of"), seen.as_of)
    if fax.named:
        yield text("named", _("The server's own id"), fax.named)


def verdict(seen: SeenFax, failure: Failure) -> Iterator[Field]:
    """Give what a failure means, whose it is, what to do now, and what the server itself says."""
    advice = advice_for(seen, failure)
    yield text("meaning", _("What happened"), failure.meaning, long=True)
    yield text("side", _("Most likely"), failure.side.words)
    yield text("send_again", _("Send again"), advice.send_again.words)
    yield text("do_now", _("Do now"), advice.next_step, long=True)
    if failure.server_words:
        yield text("server_words", _("The server says"), in_quotes(*failure.server_words), long=True)
    if failure.cause:
        yield text("cause", _("Cause"), f"{failure.cause.code}, {name_of(failure.cause)}")
    if failure.notes:
        yield text("notes", _("Noticed"), " ".join(failure.notes), long=True)


def standing(seen: SeenFax) -> Iterator[Field]:
    """Give how a fax stands that did not fail."""
    # A mention would be read as it is written: a text of an entity has none.
    fax, desk = seen.fax, Desk(_("an administrator"))
    if said := wording_of(fax).body:
        yield text("standing", _("How it stands"), _(said).format(admin=desk.admin), long=True)
    elif fax.status is Status.QUEUED and (waited := seconds_since(fax.submitted, seen.as_of)) is not None:
        yield text("standing", _("How it stands"), waiting(waited, desk), long=True)
    if fax.detailed_status and fax.status is not Status.COMPLETED:
        yield text("server_words", _("The server says"), in_quotes(fax.detailed_status), long=True)


def facts(fax: Fax) -> Iterator[Field]:
    """Give the facts of a fax."""
    if fax.recipients:
        label = ngettext("Recipient", "Recipients", len(fax.recipients))
        yield text("recipients", label, words.first_few([named(r) for r in fax.recipients], NAMED_RECIPIENTS, "; "))
    if fax.sender:
        yield text("sender", _("Sender"), fax.sender)
    if fax.subject:
        yield text("subject", _("Subject"), blocks.cut(blocks.one_line(fax.subject), LONGEST_QUOTE))
    if fax.pages or fax.size:
        length = [words.pages(fax.pages) if fax.pages else None, words.size(fax.size) if fax.size else None]
        yield text("length", pgettext("of a fax", "Length"), ", ".join(filter(None, length)))
    for key, label, time in (
        ("submitted", pgettext("when", "Submitted"), fax.submitted),
        ("started", pgettext("when", "Started"), fax.started),
        ("ended", pgettext("when", "Ended"), fax.ended),
    ):
        if time:
            yield moment(key, label, time)
    if (waited := seconds_waited(fax)) is not None:
        yield text("waited", _("Waited"), in_words(waited))
    if (on_line := seconds_on_line(fax)) is not None:
        yield text("on_line", _("On the line"), in_words(on_line))
    if fax.server:
        yield text("server", _("Fax server"), fax.server)


def in_quotes(*said: str) -> str:
    """Quote the server."""
    return ", ".join(words.quoted(blocks.cut(blocks.one_line(word), LONGEST_QUOTE)) for word in said)


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
    return action(PANE_REFRESH, _("Refresh"), pressed, _("Looking it up…"))


def action(action_id: str, label: str, pressed: Pressed, meanwhile: str | None = None) -> Action:
    """Give a button; `meanwhile` is said until the press is answered, where Slack is told of the answer."""
    made: Action = {"text": label, "action_id": action_id, "value": written(pressed)}
    if meanwhile:
        made["processing_state"] = {"enabled": True, "interstitial_text": meanwhile}
    return made
