"""Nothing in a learner's SQL reaches the machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from kinesis_sim.errors import UsageError
from kinesis_sim.firehose.lake.database import NO_MACHINE, Database
from kinesis_sim.firehose.lake.statements import parse
from tests.firehose.lake.places import lake

ASKED = [
    "select * from '/etc/passwd'",
    "select * from 'file:///etc/passwd'",
    "select * from read_text('/etc/passwd')",
    "select * from read_csv('/etc/passwd')",
    "select * from read_parquet('s3://other/x')",
    "select * from glob('/etc/*')",
    "select * from (select 1) t, lateral read_text('/etc/passwd')",
    "select (select content from read_text('/etc/passwd'))",
    "select * from sniff_csv('/etc/passwd')",
    "select * from query('select 1')",
    "select * from duckdb_secrets()",
    "with x as (select * from read_blob('/proc/self/environ')) select * from x",
    "select getenv('HOME')",
    "copy (select 1) to '{there}'",
    "explain copy (select 1) to '{there}'",
    "explain analyze copy (select 1) to '{there}'",
    "attach '{there}' as d",
    "export database '{there}'",
    "import database '/tmp'",
    "install httpfs",
    "load httpfs",
    "set enable_external_access = true",
    "reset lock_configuration",
    "pragma database_list",
    "call pragma_version()",
    "create table x as select 1",
    "create macro f() as 1",
    "drop table x",
    "insert into x values (1)",
    "select 1 into x",
    "with x as (delete from y returning *) select * from x",
    "use main",
    "checkpoint",
]


@pytest.mark.parametrize("sql", ASKED)
def test_a_query_reaches_nothing_outside(sql: str, tmp_path: Path) -> None:
    there = tmp_path / "written"
    with pytest.raises(UsageError) as caught:
        lake({"a/x": b'{"id":1}'}).query(sql.format(there=there))
    assert not there.exists()
    assert "\n" not in str(caught.value)
    assert "root:" not in str(caught.value)


OPENED = [
    "select * from read_text('/etc/passwd')",
    "select * from read_csv('/etc/passwd')",
    "select * from glob('/etc/*')",
    "create table x as select * from read_blob('/proc/self/environ')",
    "insert into t select content from read_text('/etc/passwd')",
]


@pytest.mark.parametrize("sql", OPENED)
def test_the_engine_itself_is_locked(sql: str) -> None:
    """Whoever forgets to look at the statement first still opens nothing."""
    database = Database(lambda: 0)
    database.rows("create table t (x varchar)")
    with pytest.raises(UsageError) as caught:
        database.run(parse(sql, "duckdb")[0])
    assert str(caught.value) == NO_MACHINE
    database.close()


@pytest.mark.parametrize(
    "setting", ["enable_external_access = true", "lock_configuration = false", "threads = 4"]
)
def test_the_lock_stays_locked(setting: str) -> None:
    database = Database(lambda: 0)
    with pytest.raises(UsageError, match=r"locked|external"):
        database.rows(f"set {setting}")
    database.close()


def test_a_name_in_sql_is_no_variable_of_python() -> None:
    import pandas as pd

    secret = pd.DataFrame({"a": [1]})
    database = Database(lambda: 0)
    with pytest.raises(UsageError, match="secret does not exist"):
        database.rows("select * from secret")
    assert len(secret) == 1
    database.close()


def test_a_query_that_needs_too_much_memory_is_refused(tmp_path: Path) -> None:
    database = Database(lambda: 0, memory="20MB")
    with pytest.raises(UsageError, match="more memory"):
        database.rows("select array_agg(range) from range(10000000)")
    database.close()
