"""The developer guide's examples (facts/analytics §7, T1 to T23), with the values that it prints.

Where the guide shows a screenshot or nothing, the test's name or comment says what it checks
instead: a plain count over the same rows.
"""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest

from kinesis_sim.analytics.kinesis_sql.session import KinesisSession
from kinesis_sim.analytics.types.sqltype import (
    DOUBLE,
    INTEGER,
    TIMESTAMP,
    SqlType,
    varchar,
)
from kinesis_sim.analytics.types.texts import read_instant
from kinesis_sim.instants import SECOND
from kinesis_sim.seed import Seed

SOURCE = "SOURCE_SQL_STREAM_001"
DAY = "2026-01-01 "
TICKS = {"TICKER_SYMBOL": varchar(4), "SECTOR": varchar(16), "CHANGE": DOUBLE, "PRICE": DOUBLE}
STAMPED = {"TICKER": varchar(4), "EVENT_TIME": TIMESTAMP, "PRICE": DOUBLE}
Feed = list[tuple[str, dict[str, Any]]]


def application(code: str, columns: dict[str, SqlType], feed: Feed, **more: Any) -> KinesisSession:
    """An application's code over a feed of (time of day, row)."""
    session = KinesisSession()
    session.declare(SOURCE, columns)
    for name, (kinds, rows) in more.items():
        session.refer(name, kinds, rows)
    session.execute(code)
    for at, row in feed:
        session.put(SOURCE, row, read_instant(DAY + at))
    session.finish()
    return session


def pump(columns: str, query: str, stream: str = "DESTINATION_SQL_STREAM") -> str:
    return f"""CREATE OR REPLACE STREAM "{stream}" ({columns});
      CREATE OR REPLACE PUMP "{stream}_PUMP" AS INSERT INTO "{stream}" {query};"""


def given(session: KinesisSession, stream: str = "DESTINATION_SQL_STREAM") -> list[Any]:
    """Rows as tuples, ROWTIME first as the time of the day."""
    rows = [list(row.values()) for row in session.rows(stream)]
    return [(row[0][11:19], *row[1:]) for row in rows]


def ticks() -> Feed:
    """Two minutes of demo ticks, one a second."""
    random = Seed(0, "guide", "ticks").random("ticks")
    made = []
    for second in range(120):
        price = round(random.uniform(10, 100), 2)
        change = round(random.uniform(-2, 2), 2)
        symbol, sector = random.choice([("AMZN", "TECH"), ("TBV", "HEALTH"), ("WAS", "RETAIL")])
        row = {"TICKER_SYMBOL": symbol, "SECTOR": sector, "CHANGE": change, "PRICE": price}
        made.append((f"00:{second // 60:02d}:{second % 60:02d}", row))
    return made


LATE = [
    (at, {"TICKER": "AMZN", "EVENT_TIME": DAY + event, "PRICE": 1.0})
    for at, event in [
        ("11:00:20", "11:00:10"),
        ("11:00:30", "11:00:20"),
        ("11:01:05", "11:00:55"),
        ("11:01:15", "11:01:05"),
    ]
]


def minute(rows: list[Any]) -> list[Any]:
    """(ROWTIME, event minute, count) of rows with a ticker between."""
    return [(row[0], row[2][11:16], row[3]) for row in rows]


def test_t1_tumbling_windows_split_late_rows_off() -> None:
    code = pump(
        "TICKER VARCHAR(4), EVENT_MINUTE TIMESTAMP, TICKER_COUNT INTEGER",
        f"""SELECT STREAM TICKER, FLOOR(EVENT_TIME TO MINUTE), COUNT(TICKER) AS TICKER_COUNT
            FROM "{SOURCE}"
            GROUP BY TICKER, FLOOR(EVENT_TIME TO MINUTE),
              STEP("{SOURCE}".ROWTIME BY INTERVAL '1' MINUTE)""",
    )
    assert minute(given(application(code, STAMPED, LATE))) == [
        ("11:01:00", "11:00", 2),
        ("11:02:00", "11:00", 1),
        ("11:02:00", "11:01", 1),
    ]


