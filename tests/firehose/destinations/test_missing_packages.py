"""An absent package is answered with the line that brings it."""

from __future__ import annotations

import importlib
import sys

import pytest

from kinesis_sim.errors import MissingPackage
from kinesis_sim.firehose.destinations.redshift.warehouse import Warehouse
from kinesis_sim.firehose.destinations.snowflake.account import SnowflakeAccount
from tests.firehose.lake.places import lake

LINE = r'pip install "kinesis-lab\[firehose\]"'


@pytest.mark.parametrize("package", ["duckdb", "sqlglot"])
def test_sql_names_the_extra(package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(MissingPackage, match=LINE):
        lake({}).query("select 1")


def test_receivers_name_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "duckdb", None)
    with pytest.raises(MissingPackage, match=LINE):
        Warehouse(lambda bucket, key: b"", lambda: 0)
    with pytest.raises(MissingPackage, match=LINE):
        SnowflakeAccount(lambda: 0)


def test_iceberg_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    room = "kinesis_sim.firehose.destinations.iceberg"
    for name in [name for name in sys.modules if name.startswith((room, "pyiceberg"))]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "pyiceberg", None)
    with pytest.raises(MissingPackage, match=LINE):
        importlib.import_module(f"{room}.adapter")
