"""What may not be in a tracked file: this machine, and where it fetches packages from."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from tests.project.source import ROOT

MACHINE_PATH = re.compile(
    r"(?<![\w.])/(?:work|root|farm)/[\w.]|(?<![\w.])/(?:home|Users)/\w+/|/tmp/[a-z]"
)
BINARY = {".png", ".jpg", ".gif", ".webp", ".ico", ".woff2", ".mp4", ".webm", ".mkv", ".parquet"}


def tracked(pattern: str = ".") -> list[Path]:
    """Tracked files that exist; the clone may belong to another user, as in a container."""
    listing = subprocess.run(
        ["git", "-c", f"safe.directory={ROOT}", "ls-files", "-z", "--", pattern],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    paths = [ROOT / name for name in listing.stdout.split("\0") if name]
    return [path for path in paths if path.is_file()]


def machine_paths(text: str) -> list[str]:
    return [line for line in text.splitlines() if MACHINE_PATH.search(line)]


def test_no_tracked_file_names_a_machine_path() -> None:
    texts = {path: path.read_text() for path in tracked() if path.suffix not in BINARY}
    found = {
        str(path.relative_to(ROOT)): [line[:160] for line in lines]
        for path, text in texts.items()
        if (lines := machine_paths(text))
    }
    assert found == {}


def test_lockfiles_name_no_registry() -> None:
    """npm and pip take packages from wherever they are set up to, not from where we did."""
    assert [
        path for path in tracked("*package-lock.json") if '"resolved"' in path.read_text()
    ] == []


@pytest.mark.parametrize("directory", ["work/main", "home/ana", "Users/ana", "tmp/build"])
def test_the_search_finds_machine_paths(directory: str) -> None:
    assert machine_paths(f"open('/{directory}/notes.txt')")


@pytest.mark.parametrize("text", ["images/work/x", "https://example.org/home/x", "/network/x"])
def test_the_search_lets_other_paths_be(text: str) -> None:
    assert not machine_paths(text)


TOP = {
    ".ci", ".gitignore", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "Makefile", "README.md",
    "README.pt-BR.md", "SECURITY.md", "benchmarks", "constraints.txt", "docs", "environment.yml",
    "eslint.config.js", "images", "kinesis_sim", "notebooks", "package-lock.json", "package.json",
    "pyproject.toml", "tests", "tsconfig.json",
}  # fmt: skip
"""What the project has at its top: a learner's folder that a test once made was tracked unseen."""


def test_nothing_lies_at_the_top_that_does_not_belong_there() -> None:
    assert {path.relative_to(ROOT).parts[0] for path in tracked()} <= TOP


def test_no_tracked_file_is_a_link() -> None:
    assert [path for path in tracked() if path.is_symlink()] == []
