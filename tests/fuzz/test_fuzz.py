"""A short run of ``make fuzz``: nobody answers hostile bytes with anything but a refusal."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import pytest

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
