"""SQL over delivered objects: formats, compression, partitions, Glue tables."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import cramjam
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import orc, parquet

from kinesis_sim.errors import UsageError
from tests.effort import examples
from tests.firehose.lake.places import CSV, LAZY, PARQUET, glue, lake, records

if TYPE_CHECKING:
    from kinesis_sim import Simulator

TWO = b'{"id":1,"who":"ana"}\n{"id":2,"who":"rui"}\n'
ROWS = [{"id": 1, "who": "ana"}, {"id": 2, "who": "rui"}]


def file(rows: pa.Table, kind: Any) -> bytes:
    sink = pa.BufferOutputStream()
    kind.write_table(rows, sink)
    return bytes(sink.getvalue())


ARROW = pa.Table.from_pylist(ROWS)
FORMATS = {
    "json": TWO,
    "json.gz": gzip.compress(TWO, mtime=0),
    "json.snappy": bytes(cramjam.snappy.compress(TWO)),
    "parquet": file(ARROW, parquet),
    "orc": file(ARROW, orc),
}


@pytest.mark.parametrize("ending", FORMATS)
def test_every_format_reads_as_the_same_rows(ending: str) -> None:
    found = lake({f"a/x.{ending}": FORMATS[ending]}).query(
        "select * from 's3://lake/a/' order by id"
    )
    assert records(found) == ROWS


def test_text_that_is_not_json_has_numbered_columns() -> None:
    found = lake({"a/x": b'1,"a,b"\n2,c\n'}).query("select column1 from 's3://lake/a/'")
    assert list(found["column1"]) == ["a,b", "c"]


def test_records_without_a_delimiter_show_as_one_row() -> None:
    """facts/firehose §11.21: Athena sees one line."""
    found = lake({"a/x": b'{"id":1}{"id":2}'}).query("select id from 's3://lake/a/'")
    assert list(found["id"]) == [1]


def test_folders_with_an_equals_sign_are_columns() -> None:
    objects = {"a/city=recife/x": b'{"id":1}', "a/city=natal/x": b'{"id":2}'}
    found = lake(objects).query("select id from 's3://lake/a/' where city = 'natal'")
    assert list(found["id"]) == [2]


def test_a_star_in_the_place_chooses_objects() -> None:
    objects = {"a/x.json": TWO, "a/y.log": b"not json", "b/z.json": TWO}
    assert len(lake(objects).query("select * from 's3://lake/a/*.json'")) == 2


def test_hidden_and_empty_objects_hold_no_rows() -> None:
    objects = {"a/_temporary": b"{", "a/.part": b"{", "a/empty": b"", "a/folder/": b"", "a/x": TWO}
    assert len(lake(objects).query("select * from 's3://lake/a/'")) == 2


def test_members_that_come_in_several_types_are_text() -> None:
    objects = {"a/x": b'{"v":1}\n{"v":"one"}\n{"v":{"n":1}}\n{"v":null}\n{}\n'}
    found = records(lake(objects).query("select v from 's3://lake/a/'"))
    assert [row["v"] for row in found] == ["1", "one", '{"n": 1}', None, None]


def test_nested_members_are_reached_with_a_dot() -> None:
    objects = {"a/x": b'{"who":{"name":"ana","tags":["x","y"]}}'}
    found = lake(objects).query("select who.name, who.tags[2] as tag from 's3://lake/a/'")
    assert records(found) == [{"name": "ana", "tag": "y"}]


def test_two_places_join() -> None:
    objects = {"a/x": TWO, "b/x": b'{"id":2,"city":"natal"}'}
    found = lake(objects).query(
        "select l.who, r.city from 's3://lake/a/' l join 's3://lake/b/' r on l.id = r.id"
    )
    assert records(found) == [{"who": "rui", "city": "natal"}]


def test_now_is_the_simulators_clock_and_chance_has_a_seed() -> None:
    sql = "select now() as a, current_date as b, current_timestamp as c, random() as d"
    first, again = lake({}).query(sql), lake({}).query(sql)
    assert first.equals(again)
    assert {str(first[name][0]) for name in "ac"} == {"2026-01-01 00:00:00"}


def test_columns_without_a_name_are_called_as_in_athena() -> None:
    assert list(lake({}).query("select 1 + 1, 2 as two, count(*)").columns) == [
        "_col0",
        "two",
        "_col2",
    ]


def test_functions_of_athena_are_understood() -> None:
    sql = "select date_parse('2026-01-02', '%Y-%m-%d') as d, approx_distinct(1) as n"
    assert str(lake({}).query(sql)["d"][0]) == "2026-01-02 00:00:00"


GLUE = glue(
    {"id": "int", "at": "timestamp", "tags": "array<string>", "who": "struct<name:string,age:int>"},
    keys={"day": "date"},
)
OBJECTS = {
    "t/day=2026-01-01/x": b'{"ID":"7","At":1767225600,"tags":["a"],"who":{"Name":"ana"},"no":1}',
    "t/day=2026-01-02/x": b'{"id":8,"at":"2026-01-02T03:04:05Z"}',
    "t/2026/01/01/00/x": b'{"id":9}',
}


def test_a_glue_table_gives_its_columns_their_types() -> None:
    found = lake(OBJECTS, rides=GLUE).query("select * from web.rides order by id")
    assert [(row["id"], str(row["at"]), str(row["day"])[:10]) for row in records(found)] == [
        (7, "2026-01-01 00:00:00", "2026-01-01"),
        (8, "2026-01-02 03:04:05", "2026-01-02"),
    ]
    assert found["who"][0] == {"name": "ana", "age": None}


def test_only_folders_of_its_keys_are_in_a_partitioned_table() -> None:
    found = lake(OBJECTS, rides=GLUE).query("select count(*) as n from web.rides")
    assert list(found["n"]) == [2]


def test_describe_shows_the_columns_and_explain_a_plan() -> None:
    found = lake(OBJECTS, rides=GLUE).query("describe awsdatacatalog.web.rides")
    assert list(found["column_name"]) == ["id", "at", "tags", "who", "day"]
    assert "explain_value" in lake(OBJECTS, rides=GLUE).query("explain select * from web.rides")


@pytest.mark.parametrize(
    ("serde", "body", "options"),
    [
        (LAZY, b"1|ana\nx|\\N\n", {"field.delim": "|"}),
        (CSV, b'"1","ana"\n', {}),
        (CSV, b"id;who\n1;ana\n", {"separatorChar": ";", "skip.header.line.count": "1"}),
        ("", b"1,ana\n", {}),
        ("", FORMATS["parquet"], {}),
        (PARQUET, FORMATS["parquet"], {}),
        ("org.apache.hadoop.hive.ql.io.orc.OrcSerde", FORMATS["orc"], {}),
        ("org.apache.hive.hcatalog.data.JsonSerDe", TWO, {}),
    ],
)
def test_every_serde_reads_its_objects(serde: str, body: bytes, options: dict[str, str]) -> None:
    table = glue({"id": "bigint", "who": "string"}, serde, **options)
    found = records(lake({"t/x": body}, rides=table).query("select * from web.rides"))
    assert found[0] == {"id": 1, "who": "ana"}
    if serde == LAZY:  # what does not fit is NULL there, and \N always is
        assert found[1] == {"id": None, "who": None}


def test_a_column_that_a_file_does_not_have_is_null() -> None:
    table = glue({"who": "string", "age": "int"}, PARQUET)
    found = lake({"t/x": FORMATS["parquet"]}, rides=table).query("select who, age from web.rides")
    assert records(found)[0] == {"who": "ana", "age": None}


def test_a_table_over_nothing_has_columns_and_no_rows() -> None:
    found = lake({}, rides=GLUE).query("select * from web.rides")
    assert len(found) == 0
    assert list(found.columns) == ["id", "at", "tags", "who", "day"]


def test_mappings_and_malformed_lines_follow_the_serdes_options() -> None:
    table = glue({"at": "string"}, **{"mapping.at": "@time", "ignore.malformed.json": "true"})
    found = lake({"t/x": b'{"@time":"now"}\nrubbish\n'}, rides=table).query(
        "select * from web.rides"
    )
    assert [row["at"] for row in records(found)] == ["now", None]


BAD: Mapping[str, tuple[str, str]] = {
    "no bucket": ("select * from 's3://gone/a/'", "There is no bucket 'gone'"),
    "nothing there": ("select * from 's3://lake/zzz/'", "Nothing to read under s3://lake/zzz/"),
    "no table": ("select * from web.gone", "Glue has no table web.gone"),
    "no catalogue": ("select * from other.web.rides", "no catalogue 'other'"),
    "no column": ("select nope from 's3://lake/a/'", '"nope" not found'),
    "not SQL": ("selec 1", "SELEC is not answered here"),
    "half SQL": ("select from where", "cannot be read at line 1"),
    "two": ("select 1; select 2", "this text has 2 statements"),
    "an open quote": ("select 'x", "cannot be read"),
    "a member without a name": (
        "select count(*) {:1} 's3://b/k' where a > 1",
        "is no statement of any kind",
    ),
    "nothing": ("", "This text is not answered here"),
    "malformed": ("select * from 's3://lake/bad/'", "line 1 is not a JSON object"),
    "zip": ("select * from 's3://lake/zip/'", "use GZIP"),
    "broken gzip": ("select * from 's3://lake/gz/'", "cannot be unpacked"),
    "broken parquet": ("select * from 's3://lake/pq/'", "pq/x cannot be read"),
    "wrong type": ("select * from web.rides", "to INT32"),
}


@pytest.mark.parametrize("case", BAD)
def test_what_is_wrong_is_said_in_one_sentence(case: str) -> None:
    sql, words = BAD[case]
    objects = {
        "a/x": TWO,
        "bad/x": b"{not json",
        "zip/x.zip": b"PK\x03\x04",
        "gz/x": b"\x1f\x8bnope",
        "pq/x": b"PAR1nope",
        "t/x": b'{"id":"seven"}',
    }
    with pytest.raises(UsageError, match=words) as caught:
        lake(objects, rides=glue({"id": "int"})).query(sql)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (glue({"id": "int"}, location="file:///etc"), "names no S3 location"),
        (glue({}), "has no columns"),
        (glue({"id": "array<"}), "no type of Hive's"),
        (glue({"id": "int"}, "com.example.Grok"), "is not read here"),
        (glue({"id": "int"}, PARQUET), "neither Parquet nor ORC"),
    ],
)
def test_a_glue_table_that_cannot_be_read_says_why(table: dict[str, Any], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        lake({"t/x": TWO}, rides=table).query("select * from web.rides")


PLAIN = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=8)


@settings(max_examples=examples(30))
@given(
    st.lists(
        st.fixed_dictionaries({"id": st.integers(-(2**53), 2**53), "who": st.none() | PLAIN}),
        min_size=1,
        max_size=8,
    ),
    st.integers(1, 3),
)
def test_what_was_put_down_comes_back_whatever_the_object(
    rows: list[dict[str, Any]], size: int
) -> None:
    objects = {
        f"a/{start:03}": "".join(
            json.dumps(row) + "\n" for row in rows[start : start + size]
        ).encode()
        for start in range(0, len(rows), size)
    }
    assert records(lake(objects).query("select id, who from 's3://lake/a/'")) == rows


def test_the_ports_fit_motos_s3_and_glue(sim: Simulator) -> None:
    from kinesis_sim.firehose.lake.query import Lake

    s3, catalogue = sim.client("s3"), sim.client("glue")
    s3.create_bucket(Bucket="query-lake")
    s3.put_object(Bucket="query-lake", Key="t/day=2026-01-01/x", Body=b'{"id":7}')
    catalogue.create_database(DatabaseInput={"Name": "web"})
    table = glue({"id": "int"}, keys={"day": "date"}, location="s3://query-lake/t/")
    catalogue.create_table(DatabaseName="web", TableInput={**table, "Name": "rides"})

    def objects(bucket: str, prefix: str) -> Any:
        for found in s3.list_objects_v2(Bucket=bucket, Prefix=prefix).get("Contents", ()):
            yield found["Key"], s3.get_object(Bucket=bucket, Key=found["Key"])["Body"].read()

    def tables(database: str, name: str) -> Any:
        return catalogue.get_table(DatabaseName=database, Name=name)["Table"]

    found = Lake(objects, tables, lambda: 0).query("select id from web.rides")
    assert list(found["id"]) == [7]
