"""What comes in over the wire: documents of every protocol, and whole calls of ours."""

from __future__ import annotations

import json
from typing import Any

from botocore.eventstream import EventStreamBuffer

from kinesis_sim import Simulator
from kinesis_sim.aws import control, query, rest, validation
from kinesis_sim.aws.credential import claimed, refuse_malformed
from kinesis_sim.aws.door import Door
from kinesis_sim.aws.exchange import Request
from kinesis_sim.aws.model import event_stream, operation, service_model
from kinesis_sim.aws.wire import Format
from kinesis_sim.aws.wire.cbor import CBOR, RPC_V2
from kinesis_sim.aws.wire.event_stream import EventWriter, message
from kinesis_sim.aws.wire.json import JSON
from kinesis_sim.aws.wire.routes import Incoming, routed
from tests.fuzz.target import Reader, Target, text

_PUT = {"StreamName": "s", "Records": [{"Data": "eA==", "PartitionKey": "k"}]}
JSONS = [
    json.dumps(_PUT).encode(),
    b'{"Timestamp":1e308}',
    b'{"a":"\\ud800"}',
    b"[" * 20_000,
    b'{"StreamName":NaN}',
    b'{"StreamName":' + b"9" * 5_000 + b"}",
    b'{"StreamName":1,"StreamName":2}',
]


def _written(form: Format, service: str, name: str, asked: dict[str, Any]) -> bytes:
    return form.dumps(form.writer(operation(service, name).input_shape)(asked))


_PLACE = {"StreamName": "s", "ShardId": "shardId-000000000000", "ShardIteratorType": "LATEST",
          "Timestamp": 1_767_225_600_000}  # fmt: skip
_SAMPLE = {"MetricName": "m", "Timestamp": 1_767_225_600_000, "Values": [1.0], "Counts": [2.0]}
_STORED = {**_PUT, "Records": [{"Data": b"x", "PartitionKey": "k"}]}
CBORS = [
    _written(CBOR, "kinesis", "PutRecords", _STORED),
    _written(CBOR, "kinesis", "GetShardIterator", _PLACE),
    _written(RPC_V2, "cloudwatch", "PutMetricData", {"Namespace": "n", "MetricData": [_SAMPLE]}),
    bytes.fromhex("a26a53747265616d4e616d656173675265636f72647381a26444617461417869"),
    bytes.fromhex("bf6954696d657374616d70fb7fe1ccf385ebc8a0ff"),
    b"\x81" * 5_000,
    bytes.fromhex("c11b7fffffffffffffff"),
]


def _wire(form: Format, service: str, name: str) -> Reader:
    model = operation(service, name)
    read = form.reader(model.input_shape)

    def taken(data: bytes) -> None:
        validation.check(model, read(form.loads(data)))

    return taken


# --- whole calls ----------------------------------------------------------------------------------


class Playground:
    """A simulator to call, made anew after so many calls, so that it stays small."""

    def __init__(self, calls: int = 300) -> None:
        self._calls, self._left = calls, 0
        self._sim: Simulator | None = None

    @property
    def sim(self) -> Simulator:
        """The simulator for one more call: it has a stream, a consumer and a policy."""
        self._left -= 1
        if self._sim is None or self._left < 0:
            self._sim, self._left = _begun(), self._calls
        return self._sim


def _begun() -> Simulator:
    sim = Simulator(delays="instant", latency=None, remember=0)
    call = sim.gate.call
    call("kinesis", "CreateStream", {"StreamName": "s", "ShardCount": 2})
    sim.advance(seconds=1)
    arn = sim.streams["s"].arn
    call("kinesis", "RegisterStreamConsumer", {"StreamARN": arn, "ConsumerName": "c"})
    sim.functions.register("f", lambda event: None)
    return sim


