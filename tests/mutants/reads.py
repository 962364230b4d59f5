"""Which tests read which number: an index that says where to look for a test that notices.

Tests run once, with every reading of a constant, a quota or a delay told to ``Reads``. It is a
hint, kept in ``build/``: what a test reads through a cache, or while it is imported, is not in it.
"""

from __future__ import annotations

import ast
import builtins
import json
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import CodeType
from typing import Any

import pytest

from tests.mutants.uses import Place, Uses

KEPT = Path(__file__).parents[2] / "build" / "mutants"
CALLED = "__number_read__"


@dataclass(eq=False)
class Reads:
    """The pytest plugin that records."""

    uses: Uses
    names: Mapping[Place, str]
    now: set[str] = field(default_factory=set)
    found: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    tests: list[tuple[str, float]] = field(default_factory=list)

    def install(self) -> None:
        """Before anything of the package is imported."""
        setattr(builtins, CALLED, self.read)
        compiled, reads = SourceFileLoader.get_code, self

        def get_code(loader: SourceFileLoader, fullname: str) -> CodeType | None:
            if fullname not in reads.uses.modules:
                return compiled(loader, fullname)
            path = loader.get_filename(fullname)
            tree = ast.parse(loader.get_data(path))
            Marker(reads, fullname).visit(tree)
            return compile(ast.fix_missing_locations(tree), path, "exec", dont_inherit=True)

        SourceFileLoader.get_code = get_code  # type: ignore[method-assign,assignment]
        self._rows()

    def _rows(self) -> None:
        from kinesis_sim.account import quotas
        from kinesis_sim.account.delays import Delays

        reads = self

        class Table(dict[str, quotas.Quota]):
            def __getitem__(self, name: str) -> quotas.Quota:
                reads.now.add(f"quota {name}")
                return super().__getitem__(name)

        quotas.TABLE = Table(quotas.TABLE)
        for kind, owner in (("quota", quotas.Limits), ("delay", Delays)):
            self._watch(kind, owner)

    def _watch(self, kind: str, owner: Any) -> None:
        plain = owner.__getitem__

        def get(held: Any, name: str) -> int:
            self.now.add(f"{kind} {name}")
            return int(plain(held, name))

        owner.__getitem__ = get

    def read(self, name: str, value: Any) -> Any:
        self.now.add(name)
        return value

    def of(self, module: str, name: str) -> str | None:
        """The mutant that a module's name stands for, if any."""
        return self.names.get(self.uses.origin((module, name)))

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        self.now.clear()
        begun = time.process_time()
        done = yield
        for name in self.now:
            self.found[name].append(len(self.tests))
        self.tests.append((item.nodeid, time.process_time() - begun))
        return done

    def keep(self, share: int) -> None:
        KEPT.mkdir(parents=True, exist_ok=True)
        said = json.dumps({"tests": self.tests, "reads": self.found})
        (KEPT / f"reads{share}.json").write_text(said)


class Marker(ast.NodeTransformer):
    """Has functions tell that they read a constant."""

    def __init__(self, reads: Reads, module: str) -> None:
        self.reads, self.module, self.depth = reads, module, 0
        self.own = reads.uses.modules[module]  # those that name none are compiled as they are

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        self.depth += 1
        node.body = [self.visit(each) for each in node.body]
        self.depth -= 1
        return node

    visit_AsyncFunctionDef = visit_FunctionDef  # type: ignore[assignment]

    def visit_match_case(self, node: ast.match_case) -> ast.AST:
        """A pattern holds names, and no calls."""
        node.body = [self.visit(each) for each in node.body]
        return node

    def visit_Name(self, node: ast.Name) -> ast.AST:
        if self.depth and isinstance(node.ctx, ast.Load) and node.id.isupper():
            return told(self.reads.of(self.module, node.id), node)
        return node

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        self.generic_visit(node)
        if self.depth and isinstance(node.ctx, ast.Load) and isinstance(node.value, ast.Name):
            module = self.own.modules.get(node.value.id)
            return told(module and self.reads.of(module, node.attr), node)
        return node


def told(name: str | None, node: ast.expr) -> ast.expr:
    if name is None:
        return node
    return ast.Call(ast.Name(CALLED, ast.Load()), [ast.Constant(name), node], [])


@dataclass(frozen=True, slots=True)
class Index:
    """What was recorded: by mutant, the tests that read it, and by file its tests; each with the
    seconds of the processor that it took."""

    reads: dict[str, list[tuple[str, float]]]
    files: dict[str, list[tuple[str, float]]]

    @classmethod
    def kept(cls) -> Index:
        reads, files = defaultdict(list), defaultdict(list)
        for path in sorted(KEPT.glob("reads*.json")):
            content = json.loads(path.read_text())
            for name, numbers in content["reads"].items():
                reads[name] += [tuple(content["tests"][number]) for number in numbers]
            for test, seconds in content["tests"]:
                files[test.partition("::")[0]].append((test, seconds))
        return cls(dict(reads), dict(files))

    def readers(self, mutant: str) -> list[tuple[str, float]]:
        return self.reads.get(mutant, [])

    def beside(self, mutant: str) -> list[tuple[str, float]]:
        """The other tests of the readers' files: a fixture of a file reads for its first test."""
        read = self.readers(mutant)
        files = dict.fromkeys(test.partition("::")[0] for test, _ in read)
        return [each for file in files for each in self.files[file] if each not in set(read)]
