"""The package as source text: what the tests of the house's laws read."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "kinesis_sim"


@dataclass(frozen=True)
class Import:
    """One imported module, as a dotted name."""

    name: str
    line: int
    lazy: bool  # inside a function: nothing loads until it is called
    typing: bool  # under TYPE_CHECKING: never loads


@dataclass(frozen=True)
class Module:
    path: Path
    tree: ast.Module

    @property
    def place(self) -> str:
        return self.path.relative_to(PACKAGE).as_posix()

    @property
    def room(self) -> str:
        """First name below the package: "streams" of streams/shard.py, "clock" of clock.py."""
        name = self.path.relative_to(PACKAGE).with_suffix("").parts[0]
        return "kinesis_sim" if name == "__init__" else name

    @property
    def imports(self) -> Iterator[Import]:
        return imports(self.tree)


@cache
def modules() -> tuple[Module, ...]:
    """Every module of the package, parsed once for all laws."""
    paths = sorted(PACKAGE.rglob("*.py"))
    return tuple(Module(path, ast.parse(path.read_text())) for path in paths)


def imports(node: ast.AST, lazy: bool = False, typing: bool = False) -> Iterator[Import]:
    """Every import below a node, in the order of the source."""
    for child in ast.iter_child_nodes(node):
        for name in imported_names(child):
            yield Import(name, child.lineno, lazy, typing)  # type: ignore[attr-defined]
        yield from imports(
            child,
            lazy or isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef),
            typing or (isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test)),
        )


def imported_names(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        dots = "." * node.level
        return [f"{dots}{node.module or ''}.{alias.name}" for alias in node.names]
    return []


def calls(tree: ast.AST) -> Iterator[tuple[int, str, ast.Call]]:
    """Line, dotted name and node of every call whose target is a plain or dotted name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
            yield node.lineno, ast.unparse(node.func), node
