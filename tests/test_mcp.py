"""An assistant asks by the Model Context Protocol, through the official SDK's client, over both transports."""

import asyncio
import json
import os
import re
import signal
import sys
import tomllib
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from io import StringIO
from pathlib import Path
from typing import Any

import httpx
import pytest
import typer.main
from mcp import ClientSession, McpError, StdioServerParameters
from mcp.client.stdio import stdio_client
from mcp.client.streamable_http import streamable_http_client
from mcp.types import CallToolResult, TextContent
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.json import JSONSnapshotExtension
from typer.testing import CliRunner

from bot.__main__ import cli
from bot.assistants import assisting_over_http
from bot.masking import only_digits
from bot.mcp.http import PATH
from bot.references import EXAMPLE_ID, FAX_ID
from bot.settings import BotSettings, McpSettings, StoneFaxSettings, read_settings
from playground.stonefax import ANSWERS, Rule, StoneFaxServer
from tests.conftest import BUSY, DOCUMENTED, HURRIED, UNKNOWN
from tests.security.marks import ALL, FAX, marks_in
from tests.test_cli import environment, faxbot

ROOT = Path(__file__).parent.parent
TOKEN = "mcp-token-of-an-assistant"
IDS = tuple(sorted({path.name.partition(".")[0] for path in ANSWERS.glob("IAS*.json")}))
TRUNK_DOWN = (
    "IAS-N1_4d11226b-b2db-4011-871d-ca27dde7b62d_0",
    "IAS-N1_5124cbcf-cbdd-48ef-a504-85f953c67bc0_0",
    "IAS-N1_15ecf948-ebdb-4609-91f5-a219d4144027_0",
)
TIMES = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?")
TOLD = 4
"""So many digits of a number in a row would tell it."""


@pytest.fixture
async def fax_server() -> AsyncIterator[StoneFaxServer]:
    """Give a fax server with all of the playground's answers."""
    async with StoneFaxServer(ANSWERS) as server:
        yield server


def values(fax_server: StoneFaxServer, **more: str) -> dict[str, str]:
    """Give the settings of `faxbot mcp`, none of Slack's among them."""
    return {
        "STONEFAX_URL": fax_server.url,
        "STONEFAX_USERNAME": "faxbot",
        "STONEFAX_PASSWORD": "playground",
        "FAXBOT_PER_MINUTE": "0",
        "FAXBOT_MCP_TOKEN": TOKEN,
        **more,
    }


@asynccontextmanager
async def over_http(url: str, token: str = TOKEN) -> AsyncIterator[ClientSession]:
    """Connect an assistant over HTTP."""
    async with (
        httpx.AsyncClient(headers={"Authorization": f"Bearer {token}"}) as http,
        streamable_http_client(url, http_client=http) as (incoming, outgoing, _),
        ClientSession(incoming, outgoing) as session,
    ):
        await session.initialize()
        yield session


@asynccontextmanager
async def serving(fax_server: StoneFaxServer, **more: str) -> AsyncIterator[str]:
    """Serve assistants over HTTP, in this process, and give the address."""
    settings = read_settings(values(fax_server, **more), StoneFaxSettings, BotSettings, McpSettings)
    async with assisting_over_http(settings, "127.0.0.1", 0, ("faxbot.example.com",), HURRIED) as port:
        yield f"http://127.0.0.1:{port}/mcp"


@asynccontextmanager
async def assistant(fax_server: StoneFaxServer, **more: str) -> AsyncIterator[ClientSession]:
    """Connect an assistant to a server of its own, over HTTP."""
    async with serving(fax_server, **more) as url, over_http(url) as session:
        yield session


async def ask(session: ClientSession, *ids: str) -> CallToolResult:
    """Call the tool."""
    return await session.call_tool("get_fax", {"ids": list(ids)})


def words(result: CallToolResult) -> str:
    """Give the text of an answer."""
    return "\n".join(part.text for part in result.content if isinstance(part, TextContent))


def faxes(result: CallToolResult) -> list[dict[str, Any]]:
    """Give the values of an answer."""
    assert not result.isError, words(result)
    assert result.structuredContent
    told: list[dict[str, Any]] = result.structuredContent["faxes"]
    return told


async def test_there_is_one_tool_and_its_description_is_a_contract(
    fax_server: StoneFaxServer, snapshot: SnapshotAssertion
) -> None:
    """Name, words for the model, what goes in, what comes out, and that it only reads."""
    async with assistant(fax_server) as session:
        (tool,) = (await session.list_tools()).tools
        with pytest.raises(McpError, match="There is one tool here: get_fax"):
            await session.call_tool("send_fax", {})
    assert tool.model_dump(mode="json", exclude_none=True) == snapshot(extension_class=JSONSnapshotExtension)


