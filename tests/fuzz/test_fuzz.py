"""A short run of ``make fuzz``: nobody answers hostile bytes with anything but a refusal."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path

import pytest

from tests.fuzz import marathon
from tests.fuzz.run import run, short
from tests.fuzz.target import Target
from tests.fuzz.targets import TARGETS


@pytest.mark.parametrize("name", TARGETS)
def test_every_seed_is_read_or_refused(name: str) -> None:
    for data in TARGETS[name].seeds:
        TARGETS[name].refuses(data)


def test_no_traceback_and_no_growth() -> None:
    """In a process of its own: its memory and state are then nobody else's."""
    with ProcessPoolExecutor(1, get_context("spawn")) as processes:
        outcome, idle = processes.submit(short, 0, 100).result()
    assert outcome.found == {}
    assert outcome.grown_mb < 300
    assert idle == []  # whoever refuses all was given nothing that it reads


def test_the_search_finds_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(TARGETS, "broken", Target(lambda data: data[10_000_000], [b"x"]))
    assert [name for name, _ in run(seed=0, rounds=1, names=["broken"]).found] == ["broken"]


def test_a_long_run_goes_on_where_it_was_ended(tmp_path: Path) -> None:
    (tmp_path / "cut").mkdir()
    (tmp_path / "whole").mkdir()
    for rounds in (200, 500):
        cut = marathon.go_on("duration", 0, rounds, tmp_path / "cut")
    whole = marathon.go_on("duration", 0, 500, tmp_path / "whole")
    assert (cut.inputs, whole.inputs) == (500, 500)
    times = {"seconds": 0.0, "slowest": 0.0, "slow_input": "", "grown_mb": 0.0}
    assert replace(cut, **times) == replace(whole, **times)  # type: ignore[arg-type]
    assert marathon.standing(tmp_path / "cut", "duration", 0) == cut
    assert marathon.standing(tmp_path / "cut", "duration", 1).inputs == 0
