"""The card of one fax: state, what happened, whose turn it is, what to do now, and the facts.

It shows all that it is given: the look-up has already taken out what this reader may not see.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import quote

from bot.cards import blocks, words
from bot.cards.advice import advice_for, seconds_since
from bot.cards.blocks import Block, Button, Message, TextObject, escape, mrkdwn, plain
from bot.cards.buttons import DETAILS, OPEN_PAGE, REFRESH, SHARE, WATCH, Pressed, button
from bot.lookup import SeenFax
from bot.policy import Audience, Sharing
from bot.stonefax import Fax, Recipient, Status
from bot.triage import Cause, Failure, in_words, seconds_on_line, seconds_waited
from bot.triage.outages import SINCE, Hint

NAMED_RECIPIENTS = 3
LONGEST_QUOTE = 300


@dataclass(frozen=True, slots=True)
class Wording:
    """How a status is said: in the headline, and of a fax in a sentence."""

    headline: str
    sentence: str
    body: str | None = None


WORDINGS = {
    Status.COMPLETED: Wording("✅ Fax delivered", "was delivered."),
    Status.FAILED: Wording("❌ Fax failed", "failed."),
    Status.QUEUED: Wording("⏳ Fax waiting in the queue", "is waiting in the queue."),
    Status.IN_PROGRESS: Wording("📤 Fax being sent", "is being sent."),
    Status.CANCELED: Wording(
        "🚫 Fax cancelled", "was cancelled.", "It was stopped before it went through; the sender can say why."
    ),
}
NOT_NAMED = Wording(
    "❔ Fax without a status",
    "has no status.",
    "The fax server knows this fax, but does not say what became of it. Refresh, or ask {admin}.",
)
UNKNOWN = Wording(
    "❔ Fax status: “{word}”",
    "has the status “{word}”.",
    "I don't know this status; the fax is probably not finished.",
)
LONG_WAIT = 3600.0
"""Seconds in the queue from which on somebody should look."""


def wording_of(fax: Fax) -> Wording:
    """Give how the status of a fax is said."""
    return WORDINGS.get(fax.status) or (UNKNOWN if fax.status_word else NOT_NAMED)


@dataclass(frozen=True, slots=True)
class Desk:
    """What a card says of the place that it is read in: a fax's web page, and whom to ask, in mrkdwn."""

    fax_page: str | None = None
    admin: str = "an administrator"


def fax_card(
    seen: SeenFax, desk: Desk, sharing: Sharing, sharer: str | None = None, thread_ts: str | None = None
) -> Message:
    """Draw one fax; `sharing` is how it can be shown to everybody, or is being shown, and `sharer` who does.

    `thread_ts` is the thread in which it stands below a link.
    """
    fax = seen.fax
    parts: list[Block] = [blocks.header(headline(fax, seen.failure)), *body(seen, desk)]
    parts += blocks.rows(facts(fax))
    parts.append(blocks.context(*small_print(seen, sharer)))
    if seen.hint:
        parts.append(blocks.context(hint_line(seen.hint)))
    if sharing is Sharing.AFTER_INVITATION:
        parts.append(blocks.context(plain("I can share this only where I am a member: /invite @Faxbot.")))
    pressed = Pressed(seen.fax.id, sharer, thread_ts)
    if row := [*buttons_of(seen, sharing, pressed), *page_button(seen, desk.fax_page)]:
        parts.append(blocks.actions(*row))
    return Message(sentence(seen), tuple(parts))


def buttons_of(seen: SeenFax, sharing: Sharing, pressed: Pressed) -> Iterator[Button]:
    """Give the buttons that can act on this card now."""
    if seen.audience is Audience.OTHERS:
        yield button(DETAILS, "Show details", pressed, spoken="Show the details to me alone")
    elif sharing in {Sharing.AS_MEMBER, Sharing.BY_RESPONSE_URL}:
        share = button(SHARE, "Share to channel", pressed)
        share["confirm"] = blocks.confirm(
            "Share to channel?",
            "Everybody here will see the recipient's name and what became of the fax, with the number masked and "
            "without subject and sender.",
            "Share",
        )
        yield share
    if not seen.fax.status.final:
        yield button(REFRESH, "Refresh", pressed)
        # What a response_url has shown to everybody cannot be edited later.
        if seen.audience is Audience.ASKER or sharing is not Sharing.BY_RESPONSE_URL:
            yield button(WATCH, "Tell me when it is final", pressed)


def page_button(seen: SeenFax, fax_page: str | None) -> Iterator[Button]:
    """Give the button to the fax's page in the portal, which asks for its own password."""
    if fax_page:
        yield blocks.link_button(OPEN_PAGE, "Open", fax_page.replace("{id}", quote(seen.fax.id, safe="")))


def hint_line(hint: Hint) -> TextObject:
    """Say that it is probably not this fax alone."""
    return mrkdwn("📡 " + escape(hint.text).replace(SINCE, words.moment(hint.since)))


def headline(fax: Fax, failure: Failure | None) -> str:
    """Say the state in an emoji and a word."""
    state = wording_of(fax).headline.format(word=fax.status_word)
    return f"{state}: {failure.headline}" if failure else state


