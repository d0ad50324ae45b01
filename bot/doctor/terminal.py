"""What was found, drawn in a terminal: a line for each check with a mark and a word, and what to do below it."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby
from textwrap import wrap

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.text import Text

from bot.doctor.check import Check
from bot.doctor.examination import Found, every_check
from bot.doctor.finding import State

MARKS = {State.OK: "✓", State.WARN: "!", State.FAIL: "✗", State.SKIP: "-"}
STYLES = {State.OK: "green", State.WARN: "yellow", State.FAIL: "bold red", State.SKIP: "dim"}
INDENT = 9
NOT_WRAPPED = 100_000


def show(found: Sequence[Found], console: Console) -> None:
    """Show all findings, grouped by what they are about; in a pipe each is one line, however long."""
    width = console.width if console.is_terminal else NOT_WRAPPED
    for line in drawn(found, width):
        console.print(line, soft_wrap=True)


def drawn(found: Sequence[Found], width: int) -> Iterator[Text]:
    """Draw the lines."""
    for about, group in groupby(found, lambda one: one.about):
        yield Text(about, style="bold")
        for one in group:
            yield from drawn_finding(one, width)
        yield Text()
    yield Text(summed_up(found), style="bold")


def drawn_finding(one: Found, width: int) -> Iterator[Text]:
    """Draw a line, and the remedy below it where something is to be done; where nothing was looked at, behind it."""
    state, remedy = one.finding.state, one.finding.remedy or ""
    line = f"{one.check.title}: {one.finding.sentence}"
    first, *more = wrapped(f"{line} {remedy}" if state is State.SKIP else line, width)
    yield Text.assemble((f"  {MARKS[state]} {state}".ljust(INDENT), STYLES[state]), first)
    yield from (Text(" " * INDENT + line) for line in more)
    if state in {State.WARN, State.FAIL}:
        arrow, *more = wrapped(f"→ {remedy}", width)
        yield Text(" " * INDENT + arrow)
        yield from (Text(" " * INDENT + "  " + line) for line in more)


def wrapped(text: str, width: int) -> list[str]:
    """Break a text into lines that leave room for the indent; where it has lines of its own, they stay."""
    return [line for part in text.splitlines() for line in wrap(part, max(20, width - INDENT - 2))]


def summed_up(found: Sequence[Found]) -> str:
    """Count what was found, by its state."""
    states = [one.finding.state for one in found]
    return ", ".join(f"{states.count(state)} {state}" for state in (State.FAIL, State.WARN, State.OK, State.SKIP))


@contextmanager
def progress(console: Console) -> Iterator[Callable[[Check], None]]:
    """Show on a terminal how far the examination is, and leave nothing behind."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("Looking", total=len(list(every_check())))

        def begun(check: Check) -> None:
            bar.update(task, description=f"Looking: {check.title}", advance=1, refresh=True)

        yield begun
