"""One call of `get_fax`: ids in, and out what a thread would read of each, as values and as text."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import structlog
from mcp.types import CallToolResult, ContentBlock, TextContent
from pydantic import ValidationError

from bot.cards import Cards, Message, guidance
from bot.cards.summary import MOST_FAXES
from bot.languages import in_language
from bot.lookup import Looked, Lookup
from bot.mcp.contract import HOW_TO_ASK, Asked
from bot.policy import Asker, Audience, Facts, Place, Standing
from bot.references import fax_ids, near_misses, once, plain
from bot.report import report
from bot.telemetry import Arrival, begin_request
from bot.terminal import as_text

ASSISTANT = Asker(user_id="mcp", team_id="", channel_id=None, way_in="mcp")
"""Nobody by name: whoever talks to the assistant is known to it, not to us."""

log = structlog.get_logger(__name__)


async def facts_of_assistant(_asker: Asker) -> Facts:
    """Say what is known of an assistant: one of ours, whose answers others read."""
    return Facts(Standing.OWN, Place.MEMBER)


@dataclass(frozen=True, slots=True)
class GetFax:
    """The tool. What it gives is masked as others may see it, whoever asks."""

    lookup: Lookup
    cards: Cards

    async def __call__(self, arguments: dict[str, Any]) -> CallToolResult:
        """Answer one call; raises nothing."""
        arrival = begin_request()
        try:
            with in_language(self.cards.language):
                return await self.answer(arguments, arrival)
        except Exception:  # The SDK would tell the assistant its text, which may quote a fax.
            log.exception("a call broke")
            return mistake(guidance.broken(arrival.reference))

    async def answer(self, arguments: dict[str, Any], arrival: Arrival) -> CallToolResult:
        """Look up what is named, or say how to name it."""
        try:
            texts = Asked.model_validate(arguments).ids
        except ValidationError:
            return mistake(guidance.said(HOW_TO_ASK))
        if wrong := [text for text in texts if not fax_ids(text)]:
            return mistake(*map(self.no_id, wrong))
        ids = once(fax_id for text in texts for fax_id in fax_ids(text))
        if len(ids) > MOST_FAXES:
            return mistake(guidance.said(HOW_TO_ASK))
        looked = await self.lookup(ids, ASSISTANT, arrival, Audience.OTHERS)
        if not isinstance(looked, Looked):
            return mistake(self.cards.refused(looked))
        return CallToolResult(
            content=told(self.cards.one(seen) for seen in looked.seen),
            structuredContent={"faxes": [report(seen, self.cards).as_json() for seen in looked.seen]},
        )

    def no_id(self, text: str) -> Message:
        """Say what is wrong with what was given for an id."""
        unread = near_misses(text)
        return self.cards.no_whole_id(unread[0]) if unread else self.cards.no_fax_id(plain(text).strip())


def mistake(*messages: Message) -> CallToolResult:
    """Tell the assistant what is in the way, so that it can mend it or say so."""
    return CallToolResult(content=told(messages), isError=True)


def told(messages: Iterable[Message]) -> list[ContentBlock]:
    """Give messages as text."""
    return [TextContent(type="text", text=as_text(message)) for message in messages]
