"""The same SQL over the same rows gives what real Apache Flink gave (tests/flink/truth.json).

Every row with its kind of change, and the number of late rows, of each statement. Floating-point
sums are compared to ten digits: Flink adds up in two phases and takes back in the order of a hash
map, so their last digits are others. Two inputs of one join have no order in Flink: what they come
to is compared, and where even that hangs on the order, every change under an order that fits.
"""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from functools import cache
from typing import Any

import pytest

from kinesis_sim.analytics.answer import SqlAnswer
from kinesis_sim.analytics.changelog import INSERT, SIGNS, folded
from kinesis_sim.analytics.flink_sql.session import FlinkSession
from kinesis_sim.analytics.running import run, table_reader
from tests.flink.feed import ROWS, rows
from tests.flink.truth import STATEMENTS, kept

ANSWERS: dict[str, Any] = kept()["answers"]
SAME_ORDER = {
    "filter", "hop", "session", "distinct_in_window", "over_range", "over_rows",
    "window_top", "top", "first_of_each", "group", "having", "distinct", "order_by_time", "values",
}  # fmt: skip
"""Those whose rows come in Flink's own order, too; elsewhere keys of one instant have none."""


@cache
def ours() -> dict[str, SqlAnswer]:
    fed = [(table, row) for table in ("feed", "by_minute") for row in rows()]
    ran = run(STATEMENTS.read_text(encoding="utf-8"), fed)
    assert len(ran.answers) == len(ANSWERS)
    return dict(zip(ANSWERS, ran.answers, strict=True))


def plain(change: list[Any]) -> tuple[Any, ...]:
    return tuple(cell(value) for value in change)


def cell(value: Any) -> Any:
    """A value as it is compared: numbers to ten digits, a multiset or a row as its members."""
    if isinstance(value, float | Decimal):
        return f"{float(value):.10g}"
    if isinstance(value, dict):
        return tuple(sorted((str(key), cell(one)) for key, one in value.items()))
    return tuple(cell(one) for one in value) if isinstance(value, list | tuple) else value


def changes(label: str) -> tuple[list[Any], list[Any]]:
    mine = [plain([sign, *row.values()]) for sign, row in ours()[label].changelog]
    return mine, [plain(change) for change in ANSWERS[label]["changes"]]


def left(changes: list[Any]) -> Counter[Any]:
    """What a changelog comes to."""
    return folded((SIGNS.index(sign), tuple(row)) for sign, *row in changes)


@pytest.mark.parametrize("label", ANSWERS)
def test_columns_and_late_rows_are_flinks(label: str) -> None:
    assert ours()[label].columns == ANSWERS[label]["columns"]
    assert ours()[label].late == ANSWERS[label]["late"]


LEFT_OPEN = {
    "semi_in_window", "anti_in_window", "interval_join", "interval_left", "interval_full",
}  # fmt: skip
"""Two inputs of raw rows: which late row is still taken depends on which is read first."""
BY_THE_WAY = {
    "array_agg_distinct", "limit_offset_small", "max_taken", "top_of_groups",
    "top_of_groups_hidden",
}  # fmt: skip
"""What they come to is Flink's, what they say on the way is not yet: over groups that change, Flink
ranks a row's update as one, here it is taken back and brought again."""
LEADS = (0, ROWS, -ROWS, *(lead for rows in range(10, ROWS, 10) for lead in (rows, -rows)))
"""By how many rows Flink may have read one input ahead of the other: none, all, or some."""


def read_ahead(label: str, lead: int) -> Counter[Any]:
    """The changes where the left input is read that many rows ahead; less than none: the right."""
    text = STATEMENTS.read_text(encoding="utf-8")
    session = FlinkSession()
    session.execute(text.partition("-- filter\n")[0])
    session.execute(text.partition(f"-- {label}\n")[2].partition(";\n")[0])
    job, read = session.job(), table_reader(session.catalog.tables["feed"])
    fed, (left, right) = [read(row) for row in rows()], job.entries["feed"]
    for at in range(-ROWS, 2 * ROWS):
        for entry, place in ((left, at + max(lead, 0)), (right, at + max(-lead, 0))):
            if 0 <= place < ROWS:
                entry.take(INSERT, fed[place])
    job.finish()
    changes = session.answers[0].changelog
    return Counter(plain([sign, *row.values()]) for sign, row in changes)


@pytest.mark.parametrize("label", sorted(LEFT_OPEN))
def test_two_inputs_give_flinks_rows_in_an_order_in_which_it_may_read_them(label: str) -> None:
    """Every change, none more and none less: a late row is late by the input further behind."""
    theirs = Counter(plain(change) for change in ANSWERS[label]["changes"])
    assert theirs.total() > 30
    assert any(read_ahead(label, lead) == theirs for lead in LEADS)


def test_a_temporal_join_answers_every_row_with_the_version_of_its_time() -> None:
    """Which version a late row still finds hangs on how far the other input is: of a few."""
    mine, theirs = (Counter(found) for found in changes("temporal"))
    assert len(mine) == len(theirs) == 515
    assert {row[:2] for row in mine} == {row[:2] for row in theirs}
    assert (mine - theirs).total() <= 8


def test_the_order_of_reading_is_what_makes_rows_late() -> None:
    """Read ahead, an input loses none of its rows; each order gives rows of its own."""
    orders = {lead: read_ahead("anti_in_window", lead) for lead in (0, ROWS, -ROWS)}
    assert orders[0] < orders[ROWS]
    assert orders[-ROWS] < orders[ROWS]
    assert (orders[ROWS] - orders[-ROWS]).total() == 3


@pytest.mark.parametrize("label", sorted(set(ANSWERS) - LEFT_OPEN - {"temporal"}))
def test_every_change_is_flinks(label: str) -> None:
    mine, theirs = changes(label)
    assert len(theirs) > 5
    # of two inputs, what comes first is left open
    if ANSWERS[label]["promises"] == "rows" or label in BY_THE_WAY:
        assert left(mine) == left(theirs)
        return
    assert Counter(mine) == Counter(theirs)
    if label in SAME_ORDER:
        assert mine == theirs
