"""The design's table of targets, each beside what was measured."""

from collections.abc import Iterator

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
)
from bench.report import Line
from bench.results import ACK_P99, CPU, LAST, MEMORY, RATE, WHOLE_P50, Figure, Measured
from bench.scenarios import (
    ACKS,
    CORES,
    HOT,
    HUNG,
    HUNG_PEERS,
    JOBS,
    ONE_ID,
    SOCKET,
    TEN_IDS,
    Scenario,
    Spread,
)

SMALL, LARGE = JOBS[0, 32], JOBS[200, 256]


def speed(measured: Measured) -> Iterator[Line]:
    """Give the whole table."""
    yield from whole_jobs(measured)
    yield from acks_and_waits(measured)
    yield from doors_and_processes(measured)
    yield from at_rest(measured)


def whole_jobs(measured: Measured) -> Iterator[Line]:
    """Compare commands a second, and what each costs."""
    yield ratio(measured, SMALL, NAIVE_ASYNC.name, RATE, 5, 8)
    yield ratio(measured, SMALL, CLIENT_EACH.name, RATE, 5, 8)
    yield ratio(measured, SMALL, NAIVE_SYNC.name, RATE, 3, 5)
    yield cost(measured, SMALL, NAIVE_ASYNC.name, None, None)
    yield ratio(measured, LARGE, NAIVE_ASYNC.name, RATE, 8, None)
    of_all = 100 * measured.middle(LARGE, FAXBOT.name, RATE) / (256 / 0.2)
    yield Line(f"{LARGE.title}: commands/s, of what 256 can ask in 200 ms", of_all, "%", None, 100, more=True)
    yield cost(measured, LARGE, NAIVE_ASYNC.name, 1 / 10, 1 / 15)
    yield ratio(measured, LARGE, NAIVE_SYNC.name, RATE, 40, None)


def acks_and_waits(measured: Measured) -> Iterator[Line]:
    """Compare what people wait for."""
    yield ratio(measured, ACKS, RAW_LIMIT.name, RATE, 0.33, 0.40)
    yield ratio(measured, ACKS, BOLT_ALONE.name, RATE, None, None)
    yield Line(f"{HOT.title}: requests to the fax server", asked(measured, HOT), "", 1)
    for peer in (NAIVE_ASYNC.name, CLIENT_EACH.name):
        times = measured.middle(HOT, peer, LAST) / measured.middle(HOT, FAXBOT.name, LAST)
        yield Line(f"{HOT.title}: times as fast as {peer}", times, "×", 15, 20, more=True)
    yield Line(f"{HUNG.title}: p99 of the ack", measured.middle(HUNG, FAXBOT.name, ACK_P99) / 1000, "s", 1.8, 1.6)
    yield Line(f"{HUNG.title}: all told after", measured.middle(HUNG, FAXBOT.name, LAST), "s", 10.3)
    yield from (never_answered(measured, name) for name in measured.rounds[HUNG_PEERS.title])
    of_one = measured.middle(TEN_IDS, FAXBOT.name, WHOLE_P50) / measured.middle(ONE_ID, FAXBOT.name, WHOLE_P50)
    yield Line(f"{TEN_IDS.title}, of the time of one", of_one, "×", 1.5, 1.1)


def doors_and_processes(measured: Measured) -> Iterator[Line]:
    """Compare the bot with itself, by the other door and in two processes."""
    of_http = measured.middle(SOCKET, BY_SOCKET.name, RATE) / measured.middle(SMALL, FAXBOT.name, RATE)
    yield Line(f"{SOCKET.title}: commands/s, of HTTP", of_http, "×", 1.0, 1.2, more=True)
    of_one = measured.middle(CORES, WORKERS.name, RATE) / measured.middle(CORES, ALONE.name, RATE)
    yield Line("Two workers, of one process, on two cores that who asks uses too: commands/s", of_one, "×")


def at_rest(measured: Measured) -> Iterator[Line]:
    """Give what it takes before anybody asks, and after."""
    yield Line("Start to ready", Spread.of(measured.seconds_to_ready).middle, "s", 0.8, 0.5)
    yield Line("Memory at rest (RSS)", Spread.of(measured.at_rest).middle, "MB", 90, 70)
    yield Line("Memory at rest (PSS)", Spread.of(measured.proportional).middle, "MB")
    yield Line("Memory after the whole job (RSS)", measured.middle(LARGE, FAXBOT.name, MEMORY), "MB")


def cost(measured: Measured, job: Scenario, peer: str, least: float | None, goal: float | None) -> Line:
    """Compare the CPU of a command with a peer's: the less, the better."""
    of_theirs = measured.middle(job, FAXBOT.name, CPU) / measured.middle(job, peer, CPU)
    return Line(f"{job.title}: CPU a command, of {peer}", of_theirs, "×", least, goal)


def ratio(  # noqa: PLR0913, PLR0917 - a row of the table
    measured: Measured, scenario: Scenario, peer: str, figure: Figure, least: float | None, goal: float | None
) -> Line:
    """Compare Faxbot with a peer."""
    ours, theirs = (measured.middle(scenario, name, figure) for name in (FAXBOT.name, peer))
    return Line(f"{scenario.title}: {figure.name}, of {peer}", ours / theirs, "×", least, goal, more=True)


def asked(measured: Measured, scenario: Scenario) -> float:
    """Count Faxbot's requests to the fax server, in the worst round."""
    return max(each.outcome.asked.get("fax", 0) for each in measured.rounds[scenario.title][FAXBOT.name])


def never_answered(measured: Measured, name: str) -> Line:
    """Say how many a peer never answers."""
    (each, *_) = measured.rounds[HUNG_PEERS.title][name]
    every = each.outcome.whole + each.outcome.told + each.outcome.lost
    return Line(f"The same, {name}: never answered", 100 * each.outcome.lost / every, "%")
