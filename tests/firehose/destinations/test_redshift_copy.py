"""COPY: how it is written, how it is read, and what its options do to rows."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kinesis_sim.errors import UsageError
from kinesis_sim.firehose.destinations.redshift.codes import MESSAGES, CopyError, FieldError
from kinesis_sim.firehose.destinations.redshift.lines import rows
from kinesis_sim.firehose.destinations.redshift.statement import copy_statement, read
from kinesis_sim.firehose.destinations.redshift.warehouse import Warehouse
from tests.effort import examples
from tests.firehose.destinations.batches import NOW

ROLE = "iam_role 'arn:aws:iam::123456789012:role/load'"


def warehouse(**objects: bytes) -> Warehouse:
    """A warehouse over the bucket ``b``."""
    places = {("b", key): body for key, body in objects.items()}
    return Warehouse(lambda bucket, key: places[bucket, key], lambda: NOW)


def loaded(table: str, body: bytes, options: str) -> list[tuple[Any, ...]]:
    """The rows of a table made by ``create table t (…)`` after a COPY of one object."""
    house = warehouse(x=body)
    house.sql(f"create table t ({table})")
    house.copy(f"copy t from 's3://b/x' {ROLE} {options}")
    found = house.sql("select * from t")
    assert found is not None
    found = found.astype(object).where(found.notna(), None)
    return [tuple(row) for row in found.itertuples(index=False)]


def test_firehose_writes_the_documented_statement() -> None:
    command = {
        "DataTableName": "tweets",
        "DataTableColumns": "id,screen_name",
        "CopyOptions": "delimiter ',';",
    }
    role = "arn:aws:iam::123456789012:role/firehose"
    assert copy_statement(command, "s3://b/manifest", role) == (
        "COPY tweets (id,screen_name) FROM 's3://b/manifest' "
        f"CREDENTIALS 'aws_iam_role={role}' MANIFEST delimiter ',';"
    )


def test_a_statement_is_read_back() -> None:
    text = copy_statement({"DataTableName": "web.Clicks"}, "s3://b/errors/m", "r")
    copy = read(text)
    assert copy.table == ("web", "clicks")
    assert (copy.bucket, copy.key, copy.columns) == ("b", "errors/m", None)
    assert copy.options == {"CREDENTIALS": "aws_iam_role=r", "MANIFEST": True}


def test_options_come_in_any_order_with_and_without_as() -> None:
    copy = read(
        "copy t (a, b) from 's3://b/k' -- a remark\n"
        "null as 'it''s' maxerror as 5 format as csv quote '%' credentials 'x' "
        "compupdate off statupdate acceptinvchars ignoreheader '1' region 'sa-east-1';"
    )
    assert copy.options == {
        "NULL": "it's",
        "MAXERROR": 5,
        "CSV": True,
        "QUOTE": "%",
        "CREDENTIALS": "x",
        "COMPUPDATE": False,
        "STATUPDATE": True,
        "ACCEPTINVCHARS": "?",
        "IGNOREHEADER": 1,
        "REGION": "sa-east-1",
    }


REFUSED = [
    ("frobnicate", "SyntaxError", 'at or near "frobnicate"'),
    ("delimiter", "SyntaxError", "at the end"),
    ("maxerror 'many'", "SyntaxError", "at or near \"'many'\""),
    ("delimiter ','; drop table t", "SyntaxError", 'at or near "drop"'),
    ("§", "SyntaxError", 'at or near "§'),
    (r"delimiter '\t' lzop;", "ArgumentNotSupported", "LZOP is not run"),  # botocore's example
    ("JSON 's3://mybucket/jsonpaths.txt'", "ArgumentNotSupported", "jsonpaths.txt"),  # and this
    ("json 'noshred'", "ArgumentNotSupported", "noshred"),
    ("json 'automatic'", "InvalidCopyOptionForJson", "automatic"),
    ("parquet", "ArgumentNotSupported", "PARQUET"),
    ("csv escape", "IncorrectCopyOptions", "CSV does not go with ESCAPE"),
    ("fixedwidth 'a:1' delimiter ','", "IncorrectCopyOptions", "FIXEDWIDTH"),
    ("gzip gzip", "IncorrectCopyOptions", "GZIP is given twice"),
    ("quote '%'", "IncorrectCopyOptions", "QUOTE"),
    ("ignoreallerrors maxerror 3", "IncorrectCopyOptions", "MAXERROR"),
    ("credentials 'x'", "IncorrectCopyOptions", "CREDENTIALS"),
    ("delimiter ''", "IncorrectCopyOptions", "DELIMITER ''"),
    ("delimiter '' removequotes", "IncorrectCopyOptions", "DELIMITER ''"),
    ("csv delimiter '||'", "IncorrectCopyOptions", "DELIMITER '||'"),
    ("csv quote 'qq'", "IncorrectCopyOptions", "QUOTE 'qq'"),
    ("csv quote ','", "IncorrectCopyOptions", "the same"),
    ("fixedwidth 'a:1,b:-2'", "SyntaxError", "FIXEDWIDTH"),
    ("fixedwidth '5'", "SyntaxError", "FIXEDWIDTH"),
]


@pytest.mark.parametrize(("options", "code", "words"), REFUSED)
def test_options_that_cannot_be_are_refused_by_name(options: str, code: str, words: str) -> None:
    with pytest.raises(CopyError) as caught:
        read(f"copy t from 's3://b/k' {ROLE} {options}")
    assert caught.value.code == code
    assert words in caught.value.detail
    assert str(caught.value).startswith(MESSAGES[code])


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("copy t from 's3://b/k'", "SyntaxError"),
        ("copy t from 'dynamodb://x' iam_role default", "ArgumentNotSupported"),
        ("copy a.b.c from 's3://b/k' iam_role default", "ImproperQualifiedName"),
        ("copy t (a, A) from 's3://b/k' iam_role default", "ColumnSpecifiedMoreThanOnce"),
        ("unload t", "SyntaxError"),
        ("copy t (a from 's3://b/k'", "SyntaxError"),
        ("", "SyntaxError"),
    ],
)
def test_a_statement_that_is_none_is_refused(statement: str, code: str) -> None:
    with pytest.raises(CopyError) as caught:
        read(statement)
    assert caught.value.code == code


TWO = "a int, b varchar(20)"
OPTIONS: list[tuple[str, str, bytes, list[tuple[Any, ...]]]] = [
    ("", TWO, b"1|ana\n2|rui\n", [(1, "ana"), (2, "rui")]),
    ("delimiter '|'", TWO, b"1|ana", [(1, "ana")]),
    (r"delimiter '\t'", TWO, b"1\tana\n", [(1, "ana")]),
    (r"delimiter '\\017'", TWO, b"1\x0fana\n", [(1, "ana")]),
    ("delimiter '|~|'", TWO, b"1|~|ana\n", [(1, "ana")]),
    (
        "csv",
        TWO,
        b'1,"a,b"\n2,"say ""hi"""\n3,"two\nlines"\n',
        [(1, "a,b"), (2, 'say "hi"'), (3, "two\nlines")],
    ),
    ("csv quote '%'", TWO, b"1,%a,b%\n", [(1, "a,b")]),
    ("csv ignoreheader 1", TWO, b"a,b\n1,x\n", [(1, "x")]),
    ("csv gzip", TWO, gzip.compress(b"1,x\n", mtime=0), [(1, "x")]),
    ("csv ignoreblanklines", TWO, b"1,x\n\n2,y\r\n", [(1, "x"), (2, "y")]),
    ("csv fillrecord", "a int, b int, c varchar", b"1\n", [(1, None, "")]),
    ("csv null as 'nil'", TWO, b"nil,nil\n", [(None, None)]),
    ("", TWO, b"\\N|\\N\n", [(None, None)]),
    ("", TWO, b"|\n", [(None, "")]),
    ("emptyasnull", TWO, b"|\n", [(None, None)]),
    ("blanksasnull", TWO, b"1|  \n", [(1, None)]),
    ("trimblanks", TWO, b"1|x  \n", [(1, "x")]),
    ("", "a int, b varchar(3)", "1|ação\n".encode(), []),
    ("truncatecolumns", "a int, b varchar(3)", "1|ação\n".encode(), [(1, "aç")]),
    ("acceptinvchars '^'", TWO, b"1|a\xff\xfe\n", [(1, "a^^")]),
    # the examples of the guide: ESCAPE, REMOVEQUOTES, ROUNDEC
    (
        "escape",
        "a int, b varchar(99)",
        b"1|The quick brown fox\\\njumped over the lazy dog.\n2| A\\\\B\\\\C\n3| A \\| B \\| C\n",
        [
            (1, "The quick brown fox\njumped over the lazy dog."),
            (2, " A\\B\\C"),
            (3, " A | B | C"),
        ],
    ),
    (
        "removequotes",
        "a varchar(99)",
        b'"The delimiter is a pipe (|) character"\n\'Black\'\n"White"\nBlue\'\n',
        [("The delimiter is a pipe (|) character",), ("Black",), ("White",), ("Blue'",)],
    ),
    ("", "a decimal(8,2)", b"20.259\n", [("20.25",)]),
    ("roundec", "a decimal(8,2)", b"20.259\n", [("20.26",)]),
    ("fixedwidth 'id:3,name:5'", TWO, b"  1ana  \n", [(1, "ana")]),
    # JSON: no delimiter is needed between objects, unknown members are left out
    (
        "json 'auto'",
        TWO,
        b'{"a":1,"b":"x","z":0}{"b":"y"}\n\n{"a":3}',
        [(1, "x"), (None, "y"), (3, None)],
    ),
    ("json 'auto'", TWO, b'{"A":1,"b":"x"}', [(None, "x")]),
    ("json 'auto ignorecase'", TWO, b'{"A":1,"b":"x"}', [(1, "x")]),
    ("json", "a super, b varchar(20)", b'{"a":{"n":[1]},"b":[1,2]}', [('{"n": [1]}', "[1, 2]")]),
    ("json", "a boolean, b boolean", b'{"a":true,"b":"no"}', [(True, False)]),
]


