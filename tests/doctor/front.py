"""What stands before one of the playground's servers, and changes what it says: its clock, an answer, a certificate."""

import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import aiohttp
from aiohttp import web

HOP_BY_HOP = frozenset({"content-length", "transfer-encoding", "connection", "date", "host"})


@dataclass
class Front:
    """Passes everything on to `target`, but for what is changed here."""

    target: str
    url: str = ""
    ahead: timedelta = timedelta()
    """By how much the clock over there is fast."""
    answers: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    """By the last part of the path: what is answered in place of the server behind."""
    paths: list[str] = field(default_factory=list)
    """That were asked for."""
    without: frozenset[str] = frozenset()
    """Headers of the answer that are lost on the way, in small letters."""

    async def answer(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer one request."""
        self.paths.append(request.path)
        date = {"Date": format_datetime(datetime.now(UTC) + self.ahead, usegmt=True)}
        if (own := self.answers.get(request.path.rpartition("/")[2])) is not None:
            return web.json_response(own, headers=date)
        headers = {name: value for name, value in request.headers.items() if name.lower() not in HOP_BY_HOP}
        async with (
            aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar(), auto_decompress=False) as session,
            session.request(
                request.method,
                self.target + request.path_qs,
                headers=headers,
                data=await request.read(),
                allow_redirects=False,
            ) as behind,
        ):
            lost = HOP_BY_HOP | self.without
            kept = {name: value for name, value in behind.headers.items() if name.lower() not in lost}
            return web.Response(status=behind.status, body=await behind.read(), headers={**kept, **date})


@asynccontextmanager
async def front_of(target: str, context: ssl.SSLContext | None = None) -> AsyncIterator[Front]:
    """Stand before a server, on any free port."""
    front = Front(target)
    runner = web.ServerRunner(web.Server(front.answer, access_log=None), shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context)
    await site.start()
    host, port = runner.addresses[0][:2]
    front.url = f"{'https' if context else 'http'}://{host}:{port}"
    try:
        yield front
    finally:
        await runner.cleanup()
