"""The blueprint: the topics that the exams ask, which exams ask them, and where they are taught.

The rows are those of facts/exams §2, one a topic: K01 (what Kinesis is for) to P09. Tags are tasks
of the exam version that ``exam_families.toml`` names, e.g. "1.1", or skills, e.g. "1.1.9".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal

from kinesis_sim import facts
from kinesis_sim.course.outline import entries
from kinesis_sim.errors import UsageError

PART = "2."
"""The sections of facts/exams whose rows are topics begin so."""
Proof = Literal["whole", "part", "none"]


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic.

    title: what is asked; answer: the fact or the decision; exams: exam family -> its tasks, empty
    where no exam asks; scope: "beyond" (newer than any guide), "legacy", "all", or empty; proof:
    how much of it an experiment on the simulator can show; aged: most question banks still key an
    old value; row: the name of the row of facts.
    """

    id: str
    title: str
    answer: str
    exams: Mapping[str, tuple[str, ...]]
    scope: str
    proof: Proof
    aged: bool
    row: str

    @property
    def lessons(self) -> tuple[str, ...]:
        """The numbers of the lessons that teach it; none where it is a fact only."""
        return tuple(entry.number for entry in entries() if self.id in entry.topics)

    def is_asked(self, family: str, task: str) -> bool:
        """Whether an exam asks it in a task ("1.1"), or in a skill of that task."""
        return any(_task(each) == _task(task) for each in self.exams.get(family, ()))


def _task(tag: str) -> str:
    """The task of a tag: "1.1" of "1.1.9"."""
    return ".".join(tag.split(".")[:2])


@cache
def topics() -> Mapping[str, Topic]:
    """Every topic by id, in the blueprint's order."""
    sections = facts.document("exams").sections.values()
    parts = [section for section in sections if section.number.startswith(PART)]
    found = [_topic(row) for section in parts for row in section.rows]
    return {topic.id: topic for topic in found}


def _topic(row: facts.Row) -> Topic:
    given = row.given
    return Topic(
        id=row.name.rpartition("/")[2],
        title=row.claim,
        answer=row.value,
        exams={family: tuple(tasks) for family, tasks in given.get("exams", {}).items()},
        scope=given.get("scope", ""),
        proof=given["proof"],
        aged=given.get("aged_in_banks", False),
        row=row.name,
    )


def topic(name: str) -> Topic:
    """A topic by id, e.g. "K06"; UsageError, with those that come near, when there is none."""
    found = topics().get(name)
    if found is None:
        near = ", ".join(facts.near(name, topics())) or "K01 to P09"
        raise UsageError(f"The blueprint has no topic {name!r}; near it are {near}.")
    return found


def asked(names: Iterable[str], family: str, task: str) -> bool:
    """Whether an exam asks one of some topics in a task: what a question's tag claims."""
    return any(topics()[name].is_asked(family, task) for name in names if name in topics())
