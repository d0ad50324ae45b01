"""Figures for Prometheus: read when they are asked for, on a loopback port that is not the one that Slack reaches."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import structlog
from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

LOOPBACK = "127.0.0.1"
Figures = Callable[[], Mapping[str, float]]
"""Gives a figure for each value of a label, as things are now."""

log = structlog.get_logger(__name__)


class CannotServeMetrics(Exception):
    """The port for metrics cannot be had."""


@dataclass(frozen=True, slots=True)
class Family(Collector):
    """One metric, with one label or none; a name that ends on `_total` counts up, any other says how things are now."""

    name: str
    meaning: str
    label: str | None
    figures: Figures

    def collect(self) -> Iterator[Metric]:
        """Read the figures."""
        kind = CounterMetricFamily if self.name.endswith("_total") else GaugeMetricFamily
        family = kind(self.name, self.meaning, labels=[self.label] if self.label else [])
        for value, figure in sorted(self.figures().items()):
            family.add_metric([value] if self.label else [], figure)
        yield family


@contextmanager
def serving_metrics(port: int | None, families: tuple[Family, ...]) -> Iterator[None]:
    """Serve these, if there is a port for it. Raises CannotServeMetrics."""
    if port is None:
        yield
        return
    registry = CollectorRegistry()
    for family in families:
        registry.register(family)
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
