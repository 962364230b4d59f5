"""The scene of the control room: each fault has its effect, and undoing it cures it."""

from __future__ import annotations

import pytest

from kinesis_sim import Simulator, UsageError
from kinesis_sim.streams.events import LeaseMoved, RecordsPut
from kinesis_sim.workloads.scenes.scene import FAULTS, POLLER, SHARDS, STREAM, PedalaScene, Second

LIMIT = 1024 * 1024  # bytes that a shard stores in a second (facts/data-streams §4.1)
AT_REST_MS = 2_000  # a lag that is only the readers' own rhythm: 1,500 and 500 ms


@pytest.fixture
def scene() -> PedalaScene:
    return PedalaScene(warm_seconds=15)


def run(scene: PedalaScene, seconds: int) -> list[Second]:
    """The rows of so many more seconds."""
    scene.sim.advance(seconds=seconds)
    return list(scene.rows)[-seconds:]


def throttled(rows: list[Second]) -> dict[int, int]:
    """Records refused, by shard, where any were."""
    sums = {shard.shard: 0 for shard in rows[-1].shards}
    for row in rows:
        for shard in row.shards:
            sums[shard.shard] += shard.throttled
    return {shard: count for shard, count in sums.items() if count}


def lag(row: Second, reader: str, shard: int | None = None) -> int:
    """The largest lag of a reader, over all shards or in one (ms)."""
    return max(
        reach.lag
        for each in row.shards
        for reach in each.readers
        if reach.reader == reader and shard in (None, each.shard)
    )


def holders(row: Second) -> dict[int, str | None]:
    return {each.shard: each.readers[0].worker for each in row.shards}


def test_calm_water_is_half_full_and_nobody_is_behind(scene: PedalaScene) -> None:
    rows = run(scene, 10)
    assert len(rows[-1].shards) == SHARDS
    assert throttled(rows) == {}
    stored = [shard.bytes / LIMIT for row in rows for shard in row.shards]
    assert 0.3 < sum(stored) / len(stored) < 0.7
    assert max(stored) < 1
    assert max(lag(row, reader) for row in rows for reader in (scene.name, POLLER)) < AT_REST_MS
    assert holders(rows[-1]) == {0: "worker-2", 1: "worker-2", 2: "worker-1", 3: "worker-1"}


def test_a_hot_key_throttles_its_shard_alone_until_it_is_undone(scene: PedalaScene) -> None:
    scene.hot_key()
    hot = throttled(run(scene, 10))
    assert list(hot) == [scene.hot_shard]
    assert hot[scene.hot_shard] > 100
    assert scene.rows[-1].senders[2].throttled > 0
    scene.undo("hot_key")
    run(scene, 4)  # what was refused comes once more
    assert throttled(run(scene, 5)) == {}


def test_double_load_brings_shards_to_their_limit_until_it_is_undone(scene: PedalaScene) -> None:
    before = run(scene, 5)
    scene.double_load()
    after = run(scene, 10)
    offered = [sum(sender.offered for row in rows[-5:] for sender in row.senders)
               for rows in (before, after)]  # fmt: skip
    assert 1.8 < offered[1] / offered[0] < 2.2
    assert len(throttled(after)) >= 2
    scene.undo("double_load")
    run(scene, 4)
    assert throttled(run(scene, 5)) == {}


def test_a_slow_poller_falls_behind_alone_and_its_lag_returns_to_zero(scene: PedalaScene) -> None:
    scene.slow_consumer()
    rows = run(scene, 20)
    lags = [lag(row, POLLER) for row in rows]
    assert lags[4] < lags[11] < lags[19]
    assert lags[19] > 6_000
    assert lag(rows[-1], scene.name) < AT_REST_MS
    scene.undo("slow_consumer")
    last = run(scene, 40)[-1]
    assert lag(last, POLLER) < AT_REST_MS
    assert scene.dashboard.behind == 0


def test_a_crashed_worker_s_shards_are_taken_over_and_shared_again(scene: PedalaScene) -> None:
    scene.crash_worker()
    orphaned = run(scene, 8)[-1]
    assert orphaned.workers == {"worker-1": True, "worker-2": False}
    assert lag(orphaned, scene.name) > 6_000
    rows = run(scene, 22)
    assert set(holders(rows[-1]).values()) == {"worker-1"}
    moves = [move for row in rows for move in row.moves]
    assert {(move.shard, move.was, move.became) for move in moves} == {
        (0, "worker-2", "worker-1"),
        (1, "worker-2", "worker-1"),
    }
    scene.undo("crash_worker")
    rows = run(scene, 40)
    assert sorted(holders(rows[-1]).values()) == ["worker-1"] * 2 + ["worker-2"] * 2  # type: ignore[type-var]
    assert lag(rows[-1], scene.name) < AT_REST_MS


def test_poison_blocks_its_shard_for_one_reader_only_until_it_is_put_aside(
    scene: PedalaScene,
) -> None:
    scene.poison_record()
    last = run(scene, 12)[-1]
    assert last.stuck == {scene.poison_shard}
    assert lag(last, scene.name, scene.poison_shard) > 8_000
    assert lag(last, scene.name, (scene.poison_shard + 1) % SHARDS) < AT_REST_MS
    assert lag(last, POLLER) < AT_REST_MS
    assert "this is no ride" in scene.application.reading.errors[-1]
    scene.undo("poison_record")
    last = run(scene, 25)[-1]
    assert last.stuck == frozenset()
    assert scene.aside == 1
    assert lag(last, scene.name) < AT_REST_MS


# --- cures ----------------------------------------------------------------------------------------


