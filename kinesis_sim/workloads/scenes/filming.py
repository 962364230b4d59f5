"""Pedala's dock camera at work on a video stream, and what can go wrong on the way.

Lengths and pauses are this model's choices; what the stream answers is the simulator's.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from kinesis_sim.account.prices import price_list
from kinesis_sim.arguments import whole
from kinesis_sim.errors import UsageError
from kinesis_sim.signatures import typed
from kinesis_sim.words import spoken
from kinesis_sim.workloads.camera.dock_camera import DockCamera
from kinesis_sim.workloads.camera.producer import MediaAck, put, record

if TYPE_CHECKING:
    from datetime import datetime

    from kinesis_sim.simulator import Simulator

STREAM = "dock-camera"
SECONDS, LONG_MS = 10, 24_000
SEED, SETTLES_S = 7, 3


class Filming:
    """A camera and its stream, made and ACTIVE. hours: the stream's retention.

    UsageError when the simulator has a video stream of this name already.
    """

    @typed
    def __init__(self, sim: Simulator, *, hours: int = 1, stream: str = STREAM) -> None:
        if stream in sim.video.streams:
            raise UsageError(f"There is a video stream {stream!r} already: take a new Simulator.")
        self.sim, self.stream = sim, stream
        self.camera = DockCamera(SEED)
        self._video = sim.client("kinesisvideo")
        self._video.create_stream(StreamName=stream, DataRetentionInHours=hours)
        sim.advance(seconds=SETTLES_S)

    @property
    def hours(self) -> int:
        """The retention in force."""
        return self.sim.video[self.stream].archive.retention

    def film(self, seconds: int = SECONDS) -> list[MediaAck]:
        """Film, and put each fragment as soon as it is over; the acknowledgements."""
        return record(self.sim, self.stream, self.camera, seconds=seconds)

    def film_offline(self, seconds: int = SECONDS, *, pause: int = 0) -> list[MediaAck]:
        """Film without a line, and put all of it at once when the line is back.

        pause: seconds without a line after the camera has stopped.
        """
        begin = self.sim.clock.now
        media = b"".join(self.camera.media(begin, seconds=seconds))
        self.sim.advance(seconds=whole("seconds", seconds, least=1) + pause)
        acks = put(self.sim, self.stream, media, start=begin)
        self.sim.advance(seconds=1)
        return acks

    def cut(self) -> None:
        """Put one fragment and a half, then lose the line."""
        begin = self.sim.clock.now
        said = {
            "StreamName": self.stream,
            "FragmentTimecodeType": "RELATIVE",
            "ProducerStartTimestamp": f"{begin / 1_000:.3f}",
        }
        connection = self.sim.gate.converse("kinesisvideo", "PutMedia", said)
        first, second = (self.camera.fragment(begin + at, at) for at in (0, self.camera.gop))
        connection.take(self.camera.header())
        self.sim.advance(milliseconds=self.camera.gop)
        connection.take(first)
        self.sim.advance(milliseconds=self.camera.gop)
        connection.take(second[: len(second) // 2])
        self.sim.advance(milliseconds=self.camera.gop // 2)
        connection.close("line cut")
        self.sim.advance(seconds=1)

    def film_long(self) -> list[MediaAck]:
        """Film with key frames too far apart: a fragment longer than a stream takes."""
        camera = DockCamera(SEED, gop=LONG_MS, fps=1)
        acks = record(self.sim, self.stream, camera, seconds=LONG_MS // 1_000)
        self.sim.advance(seconds=1)
        return acks

    def between(self, begin: datetime, end: datetime, by: str) -> list[dict[str, Any]]:
        """What ListFragments answers for a span, in order of fragment numbers.

        by: "PRODUCER_TIMESTAMP" or "SERVER_TIMESTAMP".
        """
        span = {"StartTimestamp": begin, "EndTimestamp": end}
        answer = self.archived("LIST_FRAGMENTS").list_fragments(
            StreamName=self.stream,
            FragmentSelector={"FragmentSelectorType": by, "TimestampRange": span},
        )
        return sorted(answer["Fragments"], key=lambda row: str(row["FragmentNumber"]))

    def watchable(self) -> str:
        """What of the stream can be watched now: "stored", "live" only, or "nothing".

        As the service answers: ListFragments for what is stored, GetMedia for what is not.
        """
        listing = self.archived("LIST_FRAGMENTS")
        if listing.list_fragments(StreamName=self.stream)["Fragments"]:
            return "stored"
        media = self.sim.client("kinesis-video-media").get_media(
            StreamName=self.stream, StartSelector={"StartSelectorType": "EARLIEST"}
        )["Payload"]
        found = media.read(1)
        media.close()
        return "live" if found else "nothing"

    def refused(self) -> str:
        """The code with which a session is refused now; "" when there is one to be had."""
        from botocore.exceptions import ClientError

        try:
            session = self.archived("GET_HLS_STREAMING_SESSION_URL")
            session.get_hls_streaming_session_url(StreamName=self.stream)
        except ClientError as error:
            return str(error.response["Error"]["Code"])
        return ""

    def archived(self, api: str) -> Any:
        """A client at the endpoint that GetDataEndpoint names for an API of archived media."""
        endpoint = self._video.get_data_endpoint(StreamName=self.stream, APIName=api)
        return self.sim.client(
            "kinesis-video-archived-media", endpoint_url=endpoint["DataEndpoint"]
        )

    def keep(self, hours: int) -> None:
        """Change the retention to so many hours: AWS takes the difference, and a version."""
        change = whole("hours", hours, least=0) - self.hours
        if not change:
            return
        info = self._video.describe_stream(StreamName=self.stream)["StreamInfo"]
        self._video.update_data_retention(
            StreamName=self.stream,
            CurrentVersion=info["Version"],
            Operation="INCREASE_DATA_RETENTION" if change > 0 else "DECREASE_DATA_RETENTION",
            DataRetentionChangeInHours=abs(change),
        )
        self.sim.advance(seconds=SETTLES_S)


@typed
def a_month(gigabytes_a_day: float, *, days_kept: int) -> dict[str, float]:
    """What a camera costs in 30 days, in USD, each day being played once by HLS.

    By what is paid for: PutMedia and HLS by the GB, storage by the GB-month (named in the language
    that values speak), in a month in which as much expires as comes in. The prices are those of
    us-east-1.
    """
    prices, day = price_list("us-east-1"), Decimal(str(gigabytes_a_day))
    used = {
        "PutMedia": ("ingested", 30 * day),
        "HLS": ("consumed_by_session", 30 * day),
        spoken("workloads").say("stored"): ("stored", days_kept * day),
    }
    return {paid: float(prices[f"video.{item}"].usd * much) for paid, (item, much) in used.items()}
