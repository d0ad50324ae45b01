"""The workflow step `fax_status`: an id goes in, and what became of the fax comes out, for whoever built the workflow.

Nobody asks in a workflow, so no rule could let them in: it is off unless FAXBOT_WORKFLOW_STEP turns it on.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import ceil
from typing import Any

import structlog
from slack_bolt.async_app import AsyncApp

from bot.cards import Message, workflow
from bot.cards.advice import advice_for
from bot.languages import in_language
from bot.lookup import Looked, Lookup, NotSeen, SeenFax, TooOften
from bot.manifest import STEP
from bot.policy import Asker, Audience, Facts, Place, Standing
from bot.references import fax_ids
from bot.report import SPELLED
from bot.services import Services
from bot.settings import BotSettings
from bot.slack import STEP_OVER, SlackUnreachable, Step, complete, fail
from bot.telemetry import Arrival
from bot.triage import SendAgain

WORKFLOW = Asker(user_id="workflow", team_id="", channel_id=None, way_in="workflow")
"""Nobody by name, so that all workflows together keep one person's pace: none that loops floods the fax server."""
ANOTHER_STATUS = "Other"

Outputs = Mapping[str, object]

log = structlog.get_logger(__name__)


async def facts_of_workflow(_asker: Asker) -> Facts:
    """Say what is known of a workflow: one of ours, whose outputs others read."""
    return Facts(Standing.OWN, Place.MEMBER)


@dataclass(frozen=True, slots=True)
class FaxStatus:
    """Answers each run of the step once, with outputs or with the reason why there are none."""

    services: Services
    lookup: Lookup

    async def __call__(self, event: Mapping[str, Any], arrival: Arrival) -> None:
        """Answer one run; raises SlackUnreachable where Slack should bring it again."""
        step = Step(event["function_execution_id"], event["bot_access_token"])
        # Whoever built the workflow decides who reads it.
        with in_language(self.services.cards.language):
            answer = await self.services.answers.told(self.answer(event.get("inputs") or {}, arrival), arrival)
            try:
                await self.give(step, answer, arrival)
            except SlackUnreachable as error:
                if not error.for_good:
                    raise
                tell = log.warning if error.problem in STEP_OVER else log.error
                tell("a workflow step was not answered", problem=error.problem, ref=arrival.reference)

    async def give(self, step: Step, answer: Outputs | str | Message, arrival: Arrival) -> None:
        """Give the workflow its outputs, or end it, as where Slack refuses them for good. Raises SlackUnreachable."""
        slack = self.services.slack
        if not isinstance(answer, Mapping):
            await fail(slack, step, answer if isinstance(answer, str) else answer.text.replace("`", ""))
            return
        try:
            await complete(slack, step, answer)
        except SlackUnreachable as error:
            if error.problem in STEP_OVER or not error.for_good:
                raise
            log.error("the outputs of a workflow step were refused", problem=error.problem, ref=arrival.reference)  # noqa: TRY400 - the kind says all
            whom = self.services.cards.whom_to_ask()
            await fail(slack, step, workflow.not_taken(error.problem, whom, arrival.reference))

    async def answer(self, inputs: Mapping[str, Any], arrival: Arrival) -> Outputs | str | Message:
        """Look up the one fax that the input names; a sentence says why there is nothing to give."""
        cards = self.services.cards
        if not self.services.settings[BotSettings].workflow_step:
            return workflow.switched_off(cards.whom_to_ask())
        ids = fax_ids(str(inputs.get("fax_id") or ""))
        if len(ids) != 1:
            return workflow.not_one_fax(len(ids))
        looked = await self.lookup(ids, WORKFLOW, arrival, Audience.OTHERS)
        if isinstance(looked, TooOften):
            return workflow.too_often(looked.per_minute, ceil(looked.wait))
        if not isinstance(looked, Looked):
            return cards.refused(looked)
        seen = looked.seen[0]
        return cards.one(seen) if isinstance(seen, NotSeen) else outputs(seen)


def outputs(seen: SeenFax) -> Outputs:
    """Give what the manifest promises of a fax."""
    send_again = advice_for(seen, seen.failure).send_again if seen.failure else SendAgain.NO
    return {
        "status": SPELLED.get(seen.fax.status, ANOTHER_STATUS),
        "is_final": seen.fax.status.final,
        "send_again": send_again.value,
        "verdict": workflow.verdict(seen),
    }


def register(app: AsyncApp, services: Services) -> None:
    """Listen to runs of the step; where it is off, a workflow that has it is told so, and does not wait."""
    app.function(STEP)(FaxStatus(services, replace(services.lookup, facts=facts_of_workflow)))
