"""Channels: the laws at the top of ``streams/channels.py``."""

from __future__ import annotations

import json
from base64 import b64decode
from gzip import decompress
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import given, settings
from hypothesis import strategies as st

from kinesis_sim import Simulator
from kinesis_sim.account.storage import Undelivered
from kinesis_sim.streams.events import ChannelDelivered
from tests.effort import examples
from tests.streams.calls import refused

BUCKET = "lago"


def a_channel(
    sim: Simulator, kind: str = "JSON", compression: str = "NONE", **destination: Any
) -> tuple[Any, str]:
    """A client and the ARN of an ACTIVE channel ``canal`` on the on-demand stream ``cliques``."""
    kinesis = sim.client("kinesis")
    mode = {"StreamMode": "ON_DEMAND"}
    kinesis.create_stream(StreamName="cliques", StreamModeDetails=mode)
    place = {"BucketARN": f"arn:aws:s3:::{BUCKET}", "ExpectedBucketOwner": sim.account}
    source = {
        "StreamARN": sim.streams.arn("cliques"),
        "RecordConfiguration": {"RecordFormatType": kind},
    }
    made = kinesis.create_channel(
        ChannelName="canal",
        ServiceExecutionRoleARN=f"arn:aws:iam::{sim.account}:role/canal",
        StreamConfigurationList=[source],
        S3DestinationConfiguration={
            "StorageConfiguration": {**place, "CompressionType": compression},
            **destination,
        },
    )
    return kinesis, made["ChannelDescription"]["ChannelARN"]


class Lake:
    """Stands in for S3: keeps objects, or refuses them."""

    def __init__(self, sim: Simulator) -> None:
        self.objects: dict[str, tuple[int, bytes]] = {}
        self.broken = False
        self._sim = sim
        sim.streams.store = self.store

    def store(self, bucket: str, key: str, body: bytes) -> None:
        if self.broken:
            raise Undelivered("S3.NoSuchBucket", "the bucket is not there")
        assert bucket == BUCKET
        assert key not in self.objects
        self.objects[key] = (self._sim.clock.now, body)

    def lines(self, prefix: str) -> list[bytes]:
        found = [body for key, (_, body) in self.objects.items() if key.startswith(prefix)]
        return [line for body in found for line in body.splitlines()]


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("put"), st.sampled_from([b'{"n": 1}', b"no json", b"\xff", b"[]"])),
        st.tuples(st.just("wait"), st.integers(1, 400)),
        st.tuples(st.just("break"), st.booleans()),
    ),
    max_size=25,
)


@given(STEPS)
@settings(max_examples=examples(40))
def test_every_record_is_delivered_once_or_refused_once_and_in_time(
    steps: list[tuple[str, Any]],
) -> None:
    sim = Simulator(latency=None, delays="instant", limits="off")
    lake = Lake(sim)
    kinesis, _ = a_channel(sim)
    good = bad = 0
    oldest: int | None = None
    for what, value in steps:
        if what == "put":
            kinesis.put_record(StreamName="cliques", PartitionKey="k", Data=value)
            good, bad = good + (value[:1] in b"{["), bad + (value[:1] not in b"{[")
            oldest = sim.clock.now if oldest is None else oldest
        elif what == "wait":
            sim.advance(seconds=value)
        else:
            lake.broken = value
    lake.broken = False
    sim.advance(seconds=301)
    assert len(lake.lines("canal/")) == good
    assert len(lake.lines("errors/")) == bad
    delivered = sim.events.of(ChannelDelivered)
    assert sum(event.records for event in delivered) == good
    assert sum(event.errors for event in delivered) == bad
    if oldest is not None:
        assert delivered[0].at == oldest + 300_000


def test_a_channel_has_no_backfill(sim: Simulator) -> None:
    lake = Lake(sim)
    kinesis = sim.client("kinesis")
    mode = {"StreamMode": "ON_DEMAND"}
    kinesis.create_stream(StreamName="cliques", StreamModeDetails=mode)
    kinesis.put_record(StreamName="cliques", PartitionKey="k", Data=b'"early"')
    place = {"BucketARN": f"arn:aws:s3:::{BUCKET}", "ExpectedBucketOwner": sim.account}
    source = {
        "StreamARN": sim.streams.arn("cliques"),
        "RecordConfiguration": {"RecordFormatType": "JSON"},
    }
    kinesis.create_channel(
        ChannelName="canal",
        ServiceExecutionRoleARN=f"arn:aws:iam::{sim.account}:role/canal",
        StreamConfigurationList=[source],
        S3DestinationConfiguration={"StorageConfiguration": {**place, "CompressionType": "NONE"}},
    )
    kinesis.put_record(StreamName="cliques", PartitionKey="k", Data=b'"late"')
    sim.advance(seconds=300)
    assert lake.lines("canal/") == [b'"late"']


