"""The faults of the fax server: how each is brought about, what we call it, and what the person reads.

One table. A row stands either behind a rule of the playground's server, or at an address of its own.
"""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import trustme

from bot.stonefax import errors
from playground.stonefax import ANSWERS, Break, Drip, Rule, StoneFaxServer
from tests.conftest import DOCUMENTED

ANSWER = (ANSWERS / f"{DOCUMENTED}.json").read_bytes()
EXPIRED = datetime(2020, 1, 1, tzinfo=UTC)
REQUEST = 64 * 1024


@dataclass(frozen=True, slots=True)
class Address:
    """What STONEFAX_URL and STONEFAX_CA_FILE are set to."""

    url: str
    ca_file: Path | None = None
    server: StoneFaxServer | None = None
    """The playground's server, where a rule makes the fault: it can be taken away again."""


Standing = Callable[[Path], AbstractAsyncContextManager[Address]]


@dataclass(frozen=True, slots=True)
class Row:
    """One fault; `fault` is None where it costs nothing, `says` what the card has besides the kind's sentence."""

    at: Rule | Standing
    fault: type[errors.FaxError] | None
    says: str = ""
    status: int | None = None
    deadline: float = 1.5


def standing(body: Callable[[Path], AsyncIterator[Address]]) -> Standing:
    """Make a context manager of it, typed as the table wants it."""
    return asynccontextmanager(body)


def raw(octets: bytes) -> Standing:
    """Stand where something answers these bytes to whatever it is asked, and hangs up."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(REQUEST)
        writer.write(octets)
        writer.close()

    async def body(_folder: Path) -> AsyncIterator[Address]:
        async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
            yield Address(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")

    return standing(body)


async def nobody_listens(_folder: Path) -> AsyncIterator[Address]:
    """Stand where a server was a moment ago."""
    async with StoneFaxServer() as server:
        url = server.url
    yield Address(url)


async def no_such_name(_folder: Path) -> AsyncIterator[Address]:
    """Stand at a name that is never given to anybody (RFC 6761)."""
    yield Address("https://fax.invalid")


async def no_tls(_folder: Path) -> AsyncIterator[Address]:
    """Stand at https:// where http is spoken."""
    async with StoneFaxServer() as server:
        yield Address(server.url.replace("http:", "https:"))


def tls(name: str = "127.0.0.1", *, known: bool = True, not_after: datetime | None = None) -> Standing:
    """Stand behind a certificate for this name, of an authority that is known or not."""

    async def body(folder: Path) -> AsyncIterator[Address]:
        authority = trustme.CA()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(name, not_after=not_after).configure_cert(context)
        authority.cert_pem.write_to_path(folder / "ca.pem")
        async with StoneFaxServer(ANSWERS, ssl=context) as server:
            yield Address(server.url, folder / "ca.pem" if known else None)

    return standing(body)


def changed(old: bytes, new: bytes) -> bytes:
    """Give the documented answer with other bytes in it."""
    assert old in ANSWER
    return ANSWER.replace(old, new, 1)


SAYS: dict[type[errors.FaxError], str] = {
    errors.FaxNotFound: "I find no outbound fax with the id",
    errors.PageNotFound: "The answer was a web page rather than the fax server's own",
    errors.AccountRefused: "The fax server does not accept my own account",
    errors.AccountTooLow: "My account may not read other people's faxes",
    errors.RequestRefused: "The fax server does not accept the way I ask",
    errors.RequestTimedOut: "The fax server gave up waiting for my question",
    errors.ServerBusy: "The fax server is busy",
    errors.ServerBroken: "The fax server has a fault of its own",
    errors.ServerUnreachable: "I can't reach the fax server",
    errors.NameUnknown: "the name in its address is not known here",
    errors.ConnectionRefused: "Nobody answers at the fax server's address",
    errors.CertificateRefused: "I don't trust the fax server's certificate",
    errors.ConnectionLost: "The fax server broke off before its answer was whole",
    errors.ServerTooSlow: "The fax server did not answer within",
    errors.Redirected: "The fax server sends me on to another address",
    errors.AnswerUnreadable: "I can't read the fax server's answer as a fax",
}
"""What is said of each kind."""

