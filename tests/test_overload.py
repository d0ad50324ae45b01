"""More than the bot can hold is shed: with a sentence, or left to Slack, and never with silence or growth."""

import asyncio
import socket
from contextlib import ExitStack
from dataclasses import dataclass, replace
from io import StringIO
from typing import cast

import httpx
import pytest
import uvloop

from bot.cards.modal import INPUT, INPUT_BLOCK
from bot.server.edge import Edge, Receive, Scope, Send
from bot.server.http import Capped, listening_socket, serving
from bot.server.load import Load
from handlers.shortcuts import ANYWHERE
from playground.slack import Delivery, Message
from playground.slack.example import ANN, BOT, SUPPORT
from playground.stonefax import Rule
from tests.conftest import BUSY, QUICK, Desk, Opening
from tests.presses import card

SENTENCE = "I am answering as many people as I can just now"
ROOM = 4
"""Requests that are let in, here."""
FORM = {"content-type": "application/x-www-form-urlencoded"}


@pytest.fixture
async def small_desk(closed_desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """Give a closed desk whose bot has room for few requests at once, however quick it is."""
    monkeypatch.setattr("bot.app.ALWAYS_LET_IN", ROOM)
    closed_desk.timing = replace(QUICK, patience=1.0, work=1000.0)
    return closed_desk


def waiting_faxes(desk: Desk, count: int, *, seconds: float = 0.4) -> list[str]:
    """Let the fax server know so many faxes, and take its time for each."""
    ids = [f"IAS-N1_401d6c8c0000{number:03}_0" for number in range(count)]
    for fax_id in ids:
        desk.put(fax_id, status="Queued")
        desk.fax_server.rule(fax_id, Rule(delay=seconds))
    return ids


async def full(desk: Desk) -> list[asyncio.Task[Delivery]]:
    """Let commands take all the room that there is."""
    asked = [asyncio.create_task(desk.ask(fax_id)) for fax_id in waiting_faxes(desk, ROOM, seconds=0.8)]
    await desk.fax_server.until(lambda: desk.fax_server.at_once == ROOM)
    return asked


def words(delivery: Delivery) -> str:
    """Give what an ack says."""
    return delivery.shown[0].words


async def test_commands_beyond_the_room_are_told_so_at_once(small_desk: Desk, logged: StringIO) -> None:
    """Every one is acked, and what is shed never reaches the fax server; the log has a line, not one for each."""
    async with Opening(small_desk) as desk:
        deliveries = await asyncio.gather(*(desk.ask(fax_id) for fax_id in waiting_faxes(desk, 40)))
        assert all(delivery.acked for delivery in deliveries)
        told = [delivery for delivery in deliveries if SENTENCE in words(delivery)]
        answered = [delivery for delivery in deliveries if "waiting" in words(delivery)]
        assert (len(answered), len(told)) == (ROOM, 40 - ROOM)
        assert desk.fax_server.total == ROOM
        assert "shed at the edge" in logged.getvalue()
        assert logged.getvalue().count("shed at the edge") < len(told)
        assert "waiting" in words(await desk.ask("IAS-N1_401d6c8c0000000_0"))


async def test_an_event_beyond_the_room_is_left_to_slack_and_done_once(small_desk: Desk) -> None:
    """Nothing of it is kept here: its next delivery finds it as new."""
    async with Opening(small_desk) as desk:
        asked = await full(desk)
        ts = desk.slack.workspace.new_ts()
        mention = desk.slack.workspace.say(Message(SUPPORT, ts, ANN, f"<@{BOT}> {BUSY}"))
        event = desk.slack.payloads.posted("app_mention", mention)
        payload = desk.slack.payloads.event(event, in_shared_channel=False)
        assert (await desk.slack.send_json("app_mention", payload, {})).status == 503
        await asyncio.gather(*asked)
        assert (await desk.slack.send_json("app_mention", payload, {})).status == 200
        assert (await desk.slack.send_json("app_mention", payload, {})).status == 200
        assert len(desk.slack.workspace.replies(SUPPORT, ts)) == 1


async def test_a_press_beyond_the_room_is_told_so_or_slack_warns(
    small_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its ack would show nothing, so it is told by response_url; so few at once that they are no load themselves."""
    monkeypatch.setattr("bot.server.intake.MOST_TOLD", 2)
    async with Opening(small_desk) as desk:
        on = await card(desk)
        asked = await full(desk)
        desk.slack.fail("response_url", times=2, delay=0.2)
        presses = [await desk.slack.press(on, "share", user=ANN) for _ in range(3)]
        assert [press.status for press in presses] == [200, 200, 503]
        for press in presses[:2]:
            assert SENTENCE in (await desk.late(press)).words
        await asyncio.gather(*asked)


async def test_a_modal_beyond_the_room_keeps_what_was_typed(small_desk: Desk) -> None:
    """Slack says that it had trouble connecting, and the person submits again."""
    async with Opening(small_desk) as desk:
        await desk.slack.shortcut(ANYWHERE, user=ANN)
        view = await desk.slack.until(lambda: next(iter(desk.slack.workspace.modals.get(ANN, ())), None))
        assert view
        asked = await full(desk)
        values = {INPUT_BLOCK: {INPUT: {"type": "plain_text_input", "value": BUSY}}}
        assert (await desk.slack.submit(view, values)).status == 503
        assert desk.slack.workspace.find_view(view.id) == view
        await asyncio.gather(*asked)
        assert (await desk.slack.submit(view, values)).acked


async def test_who_is_not_slack_hears_nothing_of_it(small_desk: Desk) -> None:
    """The signature comes first: strangers take no room, and are not told that there is none."""
    async with Opening(small_desk) as desk, httpx.AsyncClient() as http:
        asked = await full(desk)
        response = await http.post(desk.slack.bot_url, content=b"command=%2Ffax&text=x", headers=FORM)
        assert (response.status_code, SENTENCE in response.text) == (401, False)
        await asyncio.gather(*asked)


async def test_a_fax_server_that_is_slow_does_not_take_the_room_for_good(small_desk: Desk) -> None:
    """A request has left as soon as its ack is out, whatever becomes of the look-up."""
    async with Opening(small_desk) as desk:
        late = await asyncio.gather(*(desk.ask(fax_id) for fax_id in waiting_faxes(desk, ROOM, seconds=1.4)))
        assert all("taking its time" in words(delivery) for delivery in late)
        assert desk.fax_server.at_once == ROOM
        assert "the line was busy" in await desk.asked(BUSY)


async def test_beyond_the_pieces_of_work_that_a_process_may_hold_everybody_is_told(
    closed_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What waits for the fax server after its ack is bounded too, and with it the queue before the fax server."""
    monkeypatch.setattr("bot.app.MOST_TASKS", ROOM)
    closed_desk.timing = replace(QUICK, patience=0.1)
    async with Opening(closed_desk) as desk:
        deliveries = await asyncio.gather(*(desk.ask(fax_id) for fax_id in waiting_faxes(desk, 20)))
        told = [SENTENCE in words(delivery) for delivery in deliveries]
        assert (told.count(False), told.count(True)) == (ROOM, 20 - ROOM)
        late = [delivery for delivery in deliveries if "taking its time" in words(delivery)]
        for delivery in late:
            assert "waiting" in (await desk.late(delivery)).words
        assert desk.fax_server.total == ROOM


@dataclass
class Clocks:
    """A CPU, and the time; both stand still unless told otherwise."""

    cpu: float = 0.0
    time: float = 0.0

    def do(self, load: Load, requests: int, *, cost: float, every: float) -> None:
        """Do so many, one `every` so many seconds, at the `cost` of so many of the CPU each."""
        for _ in range(requests):
            with load.one_more():
                self.cpu += cost
                self.time += every


def test_the_room_is_what_a_busy_process_did_in_the_last_seconds_of_its_cpu() -> None:
    """It is large where requests cost little, and small where they cost much, or what is shed costs as much as they."""
    clocks = Clocks()
    load = Load(1.0, 256, lambda: clocks.cpu, lambda: clocks.time)
    clocks.do(load, 1024, cost=1 / 1024, every=1 / 1024)
    assert load.most == 1024
    clocks.do(load, 64, cost=1 / 64, every=1 / 32)
    assert load.most == 64


def test_a_process_with_time_to_spare_has_room_for_what_waits() -> None:
    """It gets little done, and yet many may wait for a fax server that hangs: they cost nothing."""
    clocks = Clocks()
    load = Load(1.0, 256, lambda: clocks.cpu, lambda: clocks.time)
    assert load.most == 256
    clocks.do(load, 64, cost=1 / 64, every=1.0)
    assert load.most == 256


async def test_unfinished_bodies_are_held_up_to_a_bound(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else many who never finish would fill the memory, each with less than the largest body."""
    monkeypatch.setattr("bot.server.edge.MOST_HELD", 250_000)
    head = b"POST /slack/events HTTP/1.1\r\nHost: x\r\nContent-Length: 200000\r\n\r\n"
    one, other = await connected(desk), await connected(desk)
    for _, writer in (one, other):
        writer.write(head + b"x" * 150_000)
        await writer.drain()
    answers = [asyncio.create_task(reader.read(12)) for reader, _ in (one, other)]
    done, waiting = await asyncio.wait(answers, timeout=2.0, return_when=asyncio.FIRST_COMPLETED)
    assert {task.result() for task in done} == {b"HTTP/1.1 413"}
    assert len(waiting) == 1
    for _, writer in (one, other):
        writer.close()
    await asyncio.gather(*answers, return_exceptions=True)


async def connected(desk: Desk) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Open a connection."""
    return await asyncio.open_connection("127.0.0.1", int(desk.url.rsplit(":", 1)[1]))


async def test_connections_are_taken_up_to_a_bound(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next is closed; those that are there go on to be served."""
    monkeypatch.setattr("bot.server.http.MOST_CONNECTIONS", 3)
    connections = [await connected(desk) for _ in range(5)]
    for reader, _ in connections[3:]:
        assert await asyncio.wait_for(reader.read(), 1.0) == b""
    for reader, writer in connections:
        if not reader.at_eof():
            writer.write(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
            assert (await reader.read(12)) == b"HTTP/1.1 200"
        writer.close()


async def test_who_connects_and_says_nothing_is_hung_up_on(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten seconds in earnest; whether nothing comes at all, or half a head."""
    monkeypatch.setattr("bot.server.http.SECONDS_FOR_A_HEAD", 0.1)
    for said in (b"", b"POST /slack/events HTTP/1.1\r\nHost"):
        reader, writer = await connected(desk)
        writer.write(said)
        assert await asyncio.wait_for(reader.read(), 1.0) == b""
        writer.close()


def test_connections_that_wait_are_taken_in_a_few_turns_of_the_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    """In each turn uvloop takes one from each listening socket: under load they would wait unseen, for seconds."""
    made, taken = Capped.connection_made, 0

    def counted(self: Capped, transport: asyncio.Transport) -> None:
        nonlocal taken
        taken += 1
        made(self, transport)

    monkeypatch.setattr(Capped, "connection_made", counted)

    async def turns_until_all_are_taken(many: int) -> int:
        with ExitStack() as stack:
            listener = stack.enter_context(listening_socket("127.0.0.1", 0))
            async with serving(cast("Edge", nobody), listener):
                await asyncio.sleep(0.2)
                for _ in range(many):
                    stack.enter_context(socket.create_connection(listener.getsockname()))
                turns = 0
                while taken < many:
                    await asyncio.sleep(0)
                    turns += 1
                return turns

    assert uvloop.run(turns_until_all_are_taken(64)) < 32


async def nobody(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer nothing, as nothing is asked."""
