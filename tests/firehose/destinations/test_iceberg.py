"""Records into Iceberg tables: routes, operations, types, failures, and reading them back."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kinesis_sim.account.storage import Undelivered
from kinesis_sim.errors import UsageError
from kinesis_sim.firehose.destinations.iceberg.adapter import (
    CONFLICT,
    INVALID,
    KEYS,
    MISSING,
    NO_NAME,
    NO_TABLE,
    Iceberg,
)
from kinesis_sim.firehose.destinations.iceberg.lakehouse import Lakehouse
from kinesis_sim.firehose.record import Record
from tests.effort import examples
from tests.firehose.destinations.batches import NOW, record, records

ONE = {"DestinationDatabaseName": "web", "DestinationTableName": "users", "UniqueKeys": ["id"]}


@pytest.fixture
def house() -> Iterator[Lakehouse]:
    made = Lakehouse(lambda: NOW)
    made.sql("create table web.users (id bigint, who string)")
    yield made
    made.close()


def iceberg(house: Lakehouse, *tables: dict[str, Any], **more: Any) -> Iceberg:
    configuration = {"DestinationTableConfigurationList": list(tables or (ONE,)), **more}
    return Iceberg(configuration, house)


def rows(house: Lakehouse, table: str = "web.users") -> list[dict[str, Any]]:
    found = house.table(table).scan().to_arrow().to_pylist()
    return sorted(found, key=lambda row: json.dumps(row, default=str, sort_keys=True))


def routed(value: Any, operation: str, table: str = "users", number: int = 0) -> Record:
    route = {
        "destinationDatabaseName": "web",
        "destinationTableName": table,
        "operation": operation,
    }
    return record(value, number, route=route)


ANA, RUI = {"id": 1, "who": "ana"}, {"id": 2, "who": "rui"}


def test_without_a_route_the_one_configured_table_gets_inserts(house: Lakehouse) -> None:
    outcome = iceberg(house).deliver(records([ANA, ANA, RUI]), "r", NOW)
    assert (outcome.delivered, outcome.failures) == (3, [])
    assert rows(house) == [ANA, ANA, RUI]
    assert house.commits()[["Table", "Added", "Deleted"]].to_numpy().tolist() == [
        ["web.users", 3, 0]
    ]
    assert str(house.commits()["At"][0]) == "2026-01-01 00:00:00+00:00"


def test_a_route_says_table_and_operation(house: Lakehouse) -> None:
    house.sql("create table web.bots (id bigint, who string)")
    adapter = iceberg(
        house, ONE, {"DestinationDatabaseName": "web", "DestinationTableName": "bots"}
    )
    adapter.deliver([routed(ANA, "insert"), routed(RUI, "insert", "bots")], "r", NOW)
    assert (rows(house), rows(house, "web.bots")) == ([ANA], [RUI])
    new = {"id": 1, "who": "Ana"}
    batch = [routed(new, "update"), routed(RUI, "update"), routed({"id": 2}, "delete")]
    assert adapter.deliver(batch, "r", NOW).delivered == 3
    assert rows(house) == [new]


def test_operations_of_a_batch_are_done_in_its_order(house: Lakehouse) -> None:
    batch = [
        routed(ANA, "insert"),
        routed({"id": 1, "who": "Ana"}, "update"),
        routed(RUI, "insert"),
        routed({"id": 2}, "delete"),
        routed({"id": 2, "who": "back"}, "insert"),
    ]
    assert iceberg(house).deliver(batch, "r", NOW).delivered == 5
    assert rows(house) == [{"id": 1, "who": "Ana"}, {"id": 2, "who": "back"}]


def test_a_table_that_is_not_configured_takes_inserts_by_its_route(house: Lakehouse) -> None:
    """botocore: Firehose writes with insert where there is no configuration of the table."""
    adapter = Iceberg({}, house)
    outcome = adapter.deliver([routed(ANA, "insert"), routed(ANA, "update")], "r", NOW)
    assert outcome.delivered == 1
    assert [f.code for f in outcome.failures] == [INVALID]
    assert "no unique keys to update" in outcome.failures[0].message


def test_identifier_fields_serve_as_unique_keys(house: Lakehouse) -> None:
    house.sql("create table web.ids (id bigint, who string)", keys=["id"])
    adapter = Iceberg({}, house)
    adapter.deliver([routed(ANA, "insert", "ids")], "r", NOW)
    adapter.deliver([routed({"id": 1, "who": "new"}, "update", "ids")], "r", NOW)
    assert rows(house, "web.ids") == [{"id": 1, "who": "new"}]


def test_keys_of_several_columns_and_nested_ones(house: Lakehouse) -> None:
    house.sql("create table web.deep (top struct<_id:string,name:string>, day date, n int)")
    table = {
        "DestinationDatabaseName": "web",
        "DestinationTableName": "deep",
        "UniqueKeys": ["_id", "day"],
    }
    adapter = iceberg(house, table)
    first = [{"top": {"_id": i, "name": "x"}, "day": "2026-01-01", "n": 1} for i in "abc"]
    assert adapter.deliver(records(first), "r", NOW).delivered == 3
    changed = [{**row, "n": 2} for row in first[:2]]
    batch = [routed(row, "update", "deep", i) for i, row in enumerate(changed)]
    assert adapter.deliver(batch, "r", NOW).failures == []
    assert sorted(row["n"] for row in rows(house, "web.deep")) == [1, 2, 2]
    assert house.commits("web.deep")["Deleted"].tolist() == [0, 2]


def test_a_name_that_two_columns_have_is_no_unique_key(house: Lakehouse) -> None:
    """The example of the guide: ``_id`` at the top and in a struct."""
    house.sql("create table web.twice (top struct<_id:string>, _id string)")
    table = {**ONE, "DestinationTableName": "twice", "UniqueKeys": ["_id"]}
    outcome = iceberg(house, table).deliver(records([{"_id": "a"}]), "r", NOW)
    [failure] = outcome.failures
    assert failure.code == KEYS == "Iceberg.InvalidUniqueKeys"
    assert failure.message.startswith("The configured unique keys for the table do not match with")
    assert "several columns are called _id" in failure.message


def test_fields_that_are_no_column_are_skipped(house: Lakehouse) -> None:
    iceberg(house).deliver(records([{**ANA, "extra": {"x": 1}}]), "r", NOW)
    assert rows(house) == [ANA]


BAD: list[tuple[Record, str, str]] = [
    (record(b"not json"), INVALID, "not one JSON object"),
    (record(b'{"id":1}{"id":2}'), INVALID, "not one JSON object"),
    (record([1]), INVALID, "not one JSON object"),
    (record({"id": "x"}), INVALID, 'column id is long and "x" is not'),
    (record({"id": 1, "who": 5}), INVALID, "column who is string"),
    (record({"ID": 1}), MISSING, "no member of the record is a column"),
    (record({"id": 1, "z": json.loads("[" * 16 + "]" * 16)}), INVALID, "deeper than 16"),
    (routed(ANA, "upsert"), INVALID, "'upsert' is none of insert, update, delete"),
    (routed({"who": "x"}, "delete"), INVALID, "a value of every unique key"),
    (routed(ANA, "insert", "gone"), NO_TABLE, "no Iceberg table web.gone"),
    (routed(ANA, "insert", "Users"), NO_TABLE, "no Iceberg table web.Users"),
    (routed(ANA, "insert", "old"), NO_TABLE, "format V1"),
]


@pytest.mark.parametrize(("bad", "code", "words"), BAD)
def test_a_record_that_fits_nowhere_fails_alone(
    house: Lakehouse, bad: Record, code: str, words: str
) -> None:
    house.sql("create table web.old (id bigint) tblproperties ('format-version'='1')")
    good = record(ANA, 9)
    outcome = iceberg(house).deliver([bad, good], "r", NOW)
    assert outcome.delivered == 1
    assert [(f.record, f.code, f.retry) for f in outcome.failures] == [(bad, code, False)]
    assert words in outcome.failures[0].message
    assert rows(house) == [ANA]


def test_no_route_and_no_one_table_is_an_invalid_name(house: Lakehouse) -> None:
    outcome = Iceberg({}, house).deliver(records([ANA]), "r", NOW)
    assert [f.code for f in outcome.failures] == [NO_NAME]


def test_a_required_column_must_have_a_value(house: Lakehouse) -> None:
    house.sql("create table web.strict (id bigint not null, who string)")
    table = {**ONE, "DestinationTableName": "strict"}
    outcome = iceberg(house, table).deliver(records([{"who": "x"}, ANA]), "r", NOW)
    assert outcome.delivered == 1
    [failure] = outcome.failures
    assert failure.code == MISSING == "Iceberg.MissingColumnWithinRecord"
    assert "column id is required" in failure.message


def test_faults_are_worth_another_try_and_add_nothing_twice(house: Lakehouse) -> None:
    adapter, batch = iceberg(house), records([ANA])
    house.conflicts = 1
    assert [(f.code, f.retry) for f in adapter.deliver(batch, "r", NOW).failures] == [
        (CONFLICT, True)
    ]
    for service in ("S3", "Glue"):
        house.denied = service
        found = adapter.deliver(batch, "r", NOW).failures
        assert [(f.code, f.retry) for f in found] == [(f"{service}.AccessDenied", True)]
    house.denied, house.took_ms = None, 700
    assert adapter.deliver(batch, "r", NOW).took_ms == 700
    assert rows(house) == [ANA]


def test_a_table_that_fails_does_not_hold_back_another(house: Lakehouse) -> None:
    house.sql("create table web.bots (id bigint, who string)")
    house.conflicts = 1
    batch = [routed(ANA, "insert"), routed(RUI, "insert", "bots", 1)]
    outcome = iceberg(house).deliver(batch, "r", NOW)
    assert (outcome.delivered, [f.record for f in outcome.failures]) == (1, [batch[0]])
    assert rows(house, "web.bots") == [RUI]


def test_files_that_cannot_be_written_fail_the_batch() -> None:
    class Full(dict[str, bytes]):
        closed = False

        def __setitem__(self, key: str, body: bytes) -> None:
            if self.closed:
                raise Undelivered("S3.NoSuchBucket", "The specified bucket does not exist.")
            super().__setitem__(key, body)

    files = Full()
    house = Lakehouse(lambda: NOW, files, warehouse="s3://rides-lake/iceberg/")
    house.sql("create table web.users (id bigint, who string)")
    files.closed = True
    outcome = iceberg(house).deliver(records([ANA]), "r", NOW)
    assert [(f.code, f.retry) for f in outcome.failures] == [("S3.NoSuchBucket", True)]
    files.closed = False
    assert iceberg(house).deliver(records([ANA]), "r", NOW).delivered == 1
    assert all(key.startswith("s3://rides-lake/iceberg/web/users/") for key in files)
    house.close()


def test_a_table_has_its_own_error_prefix(house: Lakehouse) -> None:
    adapter = iceberg(house, {**ONE, "S3ErrorOutputPrefix": "bad/users/"})
    assert adapter.error_prefix(record(ANA)) == "bad/users/"
    assert adapter.error_prefix(routed(ANA, "insert", "gone")) is None
    assert adapter.error_prefix(routed(ANA, "upsert")) is None


@pytest.mark.parametrize("preview", ["TableCreationConfiguration", "SchemaEvolutionConfiguration"])
def test_previews_without_published_rules_are_refused(house: Lakehouse, preview: str) -> None:
    assert iceberg(house, **{preview: {"Enabled": False}})
    with pytest.raises(UsageError, match=preview):
        iceberg(house, **{preview: {"Enabled": True}})


# The examples of the guide's "Understand supported data types": every way to say one value.
RAW = bytes(range(250, 256))
TYPES: list[tuple[str, list[Any], str]] = [
    ("decimal(20,7)", ["9455262425851.1342772"], "9455262425851.1342772"),
    ("decimal(20,7)", [9455262425852], "9455262425852.0000000"),
    (
        "binary",
        [base64.b64encode(RAW).decode(), base64.urlsafe_b64encode(RAW).decode(), RAW.hex()],
        str(RAW),
    ),
    ("time", [68175096000, "18:56:15.096"], "18:56:15.096000"),
    (
        "timestamp",
        [1725476175114000, "2024-09-04T18:56:15.114", "2024-09-04T18:56:15.114Z"],
        "2024-09-04 18:56:15.114000",
    ),
    ("timestamp", ["2024-09-04T18:56:15.114-07:00"], "2024-09-05 01:56:15.114000"),
    ("double", [9.18477568715142, "9.18477568715142"], "9.18477568715142"),
    ("boolean", [True, "true", 1], "True"),
    ("boolean", [False, "false", 0], "False"),
    ("int", [7, "7"], "7"),
    ("bigint", [8, "8"], "8"),
    ("date", [19970, "2024-09-04"], "2024-09-04"),
    ("array<string>", [["a", "b"], '["a","b"]'], "['a', 'b']"),
    ("map<string,string>", [{"k": "v"}, '{"k":"v"}'], "[('k', 'v')]"),
    ("struct<x:double,y:int>", [{"x": 1.5}, '{"x":1.5}'], "{'x': 1.5, 'y': None}"),
]


@pytest.mark.parametrize(("kind", "given", "expected"), TYPES)
def test_every_documented_form_of_a_value_is_taken(
    house: Lakehouse, kind: str, given: list[Any], expected: str
) -> None:
    house.sql(f"create table web.types (v {kind})")
    table = {"DestinationDatabaseName": "web", "DestinationTableName": "types"}
    batch = records([{"v": value} for value in given])
    outcome = iceberg(house, table).deliver(batch, "r", NOW)
    assert [failure.message for failure in outcome.failures] == []
    assert {str(row["v"])[: len(expected)] for row in rows(house, "web.types")} == {expected}


def test_a_decimal_keeps_the_digits_of_its_number(house: Lakehouse) -> None:
    house.sql("create table web.types (v decimal(20,7))")
    table = {"DestinationDatabaseName": "web", "DestinationTableName": "types"}
    iceberg(house, table).deliver([record(b'{"v":9455262425851.1342772}')], "r", NOW)
    assert str(rows(house, "web.types")[0]["v"]) == "9455262425851.1342772"


WRONG = [
    ("int", [2**31, 1.5, True, [1]]),
    ("boolean", ["maybe", 2, []]),
    ("decimal(3,1)", [100, "ten", True]),
    ("binary", ["§", 5]),
    ("date", ["yesterday", True, 1.5]),
    ("time", ["25:00", []]),
    ("timestamp", ["soon", 1.5]),
    ("array<int>", [5, "5", {"a": 1}, ["x"]]),
    ("struct<x:int>", [[1], "x", {"x": "y"}]),
    ("map<string,int>", [[1], {"k": "v"}]),
    ("double", ["ten", True]),
]


@pytest.mark.parametrize(("kind", "values"), WRONG)
def test_what_is_not_of_a_columns_type_fails(
    house: Lakehouse, kind: str, values: list[Any]
) -> None:
    house.sql(f"create table web.types (v {kind})")
    table = {"DestinationDatabaseName": "web", "DestinationTableName": "types"}
    outcome = iceberg(house, table).deliver(records([{"v": v} for v in values]), "r", NOW)
    assert len(outcome.failures) == len(values)
    assert house.tables == ["web.types", "web.users"]


def test_duckdb_reads_the_files_that_pyiceberg_reads(house: Lakehouse, tmp_path: Path) -> None:
    adapter = iceberg(house)
    adapter.deliver(records([{"id": n, "who": str(n)} for n in range(20)]), "r", NOW)
    adapter.deliver(
        [routed({"id": n, "who": "new"}, "update", number=n) for n in range(5)], "r", NOW
    )
    adapter.deliver([routed({"id": n}, "delete", number=n) for n in range(10, 15)], "r", NOW)
    paths = []
    for number, task in enumerate(house.table("web.users").scan().plan_files()):
        assert not task.delete_files
        paths.append(tmp_path / f"{number}.parquet")
        paths[-1].write_bytes(house.files[task.file.file_path])
    names = ", ".join(f"'{path}'" for path in paths)
    on_disk = duckdb.sql(f"select id, who from read_parquet([{names}])").fetchall()
    asked = house.sql("select id, who from web.users")
    assert asked is not None
    as_read = {(row["id"], row["who"]) for row in rows(house)}
    assert set(on_disk) == as_read == {tuple(row) for row in asked.itertuples(index=False)}
    assert len(on_disk) == 15


def test_sql_reads_and_defines_and_nothing_else(house: Lakehouse) -> None:
    iceberg(house).deliver(records([ANA]), "r", NOW)
    found = house.sql("select u.who, count(*) from web.users u group by 1")
    assert found is not None
    assert found.to_dict("records") == [{"who": "ana", "_col1": 1}]
    house.sql("create table if not exists web.users (id bigint)")
    house.sql("create database other")
    house.sql("create table days (day date, n int) partitioned by (day) location 's3://x/'")
    assert house.tables == ["default.days", "web.users"]
    house.sql("drop table days")
    house.sql("drop table if exists days")
    for sql, words in {
        "create table web.users (id bigint)": "already",
        "drop table gone": "no table default.gone",
        "create table web.x": "needs columns",
        "create table web.x (g geography)": "no type",
        "create table web.x (a int) partitioned by (day(b))": "PARTITIONED BY",
        "create view v as select 1": "Only tables",
        "select * from web.gone": "Those that there are: web.users",
        "select * from read_csv('/etc/passwd')": "reads from nowhere",
        "insert into web.users values (1, 'x')": "INSERT is not answered",
        "": "not answered",
    }.items():
        with pytest.raises(UsageError, match=words.replace("(", r"\(")):
            house.sql(sql)
    with pytest.raises(UsageError, match="is no column"):
        house.sql("create table web.x (a int)", keys=["b"])


MOVES = st.lists(
    st.tuples(
        st.sampled_from(["insert", "update", "delete", "upsert"]),
        st.integers(0, 3) | st.just("x"),
        st.text("ab", max_size=2),
    ),
    max_size=6,
)


@settings(max_examples=examples(15))
@given(st.lists(MOVES, min_size=1, max_size=2))
def test_every_record_is_delivered_or_failed_and_the_table_follows(batches: Any) -> None:
    """Against a list of rows: what was delivered, in order, and nothing else, is in the table."""
    house = Lakehouse(lambda: NOW)
    house.sql("create table web.users (id bigint, who string)")
    expected: list[dict[str, Any]] = []
    for batch in batches:
        sent = [routed({"id": i, "who": w}, op, number=n) for n, (op, i, w) in enumerate(batch)]
        outcome = iceberg(house).deliver(sent, "r", NOW)
        failed = {failure.record.number for failure in outcome.failures}
        assert outcome.delivered + len(failed) == len(batch)
        for number, (operation, key, who) in enumerate(batch):
            assert (number in failed) == (operation == "upsert" or key == "x")
            if number in failed:
                continue
            if operation != "insert":
                expected = [row for row in expected if row["id"] != key]
            if operation != "delete":
                expected.append({"id": key, "who": who})
    assert sorted(map(str, rows(house))) == sorted(map(str, expected))
    house.close()
