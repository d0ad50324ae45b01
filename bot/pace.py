"""How often one person may ask: so many requests in any minute, whatever the number of ids in one."""

from collections import deque
from collections.abc import Callable
from time import monotonic

from cachetools import TTLCache

MINUTE = 60.0
MOST_PEOPLE = 10_000


class Pace:
    """Counts requests per person over the last minute, in memory that is bounded and forgets by itself."""

    def __init__(self, per_minute: int, now: Callable[[], float] = monotonic) -> None:
        self.per_minute = per_minute
        self.now = now
        self.asked: TTLCache[str, deque[float]] = TTLCache(MOST_PEOPLE, MINUTE, timer=now)

    def seconds_to_wait(self, person: str) -> float:
        """Note one request by this person and give 0, or, beyond the limit, the seconds until the next is let in."""
        if not self.per_minute:
            return 0.0
        now = self.now()
        times = self.asked.get(person) or deque(maxlen=self.per_minute)
        if len(times) == self.per_minute and (wait := times[0] + MINUTE - now) > 0:
            return wait
        times.append(now)
        self.asked[person] = times
        return 0.0
