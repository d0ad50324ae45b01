"""The data files that an expert can correct: complete, within Slack's limits, and strict about mistakes."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bot.stonefax.models import Fax, Status
from bot.triage import docs, judge, reading, tables
from bot.triage import texts as wordings
from bot.triage.failure import SEND_AGAIN_WORDS, SIDE_WORDS, SendAgain, Side
from bot.triage.reading import DataFileError
from bot.triage.tables import causes, families, read_causes, read_families, read_notes, read_texts

DOCS = Path(__file__).parents[2] / "docs" / "causes.md"

Q850 = {
    *(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 14, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 33, 34),
    *(38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 49, 50, 52, 53, 54, 55, 57, 58, 62, 63, 65, 66, 69, 70, 79),
    *(81, 82, 83, 84, 85, 86, 87, 88, 90, 91, 95, 96, 97, 98, 99, 100, 101, 102, 103, 110, 111, 127),
}
FAMILIES = {
    *("busy", "no_answer", "no_fax_tone", "voice", "bad_number", "number_changed", "not_permitted", "rejected"),
    *("receiver_restricted", "congestion", "our_capacity", "line_dead", "network_down", "gateway_media"),
    *("negotiation", "receiver_cannot", "transfer_broke", "unconfirmed", "cut_off", "gave_up", "document"),
    *("document_limits", "quota", "server_fault", "cancelled", "signalling", "unknown"),
}
CACHED: tuple[Callable[[], object], ...] = (
    *(tables.families, tables.causes, tables.hints, tables.texts, tables.guards, tables.notes),
    *(wordings.rows, wordings.patterns, wordings.all_guards),
)


def failed(cause: int | None = None, words: str | None = None) -> Fax:
    """Give a failed fax."""
    return Fax(id="A_1", status=Status.FAILED, cause=cause, failure_reason=words)


@pytest.fixture
def corrected(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str, str, str], None]]:
    """Let a test correct a data file, as an expert would, and forget it afterwards."""
    original = reading.contents

    def correct(file: str, old: str, new: str) -> None:
        text = original(file)
        assert old in text
        monkeypatch.setattr(tables, "contents", lambda name: text.replace(old, new) if name == file else original(name))
        forget()

    yield correct
    monkeypatch.undo()
    forget()


def forget() -> None:
    """Let the data files be read anew."""
    for cached in CACHED:
        cached.cache_clear()  # type: ignore[attr-defined] # what functools.cache gives


def test_every_code_of_the_list_is_there() -> None:
    """An engineer finds every Q.850 code, and the vendors' few, in the file."""
    assert set(causes()) == Q850


def test_the_families_are_a_closed_list() -> None:
    """Scripts rely on the names: a new one is a change of the contract."""
    assert {row.family for row in families().values()} == FAMILIES


@pytest.mark.parametrize("code", sorted(Q850))
def test_every_code_makes_a_whole_card(code: int) -> None:
    """Meaning, side, send again and next step are there for every code, and short enough for Slack."""
    failure = judge(failed(cause=code))
    assert failure is not None
    assert failure.cause is not None
    assert failure.cause.known
    assert failure.cause.name == causes()[code].name
    assert failure.family in FAMILIES
    assert 0 < len(failure.headline) <= 60
    assert 0 < len(failure.short_step) <= 60
    assert all(0 < len(sentence) <= 300 for sentence in (failure.meaning, failure.next_step, *failure.notes))
    assert failure.next_step.endswith(".")


@pytest.mark.parametrize("code", sorted(code for code, row in causes().items() if row.exact is None or row.exact > 1))
def test_the_standard_name_means_what_its_code_means(code: int) -> None:
    """A server that writes the name instead of the code gets the same family and advice."""
    by_code, by_name = judge(failed(cause=code)), judge(failed(words=causes()[code].name))
    assert by_code is not None
    assert by_name is not None
    assert (by_name.family, by_name.send_again) == (by_code.family, by_code.send_again)


@pytest.mark.parametrize("words", [f"cause {code}" for code in sorted(Q850 - {0, 127})])
def test_a_code_in_the_words_is_read_like_the_code(words: str) -> None:
    """`Q.850 cause 17` in a text is as good as the field."""
    by_words, by_code = judge(failed(words=f"Q.850 {words}")), judge(failed(cause=int(words.split()[1])))
    assert by_words is not None
    assert by_code is not None
    assert by_words.headline == by_code.headline


def test_every_side_and_every_advice_has_its_words() -> None:
    """No card shows the name of a constant."""
    assert set(SIDE_WORDS) == set(Side)
    assert set(SEND_AGAIN_WORDS) == set(SendAgain)
    assert SendAgain.ASK_FIRST.words == "ask first, it may have arrived"
    assert Side.FAR_END.words == "the recipient's side"
    assert SendAgain.UNKNOWN.words == "not known, ask first"


