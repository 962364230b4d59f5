"""A simulator whose state changes take their time, for tests about the time they take."""

from __future__ import annotations

import pytest

from kinesis_sim import Simulator


@pytest.fixture
def slow() -> Simulator:
    """Changes take realistic time, calls none, and nothing is throttled."""
    return Simulator(latency=None, limits="off")
