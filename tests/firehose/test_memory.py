"""Memory is bounded by the open buffers, however much goes through them."""

from __future__ import annotations

import pytest

from benchmarks.firehose import MIB, peak


@pytest.mark.parametrize(("size", "total"), [(1, 20_000_000), (5, 100_000_000)])
def test_memory_is_a_small_multiple_of_the_buffer(size: int, total: int) -> None:
    """Its records, the object made of them, and the events; 64 KiB are for the rest."""
    assert peak(size, total) < 4 * size * MIB + 64 * 1024
