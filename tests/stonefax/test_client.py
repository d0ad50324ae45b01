"""The client against a real server on loopback: how it asks, and what it reads tolerantly. Faults: `tests/faults`."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from bot.stonefax import Fax, Status, StoneFaxClient, errors, open_client
from playground.stonefax import ANSWERS, Break, Rule, StoneFaxServer

ASKED = "IAS-N1_d53957a4-c6fa-4a89-9198-f32da47e6a58_0"
DOCUMENTED: dict[str, Any] = json.loads((ANSWERS / f"{ASKED}.json").read_text())


@asynccontextmanager
async def client_of(url: str, *, at_once: int = 8, ca_file: Path | None = None) -> AsyncIterator[StoneFaxClient]:
    """Open a client with the playground's credentials."""
    async with open_client(url, "faxbot", "playground", at_once=at_once, ca_file=ca_file) as client:
        yield client


@pytest.fixture
async def fax_server() -> AsyncIterator[StoneFaxServer]:
    """Give a fax server that knows the documented fax."""
    async with StoneFaxServer() as server:
        server.put(ASKED, DOCUMENTED)
        yield server


@pytest.fixture
async def client(fax_server: StoneFaxServer) -> AsyncIterator[StoneFaxClient]:
    """Give a client of that server."""
    async with client_of(fax_server.url) as client:
        yield client


async def fault(client: StoneFaxClient, deadline: float = 1.0, fax_id: str = ASKED) -> errors.FaxError:
    """Give the fault that a look-up ends with."""
    with pytest.raises(errors.FaxError) as caught:
        await client.fax(fax_id, deadline)
    return caught.value


async def test_a_deadline_that_passes_while_nothing_is_asked_is_not_told(fax_server: StoneFaxServer) -> None:
    """It says nothing of the server: we were late ourselves, or waited before another try."""
    told = list[str]()

    def tell(error: errors.FaxError | None, _: float) -> None:
        told.append(error.kind if error else "ok")

    async with open_client(fax_server.url, "faxbot", "playground", at_once=8, told=tell) as client:
        assert isinstance(await fault(client, deadline=0.0), errors.ServerTooSlow)
        assert (told, fax_server.total) == ([], 0)
        await client.fax(ASKED, 1.0)
        fax_server.rule(ASKED, Rule(status=503))
        assert isinstance(await fault(client, deadline=0.09), errors.ServerTooSlow)
        assert told == ["ok", "server_busy"]
        fax_server.rule(ASKED, Rule(breaks=Break.HANG))
        await fault(client, deadline=0.2)
        assert told == ["ok", "server_busy", "server_too_slow"]


async def test_reads_the_documented_answer(client: StoneFaxClient) -> None:
    """The documented example is a delivered fax to Mario Rossi, under another name than the one asked for."""
    fax = await client.fax(ASKED, 1.0)
    assert (fax.id, fax.named, fax.status) == (ASKED, DOCUMENTED["faxId"], Status.COMPLETED)
    assert [(r.name, r.number) for r in fax.recipients] == [("Mario Rossi", "10002")]
    assert (fax.pages, fax.size, fax.sender, fax.server) == (1, 2897, "user1", "IAS-N1")
    assert fax.ended is not None
    assert fax.ended.isoformat() == "2016-11-25T15:57:40"


@pytest.mark.parametrize(
    "shape",
    [
        {"fax": DOCUMENTED},
        {**DOCUMENTED, "recipient": [DOCUMENTED["recipient"]]},
        {"fax": {**DOCUMENTED, "recipient": [DOCUMENTED["recipient"]]}},
    ],
)
async def test_reads_every_shape_alike(
    fax_server: StoneFaxServer, client: StoneFaxClient, shape: dict[str, object]
) -> None:
    """Wrapped or bare, one recipient as an object or as an array: the same fax."""
    bare = await client.fax(ASKED, 1.0)
    fax_server.put(ASKED, shape)
    assert await client.fax(ASKED, 1.0) == bare


@pytest.mark.parametrize("field", [field for field in DOCUMENTED if field != "faxId"])
@pytest.mark.parametrize("wrong", [None, {"a": 1}, [[1]], "", True])
async def test_a_wrong_field_costs_that_field_alone(
    fax_server: StoneFaxServer, client: StoneFaxClient, field: str, wrong: object
) -> None:
    """Null, empty or of a wrong type: the others are still there."""
    right = await client.fax(ASKED, 1.0)
    fax_server.put(ASKED, {**DOCUMENTED, field: wrong})
    fax = await client.fax(ASKED, 1.0)
    differing = {name for name in Fax.model_fields if getattr(fax, name) != getattr(right, name)}
    assert len(differing) <= (2 if field == "status" else 1)


