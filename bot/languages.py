"""In whose language a sentence is said: English stands in the code, the other languages in the catalogs of bot/locale.

`_`, `ngettext` and their kin say a sentence in the language of whoever it is drawn for. Who that is, is known when a
request arrives; what their language is, may be learnt only by the time that something is drawn. So the context holds
how to find out, not what was found.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from gettext import GNUTranslations, NullTranslations
from importlib.resources import files
from typing import Literal, get_args

Language = Literal["en", "it", "de", "fr", "es"]
LANGUAGES: tuple[Language, ...] = get_args(Language)
SOURCE: Language = "en"

DRAWN_FOR: ContextVar[Callable[[], Language]] = ContextVar("drawn_for", default=lambda: SOURCE)
"""How to find out the language of whoever something is drawn for."""


def language_of(locale: str | None) -> Language | None:
    """Give the language of a locale as Slack writes it (`it-IT`), if it is one of ours."""
    spoken = (locale or "").replace("_", "-").partition("-")[0].lower()
    return next((language for language in LANGUAGES if language == spoken), None)


@contextmanager
def in_language_of(reader: Callable[[], Language]) -> Iterator[None]:
    """Draw what follows for a reader; `reader` gives their language as far as it is known, and is asked each time."""
    before = DRAWN_FOR.set(reader)
    try:
        yield
    finally:
        DRAWN_FOR.reset(before)


@contextmanager
def in_language(language: Language) -> Iterator[None]:
    """Draw what follows in this language."""
    with in_language_of(lambda: language):
        yield


def language() -> Language:
    """Give the language in which something is drawn just now."""
    return DRAWN_FOR.get()()


@cache
def catalog(language: Language) -> NullTranslations:
    """Give the sentences of a language; what it has no words for is said in English."""
    if language == SOURCE:
        return NullTranslations()
    with files("bot").joinpath("locale", language, "LC_MESSAGES", "faxbot.mo").open("rb") as compiled:
        return GNUTranslations(compiled)


def _(sentence: str) -> str:
    """Say a sentence."""
    return catalog(language()).gettext(sentence)


def ngettext(one: str, many: str, count: int) -> str:
    """Say a sentence about a number of things."""
    return catalog(language()).ngettext(one, many, count)


def pgettext(context: str, sentence: str) -> str:
    """Say what English says in the same words elsewhere, and other languages may not."""
    return catalog(language()).pgettext(context, sentence)


def marked(sentence: str) -> str:
    """Mark a sentence of a table for the catalogs; it is said by `_` where it is drawn."""
    return sentence
