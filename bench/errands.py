"""What people do with the bot all day, and what came of each: answered once, refused by Slack, lost, or doubled.

Each errand is about a fax of its own, so that what Slack shows in the end tells which errand it belongs to.
"""

import asyncio
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum
from itertools import count
from random import Random
from time import monotonic

from bot.cards.buttons import REFRESH, SHARE
from bot.references import fax_ids
from playground.slack import Call, Delivery, Message, ResponsePost, SlackServer
from playground.slack.example import ANN, BOB, BOT, SUPPORT
from playground.slack.workspace import Change
from playground.stonefax import FINE, Rule, StoneFaxServer

FOLLOWS, UNDER_WAY, PROMISED = "taking its time", "under way", "You will be told"
LATE = 1.8
"""Seconds that the fax server takes for a fax whose answer comes after the ack."""
SHORT = re.compile(r"…(\w+)")
"""How a row of a summary names a fax: by the end of its id."""
SHORT_LENGTH = 6
LINK = "https://fax.example.com/{}"


class Kind(Enum):
    """What somebody does."""

    COMMAND = "command"
    SEVERAL = "command, several ids"
    LATE = "command, answered late"
    REFRESH = "press of Refresh"
    SHARE = "press of Share"
    WATCH = "watch"
    MENTION = "mention"
    DIRECT_MESSAGE = "direct message"
    LINK = "link"


MIX = {
    Kind.COMMAND: 30,
    Kind.SEVERAL: 8,
    Kind.LATE: 8,
    Kind.REFRESH: 8,
    Kind.SHARE: 8,
    Kind.WATCH: 10,
    Kind.MENTION: 12,
    Kind.DIRECT_MESSAGE: 8,
    Kind.LINK: 8,
}
"""How often each comes, of a hundred."""
BY_EVENT = frozenset({Kind.MENTION, Kind.DIRECT_MESSAGE, Kind.LINK})
"""What Slack keeps for the bot, and brings again."""


class Came(Enum):
    """What came of an errand."""

    ONCE = "answered once"
    REFUSED = "not acked, which Slack tells the person"
    NOTHING = "not answered"
    TWICE = "answered twice"


@dataclass(eq=False)
class Errand:
    """One thing that somebody did, at which bot, and what Slack knows of it."""

    kind: Kind
    person: str
    ids: tuple[str, ...]
    bot: str
    begun: float = field(default_factory=monotonic)
    deliveries: list[Delivery] = field(default_factory=list)
    message: Message | None = None

    @property
    def fax(self) -> str:
        """Give the fax that it is about, or the first of several."""
        return self.ids[0]


