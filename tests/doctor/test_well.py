"""What is no mistake, however it looks at first: a bot that runs already, a first start, a PostgreSQL."""

import asyncio
import re
import socket
from dataclasses import replace

import pytest

from bot.doctor import Finding, State, read_what_can_be
from bot.doctor.reading import STAND_INS, name_in
from bot.doctor.slack import WITHOUT
from bot.manifest import BOT_SCOPES
from bot.settings import GROUPS, SettingsMistake, read_settings
from bot.store import database_url, open_store
from playground.stonefax import ANSWERS, StoneFaxServer
from tests.conftest import Desk, EmptyDatabase, Opening
from tests.doctor.conftest import PASSWORD, World
from tests.doctor.front import front_of


async def findings(world: World) -> dict[str, Finding]:
    """Give what each check has found."""
    return {one.check.name: one.finding for one in await world.examined()}


async def test_a_bot_that_runs_already_has_the_port(world: World, desk: Desk) -> None:
    """Its readiness is told."""
    world.values["PORT"] = desk.url.rpartition(":")[2]
    finding = (await findings(world))["port"]
    assert (finding.state, "is ready: slack ok, database ok" in finding.sentence) == (State.OK, True)


async def test_a_bot_that_runs_and_is_not_ready_is_a_warning(world: World, closed_desk: Desk) -> None:
    """With what is in its way."""
    closed_desk.slack.grant.refused = "token_revoked"
    async with Opening(closed_desk) as desk:
        world.values["PORT"] = desk.url.rpartition(":")[2]
        finding = (await findings(world))["port"]
    assert finding.state is State.WARN
    assert "is not ready: slack token_revoked" in finding.sentence


async def test_a_bot_without_a_connection_to_slack_says_so(world: World, closed_desk: Desk) -> None:
    """Slack and database may be well, and nothing reaches it."""
    closed_desk.settings = {"SLACK_APP_TOKEN": "xapp-1-planted-and-wrong"}
    async with Opening(closed_desk) as desk:
        world.values["PORT"] = desk.url.rpartition(":")[2]
        finding = (await findings(world))["port"]
    assert finding.state is State.WARN
    assert re.search(r"is not ready: slack ok, socket mode (?!ok|off)\w+, database ok\.$", finding.sentence)


async def test_a_bot_that_is_stopping_says_so(world: World, closed_desk: Desk) -> None:
    """It is well, and takes nothing more."""
    closed_desk.timing = replace(closed_desk.timing, unready=1.0)
    opening = Opening(closed_desk)
    desk = await opening.__aenter__()
    world.values["PORT"] = desk.url.rpartition(":")[2]
    stopping = asyncio.create_task(opening.__aexit__(None, None, None))
    await asyncio.sleep(0.05)
    finding = (await findings(world))["port"]
    await stopping
    assert (finding.state, finding.remedy) == (State.WARN, "Wait until it has stopped.")
    assert finding.sentence.endswith("is not ready: slack ok, database ok, stopping.")


async def test_a_first_start_on_sqlite(world: World) -> None:
    """The file is not made; one that is there is not written to."""
    before = world.file.read_bytes()
    await findings(world)
    assert world.file.read_bytes() == before
    world.file.unlink()
    found = await findings(world)
    assert "the first time" in found["database"].sentence
    assert {found[name].state for name in ("database_schema", "database_writing", "watches")} == {State.SKIP}
    assert not world.file.exists()


async def test_a_file_without_tables(world: World) -> None:
    """As a start that was cut off leaves it, or a mounted file: it can be written, and nothing stays in it."""
    world.file.write_bytes(b"")
    for _ in range(2):
        found = await findings(world)
        assert "no tables yet" in found["database_schema"].sentence
        assert found["database_writing"].sentence == "It can be written."
        assert world.file.read_bytes() == b""


async def test_a_first_start_on_postgresql(world: World, empty_postgresql: EmptyDatabase) -> None:
    """Its version is told, and that tables can be made there; none is left behind."""
    world.values["DATABASE_URL"] = empty_postgresql()
    for _ in range(2):
        found = await findings(world)
        assert found["database"].sentence.startswith("PostgreSQL ")
        assert "no tables yet" in found["database_schema"].sentence
        assert found["database_writing"].state is State.OK
        assert found["watches"].state is State.SKIP


async def test_a_postgresql_that_is_in_use(world: World, empty_postgresql: EmptyDatabase) -> None:
    """All is well, and nothing that was tried is left in a table."""
    world.values["DATABASE_URL"] = address = empty_postgresql()
    async with open_store(database_url(address)):
        pass
    found = await findings(world)
    wrong = {name for name, finding in found.items() if finding.state in {State.WARN, State.FAIL}}
    assert wrong == set()
    assert found["watches"].sentence == "0 running, 0 overdue."


