"""The demo's server: one widget, for this machine's own page and for nobody else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from kinesis_sim.__main__ import main
from kinesis_sim.course.stage import demo
from kinesis_sim.course.stage.page import PageServer
from kinesis_sim.course.stage.plan import LESSONS, plan
from kinesis_sim.course.stage.widget_page import WidgetPage
from kinesis_sim.exam import commands as exam
from kinesis_sim.show.control_room.widget import ControlRoom
from kinesis_sim.workloads.scenes.scene import FAULTS, PedalaScene
from tests.course.test_portuguese_outputs import Text
from tests.course.test_portuguese_texts import english


@pytest.fixture(scope="module")
def stage() -> WidgetPage:
    def another() -> ControlRoom:
        return PedalaScene(warm_seconds=5).show(lang="pt-BR", ask=False)

    def hour() -> str:
        return plan(lambda: PedalaScene(warm_seconds=30).show(lang="pt-BR"), "pt-BR")

    room = PedalaScene(warm_seconds=5).show(lang="pt-BR")
    return WidgetPage(room, "pt-BR", another=another, plan=hour)


@pytest.fixture(scope="module")
def http(stage: WidgetPage) -> Iterator[httpx.Client]:
    with PageServer(stage) as server, httpx.Client(base_url=server.url, timeout=180) as client:
        yield client


def wish(http: httpx.Client, content: Any, **headers: str) -> dict[str, Any]:
    answer = http.post("/wish", json=content, headers=headers)
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()
    return found


def test_it_has_the_page_the_widget_s_parts_and_its_state(http: httpx.Client) -> None:
    page = http.get("/")
    assert (page.status_code, 'lang="pt-BR"' in page.text) == (200, True)
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'self'" in policy
    assert "export default { render: alive(render) }" in http.get("/widget.js").text
    assert ".kl-room" in http.get("/widget.css").text
    state = http.get("/state").json()
    assert state["feed"]["rows"][-1]["time"] == "2026-01-01 00:00:05"
    assert not [name for name in state if name.startswith("_")]
    assert http.get("/../pyproject.toml").status_code == 404


def test_a_wish_is_heard_as_a_kernel_would_and_answered_with_the_state(http: httpx.Client) -> None:
    own = str(http.base_url).rstrip("/")
    state = wish(http, {"content": {"kind": "advance", "seconds": 2}}, origin=own)
    assert state["feed"]["rows"][-1]["time"] == "2026-01-01 00:00:07"
    assert wish(http, {"state": {"ping": 7}})["pong"] == 7
    assert wish(http, {"state": {"words": {}}})["words"]["title"]  # no page sets what it shows
    assert wish(http, {"content": {"kind": "format"}})["feed"] == state["feed"]


JSON = {"content-type": "application/json"}
ADVANCE = b'{"content": {"kind": "advance", "seconds": 1}}'


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        (JSON | {"origin": "http://evil.example"}, ADVANCE, 403),
        (JSON | {"host": "evil.example"}, ADVANCE, 403),
        (JSON | {"sec-fetch-site": "cross-site"}, ADVANCE, 403),
        (JSON | {"referer": "http://evil.example/"}, ADVANCE, 403),
        ({"content-type": "text/plain"}, ADVANCE, 415),
        (JSON, ADVANCE + b" " * WidgetPage.largest_wish, 413),
        (JSON, b"{", 400),
        (JSON, b"[" * 60_000, 400),
        (JSON, b"\xff", 400),
        (JSON, b'{"at": [], "content": {"kind": "advance", "seconds": 1}}', 404),
        (JSON, b'{"at": {}, "content": {"kind": "advance", "seconds": 1}}', 404),
    ],
    ids=str,
)
def test_strangers_are_sent_away(
    http: httpx.Client, stage: WidgetPage, headers: dict[str, str], body: bytes, status: int
) -> None:
    before = stage.state()["feed"]
    assert http.post("/wish", content=body, headers=headers).status_code == status
    assert stage.state()["feed"] == before
    if status == 403:
        assert http.get("/state", headers=headers).status_code == 403


@pytest.mark.parametrize(
    ("lang", "begin", "end"),
    [
        ("en", "Port {port} cannot be used (", "give another one with --port."),
        ("pt-BR", "A porta {port} não pode ser usada (", "dê outra com --port."),
    ],
)
def test_a_taken_port_is_one_sentence(
    http: httpx.Client, lang: str, begin: str, end: str, capsys: pytest.CaptureFixture[str]
) -> None:
    port = str(http.base_url.port)
    assert main(["demo", "--no-browser", "--edition", lang, "--port", port]) == 2
    said = capsys.readouterr().err
    assert said.startswith(begin.format(port=port))
    assert said.rstrip().endswith(end)
    assert main(["demo", "--no-browser", "--port", "99999"]) == 2
    assert "Port 99999 cannot be used" in capsys.readouterr().err


def test_demo_exam_and_endpoint_have_a_port_each() -> None:
    assert len({demo.PORT, exam.PORT, 4567}) == 3


def test_two_runs_side_by_side_begin_alike_and_go_their_own_ways(http: httpx.Client) -> None:
    page = http.get("/beside")
    assert page.text.count("<iframe") == 2
    assert "frame-src 'self'; frame-ancestors 'self'" in page.headers["content-security-policy"]
    left, right = (http.get(f"/{side}/state").json() for side in ("left", "right"))
    assert left == right
    broken = wish(http, {"content": {"kind": "fault", "name": "hot_key"}, "at": "left"})
    assert broken["feed"]["faults"]["hot_key"] is True
    assert http.get("/right/state").json() == right
    assert http.get("/left/widget.js").text == http.get("/widget.js").text
    assert http.get("/middle/state").status_code == 404
    assert http.post("/wish", json={"content": {}, "at": "middle"}).status_code == 404


@pytest.mark.parametrize("path", ["/teacher", "/beside"])
def test_a_page_is_in_its_language(http: httpx.Client, path: str) -> None:
    reader = Text()
    reader.feed(http.get(path).text)
    assert len(reader.text.split()) > 2
    assert english(reader.text) == []


def test_the_teacher_s_page_has_every_fault_with_what_then_happens(http: httpx.Client) -> None:
    page = http.get("/teacher").text
    assert set(LESSONS) == set(FAULTS)
    assert page.count("<td><strong>") == len(FAULTS)
    assert "<td><strong>Um shard.</strong></td>" in page  # of a hot key
    assert "$" not in page


def test_a_widget_alone_has_neither() -> None:
    alone = WidgetPage(PedalaScene(warm_seconds=5).show(), "en")
    assert [alone.file(path) for path in ("/beside", "/teacher", "/left/", "/left/state")] == [
        *(None, None, None, None),
    ]
    assert alone.granted({"content": {"kind": "jump"}, "at": "left"}).status == 404
