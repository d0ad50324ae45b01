"""How long a fax waited and was on the line: real seconds, in words, and none where the times contradict."""

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from bot.stonefax.models import Fax, Status
from bot.triage import in_words, judge, seconds_on_line, seconds_waited


def at(second: float, zone: timezone | ZoneInfo | None = UTC) -> datetime:
    """Give a time some seconds after four in the afternoon."""
    return datetime(2026, 11, 23, 16, tzinfo=zone) + timedelta(seconds=second)


@pytest.mark.parametrize(
    ("submitted", "started", "ended"),
    [
        (at(0), at(60), at(30)),
        (at(60), at(30), at(90)),
        (at(0), at(10, None), at(20)),
        (at(0), at(10), at(40 * 86400)),
        (at(0, ZoneInfo("Europe/Rome")), at(-7200), at(0)),
    ],
)
def test_times_that_contradict_each_other_are_not_computed_with(
    submitted: datetime, started: datetime, ended: datetime
) -> None:
    """Out of order, half of them without an offset, or a month apart: no lengths are given."""
    fax = Fax(id="A_1", status=Status.FAILED, cause=16, submitted=submitted, started=started, ended=ended)
    assert seconds_waited(fax) is None
    assert seconds_on_line(fax) is None
    failure = judge(fax)
    assert failure is not None
    assert "lasted" not in " ".join(failure.notes)


def test_lengths_are_real_seconds_across_a_change_of_the_clocks() -> None:
    """An hour that the clocks skip is not on the line."""
    rome = ZoneInfo("Europe/Rome")
    started = datetime(2026, 3, 29, 1, 59, 30, tzinfo=rome)
    fax = Fax(id="A_1", started=started, ended=datetime(2026, 3, 29, 3, 0, 10, tzinfo=rome))
    assert seconds_on_line(fax) == 40
    assert seconds_waited(fax) is None


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 s"),
        (27.6, "28 s"),
        (59.7, "1 min"),
        (125, "2 min 5 s"),
        (3600, "1 h"),
        (11400, "3 h 10 min"),
        (90000, "1 d 1 h"),
    ],
)
def test_a_length_is_said_in_its_two_largest_units(seconds: float, words: str) -> None:
    """Nobody reads 7530 s."""
    assert in_words(seconds) == words
