"""Answers in time: in the ack itself if the work is done within the patience, else later, at the response_url.

Slack gives three seconds for the ack and drops what comes after; a command's response_url does not reliably replace
what the ack showed. So the ack either is the answer, or one line that also reads right when it stays.
"""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeVar

import structlog
from slack_bolt.async_app import AsyncAck

from bot.cards import Message, guidance, modal
from bot.metrics import ANSWER, Metrics
from bot.slack import ReplyTo, Slack, SlackUnreachable
from bot.tasks import Tasks, TooManyTasks
from bot.telemetry import Arrival

Answer = TypeVar("Answer")
Work = Coroutine[Any, Any, Answer]

VIEW_CLOSED = "not_found"
"""Slack's word for a view that is no more."""
SECONDS_TO_SHED = 1.0
"""For telling somebody that there is no time for them, before the ack of their press is due."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Answers:
    """Answers within `patience`, in seconds from a request's arrival, or says that the answer follows."""

    slack: Slack
    tasks: Tasks
    metrics: Metrics
    patience: float
    showing: float
    """Seconds that Slack is given to show an ack in a modal, before the modal is changed again."""

    async def in_time(
        self, ack: AsyncAck, reply_to: ReplyTo, arrival: Arrival, work: Work[Message], follows: Callable[[], Message]
    ) -> None:
        """Ack with what `work` gives, or with what `follows` draws and then deliver it; never raises after the ack.

        `follows` is drawn when it is wanted: by then the work may have found out the language of whoever asks.
        """
        late = asyncio.Event()

        async def carry_out() -> Message:
            message = await self.told(work, arrival)
            if late.is_set():
                await self.deliver(message, reply_to)
            return message

        try:
            task = self.tasks.start(carry_out())
        except TooManyTasks:
            work.close()
            await ack(self.shed(arrival).payload())
            return
        await asyncio.wait({task}, timeout=max(0.0, self.patience - arrival.seconds_since()))
        if task.done():
            await ack(task.result().payload())
        else:
            late.set()
            await ack(follows().payload())

    async def after_ack(self, ack: AsyncAck, reply_to: ReplyTo, arrival: Arrival, work: Work[Message | None]) -> None:
        """Ack a press at once, since its ack shows nothing, and deliver what `work` gives, if anything."""

        async def carry_out() -> None:
            message = await self.told(work, arrival)
            if message:
                await self.deliver(message, reply_to)

        try:
            self.tasks.start(carry_out())
        except TooManyTasks:
            work.close()
            await self.before_ack(self.slack.respond(reply_to, self.shed(arrival)))
        await ack()

    async def before_ack(self, telling: Work[object]) -> None:
        """Tell somebody that there is no time for them, for as long as the ack of their press can wait for it."""
        with suppress(TimeoutError):
            async with asyncio.timeout(SECONDS_TO_SHED):
                await telling

    async def told(self, work: Work[Answer], arrival: Arrival) -> Answer | Message:
        """Do the work; whatever breaks, the person hears of it: this is the last place where that can be seen to."""
        try:
            return await work
        except Exception:
            log.exception("an answer broke")
            return guidance.broken(arrival.reference)

    async def in_view(self, ack: AsyncAck, view_id: str, user_id: str, arrival: Arrival, work: Work[Message]) -> None:
        """Ack a modal's submission with what `work` gives, or say that it follows, and then change the modal."""
        late = asyncio.Event()

        async def carry_out() -> Message:
            message = await self.told(work, arrival)
            if late.is_set():
                await asyncio.sleep(self.showing)
                await self.show_in_view(view_id, user_id, message, modal.showing(message))
            return message

        try:
            task = self.tasks.start(carry_out())
        except TooManyTasks:
            work.close()
            await ack(response_action="update", view=modal.showing(self.shed(arrival)))
            return
        await asyncio.wait({task}, timeout=max(0.0, self.patience - arrival.seconds_since()))
        if not task.done():
            late.set()
        message = task.result() if task.done() else guidance.follows_in_modal()
        await ack(response_action="update", view=modal.showing(message))

    async def show_in_view(self, view_id: str, user_id: str, message: Message, view: modal.View) -> None:
        """Change an open modal; whoever has closed it wants to know no more, anybody else is told the message."""
        try:
            await self.slack.update_view(view_id, view)
        except SlackUnreachable as error:
            log.info("a modal was not changed", problem=error.problem)
            if error.problem != VIEW_CLOSED:
                await self.tell(user_id, message)

    async def tell(self, user_id: str, message: Message) -> None:
        """Send an answer as a direct message, where no button could act; if that fails too, it is lost, and logged."""
        try:
            await self.slack.tell(user_id, message.without_buttons())
        except SlackUnreachable as error:
            log.error("an answer was lost", user=user_id, problem=error.problem)  # noqa: TRY400 - the kind says all

    def shed(self, arrival: Arrival) -> Message:
        """Say that there is more to do than this process can hold."""
        log.warning("shed", running=len(self.tasks.running))
        self.metrics.shed.labels(ANSWER).inc()
        return guidance.overloaded(arrival.reference)

    async def deliver(self, message: Message, reply_to: ReplyTo) -> None:
        """Bring an answer to the person, one way or the other."""
        if not await self.slack.respond(reply_to, message):
            await self.tell(reply_to.user_id, message)
