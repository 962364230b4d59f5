"""``make mutants``: double every quota, delay and model's choice in turn; some test must notice.

Which test noticed is kept in ``noticed.toml``, so that the next run asks that one first and takes
minutes. Where there is none yet, or it notices no more, the tests that read the number are searched
(see ``reads.py``; the index is made anew with --index), nearest and fastest first. A test that
fails is asked once more alone: it may fail for what ran before it. Prints what nobody noticed;
fails if there is any. A run that is ended loses nothing: the next one knows what it found.

    python -m tests.mutants             all
    python -m tests.mutants streams A.B those whose name holds one of these texts
    python -m tests.mutants --new       those of which no test is known yet
    python -m tests.mutants --new --on  and that no run has tried since noticed.toml was written
    python -m tests.mutants --known     those of which one is: nothing is searched
    python -m tests.mutants --index     run the tests again to see which reads what
"""

from __future__ import annotations

import json
import os
import re
import sys
import tempfile
import tomllib
import traceback
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import pytest

from tests.mutants.mutant import Mutant, mutants
from tests.mutants.reads import KEPT, Index
from tests.mutants.uses import Uses
from tests.mutants.warm import NOT_ASKED, Search, Trial, Zygote

ROOT = Path(__file__).parents[2]
NOTICED = Path(__file__).with_name("noticed.toml")
UNSEEN = Path(__file__).with_name("unseen.toml")
"""Whose doubling nobody can notice, with the reason of each."""
SO_FAR = KEPT / "noticed.toml"
"""What a run has found so far: the next one knows it, even if this one is ended."""
HEAD = "# Which test notices that a number was doubled: kept by `make mutants`.\n"
NEW, INDEX, ON, KNOWN = "--new", "--index", "--on", "--known"
FACTS = "tests/account/test_quotas_facts.py"
"""It compares rows with facts: asked last, for a behaviour is a better proof."""
NOBODY = ""
"""In the list of what was found so far: no test noticed."""
PATIENCE = int(os.environ.get("KINESIS_LAB_PATIENCE", "300"))
"""Seconds of the wall until a trial gives up. Nothing is noticed then: slowness is no test."""
NEAREST_S, READING_S = 20, 80
"""Seconds of tests, as they took when indexed, that are tried first, and in all."""
SETTINGS = (
    *("-q", "-p", "no:cacheprovider", "-p", "no:xdist", "-p", "no:faulthandler", "--capture=sys"),
    *("--hypothesis-profile", "quick", "tests"),
)


