"""Format conversion: files that open with the schema's types, and failures as the guide codes them.

The fast way and the way record by record give the same table: a law over what hypothesis finds.
"""

from __future__ import annotations

import io
import json
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.orc
import pyarrow.parquet
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kinesis_sim.errors import ServiceError
from kinesis_sim.firehose.conversion.columns import Columns
from kinesis_sim.firehose.conversion.conversion import Converter
from kinesis_sim.firehose.conversion.schema import SchemaError, schema
from kinesis_sim.firehose.conversion.serde import Deserializer

COLUMNS = [
    ("name", "string"),
    ("tiny", "tinyint"),
    ("count", "int"),
    ("big", "bigint"),
    ("ratio", "float"),
    ("price", "double"),
    ("ok", "boolean"),
    ("code", "varchar(3)"),
    ("at", "timestamp"),
    ("day", "date"),
    ("cost", "decimal(6,2)"),
    ("tags", "array<string>"),
    ("labels", "map<string,int>"),
    ("place", "struct<city:string,floor:int>"),
]
ROW = {
    "name": "Ana é",
    "tiny": -128,
    "count": 7,
    "big": 2**53 + 1,
    "ratio": 0.1,
    "price": 1.5,
    "ok": True,
    "code": "abcdef",
    "at": "2017-02-07T15:13:01.39256Z",
    "day": "2017-02-07",
    "cost": 12.345,
    "tags": ["a", None],
    "labels": {"x": 1, "y": None},
    "place": {"city": "Rio", "floor": 3, "extra": 1},
}


def configuration(
    deserializer: dict[str, Any] | None = None, serializer: dict[str, Any] | None = None
) -> dict[str, Any]:
    return {
        "InputFormatConfiguration": {"Deserializer": deserializer or {"OpenXJsonSerDe": {}}},
        "OutputFormatConfiguration": {"Serializer": serializer or {"ParquetSerDe": {}}},
    }


def converter(columns: list[tuple[str, str]], **given_: Any) -> Converter:
    return Converter(schema(columns), configuration(**given_))


def rows(columns: list[tuple[str, str]], *records: bytes, **given_: Any) -> list[dict[str, Any]]:
    converted = converter(columns, **given_).convert(records)
    assert not converted.failures
    assert converted.body is not None
    return pa.parquet.read_table(pa.BufferReader(converted.body)).to_pylist()


def refusal(columns: list[tuple[str, str]], record: bytes, **given_: Any) -> tuple[str, str]:
    converted = converter(columns, **given_).convert([b"{}", record, b"{}"])
    [failure] = converted.failures
    assert failure.index == 1
    assert converted.rows == 2
    return failure.code.removeprefix("DataFormatConversion."), failure.message


