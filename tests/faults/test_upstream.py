"""Every fault of the fax server, at the client: its kind, its sentence, in time, and the next answer is as ever."""

from pathlib import Path
from time import monotonic

import pytest

from bot.cards import Cards
from bot.lookup import NotSeen
from bot.stonefax import Status
from playground.stonefax import Rule
from tests.conftest import DOCUMENTED
from tests.faults.tally import TALLY
from tests.faults.upstream import ROWS, SAYS, kinds, stands
from tests.stonefax.test_client import client_of, fault

CARDS = Cards("/fax", None, (), None)
LATE = 0.5
"""Seconds beyond its deadline in which a fault has to be told, on a busy machine."""


@pytest.mark.parametrize("name", ROWS)
async def test_a_fault_is_what_it_is_called(name: str, tmp_path: Path) -> None:
    """And said in the words of the table; over the one connection that there may be, the next answer is as ever."""
    row = ROWS[name]
    async with stands(row, tmp_path) as at, client_of(at.url, at_once=1, ca_file=at.ca_file) as client:
        before = monotonic()
        if row.fault is None:
            assert (await client.fax(DOCUMENTED, row.deadline)).status is Status.COMPLETED
        else:
            error = await fault(client, row.deadline, DOCUMENTED)
            assert monotonic() - before < row.deadline + LATE
            assert (type(error), error.status) == (row.fault, row.status)
            card = CARDS.one(NotSeen(DOCUMENTED, error, "K7Q2"))
            assert SAYS[row.fault] in card.text
            assert row.says in card.text
            assert card.text.endswith("(ref K7Q2)")
        if at.server:
            at.server.rule(DOCUMENTED, Rule())
            assert (await client.fax(DOCUMENTED, 1.0)).status is Status.COMPLETED
    TALLY["faults of the fax server at the client"] += 1


def test_every_kind_of_fault_has_a_row_and_a_sentence() -> None:
    """A new kind without one is noticed here."""
    assert {row.fault for row in ROWS.values()} - {None} == set(kinds()) == set(SAYS)
