"""Build the notebooks of a folder, or say in what the built ones differ from their sources."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from kinesis_sim.course.notebooks.catalogue import Catalogue
from kinesis_sim.course.notebooks.execute import execute
from kinesis_sim.course.notebooks.exercise import exercise, solved
from kinesis_sim.course.notebooks.fold import folded
from kinesis_sim.course.notebooks.links import linked, only_asks, timed
from kinesis_sim.course.notebooks.messages import Message, messages, translated
from kinesis_sim.course.notebooks.source import (
    Cell,
    LessonSource,
    SourceError,
    in_language,
    read_source,
)
from kinesis_sim.course.outline import entries
from kinesis_sim.course.words import CourseWords

SOURCE_LANGUAGE = "en"
KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}


class TranslationError(ValueError):
    """A complete catalogue does not fit its source; the message lists every misfit."""


@dataclass(frozen=True, slots=True)
class Course:
    """The folder ``notebooks/``: ``source/*.md``, ``locale/<lang>/*.po``, a folder a language."""

    folder: Path

    def names(self) -> list[str]:
        """Every lesson that has a source, in order."""
        return sorted(path.stem for path in (self.folder / "source").glob("*.md"))

    def source(self, name: str) -> LessonSource:
        """The source of lesson ``name``."""
        return read_source(self.folder / "source" / f"{name}.md")

    def catalogue(self, name: str, language: str) -> Catalogue:
        """The catalogue of lesson ``name``, empty when there is none yet."""
        po = self.folder / "locale" / language.replace("-", "_") / f"{name}.po"
        return Catalogue(po, language)

    def languages(self, name: str) -> list[str]:
        """The languages lesson ``name`` is built in: English, and those with a whole catalogue."""
        folders = sorted(path.name for path in (self.folder / "locale").glob("*") if path.is_dir())
        languages = [folder.replace("_", "-") for folder in folders]
        return [
            SOURCE_LANGUAGE,
            *(lang for lang in languages if self.catalogue(name, lang).complete),
        ]

    def path(self, name: str, language: str) -> Path:
        """Where the built notebook stands."""
        return self.folder / language / f"{_file(name)}.ipynb"

    def strays(self) -> list[Path]:
        """Built notebooks that no source and catalogue would build any more."""
        built = sorted(self.folder.glob("*/*.ipynb"))
        expected = {self.path(name, lang) for name in self.names() for lang in self.languages(name)}
        return [path for path in built if path not in expected]


def _file(name: str) -> str:
    """The name of a lesson's notebook: its number in the outline, then its slug."""
    return next((entry.file for entry in entries() if entry.slug == name), name)


def build(course: Course, name: str, language: str, *, run: bool = True) -> str:
    """The learner's notebook as text: translated, exercises emptied, and executed.

    run: false leaves out the last.
    """
    cells = exercise(edition(course, name, language), CourseWords("ui", language))
    return written(cells, course, f"{name} ({language})", language, run=run)


def build_solved(course: Course, name: str) -> str:
    """The English notebook with its solutions in place.

    ExecutionError unless every check passes.
    """
    cells = solved(edition(course, name, SOURCE_LANGUAGE))
    return written(cells, course, f"{name} (solved)", SOURCE_LANGUAGE, run=True)


def edition(course: Course, name: str, language: str) -> list[Cell]:
    """The source's cells in ``language``; TranslationError when its catalogue does not fit."""
    source = course.source(name)
    if language == SOURCE_LANGUAGE:
        return [_finished(cell, language, name) for cell in source.cells]
    catalogue = course.catalogue(name, language)
    if problems := catalogue.problems(all_messages(source)):
        listed = "\n  ".join(problems)
        raise TranslationError(
            f"{catalogue.path.name} ({language}) does not fit its source:\n  {listed}"
        )
    return [_finished(_in(cell, language, catalogue), language, name) for cell in source.cells]


