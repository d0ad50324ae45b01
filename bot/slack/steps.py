"""Answering a step of a workflow: Slack gives a token for it alone, and takes one answer.

slack_sdk's own methods put what they send into the address, where proxies log it; so these send JSON.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.calls import answered
from bot.slack.workspace import Slack

STEP_OVER = frozenset({"execution_not_in_running_state", "function_execution_not_found"})
"""What Slack says of a step that has its answer, or that nobody waits for any more."""


@dataclass(frozen=True, slots=True)
class Step:
    """One run of a step, and the token for it."""

    execution_id: str
    token: str = field(repr=False)

    def client(self, slack: Slack) -> AsyncWebClient:
        """Give a client on the one session that shows the step's token."""
        ours = slack.client
        return AsyncWebClient(
            self.token, base_url=ours.base_url, session=slack.session, retry_handlers=ours.retry_handlers
        )


async def complete(slack: Slack, step: Step, outputs: Mapping[str, object]) -> None:
    """Let the workflow go on with these. Raises SlackUnreachable."""
    sent = {"function_execution_id": step.execution_id, "outputs": dict(outputs)}
    await answered(step.client(slack).api_call("functions.completeSuccess", json=sent))


async def fail(slack: Slack, step: Step, why: str) -> None:
    """End the workflow, and say why. Raises SlackUnreachable."""
    sent = {"function_execution_id": step.execution_id, "error": why}
    await answered(step.client(slack).api_call("functions.completeError", json=sent))