async def test_the_document_shows_what_it_is_like(fax_server: StoneFaxServer) -> None:
    """docs/mcp.md: a command that there is, the port and the way over HTTP, and an answer as it comes."""
    text = (ROOT / "docs" / "mcp.md").read_text()
    own, remote, answer = map(json.loads, re.findall(r"```json\n(.*?)```", text, re.DOTALL))
    command = typer.main.get_group(cli).commands[own["mcpServers"]["faxbot"]["args"][0]]
    defaults = {parameter.name: parameter.default for parameter in command.params}
    assert f"{defaults['host']}, port {defaults['port']};" in text
    assert remote["mcpServers"]["faxbot"]["url"].endswith(PATH)
    (shown,) = answer["faxes"]
    async with assistant(fax_server) as session:
        (told,) = faxes(await ask(session, shown["id"]))
    assert shown["fields"].items() <= told.pop("fields").items()
    assert {name: value for name, value in shown.items() if name != "fields"} == told


async def test_a_hint_that_it_is_not_the_number_is_told_too(fax_server: StoneFaxServer) -> None:
    """As on a card: where several faxes to different numbers failed alike."""
    async with assistant(fax_server) as session:
        answer = await ask(session, *TRUNK_DOWN)
    hint = faxes(answer)[-1]["hint"]
    assert re.search(r"All 3 faxes looked up since 2026-11-20T10:40, .*the line, not this number", hint)
    assert "the line, not this number" in words(answer)


async def test_an_assistant_that_starts_the_bot_gets_verdict_and_advice(
    fax_server: StoneFaxServer, tmp_path: Path
) -> None:
    """In a process of its own, over standard input and output: delivered, failed, unknown, and ten at once."""
    server = StdioServerParameters(
        command=sys.executable,
        args=["-m", "bot", "mcp"],
        cwd=tmp_path,
        env=environment({"PYTHONPATH": str(ROOT), **values(fax_server)}),
    )
    with (tmp_path / "log").open("w+") as log:
        async with stdio_client(server, log) as (incoming, outgoing), ClientSession(incoming, outgoing) as session:
            hello = await session.initialize()
            assert hello.serverInfo.name == "faxbot"
            (tool,) = (await session.list_tools()).tools
            delivered = await ask(session, DOCUMENTED)
            failed = await ask(session, f"https://fax.example.com/faxes/{BUSY}?tab=1")
            unknown = await ask(session, UNKNOWN)
            ten = await ask(session, *IDS[:10])
        log.seek(0)
        lines = [json.loads(line) for line in log]
    assert tool.name == "get_fax"
    (fax,) = faxes(delivered)
    assert (fax["found"], fax["status"], fax["final"], fax["verdict"]) == (
        True, "Completed", True, "Fax to Mario Rossi was delivered."
    )  # fmt: skip
    assert words(delivered).startswith("✅ Fax delivered\n")
    (fax,) = faxes(failed)
    assert (fax["id"], fax["side"], fax["cause"]["family"]) == (BUSY, "far_end", "busy")
    assert fax["fields"]["recipients"] == [{"name": "Mario Rossi", "number": "+39 ••• 678"}]
    assert fax["next_step"] in fax["verdict"]
    assert fax["next_step"] in words(failed)
    (fax,) = faxes(unknown)
    assert (fax["found"], fax["error"]["kind"]) == (False, "not_found")
    assert f"(ref {fax['error']['reference']})" in words(unknown)
    assert tuple(fax["id"] for fax in faxes(ten)) == IDS[:10]
    assert len(ten.content) == 10
    audited = [line for line in lines if "fax" in line]
    assert {(line["user"], line["way_in"]) for line in audited} == {("mcp", "mcp")}
    assert [line["outcome"] for line in audited[:3]] == ["shown_to_others", "shown_to_others", "not_found"]
    assert len(audited) == 13


