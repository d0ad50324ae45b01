"""`@Faxbot <id>…` and direct messages: the answer stands in the thread in which it was asked."""

import re
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import structlog
from slack_bolt.async_app import AsyncApp, AsyncBoltRequest

from bot.cards import Cards, Message, guidance
from bot.cards.summary import MOST_FAXES
from bot.lookup import Looked, NotAllowed
from bot.policy import READ_BY_ALL, Asker, Audience, Facts, Place
from bot.references import fax_ids, fax_ids_said, near_misses, once
from bot.services import Services
from bot.slack import HISTORY_CLOSED, NOBODY_THERE, SlackUnreachable
from bot.telemetry import Arrival

TRIAGE = re.compile(r"\btriage\b", re.IGNORECASE)
MOST_IN_A_THREAD = 20
RETRY = "x-slack-retry-num"
"""The header that says that Slack brings an event again."""
WRITTEN_BY_PEOPLE = frozenset({None, "file_share", "thread_broadcast"})
"""The subtypes of messages that somebody wrote."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Question:
    """One message that asks us, what is known of who wrote it, and who will read the answer."""

    asker: Asker
    facts: Facts
    channel_id: str
    thread_ts: str
    in_thread: bool
    text: str
    arrival: Arrival
    audience: Audience


@dataclass(frozen=True, slots=True)
class Answer:
    """How it is drawn, by whom it is read, and whether it is said to who asked alone."""

    drawn: Callable[[Cards], Message]
    private: bool = False


def in_private(message: Message) -> Answer:
    """Give what is said to who asked alone, in their language."""
    return Answer(lambda _cards: message, private=True)


@dataclass(frozen=True, slots=True)
class Mention:
    """`app_mention`: everybody in the thread reads along, so the answer is what others may see."""

    services: Services
    way_in: ClassVar[str] = "mention"
    channel_type: ClassVar[str | None] = None
    """Which messages are meant, where Bolt tells their channels apart no further."""

    async def __call__(
        self,
        event: Mapping[str, Any],
        body: Mapping[str, Any],
        context: Mapping[str, Any],
        request: AsyncBoltRequest,
        arrival: Arrival,
    ) -> None:
        """Answer one message; raises SlackUnreachable where Slack should bring it again."""
        if self.channel_type and event.get("channel_type") != self.channel_type:
            return
        if event.get("bot_id") or event.get("subtype") not in WRITTEN_BY_PEOPLE or not event.get("user"):
            return
        question = await self.question(event, str(context.get("team_id") or ""), arrival)
        mark = str(body.get("event_id"))
        if RETRY in request.headers and await self.answered_before(question, mark):
            return
        answer = await self.answer(question)
        if await self.could(self.say(question, answer, mark)) or question.facts.place is Place.DIRECT:
            return
        message = answer.drawn(self.services.cards.for_one_alone())
        elsewhere = guidance.answered_elsewhere(message, question.channel_id)
        await self.could(self.services.slack.tell(question.asker.user_id, elsewhere))

    async def could(self, saying: Coroutine[Any, Any, None]) -> bool:
        """Say something, and tell whether that is possible there. Raises SlackUnreachable where it may be later."""
        try:
            await saying
        except SlackUnreachable as error:
            if error.problem not in NOBODY_THERE:
                raise
            log.warning("nobody there to answer", problem=error.problem)
            return False
        return True

    async def answered_before(self, question: Question, mark: str) -> bool:
        """Look whether our answer to this event is there already; without the scope to read there, it is not known.

        Raises SlackUnreachable where it may be known later.
        """
        try:
            return await self.services.slack.has_mark(mark, question.channel_id, question.thread_ts)
        except SlackUnreachable as error:
            if error.problem in HISTORY_CLOSED:
                return False
            raise

    async def question(self, event: Mapping[str, Any], team_id: str, arrival: Arrival) -> Question:
        """Read who asks what, and where; in a place where strangers may read along the answer is private."""
        asker = Asker(event["user"], team_id, event["channel"], self.way_in)
        facts = await self.services.lookup.facts(asker)
        read_by_all = self.services.lookup.policy.sharing(facts) in READ_BY_ALL
        return Question(
            asker,
            facts,
            channel_id=event["channel"],
            thread_ts=event.get("thread_ts") or event["ts"],
            in_thread="thread_ts" in event,
            text=str(event.get("text", "")),
            arrival=arrival,
            audience=Audience.OTHERS if read_by_all else Audience.ASKER,
        )

    async def answer(self, question: Question) -> Answer:
        """Look up what is named, or all that the thread names, or say how to ask; a stranger gets none of it."""
        if ids := fax_ids(question.text):
            return await self.looked_up(question, ids[:MOST_FAXES], len(ids[MOST_FAXES:]))
        refusal = self.services.lookup.policy.refusal(question.asker, question.facts)
        if refusal:
            refused = NotAllowed(refusal, question.arrival.reference)
            return in_private(self.services.cards.refused(refused))
        if TRIAGE.search(question.text) and question.in_thread:
            return await self.triage(question)
        if unread := near_misses(question.text):
            return in_private(self.services.cards.no_whole_id(unread[0]))
        return in_private(self.how_to_ask(question))

    def how_to_ask(self, question: Question) -> Message:
        """Give the help that fits the place."""
        cards = self.services.cards
        if question.facts.place is Place.DIRECT:
            return guidance.how_to_write(cards.id_hint)
        return guidance.how_to_mention(cards.command, cards.id_hint, in_thread=question.in_thread)

    async def triage(self, question: Question) -> Answer:
        """Sum up every fax that people name in the thread, failures first."""
        try:
            us = await self.services.slack.people.us()
            messages = await self.services.slack.thread(question.channel_id, question.thread_ts)
        except SlackUnreachable as error:
            return in_private(guidance.thread_not_read(error.problem))
        said = [message for message in messages if message.get("user") != us.bot_user_id]
        ids = once(fax_id for message in said for fax_id in fax_ids_said(message))
        if not ids:
            return in_private(guidance.nothing_in_thread())
        # Reading a long thread takes its time, which the fax server must not be blamed for.
        question = replace(question, arrival=replace(question.arrival, at=Arrival().at))
        return await self.looked_up(question, ids[:MOST_IN_A_THREAD], len(ids[MOST_IN_A_THREAD:]), triage=True)

    async def looked_up(self, question: Question, ids: tuple[str, ...], cut: int, *, triage: bool = False) -> Answer:
        """Look these up, for who will read the answer."""
        looked = await self.services.lookup(ids, question.asker, question.arrival, question.audience)
        if not isinstance(looked, Looked):
            return in_private(self.services.cards.refused(looked))
        return Answer(lambda cards: cards.triage(looked, cut) if triage else cards.answer(looked, cut))

    async def say(self, question: Question, answer: Answer, mark: str) -> None:
        """Say it in the thread, to everybody or to who asked alone. Raises SlackUnreachable."""
        slack, channel = self.services.slack, question.channel_id
        message = answer.drawn(self.services.cards)
        if question.facts.place is Place.DIRECT or (question.audience is Audience.OTHERS and not answer.private):
            await slack.post(channel, message, question.thread_ts, mark=mark)
            return
        # A thread that nobody has begun does not show what one person alone is told in it.
        thread_ts = question.thread_ts if question.in_thread else None
        await slack.post_privately(channel, question.asker.user_id, message, thread_ts)


@dataclass(frozen=True, slots=True)
class DirectMessage(Mention):
    """A message in the conversation with us: nobody else reads it, so the answer is everything."""

    way_in: ClassVar[str] = "direct_message"
    channel_type: ClassVar[str | None] = "im"


def register(app: AsyncApp, services: Services) -> None:
    """Listen to mentions, and to direct messages."""
    app.event("app_mention")(Mention(services))
    app.event("message")(DirectMessage(services))
