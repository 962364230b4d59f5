"""What parses, and what does not: line, column and token of broken text, constructs by name."""

from __future__ import annotations

import pytest

from kinesis_sim.analytics.flink_sql.session import FlinkSession
from kinesis_sim.analytics.refusals import (
    NotSupportedInSql,
    SqlError,
    SqlLimitExceeded,
    SqlSyntaxError,
    SqlValidationError,
)
from kinesis_sim.analytics.sql.reading import read
from kinesis_sim.errors import UsageError
from tests.analytics.feeds import TABLE

FLINK = [
    "CREATE TABLE a (x INT, y AS x + 1, p AS PROCTIME()) WITH ('connector' = 'print')",
    "CREATE TEMPORARY TABLE IF NOT EXISTS a (x INT NOT NULL, PRIMARY KEY (x) NOT ENFORCED)",
    """CREATE TABLE a (shard STRING METADATA FROM 'shard-id' VIRTUAL, ts TIMESTAMP_LTZ(3),
       r ROW<a INT, b ARRAY<STRING>>, m MAP<STRING, DECIMAL(10, 2)>,
       WATERMARK FOR ts AS ts - INTERVAL '0.001' SECOND)
       PARTITIONED BY (shard) WITH ('connector' = 'kinesis', 'stream.arn' = 'x')""",
    "CREATE VIEW v (a, b) AS SELECT 1, 2 FROM t",
    "INSERT INTO a (x, y) SELECT 1, 'it''s' FROM t -- a comment",
    "EXECUTE STATEMENT SET BEGIN INSERT INTO a SELECT * FROM t; INSERT INTO b SELECT * FROM t; END",
    "SET 'table.local-time-zone' = 'UTC'",
    "DROP TABLE IF EXISTS a",
    "SELECT `select`.`from` FROM `select` /* quoted */",
    "WITH a AS (SELECT 1 AS x FROM t), b AS (SELECT * FROM a) "
    "SELECT * FROM b UNION ALL SELECT 2 FROM t",
    "SELECT * FROM TABLE(CUMULATE(TABLE t, DESCRIPTOR(ts), INTERVAL '1' MINUTE, "
    "INTERVAL '1' HOUR))",
    """SELECT * FROM TABLE(SESSION(DATA => TABLE t PARTITION BY (k, l), TIMECOL => DESCRIPTOR(ts),
       GAP => INTERVAL '5' MINUTES))""",
    "SELECT * FROM o LEFT JOIN r FOR SYSTEM_TIME AS OF o.ts AS v ON o.c = v.c",
    "SELECT * FROM t CROSS JOIN UNNEST(a) AS u (x)",
    """SELECT * FROM t MATCH_RECOGNIZE (PARTITION BY k ORDER BY ts MEASURES LAST(B.v) AS b
       ONE ROW PER MATCH AFTER MATCH SKIP TO LAST B PATTERN (A B{2,3}? C) WITHIN INTERVAL '1' HOUR
       DEFINE B AS B.v > A.v) AS m""",
    "SELECT EXTRACT(HOUR FROM ts), POSITION('a' IN k), TRIM(LEADING 'x' FROM k) FROM t",
]
KINESIS = [
    'CREATE OR REPLACE STREAM "D" (ticker VARCHAR(4) NOT NULL, "n" INTEGER, DEC_C DECIMAL(9,2))',
    'CREATE OR REPLACE PUMP "P" STOPPED AS INSERT INTO "D" SELECT STREAM DISTINCT a FROM "S"',
    'CREATE PUMP p AS INSERT INTO "D" (a, b) SELECT STREAM x, COUNT(*) FROM s GROUP BY x, '
    "STEP(s.ROWTIME BY INTERVAL '60' SECOND)",
    """SELECT STREAM a FROM b WINDOWED BY STAGGER (PARTITION BY FLOOR(e TO MINUTE), k
       RANGE INTERVAL '1' MINUTE)""",
    """SELECT STREAM l.x FROM "L" OVER (RANGE INTERVAL '1' MINUTE PRECEDING) AS l
       LEFT JOIN r OVER (RANGE INTERVAL '1' MINUTE PRECEDING) AS r ON l.id = r.id""",
    """SELECT STREAM * FROM TABLE(RANDOM_CUT_FOREST(CURSOR(SELECT STREAM * FROM "X"), 100, 256,
       100000, 1, true)) ORDER BY FLOOR(ROWTIME TO SECOND), score DESC""",
    "SELECT STREAM AVG(x) OVER w FROM s WINDOW w AS (PARTITION BY k ROWS 2 PRECEDING)",
    'ALTER PUMP "P", q STOP',
    "DROP STREAM s",
]