async def test_a_long_list_of_own_faxes_is_read_to_its_end(world: World) -> None:
    """It comes in many pieces."""
    for number in range(50):
        fax_id = f"IAS-N1_00000000-0000-4000-8000-{number:012}_0"
        world.fax_server.put(fax_id, {"faxId": fax_id, "username": "faxbot", "subject": "long " * 2000})
    found = await findings(world)
    assert (found["fax_address"].state, found["time_zone"].state) == (State.OK, State.OK)


async def test_the_speed_is_that_of_a_connection_that_stands(world: World) -> None:
    """One to see whether it can be made, one for the certificate, and one for all questions."""
    async with StoneFaxServer(ANSWERS, ssl=world.context(), password=PASSWORD) as fax_server:
        world.values["STONEFAX_URL"] = fax_server.url
        assert (await findings(world))["fax_latency"].state is State.OK
        assert (fax_server.connections, fax_server.total) == (3, 5)


async def test_a_token_without_a_word_on_its_scopes(world: World) -> None:
    """Slack does not always say: then nobody can know."""
    world.slack_front.without = frozenset({"x-oauth-scopes"})
    assert (await findings(world))["slack_scopes"].state is State.SKIP


def test_exactly_what_is_required_has_a_stand_in() -> None:
    """The signing secret among it, where there is no Socket Mode; and what turns that on."""
    with pytest.raises(SettingsMistake) as mistake:
        read_settings({}, *GROUPS)
    assert {name_in(line) for line in mistake.value.lines} | {"SLACK_APP_TOKEN"} == set(STAND_INS)


@pytest.mark.parametrize("door", ["SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET"])
@pytest.mark.parametrize(
    "name", [str(field.validation_alias) for group in GROUPS for field in group.model_fields.values()]
)
async def test_whatever_one_setting_is_the_rest_is_read(world: World, name: str, door: str) -> None:
    """By either door of Slack's, and that setting alone is complained of, if it can be wrong at all."""
    (other,) = {"SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET"} - {door}
    values = {**world.values, other: "", name: "?"}
    assert read_what_can_be(values).wrong <= {name}


async def test_a_wrong_app_token_is_all_that_is_wrong(world: World) -> None:
    """With no signing secret, which Socket Mode does not need."""
    world.values |= {"SLACK_APP_TOKEN": "xoxb-1-planted", "SLACK_SIGNING_SECRET": ""}
    found = await findings(world)
    assert found["settings"].sentence.startswith("SLACK_APP_TOKEN: ")
    assert {name for name, finding in found.items() if finding.state is State.FAIL} == {"settings"}
    assert {name for name, finding in found.items() if finding.state is State.SKIP} == {"socket_mode", "signing_secret"}


def test_for_every_scope_it_is_known_what_does_not_work_without_it() -> None:
    """A new one in the manifest must be thought of here."""
    assert set(WITHOUT) == set(BOT_SCOPES)


async def test_slack_alone_is_asked_through_the_proxy(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """As the bot does it: where nothing but the proxy leads to Slack, all is well."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        world.values["SLACK_API_URL"] = f"http://127.0.0.1:{listener.getsockname()[1]}/api/"
    async with front_of(world.slack_front.url) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        found = await findings(world)
    assert {name: finding for name, finding in found.items() if finding.state is not State.OK} == {}
    assert {path.rpartition("/")[0] for path in proxy.paths} == {"/api"}
    assert {"/api/auth.test", "/api/apps.connections.open", "/api/blocks.validate"} <= set(proxy.paths)


async def test_a_proxy_that_is_in_the_way_is_told(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """And nothing of its address, in which a password may stand."""
    monkeypatch.setenv("HTTPS_PROXY", f"http://planted:planted@{world.fax_front.url.removeprefix('https://')}")
    assert (await findings(world))["slack_token"].state is State.FAIL
    with socket.create_server(("127.0.0.1", 0)) as listener:
        monkeypatch.setenv("HTTPS_PROXY", f"http://planted:planted@127.0.0.1:{listener.getsockname()[1]}")
    finding = (await findings(world))["slack_token"]
    assert finding.sentence == "Slack gives no answer: the proxy in HTTPS_PROXY cannot be reached."


async def test_one_check_that_breaks_hides_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is told by its kind, without its text."""

    def broken(*_: object) -> None:
        raise ZeroDivisionError("planted")  # noqa: EM101 - it is the text that must not be told

    monkeypatch.setattr("bot.doctor.machine.kind_of_disk", broken)
    found = await findings(world)
    assert found["database_disk"].sentence == "The check itself broke (ZeroDivisionError)."
    assert found["watches"].state is State.OK
