"""A sitting: what a learner's turns come to. It is a fold, so whoever has the turns has it again.

Laws
1. The last answer to a question counts in a mock exam, the first in practice, where the key was
   shown after it. Blank is wrong.
2. Time is what passed between two turns. A turn whose clock stands before the last one's cost none:
   a clock turned back gives and takes nothing. What passed before "resume" cost none either: a
   sitting that was broken off goes on where it stopped (the model's choice).
3. When time is up, or it was ended, nothing changes any more.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from kinesis_sim.exam.paper import ExamPaper
from kinesis_sim.exam.turns import PACES, Turn


@dataclass(frozen=True, slots=True)
class Given:
    """An answer as it was sent, whether it is right, and when it was given."""

    answer: Any
    right: bool
    at: int


@dataclass(slots=True)
class Sitting:
    """A paper and what was done with it so far.

    answers, flagged: by place in the paper, from 0. spent: ms of time used up to ``last``, the
    instant of the last turn. ended: the instant of its end, None while it goes on.
    """

    paper: ExamPaper
    answers: dict[int, Given] = field(default_factory=dict)
    flagged: set[int] = field(default_factory=set)
    pace: str = "1"
    spent: int = 0
    began: int = 0
    last: int = 0
    ended: int | None = None

    @classmethod
    def of(cls, paper: ExamPaper, turns: Iterable[Turn]) -> Sitting:
        """The sitting that some turns make."""
        sitting = cls(paper)
        for turn in turns:
            sitting.take(turn)
        return sitting

    @property
    def allowed(self) -> int | None:
        """The time there is, in ms, None without limit."""
        factor = PACES[self.pace]
        return None if self.paper.ms is None or factor is None else round(self.paper.ms * factor)

    def left(self, at: int) -> int | None:
        """The time that is left at an instant, in ms, 0 at least; None without limit."""
        allowed = self.allowed
        return None if allowed is None else max(allowed - self._used(at), 0)

    def is_over(self, at: int) -> bool:
        """Whether it was ended, or time is up."""
        return self.ended is not None or self.left(at) == 0

    @property
    def right(self) -> int:
        """How many answers are right."""
        return sum(given.right for given in self.answers.values())

    @property
    def open(self) -> list[int]:
        """The places of the questions without an answer."""
        return [n for n in range(len(self.paper.questions)) if n not in self.answers]

    def take(self, turn: Turn) -> None:
        """One more turn; one that comes after the end, or about no question, changes nothing."""
        if turn.did == "begin":
            self.began = self.last = turn.at
            self.pace = turn.pace
            return
        if self.ended is not None:
            return
        if turn.did == "resume":
            self.last = turn.at
            return
        if self.left(turn.at) == 0:
            self.ended = self.last + (self.allowed or 0) - self.spent
            self.spent = self.allowed or 0
            return
        self.spent, self.last = self._used(turn.at), turn.at
        if turn.did == "end":
            self.ended = turn.at
        elif turn.did == "pace":
            self.pace = turn.pace
        elif turn.question is not None and turn.question < len(self.paper.questions):
            self._about(turn, turn.question)

    def _used(self, at: int) -> int:
        return self.spent + max(at - self.last, 0)

    def _about(self, turn: Turn, question: int) -> None:
        settled = self.paper.mode == "practice" and question in self.answers
        if turn.did == "flag":
            self.flagged.add(question)
        elif turn.did == "unflag":
            self.flagged.discard(question)
        elif turn.did == "clear" and not settled:
            self.answers.pop(question, None)
        elif turn.did == "answer" and not settled:
            self.answers[question] = Given(turn.answer, turn.right, turn.at)
