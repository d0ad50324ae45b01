"""What `/fax doctor` tells an administrator: what fails first, each with its remedy, and what is well in few words."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.cards import blocks
from bot.cards.blocks import LONGEST_SECTION, Message, escape

MARKS = {"fail": "❌", "warn": "⚠️", "ok": "✅", "skip": "⏭️"}
"""By the state's word, in the order in which they are told."""
WORDS = {"fail": "failed", "warn": "to be looked at", "ok": "well", "skip": "not looked at"}
LONGEST_LINE = 1200
BELOW = "\n      → "


@dataclass(frozen=True, slots=True)
class Line:
    """One finding; `state` is fail, warn, ok or skip."""

    title: str
    state: str
    sentence: str
    remedy: str | None


def examined(lines: Sequence[Line]) -> Message:
    """Draw what was found."""
    counts = {state: sum(line.state == state for line in lines) for state in MARKS}
    told = ", ".join(f"{count} {WORDS[state]}" for state, count in counts.items() if count)
    worst = next((state for state in MARKS if counts[state]), "ok")
    spelled = [spelled_out(line) for state in MARKS for line in lines if line.state == state]
    sections = [blocks.section(text) for text in paragraphs(spelled)]
    return Message(f"Faxbot, examined: {told}.", (blocks.header(f"{MARKS[worst]} Faxbot, examined: {told}"), *sections))


def spelled_out(line: Line) -> str:
    """Write one finding, with its remedy below it, or behind it where nothing was looked at."""
    text = f"{MARKS[line.state]} {line.state} *{escape(line.title)}:* {escape(line.sentence)}"
    if line.remedy:
        text += f"{' ' if line.state == 'skip' else BELOW}{escape(line.remedy)}"
    return blocks.cut(text, LONGEST_LINE)


def paragraphs(texts: Sequence[str]) -> Iterator[str]:
    """Put as many lines into a paragraph as Slack takes."""
    paragraph = ""
    for text in texts:
        if paragraph and len(paragraph) + 1 + len(text) > LONGEST_SECTION:
            yield paragraph
            paragraph = text
        else:
            paragraph = f"{paragraph}\n{text}".lstrip("\n")
    if paragraph:
        yield paragraph


def follow() -> Message:
    """Say that what is found comes later."""
    text = "I am looking at everything; what I find follows here."
    return Message(text, (blocks.section(text),))


def for_admins_alone(admins: Sequence[str]) -> Message:
    """Say who may have the bot examined, by their Slack ids."""
    text = (
        f"This is for those who look after me: {', '.join(f'<@{admin}>' for admin in admins)}."
        if admins
        else "This is for those whom FAXBOT_ADMINS lists, and it lists nobody: whoever runs me can use `faxbot doctor`."
    )
    return Message(text, (blocks.section(text),))
