"""What the pages for contributors say is so: rooms, files, functions, bounds."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from tests.project.source import PACKAGE, ROOT, modules
from tests.project.test_arrows import FLOORS

PAGES = (ROOT / "CONTRIBUTING.md", ROOT / "docs" / "recipes.md")
TEXT = PAGES[0].read_text(encoding="utf-8")
MADE = re.compile(r"^(?:build|dist|<)")


def drawn() -> list[set[str]]:
    """The rooms on each line of the drawing, from the top."""
    [drawing] = re.findall(r"^```\n( __main__.*?)^```", TEXT, re.M | re.S)
    lines = [re.split(r" {3}|[◄─┤]", line.strip())[0] for line in drawing.split("\n")]
    return [set(re.findall(r"\w+", line)) for line in lines if re.match(r"\w", line)]


def test_the_drawing_shows_the_floors() -> None:
    there = {module.room for module in modules()}
    floors = [set(floor) & there for floor in reversed(FLOORS)]
    *upper, ground = drawn()
    assert upper == floors[:-1]
    assert ground <= floors[-1]


def paths(page: Path) -> list[str]:
    """Paths of files and folders that a page names, without those with a place to fill in."""
    named = re.findall(r"`([\w./-]+(?:\.(?:py|js|toml|md)|/))`", page.read_text(encoding="utf-8"))
    return sorted({name for name in named if "/" in name and not MADE.match(name)})


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_path_is_there(page: Path) -> None:
    found = paths(page)
    assert len(found) > 8
    assert [path for path in found if not (PACKAGE / path).exists() | (ROOT / path).exists()] == []


def test_the_way_of_a_record_names_what_is_there() -> None:
    way = TEXT[TEXT.index("## The way of a record") : TEXT.index("## What a change needs")]
    said = re.findall(r"`(\w+)(?:\.(\w+))?` \(`([\w/.]+)`\)", way)
    assert len(said) >= 8
    for owner, method, path in said:
        source = (PACKAGE / path).read_text(encoding="utf-8")
        assert re.search(rf"^class {owner}\b", source, re.M), f"{path} has no {owner}"
        assert not method or f"def {method}(" in source, f"{path} has no {owner}.{method}"


def test_what_is_leaned_on_is_bounded_from_above() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    lines = [*project["dependencies"], *extras["analytics"], *extras["webrtc"]]
    bounds = {re.split(r"[\[>=<]", line)[0]: line for line in lines}
    rows = re.findall(r"^\| ([a-z0-9, ]+) \| .* \| `[^|]*` \| `[^|]*` \|$", TEXT, re.M)
    packages = [name for row in rows for name in row.split(", ")]
    assert len(packages) >= 6
    loose = [name for name in packages if not re.search(",<|==", bounds.get(name, ""))]
    assert loose == []
