"""Bots killed at any instant: no watch is lost, and none is told twice but where Slack's yes got lost.

Twenty kills a database; `SOAK_ROUNDS=200` makes it more, and `-s` shows the figures.
"""

import asyncio
import os
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import pairwise
from random import Random

from bot.store import Store
from bot.watches.watch import Step
from playground.slack.example import ADMIN, ANN, BOB, PRIVATE, SUPPORT
from playground.slack.faults import Fault
from tests.conftest import Desk
from tests.watches.conftest import QUICK
from tests.watches.processes.nursery import Bot, Nursery
from tests.watches.processes.wishes import (
    COMPLETED,
    FAILED,
    QUEUED,
    Told,
    Wish,
    end_after,
    fax_id,
    insist_on_all,
    none_left,
    shared_card,
    shows_the_end,
    steps,
    told,
)

ROUNDS = int(os.environ.get("SOAK_ROUNDS", "20"))
RHYTHM = replace(QUICK, life=600.0, lease=2.5, send=2.0, most_running=500)
BUSY = 0.45
"""Seconds in which a bot has told most of what it found and of what came: the kill is within them."""
WINDOW = 1.0
"""Seconds between Slack's yes and the deletion of the row, on a machine that has much else to do; else milliseconds."""
LAST_BOT = 60.0
"""Seconds at most for the one that nobody kills."""
METHODS = (
    "auth.test",
    "chat.postMessage",
    "chat.unfurl",
    "chat.update",
    "conversations.history",
    "conversations.info",
    "conversations.open",
    "conversations.replies",
    "users.info",
)
TROUBLES = (
    Fault(status=500),
    Fault(status=429, retry_after=0),
    Fault(status=429, retry_after=1),
    Fault(drop="before"),
    Fault(drop="after"),
    Fault(delay=0.1),
)
DROPPED = 0
"""The status of a call whose answer Slack sent into a broken connection."""
CALLS_BETWEEN = 18
"""At most, so that one call in ten goes wrong."""
TROUBLES_A_ROUND = 6
"""Of each method; there are fewer calls than these are for."""


@dataclass
class Rounds:
    """Wishes, and bots that die while these come true."""

    desk: Desk
    bots: Nursery
    dice: Random
    open: list[Wish] = field(default_factory=list)
    """Not promised yet."""
    promised: list[Wish] = field(default_factory=list)
    killed: dict[int, float] = field(default_factory=dict)
    """When, by process."""
    found: Counter[Step] = field(default_factory=Counter)
    """How far the watches were when their bot was killed."""

    def begun(self, wish: Wish, promised: Wish) -> None:
        """Note a promise; when all who wait for a fax have one, the fax goes on towards its end."""
        self.promised.append(promised)
        self.open.remove(wish)
        if wish.fax_id not in {one.fax_id for one in self.open}:
            end_after(self.desk, wish.fax_id, self.dice.choice((COMPLETED, FAILED)), self.dice.randint(0, 2))

    async def bear(self) -> Bot:
        """Start a bot, to which Slack turns from now on."""
        bot = await self.bots.bear(self.desk.values(), RHYTHM)
        self.desk.slack.bot_url = bot.url
        return bot

    async def prepare(self, number: int) -> list[Wish]:
        """Put the faxes, cards and links of one round where they are, and give its wishes."""
        public, private, linked, one, other = ids = [fax_id(5 * number + each) for each in range(5)]
        for each in ids:
            self.desk.put(each, status=QUEUED)
        card = await shared_card(self.desk, public, ANN, SUPPORT)
        hidden = await shared_card(self.desk, private, ADMIN, PRIVATE)
        link = await self.desk.slack.post(ANN, (SUPPORT, PRIVATE)[number % 2], f"https://fax.example.com/{linked}")
        assert link.unfurls
        below = [
            Wish(fax, person, (message.channel, message.ts))
            for fax, message, people in (
                (public, card, (ANN, BOB)),
                (private, hidden, (ANN, ADMIN)),
                (linked, link, (ANN, ADMIN)),
            )
            for person in people
        ]
        return [*below, Wish(one, ANN), Wish(one, BOB), Wish(other, BOB), Wish(other, ADMIN)]

    def trouble(self, rounds: int) -> None:
        """Let Slack be in trouble for one call in ten."""
        for method in METHODS:
            for _ in range(rounds * TROUBLES_A_ROUND):
                self.desk.slack.faults.order(method, Fault(times=self.dice.randint(1, CALLS_BETWEEN)))
                self.desk.slack.faults.order(method, self.dice.choice(TROUBLES))

    async def kill_one(self, store: Store, wishes: Sequence[Wish]) -> None:
        """Let a bot hear the wishes, and kill it at any instant."""
        self.open += wishes
        bot = await self.bear()
        asking = asyncio.create_task(insist_on_all(self.desk, tuple(self.open), self.begun))
        await asyncio.sleep(self.dice.uniform(0, BUSY))
        self.killed[bot.pid] = bot.kill()
        self.found.update(await steps(store))
        asking.cancel()
        with suppress(asyncio.CancelledError):
            await asking

    def teller(self, one: Told) -> Bot:
        """Give the bot that has told this: the youngest when its connection to Slack was first used."""
        first = next(call for call in self.desk.slack.calls if call.connection == one.call.connection)
        return max((bot for bot in self.bots.born if bot.since <= first.monotonic), key=lambda bot: bot.since)

    def yes_was_lost(self, first: Told, second: Told) -> bool:
        """Say whether Slack's yes did not arrive: its connection broke, or the bot lived on, and gave up waiting."""
        teller, watch = self.teller(first), first.mark.partition("-")[0]
        gave_up = teller is self.teller(second) and teller.logged("no answer about a watch", watch=watch)
        return first.call.status == DROPPED or bool(gave_up)

    def seconds_to_the_kill(self, one: Told) -> float:
        """Give how long its bot still lived when Slack had said yes."""
        return max(0.0, self.killed[self.teller(one).pid] - one.call.monotonic - one.call.seconds)

    def edits_given_up(self, place: tuple[str, str]) -> bool:
        """Say whether a bot has noted that it told of a card which Slack did not let it edit."""
        watches = {one.mark.partition("-")[0] for one in told(self.desk) if one.wish.below == place}
        return any(bot.logged("a card is told about", watch=watch) for bot in self.bots.born for watch in watches)


