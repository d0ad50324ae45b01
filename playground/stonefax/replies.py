"""What is answered: a fax, a refusal with its reason, or a page of HTML as from IIS."""

import gzip
import http.client
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace

from playground.stonefax.rules import Rule

JSON = "application/json; charset=utf-8"
HTML = "text/html"

PAGE = """<!DOCTYPE html>
<html><head><meta charset="iso-8859-1"><title>{status} - {phrase}.</title></head>
<body><div id="header"><h1>Server Error</h1></div>
<div id="content"><fieldset><h2>{status} - {phrase}.</h2></fieldset></div></body></html>
"""


@dataclass(frozen=True, slots=True)
class Reply:
    """Status, body and what is special about the headers."""

    status: int
    body: bytes
    headers: Mapping[str, str]


def given(body: bytes) -> Reply:
    """200 with JSON that is already written."""
    return Reply(200, body, {"Content-Type": JSON})


def refusal(status: int, reason: str) -> Reply:
    """Refuse as the API itself does, which says why."""
    return Reply(status, json.dumps({"reason": reason}).encode(), {"Content-Type": JSON})


def page(status: int) -> Reply:
    """Refuse as the web server does before the API is reached."""
    phrase = http.client.responses.get(status, "Error")
    return Reply(status, PAGE.format(status=status, phrase=phrase).encode(), {"Content-Type": HTML})


def own_words(rule: Rule) -> Reply | None:
    """Give what the rule puts in place of the answer; None: it only changes how the answer comes."""
    if rule.body is not None:
        return replace(given(rule.body), status=rule.status)
    if rule.reason is not None:
        return refusal(rule.status, rule.reason)
    return page(rule.status) if rule.status != http.HTTPStatus.OK else None


def dressed(reply: Reply, rule: Rule) -> Reply:
    """Give the reply the headers, the size and the coding of the rule."""
    body = reply.body.ljust(int(rule.megabytes * 2**20))
    headers = {
        "Content-Type": rule.content_type,
        "Retry-After": rule.retry_after,
        "Location": rule.location,
        "Content-Encoding": "gzip" if rule.gzip else None,
    }
    said = {name: str(value) for name, value in headers.items() if value is not None}
    return Reply(reply.status, gzip.compress(body) if rule.gzip else body, {**reply.headers, **said})
