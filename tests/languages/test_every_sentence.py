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
from tests.languages.corpus import messages, views

OUTSIDE = re.compile(
    r"<[^>]*>|`[^`]*`|…\w+|Mario Rossi|user1|Referral letter|IAS-N1|Spooled|In coda|\+?39[ •\d]*|\bc\d+\b"
)
"""What comes from outside: dates, mentions and channels, ids, names, words of the server."""


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
    """Give all that a person reads or hears of a payload."""
    if isinstance(payload, Mapping):
        if payload.get("type") in {"plain_text", "mrkdwn"}:
            yield payload["text"]
            return
        if "accessibility_label" in payload:
            yield payload["accessibility_label"]
        for value in payload.values():
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
        yield [{"type": "mrkdwn", "text": message.text}, *message.payload()["blocks"]]
    yield from views()


@pytest.mark.usefixtures("pseudo")
def test_no_sentence_is_said_but_by_the_catalogs() -> None:
    """In a language that sets each in brackets, nothing stands outside of them but what comes from outside."""
    escaped = {text for payload in everything() for text in texts_in(payload) if left(text)}
    assert escaped == set()


@pytest.mark.usefixtures("uncut")
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_card_fits_in_every_language(language: Language) -> None:
    """Nothing is cut, and Slack takes it."""
    with in_language(language):
        for message in messages():
            assert not errors_in(message.payload()["blocks"], Surface.MESSAGE)
        for payload in everything():
            for text in texts_in(payload):
                assert text.strip()
                assert not re.search(r"[{}]", OUTSIDE.sub("", text)), text
        for view in views():
            assert not errors_in(view["blocks"], Surface.MODAL)


def test_a_limit_of_one_is_said_as_one() -> None:
    """To people as to whoever built a workflow."""
    assert guidance.too_often(TooOften(1, 7.0)).text == "That was 1 look-up in a minute. Go on in 7 s."
    assert workflow.too_often(1, 7).startswith("Workflows look up 1 fax a minute at most")
    with in_language("it"):
        assert guidance.too_often(TooOften(1, 7.0)).text.startswith("È già 1 ricerca ")
