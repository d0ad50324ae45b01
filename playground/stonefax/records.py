"""What reached the server: each request as it came, how many at once, over how many connections."""

import asyncio
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

KEPT = 10_000  # requests remembered in full; the counts go on, so that a benchmark does not fill the memory


@dataclass(frozen=True, slots=True)
class Received:
    """One request."""

    at: float  # monotonic seconds
    method: str
    raw_path: str  # as it came on the wire: nothing decoded, no dots resolved
    fax_id: str | None  # decoded once; None: not the address of a fax
    headers: Mapping[str, str]  # names in any case


@dataclass(frozen=True, slots=True)
class Answered:
    """One request and what came of it."""

    request: Received
    status: int | None  # None: nothing that could be called an answer went over the wire
    body: bytes
    seconds: float


class Recorded:
    """The part of the server that remembers."""

    def __init__(self) -> None:
        self.requests: deque[Received] = deque(maxlen=KEPT)
        self.total = 0
        self.at_once = 0  # requests not answered yet, the ones whose client still waits
        self.most_at_once = 0
        self.connections = 0  # TCP connections accepted since the start
        self.on_answer: list[Callable[[Answered], None]] = []  # who is told of each answer, once it is out
        self._of_fax: Counter[str | None] = Counter()
        self._changed = asyncio.Event()

    def count(self, fax_id: str) -> int:
        """How many requests named this fax, refused ones included."""
        return self._of_fax[fax_id]

    async def until(self, condition: Callable[[], bool], *, within: float = 5.0) -> None:
        """Wait until the condition holds; it is looked at whenever something reaches or leaves the server.

        Raises TimeoutError after `within` seconds, with what the server has seen by then.
        """
        try:
            async with asyncio.timeout(within):
                while not condition():
                    await self._changed.wait()
        except TimeoutError:
            seen = f"{self.total} requests, {self.at_once} of them open, {self.connections} connections"
            message = f"not within {within} s; the fax server has seen {seen}"
            raise TimeoutError(message) from None

    @contextmanager
    def _recording(self, request: Received) -> Iterator[None]:
        self.requests.append(request)
        self._of_fax[request.fax_id] += 1
        self.total += 1
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        self._tell()
        try:
            yield
        finally:
            self.at_once -= 1
            self._tell()

    def _tell_of(self, answered: Answered) -> None:
        for told in self.on_answer:
            told(answered)

    def _connected(self) -> None:
        self.connections += 1
        self._tell()

    def _tell(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()
