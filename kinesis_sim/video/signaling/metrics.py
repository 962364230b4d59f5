"""The CloudWatch metrics of signaling channels, folded from events into minutes.

Names, dimensions and samples: facts/video/8/signaling-metrics. Their namespace is not said
there; that of video streams is the model's choice. Latencies are left out, as calls take no time
here that would tell anything of AWS's, as are calls that leave no event: GetIceServerConfig, and
connections over the rate. No relay stands behind a channel, so no TURN minute is counted.
"""

from __future__ import annotations

from collections.abc import Iterable

from kinesis_sim.account.fold import FoldFromNow
from kinesis_sim.account.metrics import Dimensions, Metric, Metrics
from kinesis_sim.events import Event
from kinesis_sim.instants import MINUTE
from kinesis_sim.video.signaling.events import SignalingPeerChanged, SignalPassed
from kinesis_sim.video.signaling.messages import ICE_CANDIDATE, SDP_ANSWER, SDP_OFFER
from kinesis_sim.video.signaling.transfers import Transfers

NAMESPACE = "AWS/KinesisVideo"
_SENT = {
    SDP_OFFER: "SendSdpOffer",
    SDP_ANSWER: "SendSdpAnswer",
    ICE_CANDIDATE: "SendCandidate",
}


class SignalingMetrics(FoldFromNow):
    """The fold."""

    kinds = (SignalingPeerChanged, SignalPassed)

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._transfers = Transfers()

    def take(self, events: Iterable[Event]) -> None:
        """Take events in, in order."""
        for event in events:
            if isinstance(event, SignalingPeerChanged):
                self._peer(event)
            elif isinstance(event, SignalPassed):
                self._signal(event)

    def _peer(self, event: SignalingPeerChanged) -> None:
        if event.became == "gone":
            if event.why == "closed by the client":
                self._failure(event.at, event.channel, "Disconnect", 0)
            return
        name = "ConnectAsMaster" if event.client is None else "ConnectAsViewer"
        self._failure(event.at, event.channel, name, event.became == "refused")

    def _signal(self, event: SignalPassed) -> None:
        came, left = self._transfers.of(event)
        if came:
            self._failure(event.at, event.channel, _SENT[event.action], event.became == "refused")
        if came or left:
            self._put(event.at, "MessagesTransferred.Count", came + left, _channel(event.channel))

    def _failure(self, at: int, channel: str, operation: str, failed: bool | int) -> None:
        self._put(at, "Failure", int(failed), (("Operation", operation), *_channel(channel)))

    def _put(self, at: int, name: str, value: float, dimensions: Dimensions) -> None:
        metric = Metric(NAMESPACE, name, dimensions)
        self._metrics.put(metric, "Count", at - at % MINUTE, value, value, value, 1)


def _channel(name: str) -> Dimensions:
    return (("SignalingChannelName", name),)
