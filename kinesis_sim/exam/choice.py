"""What to practise: a topic, an exam, what goes wrong, what is due."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from random import Random

from kinesis_sim.arguments import said
from kinesis_sim.course.bank import families
from kinesis_sim.course.blueprint import topic
from kinesis_sim.course.item import Item
from kinesis_sim.errors import UsageError
from kinesis_sim.exam.attempts import ItemAttempt
from kinesis_sim.exam.certification import family_of
from kinesis_sim.exam.words import spoken_exam

RECENT = 20
"""Attempts of a topic that its standing is made of: what was wrong a year ago is forgotten."""


@dataclass(frozen=True, slots=True)
class TopicStanding:
    """How a learner stands in a topic: right of the last attempts."""

    topic: str
    right: int
    answered: int

    @property
    def share(self) -> float:
        """Share right, drawn towards a half while there are few (Laplace's rule)."""
        return (self.right + 1) / (self.answered + 2)


def of_topics(bank: Iterable[Item], names: Sequence[str]) -> list[Item]:
    """The items of some topics; UsageError for a topic that is none, or has no items."""
    wanted = {topic(name).id for name in names}
    found = [item for item in bank if wanted & set(item.topics)]
    if not found:
        raise UsageError(f"The question bank has no question about {', '.join(names)} yet.")
    return found


def of_exam(bank: Iterable[Item], family: str) -> list[Item]:
    """The items that an exam asks; UsageError for no family of exams, or one without questions."""
    name = family_of(family)
    if name is None:
        known = ", ".join(families())
        raise UsageError(spoken_exam().say("refused.family", exam=said(family), known=known))
    found = [item for item in bank if name in item.exams]
    if not found:
        raise UsageError(spoken_exam().say("refused.none-of", what=family))
    return found


def fresh_first(items: Iterable[Item], attempts: Iterable[ItemAttempt], seed: int) -> list[Item]:
    """Items in the order to practise them: unseen ones first, then those seen longest ago."""
    seen: dict[str, int] = {}
    for attempt in attempts:
        seen[attempt.item] = max(attempt.at, seen.get(attempt.item, 0))
    rng = Random(seed)
    chance = {item.id: rng.random() for item in items}
    by_id = {item.id: item for item in items}
    return sorted(by_id.values(), key=lambda item: (seen.get(item.id, -1), chance[item.id]))


def standings(bank: Mapping[str, Item], attempts: Iterable[ItemAttempt]) -> list[TopicStanding]:
    """Every topic that was answered, the weakest first."""
    answers = defaultdict[str, list[bool]](list)
    for attempt in attempts:
        item = bank.get(attempt.item)
        for name in () if item is None else item.topics:
            answers[name].append(attempt.right)
    recent = {name: every[-RECENT:] for name, every in answers.items()}
    found = [TopicStanding(name, sum(every), len(every)) for name, every in recent.items()]
    return sorted(found, key=lambda standing: (standing.share, standing.topic))


def weak(bank: Mapping[str, Item], attempts: Sequence[ItemAttempt]) -> list[Item]:
    """Items of the topics that went wrong, the weakest topic's first; those wrong last time lead.

    UsageError while nothing has gone wrong.
    """
    last = {attempt.item: attempt.right for attempt in attempts}
    found: dict[str, Item] = {}
    for standing in standings(bank, attempts):
        if standing.right < standing.answered:
            of_it = [item for item in bank.values() if standing.topic in item.topics]
            of_it.sort(key=lambda item: last.get(item.id, True))
            found |= {item.id: item for item in of_it if item.id not in found}
    if not found:
        raise UsageError("Nothing has gone wrong so far: there is no weak topic to practise.")
    return list(found.values())
