"""A link to a fax, shared in a channel: a card as others may see it appears below the message."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import structlog
from slack_bolt.async_app import AsyncApp

from bot.cards import Preview
from bot.lookup import Looked, SeenFax
from bot.policy import Asker, Audience
from bot.references import fax_id_in_link
from bot.services import Services
from bot.slack import MESSAGE_GONE, SlackUnreachable
from bot.telemetry import Arrival

MOST_LINKS = 3
"""More than this in one message is a list, not a question."""
POSTED = "conversations_history"
"""The source of a message that is posted; the composer's audience is unknown, so nothing is shown there."""
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class SharedLinks:
    """`link_shared`: one chat.unfurl for a message, each fax once, and not again in the channel for half an hour."""

    services: Services

    async def __call__(
        self, event: Mapping[str, Any], body: Mapping[str, Any], context: Mapping[str, Any], arrival: Arrival
    ) -> None:
        """Unfurl the links of one message; raises where Slack should bring it again."""
        links = self.links_of(event)
        if not links or len(event["links"]) > MOST_LINKS:
            return
        asker = Asker(event["user"], str(context.get("team_id") or ""), event["channel"], "link")
        drawn = await self.drawn(links, asker, event.get("thread_ts"), arrival)
        first = self.services.store.first_to_unfurl
        previews = {
            links[fax_id]: preview
            for fax_id, preview in drawn.items()
            if await first(event["channel"], fax_id, body["event_id"])
        }
        if not previews:
            return
        try:
            await self.services.slack.unfurl({"unfurl_id": event["unfurl_id"], "source": event["source"]}, previews)
        except SlackUnreachable as error:
            if error.problem not in MESSAGE_GONE:
                raise
            log.info("not unfurled", problem=error.problem)

    def links_of(self, event: Mapping[str, Any]) -> dict[str, str]:
        """Give the first link, as posted, to each fax that a person's message names."""
        if event.get("source") != POSTED or event.get("bot_id") or not event.get("user"):
            return {}
        links: dict[str, str] = {}
        for link in event["links"]:
            fax_id = fax_id_in_link(link["url"], self.services.link_domains)
            if fax_id:
                links.setdefault(fax_id, link["url"])
        return links

    async def drawn(
        self, links: Mapping[str, str], asker: Asker, thread_ts: str | None, arrival: Arrival
    ) -> dict[str, Preview]:
        """Give what everybody there may see of each fax; of one that cannot be shown there is nothing."""
        looked = await self.services.lookup(tuple(links), asker, arrival, Audience.OTHERS)
        if not isinstance(looked, Looked):
            return {}
        seen = {one.fax.id: one for one in looked.seen if isinstance(one, SeenFax)}
        return {fax_id: self.services.cards.below(one, links[fax_id], thread_ts) for fax_id, one in seen.items()}


def register(app: AsyncApp, services: Services) -> None:
    """Listen to shared links."""
    app.event("link_shared")(SharedLinks(services))
