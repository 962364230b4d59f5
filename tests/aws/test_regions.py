"""One account in several Regions, from one simulator and from one server."""

from __future__ import annotations

import json
import os
import subprocess
import sysconfig
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import boto3
import httpx
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from kinesis_sim import Simulator
from kinesis_sim.aws.server import Server, start
from kinesis_sim.errors import UsageError
from tests.aws.http_client import KEYS, instant

ACCOUNT = "410987654321"
AT_HOME, ABROAD = "us-east-1", "sa-east-1"
ONCE = Config(retries={"total_max_attempts": 1})


@pytest.fixture
def sim() -> Simulator:
    return instant(account=ACCOUNT)


@pytest.fixture
def server(sim: Simulator) -> Iterator[Server]:
    with start(sim) as running:
        yield running


def over_http(server: Server, region: str, service: str = "kinesis") -> Any:
    return boto3.client(
        service, region_name=region, endpoint_url=server.endpoint_url, config=ONCE, **KEYS
    )


def names(kinesis: Any) -> list[str]:
    return list(kinesis.list_streams()["StreamNames"])


def ways(sim: Simulator, server: Server, region: str) -> tuple[Any, Any]:
    return sim.client("kinesis", region_name=region), over_http(server, region)


def test_each_region_has_its_own_streams_however_one_comes_in(
    sim: Simulator, server: Server
) -> None:
    for region, other in ((AT_HOME, ABROAD), (ABROAD, AT_HOME)):
        inside, outside = ways(sim, server, region)
        inside.create_stream(StreamName=f"de-{region}", ShardCount=1)
        found = outside.describe_stream_summary(StreamName=f"de-{region}")
        arn = found["StreamDescriptionSummary"]["StreamARN"]
        assert arn == f"arn:aws:kinesis:{region}:{ACCOUNT}:stream/de-{region}"
        assert names(inside) == names(outside) == [f"de-{region}"]
        for elsewhere in ways(sim, server, other):
            assert f"de-{region}" not in names(elsewhere)
            with pytest.raises(ClientError, match="not found"):
                elsewhere.describe_stream_summary(StreamName=f"de-{region}")


def test_regions_share_the_clock_and_not_the_events(sim: Simulator) -> None:
    abroad = sim.in_region(ABROAD)
    assert abroad.in_region(AT_HOME) is sim
    assert sim.in_region(ABROAD) is abroad
    assert (abroad.clock, abroad.lock) == (sim.clock, sim.lock)
    abroad.client("kinesis").create_stream(StreamName="la", ShardCount=1)
    assert [type(event).__name__ for event in sim.events] == []
    assert "StreamCreated" in {type(event).__name__ for event in abroad.events}
    sim.advance(hours=1)
    assert abroad.now == sim.now


def test_a_region_answers_as_a_simulator_of_its_own_would() -> None:
    def told(kinesis: Any) -> tuple[Any, ...]:
        kinesis.create_stream(StreamName="s", ShardCount=2)
        put = kinesis.put_record(StreamName="s", PartitionKey="chave1", Data=b"dados")
        return put["SequenceNumber"], put["ShardId"]

    alone = told(instant(region=ABROAD).client("kinesis"))
    assert told(instant().client("kinesis", region_name=ABROAD)) == alone


def test_quotas_and_prices_are_the_regions(sim: Simulator, server: Server) -> None:
    limits = {
        region: over_http(server, region).describe_limits()["ShardLimit"]
        for region in (AT_HOME, ABROAD)
    }
    assert limits[AT_HOME] == instant().client("kinesis").describe_limits()["ShardLimit"]
    alone = instant(region=ABROAD).client("kinesis").describe_limits()["ShardLimit"]
    assert limits[ABROAD] == alone != limits[AT_HOME]
    for region in (AT_HOME, ABROAD):
        over_http(server, region).create_stream(StreamName="s", ShardCount=1)
    sim.advance(hours=730)
    bill = httpx.get(f"{server.endpoint_url}/_kinesis_lab/bill").json()
    assert [row["region"] for row in bill["rows"]] == [AT_HOME, ABROAD]
    home, abroad = sim.bill(), sim.in_region(ABROAD).bill()
    assert Decimal(bill["total"]) == home.total + abroad.total
    assert repr(home) in bill["text"]
    assert repr(abroad) in bill["text"]
    assert "All Regions: " in bill["text"]


