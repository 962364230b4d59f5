"""The fault plan: when faults are in force, whom they strike, what they say."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from kinesis_sim import Simulator, UsageError
from kinesis_sim.account.faults.events import FaultBegan, FaultEnded, FaultStruck
from kinesis_sim.account.faults.kinds import KINDS
from kinesis_sim.aws.buckets import FAULTS
from kinesis_sim.errors import ServiceError


@pytest.fixture
def sim() -> Simulator:
    made = Simulator(latency=None, delays="instant")
    made.gate.call("kinesis", "CreateStream", {"StreamName": "s", "ShardCount": 2})
    return made


def put(sim: Simulator, key: str = "k") -> str:
    request = {"StreamName": "s", "PartitionKey": key, "Data": b"x"}
    try:
        sim.gate.call("kinesis", "PutRecord", request)
    except ServiceError as error:
        return error.code
    return ""


def stored(sim: Simulator) -> int:
    return sum(shard.log.end for shard in sim.streams["s"].shards)


def test_a_fault_is_in_force_from_its_first_instant_to_before_its_last(sim: Simulator) -> None:
    begins = sim.clock.now + 1_000
    sim.faults.add("throttle", "s", at=begins, until=begins + 500)
    seen = []
    for _ in range(4):
        seen.append(bool(put(sim)))
        sim.advance(milliseconds=500)
    assert seen == [False, False, True, False]
    [began], [ended] = sim.events.of(FaultBegan), sim.events.of(FaultEnded)
    assert (began.at, ended.at, ended.struck) == (begins, begins + 500, 1)
    assert [event.what for event in sim.events.of(FaultStruck)] == ["PutRecord"]


def test_a_shares_draws_are_its_own(sim: Simulator) -> None:
    first = sim.faults.add("throttle", "s", share=0.5)
    other = sim.faults.add("expired-iterator", "s", share=0.5)
    seen = [put(sim) for _ in range(100)]
    assert 30 < sim.faults.struck(first) < 70
    assert sim.faults.struck(other) == 0
    again = Simulator(latency=None, delays="instant")
    again.gate.call("kinesis", "CreateStream", {"StreamName": "s", "ShardCount": 2})
    again.faults.add("throttle", "s", share=0.5)
    assert [put(again) for _ in range(100)] == seen


def test_one_shard_fails_and_the_other_does_not(sim: Simulator) -> None:
    shards = {key: sim.gate.call("kinesis", "PutRecord", _one(key))["ShardId"] for key in "abcdefg"}
    sick = "shardId-000000000001"
    assert set(shards.values()) == {"shardId-000000000000", sick}
    sim.faults.add("throttle", "s", part=sick)
    assert {key for key in shards if put(sim, key)} == {k for k, v in shards.items() if v == sick}
    records = [{"PartitionKey": key, "Data": b"x"} for key in shards]
    answer = sim.gate.call("kinesis", "PutRecords", {"StreamName": "s", "Records": records})
    failed = [row.get("ErrorCode", "") for row in answer["Records"]]
    wanted = "ProvisionedThroughputExceededException"
    assert failed == [wanted if shard == sick else "" for shard in shards.values()]
    assert answer["FailedRecordCount"] == sum(map(bool, failed))
    message = next(row["ErrorMessage"] for row in answer["Records"] if "ErrorMessage" in row)
    assert message == f"Rate exceeded for shard {sick} in stream s under account 123456789012."


def _one(key: str) -> dict[str, Any]:
    return {"StreamName": "s", "PartitionKey": key, "Data": b"x"}


def test_a_wrong_request_is_refused_as_ever(sim: Simulator) -> None:
    sim.faults.add("partial", "*")
    records = [{"PartitionKey": "k", "Data": b"x"}]
    with pytest.raises(ServiceError, match="ResourceNotFoundException"):
        sim.gate.call("kinesis", "PutRecords", {"StreamName": "none", "Records": records})
    answer = sim.gate.call("kinesis", "PutRecords", {"StreamName": "s", "Records": records})
    assert (answer["FailedRecordCount"], stored(sim)) == (1, 0)


def test_a_lost_answer_has_been_stored_and_an_sdk_stores_it_twice(sim: Simulator) -> None:
    fault = sim.faults.add("lost-answer", "s", operations=["PutRecord"], share=0.5)
    patient = sim.client("kinesis", config=Config(retries={"total_max_attempts": 10}))
    for _ in range(10):
        patient.put_record(**_one("k"))
    assert stored(sim) == 10 + sim.faults.struck(fault) > 12


def test_a_slow_answer_takes_its_time_and_is_whole(sim: Simulator) -> None:
    sim.faults.add("slow", "s", ms=3_000)
    before = sim.clock.now
    answer = sim.client("kinesis").put_record(**_one("k"))
    assert sim.clock.now - before == 3_000
    assert "SequenceNumber" in answer


@pytest.mark.parametrize(
    ("service", "operation"),
    [
        ("firehose", "list_delivery_streams"),
        ("cloudwatch", "list_metrics"),
        ("lambda", "list_event_source_mappings"),
        ("kinesisanalyticsv2", "list_applications"),
        ("kinesisanalytics", "list_applications"),
        ("kinesisvideo", "list_streams"),
    ],
)
def test_every_service_of_ours_can_be_slow(sim: Simulator, service: str, operation: str) -> None:
    fault = sim.faults.add("slow", "*", service=service, ms=3_000)
    before = sim.clock.now
    getattr(sim.client(service), operation)()
    assert (sim.clock.now - before, sim.faults.struck(fault)) == (3_000, 1)


def test_a_part_that_fails_of_a_slow_call(sim: Simulator) -> None:
    sim.faults.add("partial", "s", share=0.5)
    sim.faults.add("slow", "s")
    records = [{"PartitionKey": str(n), "Data": b"x"} for n in range(20)]
    answer = sim.gate.call("kinesis", "PutRecords", {"StreamName": "s", "Records": records})
    assert len(answer["Records"]) == 20
    assert 0 < answer["FailedRecordCount"] == 20 - stored(sim)


def test_the_sdk_retries_what_passes(sim: Simulator) -> None:
    fault = sim.faults.add("unavailable", "s", share=0.5)
    patient = sim.client("kinesis", config=Config(retries={"total_max_attempts": 10}))
    for _ in range(10):
        patient.put_record(**_one("k"))
    assert stored(sim) == 10
    assert sim.faults.struck(fault) > 2
    sim.faults.clear()
    sim.faults.add("internal-error", "*", service="firehose")
    with pytest.raises(ClientError, match="InternalFailure"):
        sim.client("firehose").list_delivery_streams()
    assert sim.client("kinesis").list_streams()["StreamNames"] == ["s"]


@pytest.mark.parametrize("code", KINDS["key-outage"].codes)
def test_a_key_outage_is_kmss_error(sim: Simulator, code: str) -> None:
    request = {"StreamName": "s", "EncryptionType": "KMS", "KeyId": "alias/aws/kinesis"}
    sim.gate.call("kinesis", "StartStreamEncryption", request)
    fault = sim.faults.add("key-outage", "*", code=code)
    assert put(sim) == KINDS["key-outage"].codes[code]
    sim.faults.end(fault)
    assert put(sim) == ""


def test_a_jump_moves_time_further_and_fires_what_is_due(sim: Simulator) -> None:
    fired: list[int] = []
    begins = sim.clock.now
    for minutes in (1, 30, 70):
        at = begins + minutes * 60_000
        sim.clock.schedule(at, lambda: fired.append(sim.clock.now))
    sim.faults.jump("1h", at=begins + 10_000)
    sim.advance(seconds=20)
    assert sim.clock.now == begins + 3_620_000
    assert [at - begins for at in fired] == [60_000, 1_800_000]
    sim.advance(minutes=10)
    assert len(fired) == 3


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"kind": "earthquake"}, "the kinds of fault are throttle"),
        ({"kind": "crash"}, "sim.faults.crash"),
        ({"kind": "clock-jump"}, "sim.faults.jump"),
        ({"kind": "throttle", "share": 1.5}, "share=1.5"),
        ({"kind": "throttle", "share": float("nan")}, "share=nan"),
        ({"kind": "throttle", "target": ""}, "give a name or an ARN"),
        ({"kind": "throttle", "service": "lambda"}, "strikes calls of kinesis"),
        ({"kind": "throttle", "code": "Nope"}, "the codes of throttle are none"),
        ({"kind": "bucket-outage", "code": "Nope"}, "InternalError"),
        ({"kind": "slow", "ms": -1}, "ms=-1"),
        ({"kind": "slow", "until": 5}, "ends after it began"),
        ({"kind": "slow", "until": 5, "lasts": "5m"}, "give one of them"),
        ({"kind": "slow", "lasts": "soon"}, "no duration"),
        ({"kind": "slow", "at": 10**18}, "calendar"),
        ({"kind": "slow", "until": 10**18}, "calendar"),
        ({"kind": "slow", "at": "9998-12-31T00:00:00Z", "lasts": "2d"}, "calendar"),
        ({"kind": "unavailable", "operations": ["PutRekord"]}, "strikes no 'PutRekord' of kinesis"),
        ({"kind": "throttle", "operations": ["ListStreams"]}, "give GetRecords, GetShardIterator"),
        ({"kind": "unavailable", "service": "s3"}, "strikes calls of kinesis, firehose"),
        ({"kind": "bucket-outage", "part": "shardId-000000000000"}, "only faults of calls have"),
        ({"kind": "bucket-outage", "service": "s3"}, "only faults of calls have one"),
        ({"kind": "maintenance", "operations": ["PutRecord"]}, "only faults of calls have one"),
        ({"kind": "throttle", "ms": 5}, "it takes no time"),
    ],
)
def test_what_cannot_be_planned_is_one_sentence(
    sim: Simulator, given: dict[str, Any], says: str
) -> None:
    assert sim.memory is not None
    before = sim.memory._size
    with pytest.raises(UsageError, match=says):
        sim.faults.add(**given)
    assert (len(sim.faults), sim.memory._size) == (0, before)


CALLS: dict[str, tuple[str, dict[str, Any]]] = {
    "firehose": ("ListDeliveryStreams", {}),
    "lambda": ("ListEventSourceMappings", {}),
    "cloudwatch": ("ListMetrics", {}),
    "kinesisanalyticsv2": ("ListApplications", {}),
    "kinesisanalytics": ("ListApplications", {}),
    "kinesisvideo": ("DescribeStream", {"StreamName": "camera"}),
    "kinesis-video-media": (
        "GetMedia",
        {"StreamName": "camera", "StartSelector": {"StartSelectorType": "NOW"}},
    ),
    "kinesis-video-archived-media": ("ListFragments", {"StreamName": "camera"}),
}


@pytest.mark.parametrize("kind", ["internal-error", "api-throttle", "unavailable"])
def test_calls_of_every_service_can_be_struck_and_no_others(sim: Simulator, kind: str) -> None:
    sim.gate.call("kinesisvideo", "CreateStream", {"StreamName": "camera"})
    for service, (operation, asked) in CALLS.items():
        target = "camera" if asked else "*"
        fault = sim.faults.add(kind, target, service=service)
        with pytest.raises(ServiceError, match=KINDS[kind].error[0]):
            sim.gate.call(service, operation, asked)
        assert (put(sim), sim.faults.struck(fault)) == ("", 1)
        sim.faults.end(fault)
        sim.gate.call(service, operation, asked)


def test_a_video_producer_is_refused_while_the_service_is_not_there(sim: Simulator) -> None:
    sim.gate.call("kinesisvideo", "CreateStream", {"StreamName": "camera"})
    begun = {"ProducerStartTimestamp": "1767225600"}
    asked = {"StreamName": "camera", "FragmentTimecodeType": "ABSOLUTE", **begun}
    fault = sim.faults.add("unavailable", "camera", service="kinesisvideo", operations=["PutMedia"])
    with pytest.raises(ServiceError, match="ServiceUnavailable"):
        sim.gate.converse("kinesisvideo", "PutMedia", asked)
    sim.gate.call("kinesisvideo", "DescribeStream", {"StreamName": "camera"})
    sim.faults.end(fault)
    sim.gate.converse("kinesisvideo", "PutMedia", asked).close("over")


def test_a_fault_that_is_not_there_cannot_end(sim: Simulator) -> None:
    with pytest.raises(UsageError, match="the faults are: none"):
        sim.faults.end("fault-9")


def test_what_buckets_refuse_has_one_list() -> None:
    assert FAULTS is KINDS["bucket-outage"].codes
