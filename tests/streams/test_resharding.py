"""Splits, merges and UpdateShardCount and their messages (facts/data-streams §2.2, §2.5, §4.4)."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.config import Config

from kinesis_sim import Simulator
from tests.streams.calls import (
    ACCOUNT,
    HASH_SPACE,
    TOP,
    create,
    indices,
    merge,
    put,
    read,
    refused,
    scale,
    shard,
    shards,
    split,
    status,
)

IN_STREAM = f"in stream s under account {ACCOUNT}"


def ranges(kinesis: Any) -> list[tuple[int, int]]:
    """The hash ranges of the open shards, in their order."""
    rows = [row["HashKeyRange"] for row in shards(kinesis, Type="AT_LATEST")]
    return sorted((int(row["StartingHashKey"]), int(row["EndingHashKey"])) for row in rows)


def test_a_split_makes_two_children_at_the_key(kinesis: Any) -> None:
    create(kinesis, shards=2)
    split(kinesis, 1, (1 << 127) + 5)
    rows = shards(kinesis)
    assert [row["ShardId"] for row in rows] == [shard(i) for i in range(4)]
    low, high = rows[2:]
    assert low["HashKeyRange"]["StartingHashKey"] == str(1 << 127)
    assert low["HashKeyRange"]["EndingHashKey"] == str((1 << 127) + 4)
    assert high["HashKeyRange"]["StartingHashKey"] == str((1 << 127) + 5)
    assert high["HashKeyRange"]["EndingHashKey"] == str(TOP)
    for child in (low, high):
        assert child["ParentShardId"] == shard(1)
        assert "AdjacentParentShardId" not in child


@pytest.mark.parametrize("offset", [2, 3, HASH_SPACE // 2, TOP - 1])
def test_any_key_well_inside_the_range_may_split_it(kinesis: Any, offset: int) -> None:
    create(kinesis)
    split(kinesis, 0, offset)
    assert ranges(kinesis) == [(0, offset - 1), (offset, TOP)]


@pytest.mark.parametrize("key", [0, 1, TOP, TOP + 1])
def test_a_key_at_the_rim_or_outside_is_refused(kinesis: Any, key: int) -> None:
    create(kinesis)
    with refused(
        "InvalidArgumentException",
        f"NewStartingHashKey {key} used in SplitShard() on shard {shard(0)} {IN_STREAM} is not "
        "both greater than one plus the shard's StartingHashKey 0 and less than the shard's "
        f"EndingHashKey {TOP}.",
    ):
        split(kinesis, 0, key)


def test_a_merge_names_both_parents(kinesis: Any) -> None:
    create(kinesis, shards=2)
    merge(kinesis, 0, 1)
    child = shards(kinesis)[2]
    assert child["ParentShardId"] == shard(0)
    assert child["AdjacentParentShardId"] == shard(1)
    assert ranges(kinesis) == [(0, TOP)]


@pytest.mark.parametrize(("low", "high"), [(1, 0), (0, 2), (2, 0), (1, 1)])
def test_only_neighbours_merge_and_the_lower_is_named_first(
    kinesis: Any, low: int, high: int
) -> None:
    create(kinesis, shards=3)
    with refused(
        "InvalidArgumentException",
        f"Shards {shard(low)} and {shard(high)} {IN_STREAM} are not an adjacent pair of shards "
        "eligible for merging",
    ):
        merge(kinesis, low, high)


def test_a_closed_shard_neither_splits_nor_merges(kinesis: Any) -> None:
    create(kinesis, shards=2)
    split(kinesis, 0, 1 << 126)
    message = (
        f"Shard {shard(0)} {IN_STREAM} has already been merged or split, and thus is not eligible "
        "for merging or splitting."
    )
    with refused("InvalidArgumentException", message):
        split(kinesis, 0, 1 << 125)
    with refused("InvalidArgumentException", message):
        merge(kinesis, 0, 1)


def test_a_shard_that_is_not_there_is_named(kinesis: Any) -> None:
    create(kinesis)
    message = f"Could not find shard {shard(7)} {IN_STREAM}."
    with refused("ResourceNotFoundException", message):
        split(kinesis, 7, 1 << 125)
    with refused("ResourceNotFoundException", message):
        merge(kinesis, 0, 7)


def test_resharding_takes_time_and_one_change_at_once(slow: Simulator) -> None:
    kinesis = slow.client("kinesis")
    create(kinesis, shards=2)
    slow.advance(seconds=15)
    split(kinesis, 0, 1 << 126)
    assert status(kinesis) == "UPDATING"
    assert indices(kinesis) == [0, 1]
    put(kinesis, "written while UPDATING", ExplicitHashKey="0")
    message = f"Stream s under account {ACCOUNT} not ACTIVE, instead in state UPDATING"
    with refused("ResourceInUseException", message):
        merge(kinesis, 0, 1)
    with refused("ResourceInUseException", message):
        scale(kinesis, 3)
    slow.advance(seconds=30)
    assert status(kinesis) == "ACTIVE"
    assert indices(kinesis) == [0, 1, 2, 3]
    assert read(kinesis) == ["written while UPDATING"]


def test_a_stream_still_creating_does_not_reshard(slow: Simulator) -> None:
    kinesis = slow.client("kinesis")
    create(kinesis)
    with refused(
        "ResourceInUseException",
        f"Stream s under account {ACCOUNT} not ACTIVE, instead in state CREATING",
    ):
        split(kinesis, 0, 1 << 127)


def test_on_demand_streams_are_not_resharded_by_hand(kinesis: Any) -> None:
    create(kinesis, StreamModeDetails={"StreamMode": "ON_DEMAND"})
    message = f"Request is invalid. Stream s under account {ACCOUNT} is in On-Demand mode."
    with refused("ValidationException", message):
        split(kinesis, 0, 1 << 125)
    with refused("ValidationException", message):
        merge(kinesis, 0, 1)
    with refused("ValidationException", message):
        scale(kinesis, 8)


def test_one_shard_more_than_the_account_may_have(kinesis: Any, sim: Simulator) -> None:
    most = sim.limits.of_region("streams.shards_per_account")
    create(kinesis, shards=most)
    with refused("LimitExceededException") as answer:
        split(kinesis, 0, 5)
    assert answer.message.startswith(
        f"This request would exceed the shard limit for the account {ACCOUNT} in us-east-1. "
        f"Current shard count for the account: {most}. Limit: {most}. Number of additional shards "
        "that would have resulted from this request: 1."
    )
    merge(kinesis, 0, 1)
    split(kinesis, 2, 5 + HASH_SPACE // most * 2)


# --- UpdateShardCount -----------------------------------------------------------------------------


def even(count: int) -> list[tuple[int, int]]:
    """facts/data-streams §2.1's formula, written out."""
    step = HASH_SPACE // count
    return [(i * step, TOP if i == count - 1 else (i + 1) * step - 1) for i in range(count)]