async def test_lone_surrogates_and_a_byte_order_mark_are_survived(
    fax_server: StoneFaxServer, client: StoneFaxClient
) -> None:
    """A broken emoji in the subject costs that letter."""
    body = b"\xef\xbb\xbf" + json.dumps({**DOCUMENTED, "subject": "a\ud83db"}).encode()
    fax_server.rule(ASKED, Rule(body=body))
    assert (await client.fax(ASKED, 1.0)).subject == "a�b"


async def test_the_servers_reason_is_carried_but_never_in_the_text(
    fax_server: StoneFaxServer, client: StoneFaxClient
) -> None:
    """What the server says may quote a number, so it stays out of what a log would print."""
    fax_server.rule(ASKED, Rule(status=403, reason="no right to see +39 06 1234 5678"))
    error = await fault(client)
    assert error.reason == "no right to see +39 06 1234 5678"
    assert "1234" not in str(error)
    assert "1234" not in repr(error)


async def test_passing_faults_are_retried(fax_server: StoneFaxServer, client: StoneFaxClient) -> None:
    """A 503 that passes is never seen, and costs one request more."""
    fax_server.rule(ASKED, Rule(status=503, times=1))
    assert (await client.fax(ASKED, 3.0)).status is Status.COMPLETED
    assert fax_server.count(ASKED) == 2


async def test_retry_after_is_honoured_up_to_the_deadline(fax_server: StoneFaxServer, client: StoneFaxClient) -> None:
    """A pause that does not fit is told at once, with its length."""
    fax_server.rule(ASKED, Rule(status=429, retry_after=30))
    loop = asyncio.get_running_loop()
    start = loop.time()
    error = await fault(client, 3.0)
    assert isinstance(error, errors.ServerBusy)
    assert error.retry_after == 30
    assert loop.time() - start < 1
    assert fax_server.count(ASKED) == 1


async def test_redirects_are_not_followed(fax_server: StoneFaxServer, client: StoneFaxClient) -> None:
    """A login page elsewhere never gets our password."""
    fax_server.rule(ASKED, Rule(status=302, location=f"{fax_server.url}/elsewhere"))
    assert type(await fault(client)) is errors.Redirected
    assert fax_server.total == 1


@pytest.mark.parametrize("retry_after", ["9" * 400, "9" * 100, "-1", "nan", "1e3", "soon", "Wed, 99 Foo 2026"])
async def test_a_hostile_retry_after_is_no_advice(
    fax_server: StoneFaxServer, client: StoneFaxClient, retry_after: str
) -> None:
    """It is left out rather than believed."""
    fax_server.rule(ASKED, Rule(status=503, retry_after=retry_after))
    error = await fault(client, 3.0)
    assert isinstance(error, errors.ServerBusy)
    assert error.retry_after is None


async def test_what_is_larger_than_any_fax_is_cut(fax_server: StoneFaxServer, client: StoneFaxClient) -> None:
    """A hostile answer must cost neither memory nor time."""
    many = [{"name": f"Ward {number}", "faxNumber": "10002"} for number in range(5000)]
    fax_server.put(ASKED, {**DOCUMENTED, "subject": "a-" * 100_000, "recipient": many, "Q931Code": 10**30})
    fax = await client.fax(ASKED, 3.0)
    assert len(fax.subject or "") <= 4000
    assert len(fax.recipients) == 200
    assert fax.cause is None


@pytest.mark.parametrize("climbing", ["../../x", "a/../b", "..", ".", "a%2f..", "a b", "", "ü", "a?x=1", "a#b", "a\n"])
async def test_ids_that_climb_are_never_sent(fax_server: StoneFaxServer, client: StoneFaxClient, climbing: str) -> None:
    """Nothing but letters, digits, dots, hyphens and underscores reaches the path."""
    with pytest.raises(ValueError, match="never sent"):
        await client.fax(climbing, 1.0)
    assert fax_server.total == 0


async def test_asks_plainly(fax_server: StoneFaxServer, client: StoneFaxClient) -> None:
    """Identity encoding, and no cookie that the server handed out."""
    await client.fax(ASKED, 1.0)
    await client.fax(ASKED, 1.0)
    for request in fax_server.requests:
        assert request.headers["Accept-Encoding"] == "identity"
        assert "Cookie" not in request.headers


async def test_waiting_for_a_place_counts_towards_the_deadline(fax_server: StoneFaxServer) -> None:
    """Nobody waits longer than the deadline because others are being served."""
    fax_server.mood = Rule(breaks=Break.HANG)
    async with client_of(fax_server.url, at_once=2) as client:
        faults = await asyncio.gather(*(fault(client, 0.5) for _ in range(6)))
    assert {type(error) for error in faults} == {errors.ServerTooSlow}
    assert fax_server.most_at_once <= 2
