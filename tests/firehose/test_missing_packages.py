"""Where an optional package is absent, the error says how to get it."""

from __future__ import annotations

import sys

import pytest

from kinesis_sim.errors import MissingPackage
from kinesis_sim.firehose.compression import compress
from kinesis_sim.firehose.conversion.schema import schema
from kinesis_sim.firehose.processing.partitioning import Query

INSTALL = r'pip install "kinesis-lab\[firehose\]"'


def test_snappy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cramjam", None)
    with pytest.raises(MissingPackage, match=INSTALL):
        compress("Snappy", b"x")


def test_jq(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jq", None)
    with pytest.raises(MissingPackage, match=INSTALL):
        Query("{a: .a}")


def test_pyarrow(monkeypatch: pytest.MonkeyPatch) -> None:
    read = schema([("a", "int")])
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(MissingPackage, match=INSTALL):
        read.arrow()
