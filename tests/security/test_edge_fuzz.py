"""The edge, fuzzed: whatever bytes come, never 500, nothing of them in the log, and the next request is answered well.

So many runs each time, and the sum is printed:

    200   unsigned requests of any shape, framing included
    200   bodies with a signature that is wrong, old, of the future, or no signature at all
    300   signed bodies of any bytes or any JSON, under any content type
    300   signed payloads of Slack's with several places spoilt at once
          signed payloads of Slack's with each of their places spoilt, one after the other, in every way of WRONG
"""

import json
import time
from collections.abc import Iterator
from io import StringIO
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.security.front import FORM, JSON, NO_ANSWER, PATH, WHO_AND_WHERE, Answer, Front, head, running_front
from tests.security.payloads import GONE, Template, Way, templates

MARK = "quincemark"
UNSIGNED, WRONGLY_SIGNED, SIGNED, SPOILT = 200, 200, 300, 300
WRONG = (GONE, None, 7, [MARK], {"id": MARK}, f"\x00{MARK}\ud800\n")
"""What is put in the place of a value: every other type, and a text that no database and no encoding likes."""
DEPTH = 3
"""So far down a payload each place is spoilt; below there are blocks, of which nobody reads but the ids in them."""
REFUSALS = frozenset({NO_ANSWER, 400, 401, 404, 405, 408, 413})
NOT_YET = 503
"""What Slack is told of an event that could not be dealt with: it brings it again, three times at most."""
HANGING = 0.15
"""Seconds for the answer to a request that is not whole; the edge itself waits three seconds, shortened here."""


@pytest.fixture
def front(tmp_path: Path, logged: StringIO, monkeypatch: pytest.MonkeyPatch) -> Iterator[Front]:
    """Run a bot that does not wait long for a body."""
    monkeypatch.setattr("bot.server.edge.SECONDS_FOR_A_BODY", HANGING / 3)
    with running_front(tmp_path, logged) as running:
        yield running


@pytest.fixture
def told(capsys: pytest.CaptureFixture[str]) -> Iterator[list[int]]:
    """Count runs, and print at the end how many there were."""
    runs: list[int] = []
    yield runs
    with capsys.disabled():
        print(f" [{len(runs)} runs]", end="")  # noqa: T201 - how much was tried is part of the result


def runs(count: int) -> settings:
    """Give the settings of a fuzz: so many examples, which are not made smaller over a socket."""
    return settings(
        max_examples=count,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )


OCTETS = st.binary(max_size=40) | st.just(MARK.encode())
NAMES = st.sampled_from(
    b"Content-Type X-Slack-Signature X-Slack-Request-Timestamp Content-Length Transfer-Encoding Expect Upgrade "
    b"Content-Encoding X-Slack-Retry-Num Host \xff\xfe : A\tB".split(b" ")
)
VALUES = OCTETS | st.sampled_from(
    [b"chunked", b"0", b"-1", b"5", b"99999999999999999999", b"gzip", b"100-continue", b"websocket", b"v0=\xc3\xa9"]
)
PATHS = st.just(PATH) | st.sampled_from(
    [PATH, b"/healthz", b"/", b"*", b"//", b"/slack/%2e%2e/events", b"/\xff", b"http://x/slack/events"]
)
METHODS = st.just(b"POST") | st.sampled_from(
    [b"GET", b"PUT", b"HEAD", b"OPTIONS", b"CONNECT", b"post", b"\x00", b"PRI"]
)
BODIES = (
    OCTETS
    | st.sampled_from([b"[" * 10_000, b'{"a":' * 10_000, b"5\r\nhello\r\n0\r\n\r\n", b"ffffffff\r\nx", b"zz\r\n\r\n"])
    | st.integers(1, 3).map(lambda megabytes: MARK.encode() * (megabytes * 1024 * 110))
)


