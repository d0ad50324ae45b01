"""Is it only me: what is said on a card when the other faxes of the hour are taken into account, and what is not."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.stonefax import Fax, Recipient, Status
from bot.triage import Failure, Side, judge
from bot.triage.hint import SINCE
from bot.triage.outages import MOST_FAXES, SECONDS_KEPT, Outages
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
    PUZZLING,
    REFUSED,
    SILENT,
    UNREADABLE,
    VOICE,
    Day,
    failed,
    number_like,
)

NOON_OF_THE_SERVER = datetime(2026, 11, 24, 12, 0)  # noqa: DTZ001 - the server writes local times with no offset
HOUR = timedelta(hours=1)
GUID = "d53957a4-c6fa-4a89-9198-f32da47e6a58"


def test_says_that_it_is_the_line() -> None:
    """Four of five faxes to different numbers failed as this one did: hold off, says the card, and since when."""
    day = Day()
    down = judge(Fax(id="A_1_0", status=Status.FAILED, cause=38))
    assert down is not None
    hint = day.last_of("ddFFdFF", down)
    assert hint is not None
    assert hint.since == NOON + timedelta(seconds=2)
    assert hint.text == (
        f"4 of the last 5 faxes looked up since {SINCE}, to different numbers, failed with “{down.headline}”: "
        "probably the line, not this number. Hold off sending again."
    )


@pytest.mark.parametrize(
    ("story", "speaks"),
    [
        ("FF", False),
        ("FFF", True),
        ("FdddFF", True),
        ("FddddFF", False),
        ("FbbbFF", True),
        ("FbbbbFF", False),
        ("FdFddddFF", False),
        ("FdFdddFF", True),
        ("dddddddddFFF", True),
        ("FdddddddddFFF", True),
        ("FFFFb", False),
        ("FFFFd", False),
    ],
)
def test_the_line_takes_three_numbers_and_half_of_all(story: str, speaks: bool) -> None:  # noqa: FBT001 - a column of the table
    """At least three numbers, and half of all since the first of them; cards of other failures are left alone."""
    assert (Day().last_of(story) is not None) is speaks


@pytest.mark.parametrize(
    ("failures", "place"),
    [
        ((DOWN, DOWN, DOWN), "the line"),
        ((BROKE, BROKE, BROKE), "the line"),
        ((NO_ROUTE, NO_ROUTE, NO_ROUTE), "the line"),
        ((REFUSED, REFUSED, REFUSED), "the line"),
        ((CAPACITY, CAPACITY, CAPACITY), "something on our side"),
        ((DOWN, DISTURBED, DOWN), None),
        ((DOWN, FULL, DOWN), None),
        ((NO_ROUTE, NO_SUCH, NO_ROUTE), None),
        ((NO_SUCH, NO_SUCH, NO_SUCH), None),
        ((BUSY, BUSY, BUSY), None),
        ((UNREADABLE, UNREADABLE, UNREADABLE), None),
    ],
)
def test_only_the_same_cause_on_the_way_is_the_line(failures: tuple[Failure, ...], place: str | None) -> None:
    """What happens on the recipient's side is no outage, however often; nor are causes that differ."""
    day = Day()
    hints = [day.look_up(number_like(index), failure) for index, failure in enumerate(failures)]
    assert (f"probably {place}, not" in hints[-1].text if hints[-1] else None) == (True if place else None)


def test_one_number_in_many_faxes_is_one_number() -> None:
    """Sending to the same number again and again, in whatever spelling, makes no outage."""
    day = Day()
    spellings = ("+39 06 1234 5678", "0039-06-12345678", "+39 (06) 1234.5678", "+٣٩ ٠٦ ١٢٣٤ ٥٦٧٨")
    assert not any(day.look_up(spelling, DOWN) for spelling in spellings)


