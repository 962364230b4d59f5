"""A handler that looks at the age of what it is handed: how late a reader is."""

from __future__ import annotations

from kinesis_sim.simulator import Simulator
from kinesis_sim.workloads.readers.reader import Record


class Ages:
    """Takes a consumer's records and keeps how old each was, in ms, when it came.

    seen: the records' data, in order. ``sim.clock`` says what time it is.
    """

    def __init__(self, sim: Simulator) -> None:
        self.ages: list[int] = []
        self.seen: list[bytes] = []
        self._sim = sim

    def __call__(self, shard: str, records: list[Record]) -> None:
        """Take a batch."""
        now = self._sim.clock.now
        self.ages += [now - record["ApproximateArrivalTimestamp"] for record in records]
        self.seen += [record["Data"] for record in records]

    @property
    def oldest(self) -> int:
        """The greatest age (ms), 0 before the first record."""
        return max(self.ages, default=0)

    @property
    def repeated(self) -> int:
        """How many records came again, told by their data."""
        return len(self.seen) - len(set(self.seen))

    def clear(self) -> None:
        """Forget what came so far."""
        self.ages.clear()
        self.seen.clear()
