"""Retries through the real policy, and what becomes of what no retry helped (facts/firehose §6)."""

from __future__ import annotations

import gzip
import json
from base64 import b64decode, b64encode
from itertools import pairwise
from typing import Any

import pytest

from kinesis_sim import Simulator
from kinesis_sim.firehose.events import DeliveryTried
from tests.firehose.calls import BUCKET, NAME, bucket, create, delivered, hints, processing
from tests.firehose.endpoints import (
    LAKE,
    into_http,
    into_opensearch,
    into_redshift,
    into_splunk,
    retry,
)

COMMON = {
    "attemptsMade",
    "arrivalTimestamp",
    "errorCode",
    "errorMessage",
    "attemptEndingTimestamp",
    "rawData",
}


def put(sim: Simulator, *blobs: bytes) -> None:
    sim.firehose[NAME].put(blobs)


def seconds(receiver: Any) -> list[float]:
    """Pauses between the requests that a receiver had."""
    times = [visit.at for visit in receiver.visits]
    return [(after - before) / 1_000 for before, after in pairwise(times)]


def rows(sim: Simulator, kind: str) -> list[dict[str, Any]]:
    """The error rows under a kind's prefix."""
    bodies = delivered(sim, f"erros/{kind}/").values()
    return [json.loads(line) for body in bodies for line in body.splitlines()]


def tally(sim: Simulator) -> tuple[int, int, int, int]:
    """Delivered, errors, lost, held."""
    stream = sim.firehose[NAME]
    return stream.tally.delivered, stream.tally.errors, stream.tally.lost, stream.held


# --- OpenSearch -----------------------------------------------------------------------------------


def test_opensearch_is_tried_every_five_minutes(sim: Simulator) -> None:
    """For 15 minutes: at once and three times more."""
    receiver = into_opensearch(sim, **retry(900), **hints(1, 60))
    receiver.fail(503, times=None)
    put(sim, b'{"n":1}')
    sim.advance(minutes=30)
    assert seconds(receiver) == [300, 300, 300]
    (row,) = rows(sim, "AmazonOpenSearchService-failed")
    assert row.keys() == {*COMMON, "esDocumentId", "esIndexName", "esTypeName"}
    assert row["attemptsMade"] == 4
    assert row["esIndexName"] == "pedidos-2026-01-01"
    assert row["esDocumentId"]
    assert row["arrivalTimestamp"] == 1767225600000
    assert row["attemptEndingTimestamp"] - row["arrivalTimestamp"] == (60 + 900) * 1_000
    assert b64decode(row["rawData"]) == b'{"n":1}'
    assert tally(sim) == (0, 1, 0, 0)


def test_opensearch_without_patience_is_tried_once(sim: Simulator) -> None:
    receiver = into_opensearch(sim, **retry(0), **hints(1, 60))
    receiver.fail(503, times=None)
    put(sim, b'{"n":1}')
    sim.advance(minutes=30)
    assert len(receiver.visits) == 1
    assert rows(sim, "AmazonOpenSearchService-failed")[0]["attemptsMade"] == 1


def test_opensearch_gets_only_the_failed_documents_again(sim: Simulator) -> None:
    receiver = into_opensearch(sim, **hints(1, 60))
    receiver.reject(every=2)
    put(sim, *[b'{"n":%d}' % number for number in range(4)])
    sim.advance(minutes=2)
    assert sorted(row["n"] for row in receiver.search()) == [0, 2]
    assert tally(sim) == (2, 0, 0, 2)
    sim.advance(minutes=5)
    assert sorted(row["n"] for row in receiver.search()) == [0, 1, 2, 3]
    assert tally(sim) == (4, 0, 0, 0)


def test_what_is_no_document_fails_at_once(sim: Simulator) -> None:
    receiver = into_opensearch(sim, **hints(1, 60))
    put(sim, b'{"n":1}', b"no json")
    sim.advance(minutes=3)
    assert receiver.count() == 1
    (row,) = rows(sim, "AmazonOpenSearchService-failed")
    assert b64decode(row["rawData"]) == b"no json"
    assert row["attemptsMade"] == 1


# --- Splunk ---------------------------------------------------------------------------------------


def test_splunk_sends_again_when_no_acknowledgement_comes(sim: Simulator) -> None:
    """The time-out starts anew with each send; then AckTimeout (and a duplicate in Splunk)."""
    receiver = into_splunk(sim, HECAcknowledgmentTimeoutInSeconds=180, **hints(1, 60))
    receiver.never_acknowledge(1)
    put(sim, b"a\n")
    sim.advance(minutes=10)
    tries = [event for event in sim.events if isinstance(event, DeliveryTried)]
    assert [event.code for event in tries] == ["Splunk.AckTimeout", ""]
    assert tries[0].at - tries[0].oldest == (60 + 180) * 1_000
    assert [event.event for event in receiver.events] == ["a", "a"]
    assert tally(sim) == (1, 0, 0, 0)


