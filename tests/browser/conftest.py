"""One JupyterLab for the tests of the course's own controls, and a fresh page for each."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browser.jupyterlab import NOTEBOOKS, Lab, browser, jupyterlab

if TYPE_CHECKING:
    from playwright.sync_api import Page

CELLS = ("import playground", "playground.predict()", "playground.reveal()", "playground.quiz()")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "browser: needs a Chromium")


@pytest.fixture(scope="session")
def playground(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of notebooks: the course's, and one that shows every control the course has."""
    folder = tmp_path_factory.mktemp("course") / "notebooks"
    shutil.copytree(NOTEBOOKS, folder)
    shutil.copy(Path(__file__).with_name("playground.py"), folder)
    code = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None}
    cells = [code | {"id": f"cell-{n}", "source": source} for n, source in enumerate(CELLS)]
    kernel = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
    notebook = {"cells": cells, "metadata": {"kernelspec": kernel}}
    text = json.dumps(notebook | {"nbformat": 4, "nbformat_minor": 5})
    (folder / "playground.ipynb").write_text(text)
    return folder


@pytest.fixture(scope="session")
def lab(chromium: str, playground: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """JupyterLab in its light theme; not started when there is no Chromium to look at it."""
    with jupyterlab(tmp_path_factory.mktemp("lab"), playground) as running:
        yield running


@pytest.fixture
def page(chromium: str) -> Iterator[Page]:
    with browser(chromium) as opened:
        yield opened
