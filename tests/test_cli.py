"""The command line as a person types it, in a process of its own."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.json import JSONSnapshotExtension

from playground.slack.example import ANN
from playground.stonefax import ANSWERS, Break, Rule, StoneFaxServer
from tests.conftest import BUSY, DOCUMENTED, UNKNOWN, Desk


@dataclass(frozen=True, slots=True)
class Ran:
    """What became of a command."""

    code: int | None
    out: str
    err: str


def environment(values: Mapping[str, str]) -> dict[str, str]:
    """Give a process these settings and no others."""
    keep = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return {**keep, "COLUMNS": "100", "PYTHONWARNINGS": "error::ResourceWarning", **values}


async def faxbot(*arguments: str, values: Mapping[str, str], cwd: Path, stdin: bytes = b"") -> Ran:
    """Run the command to its end."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot",
        *arguments,
        cwd=cwd,
        env=environment({"PYTHONPATH": str(Path(__file__).parent.parent), **values}),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate(stdin)
    return Ran(process.returncode, out.decode(), err.decode())


async def test_serve_reports_all_mistakes_at_once(tmp_path: Path) -> None:
    """Exit 2, a line each with name, what is wrong, an example and where to get it; no secret shown."""
    values = {
        "SLACK_BOT_TOKEN": "secret-that-is-no-token",
        "STONEFAX_URL": "HTTP://fax.example.com",
        "STONEFAX_TIME_ZONE": "Rome",
        "STONEFAX_PASSWORD": "",
        "SLACK_CLIENT_ID": "1.2",
        "PORT": "http",
    }
    ran = await faxbot("serve", values=values, cwd=tmp_path)
    assert ran.code == 2
    lines = {line.split(":")[0].strip(): line for line in ran.err.splitlines()}
    wrong = ["SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET", "STONEFAX_URL", "STONEFAX_USERNAME"]
    for name in [*wrong, "SLACK_CLIENT_ID", "STONEFAX_PASSWORD", "STONEFAX_TIME_ZONE", "PORT"]:
        assert name in lines
    for name in wrong:
        assert "Example: " in lines[name]
        assert "From: " in lines[name]
    assert "secret-that-is-no-token" not in ran.err


async def test_settings_are_read_from_a_file_too(tmp_path: Path) -> None:
    """`.env` in the working directory; a dollar sign in a password is one."""
    async with StoneFaxServer(ANSWERS, password="pass${HOME}word") as fax_server:
        (tmp_path / ".env").write_text("STONEFAX_USERNAME=faxbot\nSTONEFAX_PASSWORD='pass${HOME}word'\nLOG_LEVEL=\n")
        ran = await faxbot("lookup", DOCUMENTED, values={"STONEFAX_URL": fax_server.url}, cwd=tmp_path)
    assert ran.code == 0


async def test_lookup_draws_the_card(tmp_path: Path, desk: Desk) -> None:
    """The same as in Slack, exit 0."""
    ran = await faxbot("lookup", DOCUMENTED, values=desk.values(), cwd=tmp_path)
    assert (ran.code, ran.err) == (0, "")
    assert "✅ Fax delivered" in ran.out
    assert "Mario Rossi, 10002" in ran.out


async def test_lookup_says_when_some_are_not_found(tmp_path: Path, desk: Desk) -> None:
    """Exit 1, and the others are drawn."""
    ran = await faxbot("lookup", UNKNOWN, BUSY, values=desk.values(), cwd=tmp_path)
    assert ran.code == 1
    assert "I find no outbound fax" in ran.out
    assert "the line was busy" in ran.out


async def test_lookup_is_not_for_the_rules_about_people_in_slack(tmp_path: Path, desk: Desk) -> None:
    """Whoever runs it holds the fax server's password; and their answer is all that is printed."""
    rules = {"FAXBOT_ALLOWED_CHANNELS": "C0123ABCD", "FAXBOT_ALLOWED_USER_GROUPS": "S0123ABCD"}
    ran = await faxbot("lookup", BUSY, values={**desk.values(), **rules}, cwd=tmp_path)
    assert ran.code == 0
    assert "the line was busy" in ran.out
    assert ran.err == ""


