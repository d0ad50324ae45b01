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
from io import BytesIO
from string import Formatter
from struct import error as TooShort  # noqa: N812 - that is what it means here
from struct import unpack_from
from typing import Literal, get_args

import structlog

Language = Literal["en", "it", "de", "fr", "es"]
LANGUAGES: tuple[Language, ...] = get_args(Language)
SOURCE: Language = "en"

DRAWN_FOR: ContextVar[Callable[[], Language]] = ContextVar("drawn_for", default=lambda: SOURCE)
"""How to find out the language of whoever something is drawn for."""

log = structlog.get_logger(__name__)


class CatalogMistake(ValueError):
    """A translation that cannot be filled in as its sentence is: the text names the catalog and the sentence."""


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
    try:
        return GNUTranslations(BytesIO(compiled(language)))
    except (OSError, ValueError, LookupError, TooShort) as error:
        # The log says which, and whoever speaks it is answered all the same.
        log.error("a catalog cannot be read; English is said", language=language, problem=type(error).__name__)  # noqa: TRY400 - the kind says all
        return NullTranslations()


def compiled(language: Language) -> bytes:
    """Give a catalog as `make words` compiles it. Raises OSError."""
    return files("bot").joinpath("locale", language, "LC_MESSAGES", "faxbot.mo").read_bytes()


def read_catalogs() -> None:
    """Read all of them, so that the first to be answered in a language need not wait.

    Raises CatalogMistake where the gaps of a translation are not those of its sentence.
    """
    for language in LANGUAGES:
        if isinstance(catalog(language), GNUTranslations):
            check(language, compiled(language))


def check(language: Language, compiled: bytes) -> None:
    """Raise CatalogMistake for a translation with other gaps than its sentence has; of a plural, than that has."""
    count, sentences, translations = unpack_from("<3I", compiled, 8)
    for number in range(count):
        sentence = forms_at(compiled, sentences + 8 * number)[-1].rpartition("\4")[2]
        for said in forms_at(compiled, translations + 8 * number) if sentence else ():
            if said and gaps(said) != gaps(sentence):
                message = f"bot/locale/{language}: “{said}” has not the gaps of “{sentence}”"
                raise CatalogMistake(message)


def forms_at(compiled: bytes, place: int) -> list[str]:
    """Give what stands at a place of a compiled catalog: a sentence, or one for each number."""
    length, start = unpack_from("<2I", compiled, place)
    return compiled[start : start + length].decode().split("\0")


def gaps(sentence: str) -> frozenset[tuple[str | None, ...]] | None:
    """Give what is filled in, and how; none at all where a brace is left open."""
    try:
        return frozenset(gap[1:] for gap in Formatter().parse(sentence) if gap[1] is not None)
    except ValueError:
        return None


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
