"""Calls with real media between two peers in Python, and what is said where aiortc is absent.

tests/browser/test_calls.py calls the camera from a browser.
"""

from __future__ import annotations

import sys
import threading

import pytest

from kinesis_sim import Simulator
from kinesis_sim.errors import MissingPackage, UsageError
from kinesis_sim.workloads.calls import rtc
from kinesis_sim.workloads.calls.camera_master import CameraMaster
from kinesis_sim.workloads.calls.seen_call import SeenCall, seen_call
from kinesis_sim.workloads.camera.dock_camera import DockCamera
from kinesis_sim.workloads.scenes.doorbell import Doorbell


def test_a_rider_sees_the_dock() -> None:
    pytest.importorskip("aiortc")
    sim = Simulator(start="2026-01-01T08:00:00Z")
    bell, threads = Doorbell(sim), threading.active_count()
    assert seen_call(bell) == SeenCall(10, "08:00:05")
    assert threading.active_count() == threads
    said = bell.masters[0].kinds() + bell.viewers["ana"].kinds()
    assert said == ["SDP_OFFER", "SDP_ANSWER"]


def test_a_frame_is_the_picture() -> None:
    pytest.importorskip("av")
    picture = DockCamera(3).picture(0)
    frame = rtc.frame(picture)
    for plane, data in zip(frame.planes, picture.planes, strict=True):
        rows = bytes(plane)
        found = b"".join(rows[at * plane.line_size :][: plane.width] for at in range(plane.height))
        assert found == data


def test_without_aiortc_the_install_line_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "aiortc", None)
    bell = Doorbell(Simulator())
    for call in (
        lambda: seen_call(bell),
        lambda: CameraMaster("http://127.0.0.1:1", "doorbell", DockCamera()),
        lambda: CameraMaster("http://127.0.0.1:1", "doorbell", DockCamera(), store=True),
    ):
        with pytest.raises(MissingPackage, match=r'pip install "kinesis-lab\[webrtc\]"'):
            call()
    assert bell.clock_seen() == 'Calls need aiortc: pip install "kinesis-lab[webrtc]"'


def test_no_less_than_a_picture() -> None:
    pytest.importorskip("aiortc")
    with pytest.raises(UsageError, match="pictures"):
        seen_call(Doorbell(Simulator()), pictures=0)
