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
from kinesis_sim.course.spoken_parser import (
    SpokenParser,
    add_edition,
    add_spoken,
    sentence,
    speaking,
    spoken_commands,
)
from kinesis_sim.course.words import reason
from kinesis_sim.errors import UsageError
from kinesis_sim.plain_file import read_whole, write_whole
from kinesis_sim.words import spoken_language

if TYPE_CHECKING:
    from kinesis_sim.course.progress import Progress
    from kinesis_sim.course.spoken_parser import Commands
    from kinesis_sim.course.workbook import Workbook

FOLDER = Path("my-kinesis-lab")
START = "start_here"


def add_lab(commands: Commands) -> None:
    """Register ``lab`` and ``again``, which speak the language of their edition."""
    add_spoken(commands, "lab", _with_lab)
    add_spoken(commands, "again", _with_again)


def add_progress(commands: Commands) -> None:
    """Register ``progress``, which speaks the language of its edition."""
    add_spoken(commands, "progress", _with_progress)


def _with_lab(lab: SpokenParser) -> None:
    say = lab.words.say
    lab.add_argument("--prepare", action="store_true", help=say("help.prepare"))
    lab.add_argument("options", nargs="*", help=say("help.jupyter"))
    _add_folder(lab)
    lab.set_defaults(run=speaking(_lab))


def _with_again(again: SpokenParser) -> None:
    again.add_argument("lesson", help=again.words.say("help.lesson"))
    _add_folder(again)
    again.set_defaults(run=speaking(_again))


def _with_progress(progress: SpokenParser) -> None:
    words = progress.words
    actions = progress.add_subparsers(required=True, metavar="show | export | import | delete")
    for name, run in (
        ("show", _show),
        ("export", _export),
        ("import", _import),
        ("delete", _delete),
    ):
        what = words.say(f"help.{name}")
        action = actions.add_parser(name, words=words, help=what, description=sentence(what))
        _add_folder(action)
        add_edition(action, again=True)
        action.set_defaults(run=speaking(run))
        if name in ("export", "import"):
            action.add_argument("file", type=Path)
        if name == "delete":
            action.add_argument("--yes", action="store_true", help=words.say("help.yes"))


def _add_folder(command: SpokenParser) -> None:
    text = command.words.say("help.folder")
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
    _say(spoken_commands().say("again.done", path=aside))
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
        raise UsageError(spoken_commands().say("progress.no-folder", folder=file.parent))
    return Progress(file)


def _show(arguments: argparse.Namespace) -> int:
    from kinesis_sim.course.outline import Outline

    _say(repr(Outline(arguments.edition, _kept(arguments))))
    return 0


def _export(arguments: argparse.Namespace) -> int:
    kept, say = _kept(arguments), spoken_commands().say
    if kept.path is not None and _same(arguments.file, kept.path):
        raise UsageError(say("progress.itself", path=arguments.file))
    text = json.dumps(kept.exported(), indent=1, ensure_ascii=False)
    _on_file(arguments.file, lambda: write_whole(arguments.file, f"{text}\n".encode()))
    _say(say("progress.written", path=arguments.file))
    return 0


def _import(arguments: argparse.Namespace) -> int:
    from kinesis_sim.course.progress_file import LARGEST_IMPORT

    text = ""

    def read() -> None:
        nonlocal text
        most = 4 * LARGEST_IMPORT  # bytes that so many characters may take
        data = read_whole(arguments.file, most)
        text = data.decode("utf-8-sig", "strict" if len(data) <= most else "replace")

    _on_file(arguments.file, read)
    rows = _kept(arguments).take_in(text)
    _say(spoken_commands().say("progress.came-in", rows=rows))
    return 0


def _same(one: Path, other: Path) -> bool:
    """Whether both lead to one file; a loop of links leads nowhere."""
    return os.path.realpath(one) == os.path.realpath(other)


def _delete(arguments: argparse.Namespace) -> int:
    if not arguments.yes:
        raise UsageError(spoken_commands().say("progress.sure"))
    kept = _kept(arguments)
    kept.delete()
    _say(spoken_commands().say("progress.deleted", path=kept.path))
    return 0


def _on_file(path: Path, action: Callable[[], object]) -> None:
    try:
        action()
    except (OSError, UnicodeDecodeError) as error:
        why = reason(error, spoken_language())
        said = spoken_commands().say("progress.unusable", path=path, error=why)
        raise UsageError(said) from error


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
