"""The fax server keeps the contract, and remembers what reached it."""

import asyncio
import ssl
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest
import pytest_asyncio
import trustme

from playground.stonefax import ANSWERS, FINE, Break, Drip, Rule, StoneFaxServer
from tests.playground.stonefax_wire import FAX, OUTBOUND, QUEUED, ask, basic, connection, read, request

DOCUMENTED = "IAS-N1_d53957a4-c6fa-4a89-9198-f32da47e6a58_0"


@pytest_asyncio.fixture
async def fax_server() -> AsyncIterator[StoneFaxServer]:
    """Start a server that knows one fax."""
    async with StoneFaxServer() as server:
        server.put(FAX, QUEUED)
        yield server


async def test_an_answer_from_the_folder_comes_byte_for_byte() -> None:
    """The documented example is served as it is written, its other id included."""
    async with StoneFaxServer(ANSWERS) as server:
        answered = await ask(server, DOCUMENTED)
    assert answered.status == 200
    assert answered.headers["Content-Type"] == "application/json; charset=utf-8"
    assert answered.body == (ANSWERS / f"{DOCUMENTED}.json").read_bytes()
    assert answered.json()["faxId"] == "IAS-N1_6a504a1d-12d6-44a7-a249-db6c4389f413_0"


async def test_without_credentials_the_web_server_refuses(fax_server: StoneFaxServer) -> None:
    """401 is a page of HTML then, and asks for Basic."""
    answered = await ask(fax_server, authorization=None)
    assert (answered.status, answered.headers["Content-Type"]) == (401, "text/html")
    assert answered.headers["WWW-Authenticate"] == 'Basic realm="StoneFax"'


@pytest.mark.parametrize("authorization", [basic("faxbot", "wrong"), basic("user1", "playground"), "Bearer x", "Basic"])
async def test_wrong_credentials_are_refused_with_a_reason(fax_server: StoneFaxServer, authorization: str) -> None:
    """401 is JSON then, and asks for Basic too."""
    answered = await ask(fax_server, authorization=authorization)
    assert answered.status == 401
    assert answered.headers["WWW-Authenticate"] == 'Basic realm="StoneFax"'
    assert answered.json() == {"reason": "Invalid username or password"}


async def test_each_answer_is_told_of_once_it_is_out(fax_server: StoneFaxServer) -> None:
    """With its request; one that broke off is told of as none."""
    told: list[tuple[str | None, int | None]] = []
    fax_server.on_answer.append(lambda answered: told.append((answered.request.fax_id, answered.status)))
    await ask(fax_server)
    await ask(fax_server, "IAS-N1_0_0")
    fax_server.mood = Rule(breaks=Break.CLOSE)
    async with connection(fax_server) as (reader, writer):
        writer.write(request(f"{OUTBOUND}{FAX}"))
        assert await reader.read() == b""
    assert told == [(FAX, 200), ("IAS-N1_0_0", 404), (FAX, None)]


async def test_an_unknown_fax_is_refused_with_a_reason(fax_server: StoneFaxServer) -> None:
    """404 by the API itself is JSON."""
    answered = await ask(fax_server, "IAS-N1_0_0")
    assert (answered.status, answered.json()) == (404, {"reason": "Outbound fax IAS-N1_0_0 not found"})


