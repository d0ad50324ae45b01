"""What is private is seen by the asker alone, and never in a log, a metric, an exception, the database or a button.

One run of the whole bot with every logger at DEBUG, through every way in and every outcome; then each mark is looked
for in each sink. The sinks that must hold marks prove that they travelled; a planted leak in each, that it is found.
"""

import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest
import structlog

from bot.cards import buttons as values
from bot.metrics import Metrics
from bot.policy import Policy
from bot.stonefax import Fax
from bot.stonefax.models import none_if_wrong
from playground.slack import NO_LIMITS, Message, SlackServer, example_workspace
from playground.slack.example import ADMIN, ANN, ANN_DM, BOB, BOT, GUEST, SHARED, STRANGER, SUPPORT
from playground.slack.stage import CannotDo
from playground.slack.views import View
from playground.stonefax import ANSWERS, Break, Rule, StoneFaxServer
from tests.conftest import BUSY, DOMAINS, QUICK, SCOPES, Desk, Opening
from tests.presses import QUEUED, card, pressed, share
from tests.security.marks import ACCOUNT, ALL, FAX, MARKS, NUMBER, PASSWORD, Planted, Sinks
from tests.test_watching import none_running, told_directly, told_in_thread
from tests.test_ways import WAYS, Case

OURS = frozenset({"number", "sender", "subject", "server"})
EVERY = frozenset({"number", *MARKS})
TABLE = {
    "log": frozenset(),
    "output": frozenset(),
    "exceptions": frozenset(),
    "database": frozenset(),
    "buttons": frozenset(),
    "others": frozenset(),
    "readiness": frozenset(),
    "metrics": frozenset(),
    "asker": OURS,
    "fax server": frozenset({"account", "password"}),
}
"""Sink → the marks that are seen there. Token and secret are proved to travel by Slack, which takes nothing without."""
STATUSES = {
    f"IAS-N1_401d6c8c00000{number:02}_0": status
    for number, status in enumerate(("Completed", "Failed", "InProgress", "Canceled", f"spooled {NUMBER}"), 10)
}
QUOTING = f"{NUMBER} senderquince subjectfig"
FAULTS = (
    *(Rule(status=status, reason=QUOTING) for status in (400, 401, 403, 404, 408, 429, 500, 503)),
    *(Rule(breaks=broken) for broken in Break if broken is not Break.HANG),
    Rule(body=f'{{"fax": {{"subject": "{QUOTING}"'.encode()),
    Rule(body=f'{{"fax": {{"faxId": ["{QUOTING}"]}}}}'.encode()),
    Rule(body=QUOTING.encode(), content_type="text/html"),
    Rule(status=302, location=f"https://fax.example.com/{PASSWORD}"),
    Rule(delay=2.0),
)
SLACK_FAULTS = {
    "response_url": {"status": 404},
    "chat.postMessage": {"error": "not_in_channel"},
    "chat.postEphemeral": {"status": 500},
    "users.info": {"status": 429, "retry_after": 30},
    "conversations.info": {"drop": "before"},
    "chat.unfurl": {"error": "cannot_unfurl_url"},
}


@pytest.fixture
async def sinks(tmp_path: Path, logged: StringIO) -> AsyncIterator[Sinks]:
    """Set up a desk with the marks in it, and every logger at DEBUG, as somebody who looks for a fault may do."""
    async with (
        StoneFaxServer(ANSWERS, username=ACCOUNT, password=PASSWORD) as fax_server,
        SlackServer(
            workspace=example_workspace(),
            limits=NO_LIMITS,
            scopes=SCOPES,
            unfurl_domains=DOMAINS,
            bot_token=MARKS["bot token"][0],
            signing_secret=MARKS["signing secret"][0],
            retry_pauses=(),
        ) as slack,
    ):
        desk = Desk(fax_server, slack, tmp_path, timing=replace(QUICK, database_check=0.05))
        desk.settings |= {"STONEFAX_USERNAME": ACCOUNT, "STONEFAX_PASSWORD": PASSWORD, "FAXBOT_METRICS_PORT": "0"}
        for fax_id, status in {BUSY: "Failed", QUEUED: "Queued", **STATUSES}.items():
            fax_server.put(fax_id, {**FAX, "status": status})
        levels = {name: logging.getLogger(name).level for name in logging.root.manager.loggerDict}
        for name in levels:
            logging.getLogger(name).setLevel(logging.DEBUG)
        yield Sinks(desk, logged)
        for name, level in levels.items():
            logging.getLogger(name).setLevel(level)


