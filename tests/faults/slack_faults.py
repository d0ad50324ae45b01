"""The faults of Slack: what each is, and, by method, every error that is documented."""

import csv
from collections.abc import Callable, Iterator
from functools import cache, partial
from pathlib import Path
from typing import Literal, TypedDict

from playground.slack import SlackServer

EVERY_METHOD = "*"


class Fault(TypedDict, total=False):
    """As `SlackServer.fail` takes it."""

    times: int
    status: int
    error: str
    delay: float
    retry_after: int
    drop: Literal["before", "after"]


TOO_SLOW = 0.35
PER_CALL = 0.3
A_TRY = 0.05
"""Seconds that a call may take here, in place of ten, and after which it is tried again, in place of one."""

TROUBLE: dict[str, Fault] = {
    "429, a moment": {"status": 429, "retry_after": 0},
    "429, half a minute": {"status": 429, "retry_after": 30},
    "429, no time": {"status": 429},
    "500": {"status": 500},
    "502 as HTML": {"status": 502},
    "503": {"status": 503, "error": "service_unavailable"},
    "dropped before": {"drop": "before"},
    "dropped after": {"drop": "after"},
    "away": {"drop": "before", "times": 2},
    "too slow": {"delay": TOO_SLOW},
}
A_SECOND: Fault = {"status": 429, "retry_after": 1}


ONE_OF_EACH = frozenset(
    {
        "channel_not_found",
        "expired_trigger_id",
        "exchanged_trigger_id",
        "internal_error",
        "invalid_blocks",
        "is_archived",
        "missing_scope",
        "ratelimited",
        "thread_not_found",
        "token_revoked",
        "user_not_found",
    }
)
"""One of each kind that the bot tells apart."""


def lasting(fault: Fault) -> float:
    """Give the seconds in which more may come of a fault, once something has come of it."""
    return TOO_SLOW - PER_CALL + 2 * A_TRY if fault.get("delay") else 2 * A_TRY if "drop" in fault else 0.0


@cache
def documented(method: str) -> tuple[str, ...]:
    """Give the errors that Slack documents for this method, or for EVERY_METHOD."""
    with (Path(__file__).parent / "slack_errors.tsv").open() as file:
        return tuple(row["error"] for row in csv.DictReader(file, delimiter="\t") if row["method"] == method)


def faults_of(method: str, *, own: bool, common: bool) -> Iterator[tuple[str, Fault]]:
    """Give the faults of a method, by name.

    All that are documented, its `own` and those `common` to every method; or of those only one of each kind.
    """
    yield from TROUBLE.items()
    if method == "response_url":
        yield from ((error, Fault(status=404, error=error)) for error in documented(method))
        return
    for errors, every in ((documented(method), own), (documented(EVERY_METHOD), common)):
        yield from ((error, Fault(error=error)) for error in errors if every or error in ONE_OF_EACH)


def ordering(slack: SlackServer, method: str, fault: Fault) -> Callable[[], None]:
    """Let the next calls of the method go wrong, when it is called for."""
    return partial(slack.fail, method, **fault)
