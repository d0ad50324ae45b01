"""The judgement of a failed fax: codes against words, what the numbers say, and that no fax whatever breaks it."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.stonefax.models import Fax, Status
from bot.triage import Failure, SendAgain, Side, in_words, judge
from bot.triage.tables import Judgement, Reached, causes, families, hints

SUBMITTED = datetime(2026, 11, 23, 15, 56, tzinfo=UTC)
MAY_HAVE_SENT_PAGES: tuple[Judgement, ...] = (
    *(row for row in families().values() if row.reached is Reached.PAGES),
    *(row for row in (*causes().values(), *hints()) if families()[row.family].reached is Reached.PAGES),
)


def judged(
    words: str | None = None,
    cause: int | None = None,
    *,
    waited: float | None = None,
    on_line: float | None = None,
    pages: int | None = None,
    detailed: str | None = None,
) -> Failure:
    """Judge a failed fax."""
    started = SUBMITTED + timedelta(seconds=waited or 0)
    failure = judge(
        Fax(
            id="A_1",
            status=Status.FAILED,
            status_word="Failed",
            failure_reason=words,
            detailed_status=detailed,
            cause=cause,
            pages=pages,
            submitted=None if waited is None else SUBMITTED,
            started=started if waited is not None or on_line is not None else None,
            ended=None if on_line is None else started + timedelta(seconds=on_line),
        )
    )
    assert failure is not None
    return failure


def notes(failure: Failure) -> str:
    """Give all further sentences."""
    return " ".join(failure.notes)


@pytest.mark.parametrize("status", [status for status in Status if status is not Status.FAILED])
def test_only_a_failed_fax_is_judged(status: Status) -> None:
    """A cancelled one has its own card, and one that waits has not failed yet."""
    assert judge(Fax(id="A_1", status=status, cause=17, failure_reason="busy")) is None


def test_a_code_of_the_table_is_named() -> None:
    """The card shows the code with its standard name."""
    failure = judged(cause=17)
    assert failure.cause is not None
    assert (failure.cause.code, failure.cause.name, failure.cause.as_sent) == (17, "User busy", None)
    assert (failure.family, failure.side, failure.send_again) == ("busy", Side.FAR_END, SendAgain.LATER)


@pytest.mark.parametrize(("sent", "code"), [(145, 17), (129, 1), (255, 127)])
def test_the_eighth_bit_is_taken_off_and_said(sent: int, code: int) -> None:
    """129 to 255 are read less 128, and the card says so."""
    failure = judged(cause=sent)
    assert failure.cause is not None
    assert (failure.cause.code, failure.cause.as_sent, failure.cause.known) == (code, sent, True)
    assert f"cause {sent}" in notes(failure)
    assert f"read as {code}" in notes(failure)


@pytest.mark.parametrize("code", [-1, 10, 56, 128, 256, 404, 138])
def test_a_code_outside_the_table_is_shown_and_not_explained(code: int) -> None:
    """The card says that the code is unknown, and guesses nothing."""
    failure = judged(cause=code)
    assert failure.cause is not None
    assert not failure.cause.known
    assert failure.family == "unknown"
    assert "not in the table" in notes(failure)


@pytest.mark.parametrize("code", [None, 0, 16, 31, 127, 10])
def test_where_the_code_says_nothing_the_words_decide(code: int | None) -> None:
    """16 and 31 mean that the call was answered; 0, 127 and none mean nothing: the words tell more."""
    failure = judged("DocumentConversionFailed", code)
    assert failure.family == "document"
    assert "disagree" not in notes(failure)


@pytest.mark.parametrize("words", [None, "Error 4711", "Failed"])
def test_where_the_words_say_nothing_the_code_decides(words: str | None) -> None:
    """A text that means nothing does not weigh against a code."""
    failure = judged(words, 17)
    assert failure.family == "busy"
    assert "disagree" not in notes(failure)


@pytest.mark.parametrize(
    ("code", "words", "family"),
    [
        (17, "No fax tone", "no_fax_tone"),
        (41, "User busy", "busy"),
        (102, "T.38 negotiation failed", "gateway_media"),
        (21, "Number is blacklisted", "not_permitted"),
        (17, "No response to EOP", "unconfirmed"),
        (17, "No answer", "busy"),
        (34, "Line busy", "congestion"),
        (1, "busy", "bad_number"),
        (3, "busy", "busy"),
    ],
)
def test_when_code_and_words_disagree_the_more_exact_decides(code: int, words: str, family: str) -> None:
    """Both are said, and which decided."""
    failure = judged(words, code)
    other = judged(cause=code).headline, judged(words).headline
    assert failure.family == family
    assert "disagree" in notes(failure)
    assert all(headline in notes(failure) for headline in other)


def test_words_that_only_count_the_tries_do_not_disagree() -> None:
    """“Too many attempts” fits every code."""
    failure = judged("Too many attempts to dial", 17)
    assert failure.family == "busy"
    assert "disagree" not in notes(failure)


@pytest.mark.parametrize("code", [16, 31])
@pytest.mark.parametrize("on_line", [None, 4, 45, 200])
def test_a_call_that_was_answered_was_not_busy(code: int, on_line: float | None) -> None:
    """Cause 16 or 31 with Failed: the call was answered and the fax session failed."""
    failure = judged(cause=code, on_line=on_line)
    assert failure.family in {"no_fax_tone", "transfer_broke"}
    assert failure.side is Side.FAR_END
    assert "busy" not in failure.headline


@pytest.mark.parametrize(
    ("on_line", "family", "send_again"),
    [
        (8, "no_fax_tone", SendAgain.NOW),
        (45, "no_fax_tone", SendAgain.NOW),
        (200, "transfer_broke", SendAgain.ASK_FIRST),
    ],
)
def test_seconds_on_the_line_weigh_in_and_are_called_a_guess(
    on_line: float, family: str, send_again: SendAgain
) -> None:
    """Half a minute hints at no fax machine, minutes at pages that may have arrived."""
    failure = judged(cause=16, on_line=on_line)
    assert (failure.family, failure.send_again) == (family, send_again)
    assert "guess" in notes(failure)
    assert in_words(on_line) in notes(failure)


@pytest.mark.parametrize(
    ("on_line", "told"), [(4, "refused"), (45, "nobody answers"), (200, "pages to have arrived"), (20, "")]
)
def test_without_any_reason_the_seconds_are_all_there_is(on_line: float, told: str) -> None:
    """A final state with no cause says what is known, and what to ask the administrator."""
    failure = judged(on_line=on_line)
    assert failure.family == "unknown"
    assert told in notes(failure)
    assert "whether it arrived" in failure.next_step
    assert "administrator" in failure.next_step
    assert "administrator" not in notes(failure)


@pytest.mark.parametrize(
    ("words", "send_again"),
    [
        ("Line dropped in mid-page", SendAgain.ASK_FIRST),
        ("No confirmation received", SendAgain.ASK_FIRST),
        ("ECM error", SendAgain.NOW),
    ],
)
@pytest.mark.parametrize(
    ("pages", "told"),
    [
        (3, "Sending again sends all 3 pages."),
        (1, "Sending again sends the page once more."),
        (0, "Sending again sends all pages."),
        (None, "Sending again sends all pages."),
    ],
)
def test_where_pages_may_have_arrived_it_says_so(
    words: str, send_again: SendAgain, pages: int | None, told: str
) -> None:
    """The length is not what was delivered, and sending again sends all of it; each is said once."""
    failure = judged(words, pages=pages)
    assert failure.send_again is send_again
    assert "may have arrived" in failure.meaning
    assert "arrived" not in notes(failure)
    assert told in failure.notes


@pytest.mark.parametrize("row", MAY_HAVE_SENT_PAGES, ids=lambda row: row.headline)
def test_a_meaning_says_it_wherever_pages_were_under_way(row: Judgement) -> None:
    """No note says it in its place, so every row must, whoever corrects it."""
    assert "may have arrived" in row.meaning


@pytest.mark.parametrize("words", ["busy", "Received a DCN while waiting for a DIS", "Document conversion failed"])
def test_where_no_page_was_sent_none_is_spoken_of(words: str) -> None:
    """Before the first page nothing can have arrived."""
    failure = judged(words, pages=3)
    assert "arrived" not in failure.meaning
    assert "Sending again" not in notes(failure)


@pytest.mark.parametrize(("waited", "told"), [(7530, "waited 2 h 5 min"), (60, "")])
def test_a_long_wait_in_the_queue_is_said(waited: float, told: str) -> None:
    """One that waited long says so; a minute is not worth a word."""
    failure = judged(cause=17, waited=waited, on_line=20)
    assert told in notes(failure)
    assert ("waited" in notes(failure)) is bool(told)


@pytest.mark.parametrize(("words", "tried"), [("busy", True), ("no confirmation", True), ("invalid number", False)])
def test_failed_is_the_end_of_several_tries(words: str, tried: bool) -> None:  # noqa: FBT001 - a column of the table
    """StoneFax tries again by itself, and the card says so where trying makes sense."""
    assert ("several times" in notes(judged(words))) is tried


@pytest.mark.parametrize("words", ["Cancelled by user", "Vom Benutzer abgebrochen", "Job aborted by operator"])
def test_a_failure_that_somebody_wanted_is_no_failure_of_the_line(words: str) -> None:
    """Failed, and yet stopped by a person: the sender can tell why."""
    failure = judged(detailed=words)
    assert (failure.family, failure.side, failure.send_again) == ("cancelled", Side.CALLER, SendAgain.NO)


@pytest.mark.parametrize(
    ("reason", "detailed", "shown"),
    [
        ("User busy", "USER_BUSY", ("User busy",)),
        ("Failed", "failed", ()),
        ("No answer", "Failed", ("No answer",)),
        ("No answer", "T.30 T1", ("No answer", "T.30 T1")),
        ("???", None, ("???",)),
        (None, None, ()),
    ],
)
def test_the_servers_words_are_quoted_once(reason: str | None, detailed: str | None, shown: tuple[str, ...]) -> None:
    """As sent, without repeats and without what only says that it failed."""
    assert judged(reason, detailed=detailed).server_words == shown


def test_both_texts_are_read() -> None:
    """The more telling of the two decides, whichever field it stands in."""
    assert judged("Too many attempts", detailed="No fax tone").family == "no_fax_tone"
    assert judged("No fax tone", detailed="Too many attempts").family == "no_fax_tone"


ANY_TEXT = (
    st.none() | st.text(max_size=60) | st.sampled_from(["busy", "No answer, T.30 T1", "no confirmation", "مشغول"])
)
ANY_TIME = st.none() | st.datetimes(
    min_value=datetime(1980, 1, 1),  # noqa: DTZ001 - the strategy adds zones itself
    timezones=st.one_of(st.none(), st.timezones()),
)
FAXES = st.fixed_dictionaries(
    {
        "id": st.just("A_1"),
        "status": st.just(Status.FAILED) | st.sampled_from(Status),
        "status_word": ANY_TEXT,
        "failure_reason": ANY_TEXT,
        "detailed_status": ANY_TEXT,
        "cause": st.none() | st.integers(-2, 260) | st.integers(),
        "pages": st.none() | st.integers(0, 2**63 - 1),
        "submitted": ANY_TIME,
        "started": ANY_TIME,
        "ended": ANY_TIME,
    }
).map(Fax.model_validate)


@settings(deadline=None)
@given(FAXES)
def test_any_fax_whatever_gets_a_whole_judgement(fax: Fax) -> None:
    """No fax raises, and what is said fits the card."""
    failure = judge(fax)
    if fax.status is not Status.FAILED:
        assert failure is None
        return
    assert failure is not None
    assert 0 < len(failure.headline) <= 60
    assert 0 < len(failure.short_step) <= 60
    assert all(0 < len(sentence) <= 300 for sentence in (failure.meaning, failure.next_step, *failure.notes))
    assert set(failure.server_words) <= {fax.failure_reason, fax.detailed_status}