def test_t2_stagger_windows_keep_them_together() -> None:
    code = pump(
        "TICKER VARCHAR(4), EVENT_MINUTE TIMESTAMP, TICKER_COUNT INTEGER",
        f"""SELECT STREAM TICKER, FLOOR(EVENT_TIME TO MINUTE), COUNT(TICKER) AS TICKER_COUNT
            FROM "{SOURCE}"
            WINDOWED BY STAGGER (
              PARTITION BY FLOOR(EVENT_TIME TO MINUTE), TICKER RANGE INTERVAL '1' MINUTE)""",
    )
    assert minute(given(application(code, STAMPED, LATE))) == [
        ("11:01:20", "11:00", 3),
        ("11:02:15", "11:01", 1),
    ]


def test_t3_a_stagger_window_holds_six_rows_ten_seconds_apart() -> None:
    times = {
        "AMZN": ("20:17:30", "20:17:40", "20:17:50", "20:18:00", "20:18:10", "20:18:21"),
        "INTC": ("20:18:31", "20:18:41", "20:18:51", "20:19:01", "20:19:11", "20:19:21"),
    }
    feed = [
        (at, {"TICKER": ticker, "EVENT_TIME": DAY + ats[0], "PRICE": 1.0})
        for ticker, ats in times.items()
        for at in ats
    ]
    code = pump(
        "EVENT_TIME TIMESTAMP, TICKER VARCHAR(4), TICKER_COUNT INTEGER",
        f"""SELECT STREAM EVENT_TIME, TICKER, COUNT(TICKER) FROM "{SOURCE}"
            WINDOWED BY STAGGER (PARTITION BY TICKER, EVENT_TIME RANGE INTERVAL '1' MINUTE)""",
    )
    assert [(row[2], row[3]) for row in given(application(code, STAMPED, feed))] == [
        ("AMZN", 6),
        ("INTC", 6),
    ]


@pytest.mark.parametrize(
    "step", ["STEP(s.ROWTIME BY INTERVAL '60' SECOND)", "FLOOR(s.ROWTIME TO MINUTE)"]
)
def test_t4_t5_least_and_greatest_of_each_minute(step: str) -> None:
    """The guide shows screenshots; a plain count over the same ticks stands for them."""
    code = pump(
        "TICKER_SYMBOL VARCHAR(4), MIN_PRICE DOUBLE, MAX_PRICE DOUBLE",
        f"""SELECT STREAM TICKER_SYMBOL, MIN(PRICE), MAX(PRICE) FROM "{SOURCE}" AS s
            GROUP BY TICKER_SYMBOL, {step}""",
    )
    wanted: dict[Any, list[float]] = {}
    for at, row in ticks():
        end = f"00:{int(at[3:5]) + 1:02d}:00"
        wanted.setdefault((end, row["TICKER_SYMBOL"]), []).append(row["PRICE"])
    assert given(application(code, TICKS, ticks())) == [
        (end, symbol, min(prices), max(prices)) for (end, symbol), prices in wanted.items()
    ]


def test_t6_two_windows_tell_when_and_what() -> None:
    """The rows of the guide, five seconds apart: every event minute of each minute."""
    feed = [
        (f"14:11:{10 + 5 * at:02d}", {
            "TICKER": "TBV", "EVENT_TIME": f"{DAY}14:11:{5 + 5 * at:02d}.766191", "PRICE": 43.65,
        })
        for at in range(9)
    ]  # fmt: skip
    code = pump(
        "EVENT TIMESTAMP, TICKER VARCHAR(4), LOW DOUBLE, HIGH DOUBLE",
        f"""SELECT STREAM STEP(EVENT_TIME BY INTERVAL '60' SECOND), TICKER, MIN(PRICE), MAX(PRICE)
            FROM "{SOURCE}"
            GROUP BY TICKER, STEP("{SOURCE}".ROWTIME BY INTERVAL '60' SECOND),
              STEP(EVENT_TIME BY INTERVAL '60' SECOND)""",
    )
    rows = given(application(code, STAMPED, feed))
    assert rows == [("14:12:00", "2026-01-01 14:11:00.000", "TBV", 43.65, 43.65)]