async def test_a_low_privilege_reads_only_its_own_faxes() -> None:
    """403 for the fax of another user, in both shapes, 200 for one's own."""
    async with StoneFaxServer(privilege=2) as server:
        server.put("theirs", {"username": "user1"})
        server.put("wrapped", {"fax": {"username": "user1"}})
        server.put("mine", {"username": "faxbot"})
        assert [(await ask(server, fax_id)).status for fax_id in ("theirs", "wrapped", "mine")] == [403, 403, 200]


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/fw/Apps/StoneFax/WebAPI/Faxes/Outbound",
        OUTBOUND,
        "/fw/Apps/StoneFax/WebAPI/Faxes/Inbound/" + FAX,
        f"{OUTBOUND}{FAX}/pages",
        f"{OUTBOUND}..",
        f"{OUTBOUND}%2e%2e",
        f"{OUTBOUND}../Outbound/{FAX}",
        f"{OUTBOUND}..%2FOutbound%2F{FAX}",
        f"{OUTBOUND}..%5C{FAX}",
    ],
)
async def test_any_other_address_is_a_page_of_html(fax_server: StoneFaxServer, path: str) -> None:
    """404 as from IIS, and a path that climbs is remembered as it came on the wire."""
    answered = await ask(fax_server, path)
    assert (answered.status, answered.headers["Content-Type"]) == (404, "text/html")
    assert b"404 - Not Found" in answered.body
    (received,) = fax_server.requests
    assert (received.raw_path, received.fax_id) == (path, None)


async def test_only_get_is_understood(fax_server: StoneFaxServer) -> None:
    """The API has no other method."""
    assert (await ask(fax_server, method="DELETE")).status == 404


async def test_an_id_is_decoded_once(fax_server: StoneFaxServer) -> None:
    """What was percent-encoded twice stays encoded."""
    fax_server.put("A B_%41", {"faxId": "A B_%41"})
    assert (await ask(fax_server, "A%20B_%2541?x=1")).json() == {"faxId": "A B_%41"}
    assert fax_server.count("A B_%41") == 1
    assert fax_server.requests[0].raw_path == f"{OUTBOUND}A%20B_%2541?x=1"


async def test_an_answer_made_in_code_may_hold_a_lone_surrogate(fax_server: StoneFaxServer) -> None:
    """JSON can, and so can a fax's subject."""
    fax_server.put(FAX, {"subject": "\ud83d Größe"})
    assert (await ask(fax_server)).json() == {"subject": "\ud83d Größe"}


async def test_mine_lists_the_own_faxes_by_page_and_date(fax_server: StoneFaxServer) -> None:
    """Oldest first, in the short form, and nobody else's."""
    for day in (23, 21, 22):
        submitted = f"2026-11-{day}T10:00:00.0000000"
        fax_server.put(f"own-{day}", {"username": "faxbot", "submitTime": submitted, "status": "Queued"})

    async def listed(query: str) -> list[object]:
        faxes = (await ask(fax_server, f"Mine{query}")).json()["faxList"]
        assert isinstance(faxes, list)
        return [fax["faxId"] for fax in faxes]

    assert await listed("") == ["own-21", "own-22", "own-23"]
    assert await listed("?page=2&pageSize=2") == ["own-23"]
    assert await listed("?date=between:2026-11-21T10:00:00;2026-11-22T10:00:00") == ["own-21", "own-22"]
    first = (await ask(fax_server, "Mine?pageSize=1")).json()["faxList"]
    assert first == [
        {
            "__type": "LessInfoOutboundFax:StoneFax.Faxes",
            "date": "2026-11-21T10:00:00.0000000",
            "faxId": "own-21",
            "username": "faxbot",
            "recipient": None,
            "subject": None,
            "status": "Queued",
        }
    ]


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("page=0", "page"),
        ("page=two", "page"),
        ("pageSize=-1", "pageSize"),
        ("date=2026-11-21", "date"),
        ("date=between:2026-11-21T10:00:00", "date"),
        ("date=between:yesterday;today", "date"),
        ("user=user1&page=x", "page, user"),
    ],
)
async def test_mine_refuses_a_filter_it_cannot_read(fax_server: StoneFaxServer, query: str, named: str) -> None:
    """400, with the names of the filters."""
    answered = await ask(fax_server, f"Mine?{query}")
    assert (answered.status, answered.json()) == (400, {"reason": f"Invalid filter: {named}"})


async def test_every_answer_sets_another_cookie(fax_server: StoneFaxServer) -> None:
    """A client that keeps it is caught by its next request; refusals set one too."""
    cookies = [(await ask(fax_server, path)).headers["Set-Cookie"] for path in (FAX, FAX, "unknown", "/")]
    assert len(set(cookies)) == 4
    assert all(cookie.startswith("ASP.NET_SessionId=") for cookie in cookies)


