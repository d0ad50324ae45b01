"""The playground's Slack speaks Socket Mode as the SDK's own client expects it, and as strictly as is documented."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import pytest
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse
from slack_sdk.web.async_client import AsyncWebClient

from playground.slack import SlackServer
from playground.slack.example import ANN, BOT, SUPPORT
from playground.slack.wire import JsonObject
from tests.faults.desk import until
from tests.playground.conftest import CARD, Api


@pytest.fixture
def slack(slack: SlackServer) -> SlackServer:
    """Give a Slack that comes by Socket Mode."""
    slack.socket_mode, slack.sockets.ack_within = True, 1.0
    return slack


@dataclass
class SdkBot:
    """The SDK's own client, which acks everything with what `says` has for its kind."""

    client: SocketModeClient
    says: dict[str, JsonObject] = field(default_factory=dict)
    heard: list[SocketModeRequest] = field(default_factory=list)
    silent: bool = False

    async def hear(self, client: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
        """Ack one envelope."""
        self.heard.append(request)
        if not self.silent:
            await client.send_socket_mode_response(SocketModeResponse(request.envelope_id, self.says.get(request.type)))


@pytest.fixture
async def sdk_bot(slack: SlackServer) -> AsyncIterator[SdkBot]:
    """Give a bot made of the SDK's client, connected."""
    client = SocketModeClient(slack.app_token, web_client=AsyncWebClient(base_url=slack.api_url), ping_interval=0.1)
    bot = SdkBot(client)
    client.socket_mode_request_listeners.append(bot.hear)
    await client.connect()  # type: ignore[no-untyped-call]  # the SDK has no types here
    await until(lambda: bool(slack.sockets.connections), 6.0, "not connected")
    yield bot
    await client.close()  # type: ignore[no-untyped-call]  # the same
    left = {
        task for task in (client.message_processor, client.message_receiver, client.current_session_monitor) if task
    }
    await asyncio.gather(*left, return_exceptions=True)


@dataclass
class Raw:
    """A WebSocket as it is."""

    socket: aiohttp.ClientWebSocketResponse

    async def said(self) -> dict[str, Any]:
        """Give the next message."""
        said: dict[str, Any] = json.loads(await self.socket.receive_str(timeout=6.0))
        return said

    async def is_closed(self) -> bool:
        """Say whether Slack closes the connection now."""
        return (await self.socket.receive(timeout=6.0)).type is aiohttp.WSMsgType.CLOSE


async def connected(slack: SlackServer, session: aiohttp.ClientSession) -> Raw:
    """Open a connection."""
    return Raw(await session.ws_connect(slack.sockets.address(), autoclose=False))


async def test_a_command_is_an_envelope_and_its_ack_is_shown(slack: SlackServer, sdk_bot: SdkBot) -> None:
    """The payload has the fields of the form."""
    sdk_bot.says["slash_commands"] = {"text": "The line was busy", "blocks": CARD}
    delivery = await slack.command("/fax", "fax-1", user=ANN, channel=SUPPORT)
    assert "busy" in delivery.shown[0].words
    request = sdk_bot.heard[0]
    assert (request.type, request.accepts_response_payload) == ("slash_commands", True)
    assert (request.payload["command"], request.payload["text"]) == ("/fax", "fax-1")
    assert request.retry_attempt is None


async def test_a_press_is_an_envelope(slack: SlackServer, sdk_bot: SdkBot) -> None:
    """The payload is the interaction itself."""
    sdk_bot.says["slash_commands"] = {"text": "The line was busy", "blocks": CARD}
    card = (await slack.command("/fax", "fax-1", user=ANN, channel=SUPPORT)).shown[0]
    assert (await slack.press(card, "share", user=ANN)).acked
    request = sdk_bot.heard[-1]
    assert (request.type, request.payload["type"]) == ("interactive", "block_actions")


async def test_an_event_is_an_envelope_and_comes_again_where_it_is_not_acked(
    slack: SlackServer, sdk_bot: SdkBot
) -> None:
    """With the number of the try and the reason, and the same event_id; what an ack says beside is not heard."""
    sdk_bot.silent = True
    await slack.post(ANN, SUPPORT, f"<@{BOT}> fax-1")
    sdk_bot.silent = False
    await until(lambda: not slack.retries, 6.0, "it comes again and again")
    first, second = sdk_bot.heard
    assert (first.type, first.accepts_response_payload, first.retry_attempt) == ("events_api", False, 0)
    assert (second.retry_attempt, second.retry_reason) == (1, "timeout")
    assert first.payload["event_id"] == second.payload["event_id"]
    assert first.envelope_id != second.envelope_id


async def test_a_command_that_is_not_acked_in_time_is_told(slack: SlackServer, sdk_bot: SdkBot) -> None:
    """As over HTTP; an ack that comes too late is for nobody."""
    sdk_bot.silent = True
    delivery = await slack.command("/fax", user=ANN, channel=SUPPORT)
    assert (delivery.status, delivery.failure) == (None, "operation_timeout")
    assert "operation_timeout" in delivery.shown[0].words
    await sdk_bot.client.send_socket_mode_response(SocketModeResponse(sdk_bot.heard[0].envelope_id))
    await until(lambda: bool(slack.sockets.stray), 6.0, "not taken for late")


@pytest.mark.usefixtures("sdk_bot")
async def test_the_sdk_comes_back_when_it_is_told_to_go(slack: SlackServer) -> None:
    """Slack warns, and then closes."""
    await slack.sockets.refresh(slack.sockets.connections[0], warned=0.05)
    await until(lambda: [one.number for one in slack.sockets.connections] == [2], 6.0, "it does not come back")
    assert (await slack.command("/fax", user=ANN, channel=SUPPORT)).acked


async def test_hello_says_how_many_connections_there_are(slack: SlackServer, session: aiohttp.ClientSession) -> None:
    """And about how long this one lasts; then Slack asks whether anybody is there."""
    first, second = await connected(slack, session), await connected(slack, session)
    assert (await first.said())["num_connections"] == 1
    hello = await second.said()
    assert (hello["type"], hello["num_connections"]) == ("hello", 2)
    assert hello["connection_info"] == {"app_id": slack.workspace.app.id}
    assert hello["debug_info"]["approximate_connection_time"] > 0
    await first.socket.close()
    await second.socket.close()


async def test_an_app_has_ten_connections_at_most(slack: SlackServer, session: aiohttp.ClientSession) -> None:
    """The eleventh is told so in place of a hello."""
    ten = [await connected(slack, session) for _ in range(10)]
    eleventh = await connected(slack, session)
    assert (await eleventh.said())["reason"] == "too_many_websockets"
    assert await eleventh.is_closed()
    for one in (*ten, eleventh):
        await one.socket.close()


async def test_what_is_switched_off_closes_and_stays_closed(slack: SlackServer, session: aiohttp.ClientSession) -> None:
    """With the word for it, and no hello."""
    first = await connected(slack, session)
    assert (await first.said())["type"] == "hello"
    await slack.sockets.switch_off()
    assert await first.said() == {"type": "disconnect", "reason": "link_disabled", "debug_info": {"host": "applink-1"}}
    assert await first.is_closed()
    second = await connected(slack, session)
    assert (await second.said())["reason"] == "link_disabled"
    for one in (first, second):
        await one.socket.close()


async def test_an_ack_counts_on_the_connection_that_the_envelope_came_by(
    slack: SlackServer, session: aiohttp.ClientSession
) -> None:
    """Whether Slack takes another is not documented: the stricter reading."""
    one, other = await connected(slack, session), await connected(slack, session)
    assert [(await each.said())["type"] for each in (one, other)] == ["hello", "hello"]
    typing = asyncio.create_task(slack.command("/fax", user=ANN, channel=SUPPORT))
    envelope = await one.said()
    await other.socket.send_json({"envelope_id": envelope["envelope_id"]})
    assert (await typing).failure == "operation_timeout"
    assert len(slack.sockets.stray) == 1
    await one.socket.close()
    await other.socket.close()


async def test_without_a_connection_nothing_arrives(slack: SlackServer) -> None:
    """The person is told at once."""
    assert (await slack.command("/fax", user=ANN, channel=SUPPORT)).failure == "dispatch_failed"


async def test_an_address_is_good_once(slack: SlackServer, session: aiohttp.ClientSession) -> None:
    """And a forged one never."""
    address = slack.sockets.address()
    first = await session.ws_connect(address)
    for used in (address, f"{slack.sockets.base}/link/?ticket=forged"):
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await session.ws_connect(used)
    await first.close()


@pytest.mark.parametrize(
    ("token", "error"),
    [("", "not_authed"), ("xapp-wrong", "invalid_auth"), ("xoxb-playground", "not_allowed_token_type")],
)
async def test_an_address_is_given_for_the_apps_token_alone(
    slack: SlackServer, api: Api, token: str, error: str
) -> None:
    """In the header: in the form it does not count."""
    async with api.post("apps.connections.open", token=token) as response:
        assert await response.json() == {"ok": False, "error": error}
    async with api.session.post(f"{slack.api_url}apps.connections.open", data={"token": slack.app_token}) as response:
        assert (await response.json())["error"] == "not_authed"
    async with api.post("apps.connections.open", token=slack.app_token) as response:
        assert (await response.json())["url"].startswith("ws://127.0.0.1:")
    async with api.post("auth.test", token=slack.app_token) as response:
        assert (await response.json())["error"] == "not_allowed_token_type"