CANNOT_READ = errors.AnswerUnreadable
ROWS: dict[str, Row] = {
    "400": Row(Rule(status=400, reason="no"), errors.RequestRefused, "(400)", 400),
    "401": Row(Rule(status=401, reason="no"), errors.AccountRefused, "SSO", 401),
    "401 as HTML": Row(Rule(status=401), errors.AccountRefused, "STONEFAX_PASSWORD", 401),
    "403": Row(Rule(status=403, reason="no"), errors.AccountTooLow, "privilege level", 403),
    "403 as HTML": Row(Rule(status=403), errors.AccountTooLow, "", 403),
    "404": Row(Rule(status=404, reason="no"), errors.FaxNotFound, "It may be mistyped", 404),
    "404 as HTML": Row(Rule(status=404), errors.PageNotFound, "STONEFAX_URL", 404),
    "405": Row(Rule(status=405), errors.RequestRefused, "(405)", 405),
    "408": Row(Rule(status=408), errors.RequestTimedOut, "try again in a minute", 408),
    "418": Row(Rule(status=418), errors.RequestRefused, "(418)", 418),
    "429": Row(Rule(status=429), errors.ServerBusy, "Try again in a minute", 429),
    "429 with Retry-After": Row(Rule(status=429, retry_after=30), errors.ServerBusy, "asks to wait 30 s", 429),
    "500": Row(Rule(status=500), errors.ServerBroken, "(500)", 500),
    "501": Row(Rule(status=501), errors.ServerBroken, "(501)", 501),
    "502": Row(Rule(status=502), errors.ServerBroken, "(502)", 502),
    "503": Row(Rule(status=503), errors.ServerBusy, "Try again in a minute", 503),
    "503 with Retry-After": Row(Rule(status=503, retry_after=30), errors.ServerBusy, "asks to wait 30 s", 503),
    "504": Row(Rule(status=504), errors.ServerBroken, "(504)", 504),
    "204": Row(Rule(status=204), CANNOT_READ, "", 204),
    "a redirect": Row(Rule(status=302, location="https://login.example.com/"), errors.Redirected, "STONEFAX_URL", 302),
    "a redirect to nowhere": Row(Rule(status=301, location="http://["), errors.Redirected, "", 301),
    "refused": Row(standing(nobody_listens), errors.ConnectionRefused, "It may be restarting"),
    "closed before the answer": Row(Rule(breaks=Break.CLOSE), errors.ConnectionLost),
    "reset before the answer": Row(Rule(breaks=Break.RESET), errors.ConnectionLost),
    "reset inside the body": Row(Rule(breaks=Break.RESET_IN_BODY), errors.ConnectionLost),
    "cut off inside the body": Row(Rule(breaks=Break.TRUNCATED), errors.ConnectionLost),
    "a certificate for another name": Row(tls("fax.example.com"), errors.CertificateRefused, "for another name"),
    "a certificate of an unknown authority": Row(tls(known=False), errors.CertificateRefused, "STONEFAX_CA_FILE"),
    "an expired certificate": Row(tls(not_after=EXPIRED), errors.CertificateRefused, "it is expired"),
    "a certificate that is right": Row(tls(), None),
    "http at https": Row(standing(no_tls), errors.ServerUnreachable),
    "DNS failure": Row(standing(no_such_name), errors.NameUnknown, "STONEFAX_URL", deadline=5.0),
    "hang": Row(Rule(breaks=Break.HANG), errors.ServerTooSlow, "try again in a minute", deadline=0.4),
    "a byte a second": Row(Rule(drip=Drip(every=1.0)), errors.ServerTooSlow, deadline=0.4),
    "in small pieces, and in time": Row(Rule(drip=Drip(octets=100, every=0.01)), None),
    "in chunks": Row(Rule(chunked=True), None),
    "bad JSON": Row(Rule(body=ANSWER[:-20]), CANNOT_READ, "StoneFax itself", 200),
    "a JSON list": Row(Rule(body=b"[" + ANSWER + b"]"), CANNOT_READ, "", 200),
    "a JSON string": Row(Rule(body=json.dumps(ANSWER.decode()).encode()), CANNOT_READ, "", 200),
    "JSON without an id": Row(Rule(body=b'{"status": "Completed"}'), CANNOT_READ, "", 200),
    "HTML 200": Row(Rule(body=b"<html>Sign in</html>", content_type="text/html"), CANNOT_READ, "", 200),
    "empty 200": Row(Rule(body=b""), CANNOT_READ, "", 200),
    "bytes that are no UTF-8": Row(Rule(body=changed(b"Mario", b"M\xff\xfe")), CANNOT_READ, "", 200),
    "a charset that is not the body's": Row(
        Rule(body=changed(b"Mario", b"M\xe9lo"), content_type="application/json; charset=utf-8"), CANNOT_READ, "", 200
    ),
    "a charset that is the body's": Row(
        Rule(body=changed(b"Mario", b"M\xe9lo"), content_type="application/json; charset=iso-8859-1"), None
    ),
    "a charset that nobody knows": Row(Rule(body=ANSWER, content_type="application/json; charset=klingon"), None),
    "UTF-16": Row(Rule(body=ANSWER.decode().encode("utf-16")), None),
    "a byte order mark": Row(Rule(body=b"\xef\xbb\xbf" + ANSWER), None),
    "lone surrogates": Row(Rule(body=changed(b"Mario", rb"M\ud83do")), None),
    "5 MB": Row(Rule(megabytes=5), CANNOT_READ, "", 200),
    "gzip": Row(Rule(gzip=True), CANNOT_READ, "", 200),
    "a gzip bomb": Row(Rule(gzip=True, megabytes=20), CANNOT_READ, "", 200),
    "duplicated keys": Row(Rule(body=changed(b"{", b'{"faxId": 1, "status": "Failed", "recipient": null,')), None),
    "nested 10,000 deep": Row(
        Rule(body=b'{"faxId": "x", "subject": ' + b"[" * 10_000 + b"]" * 10_000 + b"}"), CANNOT_READ, "", 200
    ),
    "numbers beyond 64 bits": Row(
        Rule(body=changed(b"{", b'{"size": 9e999, "numberOfPages": %d, "Q931Code": -%d,' % (10**30, 10**30))), None
    ),
    "numbers that are none": Row(Rule(body=changed(b"{", b'{"size": NaN, "numberOfPages": -Infinity,')), None),
    "a number of 5,000 digits": Row(Rule(body=b'{"faxId": ' + b"9" * 5000 + b"}"), CANNOT_READ, "", 200),
    "a garbage status line": Row(Rule(breaks=Break.GARBAGE), CANNOT_READ),
    "another protocol": Row(raw(b"SSH-2.0-OpenSSH_9.6\r\n"), CANNOT_READ),
    "TLS at http": Row(raw(b"\x15\x03\x01\x00\x02\x02\x46"), CANNOT_READ),
    "a status beyond all": Row(raw(b"HTTP/1.1 999 x\r\nContent-Length: 0\r\n\r\n"), CANNOT_READ, "", 999),
    "a reason phrase that is no UTF-8": Row(
        raw(b"HTTP/1.1 404 Non trouv\xe9\r\nContent-Length: 2\r\n\r\n{}"), errors.FaxNotFound, "", 404
    ),
    "a Location that is no address": Row(
        raw(b"HTTP/1.1 301 x\r\nLocation: javascript:x\r\nContent-Length: 0\r\n\r\n"), errors.Redirected, "", 301
    ),
    "a header of 100 kB": Row(raw(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100_000 + b"\r\n\r\n{}"), CANNOT_READ),
    "two lengths": Row(raw(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 9\r\n\r\n{}"), CANNOT_READ),
    "a chunk of no length": Row(raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}"), CANNOT_READ),
    "nothing at all": Row(raw(b""), errors.ConnectionLost),
}


def kinds(kind: type[errors.FaxError] = errors.FaxError) -> Iterator[type[errors.FaxError]]:
    """Give every kind of fault, but for the one that stands for all."""
    for below in kind.__subclasses__():
        yield below
        yield from kinds(below)


@asynccontextmanager
async def stands(row: Row, folder: Path) -> AsyncIterator[Address]:
    """Stand a server there that has this fault."""
    if not isinstance(row.at, Rule):
        async with row.at(folder) as address:
            yield address
        return
    async with StoneFaxServer(ANSWERS) as server:
        server.rule(DOCUMENTED, row.at)
        yield Address(server.url, server=server)
