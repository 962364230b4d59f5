"""What can happen to an event source mapping."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from kinesis_sim.events import Event, Labels
from kinesis_sim.folded import Number


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionInvoked(Event):
    """A function was called with a batch.

    outcome: "ok" or why it failed; age: ms since the batch's last record arrived, when the call was
    done (Lambda's IteratorAge).
    """

    chatter: ClassVar[bool] = True
    stream: str
    function: str
    shard: str
    records: int
    outcome: str
    age: int

    @property
    def place(self) -> tuple[object, ...]:
        """Of each function and shard, the newest stays."""
        return self.function, self.shard

    def parts(self) -> Iterator[tuple[Labels, dict[str, Number]]]:
        """A row per function and shard."""
        labels = (("stream", self.stream), ("function", self.function), ("shard", self.shard))
        failed = int(self.outcome != "ok")
        yield labels, {"invocations": 1, "errors": failed, "records": self.records}


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchGivenUp(Event):
    """A mapping stopped retrying a batch; its records stay in the stream."""

    chatter: ClassVar[bool] = True
    stream: str
    function: str
    shard: str
    records: int
    condition: str

    def parts(self) -> Iterator[tuple[Labels, dict[str, Number]]]:
        """A row per function and shard."""
        labels = (("stream", self.stream), ("function", self.function), ("shard", self.shard))
        yield labels, {"batches": 1, "records": self.records}


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceMoved(Event):
    """A mapping is through with a shard's records up to ``sequence_number``.

    They were processed, filtered out or given up.
    """

    chatter: ClassVar[bool] = True
    stream: str
    function: str
    shard: str
    sequence_number: str

    @property
    def place(self) -> tuple[object, ...]:
        """Of each function and shard, the newest stays."""
        return self.function, self.shard

    def parts(self) -> Iterator[tuple[Labels, dict[str, Number]]]:
        """A row per function and shard."""
        labels = (("stream", self.stream), ("function", self.function), ("shard", self.shard))
        yield labels, {"count": 1}
