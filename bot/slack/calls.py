"""Calls of the Web API: one way for all of them to fail, and no waiting longer than somebody waits for us."""

from collections.abc import Coroutine, Mapping
from http import HTTPStatus
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
TOKEN_REFUSED = frozenset({"invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired"})
"""Slack's own words for a token that does not count; anything else is the way to Slack."""
NOBODY_THERE = frozenset(
    {
        "cannot_dm_bot",
        "cannot_reply_to_message",
        "channel_not_found",
        "is_archived",
        "messages_tab_disabled",
        "not_in_channel",
        "restricted_action",
        "restricted_action_non_threadable_channel",
        "restricted_action_read_only_channel",
        "restricted_action_thread_locked",
        "restricted_action_thread_only_channel",
        "thread_not_found",
        "user_disabled",
        "user_not_found",
        "user_not_in_channel",
    }
)
"""What Slack says where nothing can be posted, now or later (docs.slack.dev/reference/methods/chat.postMessage)."""
HISTORY_CLOSED = frozenset({"missing_scope", *NOBODY_THERE})
"""What Slack says where we may not read what was said."""
MESSAGE_GONE = frozenset(
    {
        "cannot_find_channel",
        "cannot_find_message",
        "cannot_unfurl_message",
        "cannot_unfurl_url",
        "cant_update_message",
        "edit_window_closed",
        "invalid_unfurl_id",
        "message_not_found",
    }
)
"""What Slack says where a message can't be changed, now or later (…/chat.update, …/chat.unfurl)."""
ENTITY_NOT_TAKEN = frozenset({"entity_metadata_does_not_match_trigger", "invalid_metadata", "invalid_metadata_format"})
"""What Slack says to a Work Object that it will never take (…/chat.unfurl, …/entity.presentDetails)."""
NOT_TAKEN = ENTITY_NOT_TAKEN | {"invalid_blocks", "invalid_blocks_format", "msg_too_long", "no_text"}
"""What Slack says to a message, a card or a Work Object that it will never take."""
WILL_PASS = frozenset({"org_login_required", "ratelimited", "team_added_to_org"})
"""What Slack says where it refuses for the moment alone (docs.slack.dev/reference/methods, Errors)."""
HALF_DONE = frozenset({"fatal_error", "internal_error", "request_timeout", "service_unavailable", UNREADABLE})
"""What Slack says where some of it may have been done (docs.slack.dev/reference/methods/chat.postMessage, Errors)."""


class SlackUnreachable(Exception):
    """Slack gave no answer, or refused: `problem` is Slack's own word for it, or the kind of the failure.

    `wait` is the pause that Slack asks for, in seconds; `nothing_done` says that Slack refused, so that surely nothing
    was done. Otherwise it may have been done all the same.
    """

    def __init__(self, problem: str, wait: float = 0.0, *, nothing_done: bool = False) -> None:
        super().__init__(problem)
        self.problem = problem
        self.wait = wait
        self.nothing_done = nothing_done

    @property
    def for_good(self) -> bool:
        """Whether Slack would refuse the same again, whatever happens but a change of ours or of the workspace's."""
        return self.nothing_done and not self.wait and self.problem not in TOKEN_REFUSED | WILL_PASS | HALF_DONE


async def answered(call: Coroutine[Any, Any, AsyncSlackResponse]) -> Mapping[str, Any]:
    """Await a call of the Web API and give its answer. Raises SlackUnreachable."""
    try:
        answer = await call
    except SlackApiError as error:
        if not isinstance(error.response, AsyncSlackResponse):
            # slack_sdk gives aiohttp's own response with an answer that says it is JSON, and is not.
            raise SlackUnreachable(UNREADABLE) from None
        data = error.response.data
        problem = str((isinstance(data, dict) and data.get("error")) or UNREADABLE)
        status = error.response.status_code
        refused = status == HTTPStatus.TOO_MANY_REQUESTS or (status == HTTPStatus.OK and problem not in HALF_DONE)
        raise SlackUnreachable(problem, asked_pause(error.response.headers) or 0.0, nothing_done=refused) from None
    except (aiohttp.ClientError, TimeoutError) as error:
        raise SlackUnreachable(type(error).__name__) from None
    except (AttributeError, TypeError, ValueError, RecursionError):
        # slack_sdk trips over an answer that is JSON, and yet no object, and over bytes that are not of their charset.
        raise SlackUnreachable(UNREADABLE) from None
    return answer.data if isinstance(answer.data, dict) else {}


def problem_of(error: Exception) -> str:
    """Give Slack's own word for what is the matter, or that it was slow."""
    return error.problem if isinstance(error, SlackUnreachable) else "slow"


def asked_pause(headers: Mapping[str, Any]) -> float | None:
    """Give the seconds that Slack asks to wait, if it does; slack_sdk has header values as they came, or in lists."""
    asked = {name.lower(): value for name, value in headers.items()}.get("retry-after")
    pause = str(asked[0] if isinstance(asked, list) and asked else asked)
    return float(pause) if pause.isdecimal() else None


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
        pause = asked_pause(response.headers if response else {})
        if pause is None or pause > LONGEST_PAUSE:
            return False
        return await super().can_retry_async(state=state, request=request, response=response, error=error)
