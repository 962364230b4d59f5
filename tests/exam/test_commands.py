"""``python -m kinesis_sim exam``: a whole exam in the terminal, and a sentence for each mistake."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from kinesis_sim.__main__ import main
from kinesis_sim.course import progress_file
from kinesis_sim.course.bank import items
from kinesis_sim.course.progress import FILE, VARIABLE, Progress
from kinesis_sim.exam.booth import Booth
from kinesis_sim.exam.record import ExamRecord
from kinesis_sim.exam.terminal import Terminal, plain
from tests.course.items import MULTI, item
from tests.exam.pool import NOW, pool
from tests.exam.test_bank_file import GOOD as OWN


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my-kinesis-lab").mkdir()
    return tmp_path


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(["exam", *arguments]) == 0
    return capsys.readouterr().out


def at_terminal(*lines: str, lang: str = "en", **wish: Any) -> tuple[str, Booth]:
    """What is printed when somebody types these lines, and the booth they leave."""
    booth = Booth(ExamRecord(Progress()), lang, pool(5).values(), lessons=None, seed=1)
    typed: Iterator[str] = iter(lines)

    def ask(prompt: str) -> str:
        try:
            return next(typed)
        except StopIteration:
            raise EOFError from None

    told: list[str] = []
    Terminal(booth, ask, told.append, lambda: NOW).run(**wish)
    return "\n".join(told), booth


MOCK = {"do": "mock", "exam": "saa", "count": 3}


def test_an_exam_is_sat_at_the_terminal() -> None:
    told, booth = at_terminal("1", "n", "f", "2", "t", "3.", "4", "p", "c", "l", "e", "e", **MOCK)
    assert "Mock exam SAA-C03 · Question 1 of 3" in told
    assert "6 minutes left." in told
    assert "Question 2, no answer yet, flagged" in told
    assert "Report: Mock exam SAA-C03" in told
    assert "too few to say" in told
    assert "No lesson yet: “Security” is to teach it" in told
    assert booth.record.open() is None


def test_the_end_of_input_leaves_the_exam_open() -> None:
    told, booth = at_terminal("1", **MOCK)
    assert "Kept." in told
    assert booth.record.open() is not None


@pytest.mark.parametrize("stop", [EOFError, KeyboardInterrupt])
def test_whoever_stops_in_the_middle_begins_a_new_line_and_keeps_all(
    stop: type[BaseException],
) -> None:
    def ask(_: str) -> str:
        raise stop

    booth = Booth(ExamRecord(Progress()), "en", pool().values(), lessons=None, seed=3)
    told: list[str] = []
    Terminal(booth, ask, told.append, lambda: NOW).run(**MOCK)
    assert told[-1] == ""
    assert booth.record.open() is not None


def test_who_breaks_off_a_command_gets_no_traceback(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def breaks(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Booth, "wish", breaks)
    assert main(["exam", "practice"]) == 130
    assert capsys.readouterr() == ("\n", "")


@pytest.mark.parametrize("lang", ["en", "pt-BR"])
def test_a_terminal_of_40_columns_breaks_lines_between_words(lang: str) -> None:
    booth = Booth(ExamRecord(Progress()), lang, pool().values(), lessons=None, seed=3)
    typed = iter(["1", "l", "t", "?", "e", "e"])
    told: list[str] = []
    ask = lambda _: next(typed, "q")  # noqa: E731
    Terminal(booth, ask, told.append, lambda: NOW, 40).run(**MOCK)
    lines = "\n".join(told).split("\n")
    assert [line for line in lines if len(line) > 40] == []
    assert [line for line in lines if line.startswith("c  ")] != [], "keys stand one below another"


def test_questions_of_ones_own_are_exported(folder: Path, tmp_path: Path) -> None:
    own, path = tmp_path / "own.toml", tmp_path / "own.csv"
    own.write_text(OWN, "utf-8")
    for place in (["--bank", str(own), "export"], ["export", "--bank", str(own)]):
        assert main(["exam", *place, "csv", str(path)]) == 0
        [row] = csv.DictReader(io.StringIO(path.read_text("utf-8-sig")))
        assert (row["id"], row["key"]) == ("own-1", "Option b")


def test_a_name_that_no_report_would_read_is_not_exported(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    booth = Booth(
        ExamRecord(Progress(folder / "my-kinesis-lab" / FILE)), "en", pool().values(), lessons=None
    )
    booth.wish({"do": "practice", "what": "all", "count": 1}, NOW)
    booth.wish({"do": "answer", "question": 0, "answer": ["a"]}, NOW)
    path = tmp_path / "attempts.jsonl"
    arguments = ["exam", "export", "attempts", str(path), "--learner"]
    assert main([*arguments, "x" * 81]) == 2
    assert "80 printable characters at most" in capsys.readouterr().err
    assert not path.exists()
    assert main([*arguments, "Zoë"]) == 0


def test_practice_explains_at_once_in_portuguese() -> None:
    wish = {"do": "practice", "what": "topic:K02", "count": 1}
    told, _ = at_terminal("9", "1", "e", lang="pt-BR", **wish)
    assert "Prática: K02, Produtores · Questão 1 de 1" in told
    assert "because of b" in told
    assert "Fonte (em inglês): API reference of Data Streams" in told
    assert "retirar a resposta" in told


def two_of_five(lang: str, *lines: str) -> tuple[str, Booth]:
    """What is printed when somebody answers a question of two answers with these lines."""
    asked = item(**MULTI)
    booth = Booth(ExamRecord(Progress()), lang, [asked], lessons=None, seed=1)
    typed = iter(lines)
    told: list[str] = []
    ask = lambda _: next(typed, "q")  # noqa: E731
    Terminal(booth, ask, told.append, lambda: NOW).run(do="practice", what="all", count=1)
    return "\n".join(told), booth


@pytest.mark.parametrize("line", ["1", "1 2 3", "1 9", "0", "1 1", "1, two"])
@pytest.mark.parametrize(
    ("lang", "sentence"),
    [("en", "This question wants TWO answers"), ("pt-BR", "pede DUAS respostas")],
)
def test_select_two_takes_two(line: str, lang: str, sentence: str) -> None:
    told, booth = two_of_five(lang, line)
    assert sentence in told
    assert booth.record.attempts() == [], "the first answer counts, so this is none"
    _, answered = two_of_five(lang, line, "1 2")
    assert len(answered.record.attempts()) == 1


def test_one_of_four_takes_one() -> None:
    wish = {"do": "practice", "what": "topic:K02", "count": 1}
    told, booth = at_terminal("1 2", "5", **wish)
    assert told.count("This question wants one answer: one of its options.") == 2
    assert booth.record.attempts() == []


def test_the_bank_is_told_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    found = json.loads(said(capsys, "stats", "--json"))
    assert list(found) == ["questions", "proved", "by_exam", "by_topic", "languages"]
    assert found["questions"] == len(items())
    assert found["languages"] == ["en", "pt-BR"]
    assert found["by_exam"]["saa"] == sum("saa" in item.exams for item in items())
    assert found["by_topic"]["K02"] >= 1


def test_what_is_kept_lies_in_the_learners_folder(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = iter(["1", "e", "e", ""])
    monkeypatch.setattr("builtins.input", lambda _: next(lines))
    assert "Report" in said(capsys, "mock", "saa", "--questions", "1")
    assert (folder / "my-kinesis-lab" / "progress.sqlite").exists()
    assert "Mock exam SAA-C03" in said(capsys, "report")
    assert "in all: 1." in said(capsys, "due")
    assert "days left" in said(capsys, "goal", "saa", "2999-01-01")
    hall = said(capsys, "--edition", "pt-BR")
    assert "Respondidas até agora: 1" in hall
    assert "2999-01-01" in hall
    said(capsys, "export", "attempts", "mine.jsonl", "--learner", "ana")
    assert json.loads((folder / "mine.jsonl").read_text())["learner"] == "ana"
    told = said(capsys, "report", "mine.jsonl", "--csv", "items.csv", "--figure", "items.png")
    assert told.startswith("Questions: 1; sittings: 1; learners: 1.")
    assert (folder / "items.png").read_bytes().startswith(b"\x89PNG")


def test_what_is_said_around_an_exam_is_said_in_portuguese(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pt = ("--edition", "pt-BR")
    assert "gravado em out.csv" in said(capsys, "export", "csv", "out.csv", *pt)
    told = said(capsys, "stats", *pt)
    assert f"{len(items())} questões, " in told
    assert " tópicos; en, pt-BR." in told
    assert "dias" in said(capsys, "goal", "saa", "2999-01-01", *pt)
    for arguments, sentence in (
        (["report"], "Nenhum simulado e nenhuma prática foram terminados ainda."),
        (["export", "csv", "no/folder.csv"], "Não foi possível gravar no/folder.csv"),
        (["due", "--folder", "elsewhere"], "Não há uma pasta elsewhere aqui"),
    ):
        assert main(["exam", *arguments, *pt]) == 2
        assert sentence in capsys.readouterr().err


def test_a_busy_file_is_told_in_the_editions_language(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress_file, "BUSY_MS", 1)
    file = folder / "my-kinesis-lab" / "progress.sqlite"
    said(capsys, "due")
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("begin exclusive")
        for lang, sentence in (("en", "what was kept before is safe"), ("pt-BR", "está seguro")):
            assert main(["exam", "mock", "saa", "--edition", lang]) == 2
            out, err = capsys.readouterr()
            assert sentence in out + err


@pytest.mark.parametrize("form", ["anki", "moodle", "gift", "csv", "paper"])
def test_the_bank_is_exported(form: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "written to out.html" in said(capsys, "export", form, "out.html", "--exam", "clf")
    assert (folder / "out.html").stat().st_size > 500
    assert (folder / "out-key.html").exists() is (form == "paper")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["report"], "No exam and no practice has been finished yet."),
        (["review"], "No exam and no practice has been finished yet."),
        (["report", "nowhere.jsonl"], "nowhere.jsonl cannot be read as attempts"),
        (["export", "csv", "no/such/folder.csv"], "no/such/folder.csv cannot be written"),
        (["export", "csv", "x.csv", "--exam", "xyz"], "There is no exam family 'xyz'"),
        (["due", "--folder", "elsewhere"], "There is no folder elsewhere here"),
        (["--web", "--port", "99999"], "Port 99999 on 127.0.0.1 cannot be opened"),
    ],
)
def test_a_mistake_is_one_sentence(
    arguments: list[str], sentence: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["exam", *arguments]) == 2
    out, err = capsys.readouterr()
    assert sentence in err
    assert "Traceback" not in out + err


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["mock", "xyz"], "There is no mock exam 'xyz'"),
        (["mock", "saa", "--questions", "0"], "A paper has 1 to 200 questions, not 0."),
        (["mock", "sap"], "SAP-C03 has no mock exam here"),
        (["practice", "--topic", ""], "The blueprint has no topic ''"),
        (["practice", "--exam", ""], "There is no exam family ''"),
        (["practice", "--topic", "Z99"], "The blueprint has no topic 'Z99'"),
        (["practice", "--due"], "Nothing is due today."),
        (["goal", "saa", "yesterday"], "Write the day as a date"),
    ],
)
def test_what_cannot_be_sat_is_said(
    arguments: list[str], sentence: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["exam", *arguments]) == 2
    assert sentence in capsys.readouterr().out


def test_a_strangers_progress_file_is_named_and_left_alone(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = folder / "my-kinesis-lab" / "progress.sqlite"
    file.write_bytes(b"a diary, no database" * 50)
    assert main(["exam", "due"]) == 2
    assert "is not to be used as a progress file" in capsys.readouterr().err
    assert file.read_bytes().startswith(b"a diary")


def test_html_is_told_plainly() -> None:
    html = '<pre><code>a &lt; b</code></pre><p>It <strong>is</strong>.</p><img src="x" alt="A map">'
    assert plain(html) == "a < b\nIt is.\nA map"
