"""A tumbling window of a shard: its span, and the state that the function hands on.

Source: Lambda guide, "stateful Kinesis Data Streams processing" (services-kinesis-windows): every
answer must hold ``state``, at most 1 MB; one that grows beyond ends the window early. What then
follows is told by the AWS-made Rust crate aws_lambda_events (TimeWindowProperties): the same window
goes on with a fresh state. That the function is told so in an invocation of its own, without
records and with the state that was too large, is this model's choice.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from kinesis_sim.instants import to_datetime
from kinesis_sim.units import MIB

LARGEST_STATE_BYTES = MIB


@dataclass(slots=True)
class TumblingWindow:
    """start, end: epoch ms. burst: the state has outgrown its limit, the function is to be told."""

    start: int
    end: int
    state: str = "{}"
    burst: bool = False

    @classmethod
    def of(cls, arrived: int, length_ms: int) -> TumblingWindow:
        """The window that a moment (epoch ms) lies in."""
        start = arrived // length_ms * length_ms
        return cls(start, start + length_ms)

    def members(self, *, final: bool, early: bool) -> dict[str, Any]:
        """What the window adds to an event."""
        return {
            "window": {"start": _second(self.start), "end": _second(self.end)},
            "state": json.loads(self.state),
            "isFinalInvokeForWindow": final,
            "isWindowTerminatedEarly": early,
        }

    def keep(self, state: dict[str, Any]) -> None:
        """Take the state of an answer over."""
        self.state = json.dumps(state)
        self.burst = len(self.state.encode()) > LARGEST_STATE_BYTES

    def refresh(self) -> None:
        """Begin anew within the same span."""
        self.state, self.burst = "{}", False


def _second(ms: int) -> str:
    return to_datetime(ms).strftime("%Y-%m-%dT%H:%M:%SZ")
