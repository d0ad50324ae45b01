"""One fault of each kind through every way in: the right sentence or nothing, in time, and all is well afterwards."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from io import StringIO
from pathlib import Path
from time import monotonic

import httpx
import pytest
import stamina

from bot.cards.buttons import DETAILS, REFRESH, SHARE, WATCH
from bot.manifest import STEP
from bot.stonefax import errors
from playground.slack.example import ANN, ANN_DM, BOB, SUPPORT
from playground.stonefax import FINE, Rule
from tests.conftest import BUSY, DOCUMENTED, QUICK, Desk, Opening
from tests.faults.desk import Act, Since, broken, until
from tests.faults.tally import TALLY
from tests.faults.upstream import ROWS, SAYS, Row, kinds
from tests.presses import QUEUED
from tests.test_ways import (
    Case,
    by_button,
    by_command,
    by_flexpane,
    by_link,
    by_mention,
    by_message_shortcut,
    by_modal,
)

IN_SUPPORT, DIRECT = Case(ANN, SUPPORT), Case(ANN, ANN_DM)
LATE = 0.8
"""Seconds beyond the deadline in which somebody has to be told, on a busy machine."""
TAKING_ITS_TIME = "The fax server is taking its time"
POLLS = 2
"""Looks of a watch in vain, before the server is well again."""

ONE_OF_EACH: dict[type[errors.FaxError], str] = {
    errors.FaxNotFound: "404",
    errors.PageNotFound: "404 as HTML",
    errors.AccountRefused: "401",
    errors.AccountTooLow: "403",
    errors.RequestRefused: "400",
    errors.RequestTimedOut: "408",
    errors.ServerBusy: "503 with Retry-After",
    errors.ServerBroken: "500",
    errors.ServerUnreachable: "http at https",
    errors.NameUnknown: "DNS failure",
    errors.ConnectionRefused: "refused",
    errors.CertificateRefused: "an expired certificate",
    errors.ConnectionLost: "reset before the answer",
    errors.ServerTooSlow: "hang",
    errors.Redirected: "a redirect",
    errors.AnswerUnreadable: "HTML 200",
}


@dataclass(frozen=True, slots=True)
class Way:
    """How it is gone, and who sees what comes of it."""

    go: Act
    everybody: bool = False
    silent: bool = False
    begins: bool = False
    """Whether a fault that passes begins a watch."""
    hurried: bool = False
    """Whether nobody waits as long as a fault may take: then it is said that the server takes its time."""


async def command(desk: Desk) -> None:
    """Type `/fax`."""
    await by_command(desk, IN_SUPPORT)


async def watch_command(desk: Desk) -> None:
    """Type `/fax watch`."""
    await desk.ask(f"watch {BUSY}")


async def mention(desk: Desk) -> None:
    """Mention the bot."""
    await by_mention(desk, IN_SUPPORT)


async def direct_message(desk: Desk) -> None:
    """Write to the bot."""
    await by_mention(desk, DIRECT)


async def link(desk: Desk) -> None:
    """Paste a link."""
    await by_link(desk, IN_SUPPORT)


async def message_shortcut(desk: Desk) -> None:
    """Choose "Look up fax" in the menu of a message."""
    await by_message_shortcut(desk, IN_SUPPORT)


async def modal(desk: Desk) -> None:
    """Choose "Look up a fax", and fill the modal."""
    await by_modal(desk, IN_SUPPORT)


async def flexpane(desk: Desk) -> None:
    """Open the flexpane of a Work Object."""
    await by_flexpane(desk, IN_SUPPORT)


def button(action: str) -> Act:
    """Press a button on a card that everybody sees."""

    async def press(desk: Desk) -> None:
        await by_button(action)(desk, IN_SUPPORT)

    return press


WAYS = {
    "command": Way(command),
    "watch command": Way(watch_command, begins=True),
    "mention": Way(mention, everybody=True),
    "direct message": Way(direct_message),
    "link": Way(link, silent=True),
    "message shortcut": Way(message_shortcut),
    "modal": Way(modal),
    "flexpane": Way(flexpane, hurried=True),
    "details": Way(button(DETAILS)),
    "refresh": Way(button(REFRESH)),
    "share": Way(button(SHARE)),
    "tell me": Way(button(WATCH), begins=True),
}
"""The watch's own poll, the last way, goes on beside all of these."""


@asynccontextmanager
async def at_fault(desk: Desk, row: Row, folder: Path) -> AsyncIterator[Desk]:
    """Open the desk with a fax server that has this fault."""
    if isinstance(row.at, Rule):
        for fax_id in (BUSY, QUEUED):
            desk.fax_server.rule(fax_id, row.at)
        async with Opening(desk) as opened:
            yield opened
        for fax_id in (BUSY, QUEUED):
            desk.fax_server.rule(fax_id, FINE)
        return
    async with row.at(folder) as at:
        desk.settings |= {"STONEFAX_URL": at.url} | ({"STONEFAX_CA_FILE": str(at.ca_file)} if at.ca_file else {})
        async with Opening(desk) as opened:
            yield opened
        desk.settings.clear()


