"""Time is an argument, randomness has a seed, the domain touches nothing outside itself."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator

import pytest

from tests.project.source import PACKAGE, Module, calls, modules

DOMAIN = ("account/", "streams/", "firehose/", "mappings/", "analytics/", "video/")
ADAPTERS = ("firehose/destinations/",)  # the ports' other side: the one place that does I/O

CLOCKS_AND_CHANCE = {"random", "secrets", "time", "uuid"}
FILES_AND_PROCESSES = {"io", "os", "pathlib", "shutil", "signal", "subprocess", "tempfile"}
NETWORK = {"http", "httpx", "requests", "select", "selectors", "socket", "ssl", "urllib", "urllib3"}
THREADS = {"asyncio", "concurrent", "multiprocessing", "threading"}
WIRE = {"boto3", "botocore", "cbor2", "moto", "orjson"}
OUTSIDE_WORLD = CLOCKS_AND_CHANCE | FILES_AND_PROCESSES | NETWORK | THREADS | WIRE
CODE_FROM_DATA = frozenset({"dill", "marshal", "pickle", "shelve"})
SEEDLESS = frozenset({"secrets.", "os.urandom", "uuid.uuid1", "uuid.uuid4"})
SLEEPERS = frozenset({"", "anyio", "asyncio", "time", "trio"})
STATE_OF_THE_MODULE = frozenset({"random.getstate", "random.setstate"})  # lend and give back
WALL_CLOCK = frozenset({"now", "today", "utcnow"})


def top(name: str) -> str:
    return name.partition(".")[0]


def outside_world(module: Module) -> Iterator[str]:
    """What the domain may not do: reach for anything that is not its arguments."""
    for found in module.imports:
        if top(found.name) in OUTSIDE_WORLD and not found.typing:
            yield f"{module.place}:{found.line} imports {found.name}"
    for line, name, _ in calls(module.tree):
        if name in {"open", "input", "print"}:
            yield f"{module.place}:{line} calls {name}"


def wall_clock(module: Module) -> Iterator[str]:
    """Reading the machine's time, or waiting on it."""
    for found in module.imports:
        if top(found.name) == "time":
            yield f"{module.place}:{found.line} imports {found.name}"
    for line, name, call in calls(module.tree):
        owner, _, method = name.rpartition(".")
        yields_only = [ast.unparse(argument) for argument in call.args] == ["0"]
        if method in WALL_CLOCK and owner.rpartition(".")[2] in {"date", "datetime"}:
            yield f"{module.place}:{line} reads {name}"
        if method == "sleep" and owner in SLEEPERS and not yields_only:
            yield f"{module.place}:{line} calls {name}"


def unseeded(module: Module) -> Iterator[str]:
    """Random numbers that the simulator's seed does not rule."""
    for found in module.imports:
        if top(found.name) == "random" and found.name not in {"random", "random.Random"}:
            yield f"{module.place}:{found.line} imports {found.name}"
    for line, name, call in calls(module.tree):
        if name in {"Random", "random.Random"} or name.endswith("default_rng"):
            if not call.args and not call.keywords:
                yield f"{module.place}:{line} {name}() has no seed"
        elif name.startswith(("random.", *SEEDLESS)) and name not in STATE_OF_THE_MODULE:
            yield f"{module.place}:{line} calls {name}"


def code_from_data(module: Module) -> Iterator[str]:
    """Ways in which somebody's file could run code."""
    for found in module.imports:
        if top(found.name) in CODE_FROM_DATA:
            yield f"{module.place}:{found.line} imports {found.name}"
    for line, name, _ in calls(module.tree):
        if name in {"eval", "exec", "__import__"}:
            yield f"{module.place}:{line} calls {name}"


def tracebacks(module: Module) -> Iterator[str]:
    """Tracebacks of its own, one for every time, where ``Mishaps`` tells each cause once."""
    for found in module.imports:
        if top(found.name) == "traceback":
            yield f"{module.place}:{found.line} imports {found.name}"
    for line, name, call in calls(module.tree):
        if name.lower().endswith(("log.exception", "logger.exception")):
            yield f"{module.place}:{line} calls {name}"
        if any(keyword.arg == "exc_info" for keyword in call.keywords):
            yield f"{module.place}:{line} tells a traceback"


Reading = Callable[[Module], Iterator[str]]


def findings(reading: Reading, where: Callable[[Module], bool]) -> list[str]:
    return [found for module in modules() if where(module) for found in reading(module)]


def test_the_domain_is_pure() -> None:
    def domain(module: Module) -> bool:
        return module.place.startswith(DOMAIN) and not module.place.startswith(ADAPTERS)

    assert findings(outside_world, domain) == []


def test_only_the_clock_knows_the_wall() -> None:
    assert findings(wall_clock, lambda module: module.place != "clock.py") == []


def test_every_random_number_has_a_seed() -> None:
    assert findings(unseeded, lambda module: True) == []


def test_data_never_becomes_code() -> None:
    assert findings(code_from_data, lambda module: True) == []


def test_a_cause_of_trouble_is_told_once() -> None:
    tellers = {"mishaps.py", "aws/complaints.py"}  # the latter: once a second at most
    assert findings(tracebacks, lambda module: module.place not in tellers) == []


@pytest.mark.parametrize(
    ("reading", "text"),
    [
        (outside_world, "import socket"),
        (outside_world, "from threading import Lock"),
        (outside_world, "def f():\n    return open('x')"),
        (wall_clock, "from time import monotonic"),
        (wall_clock, "datetime.now(UTC)"),
        (wall_clock, "datetime.date.today()"),
        (wall_clock, "asyncio.sleep(0.1)"),
        (wall_clock, "from asyncio import sleep\nsleep(1)"),
        (unseeded, "random.Random()"),
        (unseeded, "random.random()"),
        (unseeded, "from random import choice"),
        (unseeded, "uuid.uuid4()"),
        (unseeded, "numpy.random.default_rng()"),
        (code_from_data, "from pickle import loads"),
        (code_from_data, "eval(text)"),
        (tracebacks, "_LOG.exception('It failed.')"),
        (tracebacks, "_LOG.warning('It failed.', exc_info=True)"),
        (tracebacks, "from traceback import print_exc"),
    ],
)
def test_the_readings_find_offences(reading: Reading, text: str) -> None:
    assert list(reading(Module(PACKAGE / "streams/x.py", ast.parse(text))))


@pytest.mark.parametrize(
    ("reading", "text"),
    [
        (outside_world, "import hashlib"),
        (outside_world, "if TYPE_CHECKING:\n    from random import Random"),
        (wall_clock, "clock.now()"),
        (wall_clock, "asyncio.sleep(0)"),
        (wall_clock, "self.simulated_time.sleep(1)"),
        (unseeded, "random.Random(seed)"),
        (unseeded, "rng.random()"),
        (code_from_data, "retrieval(text)"),
        (tracebacks, "future.exception()"),
    ],
)
def test_the_readings_let_honest_code_be(reading: Reading, text: str) -> None:
    assert not list(reading(Module(PACKAGE / "streams/x.py", ast.parse(text))))
