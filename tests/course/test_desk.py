"""The learner's commands: a folder that is made once, progress that is shown, moved and deleted."""

from __future__ import annotations

import json
import os
import sysconfig
from pathlib import Path

import pytest

from kinesis_sim.__main__ import main
from kinesis_sim.course.outline import entry_of
from kinesis_sim.course.progress import VARIABLE, Progress
from kinesis_sim.course.progress_file import LARGEST_IMPORT

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv(VARIABLE, raising=False)
    assert main(["lab", "--prepare"]) == 0
    return tmp_path / "my-kinesis-lab"


def test_the_lessons_lie_in_a_folder_of_ones_own_with_nothing_run(folder: Path) -> None:
    for language in ("en", "pt-BR"):
        lesson = folder / language / f"{entry_of('start_here').file}.ipynb"
        cells = json.loads(lesson.read_text("utf-8"))["cells"]
        assert not [cell for cell in cells if cell.get("outputs")]


def test_progress_is_shown_exported_imported_and_deleted(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Progress(folder / "progress.sqlite").answer("producers", "q", ["a"], right=True, at=0)
    capsys.readouterr()
    assert main(["progress", "show"]) == 0
    assert "begun: 0 exercises, 1 of 5 questions right" in capsys.readouterr().out
    assert main(["progress", "export", "mine.json"]) == 0
    assert main(["progress", "delete"]) == 2
    assert "--yes" in capsys.readouterr().err
    assert main(["progress", "delete", "--yes"]) == 0
    assert not (folder / "progress.sqlite").exists()
    assert main(["progress", "import", "mine.json"]) == 0
    assert Progress(folder / "progress.sqlite").answers("producers") == {"q": ["a"]}


def test_a_lesson_starts_again_by_its_number(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    number = entry_of("producers").number
    assert main(["again", number]) == 0
    assert "your old one is" in capsys.readouterr().out
    assert len(list((folder / "en").glob("*_producers*.ipynb"))) == 2


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["again", "99"], "There is no lesson '99'"),
        (["progress", "import", "no-such.json"], "cannot be used"),
        (["progress", "show", "--folder", "nowhere"], "kinesis-lab lab makes it"),
    ],
)
def test_a_mistake_gets_one_sentence(
    folder: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    assert main(arguments) == 2
    assert said in capsys.readouterr().err


def test_what_has_no_end_is_not_read(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A pipe that nobody writes to would wait for ever, /dev/zero would fill the memory."""
    os.mkfifo("pipe.json")
    Path("zero.json").symlink_to("/dev/zero")
    for name in ("pipe.json", "zero.json"):
        assert main(["progress", "import", name]) == 2
        assert "which may have no end" in capsys.readouterr().err


def test_an_import_is_read_as_far_as_it_may_be_long(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("long.json").write_text("x" * (LARGEST_IMPORT + 2))
    Path("deep.json").write_text("[" * 100_000)
    for name, said in (("long.json", "more than 4194304 characters"), ("deep.json", "too deep")):
        assert main(["progress", "import", name]) == 2
        assert said in capsys.readouterr().err


def test_an_export_does_not_write_over_what_it_exports(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = folder / "progress.sqlite"
    Progress(file).answer("producers", "q", ["a"], right=True, at=0)
    Path("other-name.json").symlink_to(file)
    for name in (str(file), "other-name.json"):
        assert main(["progress", "export", name]) == 2
        assert "is the progress file itself" in capsys.readouterr().err
    assert Progress(file).answers("producers") == {"q": ["a"]}


def test_the_shipped_settings_are_settings_that_jupyterlab_has() -> None:
    """Long lines of code are wrapped in a narrow window; a misspelt setting would be left out."""
    schemas = Path(sysconfig.get_path("data")) / "share/jupyter/lab/schemas"
    shipped = json.loads((NOTEBOOKS / "jupyterlab.json").read_text("utf-8"))
    for plugin, settings in shipped.items():
        package, _, name = plugin.partition(":")
        schema = json.loads((schemas / package / f"{name}.json").read_text("utf-8"))
        assert settings.keys() <= schema["properties"].keys()
    code = shipped["@jupyterlab/notebook-extension:tracker"]["codeCellConfig"]
    assert code == {"lineNumbers": False, "lineWrap": True}
