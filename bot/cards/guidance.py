"""What is said where no fax was named: how to ask, what was not understood, and that an answer is under way."""

import re
from math import ceil

from bot.cards import blocks, words
from bot.cards.blocks import Message, escape
from bot.cards.buttons import DETAILS, Pressed, button
from bot.languages import _, marked, ngettext
from bot.lookup import NotAllowed, TooOften
from bot.policy import Refusal, Sharing
from bot.references import EXAMPLE_ID

LONGEST_WORD = 80
MOST_WORDS = 5
PHONE_NUMBER = re.compile(r"\+?[\d\s()./-]{5,}")


def said(text: str) -> Message:
    """Give a message of one paragraph of ours."""
    return Message(text, (blocks.section(text),))


def usage(command: str, id_hint: str | None) -> Message:
    """Say how to name a fax."""
    text = _("Give me the id of a fax, or a link to it: {example}.").format(example=f"`{command} {EXAMPLE_ID}`")
    return said(with_hint(text, id_hint))


def help_text(command: str, id_hint: str | None, *, for_an_admin: bool) -> Message:
    """Say all that the command can do."""
    lines = [
        _("*I tell you what became of a fax*, why it failed, and what to do now."),
        _("`{command} {id}` looks one up. A link to it works too, and up to ten ids at once."),
        *(["{id_hint}"] if id_hint else []),
        _("`{command} watch {id}` tells you once it is final."),
        _("`{command} watches` lists what you wait for, and `{command} unwatch` with an id ends it."),
        *(
            [_("`{command} doctor` looks whether all is as it should be; you may, as one of my administrators.")]
            * for_an_admin
        ),
        _("`{command} help` shows this."),
        _("Only you see the answer. *Share to channel* on it shows everybody what they may see."),
        _("*Refresh* and *Tell me when it is final* are there until the fax is over."),
    ]
    return said("\n".join(lines).format(command=command, id=EXAMPLE_ID, id_hint=escape(id_hint or "")))


def no_fax_id(word: str, id_hint: str | None) -> Message:
    """Say that a word is no fax id, and what one looks like."""
    text = (
        _("“{word}” is no fax id. I look up by id, not by number. One looks like `{example}`.")
        if PHONE_NUMBER.fullmatch(word)
        else _("“{word}” is no fax id. One looks like `{example}`.")
    )
    return said(with_hint(text.format(word=shown(word), example=EXAMPLE_ID), id_hint))


def no_whole_id(word: str, id_hint: str | None) -> Message:
    """Say that a word is nearly a fax id."""
    text = _("“{word}” is not a whole fax id. A whole one looks like `{example}`, with a number after the last _.")
    return said(with_hint(text.format(word=shown(word), example=EXAMPLE_ID), id_hint))


def shown(word: str) -> str:
    """Give a word of theirs, to be quoted."""
    return escape(blocks.cut(word, LONGEST_WORD))


def with_unread(message: Message, unread: tuple[str, ...]) -> Message:
    """Name the words that were meant as ids, perhaps, and could not be read as such."""
    quoted = ", ".join(words.quoted(blocks.cut(word, LONGEST_WORD)) for word in unread[:MOST_WORDS])
    line = blocks.context(blocks.plain(_("Not read as a fax id: {words}").format(words=quoted)))
    return Message(message.text, (*message.blocks, line))


def with_cut(message: Message, shown: int, cut: int) -> Message:
    """Say how many ids were too many to be looked up at once."""
    text = ngettext(
        "I look up {most} at a time: {count} more was named and left out.",
        "I look up {most} at a time: {count} more were named and left out.",
        cut,
    )
    line = blocks.context(blocks.plain(text.format(most=shown, count=cut)))
    return Message(message.text, (*message.blocks, line))


def did_you_mean(word: str, nearest: str) -> Message:
    """Say that there is no such subcommand, and which one is nearest."""
    return said(_("No command “{word}”: did you mean `{nearest}`?").format(word=shown(word), nearest=nearest))


def too_often(refused: TooOften) -> Message:
    """Say that this person has asked a lot, and when to go on."""
    text = ngettext(
        "That was {count} look-up in a minute. Go on in {seconds} s.",
        "That was {count} look-ups in a minute. Go on in {seconds} s.",
        refused.per_minute,
    )
    return said(text.format(count=refused.per_minute, seconds=ceil(refused.wait)))


def follows(ids: tuple[str, ...]) -> Message:
    """Say that the answer comes later, in words that also read right when they stay."""
    text = ngettext(
        "The fax server is taking its time; the answer for {ids} follows here.",
        "The fax server is taking its time; the answers for {ids} follow here.",
        len(ids),
    )
    return said(text.format(ids=spelled(ids)))


def follows_in_modal() -> Message:
    """Say in a modal that the answer comes later."""
    return said(_("The fax server is taking its time; the answer follows here."))


def no_id_in_input() -> str:
    """Say below a modal's field, in plain text, that it names no fax."""
    return _("I find no fax id in that. One looks like {example}.").format(example=EXAMPLE_ID)


