"""The control room's Python side: what it sends, what it says, and what it does with wishes."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from kinesis_sim import Simulator, UsageError
from kinesis_sim.show.control_room.asks import AFTER_S, OPTIONS
from kinesis_sim.show.control_room.fold import KEPT
from kinesis_sim.show.control_room.widget import JUMP_S, LONGEST_S, WHOLE, ControlRoom
from kinesis_sim.workloads.scenes.cures import CURES
from kinesis_sim.workloads.scenes.scene import FAULTS, PedalaScene
from tests.show.test_figures import overlapping


@pytest.fixture
def room() -> ControlRoom:
    found = PedalaScene(warm_seconds=30).show(ask=False)
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
    again = PedalaScene(warm_seconds=30).show(ask=False)
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
    assert room.feed["reply"] == "The four teams are gone."


def test_a_hot_key_is_named_with_its_shard_and_the_part_that_is_throttled(
    room: ControlRoom,
) -> None:
    wish(room, kind="fault", name="hot_key")
    wish(room, kind="advance", seconds=8)
    row = last(room)
    hot = row["shards"][3]
    assert row["notice"].startswith("Hot key: in the last 10 s shard 3 refused ")
    assert hot["refused"] > 0.1
    assert hot["bad"].endswith("% throttled")
    assert hot["said"] == "100 % full"
    assert row["senders"][2]["to"] == [3]
    assert [shard["bad"] for shard in row["shards"][:3]] == [""] * 3


def test_the_standing_picture_of_a_room_in_trouble_has_no_text_on_another(
    room: ControlRoom,
) -> None:
    wish(room, kind="fault", name="hot_key")
    wish(room, kind="cure", name="split")
    wish(room, kind="advance", seconds=10)
    assert overlapping(room.drawn()) == []


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


# --- a notice says what is true now ------------------------------------------------------------


def numbers(text: str) -> list[float]:
    return [float(found) for found in re.findall(r"\d+(?:\.\d+)?", text)]


def test_a_calm_room_never_says_less_than_its_lanes_show(room: ControlRoom) -> None:
    calm = 0
    for _ in range(8):
        wish(room, kind="advance", seconds=LONGEST_S)
        for row in room.feed["rows"]:
            if not row["notice"].startswith("All is well"):
                continue
            calm += 1
            percent, seconds = numbers(row["notice"])
            assert all(numbers(shard["said"])[0] <= percent for shard in row["shards"])
            tracks = [track for shard in row["shards"] for track in shard["tracks"]]
            assert all(numbers(track["said"])[0] <= seconds for track in tracks)
    assert calm > 60


def test_a_hot_key_s_sentence_is_what_a_split_then_does(room: ControlRoom) -> None:
    """It says that neighbours are relieved and the key itself is not: so it has to be."""
    wish(room, kind="fault", name="hot_key")
    wish(room, kind="advance", seconds=10)
    assert "a split moves its neighbours away, only another key" in last(room)["notice"]
    assert [bool(sender["bad"]) for sender in last(room)["senders"]] == [True, True, True]
    for _ in range(3):
        wish(room, kind="cure", name="split")
        wish(room, kind="advance", seconds=10)
    refusing = [shard["shard"] for shard in last(room)["shards"] if shard["bad"]]
    assert refusing == [room.scene.hot_shard]
    wish(room, kind="cure", name="other_key")
    for _ in range(3):
        wish(room, kind="advance", seconds=10)
    assert [shard["bad"] for shard in last(room)["shards"] if shard["part"] > 0.1] == []


# --- cures ----------------------------------------------------------------------------------------


def test_every_cure_is_done_and_told_once_where_once_is_all(room: ControlRoom) -> None:
    for name in CURES:
        wish(room, kind="cure", name=name)
        assert room.feed["reply"]
        assert room.feed["cures"][name][0] is True
    told = {name: can for name, (_, can) in room.feed["cures"].items()}
    assert told == dict(zip(CURES, (False, True, True, False, False), strict=True))
    wish(room, kind="cure", name="fan_out")
    assert room.feed["reply"] == "That is done already."
    wish(room, kind="cure", name="prayer")
    assert room.feed["reply"] == "That is done already."


def test_what_a_stream_refuses_is_told(room: ControlRoom) -> None:
    for _ in range(16):
        wish(room, kind="cure", name="split")
    assert room.feed["reply"].startswith("The stream refused: ")


def test_its_cost_runs_and_knows_what_a_shard_more_costs(room: ControlRoom) -> None:
    def cost() -> list[float]:
        return numbers(room.feed["cost"])

    so_far, day = cost()
    lines = {line.item: line for line in room.scene.sim.bill().of("pedala-rides").rows}
    units = float(lines["provisioned.put_unit"].quantity) / room.scene.seconds
    by_hand = 4 * 24 * 0.015 + units * 86_400 * 0.014 / 1_000_000
    assert day == pytest.approx(by_hand, abs=0.005)  # 1.44 for the shards, the rest for records
    assert room.feed["cost"].endswith("(shard hours, PUT units)")
    wish(room, kind="advance", seconds=LONGEST_S)
    assert cost()[0] > so_far
    assert cost()[1] == pytest.approx(day, rel=0.05)
    wish(room, kind="cure", name="split")
    for _ in range(4):
        wish(room, kind="advance", seconds=LONGEST_S)
    assert cost()[1] == pytest.approx(day + 24 * 0.015, rel=0.05)


def test_a_restart_is_the_known_second_again(room: ControlRoom) -> None:
    first, scene = dict(room.feed), room.scene
    wish(room, kind="fault", name="hot_key")
    wish(room, kind="cure", name="split")
    wish(room, kind="advance", seconds=LONGEST_S)
    wish(room, kind="restart")
    assert room.scene is not scene
    assert [room.feed[key] for key in ("rows", "past", "faults", "cost")] == [
        first[key] for key in ("rows", "past", "faults", "cost")
    ]
    assert room.feed["reply"].startswith("The room starts again at 2026-01-01 00:00:30")


# --- it asks first --------------------------------------------------------------------------------

ANSWERS = {
    "hot_key": "one",
    "slow_consumer": "dashboard",
    "crash_worker": "nobody",
    "double_load": "all",
    "poison_record": "one",
    "crowd": "all",
}


@pytest.mark.parametrize("fault", FAULTS)
def test_it_asks_shows_and_says_what_became_of_the_guess(fault: str) -> None:
    room = PedalaScene(warm_seconds=30).show()
    wish(room, kind="fault", name=fault)
    assert room.scene.faults == set()
    question = room.feed["question"]
    assert [option for option, _ in question["options"]] == [*OPTIONS[fault], ""]
    guess = next(option for option in OPTIONS[fault] if option != ANSWERS[fault])
    labels = dict(question["options"])
    wish(room, kind="guess", option=guess)
    assert room.scene.faults == {fault}
    assert room.feed["question"] is None
    assert room.feed["reply"].endswith("The answer comes at 2026-01-01 00:00:42.")
    wish(room, kind="advance", seconds=LONGEST_S)
    assert "What happened" not in room.feed["reply"]
    wish(room, kind="advance", seconds=AFTER_S - LONGEST_S)
    said = (labels[guess], labels[ANSWERS[fault]])
    assert room.feed["reply"] == "You said: {} What happened: {}".format(*said)


def test_who_guesses_right_hears_so_and_who_skips_hears_nothing() -> None:
    room = PedalaScene(warm_seconds=30).show()
    wish(room, kind="fault", name="hot_key")
    wish(room, kind="guess", option="one")
    wish(room, kind="advance", seconds=LONGEST_S)
    wish(room, kind="advance", seconds=2)
    assert room.feed["reply"] == "You said: One shard. It is so."
    wish(room, kind="fault", name="hot_key")  # mending is never asked about
    assert room.feed["faults"]["hot_key"] is False
    wish(room, kind="fault", name="crowd")
    wish(room, kind="guess", option="")
    assert room.feed["reply"].endswith("Watch who falls behind.")
    wish(room, kind="guess", option="all")  # nothing is asked any more
    assert room.feed["reply"].endswith("Watch who falls behind.")


def test_the_votes_of_a_class_are_judged() -> None:
    room = PedalaScene(warm_seconds=30).show()
    wish(room, kind="fault", name="hot_key")
    votes = {"one": 12, "all": 7, "none": 0, "other": 5}
    wish(room, kind="guess", option="", votes=votes)
    assert "The hands are counted. The answer comes at 2026-01-01 00:00:42." in room.feed["reply"]
    for seconds in (LONGEST_S, AFTER_S - LONGEST_S):
        wish(room, kind="advance", seconds=seconds)
    assert room.feed["reply"] == "What happened: One shard. Right in the room: 12 of 19."
    wish(room, kind="fault", name="crowd")
    wish(room, kind="guess", option="none", votes={"all": "many", "none": -1, "dashboard": 10**9})
    for seconds in (LONGEST_S, AFTER_S - LONGEST_S):
        wish(room, kind="advance", seconds=seconds)
    assert room.feed["reply"].endswith("What happened: Both.")  # nobody's vote was one


def test_asking_can_be_turned_off(room: ControlRoom) -> None:
    wish(room, kind="ask", on=True)
    wish(room, kind="fault", name="crowd")
    assert room.feed["question"] is not None
    wish(room, kind="ask", on=False)
    assert room.feed["question"] is None
    wish(room, kind="fault", name="crowd")
    assert room.scene.faults == {"crowd"}


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
