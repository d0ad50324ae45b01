"""The card of one fax: state, what happened, whose turn it is, what to do now, and the facts.

It shows all that it is given: the look-up has already taken out what this reader may not see.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote

from bot.cards import blocks, words
from bot.cards.blocks import Block, Button, Message, TextObject, escape, mrkdwn, plain
from bot.cards.buttons import DETAILS, OPEN_PAGE, REFRESH, SHARE, Pressed, button
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
        "🚫 Fax cancelled",
        "was cancelled.",
        "It was stopped before it went through. Who can tell why: the sender.",
    ),
}


def fax_card(
    seen: SeenFax, fax_page: str | None, sharing: Sharing = Sharing.NEVER, sharer: str | None = None
) -> Message:
    """Draw one fax: `fax_page` is the template of its web page, `sharer` who showed it to everybody."""
    fax = seen.fax
    parts: list[Block] = [blocks.header(headline(fax, seen.failure)), *body(fax, seen.failure)]
    parts += blocks.rows(facts(fax))
    parts.append(blocks.context(*small_print(seen, sharer)))
    if seen.hint:
        parts.append(blocks.context(hint_line(seen.hint)))
    if sharing is Sharing.AFTER_INVITATION:
        parts.append(blocks.context(plain("To share this with everybody here, invite me to the channel.")))
    if row := [*buttons_of(seen, sharing, sharer), *page_button(seen, fax_page)]:
        parts.append(blocks.actions(*row))
    return Message(sentence(fax, seen.failure), tuple(parts))


def buttons_of(seen: SeenFax, sharing: Sharing, sharer: str | None) -> Iterator[Button]:
    """Give the buttons that can act on this card now."""
    pressed = Pressed(seen.fax.id, sharer)
    if seen.audience is Audience.OTHERS:
        yield button(DETAILS, "Show details", pressed, spoken="Show the details to me alone")
    elif sharing in {Sharing.AS_MEMBER, Sharing.BY_RESPONSE_URL}:
        yield button(SHARE, "Share to channel", pressed)
    if not seen.fax.status.final:
        yield button(REFRESH, "Refresh", pressed)


def page_button(seen: SeenFax, fax_page: str | None) -> Iterator[Button]:
    """Give the button to the fax's page in the portal, which asks for its own password."""
    if fax_page:
        yield blocks.link_button(OPEN_PAGE, "Open", fax_page.replace("{id}", quote(seen.fax.id, safe="")))


def hint_line(hint: Hint) -> TextObject:
    """Say that it is probably not this fax alone."""
    return mrkdwn("📡 " + escape(hint.text).replace(SINCE, words.moment(hint.since, time_alone=True)))


def headline(fax: Fax, failure: Failure | None) -> str:
    """Say the state in an emoji and a word."""
    if fax.status is Status.OTHER:
        return f"❔ Fax status: “{fax.status_word}”" if fax.status_word else "❔ Fax without a status"
    words_of_state = WORDINGS[fax.status].headline
    return f"{words_of_state}: {failure.headline}" if failure else words_of_state


def sentence(fax: Fax, failure: Failure | None) -> str:
    """Say the verdict and the next step in a sentence or two, for notifications and screen readers."""
    fax_to = f"Fax to {escape(names(fax))}" if fax.recipients else f"Fax {fax.id}"
    if failure:
        return f"{fax_to} failed: {escape(failure.headline)}. {escape(failure.next_step)}"
    if fax.status is not Status.OTHER:
        return f"{fax_to} {WORDINGS[fax.status].sentence}"
    if fax.status_word:
        return f"{fax_to} has the status “{escape(blocks.cut(fax.status_word, LONGEST_QUOTE))}”."
    return f"{fax_to} has no status."


def body(fax: Fax, failure: Failure | None) -> Iterator[Block]:
    """Give what happened, whose it is and what to do; for a fax that did not fail, the server's finer words alone."""
    if failure:
        yield blocks.section(
            f"{escape(failure.meaning)}\n"
            f"*Most likely:* {failure.side.words}   *Send again:* {failure.send_again.words}\n"
            f"*Do now:* {escape(failure.next_step)}"
        )
        yield from (blocks.context(*part) for part in told_by_the_server(failure))
        return
    wording = WORDINGS.get(fax.status)
    if wording and wording.body:
        yield blocks.section(wording.body)
    if fax.detailed_status and fax.status is not Status.COMPLETED:
        yield blocks.context(quoted(fax.detailed_status))


def told_by_the_server(failure: Failure) -> Iterator[tuple[TextObject, ...]]:
    """Give the server's own words and the cause, then what we noticed about them."""
    cause = cause_in_words(failure.cause) if failure.cause else None
    own = [f"“{blocks.cut(blocks.one_line(word), LONGEST_QUOTE)}”" for word in failure.server_words]
    if own or cause:
        yield (words.told(f"Server: {', '.join(own)}" if own else None, cause),)
    if failure.notes:
        yield tuple(plain(note) for note in failure.notes)


def cause_in_words(cause: Cause) -> str:
    """Give the cause code with its standard name."""
    return f"cause {cause.code}, {cause.name}" if cause.name else f"cause {cause.code}"


def quoted(text: str) -> TextObject:
    """Quote the server."""
    return plain(f"Server: “{blocks.cut(blocks.one_line(text), LONGEST_QUOTE)}”")


def facts(fax: Fax) -> Iterator[tuple[str, TextObject]]:
    """Give what is known of a fax, label and value; what the server left empty is left out."""
    if fax.recipients:
        label = "Recipient" if len(fax.recipients) == 1 else "Recipients"
        yield label, plain(blocks.one_line(words.first_few([named(r) for r in fax.recipients], NAMED_RECIPIENTS, "; ")))
    if fax.sender:
        yield "Sender", plain(blocks.one_line(fax.sender))
    if fax.subject:
        yield "Subject", plain(fax.subject)
    if fax.pages is not None or fax.size is not None:
        pages = words.counted(fax.pages, "page") if fax.pages is not None else None
        yield "Length", plain(", ".join(filter(None, [pages, words.size(fax.size) if fax.size is not None else None])))
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
        yield "Server", plain(blocks.one_line(fax.server))


def small_print(seen: SeenFax, sharer: str | None) -> Iterator[TextObject]:
    """Give the id to copy, the other name that the server has for it, as of when the card is, and who shared it."""
    yield mrkdwn(f"`{seen.fax.id}`")
    if seen.fax.named:
        yield plain(f"the answer names {blocks.one_line(seen.fax.named)}")
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
