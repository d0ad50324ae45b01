"""Masking, as people would get around it without a thought: spellings of one number, extensions, names with digits."""

import pytest

from bot.cards.blocks import one_line
from bot.policy import Audience, Policy
from bot.stonefax import Fax, Recipient, Status
from tests.security.marks import NUMBER, marks_in

SPELLINGS = (
    "+44 20 7946 0987",
    "0044-20-7946-0987",
    "(020) 7946-0987",
    "020/7946/0987",
    "02.07.94.60.98.7",
    "02    07    94    60    98    7",
    "02\n\n\n\n07\n\n\n\n94\n\n\n\n60\n\n\n\n98",
    "02----07----94----60----98",
    "02 -- - 07 -- - 94 -- - 60 -- - 98",
    "0\u200b2\u200b0\u200b\u200b\u200b\u200b7946\u200f0987",
    "020\u00a07946\u202f0987",
    "020\u20117946\u20130987",
    "٠٢٠ ٧٩٤٦ ٠٩٨٧",
    "⓪②⓪⑦⑨④⑥⓪⑨⑧⑦",
    "".join(chr(ord("０") + int(digit)) for digit in "02079460987"),  # noqa: RUF001 - wide digits, on purpose
    "020*7946*0987#",
    "tel:+44-20-7946-0987;ext=12",
    "sip:02079460987@gateway",
    "fax_02079460987_1.tif",
    "+44 (0)20 7946 0987",
)


@pytest.mark.parametrize("spelled", SPELLINGS)
@pytest.mark.parametrize("field", ["name", "failure_reason", "detailed_status", "named", "status_word", "number"])
def test_a_number_is_hidden_from_others_however_and_wherever_it_is_spelled(spelled: str, field: str) -> None:
    """In the text as a card shows it, on one line."""
    assert marks_in(spelled) == {"number"}
    recipient = {"name": "Ann Lee", "number": NUMBER}
    texts = {field: f"busy {spelled} x"} if field not in recipient else {}
    recipient |= {field: spelled} if field in recipient else {}
    fax = Fax(id="a_401d6c8c07d6b7a_0", status=Status.FAILED, recipients=(Recipient(**recipient),), **texts)
    shown = Policy().seen_by(Audience.OTHERS, fax)
    words = Policy().words_seen_by(Audience.OTHERS, tuple(texts.values()), fax)
    assert not marks_in(one_line(f"{shown} {words}"))
    assert not marks_in(one_line(str(Policy("nobody").seen_by(Audience.ASKER, fax))))


@pytest.mark.parametrize(
    ("number", "text", "shown"),
    [
        ("403", "ext. 403 busy, room 40", "ext. •••03 busy, room 40"),
        ("403", "4-0-3", "•••03"),
        ("+44 20 7946 0987 ext. 403", "0987 403", "•••403"),
        ("12", "extension 12, cause 17", "extension •••, cause 17"),
        ("7", "page 7 of 9", "page 7 of 9"),
        (NUMBER, "Studio 2000", "Studio 2000"),
        (NUMBER, "Studio 7946", "Studio •••46"),
        (NUMBER, "Pier 39, 2nd floor, 24/7", "Pier 39, 2nd floor, 24/7"),
        ("", "Room 12345", "Room 12345"),
        ("", "Room 123456", "Room •••456"),
    ],
)
def test_extensions_and_names_that_hold_digits(number: str, text: str, shown: str) -> None:
    """A short number is hidden whole; what is no part of the number stays, up to the length of a number."""
    fax = Fax(id="a_401d6c8c07d6b7a_0", recipients=(Recipient(name=text, number=number),))
    assert Policy().seen_by(Audience.OTHERS, fax).recipients[0].name == shown
