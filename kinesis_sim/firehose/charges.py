"""What Firehose streams use, as AWS meters it, folded from events: the quantities of a bill.

Source: facts/firehose §8. A GB is 2**30 bytes. Each record is rounded up to 5 KB, whether put or
read from a data stream (there: the Kinesis record, aggregates unopened; model's choice), and so is
what format conversion is charged for. Tiers count all streams together and begin anew each calendar
month (UTC) of the simulated clock, a TB being 1,024 GB (model's choices).
Delivery into a VPC is charged by the hour while its configuration is in force, partial hours as
whole ones, each subnet counted as an Availability Zone of its own (model's choice).
Snowflake's, Iceberg's and decompression's prices have no source and are not billed. A jq query is
taken to run a millisecond a record (model's choice: AWS meters it, and does not say how).
Not billed by Firehose: S3, Lambda, Glue, KMS, the data stream that is read.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from kinesis_sim.account.bill import Line
from kinesis_sim.account.fold import FoldFromNow
from kinesis_sim.account.prices import PriceList
from kinesis_sim.events import Event
from kinesis_sim.firehose.events import (
    DeliveryStreamChanged,
    DeliveryTried,
    DestinationChanged,
    ObjectWritten,
    RecordsPartitioned,
    RecordsTaken,
    SourceRead,
)
from kinesis_sim.instants import HOUR, to_datetime
from kinesis_sim.units import GIB

TIERS = (
    ("firehose.data_in", 500 * 1024 * GIB),
    ("firehose.data_in_over_500_tb", 1_536 * 1024 * GIB),
    ("firehose.data_in_over_2_pb", None),
)
"""Items of the price file with the bytes a month that each is for; None: all that is left."""
JQ_MS = 1
"""How long a jq query runs on a record (model's choice)."""
UNITS = {
    **{item: GIB for item, _ in TIERS},
    "firehose.format_conversion": GIB,
    "firehose.partitioned_data": GIB,
    "firehose.partitioned_objects": 1_000,
    "firehose.jq_hour": HOUR,
    "firehose.vpc_data": GIB,
    "firehose.vpc_hour": 1,
}


class FirehoseCharges(FoldFromNow):
    """The fold."""

    def __init__(self) -> None:
        self._used: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
        self._settings: dict[str, DestinationChanged] = {}
        self._into_vpc: dict[str, tuple[int, int]] = {}
        self._month = (0, 0)
        self._this_month = 0

    def take(self, events: Iterable[Event]) -> None:
        """Take events in, in order."""
        for event in events:
            take = _FOLDS.get(type(event))
            if take is not None:
                take(self, event)

    def lines(self, prices: PriceList, now: int) -> list[Line]:
        """What was used up to ``now`` (epoch ms), at the given prices."""
        used = {name: dict(items) for name, items in self._used.items()}
        for name, (since, subnets) in self._into_vpc.items():
            items = used.setdefault(name, {})
            items["firehose.vpc_hour"] = items.get("firehose.vpc_hour", 0) + _hours(
                since, now, subnets
            )
        return [
            Line(name, prices[item], items[item], denominator)
            for name, items in used.items()
            for item, denominator in UNITS.items()
            if items.get(item)
        ]

    def _changed(self, event: DestinationChanged) -> None:
        self._settings[event.stream] = event
        _, subnets = self._into_vpc.get(event.stream, (0, 0))
        if subnets != event.subnets:
            self._leave_vpc(event.stream, event.at)
            if event.subnets:
                self._into_vpc[event.stream] = (event.at, event.subnets)

    def _status(self, event: DeliveryStreamChanged) -> None:
        if event.became in (None, "DELETING"):
            self._leave_vpc(event.stream, event.at)

    def _leave_vpc(self, stream: str, at: int) -> None:
        known = self._into_vpc.pop(stream, None)
        if known is not None:
            self._used[stream]["firehose.vpc_hour"] += _hours(known[0], at, known[1])

    def _tried(self, event: DeliveryTried) -> None:
        settings = self._settings.get(event.stream)
        if settings is not None and settings.subnets and event.destination != "S3":
            self._used[event.stream]["firehose.vpc_data"] += event.bytes

    def _partitioned(self, event: RecordsPartitioned) -> None:
        settings = self._settings.get(event.stream)
        if settings is not None and settings.jq:
            self._used[event.stream]["firehose.jq_hour"] += event.records * JQ_MS

    def _taken(self, event: RecordsTaken | SourceRead) -> None:
        used = self._used[event.stream]
        for item, size in self._tiered(event.at, event.billed_bytes):
            used[item] += size
        settings = self._settings.get(event.stream)
        if settings is not None and settings.conversion:
            used["firehose.format_conversion"] += event.billed_bytes

    def _tiered(self, at: int, size: int) -> Iterator[tuple[str, int]]:
        """The bytes that came at a time, by the tier they fall into."""
        moment = to_datetime(at)
        if (moment.year, moment.month) != self._month:
            self._month, self._this_month = (moment.year, moment.month), 0
        before, self._this_month = self._this_month, self._this_month + size
        for item, room in TIERS:
            part = size if room is None else min(size, max(room - before, 0))
            yield item, part
            size, before = size - part, max(before - (room or 0), 0)

    def _written(self, event: ObjectWritten) -> None:
        settings = self._settings.get(event.stream)
        if settings is not None and settings.partitioning and event.kind == "data":
            self._used[event.stream]["firehose.partitioned_data"] += event.bytes
            self._used[event.stream]["firehose.partitioned_objects"] += 1


def _hours(since: int, until: int, subnets: int) -> int:
    """Begun hours, once for each subnet."""
    return -(-(until - since) // HOUR) * subnets


_FOLDS: dict[type, Callable[[FirehoseCharges, Any], None]] = {
    DeliveryStreamChanged: FirehoseCharges._status,
    DeliveryTried: FirehoseCharges._tried,
    DestinationChanged: FirehoseCharges._changed,
    RecordsPartitioned: FirehoseCharges._partitioned,
    RecordsTaken: FirehoseCharges._taken,
    SourceRead: FirehoseCharges._taken,
    ObjectWritten: FirehoseCharges._written,
}
FirehoseCharges.kinds = tuple(_FOLDS)
