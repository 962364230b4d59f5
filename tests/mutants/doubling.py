"""One number doubled, in a process that was forked for it.

``double`` does so before anything of the package is imported, and is always right. ``double_now``
does so in a package that is imported already, which is a hundred times cheaper; it is right for a
number that nothing reads while it is imported (see ``uses.py``).
"""

from __future__ import annotations

import ast
import sys
from dataclasses import replace
from importlib.machinery import SourceFileLoader
from types import CodeType
from typing import Any

from tests.mutants.mutant import NAMED_BY, Mutant, doubled, doubled_rows, numbers
from tests.mutants.uses import Uses


def double(mutant: Mutant) -> None:
    """Have what is imported from now on find the number doubled."""
    (double_constant if mutant.kind == "constant" else double_row)(mutant)


def double_row(mutant: Mutant) -> None:
    """Have the one reader of data files read one number doubled."""
    from kinesis_sim import rooms

    read = rooms.data
    [file] = [file for file, kind in NAMED_BY.items() if kind == mutant.kind]

    def data(package: str, name: str) -> dict[str, Any]:
        content = read(package, name)
        room = package.rpartition(".")[2]
        return doubled_rows(room, content, mutant.what) if name == file else content

    rooms.data = data  # type: ignore[assignment]


def double_constant(mutant: Mutant) -> None:
    """Have one module compiled with one number doubled."""
    module, name = mutant.place
    compiled = SourceFileLoader.get_code

    def get_code(loader: SourceFileLoader, fullname: str) -> CodeType | None:
        if fullname != module:
            return compiled(loader, fullname)
        path = loader.get_filename(fullname)
        tree = doubled(loader.get_data(path).decode(), name)
        return compile(tree, path, "exec", dont_inherit=True)

    SourceFileLoader.get_code = get_code  # type: ignore[method-assign,assignment]


def double_now(mutant: Mutant, uses: Uses) -> None:
    """Double the number where it stands, and its copies in the modules that import it by name."""
    match mutant.kind:
        case "constant":
            constant_now(mutant, uses)
        case "quota":
            from kinesis_sim.account.quotas import TABLE

            row = TABLE[mutant.what]
            TABLE[mutant.what] = replace(row, value=2 * row.value)
        case _:
            from kinesis_sim.account import delays
            from kinesis_sim.rooms import ROOMS, packages

            delays._realistic(packages(ROOMS))[mutant.what] *= 2


def constant_now(mutant: Mutant, uses: Uses) -> None:
    module, name = mutant.place
    if module not in sys.modules:  # nothing that was imported reads it
        double_constant(mutant)
        return
    loaded = sys.modules[module]
    tree = doubled(uses.modules[module].source, name)
    [value] = [found for node in tree.body for own, found in numbers(node) if own == name]
    code = compile(ast.Expression(value), str(loaded.__file__), "eval")
    new = eval(code, vars(loaded))
    setattr(loaded, name, new)
    for holder, own in uses.copies.get((module, name), ()):
        if holder in sys.modules:
            setattr(sys.modules[holder], own, new)
