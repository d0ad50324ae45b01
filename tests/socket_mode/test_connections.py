"""Connections come and go, and nobody notices: nothing is lost, and nothing done twice."""

import asyncio
from dataclasses import replace

import pytest

from playground.slack import Delivery, Message
from playground.slack.example import ANN, BOT, SUPPORT
from playground.stonefax import Rule
from tests.conftest import BUSY, Desk, Opening
from tests.faults.desk import until
from tests.socket_mode.conftest import HASTY, IMPATIENT, WITHIN, openings, readiness, until_connected
from tests.test_shortcuts import modal_of, opened, typed, words_of

CARD = "the line was busy"
MENTION = f"<@{BOT}> {BUSY}"


def answers_to(desk: Desk, message: Message) -> int:
    """Count the bot's replies to a message."""
    return sum(reply.user == BOT for reply in desk.slack.workspace.replies(message.channel, message.ts))


async def test_slack_sees_two_connections(socket_desk: Desk) -> None:
    """And no more are asked for."""
    assert [one.number for one in socket_desk.slack.sockets.connections] == [1, 2]
    assert openings(socket_desk) == 2
    assert await readiness(socket_desk) == (200, (await readiness(socket_desk))[1] | {"socket_mode": "ok"})


async def test_a_refresh_of_both_connections_under_steady_load_loses_nothing(socket_desk: Desk) -> None:
    """Each command is acked with its card, each mention answered once, while Slack closes both connections twice."""
    desk = socket_desk
    refreshing, commands, mentions = True, list[Delivery](), list[Message]()

    async def typing() -> None:
        while refreshing:
            commands.append(await desk.ask(BUSY))
            await asyncio.sleep(0.01)  # a person, and where nobody is connected Slack says so at once

    async def mentioning() -> None:
        while refreshing:
            mentions.append(await desk.slack.post(ANN, SUPPORT, MENTION))
            await asyncio.sleep(0.01)

    people = [asyncio.create_task(one()) for one in (typing, typing, typing, typing, mentioning)]
    for _ in range(2):
        both = tuple(desk.slack.sockets.connections)
        await asyncio.gather(*(desk.slack.sockets.refresh(one, warned=1.0) for one in both))
        await until_connected(desk, lambda there: len(there) == 2)
    refreshing = False
    await asyncio.gather(*people)
    assert len(commands) > 50
    assert all(one.acked and CARD in one.shown[0].words for one in commands)
    assert [answers_to(desk, one) for one in mentions] == [1] * len(mentions)
    assert desk.slack.sockets.stray == []
    assert {one.number for one in desk.slack.sockets.connections} == {5, 6}


async def test_an_ack_lost_with_its_connection_is_made_good_once(socket_desk: Desk) -> None:
    """The connection breaks between the command and its answer: the answer comes by the response_url."""
    socket_desk.fax_server.rule(BUSY, Rule(delay=0.2))
    socket_desk.slack.sockets.cuts = 1
    delivery = await socket_desk.ask(BUSY)
    assert delivery.failure == "dispatch_failed"
    assert CARD in (await socket_desk.late(delivery)).words
    await until_connected(socket_desk, lambda there: len(there) == 2)
    assert delivery.response_url
    assert len(delivery.response_url.posts) == 1
    assert socket_desk.slack.sockets.stray == []


async def test_an_answer_in_a_modal_that_is_lost_with_its_connection_is_made_good(socket_desk: Desk) -> None:
    """The ack of a submission would have been the answer: the modal is changed instead."""
    desk = socket_desk
    desk.fax_server.rule(BUSY, Rule(delay=0.2))
    await desk.slack.shortcut("look_up_a_fax", user=ANN)
    view = await opened(desk)
    desk.slack.sockets.cuts = 1
    delivery = await desk.slack.submit(view, typed(BUSY))
    assert delivery.failure == "dispatch_failed"
    await desk.slack.until(lambda: CARD in words_of(modal_of(desk)))
    assert desk.slack.sockets.stray == []


async def test_an_event_whose_ack_is_lost_comes_again_and_is_done_once(socket_desk: Desk) -> None:
    """By another connection; the claim on its id knows it."""
    desk = socket_desk
    desk.slack.retry_pauses, desk.slack.sockets.ack_within = (0.0, 0.1, 0.1), IMPATIENT
    desk.fax_server.rule(BUSY, Rule(delay=0.2))
    desk.slack.sockets.cuts = 1
    message = await desk.slack.post(ANN, SUPPORT, MENTION)
    await until(lambda: not desk.slack.retries, WITHIN, "it comes again and again")
    deliveries = [one for one in desk.slack.deliveries if one.kind == "app_mention"]
    assert (deliveries[0].retry_reason, deliveries[-1].acked) == ("connection_failed", True)
    assert answers_to(desk, message) == 1


async def test_an_event_that_takes_long_is_not_acked_until_it_is_done(socket_desk: Desk) -> None:
    """Slack keeps it for us, and brings it again."""
    desk = socket_desk
    desk.slack.retry_pauses, desk.slack.sockets.ack_within = (0.0, 0.1, 0.1), IMPATIENT
    desk.fax_server.rule(BUSY, Rule(delay=1.2))
    message = await desk.slack.post(ANN, SUPPORT, MENTION)
    await until(lambda: not desk.slack.retries, WITHIN, "it comes again and again")
    deliveries = [one for one in desk.slack.deliveries if one.kind == "app_mention"]
    assert (deliveries[0].retry_reason, deliveries[-1].acked) == ("timeout", True)
    assert answers_to(desk, message) == 1


async def test_an_event_with_an_id_that_is_done_is_acked_and_not_done_again(socket_desk: Desk) -> None:
    """Whichever connection brings it."""
    desk = socket_desk
    message = desk.slack.workspace.say(Message(SUPPORT, desk.slack.workspace.new_ts(), ANN, MENTION))
    payload = desk.slack.payloads.event(desk.slack.payloads.posted("app_mention", message), in_shared_channel=False)
    assert all([(await desk.slack.send_json("app_mention", payload, {})).acked for _ in range(3)])
    assert answers_to(desk, message) == 1


async def test_a_cut_leaves_the_other_connection_and_is_healed(socket_desk: Desk) -> None:
    """Nobody waits for it."""
    socket_desk.slack.sockets.connections[0].cut()
    assert CARD in await socket_desk.asked(BUSY)
    await until_connected(socket_desk, lambda there: there == {2, 3})
    assert (await readiness(socket_desk))[0] == 200


async def test_a_connection_that_answers_no_ping_is_given_up(socket_desk: Desk) -> None:
    """The network swallows everything, and says nothing: another one is opened."""
    socket_desk.slack.sockets.connections[0].mute = True
    await until_connected(socket_desk, lambda there: there == {2, 3})


async def test_slacks_own_pings_are_answered(socket_desk: Desk) -> None:
    """It gives up who does not."""
    await until(lambda: all(one.pongs for one in socket_desk.slack.sockets.connections), WITHIN, "no pong")


async def test_a_connection_lasts_longer_than_a_call_may_take(
    closed_socket_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is opened by the session that calls are made by, which has a deadline for them."""
    monkeypatch.setattr("bot.slack.workspace.SECONDS_PER_CALL", 0.3)
    closed_socket_desk.timing = replace(closed_socket_desk.timing, socket_mode=replace(HASTY, ping=5.0))
    async with Opening(closed_socket_desk) as desk:
        await asyncio.sleep(0.6)
        assert CARD in await desk.asked(BUSY)
        assert [one.number for one in desk.slack.sockets.connections] == [1, 2]
