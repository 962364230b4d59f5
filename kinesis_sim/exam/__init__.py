"""Exam preparation: practice, mock exams, spaced repetition, and what comes of them.

The engine is plain Python, with time as an argument: ``certification`` (an exam's domains, weights
and minutes), ``drawing up`` of a paper (``paper``, ``draw``, ``choice``), the ``sitting`` that a
learner's turns fold into, its ``report``, the ``weakness`` that many leave behind and the
``spacing`` of what is asked again. ``record`` keeps every turn in the learner's one file;
``booth`` puts all of it behind one face that the terminal, the page and the widget show alike.

In a notebook::

    from kinesis_sim.exam import ExamDesk
    ExamDesk(lang="en")
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kinesis_sim.exam.widget import ExamDesk

__all__ = ["ExamDesk"]


def __getattr__(name: str) -> Any:
    if name == "ExamDesk":
        from kinesis_sim.course.lesson import needing_widgets

        return needing_widgets("kinesis_sim.exam.widget").ExamDesk
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
