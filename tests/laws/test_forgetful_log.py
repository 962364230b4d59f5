"""However little the event log keeps whole: every picture and every total agrees with the domain,
or says since when it counts."""

from __future__ import annotations

import tracemalloc
from typing import Any

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from kinesis_sim import Simulator
from kinesis_sim.events import EventLog
from kinesis_sim.instants import MINUTE
from kinesis_sim.show.buffer.fold import buffers
from kinesis_sim.show.capacity.fold import water
from kinesis_sim.show.delivery.fold import Story, at_instants
from kinesis_sim.show.delivery.scene import Picture
from kinesis_sim.show.kit.timeline import full
from kinesis_sim.show.kit.words import Words
from kinesis_sim.show.readers.fold import Readers
from kinesis_sim.show.retention.fold import retention
from kinesis_sim.workloads.readers.kcl import KclApplication
from kinesis_sim.workloads.readers.leases import free_name
from kinesis_sim.workloads.readers.poller import Poller
from tests.effort import examples

STREAM, HOSE, ROLE, LAKE = "s", "hose", "arn:aws:iam::123456789012:role/r", "forgetful-lake"


def made(keep: int, *, fleet: bool = False, shards: int = 2) -> Simulator:
    """A stream with a poller, a mapping, a Firehose stream and, when asked for, a KCL fleet."""
    sim = Simulator(latency=None, delays="instant")
    sim.events = EventLog(keep)
    call = sim.gate.call
    call("kinesis", "CreateStream", {"StreamName": STREAM, "ShardCount": shards})
    sim.advance(seconds=2)
    sim.client("s3").create_bucket(Bucket=LAKE)
    Poller(sim, STREAM, lambda *_: None, name="poller").start()
    sim.functions.register("function", lambda event: None)
    sim.mappings.create(
        EventSourceArn=sim.streams[STREAM].arn,
        FunctionName="function",
        StartingPosition="TRIM_HORIZON",
    )
    source = {"KinesisStreamARN": sim.streams[STREAM].arn, "RoleARN": ROLE}
    hints = {"SizeInMBs": 1, "IntervalInSeconds": 60}
    request: dict[str, Any] = {
        "DeliveryStreamName": HOSE,
        "DeliveryStreamType": "KinesisStreamAsSource",
        "KinesisStreamSourceConfiguration": source,
        "ExtendedS3DestinationConfiguration": {
            "BucketARN": f"arn:aws:s3:::{LAKE}",
            "RoleARN": ROLE,
            "BufferingHints": hints,
        },
    }
    call("firehose", "CreateDeliveryStream", request)
    if fleet:
        app = KclApplication(sim, free_name(sim, "fleet"), STREAM, lambda *_: None)
        app.add_worker()
        app.add_worker()
    sim.advance(seconds=5)
    return sim


def put(sim: Simulator, count: int) -> None:
    at = sim.clock.now
    sim.streams[STREAM].put([(b"x" * 100, f"{at}{n}", None) for n in range(count)], at)


def agrees(sim: Simulator, stored: int) -> None:
    """Every picture's totals against the domain's."""
    stream, hose, now = sim.streams[STREAM], sim.firehose[HOSE], sim.clock.now
    history = sim.show.history(STREAM)
    assert sum(share.records for share in history.shares) == stored
    assert history.statuses[-1][1] == "ACTIVE"
    assert len(history.lanes) == len(stream.shards)
    rows = water(sim, STREAM)
    assert rows.shards == stream.open_count
    assert rows.mode == stream.settings.mode
    assert retention(sim, STREAM).all.until(now)[0] == stored
    story = Story(sim.events, HOSE, now)
    [(_, counts)] = at_instants(story.events, [now], story.base)
    tally = hose.tally
    assert (counts.accepted, counts.delivered) == (tally.accepted, tally.delivered)
    assert (counts.errors, counts.lost.total()) == (tally.errors, tally.lost)
    found = buffers(sim, HOSE)
    assert (found.hints[-1].size, found.hints[-1].interval) == (2**20, MINUTE)
    objects = sum(each.records for each in found.objects)
    assert objects == tally.delivered or found.whole_from is not None
    assert objects <= tally.delivered
    readers = Readers(stream, sim.events)
    caught_up = [reader.spot(name, 0, now) for reader in [readers] for name in readers.kinds]
    assert all(spot is None or spot.lag == 0 for spot in caught_up)
    metrics = sim.metrics(metric="IncomingRecords", period=3_600)
    assert sum(metrics["Sum"]) == stored
    assert {"poller", "function"} <= set(readers.kinds) or not stored


MOVES = st.lists(st.tuples(st.integers(1, 30), st.sampled_from([1, 20, 130, 4_000])), max_size=25)


@settings(max_examples=examples(25))
@given(moves=MOVES, keep=st.sampled_from([3, 10, 50]))
def test_every_picture_agrees_or_says_since_when(moves: list[tuple[int, int]], keep: int) -> None:
    sim = made(keep)
    for count, seconds in moves:
        put(sim, count)
        sim.advance(seconds=seconds)
    sim.advance(minutes=3)
    whole_from = Story(sim.events, HOSE, sim.clock.now).begin
    event(f"forgot: {whole_from is not None}")
    agrees(sim, sum(count for count, _ in moves))
    if whole_from is not None:
        page = Picture(sim, HOSE, Words("delivery", "en")).page()
        assert full(whole_from) in page.subtitle


@pytest.mark.parametrize("name", ["shards", "readers", "capacity", "retention", "heat"])
def test_a_stream_is_drawn_after_a_day_of_nothing(name: str) -> None:
    """As a review found: idle polls of a day made the shard map say that there was no shard."""
    sim = made(50)
    put(sim, 100)
    sim.advance(hours=20)
    drawn = getattr(sim.show, name)(STREAM, lang="en")
    assert "CREATING" not in drawn.summary
    agrees(sim, 100)


def test_a_year_with_everybody_reading_is_drawn_at_its_end() -> None:
    """Twenty records a month over ten shards, all kinds of readers: what was added to
    memory stays within 60 MB."""
    tracemalloc.start()
    sim = made(50, fleet=True, shards=10)
    before, _ = tracemalloc.get_traced_memory()
    times = 12
    for _ in range(times):
        put(sim, 20)
        sim.advance(days=30)
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    agrees(sim, 20 * times)
    for name in ("shards", "readers", "capacity", "retention", "heat"):
        assert getattr(sim.show, name)(STREAM, lang="pt-BR").png()
    for name in ("delivery", "buffer"):
        assert getattr(sim.show, name)(HOSE, lang="pt-BR").png()
    assert after - before < 60 * 2**20
