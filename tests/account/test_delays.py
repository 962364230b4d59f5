"""How long state changes take: named sets, changes by name, and what cannot be."""

from __future__ import annotations

import pytest

from kinesis_sim import Simulator, UsageError
from kinesis_sim.account.delays import Delays


def test_the_named_sets() -> None:
    assert Delays()["streams.create_stream"] == 4_000
    assert Delays("quick")["firehose.create_stream"] == 500
    assert Delays("instant")["mappings.event_source_mapping"] == 0


def test_some_can_be_changed_and_the_rest_stays() -> None:
    sim = Simulator(delays={"streams.create_stream": 1_000}, latency=None)
    assert sim.delays["streams.delete_stream"] == 4_000
    kinesis = sim.client("kinesis")
    kinesis.create_stream(StreamName="s", ShardCount=1)
    sim.advance(milliseconds=999)
    assert sim.streams["s"].status.value == "CREATING"
    sim.advance(milliseconds=1)
    assert sim.streams["s"].status.value == "ACTIVE"


def test_a_set_can_be_changed_too() -> None:
    own = Delays("quick", {"streams.reshard": 7})
    sim = Simulator(delays=own)
    assert (sim.delays["streams.reshard"], sim.delays["streams.queue"]) == (7, 500)


@pytest.mark.parametrize(
    ("delays", "text"),
    [
        ("slow", "delays='slow': choose realistic, quick or instant"),
        ({"reshard": 5}, "delays has no 'reshard'; the names are: streams.create_stream"),
        ({"streams.reshard": -1}, "delays streams.reshard=-1: give whole milliseconds"),
        ({"streams.reshard": 0.5}, "delays streams.reshard=0.5: give whole milliseconds"),
    ],
)
def test_delays_that_cannot_be_say_which_and_why(delays: object, text: str) -> None:
    with pytest.raises(UsageError, match=text):
        Simulator(delays=delays)  # type: ignore[arg-type]
