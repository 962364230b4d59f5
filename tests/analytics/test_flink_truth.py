"""The same SQL, the same rows as Apache Flink: its answers (tests/flink/truth.json) and ours."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from kinesis_sim.analytics.running import run
from kinesis_sim.flink.answers import folded
from kinesis_sim.flink.script import statements
from tests.flink import truth
from tests.flink.feed import rows

Change = tuple[str, tuple[Any, ...]]
ANSWERS = truth.kept()["answers"]
SCRIPT = statements(truth.STATEMENTS.read_text(encoding="utf-8"))
TABLES = "".join(f"{s.text};\n" for s in SCRIPT if s.verb in ("table", "view"))
QUERIES = {s.label: s.text for s in SCRIPT if s.verb == "query"}
BEFORE_AGGREGATION = {"tumble": 1, "cumulate": 1, "distinct_in_window": 1} | {
    "window_join": 1,
    "window_top": 1,
}
"""Late rows that Flink counts as one, for it adds those of a key and window up before it looks.

Its planner splits such aggregates in two (local and global); the rows are the same.
"""
UNCOUNTED = {"order_by_time": 1}
"""Late rows that Flink drops without counting them."""
KEYS = {"tumble": 2, "cumulate": 2, "over_unbounded": 1, "match_recognize": 0, "union_all": 1}
"""The column of the key, where Flink gives the keys of one instant in an order of its own."""
FEED = rows()


def plain(value: Any) -> Any:
    """Numbers of one kind, so that a whole number is what JSON made of it."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    return round(float(value), 9)


def ours(label: str) -> tuple[list[Change], int]:
    ran = run(TABLES + QUERIES[label], {"feed": FEED})
    return [(kind, tuple(map(plain, row.values()))) for kind, row in ran.changelog], ran.late


def theirs(label: str) -> list[Change]:
    return [(kind, tuple(map(plain, row))) for kind, *row in ANSWERS[label]["changes"]]


@pytest.mark.parametrize("label", [name for name in QUERIES if name not in truth.JOINS])
def test_the_changes_are_those_of_flink(label: str) -> None:
    changes, late = ours(label)
    assert Counter(changes) == Counter(theirs(label))
    more = BEFORE_AGGREGATION.get(label, 0) + UNCOUNTED.get(label, 0)
    assert late == ANSWERS[label]["late"] + more


@pytest.mark.parametrize(
    "label", [name for name in QUERIES if ANSWERS[name]["promises"] == "order"]
)
def test_a_key_has_its_changes_in_flinks_order(label: str) -> None:
    """Over all keys the order is that of hash tables in some operators; no order is promised."""
    found, wanted = ours(label)[0], theirs(label)
    at = KEYS.get(label)
    for key in {None if at is None else row[at] for _, row in wanted}:
        of_key = [c for c in wanted if at is None or c[1][at] == key]
        assert [c for c in found if at is None or c[1][at] == key] == of_key


@pytest.mark.parametrize("label", ["window_join", "regular_join", "semi_join"])
def test_a_join_comes_to_what_flinks_comes_to(label: str) -> None:
    """Its two inputs have no order between them, so that a changelog may take another way."""
    assert Counter(folded(ours(label)[0])) == Counter(folded(theirs(label)))


def test_an_interval_join_has_what_is_sure_and_no_more_than_could_be() -> None:
    """Which late row still finds its partner is chance in Flink: two runs gave 36 and 37 pairs."""
    found = Counter(ours("interval_join")[0])
    everything = run(TABLES + QUERIES["interval_join"], {"feed": FEED}, batch=True).changelog
    could_be = Counter((kind, tuple(map(plain, row.values()))) for kind, row in everything)
    assert found <= could_be
    assert Counter(theirs("interval_join")) <= could_be
    assert abs(found.total() - len(theirs("interval_join"))) <= 1


def test_without_watermarks_nothing_is_late_and_the_rows_are_all_there() -> None:
    ran = run(TABLES + QUERIES["tumble"], {"feed": FEED}, batch=True)
    assert ran.late == 0
    assert sum(row["n"] for row in ran.rows) == len(FEED)
