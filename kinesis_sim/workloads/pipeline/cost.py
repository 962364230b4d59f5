"""What each consumer of a pipeline cost in Kinesis over the run, out of the account's bill.

- Fan-out: hours are the stream's, divided evenly among the consumers registered with it; data
  goes by the bytes pushed to each.
- Retrieval (on-demand data out, long-term data): a GetRecords call does not say who makes it, so
  the line is divided by the bytes that each consumer processed; what somebody outside the pipeline
  read cannot be told apart. Under Advantage, pushed data is in that line as well.
- Shared reads of a provisioned stream are free within seven days (facts/data-streams §8).
- Left out: DynamoDB, Lambda, CloudWatch, which the bill does not have, and queues, whose price is
  not known.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from kinesis_sim.account.bill import Bill
from kinesis_sim.events import Event
from kinesis_sim.simulator import Simulator
from kinesis_sim.streams.events import RecordsPushed
from kinesis_sim.workloads.pipeline.attendance import AtWork

RETRIEVALS = ("data_out", "long_term_retrieval")
ZERO = Decimal(0)


class Costs:
    """The costs of a run that begins now."""

    def __init__(self, sim: Simulator, stream: str) -> None:
        self._sim, self._stream = sim, stream
        self._before = sim.bill()
        self._pushed: dict[str, int] = {}
        self._end: Callable[[], None] = sim.events.subscribe(self._hear, RecordsPushed)

    def _hear(self, event: Event) -> None:
        if isinstance(event, RecordsPushed) and event.stream == self._stream:
            known = self._pushed.get(event.consumer, 0)
            self._pushed[event.consumer] = known + event.bytes

    def end(self, consumers: list[AtWork]) -> dict[str, Decimal]:
        """US dollars by consumer, for what was used since the beginning."""
        self._end()
        found = dict.fromkeys((each.name for each in consumers), ZERO)
        after = self._sim.bill()
        for consumer in consumers:
            found[consumer.name] += self._fan_out(consumer, after)
        for name, share in self._shares(consumers, after).items():
            found[name] += share * self._used(after, RETRIEVALS)
        return found

    def _used(self, after: Bill, items: tuple[str, ...]) -> Decimal:
        """What the stream's lines of these items cost since the beginning."""
        return _amount(after.of(self._stream), items) - _amount(
            self._before.of(self._stream), items
        )

    def _fan_out(self, consumer: AtWork, after: Bill) -> Decimal:
        if consumer.registered is None:
            return ZERO
        streams = self._sim.streams
        there = len(streams.consumers_of(streams[self._stream]))
        pushed = Decimal(self._pushed.get(consumer.registered, 0))
        data = self._used(after, ("fan_out_data",)) * pushed / max(1, sum(self._pushed.values()))
        return self._used(after, ("fan_out_hour",)) / max(1, there) + data

    def _shares(self, consumers: list[AtWork], after: Bill) -> dict[str, Decimal]:
        """Whose part of retrievals is how large."""
        pushed_too = any(line.item == "advantage.data_out" for line in after.rows)
        read = {
            each.name: each.bytes
            for each in consumers
            if each.billed and (pushed_too or each.registered is None)
        }
        total = sum(read.values())
        return {name: Decimal(size) / total for name, size in read.items()} if total else {}


def _amount(bill: Bill, items: tuple[str, ...]) -> Decimal:
    lines = [line for line in bill.rows if line.item.partition(".")[2] in items]
    return sum((line.amount for line in lines), ZERO)