def test_who_got_through_in_the_end_speaks_for_the_line() -> None:
    """A number that failed and was reached by a later fax no longer counts as failed."""
    day = Day()
    for index in range(3):
        day.look_up(number_like(index), DOWN, ended=NOON)
    for index in range(2):
        day.look_up(number_like(index), ended=NOON + timedelta(minutes=5))
    assert day.look_up(number_like(3), DOWN, ended=NOON + timedelta(minutes=6)) is None


def test_the_same_fax_counts_once_and_as_it_stands_now() -> None:
    """Looking at one fax thrice is one fax; one that the server got through after all takes its failure back."""
    day = Day()
    for _ in range(3):
        day.look_up(number_like(1), DOWN, fax_id="A_1_0")
    day.look_up(number_like(2), DOWN, fax_id="A_2_0")
    assert day.look_up(number_like(3), DOWN) is not None
    day.look_up(number_like(1), fax_id="A_1_0")
    assert day.look_up(number_like(3), DOWN, fax_id="A_3_0") is None


def test_a_card_speaks_only_of_an_outage_that_its_fax_was_in() -> None:
    """Three failed in a row, but half an hour and ten delivered faxes after the one on the card."""
    day = Day()
    day.look_up(number_like(99), DOWN, ended=NOON - HOUR / 2)
    assert day.last_of("ddddddddddFFF") is not None
    assert day.look_up(number_like(99), DOWN, ended=NOON - HOUR / 2, fax_id=f"IAS-N1_{1:015x}_0") is None


def test_a_cancelled_fax_says_nothing_and_one_under_way_changes_nothing() -> None:
    """Cancelled after it failed: it no longer counts, on either side. Being sent again: what is known of it stays."""
    day = Day()
    day.look_up(number_like(0), DOWN, fax_id="A_0_0")
    day.look_up(number_like(0), fax_id="A_0_0", status=Status.QUEUED)
    for index in range(1, 4):
        day.look_up(number_like(index))
    day.look_up(number_like(4), DOWN, fax_id="A_4_0")
    day.look_up(number_like(4), fax_id="A_4_0", status=Status.CANCELED)
    assert day.look_up(number_like(5), DOWN) is None
    assert day.look_up(number_like(6), DOWN) is not None


@pytest.mark.parametrize("noon", [NOON, NOON_OF_THE_SERVER])
def test_counts_what_ended_within_an_hour_of_the_card(noon: datetime) -> None:
    """To the second: with and without a zone."""
    day = Day()
    for index in range(2):
        day.look_up(number_like(index), DOWN, ended=noon - HOUR)
    assert day.look_up(number_like(2), DOWN, ended=noon + timedelta(seconds=1)) is None
    hint = day.look_up(number_like(2), DOWN, ended=noon)
    assert hint is not None
    assert hint.since == noon - HOUR


@pytest.mark.parametrize("noon", [NOON, NOON_OF_THE_SERVER])
def test_old_failures_make_no_outage_of_today(noon: datetime) -> None:
    """Faxes of three days ago that are looked up now: their own cards say what was, today's say nothing."""
    day = Day()
    old = [day.look_up(number_like(index), DOWN, ended=noon - timedelta(days=3)) for index in range(3)]
    assert day.look_up(number_like(3), DOWN, ended=noon) is None
    assert old[-1] is not None
    assert old[-1].text == (
        f"All 3 faxes looked up since {SINCE}, to different numbers, failed with “{DOWN.headline}”: "
        "it was probably the line, not this number."
    )


def test_the_faxes_of_an_old_outage_are_not_called_the_last() -> None:
    """Others have come since, of which this card says nothing."""
    day = Day()
    endings = (DOWN, None, DOWN, DOWN)
    old = [day.look_up(number_like(index), each, ended=NOON - 72 * HOUR) for index, each in enumerate(endings)]
    assert old[-1] is not None
    assert old[-1].text.startswith("3 of 4 faxes looked up since")


