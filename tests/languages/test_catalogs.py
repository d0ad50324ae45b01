"""The catalogs: as fresh as the code, with the same gaps, shipped, and no less translated than they were."""

import ast
import csv
import re
from collections.abc import Iterator
from gettext import GNUTranslations
from io import BytesIO, StringIO
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from bot import languages
from bot.app import read_the_tables
from bot.languages import (
    LANGUAGES,
    SOURCE,
    CatalogMistake,
    Language,
    _,
    catalog,
    in_language,
    in_language_of,
    language_of,
    ngettext,
)
from bot.triage import sayings
from bot.triage.tables import causes, families, hints, notes

ROOT = Path(__file__).parent.parent.parent
LOCALE = ROOT / "bot" / "locale"
TRANSLATED = tuple(language for language in LANGUAGES if language != SOURCE)
GAP = re.compile(r"\{(\w*)\}")
KEYWORDS = {**DEFAULT_KEYWORDS, "marked": None}
MOST_UNTRANSLATED = Path(__file__).parent / "untranslated.tsv"
"""For each language, how many sentences of the catalog and rows of the tables may be in English; never more."""

Key = tuple[str | None, str, str | None]
"""Context, sentence, and its plural."""


def template() -> Path:
    """Give where the sentences stand without translation."""
    return LOCALE / "faxbot.pot"


def in_language_file(language: Language, ending: str = "po") -> Path:
    """Give where a language's sentences stand."""
    return LOCALE / language / "LC_MESSAGES" / f"faxbot.{ending}"


def read(path: Path) -> Catalog:
    """Read a catalog."""
    with path.open("rb") as opened:
        return read_po(opened)


def messages_in(path: Path) -> dict[Key, Message]:
    """Give the sentences of a catalog."""
    return {key_of(message): message for message in read(path) if message.id}


def key_of(message: Message) -> Key:
    """Give what a sentence is found by."""
    return (message.context, *forms(message.id))


def forms(said: object) -> tuple[str, str | None]:
    """Give a sentence and its plural, if it has one."""
    one, many = said[:2] if isinstance(said, (tuple, list)) else (said, None)
    return str(one), many and str(many)


def extracted() -> set[Key]:
    """Give what the code says."""
    found = extract_from_dir(str(ROOT / "bot"), [("**.py", "python")], keywords=KEYWORDS)
    return {(context, *forms(said)) for _file, _line, said, _comments, context in found}


def translations(message: Message) -> tuple[str, ...]:
    """Give what is said in the other language: one sentence, or one for each number."""
    said = message.string
    return tuple(map(str, said)) if isinstance(said, (tuple, list)) else (str(said),)


def test_no_sentence_stands_inside_an_f_string() -> None:
    """There it is not found for the catalogs before Python 3.12."""
    for path in sorted((ROOT / "bot").rglob("*.py")):
        strings = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.JoinedStr)]
        calls = [node for string in strings for node in ast.walk(string) if isinstance(node, ast.Call)]
        said = [call for call in calls if call.args and isinstance(call.args[0], ast.Constant)]
        assert not [call.lineno for call in said if getattr(call.func, "id", None) in KEYWORDS], path


def test_the_template_has_what_the_code_says() -> None:
    """Else: `make words`."""
    assert set(messages_in(template())) == extracted()


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_catalog_has_what_the_code_says(language: Language) -> None:
    """Else: `make words`."""
    assert set(messages_in(in_language_file(language))) == extracted()


@pytest.mark.parametrize("language", TRANSLATED)
def test_what_the_bot_reads_is_what_the_translators_wrote(language: Language) -> None:
    """Else: `make words`."""
    compiled = BytesIO()
    write_mo(compiled, read(in_language_file(language)))
    assert in_language_file(language, "mo").read_bytes() == compiled.getvalue()


def test_the_template_changes_with_the_sentences_alone() -> None:
    """It has no time in it; and no catalog has a field that is not filled in."""
    assert "-Date:" not in template().read_text()
    for path in (template(), *map(in_language_file, TRANSLATED)):
        header = path.read_text().partition("\n\n")[0]
        assert not re.search(r"YEAR|FULL NAME|EMAIL@|LL@|PROJECT VERSION", header), path


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_translation_has_the_gaps_of_its_sentence(language: Language) -> None:
    """And the same times of `code` and *bold*, which are typed or pressed as they stand."""
    for message in messages_in(in_language_file(language)).values():
        one, many = forms(message.id)
        sentence = many or one
        for said in filter(None, translations(message)):
            assert set(GAP.findall(said)) == set(GAP.findall(sentence)), (sentence, said)
            assert said.count("`") == sentence.count("`"), (sentence, said)
            assert not message.fuzzy, sentence


