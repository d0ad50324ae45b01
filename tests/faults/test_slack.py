"""Every call that the bot makes of Slack, under every fault of Slack: what the person sees, nothing lost or doubled.

One table: what is to be seen of each call where it goes wrong for good, and of some faults something else.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from io import StringIO
from pathlib import Path
from random import Random
from time import monotonic
from typing import Any

import httpx
import pytest
from slack_sdk.http_retry.builtin_interval_calculators import FixedValueRetryIntervalCalculator
from slack_sdk.http_retry.handler import default_interval_calculator

from bot.manifest import FAX_STATUS, STEP
from bot.slack import (
    ENTITY_NOT_TAKEN,
    HISTORY_CLOSED,
    MESSAGE_GONE,
    NOBODY_THERE,
    NOT_TAKEN,
    STEP_OVER,
    TOKEN_REFUSED,
)
from bot.watches import Rhythm
from playground.slack import NO_LIMITS, Delivery, SlackServer, example_workspace
from playground.slack.example import ANN
from playground.slack.sender import Sender
from playground.stonefax import ANSWERS, StoneFaxServer
from tests.conftest import BUSY, DOMAINS, QUICK, SCOPES, Desk, Opening
from tests.faults.desk import broken, until
from tests.faults.scene import Scene, slow_fax
from tests.faults.slack_faults import A_SECOND, A_TRY, PER_CALL, Fault, faults_of, lasting, ordering
from tests.faults.slack_scenes import CALLS, Call
from tests.faults.tally import TALLY
from tests.test_manifest import METHODS

HURRIED = Rhythm(first=0.01, longest=0.04, to_confirm=0.02, lease=2.0, send=1.0, idle=0.005, apart=0.001)
UNHURRIED = replace(HURRIED, first=0.08, longest=0.3)
LEFT_TO_SLACK = "a listener broke"
"""Logged of an event that Slack is to bring again, since our call failed."""

A_MOMENT = "429, a moment"
BEFORE, AFTER, AWAY, SLOW = "dropped before", "dropped after", "away", "too slow"
LOST_ON_THE_WAY = frozenset({BEFORE, AFTER, AWAY})
ONE_TRY_MORE = frozenset({BEFORE, AFTER})
"""What a second try at once makes good."""
FOR_GOOD = frozenset({"access_denied", "missing_scope", "parameter_validation_failed", "unknown_method"})
"""What the answer to a step would be refused with again."""
YES_LOST = frozenset({AFTER, SLOW})
"""Slack has done it, and did not say so."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What is to be seen: usually, and by what fault something else; `well` is where nothing goes wrong."""

    well: str
    usually: str
    but: Mapping[frozenset[str], str] = field(default_factory=dict)

    def of(self, fault: str) -> str:
        """Give what is to be seen of this fault."""
        if fault == A_MOMENT:
            return self.well
        return next((seen for faults, seen in self.but.items() if fault in faults), self.usually)


