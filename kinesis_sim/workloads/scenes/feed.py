"""Put a workload into a stream at the times when it happens, moving the clock on the way."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby, islice
from typing import TYPE_CHECKING

from kinesis_sim.signatures import typed
from kinesis_sim.words import Speaking, spoken
from kinesis_sim.workloads.events.arrival import Arrival

if TYPE_CHECKING:
    from kinesis_sim.simulator import Simulator

MOST_PER_CALL = 500  # records of one PutRecords call (botocore PutRecordsInput.Records)


@dataclass(frozen=True, slots=True)
class Fed(Speaking):
    """What became of a workload: records that the stream stored, and records it refused."""

    stored: int
    refused: int

    def said(self) -> str:
        """Both in words: 1,000 records stored, 500 refused."""
        words = spoken("workloads")
        return words.count("fed", self.stored, refused=words.number(self.refused))


@typed
def feed(sim: Simulator, stream: str, arrivals: Iterable[Arrival]) -> Fed:
    """Put ``arrivals`` into ``stream`` with PutRecords, one call a second at most 500 records long.

    The clock moves to each second in turn; what happened before now is put now. Refused records are
    counted and not sent again: sending again is a lesson of its own.
    """
    kinesis = sim.client("kinesis")
    sent = refused = 0
    for due, batch in _batches(arrivals):
        if due > sim.clock.now:
            sim.run_until(due)
        entries = [arrival.entry for arrival in batch]
        sent += len(entries)
        refused += kinesis.put_records(StreamName=stream, Records=entries)["FailedRecordCount"]
    return Fed(stored=sent - refused, refused=refused)


def _batches(arrivals: Iterable[Arrival]) -> Iterator[tuple[int, list[Arrival]]]:
    """Arrivals by the second they fall in, with the instant of the last of them (epoch ms)."""
    for _second, together in groupby(arrivals, lambda arrival: arrival.at // 1000):
        while batch := list(islice(together, MOST_PER_CALL)):
            yield batch[-1].at, batch
