"""Several faxes in one answer: a verdict, then a line for each with the next step for what failed."""

from collections import Counter
from collections.abc import Iterator

from bot.cards import blocks, words
from bot.cards.advice import advice_for, seconds_since
from bot.cards.blocks import Block, Message, Section, plain
from bot.cards.buttons import DETAILS, Pressed, button
from bot.cards.fax import hint_line
from bot.cards.guidance import with_cut
from bot.cards.problems import FAULTS
from bot.lookup import NotSeen, Seen, SeenFax
from bot.stonefax import Status, errors
from bot.triage import in_words
from bot.triage.outages import Hint

MOST_FAXES = 10
TAIL_OF_AN_ID = 6
LONGEST_NAME = 60
LONGEST_STEP = 80

COUNTED = {
    Status.FAILED: "failed",
    Status.QUEUED: "waiting",
    Status.IN_PROGRESS: "being sent",
    Status.COMPLETED: "delivered",
    Status.CANCELED: "cancelled",
    Status.OTHER: "in another state",
}
EMOJI = {
    Status.FAILED: "❌",
    Status.QUEUED: "⏳",
    Status.IN_PROGRESS: "📤",
    Status.COMPLETED: "✅",
    Status.CANCELED: "🚫",
    Status.OTHER: "❔",
}
NOT_FOUND, NOT_ANSWERED = "not found", "without an answer"


def summary(seen: tuple[Seen, ...], cut: int = 0) -> Message:
    """Draw several faxes, in the order given; `cut` is how many were left out."""
    verdict = f"{words.counted(len(seen), 'fax', 'faxes')}: {counts(seen)}"
    parts: list[Block] = [blocks.header(verdict)]
    parts += [row(number, one) for number, one in enumerate(seen, 1)]
    parts += [blocks.context(hint_line(hint)) for hint in hints(seen)]
    if references := sorted({one.reference for one in seen if isinstance(one, NotSeen)}):
        parts.append(blocks.context(plain(f"ref {', '.join(references)}")))
    message = Message(f"{verdict}.", tuple(parts))
    return with_cut(message, len(seen), cut) if cut else message


def failures_first(seen: tuple[Seen, ...]) -> tuple[Seen, ...]:
    """Order faxes by how much they need somebody: failed, without an answer, then the rest as they came."""
    return tuple(sorted(seen, key=lambda one: 1 if isinstance(one, NotSeen) else 0 if one.failure else 2))


def counts(seen: tuple[Seen, ...]) -> str:
    """Say how many there are of each, failures first."""
    found = Counter(COUNTED[one.fax.status] if isinstance(one, SeenFax) else lost(one) for one in seen)
    return ", ".join(f"{found[word]} {word}" for word in (*COUNTED.values(), NOT_FOUND, NOT_ANSWERED) if found[word])


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
        spoken = f"Details of fax {number}, …{seen.fax.id[-TAIL_OF_AN_ID:]}"
        line["accessory"] = button(f"{DETAILS}_{number}", "Details", Pressed(seen.fax.id), spoken=spoken)
    return line


def parts_of(seen: Seen) -> Iterator[str]:
    """Say which fax, to whom, and what became of it."""
    if isinstance(seen, NotSeen):
        yield f"❔ …{seen.fax_id[-TAIL_OF_AN_ID:]}"
        yield FAULTS[type(seen.error)].short
        return
    yield f"{EMOJI[seen.fax.status]} …{seen.fax.id[-TAIL_OF_AN_ID:]}"
    if seen.fax.recipients:
        first, *others = seen.fax.recipients
        named = blocks.cut(blocks.one_line(first.name or first.number or ""), LONGEST_NAME)
        yield f"{named} +{len(others)} more" if others else named
    yield state(seen)


def state(seen: SeenFax) -> str:
    """Say what became of one fax, and the next step where it failed."""
    fax = seen.fax
    if seen.failure:
        step = advice_for(seen, seen.failure).short_step
        return f"{seen.failure.headline} → {blocks.cut(step, LONGEST_STEP)}"
    if fax.status is Status.QUEUED:
        waiting = seconds_since(fax.submitted, seen.as_of)
        return f"in the queue for {in_words(waiting)}" if waiting is not None else "in the queue"
    if fax.status is Status.COMPLETED and fax.pages:
        return f"delivered, {words.counted(fax.pages, 'page')}"
    if fax.status is Status.OTHER and fax.status_word:
        return f"status “{blocks.cut(blocks.one_line(fax.status_word), LONGEST_STEP)}”"
    return COUNTED[fax.status]
