"""The one call: `GET fw/Apps/StoneFax/WebAPI/Faxes/Outbound/{id}`, with one deadline over everything."""

import asyncio
import json
import re
import ssl
from base64 import b64encode
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from pathlib import Path
from time import monotonic, time
from urllib.parse import quote
from zoneinfo import ZoneInfo

import aiohttp
import httpx
import stamina
import structlog
from aiohttp.connector import Connection
from httpx_aiohttp import AiohttpTransport

from bot.stonefax import errors
from bot.stonefax.models import Fax, clean_text, fax_from_answer

OUTBOUND = "/fw/Apps/StoneFax/WebAPI/Faxes/Outbound/"
LARGEST_ANSWER = 1024 * 1024
LONGEST_WAIT = 86_400
"""Seconds beyond which a Retry-After is no advice to anybody."""
SAFE_ID = re.compile(r"(?!.*\.\.)[A-Za-z0-9][A-Za-z0-9._-]{0,199}")
"""What may stand in the path: nothing that a server could decode, and nothing that climbs."""

ATTEMPTS = 3
RETRIED_STATUSES = frozenset({429, 502, 503, 504})

Told = Callable[[errors.FaxError | None, float], None]
"""Hears of each request to the server: what came in the way, if anything, and how many seconds it took."""

log = structlog.get_logger(__name__)


def to_nobody(_error: errors.FaxError | None, _seconds: float) -> None:
    """Let nobody hear of it."""


@dataclass(frozen=True, slots=True)
class StoneFaxClient:
    """Fetches faxes over one pool of connections; `deadline` is in seconds and covers waiting, tries and reading.

    A request that is under way when the deadline passes is told as one that took all of it.
    """

    transport: httpx.AsyncBaseTransport
    """Asked without httpx's own client, whose redirects, cookies and proxies nobody wants here: a third of the CPU."""
    url: str
    headers: Mapping[str, str] = field(repr=False)
    time_zone: ZoneInfo | None = None
    told: Told = to_nobody

    async def fax(self, fax_id: str, deadline: float) -> Fax:
        """Give the fax with this id. Raises FaxError, and ValueError for an id that must not be sent."""
        if not SAFE_ID.fullmatch(fax_id):
            message = "an id with characters that are never sent"
            raise ValueError(message)
        if deadline <= 0:
            raise errors.ServerTooSlow(deadline)
        end, under_way = monotonic() + deadline, False
        try:
            async with asyncio.timeout(deadline):
                async for attempt in stamina.retry_context(
                    on=lambda error: pause_before_retry(error, end - monotonic()),
                    attempts=ATTEMPTS,
                    timeout=None,
                    wait_initial=0.1,
                    wait_max=1.0,
                    wait_jitter=0.2,
                ):
                    with attempt:
                        under_way = True
                        try:
                            return await self.one_try(fax_id)
                        except errors.FaxError:
                            under_way = False
                            raise
        except TimeoutError:
            too_slow = errors.ServerTooSlow(deadline)
            if under_way:
                self.told(too_slow, deadline)
            raise too_slow from None
        raise AssertionError  # pragma: no cover - the last attempt returns or raises

    async def one_try(self, fax_id: str) -> Fax:
        """Ask once, and tell how it went. Raises FaxError."""
        began = monotonic()
        try:
            fax = await self.answer(fax_id)
        except errors.FaxError as error:
            self.told(error, monotonic() - began)
            raise
        self.told(None, monotonic() - began)
        return fax

    async def answer(self, fax_id: str) -> Fax:
        """Read the answer to one request. Raises FaxError."""
        try:
            request = httpx.Request("GET", self.url + OUTBOUND + quote(fax_id, safe=""), headers=self.headers)
            async with aclosing(await self.transport.handle_async_request(request)) as response:
                status, headers = response.status_code, response.headers
                body = await (read_capped(response) if status == httpx.codes.OK else read_if_plain(response))
        except (httpx.HTTPError, httpx.InvalidURL, aiohttp.ClientError, OSError) as error:
            raise fault_of_connection(error) from error
        if status != httpx.codes.OK:
            raise fault_of_status(status, headers, body)
        try:
            return fax_from_answer(parsed(body, headers), fax_id, self.time_zone)
        except (ValueError, RecursionError):
            # The parser's own error would quote the answer, and with it a number.
            raise errors.AnswerUnreadable(status) from None


class WithoutReasonPhrase(aiohttp.ClientResponse):
    """aiohttp's response, but for the reason phrase: httpx-aiohttp fails on one that is not UTF-8."""

    async def start(self, connection: Connection) -> "WithoutReasonPhrase":
        """Read the head of the response."""
        await super().start(connection)
        self.reason = None
        return self


@asynccontextmanager
async def open_client(  # noqa: PLR0913 - each is one setting of the composition root
    url: str,
    username: str,
    password: str,
    *,
    at_once: int,
    time_zone: ZoneInfo | None = None,
    ca_file: Path | None = None,
    user_agent: str = "Faxbot",
    told: Told = to_nobody,
) -> AsyncIterator[StoneFaxClient]:
    """Open the pool of at most `at_once` connections to the fax server at `url`, and close it afterwards.

    httpx-aiohttp leaves certificates and the pool's size to the aiohttp session it is given, which would keep cookies.
    """
    trusted = ssl.create_default_context(cafile=ca_file)
    credentials = b64encode(f"{username}:{password}".encode()).decode()
    headers = {
        "Accept": "application/json",
        "Accept-Encoding": "identity",
        "Authorization": f"Basic {credentials}",
        "User-Agent": user_agent,
    }
    async with aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=at_once, ssl=trusted, ttl_dns_cache=60),
        cookie_jar=aiohttp.DummyCookieJar(),
        response_class=WithoutReasonPhrase,
    ) as session:
        yield StoneFaxClient(
            AiohttpTransport(verify=trusted, client=session), url.rstrip("/"), headers, time_zone, told
        )