def test_t7_a_late_row_is_a_partial_result_to_be_merged() -> None:
    counts = {"17:05": {"ABC": 10, "DEF": 15, "XYZ": 6}, "17:06": {"ABC": 11, "DEF": 11}}
    feed = [
        (f"17:{at[3:]}:30", {"TICKER": ticker, "EVENT_TIME": f"{DAY}{at}:30", "PRICE": 1.0})
        for at, tickers in counts.items()
        for ticker, number in tickers.items()
        for _ in range(number)
    ]
    late = {"TICKER": "XYZ", "EVENT_TIME": f"{DAY}17:05:59", "PRICE": 1.0}
    code = pump(
        "ARRIVAL TIMESTAMP, TICKER VARCHAR(4), N INTEGER",
        f"""SELECT STREAM STEP(EVENT_TIME BY INTERVAL '60' SECOND), TICKER, COUNT(*)
            FROM "{SOURCE}" GROUP BY TICKER, STEP("{SOURCE}".ROWTIME BY INTERVAL '60' SECOND),
              STEP(EVENT_TIME BY INTERVAL '60' SECOND)""",
    )
    rows = given(application(code, STAMPED, [*feed, ("17:06:40", late)]))
    assert [(row[0], row[1][11:16], row[2], row[3]) for row in rows] == [
        ("17:06:00", "17:05", "ABC", 10),
        ("17:06:00", "17:05", "DEF", 15),
        ("17:06:00", "17:05", "XYZ", 6),
        ("17:07:00", "17:06", "ABC", 11),
        ("17:07:00", "17:06", "DEF", 11),
        ("17:07:00", "17:05", "XYZ", 1),
    ]
    assert sum(row[3] for row in rows if row[2] == "XYZ") == 7


def test_t8_a_sliding_window_leaves_out_a_row_exactly_as_old_as_it_is_long() -> None:
    """The picture's counts 1, 2, 2, 2, 5; a row-by-row OVER gives 3 and 4 on the way to 5."""
    feed = [(f"00:00:{at:02d}", {"PRICE": 1.0}) for at in (1, 2, 6, 7, 8, 8, 8)]
    code = pump(
        "N INTEGER",
        f"""SELECT STREAM COUNT(*) OVER W FROM "{SOURCE}"
            WINDOW W AS (RANGE INTERVAL '5' SECOND PRECEDING)""",
    )
    rows = given(application(code, {"PRICE": DOUBLE}, feed))
    assert [row[1] for row in rows] == [1, 2, 2, 2, 3, 4, 5]
    assert [row[1] for row in rows if row[0] != "00:00:08"] + [rows[-1][1]] == [1, 2, 2, 2, 5]


def test_t9_each_column_may_have_a_window_of_its_own() -> None:
    code = pump(
        "TICKER_SYMBOL VARCHAR(4), A DOUBLE, LAST2 DOUBLE, LAST10 DOUBLE",
        f"""SELECT STREAM TICKER_SYMBOL,
              AVG(CHANGE / (PRICE - CHANGE)) OVER W1, AVG(PRICE) OVER last2rows,
              AVG(PRICE) OVER last10rows
            FROM "{SOURCE}" WINDOW
              W1 AS (PARTITION BY TICKER_SYMBOL RANGE INTERVAL '10' SECOND PRECEDING),
              last2rows AS (PARTITION BY TICKER_SYMBOL ROWS 2 PRECEDING),
              last10rows AS (PARTITION BY TICKER_SYMBOL ROWS 10 PRECEDING)""",
    )
    rows = given(application(code, TICKS, ticks()))
    assert len(rows) == 120
    own = [row["PRICE"] for _, row in ticks() if row["TICKER_SYMBOL"] == "TBV"]
    mine = [row for row in rows if row[1] == "TBV"]
    for at, row in enumerate(mine):
        for column, back in ((3, 2), (4, 10)):
            frame = own[max(0, at - back) : at + 1]
            assert row[column] == pytest.approx(sum(frame) / len(frame))


ALERT = "ABS(CHANGE / (PRICE - CHANGE)) * 100 > 1"


