"""What lessons import, given what cannot be meant: one sentence of UsageError, nothing done."""

from __future__ import annotations

import inspect
import math
import re
from importlib import import_module
from typing import Any

import pytest

from kinesis_sim.errors import UsageError
from tests.project.source import ROOT

IMPORTED = re.compile(r"^from (kinesis_sim\.(?:workloads|exam)[a-z_.]+) import (.+)$", re.M)
OWN_WORDS = {"Hose(height)", "bike_telemetry(key)", "rides(key)"}
"""What looks at its values itself: ``test_bad_arguments``, ``test_generators``."""
NOTHING: list[Any] = [object(), math, {1: object()}]
"""No text, no number, no list, no simulator; nothing that a lesson hands over."""


def faces() -> dict[str, tuple[Any, str]]:
    """Every named parameter of all functions and classes that lessons import."""
    found: dict[str, tuple[Any, str]] = {}
    for file in sorted((ROOT / "notebooks" / "source").glob("*.md")):
        for module, names in IMPORTED.findall(file.read_text("utf-8")):
            for name in names.split(", "):
                face = getattr(import_module(module), name, None)
                if callable(face) and not hasattr(face, "__dataclass_fields__"):
                    for parameter in inspect.signature(face).parameters.values():
                        if parameter.kind not in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
                            found[f"{name}({parameter.name})"] = (face, parameter.name)
    return found


FACES = faces()
TOO_MANY: list[tuple[str, dict[str, Any], float]] = [
    ("bike_count(seconds)", {}, 601),
    ("fewest_shards(per_second)", {"size": 100}, 10**18),
    ("gaps(at)", {"times": 3}, 253_370_764_800_000),
    ("gaps(times)", {"at": 0}, 1_001),
    ("price_of_modes(spike)", {}, 100.5),
    ("price_of_modes(steady)", {}, 10.5),
    ("refused_with(shards)", {"per_second": 5.0}, 10_001),
    ("refused_with(shards)", {"per_second": 5.0}, 0),
    ("snapshots(count)", {}, 1_000_001),
    ("taps(count)", {}, 1_000_001),
    ("taps(count)", {}, -1),
]
"""What would take minutes, or memory that nobody has; and what else the call wants."""


def test_lessons_import_many() -> None:
    assert len(FACES) > 60
    assert FACES.keys() >= OWN_WORDS


@pytest.mark.parametrize("which", sorted(FACES.keys() - OWN_WORDS))
def test_what_a_lesson_imports_refuses_what_cannot_be_meant(which: str) -> None:
    face, name = FACES[which]
    for value in NOTHING:
        with pytest.raises(UsageError) as raised:
            face(**{name: value})
        said = str(raised.value)
        assert said.startswith(f"{name}=")
        assert said.endswith(".")
        assert "\n" not in said
        assert len(said) < 300


@pytest.mark.parametrize(("which", "besides", "value"), TOO_MANY)
def test_a_number_that_would_take_minutes_is_refused_at_once(
    which: str, besides: dict[str, Any], value: float
) -> None:
    face, name = FACES[which]
    with pytest.raises(UsageError, match=rf"^{name}=.*\bgive .*\.$"):
        face(**{name: value}, **besides)


def test_shards_are_tried_up_to_ninety_nine() -> None:
    """A hundred would do: who asks for that many has mistyped."""
    from kinesis_sim.workloads.scenes.waves import fewest_shards

    assert fewest_shards(95_000, size=100) <= 99
    with pytest.raises(UsageError, match=r"^per_second=99500 of 100 bytes: 99 shards refuse"):
        fewest_shards(99_500, size=100)
