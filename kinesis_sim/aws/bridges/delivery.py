"""The way from a service of moto's to a stream of the simulator that moto works for."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from kinesis_sim.aws.egress import current
from kinesis_sim.errors import ServiceError, UsageError

if TYPE_CHECKING:
    from kinesis_sim.simulator import Simulator

OURS = ("kinesis", "firehose")


def service_of(arn: str) -> str:
    """The service that an ARN names; empty for none."""
    parts = arn.split(":")
    return parts[2] if len(parts) > 5 else ""


def is_ours(arn: str) -> bool:
    """Whether an ARN is of a data stream or a Firehose stream."""
    return service_of(arn) in OURS


def sound(text: str) -> str:
    """A text that has bytes: JSON may hold half a character (a lone surrogate), UTF-8 cannot.

    Each half becomes U+FFFD; a pair of them is the character that it stands for.
    """
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def compact(value: Any, default: Callable[[Any], Any] | None = None) -> bytes:
    """A value as JSON without spaces, in UTF-8. default: as ``json.dumps`` has it."""
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=False, default=default)
    return sound(text).encode()


def asking() -> Simulator:
    """The simulator that moto works for. Raises UsageError when it works for none."""
    egress = current()
    if egress is None:
        raise UsageError("moto was called past the simulator, so its streams cannot be reached.")
    return egress.sim


def ask(service: str, operation: str, request: dict[str, Any], region: str = "") -> dict[str, Any]:
    """An answer of the simulator's, in a Region of its account. Raises ServiceError."""
    sim = asking()
    if not sim.inputs.is_taken and not sim.clock.is_firing:  # see ``outside.sends``
        sim.inputs.mark("a stack whose template lies in S3 or has resources of its own")
    place = sim.regions.of(region) if region else sim
    return dict(place.gate.call(service, operation, request))


def put(arn: str, data: bytes, key: str, *, sender: bool = False) -> None:
    """Put one record into a stream; what is refused is lost (the log tells each cause once).

    AWS tries for up to 24 hours (the model's choice is once). key: the partition key, of a data
    stream. sender: whether the call that this is part of is kept apart from what it sends (see
    ``outside.SENDERS``): while inputs are replayed, the record comes back by itself.
    """
    sim = asking()
    if sender and sim.errands.replaying:
        return
    if not is_ours(arn):
        sim.egress.unsent(repr(arn), "it is no stream.")
        return
    _, _, service, region, account, resource = arn.split(":", 5)
    if account != sim.account:
        sim.egress.unsent(arn, "it is of another account.")
        return
    try:
        gate = sim.regions.of(region).gate
        if service == "kinesis":
            record = {"StreamARN": arn, "PartitionKey": sound(key), "Data": data}
            gate.call(service, "PutRecord", record)
        else:
            name = resource.rpartition("/")[2]
            asked = {"DeliveryStreamName": name, "Record": {"Data": data}}
            gate.call(service, "PutRecord", asked)
    except (ServiceError, UsageError) as error:
        sim.egress.unsent(arn, str(error), getattr(error, "code", ""))


def is_active(arn: str) -> bool:
    """Whether a stream is there, in this account, and takes records."""
    if not is_ours(arn):
        return False
    _, _, service, region, account, resource = arn.split(":", 5)
    if account != asking().account:
        return False
    name = resource.rpartition("/")[2]
    try:
        if service == "kinesis":
            told = ask("kinesis", "DescribeStreamSummary", {"StreamName": name}, region)
            return told["StreamDescriptionSummary"]["StreamStatus"] in ("ACTIVE", "UPDATING")
        told = ask("firehose", "DescribeDeliveryStream", {"DeliveryStreamName": name}, region)
        return bool(told["DeliveryStreamDescription"]["DeliveryStreamStatus"] == "ACTIVE")
    except (ServiceError, UsageError):
        return False