PLAYGROUND = Playground()
ARN = "arn:aws:kinesis:us-east-1:123456789012:stream/s"
CALLS: list[tuple[str, dict[str, Any]]] = [
    ("kinesis.PutRecords", _PUT),
    ("kinesis.PutRecord", {"StreamName": "s", "Data": "eA==", "PartitionKey": "k"}),
    ("kinesis.CreateStream", {"StreamName": "t", "ShardCount": 1}),
    ("kinesis.DeleteStream", {"StreamName": "t"}),
    ("kinesis.UpdateShardCount", {"StreamName": "s", "TargetShardCount": 3,
                                  "ScalingType": "UNIFORM_SCALING"}),
    ("kinesis.SplitShard", {"StreamName": "s", "ShardToSplit": "shardId-000000000000",
                            "NewStartingHashKey": "10"}),
    ("kinesis.MergeShards", {"StreamName": "s", "ShardToMerge": "shardId-000000000000",
                             "AdjacentShardToMerge": "shardId-000000000001"}),
    ("kinesis.GetShardIterator", {"StreamName": "s", "ShardId": "shardId-000000000000",
                                  "ShardIteratorType": "AT_TIMESTAMP", "Timestamp": 1767225600}),
    ("kinesis.GetRecords", {"ShardIterator": "A" * 200}),
    ("kinesis.ListShards", {"StreamName": "s", "ShardFilter": {"Type": "AT_TIMESTAMP",
                                                              "Timestamp": 1767225600}}),
    ("kinesis.ListShards", {"NextToken": "AAAA"}),
    ("kinesis.PutResourcePolicy", {"ResourceARN": ARN, "Policy": json.dumps(
        {"Version": "2012-10-17", "Statement": [{"Sid": "1", "Effect": "Allow", "Principal": "*",
         "Action": "kinesis:PutRecord", "Resource": ARN}]})}),
    ("kinesis.GetResourcePolicy", {"ResourceARN": ARN}),
    ("kinesis.PutResourcePolicy", {"ResourceARN": ARN, "Policy":
        '{"Statement":[{"Effect":"Allow","Principal":"\\ud800","Action":"kinesis:*","Resource":"'
        + ARN + '","Condition":' + '{"a":' * 400 + "1" + "}" * 400 + "}]}"}),
    ("kinesis.TagResource", {"ResourceARN": ARN, "Tags": {"a": "b"}}),
    ("kinesis.SubscribeToShard", {"ConsumerARN": ARN + "/consumer/c:1767225601", "ShardId":
        "shardId-000000000000", "StartingPosition": {"Type": "AT_SEQUENCE_NUMBER",
                                                     "SequenceNumber": "1"}}),
    ("kinesis.UpdateStreamMode", {"StreamARN": ARN, "StreamModeDetails":
                                  {"StreamMode": "ON_DEMAND"}}),
    ("firehose.CreateDeliveryStream", {"DeliveryStreamName": "d",
        "ExtendedS3DestinationConfiguration": {"BucketARN": "arn:aws:s3:::b",
        "RoleARN": "arn:aws:iam::123456789012:role/r", "Prefix": "a/!{timestamp:yyyy}/",
        "ErrorOutputPrefix": "e/", "BufferingHints": {"SizeInMBs": 64, "IntervalInSeconds": 60},
        "DynamicPartitioningConfiguration": {"Enabled": True}, "ProcessingConfiguration":
        {"Enabled": True, "Processors": [{"Type": "MetadataExtraction", "Parameters": [
            {"ParameterName": "MetadataExtractionQuery", "ParameterValue": "{a:.b}"},
            {"ParameterName": "JsonParsingEngine", "ParameterValue": "JQ-1.6"}]}]}}}),
    ("firehose.PutRecordBatch", {"DeliveryStreamName": "d", "Records": [{"Data": "eA=="}]}),
    ("firehose.DescribeDeliveryStream", {"DeliveryStreamName": "d"}),
]  # fmt: skip
_WATCHED: list[tuple[str, list[tuple[str, str]]]] = [
    ("PutMetricData", [("Namespace", "n"), ("MetricData.member.1.MetricName", "m"),
                       ("MetricData.member.1.Value", "1"),
                       ("MetricData.member.1.Timestamp", "2026-01-01T00:00:00Z"),
                       ("MetricData.member.1.StatisticValues.Sum", "1e308")]),
    ("PutMetricAlarm", [("AlarmName", "a"), ("Namespace", "n"), ("MetricName", "m"),
                        ("Period", "60"), ("EvaluationPeriods", "1"), ("Threshold", "1"),
                        ("ComparisonOperator", "GreaterThanThreshold"), ("Statistic", "Sum")]),
    ("GetMetricData", [("StartTime", "2026-01-01T00:00:00Z"), ("EndTime", "2026-01-01T01:00:00Z"),
                       ("MetricDataQueries.member.1.Id", "e"),
                       ("MetricDataQueries.member.1.Expression", "CEIL(1/0)+FILL(METRICS(),1)")]),
    ("GetMetricStatistics", [("Namespace", "n"), ("MetricName", "m"), ("Period", "60"),
                             ("StartTime", "2026-01-01T00:00:00Z"), ("Statistics.member.1", "Sum"),
                             ("EndTime", "2026-01-01T01:00:00Z")]),
    ("ListMetrics", [("NextToken", "AAAA"), ("Dimensions.member.1.Name", "x")]),
    ("DescribeAlarms", [("MaxRecords", "1")]),
]  # fmt: skip
QUERIES = [
    "&".join(
        f"{name}={value}" for name, value in [("Action", action), ("Version", "2010-08-01"), *rows]
    ).encode()
    for action, rows in _WATCHED
]
_MAPPING = {"EventSourceArn": ARN, "FunctionName": "f", "StartingPosition": "AT_TIMESTAMP",
            "StartingPositionTimestamp": 1767225600, "FilterCriteria":
            {"Filters": [{"Pattern": '{"data":{"a":[{"numeric":[">",1]}]}}'}]},
            "DestinationConfig": {"OnFailure": {"Destination": "arn:aws:s3:::b"}}}  # fmt: skip
