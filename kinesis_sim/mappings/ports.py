"""What an event source mapping needs of its surroundings, handed to it by ``service``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from kinesis_sim.account.functions import Functions
from kinesis_sim.account.tips import Rests
from kinesis_sim.clock import Clock
from kinesis_sim.events import EventLog

Call = Callable[[str, dict[str, Any]], dict[str, Any]]
"""A port to a service: an operation's API name and its request."""


class Deliver(Protocol):
    """The port to failure destinations: an SQS queue, an SNS topic or an S3 bucket, by ARN."""

    def __call__(self, arn: str, body: str, batch: dict[str, Any], mapping: str) -> None:
        """Deliver the invocation record; S3 gets the batch's event as well. mapping: a UUID."""


@dataclass(frozen=True, slots=True)
class MappingPorts:
    """The surroundings.

    on_ms, off_ms: how long a change takes after which a mapping reads, and one after which it does
    not; lambda_elsewhere: Lambda as moto keeps it; rests: lets a reader at a stream's tip rest;
    unlock: raises the KMS… error with which an action (GenerateDataKey, Decrypt) of a key fails.
    """

    clock: Clock
    events: EventLog
    functions: Functions
    kinesis: Call
    rests: Rests
    lambda_elsewhere: Call
    deliver: Deliver
    unlock: Callable[[str, str], None]
    request_id: Callable[[], str]
    account: str
    region: str
    on_ms: int
    off_ms: int

    @property
    def role(self) -> str:
        """The role that the mapping's poller acts in."""
        return f"arn:aws:iam::{self.account}:role/lambda"