@pytest.mark.parametrize(
    ("count", "target"), [(1, 2), (2, 4), (2, 3), (4, 2), (4, 3), (3, 5), (5, 3), (7, 11), (4, 4)]
)
def test_scaling_ends_with_equal_shards(kinesis: Any, count: int, target: int) -> None:
    arn = create(kinesis, shards=count)
    answer = scale(kinesis, target)
    del answer["ResponseMetadata"]
    assert answer == {
        "StreamName": "s",
        "CurrentShardCount": count,
        "TargetShardCount": target,
        "StreamARN": arn,
    }
    assert ranges(kinesis) == even(target)


def test_doubling_splits_each_shard_once(kinesis: Any) -> None:
    create(kinesis, shards=2)
    scale(kinesis, 4)
    assert [row.get("ParentShardId") for row in shards(kinesis)] == [
        None,
        None,
        *[shard(0)] * 2,
        *[shard(1)] * 2,
    ]


def test_halving_merges_each_pair_once(kinesis: Any) -> None:
    create(kinesis, shards=4)
    scale(kinesis, 2)
    rows = shards(kinesis)[4:]
    parents = [(row["ParentShardId"], row["AdjacentParentShardId"]) for row in rows]
    assert parents == [(shard(0), shard(1)), (shard(2), shard(3))]


def open_shards(kinesis: Any) -> int:
    answer = kinesis.describe_stream_summary(StreamName="s")["StreamDescriptionSummary"]
    return int(answer["OpenShardCount"])


def test_shards_in_between_live_for_a_while(slow: Simulator) -> None:
    kinesis = slow.client("kinesis")
    create(kinesis, shards=2)
    slow.advance(seconds=15)
    scale(kinesis, 3)
    counts, seen = [], []
    for _ in range(4):
        counts.append(open_shards(kinesis))
        seen.append(status(kinesis))
        slow.advance(seconds=6)
    assert counts == [2, 4, 3, 3]  # the splits after a fifth of the time, the merges after a half
    assert seen == ["UPDATING", "UPDATING", "UPDATING", "ACTIVE"]
    assert len(shards(kinesis)) == 7  # 2 first ones, 4 by splits, 1 by a merge


