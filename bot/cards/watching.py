"""What is said about watches: that one runs, which ones do, and how one ended."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from bot.cards import blocks, words
from bot.cards.blocks import Block, Message, Section, mrkdwn, plain
from bot.cards.buttons import STOP, Pressed, button
from bot.cards.guidance import said, spelled
from bot.cards.summary import TAIL_OF_AN_ID, row
from bot.languages import _, marked, ngettext, pgettext
from bot.lookup import NotSeen, Seen
from bot.references import EXAMPLE_ID

MOST_ROWS = 48
"""Of a message's 50 blocks, besides its first and its last line."""


class Told(Enum):
    """Where somebody will be told."""

    IN_THREAD = "in_thread"
    HERE = "here"
    DIRECTLY = "directly"


@dataclass(frozen=True, slots=True)
class Promise:
    """How it is said that somebody will be told: of one fax, of the one below, of those below."""

    of_one: str
    of_this: str
    of_these: str


PROMISES = {
    Told.IN_THREAD: Promise(
        marked("You will be told in this thread when `{id}` is final."),
        marked("You will be told in this thread when this is final:"),
        marked("You will be told in this thread when these are final:"),
    ),
    Told.HERE: Promise(
        marked("You will be told here when `{id}` is final."),
        marked("You will be told here when this is final:"),
        marked("You will be told here when these are final:"),
    ),
    Told.DIRECTLY: Promise(
        marked("You will be told by direct message when `{id}` is final."),
        marked("You will be told by direct message when this is final:"),
        marked("You will be told by direct message when these are final:"),
    ),
}


@dataclass(frozen=True, slots=True)
class Begun:
    """What came of a wish to watch: what is watched now, what is over or not to be seen, what was too much."""

    watched: tuple[Seen, ...] = ()
    over: tuple[Seen, ...] = ()
    too_many: tuple[Seen, ...] = ()


@dataclass(frozen=True, slots=True)
class Running:
    """One fax that somebody watches, since when, and in which channels they will be told, None: by direct message."""

    fax_id: str
    since: datetime
    channels: tuple[str | None, ...]


def begun(came: Begun, told: Told, command: str, most: int) -> Message:
    """Say what is watched now; `most` is how many faxes one person can watch."""
    if len(came.watched) == 1 and not (came.over or came.too_many):
        return one_begun(came.watched[0], told)
    if len(came.too_many) == 1 and not (came.watched or came.over):
        return said(too_many(command, most, came.too_many))
    promise = PROMISES[told]
    text = (
        _(promise.of_this if len(came.watched) == 1 else promise.of_these)
        if came.watched
        else _("None of these is watched now:")
    )
    parts: list[Block] = [blocks.section(text)]
    parts += [watched_row(number, seen) for number, seen in enumerate(came.watched, 1)]
    parts += [row(number, seen) for number, seen in enumerate(came.over, len(came.watched) + 1)]
    if came.too_many:
        parts.append(blocks.section(too_many(command, most, came.too_many)))
    return Message(text, tuple(parts))


def one_begun(seen: Seen, told: Told) -> Message:
    """Say that a fax is watched."""
    fax_id = id_of(seen)
    text = _(PROMISES[told].of_one).format(id=fax_id)
    if isinstance(seen, NotSeen):
        text += " " + _("The fax server gives no answer just now; I keep asking.")
    line = blocks.section(text)
    line["accessory"] = stop_button(fax_id)
    return Message(text, (line,))


def too_many(command: str, most: int, seen: Sequence[Seen]) -> str:
    """Say that one person watches no more than so many."""
    text = _(
        "Not watched: {ids}. You have {most} watches running, as many as one person can. Stop one first: "
        "`{command} watches` lists them."
    )
    return text.format(ids=spelled(tuple(map(id_of, seen))), most=most, command=command)


def not_noted(admin: str, reference: str) -> Message:
    """Say that a wish about watches could not be noted, or not all of it; `admin` is whom to ask, in mrkdwn."""
    text = _(
        "I could not note that just now. Try again in a minute; what is noted already is not noted twice. "
        "If it stays so, tell {admin}."
    )
    return said(words.with_reference(text.format(admin=admin), reference))


def under_way() -> Message:
    """Say that the answer comes later, in words that also read right when they stay."""
    return said(_("This takes a moment; the answer follows here."))


