"""kinesis-video-media's one operation."""

from kinesis_sim.video.consuming import get_media

__all__ = ["get_media"]
