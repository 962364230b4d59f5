"""The exam on a page of its own: it sends its files and the lessons, and grants wishes in seats.

Each window has a seat, and each seat a booth in a language.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from html import escape
from pathlib import Path
from string import Template
from typing import Any, ClassVar

from kinesis_sim.aws.exchange import Reply
from kinesis_sim.course.item import Item
from kinesis_sim.course.progress import OutOfReach
from kinesis_sim.course.stage.page import LocalPage, answered, refused
from kinesis_sim.course.words import LANGUAGES
from kinesis_sim.exam.booth import Booth
from kinesis_sim.exam.page.lesson import LESSONS, lesson_page, lessons_before
from kinesis_sim.exam.record import ExamRecord
from kinesis_sim.exam.widget import ExamDesk
from kinesis_sim.exam.words import ExamWords
from kinesis_sim.show.kit.words import Words

HERE = Path(__file__).parent
MOST_SEATS = 50
"""Windows that are remembered at a time; one that comes back later begins in the hall."""


class ExamPage(LocalPage):
    """The ASGI application. record: what is kept; now: the learner's time (epoch ms).

    bank: the questions, all of the course's unless given.
    """

    largest_wish: ClassVar[int] = 16_384

    def __init__(
        self,
        record: ExamRecord,
        now: Callable[[], int],
        lang: str = "en",
        bank: Sequence[Item] | None = None,
    ) -> None:
        super().__init__()
        self._record, self._now, self._lang, self._bank = record, now, lang, bank
        self._seats: OrderedDict[tuple[str, str], Booth] = OrderedDict()

    def file(self, path: str) -> Reply | None:
        """A file of the page; at / it speaks the language that it was given."""
        lang = self._lang if path == "/" else path.removeprefix("/")
        if lang in LANGUAGES:
            return Reply(200, _page(lang).encode(), "text/html; charset=utf-8")
        if path == "/exam.js":
            return Reply(200, str(ExamDesk._esm).encode(), "text/javascript; charset=utf-8")
        if path == "/page.js":
            text = HERE.joinpath("page.js").read_bytes()
            return Reply(200, text, "text/javascript; charset=utf-8")
        if path == "/exam.css":
            own = HERE.joinpath("page.css").read_text("utf-8")
            return Reply(200, f"{ExamDesk._css}{own}".encode(), "text/css; charset=utf-8")
        if path == "/lesson.css":
            texts = [HERE.joinpath(f"{name}.css").read_text("utf-8") for name in ("page", "lesson")]
            return Reply(200, "".join(texts).encode(), "text/css; charset=utf-8")
        lesson = lesson_page(path) if path.startswith(LESSONS) else None
        return None if lesson is None else Reply(200, lesson, "text/html; charset=utf-8")

    def granted(self, wish: Any) -> Reply:
        """Do what a seat wishes, and tell it what to show."""
        seat, lang = (
            (wish.get("seat"), wish.get("lang")) if isinstance(wish, dict) else (None, None)
        )
        if not isinstance(seat, str) or len(seat) > 64 or lang not in LANGUAGES:
            return refused(400, "A wish is an object with seat, lang and wish.")
        try:
            return answered(self._told(self._booth(seat, lang), wish.get("wish")))
        except OutOfReach as error:
            return refused(503, error.said(lang))

    def _told(self, booth: Booth, wish: Any) -> dict[str, Any]:
        booth.wish(wish, self._now())
        silence = Words("kit", booth.words.lang).say("silent")
        labels = booth.views.labels()
        return {"labels": labels, "silence": silence, "view": booth.view(self._now())}

    def _booth(self, seat: str, lang: str) -> Booth:
        key = (seat, lang)
        if key not in self._seats:
            lessons = lessons_before(lang)
            self._seats[key] = Booth(self._record, lang, self._bank, lessons=lessons)
        self._seats.move_to_end(key)
        while len(self._seats) > MOST_SEATS:
            self._seats.popitem(last=False)
        return self._seats[key]


def _page(lang: str) -> str:
    words = ExamWords(lang)
    text = HERE.joinpath("exam.html").read_text("utf-8")
    return Template(text).substitute(lang=lang, title=escape(words.say("title")))