def test_fewer_sentences_are_left_in_english_than_ever() -> None:
    """Each that is missing is named; a number that has become smaller is written down."""
    with MOST_UNTRANSLATED.open() as table:
        most = {row["language"]: row for row in csv.DictReader(table, delimiter="\t")}
    assert set(most) == set(TRANSLATED)
    for language in TRANSLATED:
        sentences = [key for key, one in messages_in(in_language_file(language)).items() if not all(translations(one))]
        rows = list(rows_untranslated(language))
        assert len(sentences) <= int(most[language]["sentences"]), (language, sentences)
        assert len(rows) <= int(most[language]["rows"]), (language, rows)


def rows_untranslated(language: Language) -> Iterator[tuple[str, str]]:
    """Give the rows of the tables of which something is said in English."""
    words = sayings.words(language)
    for row in (*families().values(), *causes().values(), *hints()):
        if len(words.get((row.table, row.key), {})) < len(("headline", "meaning", "next_step", "short_step")):
            yield row.table, row.key
    for name in notes():
        if ("notes.tsv", name) not in words:
            yield "notes.tsv", name


def compiled_with(said: str) -> bytes:
    """Give a catalog in which a sentence with a gap is said so."""
    one = Catalog(locale="it")
    one.add("It has been waiting for {time}.", said)
    one.add(("{count} page", "{count} pages"), ("{count} pagina", "{count} pagine"))
    one.add("Look up", "Cerca", context="button")
    octets = BytesIO()
    write_mo(octets, one)
    return octets.getvalue()


@pytest.fixture
def compiled(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, bytes]]:
    """Let every catalog be the one that a test puts in here, as "it"."""
    put: dict[str, bytes] = {}
    monkeypatch.setattr(languages, "compiled", lambda _: put["it"])
    catalog.cache_clear()
    yield put
    catalog.cache_clear()


@pytest.mark.parametrize("said", ["In attesa da {tempo}.", "In attesa.", "Da {time!r}.", "Da {time", "Da {time} {}."])
def test_a_gap_that_nothing_fills_stops_the_start(compiled: dict[str, bytes], said: str) -> None:
    """And the sentence is named, before anybody goes without an answer."""
    compiled["it"] = compiled_with(said)
    with pytest.raises(
        CatalogMistake, match=r"bot/locale/it: “.*” has not the gaps of “It has been waiting for \{time"
    ):
        read_the_tables()


def test_right_catalogs_are_there_before_the_first_asks(compiled: dict[str, bytes]) -> None:
    """So nobody's card waits for a file."""
    compiled["it"] = compiled_with("In attesa da {time}.")
    sayings.words.cache_clear()
    read_the_tables()
    assert catalog.cache_info().currsize == len(LANGUAGES)
    assert sayings.words.cache_info().currsize == len(LANGUAGES)


@pytest.mark.parametrize("octets", [b"", b"no catalog", compiled_with("In attesa da {time}.")[:50]])
def test_a_catalog_that_cannot_be_read_leaves_nobody_without_an_answer(
    compiled: dict[str, bytes], octets: bytes, logged: StringIO
) -> None:
    """They are answered in English, and the log says why."""
    compiled["it"] = octets
    read_the_tables()
    with in_language("it"):
        assert _("now") == "now"
    assert "a catalog cannot be read" in logged.getvalue()


def test_a_catalog_that_is_missing_leaves_nobody_without_an_answer(
    compiled: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """No more than one that cannot be read."""
    assert not compiled
    monkeypatch.setattr(languages, "compiled", lambda _: Path("/nowhere/faxbot.mo").read_bytes())
    read_the_tables()
    with in_language("it"):
        assert _("now") == "now"


def test_what_is_not_translated_is_said_in_english(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """One number of a plural too."""
    half = Catalog(locale="it")
    half.add("now", "ora")
    half.add(("{count} page", "{count} pages"), ("{count} pagina", ""))
    with (tmp_path / "half.mo").open("wb") as compiled:
        write_mo(compiled, half)
    with (tmp_path / "half.mo").open("rb") as compiled:
        said = GNUTranslations(compiled)
    monkeypatch.setattr(languages, "catalog", lambda _: said)
    assert [_("now"), _("later")] == ["ora", "later"]
    assert [ngettext("{count} page", "{count} pages", count) for count in (1, 2)] == ["{count} pagina", "{count} pages"]


@pytest.mark.parametrize(
    ("locale", "language"),
    [
        ("it-IT", "it"),
        ("it", "it"),
        ("de_AT", "de"),
        ("es-LA", "es"),
        ("en-GB", "en"),
        ("pt-BR", None),
        ("item", None),
        ("", None),
        (None, None),
    ],
)
def test_a_locale_of_slack_is_a_language_of_ours_or_none(locale: str | None, language: Language | None) -> None:
    """Whatever the country."""
    assert language_of(locale) == language


def test_a_reader_is_asked_for_each_sentence() -> None:
    """Their language may become known between two; and afterwards it is as before."""
    known: list[Language] = ["it", "en"]
    with in_language_of(known.pop):
        assert [_("now"), _("now")] == ["now", "ora"]
    with in_language("it"):
        assert _("now") == "ora"
    assert _("now") == "now"
    assert catalog("it").gettext("now") == "ora"
