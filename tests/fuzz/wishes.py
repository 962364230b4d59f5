"""What pages ask of us: the exam's, and those of the stage."""

from __future__ import annotations

import json
from functools import cache

from kinesis_sim.course.progress import Progress
from kinesis_sim.course.stage.widget_page import WidgetPage
from kinesis_sim.exam.page.server import ExamPage
from kinesis_sim.exam.record import ExamRecord
from kinesis_sim.workloads.scenes.scene import PedalaScene
from tests.fuzz.target import Target

NOW = 1_767_225_600_000


class ServerFault(Exception):
    """An answer that says that it is our fault."""


@cache
def _exam() -> ExamPage:
    return ExamPage(ExamRecord(Progress()), lambda: NOW)


@cache
def _stage() -> WidgetPage:
    def room() -> object:
        return PedalaScene(warm_seconds=2).show(lang="en", ask=True)

    return WidgetPage(room(), "en", another=room)


def _granted(page: ExamPage | WidgetPage, data: bytes) -> bool:
    """Whether it was done; as the page's server has it, what is no JSON never comes to it."""
    try:
        wish = json.loads(data)
    except (ValueError, RecursionError):
        return False
    status = page.granted(wish).status
    if status == 500:
        raise ServerFault(status)
    return status == 200


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
    "exam wish": Target(lambda data: _granted(_exam(), data), SEATS),
    "stage wish": Target(lambda data: _granted(_stage(), data), CONTENTS, every=10),
}