@dataclass
class Errands:
    """Lets people go about them, at any of the bots that `bots` gives, and judges."""

    slack: SlackServer
    fax_server: StoneFaxServer
    dice: Random
    bots: Callable[[], Sequence[str]]
    people: Sequence[str] = (ANN, BOB)
    spoilt: Callable[[], Rule | None] = lambda: None
    """Gives what goes wrong with the next fax, if anything does."""
    under_way: list[Errand] = field(default_factory=list)
    numbers: Iterator[int] = field(default_factory=count)
    seen: dict[str, list[Message]] = field(default_factory=dict)
    """What the bot posted by itself about a fax, by its id."""
    brought: dict[str, list[str]] = field(default_factory=dict)
    """How the deliveries of an event went, by the `ts` of its message."""

    def __post_init__(self) -> None:
        self.slack.workspace.on_change.append(self.note_change)
        self.slack.journal.on_record.append(self.note_record)

    def note_change(self, change: Change) -> None:
        """Keep what the bot says by itself."""
        message = change.message
        if change.kind == "posted" and message.user == BOT and not message.by_answer:
            for fax in (*fax_ids(message.words), *SHORT.findall(message.words)):
                self.seen.setdefault(fax, []).append(message)

    def note_record(self, record: Call | Delivery | ResponsePost) -> None:
        """Keep how the delivery of an event went."""
        if isinstance(record, Delivery) and (event := record.payload.get("event")):
            how = f"{record.status or record.retry_reason} in {record.seconds:.1f} s"
            self.brought.setdefault(event.get("message_ts") or event["ts"], []).append(how)

    def course(self, errand: Errand) -> str:
        """Say how the deliveries of an event went, for who wonders why it is not done."""
        return "; ".join(self.brought.get(errand.message.ts, ())) if errand.message else ""

    async def run(self, kind: Kind | None = None) -> Errand:
        """Do one of them, and give it when Slack has its first answer."""
        kind = kind or self.dice.choices([*MIX], [*MIX.values()])[0]
        ids = tuple(self.put(kind) for _ in range(3 if kind is Kind.SEVERAL else 1))
        errand = Errand(kind, self.dice.choice(self.people), ids, self.dice.choice(self.bots()))
        self.under_way.append(errand)
        if kind in BY_EVENT:
            await self.write(errand)
        else:
            await self.ask(errand)
        return errand

    def put(self, kind: Kind) -> str:
        """Let the fax server know a new fax, and give its id."""
        fax = f"IAS-N1_{self.dice.randrange(16**7):07x}{next(self.numbers):08x}_0"
        waits = kind in {Kind.REFRESH, Kind.WATCH}
        status = "Queued" if waits else self.dice.choice(("Completed", "Failed", "InProgress"))
        self.fax_server.put(fax, {"faxId": fax, "status": status, "failureReason": "busy"})
        rule = Rule(delay=LATE) if kind is Kind.LATE else self.spoilt()
        if rule:
            self.fax_server.rule(fax, rule)
        return fax

    async def ask(self, errand: Errand) -> None:
        """Type a command, and perhaps press a button on its answer."""
        text = ("watch " if errand.kind is Kind.WATCH else "") + " ".join(errand.ids)
        self.slack.bot_url = errand.bot
        typed = await self.slack.command("/fax", text, user=errand.person, channel=SUPPORT)
        errand.deliveries.append(typed)
        button = {Kind.REFRESH: REFRESH, Kind.SHARE: SHARE}.get(errand.kind)
        card = typed.shown[0] if typed.acked and typed.shown else None
        if card and button and any(element["action_id"] == button for _, element, _ in card.elements()):
            self.slack.bot_url = errand.bot
            errand.deliveries.append(await self.slack.press(card, button, user=errand.person))

    async def write(self, errand: Errand) -> None:
        """Write a message from which an event follows; a mention stands in a thread of its own."""
        workspace = self.slack.workspace
        thread_ts = None
        channel, text = SUPPORT, LINK.format(errand.fax)
        if errand.kind is Kind.MENTION:
            text = f"<@{BOT}> {errand.fax}"
            thread_ts = workspace.say(Message(SUPPORT, workspace.new_ts(), errand.person, "What of it?")).ts
        elif errand.kind is Kind.DIRECT_MESSAGE:
            channel, text = workspace.direct_message(errand.person).id, errand.fax
        self.slack.bot_url = errand.bot
        errand.message = await self.slack.post(errand.person, channel, text, thread_ts=thread_ts)

    def complete_watches(self, age: float = 0.0) -> None:
        """Let every fax that somebody has watched for so many seconds reach its end."""
        for errand in self.under_way:
            if errand.kind is Kind.WATCH and monotonic() - errand.begun > age:
                self.fax_server.put(errand.fax, {"faxId": errand.fax, "status": "Completed"})
                self.fax_server.rule(errand.fax, FINE)

    def judged(self, errand: Errand) -> Came:
        """Say what came of an errand so far; while it is on its way that is nothing."""
        if errand.kind in BY_EVENT:
            return counted(self.answers_to_event(errand))
        if not errand.deliveries:
            return Came.NOTHING
        cames = [self.came_of(errand, delivery, number) for number, delivery in enumerate(errand.deliveries)]
        if promised(errand):
            # An answer that cannot be read is told too, once, before the end: with a mark of its own.
            marks = Counter(str(message.metadata) for message in self.told(errand, marked=True))
            cames.append(counted(max(marks.values(), default=0)))
        return next((came for came in (Came.TWICE, Came.NOTHING, Came.REFUSED) if came in cames), Came.ONCE)

    def came_of(self, errand: Errand, delivery: Delivery, number: int) -> Came:
        """Say what came of a command, or of the press that followed it."""
        if not delivery.acked:
            return Came.REFUSED
        answers = len(said(delivery))
        if number == 0:
            return counted(answers + len(self.told(errand, marked=False)))
        if errand.kind is Kind.SHARE:
            shared = [message for message in self.seen.get(errand.fax, ()) if message.channel == SUPPORT]
            return Came.TWICE if len(shared) > 1 else counted(min(1, len(shared) + answers))
        return counted(answers)

    def answers_to_event(self, errand: Errand) -> int:
        """Count what stands below the message."""
        message = errand.message
        if message is None:
            return 0
        now = self.slack.workspace.find(message.channel, message.ts) or message
        if errand.kind is Kind.LINK:
            return len(now.unfurls)
        below = self.slack.workspace.replies(now.channel, now.thread_ts or now.ts)
        return sum(reply.user == BOT for reply in below)

    def told(self, errand: Errand, *, marked: bool) -> list[Message]:
        """Give what the person was told by direct message: of a watch's end that is marked, of a late answer not."""
        direct = self.slack.workspace.direct_message(errand.person).id
        name = errand.fax[-SHORT_LENGTH:] if errand.kind is Kind.SEVERAL else errand.fax
        messages = [message for message in self.seen.get(name, ()) if message.channel == direct]
        return [message for message in messages if bool(message.metadata) is marked and not message.is_reply]

    def forget(self, errand: Errand) -> None:
        """Drop an errand that is judged."""
        self.under_way.remove(errand)
        if errand.message:
            self.brought.pop(errand.message.ts, None)
        for fax in errand.ids:
            self.seen.pop(fax, None)
            self.seen.pop(fax[-SHORT_LENGTH:], None)


def promised(errand: Errand) -> bool:
    """Say whether the person was promised to be told of the fax's end."""
    return any(PROMISED in message.words for delivery in errand.deliveries for message in said(delivery))


def said(delivery: Delivery) -> list[Message]:
    """Give the answers in an ack and by its response_url, without the line that says that they follow."""
    later = delivery.response_url.shown if delivery.response_url else []
    return [one for one in (*delivery.shown, *later) if FOLLOWS not in one.words and UNDER_WAY not in one.words]


def counted(answers: int) -> Came:
    """Say what a number of answers means."""
    return (Came.NOTHING, Came.ONCE)[answers] if answers <= 1 else Came.TWICE


async def until_settled(errands: Errands, within: float) -> list[Errand]:
    """Wait until everything under way has come to something, and give what has not."""
    end = monotonic() + within
    while left := [errand for errand in errands.under_way if errands.judged(errand) is Came.NOTHING]:
        if monotonic() > end:
            break
        await asyncio.sleep(0.05)
    return left
