"""The camera that counts: what it saw is in the lake, and what is said where PyAV is absent."""

from __future__ import annotations

import sys

import pytest

from kinesis_sim.workloads.camera.dock_camera import DockCamera
from kinesis_sim.workloads.scenes.bike_count import bike_count
from kinesis_sim.workloads.scenes.filming import SEED


def test_the_bikes_that_were_docked_are_in_the_lake() -> None:
    pytest.importorskip("av")
    begin = 9 * 3_600_000 + 123_000  # the stream, the data stream and Firehose are made first
    docked = [sum(DockCamera(SEED).docked(begin + 10_000 * place)) for place in range(3)]
    assert bike_count("1970-01-01T09:00:00Z").splitlines() == [
        f'09:02:{3 + 10 * place:02} {{"bikes": {bikes}}}' for place, bikes in enumerate(docked)
    ]
    assert len(set(docked)) > 1


def test_without_pyav_the_install_line_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "av", None)
    assert 'pip install "kinesis-lab[video]"' in bike_count()
