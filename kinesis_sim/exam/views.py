"""What a face shows, as plain data: the hall, a question, a report. Texts are HTML made here.

Keys and explanations are in it only where the learner may have them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from kinesis_sim.course.blueprint import topics
from kinesis_sim.course.feedback import inline
from kinesis_sim.course.item import Item
from kinesis_sim.course.marking import answer_to
from kinesis_sim.course.outline import entries
from kinesis_sim.course.telling import Teller
from kinesis_sim.course.words import in_language
from kinesis_sim.errors import UsageError
from kinesis_sim.exam.certification import Certification, has_mock
from kinesis_sim.exam.paper import ExamPaper, asked
from kinesis_sim.exam.places import taught
from kinesis_sim.exam.report import DomainScore, ExamReport
from kinesis_sim.exam.sitting import Given, Sitting
from kinesis_sim.exam.turns import PACES
from kinesis_sim.exam.words import ExamWords

COUNTS = (5, 10, 20, 40, 65)
LABELS = (
    *("hall.go-on", "hall.practice", "hall.practice-about", "hall.what", "hall.questions"),
    *("hall.begin-practice", "hall.mock", "hall.mock-about", "hall.exam", "hall.time"),
    *("hall.begin-mock", "hall.goal", "hall.goal-about", "hall.day", "hall.keep-day"),
    *("hall.review", "sitting.previous", "sitting.next", "sitting.flag", "sitting.clear"),
    *("sitting.check", "sitting.end", "sitting.leave", "sitting.navigator", "sitting.keys"),
    *("sitting.wants", "sitting.too-many", "time.show", "time.hide", "time.left-many"),
    *("time.left-one", "time.none", "report.domain", "report.weight", "report.right"),
    *("report.percent", "report.show-me", "report.home", "title", "notice"),
)
QUIZ_LABELS = ("choose", "place", "number", "twice", "blank")


@dataclass(frozen=True, slots=True)
class Views:
    """Makes views in one language of questions of one bank.

    lessons: what goes before a link to a lesson from where the face is: nothing in a notebook,
    which lies beside the lessons; None where links lead nowhere.
    """

    lang: str
    bank: Mapping[str, Item]
    lessons: str | None = ""

    @property
    def words(self) -> ExamWords:
        """What is said."""
        return ExamWords(self.lang)

    @property
    def teller(self) -> Teller:
        """Tells of questions."""
        return Teller(self.lang)

    def labels(self) -> dict[str, str]:
        """What stands on buttons and fields."""
        words, quiz = self.words, self.teller.words
        return {name: words.say(name) for name in LABELS} | {
            name: quiz.say(f"quiz.{name}", number="#") for name in QUIZ_LABELS
        }

    def title(self, paper: ExamPaper) -> str:
        """What a paper is called."""
        if paper.mode == "mock":
            return self.words.say("sitting.mock", exam=paper.exam)
        return self.words.say("sitting.practice", about=self.about(paper.about))

    def about(self, name: str) -> str:
        """What practice is of, in words: "K02" with its title, "what is due" …"""
        if name in ("due", "weak", "all"):
            return self.words.say(f"about.{name}")
        return self.topic(name) if name in topics() else name

    def topic(self, name: str) -> str:
        """A topic in words; its title is English, so elsewhere its lesson says what it is about."""
        if self.lang == "en":
            return f"{name} {topics()[name].title}"
        lesson = next((each for each in entries() if name in each.topics), None)
        if lesson is None:
            return name
        title = in_language(lesson.title, self.lang)
        return self.words.say("hall.by-lesson", topic=name, lesson=title)

    def paces(self) -> list[list[str]]:
        """How much time there may be, in words."""
        return [[pace, self.words.say(f"pace.{pace}")] for pace in PACES]

    # --- a question -------------------------------------------------------------------------------

    def question(self, sitting: Sitting, place: int, at: int, proof: str = "") -> dict[str, Any]:
        """One question of a sitting with everything around it."""
        total, paper = len(sitting.paper.questions), sitting.paper
        given = sitting.answers.get(place)
        item = asked(paper.questions[place], self.bank)
        told = paper.mode == "practice" and given is not None
        return {
            "title": self.title(paper),
            "mode": paper.mode,
            "number": place + 1,
            "total": total,
            "asked": self._asked(item, place, total),
            "answer": _shown(item, given),
            "flagged": place in sitting.flagged,
            "places": [self._place(sitting, n) for n in range(total)],
            "left": sitting.left(at),
            "pace": sitting.pace,
            "paces": self.paces(),
            "result": self.result(item, given.answer) if told and item and given else None,
            "proof": proof,
        }

    def _asked(self, item: Item | None, place: int, total: int) -> dict[str, Any]:
        label = self.words.say("sitting.of", number=place + 1, total=total)
        if item is None:
            gone = {"stem": escape(self.words.say("sitting.gone")), "kind": "single", "count": 1}
            rest: dict[str, Any] = {"options": [], "prompts": [], "unit": "", "more": ""}
            return {"id": "", "label": label, "instruction": "", **gone, **rest}
        return self.teller.question(item, place + 1, total) | {"label": label}

    def _place(self, sitting: Sitting, n: int) -> dict[str, Any]:
        given = sitting.answers.get(n)
        state = "open" if given is None else "answered"
        if given is not None and sitting.paper.mode == "practice":
            state = "right" if given.right else "wrong"
        said = [self.words.say("sitting.place", number=n + 1), self.words.say(f"sitting.{state}")]
        if n in sitting.flagged:
            said.append(self.words.say("sitting.flagged"))
        return {"state": state, "flagged": n in sitting.flagged, "says": ", ".join(said)}

    def result(self, item: Item, answer: Any) -> dict[str, Any]:
        """What is said after an answer, with where it is taught."""
        told = self.teller.result(item, _answer(item, answer))
        return told | {"taught": self.taught(item)}

    def taught(self, item: Item) -> str:
        """Where an item is taught, as HTML; empty where nowhere."""
        place = taught(item, self.lang)
        if place is None:
            return ""
        if not place.href:
            return inline(self.words.say("report.to-come", title=place.name))
        link = inline(place.name)
        if self.lessons is not None:
            href = escape(f"{self.lessons}{place.href}")
            link = f'<a href="{href}" target="_blank" rel="noopener">{link}</a>'
        return inline(self.words.say("report.taught", link="@")).replace("@", link, 1)

    # --- a report ---------------------------------------------------------------------------------

    def report(
        self,
        sitting: Sitting,
        found: ExamReport,
        exam: Certification | None,
        proofs: Mapping[int, str],
    ) -> dict[str, Any]:
        """A finished sitting: domains, notes, and what went wrong."""
        wrong = [self._wrong(sitting, n, proofs.get(n, "")) for n in found.wrong]
        heading = self.words.say("report.none-wrong")
        if wrong:
            heading = self.words.say("report.wrong", count=len(wrong))
        return {
            "title": self.words.say("report.title", title=self.title(sitting.paper)),
            "total": self.total(found.total),
            "domains": [] if exam is None else [self._row(s, exam) for s in found.domains],
            "notes": self._notes(sitting, found, exam),
            "heading": heading,
            "wrong": wrong,
        }

    def total(self, score: DomainScore) -> str:
        """Right of asked, with a percentage where there are enough."""
        key = "report.total" if score.percent is None else "report.total-percent"
        return self.words.say(key, right=score.right, asked=score.asked, percent=score.percent)

    def _row(self, score: DomainScore, exam: Certification) -> list[str]:
        [domain] = [each for each in exam.domains if each.id == score.id]
        key = "report.short" if score.asked < score.wanted else "report.of"
        right = self.words.say(key, right=score.right, asked=score.asked, wanted=score.wanted)
        percent = self.words.say("report.too-few")
        if score.between is not None:
            low, high = score.between
            percent = self.words.say("report.between", percent=score.percent, low=low, high=high)
        name = in_language(domain.name, self.lang)
        return [f"{domain.id} {name}", f"{domain.weight} %", right, percent]

    def _notes(
        self, sitting: Sitting, found: ExamReport, exam: Certification | None
    ) -> Sequence[str]:
        say = self.words.say
        notes = [say("report.spent", minutes=round(found.spent / 60_000))]
        if found.blank and sitting.paper.mode == "mock":
            notes.append(say("report.blank", blank=found.blank))
        if exam is not None and exam.is_doubtful:
            notes.append(say("report.doubt", exam=exam.exam, blueprint=exam.blueprint))
        if sitting.paper.mode == "mock":
            notes.append(say("report.no-scale"))
        elif sitting.paper.family and not has_mock(sitting.paper.family):
            notes.append(say("report.practice-only", exam=sitting.paper.about))
        return notes

    def _wrong(self, sitting: Sitting, n: int, proof: str) -> dict[str, Any]:
        item = asked(sitting.paper.questions[n], self.bank)
        total = len(sitting.paper.questions)
        if item is None:
            return {"place": n, "asked": self._asked(None, n, total), "yours": "", "proof": ""}
        given = sitting.answers.get(n)
        yours = self.words.say("report.no-answer")
        if given is not None:
            yours = self.words.say("report.yours", answer=self.said(item, given.answer))
        return {
            "place": n,
            "asked": self._asked(item, n, total),
            "yours": inline(yours),
            "result": self.result(item, None if given is None else given.answer),
            "proof": proof,
        }

    def said(self, item: Item, raw: Any) -> str:
        """An answer as a sentence names it."""
        from dataclasses import replace

        answer = _answer(item, raw)
        return "" if answer is None else self.teller.key(replace(item, key=answer))


def _shown(item: Item | None, given: Given | None) -> Any:
    """What the fields of a question hold: an answer as plain data."""
    answer = None if item is None or given is None else _answer(item, given.answer)
    return list(answer) if isinstance(answer, tuple) else answer


def _answer(item: Item, raw: Any) -> Any:
    """A kept answer again; one that the question does not know any more is none."""
    try:
        return answer_to(item, raw)
    except UsageError:
        return None