async def every_way(desk: Desk) -> None:
    """Take every way in, as one of us, in a direct message, as a guest and as a stranger, who are refused."""
    modals: list[View] = []
    for user, channel in ((ANN, SUPPORT), (ANN, ANN_DM), (GUEST, SUPPORT), (STRANGER, SHARED)):
        for way in WAYS.values():
            with suppress(CannotDo):  # Slack itself lets a stranger do little
                await way(desk, Case(user, channel))
        modals += desk.slack.workspace.modals.pop(user, [])
    desk.slack.workspace.modals[ANN] = modals


async def every_outcome(desk: Desk) -> None:
    """See every status, alone, together, shared and in a thread; and every fault, alone and where others read along."""
    for fax_id in STATUSES:
        await share(desk, fax_id)
        await desk.slack.post(ANN, SUPPORT, f"<@{BOT}> {fax_id}")
    await desk.ask(" ".join(STATUSES))
    for number, fault in enumerate(FAULTS):
        faulty = f"IAS-N1_401d6c8c00001{number:02}_0"
        desk.fax_server.rule(faulty, fault)
        await desk.ask(faulty)
        await desk.slack.post(ANN, SUPPORT, f"<@{BOT}> {faulty}")
    for method, trouble in SLACK_FAULTS.items():
        desk.slack.fail(method, times=2, **trouble)  # type: ignore[arg-type] # each has its own keywords
        private = await card(desk, user=ADMIN)
        await desk.slack.press(private, "share", user=ADMIN)
        await desk.slack.post(ADMIN, SUPPORT, f"<@{BOT}> {BUSY} https://fax.example.com/{BUSY}")


async def watches(desk: Desk) -> None:
    """Wait in a thread, below a link and directly, until the fax has failed."""
    shared = await share(desk, QUEUED)
    await pressed(desk, shared, "watch")
    await desk.ask(f"watch {QUEUED}")
    await desk.ask("watches")
    desk.fax_server.put(QUEUED, {**FAX, "status": "Failed"})
    await told_in_thread(desk, shared)
    await told_directly(desk, count=1)
    await none_running(desk)


