"""The fax server itself: who asks, what for, and what comes back.

GET /fw/Apps/StoneFax/WebAPI/Faxes/Outbound/{id}    200 the fax · 401 · 403 · 404
GET /fw/Apps/StoneFax/WebAPI/Faxes/Outbound/Mine    200 the account's own · 400 · 401
anything else                                       404, a page of HTML
"""

import asyncio
import base64
import time
from collections.abc import Mapping
from pathlib import Path
from ssl import SSLContext
from types import TracebackType
from typing import Self
from urllib.parse import unquote

from aiohttp import web
from aiohttp.web_protocol import RequestHandler

from playground.stonefax.answers import Answer, answers_in, rules_in
from playground.stonefax.delivery import deliver
from playground.stonefax.mine import own_faxes
from playground.stonefax.records import Answered, Received, Recorded
from playground.stonefax.replies import Reply, dressed, given, own_words, page, refusal
from playground.stonefax.rules import FINE, Course, Rule

OUTBOUND = "/fw/Apps/StoneFax/WebAPI/Faxes/Outbound/"
MINE = "Mine"
EVERYBODY = 10  # the privilege level that reads the faxes of others
SERVER = "Microsoft-IIS/10.0"


class StoneFaxServer(Recorded):
    """A fax server on 127.0.0.1, for as long as the `async with`; what reached it can be read afterwards too.

    Raises AnswersUnreadable for a folder of answers with a mistake in it.
    """

    def __init__(  # noqa: PLR0913 - what an administrator sets up, each with a default
        self,
        answers: Path | None = None,
        *,
        username: str = "faxbot",
        password: str = "playground",  # noqa: S107 - it opens a playground
        privilege: int = EVERYBODY,
        ssl: SSLContext | None = None,
        port: int = 0,
    ) -> None:
        super().__init__()
        self.port = port
        self._ssl = ssl
        self._username = username
        self._privilege = privilege
        self._credentials = base64.b64encode(f"{username}:{password}".encode()).decode()
        self._answers = answers_in(answers) if answers else {}
        self._courses = {fax_id: Course(rule) for fax_id, rule in rules_in(answers).items()} if answers else {}
        self._mood = Course(FINE)

    @property
    def url(self) -> str:
        """What STONEFAX_URL is set to."""
        return f"{'https' if self._ssl else 'http'}://127.0.0.1:{self.port}"

    @property
    def mood(self) -> Rule:
        """The rule for every request of the account; where it has nothing to say, the fax's own rule holds."""
        return self._mood.rule

    @mood.setter
    def mood(self, rule: Rule) -> None:
        self._mood = Course(rule)

    def put(self, fax_id: str, answer: Mapping[str, object]) -> None:
        """Answer this for the fax from now on; in either shape, with `fax` around it or without."""
        self._answers[fax_id] = Answer.of(answer)

    def rule(self, fax_id: str, rule: Rule) -> None:
        """Let the rule hold for the fax from its next request on; FINE takes it away."""
        self._courses[fax_id] = Course(rule)

    def fax(self, fax_id: str) -> Mapping[str, object] | None:
        """Give the fields of a fax as they stand, whatever a rule makes of them on their way."""
        answer = self._answers.get(fax_id)
        return answer.fax if answer else None

    def rule_of(self, fax_id: str) -> Rule:
        """Give the rule that holds for a fax."""
        return self._courses[fax_id].rule if fax_id in self._courses else FINE

    async def __aenter__(self) -> Self:
        # Without handler_cancellation a request that hangs would count as open after its client has gone.
        self._http = web.Server(self._respond, handler_cancellation=True, access_log=None)
        loop = asyncio.get_running_loop()
        self._listener = await loop.create_server(self._accept, "127.0.0.1", self.port, ssl=self._ssl, backlog=1024)
        self.port = self._listener.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # No wait_closed(): it would wait for clients in the middle of a TLS handshake. Aborting ends what hangs.
        self._listener.close()
        for connection in self._http.connections:
            if connection.transport is not None:
                connection.transport.abort()
        await self._http.shutdown(timeout=1)

    def _accept(self) -> RequestHandler:
        self._connected()
        return self._http()

    async def _respond(self, request: web.BaseRequest) -> web.StreamResponse:
        fax_id = _fax_id(request.raw_path)
        received = Received(time.monotonic(), request.method, request.raw_path, fax_id, request.headers)
        with self._recording(received):
            reply, rule = self._reply(request, fax_id)
            always = {"Server": SERVER, "Set-Cookie": f"ASP.NET_SessionId={self.total:024x}; path=/; HttpOnly"}
            try:
                return await deliver(request, Reply(reply.status, reply.body, {**reply.headers, **always}), rule)
            finally:
                status = reply.status if rule.breaks is None else None
                self._tell_of(Answered(received, status, reply.body, time.monotonic() - received.at))

    def _reply(self, request: web.BaseRequest, fax_id: str | None) -> tuple[Reply, Rule]:
        if fax_id is None or request.method != "GET":
            return page(404), FINE
        if (refused := self._unauthorized(request.headers.get("Authorization"))) is not None:
            return refused, FINE
        rule = self._rule_now(fax_id)
        if (reply := own_words(rule)) is None:
            reply = self._mine(request) if fax_id == MINE else self._fax(fax_id, rule)
        return (reply, rule) if rule is FINE else (dressed(reply, rule), rule)

    def _unauthorized(self, authorization: str | None) -> Reply | None:
        """Refuse as the real ones do: a page when there are no credentials, the API's JSON when they are wrong."""
        scheme, _, credentials = (authorization or "").partition(" ")
        if scheme.lower() == "basic" and credentials.strip() == self._credentials:
            return None
        refused = refusal(401, "Invalid username or password") if authorization else page(401)
        return Reply(401, refused.body, {**refused.headers, "WWW-Authenticate": 'Basic realm="StoneFax"'})

    def _rule_now(self, fax_id: str) -> Rule:
        mood = self._mood.step()
        if mood != FINE or fax_id not in self._courses:
            return mood
        return self._courses[fax_id].step()

    def _mine(self, request: web.BaseRequest) -> Reply:
        return own_faxes(
            {fax_id: answer.fax for fax_id, answer in self._answers.items()}, self._username, request.query
        )

    def _fax(self, fax_id: str, rule: Rule) -> Reply:
        answer = self._answers.get(fax_id)
        if answer is None:
            return refusal(404, f"Outbound fax {fax_id} not found")
        if self._privilege < EVERYBODY and answer.fax.get("username") != self._username:
            return refusal(403, "The privilege level of the user is too low")
        return given(answer.changed(rule.change).body if rule.change else answer.body)


def _fax_id(raw_path: str) -> str | None:
    """Decode once, and take the last part of the path; None for any other address, and for one that climbs."""
    path = unquote(raw_path.partition("?")[0])
    fax_id = path.removeprefix(OUTBOUND)
    names_a_fax = path.startswith(OUTBOUND) and fax_id not in {"", ".", ".."} and not set(fax_id) & {"/", "\\"}
    return fax_id if names_a_fax else None