def came_true(wish: Wish, told: Collection[Wish]) -> bool:
    """Say whether a promise was kept: where the history is closed, it is as good to be told by direct message."""
    return wish in told or (wish.private and replace(wish, below=None) in told)


def found_at(steps: Mapping[Step, int]) -> str:
    """Say how far watches were."""
    return ", ".join(f"{steps.get(step, 0)} {step.value}" for step in (Step.WAITING, Step.ENDED, Step.REPLYING))


async def test_bots_killed_at_any_instant_lose_nothing_and_double_nothing(
    desk: Desk, bots: Nursery, store: Store
) -> None:
    """While one call in ten to Slack goes wrong; what is told twice is in a channel whose history is closed.

    And there alone where Slack's yes was lost: on the way, or with the bot, killed before it could delete the watch.
    """
    rounds = Rounds(desk, bots, Random(6))  # noqa: S311 - to be repeated, not to be secret
    first = await rounds.bear()
    prepared = [await rounds.prepare(number) for number in range(ROUNDS)]
    first.kill()
    rounds.trouble(ROUNDS)
    for wishes in prepared:
        await rounds.kill_one(store, wishes)
    await rounds.bear()
    async with asyncio.timeout(LAST_BOT):
        await insist_on_all(desk, tuple(rounds.open), rounds.begun)
    await none_left(store, within=LAST_BOT)

    watches = defaultdict(list)
    for one in told(desk):
        watches[one.mark].append(one)
    again = [pair for ones in watches.values() for pair in pairwise(ones)]
    lost = [pair for pair in again if rounds.yes_was_lost(*pair)]
    seconds = [rounds.seconds_to_the_kill(pair[0]) for pair in again if pair not in lost]
    once = sum(len(ones) == 1 for ones in watches.values())
    print(  # noqa: T201 - for the soak
        f"\n{store.engine.dialect.name}: {ROUNDS} kills, which found {found_at(rounds.found)}; {len(watches)} watches, "
        f"{once} told once; told again, in the private channel: {len(lost)} for a yes lost on the way, {len(seconds)} "
        f"for a kill, at most {max(seconds, default=0) * 1000:.0f} ms after the yes"
    )
    fulfilled = {one.wish for ones in watches.values() for one in ones}
    assert len(watches) == len({ones[0].wish for ones in watches.values()})
    assert [wish for wish in rounds.promised if not came_true(wish, fulfilled)] == []
    assert all(first.wish.private for first, _ in again)
    assert all(age <= WINDOW for age in seconds)
    assert all(shows_the_end(desk, wish.below) or rounds.edits_given_up(wish.below) for wish in fulfilled if wish.below)