async def test_what_is_printed_is_the_protocol_alone_and_the_log_holds_nothing_private(
    fax_server: StoneFaxServer, tmp_path: Path
) -> None:
    """At LOG_LEVEL=debug, with lines that are no protocol at all; the end of the input is the end, exit 0."""
    fax_server.put(BUSY, {**FAX, "status": "Failed"})
    hello = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}}
    lines: list[dict[str, Any]] = [
        {"id": 1, "method": "initialize", "params": hello},
        {"method": "notifications/initialized"},
        {"id": 2, "method": "tools/call", "params": {"name": "get_fax", "arguments": {"ids": [BUSY]}}},
        {"id": 3, "method": "tools/call", "params": {"name": "get_fax", "arguments": {"ids": [ALL]}}},
        {"id": 4, "method": "tools/call", "params": {"name": ALL}},
        {"id": 5, "method": ALL},
        {"id": 6, "method": "tools/call", "params": ALL},
    ]
    wire = [json.dumps({"jsonrpc": "2.0", **line}) for line in lines] + [ALL, "{"]
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot",
        "mcp",
        cwd=tmp_path,
        env=environment({"PYTHONPATH": str(ROOT), **values(fax_server, LOG_LEVEL="debug", LOG_FORMAT="json")}),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stdin
    assert process.stdout
    process.stdin.write("".join(f"{line}\n" for line in wire).encode())
    said: dict[int, dict[str, Any]] = {}
    while len(said) < 5:
        message = json.loads(await asyncio.wait_for(process.stdout.readline(), 10))
        assert message["jsonrpc"] == "2.0"
        if "id" in message:
            said[message["id"]] = message
    rest, log = await process.communicate(b"")  # the end of the input
    assert all(json.loads(line)["jsonrpc"] == "2.0" for line in rest.splitlines())
    assert process.returncode == 0
    assert said[2]["result"]["structuredContent"]["faxes"][0]["status"] == "Failed"
    assert said[3]["result"]["isError"]
    assert BUSY in log.decode()
    assert not marks_in(log.decode())


def private_words(answer: Mapping[str, Any]) -> set[str]:
    """Give what others may not see of a fax: its subject, its sender, its server."""
    return {str(answer[name]) for name in ("subject", "username", "serverName") if answer.get(name)}


def numbers(answer: Mapping[str, Any]) -> set[str]:
    """Give every part of its recipients' numbers that would tell one of them."""
    recipients = answer.get("recipient") or []
    each = [recipients] if isinstance(recipients, dict) else recipients
    digits = [only_digits(str(one.get("faxNumber"))) for one in each]
    return {number[start : start + TOLD] for number in digits for start in range(len(number) - TOLD + 1)}


async def test_no_answer_holds_what_others_may_not_see(fax_server: StoneFaxServer) -> None:
    """Of no fax of the playground: no number, subject, sender or server, in values and in text."""
    async with assistant(fax_server) as session:
        answers = {fax_id: await ask(session, fax_id) for fax_id in IDS}
    assert len(answers) >= 50
    for fax_id, answer in answers.items():
        fax = fax_server.fax(fax_id) or {}
        whole = json.dumps(answer.structuredContent, ensure_ascii=False) + words(answer)
        told = TIMES.sub("", FAX_ID.sub("", whole))
        assert faxes(answer)[0]["id"] == fax_id
        assert not {word for word in private_words(fax) if word in told}, fax_id
        runs = re.findall(r"\d+", told)
        assert not {part for part in numbers(fax) if any(part in run for run in runs)}, fax_id
        assert not {"sender", "subject", "server", "size"} & faxes(answer)[0].get("fields", {}).keys()


async def test_a_number_is_masked_however_it_is_spelled(fax_server: StoneFaxServer) -> None:
    """In a name, in the server's words, in the id that the server has for it."""
    async with assistant(fax_server) as session:
        for status in ("Failed", "Completed", "Queued", "About subjectfig 020 7946 0987"):
            fax_server.put(BUSY, {**FAX, "status": status})
            answer = await ask(session, BUSY)
            assert "Ann Lee" in words(answer)
            assert not marks_in(TIMES.sub("", answer.model_dump_json())), status


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"ids": ["clinic"]}, "“clinic” is no fax id. One looks like"),
        ({"ids": [BUSY, "+39 06 1234 5678"]}, "I look up by id, not by number. One looks like"),
        ({"ids": ["IAS-N1_401d6c8c07d6b7a"]}, "is not a whole fax id. A whole one looks like"),
        ({"ids": ["../../x"]}, "is no fax id"),
        ({"ids": [""]}, "is no fax id"),
        ({"ids": []}, "Give 1 to 10 fax ids"),
        ({"ids": IDS[:11]}, "Give 1 to 10 fax ids"),
        ({"ids": [" ".join(IDS[:11])]}, "Give 1 to 10 fax ids"),
        ({"ids": BUSY}, "Give 1 to 10 fax ids"),
        ({"ids": [17]}, "Give 1 to 10 fax ids"),
        ({"ids": [BUSY], "full": True}, "Give 1 to 10 fax ids"),
        ({}, "Give 1 to 10 fax ids"),
    ],
)
async def test_what_names_no_fax_is_said_with_an_example(
    fax_server: StoneFaxServer, arguments: dict[str, Any], said: str
) -> None:
    """As an error of the tool, so that the model can mend it; the fax server is not asked."""
    async with assistant(fax_server) as session:
        answer = await session.call_tool("get_fax", arguments)
    assert answer.isError
    assert said in words(answer)
    assert EXAMPLE_ID in words(answer)
    assert not fax_server.total


