"""An exercise's check: passed or not yet, why, and the next hint.

A lesson's checks are functions in ``kinesis_sim/course/exercises/<slug>.py``, one per
exercise, named as the exercise with underscores. Each takes what the learner hands in and returns
``passed(…)`` or ``not_yet("reason", …)``; the words stand in ``text/<slug>.toml``::

    [check.pin-records.passed]              # {placeholders} are filled from passed(…)
    en = "Both records landed on {shard}: the explicit key replaced the hash."
    [check.pin-records.wrong-shard]         # … and from not_yet("wrong-shard", …)
    en = "The second record landed on {shard}."
    [[check.pin-records.hints]]             # from vague to plain
    en = "Which field of ListShards says where a shard's range begins?"
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from importlib import import_module
from inspect import signature
from typing import get_type_hints

from kinesis_sim.arguments import said
from kinesis_sim.course.feedback import Feedback
from kinesis_sim.course.words import CourseWords
from kinesis_sim.errors import UsageError

EXERCISE_ID = re.compile(r"[a-z][a-z0-9-]*")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check found: ``reason`` is "passed" or a key of the exercise's texts."""

    reason: str
    values: dict[str, object] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Whether the exercise is solved."""
        return self.reason == "passed"

    @property
    def outcome(self) -> str:
        """What was found, in short: two attempts with the same outcome are one try."""
        values = ((name, said(value)) for name, value in self.values.items())
        return f"{self.reason} {sorted(map(str, values))}"


def passed(**values: object) -> Verdict:
    """The exercise is solved; ``values`` fill its text."""
    return Verdict("passed", values)


def not_yet(reason: str, **values: object) -> Verdict:
    """The exercise is not solved because of ``reason``, a key of its texts that ``values`` fill."""
    return Verdict(reason, values)


Check = Callable[..., Verdict]


def check_of(lesson: str, exercise: str) -> Check:
    """The check of ``exercise``; UsageError when the lesson has none of that name."""
    if EXERCISE_ID.fullmatch(exercise):
        module = import_module(f"kinesis_sim.course.exercises.{lesson}")
        if check := getattr(module, exercise.replace("-", "_"), None):
            return check  # type: ignore[no-any-return]
    raise UsageError(f"Lesson {lesson} has no exercise called {exercise!r}.")


def verdict_on(check: Check, given: tuple[object, ...]) -> Verdict:
    """Ask ``check`` about what was handed in.

    Whatever the learner's answer makes it raise becomes a verdict: a check explains, it does not
    stop the notebook. A check that is handed an account beside an answer still to come says itself
    whether anything was done in that account.
    """
    if all(_is_missing(value) for value in given):
        return not_yet("untouched")
    if name := _replaced(check, given):
        return not_yet("replaced", name=name)
    try:
        return check(*given)
    except Exception as error:
        return not_yet("failed", error=f"{type(error).__name__}: {error}")


def is_untouched(given: tuple[object, ...]) -> bool:
    """Whether all that was handed in is as the course left it, a table without a value included."""
    return all(
        _is_missing(value)
        or (isinstance(value, dict) and bool(value) and all(map(_is_missing, value.values())))
        for value in given
    )


def _is_missing(value: object) -> bool:
    return value is None or value is ...


def _replaced(check: Check, given: tuple[object, ...]) -> str | None:
    """The first variable that should hold a part of the course, such as a simulator, and does not.

    Whoever writes ``trial = feed(trial, …)`` has lost it; the check's own signature says what it
    wants, and its parameters are called as the variables are.
    """
    wanted = get_type_hints(check)
    for name, value in zip(signature(check).parameters, given, strict=False):
        kind = wanted.get(name)
        if not isinstance(kind, type) or not kind.__module__.startswith("kinesis_sim."):
            continue
        if not isinstance(value, kind):
            return name
    return None


LARGEST_SHOWN = 10**30
"""Whole numbers beyond it would fill the page, or not be written at all."""
COMMON = ("untouched", "replaced", "failed")


def explained(
    exercise: str,
    verdict: Verdict,
    tries: int,
    texts: CourseWords,
    ui: CourseWords,
    *,
    again: bool = False,
    passed_before: bool = False,
) -> Feedback:
    """``verdict`` in words, with the hint that belongs to the ``tries``-th try (from 1).

    again: whether the attempt came out as the one before it; then no further hint is due.
    passed_before: on an earlier day, say, which this attempt does not undo.
    """
    source, key = (
        (ui, f"exercise.{verdict.reason}")
        if verdict.reason in COMMON
        else (texts, f"check.{exercise}.{verdict.reason}")
    )
    values = {name: written(value, source) for name, value in verdict.values.items()}
    why = source.say(key, **values)
    if verdict.ok:
        return Feedback("good", (ui.say("exercise.passed"), why))
    hints = texts.list(f"check.{exercise}.hints")
    hint = _hint(hints, tries, ui) if hints else ""
    same = ui.say("exercise.same") if again else ""
    kept = ui.say("exercise.kept") if passed_before else ""
    lines = (ui.say("exercise.not-yet"), why, same, kept, hint)
    return Feedback("wait", tuple(filter(None, lines)))


def _hint(hints: list[str], tries: int, ui: CourseWords) -> str:
    """The hint of the ``tries``-th try, and which of them it is; past the last, that it was so."""
    number = min(tries, len(hints))
    key = "exercise.hint-again" if tries > number else "exercise.hint"
    return ui.say(key, number=number, count=len(hints), hint=hints[number - 1])


def written(value: object, words: CourseWords) -> object:
    """A number as the language writes it, 25.0 as 25, a huge one in short; a list with commas.

    All else is left as it is.
    """
    if isinstance(value, list) and all(isinstance(each, int | str) for each in value):
        return ", ".join(str(written(each, words)) for each in value)
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return value
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int) and abs(value) > LARGEST_SHOWN:
        return said(value)
    return words.number(value)
