"""ListShards: six filters at their edges, and its pages (facts/data-streams §2.3, §1.4)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from kinesis_sim import Simulator
from tests.streams.calls import create, indices, refused, shard, shards, split

ACCOUNT_S = "Stream s under account 123456789012 not found."


@pytest.fixture
def aged(sim: Simulator, kinesis: Any) -> Any:
    """Shard 0 split after one hour into 1 and 2, shard 2 after two hours into 3 and 4; now 3 h."""
    create(kinesis)
    sim.advance(hours=1)
    split(kinesis, 0, 1 << 127)
    sim.advance(hours=1)
    split(kinesis, 2, 3 << 126)
    sim.advance(hours=1)
    return kinesis


def at(sim: Simulator, **since_start: float) -> Any:
    return sim.now - timedelta(hours=3) + timedelta(**since_start)


def test_from_trim_horizon_is_the_default(aged: Any) -> None:
    assert indices(aged) == [0, 1, 2, 3, 4]
    assert indices(aged, Type="FROM_TRIM_HORIZON") == [0, 1, 2, 3, 4]


def test_at_latest_is_what_is_open_now(aged: Any) -> None:
    assert indices(aged, Type="AT_LATEST") == [1, 3, 4]


def test_at_trim_horizon_of_a_young_stream_is_what_it_began_with(aged: Any) -> None:
    assert indices(aged, Type="AT_TRIM_HORIZON") == [0]


@pytest.mark.parametrize(
    ("hours", "found"),
    [(21.999, [0]), (22, [0]), (22.001, [1, 2]), (23.001, [1, 3, 4]), (50, [1, 3, 4])],
)
def test_at_trim_horizon_moves_with_retention(
    sim: Simulator, aged: Any, hours: float, found: list[int]
) -> None:
    sim.advance(hours=hours)
    assert indices(aged, Type="AT_TRIM_HORIZON") == found


@pytest.mark.parametrize(
    ("since_start", "at_it", "from_it"),
    [
        ({"hours": 0}, [0], [0, 1, 2, 3, 4]),
        ({"hours": 1, "milliseconds": -1}, [0], [0, 1, 2, 3, 4]),
        ({"hours": 1}, [0], [0, 1, 2, 3, 4]),  # its children come at its end
        ({"hours": 1, "milliseconds": 1}, [1, 2], [1, 2, 3, 4]),
        ({"hours": 2}, [1, 2], [1, 2, 3, 4]),
        ({"hours": 2, "milliseconds": 1}, [1, 3, 4], [1, 3, 4]),
        ({"hours": 3}, [1, 3, 4], [1, 3, 4]),
    ],
)
def test_at_and_from_a_timestamp(
    sim: Simulator,
    aged: Any,
    since_start: dict[str, float],
    at_it: list[int],
    from_it: list[int],
) -> None:
    instant = at(sim, **since_start)
    assert indices(aged, Type="AT_TIMESTAMP", Timestamp=instant) == at_it
    assert indices(aged, Type="FROM_TIMESTAMP", Timestamp=instant) == from_it


def test_a_timestamp_before_the_horizon_is_refused(sim: Simulator, aged: Any) -> None:
    """Recorded 2026-09-19, for both kinds; botocore's text says FROM_TIMESTAMP is corrected."""
    sim.advance(hours=22, milliseconds=1)
    instant = sim.now - timedelta(days=300)
    for kind in ("AT_TIMESTAMP", "FROM_TIMESTAMP"):
        with refused(
            "InvalidArgumentException",
            "ShardFilter Timestamp cannot be older than TRIM_HORIZON of the stream.",
        ):
            shards(aged, Type=kind, Timestamp=instant)


def test_after_a_shard(aged: Any) -> None:
    assert indices(aged, Type="AFTER_SHARD_ID", ShardId=shard(2)) == [3, 4]
    answer = aged.list_shards(StreamName="s", ExclusiveStartShardId=shard(2))
    assert [row["ShardId"] for row in answer["Shards"]] == [shard(3), shard(4)]


@pytest.mark.parametrize("kind", ["AT_TIMESTAMP", "FROM_TIMESTAMP"])
def test_a_filter_by_time_needs_one_that_is_not_in_the_future(
    sim: Simulator, aged: Any, kind: str
) -> None:
    with refused("InvalidArgumentException") as answer:
        shards(aged, Type=kind)
    assert "Timestamp must be provided" in answer.message
    with refused("InvalidArgumentException"):
        shards(aged, Type=kind, Timestamp=sim.now + timedelta(milliseconds=1))


def test_after_a_shard_needs_one(aged: Any) -> None:
    with refused("InvalidArgumentException") as answer:
        shards(aged, Type="AFTER_SHARD_ID")
    assert "ShardId must be provided" in answer.message


def test_expired_shards_are_listed_nowhere(sim: Simulator, aged: Any) -> None:
    sim.advance(hours=22)
    assert indices(aged) == [0, 1, 2, 3, 4]
    sim.advance(milliseconds=1)
    assert indices(aged) == [1, 2, 3, 4]
    described = aged.describe_stream(StreamName="s")["StreamDescription"]["Shards"]
    assert [row["ShardId"] for row in described] == [shard(i) for i in (1, 2, 3, 4)]


# --- pages ----------------------------------------------------------------------------------------


