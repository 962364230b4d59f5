"""Proofs about who may read what: encryption at rest, keys that are refused, least privilege."""

from __future__ import annotations

import gzip
import json
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from fnmatch import fnmatchcase
from typing import Any

from botocore.exceptions import ClientError

from kinesis_sim import Simulator
from kinesis_sim.account.calls import Caller, Request
from kinesis_sim.account.encryption import KINESIS_ALIAS
from kinesis_sim.course.proofs.bench import (
    ONCE,
    STREAM,
    came_true,
    iterator,
    put,
    refusal,
    simulator,
    stream,
    takes,
)
from kinesis_sim.errors import ServiceError
from kinesis_sim.workloads.scenes.click_lake import ClickLake, hints, processing, processor

OWN, OTHER, PIPE = "alias/pedala", "pedala-payroll", "riders"
NUMBER = b"529.982.247-25"
RIDER = b'{"rider": "r-17", "tax": "529.982.247-25", "bike": 42}'
ERRORS = "errors/!{firehose:error-output-type}/"
STEPS = ("ListShards", "GetShardIterator", "GetRecords")
Policy = Mapping[str, str]
"""What is allowed: patterns of actions and of resources."""


# --- encryption at rest -------------------------------------------------------------------------


def _encrypt(sim: Simulator, kinesis: Any, key: str) -> None:
    kinesis.start_stream_encryption(StreamName=STREAM, EncryptionType="KMS", KeyId=key)
    sim.advance(minutes=1)


def _stored(kinesis: Any) -> list[str]:
    """How each record of the stream is stored, the oldest first."""
    rows = kinesis.get_records(ShardIterator=iterator(kinesis))["Records"]
    return [row.get("EncryptionType", "NONE") for row in rows]


def at_rest() -> tuple[str, ...]:
    """S01: a record before, a record after; and whether anything else could ask for it."""
    sim, kinesis = stream()
    put(kinesis, b"before")
    before = _stored(kinesis)
    _encrypt(sim, kinesis, KINESIS_ALIAS)
    put(kinesis, b"after")
    return came_true(
        {
            "start": _stored(kinesis) == [*before, "KMS"],
            "member": takes(kinesis, "PutRecord", "EncryptionType"),
            "nothing": before == ["KMS"],
            "new": takes(kinesis, "CreateStream", "EncryptionType"),
        }
    )


def since_noon() -> tuple[str, ...]:
    """S02: ten records in the morning, encryption at noon, ten more; all read in the evening."""
    sim, kinesis = stream()
    put(kinesis, *(b"morning" for _ in range(10)))
    sim.advance(hours=4)
    _encrypt(sim, kinesis, KINESIS_ALIAS)
    put(kinesis, *(b"afternoon" for _ in range(10)))
    found = _stored(kinesis)
    return came_true(
        {
            "plain": found == ["NONE"] * 10 + ["KMS"] * 10,
            "all": found == ["KMS"] * 20,
            "gone": found == ["KMS"] * 10,
            "twice": len(found) == 30,
        }
    )


# --- keys that are refused ----------------------------------------------------------------------


def _own_key() -> tuple[Simulator, Any]:
    """A stream with one record, encrypted with a key of the company's own."""
    sim, kinesis = stream()
    sim.keys.create_key(OWN)
    _encrypt(sim, kinesis, OWN)
    put(kinesis, b"ride")
    return sim, kinesis


def producer_refused() -> tuple[str, ...]:
    """S03: the key's policy leaves the producer out; what the refusal of its put names."""
    sim, kinesis = _own_key()
    sim.keys.set_state(OWN, "denied")
    lacking = _sentence(lambda: put(kinesis, b"next"))
    return came_true(
        {
            "data-key": "kms:GenerateDataKey" in lacking,
            "decrypt": "kms:Decrypt" in lacking,
            "start": "kinesis:" in lacking,
            "list": "kms:ListAliases" in lacking,
        }
    )


def _sentence(call: Callable[[], object]) -> str:
    try:
        call()
    except ClientError as error:
        return str(error.response["Error"]["Message"])
    return ""


def key_disabled() -> tuple[str, ...]:
    """S03: the key is disabled for an hour; puts, reads, and what is there afterwards."""
    sim, kinesis = _own_key()
    place = iterator(kinesis)
    sim.keys.set_state(OWN, "Disabled")
    written = refusal(kinesis.put_record, StreamName=STREAM, PartitionKey="k", Data=b"x")
    read = refusal(kinesis.get_records, ShardIterator=place)
    sim.advance(hours=1)
    sim.keys.set_state(OWN, "Enabled")
    there = len(_stored(kinesis)) == 1
    return came_true(
        {
            "both": bool(written and read) and there,
            "puts": bool(written) and not read,
            "none": not written and not read,
            "lost": not there,
        }
    )


# --- on the way ---------------------------------------------------------------------------------


def on_the_way() -> tuple[str, ...]:
    """S05: where an SDK that nobody configured sends its calls, before and after encryption."""
    sim, kinesis = stream()
    before = str(kinesis.meta.endpoint_url)
    _encrypt(sim, kinesis, KINESIS_ALIAS)
    after = str(sim.client("kinesis", config=ONCE).meta.endpoint_url)
    return came_true(
        {
            "tls": before.startswith("https://"),
            "sse": not before.startswith("https://") and after.startswith("https://"),
            "vpn": not before.endswith(".amazonaws.com"),
            "payload": takes(kinesis, "PutRecord", "Encrypted"),
        }
    )


# --- least privilege ----------------------------------------------------------------------------


