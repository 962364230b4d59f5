"""The demo's server: one widget, for this machine's own page and for nobody else."""

from __future__ import annotations

import json
from collections.abc import Iterator
from http.client import HTTPConnection
from threading import Thread
from typing import Any

import pytest

from kinesis_sim.__main__ import main
from kinesis_sim.course.stage.server import MOST_BYTES, OnePage
from kinesis_sim.workloads.scenes.scene import PedalaScene


@pytest.fixture(scope="module")
def stage() -> Iterator[OnePage]:
    found = OnePage(PedalaScene(warm_seconds=5).show(lang="pt-BR"), "pt-BR")
    Thread(target=found.serve_forever, args=(0.01,), daemon=True).start()
    yield found
    found.shutdown()
    found.server_close()


def ask(stage: OnePage, path: str, body: str | None = None, **headers: str) -> tuple[int, str]:
    connection = HTTPConnection("127.0.0.1", stage.server_port, timeout=30)
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request("POST" if body is not None else "GET", path, body, given)
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer.status, text


def wish(stage: OnePage, content: Any, **headers: str) -> dict[str, Any]:
    kind = {"Content_Type": "application/json"} | headers
    status, text = ask(stage, "/wish", json.dumps(content), **kind)
    assert status == 200
    found: dict[str, Any] = json.loads(text)
    return found


def test_it_has_the_page_the_widget_s_parts_and_its_state(stage: OnePage) -> None:
    status, page = ask(stage, "/")
    assert (status, 'lang="pt-BR"' in page) == (200, True)
    assert "export default { render: alive(render) }" in ask(stage, "/widget.js")[1]
    assert ".kl-room" in ask(stage, "/widget.css")[1]
    state = json.loads(ask(stage, "/state")[1])
    assert state["feed"]["rows"][-1]["time"] == "2026-01-01 00:00:05"
    assert not [name for name in state if name.startswith("_")]
    assert ask(stage, "/../pyproject.toml")[0] == 404


def test_a_wish_is_heard_as_a_kernel_would_and_answered_with_the_state(stage: OnePage) -> None:
    own = f"http://127.0.0.1:{stage.server_port}"
    state = wish(stage, {"content": {"kind": "advance", "seconds": 2}}, Origin=own)
    assert state["feed"]["rows"][-1]["time"] == "2026-01-01 00:00:07"
    assert wish(stage, {"state": {"ping": 7}})["pong"] == 7
    assert wish(stage, {"state": {"words": {}}})["words"]["title"]  # no page sets what it shows
    assert wish(stage, {"content": {"kind": "format"}})["feed"] == state["feed"]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Content_Type": "application/json", "Origin": "http://evil.example"}, 403),
        ({"Content_Type": "application/json", "Host": "evil.example"}, 403),
        ({"Content_Type": "text/plain"}, 404),
        ({"Content_Type": "application/json", "Content_Length": str(MOST_BYTES + 1)}, 413),
    ],
)
def test_strangers_are_sent_away(stage: OnePage, headers: dict[str, str], status: int) -> None:
    before = stage.state()["feed"]
    body = json.dumps({"content": {"kind": "advance", "seconds": 1}})
    assert ask(stage, "/wish", body, **headers)[0] == status
    assert stage.state()["feed"] == before
    if status == 403:
        assert ask(stage, "/state", **headers)[0] == 403


def test_what_is_no_json_is_refused(stage: OnePage) -> None:
    assert ask(stage, "/wish", "{", Content_Type="application/json")[0] == 400


def test_a_taken_port_is_one_sentence(stage: OnePage, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["demo", "--no-browser", "--port", str(stage.server_port)]) == 2
    said = capsys.readouterr().err
    assert said.startswith(f"Port {stage.server_port} cannot be used (")
    assert said.rstrip().endswith("give another one with --port.")