def _finished(cell: Cell, language: str, name: str) -> Cell:
    """A cell of lesson ``name`` with its links, its minutes, and what is folded in it."""
    return timed(folded(linked(cell, language), language), name)


def all_messages(source: LessonSource) -> list[Message]:
    """Every message of a lesson in reading order."""
    return [message for cell in source.cells for message in messages(cell)]


def _in(cell: Cell, language: str, catalogue: Catalogue) -> Cell:
    cell = translated(cell, catalogue.translate)
    return replace(cell, text=in_language(cell.text, language)) if cell.kind == "code" else cell


def written(cells: Iterable[Cell], course: Course, name: str, language: str, *, run: bool) -> str:
    """``cells`` as the text of an .ipynb file.

    run: whether they are executed, in the folder of ``language``.
    """
    import nbformat

    notebook = nbformat.from_dict(_notebook(cells))  # type: ignore[no-untyped-call]
    if run:
        folder = course.folder / language
        folder.mkdir(parents=True, exist_ok=True)
        execute(notebook, folder, name)
    notebook.metadata = {"kernelspec": KERNEL, "language_info": {"name": "python"}}
    return str(nbformat.writes(notebook)) + "\n"  # type: ignore[no-untyped-call]


def _notebook(cells: Iterable[Cell]) -> dict[str, Any]:
    metadata = {"kernelspec": KERNEL, "language_info": {"name": "python"}}
    return {
        "cells": [_raw(cell) for cell in cells],
        "metadata": metadata,
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def _raw(cell: Cell) -> dict[str, Any]:
    metadata: dict[str, Any] = {"tags": sorted(cell.tags)} if cell.tags else {}
    if cell.kind == "code" and only_asks(cell.text):
        metadata["jupyter"] = {"source_hidden": True}  # what it asks is shown below it
    raw = {"cell_type": cell.kind, "id": cell.id, "metadata": metadata, "source": cell.text}
    return raw | {"execution_count": None, "outputs": []} if cell.kind == "code" else raw


def drift(committed: str, rebuilt: str, *, outputs: bool = True) -> str | None:
    """Where two notebooks differ, or None.

    Pixels of images are not compared: they follow the machine's fonts and matplotlib;
    ``outputs=False`` leaves the outputs to nbval.
    """
    one, other = _comparable(committed, outputs), _comparable(rebuilt, outputs)
    ours, theirs = (list(_cells(notebook)) for notebook in (one, other))
    if [cell_id for cell_id, _ in ours] != [cell_id for cell_id, _ in theirs]:
        return "the list of cells"
    for (cell_id, mine), (_, yours) in zip(ours, theirs, strict=True):
        if parts := [part for part in yours if mine.get(part) != yours[part]]:
            return f"cell {cell_id!r} ({', '.join(parts)})"
    return None if one == other else "the metadata"


def _cells(notebook: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for cell in notebook["cells"]:
        yield cell["id"], cell


def _comparable(text: str, outputs: bool) -> dict[str, Any]:
    notebook: dict[str, Any] = json.loads(text)
    for _, cell in _cells(notebook):
        if not outputs:
            cell.pop("outputs", None)
            cell.pop("execution_count", None)
        for output in cell.get("outputs", ()):
            data = output.get("data", {})
            data.update({mime: "pixels" for mime in data if mime.startswith("image/")})
            output.pop("metadata", None)  # holds the size of images
    return notebook


def check(course: Course, name: str, language: str, *, run: bool = True) -> str | None:
    """What is wrong with the committed notebook, in one sentence, or None.

    SourceError and TranslationError as sentences too.
    """
    path = course.path(name, language)
    where = f"{path.parent.name}/{path.name}"
    if not path.exists():
        return f"{where} has not been built."
    try:
        rebuilt = build(course, name, language, run=run)
    except (SourceError, TranslationError) as error:
        return str(error)
    found = drift(path.read_text("utf-8"), rebuilt, outputs=run)
    return found and f"{where} is not what its source builds: {found} differs."
