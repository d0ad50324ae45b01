"""What is asked of Slack, over one session: who somebody is, what a channel is, and bringing messages there.

slack_sdk opens a session per call unless it is given one, and then ignores its own timeout; so the session has it.
What Slack does not say within the time closes the door: the policy treats it as unknown.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from time import monotonic
from typing import Any, Generic, TypeVar

import aiohttp
import structlog
from cachetools import TTLCache
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_async_handlers import (
    AsyncConnectionErrorRetryHandler,
    AsyncRateLimitErrorRetryHandler,
)
from slack_sdk.http_retry.request import HttpRequest
from slack_sdk.http_retry.response import HttpResponse
from slack_sdk.http_retry.state import RetryState
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse
from slack_sdk.webhook.async_client import AsyncWebhookClient

from bot.cards import Message
from bot.policy import Asker, Facts, Place, Standing
from bot.tasks import Joint

SECONDS_PER_CALL = 10.0
SECONDS_PER_QUESTION = 3.0
"""For a question on which an answer hangs that somebody waits for."""
SECONDS_KEPT = 300.0
MOST_KEPT = 10_000
LONGEST_PAUSE = 2
"""Longer than this nobody waits for an answer: the call fails instead."""
US = "us"
UNREADABLE = "unreadable"
MESSAGES_A_PAGE = 200
LONGEST_THREAD = 1000
DIRECT_MESSAGE = "D"
"""How the id of a direct message begins."""

log = structlog.get_logger(__name__)
Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Identity:
    """Who we are in the workspace, as auth.test says; `enterprise_id` on Enterprise Grid alone."""

    team_id: str
    enterprise_id: str | None
    bot_id: str
    bot_user_id: str


class SlackUnreachable(Exception):
    """Slack gave no answer, or refused: `problem` is Slack's own word for it, or the kind of the failure."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem


@dataclass(frozen=True, slots=True)
class ReplyTo:
    """Where an answer goes when the ack is gone: the response_url, and if that is gone a direct message.

    `thread_ts` is the thread in which a button was pressed.
    """

    response_url: str
    user_id: str
    thread_ts: str | None = None


class Kept(Generic[Value]):
    """What Slack said, kept for a while; while it is being asked, everybody waits for the same answer."""

    def __init__(self) -> None:
        self.answers: TTLCache[str, Value] = TTLCache(MOST_KEPT, SECONDS_KEPT, timer=monotonic)
        self.asking: Joint[str, Value] = Joint()

    async def get(self, key: str, ask: Callable[[], Coroutine[Any, Any, Value]]) -> Value:
        """Give what is known, or ask; a question that fails is not remembered."""
        if (known := self.answers.get(key)) is not None:
            return known

        async def ask_and_keep() -> Value:
            # Kept by the question itself: who asked may have given up waiting by then.
            self.answers[key] = answer = await ask()
            return answer

        return await self.asking.result(key, ask_and_keep)


