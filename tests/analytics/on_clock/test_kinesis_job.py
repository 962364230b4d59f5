"""An application of Kinesis SQL on the clock: mapping, errors, outputs, discovery."""

from __future__ import annotations

import json
from typing import Any

import pytest

from kinesis_sim import Simulator
from kinesis_sim.analytics.kinesis_sql.discovery import column_name, discovered
from kinesis_sim.analytics.kinesis_sql.mapping import MappedColumn, RecordSchema
from kinesis_sim.analytics.refusals import SqlValidationError
from kinesis_sim.analytics.types.jsonpath import JsonPath
from kinesis_sim.analytics.types.sqltype import BOOLEAN, DOUBLE, INTEGER, varchar
from kinesis_sim.errors import UsageError

SCHEMA = RecordSchema(
    [
        MappedColumn("TICKER", varchar(4), JsonPath("$.ticker")),
        MappedColumn("PRICE", DOUBLE, JsonPath("$.price")),
    ]
)
CODE = """CREATE STREAM "OUT" (TICKER VARCHAR(4), N INTEGER, TOTAL DOUBLE);
CREATE PUMP "P" AS INSERT INTO "OUT" SELECT STREAM TICKER, COUNT(*), SUM(PRICE)
FROM "SOURCE_SQL_STREAM_001" AS s
GROUP BY TICKER, STEP(s.ROWTIME BY INTERVAL '60' SECOND);"""


def put(sim: Simulator, *rows: Any) -> None:
    for row in rows:
        data = row if isinstance(row, bytes) else json.dumps(row).encode()
        sim.client("kinesis").put_record(StreamName="ticks", Data=data, PartitionKey="a")


@pytest.fixture
def ticks(sim: Simulator) -> Simulator:
    for name in ("ticks", "out"):
        sim.client("kinesis").create_stream(StreamName=name, ShardCount=1)
    return sim


def test_windows_close_at_the_minute_and_go_to_a_stream(ticks: Simulator) -> None:
    heard: list[Any] = []
    ticks.analytics.application(
        CODE, "ticks", SCHEMA, {"OUT": lambda rows: heard.append((ticks.clock.now, rows))}
    )
    put(ticks, {"ticker": "AMZN", "price": 1}, {"ticker": "AMZN", "price": 2.5})
    ticks.advance(minutes=5)
    [(when, rows)] = heard
    assert when % 60_000 == 0
    assert rows == [{"TICKER": "AMZN", "N": 2, "TOTAL": 3.5}]


def test_the_stream_is_looked_at_every_second(ticks: Simulator) -> None:
    heard: list[int] = []
    code = """CREATE STREAM "OUT" (TICKER VARCHAR(4));
    CREATE PUMP "P" AS INSERT INTO "OUT" SELECT STREAM TICKER FROM "SOURCE_SQL_STREAM_001";"""
    began = ticks.clock.now
    ticks.analytics.application(
        code, "ticks", SCHEMA, {"OUT": lambda _: heard.append(ticks.clock.now - began)}
    )
    for wait in (250, 1_000, 1_600):
        ticks.advance(milliseconds=began + wait - ticks.clock.now)
        put(ticks, {"ticker": "AMZN", "price": 1})
    ticks.advance(seconds=5)
    assert heard == [1_000, 2_000]


def test_what_does_not_fit_goes_to_the_error_stream(ticks: Simulator) -> None:
    job = ticks.analytics.application(CODE, "ticks", SCHEMA, {"OUT": "kinesis:out"})
    put(ticks, b"no json", {"ticker": "ABCDEFG", "price": 1}, {"ticker": "A", "price": "x"})
    ticks.advance(minutes=2)
    errors = job.session.rows("error_stream")
    assert len(errors) == 2
    # a text too long is cut off without a word
    assert [row["TICKER"] for row in job.session.rows("OUT")] == ["ABCD"]


