"""The flexpane of a fax: opened from a Work Object below a link, drawn for the one person who opened it.

A trigger is answered whatever happens, or the pane would stay empty: with everything, with the reason why not, or,
where something breaks, with Slack's own words for that.
"""

import asyncio
from collections.abc import Coroutine, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import structlog
from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.audit import FLEXPANE, Event
from bot.cards import Message, entity, guidance
from bot.cards.buttons import read
from bot.cards.entity import PANE_REFRESH, PANE_WATCH
from bot.cards.work_object import REFERENCE_TYPE, Presented
from bot.policy import Asker
from bot.references import fax_id_in_link, fax_ids
from bot.services import Services
from bot.slack import ENTITY_NOT_TAKEN, SlackUnreachable
from bot.stonefax.errors import ServerTooSlow
from bot.tasks import TooManyTasks
from bot.telemetry import Arrival
from handlers.watching import Watching, Wish

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
        opened = Opened(*named, asker, event["trigger_id"], arrival)
        await self.show(opened, self.looked_up(opened))

    async def show(self, opened: Opened, drawing: Coroutine[Any, Any, Presented]) -> bool:
        """Present what is drawn, and say whether Slack took that; whatever breaks, the trigger is answered."""
        try:
            presented = await drawing
        except Exception:
            log.exception("a flexpane broke", ref=opened.arrival.reference)
            await self.present(opened.trigger_id, entity.BROKEN, opened.arrival)
            return False
        return await self.present(opened.trigger_id, presented, opened.arrival)

    async def looked_up(self, opened: Opened) -> Presented:
        """Give what this person may see, or say that it is not there in time."""
        lookup, arrival = self.services.lookup, opened.arrival
        try:
            # The fetch itself goes on, so that a press on Refresh is likely to find its answer.
            async with asyncio.timeout(self.seconds_left(arrival)):
                looked = await lookup((opened.fax_id,), opened.asker, arrival)
        except TimeoutError:
            lookup.note(Event.NOT_ANSWERED, opened.asker, opened.fax_id, ServerTooSlow.kind, arrival)
            return entity.pane_follows(opened.fax_id, arrival.reference)
        return self.services.cards.in_pane(looked, opened.fax_id, opened.link)

    async def present(self, trigger_id: str, presented: Presented, arrival: Arrival) -> bool:
        """Bring it to Slack, and say whether it took that; an entity that it does not leaves an error in its place."""
        try:
            await self.services.slack.present_details(trigger_id, presented)
        except SlackUnreachable as error:
            log.warning("a flexpane was not taken", problem=error.problem, ref=arrival.reference)
            # The trigger is still good for an error.
            if error.problem in ENTITY_NOT_TAKEN and presented is not entity.BROKEN:
                await self.present(trigger_id, entity.BROKEN, arrival)
            return False
        return True

    def seconds_left(self, arrival: Arrival) -> float:
        """Give what is left of our patience: how long a trigger lives is not documented."""
        return max(0.0, self.services.answers.patience - arrival.seconds_since())


@dataclass(frozen=True, slots=True)
class Refresh:
    """`Refresh` in the pane: it is drawn anew, by the trigger of the press."""

    flexpane: Flexpane

    async def __call__(self, ack: AsyncAck, body: Body, arrival: Arrival) -> None:
        """Ack at once, since the ack of a press shows nothing, then answer; never raise after the ack."""
        services, trigger_id, person = self.flexpane.services, body["trigger_id"], body["user"]["id"]
        opened = pressed_in(body, services.link_domains, arrival)
        work = self.answer(opened) if opened else self.outdated(trigger_id, person, arrival)
        try:
            services.tasks.start(work)
        except TooManyTasks:
            await services.answers.before_ack(self.shed(opened, trigger_id, person, arrival))
        await ack()

    async def shed(self, opened: Opened | None, trigger_id: str, person: str, arrival: Arrival) -> None:
        """Say that there is no time for it."""
        services = self.flexpane.services
        await services.slack.people.learn_language(person)
        shed = entity.pane_not_now(services.answers.shed(arrival), opened.fax_id if opened else None)
        await self.flexpane.present(trigger_id, shed, arrival)

    async def answer(self, opened: Opened) -> None:
        """Draw the pane anew."""
        await self.flexpane.show(opened, self.flexpane.looked_up(opened))

    async def outdated(self, trigger_id: str, person: str, arrival: Arrival) -> None:
        """Say in the pane that its button is of another version."""
        services = self.flexpane.services
        await services.slack.people.learn_language(person)
        outdated = entity.pane_outdated(guidance.outdated_button(services.cards.command))
        await self.flexpane.present(trigger_id, outdated, arrival)


@dataclass(frozen=True, slots=True)
class TellMe(Refresh):
    """`Tell me when it is final` in the pane: told by direct message, as from any private answer."""

    async def answer(self, opened: Opened) -> None:
        """Begin to watch, and draw the pane with what came of it; what does not get there is told directly."""
        services, arrival = self.flexpane.services, opened.arrival
        own = Watching(replace(services, cards=services.cards.without_mentions()))
        wishing = asyncio.ensure_future(
            services.answers.told(own.wish((opened.fax_id,), opened.asker, arrival), arrival)
        )
        await asyncio.wait({wishing}, timeout=self.flexpane.seconds_left(arrival))
        if wishing.done():
            seen = await self.flexpane.show(opened, self.drawn(opened, wishing.result()))
        else:
            await self.flexpane.present(
                opened.trigger_id, entity.pane_follows(opened.fax_id, arrival.reference), arrival
            )
            seen = False
        if not seen:
            came = await wishing
            await services.answers.tell(opened.asker.user_id, came.said if isinstance(came, Wish) else came)

    async def drawn(self, opened: Opened, came: Wish | Message) -> Presented:
        """Draw the pane from the look-up that the wish rests on; a wish that broke leaves an error."""
        if isinstance(came, Message):
            return entity.pane_not_now(came, opened.fax_id)
        note = None if came.watched is None else entity.Note(came.said.text, watched=bool(came.watched))
        return self.flexpane.services.cards.in_pane(came.looked, opened.fax_id, opened.link, note)


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
