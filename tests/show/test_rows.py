"""Rows from events: what the shard map knows, against a history told by hand."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kinesis_sim import Simulator
from kinesis_sim.events import EventLog
from kinesis_sim.instants import HOUR
from kinesis_sim.show.kit.history import (
    MOST_LANES,
    Beat,
    Horizon,
    in_lineage,
)
from kinesis_sim.show.kit.shares import MOST_DOTS, Share, Tally, thinned
from kinesis_sim.streams.events import RecordsPut
from tests.show.scenario import BEGIN, DAY, SPLIT_AT, STREAM, put, split_in_the_morning


def test_lanes_stand_with_children_under_their_parent() -> None:
    lanes = split_in_the_morning().show.history(STREAM).lanes
    assert [(lane.shard, lane.parents) for lane in lanes] == [
        (0, ()),
        (2, (0,)),
        (3, (0,)),
        (1, ()),
    ]
    assert [(lane.opened - BEGIN, lane.closed) for lane in lanes] == [
        (0, SPLIT_AT),
        (40_000, None),
        (40_000, None),
        (0, None),
    ]


def test_every_put_is_a_dot_in_its_shard() -> None:
    history = split_in_the_morning().show.history(STREAM)
    assert [(dot.share.at - BEGIN, dot.share.shard) for dot in history.dots] == [
        (10_000, 0),
        (20_000, 1),
        (30_000, 0),
        (50_000, 3),
    ]
    assert {(dot.share.records, dot.share.bytes) for dot in history.dots} == {(1, 100)}
    assert history.width == 0


def test_a_split_is_one_beat_and_a_merge_names_both_parents() -> None:
    sim = split_in_the_morning()
    sim.client("kinesis").merge_shards(
        StreamName=STREAM,
        ShardToMerge="shardId-000000000003",
        AdjacentShardToMerge="shardId-000000000001",
    )
    history = sim.show.history(STREAM)
    assert history.beats == (Beat(SPLIT_AT, (0,), (2, 3)), Beat(history.now, (3, 1), (4,)))
    assert [beat.kind for beat in history.beats] == ["split", "merged"]


def test_open_shards_at_every_instant_tile_the_ring() -> None:
    history = split_in_the_morning().show.history(STREAM)
    for at, shards in [(BEGIN, [0, 1]), (SPLIT_AT - 1, [0, 1]), (SPLIT_AT, [2, 3, 1])]:
        opened = history.open_at(at)
        assert [lane.shard for lane in opened] == shards
        borders = [(lane.end + 1) % 2**128 for lane in opened]
        assert borders == [lane.start for lane in opened[1:]] + [0]


def test_a_closed_shard_expires_a_millisecond_after_its_last_instant_is_a_day_old() -> None:
    sim = split_in_the_morning()
    sim.run_until(SPLIT_AT + DAY)
    assert [lane.expires for lane in sim.show.history(STREAM).lanes] == [None] * 4
    sim.advance(milliseconds=1)
    expires = [lane.expires for lane in sim.show.history(STREAM).lanes]
    assert expires == [SPLIT_AT + DAY + 1, None, None, None]
    kept = sim.client("kinesis").list_shards(StreamName=STREAM)["Shards"]
    assert len(kept) == 3  # the service agrees


def test_a_pinned_key_goes_where_the_service_puts_it() -> None:
    sim = split_in_the_morning()
    kinesis = sim.client("kinesis")
    for number in range(40):
        key = f"bike-{number}"
        answer = kinesis.put_record(StreamName=STREAM, PartitionKey=key, Data=b"x")
        home = sim.show.history(STREAM).pin(key).home(sim.clock.now)
        assert answer["ShardId"] == f"shardId-{home:012d}"


def test_a_key_moves_house_at_a_split_and_has_none_before_the_first_shard() -> None:
    history = split_in_the_morning().show.history(STREAM)
    pin = history.pin("bike-0042")
    assert pin.home(BEGIN - 1) is None
    assert (pin.home(SPLIT_AT - 1), pin.home(SPLIT_AT)) == (0, 2)


def test_a_deleted_namesake_leaves_no_trace(sim: Simulator) -> None:
    kinesis = sim.client("kinesis")
    kinesis.create_stream(StreamName=STREAM, ShardCount=1)
    put(sim, 0)
    sim.advance(seconds=1)
    kinesis.delete_stream(StreamName=STREAM)
    sim.advance(seconds=1)
    kinesis.create_stream(StreamName=STREAM, ShardCount=1)
    assert sim.show.history(STREAM).dots == ()


def test_folded_events_are_counted_once() -> None:
    sim = split_in_the_morning()
    whole = sim.show.history(STREAM)
    sim.events = _with_room_for(sim.events, 3)
    folded = sim.show.history(STREAM)
    assert sim.events.whole_from(RecordsPut) is not None
    assert sum(share.records for share in folded.shares) == 4
    assert sum(share.bytes for share in folded.shares) == 400
    assert folded.lanes == whole.lanes


def _with_room_for(log: EventLog, keep: int) -> EventLog:
    small = EventLog(keep)
    for event in log:
        small.append(event)
    return small


# --- the trim horizon ---------------------------------------------------------------------------

CHANGES = st.lists(st.tuples(st.integers(1, 400), st.integers(24, 200)), max_size=5)


@given(CHANGES, st.integers(0, 2_000), st.integers(0, 2_000))
def test_the_horizon_never_moves_back_and_passes_when_it_says(
    later: list[tuple[int, int]], put_at: int, hours: int
) -> None:
    changes, since = [(0, 24 * HOUR)], 0
    for wait, kept in later:
        since += wait * HOUR
        changes.append((since, kept * HOUR))
    horizon = Horizon(changes)
    instant, passes = put_at * HOUR, horizon.passes(put_at * HOUR)
    assert horizon.at(passes) > instant
    if passes > instant:
        assert horizon.at(passes - 1) <= instant
    assert horizon.at(hours * HOUR) <= horizon.at(hours * HOUR + 1)


def test_the_horizon_bends_where_retention_changes() -> None:
    horizon = Horizon([(0, 24 * HOUR), (30 * HOUR, 48 * HOUR)])
    assert [(hour, horizon.at(hour * HOUR) / HOUR) for hour in (0, 30, 54, 60)] == [
        (0, -24),
        (30, 6),  # raised: what is trimmed stays trimmed, and the horizon waits
        (54, 6),
        (60, 12),
    ]


# --- many ---------------------------------------------------------------------------------------

SHARES = st.lists(
    st.builds(
        Share, st.integers(0, 10**7), st.integers(0, 3), st.integers(1, 9), st.integers(1, 99)
    ),
    max_size=200,
).map(lambda rows: tuple(sorted(rows, key=lambda share: share.at)))


@given(SHARES, st.integers(4, 50))
def test_thinning_keeps_every_record_and_byte_of_every_shard(
    shares: tuple[Share, ...], most: int
) -> None:
    dots, _ = thinned(shares, most)
    for shard in range(4):
        for amount in ("records", "bytes"):
            before = sum(getattr(share, amount) for share in shares if share.shard == shard)
            after = sum(getattr(d.share, amount) for d in dots if d.share.shard == shard)
            assert before == after


def test_many_puts_become_few_dots() -> None:
    shares = tuple(Share(at * 10, 0, 1, 10) for at in range(5_000))
    dots, width = thinned(shares, MOST_DOTS)
    assert (len(dots), width) == (500, 100)


@given(SHARES, st.integers(0, 10**7))
def test_a_tally_counts_what_a_loop_would(shares: tuple[Share, ...], at: int) -> None:
    tally = Tally(shares)
    assert tally.until(at)[0] == sum(share.records for share in shares if share.at <= at)
    assert tally.before(at) == sum(share.records for share in shares if share.at < at)


def test_more_shards_than_lanes_keep_the_open_ones(sim: Simulator) -> None:
    kinesis = sim.client("kinesis")
    kinesis.create_stream(StreamName=STREAM, ShardCount=16)
    kinesis.update_shard_count(
        StreamName=STREAM, TargetShardCount=24, ScalingType="UNIFORM_SCALING"
    )
    history = sim.show.history(STREAM)
    shards = sim.streams[STREAM].shards
    assert {lane.shard for lane in history.lanes} >= {
        s.index for s in shards if s.closed_at is None
    }
    assert len(history.lanes) == MOST_LANES
    assert history.hidden == len(shards) - MOST_LANES
    order = [shard.index for shard in in_lineage(shards)]
    assert sorted(order) == list(range(len(shards)))