_TEMPLATE = {"description": "d", "stopConditions": [{"source": "none"}], "targets": {"t": {
    "resourceType": "aws:kinesis:stream", "resourceArns": [ARN], "selectionMode": "COUNT(1)"}},
    "actions": {"a": {"actionId": "aws:kinesis:stream-provisioned-throughput-exception",
    "parameters": {"duration": "PT5M", "percentage": "50"}, "targets": {"KinesisStreams": "t"}}},
    "roleArn": "arn:aws:iam::123456789012:role/r", "clientToken": "c"}  # fmt: skip
RESTS = [
    b"lambda POST /2015-03-31/event-source-mappings/\n" + json.dumps(_MAPPING).encode(),
    b"lambda GET /2015-03-31/event-source-mappings/?MaxItems=1&Marker=AA&FunctionName=f\n",
    b"lambda GET /2015-03-31/functions/f?Qualifier=1\n",
    b'lambda PUT /2015-03-31/event-source-mappings/x\n{"BatchSize":1e3}',
    b'lambda POST /2015-03-31/functions/f/invocations\n{"a":"\\ud800"}',
    b"fis POST /experimentTemplates\n" + json.dumps(_TEMPLATE).encode(),
    b'fis POST /experiments\n{"experimentTemplateId":"EXT1","clientToken":"c"}',
    b"fis GET /experiments?maxResults=5&nextToken=A%00\n",
    b'fis POST /tags/arn%3Aaws\n{"tags":{"a":"b"}}',
]


def _called(data: bytes) -> None:
    head, _, body = data.partition(b"\n")
    service, _, name = text(head).partition(".")
    sim = PLAYGROUND.sim
    if service not in ("kinesis", "firehose") or name not in sim.gate.operations(service):
        return
    model = operation(service, name)
    params = JSON.reader(model.input_shape)(JSON.loads(body)) if model.input_shape else {}
    answer = sim.gate.call(service, name, params)
    if model.output_shape is not None and not model.has_event_stream_output:
        JSON.dumps(JSON.writer(model.output_shape)(answer))


