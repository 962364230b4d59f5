"""The recordings as they lie in ``data/``: sources, scenes, rows; the package tells the format."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any

from kinesis_sim.errors import UsageError

_MEMBERS = frozenset(
    {"call", "ask", "at", "wait", "gives", "refused", "raw", "region", "setup", "note"}
    | {"differs", "not_simulated"}
)


Text = str | tuple[str, ...] | None
"""An error's text; the parts of one whose order is not on record; None where none is known."""


@dataclass(frozen=True, slots=True)
class Publication:
    """Where recordings were published. recorded: the day (or days) on which AWS answered."""

    name: str
    repository: str
    file: str
    recorded: str
    newer: Mapping[str, str] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class Recording:
    """One request and what AWS answered. at: ms since the scene began; number: from 1.

    gives: the answer, None when it was refused. refused: code and text, None where none is known.
    differs, not_simulated: the reason, or None.
    """

    number: int
    at: int
    service: str
    operation: str
    ask: dict[str, Any]
    gives: dict[str, Any] | None
    refused: tuple[str, Text] | None
    raw: bool
    region: str | None
    setup: bool
    differs: str | None
    not_simulated: str | None


@dataclass(frozen=True, slots=True)
class RecordedScene:
    """Requests in their order; all begin in one fresh simulator.

    before: rows of another scene that are carried out first and not counted again.
    """

    source: Publication
    name: str
    before: tuple[Recording, ...]
    rows: tuple[Recording, ...]

    @property
    def title(self) -> str:
        """A name among all scenes, for tests."""
        return f"{self.source.name}: {self.name}"


@cache
def scenes() -> tuple[RecordedScene, ...]:
    """All scenes of all files, by file name."""
    folder = resources.files(__package__) / "data"
    files = sorted((file for file in folder.iterdir()), key=lambda file: file.name)
    return tuple(
        scene
        for file in files
        if file.name.endswith(".json")
        for scene in read(file.name.removesuffix(".json"), json.loads(file.read_text("utf-8")))
    )


def read(name: str, document: Mapping[str, Any]) -> Iterator[RecordedScene]:
    """The scenes of one file's content."""
    told = document["source"]
    newer = document.get("newer", {})
    source = Publication(name, told["repository"], told["file"], told["recorded"], newer)
    pace = document.get("pace", 1)
    known: dict[str, list[dict[str, Any]]] = {}
    for entry in document["scenes"]:
        begun = known.get(entry.get("begin", ""), [])
        known[entry["name"]] = [*begun, *entry["rows"]]
        made = tuple(_recordings(source, entry, known[entry["name"]], pace))
        yield RecordedScene(source, entry["name"], made[: len(begun)], made[len(begun) :])


def _recordings(
    source: Publication, entry: Mapping[str, Any], rows: list[dict[str, Any]], pace: float
) -> Iterator[Recording]:
    at = 0.0
    for number, row in enumerate(rows, 1):
        unknown = row.keys() - _MEMBERS
        if unknown:
            raise UsageError(
                f"Row {number} of {entry['name']!r} in {source.name}.json has {min(unknown)!r}; "
                f"rows have {', '.join(sorted(_MEMBERS))}."
            )
        default = at + row.get("wait", pace) if number > 1 else at
        at = row.get("at", default)
        service, _, operation = row["call"].partition(".")
        refused = row.get("refused")
        yield Recording(
            number=number,
            at=round(at * 1000),
            service=service,
            operation=operation,
            ask=row.get("ask", {}),
            gives=row.get("gives"),
            refused=None if refused is None else (refused[0], _text(refused[1])),
            raw=row.get("raw", False),
            region=row.get("region"),
            setup=row.get("setup", False),
            differs=row.get("differs"),
            not_simulated=row.get("not_simulated"),
        )


def _text(recorded: Any) -> Text:
    return tuple(recorded) if isinstance(recorded, list) else recorded
