"""The Home tab: how to ask, what one person is told of, and for administrators how the bot is."""

import json
import sqlite3
from collections.abc import Coroutine
from contextlib import closing
from copy import deepcopy
from dataclasses import replace
from datetime import UTC, datetime
from io import StringIO
from typing import NoReturn

import pytest
from hypothesis import given
from hypothesis import strategies as st
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.json import JSONSnapshotExtension

from bot.cards import home
from bot.cards.doctor import Line
from bot.cards.home import EXAMINE, Examined, NotExamined, NotListed, UnderWay, Watched, Ways
from bot.cards.watching import Running
from bot.lookup import NotAllowed
from bot.policy import Refusal
from bot.tasks import Tasks, TooManyTasks
from playground.slack import View
from playground.slack.example import ADMIN, ANN, ANN_DM, BOB, GUEST, SUPPORT, SUPPORT_GROUP
from playground.slack.views import LARGEST_VIEW, errors_in_view
from playground.slack.wire import dumps
from playground.stonefax import Rule
from tests.conftest import BUSY, Desk, Opening
from tests.presses import QUEUED

ALSO_QUEUED = "IAS-N1_401d6c8c0000002_0"
FIRST_STOP = "unwatch_listed_1"
MARIO = "Mario Rossi"
AS_OF = datetime(2026, 11, 20, 14, 58, tzinfo=UTC)


@pytest.fixture
def admins_desk(closed_desk: Desk) -> Desk:
    """Give a desk with an administrator."""
    closed_desk.settings = {"FAXBOT_ADMINS": ADMIN}
    return closed_desk


def shown(desk: Desk, user: str = ANN) -> View:
    """Give the Home tab that somebody has."""
    return desk.slack.workspace.homes[user]


def words(desk: Desk, user: str = ANN) -> str:
    """Give all that it says."""
    return str(shown(desk, user).blocks) if user in desk.slack.workspace.homes else ""


async def opened(desk: Desk, user: str = ANN) -> str:
    """Open the Home tab, and give all that it says at once."""
    delivery = await desk.slack.open_home(user)
    assert delivery
    assert delivery.acked
    return words(desk, user)


async def examined(desk: Desk) -> str:
    """Open the Home tab as an administrator, and wait for how the bot is."""
    await opened(desk, ADMIN)
    await desk.slack.until(lambda: "as I looked" in words(desk, ADMIN))
    return words(desk, ADMIN)


async def watching(desk: Desk, *fax_ids: str, user: str = ANN) -> None:
    """Let somebody watch faxes that wait."""
    for fax_id in fax_ids:
        desk.put(fax_id, status="Queued", recipient={"name": "Mario Rossi", "faxNumber": "+39 06 1234 5678"})
        await desk.ask(f"watch {fax_id}", user=user)


async def told_directly(desk: Desk, sentence: str, user: str = ANN) -> None:
    """Wait until somebody reads this in their direct message."""
    channel = desk.slack.workspace.direct_message(user).id
    await desk.slack.until(lambda: any(sentence in one.words for one in desk.slack.workspace.messages(channel)))


async def unable(*_arguments: object) -> None:
    """Break."""
    raise ValueError(MARIO)


def full(_tasks: Tasks, work: Coroutine[object, object, object]) -> NoReturn:
    """Have no room for any work."""
    work.close()
    raise TooManyTasks


async def test_it_says_each_way_to_ask(closed_desk: Desk) -> None:
    """With this desk's own command and hint, at once, and in one call."""
    closed_desk.settings["FAXBOT_ID_HINT"] = "It stands in the subject of the receipt."
    async with Opening(closed_desk) as desk:
        said = await opened(desk)
        calls = [call for call in desk.slack.calls if call.method == "views.publish"]
    for way in (
        "`/fax IAS-N1_",
        "@Faxbot* and",
        "triage",
        "A link to a fax",
        "Look up fax",
        "direct message",
        "receipt",
    ):
        assert way in said
    assert "You are watching no fax" in said
    assert "How I am" not in said
    assert len(calls) == 1


async def test_a_portal_whose_links_slack_cannot_unfurl_is_not_promised(closed_desk: Desk) -> None:
    """Nor a direct message, where faxes are looked up in some channels alone."""
    closed_desk.settings |= {"FAXBOT_LINK_DOMAINS": "faxserver", "FAXBOT_ALLOWED_CHANNELS": SUPPORT}
    async with Opening(closed_desk) as desk:
        said = await opened(desk)
    assert "A link to a fax" not in said
    assert "as a direct message" not in said
    assert "nowhere else" in said


