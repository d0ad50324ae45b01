"""What is said where no fax was named: how to ask, what was not understood, and that an answer is under way."""

from math import ceil

from bot.cards import blocks
from bot.cards.blocks import Message, escape
from bot.cards.buttons import DETAILS, Pressed, button
from bot.lookup import NotAllowed, TooOften
from bot.policy import Refusal, Sharing
from bot.references import EXAMPLE_ID

LONGEST_WORD = 80


def said(text: str) -> Message:
    """Give a message of one paragraph of ours."""
    return Message(text, (blocks.section(text),))


def usage(command: str, id_hint: str | None) -> Message:
    """Say how to name a fax."""
    return said(with_hint(f"Give me the id of a fax, or a link to it: `{command} {EXAMPLE_ID}`.", id_hint))


def help_text(command: str, id_hint: str | None) -> Message:
    """Say all that the command can do."""
    lines = [
        "*I tell you what became of a fax*, why it failed, and what to do now.",
        f"`{command} {EXAMPLE_ID}` looks one up; a link to it will do as well, and so will up to ten at once.",
        f"`{command} help` shows this.",
        "Only you see the answer, until you share it.",
    ]
    return said(with_hint("\n".join(lines), id_hint))


def no_fax_id(word: str, id_hint: str | None) -> Message:
    """Say that a word is no fax id, and what one looks like."""
    shown = escape(blocks.cut(word, LONGEST_WORD))
    return said(with_hint(f"“{shown}” is no fax id. One looks like `{EXAMPLE_ID}`.", id_hint))


def did_you_mean(word: str, nearest: str) -> Message:
    """Say that there is no such subcommand, and which one is nearest."""
    return said(f"No command “{escape(blocks.cut(word, LONGEST_WORD))}”: did you mean `{nearest}`?")


def too_often(refused: TooOften) -> Message:
    """Say that this person has asked a lot, and when to go on."""
    return said(f"That was {refused.per_minute} look-ups in a minute. Go on in {ceil(refused.wait)} s.")


def follows(ids: tuple[str, ...]) -> Message:
    """Say that the answer comes later, in words that also read right when they stay."""
    follow = f"the answer for {spelled(ids)} follows" if len(ids) == 1 else f"the answers for {spelled(ids)} follow"
    return said(f"The fax server is taking its time; {follow} here.")


NOT_ALLOWED = {
    Refusal.GUEST: "Faxes are shown to full members of this workspace, not to guests. Ask {admin}.",
    Refusal.OTHER_ORGANISATION: "Faxes are shown to members of the workspace that they belong to, and to nobody else.",
    Refusal.STANDING_UNKNOWN: (
        "Slack does not tell me just now who you are here, so I show nothing. Try again in a minute; if it stays so, "
        "ask {admin} whether I may read people and channels."
    ),
}


def not_allowed(refused: NotAllowed, admin: str) -> Message:
    """Say why this person gets nothing, and whom to ask."""
    return said(f"{NOT_ALLOWED[refused.refusal].format(admin=admin)} (ref {refused.reference})")


def shared(fax_id: str) -> Message:
    """Say to who shared a fax that everybody sees it now, with a way back to what they alone see."""
    line = blocks.section(f"Shared here: `{fax_id}`.")
    line["accessory"] = button(DETAILS, "Details", Pressed(fax_id), spoken="Show the details to me alone")
    return Message(f"Shared here: {fax_id}.", (line,))


NOT_SHARED = {
    Sharing.NEVER: (
        "I don't share faxes here: it is a conversation of two, or people of another organisation may read along."
    ),
    Sharing.AFTER_INVITATION: "To share this with everybody here, invite me to the channel; then press again.",
}


def not_shared(sharing: Sharing) -> Message:
    """Say why a fax is not shown to everybody here."""
    return said(NOT_SHARED.get(sharing, NOT_SHARED[Sharing.AFTER_INVITATION]))


def not_posted(problem: str) -> Message:
    """Say that Slack did not take a card for everybody; `problem` is its own word for it."""
    if problem in {"not_in_channel", "channel_not_found"}:
        return not_shared(Sharing.AFTER_INVITATION)
    return said("Slack did not take the card just now, so nobody else sees it. Press again in a minute.")


def outdated_button(command: str) -> Message:
    """Say that a button is of another version of the bot."""
    return said(f"I no longer know this button. Ask again with `{command}` and the fax's id.")


def overloaded(reference: str) -> Message:
    """Say that there is too much to do at this moment."""
    return said(f"I am answering as many people as I can just now. Try again in a few seconds. (ref {reference})")


def broken(reference: str) -> Message:
    """Say that a fault of our own is in the way."""
    return said(
        "Something went wrong on my side, not with the fax. Try again; if it happens twice, give an administrator "
        f"the reference. (ref {reference})"
    )


def spelled(ids: tuple[str, ...]) -> str:
    """Give ids in code spans."""
    return ", ".join(f"`{fax_id}`" for fax_id in ids)


def with_hint(text: str, id_hint: str | None) -> str:
    """Add where people here find an id."""
    return f"{text} {escape(id_hint)}" if id_hint else text
