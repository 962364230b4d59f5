"""Writes ``docs/events.md``, the list of events and who lives by them, from the source.

``python -m tests.project.events_page`` writes it; a test holds that it is up to date.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from tests.project.source import ROOT, Module, modules

PAGE = ROOT / "docs" / "events.md"
HEAD = """# Events, and who lives by them

Written by `python -m tests.project.events_page`; a test holds that it is up to date. An event is a
frozen dataclass that carries counts, bytes and places, never payloads. *State* is kept whole for
ever; *traffic* gives way to sums per minute when there is much of it (the laws stand at the top of
`kinesis_sim/events.py`). Who reads an event folds it, listens to it, or looks it up in the log.
"""
COLUMNS = "| event | what happened | kept as | appended by | read by |\n|---|---|---|---|---|\n"


@dataclass
class Entry:
    """An event class: its module, first sentence, and the modules that append and read it."""

    module: Module
    said: str
    chatter: bool
    made: set[str] = field(default_factory=set)
    read: set[str] = field(default_factory=set)


def events() -> dict[str, Entry]:
    """Every event class of the package by name, in the order of rooms and of the source."""
    found: dict[str, Entry] = {}
    bases = {"Event"}
    for module in modules():
        for node in module.tree.body:
            if not isinstance(node, ast.ClassDef):
                continue
            above = {base.id for base in node.bases if isinstance(base, ast.Name)} & bases
            if above and imports_event(module):
                chatter = any(said_so(part) for part in node.body)
                inherited = any(found[name].chatter for name in above if name in found)
                said = (ast.get_docstring(node) or "").split("\n")[0]
                said = said.split(". ")[0].rstrip(".")
                found[node.name] = Entry(module, said, chatter or inherited)
                bases.add(node.name)
    for module in modules():
        note_uses(module, found)
    return found


def imports_event(module: Module) -> bool:
    return any(each.name == "kinesis_sim.events.Event" for each in module.imports)


def said_so(node: ast.stmt) -> bool:
    return isinstance(node, ast.AnnAssign) and ast.unparse(node.target) == "chatter"


def note_uses(module: Module, found: dict[str, Entry]) -> None:
    """Note in which modules an event is made, and where it is named without being made."""
    brought = {each.name.rpartition(".")[2] for each in module.imports} & set(found)
    calls = [node.func for node in ast.walk(module.tree) if isinstance(node, ast.Call)]
    made = {id(func) for func in calls if isinstance(func, ast.Name)}
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Name) and node.id in found:
            entry = found[node.id]
            if node.id in brought or module is entry.module:
                if id(node) in made:
                    entry.made.add(module.place)
                elif module is not entry.module:
                    entry.read.add(module.place)


def page() -> str:
    """The page as it should be."""
    by_module = defaultdict[str, list[str]](list)
    for name, entry in events().items():
        kind = "traffic" if entry.chatter else "state"
        cells = (f"`{name}`", entry.said, kind, listed(entry.made), listed(entry.read))
        by_module[entry.module.place].append(f"| {' | '.join(cells)} |")
    parts = [HEAD]
    for place, rows in by_module.items():
        parts.append(f"\n## `{place}`\n\n{COLUMNS}" + "\n".join(rows) + "\n")
    return "".join(parts)


def listed(places: set[str]) -> str:
    return ", ".join(place.removesuffix(".py") for place in sorted(places)) or "–"


if __name__ == "__main__":
    Path(PAGE).write_text(page(), encoding="utf-8")
