"""SQL that means harm, or harm by mistake: little work, then an answer or one clear error.

Work is counted in calls of Python functions and of C's, not in time, so that no machine is too
slow for it. What a text of the longest length costs to read is counted apart, by the character.
"""

from __future__ import annotations

import sys
from typing import Any

import pytest

from kinesis_sim.analytics.operators.operator import Budget
from kinesis_sim.analytics.refusals import SqlError
from kinesis_sim.analytics.running import run
from kinesis_sim.analytics.sql.reading import read

TABLE = """CREATE TABLE t (k INT, v INT, s STRING, ts TIMESTAMP(3),
WATERMARK FOR ts AS ts - INTERVAL '5' SECOND);"""
ROWS = [{"k": 1, "v": at, "s": "a" * 30, "ts": 1_767_225_600_000 + at} for at in range(200)]
MOST_CALLS, MOST_CALLS_A_CHARACTER = 3_000_000, 600


class TooMuch(BaseException):
    """It went on and on."""


def worked(query: str, most: int) -> tuple[str, int]:
    """What became of a query over the rows, and how many calls it took; it is ended at ``most``."""
    calls = 0

    def count(frame: Any, event: str, argument: Any) -> None:
        nonlocal calls
        calls += 1
        if calls > most:
            raise TooMuch

    limits = Budget(rows=20_000, state=20_000, work=40_000)
    before = sys.getprofile()
    sys.setprofile(count)
    try:
        run(TABLE + query, {"t": ROWS}, limits=limits)
        said = "ran"
    except SqlError as error:
        said = str(error)
    finally:
        sys.setprofile(before)
    assert limits.used_work <= limits.work + 10_000  # what the one row more became
    return said, calls


