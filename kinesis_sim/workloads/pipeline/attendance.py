"""A consumer at work in a pipeline: what it counts, and what of that a minute brings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import astuple, dataclass
from decimal import Decimal
from typing import Any, Protocol

from kinesis_sim.mappings.results import MappingCounts
from kinesis_sim.workloads.pipeline.tally import FunctionTally, HandlerTally
from kinesis_sim.workloads.readers.reader import Reading

CONSUMER_COLUMNS = (
    "minute",
    "consumer",
    "records",
    "bytes",
    "duplicates",
    "age_ms",
    "lag_ms",
    "throttled",
    "errors",
)
SUMS = ("records", "bytes", "duplicates", "throttled", "errors")


@dataclass(frozen=True, slots=True)
class AttendanceSums:
    """Counts up to now, in the order of SUMS.

    Records processed, their bytes of data, records handed over again, calls refused for going too
    fast, and failures of the handler.
    """

    records: int
    bytes: int
    duplicates: int
    throttled: int
    errors: int


class Counting(Protocol):
    """Where a consumer's figures come from."""

    def sums(self) -> AttendanceSums:
        """Counts up to now."""

    def age(self) -> int:
        """The largest age (ms) of a batch's last record when handed over, since the last call."""


@dataclass(frozen=True, slots=True)
class Counted:
    """The figures of a consumer with a handler. again: a count of duplicates of its own."""

    tally: HandlerTally
    reading: Reading
    again: Callable[[], int] | None = None

    def sums(self) -> AttendanceSums:
        """Counts up to now."""
        tally, reading = self.tally, self.reading
        again = tally.duplicates if self.again is None else self.again()
        return AttendanceSums(
            tally.records, reading.bytes, again, reading.throttled, reading.failures
        )

    def age(self) -> int:
        """The largest age since the last call (ms)."""
        return self.tally.age()


@dataclass(frozen=True, slots=True)
class MappingCounted:
    """The figures of an event source mapping; bytes are those handed over, again and again."""

    tally: FunctionTally
    counts: MappingCounts

    def sums(self) -> AttendanceSums:
        """Counts up to now."""
        tally, counts = self.tally, self.counts
        throttled, errors = counts.throttled_reads, counts.errors
        return AttendanceSums(counts.records, tally.bytes, tally.duplicates, throttled, errors)

    def age(self) -> int:
        """The largest age since the last call (ms)."""
        return self.tally.age()


class AtWork:
    """A consumer of a pipeline.

    lag: the age of the oldest record not processed (ms). end: stops it. registered: its name as an
    enhanced fan-out consumer. billed: whether its reads have a price that is known.
    """

    def __init__(
        self,
        name: str,
        lag: Callable[[], int],
        counting: Counting,
        end: Callable[[], object],
        registered: str | None = None,
        *,
        billed: bool = True,
    ) -> None:
        self.name = name
        self.end = end
        self.registered = registered
        self.billed = billed
        self._lag = lag
        self._counting = counting
        self._before = AttendanceSums(0, 0, 0, 0, 0)

    def tick(self, now: int) -> None:
        """Nothing: it runs on the clock."""

    def minute(self) -> dict[str, float]:
        """What the minute brought, by the names in CONSUMER_COLUMNS."""
        now, before = self._counting.sums(), self._before
        self._before = now
        found: dict[str, float] = {
            name: after - earlier
            for name, after, earlier in zip(SUMS, astuple(now), astuple(before), strict=True)
        }
        found |= {"age_ms": self._counting.age(), "lag_ms": self._lag()}
        return {name: found[name] for name in CONSUMER_COLUMNS[2:]}

    @property
    def bytes(self) -> int:
        """Bytes of data processed up to now."""
        return self._counting.sums().bytes


def consumer_total(rows: list[dict[str, Any]], name: str, cost: Decimal | None) -> dict[str, Any]:
    """One consumer's run in a row: see Result.consumer_totals."""
    mine = [row for row in rows if row["consumer"] == name]
    total: dict[str, Any] = {"consumer": name}
    total |= {column: sum(row.get(column, 0) for row in mine) for column in SUMS}
    lags = [row.get("lag_ms", 0) for row in mine]
    total |= {"largest_lag_ms": max(lags, default=0), "last_lag_ms": lags[-1] if lags else 0}
    return {**total, "cost": cost}