@pytest.mark.parametrize("text", FLINK)
def test_flink_sql_parses(text: str) -> None:
    assert len(read(text, "flink")) == 1


@pytest.mark.parametrize("text", KINESIS)
def test_kinesis_sql_parses(text: str) -> None:
    assert len(read(text, "kinesis")) == 1


@pytest.mark.parametrize(
    ("text", "line", "column", "token"),
    [
        ("SELECT a FRM t x y", 1, 14, "t"),
        ("SELECT a,\n  FROM t", 1, 9, ","),
        ("SELECT\n a b c FROM t", 2, 6, "c"),
        ("DELETE FROM t", 1, 1, "DELETE"),
        ("SELECT (a FROM t", 1, 11, "FROM"),
        ("CREATE TABLE t (a)", 1, 18, ")"),
        ("CREATE TABLE t (a INT) WITH (connector = 'x')", 1, 30, "connector"),
        ("INSERT OVERWRITE a SELECT 1 FROM t", 1, 8, "OVERWRITE"),
        ("SELECT a FROM t WHERE a = = 3", 1, 27, "="),
    ],
)
def test_broken_text_is_told_where(text: str, line: int, column: int, token: str) -> None:
    with pytest.raises(SqlSyntaxError) as caught:
        read(text, "flink")
    assert (caught.value.line, caught.value.column, caught.value.construct) == (line, column, token)


@pytest.mark.parametrize(
    "text",
    [
        "SELECT 'open",
        "SELECT `open",
        "SELECT a FROM t WHERE",
        ";END",
        "SELECT * FROM TABLE(SESSION(TABLE t PARTITION BY , DESCRIPTOR(ts), INTERVAL '4' SECOND))",
    ],
)
def test_other_broken_text_is_a_sentence(text: str) -> None:
    with pytest.raises(SqlSyntaxError):
        read(text, "flink")