@pytest.mark.parametrize(("options", "table", "body", "rows"), OPTIONS)
def test_every_option_does_what_the_guide_says(
    options: str, table: str, body: bytes, rows: list[tuple[Any, ...]]
) -> None:
    if not rows:
        with pytest.raises(CopyError, match="STL_LOAD_ERRORS"):
            loaded(table, body, options)
        return
    found = loaded(table, body, options)
    assert [tuple(str(v) if "decimal" in table else v for v in row) for row in found] == rows


TIMES = [
    ("timestamp", "", "2026-01-02 03:04:05", "2026-01-02 03:04:05"),
    ("timestamp", "", "2026-01-02T03:04:05Z", None),
    ("timestamp", "timeformat 'auto'", "2026-01-02T03:04:05Z", "2026-01-02 03:04:05"),
    ("timestamp", "timeformat 'auto'", "2026-01-02T03:04:05-03:00", "2026-01-02 06:04:05"),
    ("timestamp", "timeformat as 'epochsecs'", "1767225600", "2026-01-01 00:00:00"),
    ("timestamp", "timeformat 'epochmillisecs'", "1767225600500", "2026-01-01 00:00:00.500000"),
    ("timestamp", "timeformat 'DD.MM.YYYY HH:MI:SS'", "02.01.2026 03:04:05", "2026-01-02 03:04:05"),
    ("timestamp", "timeformat 'DD.MM.YYYY HH:MI:SS'", "2026-01-02 03:04:05", None),
    ("timestamp", "acceptanydate", "00/00/00 00:00:00", "NaT"),
    ("date", "", "2026-01-02", "2026-01-02 00:00:00"),
    ("date", "", "01/02/2026", None),
    ("date", "dateformat 'MM/DD/YYYY'", "01/02/2026", "2026-01-02 00:00:00"),
    ("date", "dateformat 'auto'", "01/02/2026", "2026-01-02 00:00:00"),
]


