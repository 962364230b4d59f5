"""Random calls against the plain model of ``reference.py``: both must say the same."""

from __future__ import annotations

from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from kinesis_sim import Simulator
from kinesis_sim.errors import ServiceError
from tests.effort import examples
from tests.laws.reference import HOUR, TOP, Reference

ARN = "arn:aws:kinesis:us-east-1:123456789012:stream/s"
KEYS = st.sampled_from([*"abcdefgh", "chave1", "ação", "🎈"])
SHARDS = st.integers(0, 12)
HOURS = st.sampled_from([0, 23, 24, 25, 30, 48, 168, 8_760, 8_761])
STEPS = st.sampled_from([0, 1, 999, 1_000, HOUR - 1, HOUR, 12 * HOUR, 24 * HOUR, 24 * HOUR + 1])
PLACES = st.one_of(st.integers(0, TOP), st.sampled_from([0, 1, 2, TOP - 1, TOP, 1 << 127]))


class Streams(RuleBasedStateMachine):
    """Calls through the gate on one side, the reference on the other."""

    @initialize(count=st.integers(1, 5))
    def begin(self, count: int) -> None:
        self.sim = Simulator(latency=None, delays="instant", limits="off", start=0)
        self.reference = Reference(count)
        self.last: dict[int, int] = {}
        self.stored: list[tuple[int, str, bytes]] = []
        self.ask("CreateStream", StreamName="s", ShardCount=count)

    def ask(self, operation: str, **params: Any) -> dict[str, Any]:
        return self.sim.gate.call("kinesis", operation, params)

    def code(self, operation: str, **params: Any) -> str | None:
        try:
            self.ask(operation, **params)
        except ServiceError as error:
            return error.code
        return None

    @rule(key=KEYS, data=st.binary(max_size=3), explicit=st.none() | PLACES)
    def put(self, key: str, data: bytes, explicit: int | None) -> None:
        extra = {} if explicit is None else {"ExplicitHashKey": str(explicit)}
        answer = self.ask("PutRecord", StreamName="s", PartitionKey=key, Data=data, **extra)
        index = self.reference.put(key, data, explicit)
        self.store(index, answer, data)

    @rule(keys=st.lists(KEYS, min_size=1, max_size=12))
    def put_many(self, keys: list[str]) -> None:
        entries = [{"PartitionKey": key, "Data": key.encode()} for key in keys]
        answer = self.ask("PutRecords", StreamName="s", Records=entries)
        assert answer["FailedRecordCount"] == 0
        for key, row in zip(keys, answer["Records"], strict=True):
            self.store(self.reference.put(key, key.encode(), None), row, key.encode())

    def store(self, index: int, row: dict[str, Any], data: bytes) -> None:
        number = int(row["SequenceNumber"])
        assert row["ShardId"] == f"shardId-{index:012d}"
        family = [index, *self.reference.shards[index].parents]
        assert all(number > self.last.get(member, 0) for member in family)
        self.last[index] = number
        self.stored.append((index, row["SequenceNumber"], data))

    @rule(index=SHARDS, at=PLACES, middle=st.booleans())
    def split(self, index: int, at: int, middle: bool) -> None:
        if middle and index < len(self.reference.shards):
            at = (self.reference.shards[index].low + self.reference.shards[index].high) // 2
        params = {"ShardToSplit": f"shardId-{index:012d}", "NewStartingHashKey": str(at)}
        assert self.code("SplitShard", StreamName="s", **params) == self.reference.split(index, at)

    @rule(one=SHARDS, other=SHARDS, neighbours=st.booleans())
    def merge(self, one: int, other: int, neighbours: bool) -> None:
        pieces = sorted(self.reference.open(), key=lambda i: self.reference.shards[i].low)
        if neighbours and len(pieces) > 1:
            one, other = pieces[one % (len(pieces) - 1) :][:2]
        params = {"ShardToMerge": str(one), "AdjacentShardToMerge": str(other)}
        assert self.code("MergeShards", StreamName="s", **params) == self.reference.merge(
            one, other
        )

    @rule(goal=st.integers(1, 9))
    def scale(self, goal: int) -> None:
        params = {"TargetShardCount": goal, "ScalingType": "UNIFORM_SCALING"}
        code = self.code("UpdateShardCount", StreamName="s", **params)
        assert code == self.reference.scale(goal)

    @rule(on_demand=st.booleans())
    def switch(self, on_demand: bool) -> None:
        mode = {"StreamMode": "ON_DEMAND" if on_demand else "PROVISIONED"}
        code = self.code("UpdateStreamMode", StreamARN=ARN, StreamModeDetails=mode)
        assert code == self.reference.switch(on_demand)

    @rule(hours=HOURS, increase=st.booleans())
    def retain(self, hours: int, increase: bool) -> None:
        operation = f"{'In' if increase else 'De'}creaseStreamRetentionPeriod"
        code = self.code(operation, StreamName="s", RetentionPeriodHours=hours)
        assert code == self.reference.retain(hours, increase)

    @rule(ms=STEPS)
    def pass_time(self, ms: int) -> None:
        self.sim.clock.advance(ms)
        self.reference.pass_time(ms)

    @rule(pick=st.integers(0, 1_000), after=st.booleans())
    def read_from_a_number(self, pick: int, after: bool) -> None:
        if not self.stored:
            return
        index, number, _ = self.stored[pick % len(self.stored)]
        if self.reference.shards[index].expired:
            return
        kind = "AFTER_SEQUENCE_NUMBER" if after else "AT_SEQUENCE_NUMBER"
        mine = [(n, data) for i, n, data in self.stored if i == index]
        place = mine.index(next(row for row in mine if row[0] == number)) + after
        kept = len(self.reference.shards[index].records)
        expected = mine[max(place, len(mine) - kept) :]
        answer = self.records(index, kind, StartingSequenceNumber=number)
        assert [(r["SequenceNumber"], r["Data"]) for r in answer["Records"]] == expected

    @rule(index=SHARDS, ago=st.sampled_from([0, 1, HOUR, 24 * HOUR, 25 * HOUR]))
    def read_from_an_instant(self, index: int, ago: int) -> None:
        if index not in self.reference.listed() or ago > self.reference.now:
            return
        at = self.reference.now - ago
        answer = self.records(index, "AT_TIMESTAMP", Timestamp=at)
        expected = [r.data for r in self.reference.shards[index].records if r.at >= at]
        assert [row["Data"] for row in answer["Records"]] == expected

    @rule(index=SHARDS)
    def read_from_now(self, index: int) -> None:
        if index in self.reference.listed():
            assert self.records(index, "LATEST")["Records"] == []

    def records(self, index: int, kind: str, **options: Any) -> dict[str, Any]:
        params = {"ShardId": f"shardId-{index:012d}", "ShardIteratorType": kind, **options}
        token = self.ask("GetShardIterator", StreamName="s", **params)["ShardIterator"]
        return self.ask("GetRecords", ShardIterator=token)

    @invariant()
    def the_same_shards_are_listed(self) -> None:
        rows = self.ask("ListShards", StreamName="s")["Shards"]
        assert [int(row["ShardId"][-12:]) for row in rows] == self.reference.listed()
        for index, row in zip(self.reference.listed(), rows, strict=True):
            mine = self.reference.shards[index]
            hashes = row["HashKeyRange"]
            assert (int(hashes["StartingHashKey"]), int(hashes["EndingHashKey"])) == (
                mine.low,
                mine.high,
            )
            members = ("ParentShardId", "AdjacentParentShardId")
            assert [int(row[m][-12:]) for m in members if m in row] == mine.parents
            closed = "EndingSequenceNumber" in row["SequenceNumberRange"]
            assert closed == (mine.closed is not None)

    @invariant()
    def the_same_records_are_readable(self) -> None:
        for index in self.reference.listed():
            shard = self.reference.shards[index]
            answer = self.records(index, "TRIM_HORIZON")
            rows = [
                (r["ApproximateArrivalTimestamp"], r["PartitionKey"], r["Data"])
                for r in answer["Records"]
            ]
            assert rows == [(r.at, r.key, r.data) for r in shard.records]
            over = shard.closed is not None and not rows  # the end comes one empty answer later
            assert ("NextShardIterator" in answer) == (not over)
            growing = shard.closed is not None and rows  # at such an end it goes on, as recorded
            age = self.reference.now // 1_000 - rows[-1][0] // 1_000 if growing else 0
            assert answer["MillisBehindLatest"] == age * 1_000


TestStreams = Streams.TestCase
TestStreams.settings = settings(max_examples=examples(60), stateful_step_count=30)
