"""The CloudWatch metrics of namespace AWS/Firehose, folded from events into minutes.

Names and dimension: facts/firehose §7; what counts where: CAP docs/firehose. Records and bytes are
those that came in, also where a transform changed them. Into S3, what a transform marked as failed
counts as delivered, and what it dropped counts nowhere; BackupToS3 has originals alone, for other
destinations also what they did not take. What one sample is, AWS does not say; the model's choice
is one per call, try, object or reading. Metrics of MSK, JQProcessing.Duration and
PerPartitionThroughput are left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from kinesis_sim.account.fold import FoldFromNow
from kinesis_sim.account.metrics import Dimensions, Metric, Metrics
from kinesis_sim.events import Event
from kinesis_sim.firehose.events import (
    DeliveryTried,
    FunctionCalled,
    ObjectWritten,
    RecordsConverted,
    RecordsPartitioned,
    RecordsTaken,
    SourceIdle,
    SourceRead,
    SourceRefused,
)
from kinesis_sim.instants import MINUTE, SECOND

NAMESPACE = "AWS/Firehose"
_REFUSED = {
    "GetRecords": "ThrottledGetRecords",
    "GetShardIterator": "ThrottledGetShardIterator",
    "ListShards": "ThrottledDescribeStream",
}
"""A refused ListShards shows as a throttled DescribeStream (facts/firehose §9)."""
_SEARCH = ("AmazonOpenSearchService", "AmazonOpenSearchServerless")
_KEYS = {
    "Firehose.KMS.AccessDeniedException": "KMSKeyAccessDenied",
    "Firehose.KMS.DisabledException": "KMSKeyDisabled",
    "Firehose.KMS.InvalidStateException": "KMSKeyInvalidState",
    "Firehose.KMS.NotFoundException": "KMSKeyNotFound",
}
_UNITS = {
    "DataFreshness": "Seconds",
    "Duration": "Milliseconds",
    "KinesisMillisBehindLatest": "Milliseconds",
    "DataAckLatency": "Seconds",
    "DataCommitLatency": "Milliseconds",
    "Bytes": "Bytes",
    "BytesPerSecondLimit": "Bytes",
    "IncomingBytes": "Bytes",
}


def unit(name: str) -> str:
    """The unit of a metric."""
    return _UNITS.get(name.rpartition(".")[2], "Count")


class FirehoseMetrics(FoldFromNow):
    """The fold. limits: ``records``, ``bytes`` and ``requests`` per second of Direct PUT."""

    def __init__(self, metrics: Metrics, limits: Mapping[str, int]) -> None:
        self._metrics = metrics
        self._limits = limits

    def take(self, events: Iterable[Event]) -> None:
        """Take events in, in order."""
        for event in events:
            take = _FOLDS.get(type(event))
            if take is not None:
                take(self, event)

    def _note(self, event: Any, **values: float) -> None:
        dimensions: Dimensions = (("DeliveryStreamName", event.stream),)
        at = event.at - event.at % MINUTE
        for key, value in values.items():
            name = key.replace("__", ".")
            self._metrics.put(
                Metric(NAMESPACE, name, dimensions), unit(name), at, value, value, value, 1
            )

    def _taken(self, event: RecordsTaken) -> None:
        self._note(
            event,
            ThrottledRecords=event.throttled,
            RecordsPerSecondLimit=self._limits["records"],
            BytesPerSecondLimit=self._limits["bytes"],
            PutRequestsPerSecondLimit=self._limits["requests"],
        )
        if event.records:
            self._note(
                event,
                IncomingBytes=event.bytes,
                IncomingRecords=event.records,
                IncomingPutRequests=1,
            )

    def _read(self, event: SourceRead) -> None:
        self._note(event, KinesisMillisBehindLatest=event.behind)
        if event.records:
            self._note(
                event,
                DataReadFromKinesisStream__Bytes=event.bytes,
                DataReadFromKinesisStream__Records=event.records,
            )

    def _idled(self, event: SourceIdle) -> None:
        name = "KinesisMillisBehindLatest"
        metric = Metric(NAMESPACE, name, (("DeliveryStreamName", event.stream),))
        self._metrics.run(metric, unit(name), event.since, event.every, event.calls, 0)

    def _refused(self, event: SourceRefused) -> None:
        name = _REFUSED.get(event.operation)
        if name is not None:
            self._note(event, **{name: 1})

    def _tried(self, event: DeliveryTried) -> None:
        where = event.metric
        values: dict[str, float] = {
            f"{where}.Success": event.delivered / max(event.delivered + event.failed, 1),
            f"{where}.DataFreshness": (event.at - event.oldest) / SECOND,
        }
        if event.delivered:
            values[f"{where}.Bytes"] = event.came
            values[f"{where}.Records"] = event.delivered
        if event.destination == "Splunk" and event.delivered:
            values[f"{where}.DataAckLatency"] = event.took_ms / SECOND
        if event.destination == "Snowflake" and event.delivered:
            values[f"{where}.DataCommitLatency"] = event.took_ms
        if event.destination in _SEARCH and event.failed:
            denied = event.code.endswith("AccessDenied")
            values[f"{where}.{'AuthFailure' if denied else 'DeliveryRejected'}"] = 1
        if event.code in _KEYS:
            values[_KEYS[event.code]] = 1
        self._note(event, **values)

    def _written(self, event: ObjectWritten) -> None:
        if event.kind == "data":
            self._note(event, DeliveryToS3__ObjectCount=1)

    def _called(self, event: FunctionCalled) -> None:
        self._note(
            event,
            ExecuteProcessing__Duration=event.took_ms,
            ExecuteProcessing__Success=0 if event.code else 1,
        )
        if event.ok:
            self._note(
                event,
                SucceedProcessing__Records=event.ok,
                SucceedProcessing__Bytes=event.bytes,
            )

    def _converted(self, event: RecordsConverted) -> None:
        self._note(
            event,
            SucceedConversion__Records=event.converted,
            SucceedConversion__Bytes=event.converted_bytes,
            FailedConversion__Records=event.failed,
            FailedConversion__Bytes=event.failed_bytes,
        )

    def _partitioned(self, event: RecordsPartitioned) -> None:
        self._note(
            event,
            PartitionCount=event.active,
            PartitionCountExceeded=1 if event.exceeded else 0,
            ActivePartitionsLimit=event.limit,
        )


_FOLDS: dict[type, Callable[[FirehoseMetrics, Any], None]] = {
    RecordsTaken: FirehoseMetrics._taken,
    SourceIdle: FirehoseMetrics._idled,
    SourceRead: FirehoseMetrics._read,
    SourceRefused: FirehoseMetrics._refused,
    DeliveryTried: FirehoseMetrics._tried,
    ObjectWritten: FirehoseMetrics._written,
    FunctionCalled: FirehoseMetrics._called,
    RecordsConverted: FirehoseMetrics._converted,
    RecordsPartitioned: FirehoseMetrics._partitioned,
}
FirehoseMetrics.kinds = tuple(_FOLDS)