@pytest.fixture(autouse=True)
def without_pauses() -> Iterator[None]:
    """Try again as often as in earnest, but at once."""
    with stamina.set_testing(True, attempts=3, cap=True):
        yield


@pytest.mark.parametrize("kind", ONE_OF_EACH, ids=lambda kind: kind.kind)
async def test_a_fault_by_every_way_in(
    closed_desk: Desk, kind: type[errors.FaxError], logged: StringIO, tmp_path: Path
) -> None:
    """Beside all of them a watch, begun while the server was well, goes on, and is told once when it is well again."""
    row = ROWS[ONE_OF_EACH[kind]]
    deadline = 0.2 if kind is errors.ServerTooSlow else 1.5
    closed_desk.timing = replace(QUICK, deadline=deadline, patience=0.1, event_patience=2.0)
    closed_desk.put(QUEUED, status="Queued")
    closed_desk.settings["FAXBOT_WORKFLOW_STEP"] = "yes"
    async with Opening(closed_desk) as desk:
        await desk.ask(f"watch {QUEUED}")
    of_watch = Since.now(closed_desk)
    async with at_fault(closed_desk, row, tmp_path) as desk:
        polled = desk.fax_server.count(QUEUED)
        for name, way in WAYS.items():
            await by_way(desk, kind, row, f"{kind.kind} by {name}", way)
        await by_workflow(desk, kind)
        if isinstance(row.at, Rule):
            await until(lambda: desk.fax_server.count(QUEUED) >= polled + POLLS, 4.0, "a watch asks no more")
            assert "Fax delivered" in await desk.asked(DOCUMENTED)
        async with httpx.AsyncClient() as http:
            assert (await http.get(f"{desk.url}/healthz")).status_code == 200
        if kind is errors.FaxNotFound:
            await until(lambda: about(of_watch) > 0, 3.0, "a watch of a vanished fax is not told")
        if kind is errors.AnswerUnreadable:
            await until(lambda: about(of_watch) > 0, 3.0, "a watch of an unreadable fax is not told")
    told_meanwhile = about(of_watch)
    assert bool(told_meanwhile) is (kind in {errors.FaxNotFound, errors.AnswerUnreadable})
    closed_desk.put(QUEUED, status="Completed")
    async with Opening(closed_desk) as desk:
        assert "the line was busy" in await desk.asked(BUSY)
        if kind is not errors.FaxNotFound:
            await until(lambda: about(of_watch) > told_meanwhile, 3.0, "a watch is not told at last")
    assert about(of_watch) == 1 + (kind is errors.AnswerUnreadable)
    TALLY["kinds of fault by a way in"] += 1  # the watch's own poll
    assert not broken(logged.getvalue())


async def by_way(desk: Desk, kind: type[errors.FaxError], row: Row, name: str, way: Way) -> None:
    """Go one way, and look what the person and the others read, and when."""
    since, began = Since.now(desk), monotonic()
    says = "You will be told" if way.begins and kind.passes else SAYS[kind]
    await way.go(desk)
    if way.silent:
        assert not since.told(), name
        assert desk.slack.deliveries[-1].status == 200, name
    else:
        said = (says, TAKING_ITS_TIME) if way.hurried else (says,)

        def told(person: str) -> bool:
            return any(sentence in since.told(person) for sentence in said)

        await until(lambda: told(ANN), desk.timing.deadline + LATE, f"{name}: {since.told(ANN)}")
        assert told(BOB) is way.everybody, name
        assert way.everybody or row.says in since.told(ANN) or way.begins or way.hurried, name
    assert monotonic() - began < desk.timing.deadline + LATE, name
    assert all(delivery.acked or delivery.status == 503 for delivery in desk.slack.deliveries), name
    TALLY["kinds of fault by a way in"] += 1


async def by_workflow(desk: Desk, kind: type[errors.FaxError]) -> None:
    """Let a workflow come to our step: it is ended with the sentence, once, and does not wait."""
    run = await desk.slack.run_step(STEP, fax_id=BUSY)
    await until(lambda: run.over, desk.timing.deadline + LATE, f"{kind.kind} by workflow")
    assert run.outputs is None
    assert SAYS[kind].replace("`", "") in (run.error or "")
    TALLY["kinds of fault by a way in"] += 1


def about(since: Since) -> int:
    """Count what a person was told directly of the fax that is watched."""
    return sum(QUEUED in f"{one.text} {one.words}" and one.channel.startswith("D") for one in since.messages(ANN))


def test_every_kind_goes_every_way() -> None:
    """A new kind without a row is noticed here."""
    assert set(ONE_OF_EACH) == set(kinds())
    assert all(ROWS[name].fault is kind for kind, name in ONE_OF_EACH.items())
