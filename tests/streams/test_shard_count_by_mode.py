"""ShardCount belongs to a mode that is named (facts/data-streams/2.1/shard-count-by-mode)."""

import pytest

from kinesis_sim import Simulator

PROVISIONED, ON_DEMAND = {"StreamMode": "PROVISIONED"}, {"StreamMode": "ON_DEMAND"}


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        (
            {"StreamModeDetails": PROVISIONED},
            "ShardCount is expected when StreamMode=PROVISIONED",
        ),
        (
            {"StreamModeDetails": ON_DEMAND, "ShardCount": 9},
            "ShardCount is not expected when StreamMode=ON_DEMAND",
        ),
    ],
)
def test_a_count_without_its_mode_is_refused(asked: dict[str, object], text: str) -> None:
    kinesis = Simulator(latency=None).client("kinesis")
    with pytest.raises(kinesis.exceptions.InvalidArgumentException) as refused:
        kinesis.create_stream(StreamName="s", **asked)
    assert refused.value.response["Error"]["Message"] == text
    assert kinesis.list_streams()["StreamNames"] == []


@pytest.mark.parametrize(
    ("asked", "shards"),
    [
        ({}, 4),
        ({"ShardCount": 3}, 3),
        ({"StreamModeDetails": PROVISIONED, "ShardCount": 2}, 2),
        ({"StreamModeDetails": ON_DEMAND}, 4),
    ],
)
def test_a_count_with_its_mode_or_neither_is_taken(asked: dict[str, object], shards: int) -> None:
    sim = Simulator(latency=None, delays="instant")
    kinesis = sim.client("kinesis")
    kinesis.create_stream(StreamName="s", **asked)
    told = kinesis.describe_stream_summary(StreamName="s")["StreamDescriptionSummary"]
    assert told["OpenShardCount"] == shards
