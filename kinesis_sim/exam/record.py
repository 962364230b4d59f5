"""What is kept of exams: papers, turns and exam days, in the learner's one file.

Every turn is a transaction of its own that counts on from what is there, so a crash loses none and
two windows keep both theirs. What a stranger wrote into the file and is no paper is left aside.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date

from kinesis_sim.course.progress import Progress
from kinesis_sim.errors import UsageError
from kinesis_sim.exam.attempts import ItemAttempt, attempts_of, in_order
from kinesis_sim.exam.paper import ExamPaper, paper_from
from kinesis_sim.exam.sitting import Sitting
from kinesis_sim.exam.turns import Turn, turn_from


class NoSitting(UsageError):
    """There is no sitting of that name; it may have been deleted in another window."""

    def __init__(self, sitting: str) -> None:
        super().__init__(f"There is no sitting {sitting!r}.")
        self.sitting = sitting


class ExamRecord:
    """The exams of one learner. progress: their file."""

    def __init__(self, progress: Progress) -> None:
        self.progress = progress

    def begin(self, paper: ExamPaper, at: int, pace: str = "1") -> str:
        """Keep a new paper; returns the sitting's name."""
        text, begun = (
            json.dumps(paper.written(), allow_nan=False),
            json.dumps(Turn("begin", at, pace=pace).written(), allow_nan=False),
        )
        with self.progress.changing() as db:
            [count] = db.execute("select count(*) from sittings").fetchone()
            name = f"{paper.mode}-{at}-{count + 1}"
            db.execute("insert into sittings values (?, ?, ?)", (name, text, at))
            db.execute("insert into turns values (?, 1, ?, ?)", (name, begun, at))
        return name

    def append(self, sitting: str, turn: Turn) -> None:
        """Keep a turn, behind all that any window has kept; NoSitting where it has gone."""
        text = json.dumps(turn.written(), allow_nan=False)
        with self.progress.changing() as db:
            found = db.execute(
                "insert into turns select sitting, (select coalesce(max(number), 0) + 1 from turns "
                "where sitting = ?), ?, ? from sittings where sitting = ?",
                (sitting, text, turn.at, sitting),
            )
            if not found.rowcount:
                raise NoSitting(sitting)

    def sitting(self, name: str) -> Sitting:
        """A sitting as its turns left it; NoSitting when there is none of that name."""
        rows = self.progress.rows("select paper from sittings where sitting = ?", (name,))
        if not rows:
            raise NoSitting(name)
        sql = "select turn, at from turns where sitting = ? order by number"
        return _folded(rows[0][0], self.progress.rows(sql, (name,)))

    def sittings(self) -> Iterator[tuple[str, Sitting]]:
        """Every sitting by name, the oldest first."""
        turns = defaultdict[str, list[tuple[str, int]]](list)
        for name, text, at in self.progress.rows(
            "select sitting, turn, at from turns order by sitting, number"
        ):
            turns[name].append((text, at))
        papers = self.progress.rows("select sitting, paper from sittings order by at, sitting")
        for name, paper in papers:
            try:
                yield name, _folded(paper, turns[name])
            except UsageError:  # of a stranger, or of a later version
                continue

    def open(self) -> str | None:
        """The sitting that was begun last and was not ended, None when there is none."""
        going = [name for name, sitting in self.sittings() if sitting.ended is None]
        return going[-1] if going else None

    def attempts(self, learner: str = "") -> list[ItemAttempt]:
        """Every question answered, by time. learner: the name they are to carry."""
        found = (attempts_of(sitting, name, learner) for name, sitting in self.sittings())
        return in_order(attempt for attempts in found for attempt in attempts)

    # --- the day of an exam -----------------------------------------------------------------------

    def aim(self, family: str, day: date | None, at: int) -> None:
        """Keep the day on which an exam is sat; None forgets it."""
        with self.progress.changing() as db:
            if day is None:
                db.execute("delete from goals where family = ?", (family,))
            else:
                row = (family, day.isoformat(), at)
                db.execute("insert or replace into goals values (?, ?, ?)", row)

    def goals(self) -> dict[str, date]:
        """The days of exams, by family."""
        rows = self.progress.rows("select family, day from goals order by day, family")
        return {family: day for family, text in rows if (day := _day(text)) is not None}

    def next_exam(self, today: date) -> date | None:
        """The nearest day of an exam that is not past, None without one."""
        return min((day for day in self.goals().values() if day >= today), default=None)


def _folded(paper: str, turns: Iterable[tuple[str, int]]) -> Sitting:
    return Sitting.of(paper_from(_read(paper)), (turn_from(_read(text), at) for text, at in turns))


def _read(text: str) -> object:
    try:
        found: object = json.loads(text)
    except (ValueError, RecursionError, TypeError) as error:
        raise UsageError("What is kept of an exam is no JSON.") from error
    return found


def _day(text: object) -> date | None:
    try:
        return date.fromisoformat(str(text))
    except ValueError:
        return None
