"""Every public method of every face, each argument in turn what cannot be meant.

One sentence, and the simulator is as it was; what takes such a value all the same may do so.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from kinesis_sim import Simulator, UsageError
from kinesis_sim.account.faults.plan import Faults
from kinesis_sim.account.storage import Undelivered
from kinesis_sim.errors import KinesisSimError
from kinesis_sim.signatures import faced, typed

ACCOUNT = "673000000001"
BAD: list[Any] = [
    *[math.nan, math.inf, -math.inf, -1, 10**18, 10**400, 1e300, 1.5, None, True],
    *["", "\ud800", "x" * 5_000, b"\xff", [], {}, [None], {"a": math.nan}, object()],
    datetime(2026, 1, 1),  # noqa: DTZ001
]
VALID: dict[str, Any] = {"int": 5, "float": 5.0, "str": "s", "bytes": b"x", "Feed": {}}
FACES = (
    *("simulator", "show", "buckets", "functions", "keys", "mappings", "receivers", "analytics"),
    *("faults", "accounts", "regions", "clients"),
)
MOVES = {"advance", "run_until"}
"""They are in ``test_bad_arguments``; what they take moves time."""
CHOSEN = {
    "faults": ["add", "jump", "end", "clear", "struck"],
    "accounts": ["of"],
    "regions": ["of"],
    "clients": ["make"],
}
"""What a learner calls of those that have more methods for rooms."""
PARTS = {
    "live_checkpoints",
    "arn",
    "attempt",
    "begin",
    "end",
    "invoke",
    "locate",
    "settings",
    "check",
    "is_elsewhere",
}
"""Not for learners but for rooms; the first makes a stream of its own each time."""


class Walk:
    """One method with one argument that is wrong at a time."""

    def __init__(self, sim: Simulator, face: Any, name: str) -> None:
        self._sim, self._method = sim, getattr(face, name)
        self._parameters = inspect.signature(self._method).parameters.values()
        self.wrong: list[str] = []

    def all(self) -> list[str]:
        """What was answered by anything but one sentence, or changed something."""
        for parameter in self._parameters:
            many = parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD)
            for value in () if many else BAD:
                self._try(parameter.name, value)
        return self.wrong

    def _try(self, name: str, value: Any) -> None:
        before = self._state()
        given = {
            each.name: VALID.get(str(each.annotation), "s")
            for each in self._parameters
            if each.default is each.empty and each.kind is each.POSITIONAL_OR_KEYWORD
        }
        what = f"{name}={repr(value)[:20]}"
        try:
            self._method(**{**given, name: value})
        except (KinesisSimError, LookupError, Undelivered) as error:
            text = str(error)
            if "\n" in text or (len(text) > 500 and not isinstance(error, LookupError)):
                self.wrong.append(f"{what}: {text[:100]!r}")
            if self._state() != before:
                self.wrong.append(f"{what}: changed something")
        except Exception as error:
            self.wrong.append(f"{what}: {type(error).__name__} {str(error)[:80]!r}")

    def _state(self) -> Any:
        sim = self._sim
        return sim.clock.now, sim.clock.next_due(), sim.events.appended, repr(sim)


@pytest.fixture
def sim() -> Iterator[Simulator]:
    made = Simulator(latency=None, delays="instant", account=ACCOUNT)
    made.gate.call("kinesis", "CreateStream", {"StreamName": "s", "ShardCount": 1})
    made.functions.register("s", lambda event: event)
    yield made
    s3 = made.client("s3")
    for row in s3.list_buckets()["Buckets"]:
        s3.delete_bucket(Bucket=row["Name"])


def _methods(face: str) -> list[str]:
    sim = Simulator(account=ACCOUNT)
    found = sim if face == "simulator" else getattr(sim, face)
    return [
        name
        for name, _ in inspect.getmembers(type(found), callable)
        if not name.startswith("_") and name not in MOVES | PARTS
    ]


@pytest.mark.parametrize("face", FACES)
def test_what_cannot_be_meant_is_one_sentence(sim: Simulator, face: str) -> None:
    found = sim if face == "simulator" else getattr(sim, face)
    names = CHOSEN.get(face) or _methods(face)
    wrong = {name: walked for name in names if (walked := Walk(sim, found, name).all())}
    assert wrong == {}


@typed
def taking(text: str, many: list[str] = [], how: int | None = None, *, other: Faults = ...) -> str:  # type: ignore[assignment] # noqa: B006
    return f"{text}{len(many)}{how}"


def test_a_function_keeps_to_its_signature() -> None:
    assert taking("a", ["b"], 5) == "a15"
    assert taking(text="a", how=None) == "a0None"
    for call, said in (
        (lambda: taking(b"a"), "text=b'a': give a text."),  # type: ignore[arg-type]
        (lambda: taking("a", other=7), "other=7: give a Faults."),  # type: ignore[arg-type]
        (lambda: taking("\ud800"), r"text='\ud800': give a text."),
        (lambda: taking("a", "b"), "many='b': give a list of texts."),  # type: ignore[arg-type]
        (lambda: taking("a", [5]), "many=[5]: give a list of texts."),  # type: ignore[list-item]
        (lambda: taking("a", how=True), "how=True: give a whole number or None."),
        (lambda: taking("a", how=1.5), "how=1.5: give a whole number or None."),  # type: ignore[arg-type]
    ):
        with pytest.raises(UsageError) as raised:
            call()
        assert str(raised.value) == said


def test_a_face_keeps_class_methods() -> None:
    @faced
    class Face:
        @classmethod
        def made(cls, name: str) -> str:
            return f"{cls.__name__} {name}"

        def _own(self, name: str) -> str:
            return name

    assert Face.made("x") == "Face x"
    assert Face()._own(5) == 5  # type: ignore[arg-type, comparison-overlap]
    with pytest.raises(UsageError, match="name=5: give a text"):
        Face.made(5)  # type: ignore[arg-type]
