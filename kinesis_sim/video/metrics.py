"""The CloudWatch metrics of namespace AWS/KinesisVideo, folded from events into minutes.

Names and dimension: facts/video §8. What one sample is, AWS does not say; the model's choice is one
per request, fragment or acknowledgement. Latencies are left out: calls take no time here that
would tell anything of AWS's.

What functions see in media is no service of AWS's, so its metrics have a namespace of their own.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from kinesis_sim.account.fold import FoldFromNow
from kinesis_sim.account.metrics import Dimensions, Metric, Metrics
from kinesis_sim.events import Event
from kinesis_sim.instants import MINUTE
from kinesis_sim.video.events import (
    FindingSent,
    FragmentReceived,
    FramesWatched,
    MediaConnectionChanged,
    MediaRead,
    MediaRefused,
    QuotaPointsUsed,
)

NAMESPACE = "AWS/KinesisVideo"
WATCHED = "KinesisLab/Video"
_UNITS = {"IncomingBytes": "Bytes", "OutgoingBytes": "Bytes", "MillisBehindNow": "Milliseconds"}


class VideoMetrics(FoldFromNow):
    """The fold."""

    kinds = (
        FindingSent,
        FragmentReceived,
        FramesWatched,
        MediaConnectionChanged,
        MediaRead,
        MediaRefused,
        QuotaPointsUsed,
    )

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    def take(self, events: Iterable[Event]) -> None:
        """Take events in, in order."""
        for event in events:
            if isinstance(event, FragmentReceived):
                self._note(
                    event,
                    "PutMedia",
                    IncomingBytes=event.bytes,
                    IncomingFragments=1,
                    IncomingFrames=event.frames,
                )
            elif isinstance(event, MediaRefused):
                self._note(event, "PutMedia", ErrorAckCount=1)
            elif isinstance(event, MediaConnectionChanged):
                self._connected(event)
            elif isinstance(event, MediaRead):
                self._read(event)
            elif isinstance(event, QuotaPointsUsed):
                self._points(event)
            elif isinstance(event, FramesWatched):
                self._put(event, "FramesWatched", event.frames)
                self._put(event, "Findings", event.findings)
                self._put(event, "WatchErrors", event.errors)
            elif isinstance(event, FindingSent):
                self._put(event, "FindingsLost" if event.error else "FindingsPut", 1)

    def _connected(self, event: MediaConnectionChanged) -> None:
        if event.became == "open":
            self._note(event, event.api, Requests=1, Success=1)
        elif event.became == "refused":
            self._note(event, event.api, Requests=1, Success=0, ConnectionErrors=1)

    def _read(self, event: MediaRead) -> None:
        self._note(event, event.api, OutgoingBytes=event.bytes)
        if event.api == "GetMedia":
            self._note(
                event,
                event.api,
                OutgoingFragments=event.fragments,
                OutgoingFrames=event.frames,
                MillisBehindNow=event.behind,
            )

    def _points(self, event: QuotaPointsUsed) -> None:
        used = {"Metadata": event.metadata, "Media": event.media}
        said = {name: points for name, points in used.items() if points}
        self._note(event, "ArchivedFragmentsConsumed", **said)

    def _note(self, event: Any, call: str, **values: float) -> None:
        for name, value in values.items():
            self._put(event, f"{call}.{name}", value, NAMESPACE, _UNITS.get(name, "Count"))

    def _put(
        self, event: Any, name: str, value: float, space: str = WATCHED, unit: str = "Count"
    ) -> None:
        dimensions: Dimensions = (("StreamName", event.stream),)
        at = event.at - event.at % MINUTE
        self._metrics.put(Metric(space, name, dimensions), unit, at, value, value, value, 1)
