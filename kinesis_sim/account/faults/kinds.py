"""The kinds of fault there are: where each strikes, what it may strike, and the error that it is.

Codes and texts are AWS's where AWS says them: those of API errors are the Kinesis Data Streams
guide's pages on resilience testing (facts/data-streams §6), those of S3 are S3's. What no page says
is marked as the model's choice.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from kinesis_sim.instants import HOUR, SECOND

Site = Literal["call", "key", "bucket", "destination", "function", "application", "crash", "clock"]
"""Where a fault strikes: an API call, a KMS key, a bucket's writes, a Firehose destination, a
function's invocations, a Flink application, a process that reads or writes, the clock."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultKind:
    """One kind of fault.

    says: what it does, one sentence. target: what its target names. error: code, text and HTTP
    status of the error that whoever it strikes gets. operations: the calls that it may strike, by
    service; no entry for those that it strikes all of. services: whose calls. codes: the codes that
    may be chosen instead, each with its text. ms: how many milliseconds, where it is about time.
    """

    name: str
    site: Site
    says: str
    target: str
    error: tuple[str, str, int] = ("", "", 0)
    services: tuple[str, ...] = ()
    operations: Mapping[str, frozenset[str]] = field(default_factory=dict)
    codes: Mapping[str, str] = field(default_factory=dict)
    ms: int = 0


_ALL = (
    *("kinesis", "firehose", "lambda", "cloudwatch", "kinesisanalyticsv2", "kinesisanalytics"),
    *("kinesisvideo", "kinesis-video-media", "kinesis-video-archived-media"),
    *("kinesis-video-signaling", "kinesis-video-webrtc-storage"),
)
_DATA = frozenset({"GetRecords", "GetShardIterator", "PutRecord", "PutRecords"})
_BATCHES = {"kinesis": frozenset({"PutRecords"}), "firehose": frozenset({"PutRecordBatch"})}
_INTERNAL = ("InternalFailure", "The request processing has failed because of an unknown error.")
"""AWS's common errors have this sentence for InternalFailure."""

_CALLS = (
    FaultKind(
        name="throttle",
        site="call",
        says="Reads and writes of a stream, or of one of its shards, are throttled.",
        target="stream",
        error=("ProvisionedThroughputExceededException", "Rate exceeded for {where}.", 400),
        services=("kinesis",),
        operations={"kinesis": _DATA},
    ),
    FaultKind(
        name="expired-iterator",
        site="call",
        says="GetRecords finds its iterator too old.",
        target="stream",
        # botocore's words for the exception; that AWS's injected answers have them is unverified
        error=(
            "ExpiredIteratorException",
            "The provided iterator exceeds the maximum age allowed.",
            400,
        ),
        services=("kinesis",),
        operations={"kinesis": frozenset({"GetRecords"})},
    ),
    FaultKind(
        name="internal-error",
        site="call",
        says="Calls fail as when something is wrong within AWS, and do nothing.",
        target="resource",
        error=(*_INTERNAL, 500),
        services=_ALL,
    ),
    FaultKind(
        name="api-throttle",
        site="call",
        says="Calls are throttled by the API itself, and do nothing.",
        target="resource",
        error=("ThrottlingException", "Rate exceeded", 400),
        services=_ALL,
    ),
    FaultKind(
        name="unavailable",
        site="call",
        says="The service is not there for a while: calls fail, and do nothing.",
        target="resource",
        error=(
            "ServiceUnavailable",
            "The request has failed due to a temporary failure of the server.",
            503,
        ),
        services=_ALL,
    ),
    FaultKind(
        name="lost-answer",
        site="call",
        says="Calls do what they should, but the answer is lost on its way: the caller sees an "
        "error, and a retry does it once more.",
        target="resource",
        error=(*_INTERNAL, 500),
        services=_ALL,
    ),
    FaultKind(
        name="partial",
        site="call",
        says="Some records of a batch fail, the others are stored.",
        target="stream",
        error=("InternalFailure", "Internal service failure.", 200),
        services=("kinesis", "firehose"),
        operations=_BATCHES,
        codes={
            "InternalFailure": "Internal service failure.",
            "ProvisionedThroughputExceededException": "Rate exceeded for {where}.",
            "ServiceUnavailableException": "Slow down.",
        },
    ),
    FaultKind(
        name="slow",
        site="call",
        says="Answers take longer.",
        target="resource",
        services=_ALL,
        ms=SECOND,
    ),
)
_THINGS = (
    FaultKind(
        name="key-outage",
        site="key",
        says="A KMS key cannot be used, so whatever it encrypts can be neither read nor written.",
        target="KMS key",
        codes={
            "throttled": "KMSThrottlingException",
            "Disabled": "KMSDisabledException",
            "PendingDeletion": "KMSInvalidStateException",
            "denied": "KMSAccessDeniedException",
            "opt-in-required": "KMSOptInRequired",
        },
    ),
    FaultKind(
        name="bucket-outage",
        site="bucket",
        says="S3 takes no object for a bucket.",
        target="bucket",
        codes={
            "InternalError": "We encountered an internal error. Please try again.",
            "SlowDown": "Please reduce your request rate.",
            "AccessDenied": "Access Denied",
            "NoSuchBucket": "The specified bucket does not exist",
        },
    ),
    FaultKind(
        name="destination-outage",
        site="destination",
        says="A Firehose stream's destination that is not S3 does not answer.",
        target="Firehose stream",
    ),
    FaultKind(
        name="function-error",
        site="function",
        says="A function's invocations fail, and its code does not run.",
        target="function",
        # AWS's pages do not say what an injected error reads like: the model's choice
        error=("RuntimeError", "The invocation failed because a fault was injected.", 0),
    ),
    FaultKind(
        name="function-delay",
        site="function",
        says="A function's invocations start late, which counts as time that they take.",
        target="function",
        ms=SECOND,
    ),
    FaultKind(
        name="maintenance",
        site="application",
        says="AWS has something to patch: a Flink application restarts when its maintenance window "
        "begins, each day while this is in force.",
        target="Flink application",
    ),
    FaultKind(
        name="crash",
        site="crash",
        says="A process that reads or writes ends without a word, and may come back later.",
        target="process",
    ),
    FaultKind(
        name="clock-jump",
        site="clock",
        says="Time leaps forward under everybody, and all that comes due on the way happens.",
        target="clock",
        ms=HOUR,
    ),
)

KINDS: Mapping[str, FaultKind] = {kind.name: kind for kind in (*_CALLS, *_THINGS)}
"""The kinds of fault by name."""
