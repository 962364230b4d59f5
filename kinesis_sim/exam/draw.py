"""Drawing a paper: a mock exam by the weights of its domains, practice from what was chosen.

The same seed draws the same paper. Of a domain, topics take turns, so that no topic crowds out the
others; numbers and the order of options are drawn, too.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from random import Random

from kinesis_sim.arguments import said
from kinesis_sim.course.item import Item
from kinesis_sim.errors import UsageError
from kinesis_sim.exam.certification import Certification
from kinesis_sim.exam.paper import LARGEST_SEED, MOST_QUESTIONS, ExamPaper, PaperQuestion
from kinesis_sim.exam.words import spoken_exam
from kinesis_sim.signatures import typed


@typed
def mock_paper(
    exam: Certification, bank: Iterable[Item], questions: int, seed: int, *, timed: bool = True
) -> ExamPaper:
    """A mock exam: as many questions as asked for, or as the bank has of this exam.

    Every domain gets its share by weight; what a domain lacks the others give, by weight again.
    UsageError for a number of questions that is none, and where the bank has none for the exam.
    """
    _fits(questions)
    pools: dict[str, list[Item]] = {domain.id: [] for domain in exam.domains}
    for item in bank:
        if exam.asks(item):
            pools[exam.domain_of(item) or ""].append(item)
    if not any(pools.values()):
        raise UsageError(f"The question bank has no questions of {exam.exam}.")
    rng = Random(f"{exam.family}:{seed}")
    weights = {domain.id: domain.weight for domain in exam.domains}
    room = {domain: len(pool) for domain, pool in pools.items()}
    given = seats(weights, room, questions)
    chosen = [item for domain, pool in pools.items() for item in _spread(pool, given[domain], rng)]
    rng.shuffle(chosen)
    return ExamPaper(
        mode="mock",
        questions=tuple(_asked(item, rng) for item in chosen),
        family=exam.family,
        exam=exam.exam,
        ms=exam.milliseconds(len(chosen)) if timed else None,
        seats=seats(weights, dict.fromkeys(weights, questions), questions),
    )


def practice_paper(
    chosen: Sequence[Item], questions: int, seed: int, *, about: str, family: str = ""
) -> ExamPaper:
    """Practice: the first so many of ``chosen``, in that order, with explanations at once.

    about: what it is practice of, for the learner. UsageError where nothing was chosen.
    """
    _fits(questions)
    if not chosen:
        raise UsageError(f"There is no question to practise for {about}.")
    rng = Random(f"{about}:{seed}")
    asked = tuple(_asked(item, rng) for item in chosen[:questions])
    return ExamPaper(mode="practice", questions=asked, family=family, about=about)


def seats(weights: Mapping[str, int], room: Mapping[str, int], questions: int) -> dict[str, int]:
    """How many questions each domain gets: by weight, never more than it has room for.

    Rounded by largest remainder; of equal remainders the heavier domain's, then the first.
    """
    given = dict.fromkeys(weights, 0)
    left = min(questions, sum(room[domain] for domain in weights))
    able = dict(weights)
    while over := [d for d, w in able.items() if left * w > room[d] * sum(able.values())]:
        for domain in over:
            given[domain] = room[domain]
            left -= room[domain]
            del able[domain]
    quota = {domain: left * weight / sum(able.values()) for domain, weight in able.items()}
    given |= {domain: int(part) for domain, part in quota.items()}
    order = sorted(able, key=lambda domain: (-(quota[domain] % 1), -able[domain]))
    for domain in order[: left - sum(map(int, quota.values()))]:
        given[domain] += 1
    return given


def _spread(pool: Sequence[Item], count: int, rng: Random) -> list[Item]:
    """So many of a domain's items, one of each topic in turn."""
    by_topic = defaultdict[str, list[Item]](list)
    for item in rng.sample(pool, len(pool)):
        by_topic[item.topics[0]].append(item)
    found: list[Item] = []
    while len(found) < count:
        for items in by_topic.values():
            if items and len(found) < count:
                found.append(items.pop())
    return found


def _asked(item: Item, rng: Random) -> PaperQuestion:
    options = [option.id for option in item.options]
    rng.shuffle(options)
    return PaperQuestion(item.id, rng.randrange(LARGEST_SEED), tuple(options))


def _fits(questions: int) -> None:
    if isinstance(questions, bool) or not isinstance(questions, int):
        raise UsageError(f"{questions!r} is no number of questions.")
    if not 0 < questions <= MOST_QUESTIONS:
        most, count = MOST_QUESTIONS, said(questions)
        raise UsageError(spoken_exam().say("refused.count", most=most, count=count))