def test_splunk_gives_up_after_its_duration(sim: Simulator) -> None:
    receiver = into_splunk(sim, **retry(30), **hints(1, 60))
    receiver.fail(503, times=None, message="Server is busy", kind=9)
    put(sim, b"a\n")
    sim.advance(minutes=10)
    assert sum(seconds(receiver)) == pytest.approx(30)
    (row,) = rows(sim, "splunk-failed")
    assert row.keys() == {*COMMON, "EventId"}
    assert row["errorCode"].startswith("Splunk.")
    assert b64decode(row["rawData"]) == b"a\n"
    assert tally(sim) == (0, 1, 0, 0)


def test_waiting_for_acknowledgements_does_not_use_up_the_duration(sim: Simulator) -> None:
    receiver = into_splunk(sim, **retry(5), **hints(1, 60))
    receiver.never_acknowledge(2)
    put(sim, b"a\n")
    sim.advance(minutes=20)
    assert tally(sim) == (1, 0, 0, 0)  # 2 × 180 s of waiting, and 3 s of pauses


# --- HTTP endpoints -------------------------------------------------------------------------------


def test_http_backs_off_within_its_duration(sim: Simulator) -> None:
    """1 s doubled each time, ±15 %; the last pause is cut to fit."""
    receiver = into_http(sim, **retry(60), **hints(1, 60))
    receiver.fail(500, times=None)
    put(sim, b"a")
    sim.advance(minutes=10)
    pauses = seconds(receiver)
    for place, pause in enumerate(pauses[:-1]):
        assert 0.85 * 2**place <= pause <= 1.15 * 2**place
    assert sum(pauses) == pytest.approx(60)
    ids = {visit.path for visit in receiver.visits}
    assert ids == {"/firehose"}
    (row,) = rows(sim, "http-endpoint-failed")
    assert row.keys() == {*COMMON, "subsequenceNumber", "dataId"}
    assert row["errorCode"] == "HttpEndpoint.DestinationException"
    assert row["attemptsMade"] == len(receiver.visits)
    assert tally(sim) == (0, 1, 0, 0)


def test_a_pause_is_two_minutes_at_most(sim: Simulator) -> None:
    receiver = into_http(sim, **retry(7_200), **hints(1, 60))
    receiver.fail(500, times=None)
    put(sim, b"a")
    sim.advance(hours=3)
    assert 119 < max(seconds(receiver)) <= 120 * 1.15


def test_a_413_is_lost_without_a_trace(sim: Simulator) -> None:
    receiver = into_http(sim, **hints(1, 60))
    receiver.fail(413)
    put(sim, b"a", b"b")
    sim.advance(minutes=10)
    assert len(receiver.visits) == 1
    assert delivered(sim) == {}
    assert tally(sim) == (0, 0, 2, 0)


@pytest.mark.parametrize("fault", ["refuse", "time_out", "reset", "halve"])
def test_every_way_to_break_is_tried_again(sim: Simulator, fault: str) -> None:
    receiver = into_http(sim, **hints(1, 60))
    getattr(receiver, fault)()
    put(sim, b"a")
    sim.advance(minutes=10)
    assert receiver.records[-1:] == [b"a"]
    assert tally(sim) == (1, 0, 0, 0)


def test_an_answer_that_was_lost_makes_a_duplicate(sim: Simulator) -> None:
    """At least once: the request id stays the same, so that a receiver can tell."""
    receiver = into_http(sim, **hints(1, 60))
    receiver.time_out(taking=True)
    put(sim, b"a")
    sim.advance(minutes=10)
    assert receiver.records == [b"a", b"a"]
    assert len({each.request_id for each in receiver.deliveries}) == 1
    assert tally(sim) == (1, 0, 0, 0)


# --- Redshift -------------------------------------------------------------------------------------


def test_redshift_is_tried_every_five_minutes_then_skipped(sim: Simulator) -> None:
    warehouse = into_redshift(sim, **retry(600))
    warehouse.state = "paused"
    put(sim, b'{"n":1}', b'{"n":2}')
    sim.advance(minutes=30)
    copies = [
        event
        for event in sim.events
        if isinstance(event, DeliveryTried) and event.destination == "Redshift"
    ]
    assert [event.attempt for event in copies] == [1, 2, 3]
    assert copies[2].at - copies[0].at == 600_000
    (manifest,) = delivered(sim, "errors/manifests/").values()
    (entry,) = json.loads(manifest)["entries"]
    staged = entry["url"].removeprefix(f"s3://{BUCKET}/")
    assert sim.buckets.read(BUCKET, staged) == b'{"n":1}{"n":2}'  # the data stays where it was
    assert tally(sim) == (0, 2, 0, 0)
    assert sim.firehose[NAME].site.log[-1].code == "Redshift.ConnectionFailed"


