"""What moto's services send to streams arrives in ours.

Logs, EventBridge, SNS, DynamoDB, CloudFormation.
"""

from __future__ import annotations

import gzip
import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from kinesis_sim import Simulator
from kinesis_sim.aws.bridges.delivery import is_active, put
from kinesis_sim.aws.server import start
from tests.aws.http_client import client
from tests.project.source import ROOT

ACCOUNT = "420987654321"
STREAM = f"arn:aws:kinesis:us-east-1:{ACCOUNT}:stream/meu-stream"
HOSE = f"arn:aws:firehose:us-east-1:{ACCOUNT}:deliverystream/minha-mangueira"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/any"
BUCKET = "entregas-de-pontes"
Client = Callable[[str], Any]
GROUPS = count()
"""moto keeps groups for as long as this process lives."""


@pytest.fixture
def sim() -> Simulator:
    made = Simulator(latency=None, delays="instant", limits="off", account=ACCOUNT)
    made.client("kinesis").create_stream(StreamName="meu-stream", ShardCount=1)
    return made


@pytest.fixture(params=["in process", "over HTTP"])
def reach(sim: Simulator, request: pytest.FixtureRequest) -> Iterator[Client]:
    """A client of each service, by either carrier."""
    if request.param == "in process":
        yield sim.client
        return
    made: list[Any] = []
    with start(sim) as server:

        def over_http(service: str) -> Any:
            made.append(client(server, service))
            return made[-1].__enter__()

        yield over_http
        for each in made:
            each.__exit__(None, None, None)


def records(sim: Simulator, stream: str = "meu-stream") -> list[tuple[str, bytes]]:
    """Key and data of everything in a stream of one shard."""
    kinesis = sim.client("kinesis")
    where = {"ShardId": "shardId-000000000000", "ShardIteratorType": "TRIM_HORIZON"}
    iterator = kinesis.get_shard_iterator(StreamName=stream, **where)["ShardIterator"]
    found = kinesis.get_records(ShardIterator=iterator)["Records"]
    return [(record["PartitionKey"], record["Data"]) for record in found]


def hose(sim: Simulator) -> None:
    sim.buckets.create(BUCKET)
    sim.client("firehose").create_delivery_stream(
        DeliveryStreamName="minha-mangueira",
        S3DestinationConfiguration={
            "RoleARN": ROLE,
            "BucketARN": f"arn:aws:s3:::{BUCKET}",
            "BufferingHints": {"SizeInMBs": 1, "IntervalInSeconds": 60},
        },
    )


def delivered(sim: Simulator) -> bytes:
    """All that Firehose wrote; the bucket is empty afterwards."""
    sim.advance(seconds=70)
    s3 = sim.client("s3")
    keys = [row["Key"] for row in s3.list_objects_v2(Bucket=BUCKET).get("Contents", ())]
    bodies = [s3.get_object(Bucket=BUCKET, Key=key)["Body"].read() for key in keys]
    for key in keys:
        s3.delete_object(Bucket=BUCKET, Key=key)
    return b"".join(bodies)


# --- CloudWatch Logs ------------------------------------------------------------------------------


def subscribe(logs: Any, arn: str, group: str, **more: Any) -> None:
    logs.create_log_group(logGroupName=group)
    logs.create_log_stream(logGroupName=group, logStreamName="alfa")
    asked = {"logGroupName": group, "filterName": "f", "filterPattern": "", "roleArn": ROLE}
    asked |= {"destinationArn": arn, **more}
    given = {name: value for name, value in asked.items() if value is not None}
    logs.put_subscription_filter(**given)


def write(logs: Any, group: str, *messages: str) -> None:
    now = int(datetime.now(UTC).timestamp() * 1000)
    rows = [{"timestamp": now, "message": message} for message in messages]
    logs.put_log_events(logGroupName=group, logStreamName="alfa", logEvents=rows)


