"""`@Faxbot <id>…` and direct messages: the answer stands in the thread in which it was asked."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import structlog
from slack_bolt.async_app import AsyncApp

from bot.cards import Message, guidance
from bot.cards.summary import MOST_FAXES
from bot.lookup import Looked
from bot.policy import READ_BY_ALL, Asker, Audience, Facts, Place
from bot.references import fax_ids, fax_ids_within
from bot.services import Services
from bot.slack import SlackUnreachable
from bot.telemetry import Arrival

TRIAGE = re.compile(r"\btriage\b", re.IGNORECASE)
MOST_IN_A_THREAD = 20
GONE = frozenset({"channel_not_found", "is_archived", "not_in_channel", "user_not_in_channel", "thread_not_found"})
"""What Slack says where nobody can be answered any more."""

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
    """What is said, and whether to who asked alone."""

    message: Message
    private: bool = False


@dataclass(frozen=True, slots=True)
class Mention:
    """`app_mention`: everybody in the thread reads along, so the answer is what others may see."""

    services: Services
    way_in: ClassVar[str] = "mention"

    async def __call__(self, event: Mapping[str, Any], context: Mapping[str, Any], arrival: Arrival) -> None:
        """Answer one message; raises SlackUnreachable where Slack should bring it again."""
        if event.get("bot_id") or event.get("subtype") or not event.get("user"):
            return
        question = await self.question(event, str(context.get("team_id") or ""), arrival)
        answer = await self.answer(question)
        try:
            await self.say(question, answer)
        except SlackUnreachable as error:
            if error.problem not in GONE:
                raise
            log.info("nobody there to answer", problem=error.problem)

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
        """Look up what is named, or all that the thread names, or say how to ask."""
        if ids := fax_ids(question.text):
            return await self.looked_up(question, ids[:MOST_FAXES], len(ids[MOST_FAXES:]))
        if TRIAGE.search(question.text) and question.in_thread:
            return await self.triage(question)
        return Answer(guidance.how_to_mention(self.services.cards.command), private=True)

    async def triage(self, question: Question) -> Answer:
        """Sum up every fax that the thread names, failures first."""
        try:
            messages = await self.services.slack.thread(question.channel_id, question.thread_ts)
        except SlackUnreachable as error:
            return Answer(guidance.thread_not_read(error.problem), private=True)
        ids = fax_ids_within(messages)
        if not ids:
            return Answer(guidance.nothing_in_thread(), private=True)
        return await self.looked_up(question, ids[:MOST_IN_A_THREAD], len(ids[MOST_IN_A_THREAD:]), triage=True)

    async def looked_up(self, question: Question, ids: tuple[str, ...], cut: int, *, triage: bool = False) -> Answer:
        """Look these up, for who will read the answer."""
        looked = await self.services.lookup(ids, question.asker, question.arrival, question.audience)
        if not isinstance(looked, Looked):
            return Answer(self.services.cards.refused(looked), private=True)
        cards = self.services.cards
        return Answer(cards.triage(looked, cut) if triage else cards.answer(looked, cut))

    async def say(self, question: Question, answer: Answer) -> None:
        """Say it in the thread, to everybody or to who asked alone. Raises SlackUnreachable."""
        slack, channel = self.services.slack, question.channel_id
        if question.facts.place is Place.DIRECT or (question.audience is Audience.OTHERS and not answer.private):
            await slack.post(channel, answer.message, question.thread_ts)
        else:
            await slack.post_privately(channel, question.asker.user_id, answer.message, question.thread_ts)


@dataclass(frozen=True, slots=True)
class DirectMessage(Mention):
    """A message in the conversation with us: nobody else reads it, so the answer is everything."""

    way_in: ClassVar[str] = "direct_message"

    async def __call__(self, event: Mapping[str, Any], context: Mapping[str, Any], arrival: Arrival) -> None:
        """Answer one message, if it is a direct one: Bolt tells channels apart no further."""
        if event.get("channel_type") == "im":
            await Mention.__call__(self, event, context, arrival)


def register(app: AsyncApp, services: Services) -> None:
    """Listen to mentions, and to direct messages."""
    app.event("app_mention")(Mention(services))
    app.event("message")(DirectMessage(services))
