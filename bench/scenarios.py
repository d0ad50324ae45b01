"""What is measured, as a table: who is asked what by how many, and how the fax server behaves meanwhile.

A bot more is a Contender in `contenders`, and its name in a scenario here. A way in more (Socket Mode) is a question
more in `questions.ASKED`, or a way to bring one.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from statistics import median
from time import monotonic

from bench.contenders import (
    ALONE,
    BOLT_ALONE,
    BY_SOCKET,
    CLIENT_EACH,
    FAXBOT,
    NAIVE_ASYNC,
    NAIVE_SYNC,
    RAW_LIMIT,
    WORKERS,
    Contender,
    Load,
    running,
)
from bench.orders import Order, Outcome
from bench.processes import busy

WAITS_FOR_GOOD = 13.0
"""Seconds after which nobody counts on an answer any more; Faxbot's deadline is 10."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """One comparison."""

    title: str
    contenders: tuple[Contender, ...]
    order: Order
    """To port 0, which is filled in."""
    warming: Order = field(default_factory=lambda: Order(0, at_once=8, seconds=0.5))
    """Before it, to each bot, so that nothing is measured that only the first to ask must wait for."""
    rounds: int | None = None
    """Where it is not as many as for the others."""


@dataclass(frozen=True, slots=True)
class Round:
    """One bot in one round of one scenario."""

    outcome: Outcome
    cpu: float
    """Seconds of the bot's CPU, its children's included."""
    others: float
    """Share of the bot's cores that something else used."""
    resident: float
    """Memory in MB, right after it."""
    proportional: float

    @property
    def cpu_each(self) -> float:
        """Give the CPU seconds of one whole command."""
        return self.cpu / self.outcome.whole if self.outcome.whole else 0.0


@dataclass(frozen=True, slots=True)
class Spread:
    """The median of some rounds, and how far they lie apart."""

    middle: float
    least: float
    most: float

    @classmethod
    def of(cls, figures: Sequence[float]) -> "Spread":
        """Sum up."""
        return cls(median(figures), min(figures), max(figures))


ALL = (FAXBOT, NAIVE_ASYNC, NAIVE_SYNC)
CLIENTS_COMPARED = (0, 32)
"""Upstream in milliseconds, and commands at once, of the job by which httpx's clients are compared.

With 256 at once a client for each takes longer to make them all than the job is measured.
"""
BRIEF = replace(Order(0), at_once=8, each=8)


def job(milliseconds: int, at_once: int) -> Scenario:
    """Ask about faxes that nobody asked about before."""
    title = f"Whole job, upstream {milliseconds} ms, {at_once} at once"
    every = (*ALL, CLIENT_EACH) if (milliseconds, at_once) == CLIENTS_COMPARED else ALL
    return Scenario(title, every, Order(0, at_once=at_once, delay=milliseconds / 1000, seconds=4.0, lead=1.0))


ACKS = Scenario(
    "Acks alone, 32 at once",
    (FAXBOT, BOLT_ALONE, RAW_LIMIT),
    Order(0, "help", at_once=32, seconds=3.0),
    Order(0, "help", at_once=8, seconds=0.5),
)
HOT = Scenario(
    "One final fax, 1,000 at once, upstream 50 ms",
    (FAXBOT, NAIVE_ASYNC, CLIENT_EACH),
    Order(0, at_once=1000, same_fax=True, delay=0.05, limit=60.0),
    BRIEF,
)
HUNG = Scenario(
    "The fax server hangs, 256 at once", (FAXBOT,), Order(0, at_once=256, delay=None, limit=WAITS_FOR_GOOD), BRIEF
)
HUNG_PEERS = Scenario(
    "The fax server hangs, 256 at once: the peers",
    (NAIVE_ASYNC, NAIVE_SYNC),
    Order(0, at_once=256, delay=None, limit=WAITS_FOR_GOOD),
    BRIEF,
    rounds=1,
)
ONE_ID = Scenario("One id in a command, upstream 200 ms", (FAXBOT,), Order(0, each=8, delay=0.2), BRIEF)
TEN_IDS = Scenario("Ten ids in a command, upstream 200 ms", (FAXBOT,), Order(0, each=8, ids=10, delay=0.2), BRIEF)
LINKS = Scenario(
    "Links unfurled, 32 at once", (FAXBOT,), Order(0, "link", at_once=32, seconds=3.0), Order(0, "link", 8, 0.5)
)
MENTIONS = Scenario(
    "Mentions answered, 32 at once",
    (FAXBOT,),
    Order(0, "mention", at_once=32, seconds=3.0),
    Order(0, "mention", 8, 0.5),
)
SOCKET = Scenario(
    "Whole job by Socket Mode, upstream 0 ms, 32 at once",
    (BY_SOCKET,),
    Order(0, at_once=32, seconds=4.0, lead=1.0, by_socket=True),
    Order(0, at_once=8, seconds=0.5, by_socket=True),
)
CORES = Scenario(
    "Whole job on both cores, which who asks uses too, upstream 0 ms, 32 at once",
    (ALONE, WORKERS),
    Order(0, at_once=32, seconds=4.0, lead=1.0),
)
JOBS = {(milliseconds, at_once): job(milliseconds, at_once) for milliseconds in (0, 50, 200) for at_once in (32, 256)}
SCENARIOS = (*JOBS.values(), ACKS, HOT, HUNG, HUNG_PEERS, ONE_ID, TEN_IDS, LINKS, MENTIONS, SOCKET, CORES)


async def measured(scenario: Scenario, contender: Contender, load: Load, shorter: float) -> Round:
    """Start a bot, warm it up, and measure it once. Raises BotGone."""
    async with running(contender, load) as bot:
        await load.ask(to(scenario.warming, bot.port, shorter))
        spent, all_spent, began = bot.cpu(), busy(contender.cores), monotonic()
        outcome = await load.ask(to(scenario.order, bot.port, shorter))
        spent, all_spent = bot.cpu() - spent, busy(contender.cores) - all_spent
        others = max(0.0, all_spent - spent) / (monotonic() - began) / len(contender.cores)
        return Round(outcome, spent, others, bot.resident(), bot.proportional())


def to(order: Order, port: int, shorter: float) -> Order:
    """Address an order, and make it shorter where time is short."""
    seconds = order.lead + (order.seconds - order.lead) * shorter if order.seconds else None
    return replace(order, port=port, seconds=seconds)
