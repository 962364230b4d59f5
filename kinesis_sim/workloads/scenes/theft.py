"""A morning at a dock whose camera had no line: filmed at eight, in the stream at half past.

Times, lengths and the bike that goes are this model's choices.
"""

from __future__ import annotations

from datetime import UTC, datetime

from kinesis_sim.instants import to_ms
from kinesis_sim.simulator import Simulator
from kinesis_sim.workloads.camera.dock_camera import DockCamera
from kinesis_sim.workloads.camera.producer import put, record

STREAM, HOURS = "dock-3", 24
SEED, GOP_MS, FPS = 7, 4_000, 1
OPENING = "2026-01-02T07:55:00Z"
FILMED, SECONDS = "2026-01-02T07:58:00Z", 360
BACK = "2026-01-02T08:30:00Z"
BEGIN, END = (datetime(2026, 1, 2, 8, 1, second, tzinfo=UTC) for second in (5, 19))


def morning_at_the_dock() -> tuple[Simulator, datetime, datetime]:
    """An account with a stream that keeps a camera's film for a day.

    A minute came in live. Then the line was gone; six minutes were filmed meanwhile, and uploaded
    when it was back. Returns the account, and begin and end of a theft by the camera's clock.
    """
    trial = Simulator(start=OPENING, latency=None, delays="instant", limits="off")
    trial.client("kinesisvideo").create_stream(StreamName=STREAM, DataRetentionInHours=HOURS)
    camera = DockCamera(SEED, gop=GOP_MS, fps=FPS)
    record(trial, STREAM, camera, seconds=60)
    trial.run_until(BACK)
    film = b"".join(camera.media(FILMED, seconds=SECONDS))
    put(trial, STREAM, film, start=to_ms(FILMED))
    trial.advance(seconds=2)
    return trial, BEGIN, END
