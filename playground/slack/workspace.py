"""The state of a Slack workspace: who is where, what was said, and what each person sees of it."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from itertools import count

from .messages import Message
from .people import App, Channel, ChannelKind, Person, Team, UserGroup
from .views import View
from .wire import JsonObject


@dataclass(frozen=True, slots=True)
class Change:
    """What became of a message: posted, updated, unfurled or deleted."""

    kind: str
    message: Message
    before: Message | None = None


@dataclass
class Workspace:
    """One team and everything in it. People, channels and groups are replaced, never altered."""

    team: Team
    app: App
    people: dict[str, Person] = field(default_factory=dict)
    channels: dict[str, Channel] = field(default_factory=dict)
    user_groups: dict[str, UserGroup] = field(default_factory=dict)
    clock: Callable[[], float] = time.time
    changes: list[Change] = field(default_factory=list)
    on_change: list[Callable[[Change], None]] = field(default_factory=list)
    """Who is told of each change, as it happens."""
    homes: dict[str, View] = field(default_factory=dict)
    """The Home tab of each person."""
    modals: dict[str, list[View]] = field(default_factory=dict)
    """The modals that each person has open, the uppermost last."""

    def __post_init__(self) -> None:
        self._said: dict[str, dict[str, Message]] = {}
        self._replies: dict[tuple[str, str], list[str]] = {}
        self._numbers = count(1)
        self._last_microsecond = 0

    def person(self, user: str) -> Person:
        """Give the person with this id; KeyError when there is none."""
        return self.people[user]

    def is_ours(self, user: str) -> bool:
        """Say whether the person belongs to the team that installed the app."""
        return self.people[user].team_id == self.team.id

    def is_guest(self, user: str) -> bool:
        """Say whether the person is a guest, of one channel or several."""
        return self.people[user].is_restricted

    def bot_is_in(self, channel: str) -> bool:
        """Say whether the bot is a member of the channel."""
        return self.app.bot_user_id in self.channels[channel].members

    def join(self, channel: str, user: str) -> None:
        """Let somebody, the bot too, into a channel."""
        there = self.channels[channel]
        self.channels[channel] = replace(there, members=there.members | {user})

    def leave(self, channel: str, user: str) -> None:
        """Take somebody, the bot too, out of a channel."""
        there = self.channels[channel]
        self.channels[channel] = replace(there, members=there.members - {user})

    def direct_message(self, *users: str) -> Channel:
        """Give the conversation between the bot and these people; it is opened when there is none yet."""
        members = frozenset({self.app.bot_user_id, *users})
        for channel in self.channels.values():
            if channel.members == members and channel.kind in {ChannelKind.IM, ChannelKind.MPIM}:
                return channel
        kind = ChannelKind.IM if len(users) == 1 else ChannelKind.MPIM
        name = "" if kind is ChannelKind.IM else "mpdm-" + "--".join(self.people[user].name for user in users) + "-1"
        opened = Channel(self.new_id("D" if kind is ChannelKind.IM else "G"), name, kind, members)
        self.channels[opened.id] = opened
        return opened

    def new_id(self, letter: str) -> str:
        """Give an id that was not given before, as `D0000000007`."""
        return f"{letter}{next(self._numbers):010d}"

    def new_ts(self) -> str:
        """Give a time stamp as Slack writes it: unique, and later than every one before."""
        self._last_microsecond = max(int(self.clock() * 1_000_000), self._last_microsecond + 100)
        seconds, microseconds = divmod(self._last_microsecond, 1_000_000)
        return f"{seconds}.{microseconds:06d}"

    def say(self, message: Message) -> Message:
        """Add a message that has its `ts` from `new_ts`."""
        self._said.setdefault(message.channel, {})[message.ts] = message
        if message.thread_ts is not None and message.is_reply:
            self._replies.setdefault((message.channel, message.thread_ts), []).append(message.ts)
        self._note(Change("posted", message))
        return message

    def put(self, message: Message, kind: str = "updated") -> Message:
        """Put the message in the place of the one with its `ts`."""
        there = self._said[message.channel]
        change = Change(kind, message, before=there[message.ts])
        there[message.ts] = message
        self._note(change)
        return message

    def delete(self, message: Message) -> None:
        """Take a message away."""
        del self._said[message.channel][message.ts]
        if message.thread_ts is not None and message.is_reply:
            self._replies[message.channel, message.thread_ts].remove(message.ts)
        self._note(Change("deleted", message))

    def _note(self, change: Change) -> None:
        self.changes.append(change)
        for told in self.on_change:
            told(change)

    def find(self, channel: str, ts: str) -> Message | None:
        """Give the message as it is now, ephemeral ones included."""
        return self._said.get(channel, {}).get(ts)

    def messages(self, channel: str) -> Iterator[Message]:
        """Give all messages at the channel's own level, as everybody sees them, oldest first."""
        there = self._said.get(channel, {})
        return (message for message in there.values() if not message.is_reply and not message.ephemeral)

    def replies(self, channel: str, thread_ts: str) -> list[Message]:
        """Give the replies in a thread, ephemeral ones included, oldest first."""
        there = self._said.get(channel, {})
        return [there[ts] for ts in self._replies.get((channel, thread_ts), ())]

    def can_see(self, user: str, channel: str) -> bool:
        """Say whether the person can look into the channel: members can, and our own full members into public ones."""
        there = self.channels[channel]
        if user in there.members:
            return True
        return there.kind is ChannelKind.PUBLIC and self.is_ours(user) and not self.is_guest(user)

    def seen_by(self, user: str, channel: str, thread_ts: str | None = None) -> list[Message]:
        """Give what the person sees in the channel, or in one of its threads (its first message included)."""
        if not self.can_see(user, channel):
            return []
        there = self._said.get(channel, {})
        if thread_ts is None:
            candidates = [message for message in there.values() if not message.is_reply]
        else:
            candidates = [there[thread_ts]] if thread_ts in there else []
            candidates += self.replies(channel, thread_ts)
        return [message for message in candidates if message.seen_only_by in {None, user}]

    def find_view(self, view_id: str) -> View | None:
        """Give the open view with this id."""
        open_views = (*self.homes.values(), *(view for stack in self.modals.values() for view in stack))
        return next((view for view in open_views if view.id == view_id), None)

    def new_view(self, user: str, as_sent: JsonObject) -> View:
        """Give a view that nobody has before them yet."""
        return View(self.new_id("V"), user, as_sent, hash=f"{self.new_ts()}.hash")

    def put_modal(self, view: View) -> None:
        """Put the modal in the place of the open one with its id."""
        stack = self.modals[view.user]
        stack[[each.id for each in stack].index(view.id)] = view

    def forget(self) -> None:
        """Drop everything that was said so far; for runs that last."""
        self._said.clear()
        self._replies.clear()
        self.changes.clear()