def test_t10_t11_alerts_and_why_the_throttled_one_does_not_throttle() -> None:
    """`trigger_count >= 1` of the guide passes every row; `= 1` is what throttles."""
    alerts = pump(
        "TICKER_SYMBOL VARCHAR(4), CHANGE DOUBLE",
        f'SELECT STREAM TICKER_SYMBOL, CHANGE FROM "{SOURCE}" WHERE {ALERT}',
        "CHANGE_STREAM",
    )
    counted = pump(
        "TICKER_SYMBOL VARCHAR(4), CHANGE DOUBLE, TRIGGER_COUNT INTEGER",
        """SELECT STREAM TICKER_SYMBOL, CHANGE, COUNT(*) OVER (PARTITION BY TICKER_SYMBOL
             RANGE INTERVAL '1' MINUTE PRECEDING) FROM "CHANGE_STREAM" """,
        "TRIGGER_COUNT_STREAM",
    )
    last = [
        pump(
            "TICKER_SYMBOL VARCHAR(4), TRIGGER_COUNT INTEGER",
            f"""SELECT STREAM TICKER_SYMBOL, TRIGGER_COUNT FROM "TRIGGER_COUNT_STREAM"
                WHERE TRIGGER_COUNT {test}""",
            name,
        )
        for name, test in (("AS_WRITTEN", ">= 1"), ("AS_MEANT", "= 1"))
    ]
    session = application(alerts + counted + "".join(last), TICKS, ticks())
    passed = [
        row for _, row in ticks() if abs(row["CHANGE"] / (row["PRICE"] - row["CHANGE"])) * 100 > 1
    ]
    assert len(given(session, "CHANGE_STREAM")) == len(passed)
    assert len(given(session, "AS_WRITTEN")) == len(passed)
    assert 0 < len(given(session, "AS_MEANT")) < len(passed)


def test_t12_partial_results_are_added_up() -> None:
    """As the guide has it TICKER is not in the partition, so that it adds across tickers."""
    first = pump(
        "TRADETIME TIMESTAMP, TICKER VARCHAR(4), N INTEGER",
        f"""SELECT STREAM STEP("{SOURCE}".ROWTIME BY INTERVAL '60' SECOND), TICKER_SYMBOL, COUNT(*)
            FROM "{SOURCE}"
            GROUP BY TICKER_SYMBOL, STEP("{SOURCE}".ROWTIME BY INTERVAL '60' SECOND)""",
        "PARTIAL",
    )
    second = pump(
        "TRADETIME TIMESTAMP, N INTEGER",
        """SELECT STREAM TRADETIME, SUM(N) OVER W FROM "PARTIAL"
           WINDOW W AS (PARTITION BY TRADETIME RANGE INTERVAL '10' MINUTE PRECEDING)""",
    )
    rows = given(application(first + second, TICKS, ticks()))
    assert max(row[2] for row in rows) == 60


def test_t13_the_most_frequent_items_of_each_minute() -> None:
    code = pump(
        "ITEM VARCHAR(4), ITEM_COUNT INTEGER",
        f"""SELECT STREAM ITEM, ITEM_COUNT FROM TABLE(TOP_K_ITEMS_TUMBLING(
              CURSOR(SELECT STREAM * FROM "{SOURCE}"), 'TICKER_SYMBOL', 2, 60))""",
    )
    rows = given(application(code, TICKS, ticks()))
    for end, first, last in (("00:01:00", 0, 60), ("00:02:00", 60, 120)):
        symbols = Counter(row["TICKER_SYMBOL"] for _, row in ticks()[first:last])
        assert [row[1:] for row in rows if row[0] == end] == symbols.most_common(2)


def heartbeats(number: int) -> Feed:
    random = Seed(0, "guide", "heart").random("heart")
    made = []
    for at in range(number):
        high = at > 150 and random.random() < 0.01
        rate = random.uniform(150, 200) if high else random.uniform(60, 100)
        row = {"HEARTRATE": rate, "RATETYPE": "HIGH" if high else "NORMAL"}
        made.append((f"{at // 3600:02d}:{at // 60 % 60:02d}:{at % 60:02d}", row))
    return made