@pytest.mark.parametrize(("kind", "options", "text", "expected"), TIMES)
def test_times_are_read_in_the_format_that_is_said(
    kind: str, options: str, text: str, expected: str | None
) -> None:
    house = warehouse(x=text.encode())
    house.sql(f"create table t (a {kind})")
    statement = f"copy t from 's3://b/x' {ROLE} {options}"
    if expected is None:
        with pytest.raises(CopyError):
            house.copy(statement)
        errors = house.sql("select err_code from stl_load_errors")
        assert errors is not None
        assert list(errors["err_code"]) == [1205 if kind == "date" else 1206]
    else:
        house.copy(statement)
        found = house.sql("select a from t")
        assert found is not None
        assert str(found["a"][0]) == expected


WRONG = [
    ("a int", b"x\n", 1207),
    ("a int", b"1.5\n", 1207),
    ("a smallint", b"40000\n", 1222),
    ("a decimal(4,2)", b"100\n", 1204),
    ("a decimal(4,2)", b"ten\n", 1209),
    ("a float", b"ten\n", 1208),
    ("a boolean", b"maybe\n", 1210),
    ("a int not null", b"\\N\n", 1213),
    ("a char", b"xy\n", 1204),
    ("a int", b"\n1\n", 1211),
    ("a int", b"1|2\n", 1202),
    ("a int, b int", b"1\n", 1214),
    ("a varchar", b"\xff\n", 1220),
    ("a super", b"{nope\n", 1224),
]


