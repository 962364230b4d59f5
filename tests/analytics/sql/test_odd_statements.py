"""Odd statements: each runs, or is refused by name with the place where it stands.

Nothing falls through: no clause, hint or word of these is passed over. Refused is what this engine
does not compile and what Flink has not. ``odd_statements.tsv`` holds of each what becomes of it:
the kind of its error, the column where it stands, what the error quotes.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from kinesis_sim.analytics import refusals
from kinesis_sim.analytics.flink_sql.session import FlinkSession
from tests.analytics.feeds import TABLE

_LINES = Path(__file__).with_name("odd_statements.tsv").read_text(encoding="utf-8").splitlines()
ROWS = [line.split("\t") for line in _LINES[1:]]
RUN = [row[3] for row in ROWS if row[0] == "runs"]
REFUSED = [row for row in ROWS if row[0] != "runs"]


def test_there_are_enough_of_them() -> None:
    assert len(RUN) > 40
    assert len(REFUSED) > 120
    assert {len(row) for row in ROWS} == {4}


@pytest.mark.parametrize("query", RUN)
def test_it_is_compiled(query: str) -> None:
    session = FlinkSession()
    session.execute(TABLE + query)
    assert len(session.answers) == 1


@pytest.mark.parametrize(("kind", "column", "construct", "query"), REFUSED)
def test_it_is_refused_by_name_and_place(
    kind: str, column: str, construct: str, query: str
) -> None:
    session = FlinkSession()
    session.execute(TABLE)
    with pytest.raises(refusals.SqlError) as caught:
        session.execute("\n\n " + query)
    error = caught.value
    assert (type(error).__name__, error.line) == (kind, 3)
    assert (error.column, error.construct) == (int(column) + 1, construct)
    assert not session.answers
