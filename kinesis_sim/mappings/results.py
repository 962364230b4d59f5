"""What came of a mapping's work: counts, the last result, and the events that tell of it."""

from __future__ import annotations

from dataclasses import dataclass, field

from kinesis_sim.clock import Clock
from kinesis_sim.events import EventLog
from kinesis_sim.mappings.batch import Batch
from kinesis_sim.mappings.events import BatchGivenUp, FunctionInvoked, PlaceMoved
from kinesis_sim.mappings.terms import Terms

NOTHING_YET = "No records processed"


@dataclass(slots=True)
class MappingCounts:
    """What a mapping did so far.

    filtered: records that no pattern passed, which is processed; dropped: user records of KPL
    aggregates that are not one shard's alone.
    """

    invocations: int = 0
    errors: int = 0
    records: int = 0
    filtered: int = 0
    dropped: int = 0
    given_up: int = 0
    expired: int = 0
    throttled_reads: int = 0
    last_error: str = ""


@dataclass(slots=True)
class Results:
    """Shards and lanes tell it; the mapping shows it. result: what came of the last invocation."""

    terms: Terms
    clock: Clock
    events: EventLog
    counts: MappingCounts = field(default_factory=MappingCounts)
    result: str = NOTHING_YET
    problem: str = ""

    def call_failed(self, why: str) -> None:
        """Note why the last invocation failed. The problem is in AWS's words."""
        self.problem, self.result = "Function call failed", why
        self.counts.errors += 1
        self.counts.last_error = why

    def read_failed(self, why: str) -> None:
        """Note why the stream could not be read. The problem is in the model's words."""
        self.problem, self.result = "Stream read failed", why
        self.counts.last_error = why

    def processed(self, records: int) -> None:
        """Note records that are dealt with successfully."""
        self.problem, self.result = "", "OK"
        self.counts.records += records

    def mishap(self, error: BaseException) -> str:
        """Note what should not have been raised; what it said."""
        return self.clock.mishaps.note(error, f"mapping of {self.terms.stream}")

    # --- events -------------------------------------------------------------------------------

    def invoked(self, shard: str, batch: Batch, outcome: str) -> None:
        """Tell that the function was called with a batch. outcome: "ok", or why it failed."""
        now = self.clock.now
        last = batch.records[-1]["ApproximateArrivalTimestamp"] if batch.records else now
        self.events.append(
            FunctionInvoked(
                at=now,
                stream=self.terms.stream,
                function=self.terms.function,
                shard=shard,
                records=len(batch.records),
                outcome=outcome,
                age=now - last,
            )
        )

    def given_up(self, shard: str, batch: Batch, condition: str) -> None:
        """Count a batch as given up, and tell so."""
        self.counts.given_up += len(batch.records)
        self.events.append(
            BatchGivenUp(
                at=self.clock.now,
                stream=self.terms.stream,
                function=self.terms.function,
                shard=shard,
                records=len(batch.records),
                condition=condition,
            )
        )

    def moved(self, shard: str, number: int) -> None:
        """Tell the sequence number up to which a shard is dealt with."""
        self.events.append(
            PlaceMoved(
                at=self.clock.now,
                stream=self.terms.stream,
                function=self.terms.function,
                shard=shard,
                sequence_number=str(number),
            )
        )
