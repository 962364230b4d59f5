"""What a run of a pipeline gave, minute by minute, the same from both levels of detail."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from kinesis_sim.errors import MissingPackage, UsageError

if TYPE_CHECKING:
    import pandas

    from kinesis_sim.simulator import Simulator

Row = dict[str, Any]
Columns = Mapping[str, Sequence[Any]]
MINUTE_COLUMNS = (
    "minute",
    "offered",
    "stored",
    "throttled",
    "retried",
    "lost",
    "buffered",
    "bytes",
    "shards",
    "latency_ms",
)
TOTALS = ("offered", "sent", "stored", "throttled", "retried", "expired", "dropped", "bytes")


@dataclass(frozen=True)
class Result:
    """A finished run.

    level: "records" or "flow". rows: one dict per minute, what figures are drawn from: minute (0 is
    the first), offered, stored, throttled (refused attempts), retried and lost user records;
    buffered at the minute's end; bytes stored, keys counted; open shards; latency_ms, the mean from
    offer to storage. producers: a row of totals per producer. sim: the simulator of a run at record
    level, its clock at the end.

    consumer_totals: a row per consumer: records processed, bytes of their data, duplicates,
    throttled, errors; the largest lag and the last one (ms); cost in US dollars of the run, exact
    (see ``cost``), None for consumers of the caller's own kind.
    """

    level: str
    stream: str
    rows: list[Row]
    producers: list[Row]
    shard_columns: Callable[[], Columns] = field(repr=False)
    consumer_rows: list[Row] = field(default_factory=list, repr=False)
    consumer_totals: list[Row] = field(default_factory=list, repr=False)
    sim: Simulator | None = field(default=None, repr=False)

    @cached_property
    def minutes(self) -> pandas.DataFrame:
        """``rows`` as a DataFrame, indexed by minute."""
        return _frame(self.rows, MINUTE_COLUMNS).set_index("minute")

    @cached_property
    def shards(self) -> pandas.DataFrame:
        """A row per minute and shard that saw traffic.

        Columns: minute, shard (its number), records and bytes stored, throttled, and utilisation,
        the larger of records and bytes over what the shard takes in a minute. Records are Kinesis
        records: an aggregate counts once.
        """
        return _frame(self.shard_columns())

    @cached_property
    def consumers(self) -> pandas.DataFrame:
        """A row per minute and consumer.

        Columns: minute, consumer, records processed and bytes of their data; duplicates: records
        handed over again, be it after a failure, a crash or a take-over; age_ms: the largest age of
        a batch's last record when it was handed over (CloudWatch's iterator age); lag_ms: the age
        of the oldest record not processed when the minute ends; throttled: calls refused for going
        too fast (GetRecords, SubscribeToShard, ReceiveQueueRecords); errors: failures of handler or
        function.
        """
        return _frame(self.consumer_rows)

    @property
    def totals(self) -> Row:
        """Sums over the run.

        Offered, sent, stored, throttled, retried, expired, dropped user records, bytes stored, and
        what is still buffered.
        """
        found = {name: sum(row.get(name, 0) for row in self.producers) for name in TOTALS}
        found["bytes"] = sum(row["bytes"] for row in self.rows)
        found["buffered"] = sum(row["buffered"] for row in self.producers)
        return found

    def figure(self, *, lang: str | None = None) -> Any:
        """The run over time, as a ``Sheet`` of the room ``show``.

        What was offered, stored and throttled, what waited, the open shards, and consumers' lag.

        lang: "en" or "pt-BR"; that of the simulator's ``show`` unless given. Raises MissingPackage
        without matplotlib.
        """
        from kinesis_sim.simulator import Simulator

        sim = self.sim or Simulator()  # flows have none; pictures hang on one
        return sim.show.run(self, lang=lang)

    def bill(self) -> Any:
        """The bill of the account that the records went to (record level only)."""
        if self.sim is None:
            raise UsageError("A run at flow level has no account to bill: use run() for a bill.")
        return self.sim.bill()

    def __repr__(self) -> str:
        told = ", ".join(f"{name} {value:,.0f}" for name, value in self.totals.items())
        return f"<Result of {len(self.rows)} minutes of {self.stream}: {told}>"


def _frame(rows: list[Row] | Columns, columns: Sequence[str] = ()) -> pandas.DataFrame:
    try:
        import pandas
    except ImportError:
        raise MissingPackage('Tables need pandas: pip install "kinesis-lab[lab]"') from None
    return pandas.DataFrame(rows, columns=list(columns) or None)
