"""Is it only me, in thousands of simulated hours, ordinary ones and outages: what is said must be true."""

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from operator import itemgetter

import pytest

from bot.triage import Failure, Side
from bot.triage.hint import Hint
from tests.triage.lookups import (
    BROKE,
    BUSY,
    CAPACITY,
    DISTURBED,
    DOWN,
    FULL,
    NO_ROUTE,
    NO_SUCH,
    NO_TONE,
    NOON,
    REFUSED,
    SILENT,
    UNREADABLE,
    VOICE,
    Day,
    number_like,
)

ORDINARY_FAILURES: Counter[Failure] = Counter(
    {BUSY: 28, SILENT: 20, NO_TONE: 13, NO_SUCH: 10, VOICE: 5, REFUSED: 4, NO_ROUTE: 2, UNREADABLE: 3}
    | {BROKE: 5, DOWN: 4, FULL: 3, DISTURBED: 3}
)
"""What faxes fail with when nothing is out, by weight; about one in six is on the way."""

DEAD = number_like(10**6)
"""A machine that is switched off, and people who try it again and again."""


@dataclass(frozen=True)
class Told:
    """What came of one look-up."""

    number: str
    failure: Failure | None
    hint: Hint | None

    @property
    def blames(self) -> str | None:
        """Give what the hint blames: the line, the server, the number's end, or nothing."""
        blamed = {
            "the line": "line",
            "something on our side": "line",
            "the fax server": "server",
            "on the recipient's side": "number",
        }
        text = self.hint.text if self.hint else ""
        return next((name for words, name in blamed.items() if f"probably {words}" in text), None)


@dataclass(frozen=True)
class Trouble:
    """From a minute on, `part` of the faxes over a server, or over any, fail in this way."""

    failure: Failure
    part: float
    minute: float
    over: str | None = None


@dataclass(frozen=True)
class Office:
    """People who send so many faxes an hour over two servers, and look up all that failed and part of the others."""

    rng: random.Random
    per_hour: int
    failing: float = 0.08
    looked_up_if_delivered: float = 1.0

    def hours(self, minutes: float = 60, trouble: Trouble | None = None) -> Iterator[Told]:
        """Live through some minutes; a fax is looked up within five minutes of its end."""
        day, second, looked_up = Day(), 0.0, []
        while (second := second + self.rng.expovariate(self.per_hour / 3600)) < minutes * 60:
            number, failure = self.fax()
            server = self.rng.choice(["IAS-N1", "IAS-N2"])
            hit = trouble and second >= trouble.minute * 60 and trouble.over in {None, server}
            if trouble and hit and self.rng.random() < trouble.part:
                failure = trouble.failure
            if failure or self.rng.random() < self.looked_up_if_delivered:
                looked_up.append((second + self.rng.uniform(0, 300), second, number, failure, server))
        for day.seconds, ended, number, failure, server in sorted(looked_up, key=itemgetter(0)):
            hint = day.look_up(number, failure, ended=NOON + timedelta(seconds=ended), server=server)
            yield Told(number, failure, hint)

    def fax(self) -> tuple[str, Failure | None]:
        """Give a number, regular partners more often, and how a fax to it ends on an ordinary day."""
        if self.rng.random() < self.failing / 4:
            return DEAD, NO_TONE
        number = number_like(self.rng.randrange(15 if self.rng.random() < 0.3 else 1000))
        if self.rng.random() >= self.failing * 3 / 4:
            return number, None
        return number, self.rng.choices(*zip(*ORDINARY_FAILURES.items(), strict=True))[0]


def chance(seed: int) -> random.Random:
    """Give chance that can be repeated."""
    return random.Random(seed)  # noqa: S311 - no secret hangs on it


def test_a_thousand_ordinary_hours_raise_no_alarm() -> None:
    """8 % of faxes fail for all kinds of reasons: nobody hears of the line, and of a number only if it is its end."""
    dead_heard_of = dead_tried = 0
    for seed in range(1000):
        rng = chance(seed)
        told = list(Office(rng, rng.randint(20, 200)).hours())
        assert not [one for one in told if one.blames in {"line", "server"}]
        for number in {one.number for one in told if one.blames == "number"}:
            own = [one.failure for one in told if one.number == number]
            assert sum(failure is not None and failure.side is not Side.NETWORK for failure in own) >= 3
        dead = [one.blames for one in told if one.number == DEAD]
        dead_tried += len(dead) >= 3
        dead_heard_of += "number" in dead
    assert dead_heard_of > 0.9 * dead_tried > 100


@pytest.mark.parametrize(
    ("runs", "looked_up_if_delivered", "by_third", "by_fourth", "by_fifth"),
    [(1000, 0.5, 0.98, 0.99, 0.995), (300, 1.0, 0.9, 0.97, 0.99)],
)
def test_a_thousand_outages_are_noticed(
    runs: int, looked_up_if_delivered: float, by_third: float, by_fourth: float, by_fifth: float
) -> None:
    """A trunk is down for 20 minutes and 50 to 100 % of faxes fail: said at the third or fourth number that does.

    The first row is how people are: every failed fax is looked up, of those that arrived every second one.
    """
    noticed: list[int] = []
    for seed in range(runs):
        rng = chance(seed)
        office = Office(rng, rng.randint(20, 200), looked_up_if_delivered=looked_up_if_delivered)
        down = rng.choice([DOWN, FULL, DISTURBED, CAPACITY])
        numbers: set[str] = set()
        heard = None
        for told in office.hours(30, Trouble(down, rng.uniform(0.5, 1), minute=10)):
            if told.failure is down:
                numbers.add(told.number)
                assert told.blames != "number"
                heard = heard or (told.blames and len(numbers))
        if len(numbers) >= 5:
            noticed.append(heard or len(numbers) + 1)
    assert len(noticed) > 0.75 * runs
    for most, least in ((3, by_third), (4, by_fourth), (5, by_fifth)):
        assert sum(number <= most for number in noticed) >= least * len(noticed)


@pytest.mark.parametrize(
    ("over", "truth", "least"),
    [("IAS-N1", {"server"}, 0.94), ("IAS-N1", {"server", "line"}, 0.99), (None, {"line"}, 0.99)],
)
def test_a_broken_server_is_told_from_a_broken_trunk(over: str | None, truth: set[str], least: float) -> None:
    """One server of two fails: it is blamed, or the line if by chance the other failed so too. Both fail: the line."""
    blamed: Counter[str | None] = Counter()
    for seed in range(100):
        told = Office(chance(seed), 120).hours(30, Trouble(DOWN, 0.9, minute=10, over=over))
        blamed.update([one.blames for one in told if one.failure is DOWN][-1:])
    assert sum(blamed[name] for name in truth) >= least * blamed.total()
