"""pyproject.toml, environment.yml and constraints.txt name the same dependencies."""

from __future__ import annotations

import re
import tomllib
from importlib.metadata import PackageNotFoundError, requires
from typing import Any

import yaml
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from tests.project.source import ROOT

PYPI_NAME = {
    "matplotlib-base": "matplotlib",
    "python-duckdb": "duckdb",
}  # conda-forge's name -> PyPI's, where they differ
FROM_PIP_ONLY = {"awscli", "fsrs", "jq"}
"""conda-forge has AWS CLI v2 (ours is v1), no fsrs that was tried, and jq the command."""
NOT_FROM_PYPI = {"python", "pip"}

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
ENVIRONMENT_TEXT = (ROOT / "environment.yml").read_text()
ENVIRONMENT: dict[str, Any] = yaml.safe_load(ENVIRONMENT_TEXT)
CONSTRAINT_LINES = (ROOT / "constraints.txt").read_text().splitlines()


def requirements(*extras: str) -> list[Requirement]:
    optional = PROJECT["optional-dependencies"]
    texts = [*PROJECT["dependencies"], *(text for extra in extras for text in optional[extra])]
    return [Requirement(text) for text in texts]


def conda_pins() -> dict[str, str]:
    """PyPI name -> release series of every conda row."""
    rows = [row for row in ENVIRONMENT["dependencies"] if isinstance(row, str)]
    pins = dict(row.partition("=")[::2] for row in rows)
    return {PYPI_NAME.get(name, name): series for name, series in pins.items()}


def pinned() -> dict[str, str]:
    rows = [Requirement(line) for line in CONSTRAINT_LINES]
    return {
        canonicalize_name(row.name): str(row.specifier).removeprefix("==")
        for row in rows
        if row.marker is None or row.marker.evaluate()
    }


def test_conda_brings_what_the_package_and_the_lab_need() -> None:
    needed = {requirement.name for requirement in requirements("lab", "firehose")}
    assert conda_pins().keys() - NOT_FROM_PYPI == needed - FROM_PIP_ONLY


def test_conda_is_held_to_the_tested_release_series() -> None:
    exact = pinned()
    loose = [
        f"{name}={series} but tested with {exact[name]}"
        for name, series in conda_pins().items()
        if name not in NOT_FROM_PYPI and not f"{exact[name]}.".startswith(f"{series}.")
    ]
    assert loose == []


def test_conda_installs_the_package_itself_through_pip() -> None:
    assert ENVIRONMENT["dependencies"][-1] == {"pip": ["-e .[lab,firehose,exam]"]}
    assert ENVIRONMENT["channels"] == ["conda-forge", "nodefaults"]


def test_conda_python_is_one_that_the_package_accepts() -> None:
    series = conda_pins()["python"]
    assert Requirement(f"python{PROJECT['requires-python']}").specifier.contains(series)


def test_every_conda_dependency_says_why() -> None:
    rows = re.findall(r"^  - (?!conda-forge|nodefaults|pip:)(.+)$", ENVIRONMENT_TEXT, re.MULTILINE)
    assert rows
    assert [row for row in rows if not re.fullmatch(r"\S+ # \S.+", row)] == []


def test_constraints_are_exact_versions_and_nothing_else() -> None:
    """No index, no address, no path: pip and uv take versions from wherever they are set up to."""
    exact = re.compile(r"[a-z0-9.-]+==[0-9][\w.]*( ; [^/]+)?")
    assert [line for line in CONSTRAINT_LINES if not exact.fullmatch(line)] == []


def test_constraints_pin_every_requirement_within_its_bounds() -> None:
    exact = pinned()
    unmet = [
        str(requirement)
        for requirement in requirements(*PROJECT["optional-dependencies"])
        if not requirement.specifier.contains(exact.get(requirement.name, "0"))
    ]
    assert unmet == []


def test_constraints_pin_what_the_requirements_bring_along() -> None:
    assert sorted(reached(requirements("lab", "firehose", "exam", "test")) - pinned().keys()) == []


def reached(wanted: list[Requirement]) -> set[str]:
    """Names of everything that the installed packages ask for, and of the packages themselves."""
    names: set[str] = set()
    queue, asked = list(wanted), set()
    while queue:
        requirement = queue.pop()
        name = canonicalize_name(requirement.name)
        names.add(name)
        for extra in {"", *requirement.extras}:
            if (name, extra) not in asked:
                asked.add((name, extra))
                queue += asked_for(name, extra)
    return names


def asked_for(name: str, extra: str) -> list[Requirement]:
    try:
        texts = requires(name) or []
    except PackageNotFoundError:
        raise AssertionError(f"{name} is required but not installed; run make") from None
    rows = [Requirement(text) for text in texts]
    return [row for row in rows if applies(row.marker, extra)]


def applies(marker: Marker | None, extra: str) -> bool:
    return marker is None or marker.evaluate({"extra": extra})


def test_the_environment_runs_what_the_constraints_pin() -> None:
    """The direct requirements: what this very run exercised is what a class will install."""
    from importlib.metadata import version

    exact = pinned()
    other = {
        name: (version(name), exact[name])
        for name in (
            requirement.name for requirement in requirements("lab", "firehose", "exam", "test")
        )
        if Version(version(name)) != Version(exact[name])
    }
    assert other == {}
