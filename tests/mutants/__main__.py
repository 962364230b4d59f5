"""``make mutants``: double every quota, delay and model's choice in turn; some test must notice.

Which test noticed is kept in ``noticed.toml``, so that the next run asks that one first and takes
minutes. Where there is none yet, or it notices no more, the fast tests of the room are searched,
those first that name what was changed. Prints what nobody noticed; fails if there is any.

    python -m tests.mutants             all
    python -m tests.mutants streams     those whose name holds a text
    python -m tests.mutants --new       those of which no test is known yet
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

from tests.mutants.doubling import VARIABLE
from tests.mutants.mutant import Mutant, mutants

ROOT = Path(__file__).parents[2]
NOTICED = Path(__file__).with_name("noticed.toml")
UNSEEN = Path(__file__).with_name("unseen.toml")
"""Whose doubling nobody can notice, with the reason of each."""
HEAD = "# Which test notices that a number was doubled: kept by `make mutants`.\n"
NEW = "--new"
FACTS = "tests/account/test_quotas_facts.py"
WORKERS = 2
PATIENCE = int(os.environ.get("KINESIS_LAB_PATIENCE", "300"))
"""Seconds until a trial gives up. Nothing is noticed then: a slow machine is no test."""
PYTEST = ("-m", "pytest", "-q", "-x", "-p", "tests.mutants.doubling", "-p", "no:cacheprovider")
SLOW = ("browser", "clients", "notebooks", "peers", "benchmarks", "project")


def failing(mutant: Mutant, *where: str) -> str | None:
    """The first test that fails with the number doubled and passes with it as it is, or None."""
    broken: list[str] = []
    while (found := first_failure(mutant.name, *where, *broken)) and first_failure("", found):
        broken.append(f"--deselect={found}")
    return found


def first_failure(name: str, *where: str) -> str | None:
    """The first of some tests that fails. name: of the mutant, empty for none."""
    command = [sys.executable, *PYTEST, "-m", "not slow", "--hypothesis-profile", "quick", *where]
    try:
        run = subprocess.run(
            command,
            cwd=ROOT,
            env={**os.environ, VARIABLE: name},
            capture_output=True,
            text=True,
            timeout=PATIENCE,
        )
    except subprocess.TimeoutExpired:
        return None
    found = re.search(r"^(?:FAILED|ERROR) (\S+(?: [^-\n]\S*)*)", run.stdout, re.MULTILINE)
    if run.returncode == 1 and found:
        return found[1]
    return where[0] if run.returncode not in (0, 4, 5) else None


def searched(mutant: Mutant) -> Iterator[list[str]]:
    """Files of fast tests: those that name what was changed, the rest of its room, the laws."""
    paths = [path for path in sorted((ROOT / "tests").rglob("test_*.py")) if not slow(path)]
    rank = {str(path.relative_to(ROOT)): nearness(mutant, path) for path in paths}
    rank.pop(FACTS)
    near = sorted(rank, key=lambda file: -rank[file])
    laws = [file for file in near if file.startswith("tests/laws/")]
    yield [file for file in near if rank[file] > 1 and file not in laws]
    yield [file for file in near if rank[file] == 1 and file not in laws]
    yield laws if mutant.kind != "constant" else []


def slow(path: Path) -> bool:
    return path.relative_to(ROOT / "tests").parts[0] in SLOW


def nearness(mutant: Mutant, path: Path) -> int:
    """How likely a file is to notice, by what it names; 0: it is not asked."""
    text, file, room = path.read_text(), path.name, path.relative_to(ROOT / "tests").parts[0]
    module, _, name = mutant.what.rpartition(".")
    named = re.search(rf"\b{re.escape(name)}\b", text) is not None
    own = module.rpartition(".")[2] if mutant.kind == "constant" else name
    about = own.strip("_") in file or (mutant.kind == "constant" and uses(text, module))
    return 8 * (named and about) + 4 * about + 2 * named + (room == mutant.room)


def uses(text: str, module: str) -> bool:
    """Whether a test's text imports a module."""
    package, _, name = module.rpartition(".")
    return module in text or re.search(rf"from {package} import .*\b{name}\b", text) is not None


def noticing(mutant: Mutant, known: str | None) -> str | None:
    """The test that notices: the known one first; that of the facts only when no other does."""
    if known and (found := failing(mutant, known)):
        return found
    trials = [*searched(mutant), [FACTS] if mutant.kind == "quota" else []]
    return next((found for where in trials if where and (found := failing(mutant, *where))), None)


def keep(found: dict[str, str]) -> None:
    """Write down who noticed so far, so that an interrupted run is not lost."""
    rows = "".join(f"{quoted(name)} = {quoted(test)}\n" for name, test in sorted(found.items()))
    NOTICED.write_text(HEAD + rows)


def quoted(text: str) -> str:
    """A TOML string."""
    return json.dumps(text, ensure_ascii=False)


def main(*wanted: str, new: bool = False) -> int:
    """Try them; 1 when one survived. new: only those of which no test is known."""
    known = tomllib.loads(NOTICED.read_text()) if NOTICED.exists() else {}
    every = mutants()
    unseen = tomllib.loads(UNSEEN.read_text())
    if gone := unseen.keys() - {each.name for each in every}:
        raise SystemExit(f"unseen.toml names what there is no more: {', '.join(sorted(gone))}")
    chosen = [
        each
        for each in every
        if each.name not in unseen
        and not (new and each.name in known)
        and all(word in each.name for word in wanted)
    ]
    found = {name: test for name, test in known.items() if name in {each.name for each in every}}
    survivors = 0
    with ThreadPoolExecutor(WORKERS) as workers:
        trials = {workers.submit(noticing, each, known.get(each.name)): each for each in chosen}
        for trial in as_completed(trials):
            name, test = trials[trial].name, trial.result()
            print(f"{name}: {test or 'NOBODY NOTICED'}", flush=True)  # noqa: T201
            found.pop(name, None)
            if test is not None:
                found[name] = test
            survivors += test is None
            keep(found)
    print(f"{len(chosen)} doubled, {survivors} survived")  # noqa: T201
    return 1 if survivors else 0


if __name__ == "__main__":
    words = [word for word in sys.argv[1:] if word != NEW]
    raise SystemExit(main(*words, new=NEW in sys.argv))