def test_a_log_subscription_tries_the_stream_out_and_fills_it(
    sim: Simulator, reach: Client
) -> None:
    logs, group = reach("logs"), f"g-{next(GROUPS)}"
    subscribe(logs, STREAM, group)
    write(logs, group, "um", "dois")
    [(tried, first), (key, second)] = records(sim)
    assert tried == "3e21f5e8240cbb048271af4fdb892a1c"  # as recorded
    told = json.loads(gzip.decompress(first))
    assert told["messageType"] == "CONTROL_MESSAGE"
    assert told["logEvents"][0]["message"] == (
        "CWL CONTROL MESSAGE: Checking health of destination Kinesis stream."
    )
    told = json.loads(gzip.decompress(second))
    assert (told["messageType"], told["owner"]) == ("DATA_MESSAGE", ACCOUNT)
    assert (told["logGroup"], told["logStream"]) == (group, "alfa")
    assert told["subscriptionFilters"] == ["f"]
    assert [event["message"] for event in told["logEvents"]] == ["um", "dois"]
    assert all(len(event["id"]) == 56 for event in told["logEvents"])
    write(logs, group, "três")
    assert records(sim)[-1][0] == key, "a log stream has one key"


def test_a_filter_pattern_leaves_events_out(sim: Simulator) -> None:
    logs = sim.client("logs")
    subscribe(logs, STREAM, "filtrado", filterPattern="ERRO")
    write(logs, "filtrado", "tudo bem")
    write(logs, "filtrado", "ERRO 1", "tudo bem")
    [_, (_, data)] = records(sim)
    assert [row["message"] for row in json.loads(gzip.decompress(data))["logEvents"]] == ["ERRO 1"]


def test_a_log_subscription_fills_a_firehose_stream(sim: Simulator) -> None:
    hose(sim)
    subscribe(sim.client("logs"), HOSE, "mangueira")
    write(sim.client("logs"), "mangueira", "um")
    assert b"Checking health of destination Firehose." in gzip.decompress(delivered(sim))


@pytest.mark.parametrize(
    ("more", "code", "text"),
    [
        (
            {"roleArn": None},
            "InvalidParameterException",
            "destinationArn for vendor kinesis cannot be used without roleArn",
        ),
        (
            {"destinationArn": STREAM.replace("meu-stream", "nenhum")},
            "InvalidParameterException",
            "Could not deliver test message to specified Kinesis stream. Check if the given "
            "Kinesis stream is in ACTIVE state.",
        ),
        (
            {"destinationArn": HOSE.replace("minha-mangueira", "nenhuma")},
            "InvalidParameterException",
            "Could not deliver test message to specified Firehose stream. Check if the given "
            "Firehose stream is in ACTIVE state.",
        ),
        (
            {"filterPattern": '{ $.nivel = "ERRO" }'},
            "UnknownOperationException",
            "Kinesis Lab does not evaluate the filter pattern",
        ),
    ],
)
def test_a_log_subscription_that_cannot_work_is_refused(
    sim: Simulator, reach: Client, more: dict[str, Any], code: str, text: str
) -> None:
    group = f"r-{next(GROUPS)}"
    with pytest.raises(ClientError) as refused:
        subscribe(reach("logs"), STREAM, group, **more)
    assert refused.value.response["Error"]["Code"] == code
    assert refused.value.response["Error"]["Message"].startswith(text)
    assert records(sim) == []


# --- EventBridge ----------------------------------------------------------------------------------

EVENT = {"Source": "pedala", "DetailType": "corrida", "Detail": json.dumps({"bike": "B1", "km": 3})}


def rule(events: Any, name: str, *targets: dict[str, Any]) -> None:
    events.put_rule(Name=name, EventPattern=json.dumps({"source": ["pedala"]}))
    rows = [{"Id": str(place), **target} for place, target in enumerate(targets)]
    assert events.put_targets(Rule=name, Targets=rows)["FailedEntryCount"] == 0


def test_an_event_arrives_as_json_under_its_id(sim: Simulator, reach: Client) -> None:
    events = reach("events")
    rule(events, "para-o-stream", {"Arn": STREAM, "RoleArn": ROLE})
    events.put_events(Entries=[EVENT, {**EVENT, "Source": "outro"}])
    [(key, data)] = records(sim)
    told = json.loads(data)
    assert told["id"] == key
    assert told.keys() == {
        *("version", "id", "detail-type", "source", "account", "time", "region", "resources"),
        "detail",
    }
    assert told["detail"] == {"bike": "B1", "km": 3}
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", told["time"])
    events.remove_targets(Rule="para-o-stream", Ids=["0"])


