"""Fax ids in whatever people paste: bare, bold, quoted, in links, percent-encoded, with an ampersand escaped.

An id is opaque towards the fax server; its form, SERVER_GUID_INDEX or SERVER_HEX_INDEX, is known only to find it.
"""

import html
import re
import unicodedata
from collections.abc import Iterable
from urllib.parse import unquote

EXAMPLE_ID = "IAS-N1_d53957a4-c6fa-4a89-9198-f32da47e6a58_0"
LONGEST_TEXT = 20_000

FAX_ID = re.compile(
    r"""
    (?<![A-Za-z0-9.])
    [A-Za-z0-9](?:[A-Za-z0-9]|[.-](?=[A-Za-z0-9])){0,62}                        # the server's name
    _
    (?:[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}|[0-9A-Fa-f]{8,32})  # a GUID, or fewer hex digits
    _
    [0-9]{1,6}                                                                  # which recipient of a submission
    (?![-_]?[A-Za-z0-9])                                                        # an underscore may close italics
    """,
    re.VERBOSE,
)
DASHES = dict.fromkeys(range(0x2010, 0x2016), "-") | {0x2212: "-"}
UNSEEN = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff"))


def plain(text: str) -> str:
    """Undo what editors, browsers and Slack do to a pasted id: entities, percent signs, smart dashes, unseen marks."""
    text = unquote(html.unescape(text[:LONGEST_TEXT]))
    return unicodedata.normalize("NFKC", text).translate(DASHES).translate(UNSEEN)


def fax_ids(text: str) -> tuple[str, ...]:
    """Give every fax id in a text, in order, each once."""
    return once(match[0] for match in FAX_ID.finditer(plain(text)))


def once(ids: Iterable[str]) -> tuple[str, ...]:
    """Drop repetitions, keeping the order."""
    return tuple(dict.fromkeys(ids))