def test_t14_high_rates_top_the_score() -> None:
    code = pump(
        "HEARTRATE DOUBLE, RATETYPE VARCHAR(20), ANOMALY_SCORE DOUBLE",
        f"""SELECT STREAM HEARTRATE, RATETYPE, ANOMALY_SCORE
            FROM TABLE(RANDOM_CUT_FOREST(CURSOR(SELECT STREAM * FROM "{SOURCE}"), 20, 128))
            ORDER BY FLOOR(ROWTIME TO SECOND), ANOMALY_SCORE DESC""",
    )
    feed = heartbeats(800)
    rows = given(application(code, {"HEARTRATE": DOUBLE, "RATETYPE": varchar(20)}, feed))
    assert len(rows) == 800
    high = sum(row["RATETYPE"] == "HIGH" for _, row in feed)
    top = sorted(rows[150:], key=lambda row: -row[3])[:high]
    assert high > 2
    assert {row[2] for row in top} == {"HIGH"}


def test_t15_the_explanation_says_which_column_and_which_way() -> None:
    random = Seed(0, "guide", "blood").random("blood")
    feed: Feed = [
        (f"00:{at // 60:02d}:{at % 60:02d}",
         {"SYSTOLIC": random.uniform(90, 120), "DIASTOLIC": random.uniform(60, 80)})
        for at in range(300)
    ]  # fmt: skip
    feed.append(("01:00:00", {"SYSTOLIC": 195.0, "DIASTOLIC": 145.0}))
    feed.append(("01:00:01", {"SYSTOLIC": 55.0, "DIASTOLIC": 32.0}))
    code = pump(
        "S DOUBLE, D DOUBLE, SCORE DOUBLE, EXPLANATION VARCHAR(20480)",
        f"""SELECT STREAM SYSTOLIC, DIASTOLIC, ANOMALY_SCORE, ANOMALY_EXPLANATION
            FROM TABLE(RANDOM_CUT_FOREST_WITH_EXPLANATION(
              CURSOR(SELECT STREAM * FROM "{SOURCE}"), 30, 128, 100000, 1, true))""",
    )
    rows = given(application(code, {"SYSTOLIC": DOUBLE, "DIASTOLIC": DOUBLE}, feed))
    for row, direction in ((rows[-2], "HIGH"), (rows[-1], "LOW")):
        parts = json.loads(row[4])
        assert {part["DIRECTION"] for part in parts.values()} == {direction}
        total = sum(float(part["ATTRIBUTION_SCORE"]) for part in parts.values())
        assert total == pytest.approx(row[3], abs=2e-4)


def test_t16_hot_spots_are_boxes_around_dense_points() -> None:
    random = Seed(0, "guide", "spots").random("spots")
    feed: Feed = []
    for at in range(400):
        hot = at % 4 == 0
        x, y = (random.gauss(7, 0.05), random.gauss(3, 0.05)) if hot else (
            random.uniform(0, 10), random.uniform(0, 10)
        )  # fmt: skip
        row = {"X": x, "Y": y, "IS_HOT": "Y" if hot else "N"}
        feed.append((f"00:{at // 60:02d}:{at % 60:02d}", row))
    code = pump(
        "X DOUBLE, Y DOUBLE, IS_HOT VARCHAR(4), HOTSPOTS_RESULT VARCHAR(10000)",
        f"""SELECT "X", "Y", "IS_HOT", "HOTSPOTS_RESULT" FROM TABLE(
              HOTSPOTS(CURSOR(SELECT STREAM "X", "Y", "IS_HOT" FROM "{SOURCE}"), 400, 0.2, 17))""",
    )
    columns = {"X": DOUBLE, "Y": DOUBLE, "IS_HOT": varchar(4)}
    found = json.loads(given(application(code, columns, feed))[-1][4])["hotspots"]
    assert len(found) == 1
    assert found[0]["density"] > 40
    assert found[0]["minValues"][0] < 7 < found[0]["maxValues"][0]
    assert found[0]["minValues"][1] < 3 < found[0]["maxValues"][1]


