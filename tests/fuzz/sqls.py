"""Streaming SQL from strangers: read, planned, and run over rows that are as strange."""

from __future__ import annotations

from kinesis_sim.analytics.kinesis_sql.session import KinesisSession
from kinesis_sim.analytics.operators.operator import Budget
from kinesis_sim.analytics.running import run
from kinesis_sim.analytics.types.sqltype import BIGINT, DOUBLE, STRING
from tests.fuzz.target import Target, text

NOON = 1_767_225_600_000
ROWS = [
    {"k": at % 3, "v": value, "s": said, "ts": NOON + 1_000 * at}
    for at, (value, said) in enumerate(
        [(1, "a"), (None, None), (-(2**31), '{"a":[1,{"b":null}]}'), (2**31 - 1, "\ud800"),
         (0, ""), (7, "9" * 40), (3, "2026-01-01 00:00:00")]
    )
]  # fmt: skip
TABLE = """CREATE TABLE t (k INT, v INT, s STRING, ts TIMESTAMP(3),
WATERMARK FOR ts AS ts - INTERVAL '1' SECOND);
"""
FLINKS = rb"""
SELECT k, SUM(v) FROM t GROUP BY k HAVING COUNT(*) > 1
--
SELECT window_start, COUNT(*) FROM TABLE(TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '2' SECOND))
GROUP BY window_start, window_end
--
SELECT k, LAG(v) OVER (PARTITION BY k ORDER BY ts) FROM t
--
SELECT AVG(v) OVER (PARTITION BY k ORDER BY ts ROWS BETWEEN 2 PRECEDING AND CURRENT ROW) FROM t
--
SELECT * FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY k ORDER BY v DESC) AS n FROM t)
WHERE n <= 2
--
SELECT a.v, b.s FROM t a LEFT JOIN t b
ON a.k = b.k AND b.ts BETWEEN a.ts - INTERVAL '1' SECOND AND a.ts
--
SELECT * FROM t MATCH_RECOGNIZE (PARTITION BY k ORDER BY ts MEASURES A.v AS x, LAST(B.v) AS y
ONE ROW PER MATCH AFTER MATCH SKIP PAST LAST ROW PATTERN (A B+? C) DEFINE B AS B.v > A.v)
--
SELECT JSON_VALUE(s, '$.a[1].b'), JSON_QUERY(s, 'lax $.a'), REGEXP_REPLACE(s, '(a|b)*c', 'x'),
TRY_CAST(s AS DECIMAL(38, 18)), s LIKE '%_\%' FROM t WHERE k IN (SELECT k FROM t WHERE v > 0)
--
SELECT DATE_FORMAT(ts, 'yyyy-MM-dd'), TIMESTAMPADD(YEAR, v, ts), EXTRACT(WEEK FROM ts),
POWER(v, 99), REPEAT(s, k), SUBSTRING(s, -1, k), LPAD(s, k, 'x'), ROUND(v, 2) FROM t
--
SELECT 1 / v, MOD(v, 0), REPEAT(s, v), CAST(s AS TIMESTAMP(3)) FROM t WHERE v <> 0
--
CREATE VIEW w AS SELECT DISTINCT k FROM t; SELECT * FROM w UNION ALL SELECT v FROM t
--
SELECT CASE WHEN v > 1 THEN 'a' ELSE s END || CAST(ts AS STRING), COALESCE(v, 0), NULLIF(k, 1)
FROM t
--
SELECT COUNT(*) FROM t GROUP BY 1e308
""".split(b"--\n")
PUMPS = rb"""
CREATE OR REPLACE STREAM "D" ("k" BIGINT, "n" BIGINT);
CREATE OR REPLACE PUMP "P" AS INSERT INTO "D" SELECT STREAM "k", COUNT(*) FROM "S"
GROUP BY "k", STEP("S".ROWTIME BY INTERVAL '2' SECOND)
--
CREATE STREAM "D" ("k" BIGINT, "a" DOUBLE);
CREATE PUMP "P" AS INSERT INTO "D" SELECT STREAM "k", AVG("v") OVER W FROM "S"
WINDOW W AS (PARTITION BY "k" RANGE INTERVAL '3' SECOND PRECEDING)
--
CREATE STREAM "D" ("s" VARCHAR(4));
CREATE PUMP "P" AS INSERT INTO "D" SELECT STREAM UPPER("s") FROM "S"
WHERE "v" > 0 AND "s" SIMILAR TO '(a|b)%'
--
CREATE STREAM "D" ("k" BIGINT, "n" BIGINT);
CREATE PUMP "P" AS INSERT INTO "D" SELECT STREAM "k", COUNT(*) FROM "S"
WINDOWED BY STAGGER (PARTITION BY "k" RANGE INTERVAL '1' MINUTE)
--
CREATE STREAM "D" ("s" VARCHAR(9), "r" DOUBLE);
CREATE PUMP "P" AS INSERT INTO "D" SELECT STREAM "s", ANOMALY_SCORE
FROM TABLE(RANDOM_CUT_FOREST(CURSOR(SELECT STREAM * FROM "S")))
--
CREATE STREAM "D" ("s" VARCHAR(""))
--
CREATE STREAM "D" ("s" VARCHAR(9), "r" DOUBLE);
CREATE PUMP "\xbfP" AS INSERT INTO "D" SELECT STREAM "s", ANOMALY_SCORE
FROM TABLE(RANDOM_CUT_FOREST(CURSOR(SELECT STREAM * FROM "S")))
""".split(b"--\n")
"""The last of each are past findings."""


def _budget() -> Budget:
    return Budget(rows=2_000, state=2_000, work=20_000)


def _flink(data: bytes) -> object:
    return run(TABLE + text(data), {"t": ROWS}, limits=_budget())


def _kinesis(data: bytes) -> None:
    session = KinesisSession(budget=_budget())
    session.declare("S", {"k": BIGINT, "v": DOUBLE, "s": STRING})
    session.execute(text(data))
    for row in ROWS:
        at = int(str(row["ts"]))
        session.put("S", {name: row[name] for name in ("k", "v", "s")}, at)
    session.tick(NOON + 120_000)
    session.finish()


TARGETS: dict[str, Target] = {
    "flink sql": Target(_flink, FLINKS, every=5),
    "kinesis sql": Target(_kinesis, PUMPS, every=5),
}
