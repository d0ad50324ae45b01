"""Every sentence is in the catalogs, and every card fits Slack's limits in every language."""

import re
from collections.abc import Iterator, Mapping
from gettext import NullTranslations
from typing import Any

import pytest

from bot import languages
from bot.cards import blocks, guidance, workflow
from bot.languages import LANGUAGES, Language, in_language
from bot.lookup import TooOften
from bot.triage import sayings
from bot.triage.tables import causes, families, hints, notes
from playground.slack.blocks import Surface, errors_in
from playground.slack.entities import BELOW_A_LINK, IN_A_PANE, errors_in_entity, require_error
from playground.slack.views import errors_in_view
from tests.languages.corpus import doctors_views, entities_below, messages, of_a_workflow, panes, views

CAUSE_NAMES = "|".join(re.escape(cause.name) for cause in causes().values())
OUTSIDE = re.compile(
    r"<[^>]*>|`[^`]*`|…\w+|Mario Rossi|user1|Referral letter|IAS-N1|Spooled|In coda|\+?39[ •\d]*|\bc\d+\b"
    rf"|^Faxbot$|(?:❌ fail|⚠️ warn) |^\d+, (?:{CAUSE_NAMES})$"
)
"""What comes from outside: dates, mentions and channels, ids, names, words of the server and of the doctor, and the
names that the standard has for causes."""

READ = frozenset(
    {"text", "accessibility_label", "label", "display_type", "interstitial_text", "custom_title", "custom_message"}
)
"""The keys under which words stand, in blocks and in Work Objects; there also the `value` of a text."""


class Pseudo(NullTranslations):
    """A language that sets every sentence in brackets."""

    def gettext(self, message: str) -> str:
        """Say a sentence."""
        return f"⟦{message}⟧"

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        """Say a sentence about a number of things."""
        return f"⟦{msgid1 if n == 1 else msgid2}⟧"

    def pgettext(self, context: str, message: str) -> str:  # noqa: ARG002 - as gettext has it
        """Say a sentence that has a context."""
        return f"⟦{message}⟧"


def pseudo_words() -> sayings.Words:
    """Give the tables of that language."""
    rows = {
        (row.table, row.key): {
            name: f"⟦{getattr(row, name)}⟧" for name in ("headline", "meaning", "next_step", "short_step")
        }
        for row in (*families().values(), *causes().values(), *hints())
    }
    return rows | {("notes.tsv", name): {"sentence": f"⟦{sentence}⟧"} for name, sentence in notes().items()}


@pytest.fixture
def pseudo(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let everything be said in that language, in place of one of ours."""
    monkeypatch.setattr(languages, "catalog", lambda _: Pseudo())
    tables = pseudo_words()
    monkeypatch.setattr(sayings, "words", lambda _: tables)
    sayings.said_in.cache_clear()
    with in_language("it"):
        yield
    sayings.said_in.cache_clear()


@pytest.fixture
def uncut(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a test fail where a text of ours is cut; what comes from outside is short here."""

    def whole(text: str, longest: int) -> str:
        assert len(text) <= longest, text
        return text

    monkeypatch.setattr(blocks, "cut", whole)


def texts_in(payload: Any) -> Iterator[str]:  # noqa: ANN401 - any JSON
    """Give all that a person reads or hears of a payload: of blocks, of a Work Object, of a flexpane's error."""
    if isinstance(payload, Mapping):
        read = READ | {"value"} if payload.get("type") == "string" else READ
        for key, value in payload.items():
            if key in read and isinstance(value, str):
                yield value
            else:
                yield from texts_in(value)
    elif isinstance(payload, (list, tuple)):
        for value in payload:
            yield from texts_in(value)


def left(text: str) -> str:
    """Give the letters of a text that are neither in brackets nor from outside."""
    while text != (text := re.sub(r"⟦[^⟦⟧]*⟧", "", text)):
        pass
    return "".join(filter(str.isalpha, OUTSIDE.sub("", text)))


def everything() -> Iterator[Any]:
    """Draw every payload."""
    for message in messages():
        yield [{"text": message.text}, *message.payload()["blocks"]]
    yield from views()
    yield from entities_below()
    yield from panes()
    yield from ({"text": sentence} for sentence in of_a_workflow())


@pytest.mark.usefixtures("pseudo")
def test_no_sentence_is_said_but_by_the_catalogs() -> None:
    """In a language that sets each in brackets, nothing stands outside of them but what comes from outside."""
    escaped = {text for payload in everything() for text in texts_in(payload) if left(text)}
    assert escaped == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_empty_and_every_gap_is_filled(language: Language) -> None:
    """In every language."""
    with in_language(language):
        for payload in everything():
            for text in texts_in(payload):
                assert text.strip()
                assert not re.search(r"[{}]", OUTSIDE.sub("", text)), text


@pytest.mark.usefixtures("uncut")
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_card_fits_in_every_language(language: Language) -> None:
    """Nothing is cut, and Slack takes it: messages, modals and the Home tab."""
    with in_language(language):
        for message in messages():
            assert not errors_in(message.payload()["blocks"], Surface.MESSAGE)
        for view in (*views(), *doctors_views()):
            assert not errors_in_view(view)


@pytest.mark.usefixtures("uncut")
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_work_object_fits_in_every_language(language: Language) -> None:
    """Nothing is cut, and Slack takes it: below a link, and in a flexpane, with a fax or without."""
    with in_language(language):
        for below in entities_below():
            assert not errors_in_entity(below, BELOW_A_LINK)
        for pane in panes():
            if error := pane.get("error"):
                assert require_error(dict(error))
            else:
                assert not errors_in_entity(pane["metadata"], IN_A_PANE)


def test_a_limit_of_one_is_said_as_one() -> None:
    """To people as to whoever built a workflow."""
    assert guidance.too_often(TooOften(1, 7.0)).text == "That was 1 look-up in a minute. Go on in 7 s."
    assert workflow.too_often(1, 7).startswith("Workflows look up 1 fax a minute at most")
    with in_language("it"):
        assert guidance.too_often(TooOften(1, 7.0)).text.startswith("È già 1 ricerca ")