def test_a_correction_in_the_file_changes_card_and_docs(corrected: Callable[[str, str, str], None]) -> None:
    """An expert's correction needs no code."""
    corrected("causes.tsv", "the number does not exist", "nobody has this number")
    failure = judge(failed(cause=1))
    assert failure is not None
    assert failure.headline == "nobody has this number"
    assert "nobody has this number" in docs.page()


def test_a_new_wording_in_the_file_is_understood(corrected: Callable[[str, str, str], None]) -> None:
    """A text that nobody knew yet is one line in the file."""
    corrected("texts.tsv", "busy\tit\t", "busy\tit\tlinea in uso (da | per) altri | ")
    failure = judge(failed(words="Linea in uso da altri"))
    assert failure is not None
    assert failure.family == "busy"


def test_the_docs_are_in_step_with_the_files() -> None:
    """docs/causes.md is what `python -m bot.triage.docs` writes."""
    assert DOCS.read_text(encoding="utf-8") == docs.page()


CAUSE = "17\tUser busy\t=\tbusy\tfar_end\tlater\tthe line was busy\tIn use.\tSend it again.\tsend again"
CAUSES = f"code\tname\texact\tfamily\tside\tsend_again\theadline\tmeaning\tnext_step\tshort_step\n{CAUSE}\n"


def test_the_small_table_of_these_tests_is_right() -> None:
    """What the next test breaks is whole before."""
    assert read_causes(CAUSES, {"busy"})[17].headline == "the line was busy"


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("\tbusy\t", "\tbuzy\t", "causes.tsv, line 2: family: “buzy” is none of busy"),
        ("far_end", "farend", "causes.tsv, line 2: side: Input should be 'dialled_number', 'far_end'"),
        ("later", "soon", "causes.tsv, line 2: send_again: Input should be 'now', 'later'"),
        ("In use.", "", "causes.tsv, line 2: meaning: "),
        ("the line was busy", "", "causes.tsv, line 2: headline: "),
        ("the line was busy", "The line was busy.", "causes.tsv, line 2: headline: "),
        ("the line was busy", "the line was busy " * 4, "causes.tsv, line 2: headline: "),
        ("Send it again.", "Send it again", "causes.tsv, line 2: next_step: "),
        ("17\t", "17\t17\t", "causes.tsv, line 2: 11 columns, but the header has 10"),
        ("17\t", "x\t", "causes.tsv, line 2: code: "),
        ("17\t", "145\t", "causes.tsv, line 2: code: "),
        (f"{CAUSE}\n", f"{CAUSE}\n# said before\n{CAUSE}\n", "causes.tsv, line 4: “17” is there twice"),
        ("short_step", "short", "causes.tsv, line 1: the columns are "),
    ],
)
def test_a_mistake_is_named_by_file_and_line(old: str, new: str, told: str) -> None:
    """Whoever edits the file reads where and what, not a traceback of ours."""
    with pytest.raises(DataFileError) as wrong:
        read_causes(CAUSES.replace(old, new), {"busy"})
    assert str(wrong.value).startswith(told)


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("bizzy\ten\tbusy", "texts.tsv, line 2: means: “bizzy” is neither in families.tsv nor a code"),
        ("busy\ttlh\tbusy", "texts.tsv, line 2: language: "),
        ("busy\ten\t", "texts.tsv, line 2: words: "),
    ],
)
def test_a_wrong_wording_is_named_too(row: str, told: str) -> None:
    """A row of texts.tsv must mean something that exists, in a language that the server has."""
    with pytest.raises(DataFileError) as wrong:
        read_texts(f"means\tlanguage\twords\n{row}\n", {"busy", "17"})
    assert str(wrong.value).startswith(told)


@pytest.mark.parametrize(
    "words", ["(busy", "busy)", "(busy]", "busy | | occupied", "( | busy) line", "[busy]", "* busy"]
)
def test_a_pattern_that_cannot_be_read_is_named(words: str, corrected: Callable[[str, str, str], None]) -> None:
    """A bracket forgotten in a cell is found before a fax is judged."""
    corrected("texts.tsv", "busy\tit\toccupato | occupata | occupati | occupate", f"busy\tit\t{words}")
    with pytest.raises(DataFileError, match=r"texts\.tsv, line \d+: words: "):
        judge(failed(words="busy"))


def test_a_family_of_no_row_of_its_own_is_named() -> None:
    """A shade of a family needs the family."""
    text = reading.contents("families.tsv").replace("\nvoice\tvoice\t", "\nvoice\tvoices\t")
    with pytest.raises(DataFileError, match=r"families\.tsv, line \d+: family: “voices”"):
        read_families(text)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("\ntries\t", "\ntrys\t", "trys"),
        ("\ntries\tBy now", "\ntries\t{who}", "who"),
        ("\nwaited\t", "\n# waited\t", "no sentence for waited"),
    ],
)
def test_a_note_that_nothing_fills_is_named(old: str, new: str, told: str) -> None:
    """The names and gaps of the notes are fixed."""
    text = reading.contents("notes.tsv")
    assert old in text
    with pytest.raises(DataFileError, match=told):
        read_notes(text.replace(old, new))
