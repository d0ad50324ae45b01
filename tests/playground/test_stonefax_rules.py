"""The fax server misbehaves exactly as its rules say, and as long."""

import asyncio
import gzip
import time
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from pydantic import ValidationError

from playground.stonefax import FINE, Break, Drip, Rule, StoneFaxServer
from tests.playground.stonefax_wire import FAX, QUEUED, ask, basic, connection, read, request

OTHER = "IAS-N1_401d6c8c07d6b7a_1"


@pytest_asyncio.fixture
async def fax_server() -> AsyncIterator[StoneFaxServer]:
    """Start a server that knows two faxes, the second one wrapped."""
    async with StoneFaxServer() as server:
        server.put(FAX, QUEUED)
        server.put(OTHER, {"fax": QUEUED})
        yield server


async def statuses(fax_server: StoneFaxServer, requests: int, fax_id: str = FAX) -> list[int]:
    """Ask several times, one after the other."""
    return [(await ask(fax_server, fax_id)).status for _ in range(requests)]


async def test_a_bare_status_is_a_page_of_html(fax_server: StoneFaxServer) -> None:
    """As a proxy or IIS answers in place of the API; Retry-After is seconds or a date."""
    fax_server.rule(FAX, Rule(status=503, retry_after=30))
    answered = await ask(fax_server)
    assert (answered.status, answered.headers["Content-Type"]) == (503, "text/html")
    assert (answered.headers["Retry-After"], b"503 - Service Unavailable" in answered.body) == ("30", True)
    fax_server.rule(FAX, Rule(status=429, retry_after="Tue, 24 Nov 2026 08:00:00 GMT"))
    assert (await ask(fax_server)).headers["Retry-After"] == "Tue, 24 Nov 2026 08:00:00 GMT"


async def test_a_status_with_a_reason_is_json(fax_server: StoneFaxServer) -> None:
    """As the API answers itself."""
    fax_server.rule(FAX, Rule(status=403, reason="too low"))
    answered = await ask(fax_server)
    assert (answered.status, answered.json()) == (403, {"reason": "too low"})


async def test_a_redirect_names_its_target(fax_server: StoneFaxServer) -> None:
    """A client that follows it can be caught there."""
    fax_server.rule(FAX, Rule(status=302, location="http://127.0.0.1:9/login"))
    answered = await ask(fax_server)
    assert (answered.status, answered.headers["Location"]) == (302, "http://127.0.0.1:9/login")


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"", None),
        (b"<html>Sign in</html>", "text/html"),
        (b'\xef\xbb\xbf{"faxId": "x"}', None),
        (b'{"faxId": "x", "subject": "\\ud83d"}', None),
        (b'{"status": "Queued", "status": "Failed"}', None),
        (b"[" * 100_000, None),
        ('{"subject": "Größe"}'.encode("latin-1"), "application/json; charset=utf-8"),
        (b'{"faxId": "x"}', "application/json; charset=utf-16"),
    ],
    ids=["empty", "html", "BOM", "lone surrogate", "duplicate keys", "deep", "not UTF-8", "wrong charset"],
)
async def test_a_body_goes_out_as_given(fax_server: StoneFaxServer, body: bytes, content_type: str | None) -> None:
    """With 200, and with the content type that is claimed, true or not."""
    fax_server.rule(FAX, Rule(body=body, content_type=content_type))
    answered = await ask(fax_server)
    assert (answered.status, answered.body) == (200, body)
    assert answered.headers["Content-Type"] == (content_type or "application/json; charset=utf-8")


async def test_a_large_body_is_still_the_answer(fax_server: StoneFaxServer) -> None:
    """So that a client refuses it for its size, not for its content."""
    fax_server.rule(FAX, Rule(megabytes=1.5))
    answered = await ask(fax_server)
    assert (len(answered.body), answered.headers["Content-Length"]) == (1_572_864, "1572864")
    assert answered.json() == QUEUED


async def test_a_chunked_body_hides_its_length(fax_server: StoneFaxServer) -> None:
    """A limit on the size has to count what comes."""
    fax_server.rule(FAX, Rule(chunked=True, megabytes=1))
    answered = await ask(fax_server)
    assert (answered.headers["Transfer-Encoding"], answered.headers["Content-Length"]) == ("chunked", None)
    assert answered.body.startswith(b"100000\r\n{")
    assert answered.body.endswith(b" \r\n0\r\n\r\n")


async def test_gzip_comes_unasked_and_can_be_a_bomb(fax_server: StoneFaxServer) -> None:
    """Some kilobytes on the wire, eight megabytes in the memory of whoever unpacks them."""
    fax_server.rule(FAX, Rule(gzip=True, megabytes=8))
    answered = await ask(fax_server)
    assert answered.headers["Content-Encoding"] == "gzip"
    assert len(answered.body) < 20_000
    assert len(gzip.decompress(answered.body)) == 8 * 2**20


async def test_a_delay_comes_before_the_first_byte(fax_server: StoneFaxServer) -> None:
    """Headers included."""
    fax_server.rule(FAX, Rule(delay=0.2))
    async with connection(fax_server) as (reader, writer):
        started = time.monotonic()
        writer.write(request(FAX))
        first = await reader.read(1)
    assert (first, time.monotonic() - started >= 0.2) == (b"H", True)