def sentence(seen: SeenFax, said: Callable[[str], str] = escape) -> str:
    """Say the verdict and the next step in a sentence or two, for notifications and screen readers.

    `said` makes outside text fit for where it is read.
    """
    fax, failure = seen.fax, seen.failure
    fax_to = f"Fax to {said(names(fax))}" if fax.recipients else f"Fax {fax.id}"
    if failure:
        return f"{fax_to} failed: {said(failure.headline)}. {said(advice_for(seen, failure).next_step)}"
    word = said(blocks.cut(fax.status_word or "", LONGEST_QUOTE))
    return f"{fax_to} {wording_of(fax).sentence.format(word=word)}"


def body(seen: SeenFax, desk: Desk) -> Iterator[Block]:
    """Give what happened, whose it is and what to do; for a fax that did not fail, how it stands."""
    fax, failure = seen.fax, seen.failure
    if failure:
        advice = advice_for(seen, failure)
        yield blocks.section(
            f"{escape(failure.meaning)}\n"
            f"*Most likely:* {failure.side.words}   *Send again:* {advice.send_again.words}\n"
            f"*Do now:* {escape(advice.next_step)}"
        )
        yield from (blocks.context(*part) for part in told_by_the_server(failure))
        return
    if text := wording_of(fax).body or waiting(seen, desk):
        yield blocks.section(text.format(admin=desk.admin))
    if fax.detailed_status and fax.status is not Status.COMPLETED:
        yield blocks.context(plain(f"The server says: {quoted(fax.detailed_status)}"))


def waiting(seen: SeenFax, desk: Desk) -> str | None:
    """Say how long a fax has been waiting, and when somebody should look."""
    if seen.fax.status is not Status.QUEUED:
        return None
    seconds = seconds_since(seen.fax.submitted, seen.as_of)
    if seconds is None:
        return None
    unusual = f" That is unusually long: tell {desk.admin}." if seconds >= LONG_WAIT else ""
    return f"It has been waiting for {in_words(seconds)}.{unusual}"


def told_by_the_server(failure: Failure) -> Iterator[tuple[TextObject, ...]]:
    """Give the server's own words and the cause, then what we noticed about them."""
    own = ", ".join(quoted(word) for word in failure.server_words)
    cause = cause_in_words(failure.cause, failure.server_words) if failure.cause else None
    if own:
        yield (words.told(f"The server says: {own}", cause),)
    elif cause:
        yield (plain(cause[0].upper() + cause[1:]),)
    if failure.notes:
        yield tuple(plain(note) for note in failure.notes)


def cause_in_words(cause: Cause, said: tuple[str, ...]) -> str:
    """Give the cause code with its standard name, unless the server has just said that name."""
    named = {word.casefold() for word in said}
    return f"cause {cause.code}" if cause.name.casefold() in named else f"cause {cause.code}, {cause.name}"


def quoted(text: str) -> str:
    """Quote the server."""
    return f"“{blocks.cut(blocks.one_line(text), LONGEST_QUOTE)}”"


def facts(fax: Fax) -> Iterator[tuple[str, TextObject]]:
    """Give what is known of a fax, label and value; what the server left empty is left out."""
    if fax.recipients:
        label = "Recipient" if len(fax.recipients) == 1 else "Recipients"
        yield label, plain(blocks.one_line(words.first_few([named(r) for r in fax.recipients], NAMED_RECIPIENTS, "; ")))
    if fax.sender:
        yield "Sender", plain(blocks.one_line(fax.sender))
    if fax.subject:
        yield "Subject", plain(blocks.cut(blocks.one_line(fax.subject), LONGEST_QUOTE))
    if fax.pages or fax.size:
        pages = words.counted(fax.pages, "page") if fax.pages else None
        yield "Length", plain(", ".join(filter(None, [pages, words.size(fax.size) if fax.size else None])))
    if fax.submitted:
        waited = seconds_waited(fax)
        yield "Submitted", words.when(fax.submitted, f"waited {in_words(waited)}" if waited is not None else "")
    if fax.started and not fax.submitted:
        yield "Started", words.when(fax.started, "")
    if fax.ended:
        on_line = seconds_on_line(fax)
        note = f"{in_words(on_line)} on the line" if on_line is not None else ""
        yield "Ended", words.when(fax.ended, note)
    if fax.server:
        yield "Fax server", plain(blocks.one_line(fax.server))


def small_print(seen: SeenFax, sharer: str | None) -> Iterator[TextObject]:
    """Give the id to copy, the other name that the server has for it, as of when the card is, and who shared it."""
    yield mrkdwn(f"`{seen.fax.id}`")
    if seen.fax.named:
        yield plain(f"the server's own id for it: {blocks.one_line(seen.fax.named)}")
    yield mrkdwn(f"as of {words.moment(seen.as_of, time_alone=True)}")
    if sharer:
        yield mrkdwn(f"shared by <@{sharer}>")


def names(fax: Fax) -> str:
    """Give the recipients by name, else by number."""
    return words.first_few(
        [blocks.cut(r.name or r.number or "", LONGEST_QUOTE) for r in fax.recipients], NAMED_RECIPIENTS
    )


def named(recipient: Recipient) -> str:
    """Give a recipient's name and number."""
    return ", ".join(filter(None, [recipient.name, recipient.number]))