@pytest.mark.parametrize(
    ("ended", "over"),
    [
        (NOON - HOUR, False),
        (NOON - HOUR - timedelta(seconds=1), True),
        (NOON_OF_THE_SERVER - 13 * HOUR, False),
        (NOON_OF_THE_SERVER - 13 * HOUR - timedelta(seconds=1), True),
    ],
)
def test_an_outage_is_over_when_nothing_failed_for_an_hour(ended: datetime, over: bool) -> None:  # noqa: FBT001 - a column of the table
    """Where the server's zone is not known, only when that is so wherever on earth it may stand."""
    day = Day()
    hint = [day.look_up(number_like(index), DOWN, ended=ended) for index in range(3)][-1]
    assert hint is not None
    assert ("it was probably the line" in hint.text, "Hold off" in hint.text) == (over, not over)


def test_times_of_unknown_zone_and_others_are_not_compared() -> None:
    """A local time of the server is set beside another such time alone; failures alone prove nothing."""
    day = Day()
    for index in range(2):
        day.look_up(number_like(index), DOWN, ended=NOON_OF_THE_SERVER)
    assert day.look_up(number_like(2), DOWN, ended=NOON) is None
    assert day.look_up(number_like(3), DOWN, ended=NOON_OF_THE_SERVER) is not None
    day.look_up(number_like(4), ended=NOON)
    assert day.look_up(number_like(3), DOWN, ended=NOON_OF_THE_SERVER) is None


def test_without_an_end_the_first_look_up_counts() -> None:
    """A fax whose end is not told is as old as its first look-up; looking again makes it no younger."""
    day = Day()
    for index in range(2):
        day.look_up(number_like(index), DOWN, ended=None, fax_id=f"A_{index}_0")
    day.seconds = 1800
    for index in range(2):
        day.look_up(number_like(index), DOWN, ended=None, fax_id=f"A_{index}_0")
    day.seconds = 3600
    hint = day.look_up(number_like(2), DOWN, ended=None)
    assert hint is not None
    assert hint.since == NOON
    day.seconds = 3601
    assert day.look_up(number_like(3), DOWN, ended=None) is None


def test_without_an_end_a_change_counts_from_when_it_was_seen() -> None:
    """A failed fax that the server got through after all did so by the time at which that was first seen."""
    day = Day()
    day.look_up(number_like(1), NO_SUCH, ended=None, fax_id="A_0_0")
    day.seconds = 1800
    day.look_up(number_like(1), ended=None, fax_id="A_0_0")
    hint = day.look_up(number_like(1), NO_SUCH, ended=None)
    assert hint is not None
    assert hint.since == NOON + HOUR / 2


@pytest.mark.parametrize(
    "others", [(Recipient(number=number_like(9)),), (Recipient(name="no number"),)], ids=["several", "one unknown"]
)
def test_a_fax_to_several_is_no_evidence_but_may_profit(others: tuple[Recipient, ...]) -> None:
    """Which of several numbers failed is not told, so such a fax counts for none; the line concerns it all the same."""
    day = Day()
    for index in range(2):
        day.look_up(number_like(index), DOWN)
    assert day.look_up(number_like(2), DOWN, others=others) is None
    day.look_up(number_like(3), DOWN)
    assert day.look_up(number_like(2), DOWN, others=others) is not None
    assert day.look_up(None, DOWN) is not None


FAILED_OVER = "the fax server that the failed ones went over"


@pytest.mark.parametrize(
    ("through", "since", "place"),
    [
        (2, NOON, FAILED_OVER),
        (1, NOON, "the line"),
        (2, NOON - HOUR / 6, "the line"),
    ],
)
def test_names_the_server_where_only_one_is_out(through: int, since: datetime, place: str) -> None:
    """Three fail over one server while two faxes over another get through: it is the server; else the line."""
    day = Day()
    for index in range(3):
        day.look_up(number_like(index), DOWN, server="IAS-N1")
    for index in range(through):
        day.look_up(number_like(10 + index), server="IAS-N2", ended=since)
    hint = day.look_up(number_like(3), DOWN, server="ias-n1")
    assert hint is not None
    assert f"probably {place}, not this number." in hint.text


