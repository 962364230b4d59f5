"""The face of a service: every room hands over the same thing, and nobody else knows its words."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from importlib import import_module
from pathlib import Path

import pytest

from kinesis_sim import Simulator
from kinesis_sim.aws.model import operations as api_operations
from kinesis_sim.rooms import ROOMS, data
from tests.project.source import PACKAGE, Module, modules

SEAM = (
    "account/bill.py",
    "account/calls.py",
    "account/delays.py",
    "account/quotas.py",
    "account/rates.py",
    "account/service.py",
    "aws/boto.py",
    "aws/gate.py",
    "aws/push.py",
    "aws/query.py",
    "aws/rest.py",
    "aws/rpc.py",
    "aws/surroundings.py",
    "aws/waiting.py",
)
"""What every service passes through: none of them may know one."""
WORDS = re.compile(r"\b(kinesis|firehose|lambda|cloudwatch|QueueRecords|EventStream|StreamName)\b")
OURS = re.compile(r"kinesis-lab|kinesis\.simulated")
WITHOUT_QUOTAS = {
    "cloudwatch": "of its one quota, alarms of an account, no source was found",
    "lambda": "what it enforces are sizes in botocore's model and settings of a mapping",
    "fis": "its quotas of templates, experiments and minutes have no rows of facts",
}


FOREIGN = {("aws/boto.py", "_endpoint"), ("aws/multiplex.py", "_flush")}
"""Private parts of other people's packages whose names we happen to use ourselves: botocore's,
hypercorn's."""


def place(room: str) -> Path:
    return PACKAGE.parent.joinpath(*room.split("."))


def source_of(room: str) -> str:
    return "\n".join(path.read_text() for path in sorted(place(room).rglob("*.py")))


@pytest.mark.parametrize(("name", "room"), ROOMS.items())
def test_every_room_has_the_same_face(name: str, room: str) -> None:
    assert callable(import_module(f"{room}.service").services)
    assert import_module(f"{room}.operations").__all__
    assert import_module(f"{room}.refusals").__doc__
    assert bool(data(room, "quotas.toml")) is (name not in WITHOUT_QUOTAS)


@pytest.mark.parametrize("name", ROOMS)
def test_a_service_is_what_botocore_knows_by_its_name(name: str) -> None:
    service = Simulator().services[name]
    known, have = set(api_operations(name)), set(service.operations)
    assert service.name == name
    assert service.title
    assert have <= known
    assert service.elsewhere <= known - have
    assert service.acts_on.keys() <= have
    assert all("{}" in form for form in service.named_by.values())


@pytest.mark.parametrize("room", ROOMS.values())
def test_every_delay_of_a_room_is_one_that_it_waits(room: str) -> None:
    source, short = source_of(room), room.rpartition(".")[2]
    named = data(room, "delays.toml").get("ms", {})
    assert [change for change in named if f'"{short}.{change}"' not in source] == []


def words(tree: ast.AST) -> list[str]:
    """Texts in code that name a service; docstrings and sentences about texts aside."""
    prose = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and id(node) not in prose
        and WORDS.search(OURS.sub("", node.value))
    ]


@pytest.mark.parametrize("path", SEAM)
def test_what_all_pass_through_knows_none_of_them(path: str) -> None:
    module = Module(PACKAGE / path, ast.parse((PACKAGE / path).read_text()))
    rooms = tuple(f"{room}." for room in ROOMS.values())
    assert [found.name for found in module.imports if found.name.startswith(rooms)] == []
    assert words(module.tree) == []


def test_the_search_finds_a_word() -> None:
    assert words(ast.parse('"""kinesis"""\nanswer = {"QueueRecords": []}')) == ["QueueRecords"]
    assert words(ast.parse('"pip install kinesis-lab"')) == []


# --- private attributes ---------------------------------------------------------------------------


def private_names(tree: ast.AST) -> set[str]:
    """Private names that a module defines: functions, classes, attributes of self, constants."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            found.add(node.attr)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
    return {name for name in found if is_private(name)}


def is_private(name: str) -> bool:
    return name.startswith("_") and not name.endswith("_") and name != "_"


def reached(module: Module) -> set[str]:
    """Private names that a module reaches for on something that is not itself."""
    attributes = {
        node.attr
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Attribute)
        and ast.unparse(node.value) not in {"self", "cls", "super()"}
    }
    imported = {
        found.name.rpartition(".")[2]
        for found in module.imports
        if found.name.startswith("kinesis_sim.")
    }
    return {name for name in attributes | imported if is_private(name)}


def across(everything: list[Module]) -> list[str]:
    """Private names of one room that another reaches for."""
    defined: dict[str, set[str]] = defaultdict(set)
    for module in everything:
        defined[module.room] |= private_names(module.tree)
    return [
        f"{module.place} reaches for {name}"
        for module in everything
        for name in sorted(reached(module))
        if name not in defined[module.room]
        and (module.place, name) not in FOREIGN
        and any(name in names for room, names in defined.items() if room != module.room)
    ]


def test_nobody_reaches_into_another_room() -> None:
    assert across(modules()) == []


def test_the_search_finds_who_reaches_across() -> None:
    there = Module(PACKAGE / "streams/x.py", ast.parse("class A:\n    def _hidden(self): ..."))
    here = Module(PACKAGE / "aws/y.py", ast.parse("def f(a):\n    return a._hidden()"))
    assert across([there, here]) == ["aws/y.py reaches for _hidden"]
    beside = Module(PACKAGE / "streams/y.py", ast.parse("def f(a):\n    return a._hidden()"))
    assert across([there, beside]) == []
