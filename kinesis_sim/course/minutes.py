"""How long a lesson takes, counted from what stands in it.

Words at 170 a minute, six seconds a line of code, 40 seconds a prediction, four minutes for the
picture to play with, six an exercise, five for the quiz: estimated, not measured with people.
What is folded is read by some only, and counted in the minutes as if by all.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil

from kinesis_sim.course.notebooks.exercise import MARK
from kinesis_sim.course.notebooks.fold import unfolded
from kinesis_sim.course.notebooks.source import Cell

WORDS_A_MINUTE = 170
LINE_SECONDS = 6
PREDICTION_SECONDS = 40
PLAY_MINUTES, EXERCISE_MINUTES, QUIZ_MINUTES = 4, 6, 5
ASKS = re.compile(r"lesson\.(predict|reveal|check|quiz|end|outline)\(")
WORD = re.compile(r"[^\W\d_][\w’'-]*")
MARKUP = re.compile(r"</?(details|summary|strong)>")
TOPIC = re.compile(r"\b[A-Z]\d\d\b")
HEADING_OF_PLAY = re.compile(r"^## (Play|Explore)\b", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Length:
    """What a lesson's minutes are counted from.

    prose: words that everybody reads, without what is folded and the exams' ids. code: lines that
    are read or, in an exercise, written.
    """

    words: int
    lines: int
    predictions: int
    plays: int
    exercises: int
    quizzes: int
    prose: int
    code: int

    @property
    def minutes(self) -> int:
        """Minutes, rounded up."""
        reading = self.words / WORDS_A_MINUTE + self.lines * LINE_SECONDS / 60
        doing = self.predictions * PREDICTION_SECONDS / 60 + self.plays * PLAY_MINUTES
        doing += self.exercises * EXERCISE_MINUTES + self.quizzes * QUIZ_MINUTES
        return ceil(round(reading + doing, 3))

    @property
    def words_per_line(self) -> float:
        """Words of prose to a line of code."""
        return self.prose / max(self.code, 1)


def length_of(cells: Iterable[Cell]) -> Length:
    """Count a lesson's source; the lines that only ask (predict, reveal, check …) are no code."""
    cells = list(cells)
    prose = "\n".join(cell.text for cell in cells if cell.kind == "markdown")
    everything = MARKUP.sub("", prose)
    code = [cell for cell in cells if cell.kind == "code"]
    text = "\n".join(cell.text for cell in code)
    return Length(
        words=len(WORD.findall(everything)),
        lines=sum(_lines(cell) for cell in code if not cell.is_solution),
        predictions=text.count("lesson.predict("),
        plays=len(HEADING_OF_PLAY.findall(prose)),
        exercises=text.count("lesson.check("),
        quizzes=text.count("lesson.quiz("),
        prose=len(WORD.findall(TOPIC.sub("", unfolded(prose)))),
        code=sum(map(_lines, code)),
    )


def _lines(cell: Cell) -> int:
    """The lines of a cell that a learner reads as code."""
    asks = ASKS.search(cell.text)
    code = cell.text[: asks.start()] if asks else cell.text
    return sum(bool(line.strip()) and line != MARK for line in code.split("\n"))
