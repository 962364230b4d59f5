"""The benchmarks measure answers, not refusals, and compare what ran side by side."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks import contestants, measured, peers, restart
from benchmarks.rounds import Spread, interleave, ratio


@pytest.mark.parametrize("operation", ["put_records", "put_record", "get_records"])
def test_a_turn_of_ours_is_answered(operation: str) -> None:
    assert contestants.ours().turn(operation, seconds=0) > 0


def test_contestants_take_turns_back_and_forth_after_a_warm_up() -> None:
    turns: list[str] = []

    def turn(name: str) -> float:
        turns.append(name)
        return float(len(turns))

    costs = interleave("test", {"a": lambda: turn("a"), "b": lambda: turn("b")}, rounds=2)
    assert turns == ["a", "b", "b", "a", "a", "b"]
    assert costs == {"a": Spread((4.0, 5.0)), "b": Spread((3.0, 6.0))}


def test_a_ratio_is_worked_out_in_every_round() -> None:
    assert ratio(Spread((2.0, 9.0)), Spread((1.0, 3.0))).values == (2.0, 3.0)


def test_a_start_again_is_measured_and_kept_where_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(restart, "CALLS", 3)
    monkeypatch.setattr(measured, "FILE", tmp_path / "measured.json")
    monkeypatch.setattr(measured, "_asked", False)
    found = [peer for peer in peers.find(tmp_path, install=False) if peer.name == "ours"]
    measured.keep("restart", {"PutRecord": 1})
    assert not measured.FILE.exists()
    measured.keep_from_now_on()
    restart.run(found)
    kept = json.loads(measured.FILE.read_text("utf-8"))["restart"]["figures"]
    assert kept["PutRecord"] > 0
    assert kept["S3's PutObject"] > 0
