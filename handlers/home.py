"""The Home tab: how to ask, what one person is told of, and for administrators how the bot is."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import structlog
from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.answers import VIEW_CLOSED
from bot.audit import Event
from bot.cards import Message, doctor, home
from bot.cards.buttons import LISTED_STOP, Pressed, read
from bot.cards.home import Examined, Health, NotListed, UnderWay, Watched, Ways
from bot.cards.modal import View
from bot.lookup import NotAllowed
from bot.manifest import can_be_unfurled
from bot.policy import Asker, Facts
from bot.services import Services
from bot.slack import SlackUnreachable
from bot.store import StoreUnreachable
from bot.tasks import TooManyTasks
from bot.telemetry import Arrival
from handlers.doctor import NOT_ADMIN, Doctor, noted
from handlers.doctor import WAY_IN as BY_DOCTOR
from handlers.watching import Watching, by_fax

WAY_IN = "home"
OUT_OF_DATE = "hash_conflict"
"""Slack's word where another Home tab has been published meanwhile."""

Body = Mapping[str, Any]
"""A payload of docs.slack.dev/reference/interaction-payloads."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Home:
    """Publishes what is known at once; how the bot is follows, where that has to be looked at first."""

    services: Services
    doctor: Doctor

    async def opened(self, event: Mapping[str, Any], context: Mapping[str, Any], arrival: Arrival) -> None:
        """Publish the tab for who opened it; raises SlackUnreachable where Slack should bring the event again."""
        if event.get("tab") == "home" and event.get("user"):
            asker = Asker(event["user"], str(context.get("team_id") or ""), None, WAY_IN)
            await self.published(asker, arrival)

    async def stop(self, ack: AsyncAck, body: Body, arrival: Arrival) -> None:
        """Take a press on `Stop`: a view has no response_url, so the tab itself tells what came of it."""
        pressed = read(body["actions"][0])
        if pressed:
            self.services.tasks.start(self.stopped(pressed, asker_of(body), arrival))
        await ack()

    async def examine(self, ack: AsyncAck, body: Body, arrival: Arrival) -> None:
        """Take a press on `Examine everything`."""
        self.services.tasks.start(self.examined(body["trigger_id"], asker_of(body), arrival))
        await ack()

    async def published(self, asker: Asker, arrival: Arrival, notice: str | None = None) -> None:
        """Publish the tab, and once more when how the bot is was looked at. Raises SlackUnreachable."""
        services = self.services
        facts = await services.lookup.facts(asker)
        if refusal := services.lookup.policy.refusal_of_person(facts):
            noted(Event.REFUSED, asker, None, refusal.value, arrival)
            view = home.refused(NotAllowed(refusal, arrival.reference), services.cards.whom_to_ask())
            await services.slack.publish_home(asker.user_id, view)
            return
        health = self.health(asker)
        view = await self.view(asker, facts, health, arrival, notice)
        shown = await services.slack.publish_home(asker.user_id, view)
        if isinstance(health, UnderWay):
            try:
                services.tasks.start(self.completed(asker, facts, arrival, shown))
            except TooManyTasks:
                log.warning("the Home tab stays without the doctor", user=asker.user_id)

    async def completed(self, asker: Asker, facts: Facts, arrival: Arrival, shown: str) -> None:
        """Look how the bot is, and publish that in the place of the tab that says it follows."""
        examination = await self.doctor.examination(asker)
        view = await self.view(asker, facts, Examined(examination.lines, examination.at), arrival)
        try:
            await self.services.slack.publish_home(asker.user_id, view, instead_of=shown)
        except SlackUnreachable as error:
            tell = log.info if error.problem == OUT_OF_DATE else log.warning
            tell("the Home tab was not published anew", user=asker.user_id, problem=error.problem)

    def health(self, asker: Asker) -> Health | None:
        """Give how the bot is, as it was looked at a moment ago, to who may know."""
        if asker.user_id not in self.services.cards.admins:
            return None
        recent = self.doctor.recent
        return Examined(recent.lines, recent.at) if recent else UnderWay()

    async def view(
        self, asker: Asker, facts: Facts, health: Health | None, arrival: Arrival, notice: str | None = None
    ) -> View:
        """Draw the tab."""
        services, cards = self.services, self.services.cards
        ways = Ways(
            cards.command,
            cards.id_hint,
            links=any(map(can_be_unfurled, services.link_domains)),
            directly=services.lookup.policy.refusal_of_place(asker, facts) is None,
        )
        return home.view(ways, await self.told_of(asker, arrival, notice), health)

    async def told_of(self, asker: Asker, arrival: Arrival, notice: str | None) -> Watched | NotListed:
        """Give what this person is told of."""
        try:
            watches = await self.services.watches.of(asker.user_id)
        except StoreUnreachable as error:
            log.warning("watches not listed", problem=error.problem, error=type(error).__name__, ref=arrival.reference)
            return NotListed(self.services.cards.whom_to_ask(), arrival.reference)
        return Watched(by_fax(watches), notice)

    async def stopped(self, pressed: Pressed, asker: Asker, arrival: Arrival) -> None:
        """End the presser's own watch, and show what is left; where Slack does not show it, say so directly."""
        message = await Watching(self.services).end((pressed.fax_id,), asker.user_id, arrival)
        try:
            await self.published(asker, arrival, notice=message.text)
        except SlackUnreachable as error:
            log.warning("the Home tab was not published anew", user=asker.user_id, problem=error.problem)
            await self.services.answers.tell(asker.user_id, message)

    async def examined(self, trigger_id: str, asker: Asker, arrival: Arrival) -> None:
        """Show all that the doctor finds in a modal, or where none opens by direct message."""
        slack, recent, view_id = self.services.slack, self.doctor.recent, None
        may = asker.user_id in self.services.cards.admins
        if not may:
            noted(Event.REFUSED, replace(asker, way_in=BY_DOCTOR), None, NOT_ADMIN, arrival)
            first = home.for_admins_alone(self.services.cards.admins)
        else:
            first = home.everything(recent.lines) if recent else home.looking()
        try:
            view_id = await slack.open_view(trigger_id, first)
        except SlackUnreachable as error:
            log.warning("no modal", problem=error.problem, user=asker.user_id)
        if not may or (recent and view_id):
            return
        examination = recent or await self.doctor.examination(asker)
        await self.shown(view_id, asker.user_id, doctor.examined(examination.lines))

    async def shown(self, view_id: str | None, user_id: str, message: Message) -> None:
        """Put what was found into the modal; whoever has closed it wants to know no more, else it is told directly."""
        if view_id:
            try:
                await self.services.slack.update_view(view_id, home.modal_with(message.blocks))
            except SlackUnreachable as error:
                log.info("a modal was not changed", problem=error.problem)
                if error.problem == VIEW_CLOSED:
                    return
            else:
                return
        await self.services.answers.tell(user_id, message)


def asker_of(body: Body) -> Asker:
    """Read who presses."""
    user = body["user"]
    return Asker(user["id"], user.get("team_id", ""), None, WAY_IN)


async def in_the_home_tab(body: Body) -> bool:
    """Say whether a button was pressed there."""
    return bool((body.get("view") or {}).get("type") == "home")


def register(app: AsyncApp, services: Services, doctor: Doctor) -> None:
    """Listen to the tab and to its buttons; before the others, since the same `Stop` stands in messages too."""
    tab = Home(services, doctor)
    app.event("app_home_opened")(tab.opened)
    app.action(LISTED_STOP, matchers=[in_the_home_tab])(tab.stop)
    app.action(home.EXAMINE)(tab.examine)
