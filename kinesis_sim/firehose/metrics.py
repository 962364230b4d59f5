"""The CloudWatch metrics of namespace AWS/Firehose, folded from events into minutes.

Names and dimension: facts/firehose §7; what counts where: CAP docs/firehose. Records and bytes are
those that came in, also where a transform changed them. Into S3, what a transform marked as failed
counts as delivered, and what it dropped counts nowhere; BackupToS3 has originals alone. What one
sample is, AWS does not say; the model's choice is one per call, try, object or reading. Metrics of
MSK, JQProcessing.Duration, PerPartitionThroughput and those of calls that move no records are left
out.
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
    RecordsOpened,
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
    "DataCommitLatency": "Seconds",
    "Latency": "Milliseconds",
    "ProcessedBytes": "Bytes",
    "Bytes": "Bytes",
    "BytesPerSecondLimit": "Bytes",
    "IncomingBytes": "Bytes",
}


def unit(name: str) -> str:
    """The unit of a metric."""
    if name.startswith("OutputDecompressedBytes"):
        return "Bytes"
    return _UNITS.get(name.rpartition(".")[2], "Count")


class FirehoseMetrics(FoldFromNow):
    """The fold.

    limits: ``records``, ``bytes`` and ``requests`` per second of Direct PUT. latency: milliseconds
    that a put takes its caller.
    """

    def __init__(
        self, metrics: Metrics, limits: Mapping[str, int], latency: Callable[[], float]
    ) -> None:
        self._metrics = metrics
        self._limits = limits
        self._latency = latency

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
        values = {"Requests": 1, "Bytes": event.bytes, "Latency": self._latency()}
        if event.api == "PutRecordBatch":
            values["Records"] = event.records
        self._note(event, **{f"{event.api}.{name}": value for name, value in values.items()})

    def _opened(self, event: RecordsOpened) -> None:
        if event.unpacked is None:
            return
        if opened := event.records - event.failed:
            self._note(
                event,
                OutputDecompressedRecords__Success=opened,
                OutputDecompressedBytes__Success=event.unpacked,
            )
        if event.failed:
            self._note(
                event,
                OutputDecompressedRecords__Failed=event.failed,
                OutputDecompressedBytes__Failed=event.failed_bytes,
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
        where, _, only = event.metric.partition(".")
        asked = event.delivered + event.failed
        values: dict[str, float] = {
            "Success": event.delivered / max(asked, 1),
            "DataFreshness": (event.at - event.oldest) / SECOND,
        }
        if event.delivered:
            values["Bytes"] = event.came
            values["Records"] = event.delivered
        values |= _OWN.get(event.destination, _nothing)(event)
        if event.destination == "Iceberg":
            values.pop("Records", None)
        if only:
            values = {only: values[only]}
        self._note(event, **{f"{where}.{name}": value for name, value in values.items()})
        if event.code in _KEYS:
            self._note(event, **{_KEYS[event.code]: 1})

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


def _nothing(event: DeliveryTried) -> dict[str, float]:
    return {}


def _splunk(event: DeliveryTried) -> dict[str, float]:
    return {"DataAckLatency": event.took_ms / SECOND} if event.delivered else {}


def _snowflake(event: DeliveryTried) -> dict[str, float]:
    return {"DataCommitLatency": event.took_ms / SECOND} if event.delivered else {}


def _search(event: DeliveryTried) -> dict[str, float]:
    """Both are 0 while nothing is the matter."""
    denied = event.code.endswith("AccessDenied")
    return {
        "AuthFailure": int(bool(event.failed) and denied),
        "DeliveryRejected": int(bool(event.failed) and not denied),
    }


def _endpoint(event: DeliveryTried) -> dict[str, float]:
    """What was tried, tries again included."""
    return {
        "ProcessedRecords": event.delivered + event.failed,
        "ProcessedBytes": event.bytes + event.failed_bytes,
    }


def _iceberg(event: DeliveryTried) -> dict[str, float]:
    """Rows, where others have records; one that is tried again has not failed yet."""
    return {
        "IncomingRowCount": event.delivered + event.failed,
        "SuccessfulRowCount": event.delivered,
        "FailedRowCount": event.failed if event.again_at is None else 0,
    }


_OWN: dict[str, Callable[[DeliveryTried], dict[str, float]]] = {
    "Splunk": _splunk,
    "Snowflake": _snowflake,
    "AmazonOpenSearchService": _search,
    "AmazonOpenSearchServerless": _search,
    "HttpEndpoint": _endpoint,
    "Iceberg": _iceberg,
}
"""What a destination has beside what all have."""
_FOLDS: dict[type, Callable[[FirehoseMetrics, Any], None]] = {
    RecordsTaken: FirehoseMetrics._taken,
    RecordsOpened: FirehoseMetrics._opened,
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