async def test_the_messages_tab_is_left_alone(desk: Desk) -> None:
    """It is a conversation."""
    delivery = await desk.slack.open_home(ANN, tab="messages")
    assert delivery
    assert delivery.acked
    assert not words(desk)


async def test_stop_ends_a_watch_and_the_tab_shows_what_is_left(desk: Desk) -> None:
    """The press has no response_url and no channel; it is acked at once."""
    await watching(desk, QUEUED, ALSO_QUEUED)
    said = await opened(desk)
    assert QUEUED in said
    assert "Mario" not in said
    assert "5678" not in said
    delivery = await desk.slack.press(shown(desk), FIRST_STOP, user=ANN)
    assert delivery.acked
    assert delivery.seconds < 1
    assert "response_url" not in delivery.payload
    await desk.slack.until(lambda: "You will not be told" in words(desk))
    assert "You are watching 1 fax." in words(desk)
    assert QUEUED not in await desk.asked("watches")
    assert ALSO_QUEUED in await desk.asked("watches")


async def test_a_stop_that_somebody_else_forges_ends_nothing(desk: Desk) -> None:
    """A press ends the presser's own watch, and no other."""
    await watching(desk, QUEUED)
    await opened(desk)
    await desk.slack.press(shown(desk), FIRST_STOP, user=ANN)
    await desk.slack.until(lambda: "You will not be told" in words(desk))
    forged = deepcopy(desk.slack.deliveries[-1].payload)
    forged["user"] = {**forged["user"], "id": BOB, "name": "bob", "username": "bob"}
    await watching(desk, QUEUED)
    await desk.slack.send_interaction(forged)
    await desk.slack.until(lambda: "You are not watching" in words(desk, BOB))
    assert QUEUED in await desk.asked("watches")


@pytest.mark.parametrize("value", ["", "2|x", "1|..", "1|" + "x" * 500])
async def test_a_stop_of_another_version_is_said_to_be_one(desk: Desk, value: str) -> None:
    """It is acked and ends nothing, and who pressed is told directly what to do instead."""
    await watching(desk, QUEUED, ALSO_QUEUED)
    await opened(desk)
    await desk.slack.press(shown(desk), FIRST_STOP, user=ANN)
    await desk.slack.until(lambda: "You will not be told" in words(desk))
    forged = deepcopy(desk.slack.deliveries[-1].payload)
    forged["actions"][0]["value"] = value
    assert (await desk.slack.send_interaction(forged)).acked
    await told_directly(desk, "I no longer know this button")
    assert ALSO_QUEUED in await desk.asked("watches")


@pytest.mark.parametrize("user", [GUEST, BOB])
async def test_who_gets_no_fax_gets_the_sentence_alone(closed_desk: Desk, user: str, logged: StringIO) -> None:
    """A guest, and somebody who is in none of the groups; an administrator too."""
    closed_desk.settings |= {"FAXBOT_ADMINS": f"{GUEST},{BOB}", "FAXBOT_ALLOWED_USER_GROUPS": SUPPORT_GROUP}
    async with Opening(closed_desk) as desk:
        said = await opened(desk, user)
    assert "Faxes are shown" in said
    assert "How I am" not in said
    assert "watch" not in said
    assert '"way_in": "home"' in logged.getvalue()


async def test_an_administrator_reads_how_the_bot_is(admins_desk: Desk) -> None:
    """The counts at first, then what is to be seen to with its remedy; what is well is not spelled out."""
    async with Opening(admins_desk) as desk:
        desk.fax_server.mood = Rule(status=401)
        first = await opened(desk, ADMIN)
        assert "I am looking at everything" in first
        await desk.slack.until(lambda: "as I looked" in words(desk, ADMIN))
    said = words(desk, ADMIN)
    assert ", 1 fail*" in said
    assert "Check STONEFAX_USERNAME" in said
    assert "Token and workspace" not in said


async def test_opening_it_often_examines_once(admins_desk: Desk) -> None:
    """The last findings count for a minute, and the tab says of when they are."""
    async with Opening(admins_desk) as desk:
        await examined(desk)
        before = desk.fax_server.total
        for _ in range(10):
            assert "as I looked" in await opened(desk, ADMIN)
        assert desk.fax_server.total == before


