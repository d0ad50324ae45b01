"""One HTTP exchange with the fax server over a bare socket, so that nothing is put right on the way."""

import asyncio
import base64
import http.client
import io
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from email.message import Message
from ssl import SSLContext
from typing import cast

from playground.stonefax import StoneFaxServer

OUTBOUND = "/fw/Apps/StoneFax/WebAPI/Faxes/Outbound/"
FAX = "IAS-N1_401d6c8c07d6b7a_0"
QUEUED: Mapping[str, object] = {"faxId": FAX, "username": "user1", "status": "Queued"}


def basic(username: str, password: str) -> str:
    """Write the credentials as the header has them."""
    return "Basic " + base64.b64encode(f"{username}:{password}".encode()).decode()


ACCOUNT = basic("faxbot", "playground")


@dataclass(frozen=True)
class Answered:
    """What came back."""

    status: int
    headers: Message
    body: bytes

    def json(self) -> dict[str, object]:
        """Read the body."""
        return cast("dict[str, object]", json.loads(self.body))


@asynccontextmanager
async def connection(
    server: StoneFaxServer, ssl: SSLContext | None = None
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """Open a connection, and end it in good order or bad."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port, ssl=ssl)
    try:
        yield reader, writer
    finally:
        writer.transport.abort()


def request(path: str, *, method: str = "GET", authorization: str | None = ACCOUNT, close: bool = True) -> bytes:
    """Write a request; a path that is no path (no slash in front) is a fax's id."""
    lines = [
        f"{method} {path if path.startswith('/') else OUTBOUND + path} HTTP/1.1",
        "Host: 127.0.0.1",
        *([f"Authorization: {authorization}"] if authorization else []),
        *(["Connection: close"] if close else []),
    ]
    return "\r\n".join([*lines, "", ""]).encode()


async def ask(
    server: StoneFaxServer,
    path: str = FAX,
    *,
    method: str = "GET",
    authorization: str | None = ACCOUNT,
    ssl: SSLContext | None = None,
) -> Answered:
    """Ask once, on a connection of its own."""
    async with connection(server, ssl) as (reader, writer):
        writer.write(request(path, method=method, authorization=authorization))
        return read(await reader.read())


def read(wire: bytes) -> Answered:
    """Take an answer apart; the body as it came, chunks and compression included."""
    head, _, body = wire.partition(b"\r\n\r\n")
    status, _, fields = head.partition(b"\r\n")
    return Answered(int(status.split()[1]), http.client.parse_headers(io.BytesIO(fields + b"\r\n\r\n")), body)
