"""Whatever bytes Slack answers, a call of its Web API fails in the one way in which calls fail, and so do answers."""

import json
from pathlib import Path

import pytest

from bot.cards import guidance
from bot.slack import ReplyTo, SlackUnreachable, open_slack
from tests.faults.tally import TALLY
from tests.faults.upstream import raw

OK = json.dumps({"ok": True, "team_id": "T1", "bot_id": "B1", "user_id": "U1"}).encode()


def answer(body: bytes, content_type: str = "application/json; charset=utf-8", status: str = "200 OK") -> bytes:
    """Give an HTTP answer."""
    return f"HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


UNREADABLE = {
    "HTML 200": answer(b"<html>Sign in</html>", "text/html"),
    "HTML 502": answer(b"<html>Bad gateway</html>", "text/html", "502 Bad Gateway"),
    "HTML that says it is JSON": answer(b"<html>Sign in</html>"),
    "HTML 500 that says it is JSON": answer(b"<html>", status="500 Oops"),
    "cut off": answer(OK[:-5]),
    "empty": answer(b""),
    "a list": answer(b"[1]"),
    "a string": answer(b'"ok"'),
    "null": answer(b"null"),
    "text": answer(b"ok", "text/plain"),
    "bytes that are no UTF-8": answer(b'{"ok": false, "error": "\xff\xfe"}'),
    "nested 100,000 deep": answer(b"[" * 100_000 + b"]" * 100_000),
    "gzip that is none": answer(OK).replace(b"\r\n\r\n", b"\r\nContent-Encoding: gzip\r\n\r\n", 1),
    "shorter than it says": answer(OK).replace(b"Content-Length: ", b"Content-Length: 9", 1),
    "a redirect to nowhere": b"HTTP/1.1 302 x\r\nLocation: http://[\r\nContent-Length: 0\r\n\r\n",
    "a garbage status line": b"220 smtp.example.com ESMTP\r\n",
    "nothing": b"",
}
NOT_TAKEN = {name: octets for name, octets in UNREADABLE.items() if not octets.startswith(b"HTTP/1.1 200")}


@pytest.mark.parametrize("name", UNREADABLE)
async def test_an_answer_of_slacks_that_is_none(name: str, tmp_path: Path) -> None:
    """It is known that nothing is known: the callers' one kind of failure."""
    async with raw(UNREADABLE[name])(tmp_path) as at, open_slack("xoxb-1", f"{at.url}/api/") as slack:
        with pytest.raises(SlackUnreachable) as caught:
            await slack.people.identity()
    assert not caught.value.nothing_done
    TALLY["answers of Slack's that are none"] += 1


@pytest.mark.parametrize("name", UNREADABLE)
async def test_an_answer_of_a_response_url_that_is_none(name: str, tmp_path: Path) -> None:
    """Taken or not, by the status; an answer that was not taken is brought another way."""
    async with raw(UNREADABLE[name])(tmp_path) as at, open_slack("xoxb-1", f"{at.url}/api/") as slack:
        taken = await slack.respond(ReplyTo(f"{at.url}/commands/1", "U1"), guidance.said("hello"))
    assert isinstance(taken, bool)
    assert not (taken and name in NOT_TAKEN)
    TALLY["answers of Slack's that are none"] += 1
