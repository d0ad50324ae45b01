"""What is brought to Slack, over one session: answers, posts, previews of links, modals, flexpanes.

slack_sdk opens a session per call unless it is given one, and then ignores its own timeout; so the session has it.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import aiohttp
import structlog
from slack_sdk.http_retry.builtin_async_handlers import AsyncConnectionErrorRetryHandler
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from bot.cards import Message, Preview
from bot.cards.work_object import Presented
from bot.languages import SOURCE, Language
from bot.slack.calls import ENTITY_NOT_TAKEN, ShortRateLimit, SlackUnreachable, answered
from bot.slack.people import People

SECONDS_PER_CALL = 10.0
MARKED = "faxbot_answer"
"""The type of the metadata that holds a mark."""
MESSAGES_A_PAGE = 200
MOST_PAGES = 5

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class ReplyTo:
    """Where an answer goes when the ack is gone: the response_url, and if that is gone a direct message.

    `thread_ts` is the thread in which a button was pressed.
    """

    response_url: str
    user_id: str
    thread_ts: str | None = None


@dataclass(frozen=True, slots=True)
class Slack:
    """The workspace, through one session."""

    people: People
    client: AsyncWebClient
    """For questions, which are asked again where the connection breaks."""
    poster: AsyncWebClient
    """For what people see, which must not appear twice: a broken connection may have brought it already."""
    session: aiohttp.ClientSession

    def client_without_token(self) -> AsyncWebClient:
        """Give a client on the same session for Bolt, which takes the token from its authorization instead."""
        return AsyncWebClient(
            base_url=self.client.base_url, session=self.session, retry_handlers=self.client.retry_handlers
        )

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
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            # slack_sdk reads an answer that is of no use to us, and trips over bytes that are not of their charset.
            log.warning("response_url failed", error=type(error).__name__)
            return False
        if response.status_code != HTTPStatus.OK:
            log.warning("response_url refused", status=response.status_code)
        return response.status_code == HTTPStatus.OK

    async def post(
        self, channel_id: str, message: Message, thread_ts: str | None = None, *, mark: str | None = None
    ) -> None:
        """Post to a channel. Raises SlackUnreachable.

        By its `mark`, in the message's metadata, a message of ours is known again.
        """
        posting = self.poster.chat_postMessage(
            channel=channel_id,
            thread_ts=thread_ts,
            unfurl_links=False,
            unfurl_media=False,
            metadata={"event_type": MARKED, "event_payload": {"mark": mark}} if mark else None,
            **message.payload(),
        )
        await answered(posting)

    async def update(self, channel_id: str, ts: str, message: Message) -> None:
        """Put a message in the place of one that we posted. Raises SlackUnreachable."""
        await answered(self.client.chat_update(channel=channel_id, ts=ts, **message.payload()))

    async def direct_message(self, user_id: str) -> str:
        """Open the direct message with somebody, where that was not done a moment ago, and give its id.

        Raises SlackUnreachable.
        """
        return await self.people.direct_message(user_id)

    async def tell(self, user_id: str, message: Message) -> None:
        """Open the direct message with somebody, and post there. Raises SlackUnreachable."""
        await self.post(await self.direct_message(user_id), message)

    async def has_mark(
        self, mark: str, channel_id: str, thread_ts: str | None = None, *, since: float | None = None
    ) -> bool:
        """Look for a message of ours by its mark, in a thread or in a channel itself, `since` a time in seconds.

        Raises SlackUnreachable, for a missing scope too.
        """
        sought = {"include_all_metadata": True, "oldest": f"{since:.6f}" if since else None}
        async for message in self.messages(channel_id, thread_ts, **sought):
            payload = (message.get("metadata") or {}).get("event_payload") or {}
            if payload.get("mark") == mark:
                return True
        return False

    async def post_privately(
        self, channel_id: str, user_id: str, message: Message, thread_ts: str | None = None
    ) -> None:
        """Post what one person alone sees in a channel. Raises SlackUnreachable."""
        posting = self.poster.chat_postEphemeral(
            channel=channel_id, user=user_id, thread_ts=thread_ts, **message.payload()
        )
        await answered(posting)

    async def unfurl(self, target: Mapping[str, str], previews: Mapping[str, Preview]) -> None:
        """Show these below the links of a message, by the link as it was posted. Raises SlackUnreachable.

        The message is told by `unfurl_id` and `source`, or by `channel` and `ts`. Work Objects that Slack does not
        take leave their cards in their place.
        """
        try:
            await self.unfurled(target, previews)
        except SlackUnreachable as error:
            if error.problem not in ENTITY_NOT_TAKEN or not any(preview.entity for preview in previews.values()):
                raise
            log.warning("a Work Object was not taken", problem=error.problem)
            await self.unfurled(target, {url: preview.card_alone() for url, preview in previews.items()})

    async def unfurled(self, target: Mapping[str, str], previews: Mapping[str, Preview]) -> None:
        """Show these as they are. Raises SlackUnreachable."""
        cards = {url: preview.card for url, preview in previews.items() if preview.card_shown}
        entities = [preview.entity for preview in previews.values() if preview.entity]
        unfurls = {url: {"blocks": card.payload()["blocks"]} for url, card in cards.items()}
        shown = ({"unfurls": unfurls} if unfurls else {}) | ({"metadata": {"entities": entities}} if entities else {})
        await answered(self.client.api_call("chat.unfurl", json={**target, **shown}))

    async def present_details(self, trigger_id: str, presented: Presented) -> None:
        """Show this in the flexpane that somebody has opened. Raises SlackUnreachable."""
        await answered(self.client.api_call("entity.presentDetails", json={"trigger_id": trigger_id, **presented}))

    async def thread(self, channel_id: str, thread_ts: str) -> list[Mapping[str, Any]]:
        """Give the messages of a thread, the parent first. Raises SlackUnreachable, for a missing scope too."""
        return [message async for message in self.messages(channel_id, thread_ts)]

    async def messages(
        self, channel_id: str, thread_ts: str | None, **narrowed: object
    ) -> AsyncIterator[Mapping[str, Any]]:
        """Give the messages of a thread, oldest first, or of a channel itself, newest first; not without end."""
        cursor = None
        for _ in range(MOST_PAGES):
            arguments: dict[str, Any] = {"channel": channel_id, "limit": MESSAGES_A_PAGE, "cursor": cursor, **narrowed}
            asking = (
                self.client.conversations_replies(ts=thread_ts, **arguments)
                if thread_ts
                else self.client.conversations_history(**arguments)
            )
            answer = await answered(asking)
            for message in answer.get("messages") or []:
                yield message
            cursor = (answer.get("response_metadata") or {}).get("next_cursor")
            if not cursor:
                return

    async def socket_address(self, app_token: str) -> str:
        """Ask for the address of one connection of Socket Mode; it holds a secret. Raises SlackUnreachable."""
        # Who keeps the connections asks again by itself, so this is not.
        answer = await answered(self.poster.apps_connections_open(app_token=app_token))
        return str(answer.get("url"))

    async def open_view(self, trigger_id: str, view: Mapping[str, Any]) -> str:
        """Open a modal, and give its id. Raises SlackUnreachable, for a trigger that is older than 3 s too."""
        answer = await answered(self.client.views_open(trigger_id=trigger_id, view=dict(view)))
        return str((answer.get("view") or {}).get("id"))

    async def update_view(self, view_id: str, view: Mapping[str, Any]) -> None:
        """Change an open modal. Raises SlackUnreachable, where it is closed by now too."""
        await answered(self.client.views_update(view_id=view_id, view=dict(view)))

    async def publish_home(self, user_id: str, view: Mapping[str, Any], instead_of: str | None = None) -> str:
        """Show somebody their Home tab, and give its hash. Raises SlackUnreachable.

        With a hash it takes the place of that one alone, and not of one that was published meanwhile.
        """
        # A press later it is published anew, so it is asked for again where the connection breaks.
        answer = await answered(self.client.views_publish(user_id=user_id, view=dict(view), hash=instead_of))
        return str((answer.get("view") or {}).get("hash"))


def way_to_slack() -> str | None:
    """Give the proxy that slack_sdk takes from the environment for every client, if there is one."""
    return AsyncWebClient().proxy


@asynccontextmanager
async def open_slack(
    token: str, api_url: str, groups: tuple[str, ...] = (), language: Language = SOURCE
) -> AsyncIterator[Slack]:
    """Open the one session towards Slack, and close it afterwards.

    `groups` are those that the policy asks about, and `language` is that of whoever has none of ours.
    """
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=SECONDS_PER_CALL)) as session:
        asking, posting = [AsyncConnectionErrorRetryHandler(), ShortRateLimit()], [ShortRateLimit()]
        client = AsyncWebClient(token, base_url=api_url, session=session, retry_handlers=[*asking])
        poster = AsyncWebClient(token, base_url=api_url, session=session, retry_handlers=[*posting])
        yield Slack(People(client, groups, language), client, poster, session)
