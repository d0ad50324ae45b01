"""What is done on the page, done in Slack and at the fax server; each is what a person could do there."""

import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.manifest import STEP
from playground.demo.settings import COMMAND
from playground.page.eyes import EYES
from playground.page.fax_room import MOODS, FaxRoom, NotAnAnswer
from playground.page.feed import Feed
from playground.slack import CannotDo, Delivery, Message, SlackServer, View
from playground.slack.acks import Typed
from playground.slack.wire import JsonObject

INVITE = "/invite"
LONGEST_RUN = 20.0
"""Seconds after which the page says that a workflow still waits."""
MENTION = re.compile(r"(?<![\w<])@(\w+)")


class CannotAct(Exception):
    """Nobody could do that; the message says why."""


class Asked(BaseModel):
    """What every act says: with whose eyes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    eyes: str = "me"

    @property
    def user(self) -> str:
        """Who acts. Raises CannotAct for nobody whom the page knows."""
        if self.eyes not in EYES:
            said = f"Nobody is called “{self.eyes}” here."
            raise CannotAct(said)
        return EYES[self.eyes].user


class Said(Asked):
    """A line from the composer: a command, or a message."""

    channel: str
    text: str = Field(min_length=1, max_length=12_000)
    thread_ts: str | None = None


class Pressed(Asked):
    """A press on a message (`channel` and `ts`), or in a modal or Home tab (`view_id`)."""

    action_id: str
    channel: str = ""
    ts: str = ""
    view_id: str = ""
    option: str | None = None


class Shortcut(Asked):
    """A shortcut, global or from the menu of a message."""

    callback_id: str
    channel: str = ""
    ts: str = ""


class Submitted(Asked):
    """A modal, sent."""

    view_id: str
    values: JsonObject


class Closed(Asked):
    """A modal, closed."""

    view_id: str


class TabChosen(Asked):
    """A tab of the app's conversation: its Home, or the messages."""

    tab: Literal["home", "messages"]


class StepRun(Asked):
    """A workflow comes to the bot's step."""

    fax_id: str = Field(max_length=3000)


class MoodChosen(Asked):
    """The fax server's mood."""

    mood: str


class OwnAnswer(Asked):
    """An answer of one's own."""

    text: str


Act: TypeAlias = Callable[[JsonObject], Awaitable[JsonObject]]