def _request(method: str, target: str, body: bytes, **headers: str) -> Request:
    path, _, rest_of = target.partition("?")
    return Request(method, path, rest_of, headers, target=target, body=body)


def _queried(data: bytes) -> None:
    request = _request("POST", "/", data, **{"content-type": query.FORM_TYPE})
    sim = PLAYGROUND.sim
    call = query.named(sim, request)
    if call is not None:
        assert query.answer(sim, call, request, "1").status < 500


def _rested(data: bytes) -> None:
    head, _, body = data.partition(b"\n")
    service, method, target = (*text(head).split(" ", 2), "", "", "")[:3]
    if service not in ("lambda", "fis"):
        return
    sim, request = PLAYGROUND.sim, _request(method, target, body)
    found = routed(service_model(service), Incoming(method, request.path, request.query, {}, body))
    if found is None or not sim.gate.answers(service, found[0]):
        return
    call = rest.RestCall(service, *found)
    assert rest.answer(sim, call, request, "1").status < 500


def _header(data: bytes) -> None:
    line, _, where = data.decode("latin-1").partition("\n")
    given = {"authorization": line, "host": where, "origin": where, "x-amz-date": "2026"}
    request = _request("POST", f"/{where}", b"", **given)
    Door(()).refusal(request)
    claimed(request)
    refuse_malformed(request)


def _controlled(data: bytes) -> None:
    document = control._document(data)
    control._text(document, next(iter(document), "by"))


def _streamed(data: bytes) -> None:
    """What is written of any record is what botocore reads."""
    model = operation("kinesis", "SubscribeToShard")
    shape = model.output_shape.members[event_stream(model)]
    record = {"SequenceNumber": "1", "Data": data, "PartitionKey": text(data[:200]).encode(
        "utf-8", "replace").decode()}  # fmt: skip
    event = {"Records": [record], "ContinuationSequenceNumber": "1", "MillisBehindLatest": 0}
    written = EventWriter(shape, JSON).event({"SubscribeToShardEvent": event})
    buffer = EventStreamBuffer()
    buffer.add_data(written[:7])
    buffer.add_data(written[7:] + message({":message-type": "event"}, data))
    first, second = buffer
    assert first.headers[":event-type"] == "SubscribeToShardEvent"
    assert second.payload == data


TARGETS: dict[str, Target] = {
    "json put_records": Target(_wire(JSON, "kinesis", "PutRecords"), JSONS),
    "json create_delivery_stream": Target(
        _wire(JSON, "firehose", "CreateDeliveryStream"),
        [*JSONS, *(json.dumps(asked).encode() for name, asked in CALLS if "CreateD" in name)],
    ),
    "cbor put_records": Target(_wire(CBOR, "kinesis", "PutRecords"), CBORS),
    "cbor get_shard_iterator": Target(_wire(CBOR, "kinesis", "GetShardIterator"), CBORS),
    "rpc v2 put_metric_data": Target(_wire(RPC_V2, "cloudwatch", "PutMetricData"), CBORS),
    "calls": Target(_called, [f"{name}\n{json.dumps(asked)}".encode() for name, asked in CALLS]),
    "query": Target(_queried, QUERIES),
    "rest json": Target(_rested, RESTS),
    "headers": Target(
        _header,
        [
            b"AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/kinesis/aws4_request, "
            b"SignedHeaders=host, Signature=0\n[::1]:4567",
            b"AWS a:b\nhttp://[",
            b"AWS4 Credential=" + b"a/" * 3_000 + b"/aws4_request\nlocalhost:80",
        ],
    ),
    "control": Target(_controlled, [b'{"by":"1h"}', b'{"at":1}', b'{"kind":["x"]}']),
    "event stream": Target(_streamed, [b"x", b'{"a":1}', bytes(range(256))]),
}
