"""What a mapping asks of its shards and lanes. It may change while they run; they only read it."""

from __future__ import annotations

from dataclasses import dataclass

from kinesis_sim.mappings.settings import MappingSettings


@dataclass(frozen=True, slots=True)
class MappedStream:
    """What a mapping reads. arn: as it was given; consumer: its ARN, for enhanced fan-out."""

    stream: str
    arn: str
    consumer: str | None = None


@dataclass(slots=True)
class Terms:
    """What a lane needs to know of its mapping.

    uuid: the mapping's; function: the ARN as it was asked for; callee: the one that is called,
    without qualifier; on: whether batches are read and sent.
    """

    uuid: str
    origin: MappedStream
    settings: MappingSettings
    callee: str = ""
    function: str = ""
    on: bool = False

    @property
    def stream(self) -> str:
        """The name of the stream that is read."""
        return self.origin.stream

    def call(self, function: tuple[str, str]) -> None:
        """Call this function from now on. function: its ARN, and a qualifier or nothing."""
        self.callee, qualifier = function
        self.function = f"{self.callee}:{qualifier}" if qualifier else self.callee
