"""The fax server's web API: whether it is there, takes our account, lets it read what others sent, and how fast it is.

`GET …/Faxes/Outbound/Mine` proves the first two: a 404 for some id could come from any web server.
"""

import statistics
from base64 import b64encode
from collections.abc import Mapping
from http import HTTPStatus
from urllib.parse import quote

import httpx

from bot.doctor.fax_server import tls_context
from bot.doctor.finding import Finding, fail, ok, skip, warn
from bot.doctor.questions import Answer, NoAnswer
from bot.doctor.visit import Visit
from bot.settings import StoneFaxSettings
from bot.stonefax.client import OUTBOUND, looks_like_html
from bot.stonefax.models import Fax, fax_from_answer

MINE = "Mine?page=1&pageSize=50"
TRIES = 3
ADDRESS = "Set STONEFAX_URL to the address at which the web portal opens: the part before /fw/Apps/StoneFax/WebAPI/."
BY_ITSELF = "Wait for it, or ask whoever runs the fax server; Faxbot asks again by itself."
NOT_THERE: Mapping[int, tuple[str, str]] = {
    400: ("does not take the question (400): it may be too old a StoneFax, or something else", ADDRESS),
    404: ("knows nothing at this address (404)", ADDRESS),
    429: ("is busy, and asks us to wait (429)", BY_ITSELF),
    503: ("is busy, or just starting (503)", BY_ITSELF),
}
"""What a status says of whoever answers."""
BY_CLASS: Mapping[int, tuple[str, str]] = {
    3: ("sends us on to another address, perhaps to a sign-in page", ADDRESS),
    4: ("refuses the question", ADDRESS),
    5: ("has a fault of its own", BY_ITSELF),
}
UNCOMPRESSED = "Turn compression off for /fw/Apps/StoneFax/WebAPI/, on the fax server or in what stands before it."
SIGNS_IN = (
    "Check STONEFAX_USERNAME and STONEFAX_PASSWORD. An account that signs in through SSO is refused unless the "
    "server's AllowBasicAuthForSsoUsersViaWebApi is 1."
)
TOO_LOW = "Raise the account's privilege level on the fax server: it must be the one that reads everybody's faxes (10)."
ANY_LOGIN = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})


async def answer_of(visit: Visit, what: str, *, anew: bool = False) -> Answer:
    """Ask for an outbound fax or for `Mine`. Raises NoAnswer."""
    stonefax = visit.settings[StoneFaxSettings]
    login = b64encode(f"{stonefax.username}:{stonefax.password.get_secret_value()}".encode()).decode()
    headers = {"Authorization": f"Basic {login}", "Accept": "application/json", "Accept-Encoding": "identity"}
    tls = tls_context(visit) if visit.fax_url.startswith("https:") else True
    return await visit.questions.get(f"{visit.fax_url}{OUTBOUND}{what}", headers=headers, tls=tls, anew=anew)


async def address(visit: Visit) -> Finding:
    """Make sure that it is the web API that answers there, and nothing else."""
    try:
        answer = await answer_of(visit, MINE)
    except NoAnswer as none:
        return fail(f"The fax server takes the question and gives no answer: {none.problem}.", BY_ITSELF)
    if answer.status in ANY_LOGIN:
        return ok("Something answers there that wants a login first.")
    if answer.status != HTTPStatus.OK:
        known = NOT_THERE.get(answer.status)
        says, remedy = known or BY_CLASS.get(answer.status // 100, ("answers in a way that is not known", ADDRESS))
        return fail(f"The server {says}{'' if known else f' ({answer.status})'}.", remedy)
    return kind_of(answer)


def kind_of(answer: Answer) -> Finding:
    """Say what it is that answers with yes."""
    if answer.headers.get("Content-Encoding", "identity").lower() != "identity":
        return fail("The answer comes compressed, which was not asked for, and so it is not read.", UNCOMPRESSED)
    if looks_like_html(answer.body, httpx.Headers(dict(answer.headers))):
        return fail("A web page answers there: a sign-in page, or another server than StoneFax.", ADDRESS)
    if not isinstance(answer.json, dict) or "faxList" not in answer.json:
        return fail("What answers there is not StoneFax's web API.", ADDRESS)
    return ok("StoneFax's web API answers there.")


async def login(visit: Visit) -> Finding:
    """Look whether the account is let in."""
    match (await answer_of(visit, MINE)).status:
        case HTTPStatus.UNAUTHORIZED:
            return fail("The fax server refuses the account (401).", SIGNS_IN)
        case HTTPStatus.FORBIDDEN:
            return fail("The fax server knows the account, and lets it use nothing (403).", TOO_LOW)
    return ok("The fax server takes the account.")


async def privilege(visit: Visit) -> Finding:
    """Ask for a fax of somebody else's."""
    fax_id = visit.setup.fax_id
    if fax_id is None:
        return skip(
            "Without a fax of somebody else's it cannot be known whether the account may read it.",
            "Give its id: faxbot doctor --fax, or in Slack behind the command.",
        )
    answer = await answer_of(visit, quote(fax_id, safe=""))
    match answer.status:
        case HTTPStatus.OK:
            return whose(fax_in(answer, fax_id), visit.settings[StoneFaxSettings].username)
        case HTTPStatus.FORBIDDEN:
            return fail("The account may not read other people's faxes (403).", TOO_LOW)
        case HTTPStatus.NOT_FOUND:
            return warn("The fax server has no fax with this id (404), so nothing is proven.", "Give another id.")
    return warn(f"The fax server gave no fax ({answer.status}), so nothing is proven.", "Try again, or with another.")


def whose(fax: Fax | None, username: str) -> Finding:
    """Judge by whose fax it is: its own can be read by any account."""
    if fax is None:
        return fail("What comes for this id is no fax.", ADDRESS)
    if (fax.sender or "").casefold() == username.casefold():
        return warn("This fax is the account's own, so nothing is proven.", "Give one that somebody else has sent.")
    return ok("The account may read other people's faxes.")


def fax_in(answer: Answer, fax_id: str) -> Fax | None:
    """Read a fax, if it is one."""
    try:
        return fax_from_answer(answer.json, fax_id, None)
    except ValueError:
        return None


async def latency(visit: Visit) -> Finding:
    """Ask a few times, and take the middle."""
    seconds = statistics.median([(await answer_of(visit, MINE, anew=True)).seconds for _ in range(TRIES)])
    sentence = f"An answer takes {seconds:.2f} s, the middle one of {TRIES}."
    if seconds <= visit.setup.bounds.patience:
        return ok(sentence)
    return warn(
        f"{sentence} Slack waits too little for that, so answers come in two parts.",
        "Run Faxbot nearer to the fax server, or ask whoever runs that why it is slow.",
    )
