"""The learner's own folder: a copy of the lessons to write in, kept up with the course.

Laws
1. What the learner wrote is never overwritten: a cell they changed keeps their text.
2. A cell they did not change follows the course; so do cells that come or go.
3. Starting a lesson again keeps the old notebook beside the new one.
4. Nothing outside of the folder is read, moved or written: a link that leads out is refused.

How a change is known: beside the lessons lies what was copied (``.course/``), as it came. A cell
whose text is still that text is untouched, whatever its outputs are.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from os.path import realpath
from pathlib import Path
from typing import Any

from kinesis_sim.course.outline import OutlineEntry, entries, entry_of
from kinesis_sim.course.progress import FILE, MARK, Progress
from kinesis_sim.course.spoken_parser import spoken_commands
from kinesis_sim.course.words import LANGUAGES, known_language
from kinesis_sim.errors import UsageError

PRISTINE = ".course"
Notebook = dict[str, Any]
Cell = dict[str, Any]


def lessons_folder() -> Path:
    """Where the course's built lessons lie: in the package, or in the project it is developed in.

    Raises UsageError when neither is there.
    """
    import kinesis_sim

    package = Path(kinesis_sim.__file__).parent
    for folder in (package / "lessons", package.parent / "notebooks"):
        if (folder / "en").is_dir():
            return folder
    raise UsageError("The lessons are not installed: pip install --upgrade 'kinesis-lab[lab]'.")


class Workbook:
    """A learner's folder. lessons: where the course's notebooks lie (the installed ones)."""

    def __init__(self, folder: Path, lessons: Path | None = None) -> None:
        self.folder = folder
        self._lessons = lessons_folder() if lessons is None else lessons

    @property
    def progress_file(self) -> Path:
        """The learner's progress."""
        return self.folder / FILE

    def path(self, entry: OutlineEntry, language: str) -> Path:
        """Where the learner's copy of a lesson lies."""
        return self.folder / language / f"{entry.file}.ipynb"

    def prepare(self) -> list[str]:
        """Make the folder, or bring an older one up to date; returns what was done, a line each.

        Raises UsageError when the folder is the course's own, or holds what is no notebook.
        """
        if self.folder.resolve() in {self._lessons.resolve(), *self._lessons.resolve().parents}:
            raise UsageError(spoken_commands().say("lab.own", folder=self.folder))
        self._refuse_outside()
        self.folder.mkdir(parents=True, exist_ok=True)
        mark = self.folder / MARK
        if not mark.exists():
            mark.write_text(json.dumps({"kinesis_lab_folder": 1}) + "\n", "utf-8")
        return [line for language in LANGUAGES for line in self._follow(language)]

    def again(self, slug: str, language: str, today: datetime) -> Path:
        """Start a lesson again: the old notebook is kept aside; returns where it now lies.

        What was kept of the lesson's predictions, checks and answers is forgotten; it stands in
        the old notebook's outputs. UsageError for a lesson that is not in the folder.
        """
        entry = entry_of(slug)
        own = self.path(entry, known_language(language))
        self._refuse_outside()
        if not own.exists():
            raise UsageError(spoken_commands().say("lab.absent", path=own))
        aside = own.with_name(f"{own.stem}.{today:%Y-%m-%d-%H%M%S}.ipynb")
        own.rename(aside)
        own.write_text(_text(_cleared(_read(self._source(entry, language)))), "utf-8")
        Progress(self.progress_file).forget(slug)
        return aside

    def _refuse_outside(self) -> None:
        """Raises UsageError for a part of the folder that a link leads out of it."""
        root = Path(realpath(self.folder))
        parts = [self.folder / MARK, self.progress_file]
        for language in LANGUAGES:
            parts += (self.folder / language).glob("*.ipynb")  # those of other numbers, too
            for entry in entries():
                parts += self.path(entry, language), self._base(entry, language)
        for path in parts:
            if not Path(realpath(path)).is_relative_to(root):
                said = spoken_commands().say("lab.outside", path=path, folder=self.folder)
                raise UsageError(said)

    # --- following the course -----------------------------------------------------------------

    def _source(self, entry: OutlineEntry, language: str) -> Path:
        return self._lessons / language / f"{entry.file}.ipynb"

    def _follow(self, language: str) -> Iterator[str]:
        for entry in entries():
            source = self._source(entry, language)
            if source.exists():
                yield from self._bring(entry, language, _cleared(_read(source)))

    def _bring(self, entry: OutlineEntry, language: str, new: Notebook) -> Iterator[str]:
        """Bring one lesson: copied, merged with what the learner wrote, or left as it is."""
        own, base = self.path(entry, language), self._base(entry, language)
        self._renumber(entry, language, own)
        if not own.exists():
            own.parent.mkdir(parents=True, exist_ok=True)
            own.write_text(_text(new), "utf-8")
            yield spoken_commands().say("lab.copied", name=f"{language}/{own.name}")
        elif base.exists() and base.read_text("utf-8") != _text(new):
            merged, kept = merge(_read(base), _read(own), new)
            own.write_text(_text(merged), "utf-8")
            key = "lab.updated-kept" if kept else "lab.updated"
            yield spoken_commands().say(key, name=f"{language}/{own.name}", kept=kept)
        base.parent.mkdir(parents=True, exist_ok=True)
        base.write_text(_text(new), "utf-8")

    def _base(self, entry: OutlineEntry, language: str) -> Path:
        """What was copied, by the lesson's name: numbers change when the course grows."""
        return self.folder / PRISTINE / language / f"{entry.slug}.ipynb"

    def _renumber(self, entry: OutlineEntry, language: str, own: Path) -> None:
        """Give a lesson its new number when the course put others before it."""
        if own.exists() or not self._base(entry, language).exists():
            return
        for old in sorted(own.parent.glob(f"[0-9][0-9]_{entry.slug}.ipynb")):
            old.rename(own)
            return


