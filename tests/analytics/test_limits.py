"""A runaway query meets a limit with a clear sentence; nothing reaches the machine."""

from __future__ import annotations

from typing import Any

import pytest

from kinesis_sim.analytics.functions.regexes import Regex
from kinesis_sim.analytics.operators.operator import Budget
from kinesis_sim.analytics.refusals import SqlError, SqlLimitExceeded
from kinesis_sim.analytics.running import run

TABLE = "CREATE TABLE t (k INT, v INT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts);"


def rows(number: int) -> list[dict[str, Any]]:
    return [{"k": 1, "v": at, "ts": 1_767_225_600_000 + at} for at in range(number)]


@pytest.mark.parametrize(
    ("query", "limits", "says"),
    [
        ("SELECT v FROM t", Budget(rows=50), "gives more than 50 rows"),
        ("SELECT v, COUNT(*) FROM t GROUP BY v", Budget(state=50), "keeps more than 50 rows"),
        ("SELECT a.v FROM t a JOIN t b ON a.k = b.k", Budget(work=2_000), "more than 2,000 steps"),
        (
            """SELECT * FROM TABLE(SESSION(TABLE t, DESCRIPTOR(ts), INTERVAL '1' HOUR))""",
            Budget(state=50),
            "narrow its windows",
        ),
        (
            """SELECT window_start, v, COUNT(*) FROM TABLE(HOP(TABLE t, DESCRIPTOR(ts),
               INTERVAL '1' SECOND, INTERVAL '1' HOUR)) GROUP BY window_start, window_end, v""",
            Budget(state=10_000),
            "keeps more than 10,000 rows",
        ),
        (
            """SELECT * FROM t MATCH_RECOGNIZE (ORDER BY ts MEASURES A.v AS a
               PATTERN (A* B* C* D* E) DEFINE E AS E.v < 0)""",
            Budget(work=4_000),
            "more than 4,000 steps",
        ),
    ],
)
def test_a_runaway_query_is_stopped(query: str, limits: Budget, says: str) -> None:
    with pytest.raises(SqlLimitExceeded, match=says):
        run(TABLE + query, {"t": rows(100)}, limits=limits)


def test_state_that_is_let_go_counts_no_more() -> None:
    """A thousand windows one after the other keep little at a time."""
    feed = [{"k": 1, "v": at, "ts": 1_767_225_600_000 + 1_000 * at} for at in range(1_000)]
    ran = run(
        TABLE
        + """SELECT window_start, COUNT(*) AS n FROM TABLE(TUMBLE(TABLE t, DESCRIPTOR(ts),
             INTERVAL '1' SECOND)) GROUP BY window_start, window_end""",
        {"t": feed},
        limits=Budget(state=10),
    )
    assert len(ran.rows) == 1_000


@pytest.mark.parametrize(
    "text",
    [
        "CREATE TABLE f (x INT) WITH ('connector' = 'jdbc', 'url' = 'jdbc:x')",
        "LOAD 'x.so'",
        "COPY t TO 'x.csv'",
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM '/etc/passwd'",
        "ADD JAR 'x.jar'",
        "CREATE FUNCTION f AS 'os.system' LANGUAGE PYTHON",
        "SELECT SYSTEM('ls') FROM t",
    ],
)
def test_sql_reaches_neither_files_nor_code(text: str) -> None:
    with pytest.raises(SqlError):
        run(TABLE + text, {"t": rows(1)})


@pytest.mark.parametrize(("pattern", "groups"), [("a{1000}" * 10, 0), ("(a{998}){10}", 1)])
def test_a_pattern_has_ten_thousand_places(pattern: str, groups: int) -> None:
    assert Regex(pattern).groups == groups
    with pytest.raises(ValueError, match="repeats too much"):
        Regex(f"{pattern}b")
