"""What the tests of mappings share: a stream with a mapping to a function, and records in it."""

from __future__ import annotations

from base64 import b64decode
from typing import Any

from kinesis_sim import Simulator
from kinesis_sim.mappings.mapping import Mapping

STREAM, FUNCTION = "pedala-payments", "cobrar"
Event = dict[str, Any]


def quick(**options: Any) -> Simulator:
    """Nothing takes time but the function, and nothing is throttled."""
    return Simulator(**{"latency": None, "delays": "instant", "limits": "off", **options})


def mapped(sim: Simulator, function: Any, *, shards: int = 1, **more: Any) -> Mapping:
    """A mapping of a new stream. more: members of the request, and settings of the function."""
    sim.client("kinesis").create_stream(StreamName=STREAM, ShardCount=shards)
    keywords = ("duration_ms", "timeout_s", "concurrency")
    sim.functions.register(FUNCTION, function, **{k: more.pop(k) for k in keywords if k in more})
    request = {
        "EventSourceArn": sim.streams.arn(STREAM),
        "FunctionName": FUNCTION,
        "StartingPosition": "TRIM_HORIZON",
    }
    return sim.mappings.create(**{**request, **more})


def put(sim: Simulator, *texts: str, key: str = "k") -> None:
    """One record a text, all under one partition key."""
    for text in texts:
        sim.streams[STREAM].put([(text.encode(), key, None)], sim.clock.now)


def texts(event: Event) -> list[str]:
    """The records of an event as text."""
    return [b64decode(row["kinesis"]["data"]).decode() for row in event["Records"]]


def stored(sim: Simulator) -> int:
    """How many records the stream holds or has held."""
    return sum(shard.log.end for shard in sim.streams[STREAM].shards)
