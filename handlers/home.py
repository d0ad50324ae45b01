"""The Home tab: how to ask, what one person is told of, and for administrators how the bot is."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import structlog
from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.answers import VIEW_CLOSED, Work
from bot.audit import Event
from bot.cards import Message, doctor, home
from bot.cards.buttons import LISTED_STOP, Pressed, read
from bot.cards.home import Examined, Health, NotExamined, NotListed, UnderWay, Watched, Ways
from bot.cards.modal import View
from bot.lookup import NotAllowed
from bot.manifest import can_be_unfurled
from bot.policy import Asker, Facts
from bot.services import Services
from bot.slack import SlackUnreachable
from bot.store import StoreUnreachable
from bot.tasks import TooManyTasks
from bot.telemetry import Arrival
from handlers.buttons import Outdated
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
class Tab:
    """Whose tab it is, what the policy knows of them, and what came of their press, in mrkdwn, if they pressed."""

    asker: Asker
    facts: Facts
    arrival: Arrival
    notice: str | None


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
        """Take a press on `Stop`: the tab itself tells what came of it."""
        pressed, asker = read(body["actions"][0]), asker_of(body)
        work = self.stopped(pressed, asker, arrival) if pressed else Outdated(self.services).answer(body)
        await self.after_ack(ack, asker, arrival, work)

    async def examine(self, ack: AsyncAck, body: Body, arrival: Arrival) -> None:
        """Take a press on `Examine everything`."""
        asker = asker_of(body)
        await self.after_ack(ack, asker, arrival, self.examined(body["trigger_id"], asker, arrival))

    async def after_ack(self, ack: AsyncAck, asker: Asker, arrival: Arrival, work: Work[Message | None]) -> None:
        """Ack a press at once, and tell directly what `work` gives, if anything: a view has no response_url."""
        answers, learn_language = self.services.answers, self.services.slack.people.learn_language

        async def carry_out() -> None:
            await learn_language(asker.user_id)
            message = await answers.told(work, arrival)
            if message:
                await answers.tell(asker.user_id, message)

        async def shed() -> None:
            await learn_language(asker.user_id)
            await answers.tell(asker.user_id, answers.shed(arrival))

        try:
            self.services.tasks.start(carry_out())
        except TooManyTasks:
            work.close()
            await answers.before_ack(shed())
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
        tab, health = Tab(asker, facts, arrival, notice), self.health(asker)
        shown = await services.slack.publish_home(asker.user_id, await self.view(tab, health))
        if isinstance(health, UnderWay):
            try:
                services.tasks.start(self.completed(tab, shown))
            except TooManyTasks:
                log.warning("the Home tab stays without the doctor", user=asker.user_id, ref=arrival.reference)
                await self.replaced(tab, shown, NotExamined(arrival.reference))

    async def completed(self, tab: Tab, shown: str) -> None:
        """Look how the bot is, and publish that; where it cannot be, the tab no longer says that it follows."""
        try:
            examination = await self.doctor.examination(tab.asker)
            replaced = await self.replaced(tab, shown, Examined(examination.lines, examination.at))
        except Exception:
            log.exception("the Home tab stays without the doctor", user=tab.asker.user_id, ref=tab.arrival.reference)
            replaced = False
        if not replaced:
            await self.replaced(tab, shown, NotExamined(tab.arrival.reference))

    async def replaced(self, tab: Tab, shown: str, health: Health) -> bool:
        """Publish the tab in the place of the one that was shown, and say whether it is there, or a newer one."""
        view, user_id = await self.view(tab, health), tab.asker.user_id
        try:
            await self.services.slack.publish_home(user_id, view, instead_of=shown)
        except SlackUnreachable as error:
            newer = error.problem == OUT_OF_DATE
            tell = log.info if newer else log.warning
            tell("the Home tab was not published anew", user=user_id, problem=error.problem, ref=tab.arrival.reference)
            return newer
        return True

    def health(self, asker: Asker) -> Health | None:
        """Give how the bot is, as it was looked at a moment ago, to who may know."""
        if asker.user_id not in self.services.cards.admins:
            return None
        recent = self.doctor.recent
        return Examined(recent.lines, recent.at) if recent else UnderWay()

    async def view(self, tab: Tab, health: Health | None) -> View:
        """Draw the tab."""
        services, cards = self.services, self.services.cards
        ways = Ways(
            cards.command,
            cards.id_hint,
            links=any(map(can_be_unfurled, services.link_domains)),
            directly=services.lookup.policy.refusal_of_place(tab.asker, tab.facts) is None,
        )
        return home.view(ways, await self.told_of(tab), health)

    async def told_of(self, tab: Tab) -> Watched | NotListed:
        """Give what this person is told of."""
        try:
            watches = await self.services.watches.of(tab.asker.user_id)
        except StoreUnreachable as error:
            reference = tab.arrival.reference
            log.warning("watches not listed", problem=error.problem, error=type(error).__name__, ref=reference)
            return NotListed(self.services.cards.whom_to_ask(), reference)
        return Watched(by_fax(watches), tab.notice)

    async def stopped(self, pressed: Pressed, asker: Asker, arrival: Arrival) -> Message | None:
        """End the presser's own watch, and show what is left; where Slack does not, give what came of it."""
        message = await Watching(self.services).end((pressed.fax_id,), asker.user_id, arrival)
        try:
            await self.published(asker, arrival, notice=message.text)
        except SlackUnreachable as error:
            log.warning("the Home tab was not published anew", user=asker.user_id, problem=error.problem)
            return message
        return None

    async def examined(self, trigger_id: str, asker: Asker, arrival: Arrival) -> Message | None:
        """Show all that the doctor finds in a modal, or give it where none opens."""
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
            return None
        if recent:
            return doctor.examined(recent.lines)
        message = await self.services.answers.told(self.doctor.examined(asker, None, arrival), arrival)
        return await self.not_shown(view_id, message) if view_id else message

    async def not_shown(self, view_id: str, message: Message) -> Message | None:
        """Put this into the modal, or give it where Slack does not; whoever has closed it wants to know no more."""
        try:
            await self.services.slack.update_view(view_id, home.modal_with(message.blocks))
        except SlackUnreachable as error:
            log.info("a modal was not changed", problem=error.problem)
            return None if error.problem == VIEW_CLOSED else message
        return None


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
