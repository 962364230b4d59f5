"""A pytest plugin that doubles one number before anything of the package is imported.

KINESIS_LAB_MUTANT="quota streams.consumers" pytest -p tests.mutants.doubling tests/streams
"""

from __future__ import annotations

import os
from importlib.machinery import SourceFileLoader
from types import CodeType
from typing import Any

from tests.mutants.mutant import NAMED_BY, Mutant, doubled, doubled_rows

VARIABLE = "KINESIS_LAB_MUTANT"


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
    module, _, name = mutant.what.rpartition(".")
    compiled = SourceFileLoader.get_code

    def get_code(loader: SourceFileLoader, fullname: str) -> CodeType | None:
        if fullname != module:
            return compiled(loader, fullname)
        path = loader.get_filename(fullname)
        tree = doubled(loader.get_data(path).decode(), name)
        return compile(tree, path, "exec", dont_inherit=True)

    SourceFileLoader.get_code = get_code  # type: ignore[method-assign,assignment]


if os.environ.get(VARIABLE):
    chosen = Mutant(os.environ[VARIABLE])
    (double_constant if chosen.kind == "constant" else double_row)(chosen)