def test_a_target_says_what_arrives_and_under_which_key(sim: Simulator) -> None:
    events = sim.client("events")
    more = {"Arn": STREAM, "RoleArn": ROLE}
    rule(
        events,
        "com-entrada",
        {**more, "KinesisParameters": {"PartitionKeyPath": "$.detail.bike"}},
        {**more, "InputPath": "$.detail"},
        {**more, "Input": '{"fixo": true}'},
    )
    events.put_events(Entries=[EVENT])
    found = records(sim)
    assert found[0][0] == "B1"
    assert [data for _, data in found[1:]] == [b'{"bike":"B1","km":3}', b'{"fixo": true}']
    events.remove_targets(Rule="com-entrada", Ids=["0", "1", "2"])


def test_an_event_reaches_firehose_beside_another_target(sim: Simulator) -> None:
    hose(sim)
    events, sqs = sim.client("events"), sim.client("sqs")
    queue = sqs.create_queue(QueueName="ao-lado")["QueueUrl"]
    arn = f"arn:aws:sqs:us-east-1:{ACCOUNT}:ao-lado"
    rule(events, "para-a-mangueira", {"Arn": HOSE, "RoleArn": ROLE}, {"Arn": arn})
    events.put_events(Entries=[EVENT])
    assert json.loads(delivered(sim))["detail"]["bike"] == "B1"
    assert len(sqs.receive_message(QueueUrl=queue)["Messages"]) == 1
    events.remove_targets(Rule="para-a-mangueira", Ids=["0", "1"])


def test_a_rule_on_a_schedule_takes_no_stream(sim: Simulator, reach: Client) -> None:
    events = reach("events")
    events.put_rule(Name="agenda", ScheduleExpression="rate(1 minute)")
    with pytest.raises(ClientError, match="does not run rules on a schedule"):
        events.put_targets(Rule="agenda", Targets=[{"Id": "1", "Arn": STREAM, "RoleArn": ROLE}])


# --- SNS ------------------------------------------------------------------------------------------


def test_a_topics_messages_are_lines_of_an_object(sim: Simulator, reach: Client) -> None:
    hose(sim)
    sns = reach("sns")
    topic = sns.create_topic(Name="topico-de-pontes")["TopicArn"]
    attributes = {"SubscriptionRoleArn": ROLE}
    made = sns.subscribe(
        TopicArn=topic, Protocol="firehose", Endpoint=HOSE, Attributes=attributes,
        ReturnSubscriptionArn=True,
    )["SubscriptionArn"]  # fmt: skip
    sns.publish(TopicArn=topic, Message="um", Subject="assunto")
    sns.publish(TopicArn=topic, Message="dois")
    first, second = [json.loads(line) for line in delivered(sim).splitlines()]
    assert (first["Type"], first["Message"], first["Subject"]) == ("Notification", "um", "assunto")
    assert second["Message"] == "dois"
    assert "Signature" not in first
    sns.set_subscription_attributes(
        SubscriptionArn=made, AttributeName="RawMessageDelivery", AttributeValue="true"
    )
    sns.publish(TopicArn=topic, Message="cru")
    assert delivered(sim) == b"cru"
    sns.unsubscribe(SubscriptionArn=made)


# --- CloudFormation -------------------------------------------------------------------------------


def template(**properties: Any) -> str:
    return json.dumps(
        {
            "Resources": {
                "S": {
                    "Type": "AWS::Kinesis::Stream",
                    "Properties": {"Name": "da-pilha", "ShardCount": 1, **properties},
                },
                "D": {
                    "Type": "AWS::KinesisFirehose::DeliveryStream",
                    "Properties": {
                        "DeliveryStreamName": "mangueira-da-pilha",
                        "DeliveryStreamType": "KinesisStreamAsSource",
                        "KinesisStreamSourceConfiguration": {
                            "KinesisStreamARN": {"Fn::GetAtt": ["S", "Arn"]},
                            "RoleARN": ROLE,
                        },
                        "ExtendedS3DestinationConfiguration": {
                            "BucketARN": f"arn:aws:s3:::{BUCKET}",
                            "RoleARN": ROLE,
                            "BufferingHints": {"SizeInMBs": "1", "IntervalInSeconds": 60},
                        },
                    },
                },
            },
            "Outputs": {
                "Arn": {"Value": {"Fn::GetAtt": ["S", "Arn"]}},
                "Nome": {"Value": {"Ref": "D"}},
            },
        }
    )


