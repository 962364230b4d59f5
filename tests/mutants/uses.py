"""Where a named constant is read: in which modules, under which names, and whether on import.

Follows names through ``from module import NAME [as alias]``, attributes of imported modules, and
constants of a module that are computed from others.
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOLDERS = ("kinesis_sim", "tests")
READER = "kinesis_sim.account.quotas"
"""It reads all rows and keeps none."""
EVERY = ("TABLE", "quotas")
"""Its names for all rows."""
ALL = "<all rows>"

Place = tuple[str, str]
"""A module and a name of its own."""
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(slots=True)
class Module:
    """One file as it names things. imported: its own names and what they are elsewhere; modules:
    its names for modules; early: what it reads while it is imported; texts: the strings that stand
    where they are read on import."""

    name: str
    source: str
    imported: dict[str, Place] = field(default_factory=dict)
    modules: dict[str, str] = field(default_factory=dict)
    early: set[Place] = field(default_factory=set)
    texts: set[str] = field(default_factory=set)


class Uses:
    """The modules of the package and of its tests that name a number, read once.

    names: of the constants in question; rows: of the rows.
    """

    def __init__(self, names: Iterable[str], rows: Iterable[str]) -> None:
        words = "|".join(map(re.escape, {*names, *EVERY}))
        texts = "|".join(map(re.escape, rows))
        self._named = re.compile(rf"\b(?:{words})\b|[\"'](?:{texts})[\"']")

    @cached_property
    def modules(self) -> Mapping[str, Module]:
        files = [path for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*.py"))]
        texts = [(path, path.read_text("utf-8")) for path in files]
        found = [read(path, text) for path, text in texts if self._named.search(text)]
        return {module.name: module for module in found}

    def origin(self, place: Place) -> Place:
        """Where a name that a module imports was set."""
        seen = {place}
        while (module := self.modules.get(place[0])) and place[1] in module.imported:
            place = module.imported[place[1]]
            if place in seen:
                break
            seen.add(place)
        return place

    @cached_property
    def copies(self) -> Mapping[Place, list[Place]]:
        """By constant: the modules that import it by name, with their own name for it."""
        found = defaultdict(list)
        for module in self.modules.values():
            for name in module.imported:
                found[self.origin((module.name, name))].append((module.name, name))
        return found

    @cached_property
    def early(self) -> Mapping[Place, set[str]]:
        """By constant: the modules that read it while they are imported."""
        found: dict[Place, set[str]] = defaultdict(set)
        for module in self.modules.values():
            for place in module.early:
                found[self.origin(place)].add(module.name)
        return found

    def early_rows(self, row: str) -> set[str]:
        """The modules that name a row of a data file on import, or the table of all rows."""
        return {
            module.name
            for module in self.modules.values()
            if (row in module.texts or ALL in module.texts) and module.name != READER
        }


def read(path: Path, text: str) -> Module:
    """One file."""
    name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    module = Module(name, text)
    tree = ast.parse(module.source)
    for node in ast.walk(tree):
        match node:
            case ast.ImportFrom(module=str(source), names=names, level=0):
                for each in names:
                    own = each.asname or each.name
                    module.imported[own] = (source, each.name)
                    module.modules[own] = f"{source}.{each.name}"
            case ast.Import(names=names):
                for each in names:
                    if each.asname:
                        module.modules[each.asname] = each.name
    for node in early(tree):
        match node:
            case ast.Name(id=own, ctx=ast.Load()):
                module.early.add((name, own))
                if own in EVERY:
                    module.texts.add(ALL)
            case ast.Attribute(value=ast.Name(id=own), attr=attr) if own in module.modules:
                module.early.add((module.modules[own], attr))
                if attr in EVERY:
                    module.texts.add(ALL)
            case ast.Constant(value=str(text)):
                module.texts.add(text)
    return module


def early(tree: ast.AST) -> Iterator[ast.AST]:
    """The nodes that are evaluated on import: all but the bodies and annotations of functions."""
    for node in ast.iter_child_nodes(tree):
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                given = (*node.args.defaults, *filter(None, node.args.kw_defaults))
                for each in (*node.decorator_list, *given):
                    yield from ast.walk(each)
            case ast.Lambda():
                yield from (n for each in node.args.defaults for n in ast.walk(each))
            case ast.AnnAssign(value=value):
                if value is not None:
                    yield value
                    yield from early(value)
            case ast.If(test=ast.Name(id="TYPE_CHECKING")):
                pass
            case _:
                yield node
                yield from early(node)
