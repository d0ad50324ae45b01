"""Figures for Prometheus: counted where things happen, read on a loopback port that is not the one that Slack reaches.

Labels hold words from closed lists, never an id, a name or a number. Several processes each write their figures into
files of a private folder, which prometheus-client adds up for whoever asks the one that started them.
"""

import math
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree
from tempfile import TemporaryDirectory
from typing import Literal, get_args

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, start_http_server
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from prometheus_client.registry import Collector

LOOPBACK = "127.0.0.1"
FOLDER = "PROMETHEUS_MULTIPROC_DIR"
"""Where it is set when prometheus-client is imported, figures go into files there."""
ANSWERED = (0.05, 0.1, 0.25, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 5.0, 10.0)
"""Seconds: Slack wants an ack within 3, a person an answer within 10."""
ANSWER = "answer"
KINDS = ("command", "event", "interaction", ANSWER)
"""Of what is shed: what Slack sends, or, let in, the work that its answer would be."""
Refusal = Literal["not_verified", "not_readable", "too_large", "too_slow", "broke"]
"""Why a request is not taken; `broke` where the reason is our own fault."""
OUR_PREFIX = "faxbot_"
OK = "ok"

log = structlog.get_logger(__name__)


class CannotServeMetrics(Exception):
    """The port for metrics cannot be had."""


class Metrics:
    """The instruments of one bot."""

    def __init__(self) -> None:
        registry = self.registry = CollectorRegistry()
        self.lookups = Counter("faxbot_lookups_total", "Faxes looked up", ["way_in", "outcome"], registry=registry)
        self.lookup_seconds = Histogram(
            "faxbot_lookup_seconds",
            "From a request's arrival until what there is to see of a fax was known",
            ["way_in"],
            buckets=ANSWERED,
            registry=registry,
        )
        self.upstream_seconds = Histogram(
            "faxbot_upstream_seconds",
            "One request to the fax server, waiting for a connection included",
            ["outcome"],
            buckets=ANSWERED,
            registry=registry,
        )
        self.ack_seconds = Histogram(
            "faxbot_ack_seconds",
            "From a request's arrival until Slack had its answer",
            ["kind"],
            buckets=ANSWERED,
            registry=registry,
        )
        self.shed = Counter("faxbot_shed_total", "Requests that there was no time for", ["kind"], registry=registry)
        self.refused = Counter("faxbot_refused_total", "Requests that were not taken", ["reason"], registry=registry)
        self.tasks = Gauge(
            "faxbot_tasks",
            "Work under way that outlives its request",
            multiprocess_mode="livesum",
            registry=registry,
        )
        self.slack_up = Gauge(
            "faxbot_slack_up",
            "Whether Slack knows our token; NaN before it was asked",
            multiprocess_mode="livemin",
            registry=registry,
        )
        self.socket_mode_up = Gauge(
            "faxbot_socket_mode_up",
            "Whether a connection of Socket Mode is up; NaN where Slack comes over HTTP",
            multiprocess_mode="livemin",
            registry=registry,
        )
        self.database_up = Gauge(
            "faxbot_database_up", "Whether the database answers", multiprocess_mode="livemin", registry=registry
        )
        self.fax_server_up = Gauge(
            "faxbot_fax_server_up",
            "Whether the last request to the fax server was answered; NaN before the first",
            multiprocess_mode="livemostrecent",
            registry=registry,
        )
        self.watches = Gauge(
            "faxbot_watches",
            "Watches of all processes, and those among them that nobody has worked on in time",
            ["state"],
            multiprocess_mode="livemostrecent",
            registry=registry,
        )
        self.oldest_watch = Gauge(
            "faxbot_watches_oldest_seconds",
            "How long the oldest watch has been running",
            multiprocess_mode="livemostrecent",
            registry=registry,
        )
        self.watches_ended = Counter(
            "faxbot_watches_ended_total", "What came of the watches that ended", ["outcome"], registry=registry
        )
        self.watches_put_off = Counter(
            "faxbot_watches_put_off_total",
            "How often Slack did not take what was to be told, so that it was tried again",
            registry=registry,
        )
        self.begin()

    def begin(self) -> None:
        """Let what has not happened yet be 0 rather than missing: a rise from nothing is none to Prometheus."""
        for kind in KINDS:
            self.shed.labels(kind)
        for reason in get_args(Refusal):
            self.refused.labels(reason)
        among_others = FOLDER in os.environ
        # Of several the least counts, and a NaN among them would or would not, as the files happen to be read.
        for up in (self.slack_up, self.socket_mode_up):
            up.set(math.inf if among_others else math.nan)
        if not among_others:
            # Among several processes one that has just begun would hide what the others know.
            self.fax_server_up.set(math.nan)
            self.oldest_watch.set(math.nan)

    def note_lookup(self, way_in: str, outcome: str, seconds: float) -> None:
        """Count one fax that was looked up."""
        self.lookups.labels(way_in, outcome).inc()
        self.lookup_seconds.labels(way_in).observe(seconds)

    def note_upstream(self, outcome: str, seconds: float, *, up: bool) -> None:
        """Count one request to the fax server, and whether it shows that the server is there."""
        self.upstream_seconds.labels(outcome).observe(seconds)
        self.fax_server_up.set(up)

    def note_refusal(self, reason: Refusal | None) -> None:
        """Count a request that was not taken, if that is so."""
        if reason:
            self.refused.labels(reason).inc()


