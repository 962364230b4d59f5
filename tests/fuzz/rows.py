"""Records on their way into tables, and SQL over them."""

from __future__ import annotations

import io
import zlib
from base64 import b64decode
from functools import cache, lru_cache
from typing import Any

from kinesis_sim.firehose.conversion import schema as schemas
from kinesis_sim.firehose.conversion.conversion import Converter
from kinesis_sim.firehose.conversion.schema import SchemaError
from kinesis_sim.firehose.destinations.redshift import statement
from kinesis_sim.firehose.destinations.redshift.codes import CopyError
from kinesis_sim.firehose.destinations.redshift.load import CopyLoad
from kinesis_sim.firehose.destinations.redshift.values import Column
from kinesis_sim.firehose.destinations.snowflake.account import SnowflakeAccount
from kinesis_sim.firehose.destinations.snowflake.adapter import Snowflake
from kinesis_sim.firehose.lake.objects import LakeObject, plain, table
from kinesis_sim.firehose.lake.statements import question
from kinesis_sim.firehose.record import Record
from tests.fuzz.target import Reader, Target, text

COLUMNS = [
    ("i", "int"), ("b", "bigint"), ("d", "decimal(9,3)"), ("f", "float"), ("o", "boolean"),
    ("s", "string"), ("v", "varchar(5)"), ("y", "binary"), ("t", "timestamp"), ("e", "date"),
    ("a", "array<int>"), ("m", "map<string,double>"), ("r", "struct<x:int,y:array<string>>"),
]  # fmt: skip
ROWS = [
    b'{"i":1,"b":9223372036854775807,"d":"1.5","f":1e3,"o":true,"s":"x","v":"abcdef"}',
    b'{"y":"eA==","t":"2026-01-01 00:00:00.5","e":"2026-01-01","a":[1,null],"m":{"k":1}}',
    b'{"r":{"x":1,"y":["z",null]},"S":"upper","a.b":1}\n{"i":"2"}',
    b'{"a":"\\ud800"}', b'{"s":"\\ud800","i":1e400}', b'{"a":' * 300, b"[" * 20_000,
    b'{"t":1767225600.123,"e":1e18,"d":1e-400,"i":NaN}', b"1\t2\t3\n4\t5\t6",
]  # fmt: skip


@cache
def _converter(input_format: str, output_format: str) -> Converter:
    given = {
        "InputFormatConfiguration": {"Deserializer": {input_format: {}}},
        "OutputFormatConfiguration": {"Serializer": {output_format: {}}},
    }
    return Converter(schemas.schema(COLUMNS), given)


def _converted(input_format: str, output_format: str) -> Reader:
    return lambda data: _converter(input_format, output_format).convert([ROWS[0], data])


def _schema(data: bytes) -> object:
    return schemas.schema([("a", text(data)), (text(data[:20]), "int")]).arrow()


# --- warehouses -----------------------------------------------------------------------------------


@cache
def _iceberg() -> Any:
    from pyiceberg import schema, types

    kinds = [
        *(types.IntegerType(), types.LongType(), types.DecimalType(9, 3), types.DoubleType()),
        *(types.BooleanType(), types.StringType(), types.BinaryType(), types.TimestampType()),
        *(types.DateType(), types.TimeType(), types.UUIDType()),
        types.ListType(30, types.IntegerType()),
        types.MapType(31, types.StringType(), 32, types.DoubleType()),
        types.StructType(types.NestedField(33, "x", types.IntegerType())),
    ]
    fields = [types.NestedField(n + 1, "ibdfosytecuamr"[n], kind) for n, kind in enumerate(kinds)]
    return schema.Schema(*fields)


def _iceberg_row(data: bytes) -> object:
    import pyarrow as pa

    from kinesis_sim.firehose.destinations.iceberg.adapter import _object
    from kinesis_sim.firehose.destinations.iceberg.types import row

    found = row(_object(data), _iceberg())
    return pa.Table.from_pylist([found], schema=_iceberg().as_arrow())


@lru_cache(maxsize=64)
def _copy(options: str) -> statement.Copy:
    command = {"DataTableName": "public.t", "CopyOptions": options}
    return statement.read(statement.copy_statement(command, "s3://b/m", "arn:aws:iam::1:role/r"))


def _loaded(data: bytes) -> object:
    """The first line is the COPY's options, the rest the object."""
    options, _, body = data.partition(b"\n")
    kinds = ("INTEGER", "BIGINT", "DOUBLE", "BOOLEAN", "VARCHAR", "DATE", "TIMESTAMP")
    columns = [Column(f"c{n}", kind, True, False, 20) for n, kind in enumerate(kinds)]
    load = CopyLoad(_copy(text(options)), columns, 1)
    load.add("o", body)
    return load.texts


COPIES = [
    options + b"\n" + body
    for options, body in [
        (b"JSON 'auto'", b'{"c0":1,"c1":"x","c4":"\\ud800"}\n{"c6":"2026-01-01 00:00:00"}'),
        (b"JSON 'auto ignorecase' GZIP", b"\x1f\x8b"),
        (b"CSV QUOTE '\"' IGNOREHEADER 1 MAXERROR 5", b'a,b\n"x ""y",2\n3,"4\n5",6'),
        (b"CSV QUOTE '\\\"'", b'a,b\n"x ""y",2\n'),
        (b"DELIMITER '|' ESCAPE REMOVEQUOTES", b'1|2\\|3|"4"|t|x|2026-01-01|\\N\n'),
        (b"FIXEDWIDTH 'a:3,b:4' ACCEPTINVCHARS '?'", b"abcdefg\n\xff\xfe"),
        (b"TIMEFORMAT 'epochmillisecs' DATEFORMAT 'YYYY-MM-DD' NULL AS 'x'", b"1\t2\n"),
        (b"JSON 'auto'", b'{"a":' * 300),
    ]
]


