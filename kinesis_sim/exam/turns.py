"""A turn: one thing that a learner does in a sitting. Turns are all that is kept of it.

Each is written down at once, so a crash loses none; ``sitting`` folds them.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Literal

from kinesis_sim.errors import UsageError
from kinesis_sim.instants import on_calendar

Did = Literal["begin", "resume", "answer", "clear", "flag", "unflag", "pace", "end"]
DONE: tuple[Did, ...] = ("begin", "resume", "answer", "clear", "flag", "unflag", "pace", "end")
PACES: dict[str, float | None] = {"1": 1, "1.5": 1.5, "2": 2, "off": None}
"""How much time there is, in times of the exam's own; without a limit where it is off."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What was done, and when (epoch ms of the learner's clock).

    question: its place in the paper, from 0, where the turn is about one. answer: as it was sent;
    right: whether it is. pace: one of ``PACES``.
    """

    did: Did
    at: int
    question: int | None = None
    answer: Any = None
    right: bool = False
    pace: str = "1"

    def written(self) -> dict[str, Any]:
        """The turn as plain data, without what stands aside of it: when."""
        data: dict[str, Any] = {"did": self.did}
        if self.question is not None:
            data["question"] = self.question
        if self.did == "answer":
            data |= {"answer": self.answer, "right": self.right}
        if self.did in ("begin", "pace"):
            data["pace"] = self.pace
        return data


def turn_from(data: Any, at: Any) -> Turn:
    """A turn from plain data; UsageError for what is none."""
    if not isinstance(data, dict) or data.get("did") not in DONE:
        raise UsageError("This is no turn of an exam.")
    question, pace = data.get("question"), data.get("pace", "1")
    fits = question is None or (type(question) is int and 0 <= question < 1_000)
    fits = fits and isinstance(pace, str) and pace in PACES
    if not fits or not isinstance(data.get("right", False), bool):
        raise UsageError("This is no turn of an exam.")
    if type(at) is not int:
        raise UsageError("A turn of an exam has no instant.")
    answer, right = _plain(data.get("answer")), data.get("right", False)
    return Turn(data["did"], on_calendar(at), question, answer, right, pace)


def _plain(answer: Any) -> Any:
    """An answer as it was kept; what JSON cannot say, nan or 1e999, is none."""
    try:
        json.dumps(answer, allow_nan=False)
    except ValueError:
        return None
    return answer
