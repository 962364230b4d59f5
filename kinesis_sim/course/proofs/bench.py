"""What most proofs begin with and end with: a stream, records in it, calls that may be refused."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import count
from typing import Any

from botocore.config import Config
from botocore.exceptions import ClientError, ParamValidationError

from kinesis_sim import Simulator

STREAM, KEY = "pedala-rides", "bike-0042"
ON_DEMAND = {"StreamModeDetails": {"StreamMode": "ON_DEMAND"}}
ONCE = Config(retries={"total_max_attempts": 1})
"""A client that does not call again by itself: what is refused is seen, and costs no time."""
_ACCOUNTS = count(420_000_000_000)


def came_true(happened: Mapping[str, bool]) -> tuple[str, ...]:
    """The options whose statement about the run is true."""
    return tuple(option for option, true in happened.items() if true)


def simulator(**settings: Any) -> Simulator:
    """A simulator that loses no time on calls, in an account of its own.

    moto keeps one state per account, and proofs find theirs empty.
    """
    given = {"account": str(next(_ACCOUNTS)), "delays": "instant", "latency": None, "remember": 0}
    return Simulator(**{**given, **settings})


def stream(shards: int = 1, *, on_demand: bool = False, **settings: Any) -> tuple[Simulator, Any]:
    """A simulator with the stream ``pedala-rides``, ACTIVE, and a client. settings: Simulator's."""
    sim = simulator(**settings)
    kinesis = sim.client("kinesis", config=ONCE)
    kinesis.create_stream(StreamName=STREAM, **(ON_DEMAND if on_demand else {"ShardCount": shards}))
    sim.advance(seconds=1)
    return sim, kinesis


def put(kinesis: Any, *records: bytes, key: str = KEY) -> list[str]:
    """Put records under one key, one call each; their sequence numbers."""
    return [
        kinesis.put_record(StreamName=STREAM, PartitionKey=key, Data=data)["SequenceNumber"]
        for data in records
    ]


def shard_ids(kinesis: Any) -> list[str]:
    """The ids of the stream's shards, closed ones too."""
    return [shard["ShardId"] for shard in kinesis.list_shards(StreamName=STREAM)["Shards"]]


def iterator(kinesis: Any, kind: str = "TRIM_HORIZON", shard: str = "", **more: Any) -> str:
    """A shard iterator, of the first shard unless another is named."""
    answer = kinesis.get_shard_iterator(
        StreamName=STREAM,
        ShardId=shard or shard_ids(kinesis)[0],
        ShardIteratorType=kind,
        **more,
    )
    return str(answer["ShardIterator"])


def refusal(call: Callable[..., Any], **request: Any) -> str:
    """The code with which a call is refused; empty when it is answered."""
    try:
        call(**request)
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    except ParamValidationError:
        return "ParamValidationError"
    return ""


def takes(client: Any, operation: str, member: str) -> bool:
    """Whether an operation of a service has that parameter."""
    model = client.meta.service_model.operation_model(operation)
    return member in model.input_shape.members