def merge(base: Notebook, own: Notebook, new: Notebook) -> tuple[Notebook, int]:
    """A learner's notebook brought up to date, and how many of their own cells it keeps.

    A cell is followed by its id. One that the learner changed, or added, stays as it is and behind
    the same neighbour; every other one is the course's new text, with no output.
    """
    was = {cell["id"]: _source_of(cell) for cell in base["cells"]}
    theirs = {cell["id"]: cell for cell in own["cells"]}
    changed = {i for i, cell in theirs.items() if i in was and _source_of(cell) != was[i]}
    cells = [theirs[c["id"]] if c["id"] in changed else c for c in new["cells"]]
    coming = {cell["id"] for cell in new["cells"]}
    for before, cell in _with_neighbour(own["cells"]):
        if cell["id"] not in coming and (cell["id"] not in was or cell["id"] in changed):
            cells.insert(_place_behind(before, cells), cell)
            coming.add(cell["id"])
            changed.add(cell["id"])
    return new | {"cells": cells}, len(changed)


def _with_neighbour(cells: list[Cell]) -> Iterator[tuple[list[str], Cell]]:
    """Each cell with the ids of those before it, the nearest first."""
    ids = [cell["id"] for cell in cells]
    for place, cell in enumerate(cells):
        yield ids[:place][::-1], cell


def _place_behind(before: list[str], cells: list[Cell]) -> int:
    places = {cell["id"]: place for place, cell in enumerate(cells)}
    return next((places[i] + 1 for i in before if i in places), 0)


def _source_of(cell: Cell) -> str:
    source = cell["source"]
    return source if isinstance(source, str) else "".join(source)


def _cleared(notebook: Notebook) -> Notebook:
    """The notebook as a learner finds it: nothing has been run, so nothing is answered."""
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"], cell["execution_count"] = [], None
    return notebook


def _read(path: Path) -> Notebook:
    try:
        notebook = json.loads(path.read_text("utf-8"))
        cells = notebook["cells"]
        for number, cell in enumerate(cells, 1):
            cell.setdefault("id", f"own-{number}")
            if not isinstance(cell["id"], str) or not isinstance(cell["cell_type"], str):
                raise TypeError(f"cell {number} has no id and type")
            _source_of(cell)
        _text(notebook).encode()  # half a character, as an escape can bring it, cannot be kept
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        said = spoken_commands().say("lab.no-notebook", path=path, error=repr(error))
        raise UsageError(said) from error
    return dict(notebook)


def _text(notebook: Notebook) -> str:
    return json.dumps(notebook, ensure_ascii=False, indent=1) + "\n"
