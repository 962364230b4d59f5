"""The video streams of one account in one Region, and how callers find them."""

from __future__ import annotations

import re
from base64 import b32encode
from collections.abc import Callable, Iterator
from hashlib import blake2b
from itertools import count
from typing import Any

from kinesis_sim.account.calls import Request
from kinesis_sim.account.service import Surroundings
from kinesis_sim.errors import ServiceError, UsageError
from kinesis_sim.instants import SECOND
from kinesis_sim.signatures import typed
from kinesis_sim.video import acknowledgement, refusals, watching
from kinesis_sim.video.acknowledgement import MediaFault
from kinesis_sim.video.admission import Admission
from kinesis_sim.video.announcing import Announcer
from kinesis_sim.video.archive import Archive
from kinesis_sim.video.events import VideoRetentionChanged, VideoStreamChanged
from kinesis_sim.video.fragment import FragmentNumbers
from kinesis_sim.video.intake import Intake
from kinesis_sim.video.sessions import PlaybackSessions
from kinesis_sim.video.signaling.channels import SignalingChannels
from kinesis_sim.video.video_stream import VideoStream
from kinesis_sim.video.watching import FrameWatch, SeenFrame

_ARN = re.compile(r"arn:[\w-]+:kinesisvideo:[\w-]+:\d{12}:stream/([\w.-]+)/\d+")


