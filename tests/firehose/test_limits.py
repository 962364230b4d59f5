"""Where Firehose's numbers end, each at its edge (facts/firehose, and the model's own choices)."""

from __future__ import annotations

import bz2
import gzip
from itertools import pairwise
from typing import Any

import pytest
from botocore.exceptions import ClientError

from kinesis_sim import Simulator
from kinesis_sim.clock import Clock
from kinesis_sim.errors import UsageError
from kinesis_sim.firehose.buffering import BufferLane, Shipment
from kinesis_sim.firehose.conversion.timestamps import _within
from kinesis_sim.firehose.destinations.transport import Transport
from kinesis_sim.firehose.lake import objects
from kinesis_sim.firehose.lake.objects import LakeObject
from kinesis_sim.firehose.patience import RetrySteps
from kinesis_sim.firehose.processing.deaggregation import splitter
from kinesis_sim.firehose.processing.decompression import Allowance, NotDecompressed, decompressed
from kinesis_sim.firehose.record import Record
from kinesis_sim.firehose.settings import Hints
from kinesis_sim.units import MIB
from tests.firehose.calls import NAME, create, delivered, hints, processing, put


@pytest.mark.parametrize("parts", [500, 501])
def test_a_record_has_up_to_500_parts(parts: int) -> None:
    data = b"{}" * parts
    assert len(splitter("JSON").parts(data)) == (500 if parts == 500 else 1)


def test_a_record_may_unpack_to_64_mib_and_a_batch_to_20_times_its_size() -> None:
    text = b'"%s"' % (b"x" * (64 * MIB - 2))
    assert decompressed(gzip.compress(text)) == text
    bomb = decompressed(gzip.compress(bytes(64 * MIB + 1)))
    assert isinstance(bomb, NotDecompressed)
    assert "67108864 bytes" in bomb.message
    assert Allowance(1).left == 64 * MIB
    assert Allowance(10 * MIB).left == 200 * MIB


def test_tries_are_five_minutes_apart_while_there_is_room() -> None:
    first = Shipment([], 0, "", "size", 0)
    assert RetrySteps(300_000).pause(first) == 300_000
    assert RetrySteps(299_999).pause(first) is None


def test_timestamps_are_nanoseconds_of_64_bits() -> None:
    assert _within(2**63 - 1) == 2**63 - 1
    with pytest.raises(ValueError, match="9223372036854775808"):
        _within(2**63)


def test_a_query_reads_256_mib() -> None:
    piece = bytes(16 * MIB)
    assert len(objects.within_limits([("k", piece)] * 16)) == 16
    with pytest.raises(UsageError, match="may read 256 MiB"):
        objects.within_limits([*[("k", piece)] * 16, ("k", b"x")])


def test_an_object_unpacks_to_64_mib() -> None:
    assert len(objects.plain(LakeObject("k", gzip.compress(bytes(64 * MIB)), {}))) == 64 * MIB
    with pytest.raises(UsageError, match="more than 64 MiB"):
        objects.plain(LakeObject("k", bz2.compress(bytes(64 * MIB + 1), 1), {}))


def test_an_object_has_a_million_lines_and_a_file_50_million_cells() -> None:
    assert list(objects.lines(b"\n" * 1_000_000)) == []
    with pytest.raises(UsageError, match="over 1,000,000 lines"):
        objects.lines(b"\n" * 1_000_001)
    objects._few(50_000_000)
    with pytest.raises(UsageError, match="50,000,000 may be"):
        objects._few(50_000_001)


def test_a_query_answers_with_a_million_rows(sim: Simulator) -> None:
    assert len(sim.query("select 1 from range(1000000)")) == 1_000_000
    with pytest.raises(UsageError, match="answer with 1,000,000 rows"):
        sim.query("select 1 from range(1000001)")


def test_a_batch_is_halved_until_100_culprits_are_known() -> None:
    """Those after them fail together, so that a batch of bad records does not cost its length."""
    clock, tried = Clock(0), []

    def send(lane: BufferLane, shipment: Shipment) -> None:
        tried.append(len(shipment.records))
        raise ValueError("each of them")

    def broken(lane: BufferLane, shipment: Shipment, error: Exception) -> None:
        shipment.records = []

    lane = BufferLane("", Hints(1_000, 1_000), 1_000, clock, send, broken)
    lane.add([Record(b"x", 0)] * 1_000)
    clock.advance(10_000)
    assert tried.count(1) in (100, 101)
    assert lane.idle


def test_a_real_endpoint_gets_ten_seconds() -> None:
    assert Transport({}).patience_ms == 10_000


@pytest.mark.parametrize(("levels", "is_row"), [(128, True), (129, False)])
def test_a_row_has_128_levels(levels: int, is_row: bool) -> None:
    found = objects.json_row('{"a":' * levels + "1" + "}" * levels)
    assert (found is not None) is is_row


def test_a_failing_function_is_asked_again_after_a_second_and_twice_as_long_each_time() -> None:
    sim = Simulator(latency=None, delays="instant", account="210987654321")
    asked: list[int] = []

    def fail(event: object) -> None:
        asked.append(sim.clock.now)
        raise RuntimeError("out of order")

    sim.functions.register("f", fail)
    given = {"LambdaArn": sim.functions.arn("f"), "NumberOfRetries": "3"}
    firehose = sim.client("firehose")
    create(firehose, **processing(("Lambda", given)), **hints(1, 60))
    put(firehose, b"x")
    sim.advance(minutes=5)
    assert [after - before for before, after in pairwise(asked)] == [1_000, 2_000, 4_000]


@pytest.mark.parametrize(("region", "most"), [("us-east-1", 5_000), ("sa-east-1", 500)])
def test_an_account_has_so_many_streams(region: str, most: int) -> None:
    sim = Simulator(latency=None, delays="instant", account="210987654321", region=region)
    firehose = sim.client("firehose")
    create(firehose)
    kept = sim.firehose.streams
    kept.update({f"hose-{number}": kept[NAME] for number in range(most - 2)})
    create(firehose, "the-last")
    with pytest.raises(ClientError, match=f"your firehose quota of {most} hoses"):
        create(firehose, "one-more")


def test_a_stream_has_500_active_partitions(sim: Simulator, firehose: Any) -> None:
    query = {"MetadataExtractionQuery": "{n: .n}", "JsonParsingEngine": "JQ-1.6"}
    create(
        firehose,
        Prefix="!{partitionKeyFromQuery:n}/",
        ErrorOutputPrefix="failed/",
        DynamicPartitioningConfiguration={"Enabled": True},
        **processing(("MetadataExtraction", query)),
        **hints(64, 60),
    )
    for first in (0, 251):
        put(firehose, *(b'{"n": %d}' % number for number in range(first, min(first + 251, 501))))
    sim.advance(minutes=2)
    keys = delivered(sim)
    assert len([key for key in keys if not key.startswith("failed/")]) == 500
    assert len([key for key in keys if key.startswith("failed/")]) == 1
