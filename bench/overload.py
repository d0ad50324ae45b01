"""More than the bot can hold: how soon it acks, what it sheds, and what it weighs, at 1, 2 and 4 times its capacity.

python -m bench.overload [--seconds S] [--upstream S]

    closed loop: commands a second that it can serve ──▶ open loop at 1, 2, 4 times that, presses and events among it

The bot and the crowd run in processes of their own; the playground's Slack and fax server in this one. Exit 1: an ack
came too late for Slack, or not at all.
"""

import asyncio
import json
import pickle
import re
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from itertools import count, cycle, islice
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory
from typing import Annotated
from urllib.parse import urlencode, urlsplit

import typer
import uvloop
from rich.console import Console
from rich.table import Table

from bench.crowd import Order, Outcome, Request
from bench.desk import Desk, open_desk
from playground.slack import Message
from playground.slack.example import BOT, SUPPORT
from playground.stonefax import Rule

FAXES, PEOPLE = 4000, 400
WARMING, CALIBRATING = 3.0, 5.0
TIMES = (1, 2, 4)
MIX = ("command",) * 17 + ("press",) * 2 + ("event",)
"""What comes, twenty times over."""
FORM, JSON = "application/x-www-form-urlencoded", "application/json"
SHED, FOLLOWS = b"answering as many people", b"is taking its time"
LATE = 12.0
"""Seconds after the last request by which all that was promised is there."""
LOOKS = 0.1
WIDTH = 160


class CrowdGone(Exception):
    """The crowd's process has broken: nothing is known of what it sent."""


@dataclass
class Requests:
    """Signed requests without end, made before they are sent: a signature is good for five minutes."""

    desk: Desk
    people: list[str]
    faxes: list[str]
    numbers: Iterator[int] = field(default_factory=count)

    def some(self, number: int, mix: Sequence[str]) -> list[Request]:
        """Give so many."""
        makers = {"command": self.command, "press": self.press, "event": self.event}
        return [Request(kind, makers[kind]()) for kind in islice(cycle(mix), number)]

    def asker(self) -> tuple[str, str]:
        """Give a person and a fax, another each time."""
        number = next(self.numbers)
        return self.people[number % len(self.people)], self.faxes[number % len(self.faxes)]

    def command(self) -> bytes:
        """Let somebody type `/fax` and an id."""
        person, fax = self.asker()
        slack = self.desk.slack
        form = slack.payloads.command("/fax", fax, person, slack.workspace.channels[SUPPORT])
        form |= {"response_url": slack.response_urls.give("commands", person, SUPPORT).url, "trigger_id": "1.2.3"}
        return self.signed(urlencode(form), FORM)

    def press(self) -> bytes:
        """Let somebody press `Details`."""
        person, fax = self.asker()
        slack = self.desk.slack
        payload = {
            **slack.payloads.interaction("block_actions", person, "1.2.3"),
            "container": {"type": "message", "message_ts": "1.000001", "channel_id": SUPPORT, "is_ephemeral": True},
            "channel": {"id": SUPPORT, "name": "support"},
            "response_url": slack.response_urls.give("actions", person, SUPPORT).url,
            "actions": [{"type": "button", "action_id": "details", "block_id": "b", "value": f"1|{fax}"}],
        }
        return self.signed(urlencode({"payload": json.dumps(payload)}), FORM)

    def event(self) -> bytes:
        """Let somebody mention the bot."""
        person, fax = self.asker()
        workspace = self.desk.slack.workspace
        said = workspace.say(Message(SUPPORT, workspace.new_ts(), person, f"<@{BOT}> {fax}"))
        posted = self.desk.slack.payloads.posted("app_mention", said)
        return self.signed(json.dumps(self.desk.slack.payloads.event(posted, in_shared_channel=False)), JSON)

    def signed(self, body: str, content_type: str) -> bytes:
        """Give a request as it goes over the wire."""
        octets = body.encode()
        headers = {"Host": "127.0.0.1", "Content-Type": content_type, "Content-Length": str(len(octets))}
        lines = [f"{name}: {value}" for name, value in {**headers, **self.desk.slack.sign(octets)}.items()]
        return "\r\n".join(["POST /slack/events HTTP/1.1", *lines, "", ""]).encode() + octets


@dataclass(frozen=True, slots=True)
class Phase:
    """One load, and what came of it."""

    name: str
    rate: float
    outcomes: list[Outcome]
    resident: float
    """The most memory that the bot had, in MB."""
    cpu: float
    """Of one core."""
    told: Counter[str]
    """What came by response_url, by what it says."""

    @property
    def failed(self) -> int:
        """Count what Slack got no answer to."""
        return sum(not one.status for one in self.outcomes)


