"""Calls of the Web API: one way for all of them to fail, and no waiting longer than somebody waits for us."""

from collections.abc import Coroutine, Mapping
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler
from slack_sdk.http_retry.request import HttpRequest
from slack_sdk.http_retry.response import HttpResponse
from slack_sdk.http_retry.state import RetryState
from slack_sdk.web.async_slack_response import AsyncSlackResponse

LONGEST_PAUSE = 2
"""Longer than this nobody waits for an answer: the call fails instead."""
UNREADABLE = "unreadable"


class SlackUnreachable(Exception):
    """Slack gave no answer, or refused: `problem` is Slack's own word for it, or the kind of the failure."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem


async def answered(call: Coroutine[Any, Any, AsyncSlackResponse]) -> Mapping[str, Any]:
    """Await a call of the Web API and give its answer. Raises SlackUnreachable."""
    try:
        answer = await call
    except SlackApiError as error:
        data = error.response.data
        raise SlackUnreachable(str((isinstance(data, dict) and data.get("error")) or UNREADABLE)) from None
    except (aiohttp.ClientError, TimeoutError) as error:
        raise SlackUnreachable(type(error).__name__) from None
    except (AttributeError, TypeError, ValueError):
        # slack_sdk trips over an answer that is JSON, and yet no object.
        raise SlackUnreachable(UNREADABLE) from None
    return answer.data if isinstance(answer.data, dict) else {}


def problem_of(error: Exception) -> str:
    """Give Slack's own word for what is the matter, or that it was slow."""
    return error.problem if isinstance(error, SlackUnreachable) else "slow"


class ShortRateLimit(AsyncRateLimitErrorRetryHandler):
    """Waits out a 429 once, if the pause that Slack asks for is short enough for somebody who waits."""

    async def can_retry_async(
        self,
        *,
        state: RetryState,
        request: HttpRequest,
        response: HttpResponse | None = None,
        error: Exception | None = None,
    ) -> bool:
        """Say whether to try again."""
        asked = {name.lower(): value for name, value in (response.headers if response else {}).items()}
        pause = asked.get("retry-after", ["1"])[0]
        if not (pause.isdecimal() and int(pause) <= LONGEST_PAUSE):
            return False
        return await super().can_retry_async(state=state, request=request, response=response, error=error)