def test_a_broken_server_shows_through_a_busy_one() -> None:
    """The share counts among the faxes over the same server, unless the other server shows the same failure."""
    day = Day()
    for index in range(3):
        day.look_up(number_like(index), DOWN)
        for of_many in range(5):
            day.look_up(number_like(100 * index + 10 + of_many), server="IAS-N2")
    assert day.look_up(number_like(3), DOWN) is not None
    day.look_up(number_like(4), DOWN, server="IAS-N2")
    for of_many in range(5):
        day.look_up(number_like(400 + of_many), server="IAS-N2")
    assert day.look_up(number_like(5), DOWN) is None


@pytest.mark.parametrize(
    ("own", "others", "speaks"),
    [
        ((BUSY, SILENT, NO_TONE), (None, None), True),
        ((BUSY, BUSY), (None, None), False),
        ((BUSY, BUSY, BUSY), (None,), False),
        ((BUSY, None, BUSY, BUSY), (None, None), False),
        ((PUZZLING, PUZZLING, PUZZLING), (None, None), True),
        ((UNREADABLE, UNREADABLE, UNREADABLE), (None, None), False),
        ((CAPACITY, CAPACITY, CAPACITY), (None, None), False),
        ((BUSY, BUSY, UNREADABLE, BUSY), (None, None), True),
        ((BUSY, BUSY, BUSY, UNREADABLE), (None, None), False),
        ((DOWN, DOWN, DOWN), (None, None), True),
        ((DOWN, DOWN, DOWN), (None, None, DOWN), False),
        ((DOWN, DOWN, BUSY), (None, None), False),
    ],
)
def test_a_number_that_keeps_failing_alone(
    own: tuple[Failure | None, ...],
    others: tuple[Failure | None, ...],
    speaks: bool,  # noqa: FBT001 - a column of the table
) -> None:
    """Three faxes to it failed for what may be its end, none got through, two other numbers were reached meanwhile."""
    day = Day()
    day.look_up(number_like(1), own[0])
    for index, ending in enumerate(others):
        day.look_up(number_like(10 + index), ending)
    hint = [day.look_up(number_like(1), ending) for ending in own[1:]][-1]
    text = (
        f"3 faxes to this number failed since {SINCE} and none got through, while faxes to 2 other numbers did: "
        "the problem is probably on the recipient's side."
    )
    assert (hint and (hint.text, hint.since)) == ((text, NOON) if speaks else None)


def test_faxes_of_one_submission_to_one_number_are_one() -> None:
    """Three ids that differ in the recipient's index alone are one attempt; and who got through before says nothing."""
    day = Day()
    for index in range(2):
        day.look_up(number_like(10 + index), ended=NOON - timedelta(minutes=1))
    for index in range(3):
        assert day.look_up(number_like(1), BUSY, fax_id=f"IAS-N1_{GUID}_{index}") is None
    for _ in range(2):
        assert day.look_up(number_like(1), BUSY) is None
    for index in range(2):
        day.look_up(number_like(10 + index))
    hint = day.look_up(number_like(1), BUSY, fax_id=f"IAS-N1_{GUID}_9")
    assert hint is not None
    assert hint.text.startswith("3 faxes to this number")


@pytest.mark.parametrize(
    ("failure", "reached", "speaks"),
    [
        (NO_SUCH, "0039 06 12345678", True),
        (NO_TONE, "+39 06 12345678", True),
        (VOICE, "+39 06 12345678", True),
        (BUSY, "+39 06 12345678", False),
        (NO_SUCH, "39 06 12345678", False),
        (NO_SUCH, "06 12345678", False),
        (NO_SUCH, "+39 06 12345679", False),
    ],
)
def test_a_number_that_was_reached_is_no_wrong_number(failure: Failure, reached: str, speaks: bool) -> None:  # noqa: FBT001 - a column of the table
    """Where the card would have the number checked; a number without its prefix is another one."""
    day = Day()
    for days in (3, 2, 4):
        day.look_up(reached, ended=NOON - timedelta(days=days))
    hint = day.look_up("+39 06 1234 5678", failure)
    text = f"Another fax to this number got through ({SINCE}): the number itself is probably right."
    assert (hint and (hint.text, hint.since)) == ((text, NOON - timedelta(days=2)) if speaks else None)


