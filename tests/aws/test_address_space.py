"""Memory that a stretch of work may take beyond what the process has."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from kinesis_sim import Simulator
from kinesis_sim.aws.address_space import AddressSpace
from kinesis_sim.aws.query_ports import patience
from kinesis_sim.errors import UsageError

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such limit")
resource = pytest.importorskip("resource")
MB = 1 << 20


def limit() -> int:
    return int(resource.getrlimit(resource.RLIMIT_AS)[0])


def mapped() -> int:
    return int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()


def test_what_asks_for_more_gets_none_until_it_is_over() -> None:
    space, before = AddressSpace(), limit()
    with space.at_most(256 * MB), pytest.raises(MemoryError):
        bytearray(1024 * MB)
    assert limit() == before
    assert len(bytearray(1024 * MB)) == 1024 * MB


def test_stretches_that_overlap_end_with_the_last() -> None:
    space, before = AddressSpace(), limit()
    outer, inner = space.at_most(4096 * MB), space.at_most(8192 * MB)
    outer.__enter__()
    first = limit()
    inner.__enter__()
    assert limit() == first != before
    outer.__exit__(None, None, None)
    assert limit() == first
    inner.__exit__(None, None, None)
    assert limit() == before


def test_a_narrower_limit_is_kept() -> None:
    space, (before, hard) = AddressSpace(), resource.getrlimit(resource.RLIMIT_AS)
    most = mapped() + 2048 * MB
    resource.setrlimit(resource.RLIMIT_AS, (most, hard))
    try:
        with space.at_most(4096 * MB):
            assert limit() == most
        assert limit() == most
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (before, hard))


def test_a_query_may_grow_the_process_by_a_gigabyte_and_a_half() -> None:
    with patience(lambda: None):
        assert abs(limit() - mapped() - 1536 * MB) < 128 * MB


@pytest.mark.parametrize(
    "sql",
    [
        "select repeat('x', 2000000000)",
        "select list_resize([1], 1000000000)",
        "with recursive t(s, n) as (select 'x', 0 union all select s || s, n + 1 from t"
        " where n < 31) select max(length(s)) from t",
        "select length(string_agg(repeat('x', 1000), ',')) from range(3000000)",
    ],
)
def test_what_one_function_makes_of_little_is_bounded_too(sql: str) -> None:
    pytest.importorskip("duckdb")
    sim = Simulator()
    with pytest.raises(UsageError, match="more memory than a query may have"):
        sim.query(sql)
    assert sim.query("select 1 as n")["n"].tolist() == [1]
