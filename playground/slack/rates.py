"""How often Slack lets a method be called, and what it answers when it was too often.

Each method may be called its tier's number of times in a minute, per app and workspace: here, as many at once after a
quiet minute. `chat.postMessage` has a limit of its own: one message a second in each channel, with a short burst. How
short is not documented; here it is five. Source: docs.slack.dev/apis/web-api/rate-limits.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum

from .wire import JsonObject, Refused


class Tier(Enum):
    """Slack's classes of methods. SPECIAL methods have limits of their own, generous but for posting."""

    T1 = 1
    T2 = 2
    T3 = 3
    T4 = 4
    SPECIAL = 5


@dataclass(frozen=True, slots=True)
class Limits:
    """Calls a minute for each tier, messages a second for each channel; `math.inf` for no limit."""

    per_minute: Mapping[Tier, float]
    posts_per_second: float
    posts_at_once: float = 5


SLACK_LIMITS = Limits({Tier.T1: 1, Tier.T2: 20, Tier.T3: 50, Tier.T4: 100, Tier.SPECIAL: 600}, posts_per_second=1)
NO_LIMITS = Limits(dict.fromkeys(Tier, math.inf), posts_per_second=math.inf, posts_at_once=math.inf)


class RateLimited(Refused):
    """429, with the whole seconds to wait in `Retry-After`."""

    def __init__(self, retry_after: int) -> None:
        super().__init__("ratelimited", status=429)
        self.retry_after = retry_after


@dataclass(slots=True)
class Bucket:
    """Calls that may be made now; it fills again at `per_second`, up to `most`."""

    most: float
    per_second: float
    left: float
    at: float

    def take(self, now: float) -> float:
        """Take one call and give 0, or give the seconds until there is one."""
        self.left = min(self.most, self.left + (now - self.at) * self.per_second)
        self.at = now
        if self.left < 1:
            return (1 - self.left) / self.per_second
        self.left -= 1
        return 0


@dataclass
class Rates:
    """Counts the calls of one app in one workspace."""

    limits: Limits
    clock: Callable[[], float]
    _buckets: dict[tuple[str, ...], Bucket] = field(default_factory=dict)

    def count(self, method: str, tier: Tier, arguments: JsonObject) -> None:
        """Count one call; RateLimited when it is one too many."""
        per_minute = self.limits.per_minute[tier]
        if per_minute != math.inf:
            self._take((method,), per_minute, per_minute / 60)
        if method == "chat.postMessage" and self.limits.posts_per_second != math.inf:
            channel = str(arguments.get("channel"))
            self._take((method, channel), self.limits.posts_at_once, self.limits.posts_per_second)

    def _take(self, key: tuple[str, ...], most: float, per_second: float) -> None:
        now = self.clock()
        bucket = self._buckets.setdefault(key, Bucket(most, per_second, most, now))
        if wait := bucket.take(now):
            raise RateLimited(math.ceil(wait))
