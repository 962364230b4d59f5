"""What every test may ask for. No test sees the machine's own AWS settings."""

from __future__ import annotations

import gc
import logging
import os
import shutil
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import settings

from tests.effort import PROFILES
from tests.leftovers import sockets

if TYPE_CHECKING:
    from kinesis_sim import Simulator

# Examples follow from the code alone, so a failure in CI is the same failure at home.
for name, examples in PROFILES.items():
    settings.register_profile(
        name, derandomize=True, deadline=None, print_blob=True, max_examples=examples
    )
settings.load_profile("kinesis")

AWS_ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "example-secret-key",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "NO_PROXY": "127.0.0.1,localhost",
    "no_proxy": "127.0.0.1,localhost",
}

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    from tests.scheduling import ByFile

    return ByFile(config, log)


def pytest_make_parametrize_id(val: object) -> str | None:
    """Packed bytes hold the second they were packed in, so two workers would name a test apart."""
    packed = isinstance(val, bytes) and val.startswith(b"\x1f\x8b")
    return f"{len(val)} bytes of gzip" if isinstance(val, bytes) and packed else None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    from tests.scheduling import longest_first, mark_slow, solved_twice

    mark_slow(items)
    longest_first(items)
    if browser():
        twice = set(solved_twice([item.nodeid for item in items]))
        config.hook.pytest_deselected(items=[item for item in items if item.nodeid in twice])
        items[:] = [item for item in items if item.nodeid not in twice]


def pytest_collection_finish() -> None:
    freeze()


def freeze() -> None:
    """Collect what nobody holds, and leave what is left out of the collector's later rounds.

    Modules, tests and caches live to the end. With a whole run's of them each round of
    ``leftovers``
    took two seconds, a tenth of all the run's time.
    """
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="module", autouse=True)
def survivors() -> Iterator[None]:
    """What a file's tests loaded and left alive is not looked at again after each later test."""
    yield
    freeze()


@pytest.fixture(autouse=True)
def english() -> None:
    """A lesson in Portuguese has values speak it from then on: not in the next test."""
    from kinesis_sim.words import speak

    speak("en")


@pytest.fixture(autouse=True)
def recursion() -> Iterator[None]:
    """No test leaves deeper recursion than a notebook has (jedi asks for 3,000) to the next."""
    yield
    assert sys.getrecursionlimit() <= 3_000


@pytest.fixture(autouse=True)
def voice() -> Iterator[None]:
    """No test silences the project's log for the next."""
    yield
    assert logging.getLogger("kinesis_sim").level == logging.NOTSET


@pytest.fixture(autouse=True)
def leftovers() -> Iterator[None]:
    """A socket that a test left to the garbage collector is its own failure, not another's."""
    before = sockets()
    yield
    if sockets() - before:
        gc.collect()


@pytest.fixture(scope="session", autouse=True)
def aws_environment() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            patch.delenv(name)
        for name, value in AWS_ENVIRONMENT.items():
            patch.setenv(name, value)
        yield


@pytest.fixture
def sim() -> Simulator:
    """A simulator whose calls take no time, states change at once, and nothing is throttled."""
    from kinesis_sim import Simulator

    return Simulator(latency=None, delays="instant", limits="off")


@pytest.fixture
def kinesis(sim: Simulator) -> Any:
    """The boto3 client of ``sim``."""
    return sim.client("kinesis")


def program(what: str, names: tuple[str, ...], required_by: str) -> str:
    """Path of the first program found; without one the test is reported as not run, or fails."""
    found = next(filter(None, map(shutil.which, names)), None)
    if found is None:
        verdict = pytest.fail if os.environ.get(required_by) else pytest.skip
        verdict(f"{what} not found (looked for {', '.join(names)})")
    return found


def browser() -> str | None:
    """Path of the first Chromium found."""
    return next(filter(None, map(shutil.which, browsers())), None)


def browsers() -> tuple[str, ...]:
    """What a Chromium may be called here."""
    named = os.environ.get("KINESIS_LAB_CHROMIUM")
    return (named,) if named else CHROMIUM_NAMES


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of a Chromium for Playwright's ``executable_path``."""
    return program("Chromium", browsers(), "KINESIS_LAB_REQUIRE_BROWSER")


@pytest.fixture(scope="session")
def node() -> str:
    """Path of Node.js, for the client tests in JavaScript."""
    return program("Node.js", ("node",), "KINESIS_LAB_REQUIRE_NODE")


@pytest.fixture(scope="session")
def java() -> str:
    """Path of Java, for the client tests on the JVM."""
    return program("Java", ("java",), "KINESIS_LAB_REQUIRE_JVM")
