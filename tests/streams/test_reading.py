"""GetRecords (facts/data-streams §3.3, §4.1): how much, how far behind, and where a shard ends."""

from __future__ import annotations

from typing import Any

from kinesis_sim import Simulator
from tests.streams.calls import create, iterator, merge, put, refused, shard, split

MIB = 1024 * 1024


def test_a_read_gives_ten_thousand_records_at_most(sim: Simulator, kinesis: Any) -> None:
    create(kinesis)
    sim.streams["s"].put([(b"", "k", None)] * 10_001, sim.clock.now)
    answer = kinesis.get_records(ShardIterator=iterator(kinesis))
    assert len(answer["Records"]) == 10_000
    rest = kinesis.get_records(ShardIterator=answer["NextShardIterator"])
    assert len(rest["Records"]) == 1


def test_a_limit_asks_for_fewer(sim: Simulator, kinesis: Any) -> None:
    create(kinesis)
    sim.streams["s"].put([(b"", "k", None)] * 10, sim.clock.now)
    answer = kinesis.get_records(ShardIterator=iterator(kinesis), Limit=3)
    assert len(answer["Records"]) == 3


def test_a_limit_above_ten_thousand_is_refused(kinesis: Any) -> None:
    create(kinesis)
    with refused("ValidationException") as answer:
        kinesis.get_records(ShardIterator=iterator(kinesis), Limit=10_001)
    assert "less than or equal to 10000" in answer.message


def test_a_read_gives_ten_mib_at_most_keys_counted(kinesis: Any) -> None:
    create(kinesis)
    data = bytes(MIB - 1)
    for _ in range(11):
        kinesis.put_record(StreamName="s", PartitionKey="k", Data=data)  # exactly 1 MiB each
    answer = kinesis.get_records(ShardIterator=iterator(kinesis))
    assert len(answer["Records"]) == 10
    rest = kinesis.get_records(ShardIterator=answer["NextShardIterator"])
    assert len(rest["Records"]) == 1


def test_one_byte_more_leaves_the_tenth_record_for_the_next_read(kinesis: Any) -> None:
    create(kinesis)
    kinesis.put_record(StreamName="s", PartitionKey="k", Data=b"")
    for _ in range(10):
        kinesis.put_record(StreamName="s", PartitionKey="k", Data=bytes(MIB - 1))
    answer = kinesis.get_records(ShardIterator=iterator(kinesis))
    assert len(answer["Records"]) == 10


def test_a_record_of_ten_mib_comes_alone(kinesis: Any) -> None:
    arn = create(kinesis)
    kinesis.update_max_record_size(StreamARN=arn, MaxRecordSizeInKiB=10_240)
    kinesis.put_record(StreamName="s", PartitionKey="k", Data=bytes(10 * MIB - 1))
    put(kinesis, "small")
    answer = kinesis.get_records(ShardIterator=iterator(kinesis))
    assert [len(record["Data"]) for record in answer["Records"]] == [10 * MIB - 1]


def test_records_come_as_they_were_put(sim: Simulator, kinesis: Any) -> None:
    create(kinesis)
    sim.advance(milliseconds=123)
    number = put(kinesis, "mensagem de teste", "chave1")["SequenceNumber"]
    [record] = kinesis.get_records(ShardIterator=iterator(kinesis))["Records"]
    assert record == {
        "SequenceNumber": number,
        "ApproximateArrivalTimestamp": sim.now,
        "Data": b"mensagem de teste",
        "PartitionKey": "chave1",
    }
    assert record["ApproximateArrivalTimestamp"].utcoffset().total_seconds() == 0


def test_an_empty_answer_is_not_the_end(sim: Simulator, kinesis: Any) -> None:
    create(kinesis)
    answer = kinesis.get_records(ShardIterator=iterator(kinesis))
    assert answer["Records"] == []
    assert answer["MillisBehindLatest"] == 0
    assert "NextShardIterator" in answer
    assert "ChildShards" not in answer


def test_millis_behind_latest_is_the_age_of_what_was_read(sim: Simulator, kinesis: Any) -> None:
    create(kinesis)
    for data in "012":
        put(kinesis, data)
        sim.advance(seconds=10)
    token, behind = iterator(kinesis), []
    for _ in range(3):
        answer = kinesis.get_records(ShardIterator=token, Limit=1)
        behind.append(answer["MillisBehindLatest"])
        token = answer["NextShardIterator"]
    assert behind == [30_000, 20_000, 0]


