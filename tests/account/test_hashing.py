"""Where keys land: test vectors of facts/data-streams §2.1."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from kinesis_sim.account.hashing import even_ranges, hash_key
from tests.streams.calls import TOP, create, put, refused, shards

THREE = [
    (0, 113427455640312821154458202477256070484),
    (113427455640312821154458202477256070485, 226854911280625642308916404954512140969),
    (226854911280625642308916404954512140970, TOP),
]


def test_three_shards_divide_the_space_as_on_aws(kinesis: Any) -> None:
    create(kinesis, shards=3)
    ranges = [row["HashKeyRange"] for row in shards(kinesis)]
    found = [(int(r["StartingHashKey"]), int(r["EndingHashKey"])) for r in ranges]
    assert found == THREE


@pytest.mark.parametrize(("count", "step"), [(2, 1 << 127), (4, 1 << 126)])
def test_two_and_four_shards_divide_it_exactly(count: int, step: int) -> None:
    assert even_ranges(count) == [(i * step, (i + 1) * step - 1) for i in range(count)]


@pytest.mark.parametrize("count", [1, 5, 6, 7, 10, 999, 20_000])
def test_the_last_shard_takes_the_remainder(count: int) -> None:
    ranges = even_ranges(count)
    assert ranges[0][0] == 0
    assert ranges[-1][1] == TOP
    assert all(low[1] + 1 == high[0] for low, high in pairwise(ranges))
    assert len({high - low for low, high in ranges[:-1]}) <= 1


@pytest.mark.parametrize(("key", "index"), [("a", 0), ("b", 1), ("f", 1), ("e", 2)])
def test_keys_land_where_aws_put_them(kinesis: Any, key: str, index: int) -> None:
    create(kinesis, shards=3)
    assert put(kinesis, "x", key)["ShardId"] == f"shardId-{index:012d}"


def test_a_key_is_hashed_as_utf_8() -> None:
    assert hash_key("a") == 16955237001963240173058271559858726497
    assert hash_key("é") == 136732923097551493579404309126273812335


@pytest.mark.parametrize(
    ("explicit", "index"),
    [(0, 0), (THREE[0][1], 0), (THREE[1][0], 1), (THREE[1][1], 1), (THREE[2][0], 2), (TOP, 2)],
)
def test_an_explicit_hash_key_overrides_the_keys_hash(
    kinesis: Any, explicit: int, index: int
) -> None:
    create(kinesis, shards=3)
    answer = put(kinesis, "x", "a", ExplicitHashKey=str(explicit))
    assert answer["ShardId"] == f"shardId-{index:012d}"


@pytest.mark.parametrize("explicit", [TOP + 1, 10**38 * 9])
def test_an_explicit_hash_key_outside_the_space_is_refused(kinesis: Any, explicit: int) -> None:
    create(kinesis)
    message = (
        "Invalid ExplicitHashKey. ExplicitHashKey must be in the range: [0, 2^128-1]. "
        f"Specified value was {explicit}"
    )
    with refused("InvalidArgumentException", message):
        put(kinesis, "x", ExplicitHashKey=str(explicit))
    records = [{"Data": b"", "PartitionKey": "k", "ExplicitHashKey": str(explicit)}]
    with refused("InvalidArgumentException", message):
        kinesis.put_records(StreamName="s", Records=records)
