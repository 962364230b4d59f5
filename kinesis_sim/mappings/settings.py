"""What CreateEventSourceMapping takes for a stream, checked (facts/data-streams §9, BL rows)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from kinesis_sim.mappings.filters import Pattern, compile_patterns
from kinesis_sim.mappings.refusals import (
    bad_age,
    invalid,
    no_destination,
    no_fifo,
    no_metric,
    others_member,
)

UNLIMITED = -1
_AGES_S = (60, 604_800)
_PARTIAL = "ReportBatchItemFailures"
_OTHERS_MEMBERS = (
    "ScalingConfig",
    "Topics",
    "Queues",
    "SourceAccessConfigurations",
    "SelfManagedEventSource",
    "AmazonManagedKafkaEventSourceConfig",
    "SelfManagedKafkaEventSourceConfig",
    "DocumentDBEventSourceConfig",
    "ProvisionedPollerConfig",
    "LoggingConfig",
)
_KEPT_MEMBERS = ("KMSKeyArn", "MetricsConfig")
"""Members that are kept and shown, and change nothing here."""
_DESTINATIONS = ("sqs", "sns", "s3")


def refuse_others_members(request: dict[str, Any]) -> None:
    """Raise InvalidParameterValueException for members of other kinds of sources."""
    wrong = [name for name in _OTHERS_MEMBERS if request.get(name) is not None]
    if "OnSuccess" in request.get("DestinationConfig", {}):
        wrong.insert(0, "DestinationConfig")
    if wrong:
        raise others_member(wrong[0])
    if set((request.get("MetricsConfig") or {}).get("Metrics") or ()) - {"EventCount"}:
        raise no_metric()


@dataclass(frozen=True, slots=True)
class MappingSettings:
    """Settings of a mapping with Lambda's defaults. Seconds and counts as in the API.

    kept: members that are shown as they were given.
    """

    batch_size: int = 100
    window_s: int = 0
    parallel: int = 1
    start: str = "LATEST"
    start_at: int | None = None
    retries: int = UNLIMITED
    age_s: int = UNLIMITED
    bisect: bool = False
    tumbling_s: int = 0
    partial: bool = False
    destination: str | None = None
    patterns: tuple[Pattern, ...] = ()
    kept: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, request: dict[str, Any], base: MappingSettings | None = None) -> MappingSettings:
        """The settings of a request; what it leaves out is as in ``base``, or Lambda's default.

        Raises InvalidParameterValueException for what cannot go together or is out of range.
        """
        was = base or cls()
        criteria = request.get("FilterCriteria")
        given = {name: request[name] for name in _KEPT_MEMBERS if request.get(name) is not None}
        if criteria is not None:
            given["FilterCriteria"] = criteria
        patterns = was.patterns if criteria is None else compile_patterns(criteria)
        kept = {**was.kept, **given}
        if not patterns:  # a key is of filters, and goes with them (recorded: filter_kms_native)
            kept.pop("KMSKeyArn", None)
        settings = cls(
            batch_size=request.get("BatchSize", was.batch_size),
            window_s=request.get("MaximumBatchingWindowInSeconds", was.window_s),
            parallel=request.get("ParallelizationFactor", was.parallel),
            start=request.get("StartingPosition", was.start),
            start_at=request.get("StartingPositionTimestamp", was.start_at),
            retries=request.get("MaximumRetryAttempts", was.retries),
            age_s=request.get("MaximumRecordAgeInSeconds", was.age_s),
            bisect=request.get("BisectBatchOnFunctionError", was.bisect),
            tumbling_s=request.get("TumblingWindowInSeconds", was.tumbling_s),
            partial=_PARTIAL in request.get("FunctionResponseTypes", [_PARTIAL] * was.partial),
            destination=_destination(request, was.destination),
            patterns=patterns,
            kept=kept,
        )
        settings.check()
        return settings

    def check(self) -> None:
        """Raise InvalidParameterValueException for what cannot go together or is out of range.

        Recorded are the sentences about a timestamp and an age; the others are this model's.
        """
        if self.start_at is not None and self.start != "AT_TIMESTAMP":
            raise invalid("Timestamp only valid with StartingPosition AT_TIMESTAMP")
        if self.start_at is None and self.start == "AT_TIMESTAMP":
            raise invalid("Need to specify a timestamp")
        if self.age_s != UNLIMITED and not _AGES_S[0] <= self.age_s <= _AGES_S[1]:
            raise bad_age(*_AGES_S)
        if self.tumbling_s and self.parallel > 1:
            raise invalid("TumblingWindowInSeconds needs a ParallelizationFactor of 1.")
        if self.tumbling_s and self.window_s:
            raise invalid(
                "TumblingWindowInSeconds and MaximumBatchingWindowInSeconds cannot both be set."
            )

    def row(self) -> dict[str, Any]:
        """The settings as the API shows them.

        Recorded: an empty OnFailure stays, empty FilterCriteria are left out.
        """
        shown = {name: value for name, value in self.kept.items() if value != {"Filters": []}}
        shown = {name: value for name, value in shown.items() if value}
        if self.start_at is not None:
            shown["StartingPositionTimestamp"] = self.start_at
        return {
            "StartingPosition": self.start,
            "BatchSize": self.batch_size,
            "MaximumBatchingWindowInSeconds": self.window_s,
            "ParallelizationFactor": self.parallel,
            "DestinationConfig": {
                "OnFailure": {"Destination": self.destination} if self.destination else {}
            },
            "MaximumRecordAgeInSeconds": self.age_s,
            "BisectBatchOnFunctionError": self.bisect,
            "MaximumRetryAttempts": self.retries,
            "TumblingWindowInSeconds": self.tumbling_s,
            "FunctionResponseTypes": [_PARTIAL] if self.partial else [],
            **shown,
        }


def _destination(request: dict[str, Any], was: str | None) -> str | None:
    """The failure destination's ARN; an empty one takes it away."""
    config = request.get("DestinationConfig")
    if config is None:
        return was
    arn: str | None = config.get("OnFailure", {}).get("Destination") or None
    if arn is not None and not arn.startswith("arn:"):
        raise invalid(
            f"Kinesis Lab delivers failures to an SQS queue, an SNS topic or an S3 bucket, and "
            f"{arn} is none of them."
        )
    if arn is not None and arn.split(":")[2] not in _DESTINATIONS:
        raise no_destination()
    if arn is not None and arn.endswith(".fifo"):
        raise no_fifo(arn.split(":")[2])
    return arn
