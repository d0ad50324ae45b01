"""How many requests the process can have under way and still ack in time, by how many it gets done."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import structlog

BETWEEN_LINES = 1.0
"""Seconds between two lines of the log about what is shed."""

log = structlog.get_logger(__name__)


BUSY = 0.4
"""Of its share of the CPU: a process that has more of it to spare is not overloaded, however little it gets done."""
LEAST = 16


@dataclass(slots=True)
class Load:
    """Counts what is under way; full with as many as were done in the last `seconds` of the CPU, shedding included.

    A process that is not busy gets little done, and what waits costs nothing: then `always` as many are let in.
    """

    seconds: float
    always: int
    cpu: Callable[[], float] = time.process_time
    clock: Callable[[], float] = time.monotonic
    share: float = 1.0
    """Of one CPU: what this process has where others like it are as busy."""
    under_way: int = 0
    most: int = field(init=False)
    held: int = 0
    """Bytes of bodies that are not whole yet."""
    done: int = 0
    since: tuple[float, float] = field(init=False)
    """When counting began, on the CPU's clock and on the other."""
    shed: int = 0
    """Not told to the log yet."""
    told: float = -BETWEEN_LINES

    def __post_init__(self) -> None:
        self.most, self.since = self.always, (self.cpu(), self.clock())

    @property
    def full(self) -> bool:
        """Whether one more would make all of them late."""
        return self.under_way >= self.most

    @contextmanager
    def one_more(self) -> Iterator[None]:
        """Count one request, for as long as it is under way."""
        self.under_way += 1
        try:
            yield
        finally:
            self.under_way -= 1
            self.done += 1
            if (spent := self.cpu() - self.since[0]) >= self.seconds:
                self.learn(spent)

    def learn(self, spent: float) -> None:
        """Let in as many as were done, and begin to count anew; `spent` is in seconds of the CPU."""
        busy = spent >= BUSY * self.share * (self.clock() - self.since[1])
        self.most = max(LEAST if busy else self.always, self.done)
        self.done, self.since = 0, (self.cpu(), self.clock())

    def note_shed(self) -> None:
        """Count what is shed, and tell the log once in a while: a line for each would be load again."""
        self.shed += 1
        now = time.monotonic()
        if now - self.told >= BETWEEN_LINES:
            log.warning("shed at the edge", requests=self.shed, under_way=self.under_way, most=self.most)
            self.told, self.shed = now, 0
