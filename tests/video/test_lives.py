"""Every step of a video stream's life is taken, and no other."""

from __future__ import annotations

from kinesis_sim import Simulator
from kinesis_sim.video.events import VideoStreamChanged
from kinesis_sim.video.states import VIDEO_STREAM


def test_every_step_of_a_video_stream_is_taken() -> None:
    sim = Simulator(latency=None)
    api = sim.client("kinesisvideo")

    def version(name: str) -> str:
        return str(api.describe_stream(StreamName=name)["StreamInfo"]["Version"])

    arns = {name: api.create_stream(StreamName=name)["StreamARN"] for name in ("a", "b", "c")}
    api.delete_stream(StreamARN=arns["a"])
    sim.advance(minutes=1)
    for name in ("b", "c"):
        api.update_stream(StreamName=name, CurrentVersion=version(name), MediaType="video/h264")
    api.delete_stream(StreamARN=arns["b"])
    sim.advance(minutes=1)
    api.delete_stream(StreamARN=arns["c"])
    sim.advance(minutes=1)
    seen = {(e.was, e.became) for e in sim.events.of(VideoStreamChanged)} - {(None, "CREATING")}
    assert seen == {(a.value, None if b is None else b.value) for a, _, b in VIDEO_STREAM}
