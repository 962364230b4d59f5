"""What pip installs is the whole course: a wheel, a fresh environment, an empty folder."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

from kinesis_sim.course.outline import entries
from tests.project.source import ROOT

pytestmark = pytest.mark.slow


def run(*command: str | Path, folder: Path) -> str:
    """Run a program as somebody would who has no copy of the project."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        list(map(str, command)), cwd=folder, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_wheel_in_a_fresh_environment_opens_the_course_in_an_empty_folder(
    tmp_path: Path,
) -> None:
    wheels, empty, fresh = tmp_path / "wheels", tmp_path / "empty", tmp_path / "fresh"
    empty.mkdir()
    pip = ("-m", "pip", "--quiet", "--disable-pip-version-check")
    run(sys.executable, *pip, "wheel", "--no-deps", "--wheel-dir", wheels, ROOT, folder=empty)
    [wheel] = wheels.glob("*.whl")
    venv.create(fresh)
    python = fresh / "bin" / "python"
    into = ("install", "--no-deps", "--no-index", wheel)
    run(sys.executable, *pip, "--python", python, *into, folder=empty)
    # The libraries it needs are those of this environment; Kinesis Lab itself is the wheel's.
    packages = Path(
        run(python, "-c", "import site; print(site.getsitepackages()[0])", folder=empty).strip()
    )
    (packages / "libraries.pth").write_text(sysconfig.get_paths()["purelib"] + "\n")
    run(fresh / "bin" / "kinesis-lab", "lab", "--prepare", folder=empty)
    for language in ("en", "pt-BR"):
        for entry in entries():
            if language in entry.written:
                lesson = empty / "my-kinesis-lab" / language / f"{entry.file}.ipynb"
                cells = json.loads(lesson.read_text("utf-8"))["cells"]
                assert not [cell for cell in cells if cell.get("outputs")], lesson
    where = run(python, "-c", "import kinesis_sim; print(kinesis_sim.__file__)", folder=empty)
    assert where.startswith(str(fresh)), "not the project's own copy"
