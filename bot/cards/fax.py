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
from bot.languages import _, marked, ngettext, pgettext
from bot.lookup import SeenFax
from bot.policy import Audience, Sharing
from bot.stonefax import Fax, Recipient, Status
from bot.triage import Cause, Failure, in_words, seconds_on_line, seconds_waited
from bot.triage.hint import SINCE, Hint

NAMED_RECIPIENTS = 3
LONGEST_QUOTE = 300


@dataclass(frozen=True, slots=True)
class Wording:
    """How a status is said: in the headline, and in a sentence with whom the fax is for, or else with its id."""

    headline: str
    by_name: str
    by_id: str
    body: str | None = None


WORDINGS = {
    Status.COMPLETED: Wording(
        marked("✅ Fax delivered"), marked("Fax to {names} was delivered."), marked("Fax {id} was delivered.")
    ),
    Status.FAILED: Wording(
        marked("❌ Fax failed: {headline}"),
        marked("Fax to {names} failed: {headline}. {next_step}"),
        marked("Fax {id} failed: {headline}. {next_step}"),
    ),
    Status.QUEUED: Wording(
        marked("⏳ Fax waiting in the queue"),
        marked("Fax to {names} is waiting in the queue."),
        marked("Fax {id} is waiting in the queue."),
    ),
    Status.IN_PROGRESS: Wording(
        marked("📤 Fax being sent"), marked("Fax to {names} is being sent."), marked("Fax {id} is being sent.")
    ),
    Status.CANCELED: Wording(
        marked("🚫 Fax cancelled"),
        marked("Fax to {names} was cancelled."),
        marked("Fax {id} was cancelled."),
        marked("It was stopped before it went through; the sender can say why."),
    ),
}
NOT_NAMED = Wording(
    marked("❔ Fax without a status"),
    marked("Fax to {names} has no status."),
    marked("Fax {id} has no status."),
    marked("The fax server knows this fax, but does not say what became of it. Refresh, or ask {admin}."),
)
UNKNOWN = Wording(
    marked("❔ Fax status: “{word}”"),
    marked("Fax to {names} has the status “{word}”."),
    marked("Fax {id} has the status “{word}”."),
    marked("I don't know this status; the fax is probably not finished."),
)
LONG_WAIT = 3600.0
"""Seconds in the queue from which on somebody should look."""


def wording_of(fax: Fax) -> Wording:
    """Give how the status of a fax is said."""
    return WORDINGS.get(fax.status) or (UNKNOWN if fax.status_word else NOT_NAMED)


@dataclass(frozen=True, slots=True)
class Desk:
    """What a card says of the place that it is read in: whom to ask, in mrkdwn, and a fax's web page."""

    admin: str
    fax_page: str | None = None


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
        parts.append(blocks.context(plain(_("I can share this only where I am a member: /invite @Faxbot."))))
    pressed = Pressed(seen.fax.id, sharer, thread_ts)
    if row := [*buttons_of(seen, sharing, pressed), *page_button(seen, desk.fax_page)]:
        parts.append(blocks.actions(*row))
    return Message(sentence(seen), tuple(parts))


def buttons_of(seen: SeenFax, sharing: Sharing, pressed: Pressed) -> Iterator[Button]:
    """Give the buttons that can act on this card now."""
    if seen.audience is Audience.OTHERS:
        yield button(DETAILS, _("Show details"), pressed, spoken=_("Show the details to me alone"))
    elif sharing in {Sharing.AS_MEMBER, Sharing.BY_RESPONSE_URL}:
        share = button(SHARE, _("Share to channel"), pressed)
        share["confirm"] = blocks.confirm(
            _("Share to channel?"),
            _(
                "Everybody here will see the recipient's name and what became of the fax, with the number masked and "
                "without subject and sender."
            ),
            pgettext("button", "Share"),
        )
        yield share
    if not seen.fax.status.final:
        yield button(REFRESH, _("Refresh"), pressed)
        # What a response_url has shown to everybody cannot be edited later.
        if seen.audience is Audience.ASKER or sharing is not Sharing.BY_RESPONSE_URL:
            yield button(WATCH, _("Tell me when it is final"), pressed)


def page_button(seen: SeenFax, fax_page: str | None) -> Iterator[Button]:
    """Give the button to the fax's page in the portal, which asks for its own password."""
    if fax_page:
        yield blocks.link_button(
            OPEN_PAGE, pgettext("button", "Open"), fax_page.replace("{id}", quote(seen.fax.id, safe=""))
        )


def hint_line(hint: Hint) -> TextObject:
    """Say that it is probably not this fax alone."""
    return mrkdwn("📡 " + escape(hint.text).replace(SINCE, words.moment(hint.since)))


def headline(fax: Fax, failure: Failure | None) -> str:
    """Say the state in an emoji and a word."""
    return _(wording_of(fax).headline).format(word=fax.status_word, headline=failure.headline if failure else "")


def sentence(seen: SeenFax, said: Callable[[str], str] = escape) -> str:
    """Say the verdict and the next step in a sentence or two, for notifications and screen readers.

    `said` makes outside text fit for where it is read.
    """
    fax, failure = seen.fax, seen.failure
    wording = wording_of(fax)
    return _(wording.by_name if fax.recipients else wording.by_id).format(
        names=said(names(fax)),
        id=fax.id,
        headline=said(failure.headline) if failure else "",
        next_step=said(advice_for(seen, failure).next_step) if failure else "",
        word=said(blocks.cut(fax.status_word or "", LONGEST_QUOTE)),
    )


