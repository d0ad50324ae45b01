"""A link to a fax, shared in a channel: a card as others may see it appears below the message."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import structlog
from slack_bolt.async_app import AsyncApp

from bot.cards import Preview
from bot.lookup import Looked, SeenFax
from bot.policy import Asker, Audience
from bot.references import fax_id_in_link
from bot.services import Services
from bot.slack import MESSAGE_GONE, NOT_TAKEN, SlackUnreachable
from bot.telemetry import Arrival

MOST_LINKS = 3
"""More than this in one message is a list, not a question."""
POSTED = "conversations_history"
"""The source of a message that is posted, also where Slack names none."""
COMPOSER = "COMPOSER"
"""The channel of a message that is still being written: its audience is unknown, so nothing is shown there."""
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class SharedLinks:
    """`link_shared`: one chat.unfurl for a message, each fax once, and not again in the channel for half an hour.

    Slack's own refresh of a Work Object comes as the same event, and is answered however recent the last answer is.
    """

    services: Services

    async def __call__(
        self, event: Mapping[str, Any], body: Mapping[str, Any], context: Mapping[str, Any], arrival: Arrival
    ) -> None:
        """Unfurl the links of one message; raises where Slack should bring it again."""
        links = self.links_of(event)
        if not links or len(event["links"]) > MOST_LINKS:
            return
        asker = Asker(event["user"], str(context.get("team_id") or ""), event["channel"], "link")
        anew = bool(event.get("is_unfurl_refresh"))
        claimed = () if anew else await self.claimed(links, event["channel"], body["event_id"])
        wanted = {fax_id: link for fax_id, link in links.items() if anew or fax_id in claimed}
        # Slack refreshes by itself, in the name of who posted the link.
        previews = await self.drawn(wanted, asker, event.get("thread_ts"), arrival, paced=not anew) if wanted else {}
        shown = previews.keys() if await self.shown(event, links, previews) else ()
        if missing := [fax_id for fax_id in claimed if fax_id not in shown]:
            await self.services.store.not_unfurled(event["channel"], missing, body["event_id"])

    def links_of(self, event: Mapping[str, Any]) -> dict[str, str]:
        """Give the first link, as posted, to each fax that a person's message names."""
        composed = (event.get("source") or POSTED) != POSTED or event["channel"] == COMPOSER
        if composed or event.get("bot_id") or not event.get("user"):
            return {}
        links: dict[str, str] = {}
        for link in event["links"]:
            fax_id = fax_id_in_link(link["url"], self.services.link_domains)
            if fax_id:
                links.setdefault(fax_id, link["url"])
        return links

    async def claimed(self, fax_ids: Iterable[str], channel_id: str, event_id: str) -> tuple[str, ...]:
        """Take those that nobody has unfurled there, before they are looked up: the others cost nobody anything."""
        first = self.services.store.first_to_unfurl
        return tuple([fax_id for fax_id in fax_ids if await first(channel_id, fax_id, event_id)])

    async def drawn(
        self, links: Mapping[str, str], asker: Asker, thread_ts: str | None, arrival: Arrival, *, paced: bool
    ) -> dict[str, Preview]:
        """Give what everybody there may see of each fax; of one that cannot be shown there is nothing."""
        looked = await self.services.lookup(tuple(links), asker, arrival, Audience.OTHERS, paced=paced)
        if not isinstance(looked, Looked):
            return {}
        seen = {one.fax.id: one for one in looked.seen if isinstance(one, SeenFax)}
        return {fax_id: self.services.cards.below(one, links[fax_id], thread_ts) for fax_id, one in seen.items()}

    async def shown(self, event: Mapping[str, Any], links: Mapping[str, str], previews: Mapping[str, Preview]) -> bool:
        """Bring the previews to Slack, and say whether it took them; raises where it may do so later."""
        if not previews:
            return False
        by_link = {links[fax_id]: preview for fax_id, preview in previews.items()}
        try:
            await self.services.slack.unfurl(target_of(event), by_link)
        except SlackUnreachable as error:
            if error.problem not in MESSAGE_GONE | NOT_TAKEN:
                raise
            log.info("not unfurled", problem=error.problem)
            return False
        return True


def target_of(event: Mapping[str, Any]) -> dict[str, str]:
    """Give what chat.unfurl is to know the message by; on Enterprise Grid there is no `unfurl_id`, nor a `source`."""
    if event.get("unfurl_id") and event.get("source"):
        return {"unfurl_id": event["unfurl_id"], "source": event["source"]}
    return {"channel": event["channel"], "ts": event["message_ts"]}


def register(app: AsyncApp, services: Services) -> None:
    """Listen to shared links."""
    app.event("link_shared")(SharedLinks(services))
