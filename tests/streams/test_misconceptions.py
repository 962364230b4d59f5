"""What people believe of Data Streams (facts/data-streams §10), each row shown to be wrong.

A test is named after its row. Those about limits and capacity are in
``test_misconceptions_capacity``, those about the KCL in ``test_misconceptions_consumers``, those
about Lambda in ``tests/mappings``; ``LATER`` says which issue's tests show the others.
"""

from __future__ import annotations

import hashlib
import re
from typing import Any

import pytest
from botocore.config import Config

from kinesis_sim import Simulator
from kinesis_sim.errors import ServiceError
from tests.mappings import test_misconceptions as lambdas
from tests.streams import test_misconceptions_capacity as capacity
from tests.streams import test_misconceptions_consumers as consumers
from tests.streams.calls import (
    create,
    indices,
    iterator,
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

ROWS = range(1, 60)
CONSUMERS, FIREHOSE, ANALYTICS, EXAM = (
    "issue 4: consumers",
    "issue 5: Firehose",
    "the issue about Analytics",
    "the exam's questions: nothing that a simulator without a network could show",
)
LATER = {
    42: EXAM,
    54: FIREHOSE,
    55: ANALYTICS,
}
ON_DEMAND = {"StreamMode": "ON_DEMAND"}
KMS = {"EncryptionType": "KMS", "KeyId": "alias/aws/kinesis"}


def test_every_row_is_tested_or_waits_for_an_issue() -> None:
    places = (*globals(), *vars(capacity), *vars(consumers), *vars(lambdas))
    tested = [int(found[1]) for name in places if (found := re.match(r"test_row_(\d\d)_", name))]
    assert sorted([*tested, *LATER]) == list(ROWS)


def summary(kinesis: Any, name: str = "s") -> dict[str, Any]:
    return dict(kinesis.describe_stream_summary(StreamName=name)["StreamDescriptionSummary"])


# --- retention ------------------------------------------------------------------------------------


def test_row_01_retention_goes_up_to_365_days(sim: Simulator, kinesis: Any) -> None:
    create(kinesis)
    kinesis.increase_stream_retention_period(StreamName="s", RetentionPeriodHours=8_760)
    put(kinesis, "a year ago")
    sim.advance(days=365)
    assert read(kinesis) == ["a year ago"]


def test_row_02_raising_retention_recovers_nothing(sim: Simulator, kinesis: Any) -> None:
    create(kinesis)
    put(kinesis, "expired")
    sim.advance(hours=25)
    kinesis.increase_stream_retention_period(StreamName="s", RetentionPeriodHours=168)
    assert read(kinesis) == []


def test_row_03_lowering_retention_loses_old_data_at_once(sim: Simulator, kinesis: Any) -> None:
    create(kinesis)
    kinesis.increase_stream_retention_period(StreamName="s", RetentionPeriodHours=168)
    put(kinesis, "30 hours old")
    sim.advance(hours=30)
    assert read(kinesis) == ["30 hours old"]
    kinesis.decrease_stream_retention_period(StreamName="s", RetentionPeriodHours=24)
    assert read(kinesis) == []


def test_row_56_reading_deletes_nothing(sim: Simulator, kinesis: Any) -> None:
    create(kinesis)
    put(kinesis, "x")
    assert [read(kinesis) for _ in range(3)] == [["x"]] * 3
    sim.advance(hours=24)
    assert read(kinesis) == ["x"]


# --- sizes and keys -------------------------------------------------------------------------------


def test_row_04_a_record_may_have_ten_mib_on_request(kinesis: Any) -> None:
    arn = create(kinesis)
    with refused("ValidationException"):
        put(kinesis, "x" * (2 << 20))
    kinesis.update_max_record_size(StreamARN=arn, MaxRecordSizeInKiB=10_240)
    put(kinesis, "x" * (10 * (1 << 20) - 1))


def test_row_05_a_put_records_request_may_have_ten_mib(kinesis: Any) -> None:
    create(kinesis)
    records = [{"Data": bytes((1 << 20) - 1), "PartitionKey": "k"}] * 10
    assert kinesis.put_records(StreamName="s", Records=records)["FailedRecordCount"] == 0


def test_row_07_the_partition_key_counts(kinesis: Any) -> None:
    create(kinesis)
    put(kinesis, "x" * ((1 << 20) - 1), "k")
    with refused("ValidationException"):
        put(kinesis, "x" * ((1 << 20) - 1), "kk")


def test_row_11_order_holds_within_a_shard_only(sim: Simulator, kinesis: Any) -> None:
    create(kinesis, shards=2)
    first = put(kinesis, "first", ExplicitHashKey=str(1 << 127))
    sim.advance(hours=1)
    second = put(kinesis, "second", ExplicitHashKey="0")
    third = put(kinesis, "third", ExplicitHashKey="0")
    assert int(third["SequenceNumber"]) > int(second["SequenceNumber"])
    assert int(second["SequenceNumber"]) < int(first["SequenceNumber"])  # an hour later, yet lower


def test_row_12_a_retried_put_stores_its_data_twice(
    sim: Simulator, kinesis: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    create(kinesis)
    answer = sim.gate.begin
    lost: list[Any] = []

    def begin(*args: Any) -> Any:
        answered = answer(*args)
        if not lost:  # stored, but the answer never arrives
            lost.append(answered)
            raise ServiceError("InternalFailure", "Internal service failure.", 500)
        return answered

    monkeypatch.setattr(sim.gate, "begin", begin)
    told = put(kinesis, "payment")
    monkeypatch.undo()
    assert told["ResponseMetadata"]["RetryAttempts"] == 1
    records = kinesis.get_records(ShardIterator=iterator(kinesis))["Records"]
    assert [record["Data"] for record in records] == [b"payment"] * 2
    assert records[0]["SequenceNumber"] == lost[0]["SequenceNumber"]
    assert records[1]["SequenceNumber"] == told["SequenceNumber"]


def test_row_36_a_partition_key_is_hashed_by_md5(kinesis: Any) -> None:
    create(kinesis, shards=16)
    for key in ("a", "chave1", "ação", "🎈"):
        place = int(hashlib.md5(key.encode()).hexdigest(), 16)
        assert put(kinesis, "x", key)["ShardId"] == shard(place >> 124)


def test_row_37_a_key_moves_when_its_range_is_split_and_shares_its_shard(kinesis: Any) -> None:
    create(kinesis)
    before = {key: put(kinesis, "x", key)["ShardId"] for key in "abcdef"}
    assert set(before.values()) == {shard(0)}
    split(kinesis, 0, 1 << 127)
    after = {key: put(kinesis, "x", key)["ShardId"] for key in "abcdef"}
    assert set(after.values()) == {shard(1), shard(2)}
    merge(kinesis, 1, 2)
    assert put(kinesis, "x", "a")["ShardId"] == shard(3)


def test_row_38_an_explicit_hash_key_still_needs_a_partition_key(kinesis: Any) -> None:
    create(kinesis)
    with refused("InvalidArgumentException"):
        kinesis.put_record(StreamName="s", Data=b"", ExplicitHashKey="0")
    put(kinesis, "x", "kept", ExplicitHashKey="0")
    [record] = kinesis.get_records(ShardIterator=iterator(kinesis))["Records"]
    assert record["PartitionKey"] == "kept"


# --- iterators ------------------------------------------------------------------------------------


def test_row_18_an_empty_read_is_not_the_end(kinesis: Any) -> None:
    create(kinesis)
    empty = kinesis.get_records(ShardIterator=iterator(kinesis))
    assert empty["Records"] == []
    put(kinesis, "x")
    answer = kinesis.get_records(ShardIterator=empty["NextShardIterator"])
    assert len(answer["Records"]) == 1
    split(kinesis, 0, 1 << 127)
    assert "NextShardIterator" not in kinesis.get_records(ShardIterator=answer["NextShardIterator"])


def test_row_19_an_iterator_lives_five_minutes(sim: Simulator, kinesis: Any) -> None:
    create(kinesis)
    kinesis.increase_stream_retention_period(StreamName="s", RetentionPeriodHours=8_760)
    token = iterator(kinesis)
    sim.advance(minutes=5, milliseconds=1)
    with refused("ExpiredIteratorException"):
        kinesis.get_records(ShardIterator=token)


def test_row_20_an_expired_iterator_says_nothing_of_the_data(sim: Simulator, kinesis: Any) -> None:
    create(kinesis)
    number = put(kinesis, "read")["SequenceNumber"]
    put(kinesis, "still there")
    token = iterator(kinesis)
    sim.advance(minutes=6)
    with refused("ExpiredIteratorException"):
        kinesis.get_records(ShardIterator=token)
    after = {"StartingSequenceNumber": number}
    assert read(kinesis, "AFTER_SEQUENCE_NUMBER", **after) == ["still there"]


def test_row_59_trim_horizon_is_the_oldest_retained_and_latest_excludes_the_last(
    sim: Simulator, kinesis: Any
) -> None:
    create(kinesis)
    put(kinesis, "first ever")
    sim.advance(hours=23)
    put(kinesis, "last existing")
    sim.advance(hours=2)
    assert read(kinesis, "TRIM_HORIZON") == ["last existing"]
    assert read(kinesis, "LATEST") == []


# --- resharding -----------------------------------------------------------------------------------


def test_row_22_a_split_moves_no_record(kinesis: Any) -> None:
    create(kinesis)
    put(kinesis, "old", ExplicitHashKey="0")
    split(kinesis, 0, 1 << 127)
    assert read(kinesis, index=0) == ["old"]
    assert read(kinesis, index=1) == []
    assert read(kinesis, index=2) == []


def test_row_23_a_parent_is_closed_until_retention_passes(sim: Simulator, kinesis: Any) -> None:
    create(kinesis)
    put(kinesis, "old")
    split(kinesis, 0, 1 << 127)
    sim.advance(hours=24)
    assert indices(kinesis) == [0, 1, 2]
    assert read(kinesis, index=0) == ["old"]
    sim.advance(milliseconds=1)
    assert indices(kinesis) == [1, 2]


def test_row_24_only_adjacent_open_shards_merge(kinesis: Any) -> None:
    create(kinesis, shards=3)
    with refused("InvalidArgumentException"):
        merge(kinesis, 0, 2)
    merge(kinesis, 0, 1)
    with refused("InvalidArgumentException"):
        merge(kinesis, 1, 2)


def test_row_25_a_split_may_be_anywhere_inside(kinesis: Any) -> None:
    create(kinesis)
    split(kinesis, 0, 12_345)
    assert shards(kinesis)[1]["HashKeyRange"]["EndingHashKey"] == "12344"


def test_row_26_a_scaling_doubles_or_halves_at_most_ten_times_a_day(sim: Simulator) -> None:
    kinesis = sim.client("kinesis", config=Config(retries={"total_max_attempts": 1}))
    create(kinesis, shards=10)
    for target in (100, 21, 4):
        with refused("InvalidArgumentException"):
            scale(kinesis, target)
    for target in (20, 40, 20, 10) * 2 + (20, 10):
        scale(kinesis, target)
    with refused("LimitExceededException"):
        scale(kinesis, 11)


def test_row_30_an_on_demand_stream_has_shards(kinesis: Any) -> None:
    create(kinesis, StreamModeDetails=ON_DEMAND)
    assert len(shards(kinesis)) == 4
    assert summary(kinesis)["OpenShardCount"] == 4


# --- modes and quotas -----------------------------------------------------------------------------


def test_row_31_the_mode_changes_twice_in_24_hours(sim: Simulator) -> None:
    kinesis = sim.client("kinesis", config=Config(retries={"total_max_attempts": 1}))
    arn = create(kinesis)
    for mode in ("ON_DEMAND", "PROVISIONED"):
        kinesis.update_stream_mode(StreamARN=arn, StreamModeDetails={"StreamMode": mode})
    with refused("LimitExceededException"):
        kinesis.update_stream_mode(StreamARN=arn, StreamModeDetails=ON_DEMAND)


def test_row_32_advantage_is_a_setting_of_the_account(kinesis: Any) -> None:
    create(kinesis, StreamModeDetails=ON_DEMAND)
    kinesis.update_account_settings(MinimumThroughputBillingCommitment={"Status": "ENABLED"})
    assert summary(kinesis)["StreamModeDetails"] == ON_DEMAND


def test_row_33_warm_throughput_needs_on_demand_and_advantage(kinesis: Any) -> None:
    create(kinesis)
    create(kinesis, "d", StreamModeDetails=ON_DEMAND)
    for name in "sd":
        with refused("ValidationException"):
            kinesis.update_stream_warm_throughput(StreamName=name, WarmThroughputMiBps=8)
    kinesis.update_account_settings(MinimumThroughputBillingCommitment={"Status": "ENABLED"})
    with refused("ValidationException"):
        kinesis.update_stream_warm_throughput(StreamName="s", WarmThroughputMiBps=8)
    kinesis.update_stream_warm_throughput(StreamName="d", WarmThroughputMiBps=8)


def test_row_34_the_shard_quota_is_20_000_where_most_streams_are(kinesis: Any) -> None:
    assert kinesis.describe_limits()["ShardLimit"] == 20_000
    create(kinesis, shards=501)
    elsewhere = Simulator(region="sa-east-1", latency=None).client("kinesis")
    assert elsewhere.describe_limits()["ShardLimit"] == 6_000


def test_row_15_a_stream_has_20_fan_out_consumers_or_50(kinesis: Any) -> None:
    arn = create(kinesis, StreamModeDetails=ON_DEMAND)
    for number in range(20):
        kinesis.register_stream_consumer(StreamARN=arn, ConsumerName=f"c{number}")
    with refused("LimitExceededException"):
        kinesis.register_stream_consumer(StreamARN=arn, ConsumerName="c20")
    kinesis.update_account_settings(MinimumThroughputBillingCommitment={"Status": "ENABLED"})
    for number in range(20, 50):
        kinesis.register_stream_consumer(StreamARN=arn, ConsumerName=f"c{number}")
    with refused("LimitExceededException"):
        kinesis.register_stream_consumer(StreamARN=arn, ConsumerName="c50")


# --- encryption -----------------------------------------------------------------------------------


def test_row_39_encryption_covers_new_records_only(kinesis: Any) -> None:
    create(kinesis)
    put(kinesis, "before")
    kinesis.start_stream_encryption(StreamName="s", **KMS)
    put(kinesis, "after")
    records = kinesis.get_records(ShardIterator=iterator(kinesis))["Records"]
    assert [record.get("EncryptionType") for record in records] == [None, "KMS"]


def test_row_40_a_stream_is_not_encrypted_by_default(kinesis: Any) -> None:
    create(kinesis)
    assert summary(kinesis)["EncryptionType"] == "NONE"
    assert "KeyId" not in summary(kinesis)


def test_row_41_a_reader_needs_decrypt_and_a_writer_generate_data_key(
    sim: Simulator, kinesis: Any
) -> None:
    create(kinesis)
    kinesis.start_stream_encryption(StreamName="s", **KMS)
    token = iterator(kinesis)
    sim.keys.set_state("alias/aws/kinesis", "denied")
    with refused("KMSAccessDeniedException") as reading:
        kinesis.get_records(ShardIterator=token)
    with refused("KMSAccessDeniedException") as writing:
        put(kinesis, "x")
    assert "is not authorized to decrypt records in stream s" in reading.message
    assert "kms:GenerateDataKey" in writing.message


# --- deletion -------------------------------------------------------------------------------------


def test_row_57_a_stream_with_consumers_is_not_deleted_just_so(kinesis: Any) -> None:
    arn = create(kinesis)
    kinesis.register_stream_consumer(StreamARN=arn, ConsumerName="c")
    with refused("ResourceInUseException"):
        kinesis.delete_stream(StreamName="s")
    assert status(kinesis) == "ACTIVE"
    kinesis.delete_stream(StreamName="s", EnforceConsumerDeletion=True)
    assert kinesis.list_streams()["StreamNames"] == []


def test_row_58_a_consumer_registered_anew_has_another_arn(sim: Simulator, kinesis: Any) -> None:
    arn, arns = create(kinesis), set()
    for _ in range(2):
        made = kinesis.register_stream_consumer(StreamARN=arn, ConsumerName="c")
        arns.add(made["Consumer"]["ConsumerARN"])
        kinesis.deregister_stream_consumer(StreamARN=arn, ConsumerName="c")
        sim.advance(seconds=1)
    assert len(arns) == 2
