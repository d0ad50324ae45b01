"""The flexpane of a fax: opened from a Work Object below a link, drawn for the one person who opened it.

A trigger is answered whatever happens, or the pane would stay empty: with everything, with the reason why not, or,
where something breaks, with Slack's own words for that.
"""

import asyncio
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import structlog
from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.answers import SECONDS_TO_SHED
from bot.audit import FLEXPANE, Event
from bot.cards import entity, guidance
from bot.cards.buttons import read
from bot.cards.entity import PANE_REFRESH, PANE_WATCH
from bot.cards.work_object import REFERENCE_TYPE, Presented
from bot.policy import Asker
from bot.references import fax_id_in_link, fax_ids
from bot.services import Services
from bot.slack import SlackUnreachable
from bot.stonefax.errors import ServerTooSlow
from bot.tasks import TooManyTasks
from bot.telemetry import Arrival
from handlers.watching import Watching

NOT_TAKEN = frozenset({"entity_metadata_does_not_match_trigger", "invalid_metadata", "invalid_metadata_format"})
"""What Slack says to an entity that it will not show: the trigger is still good for an error."""
WATCH = "watch"
"""The way in by which a wish to be told is noted, wherever its button stands."""

Body = Mapping[str, Any]
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Opened:
    """A pane that waits to be drawn: of which fax, reached by which link, for whom, by which trigger."""

    fax_id: str
    link: str
    asker: Asker
    trigger_id: str
    arrival: Arrival


@dataclass(frozen=True, slots=True)
class Flexpane:
    """`entity_details_requested`: the fax as the person may see it who opened the pane."""

    services: Services

    async def __call__(self, event: Body, context: Mapping[str, Any], arrival: Arrival) -> None:
        """Draw the pane that an event tells of; it is not brought again, since its trigger would be gone by then."""
        named = named_in(event, self.services.link_domains)
        if named is None:
            await self.present(event["trigger_id"], entity.NOT_OURS, arrival)
            return
        asker = Asker(event["user"], str(context.get("team_id") or ""), event.get("channel"), FLEXPANE)
        await self.show(Opened(*named, asker, event["trigger_id"], arrival))

    async def show(self, opened: Opened, note: str | None = None) -> None:
        """Look the fax up, and present it; whatever breaks, the trigger is answered."""
        try:
            presented = await self.looked_up(opened, note)
        except Exception:
            log.exception("a flexpane broke", ref=opened.arrival.reference)
            presented = entity.BROKEN
        await self.present(opened.trigger_id, presented, opened.arrival)

    async def looked_up(self, opened: Opened, note: str | None) -> Presented:
        """Give what this person may see, or say that it is not there in time."""
        lookup, arrival = self.services.lookup, opened.arrival
        try:
            # The fetch itself goes on, so that a press on Refresh is likely to find its answer.
            async with asyncio.timeout(self.seconds_left(arrival)):
                looked = await lookup((opened.fax_id,), opened.asker, arrival)
        except TimeoutError:
            lookup.note(Event.NOT_ANSWERED, opened.asker, opened.fax_id, ServerTooSlow.kind, arrival)
            return entity.pane_follows(opened.fax_id, arrival.reference)
        return self.services.cards.in_pane(looked, opened.link, note)

    async def present(self, trigger_id: str, presented: Presented, arrival: Arrival) -> None:
        """Bring it to Slack; an entity that Slack does not take leaves an error in its place."""
        try:
            await self.services.slack.present_details(trigger_id, presented)
        except SlackUnreachable as error:
            log.warning("a flexpane was not taken", problem=error.problem, ref=arrival.reference)
            if error.problem in NOT_TAKEN and presented is not entity.BROKEN:
                await self.present(trigger_id, entity.BROKEN, arrival)

    def seconds_left(self, arrival: Arrival) -> float:
        """Give what is left of our patience: how long a trigger lives is not documented."""
        return max(0.0, self.services.answers.patience - arrival.seconds_since())


