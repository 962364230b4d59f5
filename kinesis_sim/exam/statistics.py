"""Item statistics: what many attempts say about the questions.

Difficulty is the share that was right; discrimination the point-biserial correlation of a question
with the share right of the rest of its sitting; KR-20 the reliability of a paper that several sat
whole. A first sitting counts as much as a fifth.
"""

from __future__ import annotations

import csv
import io
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import StatisticsError, correlation, pvariance
from typing import TYPE_CHECKING

from kinesis_sim.course.bank import items
from kinesis_sim.exam.attempts import ItemAttempt
from kinesis_sim.exam.words import ExamWords

if TYPE_CHECKING:
    import pandas

    from kinesis_sim.show.kit.sheet import Sheet

HARD, EASY, BLUNT = 0.2, 0.95, 0.1
"""Difficulty below and above, discrimination below which a question is looked at (usual bounds)."""
ENOUGH = 10
"""Attempts from which on a question is flagged (the model's choice)."""
BLANK = "–"


@dataclass(frozen=True, slots=True)
class ItemStatistics:
    """One question. discrimination: None where it cannot be reckoned.

    answers: how often each answer was given; flags: "hard", "easy", "blunt", "unused".
    """

    item: str
    n: int
    right: int
    discrimination: float | None
    answers: Mapping[str, int]
    flags: tuple[str, ...]

    @property
    def difficulty(self) -> float:
        """The share that was right, 0 to 1."""
        return self.right / self.n


@dataclass(frozen=True, slots=True)
class ItemAnalysis:
    """All questions, and the reliability of the paper that most sat; kr20: None without one.

    alike: how many sittings had the same questions, and how many those are.
    """

    items: tuple[ItemStatistics, ...]
    learners: int
    sittings: int
    kr20: float | None
    alike: tuple[int, int]


Sat = Mapping[tuple[str, str], Mapping[str, ItemAttempt]]
"""(learner, sitting) -> item -> the attempt."""


def analysed(attempts: Iterable[ItemAttempt]) -> ItemAnalysis:
    """The statistics of some attempts; of several at a question in one sitting the first counts."""
    sat: dict[tuple[str, str], dict[str, ItemAttempt]] = defaultdict(dict)
    for attempt in attempts:
        sat[attempt.learner, attempt.sitting].setdefault(attempt.item, attempt)
    names = sorted({item for answers in sat.values() for item in answers})
    kr20, alike = _reliability(sat)
    return ItemAnalysis(
        items=tuple(_item(name, sat) for name in names),
        learners=len({learner for learner, _ in sat}),
        sittings=len(sat),
        kr20=kr20,
        alike=alike,
    )


def _item(name: str, sat: Sat) -> ItemStatistics:
    mine = [answers for answers in sat.values() if name in answers]
    right = [answers[name].right for answers in mine]
    discrimination = _discrimination(name, mine)
    counts = Counter(option for answers in mine for option in _chosen(answers[name].answer))
    flags = _flags(name, len(mine), sum(right), discrimination, counts)
    return ItemStatistics(name, len(mine), sum(right), discrimination, dict(counts), flags)


def _chosen(answer: object) -> list[str]:
    """What an answer names: its options, or itself."""
    if answer is None:
        return [BLANK]
    if isinstance(answer, list):
        return [str(option)[:80] for option in answer]
    if isinstance(answer, dict):
        return [f"{prompt}→{option}"[:80] for prompt, option in answer.items()]
    return [str(answer)[:80]]


def _discrimination(name: str, mine: Sequence[Mapping[str, ItemAttempt]]) -> float | None:
    pairs = [
        (float(answers[name].right), (_score(answers) - answers[name].right) / (len(answers) - 1))
        for answers in mine
        if len(answers) > 1
    ]
    try:
        return correlation(*zip(*pairs, strict=True)) if len(pairs) > 1 else None
    except StatisticsError:  # all alike
        return None


def _score(answers: Mapping[str, ItemAttempt]) -> int:
    return sum(attempt.right for attempt in answers.values())


def _flags(
    name: str, n: int, right: int, discrimination: float | None, counts: Mapping[str, int]
) -> tuple[str, ...]:
    if n < ENOUGH:
        return ()
    known = {item.id: [option.id for option in item.options] for item in items()}
    found = {
        "hard": right / n < HARD,
        "easy": right / n > EASY,
        "blunt": discrimination is not None and discrimination < BLUNT,
        "unused": any(option not in counts for option in known.get(name, ())),
    }
    return tuple(flag for flag, true in found.items() if true)


