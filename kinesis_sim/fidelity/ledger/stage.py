"""Where the ledger's errors are provoked: a fresh simulator and a real boto3 client.

And short ways to use them.

A scenario is a function ``(stage, operation)`` whose last call ends with the error it is registered
for by ``@raises``. Read one to see how an error comes about, or run it:
``ledger.provoke(Simulator(), "PutRecord", "KMSDisabledException")``.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any

from kinesis_sim.aws import model
from kinesis_sim.fidelity.ledger.rules import example

if TYPE_CHECKING:
    from kinesis_sim.simulator import Simulator

STREAM = "meu-stream"


class Stage:
    """One service of a fresh simulator, whose state changes must take time (as they do by default).

    Calls are not retried by the SDK, so that the first error is the one that is seen.
    """

    def __init__(self, sim: Simulator, service: str) -> None:
        self.sim = sim
        self.service = service

    @cached_property
    def client(self) -> Any:
        """A boto3 client of the service."""
        from botocore.config import Config

        once = Config(retries={"max_attempts": 0})
        return self.sim.client(self.service, config=once)

    def call(self, operation: str, **params: Any) -> Any:
        """Call an operation by its API name.

        Required members left out get a smallest legal value.
        """
        from botocore import xform_name

        shape = model.operation(self.service, operation).input_shape
        smallest = {} if shape is None else example(shape)
        return getattr(self.client, xform_name(operation))(**{**smallest, **params})

    def arn(self, name: str = STREAM) -> str:
        """The ARN of a stream of the account, whether it is there or not."""
        return self.sim.streams.arn(name)

    def stream(self, name: str = STREAM, **settings: Any) -> str:
        """Create a stream, of one shard unless a mode is named, and wait until it is ACTIVE.

        Returns its ARN.
        """
        count = {} if "StreamModeDetails" in settings else {"ShardCount": 1}
        self.client.create_stream(StreamName=name, **{**count, **settings})
        self.sim.advance(minutes=1)
        return self.arn(name)

    def on_demand_stream(self) -> str:
        """Create an on-demand stream and wait until it is ACTIVE; its ARN."""
        return self.stream(StreamModeDetails={"StreamMode": "ON_DEMAND"})

    def consumer(self, name: str = "leitor") -> str:
        """Register a consumer of the stream and wait until it is ACTIVE; its ARN."""
        answer = self.client.register_stream_consumer(StreamARN=self.arn(), ConsumerName=name)
        self.sim.advance(minutes=1)
        return str(answer["Consumer"]["ConsumerARN"])

    def iterator(self, kind: str = "TRIM_HORIZON", name: str = STREAM) -> str:
        """An iterator at the first shard of a stream."""
        shard = self.sim.streams[name].shards[0].id
        answer = self.client.get_shard_iterator(
            StreamName=name, ShardId=shard, ShardIteratorType=kind
        )
        return str(answer["ShardIterator"])

    def takes(self, operation: str, member: str) -> bool:
        """Whether an operation's input has a member."""
        return member in model.operation(self.service, operation).input_shape.members

    def address(self, operation: str, name: str = STREAM) -> dict[str, str]:
        """How an operation names a stream: by StreamName where it can, else by an ARN."""
        if self.takes(operation, "StreamName"):
            return {"StreamName": name}
        member = "ResourceARN" if self.takes(operation, "ResourceARN") else "StreamARN"
        return {member: self.arn(name)}

    def shards(self, operation: str) -> dict[str, str]:
        """Ids of a stream's first shards for an operation that reshards; nothing for any other.

        AWS reads the ids before it looks at the stream, so a text that is no id hides its state.
        """
        members = ("ShardToSplit", "ShardToMerge", "AdjacentShardToMerge")
        first, second = (f"shardId-{index:012}" for index in range(2))
        ids = dict(zip(members, (first, first, second), strict=True))
        return {member: id for member, id in ids.items() if self.takes(operation, member)}


Scenario = Callable[[Stage, str], object]
Book = dict[tuple[str, str], Scenario]
"""Scenarios by (operation, error code)."""


def raises(book: Book, code: str, *operations: str) -> Callable[[Scenario], Scenario]:
    """Enter a scenario into a service's book for an error of one or more operations."""

    def enter(scenario: Scenario) -> Scenario:
        for operation in operations:
            if (operation, code) in book:
                raise ValueError(f"{code} of {operation} is raised by two scenarios.")
            book[operation, code] = scenario
        return scenario

    return enter