async def test_everything_is_shown_in_a_modal(admins_desk: Desk) -> None:
    """At once, from the findings that the tab has."""
    async with Opening(admins_desk) as desk:
        await examined(desk)
        before = desk.fax_server.total
        assert (await desk.slack.press(shown(desk, ADMIN), EXAMINE, user=ADMIN)).acked
        (modal,) = await desk.slack.until(lambda: desk.slack.workspace.modals.get(ADMIN, []))
        assert desk.fax_server.total == before
    assert "Faxbot, examined:" in str(modal.blocks)
    assert "Token and workspace" in str(modal.blocks)


async def test_everything_follows_in_the_modal_where_nothing_is_known(admins_desk: Desk) -> None:
    """The bot was started anew, and the tab is of before."""
    async with Opening(admins_desk) as desk:
        await examined(desk)
    async with Opening(admins_desk) as desk:
        await desk.slack.press(shown(desk, ADMIN), EXAMINE, user=ADMIN)
        await desk.slack.until(lambda: "Faxbot, examined:" in str(desk.slack.workspace.modals.get(ADMIN)))


async def test_everything_is_told_directly_where_no_modal_opens(admins_desk: Desk) -> None:
    """Slack refuses it."""
    async with Opening(admins_desk) as desk:
        await examined(desk)
        desk.slack.fail("views.open", error="expired_trigger_id")
        await desk.slack.press(shown(desk, ADMIN), EXAMINE, user=ADMIN)
        changes = desk.slack.workspace.changes
        await desk.slack.until(lambda: any("Faxbot, examined:" in change.message.words for change in changes))


async def test_a_forged_press_tells_nobody_else_how_the_bot_is(admins_desk: Desk, logged: StringIO) -> None:
    """The button is an administrator's; whoever forges a press reads whom it is for."""
    async with Opening(admins_desk) as desk:
        await examined(desk)
        await desk.slack.press(shown(desk, ADMIN), EXAMINE, user=ADMIN)
        forged = deepcopy(desk.slack.deliveries[-1].payload)
        forged["user"] = {**forged["user"], "id": BOB}
        forged["trigger_id"] = desk.slack.triggers.give(BOB)
        await desk.slack.send_interaction(forged)
        (modal,) = await desk.slack.until(lambda: desk.slack.workspace.modals.get(BOB, []))
    assert "This is for those who look after me" in str(modal.blocks)
    assert '"outcome": "not_admin"' in logged.getvalue()


async def test_a_database_that_is_away_is_said(desk: Desk, logged: StringIO) -> None:
    """The rest of the tab is there, and the reference leads to the log."""
    with closing(sqlite3.connect(desk.folder / "faxbot.db", timeout=5.0, isolation_level=None)) as tables:
        tables.execute("DROP TABLE watches")
    said = await opened(desk)
    assert "How to ask" in said
    assert "I can't list your watches just now" in said
    reference = said.partition("(ref ")[2][:4]
    assert any(f'"ref": "{reference}"' in line and "not listed" in line for line in logged.getvalue().splitlines())


async def test_slack_that_does_not_take_it_is_logged_and_brings_the_event_again(desk: Desk, logged: StringIO) -> None:
    """By Slack's word; the next delivery publishes it."""
    desk.slack.fail("views.publish", error="internal_error")
    await desk.slack.open_home(ANN)
    await desk.slack.until(lambda: "How to ask" in words(desk))
    assert '"problem": "internal_error"' in logged.getvalue()


async def test_what_came_of_stop_is_told_directly_where_slack_does_not_take_the_tab(desk: Desk) -> None:
    """The watch is over all the same."""
    await watching(desk, QUEUED)
    await opened(desk)
    desk.slack.fail("views.publish", error="internal_error")
    await desk.slack.press(shown(desk), FIRST_STOP, user=ANN)
    changes = desk.slack.workspace.changes
    await desk.slack.until(lambda: any("not be told" in change.message.words for change in changes))
    assert changes[-1].message.channel == ANN_DM


async def test_the_doctor_does_not_bring_back_an_older_tab(admins_desk: Desk) -> None:
    """What was published meanwhile stays, and what came of Stop is still said."""
    async with Opening(admins_desk) as desk:
        await watching(desk, QUEUED, user=ADMIN)
        desk.fax_server.mood = Rule(delay=0.2)
        await opened(desk, ADMIN)
        await desk.slack.press(shown(desk, ADMIN), FIRST_STOP, user=ADMIN)
        await desk.slack.until(lambda: "as I looked" in words(desk, ADMIN))
    assert "You are watching no fax" in words(desk, ADMIN)
    assert "You will not be told" in words(desk, ADMIN)
    assert "hash_conflict" in str([call.answer for call in desk.slack.calls])


