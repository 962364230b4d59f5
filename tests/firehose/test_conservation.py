"""The conservation law: every accepted record is delivered, dropped by the transform, in the error
output, still held, or counted as lost after the documented window; never silently gone."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from dataclasses import dataclass, field
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from kinesis_sim import Simulator
from kinesis_sim.account.storage import Undelivered
from kinesis_sim.firehose.delivery_stream import DeliveryStream
from kinesis_sim.firehose.events import DeliveryTried
from tests.effort import examples
from tests.firehose.calls import BUCKET, NAME, bucket, create, hints, processing

ACCOUNT = "210987654321"
MINUTES_25H = 25 * 60


@dataclass
class Lake:
    """Stands in for S3, and remembers every record by its number: ``{"n": 7}``."""

    broken: bool = False
    objects: dict[str, bytes] = field(default_factory=dict)

    def store(self, bucket: str, key: str, body: bytes, headers: Any = None) -> None:
        if self.broken:
            raise Undelivered("S3.SlowDown", "Please reduce your request rate.")
        assert key not in self.objects
        self.objects[key] = body

    def numbers(self) -> tuple[list[int], list[int]]:
        """The records delivered, and those in the error output."""
        good: list[int] = []
        bad: list[int] = []
        for key, body in self.objects.items():
            for line in body.splitlines():
                row = json.loads(line)
                if key.startswith("erros/"):
                    bad.append(json.loads(b64decode(row["rawData"]))["n"])
                else:
                    good.append(row["n"])
        return good, bad


class Function:
    """A transform that sorts records by what they say of themselves, and can break as a whole."""

    def __init__(self) -> None:
        self.broken = False
        self.dropped: list[int] = []

    def __call__(self, event: dict[str, Any]) -> Any:
        if self.broken:
            raise RuntimeError("broken on purpose")
        return {"records": [self._row(row) for row in event["records"]]}

    def _row(self, row: dict[str, Any]) -> dict[str, Any]:
        record = json.loads(b64decode(row["data"]))
        answer = {"recordId": row["recordId"], "result": record["fate"], "data": row["data"]}
        if record["fate"] == "Dropped":
            self.dropped.append(record["n"])
        if record["fate"] == "missing":
            answer |= {"recordId": f"nobody-{record['n']}", "result": "Ok"}
        return answer


STEPS = st.lists(
    st.one_of(
        st.tuples(
            st.just("put"),
            st.lists(
                st.sampled_from(["Ok", "Ok", "Ok", "Dropped", "ProcessingFailed", "missing"]),
                min_size=1,
                max_size=6,
            ),
        ),
        st.tuples(st.just("minutes"), st.integers(1, 20)),
        st.tuples(st.just("minutes"), st.just(MINUTES_25H)),
        st.tuples(st.just("lake"), st.booleans()),
        st.tuples(st.just("function"), st.booleans()),
        st.tuples(st.just("update"), st.integers(1, 900)),
    ),
    min_size=1,
    max_size=14,
)


@settings(max_examples=examples(60))
@given(steps=STEPS, transform=st.booleans(), interval=st.integers(0, 900))
def test_no_record_is_silently_gone(
    steps: list[tuple[str, Any]], transform: bool, interval: int
) -> None:
    lake, function = Lake(), Function()
    sim = Simulator(latency=None, delays="instant", limits="off", account=ACCOUNT)
    sim.buckets.write = lake.store  # type: ignore[method-assign]
    sim.functions.register("t", function, duration_ms=200)
    steps_of = [("AppendDelimiterToRecord", {})]
    if transform:
        steps_of.insert(0, ("Lambda", {"LambdaArn": sim.functions.arn("t")}))
    wanted = bucket(
        ErrorOutputPrefix="erros/!{firehose:error-output-type}/",
        **hints(1, interval),
        **processing(*steps_of),
    )
    request = {"DeliveryStreamName": NAME, "ExtendedS3DestinationConfiguration": wanted}
    sim.gate.call("firehose", "CreateDeliveryStream", request)
    stream, sent = sim.firehose[NAME], 0
    for what, value in steps:
        if what == "put":
            blobs = [b'{"n":%d,"fate":"%s"}' % (sent + i, f.encode()) for i, f in enumerate(value)]
            sent += len(blobs)
            assert None not in stream.put(blobs)
        elif what == "minutes":
            sim.advance(minutes=value)
        elif what == "update":
            _update(sim, stream, value)
        else:
            (lake if what == "lake" else function).broken = value
        _check(stream, lake, function, sent)
    lake.broken = function.broken = False
    sim.advance(hours=2)
    _check(stream, lake, function, sent)
    assert stream.held == 0


def _update(sim: Simulator, stream: DeliveryStream, interval: int) -> None:
    request = {
        "DeliveryStreamName": NAME,
        "CurrentDeliveryStreamVersionId": str(stream.version),
        "DestinationId": "destinationId-000000000001",
        "ExtendedS3DestinationUpdate": hints(1, interval),
    }
    sim.gate.call("firehose", "UpdateDestination", request)


def _check(stream: DeliveryStream, lake: Lake, function: Function, sent: int) -> None:
    tally = stream.tally
    good, bad = lake.numbers()
    assert tally.accepted == sent
    assert tally.buffered == stream.held  # counted record by record in the buffers
    assert (tally.delivered, tally.errors) == (len(good), len(bad))
    assert tally.dropped == len(function.dropped)
    found = [*good, *bad, *function.dropped]
    assert len(set(found)) == len(found)  # each in one place, once
    assert tally.lost == sent - len(found) - stream.held


def test_records_are_lost_when_the_window_is_over_and_not_before(
    sim: Simulator, firehose: Any
) -> None:
    """Direct PUT: 24 hours (facts/firehose §6), to the millisecond."""
    create(firehose)
    sim.buckets.refuse(BUCKET, "SlowDown")
    stream = sim.firehose[NAME]
    stream.put([b"a"])
    sim.advance(hours=24, milliseconds=-1)
    assert (stream.tally.lost, stream.held) == (0, 1)
    sim.advance(milliseconds=1)
    assert (stream.tally.lost, stream.held) == (1, 0)


def test_a_batch_that_grows_old_record_by_record_is_not_tried_for_each(
    sim: Simulator, firehose: Any
) -> None:
    """An hour of records, one a second, behind a bucket that refuses for a day and an hour."""
    create(firehose)
    sim.buckets.refuse(BUCKET, "SlowDown")
    stream = sim.firehose[NAME]
    stream.put([b"x" * 5 * 2**20])
    for _ in range(3_600):
        sim.advance(seconds=1)
        stream.put([b"a"])
    sim.advance(hours=24)
    assert (stream.tally.lost, stream.held) == (3_601, 0)
    tries = [event for event in sim.events.of(DeliveryTried) if event.failed]
    assert len(tries) < 25 * 12 + 20


def test_what_reaches_the_lake_again_in_time_is_not_lost(sim: Simulator, firehose: Any) -> None:
    create(firehose)
    sim.buckets.refuse(BUCKET, "SlowDown")
    stream = sim.firehose[NAME]
    stream.put([b"a"])
    sim.advance(hours=23)
    sim.buckets.accept(BUCKET)
    sim.advance(minutes=6)
    assert (stream.tally.lost, stream.tally.delivered) == (0, 1)


def test_a_data_stream_keeps_its_records_longer(sim: Simulator) -> None:
    from tests.firehose.test_source import from_stream

    from_stream(sim)
    kinesis = sim.client("kinesis")
    kinesis.increase_stream_retention_period(StreamName="s", RetentionPeriodHours=48)
    sim.buckets.refuse(BUCKET, "SlowDown")
    kinesis.put_record(StreamName="s", PartitionKey="k", Data=b"a")
    sim.advance(hours=47)
    assert sim.firehose[NAME].tally.lost == 0
    sim.advance(hours=2)
    assert sim.firehose[NAME].tally.lost == 1


def test_bytes_of_one_record_survive_a_transform(sim: Simulator, firehose: Any) -> None:
    def twice(event: dict[str, Any]) -> Any:
        return {
            "records": [
                {
                    "recordId": row["recordId"],
                    "result": "Ok",
                    "data": b64encode(b64decode(row["data"]) * 2).decode(),
                }
                for row in event["records"]
            ]
        }

    sim.functions.register("t", twice)
    create(firehose, **processing(("Lambda", {"LambdaArn": sim.functions.arn("t")})))
    sim.firehose[NAME].put([b"\x00\xff"])
    sim.advance(minutes=10)
    (body,) = dict(sim.buckets.objects(BUCKET)).values()
    assert body == b"\x00\xff\x00\xff"


BY_TOPIC = {
    "DynamicPartitioningConfiguration": {"Enabled": True},
    "Prefix": "!{partitionKeyFromLambda:topic}/",
    "ErrorOutputPrefix": "e/",
}


def test_parts_of_one_record_are_records_of_their_own(sim: Simulator, firehose: Any) -> None:
    """A transform sees each part of a de-aggregated record under an id of its own."""
    seen: list[str] = []

    def note(event: dict[str, Any]) -> Any:
        seen.extend(row["recordId"] for row in event["records"])
        keys = {"partitionKeys": {"topic": "a"}}
        return {"records": [{**row, "result": "Ok", "metadata": keys} for row in event["records"]]}

    sim.functions.register("t", note)
    create(
        firehose,
        **processing(
            ("RecordDeAggregation", {"SubRecordType": "JSON"}),
            ("Lambda", {"LambdaArn": sim.functions.arn("t")}),
        ),
        **BY_TOPIC,
    )
    sim.firehose[NAME].put([b'{"a":1}{"a":2}{"a":3}', b'{"a":4}'])
    sim.advance(minutes=10)
    assert len(set(seen)) == 4
    assert sim.firehose[NAME].tally.delivered == 4


def test_a_backup_keeps_records_as_they_came(sim: Simulator, firehose: Any) -> None:
    """A new line put after each record is for the destination alone."""
    web = sim.receivers.http("web")
    firehose.create_delivery_stream(
        DeliveryStreamName=NAME,
        HttpEndpointDestinationConfiguration={
            "EndpointConfiguration": {"Url": web.url},
            "S3BackupMode": "AllData",
            "S3Configuration": bucket(),
            **processing(("AppendDelimiterToRecord", {})),
        },
    )
    sim.firehose[NAME].put([b"a", b"b"])
    sim.advance(minutes=6)
    assert list(dict(sim.buckets.objects(BUCKET)).values()) == [b"ab"]
    assert web.records == [b"a\n", b"b\n"]
