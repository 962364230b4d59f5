"""What comes in is remembered while there is room for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from kinesis_sim import Simulator
from kinesis_sim.errors import UsageError
from kinesis_sim.journal import inputs
from kinesis_sim.units import MIB


def put(sim: Simulator, size: int) -> None:
    request = {"StreamName": "s", "PartitionKey": "k", "Data": b"." * size}
    sim.gate.call("kinesis", "PutRecord", request)


def test_what_there_is_no_room_for_costs_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sim = Simulator(latency=None, delays="instant", limits="off", remember=1)
    sim.gate.call("kinesis", "CreateStream", {"StreamName": "s", "ShardCount": 1})
    sim.advance(seconds=1)
    put(sim, MIB // 2)
    put(sim, MIB // 2)
    before = sim.inputs.count
    monkeypatch.delattr(inputs, "encoded")
    put(sim, 10)
    assert sim.inputs.count == before + 1
    assert sim.streams["s"].shards[0].log.end == 3
    with pytest.raises(UsageError, match="More came in than the 1 MiB"):
        sim.save(tmp_path / "saved")
