"""What is said where there is no card: a sentence for each fault, with whose turn it is and what to do."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil

from bot.cards import blocks, words
from bot.cards.blocks import Block, Message, plain
from bot.languages import _, marked
from bot.lookup import NotSeen
from bot.stonefax import errors

LONGEST_REASON = 300
TWO_MINUTES = 120


@dataclass(frozen=True, slots=True)
class Fault:
    """How a fault is said: in the line of a summary, and in a sentence of its own with the next step."""

    short: str
    sentence: str


FAULTS: dict[type[errors.FaxError], Fault] = {
    errors.FaxNotFound: Fault(
        marked("not found: a wrong id, or no longer kept by the server"),
        marked(
            "I find no outbound fax with the id `{id}`. It may be mistyped, or so old that the server no longer keeps "
            "it. Inbound faxes are not covered."
        ),
    ),
    errors.PageNotFound: Fault(
        marked("not found, and the answer was a web page: for an administrator"),
        marked(
            "I find no outbound fax with the id `{id}`. The answer was a web page rather than the fax server's own, "
            "so its address may be wrong: {admin} can check STONEFAX_URL."
        ),
    ),
    errors.AccountRefused: Fault(
        marked("my own account is not accepted: for an administrator"),
        marked(
            "The fax server does not accept my own account. This is for {admin}: check STONEFAX_USERNAME and "
            "STONEFAX_PASSWORD; accounts that sign in through SSO are refused here unless the server allows it."
        ),
    ),
    errors.AccountTooLow: Fault(
        marked("my account may not read it: for an administrator"),
        marked(
            "My account may not read other people's faxes. This is for {admin}: raise its privilege level on the fax "
            "server."
        ),
    ),
    errors.RequestRefused: Fault(
        marked("the way I ask is not accepted: for an administrator"),
        marked(
            "The fax server does not accept the way I ask ({status}). Nothing is known of the fax. This is for "
            "{admin}: check STONEFAX_URL and what stands between me and the server."
        ),
    ),
    errors.RequestTimedOut: Fault(
        marked("the server gave up waiting: try again in a minute"),
        marked("The fax server gave up waiting for my question. The fax itself may be fine; try again in a minute."),
    ),
    errors.ServerBusy: Fault(
        marked("the server is busy: try again in a minute"),
        marked("The fax server is busy. Try again in a minute. This says nothing about the fax itself."),
    ),
    errors.ServerBroken: Fault(
        marked("the server has a fault of its own: try again in a few minutes"),
        marked(
            "The fax server has a fault of its own ({status}). The fax itself may be fine; try again in a few minutes, "
            "and tell {admin} if it stays so."
        ),
    ),
    errors.ServerUnreachable: Fault(
        marked("the server can't be reached: try again in a minute"),
        marked(
            "I can't reach the fax server. The fax itself may be fine; try again in a minute, and tell {admin} if it "
            "stays so."
        ),
    ),
    errors.NameUnknown: Fault(
        marked("the server's name is not known: for an administrator"),
        marked(
            "I can't find the fax server: the name in its address is not known here. This is for {admin}: check "
            "STONEFAX_URL and the name service."
        ),
    ),
    errors.ConnectionRefused: Fault(
        marked("nobody answers at the server: try again in a minute"),
        marked(
            "Nobody answers at the fax server's address. It may be restarting: try again in a minute, and tell {admin} "
            "if it stays so."
        ),
    ),
    errors.CertificateRefused: Fault(
        marked("the server's certificate is not trusted: for an administrator"),
        marked(
            "I don't trust the fax server's certificate: it is expired, for another name, or of an authority unknown "
            "to me. This is for {admin}: renew it, or set STONEFAX_CA_FILE."
        ),
    ),
    errors.ConnectionLost: Fault(
        marked("the server broke off: try again in a minute"),
        marked(
            "The fax server broke off before its answer was whole. The fax itself may be fine; try again in a minute."
        ),
    ),
    errors.ServerTooSlow: Fault(
        marked("no answer in time: try again in a minute"),
        marked("The fax server did not answer within {deadline}. The fax itself may be fine; try again in a minute."),
    ),
    errors.Redirected: Fault(
        marked("sent on to another address: for an administrator"),
        marked(
            "The fax server sends me on to another address, perhaps to a page to sign in. This is for {admin}: "
            "STONEFAX_URL must be the server's own address."
        ),
    ),
    errors.AnswerUnreadable: Fault(
        marked("the answer is not readable: for an administrator"),
        marked(
            "I can't read the fax server's answer as a fax. This is for {admin}: check that STONEFAX_URL leads to "
            "StoneFax itself, and look into my log for the reference."
        ),
    ),
}


ASKS_TO_WAIT = marked(
    "The fax server is busy and asks to wait {wait}. Try again then. This says nothing about the fax itself."
)


def problem(not_seen: NotSeen, admin: str) -> Message:
    """Say why there is nothing to see, and whose turn it is; `admin` is whom to ask, in mrkdwn."""
    since = not_seen.error.since
    sentence = sentence_for(not_seen, admin)
    if since:
        known = _("It has been so since {time}.").format(time=words.moment(since, time_alone=True))
        sentence = f"{sentence} {known}"
    sentence = words.with_reference(sentence, not_seen.reference)
    return Message(sentence, tuple(parts(sentence, None if not_seen.error.final else not_seen.reason)))


def sentence_for(not_seen: NotSeen, admin: str) -> str:
    """Give the table's sentence, filled in."""
    error = not_seen.error
    asked_wait = error.retry_after if isinstance(error, errors.ServerBusy) else None
    return _(ASKS_TO_WAIT if asked_wait else FAULTS[type(error)].sentence).format(
        id=not_seen.fax_id,
        admin=admin,
        status=error.status,
        wait=seconds(asked_wait or 0.0),
        deadline=seconds(error.deadline) if isinstance(error, errors.ServerTooSlow) else "",
    )


def parts(sentence: str, reason: str | None) -> Iterator[Block]:
    """Give the sentence, and the server's own words where it sent some."""
    yield blocks.section(sentence)
    if reason:
        quote = words.quoted(blocks.cut(blocks.one_line(reason), LONGEST_REASON))
        yield blocks.context(plain(_("The server says: {words}").format(words=quote)))


def seconds(length: float) -> str:
    """Give `30 s`, or minutes from two on."""
    if length < TWO_MINUTES:
        return _("{count} s").format(count=ceil(length))
    return _("{count} min").format(count=ceil(length / 60))
