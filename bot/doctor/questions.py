"""One question over HTTP and the whole of its answer: its headers, its moment and its time, which no card needs."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from ssl import SSLContext
from time import monotonic

import aiohttp

LARGEST_ANSWER = 1024 * 1024
HALF_A_SECOND = 0.5
"""A Date header is cut to whole seconds, so on average it is so much late."""


PROBLEMS: Mapping[type[Exception], str] = {
    TimeoutError: "it takes too long",
    aiohttp.ClientProxyConnectionError: "the proxy in HTTPS_PROXY cannot be reached",
    aiohttp.ClientHttpProxyError: "the proxy in HTTPS_PROXY does not let us through",
    aiohttp.ClientConnectorDNSError: "its name is not known here",
    aiohttp.ClientConnectorCertificateError: "its certificate is not trusted",
    aiohttp.ClientConnectorError: "no connection can be made",
    aiohttp.ServerDisconnectedError: "it hangs up",
    aiohttp.ClientPayloadError: "it breaks off",
    aiohttp.ClientResponseError: "what it speaks is no HTTP",
}
"""What stood in the way, in our words: an error's own may quote an address."""


class NoAnswer(Exception):
    """Nothing came back; `problem` says what stood in the way."""

    def __init__(self, error: Exception) -> None:
        self.problem = next((words for kind, words in PROBLEMS.items() if isinstance(error, kind)), "it breaks")
        super().__init__(self.problem)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, `at` which moment of our own clock (the middle of the exchange), after how many `seconds`."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    at: float
    seconds: float

    @property
    def json(self) -> object:
        """Give the body's value; None where it is no JSON."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return None

    @property
    def ahead(self) -> float | None:
        """Give by how many seconds the clock over there is ahead of ours; None where it is not told."""
        try:
            there = parsedate_to_datetime(self.headers["Date"]).timestamp()
        except (KeyError, ValueError, OverflowError):
            return None
        return there + HALF_A_SECOND - self.at


@dataclass(frozen=True, slots=True)
class Questions:
    """Asks over one session; what was asked once can be had again without asking."""

    session: aiohttp.ClientSession
    clock: Callable[[], float]
    kept: dict[str, Answer | NoAnswer] = field(default_factory=dict)

    async def get(
        self,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        tls: SSLContext | bool = True,
        proxy: str | None = None,
        anew: bool = False,
    ) -> Answer:
        """Give what is at an address. Raises NoAnswer."""
        if anew or url not in self.kept:
            try:
                self.kept[url] = await self.ask("GET", url, headers=headers, tls=tls, proxy=proxy)
            except NoAnswer as none:
                self.kept[url] = none
        answer = self.kept[url]
        if isinstance(answer, NoAnswer):
            raise answer
        return answer

    async def ask(  # noqa: PLR0913 - each is a part of the request
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        tls: SSLContext | bool = True,
        proxy: str | None = None,
        json: object = None,
    ) -> Answer:
        """Ask once, and read the answer up to a bound; no redirect is followed. Raises NoAnswer."""
        begun, started = self.clock(), monotonic()
        try:
            async with self.session.request(
                method, url, headers=headers, ssl=tls, proxy=proxy, json=json, allow_redirects=False
            ) as response:
                heard = monotonic() - started
                body = bytearray()
                async for chunk in response.content.iter_any():
                    body += chunk
                    if len(body) > LARGEST_ANSWER:
                        break
                seconds = monotonic() - started
                return Answer(response.status, response.headers, bytes(body), begun + heard / 2, seconds)
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise NoAnswer(error) from None