AGAIN, ONCE, TWICE, NEVER = "asked to try again", "once", "twice", "not at all"
EDITED, DIRECTLY = "edited, told once in the thread", "told once directly"
SEEN = {
    "who we are, for a command": Seen("the card", AGAIN, {ONE_TRY_MORE: "the card"}),
    "who somebody is, for a command": Seen("the card", AGAIN, {LOST_ON_THE_WAY: "the card"}),
    "who is in a group, for a command": Seen("the card", AGAIN, {LOST_ON_THE_WAY: "the card"}),
    "what a channel is, for a mention": Seen("the card", "the card, privately", {LOST_ON_THE_WAY: "the card"}),
    # Slack brings the event again; where we may not read, what it did and did not say is said again.
    "the reply to a mention": Seen(ONCE, ONCE, {NOBODY_THERE: "once directly", YES_LOST: TWICE}),
    "the reply to a direct message": Seen(ONCE, ONCE, {NOBODY_THERE: NEVER}),
    "the private reply to a mention": Seen(ONCE, ONCE, {NOBODY_THERE: "once directly", YES_LOST: TWICE}),
    "a thread read, for our own reply": Seen(ONCE, ONCE, {HISTORY_CLOSED: TWICE}),
    "a card for everybody": Seen(
        "shared",
        "asked to press again",
        {
            frozenset({"channel_not_found", "not_in_channel"}): "asked to invite the bot",
            YES_LOST: "shared, asked to press again",
        },
    ),
    "the end of a watch": Seen(ONCE, ONCE),
    "a direct message read, for our own reply": Seen(ONCE, ONCE, {HISTORY_CLOSED: TWICE}),
    "a card brought up to date": Seen(EDITED, EDITED, {NOBODY_THERE | MESSAGE_GONE | NOT_TAKEN: DIRECTLY}),
    "a late answer by direct message": Seen(
        "told once", "told not at all, and logged", {YES_LOST: "told once, and logged"}
    ),
    "a direct message opened for a late answer": Seen(
        "told once", "told not at all, and logged", {ONE_TRY_MORE: "told once"}
    ),
    "a direct message opened for a watch": Seen("watched", AGAIN, {ONE_TRY_MORE: "watched"}),
    "a preview": Seen("unfurled", "unfurled", {MESSAGE_GONE | NOT_TAKEN: "nothing"}),
    "a flexpane": Seen("drawn", "nothing", {ONE_TRY_MORE | YES_LOST: "drawn", ENTITY_NOT_TAKEN: "an error"}),
    "a preview anew": Seen(
        "unfurled",
        "told privately",
        {ONE_TRY_MORE: "unfurled", frozenset({SLOW}): "unfurled and told privately"},
    ),
    "a thread read, to sum it up": Seen(
        "the card", AGAIN, {LOST_ON_THE_WAY: "the card", frozenset({"missing_scope"}): "asked to take the shortcut"}
    ),
    "a modal opened": Seen(
        "a modal",
        "told how to ask",
        {
            ONE_TRY_MORE: "a modal",
            frozenset({SLOW}): "a modal and told how to ask",
            frozenset({"exchanged_trigger_id"}): "nothing",
        },
    ),
    "a modal changed": Seen(
        "in the modal",
        "directly",
        {
            ONE_TRY_MORE: "in the modal",
            frozenset({SLOW}): "in the modal and directly",
            frozenset({"not_found"}): "nothing",
        },
    ),
    # Slack brings the event again.
    "the Home tab": Seen("the Home tab", "the Home tab"),
    "the outputs of a step": Seen("outputs", "outputs", {STEP_OVER: "nothing", FOR_GOOD: "an error"}),
    "the error of a step": Seen("an error", "an error", {STEP_OVER | FOR_GOOD: "nothing"}),
    # What somebody alone sees is rather said twice than never.
    "a late answer": Seen(
        "privately",
        "directly",
        {
            frozenset({BEFORE}): "privately",
            frozenset({AFTER}): "privately and privately",
            frozenset({SLOW}): "directly and privately",
        },
    ),
}
SEEN |= {
    "a modal opened on a message": SEEN["a modal opened"],
    "the answer to a press": SEEN["a late answer"],
}


class AlmostNothing(Random):
    """Chance that adds next to nothing to a pause."""

    def random(self) -> float:
        """Give a hundredth."""
        return 0.01


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for Slack as in earnest, but no test waits for seconds; and ask it each time."""
    quickly = FixedValueRetryIntervalCalculator(A_TRY / 2)
    monkeypatch.setattr(default_interval_calculator, "calculate_sleep_duration", quickly.calculate_sleep_duration)
    monkeypatch.setattr("slack_sdk.http_retry.builtin_async_handlers.random", AlmostNothing())
    monkeypatch.setattr("bot.slack.workspace.SECONDS_PER_CALL", PER_CALL)
    monkeypatch.setattr("bot.slack.people.SECONDS_KEPT", 0.0)


@asynccontextmanager
async def desk_for(call: Call, folder: Path, showing: float = QUICK.showing) -> AsyncIterator[Desk]:
    """Open a desk at which this call's scene can be played; `showing` is what an ack in a modal is given."""
    rhythm = UNHURRIED if call.unhurried else HURRIED
    timing = replace(QUICK, patience=call.patience, event_patience=0.15, showing=showing, rhythm=rhythm)
    workspace = example_workspace()
    async with (
        StoneFaxServer(ANSWERS) as fax_server,
        SlackServer(
            workspace, limits=NO_LIMITS, scopes=SCOPES, unfurl_domains=DOMAINS, functions={STEP: FAX_STATUS}
        ) as slack,
    ):
        # At once, perhaps while the first is still worked on, and when it is surely over.
        slack.retry_pauses = (0.02, 0.05, 0.4)
        async with Opening(Desk(fax_server, slack, folder, dict(call.settings), timing)) as desk:
            yield desk


async def played(desk: Desk, call: Call, fault: Fault, logged: StringIO) -> str:
    """Play the scene with this fault, and give what was seen."""
    order = ordering(desk.slack, call.method, fault)
    scene = Scene(desk, order, logged, lasting(fault), len(logged.getvalue()))
    try:
        seen = await call.play(scene)
    finally:
        desk.slack.faults._waiting.clear()
    assert not [line for line in broken(scene.log()) if LEFT_TO_SLACK not in line]
    return seen


