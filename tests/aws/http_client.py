"""What the server tests share: a running server and a few ways to talk to it."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any
from urllib.parse import urlsplit

import boto3
import httpx

from kinesis_sim import Simulator
from kinesis_sim.aws.server import Server

JSON = "application/x-amz-json-1.1"
CBOR = "application/x-amz-cbor-1.1"
KEYS = {"aws_access_key_id": "AKIDEXAMPLE", "aws_secret_access_key": "secret"}


def instant(**options: Any) -> Simulator:
    """A simulator that never makes a test wait."""
    return Simulator(**{"clock": "manual", "latency": None, "delays": "instant", **options})


@contextmanager
def client(server: Server, service: str = "kinesis", **options: Any) -> Iterator[Any]:
    """A boto3 client of the endpoint, closed at the end."""
    options.setdefault("endpoint_url", server.endpoint_url)
    made = boto3.client(service, region_name="us-east-1", **{**KEYS, **options})
    try:
        yield made
    finally:
        made.close()


def post(
    http: httpx.Client, operation: str, body: bytes = b"{}", kind: str = JSON, **headers: str
) -> httpx.Response:
    """One unsigned call."""
    named = {"x-amz-target": f"Kinesis_20131202.{operation}", "content-type": kind}
    return http.post("/", content=body, headers=named | headers)


@contextmanager
def connection(server: Server) -> Iterator[socket.socket]:
    """A bare connection to the endpoint."""
    url = urlsplit(server.endpoint_url)
    assert url.hostname is not None
    with socket.create_connection((url.hostname, url.port or 80), timeout=30) as bare:
        yield bare


def until_closed(bare: socket.socket) -> bytes:
    """Everything that the server sends until it closes the connection, or resets it."""
    received = b""
    with suppress(ConnectionError):
        while part := bare.recv(65_536):
            received += part
    return received


def consumer_of(kinesis: Any, stream: str) -> str:
    """Create a stream of one shard with a registered consumer; returns the consumer's ARN."""
    kinesis.create_stream(StreamName=stream, ShardCount=1)
    summary = kinesis.describe_stream_summary(StreamName=stream)["StreamDescriptionSummary"]
    arn = summary["StreamARN"]
    made = kinesis.register_stream_consumer(StreamARN=arn, ConsumerName="reader")
    return str(made["Consumer"]["ConsumerARN"])
