"""Socket Mode: the WebSockets that an app has open, the envelopes that go by them, and how they end.

A payload goes to any one of the app's connections, and is acked on that one, within three seconds. What comes of it is
told in the same record as over HTTP. Sources: docs.slack.dev/apis/events-api/using-socket-mode, and what the SDKs' own
mock servers send.
"""

import asyncio
import json
import secrets
import time
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from uuid import uuid4

from aiohttp import WSMsgType, web

from .records import Delivery
from .wire import JsonObject, dumps

MOST_CONNECTIONS = 10
HOST = "applink-1"
LIVES = 18060
"""Seconds that Slack says a connection will last, about."""
ACK_TYPE = {"Content-Type": "application/json; charset=utf-8"}


@dataclass(eq=False)
class Connection:
    """One WebSocket; `waiting` has the envelopes that were sent and not acked, by their ids."""

    number: int
    socket: web.WebSocketResponse
    request: web.BaseRequest
    waiting: dict[str, asyncio.Future[JsonObject | None]] = field(default_factory=dict)
    leaving: bool = False
    """Nothing more is sent by it."""
    mute: bool = False
    """A test may set it: pings are not answered any more, as where the network swallows everything."""
    pings: int = 0
    pongs: int = 0
    taken: int = 0
    """Envelopes that were sent by it."""

    async def say(self, said: JsonObject) -> None:
        """Send one message."""
        await self.socket.send_str(dumps(said))

    async def say_disconnect(self, reason: str) -> None:
        """Say that the connection is about to close."""
        await self.say({"type": "disconnect", "reason": reason, "debug_info": {"host": HOST}})

    def cut(self) -> None:
        """Break the connection, with no word."""
        self.leaving = True
        if self.request.transport:
            self.request.transport.abort()

    def lose(self) -> None:
        """Give up the acks that cannot come any more."""
        for waiting in self.waiting.values():
            if not waiting.done():
                waiting.set_result(None)

    async def settled(self, within: float) -> None:
        """Wait until everything that was sent is acked."""
        if self.waiting:
            await asyncio.wait(self.waiting.values(), timeout=within)


@dataclass
class Sockets:
    """The connections of one app. `base` is the server's own address, with `ws://`."""

    app_id: str
    ack_within: float
    base: str = ""
    connections: list[Connection] = field(default_factory=list)
    switched_on: bool = True
    """Whether the app's settings have Socket Mode on; `switch_off` is how it ends."""
    cuts: int = 0
    """A test may set it: so many of the next envelopes are the last that their connections bring."""
    stray: list[JsonObject] = field(default_factory=list)
    """Acks of what waits for none: acked before, too late, or by another connection than the one it came by."""
    _tickets: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._numbers, self._turns = count(1), count()

    def address(self) -> str:
        """Give an address for one connection."""
        ticket = secrets.token_urlsafe(18)
        self._tickets.add(ticket)
        return f"{self.base}/link/?ticket={ticket}&app_id={self.app_id}"

    async def serve(self, request: web.BaseRequest) -> web.StreamResponse:
        """Serve one connection to its end."""
        ticket = request.query.get("ticket", "")
        if ticket not in self._tickets:
            return web.Response(status=401)
        self._tickets.discard(ticket)
        socket = web.WebSocketResponse(autoping=False)
        await socket.prepare(request)
        connection = Connection(next(self._numbers), socket, request)
        if reason := self._refusal():
            await connection.say_disconnect(reason)
            await socket.close()
            return socket
        self.connections.append(connection)
        try:
            await connection.say(self._hello())
            await socket.ping(f"Ping from {HOST}".encode())
            await self._listen(connection)
        except ConnectionError:
            pass  # cut: nobody is left to tell
        finally:
            self.connections.remove(connection)
            connection.lose()
        return socket

    async def send(self, kind: str, envelope_type: str, payload: JsonObject, retry: JsonObject) -> Delivery:
        """Send one envelope by one of the connections, and give it with its ack, not yet recorded."""
        envelope_id = str(uuid4())
        accepts = envelope_type != "events_api"
        envelope = {"envelope_id": envelope_id, "payload": payload, "type": envelope_type}
        body = dumps({**envelope, "accepts_response_payload": accepts, **retry})
        at, monotonic = time.time(), time.monotonic()
        ack: JsonObject | None = None
        failure, reason = None, None
        try:
            async with asyncio.timeout(self.ack_within):
                ack = await self._acked(envelope_id, body)
        except TimeoutError:
            failure, reason = "operation_timeout", "timeout"
        if ack is None and failure is None:
            failure, reason = "dispatch_failed", "connection_failed"
        answer = ack.get("payload") if ack and accepts else None
        return Delivery(
            kind,
            payload,
            body.encode(),
            status=200 if ack else None,
            headers=ACK_TYPE if answer else {},
            body=dumps(answer).encode() if answer else b"",
            seconds=time.monotonic() - monotonic,
            failure=failure,
            retry_reason=reason,
            at=at,
            monotonic=monotonic,
        )

    async def refresh(self, connection: Connection, warned: float) -> None:
        """Close a connection as Slack does now and then: `warned` seconds before, and with nothing under way."""
        with suppress(ConnectionError):  # the app may have left at the first word
            await connection.say_disconnect("warning")
            await asyncio.sleep(warned)
            connection.leaving = True
            await connection.say_disconnect("refresh_requested")
            await connection.settled(self.ack_within)
        await connection.socket.close()

    async def switch_off(self) -> None:
        """Turn Socket Mode off in the app's settings: what is open is closed, and what is opened, too."""
        self.switched_on = False
        for connection in tuple(self.connections):
            connection.leaving = True
            await connection.say_disconnect("link_disabled")
            await connection.socket.close()

    def close(self) -> None:
        """Cut every connection."""
        for connection in self.connections:
            connection.cut()

    def _refusal(self) -> str | None:
        if not self.switched_on:
            return "link_disabled"
        return "too_many_websockets" if len(self.connections) >= MOST_CONNECTIONS else None

    def _hello(self) -> JsonObject:
        return {
            "type": "hello",
            "num_connections": len(self.connections),
            "debug_info": {"host": HOST, "build_number": 1, "approximate_connection_time": LIVES},
            "connection_info": {"app_id": self.app_id},
        }

    async def _listen(self, connection: Connection) -> None:
        async for message in connection.socket:
            if message.type is WSMsgType.PING:
                connection.pings += 1
                if not connection.mute:
                    await connection.socket.pong(message.data)
            elif message.type is WSMsgType.PONG:
                connection.pongs += 1
            elif message.type is WSMsgType.TEXT:
                said = json.loads(message.data)
                waiting = connection.waiting.get(said.get("envelope_id"))
                if waiting is None or waiting.done():
                    self.stray.append(said)
                else:
                    waiting.set_result(said)

    async def _acked(self, envelope_id: str, body: str) -> JsonObject | None:
        """Send by the connection whose turn it is, and give the ack; None where there is none, or it broke."""
        there = [connection for connection in self.connections if not connection.leaving]
        if not there:
            return None
        connection = there[next(self._turns) % len(there)]
        ack: asyncio.Future[JsonObject | None] = asyncio.get_running_loop().create_future()
        connection.waiting[envelope_id] = ack
        connection.taken += 1
        try:
            await connection.socket.send_str(body)
            if self.cuts:
                self.cuts -= 1
                await asyncio.sleep(0.02)  # so that what was sent has arrived
                connection.cut()
            return await ack
        except ConnectionError:
            return None
        finally:
            del connection.waiting[envelope_id]
