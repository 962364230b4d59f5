"""A short run of ``make fuzz``: no reader answers hostile bytes with anything but a refusal."""

from __future__ import annotations

import pytest

from tests.fuzz.readers import READERS, SEEDS, refused
from tests.fuzz.run import run


@pytest.mark.parametrize("name", READERS)
def test_every_seed_is_read_or_refused(name: str) -> None:
    for group in SEEDS.values():
        for data in group:
            refused(name, data)


def test_no_traceback_and_no_growth() -> None:
    outcome = run(seed=0, rounds=150)
    assert outcome.found == {}
    assert outcome.grown_mb < 300
    assert all(outcome.refusals[name] < outcome.inputs[name] for name in ("kpl", "jq names"))


def test_the_search_finds_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(READERS, "broken", lambda data: data[10_000_000])
    assert [name for name, _ in run(seed=0, rounds=1).found] == ["broken"]
