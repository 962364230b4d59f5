"""One version: the package's, the project's and the changelog's."""

from __future__ import annotations

import re
import tomllib

import kinesis_sim
from tests.project.source import ROOT


def test_project_package_and_changelog_agree() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    newest = re.search(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert newest is not None
    assert kinesis_sim.__version__ == project["version"] == newest[1]
