"""A simulator with a video stream that keeps its media for a day."""

from __future__ import annotations

from typing import Any

import pytest

from kinesis_sim import Simulator
from tests.video.media import NAME


@pytest.fixture
def sim() -> Simulator:
    made = Simulator(latency=None)
    made.client("kinesisvideo").create_stream(StreamName=NAME, DataRetentionInHours=24)
    made.advance(seconds=10)
    return made


@pytest.fixture
def video(sim: Simulator) -> Any:
    return sim.client("kinesisvideo")
