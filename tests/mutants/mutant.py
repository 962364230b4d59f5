"""Numbers that a test must notice when they are doubled, found mechanically.

Quotas and delays are rows of the services' data files, read as the package reads them. Constants
are the numbers a module names and calls the model's choice: beside the name, or for the module as a
whole. Which is which follows from the source: nothing is listed here.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kinesis_sim.rooms import ROOMS, packages, rows

PACKAGE = Path(__file__).parents[2] / "kinesis_sim"
CHOICE = "model's choice"
NAMED_BY = {"quotas.toml": "quota", "delays.toml": "delay"}
NEAR = 2
"""Lines above and below a constant that may say whose choice it is."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """One number, doubled. name: ``quota streams.consumers``, ``delay mappings.create``, or
    ``constant kinesis_sim.mappings.lane.LONGEST_PAUSE_MS``."""

    name: str

    @property
    def kind(self) -> str:
        return self.name.partition(" ")[0]

    @property
    def what(self) -> str:
        return self.name.partition(" ")[2]

    @property
    def place(self) -> tuple[str, str]:
        """The module and the name of a constant."""
        module, _, name = self.what.rpartition(".")
        return module, name

    @property
    def room(self) -> str:
        """The folder of tests that should notice first: ``streams``."""
        parts = self.what.split(".")
        return parts[1] if self.kind == "constant" else parts[0]


def mutants() -> list[Mutant]:
    """All of them: quotas, delays, constants."""
    rated = [f"{kind} {name}" for file, kind in NAMED_BY.items() for name in data_rows(file)]
    chosen = [f"constant {name}" for name in constants()]
    return [Mutant(name) for name in (*rated, *chosen)]


def data_rows(file: str) -> Iterator[str]:
    """The names of the rows of a kind of data file, ``<room>.<row>``."""
    for room, content in rows(packages(ROOMS), file).items():
        for table in ("quotas", "ms"):
            for name in content.get(table, {}):
                yield f"{room}.{name}"
        for operations in content.get("calls", {}).values():
            if isinstance(operations, dict):
                yield from (f"{room}.calls.{operation}" for operation in operations)


def doubled_rows(room: str, content: dict[str, Any], row: str) -> dict[str, Any]:
    """A data file's content with one row's number twice as large."""
    wanted = row.removeprefix(f"{room}.")
    if not row.startswith(f"{room}."):
        return content
    changed = {name: dict(t) if isinstance(t, dict) else t for name, t in content.items()}
    for table in ("quotas", "ms"):
        old = changed.get(table, {}).get(wanted)
        if old is not None:
            more = {**old, "value": 2 * old["value"]} if isinstance(old, dict) else 2 * old
            changed[table][wanted] = more
    operation = wanted.removeprefix("calls.")
    for scope, operations in changed.get("calls", {}).items():
        if isinstance(operations, dict) and operation in operations:
            changed["calls"][scope] = {**operations, operation: 2 * operations[operation]}
    return changed


def constants() -> Iterator[str]:
    """Named numbers that their module calls the model's choice: ``module.NAME``."""
    for path in sorted(PACKAGE.rglob("*.py")):
        text = path.read_text("utf-8")
        if CHOICE not in text:
            continue
        tree, lines = ast.parse(text), text.splitlines()
        whole = CHOICE in (ast.get_docstring(tree) or "")
        module = ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts)
        for node in tree.body:
            near = lines[max(node.lineno - 1 - NEAR, 0) : (node.end_lineno or 0) + NEAR]
            if whole or CHOICE in " ".join(near):
                yield from (f"{module}.{name}" for name, _ in numbers(node))


def numbers(node: ast.stmt) -> Iterator[tuple[str, ast.expr]]:
    """The constants in capitals that a statement sets to numbers, and the numbers' place."""
    match node:
        case ast.Assign(targets=[ast.Name(id=name)], value=value):
            pairs = [(name, value)]
        case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
            pairs = [(name, value)]
        case ast.Assign(targets=[ast.Tuple(elts=names)], value=ast.Tuple(elts=values)):
            pairs = [
                (n.id, v) for n, v in zip(names, values, strict=True) if isinstance(n, ast.Name)
            ]
        case _:
            pairs = []
    for name, value in pairs:
        if name.isupper() and any(map(is_number, ast.walk(value))):
            yield name, value


def is_number(node: ast.AST) -> bool:
    """Whether it is a number that doubling changes."""
    return (
        isinstance(node, ast.Constant)
        and isinstance(node.value, int | float)
        and not isinstance(node.value, bool)
        and node.value != 0
    )


def doubled(source: str, name: str) -> ast.Module:
    """A module in which the first number of a constant is twice as large."""
    tree = ast.parse(source)
    [value] = [found for node in tree.body for own, found in numbers(node) if own == name]
    number = next(node for node in ast.walk(value) if is_number(node))
    assert isinstance(number, ast.Constant)
    assert isinstance(number.value, int | float)
    number.value *= 2
    return tree