JOINED = "a.window_start = b.window_start AND a.window_end = b.window_end"
DAY = "(SELECT * FROM TABLE(TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '1' DAY)))"
ROLLING = "MATCH_RECOGNIZE (ORDER BY ts MEASURES A.v AS x PATTERN"


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("SELECT a.v FROM t a, t b", "gives more than"),
        ("SELECT a.v FROM t a CROSS JOIN t b CROSS JOIN t c", "gives more than"),
        ("SELECT a.v FROM t a JOIN t b ON a.v + b.v < 0", "steps"),
        ("SELECT a.v FROM t a LEFT JOIN t b ON a.v > b.v + 1000000", "steps"),
        ("SELECT COUNT(*) FROM t a, t b, t c WHERE a.v + b.v < c.v", "steps"),
        ("SELECT v FROM t WHERE v > ANY (SELECT -v - 1 FROM t)", "steps"),
        ("SELECT v FROM t a WHERE EXISTS (SELECT 1 FROM t b WHERE b.v > a.v + 1000)", "steps"),
        ("SELECT v, (SELECT COUNT(*) FROM t b WHERE b.v > a.v + 1000) FROM t a", "steps"),
        (
            "SELECT v, n FROM t a, LATERAL (SELECT COUNT(*) AS n FROM t b WHERE b.v > a.v + 999) c",
            "steps",
        ),
        (
            """SELECT a.v FROM t a JOIN t b ON b.ts BETWEEN a.ts - INTERVAL '1' DAY
               AND a.ts + INTERVAL '1' DAY AND a.v + b.v < 0""",
            "steps",
        ),
        (f"SELECT a.v FROM {DAY} a JOIN {DAY} b ON {JOINED} AND a.v + b.v < 0", "steps"),
        (
            """SELECT window_start, COUNT(*) FROM TABLE(HOP(TABLE t, DESCRIPTOR(ts),
               INTERVAL '0.001' SECOND, INTERVAL '30' DAY)) GROUP BY window_start, window_end""",
            "10,000 at most",
        ),
        (
            """SELECT window_start, COUNT(*) FROM TABLE(HOP(TABLE t, DESCRIPTOR(ts),
               INTERVAL '1' SECOND, INTERVAL '2' HOUR)) GROUP BY window_start, window_end""",
            "steps",
        ),
        (
            """SELECT window_start, COUNT(*) FROM TABLE(CUMULATE(TABLE t, DESCRIPTOR(ts),
               INTERVAL '0.001' SECOND, INTERVAL '30' DAY)) GROUP BY window_start, window_end""",
            "10,000 at most",
        ),
        (f"SELECT * FROM t {ROLLING} (A* B* C* D* E) DEFINE E AS E.v < 0)", "ran"),
        (f"SELECT * FROM t {ROLLING} ((A+)+ B) DEFINE B AS B.v < 0)", "not supported"),
        (f"SELECT * FROM t {ROLLING} (A{{1000000000}} B) DEFINE B AS B.v < 0)", "no repeat"),
        (
            f"SELECT COUNT(*) FROM t GROUP BY CUBE ({', '.join(f'v + {n}' for n in range(40))})",
            "128 sets",
        ),
        ("SELECT COUNT(*) FROM t GROUP BY " + ", ".join(["ROLLUP (k, v)"] * 40), "128 sets"),
        ("SELECT COLLECT(v) FROM t", "ran"),
        ("SELECT x FROM (SELECT ARRAY_AGG(v) AS c FROM t) q, UNNEST(q.c) AS u (x)", "gives more"),
        ("SELECT k FROM t EXCEPT ALL SELECT -k FROM t", "gives more than"),
        ("SELECT * FROM t ORDER BY -v LIMIT 5000 OFFSET 1", "gives more than"),
        ("WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n FROM r) SELECT * FROM r", "REC"),
        (
            "WITH x0 AS (SELECT v FROM t), "
            + ", ".join(
                f"x{n} AS (SELECT * FROM x{n - 1} UNION ALL SELECT * FROM x{n - 1})"
                for n in range(1, 30)
            )
            + " SELECT * FROM x29",
            "deeper than 50",
        ),
        (
            "SELECT a0.v FROM t a0"
            + "".join(f" JOIN t a{n} ON a{n - 1}.v = a{n}.v" for n in range(1, 300)),
            "more than 50 tables",
        ),
        ("SELECT v / 0 FROM t", "by zero"),
        ("SELECT MOD(v, 0) FROM t", "by zero"),
        ("SELECT ts + INTERVAL '99999999' YEAR(8) FROM t", "out of range"),
        ("SELECT TIMESTAMPADD(YEAR, 2000000000, ts) FROM t", "out of range"),
        ("SELECT CAST(v AS DECIMAL(38, 0)) * 99999999999999999999999999999999999999 FROM t", "ran"),
        ("SELECT EXP(v * 1000), POWER(10, v * 1000) FROM t", "ran"),
        ("SELECT LPAD(s, 2000000000, 'x') FROM t", "ran"),
        ("SELECT REPEAT(s, 2000000000) FROM t", "65,536"),
        ("SELECT REPEAT(REPEAT(REPEAT(s, 1000), 1000), 1000) FROM t", "65,536"),
        ("SELECT LISTAGG(REPEAT(s, 2000)) FROM t", "steps"),
        ("SELECT JSON_ARRAYAGG(REPEAT(s, 100)) FROM t", "65,536"),
        ("SELECT REGEXP_EXTRACT(s, '(a+)+b', 1) FROM t", "ran"),
        ("SELECT REGEXP_REPLACE(s, '(a|aa)+$', 'b') FROM t", "ran"),
        ("SELECT REGEXP_REPLACE(s, CONCAT('(', s, '*)*c'), 'b') FROM t", "ran"),
        ("SELECT s SIMILAR TO '(a|aa)*b' FROM t", "ran"),
    ],
)  # fmt: skip
def test_it_is_answered_or_stopped_after_little_work(query: str, says: str) -> None:
    said, calls = worked(query, MOST_CALLS)
    assert says in said
    assert calls < MOST_CALLS


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("SELECT v FROM t WHERE v IN (" + ", ".join(map(str, range(1_500))) + ")", "ran"),
        ("SELECT v FROM t WHERE v > ANY (" + ", ".join(map(str, range(600))) + ")", "ran"),
        (
            "SELECT v FROM t WHERE (k, v) IN (" + ", ".join(f"({n}, 1)" for n in range(200)) + ")",
            "",
        ),
        ("SELECT v FROM t WHERE v IN (" + ", ".join(map(str, range(99_999))) + ")", "102,400"),
        ("SELECT v FROM t WHERE " + " OR ".join(f"v = {n}" for n in range(1_200)), "deeply"),
        ("SELECT " + "+".join(["v"] * 1_500) + " FROM t", "deeply"),
        ("SELECT " + "(" * 5_000 + "v" + ")" * 5_000 + " FROM t", "deeper"),
        ("SELECT v FROM t WHERE " + "NOT " * 5_000 + "v = 1", "deeply"),
        ("SELECT " + "- " * 5_000 + "v FROM t", "deeply"),
        (
            "SELECT " + "CASE WHEN v = 1 THEN 1 ELSE " * 500 + "0" + " END" * 500 + " FROM t",
            "deeply",
        ),
        ("SELECT * FROM " + "(SELECT * FROM " * 3_000 + "t" + ")" * 3_000, "deeper"),
        ("SELECT " + "UPPER(" * 2_000 + "s" + ")" * 2_000 + " FROM t", "deeper"),
        ("SELECT " + "ARRAY[" * 1_000 + "1" + "]" * 1_000 + " FROM t", "deeply"),
        ("SELECT s" + "[1]" * 3_000 + " FROM t", "deeply"),
        ("SELECT " + ".".join(["a"] * 3_000) + " FROM t", "deeply"),
        (" UNION ALL ".join(["SELECT v FROM t"] * 120), "deeper"),
        ("SELECT v AS " + "a" * 1_000_000 + " FROM t", "102,400"),
        ("SELECT v AS " + "a" * 90_000 + " FROM t", "ran"),
        ("SELECT '" + "a" * 90_000 + "' FROM t", "ran"),
        ("SELECT " + ", ".join(f"v AS c{n}" for n in range(600)) + " FROM t", "ran"),
        ("SELECT DATE_FORMAT(ts, '" + "yyyy" * 5_000 + "') FROM t", "ran"),
        ("SELECT JSON_VALUE('" + "[" * 50_000 + "', '$.a') FROM t", "ran"),
        ("SELECT JSON_VALUE(s, '$" + ".a" * 9_000 + "') FROM t", "ran"),
        ("/*" * 20_000, "Error tokenizing"),
    ],
    ids=range(24),
)
def test_a_text_costs_by_its_length(query: str, says: str) -> None:
    most = MOST_CALLS_A_CHARACTER * len(query) + 200_000
    said, calls = worked(query, most)
    assert says in said
    assert calls < most


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('CREATE STREAM "D" ("s" VARCHAR(""))', "Line 1, column 33: The SQL cannot be read on"),
        ("SELECT COUNT(*) FROM t GROUP BY 1e308", "ran"),  # a number with no place is a constant
        ("SELECT k FROM t GROUP BY 1e308", "k is neither in GROUP BY nor within an aggregate"),
    ],
)
def test_what_the_parser_trips_over_is_refused_in_place(text: str, says: str) -> None:
    if "STREAM" in text:
        with pytest.raises(SqlError, match=says):
            read(text, "kinesis")
        return
    said, _ = worked(text, MOST_CALLS)
    assert says in said


FIGURES = "9" * 5_000  # more than Python reads as a number


@pytest.mark.parametrize(
    ("query", "says"),
    [
        (f"SELECT COUNT(*) FROM t GROUP BY {FIGURES}", "A number of more than 38 digits"),
        (f"SELECT v FROM t LIMIT {FIGURES}", "LIMIT takes a whole number"),
        (
            "SELECT * FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY k ORDER BY v) AS n FROM t) "
            f"WHERE n <= {FIGURES}",
            "bounds from above, is not supported",
        ),
        (f"SELECT * FROM t {ROLLING} (A{{{FIGURES}}}) DEFINE A AS A.v > 0)", "is no repeat of"),
        (f"SELECT * FROM t {ROLLING} (A{{1,{FIGURES}}}) DEFINE A AS A.v > 0)", "is no repeat of"),
        (f"SELECT CAST(s AS VARCHAR({FIGURES})) FROM t", "is no length of a type"),
        (f"SELECT v + {FIGURES} FROM t", "A number of more than 38 digits"),
    ],
)
def test_a_number_of_thousands_of_figures_is_refused_as_any_other(query: str, says: str) -> None:
    said, _ = worked(query, MOST_CALLS)
    assert says in said
    assert "set_int_max_str_digits" not in said