@pytest.mark.parametrize(("table", "body", "code"), WRONG)
def test_a_row_that_does_not_fit_is_in_stl_load_errors(table: str, body: bytes, code: int) -> None:
    house = warehouse(x=body)
    house.sql(f"create table t ({table})")
    with pytest.raises(CopyError) as caught:
        house.copy(f"copy t from 's3://b/x' {ROLE}")
    assert caught.value.code == "DataLoadFailed"
    errors = house.sql("select * from stl_load_errors")
    assert errors is not None
    row = errors.iloc[0]
    assert (row["err_code"], row["filename"], row["tbl"]) == (code, "s3://b/x", "t")
    assert str(row["starttime"]) == "2026-01-01 00:00:00"


def test_maxerror_lets_the_good_rows_in() -> None:
    house = warehouse(x=b"1\nx\n2\ny\n3\n")
    house.sql("create table t (a int)")
    with pytest.raises(CopyError):
        house.copy(f"copy t from 's3://b/x' {ROLE} maxerror 2")
    assert house.copy(f"copy t from 's3://b/x' {ROLE} maxerror 3") == 3
    assert house.copy(f"copy t from 's3://b/x' {ROLE} ignoreallerrors") == 3
    assert house.copy(f"copy t from 's3://b/x' {ROLE} maxerror 9 noload") == 3
    found = house.sql("select count(*) as n, sum(a) as s from t")
    assert found is not None
    assert found.iloc[0].tolist() == [6, 12]
    errors = house.sql("select query, line_number, raw_line from stl_load_errors where query = 2")
    assert errors is not None
    assert errors.to_numpy().tolist() == [[2, 2, "x"], [2, 4, "y"]]


def test_json_errors_name_the_line_of_the_object() -> None:
    house = warehouse(x=b'{"a":1}\n{"a":\n"x"}\n[1]\n')
    house.sql("create table t (a int)")
    assert house.copy(f"copy t from 's3://b/x' {ROLE} json 'auto' maxerror 9") == 1
    errors = house.sql(
        "select line_number, colname, raw_field_value, err_code from stl_load_errors"
    )
    assert errors is not None
    assert errors.to_numpy().tolist() == [[3, "a", "x", 1207], [4, "", "", 1216]]


TABLES = [
    ("copy gone from 's3://b/x' {}", "TableNotFound"),
    ("copy gone.t from 's3://b/x' {}", "SchemaNotFound"),
    ("copy t (a, z) from 's3://b/x' {}", "ColumnNotFound"),
    ("copy t (b) from 's3://b/x' {}", "ColumnNotNullWithoutDefault"),
    ("copy t from 's3://b/gone' {}", "MissingS3File"),
    ("copy t from 's3://b/gone' {} manifest", "MissingS3File"),
    ("copy t from 's3://b/x' {} manifest", "DataLoadFailed"),
    ("copy t from 's3://b/missing' {} manifest", "MissingS3File"),
    ("copy t from 's3://b/optional' {} manifest", "MissingS3File"),
    ("copy t from 's3://b/x' {} gzip", "DataLoadFailed"),
]


@pytest.mark.parametrize(("statement", "code"), TABLES)
def test_what_is_missing_has_its_own_code(statement: str, code: str) -> None:
    entries = [{"url": "s3://b/gone", "mandatory": True}]
    house = warehouse(
        x=b"1|2\n",
        missing=json.dumps({"entries": entries}).encode(),
        optional=json.dumps({"entries": [{"url": "s3://b/gone"}]}).encode(),
    )
    house.sql("create table t (a int not null, b int)")
    with pytest.raises(CopyError) as caught:
        house.copy(statement.format(ROLE))
    assert caught.value.code == code