@pytest.mark.parametrize("action", [FIRST_STOP, EXAMINE])
async def test_a_press_that_there_is_no_room_for_is_acked_and_told(
    admins_desk: Desk, monkeypatch: pytest.MonkeyPatch, action: str
) -> None:
    """Directly, in the language of who pressed, though it is not known any more."""
    people = admins_desk.slack.workspace.people
    people[ADMIN] = replace(people[ADMIN], locale="it-IT")
    async with Opening(admins_desk) as desk:
        await watching(desk, QUEUED, user=ADMIN)
        await opened(desk, ADMIN)
        await desk.slack.until(lambda: EXAMINE in words(desk, ADMIN))
    async with Opening(admins_desk) as desk:
        with monkeypatch.context() as patch:
            patch.setattr("bot.tasks.Tasks.start", full)
            delivery = await desk.slack.press(shown(desk, ADMIN), action, user=ADMIN)
        assert delivery.acked
        await told_directly(desk, "Sto già rispondendo a tutte le persone che posso", ADMIN)


async def test_no_tab_waits_for_a_doctor_that_there_is_no_room_for(
    admins_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It says so at once."""

    def room_for_events_alone(tasks: Tasks, work: Coroutine[object, object, object]) -> object:
        return start(tasks, work) if "work_on" in str(work) else full(tasks, work)

    start = Tasks.start
    monkeypatch.setattr("bot.tasks.Tasks.start", room_for_events_alone)
    async with Opening(admins_desk) as desk:
        assert "I can't say just now how I am" in await opened(desk, ADMIN)


async def test_a_doctor_that_breaks_is_said(
    admins_desk: Desk, monkeypatch: pytest.MonkeyPatch, logged: StringIO
) -> None:
    """The tab does not promise it any longer, and its reference leads to the log, which has nothing of what broke."""
    async with Opening(admins_desk) as desk:
        monkeypatch.setattr("handlers.doctor.examine", unable)
        assert "appears here in a moment" in await opened(desk, ADMIN)
        await desk.slack.until(lambda: "I can't say just now how I am" in words(desk, ADMIN))
    assert "appears here in a moment" not in words(desk, ADMIN)
    reference = words(desk, ADMIN).partition("(ref ")[2][:4]
    assert any(
        f'"ref": "{reference}"' in line and "without the doctor" in line for line in logged.getvalue().splitlines()
    )
    assert MARIO not in logged.getvalue()


@pytest.mark.parametrize("problem", ["view_too_large", "internal_error"])
async def test_findings_that_slack_does_not_take_are_promised_no_longer(admins_desk: Desk, problem: str) -> None:
    """It is published once without them."""
    async with Opening(admins_desk) as desk:
        desk.fax_server.mood = Rule(delay=0.2)
        await opened(desk, ADMIN)
        desk.slack.fail("views.publish", error=problem)
        await desk.slack.until(lambda: "I can't say just now how I am" in words(desk, ADMIN))
        assert len([call for call in desk.slack.calls if call.method == "views.publish"]) == 3


async def test_the_modal_says_that_the_doctor_broke(admins_desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the place of what was to follow there."""
    async with Opening(admins_desk) as desk:
        await examined(desk)
    async with Opening(admins_desk) as desk:
        monkeypatch.setattr("handlers.doctor.examine", unable)
        await desk.slack.press(shown(desk, ADMIN), EXAMINE, user=ADMIN)
        modals = desk.slack.workspace.modals
        await desk.slack.until(lambda: "Something went wrong on my side" in str(modals.get(ADMIN)))


@pytest.mark.parametrize(("action", "drawn"), [(FIRST_STOP, "view"), (EXAMINE, "everything")])
async def test_whatever_breaks_after_a_press_is_told(
    admins_desk: Desk, monkeypatch: pytest.MonkeyPatch, logged: StringIO, action: str, drawn: str
) -> None:
    """Directly, with a reference, and nothing of what broke."""

    def undrawable(*_arguments: object) -> None:
        raise ValueError(MARIO)

    async with Opening(admins_desk) as desk:
        await watching(desk, QUEUED, user=ADMIN)
        await examined(desk)
        monkeypatch.setattr(f"handlers.home.home.{drawn}", undrawable)
        assert (await desk.slack.press(shown(desk, ADMIN), action, user=ADMIN)).acked
        await told_directly(desk, "Something went wrong on my side", ADMIN)
    assert MARIO not in logged.getvalue()


@pytest.mark.parametrize("action", [FIRST_STOP, EXAMINE])
async def test_whoever_presses_after_a_restart_reads_their_own_language(admins_desk: Desk, action: str) -> None:
    """It is learnt before anything is drawn: the tab, or the modal around what the doctor finds."""
    people = admins_desk.slack.workspace.people
    people[ADMIN] = replace(people[ADMIN], locale="it-IT")
    async with Opening(admins_desk) as desk:
        await watching(desk, QUEUED, user=ADMIN)
        await opened(desk, ADMIN)
        await desk.slack.until(lambda: EXAMINE in words(desk, ADMIN))
    async with Opening(admins_desk) as desk:
        before = len(desk.slack.calls)
        await desk.slack.press(shown(desk, ADMIN), action, user=ADMIN)
        method = "views.open" if action == EXAMINE else "views.publish"
        await desk.slack.until(lambda: method in [call.method for call in desk.slack.calls[before:]])
        drawn = next(call for call in desk.slack.calls[before:] if call.method == method)
    assert ("Come sta Faxbot" if action == EXAMINE else "I fax per cui riceverai un avviso") in str(drawn.arguments)


WAYS = Ways("/fax", "It stands in the subject of the receipt.", links=True, directly=True)
LINES = (
    Line("Slack · Scopes", "fail", "Not all scopes are granted.", "Re-install the app."),
    Line("Fax server · Encryption", "warn", "The password travels in clear.", "Give the fax server a certificate."),
    Line("Slack · Token", "ok", "It is a bot's.", None),
)
RUNNING = [Running(BUSY, AS_OF, (SUPPORT,)), Running(QUEUED, AS_OF, (None,))]
TABS = {
    "member": home.view(WAYS, Watched(RUNNING)),
    "after-stop": home.view(WAYS, Watched((), f"You will not be told of `{QUEUED}`.")),
    "in-some-channels": home.view(Ways("/fax", None, links=False, directly=False), Watched(())),
    "administrator": home.view(WAYS, Watched(RUNNING), Examined(LINES, AS_OF)),
    "administrator-at-first": home.view(WAYS, Watched(()), UnderWay()),
    "administrator-without-the-doctor": home.view(WAYS, Watched(()), NotExamined("K7Q2")),
    "database-away": home.view(WAYS, NotListed(f"<@{ADMIN}>", "K7Q2")),
    "refused": home.refused(NotAllowed(Refusal.GUEST, "K7Q2"), f"<@{ADMIN}>"),
    "everything": home.everything(LINES),
    "not-an-administrator": home.for_admins_alone((ADMIN,)),
}


@pytest.mark.parametrize("name", TABS)
def test_tab(name: str, snapshot: SnapshotAssertion) -> None:
    """Each as JSON that can be pasted into Slack's Block Kit Builder."""
    assert not errors_in_view(TABS[name])
    assert TABS[name] == snapshot(extension_class=JSONSnapshotExtension)


TEXTS = st.text(max_size=4000)
IDS = st.from_regex(r"[A-Z]{3}_[0-9a-f]{8,32}_[0-9]{1,6}", fullmatch=True)
CHANNELS = st.lists(st.none() | st.just(SUPPORT), min_size=1, max_size=5).map(tuple)
WATCHES = st.lists(st.builds(Running, IDS, st.just(AS_OF), CHANNELS), max_size=120)
FINDINGS = st.lists(
    st.builds(Line, TEXTS, st.sampled_from(["ok", "warn", "fail", "skip"]), TEXTS, st.none() | TEXTS), max_size=45
)


@given(running=WATCHES, lines=FINDINGS, hint=st.none() | TEXTS, notice=st.none() | st.text(min_size=1, max_size=9000))
def test_any_tab_stays_within_slacks_limits(
    running: list[Running], lines: list[Line], hint: str | None, notice: str | None
) -> None:
    """However many watches, and whatever is found."""
    tab = home.view(Ways("/fax", hint, links=True, directly=True), Watched(running, notice), Examined(lines, AS_OF))
    for view in (tab, home.everything(lines)):
        assert not errors_in_view(view)
        assert len(dumps(view)) <= LARGEST_VIEW
        assert json.loads(dumps(view)) == view