def body(seen: SeenFax, desk: Desk) -> Iterator[Block]:
    """Give what happened, whose it is and what to do; for a fax that did not fail, how it stands."""
    fax, failure = seen.fax, seen.failure
    if failure:
        advice = advice_for(seen, failure)
        whose = _("*Most likely:* {side}   *Send again:* {send_again}").format(
            side=failure.side.words, send_again=advice.send_again.words
        )
        to_do = _("*Do now:* {next_step}").format(next_step=escape(advice.next_step))
        yield blocks.section(f"{escape(failure.meaning)}\n{whose}\n{to_do}")
        yield from (blocks.context(*part) for part in told_by_the_server(failure))
        return
    if text := wording_of(fax).body:
        yield blocks.section(_(text).format(admin=desk.admin))
    elif fax.status is Status.QUEUED and (waited := seconds_since(fax.submitted, seen.as_of)) is not None:
        yield blocks.section(waiting(waited, desk))
    if fax.detailed_status and fax.status is not Status.COMPLETED:
        yield blocks.context(plain(said_by_the_server(fax.detailed_status)))


def waiting(seconds: float, desk: Desk) -> str:
    """Say how long a fax has been waiting, and when somebody should look."""
    text = (
        _("It has been waiting for {time}. That is unusually long: tell {admin}.")
        if seconds >= LONG_WAIT
        else _("It has been waiting for {time}.")
    )
    return text.format(time=in_words(seconds), admin=desk.admin)


def told_by_the_server(failure: Failure) -> Iterator[tuple[TextObject, ...]]:
    """Give the server's own words and the cause, then what we noticed about them."""
    cause = failure.cause
    if failure.server_words:
        with_it = cause_in_words(cause, failure.server_words) if cause else None
        yield (words.told(said_by_the_server(*failure.server_words), with_it),)
    elif cause:
        yield (plain(_("Cause {code}, {name}").format(code=cause.code, name=name_of(cause))),)
    if failure.notes:
        yield tuple(plain(note) for note in failure.notes)


def cause_in_words(cause: Cause, said: tuple[str, ...]) -> str:
    """Give the cause code with its standard name, unless the server has just said that name."""
    named = {word.casefold() for word in said}
    text = _("cause {code}") if cause.name.casefold() in named else _("cause {code}, {name}")
    return text.format(code=cause.code, name=name_of(cause))


def name_of(cause: Cause) -> str:
    """Give the name that the standard has for a cause code, in English as it is looked up there."""
    return cause.name if cause.known else _("not a known cause code")


def said_by_the_server(*said: str) -> str:
    """Quote the server."""
    quotes = (words.quoted(blocks.cut(blocks.one_line(text), LONGEST_QUOTE)) for text in said)
    return _("The server says: {words}").format(words=", ".join(quotes))


def facts(fax: Fax) -> Iterator[tuple[str, TextObject]]:
    """Give what is known of a fax, label and value; what the server left empty is left out."""
    if fax.recipients:
        label = ngettext("Recipient", "Recipients", len(fax.recipients))
        yield label, plain(blocks.one_line(words.first_few([named(r) for r in fax.recipients], NAMED_RECIPIENTS, "; ")))
    if fax.sender:
        yield _("Sender"), plain(blocks.one_line(fax.sender))
    if fax.subject:
        yield _("Subject"), plain(blocks.cut(blocks.one_line(fax.subject), LONGEST_QUOTE))
    if fax.pages or fax.size:
        pages = words.pages(fax.pages) if fax.pages else None
        yield (
            pgettext("of a fax", "Length"),
            plain(", ".join(filter(None, [pages, words.size(fax.size) if fax.size else None]))),
        )
    if fax.submitted:
        waited = seconds_waited(fax)
        note = _("waited {time}").format(time=in_words(waited)) if waited is not None else ""
        yield pgettext("when", "Submitted"), words.when(fax.submitted, note)
    if fax.started and not fax.submitted:
        yield pgettext("when", "Started"), words.when(fax.started, "")
    if fax.ended:
        on_line = seconds_on_line(fax)
        note = _("{time} on the line").format(time=in_words(on_line)) if on_line is not None else ""
        yield pgettext("when", "Ended"), words.when(fax.ended, note)
    if fax.server:
        yield _("Fax server"), plain(blocks.one_line(fax.server))


def small_print(seen: SeenFax, sharer: str | None) -> Iterator[TextObject]:
    """Give the id to copy, the other name that the server has for it, as of when the card is, and who shared it."""
    yield mrkdwn(f"`{seen.fax.id}`")
    if seen.fax.named:
        yield plain(_("the server's own id for it: {id}").format(id=blocks.one_line(seen.fax.named)))
    yield mrkdwn(_("as of {time}").format(time=words.moment(seen.as_of, time_alone=True)))
    if sharer:
        yield mrkdwn(_("shared by {person}").format(person=f"<@{sharer}>"))


def names(fax: Fax) -> str:
    """Give the recipients by name, else by number."""
    return words.first_few(
        [blocks.cut(r.name or r.number or "", LONGEST_QUOTE) for r in fax.recipients], NAMED_RECIPIENTS
    )


def named(recipient: Recipient) -> str:
    """Give a recipient's name and number."""
    return ", ".join(filter(None, [recipient.name, recipient.number]))
