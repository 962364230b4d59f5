"""A server of ours, in this process, as clients meet it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kinesis_sim import Simulator
from kinesis_sim.aws.server import Server, start


@pytest.fixture
def server() -> Iterator[Server]:
    """On the wall clock and with AWS's limits; states change at once, so that nobody waits."""
    with start(Simulator(clock="wall", latency=None, delays="instant")) as server:
        yield server


@pytest.fixture
def unlimited_server() -> Iterator[Server]:
    """The same without limits, for bodies larger than what a shard takes in a second."""
    with start(Simulator(clock="wall", latency=None, delays="instant", limits="off")) as server:
        yield server
