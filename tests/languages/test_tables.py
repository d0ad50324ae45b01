"""Why a fax failed, in another language: rows by the keys of the English files, and every mistake named."""

from collections.abc import Iterator

import pytest

from bot.languages import in_language
from bot.stonefax import Fax, Status
from bot.triage import DataFileError, judge, sayings
from bot.triage.sayings import read_words
from bot.triage.translations import check, check_translations

HEADER = "code\theadline\tmeaning\tnext_step\tshort_step\n"
BUSY = Fax(id="A_1_0", status=Status.FAILED, cause=17)


@pytest.fixture
def in_italian(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let two files be there in Italian."""
    files = {
        "it/causes.tsv": f"# Italian\n{HEADER}17\tla linea era occupata\t\tInviare di nuovo.\t\n",
        "it/notes.tsv": "name\tsentence\ntries\tStoneFax ha già provato.\nwaited\tÈ rimasto in coda {time}.\n",
    }
    monkeypatch.setattr(sayings, "exists", files.__contains__)
    monkeypatch.setattr(sayings, "contents", files.__getitem__)
    forget()
    yield
    forget()


def forget() -> None:
    """Let the tables be read anew."""
    sayings.words.cache_clear()
    sayings.said_in.cache_clear()


def test_the_tables_that_are_there_are_right() -> None:
    """Every row is one of the English file, with its gaps."""
    check_translations()


@pytest.mark.usefixtures("in_italian")
def test_a_failure_is_judged_once_and_said_in_any_language() -> None:
    """An empty cell, and a row that is missing, are said in English."""
    failure = judge(BUSY)
    assert failure
    english = (failure.headline, failure.meaning, failure.next_step, failure.short_step)
    with in_language("it"):
        assert failure.headline == "la linea era occupata"
        assert failure.meaning == english[1]
        assert failure.next_step == "Inviare di nuovo."
        assert failure.short_step == english[3]
        assert "StoneFax ha già provato." in failure.notes
    with in_language("de"):
        assert failure.headline == english[0]
    assert (failure.headline, failure.meaning, failure.next_step, failure.short_step) == english


@pytest.mark.parametrize(
    ("file", "text", "told"),
    [
        ("causes.tsv", "code\theadline\n", r"line 1: the columns are code, headline"),
        ("causes.tsv", f"{HEADER}17\ta\tb.\n", "line 2: 3 columns"),
        ("causes.tsv", f"{HEADER}17\ta\tB.\tC.\td\n17\ta\tB.\tC.\td\n", "line 3: “17” is there twice"),
        ("causes.tsv", f"{HEADER}171\ta\tB.\tC.\td\n", "line 2: “171” is in no row of causes.tsv"),
        ("causes.tsv", f"{HEADER}17\t{'a' * 91}\tB.\tC.\td\n", "line 2: headline: "),
        ("causes.tsv", f"{HEADER}17\ta\tB.\tC.\t{'d' * 61}\n", "line 2: short_step: "),
        ("causes.tsv", f"{HEADER}17\ta.\tB.\tC.\td\n", "line 2: headline: "),
        ("causes.tsv", f"{HEADER}17\ta\tB\tC.\td\n", "line 2: meaning: "),
        ("causes.tsv", f"{HEADER}17\ta\tB {{code}}.\tC.\td\n", r"line 2: meaning: nothing fills \{code\}"),
        ("notes.tsv", "name\tsentence\nwaited\tIn coda.\n", r"line 2: sentence: \{time\} is missing"),
        (
            "notes.tsv",
            "name\tsentence\nwaited\tIn coda {tempo} {time}.\n",
            r"line 2: sentence: nothing fills \{tempo\}",
        ),
    ],
)
def test_a_mistake_is_named_by_file_and_line(file: str, text: str, told: str) -> None:
    """As in the English files."""
    with pytest.raises(DataFileError, match=f"it/{file}, {told}"):
        check(file, f"it/{file}", read_words(file, text, f"it/{file}"))
