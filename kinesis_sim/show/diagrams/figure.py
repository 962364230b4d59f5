"""The study notes' four diagrams as they are today: architecture, pipeline and so on.

What each part is to this simulator stands in COMING and MOTO: when a service is built, its name
goes from there and the pictures follow.
"""

from __future__ import annotations

from collections.abc import Iterable

from kinesis_sim.account.quotas import TABLE
from kinesis_sim.show.diagrams.diagram import Box, Diagram, Flow, Group, Kind, drawn
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
    names: Iterable[str], x: float, width: float, hue: str, top: float = 92, step: float = 80
) -> list[Box]:
    return [
        Box(name, x, top + step * row, width, _kind(name), hue) for row, name in enumerate(names)
    ]


def _flows(text: str) -> list[Flow]:
    """Flows from lines such as ``app > streams``, left to right."""
    pairs = (line.split(" > ") for line in text.strip().splitlines())
    return [Flow(start.strip(), end.strip()) for start, end in pairs]


ARCHITECTURE = Diagram(
    "architecture",
    446,
    [
        *_column(["app", "cli"], 28, 190, "green"),
        *_column(["cameras"], 28, 190, "green", top=332),
        *_column(["streams", "firehose", "analytics", "video"], 316, 216, "blue"),
        *_column(["consumers", "stores", "answers", "players"], 634, 198, "orange"),
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
        Group("producers", 28, 74, 190, 0),
        Group("consumers", 634, 74, 198, 0),
    ],
)

PIPELINE = Diagram(
    "pipeline",
    372,
    [
        *_column(["bikes"], 28, 146, "green", top=172),
        *_column(["rides"], 206, 118, "blue", top=172),
        *_column(["buffer", "windows", "alerts"], 360, 146, "blue", top=72, step=100),
        *_column(["lake", "second-stream", "table"], 540, 146, "orange", top=72, step=100),
        *_column(["sql", "dashboard", "support"], 716, 130, "purple", top=72, step=100),
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
    530,
    [
        *_column(["sdk", "dynamodb-changes", "logs", "iot"], 28, 208, "green", step=76),
        Box("hub", 342, 174, 176, "here", "blue", 90),
        *_column(["own", "lambda", "delivery", "flink"], 624, 208, "orange", step=76),
        *(
            Box(name, 28 + 205 * place, 424, 189, _kind(name), "purple", 48)
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
        Group("sources", 28, 74, 208, 0),
        Group("readers", 624, 74, 208, 0),
        Group("around", 342, 408, 176, 0),
    ],
)

CONFIGURATION = Diagram(
    "configuration",
    396,
    [
        *_column(["writes", "access", "encryption"], 28, 236, "green", step=84),
        Box("stream", 342, 176, 176, "here", "blue", 58),
        Box("shards", 312, 92, 236, "here", "blue"),
        Box("scaling", 312, 260, 236, "here", "blue"),
        *_column(["reads", "retention", "alarms"], 596, 236, "orange", step=84),
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