def _reliability(sat: Sat) -> tuple[float | None, tuple[int, int]]:
    """KR-20 of the set of questions that most sittings have in common, whole."""
    papers = Counter(frozenset(answers) for answers in sat.values())
    if not papers:
        return None, (0, 0)
    paper, count = max(papers.items(), key=lambda pair: (pair[1], len(pair[0])))
    rows = [answers for answers in sat.values() if frozenset(answers) == paper]
    spread = pvariance([_score(answers) for answers in rows]) if rows else 0
    k = len(paper)
    if count < 2 or k < 2 or spread == 0:
        return None, (count, k)
    shares = [sum(answers[item].right for answers in rows) / count for item in paper]
    return k / (k - 1) * (1 - sum(p * (1 - p) for p in shares) / spread), (count, k)


# --- as text, table, file, picture ----------------------------------------------------------------

COLUMNS = ("item", "n", "right", "difficulty", "discrimination", "answers", "flags")


def rows(found: ItemAnalysis) -> list[dict[str, object]]:
    """A row a question, by ``COLUMNS``."""
    return [
        {
            "item": each.item,
            "n": each.n,
            "right": each.right,
            "difficulty": round(each.difficulty, 3),
            "discrimination": _rounded(each.discrimination),
            "answers": "; ".join(f"{name} {count}" for name, count in sorted(each.answers.items())),
            "flags": " ".join(each.flags),
        }
        for each in found.items
    ]


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)


def frame(found: ItemAnalysis) -> pandas.DataFrame:
    """The rows as a DataFrame, indexed by item."""
    import pandas

    return pandas.DataFrame(rows(found), columns=list(COLUMNS)).set_index("item")


def as_csv(found: ItemAnalysis) -> str:
    """The rows as CSV."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS)
    writer.writeheader()
    writer.writerows({name: unspoilt(value) for name, value in row.items()} for row in rows(found))
    return text.getvalue()


def unspoilt(value: object) -> object:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{value}" if isinstance(value, str) and value[:1] in "=+-@\t\r" and value else value


def as_text(found: ItemAnalysis, lang: str = "en") -> str:
    """The analysis as lines."""
    words = ExamWords(lang)
    count = len(found.items)
    lines = [
        words.say("stats.heading", items=count, sittings=found.sittings, learners=found.learners)
    ]
    sittings, questions = found.alike
    if found.kr20 is None:
        lines.append(words.say("stats.no-kr20"))
    else:
        value = words.marked(f"{found.kr20:.2f}")
        lines.append(words.say("stats.kr20", value=value, sittings=sittings, items=questions))
    for each in found.items:
        apart = (
            BLANK if each.discrimination is None else words.marked(f"{each.discrimination:+.2f}")
        )
        flags = "; ".join(words.say(f"stats.flag.{flag}") for flag in each.flags)
        row = f"{each.item:34} n {each.n:4}  {100 * each.difficulty:3.0f} %  {apart:>5}  {flags}"
        lines.append(row.rstrip())
    return "\n".join(lines)


def figure(found: ItemAnalysis, lang: str = "en") -> Sheet:
    """Difficulty against discrimination, a mark a question; those to look at have their names."""
    from kinesis_sim.show.kit import theme

    words = ExamWords(lang)
    sheet = theme.new_figure(800, 460)
    axes = sheet.add_subplot()
    placed = [each for each in found.items if each.discrimination is not None]
    flagged = [each for each in placed if each.flags]
    for group, marker, color, name in (
        ([each for each in placed if not each.flags], "o", theme.OKABE_ITO["blue"], "stats.sound"),
        (flagged, "X", theme.TROUBLE, "stats.look-at"),
    ):
        x = [each.difficulty for each in group]
        y = [each.discrimination or 0 for each in group]
        axes.scatter(x, y, marker=marker, color=color, s=40, label=words.say(name))
    for each in flagged[:12]:
        axes.annotate(each.item, (each.difficulty, each.discrimination or 0), fontsize=8)
    axes.axhline(BLUNT, color=theme.LINE, linestyle="--")
    axes.set(xlim=(-0.03, 1.03), ylim=(-1.05, 1.05))
    axes.set_xlabel(words.say("stats.difficulty"))
    axes.set_ylabel(words.say("stats.discrimination"))
    axes.legend(frameon=False, loc="lower left")
    sheet.summary = words.say("stats.summary", items=len(found.items), flagged=len(flagged))
    return sheet
