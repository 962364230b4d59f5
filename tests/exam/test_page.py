"""The page's server: its files, its wishes, and nothing for pages of other sites."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest

from kinesis_sim.course import progress_file
from kinesis_sim.course.progress import Progress
from kinesis_sim.course.stage.page import PageServer
from kinesis_sim.exam.page.server import ExamPage
from kinesis_sim.exam.record import ExamRecord
from tests.exam.pool import NOW, pool


@pytest.fixture(scope="module")
def record() -> ExamRecord:
    return ExamRecord(Progress())


@pytest.fixture(scope="module")
def http(record: ExamRecord) -> Iterator[httpx.Client]:
    page = ExamPage(record, lambda: NOW)
    with PageServer(page) as server, httpx.Client(base_url=server.url) as client:
        yield client


def wish(http: httpx.Client, seat: str = "a", lang: str = "en", **wanted: Any) -> Any:
    answer = http.post("/wish", json={"seat": seat, "lang": lang, "wish": wanted})
    assert answer.status_code == 200
    return answer.json()


@pytest.mark.parametrize(
    ("path", "kind", "holds"),
    [
        ("/", "text/html", 'lang="en"'),
        ("/pt-BR", "text/html", "Preparação para a prova"),
        ("/exam.js", "text/javascript", "export default"),
        ("/page.js", "text/javascript", "/wish"),
        ("/exam.css", "text/css", ".kl-exam"),
        ("/lesson.css", "text/css", ".kl-lesson"),
        ("/lessons/en/03_producers.ipynb", "text/html", 'id="cell-id=two-limits"'),
        ("/lessons/pt-BR/03_producers.ipynb", "text/html", "Dois limites"),
    ],
)
def test_the_pages_files(http: httpx.Client, path: str, kind: str, holds: str) -> None:
    answer = http.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith(kind)
    assert holds in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "http://" not in answer.text.replace("http://www.w3.org", "")


@pytest.mark.parametrize(
    "path",
    [
        "/lessons/en/17_integrations.ipynb",  # to come
        "/lessons/fr/03_producers.ipynb",
        "/lessons/en/03_producers",
        "/lessons/en/%2e%2e%2fjupyterlab.json",
        "/lessons/en/..%2Fen%2F03_producers.ipynb",
    ],
)
def test_only_lessons_that_are_written_are_read_here(http: httpx.Client, path: str) -> None:
    assert http.get(path).status_code == 404


def test_a_lesson_to_be_read_runs_nothing(http: httpx.Client) -> None:
    text = http.get("/lessons/en/04_readers.ipynb").text
    assert "<script" not in text
    assert '<pre tabindex="0">' in text


def test_a_question_is_answered_on_the_page(http: httpx.Client, record: ExamRecord) -> None:
    view = wish(http, do="practice", what="topic:K02", count=1)["view"]
    [asked] = [view["question"]["asked"]]
    told = wish(http, do="answer", question=0, answer=[asked["options"][0][0]])
    assert told["view"]["question"]["result"] is not None
    assert len(record.attempts()) >= 1


def test_each_window_has_a_seat_of_its_own(http: httpx.Client) -> None:
    wish(http, "b", do="mock", exam="saa", count=2)
    assert wish(http, "b", do="look")["view"]["screen"] == "question"
    assert wish(http, "c", do="look")["view"]["screen"] == "hall"
    assert wish(http, "b", "pt-BR", do="look")["view"]["screen"] == "hall"


WISH = json.dumps({"seat": "evil", "lang": "en", "wish": {"do": "mock", "exam": "saa", "count": 2}})
JSON = {"content-type": "application/json"}


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        (JSON | {"origin": "https://evil.example"}, 403),
        (JSON | {"sec-fetch-site": "cross-site"}, 403),
        (JSON | {"referer": "https://evil.example/page"}, 403),
        (JSON | {"host": "evil.example"}, 403),
        ({"content-type": "text/plain"}, 415),
        ({"content-type": "application/x-www-form-urlencoded"}, 415),
        ({}, 415),
    ],
)
def test_a_page_of_another_site_changes_nothing(
    http: httpx.Client, record: ExamRecord, headers: dict[str, str], status: int
) -> None:
    before = record.progress.exported()
    assert http.post("/wish", content=WISH, headers=headers).status_code == status
    assert record.progress.exported() == before


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"null",
        b"{",
        b"[" * 9_000,
        b'{"seat": 5, "lang": "en", "wish": {}}',
        b'{"seat": "a", "lang": "../../etc", "wish": {}}',
        b'{"seat": "a", "lang": ["en"], "wish": {}}',
        json.dumps({"seat": "x" * 100, "lang": "en", "wish": {}}).encode(),
    ],
)
def test_what_is_no_wish_gets_one_sentence(http: httpx.Client, body: bytes) -> None:
    answer = http.post("/wish", content=body, headers=JSON)
    assert answer.status_code == 400
    assert answer.json()["message"] in (
        "A wish is an object with seat, lang and wish.",
        "A wish is JSON, and this is none.",
    )


def test_bodies_and_methods_have_bounds(http: httpx.Client) -> None:
    large = b" " * (ExamPage.largest_wish + 1)
    assert http.post("/wish", content=large, headers=JSON).status_code == 413
    assert http.delete("/").status_code == 405
    assert http.get("/../../etc/passwd").status_code == 404
    assert http.get("/questions/K02.toml").status_code == 404


def test_a_busy_disk_is_said_in_the_pages_language(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress_file, "BUSY_MS", 1)
    file = tmp_path / "progress.sqlite"
    page = ExamPage(ExamRecord(Progress(file)), lambda: NOW)
    with PageServer(page) as server, httpx.Client(base_url=server.url) as client:
        wish(client, do="mock", exam="saa", count=2)
        with closing(sqlite3.connect(file, isolation_level=None)) as other:
            other.execute("begin exclusive")
            told = wish(client, do="flag", question=0, on=True)["view"]
            assert (told["screen"], told["tone"]) == ("question", "bad")
            assert "what was kept before is safe" in told["say"]
        file.unlink()
        for more in ("-wal", "-shm"):
            file.with_name(file.name + more).unlink(missing_ok=True)
        file.mkdir()
        body = {"seat": "b", "lang": "pt-BR", "wish": {"do": "look"}}
        answer = client.post("/wish", json=body)
        assert answer.status_code == 503
        assert "não pode ser lido nem escrito agora" in answer.json()["message"]


def test_the_page_asks_ones_own_questions() -> None:
    page = ExamPage(ExamRecord(Progress()), lambda: NOW, bank=list(pool(1).values()))
    with PageServer(page) as server, httpx.Client(base_url=server.url) as client:
        hall = wish(client, do="look")["view"]["hall"]
        assert hall["practice"][0] == ["all", "Everything (4)"]
