"""Fax ids in whatever people paste: bare, bold, quoted, in links, percent-encoded, with an ampersand escaped.

An id is opaque towards the fax server; its form, SERVER_GUID_INDEX or SERVER_HEX_INDEX, is known only to find it.
"""

import html
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import unquote, urlsplit

EXAMPLE_ID = "IAS-N1_d53957a4-c6fa-4a89-9198-f32da47e6a58_0"
LONGEST_TEXT = 20_000

FAX_ID = re.compile(
    r"""
    (?<![A-Za-z0-9.])(?=[0-9.-]{0,62}[A-Za-z])                                  # names of pictures have digits alone
    [A-Za-z0-9](?:[A-Za-z0-9]|[.-](?=[A-Za-z0-9])){0,62}                        # the server's name
    _
    (?:[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}|[0-9A-Fa-f]{8,32})  # a GUID, or fewer hex digits
    _
    [0-9]{1,6}                                                                  # which recipient of a submission
    (?![-_]?[A-Za-z0-9])                                                        # an underscore may close italics
    """,
    re.VERBOSE,
)
NEARLY_AN_ID = re.compile(r"(?=.{8})(?=.*[0-9])[A-Za-z0-9][A-Za-z0-9.-]*_[A-Za-z0-9._-]*")
DECORATION = "*_~`\"'“”‘’«»‹›()[]{}<>#,.;:!?…|"  # noqa: RUF001 - the quotes that people's editors make
PICTURE = re.compile(r"icon|image|thumb|avatar")
DASHES = dict.fromkeys(range(0x2010, 0x2016), "-") | {0x2212: "-"}
UNSEEN = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff"))


def plain(text: str) -> str:
    """Undo what editors, browsers and Slack do to a pasted id: entities, percent signs, smart dashes, unseen marks."""
    text = unquote(html.unescape(text[:LONGEST_TEXT]))
    return unicodedata.normalize("NFKC", text).translate(DASHES).translate(UNSEEN)


def fax_ids(text: str) -> tuple[str, ...]:
    """Give every fax id in a text, in order, each once."""
    return once(match[0] for match in FAX_ID.finditer(plain(text)))


def near_misses(text: str) -> tuple[str, ...]:
    """Give the words that look as if they were meant as an id, and are none: one with its end lost, say."""
    rest = FAX_ID.sub(" ", plain(text))
    return once(word for word in map(undecorated, rest.split()) if NEARLY_AN_ID.fullmatch(word))


def undecorated(word: str) -> str:
    """Take quotes, brackets and other ornaments off the ends of a word."""
    return word.strip(DECORATION)


def fax_id_in_link(url: str, hosts: Iterable[str]) -> str | None:
    """Give the fax id that a link on one of these hosts, or on a host below one, holds anywhere in it."""
    try:
        parts = urlsplit(html.unescape(url))
        host = (parts.hostname or "").rstrip(".").encode("idna").decode()
    except ValueError:
        return None
    # Browsers read a backslash as a slash: what stands before it may be the host that people are sent to.
    if parts.scheme not in {"http", "https"} or "\\" in parts.netloc:
        return None
    if not any(host == ours or host.endswith(f".{ours}") for ours in hosts):
        return None
    return next(iter(fax_ids(url)), None)


def fax_ids_said(message: Mapping[str, object]) -> tuple[str, ...]:
    """Give every fax id that a message of Slack's says: in its text, its blocks and its attachments."""
    said = [message.get(part) for part in ("text", "blocks", "attachments")]
    return once(fax_id for text in texts_within(said) for fax_id in fax_ids(text))


def texts_within(value: object) -> Iterator[str]:
    """Give every text of a JSON value, in order, but for the addresses of pictures, whose names look like ids."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for name, part in value.items():
            if not PICTURE.search(str(name)):
                yield from texts_within(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from texts_within(part)


def once(ids: Iterable[str]) -> tuple[str, ...]:
    """Drop repetitions, keeping the order."""
    return tuple(dict.fromkeys(ids))
