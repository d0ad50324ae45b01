"""What can be typed in the demo, and what it does."""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TextIO

from bot.cards.buttons import DETAILS, REFRESH, SHARE, STOP, WATCH
from bot.references import fax_ids
from playground.demo.screen import Screen
from playground.demo.seat import PEOPLE, PLACES, Seat
from playground.demo.settings import COMMAND
from playground.slack import Message, SlackServer
from playground.stonefax import Exhibit

PRESSES = (SHARE, REFRESH, DETAILS, WATCH, STOP)
SHOWN_AT_FIRST = 12
SEATS = f"as {', '.join(PEOPLE)}: who; in {', '.join(PLACES)}: where."
HELP = (
    f"3, an id, a link, {COMMAND} …: looks it up; 1 2 3: several; ids: the whole list.",
    f"{', '.join(PRESSES)}: presses the newest; details 2: row 2.",
    SEATS,
    f"{COMMAND} help: what the bot says of itself; Ctrl-D: the end.",
)
OTHERWISE = f"Here one types a number from the list, an id, a link, {COMMAND} …, {', '.join(PRESSES)}, ids or help."

Act = Callable[[str, str], Awaitable[None]]
"""What a line does, given its first word and the rest."""


class Keyboard:
    """Does what is typed, as whoever has the seat."""

    def __init__(self, slack: SlackServer, screen: Screen, known: tuple[Exhibit, ...]) -> None:
        self.slack = slack
        self.screen = screen
        self.known = known
        self.acts: dict[str, Act] = {
            COMMAND: self.command,
            "help": self.help,
            "ids": self.ids,
            "as": self.be,
            "in": self.be,
            **dict.fromkeys(PRESSES, self.press),
        }

    async def take(self, lines: TextIO) -> None:
        """Take lines until their end. A pipe's are shown as they come; one without any is shown the first fax."""
        interactive, typed = lines.isatty(), reading(lines)
        self.introduce(SHOWN_AT_FIRST if interactive else len(self.known))
        if interactive:
            self.screen.prompt()
        anything = interactive
        while (line := await typed.get()) is not None:
            self.screen.prompted = False
            if line and not interactive:
                self.screen.echo(line)
            await self.type_line(line)
            anything = anything or bool(line)
            if interactive:
                self.screen.prompt()
        self.screen.prompted = False
        if interactive:
            self.screen.say("")
        if not anything:
            self.screen.echo("1")
            await self.type_line("1")

    def introduce(self, shown: int) -> None:
        """Say what this is, and list the first faxes to try."""
        self.screen.say("Faxbot, with a fax server and a Slack of its own. You are Ann, in #support.", style="bold")
        self.list_first(shown)
        self.screen.say(f"Type a number to look that fax up; help says what else; ids lists all {len(self.known)}.")

    def list_first(self, shown: int) -> None:
        """List faxes to try, by number."""
        for number, exhibit in enumerate(self.known[:shown], 1):
            self.screen.say(f"{number:>2}  {exhibit.shows}  {exhibit.id}", hanging=4)

    async def type_line(self, line: str) -> None:
        """Do what one line asks."""
        word, _, rest = line.partition(" ")
        if act := self.acts.get(word.lower()):
            await act(word.lower(), rest.strip())
        elif (numbers := line.split()) and all(number.isdecimal() for number in numbers):
            await self.look_up_by_number([int(number) for number in numbers])
        elif fax_ids(line):
            await self.command(COMMAND, line)
        elif line:
            self.screen.say(OTHERWISE)

    async def command(self, word: str, text: str) -> None:
        """Type the slash command."""
        seat = self.screen.seat
        await self.slack.command(word, text, user=seat.user, channel=seat.channel(self.slack.workspace))
        self.screen.draw_news()

    async def look_up_by_number(self, numbers: list[int]) -> None:
        """Look up what stands in the list."""
        if all(1 <= number <= len(self.known) for number in numbers):
            await self.command(COMMAND, " ".join(self.known[number - 1].id for number in numbers))
        else:
            self.screen.say(f"The list goes from 1 to {len(self.known)}: ids prints it.")

    async def help(self, _word: str, _rest: str) -> None:
        """Say what can be typed."""
        for line in HELP:
            self.screen.say(line, hanging=2)

    async def ids(self, _word: str, _rest: str) -> None:
        """List all faxes."""
        self.list_first(len(self.known))

    async def be(self, word: str, name: str) -> None:
        """Be somebody else, or somewhere else, and see what is to be seen there."""
        seat = self.changed_seat(word, name.lower())
        if seat is None:
            self.screen.say(SEATS)
        elif not seat.is_allowed(self.slack.workspace):
            self.screen.say(f"{seat.who.capitalize()} is not in {seat.where}.")
        else:
            self.screen.seat = seat
            self.screen.draw_newest()

    def changed_seat(self, word: str, name: str) -> Seat | None:
        """Give the seat after `as …` or `in …`, or None where the name is unknown; channels go without their # too."""
        seat = self.screen.seat
        if word == "as":
            return replace(seat, who=name) if name in PEOPLE else None
        place = next((place for place in PLACES if name in {place, place.removeprefix("#")}), None)
        return replace(seat, where=place) if place else None

    async def press(self, word: str, row: str) -> None:
        """Press a button; without a row, the first of those that a message has."""
        found = self.newest_with({f"{word}_{row}"} if row else {word, f"{word}_1"})
        if found is None:
            self.screen.say(f"No message that you see here has a button for “{f'{word} {row}'.rstrip()}”.")
            return
        before = self.screen.shown
        message, action_id = found
        delivery = await self.slack.press(message, action_id, user=self.screen.seat.user)
        if delivery.failure:
            self.screen.say(f"Slack warns that the press failed: {delivery.failure}.")
        await self.screen.draw_what_comes(before)

    def newest_with(self, action_ids: set[str]) -> tuple[Message, str] | None:
        """Find the newest message that the person sees here with one of these buttons, and which it is."""
        seat, workspace = self.screen.seat, self.slack.workspace
        for message in reversed(workspace.seen_by(seat.user, seat.channel(workspace))):
            for _, element, _ in message.elements():
                if element["action_id"] in action_ids:
                    return message, element["action_id"]
        return None


def reading(lines: TextIO) -> asyncio.Queue[str | None]:
    """Give the queue in which lines come, then None; a thread of its own reads, so that answers can come meanwhile."""
    loop, queue = asyncio.get_running_loop(), asyncio.Queue[str | None]()

    def read() -> None:
        try:
            for line in lines:
                loop.call_soon_threadsafe(queue.put_nowait, line.strip())
        finally:  # a line that cannot be decoded ends the input too
            loop.call_soon_threadsafe(queue.put_nowait, None)

    threading.Thread(target=read, daemon=True).start()
    return queue