async def sent(desk: Desk, folder: Path, order: Order) -> list[Outcome]:
    """Let the crowd send."""
    asked, told = folder / "order", folder / "outcomes"
    asked.write_bytes(pickle.dumps(order))
    command = (sys.executable, "-m", "bench.crowd", str(asked), str(told))
    process = await asyncio.create_subprocess_exec(*command)
    status = await process.wait()
    desk.bot.require_alive()
    if status:
        raise CrowdGone(status)
    outcomes = pickle.loads(told.read_bytes())  # noqa: S301 - the process started above wrote it
    return [Outcome(*each) for each in outcomes]


async def phase(desk: Desk, folder: Path, name: str, order: Order) -> Phase:
    """Send, and watch the bot's memory; wait for what was promised for later."""
    before = len(desk.slack.response_posts)
    most, cpu = [desk.bot.resident()], desk.bot.cpu()

    async def watch_memory() -> None:
        while True:
            most.append(desk.bot.resident())
            await asyncio.sleep(LOOKS)

    watching = asyncio.create_task(watch_memory())
    outcomes = await sent(desk, folder, order)
    cpu = (desk.bot.cpu() - cpu) / order.seconds
    if order.rate:
        await asyncio.sleep(LATE)
    watching.cancel()
    posts = desk.slack.response_posts[before:]
    told = Counter("refused" if not post.shown else meaning(post.body) for post in posts)
    return Phase(name, order.rate or len(outcomes) / order.seconds, outcomes, max(most), cpu, told)


def meaning(body: bytes) -> str:
    """Say in a word what an answer says."""
    known = {SHED: "shed", FOLLOWS: "follows", b"waiting in": "card", b"did not answer": "too slow"}
    return next((word for words, word in known.items() if words in body), re.sub(rb"\s+", b" ", body[:60]).decode())


def came_of(outcome: Outcome) -> str:
    """Say in a word how a request was answered."""
    if not outcome.status:
        return "no ack"
    return (
        meaning(outcome.body) if outcome.kind == "command" and outcome.status == HTTPStatus.OK else str(outcome.status)
    )


def row(of: Phase) -> list[str]:
    """Draw a phase as a row."""
    seconds = sorted(one.seconds for one in of.outcomes)
    hundredths = quantiles(seconds, n=100, method="inclusive")
    commands = Counter(came_of(one) for one in of.outcomes if one.kind == "command")
    others = Counter(f"{one.kind} {came_of(one)}" for one in of.outcomes if one.kind != "command")
    return [
        of.name,
        f"{of.rate:,.0f}/s",
        *(f"{value * 1000:,.0f}" for value in (hundredths[49], hundredths[98], seconds[-1])),
        spelled(commands),
        spelled(others),
        spelled(of.told),
        str(of.failed),
        f"{of.resident:.0f}",
        f"{of.cpu:.0%}",
    ]


def spelled(counts: Counter[str]) -> str:
    """Write counts."""
    return "\n".join(f"{number:,} {word}" for word, number in counts.most_common(5))


async def measured(upstream: float, seconds: float, rate: float | None, complaints: Console) -> list[Phase]:
    """Measure the closed loop, and then each of the loads."""
    with TemporaryDirectory(prefix="faxbot-") as name:
        folder = Path(name)
        async with open_desk("sqlite", PEOPLE, folder) as desk:
            port = urlsplit(desk.slack.bot_url).port or 0
            requests = Requests(desk, list(islice(desk.people, PEOPLE)), desk.faxes(0, FAXES))
            desk.fax_server.mood = Rule(delay=upstream)
            await sent(desk, folder, Order(port, requests.some(2000, ["command"]), None, seconds=WARMING))
            closed = Order(port, requests.some(20_000, ["command"]), None, seconds=CALIBRATING)
            phases = [await phase(desk, folder, f"closed loop, {closed.at_once} at once", closed)]
            capacity = rate or phases[0].rate
            for times in TIMES:
                complaints.print(f"{times} times {capacity:,.0f}/s")
                some = requests.some(int(capacity * times * seconds), MIX)
                order = Order(port, some, capacity * times, seconds=seconds)
                phases.append(await phase(desk, folder, f"open loop, {times} times that", order))
            return phases


def main(
    *,
    seconds: Annotated[float, typer.Option(min=1, help="How long each load lasts.")] = 8.0,
    upstream: Annotated[float, typer.Option(min=0, help="Seconds that the fax server takes.")] = 0.0,
    rate: Annotated[float | None, typer.Option(help="Commands a second to take for the capacity.")] = None,
) -> None:
    """Measure more than the bot can hold."""
    phases = uvloop.run(measured(upstream, seconds, rate, Console(stderr=True)))
    drawn = Table(title=f"upstream {upstream * 1000:.0f} ms; acks in ms")
    for name in ("", "load", "p50", "p99", "max", "commands", "others", "by response_url", "no ack", "MB", "CPU"):
        drawn.add_column(name, justify="right")
    for one in phases:
        drawn.add_row(*row(one))
    Console(width=WIDTH).print(drawn)
    if any(one.failed for one in phases):
        raise typer.Exit(1)


if __name__ == "__main__":
    typer.run(main)