class VideoCatalog:
    """Everything Kinesis Video Streams knows of one account in one Region.

    ``catalog["name"]`` is the stream, for native use.
    """

    def __init__(self, around: Surroundings) -> None:
        self.around = around
        self.clock, self.events = around.clock, around.events
        self.account, self.region = around.account, around.region
        self.limits, self.delays = around.limits, around.delays
        self.streams: dict[str, VideoStream] = {}
        self.secret = around.chance.secret("video")
        self._versions, self._watches = count(), count(1)
        self._announcer = Announcer(self)
        self.sessions = PlaybackSessions(self)
        self.channels = SignalingChannels(self)
        self.admission = Admission(around)

    def __getitem__(self, name: str) -> VideoStream:
        stream = self.streams.get(name)
        if stream is None:
            known = ", ".join(sorted(self.streams)) or "none yet"
            raise UsageError(f"There is no video stream {name!r}; the streams are: {known}.")
        return stream

    def __iter__(self) -> Iterator[VideoStream]:
        return iter(list(self.streams.values()))

    def __len__(self) -> int:
        return len(self.streams)

    @property
    def now(self) -> int:
        """Epoch ms."""
        return self.clock.now

    @property
    def place(self) -> str:
        """What the ARNs of this account begin with."""
        return f"arn:aws:kinesisvideo:{self.region}:{self.account}"

    def drawn(self, purpose: str) -> str:
        """Twenty letters and digits by chance; the same for the same purpose."""
        digest = blake2b(purpose.encode(), key=self.secret, digest_size=15).digest()
        return b32encode(digest).decode()[:20]

    def new_version(self) -> str:
        """A version of something: opaque, and never the same twice."""
        return self.drawn(f"version/{next(self._versions)}")

    # --- calls --------------------------------------------------------------------------------

    def admit_call(self, operation: str, request: Request) -> None:
        """Count a call against its published rate. Raises ClientLimitExceededException."""
        self.admission.call(operation, self.arn_of(request))

    def find(self, request: Request) -> VideoStream:
        """The stream that a request names. Raises ResourceNotFoundException.

        Raises InvalidArgumentException for a request that names none, or two.
        """
        name, arn = request.get("StreamName"), request.get("StreamARN")
        if name is None and arn is None:
            raise refusals.invalid("Give either StreamName or StreamARN.")
        if name is None:
            match = _ARN.fullmatch(str(arn))
            name = match[1] if match else None
        stream = self.streams.get(str(name))
        if stream is None or (arn is not None and stream.arn != arn):
            raise refusals.no_stream()
        return stream

    def arn_of(self, request: Request) -> str | None:
        """The ARN of the stream or channel that a request is about, whether it is there or not."""
        for member in ("ChannelARN", "channelArn", "ResourceARN"):
            if isinstance(request.get(member), str):
                return str(request[member])
        if isinstance(request.get("ChannelName"), str):
            known = request["ChannelName"] in self.channels
            name = str(request["ChannelName"])
            return self.channels[name].arn if known else f"{self.place}:channel/{name}/*"
        if isinstance(request.get("StreamARN"), str):
            return str(request["StreamARN"])
        if request.get("StreamName") is None:
            return None
        stream = self.streams.get(str(request["StreamName"]))
        return f"{self.place}:stream/{request['StreamName']}/*" if stream is None else stream.arn

    # --- lives --------------------------------------------------------------------------------

    def make(self, request: Request) -> VideoStream:
        """Make a stream, which becomes ACTIVE after a while."""
        name, now = request["StreamName"], self.now
        archive = Archive(
            name,
            self.clock,
            self.events,
            self.limits["video.buffer_seconds"] * SECOND,
            self.limits["video.buffer_bytes"],
        )
        stream = VideoStream(
            name=name,
            arn=f"{self.place}:stream/{name}/{now}",
            made=now,
            archive=archive,
            numbers=FragmentNumbers(self.around.chance.random(f"fragments/{name}/{now}")),
            new_version=self.new_version,
            key=request.get("KmsKeyId") or self.own_key,
            media_type=request.get("MediaType"),
            device=request.get("DeviceName"),
            tier=request.get("StreamStorageConfiguration", {}).get("DefaultStorageTier", "HOT"),
            tags=dict(request.get("Tags") or {}),
        )
        self.streams[name] = stream
        archive.on_stored(lambda fragment: self._announcer.stored(stream, fragment))
        self._tell(stream, None)
        self.keep_for(stream, request.get("DataRetentionInHours") or 0)
        self.clock.after(self.delays["video.create_stream"], lambda: self._created(stream))
        return stream

    def _created(self, stream: VideoStream) -> None:
        self.step(stream, "created")

    @property
    def own_key(self) -> str:
        """The key that AWS keeps for the service in every account."""
        return f"arn:aws:kms:{self.region}:{self.account}:alias/aws/kinesisvideo"

    def change(self, stream: VideoStream, apply: Callable[[], None]) -> None:
        """Change a setting: it is UPDATING meanwhile, and has another version at once."""
        stream.version = stream.new_version()
        self.step(stream, "change")

        def done() -> None:
            if self.streams.get(stream.name) is stream and self.step(stream, "changed"):
                apply()

        self.clock.after(self.delays["video.update_stream"], done)

    def delete(self, stream: VideoStream) -> None:
        """Delete a stream; producers and consumers are told at once."""
        self.step(stream, "DeleteStream")
        for connection in (*stream.producers, *stream.consumers):
            connection.close("stream deleted")
        self.clock.after(self.delays["video.delete_stream"], lambda: self._gone(stream))

    def _gone(self, stream: VideoStream) -> None:
        stream.archive.clear()
        self.admission.forget(stream.name)
        del self.streams[stream.name]
        self.step(stream, "deleted")

    def step(self, stream: VideoStream, why: str) -> bool:
        """Take a step of a stream's life, if it is still to be taken; whether it was."""
        if why in ("created", "changed") and stream.life.name == "DELETING":
            return False
        was = stream.life.name
        stream.life.step(why)
        self._tell(stream, was)
        return True

    def _tell(self, stream: VideoStream, was: str | None) -> None:
        became = None if stream.life.state is None else stream.life.name
        self.events.append(
            VideoStreamChanged(at=self.now, stream=stream.name, was=was, became=became)
        )

    def keep_for(self, stream: VideoStream, hours: int) -> None:
        """Set how long media is kept."""
        was = stream.archive.retention
        stream.archive.keep_for(hours)
        if was != hours:
            self.events.append(
                VideoRetentionChanged(at=self.now, stream=stream.name, was=was, became=hours)
            )

    # --- seeing machines ----------------------------------------------------------------------

    @typed
    def watch(
        self, stream: str, function: Callable[[SeenFrame], Any], *, to: str, every: int = SECOND
    ) -> FrameWatch:
        """Have a function look at a stream's frames; what it finds goes to a data stream.

        function: gets a ``SeenFrame`` and answers with what JSON can hold, or with None when there
        is nothing to tell. every: ms between two frames by the camera's clock. Each finding is a
        record of JSON: ``InputInformation`` says where it was seen, ``Finding`` what. A call that
        fails is counted, and harms no other.

        Raises UsageError for a stream that is not there or what is no function, ServiceError for a
        data stream that is not there, MissingPackage without PyAV.
        """
        return watching.watch(self, stream, function, to, every)

    def count_watch(self) -> int:
        """The number of the next watch."""
        return next(self._watches)

    # --- media --------------------------------------------------------------------------------

    def intake(self, stream: VideoStream) -> Intake:
        """A stream as its producers meet it."""
        limits = self.limits
        return Intake(
            stream=stream.name,
            clock=self.clock,
            events=self.events,
            most_bytes=limits["video.fragment_bytes"],
            most_ms=limits["video.fragment_seconds"] * SECOND,
            least_ms=limits["video.fragment_seconds_least"] * SECOND,
            most_tracks=limits["video.tracks"],
            most_tags=limits["video.fragment_tags"],
            tag_name_bytes=limits["video.tag_name_bytes"],
            tag_value_bytes=limits["video.tag_value_bytes"],
            persist_ms=self.delays["video.persist"],
            check=lambda: self._check(stream),
            gone=lambda: self.streams.get(stream.name) is not stream,
        )

    def _check(self, stream: VideoStream) -> None:
        """Raise MediaFault while a stream takes no media: it is going, or its key is of no use."""
        if not stream.takes_media:
            raise MediaFault(
                "STREAM_DELETED" if stream.life.name == "DELETING" else "STREAM_NOT_ACTIVE"
            )
        if stream.key == self.own_key:
            return
        try:
            self.around.keys.check(stream.key)
        except ServiceError as error:
            name = acknowledgement.KMS.get(error.code, "INTERNAL_ERROR")
            raise MediaFault(name) from None
