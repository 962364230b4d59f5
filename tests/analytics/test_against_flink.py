"""The same SQL over the same rows gives what real Apache Flink gave (tests/flink/truth.json).

Every row with its kind of change, and the number of late rows, of 41 statements. Floating-point
sums are compared to ten digits: Flink adds up in two phases and takes back in the order of a hash
map, so their last digits are others. Two inputs of one join have no order in Flink.
"""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from functools import cache
from typing import Any

import pytest

from kinesis_sim.analytics.answer import SqlAnswer
from kinesis_sim.analytics.changelog import SIGNS, folded
from kinesis_sim.analytics.running import run
from tests.flink.feed import rows
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
    return tuple(
        f"{value:.10g}" if isinstance(value, float) else
        str(value) if isinstance(value, Decimal) else value
        for value in change
    )  # fmt: skip


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


LEFT_OPEN = {"semi_in_window", "anti_in_window"}
"""Two inputs of raw rows: which late row is still taken depends on which is read first."""
LATE = 8
"""Rows that come behind the watermark for windows of 30 seconds."""


@pytest.mark.parametrize("label", sorted(LEFT_OPEN))
def test_windows_of_two_inputs_differ_by_late_rows_at_most(label: str) -> None:
    mine, theirs = (Counter(found) for found in changes(label))
    assert theirs.total() > 100
    assert (mine - theirs).total() + (theirs - mine).total() <= LATE


@pytest.mark.parametrize("label", sorted(set(ANSWERS) - {"interval_join"} - LEFT_OPEN))
def test_every_change_is_flinks(label: str) -> None:
    mine, theirs = changes(label)
    assert len(theirs) > 5
    if ANSWERS[label]["promises"] == "rows":  # of two inputs, what comes first is left open
        assert left(mine) == left(theirs)
        return
    assert Counter(mine) == Counter(theirs)
    if label in SAME_ORDER:
        assert mine == theirs


def test_an_interval_join_differs_by_a_late_row_at_most() -> None:
    """Whether a late row still finds its partner depends on which input Flink happens to read."""
    mine, theirs = (Counter(found) for found in changes("interval_join"))
    assert len(ANSWERS["interval_join"]["changes"]) > 30
    assert not mine - theirs
    assert (theirs - mine).total() <= 1