class Acts:
    """Does what the page asks, by the act's name; each gives what the page needs to know at once."""

    def __init__(self, slack: SlackServer, room: FaxRoom, feed: Feed) -> None:
        self.slack = slack
        self.room = room
        self.feed = feed
        self._acts: dict[str, Act] = {
            "say": lambda given: self.say(Said(**given)),
            "press": lambda given: self.press(Pressed(**given)),
            "shortcut": lambda given: self.shortcut(Shortcut(**given)),
            "submit": lambda given: self.submit(Submitted(**given)),
            "close": lambda given: self.close(Closed(**given)),
            "tab": lambda given: self.open_tab(TabChosen(**given)),
            "step": lambda given: self.run_step(StepRun(**given)),
            "mood": lambda given: self.choose_mood(MoodChosen(**given)),
            "failing": lambda given: self.send_one_that_fails(Asked(**given)),
            "outage": lambda given: self.break_the_line(Asked(**given)),
            "own": lambda given: self.put_own(OwnAnswer(**given)),
        }

    def add(self, more: Mapping[str, Act]) -> None:
        """Do these acts, too."""
        self._acts |= more

    async def do(self, act: str, given: JsonObject) -> JsonObject:
        """Do one act. Raises CannotAct."""
        if act not in self._acts:
            said = f"There is no act “{act}”."
            raise CannotAct(said)
        try:
            return await self._acts[act](given)
        except (CannotDo, NotAnAnswer) as error:
            raise CannotAct(str(error)) from error
        except ValidationError as error:
            said = "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors())
            raise CannotAct(said) from error

    async def say(self, said: Said) -> JsonObject:
        """Type a command, or write a message with its mentions as Slack stores them."""
        word, _, rest = said.text.partition(" ")
        if not word.startswith("/"):
            await self.slack.post(said.user, said.channel, self.with_mentions(said.text), thread_ts=said.thread_ts)
            return {}
        self.slack.require_member(said.user, said.channel)
        if word == INVITE and said.thread_ts is None:
            return self.invite(said, rest)
        if word != COMMAND:
            typed = Typed(word, rest, said.user, said.channel)
            self.slack.acks.tell(typed, f"{word} is not a valid command.")
            return {}
        delivery = await self.slack.command(
            word, rest.strip(), user=said.user, channel=said.channel, thread_ts=said.thread_ts
        )
        return outcome(delivery)

    def invite(self, said: Said, rest: str) -> JsonObject:
        """Let the bot into the channel, as Slack's own command does."""
        workspace = self.slack.workspace
        if rest.strip().lstrip("@").lower() != workspace.app.name:
            typed = Typed(INVITE, rest, said.user, said.channel)
            self.slack.acks.tell(typed, f"Here only @{workspace.person(workspace.app.bot_user_id).real_name} comes.")
            return {}
        workspace.join(said.channel, workspace.app.bot_user_id)
        workspace.say(
            Message(said.channel, workspace.new_ts(), workspace.app.bot_user_id, "joined the channel.", by_app=True)
        )
        return {}

    async def press(self, pressed: Pressed) -> JsonObject:
        """Press a button, or choose in a menu."""
        on = self.view(pressed.view_id) if pressed.view_id else self.message(pressed.channel, pressed.ts)
        return outcome(await self.slack.press(on, pressed.action_id, user=pressed.user, option=pressed.option))

    async def shortcut(self, shortcut: Shortcut) -> JsonObject:
        """Choose a shortcut."""
        if not shortcut.ts:
            return outcome(await self.slack.shortcut(shortcut.callback_id, user=shortcut.user))
        on = self.message(shortcut.channel, shortcut.ts)
        return outcome(await self.slack.message_shortcut(on, shortcut.callback_id, user=shortcut.user))

    async def submit(self, submitted: Submitted) -> JsonObject:
        """Send a modal."""
        delivery = await self.slack.submit(self.view(submitted.view_id), submitted.values)
        return outcome(delivery)

    async def close(self, closed: Closed) -> JsonObject:
        """Close a modal; of most the bot hears nothing."""
        await self.slack.close_view(self.view(closed.view_id))
        self.feed.look_at_modals()
        return {}

    async def open_tab(self, chosen: TabChosen) -> JsonObject:
        """Open a tab of the app's conversation, of which the bot is told."""
        delivery = await self.slack.open_home(chosen.user, chosen.tab)
        return outcome(delivery) if delivery else {}

    async def run_step(self, step: StepRun) -> JsonObject:
        """Run the step, and give what it gave the workflow: its outputs, or why there are none."""
        run = await self.slack.run_step(STEP, fax_id=step.fax_id)
        try:
            await self.slack.until(lambda: run.over, within=LONGEST_RUN)
        except TimeoutError:
            said = "The workflow still waits for its answer."
            raise CannotAct(said) from None
        return {"outputs": run.outputs, "error": run.error}

    async def choose_mood(self, chosen: MoodChosen) -> JsonObject:
        """Change the fax server's mood."""
        if chosen.mood not in MOODS:
            said = f"The fax server knows no mood “{chosen.mood}”."
            raise CannotAct(said)
        self.room.set_mood(chosen.mood)
        return {}

    async def send_one_that_fails(self, _asked: Asked) -> JsonObject:
        """Queue a fax that fails while one watches."""
        return {"ids": [self.room.send_one_that_fails()]}

    async def break_the_line(self, _asked: Asked) -> JsonObject:
        """Break the line for several numbers."""
        return {"ids": self.room.break_the_line()}

    async def put_own(self, own: OwnAnswer) -> JsonObject:
        """Serve an answer of one's own."""
        return {"ids": [self.room.put_own(own.text)]}

    def message(self, channel: str, ts: str) -> Message:
        """Give a message as it is now."""
        if channel not in self.slack.workspace.channels or (found := self.slack.workspace.find(channel, ts)) is None:
            said = "This message is no longer there."
            raise CannotAct(said)
        return found

    def view(self, view_id: str) -> View:
        """Give an open view."""
        if (found := self.slack.workspace.find_view(view_id)) is None:
            said = "This view is no longer open."
            raise CannotAct(said)
        return found

    def with_mentions(self, text: str) -> str:
        """Write `@name` as Slack stores it, where somebody is called so."""
        users = {person.name: user for user, person in self.slack.workspace.people.items()}

        def mention(found: re.Match[str]) -> str:
            user = users.get(found[1].lower())
            return f"<@{user}>" if user else found[0]

        return MENTION.sub(mention, text)


def outcome(delivery: Delivery) -> JsonObject:
    """Give what Slack would warn of."""
    return {"failure": delivery.failure} if delivery.failure else {}