async def broken(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let listeners break, before and after the ack, on an exception that quotes everything."""

    def breaks(*_: object, **__: object) -> None:
        raise Planted(ALL)

    shared = await share(desk)
    for name in (
        "handlers.command.first_word",
        "bot.fetches.judge",
        "handlers.buttons.press_of",
        "handlers.mentions.once",
    ):
        with monkeypatch.context() as patched:
            patched.setattr(name, breaks)
            await desk.ask(BUSY)
            await desk.slack.post(ANN, SUPPORT, f"<@{BOT}> {BUSY}")
            await desk.slack.press(shared, "details", user=BOB)


async def test_what_is_private_is_seen_by_the_asker_alone(
    sinks: Sinks, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each mark in each sink, after everything that can happen."""
    with sinks.raised.collecting():
        async with Opening(sinks.desk) as desk:
            await watches(desk)
            await every_way(desk)
            await every_outcome(desk)
            await broken(desk, monkeypatch)
            await sinks.read("".join(capfd.readouterr()))
    sinks.texts["log"] = sinks.log.getvalue()
    sinks.texts["database"] += "".join(file.read_bytes().decode("latin-1") for file in sinks.desk.folder.iterdir())
    assert sinks.found() == TABLE
    assert "Planted at" in sinks.texts["log"]
    assert "•••" in sinks.texts["others"]
    assert QUEUED in sinks.texts["others"]
    assert any(call.ok and call.token_kind == "xoxb" for call in sinks.desk.slack.calls)
    with capfd.disabled():
        print(f" [{len(EVERY)} marks in {len(TABLE)} sinks]", end="")  # noqa: T201 - what was searched is the result


Leak = Callable[[Sinks, pytest.MonkeyPatch], Awaitable[None]]


async def into_the_log(_: Sinks, __: pytest.MonkeyPatch) -> None:
    """As a careless line would."""
    structlog.get_logger("bot.lookup").debug("looked up", fax=ALL)


async def onto_the_terminal(_: Sinks, __: pytest.MonkeyPatch) -> None:
    """As a print that was left over."""
    print(ALL)  # noqa: T201 - the leak itself


async def into_an_exception(_: Sinks, __: pytest.MonkeyPatch) -> None:
    """As an error that quotes what it could not read."""

    def read(_: object) -> None:
        raise ValueError(ALL)

    none_if_wrong("", read)


async def into_the_database(sinks: Sinks, _: pytest.MonkeyPatch) -> None:
    """As an event whose id says too much."""
    payload = sinks.desk.slack.payloads.event({"type": "team_join"}, in_shared_channel=False)
    await sinks.desk.slack.send_json("team_join", {**payload, "event_id": ALL}, {})


async def into_a_button(sinks: Sinks, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a value that holds what the press will need."""
    monkeypatch.setattr(values, "written", lambda _: ALL)
    await sinks.desk.ask(BUSY)


async def to_others(sinks: Sinks, _: pytest.MonkeyPatch) -> None:
    """As a card for everybody."""
    said = Message(SUPPORT, sinks.desk.slack.workspace.new_ts(), BOT, ALL, by_app=True)
    sinks.desk.slack.workspace.say(said)


async def to_the_asker(sinks: Sinks, _: pytest.MonkeyPatch) -> None:
    """As a card for one."""
    said = Message(SUPPORT, sinks.desk.slack.workspace.new_ts(), BOT, ALL, seen_only_by=ANN, by_app=True)
    sinks.desk.slack.workspace.say(said)


LEAKS: dict[str, Leak] = {
    "log": into_the_log,
    "output": onto_the_terminal,
    "exceptions": into_an_exception,
    "database": into_the_database,
    "buttons": into_a_button,
    "others": to_others,
    "asker": to_the_asker,
}


@pytest.mark.parametrize("sink", LEAKS)
async def test_a_leak_into_a_sink_is_found(
    sinks: Sinks, sink: str, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every mark, in the sink that it was planted in."""
    with sinks.raised.collecting():
        async with Opening(sinks.desk) as desk:
            await desk.ask(BUSY)
            await LEAKS[sink](sinks, monkeypatch)
            await sinks.read("".join(capfd.readouterr()))
    assert sinks.found()[sink] == EVERY


async def test_a_leak_into_metrics_and_readiness_is_found(sinks: Sinks, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a label or a problem's word would say."""
    made = Metrics()
    made.lookups.labels(ALL, "shown").inc()
    monkeypatch.setattr("bot.app.Metrics", lambda: made)
    monkeypatch.setattr("bot.services.Health.ready", ALL)
    async with Opening(sinks.desk):
        await sinks.read("")
    assert (sinks.found()["metrics"], sinks.found()["readiness"]) == (EVERY, EVERY)


async def test_a_policy_that_hides_nothing_is_found(sinks: Sinks, monkeypatch: pytest.MonkeyPatch) -> None:
    """In what others see, by way of the cards themselves."""
    seen_by: Callable[..., Fax] = lambda _self, _audience, fax: fax  # noqa: E731 - one line says it
    monkeypatch.setattr(Policy, "seen_by", seen_by)
    async with Opening(sinks.desk) as desk:
        await share(desk)
        await sinks.read("")
    assert sinks.found()["others"] == OURS


async def test_words_that_quote_sender_and_subject_show_them_to_nobody_else(sinks: Sinks) -> None:
    """A conversion that failed names the document, which is named as the fax is."""
    quoting = "Document subjectfig.pdf of senderquince could not be converted"
    fax = {**FAX, "username": "senderquince", "subject": "subjectfig", "failureReason": quoting}
    sinks.desk.fax_server.put(BUSY, {**fax, "status": "Failed"})
    async with Opening(sinks.desk) as desk:
        await share(desk)
        await sinks.read("")
    assert sinks.found()["others"] == frozenset()
