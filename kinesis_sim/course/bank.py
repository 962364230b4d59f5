"""The question bank: ``questions/<topic>.toml``, one file per topic of the exam blueprint."""

import inspect
import re
import tomllib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from kinesis_sim.course.blueprint import topics
from kinesis_sim.course.drawing import Drawing, filled, numbers_of
from kinesis_sim.course.item import Item, Key, item_from
from kinesis_sim.course.outline import entries
from kinesis_sim.course.words import LANGUAGES
from kinesis_sim.errors import UsageError

QUESTIONS = Path(__file__).parent / "questions"
FAMILIES = QUESTIONS.with_name("exam_families.toml")
PROOF = re.compile(r"([a-z][a-z0-9_]*)\.([a-z][a-z0-9_]*)")


@cache
def items() -> tuple[Item, ...]:
    """Every item of the bank, by file and then as written; blanks unfilled, see ``drawn``."""
    return tuple(item for path in sorted(QUESTIONS.glob("*.toml")) for item in read(path))


def read(path: Path) -> Iterator[Item]:
    """The items of one file. Raises UsageError for a file that holds something else."""
    try:
        found = [item_from(table) for table in tomllib.loads(path.read_text("utf-8"))["item"]]
        lessons = [item.lesson or _taught_in(item.topics[0]) for item in found]
    except UsageError:
        raise
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise UsageError(f"{path} is no file of questions ({error!r}).") from error
    for item, lesson in zip(found, lessons, strict=True):
        yield replace(item, lesson=lesson)


def _taught_in(topic: str) -> str:
    """The lesson that teaches a topic: the first that is written, else the first that will be."""
    teaching = [entry for entry in entries() if topic in entry.topics]
    return next((e.slug for e in [*(e for e in teaching if e.written), *teaching]), "")


def items_of(lesson: str) -> list[Item]:
    """The quiz of a lesson, as its row in ``lessons.toml`` lists it.

    Parametric items come with their first numbers, so that a lesson asks the same every day.
    UsageError when the lesson lists none, or the bank has not what it lists.
    """
    wanted = next((entry.quiz for entry in entries() if entry.slug == lesson), ())
    if not wanted:
        raise UsageError(f"The question bank has no items for lesson {lesson}.")
    known = {item.id: item for item in items()}
    if missing := [name for name in wanted if name not in known]:
        raise UsageError(f"The quiz of lesson {lesson} lists {', '.join(missing)}: no such item.")
    return [drawn(known[name], None) for name in wanted]


def families() -> dict[str, dict[str, Any]]:
    """Exam families, e.g. "dva": their versions with dates, and whose tasks items' tags follow."""
    return tomllib.loads(FAMILIES.read_text("utf-8"))


def exam_of(family: str, day: date) -> str:
    """The exam that is sat for a family on a day, e.g. "DVA-C03"; UsageError for no family."""
    found = families().get(family)
    if found is None:
        raise UsageError(f"There is no exam family {family!r}; there are {', '.join(families())}.")
    begun = [each for each in found["versions"] if each.get("since", date.min) <= day]
    return str(begun[-1]["exam"])


def prove(item: Item, seed: int | None = None) -> Key:
    """Run the item's proof: what the simulator says the key is, for the numbers that a seed draws.

    UsageError when there is no such proof.
    """
    return _found(item, numbers_of(item, seed)).key


def drawn(item: Item, seed: int | None) -> Item:
    """An item with the numbers that a seed draws, and the key that the simulator finds for them.

    An item without numbers is itself. UsageError when there is no such proof.
    """
    if not item.numbers:
        return item
    numbers = numbers_of(item, seed)
    return filled(item, _found(item, numbers), numbers)


def _found(item: Item, numbers: dict[str, float]) -> Drawing:
    said = _proof(item)(**numbers)
    return said if isinstance(said, Drawing) else Drawing(said)


def proof_text(item: Item) -> str:
    """The code of the item's proof, to be read. UsageError when there is no such proof."""
    return inspect.getsource(_proof(item))


def stats(bank: Sequence[Item]) -> dict[str, Any]:
    """How much a bank holds: questions, and how many are proved, drawn or for practice only.

    by_exam and by_topic: how many questions each family's exams and each topic have; languages:
    those in which every question stands.
    """
    spoken = [set(item.stem) for item in bank]
    return {
        "questions": len(bank),
        "proved": sum(item.proved for item in bank),
        "parametric": sum(bool(item.numbers) for item in bank),
        "practice_only": sum(item.practice_only for item in bank),
        "by_exam": {family: sum(family in item.exams for item in bank) for family in families()},
        "by_topic": {name: sum(name in item.topics for item in bank) for name in topics()},
        "languages": [lang for lang in LANGUAGES if all(lang in each for each in spoken)],
    }


def _proof(item: Item) -> Callable[..., Key | Drawing]:
    named = PROOF.fullmatch(item.proof)
    if named is None:
        raise UsageError(f"{item.id}: a proof is named module.function, not {item.proof!r}.")
    module = import_module(f"kinesis_sim.course.proofs.{named[1]}")
    proof = getattr(module, named[2], None)
    if proof is None:
        raise UsageError(f"{item.id}: there is no proof {item.proof}.")
    found: Callable[..., Key | Drawing] = proof
    return found
