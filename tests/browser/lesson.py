"""A lesson as a learner has it, open in JupyterLab: found by its cells' ids, run by commands.

Cells are run by JupyterLab's own commands, which are over when the cells have run: nothing has to
be waited for, and cells whose code is hidden are run like others.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from playwright.sync_api import Locator, Page, expect

from kinesis_sim.course.bank import items_of
from kinesis_sim.course.notebooks.build import Course, edition
from kinesis_sim.course.notebooks.exercise import solved
from kinesis_sim.course.outline import entry_of
from kinesis_sim.course.quiz import Quiz
from kinesis_sim.course.words import CourseWords
from tests.browser.jupyterlab import NOTEBOOKS, Lab

if TYPE_CHECKING:
    from kinesis_sim.course.outline import OutlineEntry

RUN_ALL = """() => jupyterapp.commands.execute("notebook:run-all-cells")"""
ERRORS = """() => {
  const cells = jupyterapp.shell.currentWidget.content.widgets;
  return cells.flatMap((cell) => (cell.model.toJSON().outputs ?? []))
    .filter((output) => output.output_type === "error")
    .map((output) => `${output.ename}: ${output.evalue}`);
}"""
WRITE = """([place, text]) => {
  jupyterapp.shell.currentWidget.content.widgets[place].model.sharedModel.setSource(text);
}"""
RESTART = "() => jupyterapp.shell.currentWidget.sessionContext.restartKernel()"
NARROW = "() => jupyterapp.shell.collapseLeft()"
WIDER = """() => {
  const paper = document.querySelector(".jp-NotebookPanel .jp-WindowedPanel-outer");
  const edge = paper.getBoundingClientRect().right;
  const inside = (node) => node.closest(".jp-RenderedHTMLCommon, pre, svg, table") === null;
  const wide = [...paper.querySelectorAll(".jp-OutputArea-output *, .jp-MarkdownOutput *")]
    .filter((node) => inside(node) && node.getBoundingClientRect().right > edge + 1);
  const cut = [...paper.querySelectorAll(".cm-scroller")]
    .filter((code) => code.scrollWidth > code.clientWidth + 1);
  return [...wide, ...cut].map((node) => `${node.tagName}.${node.className}`);
}"""
"""Names of what is wider than its paper: tables scroll in themselves, code is wrapped."""
ROOM = """() => {
  const model = document.querySelector(".jp-NotebookPanel .jp-OutputArea-child");
  const measured = (kind, inside) => {
    const child = model.cloneNode(false);
    const output = document.createElement("div");
    output.className = `${kind} jp-OutputArea-output`;
    output.append(inside);
    child.append(model.firstElementChild.cloneNode(true), output);
    model.after(child);
    const letters = inside.firstElementChild?.getBoundingClientRect().width;
    const found = [inside.getBoundingClientRect().width, letters];
    child.remove();
    return found;
  };
  const line = document.createElement("pre");
  line.innerHTML = `<span style="white-space: pre">${"x".repeat(10)}</span>`;
  const [text, ten] = measured("jp-RenderedText", line);
  const [figure] = measured("jp-RenderedHTMLCommon jp-RenderedHTML", document.createElement("div"));
  return [figure, (10 * text) / ten];
}"""
"""px that a figure has, and letters that a printed line has, as JupyterLab lays outputs out."""


@dataclass(frozen=True)
class OpenLesson:
    """A lesson of one language, open in ``page``."""

    slug: str
    language: str
    page: Page
    cells: list[dict[str, Any]]

    @classmethod
    def open(cls, lab: Lab, page: Page, slug: str, language: str) -> OpenLesson:
        """Open it from the learner's folder that ``lab`` shows, and wait for its kernel."""
        entry: OutlineEntry = entry_of(slug)
        path = f"{language}/{entry.file}.ipynb"
        lab.open(page, path)
        cells = json.loads((lab.root / path).read_text("utf-8"))["cells"]
        return cls(slug, language, page, cells)

    # --- words ----------------------------------------------------------------------------------

    @property
    def texts(self) -> CourseWords:
        """The lesson's own words."""
        return CourseWords(self.slug, self.language)

    def says(self, key: str, **values: object) -> str:
        """A text that all lessons share."""
        return CourseWords("ui", self.language).say(key, **values)

    # --- cells ----------------------------------------------------------------------------------

    def holding(self, call: str) -> Iterator[tuple[str, str]]:
        """The ids of the code cells that call something of the lesson, with what they name."""
        for cell in self.cells:
            _, begun, after = "".join(cell["source"]).partition(f'lesson.{call}("')
            if cell["cell_type"] == "code" and begun:
                yield cell["id"], after.partition('"')[0]

    def cell(self, cell_id: str) -> Locator:
        """A cell on the page, by its id."""
        return self.page.locator(".jp-NotebookPanel .jp-Cell").nth(self._place(cell_id))

    def _place(self, cell_id: str) -> int:
        return [cell["id"] for cell in self.cells].index(cell_id)

    def run_all(self) -> None:
        """Run every cell."""
        self.page.evaluate(RUN_ALL)

    def errors(self) -> list[str]:
        """What the cells ended with that raised."""
        found: list[str] = self.page.evaluate(ERRORS)
        return found

    def write(self, cell_id: str, text: str) -> None:
        """Put a text in the place of a cell's."""
        self.page.evaluate(WRITE, [self._place(cell_id), text])

    def restart(self) -> None:
        """A new kernel, which knows nothing."""
        self.page.evaluate(RESTART)

    def wider_than_the_paper(self) -> list[str]:
        """What reaches beyond the notebook's right edge, the file browser being away."""
        self.page.evaluate(NARROW)
        found: list[str] = self.page.evaluate(WIDER)
        return found

    def room(self) -> tuple[float, float]:
        """px that a figure has, and letters that a printed line has before it is broken."""
        figure, letters = self.page.evaluate(ROOM)
        return figure, letters

    # --- what a learner does ----------------------------------------------------------------------

    def questions(self) -> list[dict[str, Any]]:
        """What the quiz asks, in its order; of one with boxes, how many it wants.

        Nothing for an appendix, which has no quiz.
        """
        if not entry_of(self.slug).quiz:
            return []
        return Quiz(items_of(self.slug), self.slug, self.language).questions()

    def mistakes(self, prediction: str) -> dict[str, str]:
        """Wrong guesses of a prediction that the lesson has a word for, with that word."""
        return dict(self.texts.under(f"reveal.{prediction}.if_guessed"))

    def guess(self, cell_id: str, wanted: str | None) -> str:
        """Predict: a certain choice or number, or the first one; returns what was kept."""
        form = self.cell(cell_id).locator(".kl-predict")
        number = form.get_by_role("spinbutton")
        expect(form.get_by_role("button")).to_be_visible()
        if number.count():
            wanted = "987654" if wanted is None else wanted
            number.fill(wanted)
        else:
            first = form.get_by_role("radio").first
            choice = form.locator(f'input[value="{wanted}"]') if wanted else first
            choice.check()
            wanted = choice.get_attribute("value")
        form.get_by_role("button").click()
        expect(form.get_by_role("status")).to_have_attribute("data-tone", "good")
        assert wanted is not None
        return wanted

    def solutions(self) -> dict[str, str]:
        """The code of every exercise's solution, by its cell."""
        cells = edition(Course(NOTEBOOKS), self.slug, self.language)
        exercises = {cell.id for cell in cells if cell.is_solution and cell.kind == "code"}
        return {cell.id: cell.text for cell in solved(cells) if cell.id in exercises}
