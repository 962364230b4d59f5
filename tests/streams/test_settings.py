"""Encryption, monitoring, mode, record size, account settings (facts/data-streams §1.3, §6)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from botocore.config import Config

from kinesis_sim import Simulator
from tests.streams.calls import (
    ACCOUNT,
    create,
    indices,
    iterator,
    put,
    read,
    refused,
    scale,
    split,
    status,
)

KMS = {"EncryptionType": "KMS", "KeyId": "alias/aws/kinesis"}
ON_DEMAND, PROVISIONED = {"StreamMode": "ON_DEMAND"}, {"StreamMode": "PROVISIONED"}


def once(sim: Simulator) -> Any:
    """A client that does not try again: no back-off moves the clock."""
    return sim.client("kinesis", config=Config(retries={"total_max_attempts": 1}))


def summary(kinesis: Any) -> dict[str, Any]:
    return dict(kinesis.describe_stream_summary(StreamName="s")["StreamDescriptionSummary"])


def commit(kinesis: Any, wanted: str) -> dict[str, Any]:
    answer = kinesis.update_account_settings(MinimumThroughputBillingCommitment={"Status": wanted})
    return dict(answer["MinimumThroughputBillingCommitment"])


# --- encryption -----------------------------------------------------------------------------------


def marks(kinesis: Any, index: int = 0) -> list[str | None]:
    """Each record's EncryptionType, oldest first."""
    answer = kinesis.get_records(ShardIterator=iterator(kinesis, index=index))
    return [record.get("EncryptionType") for record in answer["Records"]]


def test_only_what_is_put_while_encryption_is_on_is_encrypted(kinesis: Any) -> None:
    create(kinesis)
    assert "EncryptionType" not in put(kinesis, "before")
    kinesis.start_stream_encryption(StreamName="s", **KMS)
    assert put(kinesis, "while")["EncryptionType"] == "KMS"
    records = [{"Data": b"while", "PartitionKey": "k"}]
    assert kinesis.put_records(StreamName="s", Records=records)["EncryptionType"] == "KMS"
    kinesis.stop_stream_encryption(StreamName="s", **KMS)
    put(kinesis, "after")
    assert marks(kinesis) == [None, "KMS", "KMS", None]


@pytest.mark.parametrize("call", ["start_stream_encryption", "stop_stream_encryption"])
def test_no_encryption_is_no_type_to_switch_on_or_off(kinesis: Any, call: str) -> None:
    create(kinesis)
    with refused("InvalidArgumentException"):
        getattr(kinesis, call)(StreamName="s", EncryptionType="NONE", KeyId="alias/aws/kinesis")
    told = kinesis.describe_stream_summary(StreamName="s")["StreamDescriptionSummary"]
    assert told["EncryptionType"] == "NONE"


def test_encryption_is_described_and_takes_time(slow: Simulator) -> None:
    kinesis = slow.client("kinesis")
    create(kinesis)
    slow.advance(seconds=15)
    kinesis.start_stream_encryption(StreamName="s", **KMS)
    assert status(kinesis) == "UPDATING"
    assert summary(kinesis)["EncryptionType"] == "NONE"
    put(kinesis, "in between")
    slow.advance(seconds=5)
    assert status(kinesis) == "ACTIVE"
    assert summary(kinesis)["EncryptionType"] == "KMS"
    assert summary(kinesis)["KeyId"] == "alias/aws/kinesis"
    assert marks(kinesis) == [None]


def test_children_of_an_encrypted_stream_encrypt_too(kinesis: Any) -> None:
    create(kinesis)
    put(kinesis, "before")
    kinesis.start_stream_encryption(StreamName="s", **KMS)
    split(kinesis, 0, 1 << 127)
    put(kinesis, "after", ExplicitHashKey="0")
    assert marks(kinesis, 0) == [None]
    assert marks(kinesis, 1) == ["KMS"]


