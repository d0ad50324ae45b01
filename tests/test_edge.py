"""The edge: nothing that is not Slack's gets in, nothing that is Slack's is lost, and nothing of it is logged."""

import asyncio
import json
import time
from io import StringIO
from urllib.parse import urlencode

import httpx
import pytest

from playground.slack.example import ANN, SUPPORT
from playground.stonefax import Rule
from tests.conftest import BUSY, Desk, Opening

FORM = {"content-type": "application/x-www-form-urlencoded"}
SECRET_WORDS = b"command=%2Ffax&text=very-secret-words"


async def post(desk: Desk, body: bytes, headers: dict[str, str]) -> httpx.Response:
    """Send a request as anybody on the internet could."""
    async with httpx.AsyncClient() as http:
        return await http.post(desk.slack.bot_url, content=body, headers=headers)


def forged(desk: Desk, case: str) -> dict[str, str]:
    """Give headers that Slack would not send."""
    signed = desk.slack.sign(SECRET_WORDS)
    now = signed["X-Slack-Request-Timestamp"]
    return {
        "no headers": {},
        "no signature": {"X-Slack-Request-Timestamp": now},
        "no timestamp": {"X-Slack-Signature": signed["X-Slack-Signature"]},
        "wrong signature": {**signed, "X-Slack-Signature": "v0=" + "0" * 64},
        "of another body": desk.slack.sign(b"text=other"),
        "stale": desk.slack.sign(SECRET_WORDS, str(int(time.time()) - 301)),
        "from the future": desk.slack.sign(SECRET_WORDS, str(int(time.time()) + 400)),
        "timestamp not a number": desk.slack.sign(SECRET_WORDS, "yesterday"),
        "timestamp not finite": desk.slack.sign(SECRET_WORDS, "nan"),
        "timestamp empty": {**signed, "X-Slack-Request-Timestamp": ""},
        "timestamp of 309 digits": {**signed, "X-Slack-Request-Timestamp": "9" * 309},
        "timestamp of 5,000 digits": {**signed, "X-Slack-Request-Timestamp": "9" * 5000},
        "signature not ASCII": {**signed, "X-Slack-Signature": "v0=é"},
    }[case]


CASES = [
    "no headers",
    "no signature",
    "no timestamp",
    "wrong signature",
    "of another body",
    "stale",
    "from the future",
    "timestamp not a number",
    "timestamp not finite",
    "timestamp empty",
    "timestamp of 309 digits",
    "timestamp of 5,000 digits",
    "signature not ASCII",
]


@pytest.mark.parametrize("case", CASES)
async def test_what_slack_did_not_sign_is_refused_and_not_logged(desk: Desk, logged: StringIO, case: str) -> None:
    """401, and nothing of the body in the log."""
    headers = [(name.encode(), value.encode("latin-1")) for name, value in {**FORM, **forged(desk, case)}.items()]
    async with httpx.AsyncClient() as http:
        response = await http.post(desk.slack.bot_url, content=SECRET_WORDS, headers=headers)
    assert response.status_code == 401
    assert "very-secret-words" not in logged.getvalue()
    assert "not verified" in logged.getvalue()


@pytest.mark.parametrize("body", [b"{bad", b"payload=zzz", b"\xff\xfe\x00", b"ssl_check=1", b"", b"[" * 100_000])
async def test_bad_bytes_without_a_signature_are_refused(desk: Desk, body: bytes) -> None:
    """Verification comes before parsing: never 500."""
    assert (await post(desk, body, FORM)).status_code == 401


@pytest.mark.parametrize("body", [b"payload=zzz", b"payload=[1]", b"payload=" + b"[" * 50_000])
async def test_signed_bytes_that_cannot_be_read_are_refused(desk: Desk, body: bytes) -> None:
    """Slack would not send them; whoever does learns no more."""
    assert (await post(desk, body, {**FORM, **desk.slack.sign(body)})).status_code == 400


async def test_a_body_larger_than_any_of_slacks_is_refused(desk: Desk) -> None:
    """Before it is held in memory as a whole."""
    assert (await post(desk, b"x" * 2_000_000, FORM)).status_code == 413