@dataclass(eq=False)
class Hunt:
    """One run. found: the test that noticed, by mutant; None: nobody did."""

    chosen: list[Mutant]
    known: dict[str, str]
    zygote: Zygote
    index: Index = field(default_factory=Index.kept)
    found: dict[str, str | None] = field(default_factory=dict)

    def is_cold(self, mutant: Mutant, file: str = "") -> bool:
        """Whether what is imported, a file of tests included, has read the number by then."""
        uses = self.zygote.uses
        early = (
            uses.early.get(mutant.place, set())
            if mutant.kind == "constant"
            else uses.early_rows(mutant.what)
        )
        module = file.removesuffix(".py").replace("/", ".")
        return any(name.startswith("kinesis_sim") or name == module for name in early)

    def asked_again(self, mutant: Mutant) -> Search:
        """Whether the test that is known notices."""
        if (yield Trial(mutant, [self.known[mutant.name]], PATIENCE)):
            self.say(mutant, self.known[mutant.name])

    def searched(self, mutant: Mutant) -> Search:
        """The first test that fails with the number doubled."""
        for batch in self.batches(mutant):
            while batch and (failed := (yield Trial(mutant, batch, PATIENCE))):
                if (yield Trial(mutant, failed[:1], PATIENCE)):
                    self.say(mutant, failed[0])
                    return
                # another test made it fail
                batch = [test for test in batch if not test.startswith(failed[0])]
        self.say(mutant, None)

    def batches(self, mutant: Mutant) -> Iterator[list[str]]:
        """The tests that read a number: a few that are near and fast, then more."""
        readers = self.nearest(mutant, self.index.readers(mutant.name))
        first, most = within(readers, NEAREST_S), within(readers, READING_S)
        yield first
        yield within(self.nearest(mutant, self.index.beside(mutant.name)), NEAREST_S)
        if not readers:
            yield [file for file in sorted(naming(mutant)) if not self.is_cold(mutant, file)]
        yield most[len(first) :]
        if mutant.kind == "quota" and self.is_cold(mutant):
            yield [FACTS]

    def nearest(self, mutant: Mutant, tests: list[tuple[str, float]]) -> list[tuple[str, float]]:
        """Those that can be asked, the likeliest and fastest first."""
        asked = [
            each
            for each in tests
            if self.is_cold(mutant) or not self.is_cold(mutant, each[0].partition("::")[0])
        ]
        return sorted(asked, key=lambda each: (far(mutant, each[0]), each[1]))

    def say(self, mutant: Mutant, test: str | None) -> None:
        print(f"{mutant.name}: {test or 'NOBODY NOTICED'}", flush=True)  # noqa: T201
        self.found[mutant.name] = test
        with SO_FAR.open("a") as file:
            file.write(f"{quoted(mutant.name)} = {quoted(test or NOBODY)}\n")

    def run(self, again: bool, cold: bool) -> None:
        """One of four parts: known or searched, before or after the package is imported."""
        chosen = [
            each
            for each in self.chosen
            if (each.name not in self.found if not again else each.name in self.known)
            and self.is_cold(each, self.known.get(each.name, "").partition("::")[0]) is cold
        ]
        if not chosen:
            return
        tests = (
            [self.known[each.name] for each in chosen]
            if again
            else [test for each in chosen for batch in self.batches(each) for test in batch]
        )
        files = sorted({test.partition("::")[0] for test in tests})
        ask = self.asked_again if again else self.searched
        if cold:
            self.zygote.run(map(ask, chosen))
        else:
            self.found |= self.apart(files, map(ask, chosen))

    def apart(self, files: list[str], searches: Iterable[Search]) -> dict[str, str | None]:
        """What searches find in a process of their own that has imported files of tests."""
        with tempfile.TemporaryFile("w+") as told:
            if (pid := os.fork()) == 0:
                try:
                    self.found.clear()  # the child's own are told
                    self.zygote.collect(files)
                    self.zygote.run(searches)
                    json.dump(self.found, told)
                    told.flush()
                except BaseException:
                    traceback.print_exc(file=sys.__stderr__)
                finally:
                    os._exit(0)
            os.waitpid(pid, 0)
            told.seek(0)
            found: dict[str, str | None] = json.load(told)
            return found

    def failing_anyway(self) -> list[str]:
        """The tests that noticed and fail, alone as well, with every number as it is."""
        tests = sorted({test for test in self.found.values() if test})
        failed: list[str] = []

        def search() -> Search:
            for test in (yield Trial(None, tests, 10 * PATIENCE, to_the_end=True)):
                failed.extend((yield Trial(None, [test], PATIENCE)))

        self.zygote.run([search()])
        return failed

    def pytest_collection(self, session: pytest.Session) -> bool:
        """The whole hunt, in place of pytest's own collection."""
        self.zygote.session = session
        self.zygote.warm()
        for name in [name for name in sys.modules if name.partition(".")[0] == "kinesis_sim"]:
            del sys.modules[name]  # what told us the rows: forks import all anew
        for cold in (False, True):
            self.run(True, cold)
        searched = KNOWN not in sys.argv and len(self.found) < len(self.chosen)
        if INDEX in sys.argv or (not self.index.reads and searched):
            self.zygote.index({each.place: each.name for each in mutants()})
            self.index = Index.kept()
        for cold in (False, True) if KNOWN not in sys.argv else ():
            self.run(False, cold)
        for test in self.failing_anyway():
            print(f"{test} fails with every number as it is")  # noqa: T201
            self.found = {name: None if by == test else by for name, by in self.found.items()}
        session.items = []
        return True

    pytest_collection = pytest.hookimpl(tryfirst=True)(pytest_collection)


@cache
def text_of(file: str) -> str:
    return (ROOT / file).read_text()