def test_redshift_that_comes_back_in_time(sim: Simulator) -> None:
    warehouse = into_redshift(sim)
    warehouse.state = "resizing"
    put(sim, b'{"n":1}')
    sim.advance(minutes=3)
    warehouse.state = "available"
    sim.advance(minutes=5)
    assert warehouse.sql("select n from clicks")["n"].tolist() == [1]
    assert delivered(sim, "errors/") == {}


# --- S3 -------------------------------------------------------------------------------------------


def test_s3_is_tried_for_a_day_and_nothing_goes_to_the_error_prefix(
    sim: Simulator, firehose: Any
) -> None:
    create(firehose, **hints(1, 60), ErrorOutputPrefix="erros/")
    sim.buckets.refuse(BUCKET, "AccessDenied")
    put(sim, b"a")
    sim.advance(hours=25)
    tries = [event.at for event in sim.events if isinstance(event, DeliveryTried)]
    pauses = [after - before for before, after in pairwise(tries)]
    assert pauses[:4] == [5_000, 10_000, 20_000, 40_000]
    assert max(pauses) == 300_000
    sim.buckets.accept(BUCKET)
    sim.advance(hours=1)
    assert delivered(sim) == {}
    assert tally(sim) == (0, 0, 1, 0)


# --- primary and backup ---------------------------------------------------------------------------


def test_primary_and_backup_both_failing_pauses_delivery(sim: Simulator) -> None:
    """What is given up waits for the error output; the next batches wait at the destination."""
    receiver = into_http(sim, **retry(5), **hints(1, 60))
    receiver.fail(500, times=None)
    sim.buckets.refuse(BUCKET, "NoSuchBucket")
    for number in range(10):
        put(sim, b"%d" % number)
        sim.advance(minutes=5)
    assert tally(sim) == (0, 0, 0, 10)
    receiver.mend()
    sim.advance(minutes=10)
    waiting = len(receiver.records)
    assert waiting >= 7  # only what was given up before the backup was known to fail is not there
    sim.buckets.accept(BUCKET)
    sim.advance(minutes=10)
    assert tally(sim) == (waiting, 10 - waiting, 0, 0)


def test_a_pause_ends_with_the_window(sim: Simulator) -> None:
    receiver = into_http(sim, **retry(5), **hints(1, 60))
    receiver.fail(500, times=None)
    sim.buckets.refuse(BUCKET, "NoSuchBucket")
    put(sim, b"a")
    sim.advance(minutes=10)
    put(sim, b"b")
    sim.advance(hours=25)
    assert tally(sim) == (0, 0, 2, 0)


@pytest.mark.parametrize(
    ("make", "everything", "record"),
    [
        (into_http, "AllData", b"a"),
        (into_splunk, "AllEvents", b"a\n"),
        (into_opensearch, "AllDocuments", b'{"n":1}'),
    ],
)
def test_backup_modes(sim: Simulator, make: Any, everything: str, record: bytes) -> None:
    """All: a copy of every record, delivered or not; else only what failed."""
    make(sim, S3BackupMode=everything, **hints(1, 60))
    put(sim, record)
    sim.advance(minutes=10)
    assert list(delivered(sim).values()) == [record]
    assert tally(sim) == (1, 0, 0, 0)


@pytest.mark.parametrize("make", [into_http, into_splunk, into_opensearch])
def test_by_default_only_what_failed_is_kept(sim: Simulator, make: Any) -> None:
    make(sim, **hints(1, 60))
    put(sim, b'{"n":1}')
    sim.advance(minutes=10)
    assert delivered(sim) == {}


def test_redshift_keeps_source_records(sim: Simulator) -> None:
    sim.functions.register("t", _doubled)
    warehouse = into_redshift(
        sim,
        S3BackupMode="Enabled",
        S3BackupConfiguration=bucket("reserva", CompressionFormat="GZIP"),
        **processing(("Lambda", {"LambdaArn": sim.functions.arn("t")})),
    )
    put(sim, b'{"n":1}')
    sim.advance(minutes=10)
    assert warehouse.sql("select n from clicks")["n"].tolist() == [2]
    ((key, body),) = delivered(sim, name="reserva").items()
    assert key.endswith(".gz")
    assert gzip.decompress(body) == b'{"n":1}'