@pytest.mark.parametrize(
    ("query", "construct", "line", "column"),
    [
        ("SELECT k FROM t\nWHERE FOO(k) = 1", "Function FOO", 2, 7),
        ("SELECT v & 1 FROM t", "v & 1", 1, 8),
        ("SELECT * FROM t a ASOF JOIN t b ON a.k = b.k", "ASOF JOIN", 1, None),
        ("SELECT MAX((SELECT v FROM t)) FROM t", "A subquery as a value", 1, None),
        ("SELECT TYPEOF(k) FROM t", "TYPEOF", 1, 8),
        ("SELECT * FROM t TABLESAMPLE (10 PERCENT)", "SAMPLE", 1, 30),
        ("SELECT k, COUNT(*) OVER (ORDER BY ts ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING) FROM t",
         "A frame that does not end at CURRENT ROW", 1, None),
        ("SELECT * FROM t a JOIN t b ON a.k = b.k AND a.v IN (SELECT v FROM t)",
         "IN, ANY or ALL of", 1, None),
        ("SELECT k, (SELECT MAX(v) FROM t), COUNT(*) OVER (PARTITION BY k ORDER BY ts) FROM t",
         "OVER beside a subquery", 1, None),
        ("SELECT * FROM t /*+ OPTIONS('a' = 'b') */", "The hint /*+ OPTIONS", 1, 17),
        ("SELECT k FROM t OFFSET 2 ROWS", "OFFSET without LIMIT", 1, None),
        ("SELECT * FROM TABLE(FOO(1))", "Table function FOO", 1, None),
        ("SELECT CURRENT_WATERMARK(ts) FROM t", "CURRENT_WATERMARK", 1, 8),
        ("SELECT * FROM t PIVOT (SUM(v) FOR k IN ('a'))", "PIVOT", 1, None),
        ("SELECT MULTISET[1] FROM t", "MULTISET", 1, None),
        ("SELECT k FROM t QUALIFY v > 1", "QUALIFY", 1, None),
    ],
)  # fmt: skip
def test_what_is_not_compiled_is_named(
    query: str, construct: str, line: int | None, column: int | None
) -> None:
    session = FlinkSession()
    session.execute(TABLE)
    with pytest.raises((NotSupportedInSql, SqlSyntaxError)) as caught:
        session.execute(query)
    assert construct in str(caught.value)
    if line is not None:
        assert caught.value.line == line
    if column is not None:
        assert caught.value.column == column


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("SELECT w FROM t", "Column 'w' is not there; the columns are id, k, v, ts."),
        ("SELECT x.v FROM t", "Table 'x' is not in FROM."),
        ("SELECT v FROM t a, t b WHERE a.id = b.id", "ambiguous"),
        ("SELECT * FROM nope", "Table 'nope' is not there; there are: t."),
        ("SELECT k, v FROM t GROUP BY k", "v is neither in GROUP BY nor within an aggregate."),
        ("SELECT k FROM t WHERE COUNT(*) > 1", "An aggregate cannot stand in WHERE; use HAVING."),
        ("SELECT k + ts FROM t", "is no calculation"),
        ("SELECT v FROM t WHERE v", "A condition has to be BOOLEAN; this is INTEGER."),
        ("SELECT CAST(ts AS BOOLEAN) FROM t", "cannot be cast to BOOLEAN"),
        ("SELECT UPPER(k, k) FROM t", "UPPER takes 1 arguments, not 2."),
        ("SELECT * FROM TABLE(TUMBLE(TABLE t, DESCRIPTOR(v), INTERVAL '1' MINUTE))",
         "Column v (INTEGER) is no time attribute"),
        ("SELECT * FROM TABLE(HOP(TABLE t, DESCRIPTOR(ts), INTERVAL '7' SECOND, "
         "INTERVAL '10' SECOND))",
         "multiple of its step"),
        ("SELECT * FROM t ORDER BY v", "A stream is sorted by time first"),
        ("SELECT SUM(v) OVER (PARTITION BY k ORDER BY v) FROM t", "no time attribute"),
        ("SELECT SUM(k) FROM t", "SUM is not made of STRING."),
        ("SELECT a.v FROM t a JOIN t b ON a.ts = b.v", "in common" ),
        ("SELECT k FROM t UNION ALL SELECT k, v FROM t", "1 and 2 columns"),
        ("SELECT COUNT(*) OVER (PARTITION BY k ORDER BY ts) "
         "FROM (SELECT k, MAX(ts) AS ts FROM t GROUP BY k)",
         "OVER cannot take rows back"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_a_sentence(query: str, says: str) -> None:
    session = FlinkSession()
    session.execute(TABLE)
    with pytest.raises(SqlValidationError) as caught:
        session.execute(query)
    assert says in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        "SELECT " + "(" * 100 + "1" + ")" * 100 + " FROM t",
        "SELECT " + "+".join(["v"] * 20_000) + " FROM t",
        "SELECT " + "-" * 0 + "NOT " * 5_000 + "TRUE FROM t",
        "SELECT 1 FROM " + "(SELECT * FROM " * 55 + "t" + ")" * 55,
        "SELECT '" + "x" * 200_000 + "' FROM t",
    ],
)
def test_a_text_too_deep_or_long_is_told_so(text: str) -> None:
    session = FlinkSession()
    session.execute(TABLE)
    with pytest.raises((SqlLimitExceeded, NotSupportedInSql)):
        session.execute(text)


def test_every_error_is_a_usage_error() -> None:
    assert issubclass(SqlError, UsageError)
    with pytest.raises(UsageError, match="no dialect"):
        read("SELECT 1", "mysql")