def test_forgets_after_an_hour() -> None:
    """What was last looked up an hour ago is gone, of itself."""
    day = Day()
    for index in range(2):
        day.look_up(number_like(index), DOWN)
    day.seconds = SECONDS_KEPT - 1
    assert day.look_up(number_like(2), DOWN) is not None
    day.seconds = SECONDS_KEPT
    assert day.look_up(number_like(3), DOWN) is None
    assert len(day.outages.outcomes) == 2


def test_remembers_nothing_that_tells_whose_fax_it_was() -> None:
    """Neither number, name, subject, sender, server nor id is kept, nor anything that another process could match."""
    marks = ("06123498765", "Planted Name", "planted subject", "planted sender", "PLANTED-N1", "planted words")
    number, name, subject, sender, server, words = marks
    fax = Fax(
        id=f"{server}_{GUID}_0",
        status=Status.FAILED,
        recipients=(Recipient(name=name, number=number),),
        subject=subject,
        sender=sender,
        server=server,
        failure_reason=words,
    )
    first, second = Outages(), Outages()
    for outages in (first, second):
        outages.note(fax, failed("busy", Side.FAR_END, words=words))
    kept = f"{vars(first)!r}".lower()
    assert len(first.outcomes) == 1
    assert not [mark for mark in (*marks, GUID) if mark.lower() in kept]
    assert first.outcomes.keys().isdisjoint(second.outcomes.keys())


def test_memory_is_bounded() -> None:
    """Beyond its size the faxes that were looked up longest ago make room."""
    day = Day()
    for index in range(MOST_FAXES + 50):
        day.look_up(number_like(index), DOWN if index < 60 else None)
    assert len(day.outages.outcomes) == MOST_FAXES
    assert sum(not outcome.got_through for outcome in day.outages.outcomes.values()) == 10


NUMBERS = st.sampled_from(["1", "+2", "002", "٣", "4", "-", "x", None]) | st.text()
FAXES = st.fixed_dictionaries(
    {
        "id": st.sampled_from([f"A_{index}_{recipient}" for index in range(12) for recipient in range(2)])
        | st.text(min_size=1).filter(str.strip),
        "status": st.sampled_from([Status.FAILED, Status.FAILED, *Status]),
        "recipients": st.lists(st.builds(Recipient, number=NUMBERS), min_size=1)
        | NUMBERS.map(lambda number: [Recipient(number=number)]),
        "server": st.sampled_from(["A", "B", None]) | st.text(),
        "ended": st.sampled_from([NOON, NOON_OF_THE_SERVER, None])
        | st.datetimes(timezones=st.none() | st.sampled_from([UTC, timezone(-12 * HOUR), timezone(14 * HOUR)])),
    }
).map(Fax.model_validate)
JUDGEMENTS = st.none() | st.sampled_from([DOWN, FULL, BUSY, REFUSED, CAPACITY, VOICE, UNREADABLE, PUZZLING])


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(FAXES, JUDGEMENTS, st.floats(0, 4000)), max_size=25))
def test_takes_any_faxes_in_any_order(looked_up: list[tuple[Fax, Failure | None, float]]) -> None:
    """Nothing raises, a hint is one plain line with one time in it, and no more is kept than was looked up."""
    day = Day()
    for fax, failure, pause in looked_up:
        day.outages.note(fax, failure)
        if hint := day.outages.hint(fax, failure):
            assert len(hint.text) <= 300
            assert hint.text.count(SINCE) == 1
            assert hint.text.isprintable()
        day.seconds += pause
    assert len(day.outages.outcomes) <= len({fax.id for fax, _, _ in looked_up})