def stopped(
    command: str, stopped_ids: tuple[str, ...], unknown_ids: tuple[str, ...] = (), *, too_late: bool = False
) -> Message:
    """Say which faxes are watched no more, and which were not; `too_late` if one is just being told."""
    lines = []
    if stopped_ids:
        lines.append(_("You will not be told of {ids}.").format(ids=spelled(stopped_ids)))
    if too_late:
        lines.append(_("One was just being told: that may still appear."))
    if unknown_ids:
        text = _("You are not watching {ids}: `{command} watches` lists what you watch.")
        lines.append(text.format(ids=spelled(unknown_ids), command=command))
    return said("\n".join(lines))


def running(command: str, watches: Sequence[Running]) -> Message:
    """List what somebody watches, each with its Stop."""
    if not watches:
        text = _("You are watching no fax. `{command} watch {id}` begins it, or the button on a card.")
        return said(text.format(command=command, id=EXAMPLE_ID))
    text = ngettext("You are watching {count} fax.", "You are watching {count} faxes.", len(watches))
    text = text.format(count=len(watches))
    parts: list[Block] = [blocks.section(text)]
    parts += [line_of(number, watch) for number, watch in enumerate(watches[:MOST_ROWS], 1)]
    if cut := watches[MOST_ROWS:]:
        rest = spelled(tuple(one.fax_id for one in cut))
        more = _("and {ids}: `{command} unwatch` stops one").format(ids=rest, command=command)
        parts.append(blocks.context(mrkdwn(more)))
    return Message(text, tuple(parts))


def line_of(number: int, watch: Running) -> Section:
    """Give one watch with its Stop."""
    places = [
        _("in {channel}").format(channel=f"<#{channel}>") if channel else _("by direct message")
        for channel in watch.channels
    ]
    told = _("told {places}").format(places=words.all_of(places)) if places else ""
    since = _("since {time}").format(time=words.moment(watch.since))
    line = blocks.section(" · ".join(filter(None, [f"`{watch.fax_id}`", told, since])))
    line["accessory"] = stop_button(watch.fax_id, f"{STOP}_listed_{number}", number)
    return line


def watched_row(number: int, seen: Seen) -> Section:
    """Give the row of a fax that is watched now, with its Stop."""
    if isinstance(seen, NotSeen):
        text = _("❔ …{id} · no answer just now: I keep asking").format(id=seen.fax_id[-TAIL_OF_AN_ID:])
        line = blocks.section_of(plain(text))
    else:
        line = row(number, seen)
    line["accessory"] = stop_button(id_of(seen), f"{STOP}_{number}", number)
    return line


def stop_button(fax_id: str, action_id: str = STOP, number: int | None = None) -> blocks.Button:
    """Give the button that ends a watch; `number` is its row's."""
    spoken = (
        _("Stop watching fax {number}, …{id}").format(number=number, id=fax_id[-TAIL_OF_AN_ID:])
        if number
        else _("Stop watching fax")
    )
    return button(action_id, pgettext("button", "Stop"), Pressed(fax_id), spoken=spoken)


def id_of(seen: Seen) -> str:
    """Give the id that was asked for."""
    return seen.fax_id if isinstance(seen, NotSeen) else seen.fax.id


ENDINGS = {
    "vanished": marked(
        "The fax server no longer knows the fax `{id}`, so I can't say what became of it. Its sender may know."
    ),
    "expired": marked(
        "The fax `{id}` is still not final after {life}, so I stop asking. `{command} watch {id}` begins anew."
    ),
    "unanswered": marked(
        "{life} are over, and the fax server gives no answer about the fax `{id}`, so I stop asking. "
        "`{command} watch {id}` begins anew."
    ),
    "not_readable": marked(
        "I can't read what the fax server says of the fax `{id}`. I keep asking until {life} are over; "
        "{admin} can look into my log."
    ),
}
"""How a watch ends that has nothing to show, by the ending's word; the last of them is no end yet."""


def final_in_thread(card: Message, fax_id: str, person: str) -> Message:
    """Tell everybody in the thread that a fax is final, and who asked; the card itself stands above."""
    why = mrkdwn(_("{person} asked to be told when it is final").format(person=f"<@{person}>"))
    return Message(f"<@{person}> {card.text}", (blocks.section(card.text), blocks.context(mrkdwn(f"`{fax_id}`"), why)))


def final_directly(card: Message) -> Message:
    """Tell somebody alone, with the whole card."""
    why = plain(_("You asked to be told when it is final."))
    return Message(card.text, (*card.blocks, blocks.context(why)))


def ended(sentence: str, person: str | None) -> Message:
    """Tell of an end without a card; to a `person` where others read along."""
    return said(f"<@{person}> {sentence}" if person else sentence)
