"""Odd statements: each runs, or is refused by name with the place where it stands.

Nothing falls through: no clause, hint or word of these is passed over. Refused is what this engine
does not compile and what the language has not. ``odd_statements.tsv`` holds of each what becomes of
it: the kind of its error, the column where it stands, what the error quotes.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from kinesis_sim.analytics import refusals
from kinesis_sim.analytics.flink_sql.session import FlinkSession
from kinesis_sim.analytics.kinesis_sql.session import KinesisSession
from kinesis_sim.analytics.types.sqltype import INTEGER, TIMESTAMP, varchar
from tests.analytics.feeds import TABLE

_LINES = Path(__file__).with_name("odd_statements.tsv").read_text(encoding="utf-8").splitlines()
ROWS = [line.split("\t") for line in _LINES[1:]]
RUN = [(row[0], row[4]) for row in ROWS if row[1] == "runs"]
REFUSED = [row for row in ROWS if row[1] != "runs"]


def texts(dialect: str) -> list[str]:
    """All of one language."""
    return [row[4] for row in ROWS if row[0] == dialect]


def made(dialect: str) -> FlinkSession | KinesisSession:
    """A session with something to ask."""
    if dialect == "flink":
        flink = FlinkSession()
        flink.execute(TABLE)
        return flink
    kinesis = KinesisSession()
    kinesis.declare("S", {"A": INTEGER, "E": TIMESTAMP, "TICKER": varchar(4)})
    kinesis.execute('CREATE STREAM "D" (A INTEGER, B INTEGER)')
    return kinesis


def test_there_are_enough_of_them() -> None:
    assert len(RUN) > 50
    assert len(REFUSED) > 160
    assert {len(row) for row in ROWS} == {5}


@pytest.mark.parametrize(("dialect", "query"), RUN)
def test_it_is_compiled(dialect: str, query: str) -> None:
    session = made(dialect)
    session.execute(query)
    done = session.answers if isinstance(session, FlinkSession) else session.pumps
    assert len(done) == 1


@pytest.mark.parametrize(("dialect", "kind", "column", "construct", "query"), REFUSED)
def test_it_is_refused_by_name_and_place(
    dialect: str, kind: str, column: str, construct: str, query: str
) -> None:
    session = made(dialect)
    with pytest.raises(refusals.SqlError) as caught:
        session.execute("\n\n " + query)
    error = caught.value
    assert (type(error).__name__, error.line) == (kind, 3)
    # what is said of a whole statement stands at the beginning of its line
    assert error.column in (int(column) + 1, 1)
    assert error.construct == construct
