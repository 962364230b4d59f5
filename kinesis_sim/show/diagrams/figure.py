"""The study notes' four diagrams as they are today: architecture, pipeline and so on.

What each part is to this simulator stands in COMING and MOTO: when a service is built, its name
goes from there and the pictures follow.
"""

from __future__ import annotations

from collections.abc import Iterable

from kinesis_sim.account.quotas import TABLE
from kinesis_sim.show.diagrams.diagram import TALL, Box, Diagram, Flow, Group, Kind, drawn
from kinesis_sim.show.kit.sheet import Sheet
from kinesis_sim.show.kit.words import Words
from kinesis_sim.streams.stream import StreamSettings
from kinesis_sim.units import MIB

COMING = {"iot", "iam", "cloudtrail", "access"}
"""Parts that this simulator does not have yet, or that nothing here reaches yet."""
MOTO = {"table", "kms", "lake"}
"""Parts that moto answers: real calls work, the service itself is moto's model."""


def figure(name: str, words: Words) -> Sheet:
    """One of DIAGRAMS, drawn."""
    return drawn(DIAGRAMS[name], words, _values(words))


def _values(words: Words) -> dict[str, object]:
    """Numbers in the pictures, from where the simulator itself has them."""
    read = round(TABLE["streams.shard_read_bytes"].value / MIB)
    return {
        "mode": StreamSettings().mode,
        "records": words.number(round(TABLE["streams.shard_write_records"].value)),
        "mib": read,
        "calls": round(TABLE["streams.shard_read_calls"].value),
        "hours": StreamSettings().retention_hours,
        "most": words.number(round(TABLE["streams.retention_most"].value)),
        "write_mib": round(TABLE["streams.shard_write_bytes"].value / MIB),
    }


def _kind(name: str) -> Kind:
    if name in COMING:
        return "coming"
    return "moto" if name in MOTO else "here"


def _column(
    names: Iterable[str],
    x: float,
    width: float,
    hue: str,
    top: float = 86,
    step: float = 94,
    tall: float = TALL,
) -> list[Box]:
    return [
        Box(name, x, top + step * row, width, _kind(name), hue, tall)
        for row, name in enumerate(names)
    ]


def _flows(text: str) -> list[Flow]:
    """Flows from lines such as ``app > streams``, left to right."""
    pairs = (line.split(" > ") for line in text.strip().splitlines())
    return [Flow(start.strip(), end.strip()) for start, end in pairs]


ARCHITECTURE = Diagram(
    "architecture",
    494,
    [
        *_column(["app", "cli"], 8, 156, "green"),
        *_column(["cameras"], 8, 156, "green", top=368),
        *_column(["streams", "firehose", "analytics", "video"], 214, 172, "blue"),
        *_column(["consumers", "stores", "answers", "players"], 436, 156, "orange"),
    ],
    [
        *_flows(
            """
            app > streams
            cli > streams
            cameras > video
            streams > consumers
            firehose > stores
            analytics > answers
            video > players
            """
        ),
        Flow("streams", "firehose", "bottom", "top"),
        Flow("streams", "analytics", "right", "right", (16, -16)),
    ],
    [
        Group("producers", 8, 68, 156, 0),
        Group("consumers", 436, 68, 156, 0),
    ],
)

TRUNK = {"top": 178, "tall": 100}
BRANCHES = {"top": 62, "step": 116, "tall": 100}

PIPELINE = Diagram(
    "pipeline",
    448,
    [
        *_column(["bikes"], 8, 104, "green", **TRUNK),
        *_column(["rides"], 128, 104, "blue", **TRUNK),
        *_column(["buffer", "windows", "alerts"], 248, 104, "blue", **BRANCHES),
        *_column(["lake", "second-stream", "table"], 368, 104, "orange", **BRANCHES),
        *_column(["sql", "dashboard", "support"], 488, 104, "purple", **BRANCHES),
    ],
    _flows(
        """
        bikes > rides
        rides > buffer
        rides > windows
        rides > alerts
        buffer > lake
        windows > second-stream
        alerts > table
        lake > sql
        second-stream > dashboard
        table > support
        """
    ),
)

INTEGRATION = Diagram(
    "integration",
    614,
    [
        *_column(["sdk", "dynamodb-changes", "logs", "iot"], 8, 164, "green"),
        Box("hub", 222, 212, 156, "here", "blue", 100),
        *_column(["own", "lambda", "delivery", "flink"], 428, 164, "orange"),
        *(
            Box(name, 8 + 149 * place, 484, 137, _kind(name), "purple", 60)
            for place, name in enumerate(["iam", "kms", "cloudwatch", "cloudtrail"])
        ),
    ],
    [
        *_flows(
            """
            sdk > hub
            dynamodb-changes > hub
            logs > hub
            iot > hub
            hub > own
            hub > lambda
            hub > delivery
            hub > flink
            """
        ),
    ],
    [
        Group("sources", 8, 68, 164, 0),
        Group("readers", 428, 68, 164, 0),
        Group("around", 222, 468, 156, 0),
    ],
)

CONFIGURATION = Diagram(
    "configuration",
    418,
    [
        *_column(["writes", "access", "encryption"], 8, 176, "green", step=100),
        Box("stream", 226, 186, 148, "here", "blue"),
        Box("shards", 226, 86, 148, "here", "blue"),
        Box("scaling", 226, 286, 148, "here", "blue"),
        *_column(["reads", "retention", "alarms"], 416, 176, "orange", step=100),
    ],
    [
        Flow("shards", "stream", "bottom", "top"),
        Flow("scaling", "stream", "top", "bottom"),
        Flow("writes", "stream"),
        Flow("access", "stream"),
        Flow("encryption", "stream"),
        Flow("reads", "stream", "left", "right"),
        Flow("retention", "stream", "left", "right"),
        Flow("alarms", "stream", "left", "right"),
    ],
)

DIAGRAMS = {
    diagram.name: diagram for diagram in (ARCHITECTURE, PIPELINE, INTEGRATION, CONFIGURATION)
}
