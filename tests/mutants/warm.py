"""A pytest process that forks itself for every trial, so that a trial costs its tests and no start.

A search asks for trials one after another: it is a generator that yields a ``Trial`` and is sent
the first test that failed, or None. Two searches run side by side.
"""

from __future__ import annotations

import importlib
import os
import select
import signal
import time
from collections.abc import Generator, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

import pytest

from tests.mutants.doubling import double, double_now
from tests.mutants.mutant import Mutant
from tests.mutants.reads import Reads
from tests.mutants.uses import Place, Uses

WORKERS = int(os.environ.get("KINESIS_LAB_WORKERS", "2"))
ROOT = Path(__file__).parents[2]
NOT_ASKED = tuple(
    f"tests/{room}/"
    for room in ("browser", "clients", "notebooks", "peers", "benchmarks", "project", "soak")
)
"""Tests that are slow, and those of the text of the house."""
LIBRARIES = (
    *("boto3", "botocore.session", "hypothesis.strategies", "matplotlib.figure", "moto"),
    *("moto.backends", "numpy", "pandas", "pyarrow", "sqlglot", "PIL.Image"),
)
"""What most tests load: once here, and never again in a fork."""


@dataclass(frozen=True, slots=True)
class Trial:
    """Some tests, run with one number doubled (None: as it is) until one fails or time is up."""

    mutant: Mutant | None
    tests: list[str]
    seconds: float
    to_the_end: bool = False


Search = Generator[Trial, list[str], None]
"""Yields trials and is sent the tests that failed: the first, or all of a trial to the end."""


@dataclass(slots=True)
class Fork:
    """A trial that runs."""

    search: Search
    pid: int
    until: float
    said: bytes = b""

    @property
    def failed(self) -> list[str]:
        return [line for line in self.said.decode().split("\n") if line]


@dataclass(eq=False)
class Zygote:
    """The pytest plugin. session: set once pytest has read its settings."""

    uses: Uses
    session: pytest.Session | None = None
    items: dict[str, pytest.Item] = field(default_factory=dict)
    pipe: int = -1

    def warm(self) -> None:
        """Load the libraries, and nothing of the package."""
        for name in LIBRARIES:
            with suppress(ImportError):
                importlib.import_module(name)

    def collect(self, files: Iterable[str]) -> None:
        """Import tests, and all that they import, before the first fork."""
        assert self.session
        self.session.perform_collect(list(files))
        self.items = {item.nodeid: item for item in self.session.items}

    def index(self, names: Mapping[Place, str]) -> None:
        """Run the tests, but for NOT_ASKED, each worker its share, and keep which reads what."""
        pids = []
        for share in range(WORKERS):
            if (pid := os.fork()) == 0:
                self._index_share(share, Reads(self.uses, names))
            pids.append(pid)
        for pid in pids:
            os.waitpid(pid, 0)

    def _index_share(self, share: int, reads: Reads) -> NoReturn:
        assert self.session
        reads.install()
        paths = sorted((ROOT / "tests").rglob("test_*.py"))
        files = [str(path.relative_to(ROOT)) for path in paths]
        asked = [file for file in files if not file.startswith(NOT_ASKED)]
        self.collect(asked[share::WORKERS])
        self.session.config.pluginmanager.register(reads)
        self.session.config.hook.pytest_runtestloop(session=self.session)
        reads.keep(share)
        os._exit(0)

    def run(self, searches: Iterable[Search]) -> None:
        """All searches, a few at a time."""
        waiting, running = iter(searches), {}
        while True:
            while len(running) < WORKERS and (search := next(waiting, None)) is not None:
                self._go_on(search, None, running)
            if not running:
                return
            ready, _, _ = select.select(list(running), [], [], 1)
            for pipe in ready:
                piece = os.read(pipe, 1 << 16)
                running[pipe].said += piece
                if not piece:
                    self._end(pipe, running)
            for pipe in [pipe for pipe, fork in running.items() if time.monotonic() > fork.until]:
                os.kill(running[pipe].pid, signal.SIGKILL)
                self._end(pipe, running)

    def _end(self, pipe: int, running: dict[int, Fork]) -> None:
        fork = running.pop(pipe)
        os.close(pipe)
        os.waitpid(fork.pid, 0)
        self._go_on(fork.search, fork.failed, running)

    def _go_on(self, search: Search, failed: list[str] | None, running: dict[int, Fork]) -> None:
        try:
            trial = next(search) if failed is None else search.send(failed)
        except StopIteration:
            return
        mine, its = os.pipe()
        if (pid := os.fork()) == 0:
            os.close(mine)
            self.pipe = its
            self._child(trial)
        os.close(its)
        running[mine] = Fork(search, pid, time.monotonic() + trial.seconds)

    def _child(self, trial: Trial) -> NoReturn:
        """Run a trial in this process, which then ends."""
        quiet, loud = os.open(os.devnull, os.O_RDWR), os.dup(2)
        for stream in (0, 1, 2):
            os.dup2(quiet, stream)
        try:
            assert self.session
            self.session.config.option.maxfail = 0 if trial.to_the_end else 1
            self._prepare(trial)
            with suppress(self.session.Failed, self.session.Interrupted):
                self.session.config.hook.pytest_runtestloop(session=self.session)
        except BaseException as error:  # no test has said anything: nothing is noticed
            os.write(loud, f"{trial.mutant}: {error!r}\n".encode())
        finally:
            os._exit(0)

    def _prepare(self, trial: Trial) -> None:
        assert self.session
        if self.items:
            if trial.mutant:
                double_now(trial.mutant, self.uses)
        else:
            if trial.mutant:
                double(trial.mutant)
            self.collect(dict.fromkeys(test.partition("::")[0] for test in trial.tests))
        self.session.items = [self.items[name] for name in self._named(trial.tests)]

    def _named(self, tests: list[str]) -> dict[str, None]:
        """The items that tests name: each by itself, by its function or by its file."""
        found: dict[str, None] = {}
        for test in tests:
            begin = (test, f"{test}[", f"{test}::")
            exact = [test] if test in self.items else []
            found |= dict.fromkeys(exact or [n for n in self.items if n.startswith(begin)])
        return found

    @pytest.hookimpl
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed and self.pipe >= 0:
            os.write(self.pipe, f"{report.nodeid}\n".encode())

    @pytest.hookimpl
    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """A number that breaks an import has been noticed by what imports it."""
        if report.failed and self.pipe >= 0:
            os.write(self.pipe, f"{report.nodeid}\n".encode())
