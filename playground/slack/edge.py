"""The HTTP side of Slack: the Web API at `/api/{method}`, the response_urls, and the door of Socket Mode.

Every call is recorded.
"""

import asyncio
import json
import time
from dataclasses import dataclass
from urllib.parse import parse_qsl

from aiohttp import web

from .faults import Fault, Faults
from .grant import Grant
from .messages import Message
from .methods import METHODS, Asked, Parts, missing_scope
from .rates import RateLimited, Rates
from .records import Call, Journal, ResponsePost
from .response_urls import ResponseUrls
from .wire import JsonObject, Refused, dumps, refuse

_FORM = "application/x-www-form-urlencoded"
_JSON = "application/json"
_SERVER_TROUBLE = "<!DOCTYPE html><html><body>Something went wrong.</body></html>"


@dataclass(frozen=True, slots=True)
class Moment:
    """When a request came, and by which connection."""

    connection: int
    at: float
    monotonic: float

    @property
    def seconds(self) -> float:
        """The time since then."""
        return time.monotonic() - self.monotonic


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a request is answered."""

    answer: JsonObject
    status: int = 200
    retry_after: int | None = None

    def response(self, scopes: str = "", accepted: str = "") -> web.Response:
        """Give the HTTP answer; one without a body of Slack's own is a page in HTML, as from a broken gateway."""
        headers = {"x-oauth-scopes": scopes, "x-accepted-oauth-scopes": accepted} if scopes else {}
        if self.retry_after is not None:
            headers["Retry-After"] = str(self.retry_after)
        if not self.answer:
            return web.Response(text=_SERVER_TROUBLE, status=self.status, content_type="text/html", headers=headers)
        headers["Content-Type"] = "application/json; charset=utf-8"
        return web.Response(body=dumps(self.answer).encode(), status=self.status, headers=headers)


@dataclass
class Edge:
    """Answers the bot's requests."""

    parts: Parts
    grant: Grant
    response_urls: ResponseUrls
    rates: Rates
    faults: Faults
    journal: Journal

    async def answer(self, request: web.BaseRequest, connection: int) -> web.StreamResponse:
        """Answer a call of the Web API, a post to a response_url, or a WebSocket; anything else is not there."""
        moment = Moment(connection, time.time(), time.monotonic())
        if request.path.startswith("/api/"):
            return await self._call(request, request.path.removeprefix("/api/"), moment)
        if request.path.startswith(("/commands/", "/actions/")):
            return await self._response_post(request, moment)
        if request.path == "/link/":
            return await self.parts.sockets.serve(request)
        return web.Response(status=404)

    async def _call(self, request: web.BaseRequest, method: str, moment: Moment) -> web.Response:
        body = await request.read()
        fault = self.faults.take(method)
        if fault and fault.delay:
            await asyncio.sleep(fault.delay)
        given: JsonObject = {}
        token = _bearer(request)
        try:
            if spoilt := _spoilt(fault):
                outcome = spoilt
            else:
                known = METHODS.get(method)
                given = read_arguments(request, body, takes_json=known is None or known.takes_json)
                in_header = _is_json(request) or (known is not None and known.of_the_app)
                token = token or ("" if in_header else str(given.get("token", "")))
                given.pop("token", None)
                outcome = Outcome(self._answer(method, given, token))
        except RateLimited as limited:
            outcome = Outcome(limited.answer(), limited.status, limited.retry_after)
        except Refused as refused:
            outcome = Outcome(refused.answer(), refused.status)
        dropped = _dropped(fault, request)
        status = 0 if dropped else outcome.status
        kind = token.partition("-")[0]
        record = Call(
            method, given, kind, status, outcome.answer, moment.seconds, moment.connection, moment.at, moment.monotonic
        )
        self.journal.note(record)
        granted = token == self.grant.bot_token
        accepted = ",".join(METHODS[method].scopes) if method in METHODS else ""
        return outcome.response(",".join(sorted(self.grant.scopes)) if granted else "", accepted)

    def _answer(self, name: str, given: JsonObject, token: str) -> JsonObject:
        method = METHODS.get(name)
        if method is None:
            refuse("unknown_method", req_method=name)
        if (method.needs_token or token) and not (method.of_a_step and token.startswith("xwfp-")):
            self.grant.check(token, of_the_app=method.of_the_app)
        if method.scopes and self.grant.scopes.isdisjoint(method.scopes):
            raise missing_scope(",".join(method.scopes), self.grant.scopes)
        self.rates.count(name, method.tier, given)
        return method.answer(Asked(self.parts, given, self.grant.scopes, token))

    async def _response_post(self, request: web.BaseRequest, moment: Moment) -> web.Response:
        body = await request.read()
        fault = self.faults.take("response_url")
        if fault and fault.delay:
            await asyncio.sleep(fault.delay)
        given = self.response_urls.find(request.path)
        shown: Message | None = None
        if spoilt := _spoilt(fault):
            outcome = spoilt
        else:
            try:
                shown = self.response_urls.use(given, request.content_type, body)
                outcome = Outcome({"ok": True})
            except Refused as refused:
                outcome = Outcome(refused.answer(), refused.status)
        status = 0 if _dropped(fault, request) else outcome.status
        record = ResponsePost(
            given,
            body,
            status,
            outcome.answer,
            shown,
            moment.seconds,
            moment.connection,
            moment.at,
            moment.monotonic,
        )
        if given:
            given.posts.append(record)
        self.journal.note(record)
        return outcome.response()


def read_arguments(request: web.BaseRequest, body: bytes, *, takes_json: bool = True) -> JsonObject:
    """Give the arguments of a call, from the query and from a form or a JSON object."""
    given: JsonObject = {name: value for name, value in request.query.items() if name != "token"}
    if not body:
        return given
    if "Content-Type" not in request.headers:
        refuse("missing_post_type")
    if request.content_type == _FORM:
        try:
            return given | dict(parse_qsl(body.decode(), keep_blank_values=True))
        except ValueError:
            refuse("invalid_form_data")
    if request.content_type != _JSON:
        refuse("invalid_post_type")
    if not takes_json:
        return given
    try:
        value = json.loads(body)
    except ValueError:
        refuse("invalid_json")
    if not isinstance(value, dict):
        refuse("json_not_object")
    return given | value


def _is_json(request: web.BaseRequest) -> bool:
    return request.content_type == _JSON


def _bearer(request: web.BaseRequest) -> str:
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if kind.lower() == "bearer" else ""


def _spoilt(fault: Fault | None) -> Outcome | None:
    """Give the answer that a fault has for the call, which then has no effect."""
    if fault is None:
        return None
    if fault.drop == "before":
        return Outcome({})
    if not fault.answers:
        return None
    error = fault.error or ("ratelimited" if fault.status == 429 else None)  # noqa: PLR2004 (Too Many Requests)
    answer = {"ok": False, "error": error} if error else {}
    return Outcome(answer, fault.status or 200, fault.retry_after)


def _dropped(fault: Fault | None, request: web.BaseRequest) -> bool:
    """Close the connection without an answer, when the fault says so."""
    if fault is None or fault.drop is None:
        return False
    if request.transport:
        request.transport.abort()
    return True