async def test_requests_and_connections_are_counted(fax_server: StoneFaxServer) -> None:
    """Three requests, two of them over one connection; headers and times are remembered."""
    async with connection(fax_server) as (reader, writer):
        writer.write(request(FAX, close=False))
        await reader.readuntil(b"}")
        writer.write(request("unknown"))
        assert read(await reader.read()).status == 404
    await ask(fax_server)
    assert (fax_server.total, fax_server.count(FAX), fax_server.count("unknown")) == (3, 2, 1)
    assert fax_server.connections == 2
    assert [received.fax_id for received in fax_server.requests] == [FAX, "unknown", FAX]
    assert "accept-encoding" not in fax_server.requests[0].headers
    assert fax_server.requests[0].headers["authorization"].startswith("Basic ")
    first, *_, last = (received.at for received in fax_server.requests)
    assert time.monotonic() - 5 < first < last < time.monotonic()


async def test_requests_at_once_are_counted(fax_server: StoneFaxServer) -> None:
    """Five wait together, then one comes alone; afterwards none is open, and the highest stays."""
    fax_server.mood = Rule(delay=0.2)
    asking = [asyncio.create_task(ask(fax_server)) for _ in range(5)]
    await fax_server.until(lambda: fax_server.at_once == 5)
    assert {(await answered).status for answered in asking} == {200}
    fax_server.mood = FINE
    await ask(fax_server)
    assert (fax_server.at_once, fax_server.most_at_once) == (0, 5)


async def test_a_client_that_went_away_waits_no_more(fax_server: StoneFaxServer) -> None:
    """Its request is open no longer, though it was never answered."""
    fax_server.mood = Rule(breaks=Break.HANG)
    async with connection(fax_server) as (_, writer):
        writer.write(request(FAX))
        await fax_server.until(lambda: fax_server.at_once == 1)
    await fax_server.until(lambda: fax_server.at_once == 0)


async def test_waiting_in_vain_says_what_was_seen(fax_server: StoneFaxServer) -> None:
    """The message of the TimeoutError is of use in a failed test."""
    await ask(fax_server)
    with pytest.raises(TimeoutError, match=r"not within 0.05 s; the fax server has seen 1 requests, 0 of them open"):
        await fax_server.until(lambda: fax_server.total == 2, within=0.05)


async def test_tls_is_served_with_the_certificate_given() -> None:
    """A client that trusts the authority is answered, another one turns away."""
    authority = trustme.CA()
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(serving)
    trusting = ssl.create_default_context()
    authority.configure_trust(trusting)
    async with StoneFaxServer(ssl=serving) as server:
        server.put(FAX, QUEUED)
        assert server.url == f"https://127.0.0.1:{server.port}"
        assert (await ask(server, ssl=trusting)).json() == QUEUED
        with pytest.raises(ssl.SSLCertVerificationError):
            await ask(server, ssl=ssl.create_default_context())
        assert (server.total, server.connections) == (1, 2)


@pytest.mark.parametrize(
    "rule", [Rule(breaks=Break.HANG), Rule(delay=60), Rule(megabytes=40), Rule(drip=Drip(every=9))]
)
async def test_the_stop_does_not_wait_for_what_hangs(rule: Rule) -> None:
    """Neither for the answer nor for a client that does not read; the connections end and the port is free."""
    async with AsyncExitStack() as clients:
        async with StoneFaxServer() as server:
            server.put(FAX, QUEUED)
            server.mood = rule
            _, asking = await clients.enter_async_context(connection(server))
            idle, _ = await clients.enter_async_context(connection(server))
            asking.write(request(FAX))
            await server.until(lambda: server.total == 1)
            stopping = time.monotonic()
        assert time.monotonic() - stopping < 0.5
        assert server.at_once == 0
        assert await idle.read() == b""
    async with StoneFaxServer(port=server.port) as again:
        assert again.port == server.port
