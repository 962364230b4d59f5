"""Glue column types become Arrow types; what is no type gets the code that the guide has for it."""

from __future__ import annotations

import pyarrow as pa
import pytest

from kinesis_sim.firehose.conversion.schema import SchemaError, kind, schema


@pytest.mark.parametrize(
    ("text", "arrow"),
    [
        ("tinyint", pa.int8()),
        ("smallint", pa.int16()),
        ("int", pa.int32()),
        ("INTEGER", pa.int32()),
        ("bigint", pa.int64()),
        ("float", pa.float32()),
        ("double", pa.float64()),
        ("boolean", pa.bool_()),
        ("string", pa.string()),
        ("char(3)", pa.string()),
        ("varchar( 10 )", pa.string()),
        ("binary", pa.binary()),
        ("date", pa.date32()),
        ("timestamp", pa.timestamp("ns")),
        ("decimal", pa.decimal128(10, 0)),
        ("decimal(12)", pa.decimal128(12, 0)),
        ("decimal(38,18)", pa.decimal128(38, 18)),
        ("array<int>", pa.list_(pa.int32())),
        ("map<string,array<double>>", pa.map_(pa.string(), pa.list_(pa.float64()))),
        (
            "struct<a:int, B_2:struct<c:decimal(4,2),d:map<string,int>>>",
            pa.struct(
                [
                    ("a", pa.int32()),
                    (
                        "B_2",
                        pa.struct(
                            [("c", pa.decimal128(4, 2)), ("d", pa.map_(pa.string(), pa.int32()))]
                        ),
                    ),
                ]
            ),
        ),
    ],
)
def test_types(text: str, arrow: pa.DataType) -> None:
    assert kind(text).arrow() == arrow


@pytest.mark.parametrize(
    "text",
    [
        *("text", "set<string>", "int(3)", "varchar", "varchar(0)", "varchar(x)", "decimal(39)"),
        *("decimal(2,3)", "decimal(1,2,3)", "decimal(1 2)", "array", "array<>", "array<int", "<"),
        *(
            "array<int,int>",
            "map<string>",
            "struct<>",
            "struct<a>",
            "struct<a:>",
            "int int",
            "int>",
        ),
        *("struct<a:int b:int>", "map<string;int>"),
    ],
)
def test_what_is_no_type(text: str) -> None:
    with pytest.raises(SchemaError, match="The type format is invalid") as refusal:
        kind(text)
    assert refusal.value.code == "DataFormatConversion.InvalidTypeFormat"


@pytest.mark.parametrize(
    ("columns", "code"),
    [
        ([], "NonExistentColumns"),
        ([("", "int")], "ValidationException"),
        ([("a", "")], "ValidationException"),
        ([("a b", "int")], "InvalidSchema"),
        ([("a", "int"), ("A", "int")], "InvalidSchema"),
        ([("a", "uniontype<int,string>")], "InvalidSchema"),
    ],
)
def test_wrong_schemas(columns: list[tuple[str, str]], code: str) -> None:
    with pytest.raises(SchemaError) as refusal:
        schema(columns)
    assert refusal.value.code == f"DataFormatConversion.{code}"


def test_a_schema_keeps_its_order() -> None:
    assert schema([("b", "int"), ("a", "string")]).arrow() == pa.schema(
        [("b", pa.int32()), ("a", pa.string())]
    )