def _only(sim: Simulator, policy: Policy) -> None:
    """Refuse from now on what no pattern of a policy allows, as IAM would."""

    def ask(caller: Caller, action: str, resource: str) -> None:
        if not any(
            fnmatchcase(action, actions) and fnmatchcase(resource, resources)
            for actions, resources in policy.items()
        ):
            raise ServiceError("AccessDeniedException", f"{caller.arn} may not {action}.")

    sim.gate.authorise = ask


def polling_reader() -> tuple[str, ...]:
    """S07: a consumer that polls, under each policy; the least of those under which it reads."""
    allowed = {
        "records": ("GetRecords",),
        "three": STEPS,
        "write": ("PutRecord", *STEPS),
        "all": ("*",),
    }
    reading = {
        option: _width(actions)
        for option, actions in allowed.items()
        if _reads({f"kinesis:{action}": "*" for action in actions})
    }
    return tuple(option for option, width in reading.items() if width == min(reading.values()))


def _width(actions: tuple[str, ...]) -> int:
    """How many operations of the service these actions allow."""
    names = simulator().client("kinesis").meta.service_model.operation_names
    return sum(any(fnmatchcase(name, action) for action in actions) for name in names)


def _reads(policy: Policy) -> bool:
    sim, kinesis = stream()
    put(kinesis, b"ride")
    _only(sim, policy)
    try:
        return _stored(kinesis) == ["NONE"]
    except ClientError:
        return False


def one_producer() -> tuple[str, ...]:
    """S07: a producer of one stream, under each policy; and what else it then may."""
    own = f"arn:aws:kinesis:us-east-1:*:stream/{STREAM}"
    policies = {
        "puts": {"kinesis:PutRecord*": own},
        "star": {"kinesis:*": own},
        "anywhere": {"kinesis:PutRecord*": "*"},
        "reader": {"kinesis:Get*": own},
    }
    return tuple(name for name, policy in policies.items() if _may(policy) == (True, False, False))


def _may(policy: Policy) -> tuple[bool, bool, bool]:
    """Whether a caller may write to its stream, write to another one, and delete its own."""
    sim, kinesis = stream()
    kinesis.create_stream(StreamName=OTHER, ShardCount=1)
    sim.advance(seconds=1)
    _only(sim, policy)
    row = {"PartitionKey": "k", "Data": b"x"}
    own, other = (
        not refusal(kinesis.put_record, StreamName=name, **row) for name in (STREAM, OTHER)
    )
    return own, other, not refusal(kinesis.delete_stream, StreamName=STREAM)


# --- personal data ------------------------------------------------------------------------------


def masked() -> tuple[str, ...]:
    """S09: a record with a tax number through each configuration; who reads S3 reads it."""
    key = {"AWSKMSKeyARN": "arn:aws:kms:us-east-1:111122223333:key/lake"}
    ways: dict[str, Callable[[ClickLake], Request]] = {
        "transform": lambda lake: processing(_masking(lake)),
        "kms": lambda lake: {"EncryptionConfiguration": {"KMSEncryptionConfig": key}},
        "prefix": lambda lake: {"Prefix": "private/"},
        "gzip": lambda lake: {"CompressionFormat": "GZIP"},
    }
    return came_true({option: not _has_number(more) for option, more in ways.items()})


def _masking(lake: ClickLake) -> Request:
    def mask(event: Request) -> Request:
        return {"records": [_without_number(row) for row in event["records"]]}

    return processor("Lambda", LambdaArn=lake.sim.functions.register("mask", mask))


def _without_number(row: Request) -> Request:
    rider = json.loads(b64decode(row["data"]))
    data = b64encode(json.dumps({**rider, "tax": "***"}).encode()).decode()
    return {"recordId": row["recordId"], "result": "Ok", "data": data}


def _has_number(more: Callable[[ClickLake], Request]) -> bool:
    """Whether somebody who may read the bucket reads the number in it."""
    lake = ClickLake(simulator())
    settings = more(lake)
    _create(lake, **settings)
    lake.sim.firehose[PIPE].put([RIDER])
    lake.sim.advance(minutes=10)
    bodies = [body for _key, body in lake.sim.buckets.objects(lake.bucket)]
    opened = map(gzip.decompress, bodies) if "CompressionFormat" in settings else iter(bodies)
    return NUMBER in b"".join(opened)


def _create(lake: ClickLake, **more: Any) -> None:
    lake.sim.client("firehose", config=ONCE).create_delivery_stream(
        DeliveryStreamName=PIPE,
        ExtendedS3DestinationConfiguration=lake.settings(**{**hints(5, 60), **more}),
    )
    lake.wait(PIPE)


# --- a role without a right ---------------------------------------------------------------------


def role_without_put() -> tuple[str, ...]:
    """S11: the bucket refuses for six hours, in which a record comes every hour."""
    lake = ClickLake(simulator())
    _create(lake, Prefix="data/", ErrorOutputPrefix=ERRORS)
    firehose = lake.sim.client("firehose", config=ONCE)
    lake.sim.buckets.refuse(lake.bucket, "AccessDenied")
    refused = []
    for _hour in range(6):
        refused.append(
            refusal(firehose.put_record, DeliveryStreamName=PIPE, Record={"Data": b"click\n"})
        )
        lake.sim.advance(hours=1)
    lake.sim.buckets.accept(lake.bucket)
    lake.sim.advance(hours=3)
    whole = b"".join(body for _key, body in lake.sim.buckets.objects(lake.bucket, "data/"))
    errors = lake.sim.buckets.keys(lake.bucket, "errors/")
    return came_true(
        {
            "later": whole.count(b"click") == 6 and not any(refused),
            "refused": any(refused),
            "lost": whole.count(b"click") < 6 and not errors,
            "prefix": bool(errors),
        }
    )
