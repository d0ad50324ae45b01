"""The bot's Home tab, for one person: how to ask, what they are told of, and for administrators how the bot is.

It holds no fax, only ids. Its blocks stay below Slack's 100: at most 50 for the watches, and some 20 for findings.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.cards import blocks, doctor, guidance, watching, words
from bot.cards.blocks import Block, Button, escape, mrkdwn, plain
from bot.cards.modal import View
from bot.cards.watching import Running
from bot.languages import _, pgettext
from bot.lookup import NotAllowed
from bot.references import EXAMPLE_ID

EXAMINE = "examine"
"""The button's action_id."""
TO_BE_SEEN_TO = ("fail", "warn")


@dataclass(frozen=True, slots=True)
class Ways:
    """How faxes can be asked for: by this command, and where else; `id_hint` says where people here find an id."""

    command: str
    id_hint: str | None
    links: bool
    """Whether a link shows a card."""
    directly: bool
    """Whether this person may ask in a direct message."""


@dataclass(frozen=True, slots=True)
class Watched:
    """What one person is told of; `notice` is what came of a press, in mrkdwn."""

    running: Sequence[Running]
    notice: str | None = None


@dataclass(frozen=True, slots=True)
class NotListed:
    """The database is away: whom to ask, in mrkdwn, and the reference that leads to the log."""

    admin: str
    reference: str


@dataclass(frozen=True, slots=True)
class Examined:
    """What the doctor has found, and when."""

    lines: Sequence[doctor.Line]
    at: datetime


@dataclass(frozen=True, slots=True)
class UnderWay:
    """The doctor is looking, and what it finds follows."""


@dataclass(frozen=True, slots=True)
class NotExamined:
    """The doctor could not look, or what it found could not be shown; the reference leads to the log."""

    reference: str


Health = Examined | UnderWay | NotExamined


def view(ways: Ways, told_of: Watched | NotListed, health: Health | None = None) -> View:
    """Give the Home tab; `health` is for administrators alone."""
    parts = [*how_to_ask(ways), *what_you_are_told_of(ways.command, told_of)]
    if health:
        parts += how_i_am(ways.command, health)
    return framed(parts)


def refused(refusal: NotAllowed, admin: str) -> View:
    """Say why this person gets nothing; `admin` is whom to ask, in mrkdwn."""
    return framed([blocks.header("Faxbot"), *guidance.not_allowed(refusal, admin).blocks])


def framed(parts: Sequence[Block]) -> View:
    """Give the view around these blocks."""
    return {"type": "home", "blocks": list(parts)}


def how_to_ask(ways: Ways) -> list[Block]:
    """Give each way in a line of its own."""
    lines = [
        _("• `{command} {example}`, anywhere: you alone see the answer. Up to ten ids at once, or links.").format(
            command=ways.command, example=EXAMPLE_ID
        ),
        _("• *@Faxbot* and an id, in a channel: I answer in the thread, as everybody there may see it."),
        _("• *@Faxbot triage*, in a thread: I sum up every fax that the thread names."),
    ]
    if ways.links:
        lines.append(_("• A link to a fax, in a channel: a card appears below it."))
    lines.append(_("• *Look up fax*, in the menu of a message: the faxes that it names, for you alone."))
    if ways.directly:
        lines.append(_("• An id, as a direct message to me: I answer there, and nobody else reads it."))
    else:
        lines.append(_("• Faxes are looked up in the channels that are meant for it, and nowhere else."))
    parts: list[Block] = [
        blocks.header(_("What became of a fax? How to ask")),
        blocks.section("\n".join(lines)),
    ]
    if ways.id_hint:
        parts.append(blocks.context(mrkdwn(escape(ways.id_hint))))
    return parts


def what_you_are_told_of(command: str, told_of: Watched | NotListed) -> list[Block]:
    """List the watches, each with its Stop."""
    parts: list[Block] = [blocks.header(_("What you are told of"))]
    if isinstance(told_of, NotListed):
        parts.append(blocks.section(not_listed(told_of)))
        return parts
    if told_of.notice:
        parts.append(blocks.section(told_of.notice))
    return [*parts, *watching.running(command, told_of.running).blocks]


def not_listed(why: NotListed) -> str:
    """Say that the watches cannot be listed."""
    text = _(
        "I can't list your watches just now; they go on. Open this tab again in a minute; if it stays so, tell {admin}."
    )
    return words.with_reference(text.format(admin=why.admin), why.reference)


def how_i_am(command: str, health: Health) -> list[Block]:
    """Give the doctor's short form: the counts, and what is to be seen to with its remedy."""
    parts: list[Block] = [blocks.header(_("How I am"))]
    if isinstance(health, UnderWay):
        return [*parts, blocks.section(_("I am looking at everything; what I find appears here in a moment."))]
    if isinstance(health, NotExamined):
        return [*parts, blocks.section(not_examined(command, health))]
    counted = ", ".join(
        f"{sum(line.state == state for line in health.lines)} {state}" for state in ("ok", "warn", "fail")
    )
    parts.append(
        blocks.section(_("*{counts}*, as I looked {time}.").format(counts=counted, time=words.moment(health.at)))
    )
    urgent = [doctor.spelled_out(line) for state in TO_BE_SEEN_TO for line in health.lines if line.state == state]
    parts += [blocks.section(text) for text in doctor.paragraphs(urgent)]
    only_you = _("You see this as one of my administrators. `{command} doctor` looks anew.").format(command=command)
    return [*parts, blocks.actions(examine_button()), blocks.context(mrkdwn(only_you))]


def not_examined(command: str, why: NotExamined) -> str:
    """Say that how the bot is cannot be said."""
    text = _("I can't say just now how I am; `{command} doctor` tries again.")
    return words.with_reference(text.format(command=command), why.reference)


def examine_button() -> Button:
    """Give the button that shows all that was looked at."""
    return {"type": "button", "action_id": EXAMINE, "text": plain(_("Examine everything"))}


def everything(lines: Sequence[doctor.Line]) -> View:
    """Give the modal with all that the doctor has found."""
    return modal_with(doctor.examined(lines).blocks)


def looking() -> View:
    """Give the modal while the doctor is looking."""
    return modal_with(doctor.follow().blocks)


def for_admins_alone(admins: Sequence[str]) -> View:
    """Give the modal for somebody who is none."""
    return modal_with(doctor.for_admins_alone(admins).blocks)


def modal_with(parts: Sequence[Block]) -> View:
    """Give the modal around these blocks."""
    return {
        "type": "modal",
        "title": plain(_("How Faxbot is")),
        "close": plain(pgettext("button", "Close")),
        "blocks": list(parts),
    }