def test_another_key_spreads_what_one_shard_refused(scene: PedalaScene) -> None:
    scene.hot_key()
    before = sum(throttled(run(scene, 10)).values())
    assert scene.cure("other_key") == {"keys": 10}
    run(scene, 5)
    rows = run(scene, 10)
    assert sum(throttled(rows).values()) < before / 10
    assert len(scene.hot_shards) == SHARDS


def test_a_split_relieves_the_neighbours_and_not_the_hot_key(scene: PedalaScene) -> None:
    scene.hot_key()
    run(scene, 10)
    assert scene.cure("split") == {"shard": 3}
    run(scene, 5)
    assert list(throttled(run(scene, 10))) == [scene.hot_shard]


def test_more_consumers_share_leases_and_the_dashboard_s_work(scene: PedalaScene) -> None:
    scene.slow_consumer()
    run(scene, 10)
    assert scene.cure("more_consumers") == {"worker": "worker-3"}
    row = run(scene, 40)[-1]
    assert "worker-3" in holders(row).values()
    assert lag(row, POLLER) < AT_REST_MS
    scene.cure("more_consumers")
    assert scene.can("more_consumers") is False
    assert scene.cure("more_consumers") == {}


def test_fan_out_goes_on_where_the_poller_was_and_leaves_the_crowd(scene: PedalaScene) -> None:
    scene.crowd()
    crowded = run(scene, 12)
    assert sum(row.refused_reads for row in crowded) > 10
    polled = scene.dashboard.reading.records
    scene.cure("fan_out")
    rows = run(scene, 10)
    assert scene.dashboard.is_pushed
    assert lag(rows[-1], POLLER) < AT_REST_MS
    assert lag(rows[-1], scene.name) > 5_000
    assert sum(row.refused_reads for row in rows) == 0
    stored = sum(shard.log.end for shard in scene.sim.streams[STREAM].shards)
    assert stored - (polled + scene.dashboard.reading.records) < 500  # none twice, none left out


def test_patient_retries_lose_nothing_more_and_hammer_more(scene: PedalaScene) -> None:
    scene.double_load()
    hasty = run(scene, 10)
    scene.cure("patience")
    rows = run(scene, 20)
    lost = [sum(sender.lost for sender in row.senders) for row in rows]
    assert lost[-1] == lost[5] > 0
    assert sum(throttled(rows[-10:]).values()) > 1.5 * sum(throttled(hasty).values())
    with pytest.raises(UsageError, match="choose one of other_key, split"):
        scene.cure("rain")


def test_again_is_the_same_scene_on_another_simulator(scene: PedalaScene) -> None:
    known = list(scene.rows)
    scene.double_load()
    run(scene, 5)
    again = scene.again()
    assert again.sim is not scene.sim
    seen = [[[(s.shard, s.bytes, s.lag) for s in row.shards] for row in rows]
            for rows in (known, again.rows)]  # fmt: skip
    assert seen[0] == seen[1]


def test_the_rows_agree_with_the_event_log(scene: PedalaScene) -> None:
    rows = run(scene, 5)
    begin, end = rows[0].at - 1, rows[-1].at + 998
    puts = [put for put in scene.sim.events.of(RecordsPut) if begin < put.at <= end]
    assert sum(share.records for put in puts for share in put.shares) == sum(
        shard.records for row in rows for shard in row.shards
    )
    moves = scene.sim.events.of(LeaseMoved)
    assert holders(rows[-1]) == {move.shard: move.became for move in moves}


def test_a_split_opens_lanes_and_the_parent_leaves_once_it_is_read(scene: PedalaScene) -> None:
    stream = scene.sim.streams[STREAM]
    low = stream.open_shards[0]
    middle = str((low.hashes.start + low.hashes.end) // 2)
    request = {"StreamName": STREAM, "ShardToSplit": low.id, "NewStartingHashKey": middle}
    scene.sim.gate.call("kinesis", "SplitShard", request)
    rows = run(scene, 30)
    assert sorted(holders(rows[-1])) == [1, 2, 3, 4, 5]
    assert lag(rows[-1], scene.name) < AT_REST_MS
    assert lag(rows[-1], POLLER) < AT_REST_MS


def test_faults_are_caused_once_and_all_undone_together(scene: PedalaScene) -> None:
    for fault in FAULTS:
        getattr(scene, fault)()
        getattr(scene, fault)()
    assert scene.faults == set(FAULTS)
    assert scene.application.workers["worker-2"].alive is False
    scene.undo()
    assert scene.faults == set()
    assert scene.application.workers["worker-2"].alive is True
    with pytest.raises(UsageError, match="choose one of hot_key, slow_consumer"):
        scene.undo("rain")


def test_the_same_scene_twice_makes_the_same_rows() -> None:
    first, second = (list(PedalaScene(warm_seconds=5).rows) for _ in range(2))
    assert [row.senders for row in first] == [row.senders for row in second]
    assert [[(s.shard, s.records, s.bytes) for s in row.shards] for row in first] == [
        [(s.shard, s.records, s.bytes) for s in row.shards] for row in second
    ]


def test_a_simulator_holds_one_scene() -> None:
    sim = Simulator(latency=None, delays="instant")
    PedalaScene(sim, warm_seconds=0)
    with pytest.raises(UsageError, match="give the scene a new sim"):
        PedalaScene(sim)


def test_a_scene_finds_a_free_name_beyond_the_first_page_of_tables() -> None:
    sim = Simulator(latency=None, delays="instant", account="626262626262")
    dynamodb = sim.client("dynamodb")
    for number in range(99):
        dynamodb.create_table(
            TableName=f"a-{number}",
            KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
    names = [PedalaScene(sim, warm_seconds=0).name]
    for _ in range(2):
        sim = Simulator(latency=None, delays="instant", account="626262626262")
        names.append(PedalaScene(sim, warm_seconds=0).name)
    assert names == ["pedala-map", "pedala-map-2", "pedala-map-3"]