async def test_where_people_find_an_id_is_told_the_assistant_too(fax_server: StoneFaxServer) -> None:
    """FAXBOT_ID_HINT."""
    async with assistant(fax_server, FAXBOT_ID_HINT="It is on the receipt.") as session:
        assert "It is on the receipt." in words(await ask(session, "clinic"))


async def test_a_fault_of_the_fax_server_is_an_answer(fax_server: StoneFaxServer) -> None:
    """Whose turn it is, as `lookup --json` has it: no error of the tool."""
    async with assistant(fax_server) as session:
        fax_server.mood = Rule(status=503, reason=ALL)
        busy = await ask(session, BUSY)
        await fax_server.__aexit__(None, None, None)
        down = await ask(session, BUSY, DOCUMENTED)
    assert [fax["error"]["kind"] for fax in faxes(busy)] == ["server_busy"]
    assert not marks_in(busy.model_dump_json())
    assert {fax["error"]["kind"] for fax in faxes(down)} == {"connection_refused"}
    assert "Nobody answers at the fax server's address" in words(down)


async def test_an_assistant_has_a_pace_too(fax_server: StoneFaxServer) -> None:
    """FAXBOT_PER_MINUTE, for all that it does."""
    async with serving(fax_server, FAXBOT_PER_MINUTE="2") as url:
        async with over_http(url) as session:
            assert [(await ask(session, BUSY)).isError for _ in range(2)] == [False, False]
        async with over_http(url) as session:
            refused = await ask(session, BUSY)
    assert refused.isError
    assert "That was 2 look-ups in a minute. Go on in" in words(refused)


async def test_a_fault_of_our_own_is_said_without_its_text(
    fax_server: StoneFaxServer, monkeypatch: pytest.MonkeyPatch, logged: StringIO
) -> None:
    """An exception may quote a fax. A mock, since nobody knows of a fault that is left."""

    def broken(*_: object) -> None:
        raise ValueError(ALL)

    monkeypatch.setattr("bot.mcp.tool.report", broken)
    async with assistant(fax_server) as session:
        answer = await ask(session, BUSY)
    assert answer.isError
    assert "Something went wrong on my side" in words(answer)
    assert not marks_in(words(answer) + logged.getvalue())
    assert "ValueError at" in logged.getvalue()


HELLO = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "tools/call",
    "params": {"name": "get_fax", "arguments": {"ids": [BUSY]}},
}


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 401),
        ({"Authorization": "Bearer"}, 401),
        ({"Authorization": f"Bearer {TOKEN}x"}, 401),
        ({"Authorization": f"Bearer {TOKEN[:-1]}"}, 401),
        ({"Authorization": f"Basic {TOKEN}"}, 401),
        ({"Authorization": TOKEN}, 401),
        ({"Authorization": f"Bearer {TOKEN}", "Host": "evil.example.com"}, 421),
        ({"Authorization": f"Bearer {TOKEN}", "Origin": "https://evil.example.com"}, 403),
        ({"Authorization": f"Bearer {TOKEN}", "Host": "faxbot.example.com"}, 200),
        ({"Authorization": f"bearer {TOKEN}", "Host": "localhost:3001"}, 200),
    ],
)
async def test_only_who_holds_the_token_is_let_in_and_no_browser(
    fax_server: StoneFaxServer, headers: dict[str, str], status: int, logged: StringIO
) -> None:
    """401 says how to come in; what came is not logged, and neither is the token."""
    async with serving(fax_server) as url, httpx.AsyncClient() as http:
        answer = await http.post(url, json=HELLO, headers={"Accept": "application/json", **headers})
    assert answer.status_code == status
    assert ("WWW-Authenticate" in answer.headers) == (status == 401)
    assert bool(fax_server.total) == (status == 200)
    assert "-token-" not in logged.getvalue()


async def test_other_requests_get_nothing(fax_server: StoneFaxServer) -> None:
    """No page, no stream that stays open, no body without an end; without the token not even that is told."""
    async with serving(fax_server) as url:
        async with httpx.AsyncClient() as http:
            assert (await http.get(url)).status_code == 401
            assert (await http.get(url.replace("/mcp", "/"))).status_code == 401
        async with httpx.AsyncClient(headers={"Authorization": f"Bearer {TOKEN}"}) as http:
            assert (await http.get(url)).status_code == 405
            assert (await http.delete(url)).status_code == 405
            assert (await http.get(url.replace("/mcp", "/"))).status_code == 404
            assert (await http.post(url, content=b"x" * 70_000)).status_code == 413
            assert (await http.post(url, json=ALL, headers={"Accept": "application/json"})).status_code == 400


