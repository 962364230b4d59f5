"""The learner's commands: ``lab``, ``again`` for a lesson, ``progress`` for what is kept."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from kinesis_sim import instants
from kinesis_sim.clock import Clock
from kinesis_sim.course.words import LANGUAGES
from kinesis_sim.errors import UsageError

if TYPE_CHECKING:
    from kinesis_sim.course.progress import Progress
    from kinesis_sim.course.workbook import Workbook

FOLDER = Path("my-kinesis-lab")
START = "start_here"


def add_lab(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register ``lab`` and ``again``."""
    text = "open the course in JupyterLab, in a folder of your own"
    lab = commands.add_parser("lab", help=text, description=f"{text.capitalize()}.")
    lab.add_argument("--edition", choices=LANGUAGES, default="en", help="default: en")
    lab.add_argument("--prepare", action="store_true", help="make the folder; do not open it")
    lab.add_argument("options", nargs="*", help="after --: options for JupyterLab itself")
    lab.set_defaults(run=_lab)
    text = "start a lesson again; the old notebook is kept beside the new one"
    again = commands.add_parser("again", help=text, description=f"{text.capitalize()}.")
    again.add_argument("lesson", help="its name or number, e.g. producers or 03")
    again.add_argument("--edition", choices=LANGUAGES, default="en", help="default: en")
    again.set_defaults(run=_again)
    for command in (lab, again):
        _add_folder(command)


def add_progress(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register ``progress``."""
    text = "show, export, import or delete what is kept of your work"
    progress = commands.add_parser("progress", help=text, description=f"{text.capitalize()}.")
    actions = progress.add_subparsers(required=True, metavar="show | export | import | delete")
    for name, run, what in (
        ("show", _show, "print how far each lesson is"),
        ("export", _export, "write all of it as JSON"),
        ("import", _import, "add an export to what is here"),
        ("delete", _delete, "delete all of it"),
    ):
        action = actions.add_parser(name, help=what, description=f"{what.capitalize()}.")
        _add_folder(action)
        action.set_defaults(run=run)
        if name in ("export", "import"):
            action.add_argument("file", type=Path)
        if name == "delete":
            action.add_argument("--yes", action="store_true", help="without it nothing is deleted")
        if name == "show":
            action.add_argument("--edition", choices=LANGUAGES, default="en", help="default: en")


def _add_folder(command: argparse.ArgumentParser) -> None:
    text = "your own folder (default: %(default)s in the current one)"
    command.add_argument("--folder", type=Path, default=FOLDER, help=text)


def _lab(arguments: argparse.Namespace) -> int:
    from kinesis_sim.course.outline import entry_of

    book = _workbook(arguments.folder)
    for line in book.prepare():
        _say(line)
    lesson = book.path(entry_of(START), arguments.edition)
    if arguments.prepare:
        return 0
    root = arguments.folder.resolve()
    command = [sys.executable, "-m", "jupyter", "lab", f"--ServerApp.root_dir={root}"]
    command.append(f"--LabApp.default_url=/lab/tree/{lesson.parent.name}/{lesson.name}")
    if hasattr(os, "geteuid") and os.geteuid() == 0:  # in a container; JupyterLab wants to be told
        command.append("--allow-root")
    return subprocess.call([*command, *arguments.options], env=_environment(root))


def _environment(root: Path) -> dict[str, str]:
    """What kernels inherit: where progress is kept, and the commands beside this Python first."""
    from kinesis_sim.course.progress import FILE, VARIABLE

    scripts = str(Path(sys.executable).parent)
    path = os.pathsep.join([scripts, os.environ.get("PATH", "")])
    return os.environ | {VARIABLE: str(root / FILE), "PATH": path}


def _again(arguments: argparse.Namespace) -> int:
    from kinesis_sim.course.outline import entries

    known = {entry.number: entry.slug for entry in entries()}
    slug = known.get(arguments.lesson, arguments.lesson)
    today = instants.to_datetime(Clock.wall().now)
    aside = _workbook(arguments.folder).again(slug, arguments.edition, today)
    _say(f"The lesson begins anew; your old one is {aside}.")
    return 0


def _workbook(folder: Path) -> Workbook:
    from kinesis_sim.course.workbook import Workbook

    return Workbook(folder)


# --- progress -------------------------------------------------------------------------------------


def _kept(arguments: argparse.Namespace) -> Progress:
    from kinesis_sim.course.progress import FILE, VARIABLE, Progress

    named = os.environ.get(VARIABLE)
    file = Path(named) if named else arguments.folder / FILE
    if not file.parent.is_dir():
        raise UsageError(f"There is no folder {file.parent} here: kinesis-lab lab makes it.")
    return Progress(file)


def _show(arguments: argparse.Namespace) -> int:
    from kinesis_sim.course.outline import Outline

    _say(repr(Outline(arguments.edition, _kept(arguments))))
    return 0


def _export(arguments: argparse.Namespace) -> int:
    text = json.dumps(_kept(arguments).exported(), indent=1, ensure_ascii=False)
    _on_file(arguments.file, lambda: arguments.file.write_text(text + "\n", "utf-8"))
    _say(f"written to {arguments.file}")
    return 0


def _import(arguments: argparse.Namespace) -> int:
    text = ""

    def read() -> None:
        nonlocal text
        text = arguments.file.read_text("utf-8")

    _on_file(arguments.file, read)
    _say(f"{_kept(arguments).take_in(text)} rows came in; what was here already stayed.")
    return 0


def _delete(arguments: argparse.Namespace) -> int:
    if not arguments.yes:
        raise UsageError("This deletes all that is kept of your work: say so with --yes.")
    kept = _kept(arguments)
    kept.delete()
    _say(f"deleted {kept.path}")
    return 0


def _on_file(path: Path, action: Callable[[], object]) -> None:
    try:
        action()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be used: {error}.") from error


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
