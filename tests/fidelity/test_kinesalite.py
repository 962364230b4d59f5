"""kinesalite's own suite against this package: what fails is listed by name, with a reason."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

from kinesis_sim.fidelity.recordings import tallies

LIST = tomllib.loads((Path(__file__).parent / "kinesalite.toml").read_text("utf-8"))
NAMES = [name for group in LIST["failing"] for name in group["names"]]


def test_every_failing_test_of_the_suite_is_named_once() -> None:
    assert len(NAMES) == len(set(NAMES))
    assert LIST["passes"] + LIST["pending"] + len(NAMES) == LIST["tests"]


def test_what_fails_is_outdated_or_chosen() -> None:
    assert {group["kind"] for group in LIST["failing"]} == {"outdated", "chosen"}
    assert all(group["reason"] and group["names"] for group in LIST["failing"])


def test_a_chosen_difference_says_so() -> None:
    for group in LIST["failing"]:
        said = group["reason"].startswith(("chosen: ", "the suite starts kinesalite itself"))
        assert said is (group["kind"] == "chosen"), group["reason"]


def test_the_recordings_lead_to_the_list() -> None:
    [tally] = [row for row in tallies() if row.source.name == "kinesis-kinesalite"]
    assert tally.equal >= 440
    data = Path(__file__).parents[2] / "kinesis_sim/fidelity/recordings/data"
    note = json.loads((data / "kinesis-kinesalite.json").read_text("utf-8"))["source"]["note"]
    assert "tests/fidelity/kinesalite.toml" in note
