"""Links in messages: how Slack writes them, which of them it tells the bot of, and what may be unfurled."""

import html
import re
from dataclasses import dataclass, field
from itertools import count
from urllib.parse import urlsplit

from .wire import JsonObject

MOST_DOMAINS = 5
"""Unfurl domains that one app may register."""

_TOKEN = re.compile(r"<[@#!][^<>\s]+>|https?://[^\s<>|]+")
_WRITTEN = re.compile(r"<(https?://[^<>|]+)(?:\|[^<>]*)?>|<@([A-Z0-9]+)(?:\|[^<>]*)?>")
_DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z](?:[a-z0-9-]*[a-z0-9])")


def as_written(typed: str) -> str:
    """Give what a person typed as Slack stores it: links in angle brackets, `&`, `<` and `>` escaped.

    Mentions are typed here as Slack stores them, `<@U0000000ANN>`, and stay.
    """
    parts, at = [], 0
    for token in _TOKEN.finditer(typed):
        parts.append(html.escape(typed[at : token.start()], quote=False))
        found = token.group()
        parts.append(found if found.startswith("<") else f"<{html.escape(found, quote=False)}>")
        at = token.end()
    parts.append(html.escape(typed[at:], quote=False))
    return "".join(parts)


def as_rich_text(written: str) -> JsonObject:
    """Give the rich_text block that Slack puts beside the text of a person's message."""
    elements: list[JsonObject] = []
    at = 0
    for token in _WRITTEN.finditer(written):
        if token.start() > at:
            elements.append({"type": "text", "text": html.unescape(written[at : token.start()])})
        url, user = token.groups()
        elements.append({"type": "link", "url": html.unescape(url)} if url else {"type": "user", "user_id": user})
        at = token.end()
    if at < len(written):
        elements.append({"type": "text", "text": html.unescape(written[at:])})
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": elements}]}


@dataclass(frozen=True, slots=True)
class SharedLinks:
    """Links that the bot was told of, under the `unfurl_id` it may answer with."""

    unfurl_id: str
    source: str
    user: str
    channel: str
    message_ts: str
    links: tuple[JsonObject, ...]


@dataclass
class Links:
    """The app's unfurl domains, and what was shared from them.

    A domain needs a top-level domain, is ASCII, and is no IP address (ValueError: Slack does not register it). It
    covers its subdomains. The URL in a `link_shared` event has `&amp;` for `&`, as in the text of the message, and
    `chat.unfurl` wants exactly that URL back.
    """

    domains: tuple[str, ...] = ()
    shared: dict[str, SharedLinks] = field(default_factory=dict)
    previews: dict[str, JsonObject] = field(default_factory=dict)
    """What a person sees under the composer before they send: unfurl_id → unfurls."""

    def __post_init__(self) -> None:
        wrong = [domain for domain in self.domains if not _DOMAIN.fullmatch(domain)]
        if wrong or len(self.domains) > MOST_DOMAINS:
            said = f"Slack registers at most {MOST_DOMAINS} domains with a top-level domain, not {self.domains}"
            raise ValueError(said)
        self._numbers = count(1)

    def in_text(self, written: str) -> tuple[JsonObject, ...]:
        """Give the links on the app's domains, each once, as a `link_shared` event lists them."""
        found: dict[str, JsonObject] = {}
        for token in _WRITTEN.finditer(written):
            url = token.group(1)
            domain = self._domain_of(url) if url else None
            if domain:
                found.setdefault(url, {"domain": domain, "url": url})
        return tuple(found.values())

    def offer(
        self, source: str, user: str, channel: str, message_ts: str, links: tuple[JsonObject, ...]
    ) -> SharedLinks:
        """Note links that the bot is told of; in the composer `message_ts` is empty, the unfurl_id stands for it."""
        unfurl_id = (
            f"{channel}.{message_ts}.{next(self._numbers):08x}" if message_ts else f"{user}-{next(self._numbers)}"
        )
        offered = SharedLinks(unfurl_id, source, user, channel, message_ts or unfurl_id, links)
        self.shared[unfurl_id] = offered
        return offered

    def _domain_of(self, url: str) -> str | None:
        """Give the registered domain that covers the URL's host; a longer one goes before a shorter one."""
        host = urlsplit(url).hostname or ""
        covering = [domain for domain in self.domains if host == domain or host.endswith(f".{domain}")]
        return max(covering, key=len, default=None)
