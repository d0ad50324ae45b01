"""Slack's side of Socket Mode, as cheap as can be: envelopes to one connection after the other, and their acks."""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from urllib.parse import parse_qsl

from aiohttp import WSMsgType, web

HELLO = json.dumps({"type": "hello", "num_connections": 1, "connection_info": {"app_id": "A0000FAXBOT1"}})


class Sockets:
    """The connections of one bot; `acked` is told the number of a question, and what its ack says."""

    def __init__(self, acked: Callable[[int, bytes], None]) -> None:
        self.acked = acked
        self.connections: list[web.WebSocketResponse] = []

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        """Take one connection, until it ends."""
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_str(HELLO)
        self.connections.append(socket)
        try:
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    ack = json.loads(message.data)
                    self.acked(int(ack["envelope_id"]), json.dumps(ack.get("payload")).encode())
        finally:
            self.connections.remove(socket)
        return socket

    async def send(self, number: int, form: bytes) -> None:
        """Send a command."""
        envelope = {
            "type": "slash_commands",
            "envelope_id": str(number),
            "accepts_response_payload": True,
            "payload": dict(parse_qsl(form.decode())),
        }
        await self.connections[number % len(self.connections)].send_json(envelope)


@asynccontextmanager
async def open_sockets(sockets: Sockets) -> AsyncIterator[str]:
    """Serve, and give the address."""
    app = web.Application()
    app.router.add_get("/", sockets.serve)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"ws://127.0.0.1:{runner.addresses[0][1]}/"
    finally:
        await runner.cleanup()
