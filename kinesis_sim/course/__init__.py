"""The course's parts: predict then run, exercises that are checked, a quiz, and the notebooks.

What the author of a lesson writes
----------------------------------
``notebooks/source/<slug>.md`` is jupytext MyST; the lesson's number comes from ``lessons.toml``.
Every cell has an id of its own, for ever::

    +++ {"id": "goal"}                      a Markdown cell begins

    ```{code-cell} ipython3                 a code cell
    :id: begin

    from kinesis_sim import Simulator
    from kinesis_sim.course import Lesson, _
    lesson = Lesson("producers", lang="en")   exactly once, written like this: the build switches it
    ```

Predict, then run; the run reveals. Strings for the learner stand in ``_("…")``, plain strings that
``.format()`` may fill; nothing else in a code cell is translated::

    lesson.predict("left", _("How many are left?"), number=True, unit=_("records"))
    lesson.predict("shard", _("Where does it land?"), choices={"one": _("on one"), "any": _("any")})
    lesson.reveal("left", left, within=1)
    lesson.reveal("shard", "one")

``actual`` of a choice is its id, computed from the run. ``within`` says what counts as close. Why
it happens and what leads to a wrong guess stand in ``text/<slug>.toml``, out of sight::

    [reveal.left.because]
    [reveal.shard.if_guessed.any]

``{lesson:capacity}`` in prose becomes a link to that lesson, ``{minutes}`` the time that the
outline says this one takes.

Prose that not every learner needs is folded: a Markdown cell tagged ``more`` is shown behind its
first paragraph where that is bold, or below its heading. It counts in the minutes, and not in the
words of prose (20 at most) that a line of code may have.

An exercise is a code cell tagged ``solution`` and a later cell that checks it. What stands above
the line ``# solution`` stays; the rest becomes ``# Write your code here`` and is folded in below
the check::

    :tags: [solution]

    answer = None
    # solution
    answer = kinesis.put_record(…)

    lesson.check("put-one", answer, sim)    -> exercises/producers.py: def put_one(answer, sim)

The check returns ``passed(**values)`` or ``not_yet("reason", **values)``; its words and hints
stand in ``text/<slug>.toml`` (see ``checks``). A value left at None is "no answer yet"; errors are
explained, not raised.

``lesson.quiz()`` asks the items of ``questions/*.toml`` that the lesson's row in ``lessons.toml``
lists, with their proofs in ``proofs/`` (see ``item``, ``bank``, ``lint``); ``lesson.end()`` says
what was learned (``[[end.learned]]`` of the text file), how it went, and the way on.


Building
--------
``python -m kinesis_sim notebooks [slug …]`` builds and executes; ``--check`` fails on drift,
``--extract slug`` starts or updates ``locale/pt_BR/<slug>.po``. A catalogue is a draft until its
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