@pytest.fixture
def stack(sim: Simulator, reach: Client) -> Iterator[Any]:
    formation = reach("cloudformation")
    formation.create_stack(StackName="pilha-de-pontes", TemplateBody=template())
    sim.advance(seconds=5)
    yield formation
    formation.delete_stack(StackName="pilha-de-pontes")


def test_a_stack_makes_its_streams_here_and_takes_them_away(sim: Simulator, stack: Any) -> None:
    told = stack.describe_stacks(StackName="pilha-de-pontes")["Stacks"][0]
    assert told["StackStatus"] == "CREATE_COMPLETE"
    outputs = {row["OutputKey"]: row["OutputValue"] for row in told["Outputs"]}
    assert outputs == {
        "Arn": STREAM.replace("meu-stream", "da-pilha"),
        "Nome": "mangueira-da-pilha",
    }
    sim.buckets.create(BUCKET)
    sim.client("kinesis").put_record(StreamName="da-pilha", PartitionKey="k", Data=b"oi")
    assert delivered(sim) == b"oi"
    stack.delete_stack(StackName="pilha-de-pontes")
    sim.advance(seconds=5)
    assert sim.client("kinesis").list_streams()["StreamNames"] == ["meu-stream"]
    assert sim.client("firehose").list_delivery_streams()["DeliveryStreamNames"] == []


def test_an_update_of_a_stack_changes_its_stream(sim: Simulator, stack: Any) -> None:
    changed = template(
        ShardCount=2,
        RetentionPeriodHours=48,
        StreamEncryption={"EncryptionType": "KMS", "KeyId": "alias/aws/kinesis"},
        DesiredShardLevelMetrics=["IncomingBytes"],
    )
    stack.update_stack(StackName="pilha-de-pontes", TemplateBody=changed)
    sim.advance(minutes=2)
    summary = sim.client("kinesis").describe_stream_summary(StreamName="da-pilha")
    told = summary["StreamDescriptionSummary"]
    assert (told["OpenShardCount"], told["RetentionPeriodHours"]) == (2, 48)
    assert told["EncryptionType"] == "KMS"
    assert told["EnhancedMonitoring"] == [{"ShardLevelMetrics": ["IncomingBytes"]}]


def test_moto_keeps_no_stream_of_its_own(sim: Simulator, stack: Any) -> None:
    from moto.firehose.models import firehose_backends
    from moto.kinesis.models import kinesis_backends

    assert not any(region.streams for region in kinesis_backends[ACCOUNT].values())
    assert not any(region.delivery_streams for region in firehose_backends[ACCOUNT].values())


# --- DynamoDB -------------------------------------------------------------------------------------


def table(dynamodb: Any) -> str:
    name = f"tabela-{next(GROUPS)}"
    dynamodb.create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    return name


def item(text: str, **more: str) -> dict[str, Any]:
    return {name: {"S": value} for name, value in {"id": text, **more}.items()}


def changes(sim: Simulator) -> list[dict[str, Any]]:
    return [json.loads(data) for _, data in records(sim)]