def test_a_preprocessing_function_drops_and_fails_records(ticks: Simulator) -> None:
    results = {b"1": "Ok", b"2": "Dropped", b"3": "ProcessingFailed"}
    job = ticks.analytics.application(
        CODE, "ticks", SCHEMA, {},
        preprocess=lambda data: (results[data], b'{"ticker": "A", "price": 1}'),
    )  # fmt: skip
    put(ticks, b"1", b"2", b"3")
    ticks.advance(minutes=2)
    assert [row["N"] for row in job.session.rows("OUT")] == [1]
    assert len(job.session.rows("error_stream")) == 1


def test_an_application_has_three_outputs_at_most(ticks: Simulator) -> None:
    with pytest.raises(UsageError, match="at most 3"):
        ticks.analytics.application(CODE, "ticks", SCHEMA, dict.fromkeys("ABCD", "kinesis:out"))


def test_one_array_may_be_flattened_and_other_columns_repeat() -> None:
    schema = RecordSchema(
        [
            MappedColumn("C", varchar(8), JsonPath("$.customer")),
            MappedColumn("O", INTEGER, JsonPath("$.orders[0:].id")),
        ]
    )
    document = {"customer": "Ana", "orders": [{"id": 1}, {"id": 2}]}
    assert schema.rows(json.dumps(document).encode()) == [
        {"C": "Ana", "O": 1},
        {"C": "Ana", "O": 2},
    ]
    assert schema.rows(b'{"orders": []}') == [{"C": None, "O": None}]
    with pytest.raises(SqlValidationError, match="One array"):
        RecordSchema(
            [MappedColumn(name, INTEGER, JsonPath(f"$.{name}[0:]")) for name in ("a", "b")]
        )


def test_csv_goes_by_order() -> None:
    schema = RecordSchema([MappedColumn(name, varchar(9)) for name in ("A", "B")], "CSV")
    assert schema.rows(b'x,"y, z"\nq') == [{"A": "x", "B": "y, z"}, {"A": "q", "B": None}]


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("USER", "COL_USER"),
        ("USER@DOMAIN", "COL_USERDOMAIN"),
        ("@@", "COL_0"),
        ("1st", "COL_1st"),
        ("price", "price"),
    ],
)
def test_names_that_sql_does_not_take_are_told_with_col(name: str, wanted: str) -> None:
    assert column_name(name, 0) == wanted


def test_a_schema_is_discovered() -> None:
    rows = [
        {"TICKER": "AMZN", "PRICE": 27.9, "N": 1, "OK": True, "EVENT_TIME": "2018-06-13T14:11:05"},
        {"TICKER": "TBV", "PRICE": 33, "N": 2, "OK": False, "EVENT_TIME": "2018-06-13T14:11:06"},
    ]
    found = discovered(json.dumps(row).encode() for row in rows)
    assert {one.name: one.kind for one in found.columns} == {
        "TICKER": varchar(4),
        "PRICE": DOUBLE,
        "N": INTEGER,
        "OK": BOOLEAN,
        "EVENT_TIME": varchar(32),
    }
    table = discovered([b"AMZN,27.9", b"TBV,33"])
    assert [(one.name, one.kind) for one in table.columns] == [
        ("COL_0", varchar(4)),
        ("COL_1", DOUBLE),
    ]
    nested = discovered([b'{"a": {"b": [{"c": 1}, {"c": 2}]}}'])
    assert [one.path.text for one in nested.columns if one.path] == ["$.a.b[0:].c"]
    with pytest.raises(SqlValidationError, match="no schema"):
        discovered([b"\xff\xfe", b"words"])


def test_a_row_as_csv_is_read_back() -> None:
    import csv

    from kinesis_sim.analytics.on_clock.kinesis_job import as_csv

    row = {"a": 'say "x", y', "b": None, "c": 1.5, "d": "two\nlines"}
    assert next(csv.reader(as_csv(row).decode().splitlines(keepends=True))) == [
        'say "x", y', "", "1.5", "two\nlines"
    ]  # fmt: skip