def test_pages_join_without_gap_or_overlap(aged: Any) -> None:
    answer = aged.list_shards(StreamName="s", MaxResults=2)
    found = [row["ShardId"] for row in answer["Shards"]]
    while "NextToken" in answer:
        answer = aged.list_shards(NextToken=answer["NextToken"], MaxResults=2)
        found += [row["ShardId"] for row in answer["Shards"]]
    assert found == [shard(i) for i in range(5)]


def test_a_page_is_a_thousand_shards_at_most(kinesis: Any) -> None:
    create(kinesis, shards=1_001)
    answer = kinesis.list_shards(StreamName="s", MaxResults=10_000)
    assert len(answer["Shards"]) == 1_000
    rest = kinesis.list_shards(NextToken=answer["NextToken"])
    assert [row["ShardId"] for row in rest["Shards"]] == [shard(1_000)]


def test_a_page_token_keeps_its_filter(aged: Any) -> None:
    answer = aged.list_shards(StreamName="s", MaxResults=1, ShardFilter={"Type": "AT_LATEST"})
    rest = aged.list_shards(NextToken=answer["NextToken"])
    assert [row["ShardId"] for row in rest["Shards"]] == [shard(3), shard(4)]


def test_a_page_token_lives_for_exactly_300_seconds(sim: Simulator, aged: Any) -> None:
    token = aged.list_shards(StreamName="s", MaxResults=1)["NextToken"]
    sim.advance(milliseconds=300_000)
    assert len(aged.list_shards(NextToken=token)["Shards"]) == 4
    sim.advance(milliseconds=1)
    with refused("ExpiredNextTokenException"):
        aged.list_shards(NextToken=token)


@pytest.mark.parametrize("token", ["x", "AAAA", "é", "A" * 4_000])
def test_what_is_no_page_token_is_refused(aged: Any, token: str) -> None:
    with refused("InvalidArgumentException", "Invalid NextToken."):
        aged.list_shards(NextToken=token)


def test_a_changed_page_token_is_refused(aged: Any) -> None:
    token = aged.list_shards(StreamName="s", MaxResults=1)["NextToken"]
    for place in range(0, len(token) - 4, 3):
        changed = token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]
        with refused("InvalidArgumentException", "Invalid NextToken."):
            aged.list_shards(NextToken=changed)


def test_a_page_token_of_another_listing_is_refused(aged: Any) -> None:
    create(aged, "other")
    token = aged.list_streams(Limit=1)["NextToken"]
    with refused("InvalidArgumentException"):
        aged.list_shards(NextToken=token)


@pytest.mark.parametrize(
    ("member", "value", "told"),
    [
        ("ShardFilter", {"Type": "AT_LATEST"}, "ShardFilter"),
        ("ExclusiveStartShardId", shard(0), "ExclusiveStartShardId"),
        ("StreamCreationTimestamp", 1_767_225_600, "StreamCreationEpoch"),  # as recorded
    ],
)
def test_a_page_token_says_all(aged: Any, member: str, value: Any, told: str) -> None:
    token = aged.list_shards(StreamName="s", MaxResults=1)["NextToken"]
    with refused("InvalidArgumentException", f"NextToken and {told} cannot be provided together."):
        aged.list_shards(NextToken=token, **{member: value})


def test_a_page_token_takes_its_streams_name_or_arn(aged: Any) -> None:
    """Recorded 2026-09-19; so botocore's paginator goes on (it sends the name with each page)."""
    arn = "arn:aws:kinesis:us-east-1:123456789012:stream/s"
    token = aged.list_shards(StreamName="s", MaxResults=1)["NextToken"]
    rest = aged.list_shards(NextToken=token)["Shards"]
    assert aged.list_shards(NextToken=token, StreamName="s")["Shards"] == rest
    assert aged.list_shards(NextToken=token, StreamARN=arn)["Shards"] == rest
    pages = aged.get_paginator("list_shards").paginate(
        StreamName="s", PaginationConfig={"PageSize": 2}
    )
    paged = [row["ShardId"] for page in pages for row in page["Shards"]]
    assert paged == [row["ShardId"] for row in aged.list_shards(StreamName="s")["Shards"]]


def test_a_page_token_of_another_stream_is_refused(aged: Any) -> None:
    token = aged.list_shards(StreamName="s", MaxResults=1)["NextToken"]
    with refused(
        "InvalidArgumentException",
        "NextToken does not match the provided StreamName.",
    ):
        aged.list_shards(NextToken=token, StreamName="other")


def test_the_creation_timestamp_tells_namesakes_apart(sim: Simulator, kinesis: Any) -> None:
    def made() -> Any:
        summary = kinesis.describe_stream_summary(StreamName="s")["StreamDescriptionSummary"]
        return summary["StreamCreationTimestamp"]

    create(kinesis)
    first = made()
    kinesis.delete_stream(StreamName="s")
    sim.advance(seconds=1)
    create(kinesis, shards=2)
    answer = kinesis.list_shards(StreamName="s", StreamCreationTimestamp=made())
    assert len(answer["Shards"]) == 2
    with refused("ResourceNotFoundException", ACCOUNT_S):
        kinesis.list_shards(StreamName="s", StreamCreationTimestamp=first)


def test_a_page_token_does_not_go_on_in_a_namesake(kinesis: Any) -> None:
    create(kinesis, shards=3)
    token = kinesis.list_shards(StreamName="s", MaxResults=1)["NextToken"]
    kinesis.delete_stream(StreamName="s")
    create(kinesis, shards=3)
    with refused("ResourceNotFoundException", ACCOUNT_S):
        kinesis.list_shards(NextToken=token)