def test_unsigned_requests_of_any_shape(front: Front, told: list[int]) -> None:
    """Refused or hung up on; the three addresses answer as ever."""

    @runs(UNSIGNED)
    @given(METHODS, PATHS, st.lists(st.tuples(NAMES, VALUES), max_size=4), BODIES, st.booleans())
    def fuzz(
        method: bytes,
        path: bytes,
        headers: list[tuple[bytes, bytes]],
        body: bytes,
        counted: bool,  # noqa: FBT001 - drawn
    ) -> None:
        length = [(b"Content-Length", b"%d" % len(body))] if counted else []
        answer = front.octets(head(method, path, (*headers, *length)) + body, HANGING)
        told.append(answer.status)
        assert answer.status in REFUSALS | {200}, (method, path, headers, body[:99], answer)
        assert answer.status != 200 or path == b"/healthz", answer
        assert front.octets(head(b"GET", b"/healthz", ())).status == 200

    fuzz()
    assert set(told) >= {400, 401, 404, 405}
    unharmed(front)


CHUNK = b"19000\r\n" + MARK.encode() * 10_240 + b"\r\n"
"""Of 100 kB."""


@pytest.mark.parametrize(
    ("framing", "body", "status"),
    [
        ((b"Transfer-Encoding", b"chunked"), CHUNK * 30, 413),
        ((b"Transfer-Encoding", b"chunked"), CHUNK, 408),
        ((b"Content-Length", b"3000000"), MARK.encode() * 300_000, 413),
        ((b"Content-Length", b"3000000"), MARK.encode(), 408),
        ((b"Content-Length", b"20000"), b"[" * 20_000, 401),
        ((b"Content-Length", b"-1"), b"", 400),
    ],
)
def test_more_than_slack_ever_sends(
    front: Front, framing: tuple[bytes, bytes], body: bytes, status: int, told: list[int]
) -> None:
    """Refused before it is held as a whole; whoever still sends may see the connection closed instead."""
    answer = front.octets(head(b"POST", PATH, (framing,)) + body)
    told.append(answer.status)
    assert answer.status in {status, NO_ANSWER}
    assert answer.status or status == 413
    unharmed(front)


NOW = st.integers(-600, 600).map(lambda seconds: str(int(time.time()) + seconds))
TIMESTAMPS = NOW | st.sampled_from(["", "nan", "-1", "1e9", "9" * 400, "٣", "yesterday", " ", "0x10", "\xe9"])
SIGNATURES = st.sampled_from(["v0=", "v0=" + "0" * 64, "v1=" + "0" * 64, "", "v0=é", "v0=" + "f" * 9000, MARK])


def test_signatures_that_are_not_slacks(front: Front, told: list[int]) -> None:
    """401 for each, before anybody looks into the body; and 200 for the one kind that is right."""
    body = f"command=%2Ffax&text=help&user_id={MARK}&team_id=T&channel_id=C&response_url=x".encode()

    @runs(WRONGLY_SIGNED)
    @given(TIMESTAMPS, st.none() | SIGNATURES, st.sampled_from([body, body + b"x", b"\xff\xfe" + body, b""]))
    def fuzz(timestamp: str, signature: str | None, sent: bytes) -> None:
        headers = {"X-Slack-Request-Timestamp": timestamp}
        if signature is None and timestamp and timestamp.isascii():
            headers = front.desk.slack.sign(body, timestamp)
        elif signature is not None:
            headers["X-Slack-Signature"] = signature
        encoded = [(name.encode(), value.encode("utf-8")) for name, value in headers.items()]
        answer = front.post(sent, ((b"Content-Type", FORM.encode()), *encoded))
        told.append(answer.status)
        if answer.status != 401:
            assert (answer.status, signature, sent) == (200, None, body), (timestamp, answer)
            assert abs(int(timestamp) - time.time()) <= 301

    fuzz()
    assert set(told) == {200, 401}
    unharmed(front)


LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.just(MARK)
KEYS = st.sampled_from(
    ["type", "payload", "event", "user", "actions", "view", "command", "team", "challenge", "authorizations"]
)
ANY_JSON = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4))
KINDS = [
    "block_actions",
    "view_submission",
    "event_callback",
    "message_action",
    "url_verification",
    "function_executed",
]
PAYLOADS = st.dictionaries(KEYS, ANY_JSON, max_size=5) | st.builds(
    lambda kind, rest: rest | {"type": kind}, st.sampled_from(KINDS), st.dictionaries(KEYS, ANY_JSON, max_size=5)
)
DEEP = 10_000
WRITTEN = st.sampled_from(
    [
        b'{"type":"block_actions","type":"event_callback","event_id":"%b"}' % MARK.encode(),
        b'{"user":{"id":"U1"},"user":7,"type":"view_submission"}',
        b"[" * DEEP + b"]" * DEEP,
        b'{"event":' * DEEP + b"1" + b"}" * DEEP,
        b'{"type":"event_callback","event_id":"' + b"\\u0000" * 9 + b'","event":{"type":"app_mention"}}',
        b"payload=%7B&payload=%7B%7D",
        b"ssl_check=1&token=t",
        b"1" * 5000,
        b"NaN",
        b"\x00" * 300,
        b"a=1&" * 90_000,
    ]
) | st.binary(max_size=60)
CONTENT_TYPES = st.sampled_from(
    [
        FORM,
        JSON,
        "",
        "application/JSON; charset=utf-7",
        "text/plain",
        "multipart/form-data; boundary=x",
        "é",
        ";;",
        "a" * 5000,
    ]
)


def test_signed_bodies_of_any_bytes(front: Front, told: list[int]) -> None:
    """What Slack would not send, from somebody who can sign: told that it cannot be read, or taken for nothing."""

    @runs(SIGNED)
    @given(PAYLOADS | ANY_JSON | WRITTEN, CONTENT_TYPES)
    def fuzz(value: object, content_type: str) -> None:
        body = value if isinstance(value, bytes) else json.dumps(value).encode()
        fits(front.signed(body, content_type), told, (body[:200], content_type))

    fuzz()
    unharmed(front)


def test_each_place_of_slacks_payloads_spoilt_in_every_way(front: Front, told: list[int]) -> None:
    """A key that is missing or has a wrong type, for every kind of request and every key."""
    for template in front.run(templates(front.desk)):
        for way in template.parts():
            if len(way) <= DEPTH:
                bodies = [spoilt(template, [(way, value)]) for value in WRONG]
                for value, answer in zip(WRONG, front.signed_at_once(bodies, template.content_type), strict=True):
                    fits(answer, told, (template.name, way, value))
    unharmed(front)


def test_several_places_of_slacks_payloads_spoilt_at_once(front: Front, told: list[int]) -> None:
    """The same, with anything whatever in the place of several values, at any depth."""
    sent = front.run(templates(front.desk))
    changes = st.sampled_from(sent).flatmap(
        lambda template: st.tuples(
            st.just(template),
            st.lists(
                st.tuples(st.sampled_from(list(template.parts())), ANY_JSON | st.just(GONE)), min_size=1, max_size=4
            ),
        )
    )

    @runs(SPOILT)
    @given(changes)
    def fuzz(drawn: tuple[Template, list[tuple[Way, object]]]) -> None:
        fits(front.signed(spoilt(*drawn), drawn[0].content_type), told, drawn)

    fuzz()
    unharmed(front)


NUMBERED = count(1)


def spoilt(template: Template, changes: list[tuple[Way, object]]) -> bytes:
    """Write a spoilt payload, an event under an id of its own."""
    payload = template.spoilt(*changes)
    if "event_id" in payload and ("event_id",) not in dict(changes):
        payload["event_id"] = f"Ev{next(NUMBERED)}"
    return template.body(payload)


def fits(answer: Answer, told: list[int], sent: object) -> None:
    """Check the answer to something signed."""
    told.append(answer.status)
    assert answer.status in {200, 400, 404, NOT_YET, 401}, (sent, answer)
    assert answer.status == 200 or MARK.encode() not in answer.body, (sent, answer)


def unharmed(front: Front) -> None:
    """See that the bot answers well, and has logged nothing of what came but whom and where an audit line names."""
    assert front.answers_well()
    log = front.logged_but_for(*WHO_AND_WHERE)
    assert MARK not in log
    assert "Traceback" not in log
