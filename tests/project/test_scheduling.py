"""A run ends, with one failure, when a worker's process ends in the middle of a test."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.project.source import ROOT
from tests.scheduling import DAY, slowest, solved_twice

CONFTEST = """
def pytest_xdist_make_scheduler(config, log):
    from tests.scheduling import ByFile
    return ByFile(config, log)
"""
GOOD = "def test_{0}():\n    pass\n"
BAD = "import os\ndef test_before(): pass\ndef test_end(): os._exit(9)\ndef test_after(): pass\n"


@pytest.mark.parametrize("at", ["middle", "last", "twice"])
def test_a_crash_fails_one_test_and_the_others_still_run(tmp_path: Path, at: str) -> None:
    """With files of one test, of which a new worker needs two to begin at all."""
    bad = {"middle": [5], "last": [10], "twice": [3, 4]}[at]
    (tmp_path / "conftest.py").write_text(CONFTEST)
    (tmp_path / "pytest.ini").write_text(f"[pytest]\npythonpath = {ROOT}\n")
    for number in range(11):
        text = BAD if number in bad else GOOD.format(number)
        (tmp_path / f"test_{number:02}.py").write_text(text)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "xdist", "-n", "2"]
    done = subprocess.run(
        [*command, "--no-loadscope-reorder", str(tmp_path)],
        cwd=tmp_path,
        env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    passed = 11 - len(bad) + 2 * len(bad)
    assert f"{len(bad)} failed, {passed} passed" in done.stdout, done.stdout[-2_000:]


def test_a_lesson_that_a_browser_solves_is_not_solved_again() -> None:
    alone = [
        f"tests/notebooks/test_lessons.py::test_the_solutions_pass_their_checks[{name}]"
        for name in ("start_here", "capacity", "readers")
    ]
    other = "tests/notebooks/test_lessons.py::test_code_cells_are_small[capacity-en]"
    in_browser = [DAY.format(name) for name in ("start_here", "capacity")]
    assert solved_twice([*in_browser, *alone, other]) == [alone[1]]
    assert solved_twice([*alone, other]) == []


def test_what_a_browser_solves_is_named_as_it_is() -> None:
    """Renamed, a lesson would be solved twice again, and nobody would notice."""
    file, _, test = DAY.partition("::")
    assert f"def {test.partition('[')[0]}(" in (ROOT / file).read_text("utf-8")


def test_what_is_too_slow_for_the_desk_is_named_as_it_is() -> None:
    """A test renamed or moved would be back in ``make quick``, however long it takes."""
    assert [name for name in sorted(slowest()) if not there(name)] == []


def test_who_notices_a_doubled_number_is_named_as_it_is() -> None:
    """A test renamed or moved notices nothing, and its number would be searched for anew."""
    known = tomllib.loads((ROOT / "tests/mutants/noticed.toml").read_text("utf-8"))
    assert len(known) > 300
    assert [name for name, test in known.items() if not there(test)] == []


def there(name: str) -> bool:
    """Whether a file has a test of this name, its parameters left out."""
    file, test, *_ = name.partition("[")[0].split("::")
    path = ROOT / file
    return path.is_file() and re.search(rf"\b{test}\b", path.read_text("utf-8")) is not None
