"""``make mutants``: double every quota, delay and model's choice in turn; some test must notice.

Which test noticed is kept in ``noticed.toml``, so that the next run asks that one first and takes
minutes. Where there is none yet, or it notices no more, the fast tests of the room are searched,
those first that name what was changed. Prints what nobody noticed; fails if there is any.

    python -m tests.mutants             all
    python -m tests.mutants streams     those whose name holds a text
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.mutants.doubling import VARIABLE
from tests.mutants.mutant import Mutant, mutants

ROOT = Path(__file__).parents[2]
NOTICED = Path(__file__).with_name("noticed.toml")
HEAD = "# Which test notices that a number was doubled: kept by `make mutants`.\n"
FACTS = "tests/account/test_quotas_facts.py"
WORKERS = 2
PATIENCE = 240
"""Seconds until a search gives up: a mutant that makes a test hang is noticed, too."""
PYTEST = ("-m", "pytest", "-q", "-x", "-p", "tests.mutants.doubling", "-p", "no:cacheprovider")


def failing(mutant: Mutant, *where: str) -> str | None:
    """The first test that fails with the number doubled, or None."""
    command = [sys.executable, *PYTEST, "-m", "not slow", "--hypothesis-profile", "quick", *where]
    try:
        run = subprocess.run(
            command,
            cwd=ROOT,
            env={**os.environ, VARIABLE: mutant.name},
            capture_output=True,
            text=True,
            timeout=PATIENCE,
        )
    except subprocess.TimeoutExpired:
        return where[0]
    found = re.search(r"^(?:FAILED|ERROR) (\S+)", run.stdout, re.MULTILINE)
    if run.returncode == 1 and found:
        return found[1]
    return where[0] if run.returncode not in (0, 5) else None


def searched(mutant: Mutant) -> Iterator[tuple[str, ...]]:
    """Where a test may be that notices: files that name it, then the room's other fast tests."""
    words = {mutant.what.rpartition(".")[2], mutant.what}
    files = [
        path for path in sorted((ROOT / "tests").rglob("test_*.py")) if "browser" not in path.parts
    ]
    naming = [
        str(path.relative_to(ROOT))
        for path in files
        if any(word in path.read_text() for word in words)
    ]
    rooms = [room for room in (mutant.room, "laws") if (ROOT / "tests" / room).is_dir()]
    if naming:
        yield tuple(naming)
    if mutant.kind == "quota":
        yield (FACTS,)
    yield tuple(f"tests/{room}" for room in rooms)


def noticing(mutant: Mutant, known: str | None) -> str | None:
    """The test that notices, the known one first."""
    if known and (found := failing(mutant, known)):
        return found
    return next((found for where in searched(mutant) if (found := failing(mutant, *where))), None)


def main(*wanted: str) -> int:
    """Try them; 1 when one survived."""
    known = tomllib.loads(NOTICED.read_text()) if NOTICED.exists() else {}
    every = mutants()
    chosen = [each for each in every if all(word in each.name for word in wanted)]
    found = {name: test for name, test in known.items() if name in {each.name for each in every}}
    survivors = []
    with ThreadPoolExecutor(WORKERS) as workers:
        results = workers.map(lambda each: noticing(each, known.get(each.name)), chosen)
        for mutant, test in zip(chosen, results, strict=True):
            print(f"{mutant.name}: {test or 'NOBODY NOTICED'}", flush=True)  # noqa: T201
            if test is None:
                survivors.append(mutant)
                found.pop(mutant.name, None)
            else:
                found[mutant.name] = test
    rows = "".join(f'"{name}" = {test!r}\n' for name, test in sorted(found.items()))
    NOTICED.write_text(HEAD + rows)
    print(f"{len(chosen)} doubled, {len(survivors)} survived")  # noqa: T201
    return 1 if survivors else 0


if __name__ == "__main__":
    raise SystemExit(main(*sys.argv[1:]))