def naming(mutant: Mutant) -> Iterator[str]:
    """The files of tests that import what holds a number: it may be read on import, too."""
    module, _ = mutant.place
    package, _, own = module.rpartition(".")
    imported = re.compile(rf"{re.escape(module)}\b|from {re.escape(package)} import .*\b{own}\b")
    for path in (ROOT / "tests").rglob("test_*.py"):
        file = str(path.relative_to(ROOT))
        if package and not file.startswith(NOT_ASKED) and imported.search(text_of(file)):
            yield file


def far(mutant: Mutant, test: str) -> int:
    """How unlikely a test is to notice, by what its file names."""
    file = test.partition("::")[0]
    name = mutant.what.rpartition(".")[2]
    named = re.search(rf"\b{re.escape(name)}\b", text_of(file)) is not None
    about = (mutant.place[0].rpartition(".")[2] if mutant.kind == "constant" else name) in test
    room = file.split("/")[1] == mutant.room
    return -(4 * about + 2 * named + room) + 100 * (file == FACTS)


def within(tests: list[tuple[str, float]], seconds: float) -> list[str]:
    """The first tests that take so long together; one at least."""
    chosen: list[str] = []
    for test, took in tests:
        seconds -= took
        if chosen and seconds < 0:
            break
        chosen.append(test)
    return chosen


def noticed(file: Path) -> list[tuple[str, str]]:
    """The mutants of a list and who noticed them: those that stand there twice as well."""
    rows = file.read_text().splitlines() if file.exists() else []
    return [pair for row in rows for pair in tomllib.loads(row).items()]


def keep(found: dict[str, str]) -> None:
    """Write down who notices."""
    rows = "".join(f"{quoted(name)} = {quoted(test)}\n" for name, test in sorted(found.items()))
    NOTICED.write_text(HEAD + rows)
    SO_FAR.unlink(missing_ok=True)


def quoted(text: str) -> str:
    """A TOML string."""
    return json.dumps(text, ensure_ascii=False)


def main(*wanted: str, options: Collection[str] = ()) -> int:
    """Try them; 1 when one survived. wanted: texts in their names; options: see above."""
    every = mutants()
    names = {each.name for each in every}
    KEPT.mkdir(parents=True, exist_ok=True)
    said = {name: test for file in (NOTICED, SO_FAR) for name, test in noticed(file)}
    known = {name: test for name, test in said.items() if name in names and test != NOBODY}
    unseen = tomllib.loads(UNSEEN.read_text())
    if gone := unseen.keys() - names:
        raise SystemExit(f"unseen.toml names what there is no more: {', '.join(sorted(gone))}")
    chosen = [
        each
        for each in every
        if each.name not in unseen
        and not (NEW in options and each.name in (said if ON in options else known))
        and not (KNOWN in options and each.name not in known)
        and (not wanted or any(word in each.name for word in wanted))
    ]
    constants = [each.place[1] for each in every if each.kind == "constant"]
    uses = Uses(constants, [each.what for each in every if each.kind != "constant"])
    zygote = Zygote(uses)
    hunt = Hunt(chosen, known, zygote)
    with tempfile.TemporaryDirectory() as folder:
        os.environ["PYTEST_DEBUG_TEMPROOT"] = folder
        pytest.main(list(SETTINGS), plugins=[hunt, zygote])
    said = {name: test for file in (NOTICED, SO_FAR) for name, test in noticed(file)}
    said |= {name: test or NOBODY for name, test in hunt.found.items()}
    keep({name: test for name, test in said.items() if name in names and test != NOBODY})
    survivors = sorted(name for name, test in hunt.found.items() if test is None)
    for name in survivors:
        print(f"NOBODY NOTICED {name}")  # noqa: T201
    print(f"{len(hunt.found)} doubled, {len(survivors)} survived")  # noqa: T201
    return 1 if survivors else 0


if __name__ == "__main__":
    given = [word for word in sys.argv[1:] if word.startswith("--")]
    if "--help" in given:
        raise SystemExit(__doc__)
    if unknown := set(given) - {NEW, INDEX, ON, KNOWN}:
        raise SystemExit(f"{', '.join(sorted(unknown))}: choose of {NEW}, {ON}, {KNOWN}, {INDEX}")
    raise SystemExit(main(*[word for word in sys.argv[1:] if word not in given], options=given))
