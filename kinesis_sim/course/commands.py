"""The course's part of the command line: ``python -m kinesis_sim notebooks``."""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from kinesis_sim.course.desk import add_lab, add_progress
from kinesis_sim.course.stage.demo import add_demo
from kinesis_sim.course.words import LANGUAGES

NOTEBOOKS = Path("notebooks")


def add_commands(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Register ``notebooks``.

    Each command sets ``run``, a function of the parsed arguments that returns the exit code.
    """
    command = subparsers.add_parser(
        "notebooks",
        help="build the course's notebooks from their sources",
        description="Build notebooks/<language>/*.ipynb from notebooks/source/*.md, with outputs.",
    )
    command.add_argument(
        "names", nargs="*", help="lessons, by the beginning of their slugs, e.g. producers"
    )
    command.add_argument("--lang", choices=LANGUAGES, help="only this language")
    command.add_argument("--folder", type=Path, default=NOTEBOOKS, help="default: %(default)s")
    how = command.add_mutually_exclusive_group()
    how.add_argument(
        "--check", action="store_true", help="write nothing; fail when they have drifted"
    )
    how.add_argument(
        "--extract",
        action="store_true",
        help="update translation catalogues; starts those of named lessons",
    )
    command.add_argument(
        "--no-run", action="store_true", help="with --check: leave the outputs to nbval"
    )
    command.set_defaults(run=notebooks)
    add_demo(subparsers)
    add_lab(subparsers)
    add_progress(subparsers)


def notebooks(arguments: argparse.Namespace) -> int:
    """Run ``notebooks``; 0 when all went well, 1 when a notebook has drifted or cannot be built."""
    from kinesis_sim.course.notebooks.build import Course, TranslationError
    from kinesis_sim.course.notebooks.execute import ExecutionError
    from kinesis_sim.course.notebooks.source import SourceError

    course = Course(arguments.folder)
    try:
        names = _chosen(course, arguments.names)
        if arguments.extract:
            return _extract(course, names, arguments)
        jobs = list(_jobs(course, names, arguments.lang))
        if arguments.check:
            return _check(course, jobs, run=not arguments.no_run)
        return _build(course, jobs)
    except (SourceError, TranslationError, ExecutionError) as error:
        _say(str(error), sys.stderr)
        return 1


def _chosen(course: Any, wanted: list[str]) -> list[str]:
    from kinesis_sim.course.notebooks.source import SourceError

    names: list[str] = course.names()
    if not names:
        raise SourceError(
            f"No lessons in {course.folder}/source: run this at the root of the project."
        )
    if unknown := [want for want in wanted if not any(name.startswith(want) for name in names)]:
        raise SourceError(f"No lesson called {', '.join(unknown)}; there are {', '.join(names)}.")
    return [name for name in names if not wanted or name.startswith(tuple(wanted))]


def _jobs(course: Any, names: list[str], only: str | None) -> Iterator[tuple[str, str]]:
    for name in names:
        for language in course.languages(name):
            if only in (None, language):
                yield name, language


def _build(course: Any, jobs: list[tuple[str, str]]) -> int:
    from kinesis_sim.course.notebooks.build import build

    for name, language in jobs:
        text = build(course, name, language)
        course.path(name, language).write_text(text, "utf-8")
        _say(f"built {language}/{name}.ipynb")
    return 0


def _check(course: Any, jobs: list[tuple[str, str]], *, run: bool) -> int:
    from kinesis_sim.course.notebooks.build import check

    faults = [fault for job in jobs if (fault := check(course, *job, run=run))]
    faults += [f"{path.parent.name}/{path.name} has no source." for path in course.strays()]
    for fault in faults:
        _say(fault, sys.stderr)
    if faults:
        _say("Rebuild with: python -m kinesis_sim notebooks", sys.stderr)
    return 1 if faults else 0


def _extract(course: Any, names: list[str], arguments: argparse.Namespace) -> int:
    """Update the catalogues that exist; start new ones for lessons that were named."""
    from kinesis_sim.course.notebooks.build import all_messages

    for name in names:
        for language in (lang for lang in LANGUAGES[1:] if arguments.lang in (None, lang)):
            catalogue = course.catalogue(name, language)
            if arguments.names or catalogue.path.exists():
                catalogue.update(all_messages(course.source(name)))
                catalogue.save()
                _say(f"updated {catalogue.path.name} ({language})")
    return 0


def _say(text: str, stream: Any = None) -> None:
    (stream or sys.stdout).write(f"{text}\n")
