"""What pages ask of us: the exam's, and those of the stage."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from kinesis_sim.course.progress import Progress
from kinesis_sim.course.stage.widget_page import WidgetPage
from kinesis_sim.exam.page.server import ExamPage
from kinesis_sim.exam.record import ExamRecord
from kinesis_sim.workloads.scenes.scene import PedalaScene
from tests.fuzz.target import Target

NOW = 1_767_225_600_000


class ServerFault(Exception):
    """An answer that says that it is our fault."""


class Asked:
    """A page that is asked wish after wish, until another begins with nothing kept.

    What a page keeps (sittings, the records of a room) is its learner's, and no growth. So that it
    hides no growth that is one, and no wish waits for the reading of it all, it ends with the page.
    most: wishes to one page, far above those of a learner or of an hour on a stage.
    """

    def __init__(self, begun: Callable[[], ExamPage | WidgetPage], most: int) -> None:
        self._begun, self._most = begun, most
        self._page: ExamPage | WidgetPage | None = None
        self._left = 0

    def granted(self, data: bytes) -> bool:
        """Whether it was done; as the page's server has it, what is no JSON never comes to it."""
        try:
            wish = json.loads(data)
        except (ValueError, RecursionError):
            return False
        status = self._now().granted(wish).status
        if status == 500:
            raise ServerFault(status)
        return status == 200

    def _now(self) -> ExamPage | WidgetPage:
        if self._page is None or not self._left:
            self._page, self._left = self._begun(), self._most
        self._left -= 1
        return self._page


def _exam() -> ExamPage:
    return ExamPage(ExamRecord(Progress()), lambda: NOW)


ROOMS: list[Any] = []
"""Those of the page that is asked now. ipywidgets holds every widget until it is closed."""


def _stage() -> WidgetPage:
    while ROOMS:
        ROOMS.pop().close()

    def room() -> object:
        ROOMS.append(PedalaScene(warm_seconds=2).show(lang="en", ask=True))
        return ROOMS[-1]

    return WidgetPage(room(), "en", another=room)


def _seat(**wanted: object) -> bytes:
    return json.dumps({"seat": "a", "lang": "en", "wish": wanted}).encode()


def _content(**wanted: object) -> bytes:
    return json.dumps({"at": "left", "content": wanted}).encode()


SEATS = [
    _seat(do="practice", what="topic:K02", count=3), _seat(do="mock", exam="saa", count=2),
    _seat(do="answer", question=0, answer=["a"]), _seat(do="look"), _seat(do="next"),
    _seat(do="flag", question=1, on=True), _seat(do="finish"), _seat(do="goal", exam="clf",
    day="2026-02-01"), b'{"seat": "a", "lang": ["en"], "wish": {}}',
    b'{"seat": {"a": 1}, "lang": "en", "wish": [1e308, null]}',
]  # fmt: skip
CONTENTS = [
    _content(kind="advance", seconds=1), _content(kind="jump"), _content(kind="fault",
    name="hot_key"), _content(kind="cure", name="split"), _content(kind="ask", on=False),
    _content(kind="guess", option="refused", votes={"refused": 3}), _content(kind="restart"),
    b'{"at": [], "content": {}}', b'{"at": ["left"], "state": {"ping": 7}}',
    b'{"state": {"ping": 1e308}}',
    b'{"at": "right", "content": [], "state": {"ping": true, "words": {}}}',
]  # fmt: skip
TARGETS: dict[str, Target] = {
    "exam wish": Target(Asked(_exam, 2_000).granted, SEATS),
    "stage wish": Target(Asked(_stage, 200).granted, CONTENTS, every=10),
}
