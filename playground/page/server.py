"""The page itself: its files, one snapshot, the feed, the acts. For a browser on this machine, and no other.

GET  /                     the page
GET  /static/…             its styles and modules
GET  /snapshot?eyes=me     everything that these eyes see
GET  /feed?eyes=me&after=  what happens from there on, as server-sent events
POST /do/{act}             what is done; JSON to and fro
"""

import json
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from bot.server import CannotListen, listening_socket
from playground.page.acts import Acts, CannotAct
from playground.page.drawing import Drawing
from playground.page.eyes import EYES, Eyes
from playground.page.feed import Feed
from playground.slack.wire import JsonObject

HOST = "127.0.0.1"
PORT = 3000
STATIC = Path(__file__).parent / "static"
LARGEST_ACT = 512 * 1024
SILENCE = 15.0
"""Seconds without news after which the feed says that it is still there."""
UNDER_WAY = 0.2
"""Seconds that a request under way is given when the page closes."""

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


@contextmanager
def listening(port: int | None) -> Iterator[socket.socket]:
    """Bind the port; None: 3000, or a free one where that is taken. Raises CannotListen."""
    try:
        listener = listening_socket(HOST, PORT if port is None else port)
    except CannotListen:
        if port is not None:
            raise
        listener = listening_socket(HOST, 0)
    with listener:
        yield listener


@dataclass(frozen=True, slots=True)
class Page:
    """Answers the browser."""

    feed: Feed
    drawing: Drawing
    acts: Acts

    async def index(self, _request: web.Request) -> web.StreamResponse:
        """Give the page, and name its modules: the browser fetches them at once, in place of one after the other."""
        modules = sorted(file.name for file in (STATIC / "js").glob("*.js"))
        links = ", ".join(f"</static/js/{name}>; rel=modulepreload" for name in modules)
        return web.FileResponse(STATIC / "index.html", headers={"Link": links})

    async def snapshot(self, request: web.Request) -> web.StreamResponse:
        """Give everything that these eyes see."""
        return web.json_response(self.drawing.snapshot(eyes_of(request)))

    async def follow(self, request: web.Request) -> web.StreamResponse:
        """Send what happens, until the browser goes; after a break it says itself what it saw last."""
        eyes = eyes_of(request)
        run, _, number = request.headers.get("Last-Event-ID", request.query.get("after", "")).partition("-")
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream; charset=utf-8"})
        await response.prepare(request)
        if run != self.feed.run or not number.isdecimal() or int(number) > len(self.feed.entries):
            await response.write(b"event: anew\ndata: {}\n\n")
            return response
        await response.write(b"retry: 500\n\n")
        async for news in self.feed.after(int(number), SILENCE):
            if news is None:
                await response.write(b": still here\n\n")
                continue
            number_now, entry = news
            if drawn := self.drawing.entry(number_now, entry, eyes):
                await response.write(event(f"{run}-{number_now}", *drawn))
        return response

    async def do(self, request: web.Request) -> web.StreamResponse:
        """Do an act."""
        if request.content_type != "application/json":
            return refusal(415, "An act is JSON.")
        try:
            given = await request.json()
            if not isinstance(given, dict):
                return refusal(400, "An act is one JSON object.")
            return web.json_response(await self.acts.do(request.match_info["act"], given))
        except ValueError:
            return refusal(400, "This is no JSON.")
        except CannotAct as error:
            return refusal(409, str(error))

    def app(self, own_hosts: frozenset[str]) -> web.Application:
        """Give the application, which answers under its own names alone."""
        app = web.Application(client_max_size=LARGEST_ACT, middlewares=[guard(own_hosts)])
        app.router.add_get("/", self.index)
        app.router.add_static("/static", STATIC)
        app.router.add_get("/snapshot", self.snapshot)
        app.router.add_get("/feed", self.follow)
        app.router.add_post("/do/{act}", self.do)
        app.on_response_prepare.append(dress)
        return app


@asynccontextmanager
async def serving_page(page: Page, listener: socket.socket) -> AsyncIterator[str]:
    """Serve the page on a listening socket, and give its address."""
    port = listener.getsockname()[1]
    own_hosts = frozenset({f"{HOST}:{port}", f"localhost:{port}"})
    runner = web.AppRunner(
        page.app(own_hosts),
        access_log=None,
        handle_signals=False,
        shutdown_timeout=UNDER_WAY,
        handler_cancellation=True,
    )
    await runner.setup()
    await web.SockSite(runner, listener).start()
    try:
        yield f"http://{HOST}:{port}/"
    finally:
        page.feed.close()
        await runner.cleanup()


def guard(own_hosts: frozenset[str]) -> Middleware:
    """Refuse other names than our own, since DNS can lead a foreign page here, and acts from foreign pages."""

    @web.middleware
    async def guarded(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.host not in own_hosts:
            return refusal(421, "This page answers to its own address alone.")
        if request.method == "POST" and request.headers.get("Origin") != f"http://{request.host}":
            return refusal(403, "Only the page itself may act.")
        return await handler(request)

    return guarded


async def dress(_request: web.Request, response: web.StreamResponse) -> None:
    """Put the headers on that keep everything foreign out."""
    response.headers.update(HEADERS)


def eyes_of(request: web.Request) -> Eyes:
    """Read with whose eyes the page sees."""
    return EYES.get(request.query.get("eyes", "me"), EYES["me"])


def event(number: str, name: str, content: JsonObject) -> bytes:
    """Write one server-sent event."""
    return f"id: {number}\nevent: {name}\ndata: {json.dumps(content)}\n\n".encode()


def refusal(status: int, error: str) -> web.Response:
    """Say no, and why."""
    return web.json_response({"error": error}, status=status)