NOT_ALLOWED = {
    Refusal.GUEST: marked("Faxes are shown to full members of this workspace, not to guests. Ask {admin}."),
    Refusal.GROUP: marked("Faxes are shown to some groups of people here, and you are in none of them. Ask {admin}."),
    Refusal.CHANNEL: marked("Faxes can't be looked up in this channel. Ask {admin}."),
    Refusal.NO_CHANNEL: marked("Faxes can't be looked up outside the channels that are meant for it. Ask {admin}."),
    Refusal.OTHER_ORGANISATION: marked(
        "Faxes are shown to members of the workspace that they belong to, and to nobody else."
    ),
    Refusal.STANDING_UNKNOWN: marked(
        "Slack cannot tell me right now who you are here, so I show nothing. Try again in a minute; if it stays so, "
        "ask {admin} whether I may read people and channels."
    ),
}


def not_allowed(refused: NotAllowed, admin: str) -> Message:
    """Say why this person gets nothing, and whom to ask."""
    return said(words.with_reference(_(NOT_ALLOWED[refused.refusal]).format(admin=admin), refused.reference))


def shared(fax_id: str) -> Message:
    """Say to who shared a fax that everybody sees it now, with a way back to what they alone see."""
    text = _("Shared here: {id}.")
    line = blocks.section(text.format(id=f"`{fax_id}`"))
    line["accessory"] = button(DETAILS, _("Details"), Pressed(fax_id), spoken=_("Show the details to me alone"))
    return Message(text.format(id=fax_id), (line,))


NOT_SHARED = {
    Sharing.NEVER: marked(
        "I don't share faxes here: it is a conversation of two, or people of another organisation may read along."
    ),
    Sharing.AFTER_INVITATION: marked(
        "I can share this only where I am a member: type /invite @Faxbot, then press again."
    ),
}


def not_shared(sharing: Sharing) -> Message:
    """Say why a fax is not shown to everybody here."""
    return said(_(NOT_SHARED.get(sharing, NOT_SHARED[Sharing.AFTER_INVITATION])))


def not_posted(problem: str, *, surely: bool) -> Message:
    """Say that Slack did not take a card for everybody, if that is sure; `problem` is its own word for it."""
    if problem in {"not_in_channel", "channel_not_found"}:
        return not_shared(Sharing.AFTER_INVITATION)
    if surely:
        return said(_("Slack did not take the card just now, so nobody else sees it. Press again in a minute."))
    return said(_("Slack did not say whether it took the card. Look whether it is here before you press again."))


def how_to_mention(command: str, id_hint: str | None, *, in_thread: bool) -> Message:
    """Say how to ask in a channel, or in a thread, where there are no slash commands."""
    line = _("Name a fax by its id, or paste a link to it, and I answer here. One looks like `{example}`.")
    if in_thread:
        more = _(
            "*triage* sums up every fax that this thread names. *Look up fax* in a message's menu answers you alone."
        )
    else:
        more = _("With `{command}` you alone see the answer; in a thread, *triage* sums up every fax that it names.")
    return said(with_hint(f"{line}\n{more}".format(example=EXAMPLE_ID, command=command), id_hint))


def how_to_write(id_hint: str | None) -> Message:
    """Say how to ask in a direct message."""
    line = _("Send me a fax's id, or a link to it, and I answer here, to you alone. One looks like `{example}`.")
    return said(with_hint(line.format(example=EXAMPLE_ID), id_hint))


def thread_not_read(problem: str) -> Message:
    """Say why a thread is not summed up; `problem` is Slack's word for it."""
    if problem == "missing_scope":
        return said(
            _(
                "I may not read threads here. Take *Look up fax* in the menu of a message instead, or ask an "
                "administrator to grant me the history of this kind of channel."
            )
        )
    return said(_("Slack does not let me read this thread just now. Ask again in a minute, or name the ids."))


def nothing_in_thread() -> Message:
    """Say that a thread names no fax."""
    return said(_("I find no fax id in this thread. One looks like `{example}`.").format(example=EXAMPLE_ID))


def answered_elsewhere(message: Message, channel_id: str) -> Message:
    """Say above an answer that it could not be given where it was asked for; no button of it would act here."""
    why = _("You asked in {channel}, where Slack does not let me write.").format(channel=f"<#{channel_id}>")
    line = blocks.context(blocks.mrkdwn(why))
    return Message(message.text, (line, *message.without_buttons().blocks))


def outdated_button(command: str) -> Message:
    """Say that a button is of another version of the bot."""
    return said(_("I no longer know this button. Ask again with `{command}` and the fax's id.").format(command=command))


def overloaded(reference: str) -> Message:
    """Say that there is too much to do at this moment."""
    text = _("I am answering as many people as I can just now. Try again in a few seconds.")
    return said(words.with_reference(text, reference))


def broken(reference: str) -> Message:
    """Say that a fault of our own is in the way."""
    text = _(
        "Something went wrong on my side, not with the fax. Try again; if it happens twice, give an administrator "
        "the reference."
    )
    return said(words.with_reference(text, reference))


def spelled(ids: tuple[str, ...]) -> str:
    """Give ids in code spans."""
    return ", ".join(f"`{fax_id}`" for fax_id in ids)


def with_hint(text: str, id_hint: str | None) -> str:
    """Add where people here find an id."""
    return f"{text} {escape(id_hint)}" if id_hint else text
