"""Streams into each kind of destination with a receiver, as requests: block name and block."""

from __future__ import annotations

from typing import Any

from kinesis_sim import Simulator
from tests.firehose.calls import NAME, ROLE, bucket, hints

ERRORS = {"ErrorOutputPrefix": "erros/!{firehose:error-output-type}/"}
LAKE = bucket(**ERRORS, **hints(5, 60))
"""Where failures go: within a minute, under ``erros/``."""


def retry(seconds: int) -> dict[str, Any]:
    """RetryOptions, as part of a block."""
    return {"RetryOptions": {"DurationInSeconds": seconds}}


def into_http(sim: Simulator, **options: Any) -> Any:
    """A stream into a new HTTP endpoint; returns the receiver."""
    receiver = sim.receivers.http("painel")
    block = {
        "EndpointConfiguration": {"Url": receiver.url, "Name": "painel"},
        "S3Configuration": LAKE,
        **options,
    }
    return _made(sim, "HttpEndpoint", block, receiver)


def into_splunk(sim: Simulator, **options: Any) -> Any:
    """A stream into a new collector; returns the receiver."""
    receiver = sim.receivers.splunk("ops")
    block = {
        "HECEndpoint": receiver.url,
        "HECEndpointType": "Raw",
        "HECToken": receiver.token,
        "S3Configuration": LAKE,
        **options,
    }
    return _made(sim, "Splunk", block, receiver)


def into_opensearch(
    sim: Simulator, block_name: str = "Amazonopensearchservice", **options: Any
) -> Any:
    """A stream into a new domain; returns the receiver."""
    receiver = sim.receivers.opensearch("busca")
    block = {
        "RoleARN": ROLE,
        "DomainARN": receiver.arn,
        "IndexName": "pedidos",
        "S3Configuration": LAKE,
        **options,
    }
    return _made(sim, block_name, block, receiver)


def into_redshift(sim: Simulator, **options: Any) -> Any:
    """A stream into a table ``clicks`` of a new warehouse; returns the warehouse."""
    warehouse = sim.receivers.warehouse("dw")
    warehouse.sql("create table clicks (n int)")
    block = {
        "RoleARN": ROLE,
        "ClusterJDBCURL": sim.receivers.jdbc_url("dw"),
        "CopyCommand": {"DataTableName": "clicks", "CopyOptions": "json 'auto'"},
        "Username": "loader",
        "Password": "Secret99",
        "S3Configuration": bucket(**hints(5, 60)),
        **options,
    }
    return _made(sim, "Redshift", block, warehouse)


def _made(sim: Simulator, name: str, block: dict[str, Any], receiver: Any) -> Any:
    request = {"DeliveryStreamName": NAME, f"{name}DestinationConfiguration": block}
    sim.gate.call("firehose", "CreateDeliveryStream", request)
    return receiver


def update(sim: Simulator, member: str, block: dict[str, Any]) -> None:
    """UpdateDestination of the stream as it is now."""
    request = {
        "DeliveryStreamName": NAME,
        "CurrentDeliveryStreamVersionId": str(sim.firehose[NAME].version),
        "DestinationId": "destinationId-000000000001",
        f"{member}DestinationUpdate": block,
    }
    sim.gate.call("firehose", "UpdateDestination", request)
