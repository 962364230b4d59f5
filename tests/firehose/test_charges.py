"""The bill of Firehose: the worked examples of facts/firehose §8 to the cent, by folding events."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from kinesis_sim import Simulator
from kinesis_sim.account.aggregation import UserRecord, aggregate
from kinesis_sim.account.bill import Line
from kinesis_sim.account.prices import price_list
from kinesis_sim.events import Event
from kinesis_sim.firehose.charges import TIERS, FirehoseCharges
from kinesis_sim.firehose.events import (
    DeliveryTried,
    DestinationChanged,
    ObjectWritten,
    RecordsPartitioned,
    RecordsTaken,
)
from kinesis_sim.firehose.metering import billed
from kinesis_sim.instants import DAY, HOUR
from kinesis_sim.units import GIB
from tests.firehose.calls import NAME, ROLE, bucket, create, hints, processing
from tests.firehose.test_source import from_stream
from tests.firehose.test_source import put as put_into_stream

START = 1767225600000  # 2026-01-01, the simulator's own
DAYS_30 = 30 * 86_400


def taken(records: int, size: int, at: int = START, stream: str = "s") -> RecordsTaken:
    """A put of equal records."""
    return RecordsTaken(
        at=at,
        stream=stream,
        api="PutRecordBatch",
        records=records,
        bytes=records * size,
        billed_bytes=records * billed([size]),
    )


def written(size: int, kind: str = "data") -> ObjectWritten:
    return ObjectWritten(
        at=START,
        stream="s",
        bucket="lago",
        key="k",
        kind=kind,
        records=1,
        bytes=size,
        size=size,
        oldest=START,
    )


def partitioned(records: int) -> RecordsPartitioned:
    return RecordsPartitioned(at=START, stream="s", records=records, active=1, limit=500)


def changed(**settings: bool) -> DestinationChanged:
    return DestinationChanged(
        at=START,
        stream="s",
        version=1,
        destination="S3",
        size_bytes=1,
        interval_ms=1,
        **settings,
    )


def lines(*events: Event) -> dict[str, Line]:
    fold = FirehoseCharges()
    fold.take(events)
    return {line.item: line for line in fold.lines(price_list("us-east-1"), START)}


def cents(line: Line) -> str:
    return f"{line.amount:.2f}"


# --- the worked examples --------------------------------------------------------------------------


def test_a_thousand_records_a_second_of_three_kb() -> None:
    found = lines(taken(1_000 * DAYS_30, 3 * 1024))
    assert f"{found['firehose.data_in'].quantity:.1f}" == "12359.6"
    assert cents(found["firehose.data_in"]) == "358.43"
    assert found.keys() == {"firehose.data_in"}


def test_the_same_bytes_packed_ten_to_a_record() -> None:
    found = lines(taken(100 * DAYS_30, 30 * 1024))
    assert f"{found['firehose.data_in'].quantity:.1f}" == "7415.8"
    assert cents(found["firehose.data_in"]) == "215.06"


def test_parquet_on_the_first_case() -> None:
    found = lines(changed(conversion=True), taken(1_000 * DAYS_30, 3 * 1024))
    assert cents(found["firehose.format_conversion"]) == "222.47"


def test_dynamic_partitioning_on_the_second() -> None:
    total, size = 100 * DAYS_30 * 30 * 1024, 64 * 2**20
    full, rest = divmod(total, size)
    events = [changed(partitioning=True), *[written(size)] * full, written(rest)]
    found = lines(*events)
    assert cents(found["firehose.partitioned_data"]) == "148.32"
    assert full + 1 == 118_653  # 118,652.3 objects of 64 MiB
    assert cents(found["firehose.partitioned_objects"]) == "0.59"


def test_the_calculators_own_example() -> None:
    """730 h, 10,000 records/s of 5 KB, conversion, partitioning into objects of 64 MB: 10,112.96
    there, a cent less here, because the calculator rounds on its way.

    In it are 70 jq hours, here as many milliseconds of records, and ten subnets that get 1.3 times
    the data; no one destination has all of it at once, so the lines are those of four streams.
    """
    size, each = 5 * 1024 * 10_000 * 730 * 3_600, 64 * 2**20
    hundreds, rest = divmod(size // each, 100)
    put = lines(changed(conversion=True), taken(10_000 * 730 * 3_600, 5 * 1024))
    many = lines(changed(partitioning=True), *[written(each)] * hundreds)
    few = lines(changed(partitioning=True), *[written(each)] * rest, written(size % each))
    jq = lines(changed(partitioning=True, jq=True), partitioned(70 * HOUR))
    vpc = into_vpc(10, 730 * HOUR, size * 13 // 10)
    metered = _total(put) + 100 * _total(many) + _total(few) + _total(jq) + _total(vpc)
    assert f"{metered:.2f}" == "10112.95"


def into_vpc(subnets: int, ms: int, size: int) -> dict[str, Line]:
    """The lines of a stream that delivers ``size`` bytes into a VPC for a while."""
    fold = FirehoseCharges()
    tried = DeliveryTried(
        at=START,
        stream="s",
        destination="AmazonOpenSearchService",
        lane="",
        attempt=1,
        delivered=1,
        failed=0,
        bytes=size,
        came=size,
        metric="DeliveryToAmazonOpenSearchService",
        oldest=START,
    )
    fold.take([changed(subnets=subnets), tried])
    return {line.item: line for line in fold.lines(price_list("us-east-1"), START + ms)}


def test_a_begun_hour_into_a_vpc_is_a_whole_one_for_each_subnet() -> None:
    found = into_vpc(2, HOUR + 1, GIB)
    assert found["firehose.vpc_hour"].quantity == 4
    assert found["firehose.vpc_hour"].amount == Decimal("0.04")
    assert found["firehose.vpc_data"].amount == Decimal("0.01")


def test_a_vpc_is_paid_for_until_the_stream_is_deleted() -> None:
    sim = Simulator(latency=None, delays="instant", account="210987654321")
    domain = sim.receivers.opensearch("busca-vpc")
    firehose = sim.client("firehose")
    firehose.create_delivery_stream(
        DeliveryStreamName=NAME,
        AmazonopensearchserviceDestinationConfiguration={
            "RoleARN": ROLE,
            "DomainARN": domain.arn,
            "IndexName": "logs",
            "S3Configuration": bucket(),
            "VpcConfiguration": {
                "SubnetIds": ["subnet-a", "subnet-b"],
                "RoleARN": ROLE,
                "SecurityGroupIds": ["sg-a"],
            },
        },
    )
    sim.advance(hours=3)
    firehose.delete_delivery_stream(DeliveryStreamName=NAME)
    sim.advance(hours=10)
    assert sim.bill().amount("firehose.vpc_hour") == Decimal("0.06")


def _total(found: dict[str, Line]) -> Decimal:
    return sum((line.amount for line in found.values()), Decimal(0))


# --- tiers ----------------------------------------------------------------------------------------

TB = 1024 * GIB


def test_tiers_of_a_month() -> None:
    big = RecordsTaken(at=START, stream="s", api="", records=1, bytes=1, billed_bytes=3_000 * TB)
    found = lines(big)
    assert [found[item].quantity for item, _ in TIERS] == [500 * 1024, 1_536 * 1024, 964 * 1024]
    assert [str(found[item].price.usd) for item, _ in TIERS] == ["0.029", "0.025", "0.020"]


def test_tiers_count_all_streams_and_begin_anew_each_month() -> None:
    def big(at: int, stream: str) -> RecordsTaken:
        return RecordsTaken(at=at, stream=stream, api="", records=1, bytes=1, billed_bytes=400 * TB)

    fold = FirehoseCharges()
    fold.take([big(START, "a"), big(START, "b"), big(START + 31 * DAY, "b")])
    found = {
        (line.resource, line.item): line.quantity / 1024
        for line in fold.lines(price_list("us-east-1"), START)
    }
    assert found == {
        ("a", "firehose.data_in"): 400,
        ("b", "firehose.data_in"): 100 + 400,
        ("b", "firehose.data_in_over_500_tb"): 300,
    }


@given(sizes=st.lists(st.integers(1, 900), min_size=1, max_size=8))
def test_tiers_add_up_however_the_month_is_cut(sizes: list[int]) -> None:
    def big(size: int) -> RecordsTaken:
        return RecordsTaken(
            at=START, stream="s", api="", records=1, bytes=1, billed_bytes=size * TB
        )

    cut, whole = lines(*map(big, sizes)), lines(big(sum(sizes)))
    assert {item: line.quantity for item, line in cut.items()} == {
        item: line.quantity for item, line in whole.items()
    }


# --- what is metered, by streams that run ---------------------------------------------------------


def bill(sim: Simulator) -> dict[str, Line]:
    return {line.item: line for line in sim.bill().of(NAME).rows}


def test_each_record_is_rounded_up(sim: Simulator, firehose: Any) -> None:
    """Each record, not each call: two records of 1 KB in a batch are 10 KB."""
    create(firehose)
    sim.firehose[NAME].put([bytes(1024)] * 2)
    sim.firehose[NAME].put([bytes(5120)])
    sim.firehose[NAME].put([bytes(5121)])
    assert bill(sim)["firehose.data_in"].numerator == (2 + 1 + 2) * 5120


def test_a_throttled_record_costs_nothing() -> None:
    sim = Simulator(latency=None, delays="instant", account="210987654321")
    create(sim.client("firehose"))
    sim.firehose[NAME].put([bytes(1_000_000)] * 6)
    assert bill(sim)["firehose.data_in"].numerator == 5 * billed([1_000_000])


def test_an_aggregate_counts_as_one_record(sim: Simulator) -> None:
    from_stream(sim)
    data = aggregate([UserRecord("a", b"1"), UserRecord("b", b"2")])
    put_into_stream(sim, data)
    sim.advance(minutes=1)
    assert bill(sim)["firehose.data_in"].numerator == 5120


def test_only_data_objects_count_as_partitioned(sim: Simulator, firehose: Any) -> None:
    jq = {"MetadataExtractionQuery": "{k:.k}", "JsonParsingEngine": "JQ-1.6"}
    create(
        firehose,
        DynamicPartitioningConfiguration={"Enabled": True},
        Prefix="k=!{partitionKeyFromQuery:k}/",
        ErrorOutputPrefix="erros/",
        **hints(64, 60),
        **processing(("MetadataExtraction", jq)),
    )
    sim.firehose[NAME].put([b'{"k":"a"}', b'{"k":"b"}', b"no json"])
    sim.advance(hours=2)
    found = bill(sim)
    assert found["firehose.partitioned_objects"].numerator == 2
    assert found["firehose.partitioned_data"].numerator == 2 * len(b'{"k":"a"}')
    assert found["firehose.jq_hour"].numerator == 3  # ms, one a record, the one it fails at too
