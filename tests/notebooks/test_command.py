"""``python -m kinesis_sim notebooks``: exit codes and sentences."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from kinesis_sim.course.commands import add_commands

SOURCE = '```{code-cell} ipython3\n:id: begin\n\nLesson("lesson", lang="en")\n```\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "source").mkdir()
    (tmp_path / "source" / "lesson.md").write_text(f'+++ {{"id": "goal"}}\n\n# Goal\n\n{SOURCE}')
    return tmp_path


def run(folder: Path, *arguments: str) -> int:
    parser = argparse.ArgumentParser()
    add_commands(parser.add_subparsers())
    parsed = parser.parse_args(["notebooks", "--folder", str(folder), *arguments])
    return int(parsed.run(parsed))


def test_check_says_what_to_do(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(folder, "--check", "--no-run") == 1
    assert capsys.readouterr().err == (
        "en/lesson.ipynb has not been built.\nRebuild with: python -m kinesis_sim notebooks\n"
    )
    assert not (folder / "en").exists(), "a check writes nothing"


def test_extract_starts_named_catalogues_only(folder: Path) -> None:
    po = folder / "locale" / "pt_BR" / "lesson.po"
    assert run(folder, "--extract") == 0
    assert not po.exists()
    assert run(folder, "--extract", "lesson") == 0
    assert 'msgid "# Goal"' in po.read_text()


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["08"], "No lesson called 08; there are lesson"),
        (["--extract", "9"], "No lesson"),
    ],
)
def test_an_unknown_lesson(
    folder: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], text: str
) -> None:
    assert run(folder, *arguments) == 1
    assert text in capsys.readouterr().err


def test_a_folder_without_lessons(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(tmp_path) == 1
    assert "run this at the root of the project" in capsys.readouterr().err