async def test_over_http_in_a_process_of_its_own(fax_server: StoneFaxServer, tmp_path: Path) -> None:
    """It says its port, answers, and ends at SIGTERM, exit 0; at LOG_LEVEL=debug no token is in the log."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "bot", "mcp", "--http", "--port", "0"),
        cwd=tmp_path,
        env=environment({"PYTHONPATH": str(ROOT), **values(fax_server, LOG_LEVEL="debug", LOG_FORMAT="json")}),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stderr
    log, port = "", None
    async for line in process.stderr:
        log += line.decode()
        if (port := json.loads(line).get("port")) is not None:
            break
    url = f"http://127.0.0.1:{port}/mcp"
    async with over_http(url) as session, httpx.AsyncClient() as http:
        (fax,) = faxes(await ask(session, BUSY))
        assert (await http.post(url, headers={"Authorization": "Bearer wrong-token-of-another"})).status_code == 401
    process.send_signal(signal.SIGTERM)
    out, rest = await process.communicate()
    log += rest.decode()
    assert (process.returncode, out) == (0, b"")
    assert fax["status"] == "Failed"
    assert '"way_in": "mcp"' in log
    for private in ("-token-", "Rossi", "1234", "Referral", "user1", "playground"):
        assert private not in log


@pytest.mark.parametrize(
    ("arguments", "changed", "said"),
    [
        ((), {"STONEFAX_URL": ""}, "STONEFAX_URL: is missing. Example: "),
        (("--http",), {"FAXBOT_MCP_TOKEN": ""}, "FAXBOT_MCP_TOKEN: is missing. Example: "),
        (("--http",), {"FAXBOT_MCP_TOKEN": "plum-123"}, "FAXBOT_MCP_TOKEN: must be at least 16 characters"),
        (("--http",), {"FAXBOT_MCP_TOKEN": "plum-pflaume-zwetschge-ü"}, "FAXBOT_MCP_TOKEN: must be plain letters"),
        (("--http", "--host", "192.0.2.1"), {}, "Cannot listen on 192.0.2.1:3001"),
        ((), {"FAXBOT_ALLOWED_CHANNELS": "C0123ABCD"}, "FAXBOT_ALLOWED_CHANNELS: cannot be kept by faxbot mcp"),
        (("--http",), {"FAXBOT_ALLOWED_USER_GROUPS": "S0123ABCD"}, "FAXBOT_ALLOWED_USER_GROUPS: cannot be kept"),
    ],
)
@pytest.mark.usefixtures("logged")
def test_what_is_wrong_with_the_setup_is_said_before_it_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], changed: dict[str, str], said: str
) -> None:
    """Exit 2, the usual line, on standard error alone; rules about people in Slack have nobody to hold for."""
    monkeypatch.chdir(tmp_path)
    right = {
        "STONEFAX_URL": "https://fax.example.com",
        "STONEFAX_USERNAME": "faxbot",
        "STONEFAX_PASSWORD": "plum",
        "FAXBOT_MCP_TOKEN": TOKEN,
    }
    ran = CliRunner().invoke(cli, ["mcp", *arguments], env={**right, **changed})
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert said in ran.stderr
    assert "plum" not in ran.stderr


async def test_without_the_extra_it_says_what_to_install(fax_server: StoneFaxServer, tmp_path: Path) -> None:
    """As pip wants it typed."""
    (tmp_path / "mcp.py").write_text("raise ModuleNotFoundError('No module named mcp', name='mcp')")
    here = {"PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"}
    ran = await faxbot("mcp", values={**values(fax_server), **here}, cwd=tmp_path)
    assert (ran.code, ran.out) == (2, "")
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    (sdk,) = extras["mcp"]
    assert f"pip install '{sdk}'" in ran.err
    assert f"pip install '{sdk}'" in (ROOT / "docs" / "mcp.md").read_text()


async def test_the_bot_that_serves_loads_nothing_of_it(tmp_path: Path) -> None:
    """Neither the SDK nor what it brings."""
    script = "import bot.__main__, sys; print({'mcp', 'starlette', 'jsonschema', 'bot.mcp'} & set(sys.modules))"
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", script, cwd=tmp_path, env=environment({"PYTHONPATH": str(ROOT)}), stdout=-1
    )
    out, _ = await process.communicate()
    assert out.strip() == b"set()"
