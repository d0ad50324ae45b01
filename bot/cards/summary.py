"""Several faxes in one answer: a verdict, then a line for each with the next step for what failed."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime

from bot.cards import blocks, words
from bot.cards.blocks import Block, Message, Section, plain
from bot.cards.buttons import DETAILS, Pressed, button
from bot.cards.fax import hint_line
from bot.lookup import NotSeen, Seen, SeenFax
from bot.stonefax import FaxError, Status, errors
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
SHORT_FAULTS: dict[type[FaxError], str] = {
    errors.FaxNotFound: "not found: a wrong id, or no longer kept by the server",
    errors.PageNotFound: "not found, and the answer was a web page: is STONEFAX_URL right?",
    errors.AccountRefused: "the fax server does not accept my own account: for an administrator",
    errors.AccountTooLow: "my account may not read this fax: for an administrator",
    errors.ServerBusy: "the fax server is busy: try again in a minute",
    errors.ServerBroken: "the fax server has a fault of its own: try again in a few minutes",
    errors.ServerTooSlow: "the fax server did not answer in time: try again in a minute",
}
OTHER_FAULT = "the fax server gave no answer: try again in a minute"


def summary(seen: tuple[Seen, ...], cut: tuple[str, ...]) -> Message:
    """Draw several faxes, in the order given; `cut` are the ids that were too many."""
    verdict = f"{words.counted(len(seen), 'fax', 'faxes')}: {counts(seen)}"
    parts: list[Block] = [blocks.header(verdict)]
    parts += [row(number, one) for number, one in enumerate(seen, 1)]
    parts += [blocks.context(hint_line(hint)) for hint in hints(seen)]
    if cut:
        rest = words.counted(len(cut), "id was", "ids were")
        parts.append(blocks.context(plain(f"I look up {MOST_FAXES} at a time: {rest} left out, from {cut[0]} on.")))
    return Message(f"{verdict}.", tuple(parts))


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
        fault = SHORT_FAULTS.get(type(seen.error), OTHER_FAULT)
        yield f"❔ …{seen.fax_id[-TAIL_OF_AN_ID:]}"
        yield f"{fault} (ref {seen.reference})"
        return
    yield f"{EMOJI[seen.fax.status]} …{seen.fax.id[-TAIL_OF_AN_ID:]}"
    if seen.fax.recipients:
        first, *others = seen.fax.recipients
        named = blocks.cut(blocks.one_line(first.name or first.number or ""), LONGEST_NAME)
        yield f"{named} +{len(others)} more" if others else named
    yield state(seen)


def seconds_since(time: datetime | None, now: datetime) -> float | None:
    """Give the seconds from a fax's time to now, where its zone is known and the clocks agree."""
    if time is None or time.tzinfo is None or time > now:
        return None
    return (now - time).total_seconds()


def state(seen: SeenFax) -> str:
    """Say what became of one fax, and the next step where it failed."""
    fax = seen.fax
    if seen.failure:
        return f"{seen.failure.headline} → {blocks.cut(seen.failure.short_step, LONGEST_STEP)}"
    if fax.status is Status.QUEUED:
        waiting = seconds_since(fax.submitted, seen.as_of)
        return f"in the queue for {in_words(waiting)}" if waiting is not None else "in the queue"
    if fax.status is Status.COMPLETED and fax.pages:
        return f"delivered, {words.counted(fax.pages, 'page')}"
    if fax.status is Status.OTHER and fax.status_word:
        return f"status “{blocks.cut(blocks.one_line(fax.status_word), LONGEST_STEP)}”"
    return COUNTED[fax.status]