@pytest.mark.parametrize(
    ("state", "code"),
    [
        ("Disabled", "KMSDisabledException"),
        ("PendingDeletion", "KMSInvalidStateException"),
        ("denied", "KMSAccessDeniedException"),
        ("opt-in-required", "KMSOptInRequired"),
        ("throttled", "KMSThrottlingException"),
    ],
)
def test_a_key_that_cannot_be_used_keeps_readers_and_writers_out(
    sim: Simulator, state: str, code: str
) -> None:
    kinesis, key = once(sim), sim.keys.create_key()
    create(kinesis)
    sim.keys.set_state(key, state)
    with refused(code):
        kinesis.start_stream_encryption(StreamName="s", EncryptionType="KMS", KeyId=key)
    sim.keys.set_state(key, "Enabled")
    kinesis.start_stream_encryption(StreamName="s", EncryptionType="KMS", KeyId=key)
    put(kinesis, "x")
    sim.keys.set_state(key, state)
    with refused(code):
        put(kinesis, "y")
    with refused(code):
        kinesis.put_records(StreamName="s", Records=[{"Data": b"", "PartitionKey": "k"}])
    token = iterator(kinesis)
    with refused(code):
        kinesis.get_records(ShardIterator=token)
    sim.keys.set_state(key, "Enabled")
    assert read(kinesis) == ["x"]


def test_a_key_that_is_not_there(kinesis: Any) -> None:
    create(kinesis)
    with refused("KMSNotFoundException"):
        kinesis.start_stream_encryption(StreamName="s", EncryptionType="KMS", KeyId="alias/nope")
    assert summary(kinesis)["EncryptionType"] == "NONE"


def test_stopping_needs_the_key_in_use(kinesis: Any) -> None:
    create(kinesis)
    with refused("InvalidArgumentException"):
        kinesis.stop_stream_encryption(StreamName="s", **KMS)
    kinesis.start_stream_encryption(StreamName="s", **KMS)
    with refused("InvalidArgumentException"):
        kinesis.stop_stream_encryption(StreamName="s", EncryptionType="KMS", KeyId="alias/other")


def test_25_starts_and_25_stops_in_24_hours(sim: Simulator) -> None:
    kinesis = once(sim)
    create(kinesis)
    for _ in range(25):
        kinesis.start_stream_encryption(StreamName="s", **KMS)
        kinesis.stop_stream_encryption(StreamName="s", **KMS)
    with refused("LimitExceededException"):
        kinesis.start_stream_encryption(StreamName="s", **KMS)
    sim.advance(hours=24)
    kinesis.start_stream_encryption(StreamName="s", **KMS)


# --- monitoring -----------------------------------------------------------------------------------


def test_shard_level_metrics_are_off_then_on_then_off(kinesis: Any) -> None:
    create(kinesis)
    on = kinesis.enable_enhanced_monitoring(
        StreamName="s", ShardLevelMetrics=["OutgoingBytes", "IncomingBytes"]
    )
    assert on["CurrentShardLevelMetrics"] == []
    assert on["DesiredShardLevelMetrics"] == ["IncomingBytes", "OutgoingBytes"]
    off = kinesis.disable_enhanced_monitoring(
        StreamName="s", ShardLevelMetrics=["IncomingBytes", "IncomingRecords"]
    )
    assert off["CurrentShardLevelMetrics"] == ["IncomingBytes", "OutgoingBytes"]
    assert off["DesiredShardLevelMetrics"] == ["OutgoingBytes"]
    assert summary(kinesis)["EnhancedMonitoring"] == [{"ShardLevelMetrics": ["OutgoingBytes"]}]


def test_all_means_all_seven(kinesis: Any) -> None:
    create(kinesis)
    answer = kinesis.enable_enhanced_monitoring(StreamName="s", ShardLevelMetrics=["ALL"])
    assert len(answer["DesiredShardLevelMetrics"]) == 7
    answer = kinesis.disable_enhanced_monitoring(StreamName="s", ShardLevelMetrics=["ALL"])
    assert answer["DesiredShardLevelMetrics"] == []


# --- capacity mode --------------------------------------------------------------------------------