def _doubled(event: dict[str, Any]) -> Any:
    def twice(data: str) -> str:
        return b64encode(json.dumps({"n": 2 * json.loads(b64decode(data))["n"]}).encode()).decode()

    return {
        "records": [
            {"recordId": row["recordId"], "result": "Ok", "data": twice(row["data"])}
            for row in event["records"]
        ]
    }


def test_a_backup_has_a_compression_of_its_own(sim: Simulator, firehose: Any) -> None:
    sim.functions.register("t", _doubled)
    create(
        firehose,
        CompressionFormat="GZIP",
        S3BackupMode="Enabled",
        S3BackupConfiguration=bucket("reserva"),
        **processing(("Lambda", {"LambdaArn": sim.functions.arn("t")})),
    )
    put(sim, b'{"n":1}')
    sim.advance(minutes=10)
    assert list(delivered(sim, name="reserva").values()) == [b'{"n":1}']


# --- the error log --------------------------------------------------------------------------------


def test_errors_stand_in_the_log(sim: Simulator) -> None:
    """The stream's own, and CloudWatch Logs' where the request wants that, at simulated times."""
    logs = sim.client("logs")
    group = "/aws/kinesisfirehose/meu-firehose"
    logs.create_log_group(logGroupName=group)
    logs.create_log_stream(logGroupName=group, logStreamName="DestinationDelivery")
    wanted = {"Enabled": True, "LogGroupName": group, "LogStreamName": "DestinationDelivery"}
    receiver = into_http(sim, CloudWatchLoggingOptions=wanted, **hints(1, 60))
    receiver.fail(500, message="Broken on purpose")
    put(sim, b"a")
    sim.advance(minutes=5)
    (entry,) = sim.firehose[NAME].site.log
    assert entry.code == "HttpEndpoint.DestinationException"
    (event,) = logs.filter_log_events(logGroupName=group)["events"]
    assert event["timestamp"] == entry.at
    told = json.loads(event["message"])
    assert told["errorCode"] == entry.code
    assert told["message"] == entry.message
    assert told["deliveryStreamARN"] == sim.firehose[NAME].arn
    logs.delete_log_group(logGroupName=group)


def test_a_backup_has_a_log_of_its_own(sim: Simulator) -> None:
    """The S3 block's, in the stream BackupDelivery."""
    logs = sim.client("logs")
    group = "/aws/kinesisfirehose/meu-firehose"
    logs.create_log_group(logGroupName=group)
    for name in ("DestinationDelivery", "BackupDelivery"):
        logs.create_log_stream(logGroupName=group, logStreamName=name)
    wanted = {"CloudWatchLoggingOptions": {"Enabled": True, "LogGroupName": group}}
    receiver = into_http(sim, S3Configuration=LAKE | wanted, **wanted, **retry(0), **hints(1, 60))
    receiver.fail(500)
    sim.buckets.refuse(BUCKET, "SlowDown")
    put(sim, b"a")
    sim.advance(minutes=2)
    found = {
        name: [
            json.loads(event["message"])["errorCode"]
            for event in logs.filter_log_events(logGroupName=group, logStreamNames=[name])["events"]
        ]
        for name in ("DestinationDelivery", "BackupDelivery")
    }
    assert found["DestinationDelivery"] == ["HttpEndpoint.DestinationException"]
    assert set(found["BackupDelivery"]) == {"S3.SlowDown"}
    logs.delete_log_group(logGroupName=group)


def test_a_log_that_is_not_there_swallows_errors(sim: Simulator) -> None:
    wanted = {"Enabled": True, "LogGroupName": "nenhum", "LogStreamName": "nenhum"}
    receiver = into_http(sim, CloudWatchLoggingOptions=wanted, **hints(1, 60))
    receiver.fail(500)
    put(sim, b"a")
    sim.advance(minutes=5)
    assert tally(sim) == (1, 0, 0, 0)


def test_where_failures_go_is_named_by_its_prefix(sim: Simulator) -> None:
    """Without an ErrorOutputPrefix the output type stands before the time."""
    lake = {name: value for name, value in LAKE.items() if name != "ErrorOutputPrefix"}
    receiver = into_http(sim, S3Configuration=lake, **retry(0), **hints(1, 60))
    receiver.fail(500, times=None)
    put(sim, b"a")
    sim.advance(minutes=5)
    (key,) = sim.buckets.keys(BUCKET)
    assert key.startswith(f"http-endpoint-failed/2026/01/01/00/{NAME}-1-2026-01-01-00-00-00-")
