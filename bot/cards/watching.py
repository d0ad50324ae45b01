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
from bot.lookup import NotSeen, Seen
from bot.references import EXAMPLE_ID

MOST_ROWS = 48
"""Of a message's 50 blocks, besides its first and its last line."""


class Told(Enum):
    """Where somebody will be told, in the words for it."""

    IN_THREAD = "in this thread"
    HERE = "here"
    DIRECTLY = "by direct message"


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
    text = (
        f"You will be told {told.value} when {'this is' if len(came.watched) == 1 else 'these are'} final:"
        if came.watched
        else "None of these is watched now:"
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
    text = f"You will be told {told.value} when `{fax_id}` is final."
    if isinstance(seen, NotSeen):
        text += " The fax server gives no answer just now; I keep asking."
    line = blocks.section(text)
    line["accessory"] = stop_button(fax_id)
    return Message(text, (line,))


def too_many(command: str, most: int, seen: Sequence[Seen]) -> str:
    """Say that one person watches no more than so many."""
    return (
        f"Not watched: {spelled(tuple(map(id_of, seen)))}. You have {most} watches running, as many as one person can. "
        f"Stop one first: `{command} watches` lists them."
    )


def not_noted(admin: str, reference: str) -> Message:
    """Say that a wish about watches could not be noted, or not all of it; `admin` is whom to ask, in mrkdwn."""
    return said(
        "I could not note that just now. Try again in a minute; what is noted already is not noted twice. "
        f"If it stays so, tell {admin}. (ref {reference})"
    )


def under_way() -> Message:
    """Say that the answer comes later, in words that also read right when they stay."""
    return said("This takes a moment; the answer follows here.")


def stopped(
    command: str, stopped_ids: tuple[str, ...], unknown_ids: tuple[str, ...] = (), *, too_late: bool = False
) -> Message:
    """Say which faxes are watched no more, and which were not; `too_late` if one is just being told."""
    lines = []
    if stopped_ids:
        lines.append(f"You will not be told of {spelled(stopped_ids)}.")
    if too_late:
        lines.append("One was just being told: that may still appear.")
    if unknown_ids:
        lines.append(f"You are not watching {spelled(unknown_ids)}: `{command} watches` lists what you watch.")
    return said("\n".join(lines))


def running(command: str, watches: Sequence[Running]) -> Message:
    """List what somebody watches, each with its Stop."""
    if not watches:
        return said(f"You are watching no fax. `{command} watch {EXAMPLE_ID}` begins it, or the button on a card.")
    text = f"You are watching {words.counted(len(watches), 'fax', 'faxes')}."
    parts: list[Block] = [blocks.section(text)]
    parts += [line_of(number, watch) for number, watch in enumerate(watches[:MOST_ROWS], 1)]
    if cut := watches[MOST_ROWS:]:
        rest = spelled(tuple(one.fax_id for one in cut))
        parts.append(blocks.context(mrkdwn(f"and {rest}: `{command} unwatch` stops one")))
    return Message(text, tuple(parts))


def line_of(number: int, watch: Running) -> Section:
    """Give one watch with its Stop."""
    places = " and ".join(f"in <#{channel}>" if channel else Told.DIRECTLY.value for channel in watch.channels)
    line = blocks.section(f"`{watch.fax_id}` · told {places} · since {words.moment(watch.since)}")
    line["accessory"] = stop_button(watch.fax_id, f"{STOP}_listed_{number}", number)
    return line


def watched_row(number: int, seen: Seen) -> Section:
    """Give the row of a fax that is watched now, with its Stop."""
    if isinstance(seen, NotSeen):
        line = blocks.section_of(plain(f"❔ …{seen.fax_id[-TAIL_OF_AN_ID:]} · no answer just now: I keep asking"))
    else:
        line = row(number, seen)
    line["accessory"] = stop_button(id_of(seen), f"{STOP}_{number}", number)
    return line


def stop_button(fax_id: str, action_id: str = STOP, number: int | None = None) -> blocks.Button:
    """Give the button that ends a watch; `number` is its row's."""
    which = f" {number}, …{fax_id[-TAIL_OF_AN_ID:]}" if number else ""
    return button(action_id, "Stop", Pressed(fax_id), spoken=f"Stop watching fax{which}")


def id_of(seen: Seen) -> str:
    """Give the id that was asked for."""
    return seen.fax_id if isinstance(seen, NotSeen) else seen.fax.id


ENDINGS = {
    "vanished": (
        "The fax server no longer knows the fax `{id}`, so I can't say what became of it. Its sender may know."
    ),
    "expired": (
        "The fax `{id}` is still not final after {life}, so I stop asking. `{command} watch {id}` begins anew."
    ),
    "unanswered": (
        "{life} are over, and the fax server gives no answer about the fax `{id}`, so I stop asking. "
        "`{command} watch {id}` begins anew."
    ),
    "not_readable": (
        "I can't read what the fax server says of the fax `{id}`. I keep asking until {life} are over; "
        "{admin} can look into my log."
    ),
}
"""How a watch ends that has nothing to show, by the ending's word; the last of them is no end yet."""


def final_in_thread(card: Message, fax_id: str, person: str) -> Message:
    """Tell everybody in the thread that a fax is final, and who asked; the card itself stands above."""
    why = mrkdwn(f"<@{person}> asked to be told when it is final")
    return Message(f"<@{person}> {card.text}", (blocks.section(card.text), blocks.context(mrkdwn(f"`{fax_id}`"), why)))


def final_directly(card: Message) -> Message:
    """Tell somebody alone, with the whole card."""
    why = plain("You asked to be told when it is final.")
    return Message(card.text, (*card.blocks, blocks.context(why)))


def ended(sentence: str, person: str | None) -> Message:
    """Tell of an end without a card; to a `person` where others read along."""
    return said(f"<@{person}> {sentence}" if person else sentence)