def test_a_switch_keeps_shards_and_records(slow: Simulator) -> None:
    kinesis = slow.client("kinesis")
    arn = create(kinesis, shards=5)
    slow.advance(seconds=15)
    put(kinesis, "x", ExplicitHashKey="0")
    kinesis.update_stream_mode(StreamARN=arn, StreamModeDetails=ON_DEMAND)
    assert status(kinesis) == "UPDATING"
    assert summary(kinesis)["StreamModeDetails"] == PROVISIONED
    slow.advance(seconds=30)
    assert summary(kinesis)["StreamModeDetails"] == ON_DEMAND
    assert indices(kinesis) == [0, 1, 2, 3, 4]
    assert read(kinesis) == ["x"]


def test_a_switch_to_the_mode_it_has_is_no_switch(kinesis: Any) -> None:
    """Recorded 2026-09-19: taken, and not counted. Terraform sends it on every refresh."""
    arn = create(kinesis)
    for _ in range(3):
        kinesis.update_stream_mode(StreamARN=arn, StreamModeDetails=PROVISIONED)
    for mode in (ON_DEMAND, PROVISIONED):
        kinesis.update_stream_mode(StreamARN=arn, StreamModeDetails=mode)


def test_settings_pass_through_updating_and_show_the_old_value(slow: Simulator) -> None:
    """Each shows UPDATING and the old value until it is done, and refuses the next (recorded)."""
    kinesis = slow.client("kinesis")
    arn = create(kinesis)
    slow.advance(seconds=5)
    was = summary(kinesis)
    changes: list[tuple[Any, dict[str, Any], str]] = [
        (
            kinesis.increase_stream_retention_period,
            {"RetentionPeriodHours": 48},
            "RetentionPeriodHours",
        ),
        (kinesis.update_max_record_size, {"MaxRecordSizeInKiB": 2048}, "MaxRecordSizeInKiB"),
        (
            kinesis.enable_enhanced_monitoring,
            {"ShardLevelMetrics": ["IncomingBytes"]},
            "EnhancedMonitoring",
        ),
    ]
    for call, asked, member in changes:
        call(StreamARN=arn, **asked)
        assert summary(kinesis) == {**was, "StreamStatus": "UPDATING"}
        for other, value, _ in changes:
            with refused("ResourceInUseException"):
                other(StreamARN=arn, **value)
            slow.advance(milliseconds=250)
        slow.advance(seconds=4)
        now = summary(kinesis)
        assert now["StreamStatus"] == "ACTIVE"
        assert now[member] != was[member]
        was = now
        call(StreamARN=arn, **asked)  # the value it has: no change
        assert summary(kinesis) == was


def test_two_switches_in_24_hours(sim: Simulator) -> None:
    kinesis = once(sim)
    arn = create(kinesis)
    kinesis.update_stream_mode(StreamARN=arn, StreamModeDetails=ON_DEMAND)
    sim.advance(hours=1)
    kinesis.update_stream_mode(StreamARN=arn, StreamModeDetails=PROVISIONED)
    sim.advance(hours=23, milliseconds=-1)
    with refused("LimitExceededException"):
        kinesis.update_stream_mode(StreamARN=arn, StreamModeDetails=ON_DEMAND)
    sim.advance(milliseconds=1)
    kinesis.update_stream_mode(StreamARN=arn, StreamModeDetails=ON_DEMAND)


def test_back_in_provisioned_mode_keys_decide_and_hands_may_reshard(kinesis: Any) -> None:
    arn = create(kinesis, StreamModeDetails=ON_DEMAND, RecordDistributionStrategy="AUTO")
    kinesis.update_stream_mode(StreamARN=arn, StreamModeDetails=PROVISIONED)
    assert "RecordDistributionStrategy" not in summary(kinesis)
    assert len({put(kinesis, "x", "same")["ShardId"] for _ in range(8)}) == 1
    scale(kinesis, 3)