def test_sql_of_redshift_runs() -> None:
    house = warehouse()
    house.sql(
        """create table if not exists public.rides (
             id bigint identity(1, 2), who varchar(5) encode zstd distkey not null,
             at timestamp default getdate() sortkey, extra super, primary key (who), unique (id)
           ) diststyle key"""
    )
    house.sql("insert into rides (who) values ('ana'), ('ana')")  # keys are declared, not enforced
    found = house.sql(
        "select top 1 id, who, dateadd(day, 1, at) as later, nvl(extra, '0') from rides"
    )
    assert found is not None
    assert list(found.columns) == ["id", "who", "later", "coalesce"]
    assert str(found["later"][0]) == "2026-01-02 00:00:00"
    house.sql("create schema web; create table web.t (a int); create view v as select 1 as a")
    assert house.tables == ["rides", "v", "web.t"]


def test_a_length_holds_after_alter_and_not_after_drop() -> None:
    house = warehouse(x=b"1|abcdef\n")
    house.sql("create table t (a int); alter table t add column b varchar(3)")
    with pytest.raises(CopyError):
        house.copy(f"copy t from 's3://b/x' {ROLE}")
    house.sql("drop table t; create table t (a int, b varchar(max))")
    assert house.copy(f"copy t from 's3://b/x' {ROLE}") == 1


@pytest.mark.parametrize(
    "sql",
    [
        "select * from read_text('/etc/passwd')",
        "create table x as select * from read_csv('/etc/passwd')",
        "set enable_external_access = true",
        "attach 'x.db'",
        "install httpfs",
        "unload ('select 1') to 's3://b/x'",
        "create function f() returns int as $$ select 1 $$ language sql",
        "copy t from 's3://b/x' iam_role 'x'",
        "vacuum",
        "select '",
    ],
)
def test_a_learners_sql_cannot_leave_the_warehouse(sql: str) -> None:
    with pytest.raises(UsageError) as caught:
        warehouse().sql(sql)
    assert "\n" not in str(caught.value)


VALUES = st.fixed_dictionaries(
    {
        "a": st.none() | st.integers(-(2**31), 2**31 - 1),
        "b": st.none()
        | st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=6),
        "c": st.none() | st.booleans(),
        "d": st.none() | st.floats(allow_nan=False, allow_infinity=False),
    }
)


@settings(max_examples=examples(25))
@given(st.lists(VALUES, min_size=1, max_size=6), st.sampled_from(["", "\n", " \n "]))
def test_json_rows_come_back_as_they_were(rows: list[dict[str, Any]], between: str) -> None:
    body = between.join(json.dumps(row) for row in rows).encode()
    found = loaded("a int, b varchar(100), c boolean, d double precision", body, "json 'auto'")
    expected = [tuple(None if row[n] == r"\N" else row[n] for n in "abcd") for row in rows]
    assert found == expected


def test_a_quote_that_is_never_closed_costs_no_more_than_its_length() -> None:
    """Each line is looked at once, not all that came before it again."""

    class Looked(str):
        seen = 0

        def count(self, *what: Any) -> int:
            Looked.seen += len(self)
            return str.count(self, *what)

    class Part(bytes):
        def decode(self, *how: str) -> str:
            return Looked(bytes.decode(self, *how))

    class Body(bytes):
        def split(self, *by: Any) -> list[bytes]:  # type: ignore[override]
            return [Part(part) for part in bytes.split(self, *by)]

    body = Body(b'"' + b"a,b\n" * 2_000)
    copy = read(f"copy t from 's3://b/k' {ROLE} csv")
    assert len(list(rows(body, ["a", "b"], copy))) == 1
    assert Looked.seen <= len(body)


def test_a_carriage_return_within_a_csv_line_is_a_line_that_is_not_valid() -> None:
    copy = read(f"copy t from 's3://b/k' {ROLE} csv")
    [line] = rows(b"a\rb,c\n", ["a", "b"], copy)
    assert isinstance(line.values, FieldError)
    assert line.values.code == 1216