@pytest.mark.parametrize(("count", "target"), [(1, 3), (1, 4), (5, 11)])
def test_more_than_double_is_refused(kinesis: Any, count: int, target: int) -> None:
    create(kinesis, shards=count)
    with refused(
        "InvalidArgumentException",
        "UpdateShardCount cannot scale up over double your current open shard count. Current open "
        f"shard count: {count} Target shard count: {target}",
    ):
        scale(kinesis, target)


@pytest.mark.parametrize(("count", "target"), [(4, 1), (7, 2), (11, 4)])
def test_less_than_half_is_refused(kinesis: Any, count: int, target: int) -> None:
    create(kinesis, shards=count)
    with refused(
        "InvalidArgumentException",
        "UpdateShardCount cannot scale down below half your current open shard count. Current "
        f"open shard count: {count} Target shard count: {target}",
    ):
        scale(kinesis, target)


@pytest.mark.parametrize(("count", "target"), [(3, 1), (5, 2), (11, 5)])
def test_half_is_rounded_down(kinesis: Any, count: int, target: int) -> None:
    create(kinesis, shards=count)
    scale(kinesis, target)
    assert len(ranges(kinesis)) == target


def test_the_number_there_is_already_is_no_change(slow: Simulator) -> None:
    kinesis = slow.client("kinesis")
    create(kinesis, shards=2)
    slow.advance(seconds=15)
    for _ in range(11):  # not counted, either
        assert scale(kinesis, 2)["TargetShardCount"] == 2
        slow.advance(seconds=1)
    assert status(kinesis) == "ACTIVE"


def test_ten_scalings_in_any_24_hours(sim: Simulator) -> None:
    once = Config(retries={"total_max_attempts": 1})  # the SDK's back-off would move the clock
    kinesis = sim.client("kinesis", config=once)
    create(kinesis, shards=2)
    for turn in range(10):
        scale(kinesis, 3 - turn % 2)
        sim.advance(hours=1)
    with refused("LimitExceededException"):
        scale(kinesis, 3)
    sim.advance(hours=14, milliseconds=-1)
    with refused("LimitExceededException"):
        scale(kinesis, 3)
    sim.advance(milliseconds=1)
    scale(kinesis, 3)
    with refused("LimitExceededException"):
        scale(kinesis, 2)


def test_scalings_are_counted_per_stream(kinesis: Any) -> None:
    create(kinesis)
    create(kinesis, "other")
    for _ in range(10):
        scale(kinesis, 1)
    scale(kinesis, 2, name="other")


def test_ten_thousand_shards_per_stream(kinesis: Any) -> None:
    create(kinesis, shards=6_000)
    with refused("LimitExceededException") as answer:
        scale(kinesis, 10_001)
    assert "10000 shards" in answer.message


def test_short_lived_shards_count_against_the_account(kinesis: Any) -> None:
    create(kinesis, shards=4)
    create(kinesis, "rest", shards=19_994)
    with refused("LimitExceededException") as answer:
        scale(kinesis, 5)  # opens borders at 1/5, 2/5, 3/5 and 4/5 before it merges
    assert "Number of additional shards that would have resulted from this request: 4." in (
        answer.message
    )
    scale(kinesis, 2)


def test_a_deleted_stream_is_not_resharded_any_more(slow: Simulator) -> None:
    kinesis = slow.client("kinesis")
    create(kinesis, shards=2)
    slow.advance(seconds=15)
    scale(kinesis, 3)
    kinesis.delete_stream(StreamName="s")
    slow.advance(seconds=15)
    create(kinesis, shards=2)
    slow.advance(minutes=5)
    assert len(shards(kinesis)) == 2
    assert status(kinesis) == "ACTIVE"


@pytest.mark.parametrize("beside", [-1, 0, 1])
def test_scaling_makes_no_shard_of_a_single_hash_key(kinesis: Any, beside: int) -> None:
    """A border that is a key beside an even one is taken for it: SplitShard makes none, either."""
    create(kinesis)
    third = HASH_SPACE // 3
    split(kinesis, 0, third + beside)
    scale(kinesis, 3)
    found = ranges(kinesis)
    assert len(found) == 3
    assert all(start < end for start, end in found)
    assert all(row["HashKeyRange"]["StartingHashKey"] != row["HashKeyRange"]["EndingHashKey"]
               for row in shards(kinesis))  # fmt: skip
    assert [start for start, _ in found][:2] == [0, third + beside]
    assert [end + 1 for _, end in found[:-1]] == [start for start, _ in found[1:]]
    scale(kinesis, 2)
    assert len(ranges(kinesis)) == 2
