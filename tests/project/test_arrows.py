"""Arrows point down: a room imports from the floors below it, never from its own floor or above."""

from __future__ import annotations

import ast

import pytest

from tests.project.source import PACKAGE, Module, modules

WIRES = frozenset({"simulator", "faces"})
FLOORS: tuple[frozenset[str], ...] = (
    frozenset(
        {
            "arguments",
            "clock",
            "errors",
            "events",
            "folded",
            "instants",
            "interruption",
            "journal",
            "mishaps",
            "nesting",
            "plain_file",
            "rooms",
            "signatures",
            "seed",
            "states",
            "units",
            "watch",
            "words",
        }
    ),
    frozenset({"facts"}),  # rows of what AWS does, read by whoever cites them
    frozenset({"account"}),
    frozenset({"streams", "mappings", "firehose", "analytics", "video"}),
    frozenset({"aws", "state_tables"}),
    WIRES,  # the composition root: wires all rooms, those above it lazily
    frozenset({"kinesis_sim"}),  # the package's face
    frozenset({"workloads", "fidelity", "flink"}),
    frozenset({"show"}),
    frozenset({"course"}),
    frozenset({"exam"}),
    frozenset({"__main__"}),
)
GROUND = FLOORS[0]
BUILDS_A_SIMULATOR = {"aws/server.py"}  # `start()` without an argument makes one to serve
FLOOR_OF = {room: height for height, rooms in enumerate(FLOORS) for room in rooms}


def room_of(name: str) -> str | None:
    """Room that a dotted name lies in; None outside the package."""
    parts = name.split(".")
    if parts[0] != "kinesis_sim":
        return None
    return parts[1] if len(parts) > 1 and parts[1] in FLOOR_OF else "kinesis_sim"


def points_down(source: str, target: str, *, lazy: bool, typing: bool) -> bool:
    if source == target or {source, target} <= GROUND or {source, target} <= WIRES:
        return True
    if source in WIRES and (lazy or typing):
        return True
    if typing and target == "simulator":  # whoever is handed a simulator may say so
        return True
    return FLOOR_OF[target] < FLOOR_OF[source]


def wrong_arrows(module: Module) -> list[str]:
    return [
        f"{module.place}:{found.line} {module.room} -> {target}"
        for found in module.imports
        if (target := room_of(found.name)) is not None
        and not points_down(module.room, target, lazy=found.lazy, typing=found.typing)
        and not (module.place in BUILDS_A_SIMULATOR and found.lazy and target == "simulator")
    ]


def test_every_room_has_a_floor() -> None:
    assert {module.room for module in modules()} <= FLOOR_OF.keys()


def test_arrows_point_down() -> None:
    assert [arrow for module in modules() for arrow in wrong_arrows(module)] == []


def test_imports_are_absolute() -> None:
    """A relative import would escape the reading above."""
    relative = [
        f"{module.place}:{found.line}"
        for module in modules()
        for found in module.imports
        if found.name.startswith(".")
    ]
    assert relative == []


@pytest.mark.parametrize(
    ("place", "text", "wrong"),
    [
        ("streams/shard.py", "from kinesis_sim.events import Event", False),
        ("streams/shard.py", "from kinesis_sim.streams.stream import Stream", False),
        ("streams/shard.py", "from kinesis_sim.aws.gate import Gate", True),
        ("streams/shard.py", "def f():\n    import kinesis_sim.aws.gate", True),
        ("firehose/source.py", "from kinesis_sim.streams import stream", True),
        ("simulator.py", "def f():\n    from kinesis_sim.show import Show", False),
        ("simulator.py", "from kinesis_sim.show import Show", True),
        ("aws/boto.py", "from kinesis_sim.simulator import Simulator", True),
        (
            "aws/boto.py",
            "if TYPE_CHECKING:\n    from kinesis_sim.simulator import Simulator",
            False,
        ),
        ("aws/boto.py", "def f():\n    import kinesis_sim.simulator", True),
        ("aws/server.py", "def f():\n    import kinesis_sim.simulator", False),
        ("course/exam.py", "from kinesis_sim import Simulator", False),
    ],
)
def test_the_reading_tells_wrong_from_right(place: str, text: str, wrong: bool) -> None:
    assert bool(wrong_arrows(Module(PACKAGE / place, ast.parse(text)))) is wrong
