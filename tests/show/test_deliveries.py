"""The pipeline's counts are those of the stream: at every instant, whatever is broken."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from kinesis_sim import Simulator
from kinesis_sim.show.delivery.fold import Counts, Story, at_instants
from kinesis_sim.workloads.scenes.breakage import Breakage
from kinesis_sim.workloads.scenes.click_lake import ClickLake, jq, processor
from tests.effort import examples

ACCOUNT = "408408408408"
NAME = "meu-firehose"


def simulator() -> Simulator:
    return Simulator(latency=None, delays="instant", account=ACCOUNT)


def now_of(sim: Simulator, name: str = NAME) -> Counts:
    story = Story(sim.events, name, sim.clock.now)
    [(_, counts)] = at_instants(story.events, [sim.clock.now], story.base)
    return counts


def agree(sim: Simulator) -> None:
    """The fold says what the stream itself counts, and every part of what is held is there."""
    counts, stream = now_of(sim), sim.firehose[NAME]
    tally = stream.tally
    assert (counts.accepted, counts.delivered, counts.dropped, counts.errors) == (
        tally.accepted,
        tally.delivered,
        tally.dropped,
        tally.errors,
    )
    assert counts.lost.total() == tally.lost
    assert counts.held == stream.held
    assert min(counts.at_transform, counts.buffered, counts.under_way) >= 0


step = st.tuples(
    st.sampled_from(["put", "destination", "transform", "minute", "hour", "day"]),
    st.integers(1, 60),
)


@given(st.lists(step, max_size=12), st.sampled_from(["s3", "opensearch", "redshift"]))
@settings(max_examples=examples(20), deadline=None)
def test_the_fold_agrees_with_the_tally(steps: list[tuple[str, int]], to: str) -> None:
    sim = simulator()
    lake = ClickLake(sim)
    {"s3": lake.create, "opensearch": lake.search, "redshift": lake.warehouse}[to](NAME)
    break_or_mend = Breakage(sim, NAME)
    agree(sim)
    for what, amount in steps:
        if what == "put":
            sim.firehose[NAME].put([row["Data"] for row in lake.entries(amount)])
        elif what in ("destination", "transform") and break_or_mend.can(what):
            break_or_mend.toggle(what)
        else:
            sim.advance(minutes={"minute": 1, "hour": 60, "day": 1440}.get(what, 2))
        agree(sim)


def test_a_batch_counts_as_its_parts() -> None:
    sim = simulator()
    lake = ClickLake(sim)
    split = processor("RecordDeAggregation", SubRecordType="JSON")
    lake.create(NAME, [split, jq(action=".action")])
    sim.firehose[NAME].put([b'{"action": "open"}{"action": "search"}{"action": "open"}'])
    assert now_of(sim).accepted == 3
    agree(sim)
    sim.advance(minutes=5)
    assert now_of(sim).delivered == 3
