"""What CreateEventSourceMapping takes for a Kinesis stream, checked (facts/data-streams §9, BL
rows)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from kinesis_sim.errors import ServiceError
from kinesis_sim.mappings.filters import Pattern, compile_patterns

UNLIMITED = -1
_SHORTEST_AGE_S = 60


def invalid(message: str) -> ServiceError:
    """Lambda's InvalidParameterValueException; the texts are the model's."""
    return ServiceError("InvalidParameterValueException", message)


@dataclass(frozen=True, slots=True)
class MappingSettings:
    """Settings of a mapping with Lambda's defaults. Seconds and counts as in the API."""

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

    @classmethod
    def of(cls, request: dict[str, Any], base: MappingSettings | None = None) -> MappingSettings:
        """The settings of a request; what it leaves out is as in ``base``, or Lambda's default.

        Raises InvalidParameterValueException for what cannot go together or is out of range.
        """
        was = base or cls()
        destination = request.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination")
        criteria = request.get("FilterCriteria")
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
            partial="ReportBatchItemFailures" in request.get("FunctionResponseTypes", ())
            or ("FunctionResponseTypes" not in request and was.partial),
            destination=destination or was.destination,
            patterns=was.patterns if criteria is None else compile_patterns(criteria),
        )
        settings.check()
        return settings

    def check(self) -> None:
        """Raise InvalidParameterValueException for what cannot go together or is out of range."""
        if 0 <= self.age_s < _SHORTEST_AGE_S:
            raise invalid(
                f"MaximumRecordAgeInSeconds must be -1 or at least {_SHORTEST_AGE_S}, not "
                f"{self.age_s}."
            )
        if (self.start == "AT_TIMESTAMP") is not (self.start_at is not None):
            raise invalid(
                "StartingPositionTimestamp is needed if, and only if, StartingPosition is "
                "AT_TIMESTAMP."
            )
        if self.tumbling_s and self.parallel > 1:
            raise invalid("TumblingWindowInSeconds needs a ParallelizationFactor of 1.")
        if self.tumbling_s and self.window_s:
            raise invalid(
                "TumblingWindowInSeconds and MaximumBatchingWindowInSeconds cannot both be set."
            )
