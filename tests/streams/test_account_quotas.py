"""What an account may have of a stream's things, each refused one beyond (its row in the facts)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from kinesis_sim import Simulator
from kinesis_sim.errors import ServiceError
from tests.laws.moves import call


def creating(region: str, *counts: int) -> Simulator:
    """Streams that are being created: their shards count from the call on."""
    sim = Simulator(latency=None, limits="off", region=region)
    for number, count in enumerate(counts):
        call(sim, "CreateStream", StreamName=f"s{number}", ShardCount=count)
    return sim


@pytest.mark.parametrize(("region", "most"), [("us-east-1", 20_000), ("sa-east-1", 6_000)])
def test_an_account_has_so_many_shards(region: str, most: int) -> None:
    sim = creating(region, most // 2, most // 2 - 1)
    with pytest.raises(ServiceError, match=str(most)):
        call(sim, "CreateStream", StreamName="two-more", ShardCount=2)
    call(sim, "CreateStream", StreamName="one-more", ShardCount=1)


def test_a_stream_scales_to_10000_shards(sim: Simulator) -> None:
    call(sim, "CreateStream", StreamName="s", ShardCount=5_001)
    asked: dict[str, Any] = {"StreamName": "s", "ScalingType": "UNIFORM_SCALING"}
    with pytest.raises(ServiceError, match="more than 10000 shards"):
        call(sim, "UpdateShardCount", **asked, TargetShardCount=10_001)


def policy(arn: str, size: int) -> str:
    """A policy of so many characters."""
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": "arn:aws:iam::210987654321:root"},
        "Action": "kinesis:GetRecords",
        "Resource": arn,
        "Sid": "",
    }
    room = size - len(json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    statement["Sid"] = "a" * room
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def test_a_policy_has_20480_bytes(sim: Simulator) -> None:
    call(sim, "CreateStream", StreamName="s", ShardCount=1)
    arn = sim.streams.arn("s")
    call(sim, "PutResourcePolicy", ResourceARN=arn, Policy=policy(arn, 20_480))
    with pytest.raises(ServiceError):
        call(sim, "PutResourcePolicy", ResourceARN=arn, Policy=policy(arn, 20_481))


def test_a_stream_is_warm_for_10_gib_a_second_at_most() -> None:
    sim = Simulator(latency=None, delays="instant")
    on = {"Status": "ENABLED"}
    call(sim, "UpdateAccountSettings", MinimumThroughputBillingCommitment=on)
    mode = {"StreamMode": "ON_DEMAND"}
    call(sim, "CreateStream", StreamName="s", StreamModeDetails=mode)
    with pytest.raises(ServiceError, match="10240 MiB/s"):
        call(sim, "UpdateStreamWarmThroughput", StreamName="s", WarmThroughputMiBps=10_241)


def test_an_account_is_told_of_a_hundred_channels(sim: Simulator) -> None:
    assert call(sim, "DescribeLimits")["ChannelCountLimit"] == 100
