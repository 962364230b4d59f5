"""The booth in which a learner sits: wishes go in, views come out. Every face has one.

A wish is a dict with "do"; what is no wish is answered in a sentence and changes nothing. Each turn
is kept before its view is made, so what a learner sees as kept is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from html import escape
from typing import Any

from kinesis_sim.arguments import said
from kinesis_sim.course.bank import exam_of, families, items
from kinesis_sim.course.blueprint import topics
from kinesis_sim.course.item import Item
from kinesis_sim.course.marking import Answer, answer_to, is_right, parts_of, wants
from kinesis_sim.course.progress import OutOfReach
from kinesis_sim.errors import KinesisSimError, UsageError
from kinesis_sim.exam import choice, spacing
from kinesis_sim.exam.certification import (
    Certification,
    certification,
    exams_on,
    family_of,
    has_mock,
)
from kinesis_sim.exam.draw import mock_paper, practice_paper
from kinesis_sim.exam.evidence import as_html, evidence
from kinesis_sim.exam.paper import LARGEST_SEED, MOST_QUESTIONS, asked
from kinesis_sim.exam.record import ExamRecord, NoSitting
from kinesis_sim.exam.report import report_of
from kinesis_sim.exam.sitting import Sitting
from kinesis_sim.exam.turns import PACES, Turn
from kinesis_sim.exam.views import COUNTS, Views
from kinesis_sim.exam.words import ExamWords
from kinesis_sim.instants import DAY, to_datetime

View = dict[str, Any]
LONGEST_PRESS = 64
"""Of the name that a face gives a wish, to know which view answers it."""


class Booth:
    """One window onto a learner's exams.

    record: what is kept. lang: the language. bank: the questions, all of the course's unless given.
    lessons: what goes before a link to a lesson, None where links lead nowhere. seed: draws papers;
    taken from the time where it is None.
    """

    def __init__(
        self,
        record: ExamRecord,
        lang: str,
        bank: Iterable[Item] | None = None,
        *,
        lessons: str | None = "",
        seed: int | None = None,
    ) -> None:
        self.record = record
        self.words = ExamWords(lang)
        self.bank: Mapping[str, Item] = {
            item.id: item for item in (items() if bank is None else bank)
        }
        self.views = Views(lang, self.bank, lessons)
        self.sitting: str | None = None
        self.place = self.turn = 0
        self.said, self.tone = "", ""
        self.press = ""
        self._seed = seed
        self._sure = False
        self._proofs: dict[int, str] = {}

    # --- what is shown ----------------------------------------------------------------------------

    def view(self, at: int) -> View:
        """What the face shows at an instant (epoch ms of the learner's clock)."""
        going = self._seen(at)
        base: View = {"turn": self.turn, "press": self.press, "say": self.said, "tone": self.tone}
        if going is None:
            return base | {"screen": "hall", "hall": self._hall(at)}
        if going.ended is not None:
            return base | {"screen": "report", "report": self._report(going)}
        proof = self._proofs.get(self.place, "")
        return base | {
            "screen": "question",
            "question": self.views.question(going, self.place, at, proof),
        }

    def _seen(self, at: int) -> Sitting | None:
        """The sitting that is gone on with; None in the hall, where one that is lost leads, too."""
        if self.sitting is None:
            return None
        try:
            self._timed_out(at)
            return self.record.sitting(self.sitting)
        except OutOfReach:
            raise
        except UsageError:  # deleted in another window, or not to be read any more
            self._lost()
            return None

    def _lost(self) -> None:
        self.sitting = None
        self._say("refused.lost", tone="bad")

    def _report(self, sitting: Sitting) -> View:
        exam = self._exam(sitting)
        found = report_of(sitting, self.bank, exam)
        return self.views.report(sitting, found, exam, self._proofs)

    def _exam(self, sitting: Sitting) -> Certification | None:
        """The exam of a sitting, as it was on the day of it."""
        if sitting.paper.mode != "mock":
            return None
        try:
            return certification(sitting.paper.family, _day(sitting.began))
        except UsageError:
            return None

    def _hall(self, at: int) -> View:
        attempts, say = self.record.attempts(), self.words.say
        going, today = self.record.open(), _day(at)
        answered = [attempt for attempt in attempts if attempt.answer is not None]
        right = sum(attempt.right for attempt in answered)
        standing = say("hall.standing", answered=len(answered), right=right)
        return {
            "open": None if going is None else [going, self._unfinished(going)],
            "practice": [*self._by_need(at), *self._by_exam(today), *self._by_topic()],
            "exams": [[f, self._exam_named(f, today)] for f in exams_on(today)],
            "counts": list(COUNTS),
            "paces": self.views.paces(),
            "goals": [self._goal(f, day, today) for f, day in self.record.goals().items()],
            "today": today.isoformat(),
            "standing": standing if answered else say("hall.nothing"),
            "last": self._last(),
        }

    def _unfinished(self, name: str) -> str:
        sitting = self.record.sitting(name)
        return self.words.say(
            "hall.open",
            title=self.views.title(sitting.paper),
            answered=len(sitting.answers),
            total=len(sitting.paper.questions),
        )

    def _last(self) -> str:
        ended = [name for name, sitting in self.record.sittings() if sitting.ended is not None]
        return ended[-1] if ended else ""

    def _by_need(self, at: int) -> list[list[str]]:
        attempts = self.record.attempts()
        rows = [["all", self.words.say("hall.all", count=len(self.bank))]]
        if count := len(self._due(at)):
            rows.append(["due", self.words.say("hall.due", count=count)])
        weak = [s.topic for s in choice.standings(self.bank, attempts) if s.right < s.answered]
        if weak:
            rows.append(["weak", self.words.say("hall.weak", topics=", ".join(weak[:3]))])
        return rows

    def _by_exam(self, today: date) -> list[list[str]]:
        exams = {family: exam_of(family, today) for family in families()}
        counts = {f: sum(f in item.exams for item in self.bank.values()) for f in exams}
        keys = {f: "hall.by-exam" if has_mock(f) else "hall.practice-only" for f in exams}
        return [
            [f"exam:{f}", self.words.say(keys[f], exam=exams[f], count=counts[f])]
            for f in exams
            if counts[f]
        ]

    def _by_topic(self) -> list[list[str]]:
        counts: dict[str, int] = {}
        for item in self.bank.values():
            for name in item.topics:
                counts[name] = counts.get(name, 0) + 1
        return [
            [f"topic:{t}", f"{self.views.topic(t)} ({counts[t]})"] for t in topics() if t in counts
        ]

    def _exam_named(self, family: str, today: date) -> str:
        exam = certification(family, today)
        count = sum(exam.asks(item) for item in self.bank.values())
        return self.words.say("hall.exam-named", exam=exam.exam, name=exam.name, count=count)

    def _goal(self, family: str, day: date, today: date) -> str:
        exam = exams_on(day).get(family, family)
        left = (day - today).days
        few = {0: "hall.goal-today", 1: "hall.goal-tomorrow"}
        key = "hall.goal-past" if left < 0 else few.get(left, "hall.goal-kept")
        return self.words.say(key, exam=exam, day=day.isoformat(), days=left)

    def _due(self, at: int) -> list[spacing.DueItem]:
        try:
            waiting = spacing.due(self.record.attempts(), at, self.record.next_exam(_day(at)))
        except KinesisSimError:  # without fsrs nothing comes due
            return []
        return [each for each in waiting if each.item in self.bank]

    # --- what is wished ---------------------------------------------------------------------------

    def wish(self, wish: Any, at: int) -> None:
        """Do what a face asks for at an instant (epoch ms); a mistake is said, not raised."""
        self.said = self.tone = ""
        self.turn += 1
        press = wish.get("press") if isinstance(wish, dict) else None
        self.press = press if isinstance(press, str) and len(press) <= LONGEST_PRESS else ""
        sure, self._sure = self._sure, False
        do = wish.get("do") if isinstance(wish, dict) else None
        act: Callable[[dict[str, Any], int], None] | None
        act = getattr(self, f"_do_{do}", None) if isinstance(do, str) and do in WISHES else None
        if act is None:
            self._say("refused.unknown", tone="bad")
            return
        self._sure = sure and do == "end"
        try:
            if do in IN_A_SITTING and self._timed_out(at):
                return
            act(wish, at)
        except NoSitting:
            self._lost()
        except OutOfReach as error:
            self.said, self.tone = escape(error.said(self.words.lang), quote=False), "bad"
        except (UsageError, KeyError, TypeError, ValueError) as error:
            why = str(error) if isinstance(error, KinesisSimError) else ""
            self.said = escape(why or self.words.say("refused.unknown"), quote=False)
            self.tone = "bad"

    def _refused(self, key: str, **values: object) -> UsageError:
        """What is raised to be said in the learner's language."""
        return UsageError(self.words.say(f"refused.{key}", **values))

    def _say(self, key: str, *, tone: str = "good", **values: object) -> None:
        self.said, self.tone = self.words.say(key, **values), tone

    def _keep(self, turn: Turn) -> None:
        if self.sitting is not None:
            self.record.append(self.sitting, turn)

    def _timed_out(self, at: int) -> bool:
        """Whether time is up just now: then the sitting is ended, and it is said."""
        going = None if self.sitting is None else self.record.sitting(self.sitting)
        if going is None or going.ended is not None or not going.is_over(at):
            return False
        self._keep(Turn("end", at))
        self._say("sitting.time-up", tone="wait")
        return True

    def _going(self) -> Sitting:
        if self.sitting is None:
            raise self._refused("unknown")
        return self.record.sitting(self.sitting)

    def _enter(self, name: str, place: int = 0) -> None:
        self.sitting, self.place, self._proofs = name, place, {}

    def _do_practice(self, wish: dict[str, Any], at: int) -> None:
        kind, _, name = str(wish["what"]).partition(":")
        count, seed = self._count(wish), self._drawn(at)
        chosen = self._chosen(kind, name, at, seed)
        about = name.upper() if kind == "topic" else kind
        family = (family_of(name) or "") if kind == "exam" else ""
        about = exam_of(family, _day(at)) if family else about
        paper = practice_paper(chosen, count, seed, about=about, family=family)
        self._enter(self.record.begin(paper, at))
        self._say("sitting.begun", total=len(paper.questions))

    def _chosen(self, kind: str, name: str, at: int, seed: int) -> list[Item]:
        """What to practise, in the order to practise it; never nothing."""
        attempts = self.record.attempts()
        if kind == "due":
            found = [self.bank[each.item] for each in self._due(at)]
            if not found:
                raise self._refused("nothing-due")
            return found
        if kind == "weak":
            standings = choice.standings(self.bank, attempts)
            if all(each.right == each.answered for each in standings):
                raise self._refused("nothing-weak")
            return choice.weak(self.bank, attempts)
        return choice.fresh_first(self._pool(kind, name), attempts, seed)

    def _pool(self, kind: str, name: str) -> list[Item]:
        """The questions of a topic, of an exam, or all."""
        if kind == "topic":
            if name not in topics():
                raise self._refused("topic", topic=said(name))
            found = [item for item in self.bank.values() if name in item.topics]
        elif kind == "exam":
            family = family_of(name)
            if family is None:
                known = ", ".join(families())
                raise self._refused("family", exam=said(name), known=known)
            found = [item for item in self.bank.values() if family in item.exams]
        elif kind == "all":
            found = list(self.bank.values())
        else:
            raise self._refused("unknown")
        if not found:
            raise self._refused("none-of", what=name)
        return found

    def _count(self, wish: dict[str, Any]) -> int:
        count = wish["count"]
        if type(count) is not int or not 0 < count <= MOST_QUESTIONS:
            raise self._refused("count", most=MOST_QUESTIONS, count=said(count))
        return count

    def _do_mock(self, wish: dict[str, Any], at: int) -> None:
        pace, count = str(wish.get("pace", "1")), self._count(wish)
        if pace not in PACES:
            raise self._refused("unknown")
        exam = self._sat(str(wish["exam"]), _day(at))
        if not any(map(exam.asks, self.bank.values())):
            raise self._refused("none-of", what=exam.exam)
        paper = mock_paper(exam, self.bank.values(), count, self._drawn(at))
        self._enter(self.record.begin(paper, at, pace))
        self._say("sitting.begun", total=len(paper.questions))

    def _sat(self, name: str, day: date) -> Certification:
        """An exam that can be sat on a day; the learner's words for one that cannot."""
        known = exams_on(day)
        family = name.partition("-")[0].lower()
        if family in families() and family not in known:
            raise self._refused("unread", exam=exam_of(family, day))
        if family not in known:
            raise self._refused("exam", exam=said(name), known=", ".join(known.values()))
        if "-" in name and name.upper() != known[family]:
            raise self._refused("version", exam=name.upper(), day=day, version=known[family])
        return certification(name, day)

    def _do_resume(self, wish: dict[str, Any], at: int) -> None:
        name = str(wish["sitting"])
        try:
            sitting = self.record.sitting(name)
        except OutOfReach:
            raise
        except UsageError:
            raise self._refused("lost") from None
        self._enter(name, (sitting.open or [0])[0])
        if sitting.ended is None:
            self._keep(Turn("resume", at))
            total = len(sitting.paper.questions)
            self._say("sitting.resumed", answered=len(sitting.answers), total=total)

    def _do_answer(self, wish: dict[str, Any], at: int) -> None:
        going, place = self._going(), self._placed(wish)
        item = asked(going.paper.questions[place], self.bank)
        answer = None if item is None else self._answer(item, wish["answer"], going.paper.mode)
        if item is None or answer is None:
            self._keep(Turn("clear", at, place))
            self._say("sitting.taken-back")
            return
        right = is_right(item, answer)
        self._keep(Turn("answer", at, place, wish["answer"], right))
        chosen, wanted = len(wish["answer"]) if item.kind == "multi" else 0, len(item.keys)
        if going.paper.mode == "practice":
            verdict = self.views.teller.result(item, answer)["verdict"]
            self.said, self.tone = verdict, "good" if right else "bad"
        elif item.kind == "multi" and chosen != wanted:
            self._say("sitting.wants", tone="wait", chosen=chosen, count=wanted)
        else:
            self._say("sitting.kept")

    def _answer(self, item: Item, raw: Any, mode: str) -> Answer | None:
        """An answer as marking takes it; one of the wrong kind or number is told what is wanted.

        A mock exam takes less than is wanted: it keeps each choice as it is made.
        """
        try:
            answer = answer_to(item, raw)
        except UsageError:
            raise UsageError(self.views.teller.wanted(item)) from None
        least = wants(item) if mode == "practice" else 1
        if answer is None or least <= parts_of(answer) <= wants(item):
            return answer
        raise UsageError(self.views.teller.wanted(item))

    def _do_clear(self, wish: dict[str, Any], at: int) -> None:
        self._keep(Turn("clear", at, self._placed(wish)))
        self._say("sitting.taken-back")

    def _do_flag(self, wish: dict[str, Any], at: int) -> None:
        place, on = self._placed(wish), wish["on"] is True
        self._keep(Turn("flag" if on else "unflag", at, place))
        self._say("sitting.flag-set" if on else "sitting.flag-gone")

    def _do_go(self, wish: dict[str, Any], _at: int) -> None:
        self.place = self._placed(wish)

    def _do_pace(self, wish: dict[str, Any], at: int) -> None:
        if wish["pace"] not in PACES:
            raise self._refused("unknown")
        self._keep(Turn("pace", at, pace=wish["pace"]))

    def _do_end(self, _wish: dict[str, Any], at: int) -> None:
        going = self._going()
        if going.open and not self._sure and going.ended is None:
            self._sure = True
            self._say("sitting.unanswered", tone="wait", open=len(going.open))
            return
        self._sure = False
        self._keep(Turn("end", at))

    def _do_show(self, wish: dict[str, Any], at: int) -> None:
        """Run a proof: of a question that was answered in practice, or of any after the end."""
        going, place = self._going(), self._placed(wish)
        may = going.is_over(at) or (going.paper.mode == "practice" and place in going.answers)
        item = asked(going.paper.questions[place], self.bank)
        if may and item is not None:
            self._proofs[place] = as_html(evidence(item, self.words.lang), self.words.lang)

    def _do_home(self, _wish: dict[str, Any], _at: int) -> None:
        self.sitting = None

    def _do_look(self, _wish: dict[str, Any], _at: int) -> None:
        """Nothing but to see how things stand now."""

    def _do_goal(self, wish: dict[str, Any], at: int) -> None:
        name, text = str(wish["family"]), str(wish.get("day", ""))
        if not text:
            exam = self._sat(family_of(name) or name, _day(at))
            self.record.aim(exam.family, None, at)
            self._say("hall.goal-forgotten", exam=exam.exam)
            return
        try:
            day = date.fromisoformat(text)
        except ValueError:
            raise self._refused("no-day") from None
        if day < _day(at) or day.year > 9_000:
            raise self._refused("no-day")
        exam = self._sat(name, day)
        self.record.aim(exam.family, day, at)
        self.said, self.tone = self._goal(exam.family, day, _day(at)), "good"

    def _placed(self, wish: dict[str, Any]) -> int:
        place = wish["question"]
        if type(place) is not int or not 0 <= place < len(self._going().paper.questions):
            raise self._refused("unknown")
        return place

    def _drawn(self, at: int) -> int:
        return (at if self._seed is None else self._seed) % LARGEST_SEED


WISHES = frozenset(
    {
        *("practice", "mock", "resume", "answer", "clear", "flag"),
        *("go", "pace", "end", "show", "home", "look", "goal"),
    }
)
IN_A_SITTING = frozenset({"answer", "clear", "flag", "go", "pace", "end", "show", "look"})
"""Wishes that come too late when time is up."""


def _day(at: int) -> date:
    """The learner's day, in UTC."""
    return to_datetime(at - at % DAY).date()