def test_every_change_of_a_table_arrives(sim: Simulator, reach: Client) -> None:
    dynamodb = reach("dynamodb")
    where = {"TableName": table(dynamodb), "StreamArn": STREAM}
    told = dynamodb.enable_kinesis_streaming_destination(**where)
    assert told["DestinationStatus"] == "ENABLING"
    dynamodb.put_item(TableName=where["TableName"], Item=item("cedo demais"))
    sim.advance(seconds=6)
    dynamodb.put_item(TableName=where["TableName"], Item=item("test"))
    dynamodb.put_item(TableName=where["TableName"], Item=item("test"))  # nothing changed
    dynamodb.update_item(
        TableName=where["TableName"],
        Key=item("test"),
        UpdateExpression="SET km = :km",
        ExpressionAttributeValues={":km": {"S": "3"}},
    )
    dynamodb.delete_item(TableName=where["TableName"], Key=item("test"))
    found = changes(sim)
    assert [row["eventName"] for row in found] == ["INSERT", "MODIFY", "REMOVE"]
    assert len({key for key, _ in records(sim)}) == 1
    first = found[0]
    assert first.pop("eventID")
    assert first == {
        "awsRegion": "us-east-1",
        "eventName": "INSERT",
        "userIdentity": None,
        "recordFormat": "application/json",
        "tableName": where["TableName"],
        "dynamodb": {
            "ApproximateCreationDateTime": sim.clock.now,
            "Keys": item("test"),
            "NewImage": item("test"),
            "SizeBytes": 12,
        },
        "eventSource": "aws:dynamodb",
    }
    assert found[1]["dynamodb"]["OldImage"] == item("test")
    assert found[1]["dynamodb"]["NewImage"] == item("test", km="3")
    assert "NewImage" not in found[2]["dynamodb"]
    assert dynamodb.disable_kinesis_streaming_destination(**where)["DestinationStatus"] == (
        "DISABLING"
    )
    sim.advance(seconds=6)
    dynamodb.put_item(TableName=where["TableName"], Item=item("tarde demais"))
    assert len(changes(sim)) == 3


