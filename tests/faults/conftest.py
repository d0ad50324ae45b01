"""Prints what was counted."""

from collections.abc import Iterator

import pytest

from tests.faults.tally import TALLY


@pytest.fixture(scope="session", autouse=True)
def totals() -> Iterator[None]:
    """Print the totals, where `-s` lets them through."""
    yield
    print()  # noqa: T201 - it is for people to read
    for what, count in TALLY.items():
        print(f"{count:6} {what}")  # noqa: T201 - the same