def encoded(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


def test_parquet_has_the_types_of_the_schema(tmp_path: Path) -> None:
    converted = converter(COLUMNS).convert([encoded(ROW), b"{}"])
    assert converted.rows == 2
    path = tmp_path / "file.parquet"
    path.write_bytes(converted.body or b"")
    table = pa.parquet.read_table(path)
    wanted = schema(COLUMNS).arrow()
    assert table.schema.names == wanted.names
    for name in set(wanted.names) - {"tags"}:  # a list's element is named by the format
        assert table.schema.field(name).type == wanted.field(name).type, name
    [row, empty] = table.to_pylist()
    assert row["big"] == 2**53 + 1
    assert row["code"] == "abc"
    assert row["day"] == date(2017, 2, 7)
    assert row["cost"] == Decimal("12.35")
    assert row["labels"] == [("x", 1), ("y", None)]
    assert row["place"] == {"city": "Rio", "floor": 3}
    assert set(empty.values()) == {None}
    frame = pd.read_parquet(path)
    assert frame["at"][0] == pd.Timestamp("2017-02-07T15:13:01.392560")
    query = (
        f"""select name, typeof(count), "at", cost, labels['x'], place.city from '{path}' limit 1"""
    )
    [found] = duckdb.sql(query).fetchall()
    assert found[:2] == ("Ana é", "INTEGER")
    assert found[2].replace(tzinfo=None) == datetime(2017, 2, 7, 15, 13, 1, 392560)  # noqa: DTZ001
    assert found[3:] == (Decimal("12.35"), 1, "Rio")


def test_orc_has_the_types_of_the_schema() -> None:
    converted = converter(COLUMNS, serializer={"OrcSerDe": {}}).convert([encoded(ROW), b"{}"])
    body = converted.body or b""
    table = pa.orc.ORCFile(pa.BufferReader(body)).read()
    wanted = schema(COLUMNS).arrow()
    for name in set(wanted.names) - {"tags"}:
        assert table.schema.field(name).type == wanted.field(name).type, name
    row = table.to_pylist()[0]
    assert (row["name"], row["cost"], row["place"]["city"]) == ("Ana é", Decimal("12.35"), "Rio")
    frame = pd.read_orc(io.BytesIO(body))
    assert frame["at"][0] == pd.Timestamp("2017-02-07T15:13:01.392560")


@pytest.mark.parametrize("serializer", [{"ParquetSerDe": {}}, {"OrcSerDe": {}}])
def test_the_same_records_give_the_same_bytes(serializer: dict[str, Any]) -> None:
    bodies = {
        converter(COLUMNS, serializer=serializer).convert([encoded(ROW)] * 50).body
        for _ in range(2)
    }
    assert len(bodies) == 1


@pytest.mark.parametrize(
    ("options", "codec"),
    [
        ({}, "SNAPPY"),
        ({"Compression": "GZIP"}, "GZIP"),
        ({"Compression": "UNCOMPRESSED", "WriterVersion": "V2"}, "UNCOMPRESSED"),
        ({"EnableDictionaryCompression": True, "PageSizeBytes": 65_536}, "SNAPPY"),
    ],
)
def test_options_of_parquet(options: dict[str, Any], codec: str) -> None:
    body = converter([("a", "string")], serializer={"ParquetSerDe": options}).convert(
        [b'{"a":"x"}']
    )
    column = pa.parquet.ParquetFile(pa.BufferReader(body.body)).metadata.row_group(0).column(0)
    assert column.compression == codec
    dictionary = any("DICTIONARY" in name for name in column.encodings)
    assert dictionary is options.get("EnableDictionaryCompression", False)


def test_a_row_group_takes_a_block() -> None:
    columns = [("a", "string")]
    records = [encoded({"a": "x" * 1_000})] * 100
    options = {"BlockSizeBytes": 20_000}
    body = converter(columns, serializer={"ParquetSerDe": options}).convert(records).body
    groups = pa.parquet.ParquetFile(pa.BufferReader(body)).metadata.num_row_groups
    assert 4 <= groups <= 7


@pytest.mark.parametrize(
    ("options", "codec"),
    [({}, "SNAPPY"), ({"Compression": "ZLIB"}, "ZLIB"), ({"Compression": "NONE"}, "UNCOMPRESSED")],
)
def test_options_of_orc(options: dict[str, Any], codec: str) -> None:
    more = {
        "StripeSizeBytes": 8 * 2**20,
        "RowIndexStride": 1_000,
        "BloomFilterColumns": ["a"],
        "BloomFilterFalsePositiveProbability": 0.1,
        "EnablePadding": True,
        "PaddingTolerance": 0.1,
        "DictionaryKeyThreshold": 0.5,
        "FormatVersion": "V0_11",
    }
    made = converter([("a", "string")], serializer={"OrcSerDe": {**more, **options}})
    file = pa.orc.ORCFile(pa.BufferReader(made.convert([b'{"a":"x"}']).body))
    assert (file.compression, file.row_index_stride, file.file_version) == (codec, 1_000, "0.11")


def test_objects_of_one_record_are_rows() -> None:
    assert rows([("a", "int")], b'{"a":1}{"a":2}', b'\n{"a":\n3}\n') == [
        {"a": 1},
        {"a": 2},
        {"a": 3},
    ]


@pytest.mark.parametrize(
    ("record", "expected"),
    [  # DG:monitoring-with-cloudwatch-logs
        (b"plain", ("ParseError", "Encountered malformed JSON.")),
        (b'{"a":1', ("ParseError", "Encountered malformed JSON.")),
        (b'{"a":NaN}', ("ParseError", "Encountered malformed JSON.")),
        (b'{"a":1},{"a":2}', ("MalformedData", "Illegal character found between tokens.")),
        (b'[{"a":1},{"a":2}]', ("MalformedData", "Data does not match the schema.")),
        (b"\xff", ("MalformedData", "The data cannot be decoded as UTF-8.")),
        (b"", ("MalformedData", "The record was empty or contained only whitespace.")),
        (b" \n", ("MalformedData", "The record was empty or contained only whitespace.")),
        (
            b"3",
            (
                "MalformedData",
                "The input JSON contained a primitive at the top level. The top level must be an "
                "object or array.",
            ),
        ),
        (
            b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
            (
                "MalformedData",
                "Data contains a highly nested JSON structure that is not supported.",
            ),
        ),
        (
            b'{"' + b"k" * 262_145 + b'":1}',
            ("MalformedData", "Length of json key must not be greater than 262144"),
        ),
        (b'{"a":"x"}', ("MalformedData", 'Data does not match the schema. For input string: "x"')),
        (
            b'{"a":1}{"a":"x"}',
            ("MalformedData", 'Data does not match the schema. For input string: "x"'),
        ),
    ],
)
def test_records_that_are_refused(record: bytes, expected: tuple[str, str]) -> None:
    assert refusal([("a", "int")], record) == expected


NO_COMPLEX = "A scalar type was found in the data but a complex type was specified on the schema."
NO_TIMESTAMP = (
    "Encountered invalid or unsupported timestamp format. Please see the Firehose developer guide "
    "for supported timestamp formats."
)


@pytest.mark.parametrize(
    ("kind", "value", "message"),
    [
        ("tinyint", 128, "Data does not match the schema."),
        ("bigint", 2**63, "Data does not match the schema."),
        ("int", 1.5, "Data does not match the schema."),
        ("int", True, "Data does not match the schema."),
        ("boolean", 1, "Data does not match the schema."),
        ("double", "x", "Data does not match the schema."),
        ("float", 1e300, "Data does not match the schema."),
        ("decimal(4,2)", 100, "Data does not match the schema."),
        ("decimal(4,2)", "NaN", "Data does not match the schema."),
        ("date", "2017-02-30", "Invalid format for one or more dates."),
        ("date", 17, "Invalid format for one or more dates."),
        ("timestamp", "yesterday", NO_TIMESTAMP),
        ("array<int>", 1, NO_COMPLEX),
        ("array<int>", {}, "Data does not match the schema."),
        ("map<string,int>", "x", NO_COMPLEX),
        ("map<int,int>", {"x": 1}, "One or more map keys were invalid for map<int,int>."),
        ("struct<a:int>", 1, NO_COMPLEX),
        ("struct<a:int>", {"a": "x"}, "Data does not match the schema."),
        ("binary", 1, "Data does not match the schema."),
    ],
)
def test_values_that_are_refused(kind: str, value: object, message: str) -> None:
    code, text = refusal([("a", kind)], encoded({"a": value}))
    assert code == ("InvalidRecord" if kind == "map<int,int>" else "MalformedData")
    assert message in text


def test_a_lone_surrogate_is_refused() -> None:
    found = refusal([("a", "string")], b'{"a":"\\ud800"}')
    assert found == ("MalformedData", "Encountered invalid characters.")


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("string", 1.5, "1.5"),
        ("string", True, "true"),
        ("string", {"b": [1, "é"]}, '{"b":[1,"é"]}'),
        ("int", "123", 123),
        ("double", "1.5", 1.5),
        ("double", 3, 3.0),
        ("boolean", "true", True),
        ("decimal(4,2)", "1.255", Decimal("1.26")),
        ("binary", "é", "é".encode()),
        ("char(2)", "abc", "ab"),
        ("timestamp", 1518033528, datetime(2018, 2, 7, 19, 58, 48)),  # noqa: DTZ001
    ],
)
def test_values_that_openx_makes_fit(kind: str, value: object, expected: object) -> None:
    [row] = rows([("a", kind)], encoded({"a": value}))
    assert row == {"a": expected}


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("int", "123"),
        ("double", "1.5"),
        ("decimal(4,2)", "1.5"),
        ("string", {"inner": 1}),
        ("boolean", "true"),
    ],
)
def test_values_that_hive_refuses(kind: str, value: object) -> None:
    hive = {"HiveJsonSerDe": {}}
    code, message = refusal([("a", kind)], encoded({"a": value}), deserializer=hive)
    assert code == "MalformedData"
    assert message.startswith("Data does not match the schema.")