async def read_capped(response: httpx.Response) -> bytes:
    """Read the body as it came, refusing one that is compressed or too large to be a fax."""
    if response.headers.get("Content-Encoding", "identity").strip().lower() != "identity":
        raise errors.AnswerUnreadable(response.status_code)
    body = bytearray()
    async for chunk in response.aiter_raw():
        body += chunk
        if len(body) > LARGEST_ANSWER:
            raise errors.AnswerUnreadable(response.status_code)
    return bytes(body)


async def read_if_plain(response: httpx.Response) -> bytes:
    """Read the body of a refusal, or nothing where that cannot be read: the status says enough."""
    try:
        return await read_capped(response)
    except errors.AnswerUnreadable:
        return b""


def parsed(body: bytes, headers: httpx.Headers) -> object:
    """Parse JSON in UTF-8, UTF-16 or UTF-32 with or without a mark, else in the charset that the server declares."""
    try:
        text = body.decode(json.detect_encoding(body), "surrogatepass")
    except UnicodeDecodeError:
        declared = re.search(r"charset=\"?([\w-]+)", headers.get("Content-Type", ""))
        try:
            text = body.decode(declared[1] if declared else "utf-8")
        except LookupError as unknown_charset:
            raise ValueError from unknown_charset
    return json.loads(text, parse_constant=lambda _: None)


def pause_before_retry(error: Exception, time_left: float) -> bool | float:
    """Say whether to try again: after the pause that the server asks for, if the deadline leaves room for it."""
    if isinstance(error, errors.ConnectionLost):
        return True
    if not (isinstance(error, errors.FaxError) and error.status in RETRIED_STATUSES):
        return False
    if isinstance(error, errors.ServerBusy) and error.retry_after is not None:
        return error.retry_after if error.retry_after < time_left else False
    return True


def fault_of_status(status: int, headers: httpx.Headers, body: bytes) -> errors.FaxError:
    """Say whose fault an HTTP status other than 200 is."""
    reason = reason_in(body, headers)
    if status == httpx.codes.NOT_FOUND and looks_like_html(body, headers):
        return errors.PageNotFound(status)
    if status in {httpx.codes.TOO_MANY_REQUESTS, httpx.codes.SERVICE_UNAVAILABLE}:
        return errors.ServerBusy(status, reason, seconds_to_wait(headers.get("Retry-After")))
    by_status: dict[int, type[errors.FaxError]] = {
        401: errors.AccountRefused,
        403: errors.AccountTooLow,
        404: errors.FaxNotFound,
        408: errors.RequestTimedOut,
    }
    by_class: dict[int, type[errors.FaxError]] = {
        2: errors.AnswerUnreadable,
        3: errors.Redirected,
        4: errors.RequestRefused,
        5: errors.ServerBroken,
    }
    return by_status.get(status, by_class.get(status // 100, errors.AnswerUnreadable))(status, reason)


def fault_of_connection(error: Exception) -> errors.FaxError:
    """Say whose fault a failed exchange is: httpx-aiohttp's own class misleads, aiohttp's error behind it does not."""
    cause = error.__cause__ if isinstance(error, httpx.HTTPError) and error.__cause__ else error
    table: tuple[tuple[type[BaseException], type[errors.FaxError]], ...] = (
        (aiohttp.ClientConnectorDNSError, errors.NameUnknown),
        (aiohttp.ClientConnectorCertificateError, errors.CertificateRefused),
        (aiohttp.ClientSSLError, errors.ServerUnreachable),
        (aiohttp.ServerFingerprintMismatch, errors.CertificateRefused),
        (aiohttp.ClientConnectorError, errors.ConnectionRefused),
        (aiohttp.ClientResponseError, errors.AnswerUnreadable),
        (aiohttp.InvalidURL, errors.NameUnknown),
        (aiohttp.ClientConnectionError, errors.ConnectionLost),
        (aiohttp.ClientPayloadError, errors.ConnectionLost),
        (ConnectionError, errors.ConnectionLost),
    )
    for kind, fault in table:
        if isinstance(cause, kind):
            return fault()
    log.warning("unknown fault towards the fax server", error=type(cause).__name__)
    return errors.ServerUnreachable()


def looks_like_html(body: bytes, headers: httpx.Headers) -> bool:
    """Tell a web page from an answer of the API."""
    return "html" in headers.get("Content-Type", "").lower() or body.lstrip()[:1] == b"<"


def reason_in(body: bytes, headers: httpx.Headers) -> str | None:
    """Give the server's own `{"reason": …}`, where it sends one."""
    try:
        answer = parsed(body, headers)
    except (ValueError, RecursionError):
        return None
    reason = clean_text(answer.get("reason")) if isinstance(answer, dict) else None
    return reason if isinstance(reason, str) else None


def seconds_to_wait(retry_after: str | None) -> float | None:
    """Read Retry-After: seconds, or an HTTP date."""
    if retry_after is None:
        return None
    try:
        if retry_after.strip().isdecimal():
            seconds = float(retry_after)
        else:
            seconds = max(0.0, parsedate_to_datetime(retry_after).timestamp() - time())
    except (ValueError, OverflowError):
        return None
    return seconds if seconds <= LONGEST_WAIT else None
