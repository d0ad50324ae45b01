"""What the process that asks is told to do, and what it tells of it: a line of JSON each."""

from dataclasses import dataclass
from statistics import quantiles

from pydantic import TypeAdapter

LINE = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Order:
    """What to ask, by how many at once, and how the fax server behaves meanwhile."""

    port: int
    ask: str = "fax"
    """One of `questions.ASKED`."""
    at_once: int = 1
    seconds: float | None = None
    """For so long whoever has an answer asks again; None: each asks `each` times."""
    each: int = 1
    lead: float = 0.0
    """Seconds of the order's in which answers do not count yet: at first nobody has one."""
    ids: int = 1
    """Faxes in a command."""
    same_fax: bool = False
    delay: float | None = 0.0
    """Seconds until the fax server answers; None: it never does."""
    size: int = 0
    """Bytes of its answer, at least."""
    by_socket: bool = False
    """Over the connections of Socket Mode rather than over HTTP."""
    limit: float = 15.0
    """Seconds after which nobody waits for an answer any longer."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an order; times in seconds."""

    seconds: float
    """In which `within` were answered: the order's without its lead, or all that it took."""
    within: int
    whole: int
    """Answered with a card, the last included, which came after the time."""
    refused: int
    """Acks other than 200, as when Slack's 3 s are over."""
    told: int
    """Answers that are a sentence: the bot is busy, or the fax server does not answer."""
    lost: int
    """Never answered."""
    ack_p50: float
    ack_p99: float
    whole_p50: float
    whole_p99: float
    last: float
    """From the first question to the last answer."""
    load: float
    """Share of its core that this process used."""
    connections: int
    """TCP connections that the bot opened, to either server."""
    asked: dict[str, int]
    """Requests of the bot, by method of Slack's Web API, or `fax`, or `response_url`."""

    @property
    def rate(self) -> float:
        """Whole answers a second."""
        return self.within / self.seconds


def hundredths(seconds: list[float]) -> tuple[float, float]:
    """Give the median and p99."""
    if len(seconds) < 2:  # noqa: PLR2004 - quantiles wants two
        return (seconds[0], seconds[0]) if seconds else (0.0, 0.0)
    cut = quantiles(seconds, n=100, method="inclusive")
    return cut[49], cut[98]


ORDER, OUTCOME = TypeAdapter(Order), TypeAdapter(Outcome)