def test_hive_reads_its_timestamp_formats() -> None:
    hive = {"HiveJsonSerDe": {"TimestampFormats": ["dd/MM/yyyy", "millis"]}}
    found = rows([("a", "timestamp")], b'{"a":"07/02/2017"}{"a":1000}', deserializer=hive)
    assert found == [{"a": datetime(2017, 2, 7)}, {"a": datetime(1970, 1, 1, 0, 0, 1)}]  # noqa: DTZ001


def test_hive_has_no_dots_in_column_names() -> None:
    with pytest.raises(SchemaError) as refused:
        converter([("a.b", "int")], deserializer={"HiveJsonSerDe": {}})
    assert refused.value.code == "DataFormatConversion.InvalidSchema"


@pytest.mark.parametrize(
    ("options", "record", "expected"),
    [
        ({}, {"UserId": 1}, {"userid": 1, "a_b": None, "ts": None}),
        ({"CaseInsensitive": False}, {"UserId": 1}, {"userid": None, "a_b": None, "ts": None}),
        (
            {"ConvertDotsInJsonKeysToUnderscores": True},
            {"a.b": 2},
            {"userid": None, "a_b": 2, "ts": None},
        ),
        (
            {"ColumnToJsonKeyMappings": {"ts": "timestamp"}},
            {"timestamp": 3, "ts": 4},
            {"userid": None, "a_b": None, "ts": 3},
        ),
    ],
)
def test_options_of_openx(
    options: dict[str, Any], record: dict[str, int], expected: dict[str, int | None]
) -> None:
    columns = [("userid", "int"), ("a_b", "int"), ("ts", "int")]
    assert rows(columns, encoded(record), deserializer={"OpenXJsonSerDe": options}) == [expected]


