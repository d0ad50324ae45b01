"""Any text of a fax server as plain words, so that NO_ANSWER, “no answer” and NoAnswer are one."""

import html
import re
import unicodedata

LONGEST = 500
"""Characters of a text that are read: a cause stands at its beginning, and the rest must not cost time."""

EXTENSION = (
    r"\.(?:bmp|cfg|cov|csv|docm?|docx|eml|fax|g3|gif|html?|ini|jpe?g|json|log|msg|od[pst]|pcl|pdf|png|pptx?|ps|rtf"
    r"|tiff?|txt|xls[mx]?|xml|xps|zip)"
)
FILE = rf"""["'][^"'\n]{{1,120}}{EXTENSION}["']|[^\s"'(]{{0,100}}\w{EXTENSION}\b"""
PLACES = (
    r"\w{1,20}://\S+",
    r"[^\s<(]{1,64}@[^\s>)]+",
    r"\b[A-Za-z]:\\\S*",
    r"\\\\\S+",
    r"(?<!\S)/\S+/\S*",
    r"\b(?:[a-z0-9-]{1,63}\.){1,8}(?:com|int|internal|io|lan|local|net|org)\b",
    r"\b(?:[a-z0-9-]{1,63}\.){2,8}[a-z]{2}\b",
)
NAMES = re.compile(rf"(?P<file>{FILE})|{'|'.join(PLACES)}", re.IGNORECASE)
NAMES_HOLD_ONE_OF = frozenset(".@/\\")

QUOTES = str.maketrans(dict.fromkeys("\u2018\u2019\u02bc\u00b4`", "'") | dict.fromkeys("“”„«»", '"'))
HUMPS = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z0-9])(?=[A-Z][a-z])")
CONTRACTED = re.compile(r"\bcan't\b|\bcannot\b|n't\b")
ARTICLE = re.compile(r"\b\u0627\u0644(?=\w{3})")
"""The Arabic one, which is written together with its word."""
SPELLED_ALIKE = str.maketrans("\u0629\u0649", "\u0647\u064a")
"""Two letters that end Arabic words and are often written as two others: teh marbuta, alef maksura."""
UNHEARD = re.compile(
    "[\u0300-\u036f\u0610-\u061a\u0640\u064b-\u065f\u0670\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]+"
)
"""Accents and vowel signs once they are split off, the stretching stroke of Arabic, and what cannot be seen."""
RECOMMENDATION = re.compile(r"\b([tqvgh])[. _-]{1,2}(?=\d)")
BETWEEN_WORDS = re.compile(r"[\W_]+")
STRONG_BREAK = re.compile(r"[!?|\n]|[.;]\s")
JOINING = " _-'\u2010\u2011\t"
SIP_CODE = re.compile(
    r"\bsip(?:,2,0)?(?:[ ,=](?:code|status|response|error|cause|reply|answer|result))*[ ,=](?=[3-6]\d\d\b)"
)
CAUSE_CODE = re.compile(
    r"\b(?:q850|q931|isdn|cause|causa|ursache|причина)(?:[ ,=](?:cause|code|value|id|nr|no|number|reason))*[ ,=]"
    r"(?=\d{1,3}\b(?! (?:attempts?|tries|retries|failed|pages?|times|sec|seconds|min|minutes|s|errors?)\b))"
)


def folded(text: str) -> str:
    """Give lower-case letters without accents; Arabic without its article and vowel signs."""
    if text.isascii():
        lower = text.lower()
    else:
        spread = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
        lower = ARTICLE.sub("", UNHEARD.sub("", spread).translate(SPELLED_ALIKE))
    lower = CONTRACTED.sub(lambda found: "can not" if found[0].startswith("can") else " not", lower)
    return RECOMMENDATION.sub(r"\1", lower)


def with_codes(words: str) -> str:
    """Glue a number to the word that makes it a code: `sip 486` becomes one word, `cause: 17` too."""
    return CAUSE_CODE.sub("cause", SIP_CODE.sub("sip", words))


def plain_words(text: str) -> str:
    """Give words, parted by one character each: a space, or the break between them, `,` `=` or `.`.

    Names of files become the word `file`; those of hosts, people's addresses and folders `place`.
    """
    text = html.unescape(text[:LONGEST]).translate(QUOTES)
    if not NAMES_HOLD_ONE_OF.isdisjoint(text):
        text = NAMES.sub(lambda name: " file " if name["file"] else " place ", text)
    return with_codes(BETWEEN_WORDS.sub(parting, folded(HUMPS.sub(" ", text))).strip(" ,=."))


def parting(found: re.Match[str]) -> str:
    """Give the one character for what stands between two words."""
    between = found[0]
    if not between.strip(JOINING):
        return " "
    if STRONG_BREAK.search(between):
        return "."
    return "=" if "=" in between else ","