def test_objects_land_in_motos_s3_compressed(sim: Simulator) -> None:
    s3 = sim.client("s3")
    s3.create_bucket(Bucket=BUCKET)
    kinesis, _ = a_channel(sim, compression="GZIP", DataFreshnessInSeconds=600)
    kinesis.put_record(StreamName="cliques", PartitionKey="k", Data=b'{"a":\n 1}')
    sim.advance(seconds=599)
    assert "Contents" not in s3.list_objects_v2(Bucket=BUCKET, Prefix="canal/")
    sim.advance(seconds=1)
    [found] = s3.list_objects_v2(Bucket=BUCKET, Prefix="canal/2026/01/01/00/")["Contents"]
    body = s3.get_object(Bucket=BUCKET, Key=found["Key"])["Body"].read()
    assert decompress(body) == b'{"a":1}\n'


@pytest.mark.parametrize("wrong", [-1, 0, 299, 901])
def test_freshness_is_five_to_fifteen_minutes(sim: Simulator, wrong: int) -> None:
    kinesis, arn = a_channel(sim)

    def update(seconds: int) -> int:
        asked = {"DataFreshnessInSeconds": seconds}
        shown = kinesis.update_channel(ChannelARN=arn, S3DestinationConfiguration=asked)
        return int(
            shown["ChannelDescription"]["S3DestinationConfiguration"]["DataFreshnessInSeconds"]
        )

    with refused("ValidationException") as answer:
        update(wrong)
    assert "between 300 and 900 seconds" in answer.message
    assert [update(right) for right in (300, 900)] == [300, 900]
    with refused("ValidationException"):
        a_channel(Simulator(latency=None, delays="instant"), DataFreshnessInSeconds=wrong)


def test_bytes_travel_in_base64_and_errors_carry_the_record(sim: Simulator) -> None:
    lake = Lake(sim)
    kinesis, _ = a_channel(sim, kind="BYTE_ARRAY")
    kinesis.put_record(StreamName="cliques", PartitionKey="k", Data=b"\xff\n\x00")
    sim.advance(seconds=300)
    assert [b64decode(line) for line in lake.lines("canal/")] == [b"\xff\n\x00"]
    other = Simulator(latency=None, delays="instant", account="210987654321")
    lake = Lake(other)
    kinesis, _ = a_channel(other, kind="STRING")
    kinesis.put_record(StreamName="cliques", PartitionKey="k", Data=b"\xff")
    other.advance(seconds=300)
    [row] = map(json.loads, lake.lines("errors/canal/"))
    assert b64decode(row["rawData"]) == b"\xff"


def test_s3_tables_fail_and_say_so(sim: Simulator) -> None:
    kinesis = sim.client("kinesis")
    mode = {"StreamMode": "ON_DEMAND"}
    kinesis.create_stream(StreamName="cliques", StreamModeDetails=mode)
    owner = {"BucketARN": f"arn:aws:s3:::{BUCKET}", "ExpectedBucketOwner": sim.account}
    table = {
        "TableBucketARN": f"arn:aws:s3tables:us-east-1:{sim.account}:bucket/lago",
        "Namespace": "pedala",
        "TableName": "cliques",
        "CompressionType": "ZSTD",
    }
    made = kinesis.create_channel(
        ChannelName="canal",
        ServiceExecutionRoleARN=f"arn:aws:iam::{sim.account}:role/canal",
        StreamConfigurationList=[
            {
                "StreamARN": sim.streams.arn("cliques"),
                "RecordConfiguration": {"RecordFormatType": "JSON"},
            }
        ],
        S3TablesDestinationConfiguration={
            "DeadLetterQueueS3Configuration": owner,
            "S3TablesConfigurationList": [table],
        },
    )
    arn = made["ChannelDescription"]["ChannelARN"]
    seen = kinesis.describe_channel(ChannelARN=arn)["ChannelDescription"]
    assert seen["ChannelStatus"] == "FAILED"
    assert "S3 Tables" in seen["ChannelStatusReason"]
    assert kinesis.list_channels()["ChannelSummaries"][0]["ChannelDestinationType"] == "S3_TABLES"


def test_a_stream_with_channels_cannot_be_deleted(sim: Simulator) -> None:
    kinesis, arn = a_channel(sim)
    with pytest.raises(kinesis.exceptions.ResourceInUseException, match="has channels"):
        kinesis.delete_stream(StreamName="cliques")
    kinesis.delete_channel(ChannelARN=arn)
    kinesis.delete_stream(StreamName="cliques")


@pytest.mark.parametrize(
    ("kind", "compression", "text"),
    [("GSR_JSON", "NONE", "GSR_JSON is not supported"), ("JSON", "ZSTD", "does not simulate")],
)
def test_what_cannot_be_delivered_is_refused(
    sim: Simulator, kind: str, compression: str, text: str
) -> None:
    with pytest.raises(ClientError, match=text):
        a_channel(sim, kind=kind, compression=compression)