async def test_lookup_of_what_is_no_id(tmp_path: Path) -> None:
    """Exit 2, and what an id looks like."""
    ran = await faxbot("lookup", "../../x", values={}, cwd=tmp_path)
    assert ran.code == 2
    assert "is no fax id" in ran.err


async def test_lookup_asks_for_the_settings_of_the_fax_server_alone(tmp_path: Path) -> None:
    """Slack's are none of its business."""
    ran = await faxbot("lookup", DOCUMENTED, values={}, cwd=tmp_path)
    assert ran.code == 2
    assert "STONEFAX_URL: is missing" in ran.err
    assert "SLACK" not in ran.err


async def test_lookup_as_json_is_a_contract(tmp_path: Path, desk: Desk, snapshot: SnapshotAssertion) -> None:
    """An object for each id: found, failed, not found."""
    no_such_number = "IAS-N1_408492cb-2403-4b66-8fda-7a54a8265722_0"  # its advice does not depend on the day
    ran = await faxbot("lookup", DOCUMENTED, no_such_number, UNKNOWN, "--json", values=desk.values(), cwd=tmp_path)
    assert ran.code == 1
    told = json.loads(ran.out)
    reference = told[2]["error"]["reference"]
    told[2] = json.loads(json.dumps(told[2]).replace(reference, "K7Q2"))
    assert told == snapshot(extension_class=JSONSnapshotExtension)


async def test_faxes_of_one_command_that_failed_alike_are_hinted_at_all_of_them(tmp_path: Path, desk: Desk) -> None:
    """Not only from the one on that makes them many."""
    ids = [f"IAS-N1_1a3c49d00004{number}_0" for number in range(4)]
    for number, fax_id in enumerate(ids):
        desk.put(fax_id, status="Failed", Q931Code=38, recipient={"faxNumber": f"+39 06 1234 56{number}8"})
    ran = await faxbot("lookup", *ids, "--json", values=desk.values(), cwd=tmp_path)
    hints = [fax.get("hint") for fax in json.loads(ran.out)]
    assert all(hint and "probably the line" in hint for hint in hints), hints


async def test_version(tmp_path: Path) -> None:
    """As packaged."""
    ran = await faxbot("--version", values={}, cwd=tmp_path)
    assert ran.out.startswith("faxbot 0.")


@pytest.fixture
def served(desk: Desk) -> dict[str, str]:
    """Give the settings of a bot in a process of its own, on any free port."""
    return {**desk.values(), "PORT": "0", "LOG_FORMAT": "json"}


