"""The shortcuts: "Look up fax" on a message, and "Look up a fax" anywhere; the answer is for whoever took them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import structlog
from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.cards import Message, guidance, modal
from bot.cards.summary import MOST_FAXES
from bot.policy import Asker
from bot.references import fax_ids, fax_ids_said
from bot.services import Services
from bot.slack import ReplyTo, SlackUnreachable
from bot.tasks import TooManyTasks
from bot.telemetry import Arrival

ON_A_MESSAGE = "look_up_fax"
ANYWHERE = "look_up_a_fax"
OPENED_ALREADY = "exchanged_trigger_id"
"""Slack's word for a trigger that has opened its modal: ours, and only Slack's yes to it was lost."""

Body = Mapping[str, Any]
"""A payload of docs.slack.dev/reference/interaction-payloads."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Shortcuts:
    """What the three payloads have in common: ids, an asker, an answer for them alone."""

    services: Services

    async def on_message(self, ack: AsyncAck, body: Body, arrival: Arrival) -> None:
        """Answer in the thread of the message for what it names; where it names nothing, ask."""
        message = body["message"]
        channel_id = body["channel"]["id"]
        ids = fax_ids_said(message)
        # A thread that nobody has begun does not show what one person alone is told in it.
        reply_to = ReplyTo(body["response_url"], body["user"]["id"], message.get("thread_ts"))
        work = (
            self.answer(ids, asker_of(body, channel_id, "message_shortcut"), arrival)
            if ids
            else self.ask(body, channel_id, found_none=True)
        )
        await self.services.answers.after_ack(ack, reply_to, arrival, work)

    async def anywhere(self, ack: AsyncAck, body: Body, arrival: Arrival) -> None:
        """Ask for ids; without a place to answer in, a modal that cannot be opened leaves a direct message."""
        answers, work = self.services.answers, self.ask_or_say_so(body)
        try:
            self.services.tasks.start(work)
        except TooManyTasks:
            work.close()
            await answers.before_ack(answers.tell(body["user"]["id"], answers.shed(arrival)))
        await ack()

    async def submitted(self, ack: AsyncAck, body: Body, arrival: Arrival) -> None:
        """Show the answer in the modal, at once or as soon as it is there."""
        view = body["view"]
        text = view["state"]["values"][modal.INPUT_BLOCK][modal.INPUT].get("value") or ""
        ids = fax_ids(text)
        if not ids:
            await self.services.slack.people.learn_language(body["user"]["id"])
            wrong = guidance.no_id_in_input()
            await ack(response_action="errors", errors={modal.INPUT_BLOCK: wrong})
            return
        asker = asker_of(body, view.get("private_metadata") or None, "modal")
        await self.services.answers.in_view(ack, view["id"], asker.user_id, arrival, self.answer(ids, asker, arrival))

    async def answer(self, ids: tuple[str, ...], asker: Asker, arrival: Arrival) -> Message:
        """Look them up for the asker."""
        looked = await self.services.lookup(ids[:MOST_FAXES], asker, arrival)
        return self.services.cards.answer(looked, len(ids[MOST_FAXES:]))

    async def ask(self, body: Body, channel_id: str | None, *, found_none: bool = False) -> Message | None:
        """Open the modal while the trigger is good; give what to say where that does not come off."""
        await self.services.slack.people.learn_language(body["user"]["id"])
        view = modal.asking(channel_id, found_none=found_none, id_hint=self.services.cards.id_hint)
        try:
            await self.services.slack.open_view(body["trigger_id"], view)
        except SlackUnreachable as error:
            if error.problem == OPENED_ALREADY:
                return None
            log.warning("no modal", problem=error.problem, user=body["user"]["id"])
            return self.services.cards.usage()
        return None

    async def ask_or_say_so(self, body: Body) -> None:
        """Open the modal, or say by direct message how to ask."""
        if message := await self.ask(body, None):
            await self.services.answers.tell(body["user"]["id"], message)


def asker_of(body: Body, channel_id: str | None, way_in: str) -> Asker:
    """Read who asks."""
    user = body["user"]
    return Asker(user["id"], user.get("team_id", ""), channel_id, way_in)


def register(app: AsyncApp, services: Services) -> None:
    """Listen to the shortcuts and to their modal."""
    shortcuts = Shortcuts(services)
    app.message_shortcut(ON_A_MESSAGE)(shortcuts.on_message)
    app.global_shortcut(ANYWHERE)(shortcuts.anywhere)
    app.view_submission(modal.CALLBACK)(shortcuts.submitted)