@dataclass(frozen=True, slots=True)
class Slack:
    """The workspace, through one session."""

    client: AsyncWebClient
    """For questions, which are asked again where the connection breaks."""
    poster: AsyncWebClient
    """For what people see, which must not appear twice: a broken connection may have brought it already."""
    session: aiohttp.ClientSession
    groups: tuple[str, ...] = ()
    """The user groups whose members the policy asks about."""
    identities: Kept[Identity] = field(default_factory=Kept)
    standings: Kept[Standing] = field(default_factory=Kept)
    places: Kept[Place] = field(default_factory=Kept)
    members: Kept[frozenset[str]] = field(default_factory=Kept)

    def client_without_token(self) -> AsyncWebClient:
        """Give a client on the same session for Bolt, which takes the token from its authorization instead."""
        return AsyncWebClient(
            base_url=self.client.base_url, session=self.session, retry_handlers=self.client.retry_handlers
        )

    async def identity(self) -> Identity:
        """Ask who we are, and know it from then on. Raises SlackUnreachable."""
        answer = await answered(self.client.auth_test())
        self.identities.answers[US] = identity = Identity(
            team_id=str(answer.get("team_id")),
            enterprise_id=answer.get("enterprise_id"),
            bot_id=str(answer.get("bot_id")),
            bot_user_id=str(answer.get("user_id")),
        )
        return identity

    async def facts(self, asker: Asker) -> Facts:
        """Ask what the policy must know about an asker and their place; never raises, and closes on doubt."""
        groups = asyncio.gather(*(self.is_member(asker.user_id, group) for group in self.groups))
        standing, place, member_of = await asyncio.gather(
            self.standing(asker.user_id), self.place(asker.channel_id), groups
        )
        return Facts(standing, place, any(member_of))

    async def standing(self, user_id: str) -> Standing:
        """Ask what somebody is in the workspace."""

        async def ask() -> Standing:
            us = await self.identities.get(US, self.identity)
            answer = await answered(self.client.users_info(user=user_id))
            return standing_of(answer.get("user") or {}, us)

        try:
            async with asyncio.timeout(SECONDS_PER_QUESTION):
                return await self.standings.get(user_id, ask)
        except (SlackUnreachable, TimeoutError) as error:
            log.warning("Slack does not say who somebody is", user=user_id, problem=problem_of(error))
            return Standing.UNKNOWN

    async def is_member(self, user_id: str, group_id: str) -> bool:
        """Ask whether somebody is in a user group."""

        async def ask() -> frozenset[str]:
            answer = await answered(self.client.usergroups_users_list(usergroup=group_id))
            return frozenset(answer.get("users") or ())

        try:
            async with asyncio.timeout(SECONDS_PER_QUESTION):
                return user_id in await self.members.get(group_id, ask)
        except (SlackUnreachable, TimeoutError) as error:
            log.warning("Slack does not say who is in a group", group=group_id, problem=problem_of(error))
            return False

    async def place(self, channel_id: str | None) -> Place:
        """Ask what kind of place a channel is."""
        if channel_id is None or is_direct(channel_id):
            return Place.DIRECT

        async def ask() -> Place:
            answer = await answered(self.client.conversations_info(channel=channel_id))
            return place_of(answer.get("channel") or {})

        try:
            async with asyncio.timeout(SECONDS_PER_QUESTION):
                return await self.places.get(channel_id, ask)
        except (SlackUnreachable, TimeoutError) as error:
            log.info("Slack does not say what a channel is", channel=channel_id, problem=problem_of(error))
            return Place.UNKNOWN

    async def respond(
        self, reply_to: ReplyTo, message: Message, *, replace: bool = False, to_everybody: bool = False
    ) -> bool:
        """Answer through a response_url, privately or to everybody, and say whether Slack took it.

        It works 5 times within 30 minutes, and raises nothing when it does not. `replace` takes the place of the
        message whose button was pressed.
        """
        client = self.poster if to_everybody else self.client
        webhook = AsyncWebhookClient(reply_to.response_url, session=self.session, retry_handlers=client.retry_handlers)
        body = message.payload() | {"replace_original": replace}
        if not replace:
            body |= {"response_type": "in_channel" if to_everybody else "ephemeral"}
            body |= {"thread_ts": reply_to.thread_ts} if reply_to.thread_ts else {}
        try:
            response = await webhook.send_dict(body)
        except (aiohttp.ClientError, TimeoutError) as error:
            log.warning("response_url failed", error=type(error).__name__)
            return False
        if response.status_code != HTTPStatus.OK:
            log.warning("response_url refused", status=response.status_code)
        return response.status_code == HTTPStatus.OK

    async def post(self, channel_id: str, message: Message, thread_ts: str | None = None) -> None:
        """Post to a channel, or to a person by their id. Raises SlackUnreachable."""
        posting = self.poster.chat_postMessage(
            channel=channel_id, thread_ts=thread_ts, unfurl_links=False, unfurl_media=False, **message.payload()
        )
        await answered(posting)

    async def post_privately(
        self, channel_id: str, user_id: str, message: Message, thread_ts: str | None = None
    ) -> None:
        """Post what one person alone sees in a channel. Raises SlackUnreachable."""
        posting = self.poster.chat_postEphemeral(
            channel=channel_id, user=user_id, thread_ts=thread_ts, **message.payload()
        )
        await answered(posting)

    async def unfurl(self, target: Mapping[str, str], previews: Mapping[str, Message]) -> None:
        """Show these below the links of a message, by the link as it was posted. Raises SlackUnreachable.

        The message is told by `unfurl_id` and `source`, or by `channel` and `ts`.
        """
        unfurls = {url: {"blocks": message.payload()["blocks"]} for url, message in previews.items()}
        await answered(self.client.api_call("chat.unfurl", json={**target, "unfurls": unfurls}))

    async def thread(self, channel_id: str, thread_ts: str) -> list[Mapping[str, Any]]:
        """Give the messages of a thread, the parent first. Raises SlackUnreachable, for a missing scope too."""
        messages: list[Mapping[str, Any]] = []
        cursor = None
        while True:
            asking = self.client.conversations_replies(
                channel=channel_id, ts=thread_ts, limit=MESSAGES_A_PAGE, cursor=cursor
            )
            answer = await answered(asking)
            messages += answer.get("messages") or []
            cursor = (answer.get("response_metadata") or {}).get("next_cursor")
            if not cursor or len(messages) >= LONGEST_THREAD:
                return messages

    async def open_view(self, trigger_id: str, view: Mapping[str, Any]) -> None:
        """Open a modal. Raises SlackUnreachable, for a trigger that is older than 3 s too."""
        await answered(self.client.views_open(trigger_id=trigger_id, view=dict(view)))

    async def update_view(self, view_id: str, view: Mapping[str, Any]) -> None:
        """Change an open modal. Raises SlackUnreachable, where it is closed by now too."""
        await answered(self.client.views_update(view_id=view_id, view=dict(view)))


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


