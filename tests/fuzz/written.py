"""What a stranger writes for an account: policies of streams, and templates of stacks."""

from __future__ import annotations

import json

from kinesis_sim import Simulator
from kinesis_sim.aws import templates
from tests.fuzz.target import Target, text

NAME = "s"
_SIM = Simulator(latency=None, remember=0, limits="off")
_SIM.client("kinesis").create_stream(StreamName=NAME, ShardCount=1)
_SIM.advance(seconds=30)
_ARN = _SIM.streams[NAME].arn
_STATEMENT = {
    "Sid": "a", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::210987654321:root"},
    "Action": ["kinesis:DescribeStreamSummary", "kinesis:GetRecords"], "Resource": _ARN,
    "Condition": {"StringEquals": {"aws:SourceAccount": "210987654321"}},
}  # fmt: skip
DEEP = b'{"a":' * 900 + b"1" + b"}" * 900
POLICIES = [
    json.dumps({"Version": "2012-10-17", "Statement": statements}).encode()
    for statements in ([_STATEMENT], _STATEMENT, [_STATEMENT | {"Principal": "*"}] * 3)
]
POLICIES += [
    b'{"Statement":' * 400,
    b'{"Statement":[{"Action":' + b"[" * 300 + b"]" * 300 + b"}]}",
    POLICIES[0].replace(b'"210987654321"}}', b'"210987654321"}, "deep": ' + DEEP + b"}"),
]
TEMPLATES = [
    b'{"Resources":{"S":{"Type":"AWS::Kinesis::Stream","Properties":{"ShardCount":1}}}}',
    b"Parameters:\n  N:\n    Type: Number\n    Default: 2\nResources:\n  S:\n    Type: "
    b"AWS::Kinesis::Stream\n    Properties:\n      ShardCount: !Ref N\n      Name: !Sub '${N}-x'\n",
    b"Resources:\n  P:\n    Type: AWS::Pipes::Pipe\n    Properties:\n      Source: "
    b"!GetAtt [S, Arn]\n      Target: arn:aws:kinesis:us-east-1:123456789012:stream/x\n",
    b"a: &a [kinesis]\nb: [*a, *a]\n", b"!!python/object/apply:os.system [kinesis]", b"- " * 200,
    b"? {kinesis: 1}\n: [1, 2]\n", b"Parameters: [kinesis]\nResources: 1\n",
]  # fmt: skip


def _policed(data: bytes) -> object:
    policy = {"ResourceARN": _ARN, "Policy": text(data)}
    return _SIM.gate.call("kinesis", "PutResourcePolicy", policy)


def _looked_over(data: bytes) -> object:
    templates.check(text(data), True)
    return templates.joined(text(data), {"N": "firehose"})


TARGETS: dict[str, Target] = {
    "policy": Target(_policed, POLICIES),
    "template": Target(_looked_over, TEMPLATES, every=2),
}