def test_millis_behind_latest_counts_whole_seconds(sim: Simulator, kinesis: Any) -> None:
    create(kinesis)
    sim.advance(milliseconds=900)
    put(kinesis, "0")
    put(kinesis, "1")
    answer = kinesis.get_records(ShardIterator=iterator(kinesis), Limit=1)
    assert answer["MillisBehindLatest"] == 1_000  # at least one, while anything is unread
    sim.advance(milliseconds=2_100)
    answer = kinesis.get_records(ShardIterator=iterator(kinesis), Limit=1)
    assert answer["MillisBehindLatest"] == 3_000


def test_a_reader_in_the_records_own_millisecond_is_still_behind(kinesis: Any) -> None:
    create(kinesis)
    put(kinesis, "0")
    put(kinesis, "1")
    answer = kinesis.get_records(ShardIterator=iterator(kinesis), Limit=1)
    assert answer["MillisBehindLatest"] > 0


def test_a_checkpoint_older_than_the_horizon_goes_on_at_the_horizon(
    sim: Simulator, kinesis: Any
) -> None:
    create(kinesis)
    old = put(kinesis, "old")["SequenceNumber"]
    sim.advance(hours=20)
    put(kinesis, "new")
    sim.advance(hours=5)
    token = iterator(kinesis, "AT_SEQUENCE_NUMBER", StartingSequenceNumber=old)
    answer = kinesis.get_records(ShardIterator=token)
    assert [record["Data"] for record in answer["Records"]] == [b"new"]


def test_a_closed_shard_ends_with_its_children_after_a_split(kinesis: Any) -> None:
    create(kinesis)
    put(kinesis, "0")
    open_token = iterator(kinesis)
    split(kinesis, 0, 1 << 127)
    for token in (open_token, iterator(kinesis)):
        last = kinesis.get_records(ShardIterator=token)
        assert len(last["Records"]) == 1
        assert "ChildShards" not in last
        answer = kinesis.get_records(ShardIterator=last["NextShardIterator"])
        assert answer["Records"] == []
        assert "NextShardIterator" not in answer
        assert answer["MillisBehindLatest"] == 0
        assert answer["ChildShards"] == [
            {
                "ShardId": shard(1),
                "ParentShards": [shard(0)],
                "HashKeyRange": {"StartingHashKey": "0", "EndingHashKey": str((1 << 127) - 1)},
            },
            {
                "ShardId": shard(2),
                "ParentShards": [shard(0)],
                "HashKeyRange": {
                    "StartingHashKey": str(1 << 127),
                    "EndingHashKey": str((1 << 128) - 1),
                },
            },
        ]


def test_both_parents_of_a_merge_name_the_one_child(kinesis: Any) -> None:
    create(kinesis, shards=2)
    merge(kinesis, 0, 1)
    for parent in (0, 1):
        answer = kinesis.get_records(ShardIterator=iterator(kinesis, index=parent))
        [child] = answer["ChildShards"]
        assert child["ShardId"] == shard(2)
        assert child["ParentShards"] == [shard(0), shard(1)]


def test_a_closed_shard_not_yet_read_to_its_end_goes_on(kinesis: Any) -> None:
    create(kinesis)
    put(kinesis, "0")
    put(kinesis, "1")
    split(kinesis, 0, 1 << 127)
    answer = kinesis.get_records(ShardIterator=iterator(kinesis), Limit=1)
    assert "ChildShards" not in answer
    answer = kinesis.get_records(ShardIterator=answer["NextShardIterator"])
    assert (len(answer["Records"]), "ChildShards" in answer) == (1, False)
    answer = kinesis.get_records(ShardIterator=answer["NextShardIterator"])
    assert (len(answer["Records"]), "ChildShards" in answer) == (0, True)


def test_latest_on_a_closed_shard_is_its_end(kinesis: Any) -> None:
    create(kinesis)
    put(kinesis, "0")
    split(kinesis, 0, 1 << 127)
    answer = kinesis.get_records(ShardIterator=iterator(kinesis, "LATEST"))
    assert answer["Records"] == []
    assert "NextShardIterator" not in answer