async def test_a_body_that_does_not_come_is_not_waited_for(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three seconds in earnest; shorter here."""
    monkeypatch.setattr("bot.server.edge.SECONDS_FOR_A_BODY", 0.1)
    head = b"POST /slack/events HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf"
    assert (await raw(desk, head)).startswith(b"HTTP/1.1 408")


async def test_headers_without_an_end_are_hung_up_on(desk: Desk) -> None:
    """They would fill the memory of a process that waits for their end."""
    head = b"POST /slack/events HTTP/1.1\r\nHost: x\r\n" + b"X-A: %s\r\n" % (b"a" * 1000) * 400
    assert await raw(desk, head) == b""


async def raw(desk: Desk, octets: bytes) -> bytes:
    """Send these bytes, and give what comes back until the connection is closed."""
    reader, writer = await asyncio.open_connection("127.0.0.1", int(desk.url.rsplit(":", 1)[1]))
    answer = b""
    try:
        writer.write(octets)
        await writer.drain()
        answer = await asyncio.wait_for(reader.read(12), 2.0)
    except ConnectionError:
        pass
    writer.close()
    return answer


async def test_signed_bodies_that_slack_does_not_send_are_refused(desk: Desk) -> None:
    """Whatever Bolt trips over is no fault of ours, and no stack trace of Slack's business."""
    for payload in ({"type": "block_actions", "user": [1]}, {"type": "block_actions", "team": 3, "actions": 5}):
        body = urlencode({"payload": json.dumps(payload)}).encode()
        assert (await post(desk, body, {**FORM, **desk.slack.sign(body)})).status_code in {400, 404}


@pytest.mark.parametrize("text", ["payload=1", f"{BUSY} payload", "&payload={}"])
async def test_the_word_payload_in_a_command_loses_nothing(desk: Desk, text: str) -> None:
    """Bolt alone would answer 404 to the whole form."""
    assert (await desk.ask(text)).acked


@pytest.mark.parametrize("field", ["channel_name", "team_domain", "user_name"])
async def test_the_word_payload_in_a_name_loses_nothing(desk: Desk, field: str) -> None:
    """A channel may be called payload-team."""
    form = {
        "command": "/fax",
        "text": BUSY,
        "user_id": ANN,
        "team_id": desk.slack.workspace.team.id,
        "channel_id": SUPPORT,
        "response_url": "http://127.0.0.1:9/none",
        field: "payload-team",
    }
    body = urlencode(form).encode()
    response = await post(desk, body, {**FORM, **desk.slack.sign(body)})
    assert response.status_code == 200
    assert "busy" in response.text


async def test_an_event_that_nobody_listens_to_is_taken(desk: Desk) -> None:
    """Else Slack would send it again, and in the end switch events off."""
    delivery = await desk.slack.send_event({"type": "team_join", "user": {"id": ANN}})
    assert delivery.status == 200


async def test_slacks_check_of_the_address_is_answered(desk: Desk) -> None:
    """With the challenge."""
    body = json.dumps({"type": "url_verification", "challenge": "abc", "token": "t"}).encode()
    response = await post(desk, body, {"content-type": "application/json", **desk.slack.sign(body)})
    assert (response.status_code, response.text) == (200, '{"challenge": "abc"}')


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/healthz", 200),
        ("GET", "/readyz", 200),
        ("HEAD", "/healthz", 200),
        ("GET", "/slack/events", 405),
        ("POST", "/healthz", 405),
        ("GET", "/slack/install", 404),
        ("GET", "/", 404),
    ],
)
async def test_routes(desk: Desk, method: str, path: str, status: int) -> None:
    """Three addresses, and nothing else."""
    async with httpx.AsyncClient(base_url=desk.url) as http:
        assert (await http.request(method, path)).status_code == status


async def test_a_fax_server_that_is_away_is_told_but_no_reason_to_be_unready(desk: Desk) -> None:
    """Else everybody would get Slack's failure in place of our sentence."""
    desk.fax_server.mood = Rule(status=500)
    await desk.ask(BUSY)
    async with httpx.AsyncClient() as http:
        answer = await http.get(f"{desk.url}/readyz")
    assert (answer.status_code, answer.json()["fax_server"]["state"]) == (200, "server_broken")


async def test_32_commands_at_once_share_one_session_to_each_side(closed_desk: Desk) -> None:
    """One pool to the fax server, no wider than it may be, and one session to Slack."""
    closed_desk.settings["FAXBOT_UPSTREAM_AT_ONCE"] = "4"
    ids = [f"IAS-N1_401d6c8c0000{number:03}_0" for number in range(32)]
    for fax_id in ids:
        closed_desk.put(fax_id, status="Queued")
    async with Opening(closed_desk) as desk:
        before = desk.slack.connections
        deliveries = await asyncio.gather(*(desk.ask(fax_id) for fax_id in ids))
        assert all(delivery.acked and "waiting" in delivery.shown[0].words for delivery in deliveries)
        assert desk.fax_server.total == 32
        assert desk.fax_server.connections <= 4
        assert desk.slack.connections - before <= 1
        assert [call.method for call in desk.slack.calls].count("users.info") == 1
