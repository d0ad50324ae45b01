"""Several faxes in one answer: a verdict, then a line for each with the next step for what failed."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping

from bot.cards import blocks, words
from bot.cards.advice import advice_for, seconds_since
from bot.cards.blocks import Block, Message, Section, plain
from bot.cards.buttons import DETAILS, Pressed, button
from bot.cards.fax import hint_line
from bot.cards.guidance import with_cut
from bot.cards.problems import FAULTS
from bot.languages import _, marked, ngettext
from bot.lookup import NotSeen, Seen, SeenFax
from bot.stonefax import Status, errors
from bot.triage import in_words
from bot.triage.hint import Hint

MOST_FAXES = 10
TAIL_OF_AN_ID = 6
LONGEST_NAME = 60
LONGEST_STEP = 80

NOT_FOUND, NOT_ANSWERED = "not_found", "not_answered"
COUNTED: Mapping[Status | str, Callable[[int], str]] = {
    Status.FAILED: lambda count: ngettext("{count} failed", "{count} failed", count),
    Status.QUEUED: lambda count: ngettext("{count} waiting", "{count} waiting", count),
    Status.IN_PROGRESS: lambda count: ngettext("{count} being sent", "{count} being sent", count),
    Status.COMPLETED: lambda count: ngettext("{count} delivered", "{count} delivered", count),
    Status.CANCELED: lambda count: ngettext("{count} cancelled", "{count} cancelled", count),
    Status.OTHER: lambda count: ngettext("{count} in another state", "{count} in another state", count),
    NOT_FOUND: lambda count: ngettext("{count} not found", "{count} not found", count),
    NOT_ANSWERED: lambda count: ngettext("{count} without an answer", "{count} without an answer", count),
}
"""How many faxes of each kind there are, in the order in which it is told."""
STATES = {
    Status.FAILED: marked("failed"),
    Status.QUEUED: marked("in the queue"),
    Status.IN_PROGRESS: marked("being sent"),
    Status.COMPLETED: marked("delivered"),
    Status.CANCELED: marked("cancelled"),
    Status.OTHER: marked("in another state"),
}
"""What became of one fax."""
EMOJI = {
    Status.FAILED: "❌",
    Status.QUEUED: "⏳",
    Status.IN_PROGRESS: "📤",
    Status.COMPLETED: "✅",
    Status.CANCELED: "🚫",
    Status.OTHER: "❔",
}


def summary(seen: tuple[Seen, ...], cut: int = 0) -> Message:
    """Draw several faxes, in the order given; `cut` is how many were left out."""
    verdict = _("{faxes}: {counts}").format(faxes=words.faxes(len(seen)), counts=counts(seen))
    parts: list[Block] = [blocks.header(verdict)]
    parts += [row(number, one) for number, one in enumerate(seen, 1)]
    parts += [blocks.context(hint_line(hint)) for hint in hints(seen)]
    if references := sorted({one.reference for one in seen if isinstance(one, NotSeen)}):
        parts.append(blocks.context(plain(_("ref {reference}").format(reference=", ".join(references)))))
    message = Message(f"{verdict}.", tuple(parts))
    return with_cut(message, len(seen), cut) if cut else message


def failures_first(seen: tuple[Seen, ...]) -> tuple[Seen, ...]:
    """Order faxes by how much they need somebody: failed, without an answer, then the rest as they came."""
    return tuple(sorted(seen, key=lambda one: 1 if isinstance(one, NotSeen) else 0 if one.failure else 2))


def counts(seen: tuple[Seen, ...]) -> str:
    """Say how many there are of each, failures first."""
    found = Counter(one.fax.status if isinstance(one, SeenFax) else lost(one) for one in seen)
    return ", ".join(said(found[kind]).format(count=found[kind]) for kind, said in COUNTED.items() if found[kind])


def hints(seen: tuple[Seen, ...]) -> list[Hint]:
    """Give what concerns more than one fax, each once."""
    return list(dict.fromkeys(one.hint for one in seen if isinstance(one, SeenFax) and one.hint))


def lost(not_seen: NotSeen) -> str:
    """Say as what a fax counts of which there is nothing to see."""
    return NOT_FOUND if isinstance(not_seen.error, errors.FaxNotFound) else NOT_ANSWERED


def row(number: int, seen: Seen) -> Section:
    """Draw one line, in plain text, with a button to the whole card where there is one."""
    line = blocks.section_of(plain(" · ".join(parts_of(seen)), blocks.LONGEST_SECTION, emoji=False))
    if isinstance(seen, SeenFax):
        spoken = _("Details of fax {number}, …{id}").format(number=number, id=seen.fax.id[-TAIL_OF_AN_ID:])
        line["accessory"] = button(f"{DETAILS}_{number}", _("Details"), Pressed(seen.fax.id), spoken=spoken)
    return line


def parts_of(seen: Seen) -> Iterator[str]:
    """Say which fax, to whom, and what became of it."""
    if isinstance(seen, NotSeen):
        yield f"❔ …{seen.fax_id[-TAIL_OF_AN_ID:]}"
        yield _(FAULTS[type(seen.error)].short)
        return
    yield f"{EMOJI[seen.fax.status]} …{seen.fax.id[-TAIL_OF_AN_ID:]}"
    if seen.fax.recipients:
        first, *others = seen.fax.recipients
        named = blocks.cut(blocks.one_line(first.name or first.number or ""), LONGEST_NAME)
        yield f"{named} {words.and_more(len(others))}" if others else named
    yield state(seen)


def state(seen: SeenFax) -> str:
    """Say what became of one fax, and the next step where it failed."""
    fax = seen.fax
    if seen.failure:
        step = advice_for(seen, seen.failure).short_step
        return f"{seen.failure.headline} → {blocks.cut(step, LONGEST_STEP)}"
    if fax.status is Status.QUEUED:
        waiting = seconds_since(fax.submitted, seen.as_of)
        if waiting is not None:
            return _("in the queue for {time}").format(time=in_words(waiting))
    if fax.status is Status.COMPLETED and fax.pages:
        return _("delivered, {pages}").format(pages=words.pages(fax.pages))
    if fax.status is Status.OTHER and fax.status_word:
        return _("status “{word}”").format(word=blocks.cut(blocks.one_line(fax.status_word), LONGEST_STEP))
    return _(STATES[fax.status])
