"""Why a look-up could not be answered, and whose turn it is.

FaxError
├── FaxNotFound           404: a wrong id, or the server keeps it no longer      final
│   └── PageNotFound      404 as a web page: perhaps no fax server at all        until an admin acts
├── AccountRefused        401: the bot's own credentials                         until an admin acts
├── AccountTooLow         403: the bot's privilege level                         until an admin acts
├── RequestRefused        400 and any other 4xx                                  until someone looks
├── RequestTimedOut       408: the server gave up waiting for us                 passes
├── ServerBusy            429, 503: carries `retry_after` in seconds             passes
├── ServerBroken          any other 5xx                                          passes
├── ServerUnreachable     no answer from there, for a cause without its own name passes
│   ├── NameUnknown       its name cannot be resolved                            until an admin acts
│   ├── ConnectionRefused nobody listens there                                   passes
│   ├── CertificateRefused its certificate is not to be trusted                  until an admin acts
│   ├── ConnectionLost    closed or reset before the answer was whole            passes
│   └── ServerTooSlow     no whole answer within the deadline                    passes
├── Redirected            3xx: STONEFAX_URL is not the server's own address      until an admin acts
└── AnswerUnreadable      200, and yet not a fax                                 until someone looks

An error's text is for logs: it never holds what the server said, which may quote a number or a name.
"""

from datetime import datetime
from typing import ClassVar


class FaxError(Exception):
    """A look-up without an answer.

    `status` is the HTTP status if there was one; `reason` the server's own words, unmasked, for the asker alone.
    """

    kind: ClassVar[str]
    passes: ClassVar[bool] = False
    """Whether it is likely to pass without anybody acting."""
    final: ClassVar[bool] = False
    """Whether asking again later is known to give the same."""
    about_the_server: ClassVar[bool] = True
    """Whether any other fax would have met the same."""
    since: datetime | None = None
    """Since when (UTC) every question has been in vain, where this one was spared the server."""

    @property
    def for_an_admin(self) -> bool:
        """Whether it stays so until somebody acts."""
        return not (self.passes or self.final)

    def __init__(self, status: int | None = None, reason: str | None = None) -> None:
        super().__init__(self.kind if status is None else f"{self.kind} ({status})")
        self.status = status
        self.reason = reason


class FaxNotFound(FaxError):
    """404: the id is wrong, or the server keeps the fax no longer."""

    kind = "not_found"
    final = True
    about_the_server = False


class PageNotFound(FaxNotFound):
    """404 as a web page, which a fax server does not send: STONEFAX_URL may be wrong."""

    kind = "page_not_found"
    final = False


class AccountRefused(FaxError):
    """401: wrong credentials, or an account that signs in through SSO."""

    kind = "account_refused"


class AccountTooLow(FaxError):
    """403: the account may not read other people's faxes."""

    kind = "account_too_low"
    about_the_server = False


class RequestRefused(FaxError):
    """400 or another 4xx: the server does not like the way we ask."""

    kind = "request_refused"
    about_the_server = False


class RequestTimedOut(FaxError):
    """408: the server, or a proxy before it, gave up waiting for our request."""

    kind = "request_timed_out"
    passes = True


class ServerBusy(FaxError):
    """429 or 503: `retry_after` is what the server asks to wait, in seconds, if it says so."""

    kind = "server_busy"
    passes = True

    def __init__(self, status: int, reason: str | None = None, retry_after: float | None = None) -> None:
        super().__init__(status, reason)
        self.retry_after = retry_after


class ServerBroken(FaxError):
    """Any other 5xx: a fault of the server itself, or of a gateway before it."""

    kind = "server_broken"
    passes = True


class ServerUnreachable(FaxError):
    """No answer at all."""

    kind = "server_unreachable"
    passes = True


class NameUnknown(ServerUnreachable):
    """The host name of STONEFAX_URL cannot be resolved."""

    kind = "name_unknown"
    passes = False


class ConnectionRefused(ServerUnreachable):
    """Nobody listens at that address, or no route leads there."""

    kind = "connection_refused"


class CertificateRefused(ServerUnreachable):
    """The server's certificate is expired, for another name, or of an unknown authority."""

    kind = "certificate_refused"
    passes = False


class ConnectionLost(ServerUnreachable):
    """The connection broke before the answer was whole."""

    kind = "connection_lost"


class ServerTooSlow(ServerUnreachable):
    """Connected or not: no whole answer within `deadline` seconds."""

    kind = "server_too_slow"

    def __init__(self, deadline: float) -> None:
        super().__init__()
        self.deadline = deadline


class Redirected(FaxError):
    """3xx: there is a login page or another address before the fax server; never followed."""

    kind = "redirected"


class AnswerUnreadable(FaxError):
    """200, and yet not a fax: HTML, broken JSON, compressed, or larger than any fax's answer."""

    kind = "answer_unreadable"
    about_the_server = False
