"""A lesson's source: a jupytext MyST file whose every cell carries a stable id."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

CELL_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")
LANGUAGE_LINE = re.compile(r'(\bLesson\("[a-z0-9_]+", lang=)"en"(\))')


class SourceError(ValueError):
    """A lesson's source breaks a rule of the course; the message names file, cell and rule."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: ``kind`` is "markdown" or "code"."""

    id: str
    kind: str
    text: str
    tags: frozenset[str] = field(default_factory=frozenset)

    @property
    def is_solution(self) -> bool:
        """Whether the cell is shown only as a solution (tag ``solution``)."""
        return "solution" in self.tags


@dataclass(frozen=True, slots=True)
class LessonSource:
    """A lesson as its author wrote it, e.g. ``02_shards_and_partition_keys``."""

    name: str
    cells: tuple[Cell, ...]


def read_source(path: Path) -> LessonSource:
    """Read one lesson; SourceError when a cell has no id or the lesson no language line."""
    import jupytext

    notebook = jupytext.reads(path.read_text("utf-8"), fmt="md:myst")
    cells = tuple(_cell(raw, number, path.stem) for number, raw in enumerate(notebook.cells, 1))
    check_ids(cells, path.stem)
    check_language_line(cells, path.stem)
    return LessonSource(path.stem, cells)


def _cell(raw: "dict[str, object]", number: int, name: str) -> Cell:
    metadata = raw["metadata"]
    assert isinstance(metadata, dict)
    if "id" not in metadata:
        start = str(raw["source"])[:40]
        raise SourceError(
            f"{name}: cell {number} ({start!r}) has no id. Give it one: it is for ever."
        )
    tags = frozenset(metadata.get("tags", ()))
    return Cell(str(metadata["id"]), str(raw["cell_type"]), str(raw["source"]), tags)


def check_ids(cells: Iterable[Cell], name: str) -> None:
    """Ids are lower-case words joined by hyphens, and unique: translations hang on them."""
    counts = Counter(cell.id for cell in cells)
    for cell_id, count in counts.items():
        if count > 1:
            raise SourceError(f"{name}: {count} cells share the id {cell_id!r}.")
        if not CELL_ID.fullmatch(cell_id):
            raise SourceError(f"{name}: {cell_id!r} is no cell id; use a-z, 0-9 and hyphens.")


def check_language_line(cells: Iterable[Cell], name: str) -> None:
    """Exactly one cell says ``Lesson("slug", lang="en")``, with the lesson's own slug."""
    lines = [found[0] for cell in cells if cell.kind == "code" for found in spoken(cell.text)]
    expected = f'Lesson("{name}", lang="en")'
    if lines != [expected]:
        raise SourceError(f"{name}: say {expected} in exactly one code cell; found {lines}.")


def spoken(code: str) -> "list[re.Match[str]]":
    """The places where ``code`` names the lesson's language."""
    return list(LANGUAGE_LINE.finditer(code))


def in_language(code: str, language: str) -> str:
    """``code`` with its language line switched to ``language``."""
    return LANGUAGE_LINE.sub(rf'\1"{language}"\2', code)
