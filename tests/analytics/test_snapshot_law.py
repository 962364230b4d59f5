"""A job restored from a snapshot, wherever it was taken, goes on as if it had never stopped."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kinesis_sim.analytics.flink_sql.session import FlinkSession
from kinesis_sim.analytics.refusals import SqlValidationError
from tests.analytics.feeds import ROWS, START, TABLE, Rows
from tests.effort import examples

QUERIES = [
    "SELECT k, COUNT(*) AS n, SUM(v) AS s FROM t GROUP BY k",
    "SELECT DISTINCT k, v FROM t",
    """SELECT k, window_start, AVG(v) AS a, COUNT(DISTINCT v) AS d
       FROM TABLE(HOP(TABLE t, DESCRIPTOR(ts), INTERVAL '5' SECOND, INTERVAL '10' SECOND))
       GROUP BY k, window_start, window_end""",
    """SELECT k, window_start, COUNT(*) AS n
       FROM TABLE(SESSION(TABLE t PARTITION BY k, DESCRIPTOR(ts), INTERVAL '4' SECOND))
       GROUP BY k, window_start, window_end""",
    """SELECT id, MIN(v) OVER (PARTITION BY k ORDER BY ts
         RANGE BETWEEN INTERVAL '8' SECOND PRECEDING AND CURRENT ROW) AS m FROM t""",
    """SELECT id, SUM(v) OVER (PARTITION BY k ORDER BY ts
         ROWS BETWEEN 2 PRECEDING AND CURRENT ROW) AS m FROM t""",
    "SELECT id, MAX(v) OVER (ORDER BY ts) AS m FROM t",
    "SELECT a.id AS mine, b.id AS other FROM t a LEFT JOIN t b ON a.k = b.k AND a.v < b.v",
    """SELECT a.id AS mine, b.id AS other FROM t a FULL JOIN t b ON a.k = b.k
       AND a.ts BETWEEN b.ts - INTERVAL '3' SECOND AND b.ts""",
    """SELECT * FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY k ORDER BY v) AS rn FROM t)
       WHERE rn <= 2""",
    "SELECT id FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY k ORDER BY ts DESC) AS n FROM t) "
    "WHERE n = 1",
    "SELECT * FROM t ORDER BY ts, v",
    """SELECT * FROM t MATCH_RECOGNIZE (PARTITION BY k ORDER BY ts
         MEASURES A.id AS first, LAST(B.id) AS last PATTERN (A B+ C)
         DEFINE B AS B.v >= A.v, C AS C.v < A.v)""",
    "SELECT k, v FROM t UNION ALL SELECT k, v FROM t WHERE v > 0",
    "SELECT id FROM t WHERE k NOT IN (SELECT k FROM t AS u WHERE v > 2)",
    "SELECT id FROM t WHERE EXISTS (SELECT 1 FROM t AS u WHERE u.k = t.k AND u.v < t.v)",
    "SELECT id, (SELECT MAX(v) FROM t AS u WHERE u.k = t.k) AS m FROM t",
    "SELECT id, k IN (SELECT k FROM t AS u WHERE v > 1) AS m FROM t",
    "SELECT id, (SELECT COUNT(*) + 1 FROM t AS u WHERE u.k = t.k AND u.v < t.v) AS m FROM t",
    "SELECT id, (SELECT v FROM t AS u WHERE u.id = t.id) AS m FROM t",
    "SELECT id, n FROM t JOIN (VALUES ('a', 2), ('b', 3)) AS x (k, n) ON t.k = x.k",
    "SELECT k, v FROM t UNION ALL VALUES ('c', 2)",
    "SELECT k, v FROM t EXCEPT ALL SELECT k, 1 AS v FROM t",
    "SELECT k, v FROM t INTERSECT SELECT k, -v AS v FROM t",
    "SELECT k, v, GROUPING_ID(k, v) AS g, COUNT(*) AS n FROM t GROUP BY CUBE (k, v)",
    """SELECT window_start, k, COUNT(*) AS n
       FROM TABLE(TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '10' SECOND))
       GROUP BY window_start, window_end, GROUPING SETS ((k), ())""",
    "SELECT id, RANK() OVER w AS r, DENSE_RANK() OVER w AS d FROM t "
    "WINDOW w AS (PARTITION BY k ORDER BY ts)",
    "SELECT id, LAG(v, 2, 0) OVER (PARTITION BY k ORDER BY ts) AS before FROM t",
]


def fed(rows: Rows, cut: int, query: str) -> tuple[list[Any], list[Any], dict[str, int]]:
    """Changes before and after a cut at which the job is thrown away and built anew."""
    first = session(query)
    job = first.job()
    for row in rows[:cut]:
        job.put("t", tuple(row.values()))
    kept = job.snapshot()
    before = first.answers[0].changelog
    for row in rows[cut:]:  # what goes on must not reach into what was kept
        job.put("t", tuple(row.values()))
    second = session(query)
    job = second.job()
    job.restore(kept)
    for row in rows[cut:]:
        job.put("t", tuple(row.values()))
    job.finish()
    return before, second.answers[0].changelog, job.late


def session(query: str) -> FlinkSession:
    made = FlinkSession()
    made.execute(TABLE + query)
    return made


@pytest.mark.parametrize("query", QUERIES)
@settings(max_examples=examples(20))
@given(ROWS, st.integers(0, 30))
def test_restored_is_never_stopped(query: str, rows: Rows, cut: int) -> None:
    cut = min(cut, len(rows))
    before, after, late = fed(rows, cut, query)
    whole = session(query)
    job = whole.job()
    for row in rows:
        job.put("t", tuple(row.values()))
    job.finish()
    assert before + after == whole.answers[0].changelog
    assert late == job.late


def test_state_of_an_operator_that_is_gone_is_not_dropped_silently() -> None:
    kept = session(QUERIES[0]).job().snapshot()
    job = session("SELECT k FROM t").job()
    with pytest.raises(SqlValidationError, match="group"):
        job.restore(kept)
    job.restore(kept, allow_non_restored=True)


OTHERS = [
    (QUERIES[0], "SELECT k, COUNT(*) AS n, MAX(v) AS s FROM t GROUP BY k"),
    (QUERIES[0], "SELECT v, COUNT(*) AS n, SUM(v) AS s FROM t GROUP BY v"),
    (QUERIES[2], QUERIES[2].replace("'10' SECOND", "'20' SECOND")),
    (QUERIES[3], QUERIES[3].replace("'4' SECOND", "'5' SECOND")),
    (QUERIES[4], QUERIES[4].replace("MIN", "MAX")),
    (QUERIES[7], QUERIES[7].replace("a.k = b.k", "a.id = b.id")),
    (QUERIES[8], QUERIES[8].replace("'3' SECOND", "'4' SECOND")),
    (QUERIES[9], QUERIES[9].replace("ORDER BY v", "ORDER BY id")),
    (QUERIES[12], QUERIES[12].replace("B.v >= A.v", "B.v > A.v")),
]


@pytest.mark.parametrize(("query", "other"), OTHERS)
def test_state_of_another_statement_is_not_taken_for_ones_own(query: str, other: str) -> None:
    kept = session(query).job().snapshot()
    job = session(other).job()
    with pytest.raises(SqlValidationError, match="is of another statement"):
        job.restore(kept)
    job.restore(kept, allow_non_restored=True)
    row = (1, "a", 2, START)
    job.put("t", row)  # it began empty
    job.finish()


@pytest.mark.parametrize("query", QUERIES)
def test_a_text_written_otherwise_is_the_same_statement(query: str) -> None:
    kept = session(query).job().snapshot()
    other = "/* again */ " + query.replace(" FROM ", "\n  FROM ").replace("COUNT", "count")
    session(other).job().restore(kept)