@dataclass(frozen=True, slots=True)
class Family(Collector):
    """One metric without labels, read when it is asked for; a name that ends on `_total` counts up."""

    name: str
    meaning: str
    figure: Callable[[], float]

    def collect(self) -> Iterator[Metric]:
        """Read the figure."""
        kind = CounterMetricFamily if self.name.endswith("_total") else GaugeMetricFamily
        yield kind(self.name, self.meaning, value=self.figure())


@dataclass(frozen=True, slots=True)
class Ours(Collector):
    """What processes have written into a folder, without what libraries count there of their own accord."""

    folder: Path

    def collect(self) -> Iterator[Metric]:
        """Read the files, and add them up; what no process knows yet is left out."""
        everything = MultiProcessCollector(None, str(self.folder))  # type: ignore[no-untyped-call]  # it has no types
        for family in everything.collect():  # type: ignore[no-untyped-call]  # nor here
            family.samples = [sample for sample in family.samples if not math.isinf(sample.value)]
            if family.name.startswith(OUR_PREFIX):
                yield family


OF_WORKERS: Mapping[str, str] = {
    "faxbot_workers": "Processes that serve",
    "faxbot_workers_replaced_total": "Processes that ended before they were told to, and were replaced",
}
"""What whoever starts them knows of several processes."""


@contextmanager
def folder_for_workers(port: int | None) -> Iterator[Path | None]:
    """Make the folder in which processes started within add up their figures, if there is a port for them."""
    if port is None:
        yield None
        return
    with TemporaryDirectory(prefix="faxbot-metrics-") as folder:
        os.environ[FOLDER] = folder
        try:
            yield Path(folder)
        finally:
            del os.environ[FOLDER]


def figures_of_workers(folder: Path | None, figures: Mapping[str, Callable[[], float]]) -> CollectorRegistry:
    """Give all that processes have written there, and these figures of OF_WORKERS."""
    registry = CollectorRegistry()
    if folder:
        registry.register(Ours(folder))
    for name, figure in figures.items():
        registry.register(Family(name, OF_WORKERS[name], figure))
    return registry


def forget_process(folder: Path | None, pid: int) -> None:
    """Leave out what a process that is over said of the moment; what it counted stays."""
    if folder:
        mark_process_dead(pid, str(folder))  # type: ignore[no-untyped-call]  # nor here


def remove_figures(folder: Path | None) -> None:
    """Remove all that processes have written there, at an end that leaves no time for more."""
    if folder:
        rmtree(folder, ignore_errors=True)


@contextmanager
def serving_metrics(port: int | None, registry: CollectorRegistry) -> Iterator[None]:
    """Serve these, if there is a port for it. Raises CannotServeMetrics."""
    if port is None:
        yield
        return
    try:
        server, thread = start_http_server(port, addr=LOOPBACK, registry=registry)
    except OSError as error:
        message = f"port {port} for metrics: {error.strerror}"
        raise CannotServeMetrics(message) from None
    log.info("metrics", host=LOOPBACK, port=server.server_port)
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
