"""The page's own server: for a browser on this machine alone, and without a gap in what it tells."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest
import pytest_asyncio

from playground.page import Playground
from playground.slack.example import ANN, SUPPORT
from tests.conftest import BUSY

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(loop_scope="session")
async def http(playground: Playground) -> AsyncIterator[aiohttp.ClientSession]:
    """Give a client of the page's server."""
    async with aiohttp.ClientSession(playground.url) as session:
        yield session


async def test_the_policy_lets_in_nothing_from_outside(http: aiohttp.ClientSession) -> None:
    """On the page, its files and its refusals alike; and the page has no inline script or style to allow."""
    for path in ("/", "/static/js/main.js", "/snapshot", "/nothing"):
        async with http.get(path) as response:
            policy = response.headers["Content-Security-Policy"]
            assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'")
            assert "unsafe" not in policy
            assert "frame-ancestors 'none'" in policy
            assert response.headers["X-Content-Type-Options"] == "nosniff"
    async with http.get("/") as response:
        page = await response.text()
    assert " style=" not in page
    assert "<style" not in page
    assert "<script>" not in page
    assert "http" not in page


async def test_another_name_is_not_answered(http: aiohttp.ClientSession) -> None:
    """DNS may lead a foreign name to this machine."""
    async with http.get("/snapshot", headers={"Host": "evil.example.com"}) as response:
        assert response.status == 421
        assert "messages" not in await response.text()


@pytest.mark.parametrize("origin", ["https://evil.example.com", "null", None])
async def test_another_page_cannot_act(http: aiohttp.ClientSession, playground: Playground, origin: str | None) -> None:
    """Nothing reaches the bot."""
    headers = {"Origin": origin} if origin else {}
    given = {"channel": SUPPORT, "text": f"/fax {BUSY}"}
    async with http.post("/do/say", json=given, headers=headers) as response:
        assert response.status == 403
    assert playground.slack.deliveries == []


async def test_what_cannot_be_done_is_said(http: aiohttp.ClientSession, playground: Playground) -> None:
    """In words, whatever a page sends."""
    origin = {"Origin": playground.url.rstrip("/")}
    acts: tuple[tuple[str, dict[str, object], str], ...] = (
        ("say", {"channel": SUPPORT}, "text"),
        ("say", {"channel": "C1", "text": "hello"}, "is not in C1"),
        ("say", {"eyes": "nobody", "channel": SUPPORT, "text": "hello"}, "Nobody is called"),
        ("press", {"channel": SUPPORT, "ts": "1.1", "action_id": "share"}, "no longer there"),
        ("submit", {"view_id": "V1", "values": {}}, "no longer open"),
        ("mood", {"mood": "sulking"}, "no mood"),
        ("dance", {}, "no act"),
    )
    for act, given, said in acts:
        async with http.post(f"/do/{act}", json=given, headers=origin) as response:
            assert response.status == 409
            assert said in (await response.json())["error"]
    async with http.post("/do/say", data=b"{", headers={**origin, "Content-Type": "application/json"}) as response:
        assert response.status == 400
    async with http.post("/do/say", data={"a": "b"}, headers=origin) as response:
        assert response.status == 415


@asynccontextmanager
async def following(http: aiohttp.ClientSession, after: str) -> AsyncIterator[aiohttp.ClientResponse]:
    """Follow the feed as a browser that comes back after a break does."""
    async with http.get("/feed?eyes=me", headers={"Last-Event-ID": after}) as response:
        yield response


async def next_event(response: aiohttp.ClientResponse) -> dict[str, str]:
    """Give the next event with a name."""
    event: dict[str, str] = {}
    async with asyncio.timeout(3.0):
        async for line in response.content:
            name, _, value = line.decode().rstrip("\n").partition(": ")
            if name:
                event[name] = value
            elif "event" in event:
                return event
            else:
                event = {}
    return event


async def test_a_page_that_lost_the_line_misses_nothing(http: aiohttp.ClientSession, playground: Playground) -> None:
    """It goes on behind what it saw last: neither twice, nor with a gap."""
    async with http.get("/snapshot") as response:
        snapshot = await response.json()
    start = f"{snapshot['run']}-{snapshot['number']}"
    await playground.slack.post(ANN, SUPPORT, "one")
    await playground.slack.post(ANN, SUPPORT, "two")
    async with following(http, start) as feed:
        first = await next_event(feed)
    async with following(http, first["id"]) as feed:
        second = await next_event(feed)
    said = [json.loads(event["data"])["message"]["text"] for event in (first, second)]
    assert said == ["one", "two"]


@pytest.mark.parametrize("after", ["", "another-3", "x"])
async def test_a_page_of_another_start_begins_anew(http: aiohttp.ClientSession, after: str) -> None:
    """Since the numbers that it knows mean nothing here."""
    async with following(http, after) as feed:
        assert (await next_event(feed))["event"] == "anew"
