"""The control room's Python side: what it sends, what it says, and what it does with wishes."""

from __future__ import annotations

import json
from typing import Any

import pytest

from kinesis_sim import Simulator, UsageError
from kinesis_sim.show.control_room.fold import KEPT
from kinesis_sim.show.control_room.widget import JUMP_S, LONGEST_S, WHOLE, ControlRoom
from kinesis_sim.workloads.scenes.scene import FAULTS, PedalaScene


@pytest.fixture
def room() -> ControlRoom:
    found = PedalaScene(warm_seconds=30).show()
    assert isinstance(found, ControlRoom)
    return found


def wish(room: ControlRoom, **content: Any) -> None:
    """What the browser sends."""
    room._handle_custom_msg(content, [])


def last(room: ControlRoom) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(json.dumps(room.feed))["rows"][-1]
    return found


def seek(room: ControlRoom) -> None:
    """Go to the next event, as the browser does."""
    wish(room, kind="jump")
    while room.feed["more"]:
        wish(room, kind="jump")


def test_it_shows_what_has_run_before_anyone_touches_it(room: ControlRoom) -> None:
    row = last(room)
    assert (row["n"], row["time"]) == (29, "2026-01-01 00:00:30")
    assert [shard["name"] for shard in row["shards"]] == [f"shard {n}" for n in range(4)]
    assert [sender["said"] for sender in row["senders"]][2] == "quiet"
    assert [reader["said"] for reader in row["readers"][:2]] == ["shards 2, 3", "shards 0, 1"]
    assert row["notice"].startswith("All is well: no shard is more than ")
    assert repr(room) == f"Control room of pedala-rides at 2026-01-01 00:00:30: {row['notice']}"


def test_its_text_and_picture_are_the_same_in_every_run(room: ControlRoom) -> None:
    again = PedalaScene(warm_seconds=30).show()
    bundles = [each._repr_mimebundle_() for each in (room, again)]
    for kind in ("text/plain", "image/png"):
        assert len({bundle[0][kind] for bundle in bundles if bundle is not None}) == 1
    assert again.feed == room.feed


def test_a_wish_for_time_moves_the_clock_and_is_answered_with_rows(room: ControlRoom) -> None:
    answered = room.feed["answered"]
    wish(room, kind="advance", seconds=3)
    assert last(room)["time"] == "2026-01-01 00:00:33"
    assert room.feed["answered"] == answered + 1
    wish(room, kind="advance", seconds=LONGEST_S)
    assert [row["n"] for row in room.feed["past"] + room.feed["rows"]] == list(range(43))
    assert len(room.feed["rows"]) == WHOLE


@pytest.mark.parametrize(
    "content",
    [
        {"kind": "advance", "seconds": LONGEST_S + 1},
        {"kind": "advance", "seconds": -1},
        {"kind": "advance", "seconds": "1"},
        {"kind": "fault", "name": "undo"},
        {"kind": "fault"},
        {"kind": "format"},
        "jump",
    ],
)
def test_what_is_no_wish_is_not_heard(room: ControlRoom, content: Any) -> None:
    before = dict(room.feed)
    room._handle_custom_msg(content, [])
    assert room.feed == before


def test_faults_are_caused_and_undone_by_name(room: ControlRoom) -> None:
    for name in FAULTS:
        wish(room, kind="fault", name=name)
        assert room.feed["faults"][name] is True
        assert room.feed["reply"]
    for name in FAULTS:
        wish(room, kind="fault", name=name)
    assert not any(room.feed["faults"].values())
    assert room.feed["reply"].startswith("The handler now puts aside")


def test_a_hot_key_is_named_with_its_shard_and_the_part_that_is_throttled(
    room: ControlRoom,
) -> None:
    wish(room, kind="fault", name="hot_key")
    wish(room, kind="advance", seconds=8)
    row = last(room)
    hot = row["shards"][3]
    assert row["notice"].startswith("station-9 holds shard 3 at its limit: ")
    assert hot["refused"] > 0.1
    assert hot["bad"].endswith("% throttled")
    assert hot["said"] == "100 % full"
    assert row["senders"][2]["to"] == [3]
    assert [shard["bad"] for shard in row["shards"][:3]] == [""] * 3


def test_a_crash_is_told_from_the_silence_to_the_return(room: ControlRoom) -> None:
    wish(room, kind="fault", name="crash_worker")
    wish(room, kind="jump")
    assert last(room)["notice"].startswith("worker-2 crashed and still holds the leases of shards")
    assert last(room)["shards"][0]["tracks"][0]["name"] == "nobody"
    seek(room)
    assert "worker-1 took shards 0 and 1 over from worker-2" in last(room)["notice"]
    assert last(room)["shards"][0]["tracks"][0]["to"] == "worker-1"
    assert last(room)["readers"][1] == {"name": "worker-2", "alive": False, "said": "crashed"}
    wish(room, kind="fault", name="crash_worker")
    while "worker-2 took shard" not in last(room)["notice"]:
        seek(room)
    assert last(room)["n"] < 90
    assert "which had more than its share" in last(room)["notice"]


def test_poison_and_slowness_are_told_with_their_cause(room: ControlRoom) -> None:
    wish(room, kind="fault", name="poison_record")
    wish(room, kind="fault", name="slow_consumer")
    wish(room, kind="advance", seconds=10)
    wish(room, kind="advance", seconds=6)
    notice = last(room)["notice"]
    assert "A record that the handler cannot read blocks shard 2: worker-1 gets" in notice
    assert "The dashboard needs 20 ms a record and keeps up with 50 a second" in notice
    assert last(room)["shards"][2]["tracks"][0]["trouble"] == "stuck"


def test_a_doubled_load_names_every_shard_at_its_limit(room: ControlRoom) -> None:
    wish(room, kind="fault", name="double_load")
    wish(room, kind="advance", seconds=10)
    assert "At the limit: shards 0, 1, 2 and 3." in last(room)["notice"]


def test_a_jump_without_an_event_gives_up_and_says_so(room: ControlRoom) -> None:
    wish(room, kind="advance", seconds=5)  # past the first leases
    for _ in range(JUMP_S // LONGEST_S - 1):
        wish(room, kind="jump")
        assert room.feed["more"] is True
    wish(room, kind="jump")
    assert room.feed["more"] is False
    assert room.feed["reply"].startswith("Nothing of note in the last 60 s")


def test_it_follows_a_clock_that_others_move_and_keeps_two_minutes() -> None:
    scene = PedalaScene(warm_seconds=5)
    room = scene.show()
    scene.sim.advance(minutes=3)
    room.refresh()
    assert last(room)["time"] == "2026-01-01 00:03:05"
    assert len(room._room.rows) == KEPT


def test_it_speaks_portuguese() -> None:
    room = PedalaScene(warm_seconds=5).show(lang="pt-BR")
    assert repr(room).startswith("Sala de controle de pedala-rides às 2026-01-01 00:00:05:")
    assert last(room)["shards"][0]["tracks"][1]["said"] == "0,5 s"


def test_it_makes_its_own_scene_and_refuses_another_simulator_s() -> None:
    sim = Simulator(latency=None, delays="instant")
    assert "pedala-rides" in repr(sim.show.control_room())
    with pytest.raises(UsageError, match=r"another simulator: call scene\.show\(\)"):
        sim.show.control_room(PedalaScene(warm_seconds=0))
