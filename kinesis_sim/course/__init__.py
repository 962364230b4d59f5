"""The course's parts: predict then run, exercises that are checked, a quiz, and the notebooks.

What the author of a lesson writes
----------------------------------
``notebooks/source/NN_name.md`` is jupytext MyST. Every cell has an id of its own, for ever::

    +++ {"id": "goal"}                      a Markdown cell begins

    ```{code-cell} ipython3                 a code cell
    :id: begin

    from kinesis_sim import Simulator
    from kinesis_sim.course import Lesson, _
    lesson = Lesson("02", lang="en")        exactly once, written like this: the build switches it
    ```

Predict, then run; the run reveals. Strings for the learner stand in ``_("…")``, plain strings that
``.format()`` may fill; nothing else in a code cell is translated::

    lesson.predict("left", _("How many are left?"), number=True, unit=_("records"))
    lesson.predict("shard", _("Where does it land?"), choices={"one": _("on one"), "any": _("any")})
    lesson.reveal("left", left, because=_("A stream forgets by age."), within=1)
    lesson.reveal("shard", "one", because=_("…"), if_guessed={"any": _("That is round robin.")})

``actual`` of a choice is its id, computed from the run. ``within`` says what counts as close.

An exercise is a code cell tagged ``solution`` and a later cell that checks it. What stands above
the line ``# solution`` stays; the rest becomes ``# Write your code here`` and is folded in below
the check::

    :tags: [solution]

    answer = None
    # solution
    answer = kinesis.put_record(…)

    lesson.check("put-one", answer, sim)    -> exercises/lesson_02.py: def put_one(answer, sim)

The check returns ``passed(**values)`` or ``not_yet("reason", **values)``; its words and hints
stand in ``text/02.toml`` (see ``checks``). A value left at None is "no answer yet"; errors are
explained, not raised.

``lesson.quiz()`` ends the lesson with the items whose ``lesson`` is "02" in ``questions/*.toml``,
each with a proof in ``proofs/`` (see ``item``, ``bank``, ``lint``).

Building
--------
``python -m kinesis_sim notebooks [NN …]`` builds and executes; ``--check`` fails on drift,
``--extract NN`` starts or updates ``locale/pt_BR/NN_name.po``. A catalogue is a draft until its
header says ``X-State: complete``; then the Portuguese notebook is built, and every missing,
changed or unfaithful translation is an error.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kinesis_sim.course.lesson import Lesson

__all__ = ["Lesson", "_"]


def _(text: str) -> str:
    """Mark a string in a notebook for translation.

    The built notebook already holds it in the learner's language, so nothing is looked up.
    """
    return text


def __getattr__(name: str) -> Any:
    if name == "Lesson":
        from kinesis_sim.course.lesson import Lesson

        return Lesson
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