def test_t17_reference_data_is_joined_and_replaced_only_when_told() -> None:
    kinds = {"Ticker": varchar(8), "Company": varchar(32)}
    companies = [
        {"Ticker": "AMZN", "Company": "Amazon"},
        {"Ticker": "ASD", "Company": "SomeCompanyA"},
    ]
    code = pump(
        "TICKER VARCHAR(8), COMPANY VARCHAR(32), PRICE DOUBLE",
        f"""SELECT STREAM TICKER_SYMBOL, "c"."Company", PRICE FROM "{SOURCE}"
            LEFT JOIN "CompanyName" AS "c" ON "{SOURCE}".TICKER_SYMBOL = "c"."Ticker" """,
    )
    feed = ticks()[:30]
    session = application(code, TICKS, feed, CompanyName=(kinds, companies))
    names = {"AMZN": "Amazon"}
    assert [row[2] for row in given(session)] == [
        names.get(row["TICKER_SYMBOL"]) for _, row in feed
    ]
    session.refer("CompanyName", kinds, [{"Ticker": "WAS", "Company": "Washer"}])
    session.put(SOURCE, {**feed[0][1], "TICKER_SYMBOL": "WAS"}, read_instant(DAY + "02:00:00"))
    assert given(session)[-1][2] == "Washer"


MIXED = {
    "TYPE": varchar(8), "ORDER_ID": INTEGER, "TICKER": varchar(4), "PRICE": DOUBLE,
}  # fmt: skip


def orders_and_trades() -> Feed:
    made: Feed = []
    for at in range(6):
        order = {"TYPE": "Order", "ORDER_ID": at, "TICKER": "AAA", "PRICE": 10.0 + at}
        made.append((f"00:0{at // 2}:{10 + 20 * (at % 2)}", order))
    for at, when in ((0, "00:00:50"), (1, "00:02:40"), (4, "00:02:50")):
        made.append((when, {"TYPE": "Trade", "ORDER_ID": at, "TICKER": "AAA", "PRICE": 9.0}))
    return sorted(made, key=lambda one: one[0])


ROUTES = "".join(
    pump(
        "ORDER_ID INTEGER, TICKER VARCHAR(4), PRICE DOUBLE",
        f"""SELECT STREAM ORDER_ID, TICKER, PRICE FROM "{SOURCE}" WHERE TYPE = '{kind}'""",
        f"{kind}_Stream",
    )
    for kind in ("Order", "Trade")
)


def test_t18_two_record_types_are_routed_and_counted() -> None:
    code = ROUTES + pump(
        "TICKER VARCHAR(4), N INTEGER",
        """SELECT STREAM TICKER, COUNT(*) FROM "Trade_Stream"
           GROUP BY TICKER, FLOOR("Trade_Stream".ROWTIME TO MINUTE)""",
    )
    session = application(code, MIXED, orders_and_trades())
    assert len(session.rows("Order_Stream")) == 6
    assert given(session) == [("00:01:00", "AAA", 1), ("00:03:00", "AAA", 2)]


@pytest.mark.parametrize("kind", ["", "LEFT"])
def test_t19_trades_within_a_minute_of_their_order(kind: str) -> None:
    code = ROUTES + pump(
        "ORDER_ID INTEGER, TRADE_PRICE DOUBLE",
        f"""SELECT STREAM o.ORDER_ID, t.PRICE
            FROM "Order_Stream" OVER (RANGE INTERVAL '1' MINUTE PRECEDING) AS o
            {kind} JOIN "Trade_Stream" OVER (RANGE INTERVAL '1' MINUTE PRECEDING) AS t
            ON o.ORDER_ID = t.ORDER_ID""",
    )
    session = application(code, MIXED, orders_and_trades())
    session.tick(read_instant(DAY + "01:00:00"))
    rows = given(session)
    matched = [(row[0], row[1]) for row in rows if row[2] is not None]
    assert matched == [("00:00:50", 0), ("00:02:50", 4)]
    alone = {row[1] for row in rows if row[2] is None}
    assert alone == ({1, 2, 3, 5} if kind else set())


def test_t20_what_fails_goes_to_the_error_stream_and_nowhere_else() -> None:
    code = pump("Q DOUBLE", f'SELECT STREAM PRICE / 0 FROM "{SOURCE}"')
    session = application(code, TICKS, ticks()[:5])
    assert given(session) == []
    errors = session.rows("error_stream")
    assert len(errors) == 5
    assert {row["PUMP_NAME"] for row in errors} == {"DESTINATION_SQL_STREAM_PUMP"}
    assert bytes.fromhex(errors[0]["DATA_ROW"])
    wrong = application(code, {**TICKS, "TICKER_SYMBOL": INTEGER}, ticks()[:5])
    assert given(wrong) == []
    assert len(wrong.rows("error_stream")) == 5


