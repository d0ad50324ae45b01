"""`/fax doctor`: the running bot examines itself, for its administrators alone."""

import asyncio
import json
import sqlite3
from contextlib import closing
from io import StringIO
from pathlib import Path

import pytest
from sqlalchemy import func, select

from bot.doctor import every_check
from bot.store import database_url, open_store
from bot.store.tables import events
from playground.slack.example import ADMIN, ANN
from playground.stonefax import Break, Rule
from tests.conftest import BUSY, Desk, Opening
from tests.test_workers import serving

WAITING = "IAS-N1_00000000-0000-4000-8000-0000000000bb_0"
SECRETS = ("0f1e2d3c4b5a69788796a5b4c3d2e1f0", "xoxb-playground", "playground")


@pytest.fixture
def admins_desk(closed_desk: Desk) -> Desk:
    """Give a desk with an administrator."""
    closed_desk.settings = {"FAXBOT_ADMINS": ADMIN}
    return closed_desk


async def examined(desk: Desk, fax_id: str = "") -> str:
    """Have the bot examined, and give all that the administrator reads, at once or later."""
    delivery = await desk.ask(f"doctor {fax_id}".strip(), user=ADMIN)
    words = delivery.shown[0].words
    return words if "follows here" not in words else (await desk.late(delivery)).words


async def test_an_administrator_reads_how_everything_stands(admins_desk: Desk) -> None:
    """In the ack where it is quick enough: a line for each check, and nobody else sees it."""
    async with Opening(admins_desk) as desk:
        delivery = await desk.ask("doctor", user=ADMIN)
        message = delivery.shown[0] if "follows here" not in delivery.shown[0].words else await desk.late(delivery)
        assert message.seen_only_by == ADMIN
    assert "Faxbot, examined:" in message.words
    assert "failed" not in message.words.splitlines()[0]
    for about, check in every_check():
        assert f"{about} · {check.title}" in message.words
    assert "This bot listens, and is ready: slack ok, database ok." in message.words
    for secret in SECRETS:
        assert secret not in message.words


async def test_what_fails_comes_first_with_its_remedy(admins_desk: Desk) -> None:
    """The fax server refuses the account."""
    async with Opening(admins_desk) as desk:
        desk.fax_server.mood = Rule(status=401)
        words = await examined(desk)
    assert "1 failed" in words.splitlines()[0]
    assert words.index("refuses the account") < words.index("SLACK_APP_TOKEN")
    assert "Check STONEFAX_USERNAME" in words


@pytest.mark.hurried
async def test_the_answer_follows_where_the_fax_server_hangs(admins_desk: Desk) -> None:
    """The ack is in time, and says so."""
    async with Opening(admins_desk) as desk:
        desk.fax_server.mood = Rule(breaks=Break.HANG)
        delivery = await desk.ask("doctor", user=ADMIN)
        assert delivery.acked
        assert delivery.seconds < 1.0
        assert "follows here" in delivery.shown[0].words
        late = await desk.late(delivery, within=5.0)
    assert "gives no answer: it takes too long" in late.words


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
async def test_nothing_is_left_behind(admins_desk: Desk, kind: str, request: pytest.FixtureRequest) -> None:
    """What the doctor tried in the database is taken back, and the bot writes there as before."""
    if kind == "postgresql":
        admins_desk.settings["DATABASE_URL"] = request.getfixturevalue("empty_postgresql")()
    async with Opening(admins_desk) as desk:
        desk.put(WAITING, status="Queued")
        for _ in range(2):
            assert "It can be written." in await examined(desk)
        await desk.ask(f"watch {WAITING}")
        assert WAITING in await desk.asked("watches")
        assert "1 running, 0 overdue." in await examined(desk)
    async with open_store(database_url(desk.values()["DATABASE_URL"])) as store:
        assert await store.ask(select(func.count()).select_from(events)) == 0


async def test_watches_that_cannot_be_counted_are_a_fault_of_the_database(admins_desk: Desk) -> None:
    """And not of the check."""
    async with Opening(admins_desk) as desk:
        with closing(sqlite3.connect(desk.folder / "faxbot.db", timeout=5.0, isolation_level=None)) as tables:
            tables.execute("DROP TABLE watches")
        words = await examined(desk)
    assert "The database cannot be used: it did not do what it was asked to." in words
    assert "check itself broke" not in words


