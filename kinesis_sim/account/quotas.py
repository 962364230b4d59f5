"""Every quota and limit the simulator enforces, in one table: value, unit, source, and when it
was checked.

``Simulator(limits={"streams.shards_per_account": 50})`` changes some for a what-if;
``limits="off"``
turns the throttles off (what has ``rate`` in its name or unit), and leaves the quotas.
Sources: facts/data-streams §1.3, §2.4, §2.5, §4 (Q: service-sizes-and-limits; B: botocore 1.44.5).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite

from kinesis_sim.errors import UsageError

CHECKED = "2026-11-22"


@dataclass(frozen=True, slots=True)
class Quota:
    """One limit. value: the default; unit: what it counts; source: the fact row."""

    value: float
    unit: str
    source: str
    checked: str = CHECKED


_LARGE = ("us-east-1", "us-west-2", "eu-west-1")

TABLE: dict[str, Quota] = {
    "streams.shards_per_account": Quota(20_000, "shards", "Q: 20,000 in three Regions; §2.4"),
    "streams.shards_per_account_elsewhere": Quota(
        6_000, "shards", "Q: 1,000 or 6,000 by Region, which is which not stored; §2.4"
    ),
    "streams.on_demand_streams": Quota(50, "streams", "Q; §2.4"),
    "streams.creating": Quota(5, "streams CREATING at once", "B CreateStream; §1.3"),
    "streams.consumers": Quota(20, "consumers per stream", "Q; §2.4"),
    "streams.consumers_advantage": Quota(50, "consumers per stream", "Q; §2.4"),
    "streams.consumers_creating": Quota(
        5, "consumers CREATING at once", "B RegisterStreamConsumer; §2.4"
    ),
    "streams.shards_per_stream": Quota(10_000, "shards", "B UpdateShardCount; §2.5"),
    "streams.scalings_per_day": Quota(10, "UpdateShardCount calls per 24 h and stream", "B; §2.5"),
    "streams.mode_switches_per_day": Quota(
        2, "switches per 24 h and stream", "B UpdateStreamMode; Q"
    ),
    "streams.encryption_changes_per_day": Quota(
        25, "Start, and Stop, per 24 h and stream", "B; §1.3"
    ),
    "streams.warm_throughput": Quota(10_240, "MiB/s", "B UpdateStreamWarmThroughput; §1.3"),
    "streams.shard_write_records": Quota(1_000, "records/s per shard", "B CreateStream; §4.1"),
    "streams.shard_write_bytes": Quota(
        1_048_576, "bytes/s per shard, keys counted", "B CreateStream says MiB, Q says MB; §4.1"
    ),
    "streams.shard_burst_bytes": Quota(10_485_760, "bytes at once, large records", "LR; §4.2"),
    "streams.shard_read_calls": Quota(5, "GetRecords calls/s per shard", "B GetRecords; Q; §4.1"),
    "streams.shard_read_bytes": Quota(2_097_152, "bytes/s per shard", "B CreateStream; Q; §4.1"),
    "streams.put_call_bytes": Quota(
        10_485_760, "bytes of one PutRecords call, keys counted", "Q; B PutRecords; §4.2"
    ),
    "streams.read_call_bytes": Quota(10_485_760, "bytes of one GetRecords call", "B; §4.1"),
    "streams.read_call_records": Quota(10_000, "records of one GetRecords call", "B; §4.1"),
    "streams.fan_out_bytes": Quota(
        2_097_152, "bytes/s per registered consumer and shard", "B RegisterStreamConsumer; §4.1"
    ),
    "streams.subscription_seconds": Quota(
        300, "seconds that a subscription lasts", "B SubscribeToShard; §4.1"
    ),
    "streams.take_over_seconds": Quota(
        5, "seconds until another call takes a subscription over", "B SubscribeToShard; §4.1"
    ),
    "streams.retention_least": Quota(24, "hours of retention at least", "B; §5"),
    "streams.retention_most": Quota(8_760, "hours of retention at most", "B; §5"),
    "streams.shard_iterator_calls": Quota(5, "GetShardIterator calls/s per shard", "Q; §1.3"),
    "streams.subscribe_calls": Quota(
        1, "SubscribeToShard calls/s per consumer and shard", "B SubscribeToShard; §4.1"
    ),
    "streams.on_demand_split_bytes": Quota(
        500_000, "bytes/s above which an on-demand shard is split", "SZ (500 KB/s); §4.3"
    ),
    "streams.on_demand_split_records": Quota(
        500,
        "records/s above which an on-demand shard is split",
        "AWS Big Data Blog, 'on-demand … scales up to 1 GB/second' (2023); SZ has bytes only",
    ),
    "streams.on_demand_split_minutes": Quota(
        10, "minutes from there to the split", "SZ: within 15; ten is the model's choice; §4.3"
    ),
    "streams.on_demand_start_shards": Quota(
        4, "shards of a new on-demand stream: 4 MB/s and 4,000 records/s of writes", "Q; §4.3"
    ),
    "streams.on_demand_growth_percent": Quota(
        200, "% of the peak write throughput that the whole stream takes", "SZ (double); §4.3"
    ),
    "streams.on_demand_growth_minutes": Quota(
        15,
        "minutes from a minute's beginning until it counts as a peak",
        "SZ: throttles what more than doubles within 15; where they begin is the model's choice",
    ),
    "streams.on_demand_ceiling": Quota(10_240, "MB/s of writes", "Q: three Regions; §4.3"),
    "streams.on_demand_ceiling_elsewhere": Quota(200, "MB/s of writes", "Q; §4.3"),
    "streams.on_demand_memory_days": Quota(30, "days that a peak is remembered", "SZ; §4.3"),
    "streams.queues_changing": Quota(5, "queues CREATING or DELETING", "QQ; §1.3"),
    "streams.queue_in_flight": Quota(120_000, "records in flight per queue", "QQ; §1.3"),
    "streams.iterator_seconds": Quota(300, "seconds that a shard iterator lives", "B; §3.3"),
    "streams.page_token_seconds": Quota(300, "seconds that a NextToken lives", "B; §1.4"),
    "streams.policy_bytes": Quota(
        20_480, "bytes of a resource policy", "IAM's bound; Kinesis's own is not stored: unverified"
    ),
    "account.tags": Quota(50, "tags per resource", "Q; streams §1.3, firehose §1.1"),
    "streams.channels": Quota(50, "channels", "not published: model's choice, unverified"),
}


TABLE |= {
    "firehose.streams": Quota(5_000, "Firehose streams", "DG:limits, five Regions; firehose §1.5"),
    "firehose.streams_elsewhere": Quota(
        500, "Firehose streams", "DG:limits: 2,000, 500 (sa-east-1) or 100; firehose §1.5"
    ),
    "firehose.put_records": Quota(500_000, "records/s per stream", "DG:limits; firehose §1.5"),
    "firehose.put_requests": Quota(2_000, "requests/s per stream", "DG:limits; firehose §1.5"),
    "firehose.put_bytes": Quota(5 * 2**20, "bytes/s per stream", "DG:limits; firehose §1.5"),
    "firehose.put_records_elsewhere": Quota(
        100_000, "records/s per stream", "DG:limits; firehose §1.5"
    ),
    "firehose.put_requests_elsewhere": Quota(
        1_000, "requests/s per stream", "DG:limits; firehose §1.5"
    ),
    "firehose.put_bytes_elsewhere": Quota(2**20, "bytes/s per stream", "DG:limits; firehose §1.5"),
    "firehose.calls": Quota(5, "calls/s of each control operation", "DG:limits; firehose §1.1"),
    "firehose.encryption_changes_per_day": Quota(
        25, "Start and Stop together per 24 h and stream", "B StartDeliveryStreamEncryption; §1.1"
    ),
    "firehose.streams_per_key": Quota(
        500, "Firehose streams per customer managed key", "B DeliveryStreamEncryption…Input; §1.2"
    ),
    "firehose.active_partitions": Quota(
        500, "active partitions per stream", "DG:limits; firehose §1.5"
    ),
}

RATES: dict[str, tuple[int, str]] = {
    "CreateStream": (5, "account"),
    "DeleteStream": (5, "account"),
    "DescribeStream": (10, "account"),
    "DescribeStreamSummary": (20, "account"),
    "ListStreams": (5, "account"),
    "ListShards": (1_000, "stream"),
    "DescribeLimits": (1, "account"),
    "SplitShard": (5, "account"),
    "MergeShards": (5, "account"),
    "UpdateShardCount": (10, "account"),
    "UpdateStreamWarmThroughput": (5, "account"),
    "UpdateAccountSettings": (5, "account"),
    "DescribeAccountSettings": (5, "account"),
    "IncreaseStreamRetentionPeriod": (5, "stream"),
    "DecreaseStreamRetentionPeriod": (5, "stream"),
    "EnableEnhancedMonitoring": (5, "stream"),
    "DisableEnhancedMonitoring": (5, "stream"),
    "RegisterStreamConsumer": (5, "account"),
    "DeregisterStreamConsumer": (5, "stream"),
    "DescribeStreamConsumer": (20, "stream"),
    "ListStreamConsumers": (5, "stream"),
    "AddTagsToStream": (5, "account"),
    "RemoveTagsFromStream": (5, "account"),
    "ListTagsForStream": (5, "account"),
    "CreateChannel": (5, "account"),
    "UpdateChannel": (5, "account"),
    "DeleteChannel": (5, "account"),
    "DescribeChannel": (5, "account"),
    "ListChannels": (5, "account"),
    "PutResourcePolicy": (5, "account"),
    "GetResourcePolicy": (5, "account"),
    "DeleteResourcePolicy": (5, "account"),
}
"""Control calls per second of service ``kinesis``, and over what they are counted: facts §1.3.