def test_a_firehose_stream_reads_the_stream_of_its_region(sim: Simulator, server: Server) -> None:
    sim.buckets.create("lago-das-regioes")
    kinesis, firehose = over_http(server, ABROAD), over_http(server, ABROAD, "firehose")
    kinesis.create_stream(StreamName="fonte", ShardCount=1)
    role = f"arn:aws:iam::{ACCOUNT}:role/firehose"
    firehose.create_delivery_stream(
        DeliveryStreamName="entrega",
        DeliveryStreamType="KinesisStreamAsSource",
        KinesisStreamSourceConfiguration={
            "KinesisStreamARN": f"arn:aws:kinesis:{ABROAD}:{ACCOUNT}:stream/fonte",
            "RoleARN": role,
        },
        ExtendedS3DestinationConfiguration={
            "BucketARN": "arn:aws:s3:::lago-das-regioes",
            "RoleARN": role,
            "BufferingHints": {"IntervalInSeconds": 60, "SizeInMBs": 1},
        },
    )
    kinesis.put_record(StreamName="fonte", PartitionKey="chave1", Data=b"dados")
    sim.advance(minutes=5)
    [key] = sim.buckets.keys("lago-das-regioes")
    assert sim.buckets.read("lago-das-regioes", key) == b"dados"


def test_neighbours_are_of_the_same_region(sim: Simulator, server: Server) -> None:
    over_http(server, ABROAD, "sqs").create_queue(QueueName="fila")
    assert sim.client("sqs", region_name=ABROAD).get_queue_url(QueueName="fila")
    with pytest.raises(ClientError):
        sim.client("sqs").get_queue_url(QueueName="fila")


def test_metrics_and_mappings_are_the_regions(sim: Simulator, server: Server) -> None:
    over_http(server, ABROAD, "cloudwatch").put_metric_alarm(
        AlarmName="alarme",
        Namespace="AWS/Kinesis",
        MetricName="IncomingRecords",
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanThreshold",
    )
    [alarm] = over_http(server, ABROAD, "cloudwatch").describe_alarms()["MetricAlarms"]
    assert alarm["AlarmArn"].startswith(f"arn:aws:cloudwatch:{ABROAD}:")
    assert over_http(server, AT_HOME, "cloudwatch").describe_alarms()["MetricAlarms"] == []
    assert over_http(server, ABROAD, "lambda").list_event_source_mappings()
    assert [made.region for made in sim.regions] == [AT_HOME, ABROAD]


def test_what_is_no_region_is_refused(sim: Simulator, server: Server) -> None:
    with pytest.raises(UsageError, match="Simulator\\(region='sa-east-9'\\)"):
        sim.client("kinesis", region_name="sa-east-9")
    for service, operation in (
        ("kinesis", "list_streams"),
        ("lambda", "list_event_source_mappings"),
        ("cloudwatch", "describe_alarms"),
    ):
        with pytest.raises(ClientError, match="scoped to a valid region, not 'sa-east-9'"):
            getattr(over_http(server, "sa-east-9", service), operation)()
    assert len(list(sim.regions)) == 1


def test_an_account_is_saved_with_all_its_regions(tmp_path: Path) -> None:
    sim = instant(account="410987654322")
    for place in (sim, sim.in_region(ABROAD)):
        place.client("kinesis").create_stream(StreamName="s", ShardCount=1)
        place.client("kinesis").put_record(StreamName="s", PartitionKey="k", Data=b"x")
    sim.in_region(ABROAD).save(tmp_path / "kept")
    again = Simulator.load(tmp_path / "kept")
    assert [made.region for made in again.regions] == [AT_HOME, ABROAD]
    for made in again.regions:
        assert list(made.events) == list(sim.in_region(made.region).events)


def test_unsigned_calls_get_the_servers_region(sim: Simulator, server: Server) -> None:
    sim.client("kinesis").create_stream(StreamName="em-casa", ShardCount=1)
    headers = {"x-amz-target": "Kinesis_20131202.ListStreams"}
    kind = {"content-type": "application/x-amz-json-1.1"}
    found = httpx.post(server.endpoint_url, content=b"{}", headers={**headers, **kind}).json()
    assert found["StreamNames"] == ["em-casa"]


def test_the_command_line_of_aws_in_sao_paulo(sim: Simulator, server: Server) -> None:
    program = Path(sysconfig.get_path("scripts")) / "aws"
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("AWS_")},
        "AWS_ENDPOINT_URL": server.endpoint_url,
        "AWS_DEFAULT_REGION": ABROAD,
        "AWS_ACCESS_KEY_ID": "any",
        "AWS_SECRET_ACCESS_KEY": "any",
        "AWS_CONFIG_FILE": os.devnull,
    }

    def aws(*words: str) -> str:
        return subprocess.run(
            [program, *words], env=environment, check=True, capture_output=True, text=True
        ).stdout

    aws("kinesis", "create-stream", "--stream-name", "meu-stream", "--shard-count", "1")
    arn = f"arn:aws:kinesis:{ABROAD}:{ACCOUNT}:stream/meu-stream"
    found = json.loads(aws("kinesis", "describe-stream-summary", "--stream-arn", arn))
    assert found["StreamDescriptionSummary"]["StreamARN"] == arn
    assert names(sim.client("kinesis")) == []
