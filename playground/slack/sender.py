"""Slack's requests to the bot: signed, sent to its one address, and given three seconds."""

import asyncio
import hashlib
import hmac
import time
from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import aiohttp

from .records import Delivery
from .wire import JsonObject

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"


@dataclass
class Sender:
    """Sends over one shared session. Answers other than 200 fail; for events any 2xx is good."""

    signing_secret: str
    ack_within: float

    def sign(self, body: bytes, timestamp: str | None = None) -> dict[str, str]:
        """Give the two headers by which the bot knows that a body comes from Slack."""
        timestamp = timestamp or str(int(time.time()))
        digest = hmac.new(self.signing_secret.encode(), b"v0:%b:%b" % (timestamp.encode(), body), hashlib.sha256)
        return {"X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": f"v0={digest.hexdigest()}"}

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=None),
            headers={
                "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
                "Accept": "application/json,*/*",
                "Accept-Encoding": "gzip,deflate",
            },
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._session.close()

    async def send(self, url: str, kind: str, payload: JsonObject, body: bytes, headers: dict[str, str]) -> Delivery:
        """Send one request and give it with its answer, not yet recorded, nothing of it shown."""
        headers = {**headers, **self.sign(body)}
        at, monotonic = time.time(), time.monotonic()
        status: int | None = None
        answered: Mapping[str, str] = {}
        content = b""
        failure: str | None = None
        reason: str | None = None
        try:
            async with (
                asyncio.timeout(self.ack_within),
                self._session.post(url, data=body, headers=headers, allow_redirects=False) as response,
            ):
                content = await response.read()
                status, answered = response.status, response.headers
        except TimeoutError:
            failure, reason = "operation_timeout", "http_timeout"
        except aiohttp.ClientSSLError:
            failure, reason = "dispatch_failed", "ssl_error"
        except aiohttp.ClientError:
            failure, reason = "dispatch_failed", "connection_failed"
        else:
            if status not in range(200, 300):
                reason = "http_error"
            if status != 200:  # noqa: PLR2004 (the only status that acks)
                failure = "dispatch_failed"
        return Delivery(
            kind,
            payload,
            body,
            headers,
            status,
            answered,
            content,
            seconds=time.monotonic() - monotonic,
            failure=failure,
            retry_reason=reason,
            at=at,
            monotonic=monotonic,
        )
