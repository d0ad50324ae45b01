"""The buttons on our cards: each press is a new look-up, under the policy, for whoever pressed."""

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

import structlog
from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.cards import Cards, Message, guidance
from bot.cards.buttons import OPEN_PAGE, REFRESH, ROW_DETAILS, SHARE, Pressed, read
from bot.lookup import Looked, NotSeen, Refused, SeenFax
from bot.policy import Asker, Audience, Sharing
from bot.services import Services
from bot.slack import ReplyTo, SlackUnreachable, is_direct
from bot.tasks import Joint
from bot.telemetry import Arrival

log = structlog.get_logger(__name__)

Body = Mapping[str, Any]
"""A block_actions payload (docs.slack.dev/reference/interaction-payloads/block_actions-payload)."""


@dataclass(frozen=True, slots=True)
class Press:
    """One press: what is on the button, who pressed it and where; `private` if the presser alone sees the card.

    An `ephemeral` card is no message that could be edited, or answered in a thread. `unfurl` is the link, as posted,
    below which the card stands, if it does, and `message_ts` that message.
    """

    pressed: Pressed
    asker: Asker
    reply_to: ReplyTo
    arrival: Arrival
    private: bool
    ephemeral: bool
    message_ts: str
    unfurl: str | None


@dataclass(frozen=True, slots=True)
class CardButton(ABC):
    """What all buttons about a fax do: ack at once, since the ack of a press shows nothing, then answer."""

    services: Services
    way_in: ClassVar[str]

    async def __call__(self, ack: AsyncAck, body: Body, arrival: Arrival) -> None:
        """Take one press."""
        pressed = read(body["actions"][0])
        reply_to = reply_to_of(body, pressed)
        work = (
            self.answer(press_of(body, pressed, reply_to, arrival, self.way_in))
            if pressed
            else Outdated(self.services).answer(body)
        )
        await self.services.answers.after_ack(ack, reply_to, arrival, work)

    @abstractmethod
    async def answer(self, press: Press) -> Message | None:
        """Give what the presser alone is told, if anything."""

    async def looked_up(self, press: Press, audience: Audience) -> Looked | Refused:
        """Look the fax up again."""
        return await self.services.lookup((press.pressed.fax_id,), press.asker, press.arrival, audience)


@dataclass(frozen=True, slots=True)
class Details(CardButton):
    """`Details` of a row, `Show details` of a shared card: the presser alone sees the whole card."""

    way_in: ClassVar[str] = "details"

    async def answer(self, press: Press) -> Message:
        """Show the card."""
        return self.services.cards.answer(await self.looked_up(press, Audience.ASKER))


@dataclass(frozen=True, slots=True)
class Refresh(CardButton):
    """`Refresh`: the card takes its own place, for whoever sees it."""

    way_in: ClassVar[str] = "refresh"

    async def answer(self, press: Press) -> Message | None:
        """Replace the card, or say why not and leave it as it is."""
        cards = self.services.cards
        looked = await self.looked_up(press, Audience.ASKER if press.private else Audience.OTHERS)
        if not isinstance(looked, Looked):
            return cards.refused(looked)
        seen = looked.seen[0]
        if isinstance(seen, NotSeen):
            return cards.one(seen)
        sharing, sharer = looked.sharing if press.unfurl is None else Sharing.NEVER, press.pressed.sharer

        def drawn(cards: Cards) -> Message:
            return cards.one(seen, sharing, None if press.private else sharer, press.pressed.thread_ts)

        return None if await self.replaced(press, seen, drawn(cards)) else drawn(cards.for_one_alone())

    async def replaced(self, press: Press, seen: SeenFax, card: Message) -> bool:
        """Put the card in the place of the one that was pressed, and say whether Slack took it."""
        slack, link = self.services.slack, press.unfurl
        if link is None:
            return await slack.respond(press.reply_to, card, replace=True)
        preview = self.services.cards.below(seen, link, press.pressed.thread_ts)
        try:
            await slack.unfurl({"channel": str(press.asker.channel_id), "ts": press.message_ts}, {link: preview})
        except SlackUnreachable as error:
            log.info("not unfurled anew", problem=error.problem)
            return False
        return True