def test_distribution_changes_at_once_and_only_on_demand(kinesis: Any) -> None:
    arn = create(kinesis)
    auto = {"StreamARN": arn, "RecordDistributionStrategy": "AUTO"}
    with refused("InvalidArgumentException"):
        kinesis.update_stream_record_distribution_strategy(**auto)
    kinesis.update_stream_mode(StreamARN=arn, StreamModeDetails=ON_DEMAND)
    kinesis.update_stream_record_distribution_strategy(**auto)
    assert summary(kinesis)["RecordDistributionStrategy"] == "AUTO"
    assert summary(kinesis)["StreamStatus"] == "ACTIVE"


# --- record size ----------------------------------------------------------------------------------


def test_a_record_may_have_one_mib_key_counted(kinesis: Any) -> None:
    create(kinesis)
    most = 1024 * 1024
    put(kinesis, "x" * (most - 2), "kk")
    for key, size in (("kk", most - 1), ("é" * 100, most - 199)):
        with refused(
            "ValidationException",
            "1 validation error detected: Value at 'data' failed to satisfy constraint: Member "
            f"must have length less than or equal to {most}",
        ):
            put(kinesis, "x" * size, key)


def test_a_stream_may_take_ten_mib_and_go_back(kinesis: Any) -> None:
    arn = create(kinesis)
    big = "x" * (10 * 1024 * 1024 - 1)
    with refused("ValidationException"):
        put(kinesis, big)
    kinesis.update_max_record_size(StreamARN=arn, MaxRecordSizeInKiB=10_240)
    put(kinesis, big)
    assert summary(kinesis)["MaxRecordSizeInKiB"] == 10_240
    kinesis.update_max_record_size(StreamARN=arn, MaxRecordSizeInKiB=1_024)
    with refused("ValidationException"):
        put(kinesis, big)
    assert read(kinesis) == [big]


@pytest.mark.parametrize("kib", [1_023, 10_241])
def test_a_record_size_outside_the_range(sim: Simulator, kib: int) -> None:
    kinesis = sim.client("kinesis", config=Config(parameter_validation=False))
    arn = create(kinesis)
    with refused("ValidationException"):
        kinesis.update_max_record_size(StreamARN=arn, MaxRecordSizeInKiB=kib)


def test_a_request_may_have_ten_mib_keys_counted(kinesis: Any) -> None:
    create(kinesis)
    fits = [{"Data": bytes(1024 * 1024 - 1), "PartitionKey": "k"}] * 10
    assert kinesis.put_records(StreamName="s", Records=fits)["FailedRecordCount"] == 0
    with refused("InvalidArgumentException"):
        kinesis.put_records(StreamName="s", Records=[*fits, {"Data": b"", "PartitionKey": "k"}])


def test_a_request_may_have_500_records(kinesis: Any) -> None:
    create(kinesis)
    one = {"Data": b"", "PartitionKey": "k"}
    assert len(kinesis.put_records(StreamName="s", Records=[one] * 500)["Records"]) == 500
    with refused("ValidationException") as answer:
        kinesis.put_records(StreamName="s", Records=[one] * 501)
    assert "Member must have length less than or equal to 500" in answer.message


# --- the account ----------------------------------------------------------------------------------


def test_a_commitment_lasts_24_hours_at_least(sim: Simulator, kinesis: Any) -> None:
    assert kinesis.describe_account_settings()["MinimumThroughputBillingCommitment"] == {
        "Status": "DISABLED"
    }
    began = sim.now
    assert commit(kinesis, "ENABLED") == {
        "Status": "ENABLED",
        "StartedAt": began,
        "EarliestAllowedEndAt": began + timedelta(hours=24),
    }
    sim.advance(hours=1)
    assert commit(kinesis, "DISABLED")["Status"] == "ENABLED_UNTIL_EARLIEST_ALLOWED_END"
    sim.advance(hours=23, milliseconds=-1)
    settings = kinesis.describe_account_settings()["MinimumThroughputBillingCommitment"]
    assert settings["Status"] == "ENABLED_UNTIL_EARLIEST_ALLOWED_END"
    sim.advance(milliseconds=1)
    settings = kinesis.describe_account_settings()["MinimumThroughputBillingCommitment"]
    assert settings["Status"] == "DISABLED"
    assert settings["EndedAt"] == began + timedelta(hours=24)


