"""No text that somebody sends holds up everybody else: reading it takes time in proportion to its length."""

from collections.abc import Callable
from time import perf_counter

import pytest

from bot.cards.blocks import escape
from bot.masking import Mask
from bot.references import fax_ids, near_misses
from tests.security.marks import NUMBER

LONG = 20_000
MOST = 0.5
"""Seconds: ten times what it should take; what grows with the square of the length takes two and more."""
TEXTS = {
    "digits": "1" * LONG,
    "digits apart": "1 " * (LONG // 2),
    "a digit and spaces": "1" + " " * LONG,
    "letters": "a" * LONG,
    "letters apart": "a " * (LONG // 2),
    "underscores": "a_" * (LONG // 2),
    "ends of ids": "a_11111111_" * (LONG // 11),
    "entities": "&amp;" * (LONG // 5),
    "percent signs": "%25" * (LONG // 3),
}
READERS: dict[str, Callable[[str], object]] = {
    "fax_ids": fax_ids,
    "near_misses": near_misses,
    "mask": lambda text: Mask([NUMBER]).text(text[: LONG // 5]),
    "escape": escape,
}


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("text", TEXTS)
def test_reading_a_long_text_takes_no_time_to_speak_of(reader: str, text: str) -> None:
    """Whatever is in it: somebody without any permission may have written it."""
    start = perf_counter()
    READERS[reader](TEXTS[text])
    assert perf_counter() - start < MOST
