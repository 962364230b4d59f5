"""One Chromium for all tests, one JupyterLab for the course's folder and one for a learner's."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Playwright, sync_playwright

from kinesis_sim.course.workbook import Workbook
from tests.browser.jupyterlab import NOTEBOOKS, Lab, chrome, fresh_page, jupyterlab
from tests.browser.widget_page import blank, shared

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
def playwright() -> Iterator[Playwright]:
    """Playwright, once for all browsers of this process: two at a time it does not allow."""
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def app(playwright: Playwright, chromium: str) -> Iterator[Browser]:
    """One Chromium for all pages."""
    with chrome(playwright, chromium) as running:
        yield running


@pytest.fixture
def page(app: Browser) -> Iterator[Page]:
    with fresh_page(app) as opened:
        yield opened


@pytest.fixture(scope="session")
def paper(app: Browser) -> Iterator[Page]:
    """One page for all tests that only look at what they put on it (``blank``)."""
    with fresh_page(app) as opened, shared(opened):
        yield opened


@pytest.fixture
def sheet(paper: Page) -> Iterator[Page]:
    """It, blank, for a test that leaves its clock, routes and preferences alone."""
    with blank(paper, 1200, 1000) as page:
        yield page


Folders = pytest.TempPathFactory


@pytest.fixture(scope="session")
def light(app: Browser, playground: Path, tmp_path_factory: Folders) -> Iterator[Lab]:
    """JupyterLab; not started when there is no Chromium to look at it."""
    with jupyterlab(tmp_path_factory.mktemp("light"), playground) as running:
        yield running


@pytest.fixture
def lab(light: Lab) -> Iterator[Lab]:
    yield light
    light.shut_kernels()


@pytest.fixture(scope="session")
def learner(app: Browser, tmp_path_factory: Folders) -> Iterator[Lab]:
    """JupyterLab in a learner's own folder, where what is done is kept."""
    folder = tmp_path_factory.mktemp("learner")
    workbook = Workbook(folder / "mine", NOTEBOOKS)
    workbook.prepare()
    with jupyterlab(folder / "lab", workbook.folder) as running:
        yield running
