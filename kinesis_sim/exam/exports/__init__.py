"""The bank for other tools: Anki, Moodle, QTI, a spreadsheet, paper; and attempts for a teacher.

Every format is a module with ``files(asked, path, lang, at)``: what to write where. Ids are stable,
so that a later export brings what was imported up to date.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path

from kinesis_sim.clock import Clock
from kinesis_sim.course.bank import drawn, items
from kinesis_sim.course.item import KINDS, Item
from kinesis_sim.errors import UsageError
from kinesis_sim.exam.attempts_file import as_lines
from kinesis_sim.exam.certification import certification
from kinesis_sim.exam.choice import of_exam
from kinesis_sim.exam.draw import mock_paper
from kinesis_sim.exam.exports import plain
from kinesis_sim.exam.paper import asked
from kinesis_sim.exam.record import ExamRecord
from kinesis_sim.exam.words import spoken_exam
from kinesis_sim.instants import to_datetime

SEED = 0
"""Of parametric questions: an export has one set of numbers, the same each time."""


def exported(
    form: str,
    path: Path,
    *,
    lang: str = "en",
    bank: Sequence[Item] | None = None,
    exam: str = "",
    questions: int | None = None,
    record: ExamRecord | None = None,
    learner: str = "",
    at: int | None = None,
) -> Mapping[Path, bytes]:
    """The files of an export: where each goes, and what stands in it.

    form: anki, moodle, gift, qti, csv, paper or attempts (of ``record``). bank: the questions, all
    of the course's unless given. exam: whose of them, all where it is empty; questions: how many a
    paper has. at: the instant that the export says it was made at (epoch ms; now). UsageError for
    an exam without questions, MissingPackage where the format's package is absent.
    """
    if form == "attempts":
        assert record is not None
        return {path: as_lines(record.attempts(learner))}
    now = Clock.wall().now if at is None else at
    module = import_module(f"kinesis_sim.exam.exports.{form}_format")
    chosen = _chosen(bank, exam, questions if form == "paper" else None, now)
    found: Mapping[Path, bytes] = module.files(chosen, path, lang, now)
    return found


def left_out(
    form: str, *, lang: str = "en", bank: Sequence[Item] | None = None, exam: str = ""
) -> str:
    """What an export of a form leaves out, in a sentence; empty where it holds every question."""
    if form == "attempts":
        return ""
    module = import_module(f"kinesis_sim.exam.exports.{form}_format")
    kinds = getattr(module, "KINDS", KINDS)
    return plain.left_out(_pool(bank, exam), kinds, lang)


def _pool(own: Sequence[Item] | None, exam: str) -> Sequence[Item]:
    every = items() if own is None else own
    return of_exam(every, exam) if exam else every


def _chosen(
    own: Sequence[Item] | None, exam: str, questions: int | None, at: int
) -> Sequence[Item]:
    if questions is None:
        return [drawn(item, SEED) for item in _pool(own, exam)]
    every = _pool(own, "")
    if not exam:
        if questions < 1:
            raise UsageError(spoken_exam().say("refused.none", count=questions))
        return [drawn(item, SEED) for item in every[:questions]]
    bank = {item.id: item for item in every}
    day = to_datetime(at).date()
    paper = mock_paper(certification(exam, day), bank.values(), questions, at % 2**31)
    return [item for each in paper.questions if (item := asked(each, bank)) is not None]