async def seen_under(desk: Desk, call: Call, fault: Fault, logged: StringIO) -> str:
    """Play the scene with this fault, and give what was seen, or what was amiss."""
    try:
        return await played(desk, call, fault, logged)
    except AssertionError as error:
        return str(error)


@pytest.mark.parametrize("name", CALLS)
async def test_a_call_under_every_fault(name: str, tmp_path: Path, logged: StringIO) -> None:
    """Each is played in turn by one bot, which is as well afterwards as before."""
    call, wrong = CALLS[name], []
    async with desk_for(call, tmp_path) as desk:
        for fault_name, fault in faults_of(call.method, own=call.own, common=call.common):
            expected = SEEN[name].of(fault_name)
            seen = await seen_under(desk, call, fault, logged)
            if seen != expected:
                # All waits are a third of a second here: a machine that has much else to do gets a second try.
                seen = await seen_under(desk, call, fault, logged)
            if seen != expected:
                wrong.append(f"{fault_name}: {seen}, not {expected}")
            TALLY["faults of Slack by a call of the bot's"] += 1
        assert await played(desk, call, {"delay": 0.0}, logged) == SEEN[name].well
        async with httpx.AsyncClient() as http:
            assert (await http.get(f"{desk.url}/healthz")).status_code == 200
    assert not wrong, "\n".join(wrong)


async def test_a_short_pause_is_waited_out(tmp_path: Path, logged: StringIO) -> None:
    """A second, as Slack asks for: the answer is late, and nobody notices more."""
    async with desk_for(CALLS["who somebody is, for a command"], tmp_path) as desk:
        before = monotonic()
        assert await played(desk, CALLS["who somebody is, for a command"], A_SECOND, logged) == "the card"
        assert monotonic() - before > 1


@pytest.mark.parametrize("method", ["conversations.open", "chat.postMessage"])
async def test_neither_a_modal_nor_words(tmp_path: Path, logged: StringIO, method: str) -> None:
    """Both refused: it is logged as an answer that was lost, and is no fault of ours."""
    async with desk_for(CALLS["a modal opened"], tmp_path) as desk:
        desk.slack.fail("views.open", error="expired_trigger_id")
        desk.slack.fail(method, error="user_disabled")
        assert (await desk.slack.shortcut("look_up_a_fax", user=ANN)).acked
        await until(lambda: "an answer was lost" in logged.getvalue(), 2.0, "not logged")
    assert not broken(logged.getvalue())


async def test_an_answer_right_behind_the_ack_of_a_modal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Slack may show the ack, "it follows", after the answer that was to follow it."""
    send = Sender.send

    async def send_and_show_late(*arguments: Any) -> Delivery:  # noqa: ANN401 - as `send` has them
        delivery = await send(*arguments)
        await asyncio.sleep(0.2)
        return delivery

    async with desk_for(CALLS["a modal changed"], tmp_path, showing=0.5) as desk:
        await desk.slack.shortcut("look_up_a_fax", user=ANN)
        await until(lambda: bool(desk.slack.workspace.modals.get(ANN)), 2.0, "no modal")
        monkeypatch.setattr(Sender, "send", send_and_show_late)
        view = desk.slack.workspace.modals[ANN][-1]
        await desk.slack.submit(view, {"ids": {"ids": {"type": "plain_text_input", "value": slow_fax(desk)}}})
        await until(lambda: any(call.method == "views.update" for call in desk.slack.calls), 2.0, "no change")
        assert "the line was busy" in str(desk.slack.workspace.modals[ANN][-1].blocks)


@pytest.mark.parametrize("word", sorted(TOKEN_REFUSED))
async def test_a_token_that_counts_no_more(tmp_path: Path, logged: StringIO, word: str) -> None:
    """Readiness says so; the command is answered all the same, and nobody is shown anything."""
    async with desk_for(CALLS["who we are, for a command"], tmp_path) as desk:
        desk.slack.fail("auth.test", error=word)
        desk.timing = replace(desk.timing, identity_check=60.0)
        async with Opening(desk):
            await until(lambda: '"event": "not known to Slack"' in logged.getvalue(), 2.0, "not noticed")
            async with httpx.AsyncClient() as http:
                ready = await http.get(f"{desk.url}/readyz")
            assert (ready.status_code, ready.json()["slack"]) == (503, word)
            assert "the line was busy" in await desk.asked(BUSY)
    assert not broken(logged.getvalue())


OPENING = "apps.connections.open"
"""Nobody waits for it: `tests/socket_mode/` has its faults."""


def test_every_call_is_in_the_table() -> None:
    """A method more, and this must know of it."""
    called = {*METHODS, "response_url"} - {OPENING}
    assert {call.method for call in CALLS.values()} == called
    assert set(SEEN) == set(CALLS)
    assert {call.method for call in CALLS.values() if call.own} == called