@pytest.mark.parametrize(
    "given_",
    [
        {"deserializer": {"OpenXJsonSerDe": {}, "HiveJsonSerDe": {}}},
        {"deserializer": {"Other": {}}},
        {"serializer": {"OrcSerDe": {}, "ParquetSerDe": {}}},
        {"deserializer": {"HiveJsonSerDe": {"TimestampFormats": ["yyyy G"]}}},
    ],
)
def test_wrong_configurations(given_: dict[str, Any]) -> None:
    with pytest.raises(ServiceError) as refused:
        converter([("a", "int")], **given_)
    assert refused.value.code == "InvalidArgumentException"


def test_a_batch_without_a_good_record_has_no_file() -> None:
    converted = converter([("a", "int")]).convert([b"x", b""])
    assert (converted.body, converted.rows, len(converted.failures)) == (None, 0, 2)
    assert converter([("a", "int")]).convert([]).body is None


def test_a_bad_record_changes_nothing_for_the_others() -> None:
    columns = [column for column in COLUMNS if column[0] not in {"labels", "place"}]
    made = converter(columns)
    good = [encoded({**ROW, "count": n}) for n in range(40)]
    assert made.convert(good).body == made.convert([*good, b"bad"]).body


def test_clean_batches_take_the_fast_way() -> None:
    """Else the law below would compare nothing."""
    columns = [(name, kind) for name, kind in COLUMNS if name in ROW and kind in FAST]
    fast = Columns(schema(columns), Deserializer())
    record = {"NAME": "é", "count": 1, "at": 1518033528123, "day": "2017-02-07", "x": {"y": [1]}}
    assert fast.table([encoded(record)] * 3).num_rows == 3
    assert fast.table([encoded(record), encoded({"name": "x"})]) is None  # spelled in two ways
    assert fast.table([b'{"at":NaN}']) is None


def test_two_broken_records_do_not_make_a_good_one() -> None:
    columns = [("a", "int")]
    for halves in ([b'{"x":[{"y":1},\n', b'{"y":2}]}'], [b'{"x":[{"y":1}', b'{"y":2}]}']):
        made = converter(columns).convert([b'{"a":1}', *halves, b'{"a":2}{"a":3}'])
        assert (made.rows, [failure.index for failure in made.failures]) == (3, [1, 2])