async def test_a_body_can_come_in_drips(fax_server: StoneFaxServer) -> None:
    """The first piece is there while the server still sends, so no timeout between two reads notices."""
    fax_server.rule(FAX, Rule(drip=Drip(octets=10, every=0.05), body=b"0123456789" * 4))
    async with connection(fax_server) as (reader, writer):
        started = time.monotonic()
        writer.write(request(FAX))
        await reader.readuntil(b"\r\n\r\n")
        assert (await reader.readexactly(10), fax_server.at_once) == (b"0123456789", 1)
        assert await reader.read() == b"0123456789" * 3
    assert time.monotonic() - started > 0.15


async def test_a_hung_request_gets_nothing(fax_server: StoneFaxServer) -> None:
    """The connection stays open, without a byte."""
    fax_server.rule(FAX, Rule(breaks=Break.HANG))
    async with connection(fax_server) as (reader, writer):
        writer.write(request(FAX))
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(reader.read(1), 0.2)
        assert (fax_server.at_once, reader.at_eof()) == (1, False)


@pytest.mark.parametrize(
    ("breaks", "sent"), [(Break.CLOSE, b""), (Break.GARBAGE, b"220 fax.example.com ESMTP ready\r\n")]
)
async def test_no_answer_before_the_end(fax_server: StoneFaxServer, breaks: Break, sent: bytes) -> None:
    """The connection ends in good order, after nothing or after what is no HTTP."""
    fax_server.rule(FAX, Rule(breaks=breaks))
    async with connection(fax_server) as (reader, writer):
        writer.write(request(FAX))
        assert await reader.read() == sent


async def test_a_truncated_body_ends_before_its_length(fax_server: StoneFaxServer) -> None:
    """Half of it comes, then the connection ends in good order."""
    fax_server.rule(FAX, Rule(breaks=Break.TRUNCATED, body=b"x" * 100))
    answered = await ask(fax_server)
    assert (answered.headers["Content-Length"], answered.body) == ("100", b"x" * 50)


async def test_a_reset_comes_before_the_headers(fax_server: StoneFaxServer) -> None:
    """The client sees ECONNRESET and no byte."""
    fax_server.rule(FAX, Rule(breaks=Break.RESET))
    async with connection(fax_server) as (reader, writer):
        writer.write(request(FAX))
        with pytest.raises(ConnectionResetError):
            await reader.read(1)


async def test_a_reset_comes_inside_the_body(fax_server: StoneFaxServer) -> None:
    """The client sees the headers, and ECONNRESET before the body is whole."""
    fax_server.rule(FAX, Rule(breaks=Break.RESET_IN_BODY, body=b"x" * 100))
    async with connection(fax_server) as (reader, writer):
        writer.write(request(FAX))
        head = await reader.readuntil(b"\r\n\r\n")
        assert read(head).headers["Content-Length"] == "100"
        with pytest.raises(ConnectionResetError):
            await reader.readexactly(100)


async def test_a_fax_goes_on_from_poll_to_poll(fax_server: StoneFaxServer) -> None:
    """The nth request gets the nth step, the last one repeats, and the shape of the answer stays."""
    fax_server.rule(OTHER, Rule(steps=(FINE, Rule(change={"status": "InProgress"}), Rule(change={"status": "Failed"}))))
    seen = [(await ask(fax_server, OTHER)).json() for _ in range(4)]
    assert seen == [{"fax": {**QUEUED, "status": s}} for s in ("Queued", "InProgress", "Failed", "Failed")]


async def test_the_first_requests_fail_and_then_it_is_fine(fax_server: StoneFaxServer) -> None:
    """`times` says how many; a rule given anew counts anew."""
    fax_server.rule(FAX, Rule(status=503, times=2))
    assert await statuses(fax_server, 4) == [503, 503, 200, 200]
    fax_server.rule(FAX, Rule(steps=(Rule(status=503, times=2), Rule(status=500), Rule(status=404, times=1))))
    assert await statuses(fax_server, 5) == [503, 503, 500, 404, 200]


async def test_a_mood_holds_for_every_fax_until_it_passes(fax_server: StoneFaxServer) -> None:
    """Where the mood has nothing to say, the fax's own rule holds, from its first step."""
    fax_server.rule(FAX, Rule(steps=(Rule(status=500), FINE)))
    fax_server.mood = Rule(status=503, times=3)
    assert await statuses(fax_server, 1, "Mine") == [503]
    assert await statuses(fax_server, 1, "unknown") == [503]
    assert await statuses(fax_server, 4) == [503, 500, 200, 200]
    fax_server.mood = Rule(status=502)
    assert await statuses(fax_server, 2) == [502, 502]
    fax_server.mood = FINE
    assert await statuses(fax_server, 1) == [200]


async def test_wrong_credentials_come_before_any_rule(fax_server: StoneFaxServer) -> None:
    """They use up no step either."""
    fax_server.mood = Rule(status=503, times=1)
    assert (await ask(fax_server, authorization=basic("x", "y"))).status == 401
    assert await statuses(fax_server, 2) == [503, 200]


@pytest.mark.parametrize(
    ("written", "mistake"),
    [
        ('{"stauts": 503}', "stauts"),
        ('{"status": 99}', "greater than or equal to 200"),
        ('{"breaks": "explode"}', "'hang', 'close', 'reset', 'reset_in_body', 'truncated' or 'garbage'"),
        ('{"drip": {"bytes": 1}}', "drip.bytes"),
        ('{"steps": [{}], "status": 503}', "steps stand alone"),
        ('{"steps": [{"steps": [{}]}]}', "a step has no steps of its own"),
        ('{"times": 0}', "greater than 0"),
    ],
)
def test_a_rule_with_a_mistake_is_refused(written: str, mistake: str) -> None:
    """A misspelt rule would make a test pass for nothing."""
    with pytest.raises(ValidationError, match=mistake):
        Rule.model_validate_json(written)