@pytest.mark.parametrize(
    ("call", "columns", "text", "wanted"),
    [
        ("REGEX_LOG_PARSE(LOG, '(\\w.+) (\\d.+) (\\w.+) (\\w.+)')",
         ("COLUMN1", "COLUMN4"), "INFO 42 started well", ("INFO", "well")),
        ("W3C_LOG_PARSE(LOG, 'COMMON')", ("COLUMN1", "COLUMN5", "COLUMN6"),
         '192.168.254.30 - John [24/May/2004:22:01:02 -0700] "GET /icons/apache_pb.gif HTTP/1.1" '
         "304 0", ("192.168.254.30", "GET /icons/apache_pb.gif HTTP/1.1", "304")),
        ("VARIABLE_COLUMN_LOG_PARSE(LOG, 'COL_1 TYPE VARCHAR(16), COL_2 TYPE VARCHAR(16)', ',')",
         ("COL_1", "COL_2"), "one, two", ("one", "two")),
    ],
)  # fmt: skip
def test_t21_logs_become_columns(
    call: str, columns: tuple[str, ...], text: str, wanted: tuple[str, ...]
) -> None:
    code = pump(
        ", ".join(f"C{at} VARCHAR(64)" for at in range(len(columns))),
        f"""SELECT STREAM {", ".join(f"t.r.{one}" for one in columns)}
            FROM (SELECT STREAM {call} FROM "{SOURCE}") AS t (r)""",
    )
    session = application(code, {"LOG": varchar(200)}, [("00:00:01", {"LOG": text})])
    assert given(session)[0][1:] == wanted


def test_t22_dates_are_moved_written_and_taken_apart() -> None:
    code = pump(
        "MOVED TIMESTAMP, EPOCH BIGINT, WRITTEN VARCHAR(32), S INTEGER, SAFE VARCHAR(16)",
        f"""SELECT STREAM EVENT_TIME - INTERVAL '5' MINUTE, UNIX_TIMESTAMP(EVENT_TIME),
              TIMESTAMP_TO_CHAR('yyyy-MM-dd hh:mm:ss', EVENT_TIME), EXTRACT(SECOND FROM EVENT_TIME),
              REGEX_REPLACE(TICKER, 'A', 'x', 1, 1)
            FROM "{SOURCE}" """,
    )
    event = "2018-05-09T12:50:41.337510"
    feed = [("00:00:00", {"TICKER": "AAPL", "EVENT_TIME": event, "PRICE": 1.0})]
    moved, epoch, written, second, safe = given(application(code, STAMPED, feed))[0][1:]
    assert moved == "2018-05-09 12:45:41.337"
    assert epoch == read_instant(event)
    assert written == "2018-05-09 12:50:41"
    assert second == 41
    assert safe == "xAPL"


def test_t23_an_average_of_two_shards_averages_is_biased() -> None:
    session = KinesisSession()
    for name in ("S_001", "S_002"):
        session.declare(name, {"V": DOUBLE})
    average = 'SELECT STREAM AVG(V) FROM "{}" GROUP BY FLOOR("{}".ROWTIME TO MINUTE)'
    session.execute(
        'CREATE STREAM "A" (M DOUBLE);'
        f'CREATE PUMP P1 AS INSERT INTO "A" {average.format("S_001", "S_001")};'
        f'CREATE PUMP P2 AS INSERT INTO "A" {average.format("S_002", "S_002")};'
        'CREATE STREAM "D" (M DOUBLE);'
        'CREATE PUMP P3 AS INSERT INTO "D" '
        'SELECT STREAM AVG(M) FROM "A" GROUP BY FLOOR("A".ROWTIME TO MINUTE)'
    )
    start = read_instant(DAY)
    for at, (stream, number) in enumerate([("S_001", 10.0)] * 3 + [("S_002", 50.0)]):
        session.put(stream, {"V": number}, start + at * SECOND)
    session.finish()
    assert [row["M"] for row in session.rows("D")] == [30.0]  # the rows' own average is 20