@cache
def _snowflake() -> Snowflake:
    account = SnowflakeAccount(lambda: 1_767_225_600_000)
    account.sql(
        "create table t (i int, s string, v variant, d date, f float, o boolean, a array,"
        " n number(9, 3), t timestamp_ntz)"
    )
    place = {"AccountUrl": "https://a.snowflakecomputing.com", "Database": "d"}
    return Snowflake({**place, "Schema": "PUBLIC", "Table": "T"}, lambda host: account)


def _snowflaked(data: bytes) -> object:
    return _snowflake().deliver([Record(data, 1_767_225_600_000)], "1", 1_767_225_600_000)


SNOWS = [
    b'{"I":1,"S":"x","V":{"a":[1,"\\ud800"]},"D":"2026-01-01","F":1e308,"O":true}',
    b'{"A":[1,{"b":null}],"N":"1.5","T":"2026-01-01 00:00:00"}', b'{"V":' * 300,
]  # fmt: skip


# --- objects and questions ------------------------------------------------------------------------


BROKEN = [
    # ORC without a struct at its top
    "eNrtUsFKBDEMTdJaQxzWoYiEnpbBw5xk8DiIzLqgXnSXxZM39+bZy4CXwS/wC/w6P8G7drqyywwe/ABT6EvSJPT1db"
    "Gai/OWaQnihQB8xuQdU27VxZyKg2R+wliwYOuxVVqiTFI1951r0l03pm6KNXCFJ19dA13bYHcJnTh2OSgnRD1KSBoS"
    "Gs0T2pTHeG4iQj9INgNNypNiis1PbNXE60MOPYnf9mCub+/lXDYch+zGnHZsBjzY5B8YJMKDHk5fSiqOOfMGyQR8Cv"
    "gc8HEKJVRQMNutt997s3/7s0FxwOLRjt+yojqJVw/Eq0fi1Vvx6oF4zdvdDa73zk7j4neMH7DrbEGQlReVe/00ZrGa"
    "6zfF2HaI",
    # ORC with a type of its own
    "eNptULFKBDEQnZnEOI7LuUSRkOpYLLaSxcJiOWTxQG30jsPKzuusbRZsgl/gF/h1foK9ZrPHrXuYQN7My8zw3ixWcz"
    "FWMy1BrBCAzZisYcq1M5FzYiAdO2EsWLC12DpaokxSNXeda3JDN6ZuijVwg2c/oYHQNhiuIYhhk4PjhOhOEpLzCZXL"
    "E+rEY/xXEaEbJP1AlXhymHK1ybVTUT7k0Jn47/Xq9v5RZtJ7HLvb9TS4yQ4u/zphlX+hlwhP7mj6VlJxyplVSMrji8"
    "dXj89TKKGCgllvo/1NdMhicaCP+6iiOmmqR5rqHU31VlM92m3z8XCH672L83j5E+NeQ9AFQVZeVeb9W6nFau5+AexA"
    "Kto=",
]
"""Past findings: zlib and base64."""


@cache
def _files() -> list[bytes]:
    import pyarrow as pa
    from pyarrow import orc, parquet

    rows = pa.table({"i": [1, 2], "s": ["x", None], "a": [[1], []]})
    made = []
    for write in (parquet.write_table, orc.write_table):
        body = io.BytesIO()
        write(rows, body)
        made.append(body.getvalue())
    return made + [zlib.decompress(b64decode(each)) for each in BROKEN]


def _object(data: bytes) -> object:
    found = LakeObject("k", data, {"p": "1"})
    return table([LakeObject("k", plain(found), found.partition)])


def _asked(data: bytes) -> object:
    return question(text(data), "athena")


SQLS = [
    b'select count(*) from "s3://b/k" where a > 1 group by b',
    b"with a as (select 1) select json_extract(x, '$.a') from a limit 5",
    b"explain select * from t", b"(" * 300, b"select " + b"1+" * 500 + b"1", b"select '\xff",
    b'select count(*) {:1} "s3://b/k" where a > 1',
]  # fmt: skip
TARGETS: dict[str, Target] = {
    "parquet, openx": Target(_converted("OpenXJsonSerDe", "ParquetSerDe"), ROWS, every=10),
    "parquet, hive": Target(_converted("HiveJsonSerDe", "ParquetSerDe"), ROWS, every=10),
    "orc, openx": Target(_converted("OpenXJsonSerDe", "OrcSerDe"), ROWS, every=10),
    "glue type": Target(
        _schema,
        [kind.encode() for _, kind in COLUMNS] + [b"array<" * 400, b"decimal(38,18)"],
        also=(SchemaError,),
    ),
    # Values that do not fit are a ValueError: the adapter makes an error row of it.
    "iceberg row": Target(_iceberg_row, ROWS, also=(ValueError,), every=5),
    "redshift copy": Target(_loaded, COPIES, also=(CopyError,)),
    "snowflake row": Target(_snowflaked, SNOWS, every=20),
    "lake object": Target(_object, [*_files(), *ROWS], every=10),
    "sql": Target(_asked, SQLS, every=5),
}