def test_enabling_again_cancels_a_scheduled_end(sim: Simulator, kinesis: Any) -> None:
    began = sim.now
    commit(kinesis, "ENABLED")
    commit(kinesis, "DISABLED")
    sim.advance(hours=12)
    assert commit(kinesis, "ENABLED")["Status"] == "ENABLED"
    sim.advance(hours=13)
    settings = kinesis.describe_account_settings()["MinimumThroughputBillingCommitment"]
    assert settings["Status"] == "ENABLED"
    assert settings["StartedAt"] == began
    assert commit(kinesis, "DISABLED")["Status"] == "DISABLED"


def test_warm_throughput_needs_on_demand_mode_and_a_commitment(kinesis: Any) -> None:
    create(kinesis)
    warm = {"StreamName": "s", "WarmThroughputMiBps": 10}
    said = f"Account {ACCOUNT} is not enabled for minimum throughput billing commitment"
    with refused("ValidationException", said):
        kinesis.update_stream_warm_throughput(**warm)
    arn = create(kinesis, "d", StreamModeDetails=ON_DEMAND)
    with refused("ValidationException", said):
        kinesis.update_stream_warm_throughput(StreamARN=arn, WarmThroughputMiBps=10)
    commit(kinesis, "ENABLED")
    with refused(
        "ValidationException",
        f"Request is invalid. Stream s under account {ACCOUNT} is in Provisioned mode.",
    ):
        kinesis.update_stream_warm_throughput(**warm)
    answer = kinesis.update_stream_warm_throughput(StreamARN=arn, WarmThroughputMiBps=10)
    assert answer["WarmThroughput"]["TargetMiBps"] == 10
    found = kinesis.describe_stream_summary(StreamARN=arn)["StreamDescriptionSummary"]
    assert found["WarmThroughput"] == {"TargetMiBps": 10, "CurrentMiBps": 10}


def test_warm_throughput_must_go_before_the_commitment(kinesis: Any) -> None:
    commit(kinesis, "ENABLED")
    create(kinesis, StreamModeDetails=ON_DEMAND, WarmThroughputMiBps=8)
    with refused("InvalidArgumentException") as answer:
        commit(kinesis, "DISABLED")
    assert answer.message.endswith("s.")
    kinesis.update_stream_warm_throughput(StreamName="s", WarmThroughputMiBps=0)
    assert commit(kinesis, "DISABLED")["Status"] == "ENABLED_UNTIL_EARLIEST_ALLOWED_END"


# --- dry runs -------------------------------------------------------------------------------------


def test_a_dry_run_changes_nothing(sim: Simulator, kinesis: Any) -> None:
    arn = create(kinesis)
    put(kinesis, "0")
    consumer = kinesis.register_stream_consumer(StreamARN=arn, ConsumerName="c")["Consumer"]
    token = iterator(kinesis)
    place = {"ShardId": "0", "ShardIteratorType": "LATEST"}
    entry = {"Data": b"1", "PartitionKey": "k"}
    start = {"ShardId": "0", "StartingPosition": {"Type": "LATEST"}}
    calls: list[tuple[str, dict[str, Any]]] = [
        ("put_record", {"StreamName": "s", **entry}),
        ("put_records", {"StreamName": "s", "Records": [entry]}),
        ("get_shard_iterator", {"StreamName": "s", **place}),
        ("get_records", {"ShardIterator": token}),
        ("subscribe_to_shard", {"ConsumerARN": consumer["ConsumerARN"], **start}),
    ]
    for operation, params in calls:
        with refused("DryRunOperationException"):
            getattr(kinesis, operation)(DryRun=True, **params)
    assert read(kinesis) == ["0"]
    [known] = sim.streams.consumers.values()
    assert known.subscriptions == {}


def test_a_dry_run_meets_the_refusal_that_the_call_would_meet(kinesis: Any) -> None:
    create(kinesis)
    with refused("ResourceNotFoundException"):
        put(kinesis, "x", name="nobody", DryRun=True)
    with refused("InvalidArgumentException", "Invalid ShardIterator."):
        kinesis.get_records(ShardIterator="x", DryRun=True)