async def test_one_worker_of_several_knows_of_the_metrics(admins_desk: Desk, tmp_path: Path) -> None:
    """Whoever has started it serves them, for all."""
    admins_desk.settings["FAXBOT_METRICS_PORT"] = "0"
    async with serving(admins_desk, tmp_path):
        words = await examined(admins_desk)
    assert "This bot serves its metrics there." in words


async def test_a_fax_can_be_named(admins_desk: Desk) -> None:
    """As with --fax."""
    async with Opening(admins_desk) as desk:
        assert "The account may read other people's faxes." in await examined(desk, BUSY)


async def test_who_comes_meanwhile_gets_the_same_findings(admins_desk: Desk) -> None:
    """The bot examines itself once at a time, however many ask, and anew when it is done."""
    async with Opening(admins_desk) as desk:
        desk.fax_server.mood = Rule(delay=0.1)
        before = desk.fax_server.total
        await examined(desk)
        once = desk.fax_server.total - before
        first, second = await asyncio.gather(examined(desk), examined(desk))
        assert first == second
        assert desk.fax_server.total - before == 2 * once > 0


async def test_it_counts_towards_the_pace(admins_desk: Desk, logged: StringIO) -> None:
    """Whoever asks too often is told the usual sentence, and nothing is looked at."""
    admins_desk.settings["FAXBOT_PER_MINUTE"] = "1"
    async with Opening(admins_desk) as desk:
        await examined(desk)
        calls = desk.fax_server.total
        words = await examined(desk, BUSY)
        assert desk.fax_server.total == calls
    assert "That was 1 look-up in a minute." in words
    assert audited(logged) == [("refused", ADMIN, BUSY, "too_often")]


async def test_the_audit_log_has_whose_fax_was_read_and_who_was_refused(admins_desk: Desk, logged: StringIO) -> None:
    """By its own way in; an examination without a fax discloses nothing of any."""
    async with Opening(admins_desk) as desk:
        await examined(desk)
        await examined(desk, BUSY)
        await desk.ask("doctor", user=ANN)
        await desk.ask(f"doctor {BUSY}", user=ANN)
    assert audited(logged) == [
        ("looked_up", ADMIN, BUSY, "examined"),
        ("refused", ANN, None, "not_admin"),
        ("refused", ANN, BUSY, "not_admin"),
    ]


def audited(logged: StringIO) -> list[tuple[object, ...]]:
    """Give what the audit log has of the doctor: the event, who, which fax, what came of it."""
    lines = [json.loads(line) for line in logged.getvalue().splitlines()]
    of_the_doctor = [line for line in lines if (line["logger"], line.get("way_in")) == ("bot.audit", "doctor")]
    return [tuple(line[name] for name in ("event", "user", "fax", "outcome")) for line in of_the_doctor]


@pytest.mark.parametrize("user", [ADMIN, ANN])
@pytest.mark.parametrize("text", ["Doctor Rossi asks about {id}", "doctor {id} {id}", "doctor: {id}, please"])
async def test_a_look_up_may_begin_with_the_word(admins_desk: Desk, text: str, user: str) -> None:
    """Doctors ask about faxes."""
    async with Opening(admins_desk) as desk:
        words = (await desk.ask(text.format(id=BUSY), user=user)).shown[0].words
    assert "Remote station busy" in words


async def test_what_follows_must_be_an_id(admins_desk: Desk) -> None:
    """Otherwise it is said what is missing."""
    async with Opening(admins_desk) as desk:
        assert "clinic" in (await desk.ask("doctor clinic", user=ADMIN)).shown[0].words
        assert "Faxbot, examined" in await examined(desk, f"*{BUSY}*")


async def test_anybody_else_is_told_who_the_administrators_are(admins_desk: Desk) -> None:
    """And nothing is looked at."""
    async with Opening(admins_desk) as desk:
        calls = len(desk.slack.calls)
        words = (await desk.ask("doctor", user=ANN)).shown[0].words
        assert len(desk.slack.calls) == calls
    assert f"<@{ADMIN}>" in words or "Ada Admin" in words
    assert "examined" not in words


async def test_without_administrators_it_is_for_the_command_line(desk: Desk) -> None:
    """The sentence says which setting lets people in."""
    assert "FAXBOT_ADMINS" in await desk.asked("doctor")


async def test_the_help_names_it_to_administrators_alone(admins_desk: Desk) -> None:
    """Others could do nothing with it."""
    async with Opening(admins_desk) as desk:
        assert "/fax doctor" in (await desk.ask("help", user=ADMIN)).shown[0].words
        assert "/fax doctor" not in (await desk.ask("help", user=ANN)).shown[0].words