def is_direct(channel_id: str | None) -> bool:
    """Tell a conversation of two, or none at all, by its id."""
    return channel_id is None or channel_id.startswith(DIRECT_MESSAGE)


def standing_of(user: Mapping[str, Any], us: Identity) -> Standing:
    """Read users.info; another workspace of the same Grid organisation is no other organisation."""
    same_grid = us.enterprise_id and (user.get("enterprise_user") or {}).get("enterprise_id") == us.enterprise_id
    if user.get("is_stranger") or not (user.get("team_id") == us.team_id or same_grid):
        return Standing.OTHER_ORGANISATION
    if user.get("is_restricted") or user.get("is_ultra_restricted"):
        return Standing.GUEST
    return Standing.OWN


def place_of(channel: Mapping[str, Any]) -> Place:
    """Read conversations.info; a channel that is about to be shared counts as shared."""
    if channel.get("is_ext_shared") or channel.get("is_pending_ext_shared"):
        return Place.SHARED_OUTSIDE
    if channel.get("is_im"):
        return Place.DIRECT
    if channel.get("is_member"):
        return Place.MEMBER
    return Place.UNKNOWN if channel.get("is_private", True) else Place.PUBLIC


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


@asynccontextmanager
async def open_slack(token: str, api_url: str, groups: tuple[str, ...] = ()) -> AsyncIterator[Slack]:
    """Open the one session towards Slack, and close it afterwards; `groups` are those that the policy asks about."""
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=SECONDS_PER_CALL)) as session:
        asking, posting = [AsyncConnectionErrorRetryHandler(), ShortRateLimit()], [ShortRateLimit()]
        client = AsyncWebClient(token, base_url=api_url, session=session, retry_handlers=[*asking])
        poster = AsyncWebClient(token, base_url=api_url, session=session, retry_handlers=[*posting])
        yield Slack(client, poster, session, groups)