@asynccontextmanager
async def serving(desk: Desk, values: dict[str, str], cwd: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run the bot in a process of its own, and let Slack know its address."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot",
        "serve",
        cwd=cwd,
        env=environment({"PYTHONPATH": str(Path(__file__).parent.parent), **values}),
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stderr
    port = None
    async for line in process.stderr:
        if (port := json.loads(line).get("port")) is not None:
            break
    desk.slack.bot_url = f"http://127.0.0.1:{port}/slack/events"
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def test_serve_answers_and_stops_cleanly(tmp_path: Path, desk: Desk, served: dict[str, str]) -> None:
    """A look-up under way at SIGTERM is answered, and the exit is 0."""
    async with serving(desk, served, tmp_path) as process:
        desk.fax_server.rule(DOCUMENTED, Rule(delay=2.0))
        delivery = await desk.ask(DOCUMENTED)
        assert "follows here" in delivery.shown[0].words
        process.send_signal(signal.SIGTERM)
        assert "Fax delivered" in (await desk.late(delivery, within=5.0)).words
        assert await process.wait() == 0


async def test_not_even_at_debug_does_the_log_hold_what_a_fax_says(
    tmp_path: Path, desk: Desk, served: dict[str, str]
) -> None:
    """Bolt would quote whole cards."""
    async with serving(desk, {**served, "LOG_LEVEL": "debug"}, tmp_path) as process:
        for text in (BUSY, UNKNOWN, "help", f"{BUSY} {DOCUMENTED}"):
            await desk.ask(text)
        await desk.slack.press((await desk.ask(BUSY)).shown[0], "share", user=ANN)
        await desk.slack.send_event({"type": "team_join", "user": {"id": ANN}})
        process.send_signal(signal.SIGTERM)
        assert process.stderr
        log = (await process.stderr.read()).decode()
    assert BUSY in log
    for secret in ("Rossi", "1234", "Referral", "user1", "playground", "Remote station"):
        assert secret not in log


async def test_a_second_signal_stops_at_once(tmp_path: Path, desk: Desk, served: dict[str, str]) -> None:
    """Whoever sends it twice does not want to wait for the fax server."""
    async with serving(desk, served, tmp_path) as process:
        desk.fax_server.rule(DOCUMENTED, Rule(breaks=Break.HANG))
        await desk.ask(DOCUMENTED)
        process.send_signal(signal.SIGTERM)
        await asyncio.sleep(0.2)
        assert process.returncode is None
        process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(process.wait(), 1.0) == 1


async def test_readiness_says_what_is_the_matter(tmp_path: Path, desk: Desk, served: dict[str, str]) -> None:
    """A token that Slack refuses makes it unready, in Slack's own word."""
    desk.slack.grant.refused = "token_revoked"
    async with serving(desk, served, tmp_path), httpx.AsyncClient() as http:
        url = desk.slack.bot_url.replace("/slack/events", "/readyz")
        answer = await http.get(url)
        while answer.json()["slack"] == "not asked yet":
            answer = await http.get(url)
        assert (answer.status_code, answer.json()["slack"]) == (503, "token_revoked")


async def test_a_taken_port_is_said(tmp_path: Path, desk: Desk) -> None:
    """With what to set."""
    port = desk.url.rsplit(":", 1)[1]
    ran = await faxbot("serve", values={**desk.values(), "PORT": port}, cwd=tmp_path)
    assert ran.code == 2
    assert f"Cannot listen on 127.0.0.1:{port}" in ran.err


@pytest.mark.parametrize(("where", "socket_mode"), [((), True), (("--url", "https://faxbot.example.com"), False)])
async def test_the_manifest_is_all_that_is_printed_and_the_link_to_create_the_app_stands_apart(
    tmp_path: Path,
    where: tuple[str, ...],
    socket_mode: bool,  # noqa: FBT001 - a parameter of the table
) -> None:
    """It can be piped; without an address it is for Socket Mode."""
    ran = await faxbot("manifest", *where, "--json", values={}, cwd=tmp_path)
    assert ran.code == 0
    assert json.loads(ran.out)["settings"]["socket_mode_enabled"] is socket_mode
    assert "https://api.slack.com/apps?new_app=1&manifest_json=" in ran.err


async def test_a_manifest_for_a_fax_server_whose_address_is_none_is_refused(tmp_path: Path) -> None:
    """The rest of the settings is not needed for it."""
    ran = await faxbot("manifest", values={"STONEFAX_URL": "https://[fax"}, cwd=tmp_path)
    assert ran.code == 2
    assert ran.err.startswith("STONEFAX_URL: is not an address.")


@pytest.mark.parametrize("command", [("demo",), ("mcp", "--http")])
async def test_a_port_that_is_none_is_refused(tmp_path: Path, desk: Desk, command: tuple[str, ...]) -> None:
    """With what it may be."""
    ran = await faxbot(*command, "--port", "70000", values=desk.values(), cwd=tmp_path)
    assert ran.code == 2
    assert "--port" in ran.err
    assert "65535" in ran.err


async def test_a_manifest_for_an_address_that_slack_cannot_reach_is_refused(tmp_path: Path) -> None:
    """Plain http, or more than a host."""
    ran = await faxbot("manifest", "--url", "http://faxbot.example.com/slack", values={}, cwd=tmp_path)
    assert ran.code == 2
    assert "give https:// and the host only" in ran.err
