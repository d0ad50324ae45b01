"""What people ask a bot, as Slack sends it: signed just before it is sent, which takes a few microseconds."""

import hashlib
import hmac
import json
import time
from collections.abc import Callable

from bench.orders import Order
from bench.standins import FAX_ID
from playground.slack.example import ANN, BOB, BOT, SUPPORT, TEAM

SECRET = "8f742231b10e8888abcd99yyyzzz85a5"  # noqa: S105 - the example in Slack's documentation
PEOPLE = (ANN, BOB, "U000000CARL", "U000000DORA", "U000000EVEN")
FORM, JSON = "application/x-www-form-urlencoded", "application/json"

Ask = Callable[[Order, int, str], tuple[str, bytes]]
"""By the number of the question, and the response_url; gives the content type and the body."""


def command_form(text: str, number: int, response_url: str) -> bytes:
    """Give a command's form as Slack sends it (docs.slack.dev/interactivity/implementing-slash-commands)."""
    return (
        f"token=deprecated&team_id={TEAM}&team_domain=faxco&channel_id={SUPPORT}&channel_name=support"
        f"&user_id={PEOPLE[number % len(PEOPLE)]}&user_name=somebody&command=%2Ffax&text={text}"
        f"&api_app_id=A0000FAXBOT1&is_enterprise_install=false&response_url={response_url}&trigger_id=1.2.abc"
    ).encode()


def a_fax(order: Order, number: int, response_url: str) -> tuple[str, bytes]:
    """Ask about a fax, or several, that nobody asked about before."""
    first = 0 if order.same_fax else number * order.ids
    ids = [FAX_ID.format(first + nth) for nth in range(order.ids)]
    return FORM, command_form("+".join(ids), number, response_url)


def some_help(_order: Order, number: int, response_url: str) -> tuple[str, bytes]:
    """Ask for help: nobody else is asked anything."""
    return FORM, command_form("help", number, response_url)


def event(number: int, kind: str, **fields: object) -> tuple[str, bytes]:
    """Give an event as Slack sends it."""
    inner = {"type": kind, "user": PEOPLE[number % len(PEOPLE)], "channel": SUPPORT, **fields}
    body = {
        "type": "event_callback",
        "team_id": TEAM,
        "api_app_id": "A0000FAXBOT1",
        "event_id": f"Ev{number:010}",
        "event_time": int(time.time()),
        "authorizations": [{"team_id": TEAM, "user_id": BOT, "is_bot": True}],
        "event": {**inner, "event_ts": f"1763900000.{number:06}"},
    }
    return JSON, json.dumps(body).encode()


def a_link(_order: Order, number: int, _response_url: str) -> tuple[str, bytes]:
    """Share a link to a fax."""
    link = {"domain": "fax.example.com", "url": f"https://fax.example.com/faxes/{FAX_ID.format(number)}"}
    more = {"message_ts": f"1763900000.{number:06}", "unfurl_id": f"C.{number}", "source": "conversations_history"}
    return event(number, "link_shared", links=[link], **more)


def a_mention(_order: Order, number: int, _response_url: str) -> tuple[str, bytes]:
    """Mention the bot with a fax's id."""
    return event(number, "app_mention", text=f"<@{BOT}> {FAX_ID.format(number)}", ts=f"1763900000.{number:06}")


ASKED: dict[str, Ask] = {"fax": a_fax, "help": some_help, "link": a_link, "mention": a_mention}


def signed(order: Order, number: int, response_url: str) -> bytes:
    """Give a request as it goes over the wire (docs.slack.dev/authentication/verifying-requests-from-slack)."""
    content_type, body = ASKED[order.ask](order, number, response_url)
    timestamp = str(int(time.time()))
    signature = hmac.digest(SECRET.encode(), f"v0:{timestamp}:".encode() + body, hashlib.sha256).hex()
    return (
        f"POST /slack/events HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: {content_type}\r\n"
        f"Content-Length: {len(body)}\r\nX-Slack-Request-Timestamp: {timestamp}\r\n"
        f"X-Slack-Signature: v0={signature}\r\n\r\n"
    ).encode() + body