FAST = {
    "string",
    "tinyint",
    "int",
    "bigint",
    "float",
    "double",
    "boolean",
    "timestamp",
    "date",
    "array<string>",
}
TEXTS = st.text(st.characters(codec="utf-8"), max_size=4)
NUMBERS = st.integers(-200, 200) | st.sampled_from(
    [2**31, 2**53 + 1, 2**63, 0.1, 1e16, -0.0, 1e300]
)
TIMES = st.sampled_from(
    [
        *(
            "2017-02-07T15:13:01.39256Z",
            "2017-02-07 15:13:01",
            "2017-2-7 1:2:3",
            "2017-02-30 00:00:00",
        ),
        *(
            "1500-01-01 00:00:00",
            "2300-01-01T00:00:00Z",
            "0000-01-01 00:00:00",
            "2017-02-07 24:00:00",
        ),
        *(
            "2017-02-07 15:13:60",
            "2017-02-07",
            "0000-01-01",
            "0001-01-01",
            "9999-12-31",
            "2017-02-29",
        ),
        *(
            1518033528,
            1518033528123,
            1518033528.123,
            99999999999,
            100000000000,
            -1.5,
            9e18,
            "x",
            True,
        ),
    ]
)
CLEAN: dict[str, st.SearchStrategy[Any]] = {
    "name": TEXTS,
    "tiny": st.integers(-128, 127),
    "count": st.integers(-(2**31), 2**31 - 1),
    "ratio": st.floats(-1e30, 1e30) | st.integers(-9, 9),
    "price": st.floats(allow_nan=False, allow_infinity=False) | st.integers(-9, 9),
    "ok": st.booleans(),
    "at": TIMES,
    "day": st.dates().map(str) | TIMES,
    "tags": st.lists(TEXTS, max_size=2),
}
ODD = st.none() | TEXTS | NUMBERS | st.booleans() | TIMES | st.lists(NUMBERS, max_size=2)
KEYS = ["name", "Name", "tiny", "count", "ratio", "price", "ok", "at", "day", "tags", "x", "X.y"]
DOCUMENTS = st.fixed_dictionaries(
    {}, optional={**CLEAN, "x": st.integers(0, 9) | st.dictionaries(TEXTS, NUMBERS, max_size=2)}
) | st.dictionaries(st.sampled_from(KEYS), ODD, max_size=5)
TYPES = dict(COLUMNS)


@given(
    documents=st.lists(DOCUMENTS, max_size=4),
    odd=st.lists(
        st.sampled_from(
            [
                b"",
                b"{",
                b"{}{}",
                b'{"at":NaN}',
                b'{"name":"a"}{"name":"b"}',
                b'{"tags":["a',
                b'b"]}',
                b'{"count":1,"count":2}',
                b'{"x":Infinity}',
                b'{"name":"}',
            ]
        ),
        max_size=2,
    ),
    openx=st.booleans(),
    names=st.lists(st.sampled_from(sorted(CLEAN)), min_size=1, max_size=4, unique=True),
)
@example(documents=[{"at": "1500-01-01 00:00:00"}], odd=[], openx=True, names=["at"])
@example(documents=[{"at": 9e18}], odd=[], openx=True, names=["at"])
@example(documents=[{"day": "0000-01-01"}], odd=[], openx=True, names=["day"])
@example(documents=[{"ratio": 1.00000017881393432617187499}], odd=[], openx=True, names=["ratio"])
@example(documents=[{"price": 1e300}, {"ratio": 1e300}], odd=[], openx=True, names=["ratio"])
def test_the_fast_way_and_the_slow_way_agree(
    documents: list[dict[str, Any]], odd: list[bytes], openx: bool, names: list[str]
) -> None:
    columns = [(name, TYPES[name]) for name in names]
    records = [*map(encoded, documents), *odd]
    serde = {"OpenXJsonSerDe": {}} if openx else {"HiveJsonSerDe": {}}
    how = Deserializer(openx=openx)
    quick = Columns(schema(columns), how).table(records)
    table, failures = converter(columns, deserializer=serde).one_by_one(records)
    if quick is not None:
        assert not failures
        assert quick.equals(table)