def test_a_change_stream_that_is_off_takes_no_more_can_be_read_and_turned_on_again(
    reach: Client,
) -> None:
    dynamodb, streams = reach("dynamodb"), reach("dynamodbstreams")
    on = {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"}
    name = table(dynamodb)

    def arn() -> str:
        return str(dynamodb.describe_table(TableName=name)["Table"]["LatestStreamArn"])

    def kept(where: str) -> list[str]:
        [shard] = streams.describe_stream(StreamArn=where)["StreamDescription"]["Shards"]
        begin = streams.get_shard_iterator(
            StreamArn=where, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
        )
        found = streams.get_records(ShardIterator=begin["ShardIterator"])["Records"]
        return [row["dynamodb"]["Keys"]["id"]["S"] for row in found]

    dynamodb.update_table(TableName=name, StreamSpecification=on)
    dynamodb.put_item(TableName=name, Item=item("kept"))
    dynamodb.update_table(TableName=name, StreamSpecification={"StreamEnabled": False})
    dynamodb.put_item(TableName=name, Item=item("later"))
    dynamodb.update_item(TableName=name, Key=item("later"), AttributeUpdates={})
    dynamodb.delete_item(TableName=name, Key=item("later"))
    old = arn()
    told = streams.describe_stream(StreamArn=old)["StreamDescription"]
    assert (told["StreamStatus"], told["StreamViewType"]) == ("DISABLED", "NEW_IMAGE")
    assert kept(old) == ["kept"]
    dynamodb.update_table(TableName=name, StreamSpecification=on)
    assert arn() != old
    dynamodb.put_item(TableName=name, Item=item("again"))
    assert kept(arn()) == ["again"]
    for given, said in (
        (on, f"Table already has an enabled stream: TableName: {name}"),
        ({"StreamEnabled": True}, "StreamViewType"),
    ):
        if said == "StreamViewType":
            dynamodb.update_table(TableName=name, StreamSpecification={"StreamEnabled": False})
        with pytest.raises(ClientError, match=said) as caught:
            dynamodb.update_table(TableName=name, StreamSpecification=given)
        assert caught.value.response["Error"]["Code"] == "ValidationException"


def test_a_destination_goes_through_its_states_as_recorded(sim: Simulator) -> None:
    dynamodb = sim.client("dynamodb")
    name = table(dynamodb)
    where = {"TableName": name, "StreamArn": STREAM}
    state = "Table is not in a valid state to enable Kinesis Streaming Destination: "

    def refused(operation: str, text: str, **ask: Any) -> None:
        with pytest.raises(ClientError) as caught:
            getattr(dynamodb, f"{operation}_kinesis_streaming_destination")(**{**where, **ask})
        assert caught.value.response["Error"]["Message"] == text

    def status() -> list[str]:
        told = dynamodb.describe_kinesis_streaming_destination(TableName=name)
        return [row["DestinationStatus"] for row in told["KinesisDataStreamDestinations"]]

    lost = "Requested resource not found: Table: nenhuma not found"
    refused("enable", lost, TableName="nenhuma")
    must = f"{state}KinesisStreamingDestination must be ACTIVE to perform DISABLE operation."
    refused("disable", must)
    dynamodb.enable_kinesis_streaming_destination(**{**where, "StreamArn": f"{STREAM}-nenhum"})
    refused(
        "enable",
        f"{state}EnableKinesisStreamingDestination must be DISABLED or ENABLE_FAILED to perform "
        "ENABLE operation.",
    )
    sim.advance(seconds=6)
    assert status() == ["ENABLE_FAILED"]
    told = dynamodb.enable_kinesis_streaming_destination(**where)
    assert told["EnableKinesisStreamingConfiguration"] == {}
    sim.advance(seconds=6)
    assert status() == ["ACTIVE"]
    micro = {
        "UpdateKinesisStreamingConfiguration": {
            "ApproximateCreationDateTimePrecision": "MICROSECOND"
        }
    }
    refused(
        "update",
        f"{state}No streaming destination with streamArn: {STREAM}-x found for table with "
        f"tableName: {name}",
        StreamArn=f"{STREAM}-x",
        **micro,
    )
    told = dynamodb.update_kinesis_streaming_destination(**where, **micro)
    assert told["DestinationStatus"] == "UPDATING"
    with pytest.raises(ClientError, match="Precision is already set to the desired value"):
        dynamodb.update_kinesis_streaming_destination(**where, **micro)
    dynamodb.put_item(TableName=name, Item=item("fino"))
    [change] = changes(sim)
    assert change["dynamodb"]["ApproximateCreationDateTime"] == sim.clock.now * 1000
    assert change["dynamodb"]["ApproximateCreationDateTimePrecision"] == "MICROSECOND"


# --- kept and brought back ------------------------------------------------------------------------


LOADED = """
import sys
from kinesis_sim import Simulator
from tests.aws.test_bridges import summary
print(summary(Simulator.load(sys.argv[1])))
"""


def summary(sim: Simulator) -> str:
    """Records and streams, as one line."""
    streams = sim.client("kinesis").list_streams()["StreamNames"]
    hoses = sim.client("firehose").list_delivery_streams()["DeliveryStreamNames"]
    return repr((records(sim), streams, hoses))


def test_what_came_over_a_bridge_is_there_once_after_loading(tmp_path: Path) -> None:
    sim = Simulator(latency=None, delays="instant", account="440987654321")
    arn = STREAM.replace(ACCOUNT, sim.account)
    sim.client("kinesis").create_stream(StreamName="meu-stream", ShardCount=1)
    subscribe(sim.client("logs"), arn, "guardado")
    write(sim.client("logs"), "guardado", "um")
    rule(sim.client("events"), "guardada", {"Arn": arn, "RoleArn": ROLE})
    sim.client("events").put_events(Entries=[EVENT])
    own = template().replace(ACCOUNT, sim.account)
    sim.client("cloudformation").create_stack(StackName="guardada", TemplateBody=own)
    sim.save(tmp_path / "saved")
    loading = [sys.executable, "-c", LOADED, str(tmp_path / "saved")]
    done = subprocess.run(loading, capture_output=True, text=True, timeout=120, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == summary(sim)
    assert len(records(sim)) == 3


# --- what goes wrong on one way harms no other ----------------------------------------------------

HALF = "\ud800"
"""Half a character: JSON may hold it, UTF-8 cannot."""


def streaming_table(sim: Simulator) -> str:
    dynamodb = sim.client("dynamodb")
    name = table(dynamodb)
    dynamodb.enable_kinesis_streaming_destination(TableName=name, StreamArn=STREAM)
    sim.advance(seconds=6)
    return name


def putting(name: str, text: str, **more: Any) -> dict[str, Any]:
    return {"Put": {"TableName": name, "Item": item(text), **more}}


def test_a_transactions_changes_arrive(sim: Simulator, reach: Client) -> None:
    name = streaming_table(sim)
    reach("dynamodb").transact_write_items(TransactItems=[putting(name, "um"), putting(name, "2")])
    assert [row["dynamodb"]["Keys"]["id"]["S"] for row in changes(sim)] == ["um", "2"]


def test_a_cancelled_transaction_tells_nothing(sim: Simulator, reach: Client) -> None:
    name, dynamodb = streaming_table(sim), reach("dynamodb")
    never = {"ConditionExpression": "attribute_exists(id)"}
    with pytest.raises(ClientError, match="Transaction cancelled"):
        dynamodb.transact_write_items(
            TransactItems=[putting(name, "um"), putting(name, "dois", **never)]
        )
    assert changes(sim) == []
    dynamodb.put_item(TableName=name, Item=item("depois"))
    assert [row["dynamodb"]["Keys"]["id"]["S"] for row in changes(sim)] == ["depois"]


def test_an_input_transformer_makes_the_record(sim: Simulator) -> None:
    events = sim.client("events")
    transformer = {
        "InputPathsMap": {"bike": "$.detail.bike", "km": "$.detail.km"},
        "InputTemplate": '{"bicicleta": "<bike>", "km": <km>}',
    }
    rule(events, "transforma", {"Arn": STREAM, "RoleArn": ROLE, "InputTransformer": transformer})
    events.put_events(Entries=[EVENT])
    events.remove_targets(Rule="transforma", Ids=["0"])
    assert [data for _, data in records(sim)] == [b'{"bicicleta":"B1","km":3}']


def test_half_a_character_harms_no_other_event(sim: Simulator, reach: Client) -> None:
    events = reach("events")
    more = {"KinesisParameters": {"PartitionKeyPath": "$.detail.bike"}}
    only = {"Arn": STREAM, "RoleArn": ROLE, "InputPath": "$.detail.bike"}
    rule(events, "meia", {"Arn": STREAM, "RoleArn": ROLE, **more}, only)
    told = events.put_events(Entries=[{**EVENT, "Detail": json.dumps({"bike": HALF})}, EVENT])
    events.remove_targets(Rule="meia", Ids=["0", "1"])
    assert told["FailedEntryCount"] == 0
    assert [key for key, _ in records(sim)][::2] == ["\ufffd", "B1"]
    assert [data.decode() for _, data in records(sim)][1::2] == ["\ufffd", "B1"]
    assert json.loads(records(sim)[0][1])["detail"] == {"bike": "\ufffd"}


def test_half_a_character_harms_no_other_line_of_a_log(sim: Simulator, reach: Client) -> None:
    logs, group = reach("logs"), f"g-{next(GROUPS)}"
    subscribe(logs, STREAM, group)
    write(logs, group, f"a{HALF}", "ü \U0001f6b2")
    told = json.loads(gzip.decompress(records(sim)[-1][1]))
    assert [event["message"] for event in told["logEvents"]] == ["a\ufffd", "ü \U0001f6b2"]


@pytest.mark.parametrize("raw", ["false", "true"])
def test_half_a_character_of_a_message_is_replaced(sim: Simulator, raw: str) -> None:
    hose(sim)
    sns = sim.client("sns")
    topic = sns.create_topic(Name="topico-de-meias")["TopicArn"]
    made = sns.subscribe(
        TopicArn=topic, Protocol="firehose", Endpoint=HOSE, ReturnSubscriptionArn=True,
        Attributes={"SubscriptionRoleArn": ROLE, "RawMessageDelivery": raw},
    )["SubscriptionArn"]  # fmt: skip
    message = json.dumps({"default": "d", "firehose": HALF})
    sns.publish(TopicArn=topic, Message=message, MessageStructure="json")
    sns.unsubscribe(SubscriptionArn=made)
    found = delivered(sim).decode()
    assert (found if raw == "true" else json.loads(found)["Message"]) == "\ufffd"


@pytest.mark.parametrize("arn", ["nonsense", STREAM, "arn:aws:firehose"])
def test_a_topic_takes_no_endpoint_that_is_no_firehose_stream(
    sim: Simulator, reach: Client, arn: str
) -> None:
    sns = reach("sns")
    topic = sns.create_topic(Name="topico-sem-mangueira")["TopicArn"]
    with pytest.raises(ClientError) as refused:
        sns.subscribe(TopicArn=topic, Protocol="firehose", Endpoint=arn)
    assert refused.value.response["Error"] == {
        **refused.value.response["Error"],
        "Code": "InvalidParameter",
        "Message": "Invalid parameter: Firehose endpoint ARN",
    }


@pytest.mark.parametrize("arn", ["", "nonsense", "arn:aws:kinesis", "a:b:c:d:e:f"])
def test_what_is_no_stream_takes_no_record(
    sim: Simulator, arn: str, caplog: pytest.LogCaptureFixture
) -> None:
    with sim.egress.only_way_out():
        assert not is_active(arn)
        put(arn, b"x", "k")
    assert "it is no stream" in caplog.text


def test_a_target_that_moto_lacks_harms_no_stream(
    sim: Simulator, reach: Client, caplog: pytest.LogCaptureFixture
) -> None:
    events = reach("events")
    lacking = {"Arn": f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:f"}
    rule(events, "a-primeira", lacking, {"Arn": STREAM, "RoleArn": ROLE})
    rule(events, "b-segunda", {"Arn": STREAM, "RoleArn": ROLE})
    told = events.put_events(Entries=[EVENT, EVENT])
    events.remove_targets(Rule="a-primeira", Ids=["0", "1"])
    events.remove_targets(Rule="b-segunda", Ids=["0"])
    assert told["FailedEntryCount"] == 0
    assert caplog.text.count("moto has no targets of that kind") == 1
    assert [key for key, _ in records(sim)] == [
        entry["EventId"] for entry in told["Entries"] for _ in range(2)
    ]


def test_what_a_targets_every_event_fails_at_is_told_once(
    sim: Simulator, caplog: pytest.LogCaptureFixture
) -> None:
    events = sim.client("events")
    template = {"InputPathsMap": {"bike": "$.detail.bike["}, "InputTemplate": '"<bike>"'}
    transformed = {"Arn": STREAM, "RoleArn": ROLE, "InputTransformer": template}
    rule(events, "tropeca", transformed, {"Arn": STREAM, "RoleArn": ROLE})
    told = events.put_events(Entries=[EVENT] * 5)
    events.remove_targets(Rule="tropeca", Ids=["0", "1"])
    assert (told["FailedEntryCount"], len(records(sim))) == (0, 5)
    (mishap,) = sim.clock.mishaps.seen
    assert (mishap.where, mishap.count) == (f"the target {STREAM} of a rule", 5)
    assert caplog.text.count("Traceback") == 1


def test_what_a_stream_refuses_from_a_rule_is_told_once(
    sim: Simulator, caplog: pytest.LogCaptureFixture
) -> None:
    events = sim.client("events")
    gone = STREAM.replace("stream/", "stream/gone-")
    rule(events, "sem-rio", {"Arn": gone, "RoleArn": ROLE})
    events.put_events(Entries=[EVENT] * 5)
    events.remove_targets(Rule="sem-rio", Ids=["0"])
    assert caplog.text.count(f"Nothing was sent to {gone}: ") == 1
    assert not sim.clock.mishaps.seen


def test_a_disabled_rule_sends_nothing(sim: Simulator, reach: Client) -> None:
    events = reach("events")
    rule(events, "desligada", {"Arn": STREAM, "RoleArn": ROLE})
    events.disable_rule(Name="desligada")
    events.put_events(Entries=[EVENT])
    assert records(sim) == []
    events.enable_rule(Name="desligada")
    events.put_events(Entries=[EVENT])
    events.remove_targets(Rule="desligada", Ids=["0"])
    assert len(records(sim)) == 1


def test_a_rule_with_a_stream_takes_no_schedule(sim: Simulator, reach: Client) -> None:
    events = reach("events")
    rule(events, "agendada-depois", {"Arn": STREAM, "RoleArn": ROLE})
    with pytest.raises(ClientError, match="does not run rules on a schedule"):
        events.put_rule(Name="agendada-depois", ScheduleExpression="rate(1 minute)")
    assert "ScheduleExpression" not in events.describe_rule(Name="agendada-depois")
    events.remove_targets(Rule="agendada-depois", Ids=["0"])
    events.put_rule(Name="agendada-depois", ScheduleExpression="rate(1 minute)")
