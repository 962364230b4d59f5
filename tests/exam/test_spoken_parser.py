"""The terminal in Portuguese: help, mistakes, files that do not fit, a whole exam; no English."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from kinesis_sim.__main__ import main
from kinesis_sim.course.progress import VARIABLE, Progress
from kinesis_sim.course.spoken_parser import MISTAKES, edition_of
from kinesis_sim.course.words import CourseWords
from kinesis_sim.errors import UsageError
from kinesis_sim.exam.attempts_file import read_attempts
from kinesis_sim.exam.bank_file import LARGEST_FILE, read_bank
from kinesis_sim.exam.booth import Booth
from kinesis_sim.exam.commands import ACTIONS
from kinesis_sim.exam.record import ExamRecord
from kinesis_sim.exam.terminal import Terminal
from kinesis_sim.words import speak, spoken_language
from tests.exam.pool import NOW
from tests.exam.test_bank_file import HOSTILE
from tests.exam.test_statistics import STRANGE

PT = ("--edition", "pt-BR")
ENGLISH = re.compile(
    r"\b(the|of|is|are|was|not|with|and|cannot|by|it|its|you|your|which|what|from|this|that|there|"
    r"then|only|than|more|less|an|in|on|one|two|all|any|each|again|here|now|question|questions|"
    r"answer|answers|answered|right|wrong|file|folder|exam|error|usage|options|argument|arguments|"
    r"invalid|choice|choose|expected|required|default|show|help|command|lesson|taught)\b",
    re.IGNORECASE,
)
NO_WORDS = re.compile(
    r"`[^`]*`|\"[^\"]*\"|'[^']*'|\{[^}]*\}|https?://\S+|\S*/\S+|--[\w-]+|\([^)]*\)"
    r"|^\s*Fonte \(em inglês\): .*$|kinesis-lab .*|python -m .*",
    re.MULTILINE,
)
"""What is no sentence: code, values, addresses, English terms in brackets, titles of pages."""


def english_in(text: str) -> list[str]:
    """The English words in what was said; names, values and code aside."""
    return [found[0] for found in ENGLISH.finditer(NO_WORDS.sub(" ", text))]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my-kinesis-lab").mkdir()
    return tmp_path


@pytest.fixture
def portuguese() -> Iterator[None]:
    before = spoken_language()
    speak("pt-BR")
    yield
    speak(before)


def test_the_measure_knows_english() -> None:
    assert english_in("The day of your exam")
    assert not english_in("O dia da sua prova (exam day): `kinesis:Get*`, 'the', --help")


@pytest.mark.parametrize("action", ["", *ACTIONS])
def test_help_is_in_the_editions_language(action: str, capsys: pytest.CaptureFixture[str]) -> None:
    for lang, heading in (("pt-BR", "uso:"), ("en", "usage:")):
        with pytest.raises(SystemExit) as ended:
            main(["exam", "--edition", lang, *action.split(), "--help"])
        told = capsys.readouterr().out
        assert ended.value.code == 0
        assert told.startswith(heading)
        usage, _, rest = told.partition("\n\n")
        commands = re.sub(r"(?m)^ {4}\w+", "", rest)  # names of commands and arguments
        arguments = re.sub(r"(?m)^  (\S+( [A-Z{]\S*)?)", "", commands)
        assert (english_in(arguments) == []) is (lang == "pt-BR"), usage


OF_THE_COURSE = ("lab", "again", "demo", "progress", *(
    f"progress {action}" for action in ("show", "export", "import", "delete")
))  # fmt: skip


@pytest.mark.parametrize("command", OF_THE_COURSE)
def test_the_courses_commands_help_and_correct_in_their_editions_language(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for lang, usage, error in (("pt-BR", "uso:", ": erro: "), ("en", "usage:", ": error: ")):
        with pytest.raises(SystemExit):
            main([*command.split(), "--edition", lang, "--help"])
        told = capsys.readouterr().out
        assert told.startswith(usage)
        names = r"(?m)^ {2,4}\S+( [A-Z{]\S*)?"
        sentences = re.sub(names, "", told.partition("\n\n")[2])
        assert (english_in(sentences) == []) is (lang == "pt-BR")
        with pytest.raises(SystemExit) as ended:
            main([*command.split(), "--edition", lang, "--nothing-like-it"])
        assert ended.value.code == 2
        assert error in capsys.readouterr().err


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("lab --prepare", "copiado: pt-BR/00_start_here.ipynb"),
        ("again start_here", "A lição recomeça; a antiga é"),
        ("again nada", "Não há a lição 'nada'; há "),
        ("progress export mine.json", "gravado em mine.json"),
        ("progress import mine.json", "linhas entraram"),
        ("progress import nada.json", "nada.json não pode ser usado"),
        ("progress delete", "confirme com --yes"),
        ("progress show --folder nada", "Não há uma pasta nada aqui"),
    ],
)
def test_the_courses_commands_say_what_they_did(
    given: str, said: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["lab", "--prepare"]) if "lab" not in given else None
    main(["progress", "export", "mine.json"]) if "import mine" in given else None
    capsys.readouterr()
    main([*given.split(), *PT])
    told = capsys.readouterr()
    assert said in told.out + told.err
    assert spoken_language() == "en"


MISTAKEN = {
    "one": ["mock", "saa", "--time"],
    "whole": ["mock", "saa", "--questions", "dez"],
    "choice": ["mock", "saa", "--time", "7"],
    "both": ["practice", "--weak", "--due"],
    "none": ["stats", "--json=sim"],
    "missing": ["mock"],
    "unknown": ["stats", "--nada"],
    "ambiguous": ["practice", "--e", "x"],
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_told_in_the_editions_language(
    mistake: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["exam", *PT, *MISTAKEN[mistake]])
    assert ended.value.code == 2
    [said] = [line for line in capsys.readouterr().err.split("\n") if ": erro: " in line]
    pattern = CourseWords("commands", "pt-BR").under("mistake")[mistake]
    start = pattern.split("{")[0]
    assert f": erro: {start}" in said
    sentence = said.partition(": erro: ")[2].removesuffix(": exam")  # the argument's name
    assert english_in(sentence) == []


def test_the_language_is_read_wherever_it_stands() -> None:
    assert edition_of([]) == "en"
    assert edition_of(["practice", "--edition", "pt-BR"]) == "pt-BR"
    assert edition_of(["--edition=pt-BR", "mock", "saa"]) == "pt-BR"
    assert edition_of(["--edit", "pt-BR", "mock", "--edition", "en"]) == "en"
    assert edition_of(["--edition", "fr"]) == edition_of(["--edition"]) == "en"
    assert edition_of(["practice", "--exam", "pt-BR"]) == "en"


def test_a_command_leaves_the_language_as_it_was(folder: Path) -> None:
    assert main(["exam", *PT, "due"]) == 0
    assert main(["exam", *PT, "report"]) == 2
    assert spoken_language() == "en"


def refused(read: object) -> str:
    with pytest.raises(UsageError) as refusal:
        read()  # type: ignore[operator]
    return str(refusal.value)


@pytest.mark.usefixtures("portuguese")
def test_a_strangers_bank_is_refused_in_portuguese(tmp_path: Path) -> None:
    path = tmp_path / "meu.toml"
    for text in (*(text for text, _ in HOSTILE), "#" * (LARGEST_FILE + 1)):
        path.write_text(text, "utf-8")
        said = refused(lambda: read_bank(path)).replace(str(path), "")
        known = r"\b(options|prompts)\b|K02-\S+"  # names of fields and of a question
        assert english_in(re.sub(known, "", said)) == []
    path.write_bytes(b"\xff\xfe")
    assert "não é texto em UTF-8" in refused(lambda: read_bank(path))
    assert "não existe tal arquivo" in refused(lambda: read_bank(tmp_path / "nada.toml"))


@pytest.mark.usefixtures("portuguese")
def test_strangers_attempts_are_refused_in_portuguese(tmp_path: Path) -> None:
    path = tmp_path / "ana.jsonl"
    for text in STRANGE:
        path.write_text(text, "utf-8")
        said = refused(lambda: read_attempts([path])).replace(str(path), "")
        assert said.startswith("a linha 1 de ")
        assert english_in(re.sub(r": não tem apenas .*| é \S.*", "", said)) == []
    assert "é uma pasta" in refused(lambda: read_attempts([tmp_path]))


def test_what_is_refused_in_the_terminal_is_refused_in_portuguese(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stranger = folder / "stranger"
    stranger.mkdir()
    (stranger / "progress.sqlite").write_bytes(b"a diary, no database" * 50)
    (folder / "ana.jsonl").write_text(json.dumps({"x": 1}))
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        for arguments in (
            ["report"],
            ["review"],
            ["due", "--folder", "elsewhere"],
            ["due", "--folder", str(stranger)],
            ["mock", "xyz"],
            ["mock", "sap"],
            ["mock", "clf-c01"],
            ["mock", "saa", "--questions", "0"],
            ["practice", "--topic", ""],
            ["practice", "--topic", "Z99"],
            ["practice", "--exam", "xyz"],
            ["practice", "--due"],
            ["practice", "--weak"],
            ["goal", "saa", "yesterday"],
            ["export", "csv", "x.csv", "--exam", "xyz"],
            ["export", "csv", "no/such/x.csv"],
            ["export", "paper", "x.html", "--questions", "0"],
            ["export", "paper", "x.html", "--exam", "saa", "--questions", "999"],
            ["export", "paper", "x.html", "--exam", "sap", "--questions", "5"],
            ["--web", "--port", "99999"],
            ["--web", "--port", port],
        ):
            assert main(["exam", *PT, *arguments]) == 2, arguments
            out, err = capsys.readouterr()
            assert (out + err).strip()
            assert english_in(out + err) == [], arguments


def test_a_whole_exam_in_the_terminal_is_in_portuguese() -> None:
    """Practice of many topics with wrong answers, a mock exam, its report, its review."""
    told: list[str] = []
    booth = Booth(ExamRecord(Progress()), "pt-BR", lessons=None, seed=4)

    def typed(lines: list[str]) -> Terminal:
        left = iter(lines)
        return Terminal(booth, lambda _: next(left, "q"), told.append, lambda: NOW)

    each = ["1", "1 2", "n", "l", "t", "f", "?"]
    typed(["nada", *each * 6, "c", "e", "e", *[""] * 9]).run(do="mock", exam="dea", count=6)
    typed(["1", "1 2", "n", "9", "c"] * 8).run(do="practice", what="exam:clf", count=8)
    typed([]).run(do="practice", what="topic:Z99", count=1)
    hall = booth.view(NOW)["hall"]
    told += [said for _, said in (*hall["practice"], *hall["exams"])]
    text = "\n".join(told)
    assert "Resultado: Simulado DEA-C01" in text
    assert "Fonte (em inglês): " in text
    assert english_in(re.sub("Solutions Architect|Machine Learning Engineer", "", text)) == []