Where the API text and the quota page differ, the API text's scope is taken. Operations that are not
here have no published rate: the queue operations among them.
"""

CALLS = "streams.calls."
"""What the name of a call rate begins with in the table: ``streams.calls.CreateStream``."""

TABLE |= {
    f"{CALLS}{operation}": Quota(rate, f"calls/s per {scope}", "B and Q; §1.3")
    for operation, (rate, scope) in RATES.items()
}


CONTRADICTIONS = (
    (
        "streams.shard_burst_bytes",
        "streams.shard_write_bytes",
        "streams.shard_burst_bytes",
        "what a shard takes at once is at least what it takes in a second",
    ),
    (
        "streams.on_demand_split_bytes",
        "streams.on_demand_split_bytes",
        "streams.shard_write_bytes",
        "a shard that is full before it is split is never split",
    ),
    (
        "streams.on_demand_split_records",
        "streams.on_demand_split_records",
        "streams.shard_write_records",
        "a shard that is full before it is split is never split",
    ),
    (
        "streams.retention_least",
        "streams.retention_least",
        "streams.retention_most",
        "no retention period is then allowed",
    ),
    (
        "streams.retention_most",
        "streams.retention_least",
        "streams.retention_most",
        "no retention period is then allowed",
    ),
)
"""What was changed, the limit that must not be above the other, that other, and the rule."""


AT_LEAST_ONE = (
    "streams.shard_write_records",
    "streams.shard_write_bytes",
    "streams.shard_read_bytes",
    "streams.fan_out_bytes",
    "streams.on_demand_start_shards",
)
"""What must not be 0: nothing could ever be stored, read or opened. ``limits="off"`` has no end."""


class Limits:
    """The quotas of one simulator: the table above with a learner's changes."""

    def __init__(
        self, changes: Mapping[str, float] | str | None = None, region: str = "us-east-1"
    ) -> None:
        self.throttling = changes != "off"
        if isinstance(changes, str):
            if changes not in ("off", "on"):
                raise UsageError(
                    f"limits={changes!r}: give 'on', 'off' or a dict of changed limits."
                )
            changes = None
        self._changes = dict(changes or {})
        self._region = region
        for name in self._changes:
            if name not in TABLE:
                known = ", ".join(sorted(TABLE))
                raise UsageError(f"limits has no {name!r}; the names are: {known}.")
        self._check()

    def _check(self) -> None:
        """Refuse numbers that are none, and limits of which one makes the other pointless."""
        for name, value in self._changes.items():
            if not (isinstance(value, int | float) and isfinite(value) and value >= 0):
                raise UsageError(f"limits {name}={value!r}: give a number of 0 or more.")
            if name in AT_LEAST_ONE and value < 1:
                raise UsageError(f"limits {name}={value}: give 1 or more, or limits='off'.")
        for name, low, high, why in CONTRADICTIONS:
            if name in self._changes and self[low] > self[high]:
                both = f"{low}={self[low]} and {high}={self[high]}"
                raise UsageError(f"limits {both} contradict each other: {why}.")

    def __getitem__(self, name: str) -> int:
        value = self._changes.get(name)
        return int(TABLE[name].value if value is None else value)

    @property
    def on_demand_shards(self) -> int:
        """Shards an on-demand stream may grow to: its write ceiling at one MiB/s a shard."""
        name = "streams.on_demand_ceiling"
        return self[
            name if self._region in _LARGE or name in self._changes else f"{name}_elsewhere"
        ]

    def of_region(self, name: str) -> int:
        """A quota with a row of its own for large Regions and one (``…_elsewhere``) for others."""
        if self._region in _LARGE or name in self._changes:
            return self[name]
        return self[f"{name}_elsewhere"]

    def call_rate(self, operation: str) -> tuple[int, str] | None:
        """Calls per second of a control operation and their scope; None: no published rate, or
        off."""
        if not self.throttling or operation not in RATES:
            return None
        return self[f"{CALLS}{operation}"], RATES[operation][1]

    @property
    def shards_per_account(self) -> int:
        """Open shards the account may have in its Region."""
        name = "streams.shards_per_account"
        if name in self._changes or self._region in _LARGE:
            return self[name]
        return self["streams.shards_per_account_elsewhere"]
