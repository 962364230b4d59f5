"""Tables of states: well formed, followed step by step, and all of them listed."""

from __future__ import annotations

from enum import Enum
from importlib import import_module
from typing import Any

import pytest

from kinesis_sim.show.kit.words import Words
from kinesis_sim.state_tables import state_tables
from kinesis_sim.states import Life, StateTable, StepRefused
from tests.project.source import PACKAGE

TABLES = pytest.mark.parametrize("table", state_tables().values(), ids=state_tables())


class Door(Enum):
    OPEN = "open"
    SHUT = "shut"


DOOR = StateTable(
    "door",
    Door.OPEN,
    {Door.OPEN: {"shut": Door.SHUT}, Door.SHUT: {"open": Door.OPEN, "burn": None}},
)


def test_a_life_follows_its_table() -> None:
    life = Life(DOOR)
    assert [life.step("shut"), life.step("open"), life.step("shut")] == [
        Door.SHUT,
        Door.OPEN,
        Door.SHUT,
    ]
    assert (life.state, life.name) == (Door.SHUT, "shut")
    assert life.step("burn") is None
    assert (life.state, life.name) == (None, "gone")


def test_another_step_is_refused_and_changes_nothing() -> None:
    life = Life(DOOR)
    with pytest.raises(StepRefused, match=r"door that is open cannot .* 'burn': 'shut' leads on"):
        life.step("burn")
    assert life.state is Door.OPEN
    life.step("shut")
    life.step("burn")
    with pytest.raises(StepRefused, match="door that is gone cannot take the step 'open'"):
        life.step("open")


def test_a_state_cannot_be_set_past_the_table() -> None:
    with pytest.raises(AttributeError):
        Life(DOOR).state = Door.SHUT  # type: ignore[misc]


def test_what_is_decided_by_its_goal_finds_its_step() -> None:
    assert DOOR.why(Door.SHUT, None) == "burn"
    with pytest.raises(StepRefused, match="No step leads a door from open to gone"):
        DOOR.why(Door.OPEN, None)


@TABLES
def test_a_table_has_every_state_of_its_api_or_says_why_not(table: StateTable[Any]) -> None:
    kept = set(table.transitions)
    assert not kept & set(table.unreached)
    assert kept | set(table.unreached) == set(type(table.initial))


@TABLES
def test_every_state_of_a_table_is_reached(table: StateTable[Any]) -> None:
    reached, before = {table.initial}, set()
    while reached != before:
        before = set(reached)
        reached |= {to for state, _, to in table if state in reached and to is not None}
    assert reached == set(table.states)


def test_every_room_with_tables_is_listed() -> None:
    rooms = [path.parent.name for path in PACKAGE.glob("*/states.py")]
    assert len(rooms) >= 4
    found = {
        id(value)
        for room in rooms
        for value in vars(import_module(f"kinesis_sim.{room}.states")).values()
        if isinstance(value, StateTable)
    }
    assert found == {id(table) for table in state_tables().values()}
    assert all(name == table.name for name, table in state_tables().items())


@pytest.mark.parametrize("lang", ["en", "pt-BR"])
@TABLES
def test_every_life_and_every_step_has_words(table: StateTable[Any], lang: str) -> None:
    words = Words("states", lang)
    assert words.say(f"title.{table.name}")
    assert all(words.say(f"why.{why}") for _, why, _ in table)