@dataclass(frozen=True, slots=True)
class Share(CardButton):
    """`Share to channel`: everybody there sees the card, as others may see it, with who shared it."""

    way_in: ClassVar[str] = "share"
    sharing: Joint[tuple[str, str | None, str], Message | None] = field(default_factory=Joint)

    async def answer(self, press: Press) -> Message | None:
        """Share once, however often the button is pressed meanwhile."""
        key = (press.asker.user_id, press.asker.channel_id, press.pressed.fax_id)
        return await self.sharing.result(key, lambda: self.shared(press))

    async def shared(self, press: Press) -> Message | None:
        """Post the card, and give what to tell the presser where that could not be done."""
        cards, slack = self.services.cards, self.services.slack
        looked = await self.looked_up(press, Audience.OTHERS)
        if not isinstance(looked, Looked):
            return cards.refused(looked)
        seen = looked.seen[0]
        if isinstance(seen, NotSeen):
            return cards.one(seen)
        card = cards.one(seen, looked.sharing, press.asker.user_id)
        if looked.sharing is Sharing.AS_MEMBER and press.asker.channel_id:
            try:
                await slack.post(press.asker.channel_id, card, press.reply_to.thread_ts)
            except SlackUnreachable as error:
                return guidance.not_posted(error.problem, surely=error.nothing_done)
        elif not await slack.respond(press.reply_to, card, to_everybody=True):
            return guidance.not_posted("no_response_url", surely=False)
        if press.private:
            await slack.respond(press.reply_to, guidance.shared(seen.fax.id), replace=True)
        return None


@dataclass(frozen=True, slots=True)
class Outdated:
    """A button of a card that another version made: the presser is told, and Slack shows no warning."""

    services: Services

    async def __call__(self, ack: AsyncAck, body: Body, arrival: Arrival) -> None:
        """Say so, where there is a place to say it."""
        if "response_url" in body:
            await self.services.answers.after_ack(ack, reply_to_of(body), arrival, self.answer(body))
        else:
            await ack()

    async def answer(self, body: Body) -> Message:
        """Say what to do instead."""
        await self.services.slack.people.learn_language(body["user"]["id"])
        return guidance.outdated_button(self.services.cards.command)


async def page_opened(ack: AsyncAck) -> None:
    """Acknowledge a link button: Slack tells of the press, and warns the person if nobody listens."""
    await ack()


def press_of(body: Body, pressed: Pressed, reply_to: ReplyTo, arrival: Arrival, way_in: str) -> Press:
    """Read who pressed, and where."""
    user, container = body["user"], body["container"]
    channel_id = (body.get("channel") or {}).get("id") or container.get("channel_id")
    asker = Asker(user["id"], user.get("team_id", ""), channel_id, way_in)
    unfurl = container.get("app_unfurl_url") if container.get("is_app_unfurl") else None
    ephemeral = bool(container.get("is_ephemeral"))
    private = unfurl is None and (ephemeral or bool(channel_id and is_direct(channel_id)))
    return Press(pressed, asker, reply_to, arrival, private, ephemeral, str(container.get("message_ts")), unfurl)


def reply_to_of(body: Body, pressed: Pressed | None = None) -> ReplyTo:
    """Read where an answer goes: into the thread that the card is in, if it is in one."""
    thread_ts: str | None = body["container"].get("thread_ts") or (pressed.thread_ts if pressed else None)
    return ReplyTo(body["response_url"], body["user"]["id"], thread_ts)


def register(app: AsyncApp, services: Services) -> None:
    """Listen to the buttons."""
    app.action(ROW_DETAILS)(Details(services))
    app.action(REFRESH)(Refresh(services))
    app.action(SHARE)(Share(services))
    app.action(OPEN_PAGE)(page_opened)


def register_last(app: AsyncApp, services: Services) -> None:
    """Listen to any other button: Bolt asks its listeners in turn."""
    app.action(re.compile(""))(Outdated(services))
