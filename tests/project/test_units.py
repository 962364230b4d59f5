"""A second, an hour, a mebibyte are defined once: in ``instants`` and ``units``."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from kinesis_sim import instants, units
from tests.project.source import PACKAGE, Module, modules

HOMES = ("instants.py", "units.py")
KNOWN = {
    **{name: vars(instants)[name] for name in ("SECOND", "MINUTE", "HOUR", "DAY")},
    **{name: vars(units)[name] for name in ("KIB", "MIB", "GIB")},
}
NAMES = {*KNOWN, *(f"{name}_MS" for name in ("SECOND", "MINUTE", "HOUR", "DAY"))}
LARGE = {name: value for name, value in KNOWN.items() if value >= units.MIB}
"""What nobody writes as a number by chance."""


def value_of(node: ast.expr) -> int | None:
    """The number that an expression of digits alone stands for."""
    if any(isinstance(part, ast.Name | ast.Call | ast.Attribute) for part in ast.walk(node)):
        return None
    if isinstance(node, ast.Constant | ast.BinOp):
        try:
            found = ast.literal_eval(node) if isinstance(node, ast.Constant) else arithmetic(node)
        except (TypeError, ValueError):
            return None
        return found if type(found) is int else None
    return None


def arithmetic(node: ast.BinOp) -> int | None:
    left, right = value_of(node.left), value_of(node.right)
    if left is None or right is None:
        return None
    signs = {ast.Mult: int.__mul__, ast.Pow: int.__pow__, ast.LShift: int.__lshift__}
    sign = signs.get(type(node.op))
    return None if sign is None or right > 100_000 else sign(left, right)


def defined_anew(module: Module) -> Iterator[str]:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Name) and target.id in NAMES:
                    yield f"{module.place}:{node.lineno} defines {target.id}"
        if isinstance(node, ast.BinOp | ast.Constant):
            found = [name for name, value in LARGE.items() if value_of(node) == value]
            if found:
                yield f"{module.place}:{node.lineno} writes {ast.unparse(node)} for {found[0]}"


def test_units_are_defined_once() -> None:
    inside = [module for module in modules() if module.place not in HOMES]
    assert [found for module in inside for found in defined_anew(module)] == []


@pytest.mark.parametrize(
    "text", ["MIB = 4", "HOUR = x", "a = 3_600_000", "a = 64 * 2**20", "a = 5 * (1024 * 1024)"]
)
def test_the_reading_finds_them(text: str) -> None:
    assert list(defined_anew(Module(PACKAGE / "streams/x.py", ast.parse(text))))


@pytest.mark.parametrize("text", ["a = 64 * MIB", "a = 1_000", "HOURS = 3", "a = 1 << 21"])
def test_the_reading_lets_other_numbers_be(text: str) -> None:
    assert not list(defined_anew(Module(PACKAGE / "streams/x.py", ast.parse(text))))