@dataclass(frozen=True, slots=True)
class Refresh:
    """`Refresh` in the pane: it is drawn anew, by the trigger of the press."""

    flexpane: Flexpane

    async def __call__(self, ack: AsyncAck, body: Body, arrival: Arrival) -> None:
        """Ack at once, since the ack of a press shows nothing, then answer; never raise after the ack."""
        services, trigger_id = self.flexpane.services, body["trigger_id"]
        opened = pressed_in(body, services.link_domains, arrival)
        if opened:
            work = self.answer(opened)
        else:
            outdated = entity.pane_outdated(guidance.outdated_button(services.cards.command))
            work = self.flexpane.present(trigger_id, outdated, arrival)
        try:
            services.tasks.start(work)
        except TooManyTasks:
            shed = entity.pane_overloaded(services.answers.shed(arrival))
            with suppress(TimeoutError):
                async with asyncio.timeout(SECONDS_TO_SHED):
                    await self.flexpane.present(trigger_id, shed, arrival)
        await ack()

    async def answer(self, opened: Opened) -> None:
        """Draw the pane anew."""
        await self.flexpane.show(opened)


@dataclass(frozen=True, slots=True)
class TellMe(Refresh):
    """`Tell me when it is final` in the pane: told by direct message, as from any private answer."""

    async def answer(self, opened: Opened) -> None:
        """Begin to watch, and draw the pane with what came of it; what comes too late for it is told directly."""
        services = self.flexpane.services
        asker = replace(opened.asker, way_in=WATCH)
        begin = Watching(services).begin((opened.fax_id,), asker, opened.arrival)
        beginning = asyncio.ensure_future(services.answers.told(begin, opened.arrival))
        # Half of the time is for the look-up that draws the pane.
        await asyncio.wait({beginning}, timeout=self.flexpane.seconds_left(opened.arrival) / 2)
        if beginning.done():
            await self.flexpane.show(opened, note=beginning.result().text)
            return
        follows = entity.pane_follows(opened.fax_id, opened.arrival.reference)
        await self.flexpane.present(opened.trigger_id, follows, opened.arrival)
        await services.answers.tell(opened.asker.user_id, await beginning)


def named_in(told: Body, link_domains: Iterable[str]) -> tuple[str, str] | None:
    """Give the fax that Slack says a pane is about, and the link to it; None for what is not of ours.

    Our own reference counts, else a link on our hosts. Neither is trusted further: it is an id to be looked up.
    """
    posted = str(told.get("app_unfurl_url") or (told.get("link") or {}).get("url") or "")
    page = str(told.get("entity_url") or posted)
    reference = told.get("external_ref")
    if reference is None:
        fax_id = fax_id_in_link(posted or page, tuple(link_domains))
        return (fax_id, page) if fax_id else None
    fax_id = str(reference.get("id"))
    ours = reference.get("type") == REFERENCE_TYPE and fax_ids(fax_id) == (fax_id,)
    return (fax_id, page) if ours and page else None


def pressed_in(body: Body, link_domains: Iterable[str], arrival: Arrival) -> Opened | None:
    """Read a press in a pane; None where its button is of another version, or of another fax than the pane."""
    container, user = body["container"], body["user"]
    named, pressed = named_in(container, link_domains), read(body["actions"][0])
    if named is None or pressed is None or pressed.fax_id != named[0]:
        return None
    channel_id = (body.get("channel") or {}).get("id") or container.get("channel_id")
    asker = Asker(user["id"], user.get("team_id", ""), channel_id, FLEXPANE)
    return Opened(*named, asker, body["trigger_id"], arrival)


def register(app: AsyncApp, services: Services) -> None:
    """Listen to panes, and to their buttons."""
    flexpane = Flexpane(services)
    app.event("entity_details_requested")(flexpane)
    app.action(PANE_REFRESH)(Refresh(flexpane))
    app.action(PANE_WATCH)(TellMe(flexpane))
