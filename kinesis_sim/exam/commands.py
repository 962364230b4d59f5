"""The exam's part of the command line: ``python -m kinesis_sim exam``.

start | practice | mock | review | report | due | goal | stats | export, and ``--web`` for the page.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kinesis_sim.clock import Clock
from kinesis_sim.course.desk import FOLDER
from kinesis_sim.course.spoken_parser import (
    EditionParser,
    SpokenParser,
    sentence,
    speaking,
)
from kinesis_sim.course.words import LANGUAGES
from kinesis_sim.errors import UsageError
from kinesis_sim.exam.turns import PACES

if TYPE_CHECKING:
    from kinesis_sim.course.item import Item
    from kinesis_sim.course.progress import Progress
    from kinesis_sim.exam.booth import Booth
    from kinesis_sim.exam.record import ExamRecord
    from kinesis_sim.exam.words import ExamWords

PORT = 4581  # the demo's is the one before
WITH_BANK = ("start", "practice", "mock", "review", "report", "export")
"""What shows questions, so that those of one's own are known to it."""
STATS = ("questions", "proved", "by_exam", "by_topic", "languages")
FORMATS = ("anki", "moodle", "gift", "qti", "csv", "paper", "attempts")
Commands = argparse._SubParsersAction


def add_exam(commands: Commands[argparse.ArgumentParser]) -> None:
    """Register ``exam``, which helps and corrects in the language of its edition."""
    from kinesis_sim.exam.words import ExamWords

    prog = commands.add_parser("exam", help=ExamWords("en").say("help.exam")).prog
    commands.choices["exam"] = EditionParser(prog, _exam_parser)


def _exam_parser(prog: str, lang: str) -> SpokenParser:
    from kinesis_sim.exam.words import ExamWords

    words = ExamWords(lang)
    exam = SpokenParser(words, prog=prog, description=sentence(words.say("help.exam")))
    exam.add_argument("--web", action="store_true", help=words.say("help.web"))
    exam.add_argument("--port", type=int, default=PORT, help=words.say("help.port"))
    _add_common(exam)
    _add_bank(exam)
    exam.set_defaults(run=speaking(_start))
    actions = exam.add_subparsers(metavar=words.say("help.command"))
    for name, run in ACTIONS.items():
        what = words.say(f"help.{name}")
        action = actions.add_parser(name, words=words, help=what, description=sentence(what))
        _add_common(action, again=True)
        action.set_defaults(run=speaking(run))
        _add_options(name, action)
    return exam


def _add_common(command: SpokenParser, *, again: bool = False) -> None:
    """Options of every command; said again below ``exam``, they stand where they were given."""
    edition: Any = argparse.SUPPRESS if again else "en"
    folder: Any = argparse.SUPPRESS if again else FOLDER
    say = command.words.say
    command.add_argument(
        "--edition", choices=LANGUAGES, default=edition, help=say("help.default", value="en")
    )
    text = say("help.folder", folder=FOLDER)
    command.add_argument("--folder", type=Path, default=folder, help=text)


def _add_bank(command: SpokenParser, *, again: bool = False) -> None:
    default: Any = argparse.SUPPRESS if again else None
    command.add_argument("--bank", type=Path, default=default, help=command.words.say("help.bank"))


def _add_options(name: str, action: SpokenParser) -> None:
    say = action.words.say
    if name in WITH_BANK:
        _add_bank(action, again=True)
    if name in ("practice", "mock"):
        default = say("help.default", value="%(default)s")
        action.add_argument("--questions", type=int, default=10, help=default)
    if name == "practice":
        what = action.add_mutually_exclusive_group()
        what.add_argument("--topic", help=say("help.topic"))
        what.add_argument("--exam", help=say("help.of-exam"))
        what.add_argument("--weak", action="store_true", help=say("about.weak"))
        what.add_argument("--due", action="store_true", help=say("about.due"))
    if name in ("mock", "goal"):
        action.add_argument("exam", help=say("help.which-exam"))
    if name == "mock":
        action.add_argument("--time", choices=PACES, default="1", help=say("help.time"))
    if name == "goal":
        action.add_argument("day", nargs="?", default="", help=say("help.day"))
    if name == "stats":
        action.add_argument("--json", action="store_true", help=say("help.json"))
    if name == "report":
        action.add_argument("attempts", nargs="*", type=Path, help=say("help.attempts"))
        action.add_argument("--csv", type=Path, help=say("help.csv"))
        action.add_argument("--figure", type=Path, help=say("help.figure"))
    if name == "export":
        action.add_argument("format", choices=FORMATS, help=say("help.format"))
        action.add_argument("file", type=Path, help=say("help.file"))
        action.add_argument("--exam", default="", help=say("help.only-exam"))
        action.add_argument("--questions", type=int, help=say("help.paper"))
        action.add_argument("--learner", default="me", help=say("help.learner"))


# --- faces ----------------------------------------------------------------------------------------


def _start(arguments: argparse.Namespace) -> int:
    if arguments.web:
        return _web(arguments)
    booth = _booth(arguments)
    hall = booth.view(_now())["hall"]
    if hall["open"] is not None:
        name, said = hall["open"]
        _say(said)
        return _sit(booth, do="resume", sitting=name)
    _say(hall["standing"])
    for said in hall["goals"]:
        _say(said)
    for _, said in hall["practice"][:3]:
        _say(f"  {said}")
    edition = "" if arguments.edition == "en" else f" --edition {arguments.edition}"
    _say(f"kinesis-lab exam practice{edition} [--topic K02 | --exam saa | --weak | --due]")
    _say(f"kinesis-lab exam mock{edition} clf | saa | dva | dea")
    _say(f"kinesis-lab exam --web{edition}")
    return 0


def _practice(arguments: argparse.Namespace) -> int:
    what = "all"
    if arguments.topic is not None:
        what = f"topic:{arguments.topic.upper()}"
    elif arguments.exam is not None:
        what = f"exam:{arguments.exam}"
    elif arguments.weak or arguments.due:
        what = "weak" if arguments.weak else "due"
    return _sit(_booth(arguments), do="practice", what=what, count=arguments.questions)


def _mock(arguments: argparse.Namespace) -> int:
    wish = {"exam": arguments.exam, "count": arguments.questions, "pace": arguments.time}
    return _sit(_booth(arguments), do="mock", **wish)


def _sit(booth: Booth, **wish: Any) -> int:
    from kinesis_sim.course.console import width
    from kinesis_sim.exam.terminal import Terminal

    Terminal(booth, input, _say, _now, width()).run(**wish)
    return 2 if booth.tone == "bad" and booth.sitting is None else 0


def _review(arguments: argparse.Namespace) -> int:
    booth = _booth(arguments)
    return _sit(booth, do="resume", sitting=_last(booth))


def _last(booth: Booth) -> str:
    name: str = booth.view(_now())["hall"]["last"]
    if not name:
        raise UsageError(booth.words.say("refused.nothing-ended"))
    return name


def _web(arguments: argparse.Namespace) -> int:
    from kinesis_sim.aws.serving import listen
    from kinesis_sim.course.stage.page import HOST, run_page
    from kinesis_sim.exam.page.server import ExamPage

    listeners = listen(HOST, arguments.port)
    page = ExamPage(_record(arguments), _now, arguments.edition, _bank(arguments))
    _say(
        _words(arguments).say("terminal.page", url=f"{listeners.endpoint_url}/{arguments.edition}")
    )
    run_page(page, listeners)
    return 0


# --- what is kept ---------------------------------------------------------------------------------


def _report(arguments: argparse.Namespace) -> int:
    if arguments.attempts:
        return _statistics(arguments)
    from kinesis_sim.exam.terminal import report_text

    booth = _booth(arguments)
    booth.wish({"do": "resume", "sitting": _last(booth)}, _now())
    _say(report_text(booth.view(_now())["report"]).strip())
    return 0


def _statistics(arguments: argparse.Namespace) -> int:
    from kinesis_sim.exam import statistics
    from kinesis_sim.exam.attempts_file import read_attempts

    found = statistics.analysed(read_attempts(arguments.attempts))
    _say(statistics.as_text(found, arguments.edition))
    if arguments.csv is not None:
        _written(arguments, arguments.csv, statistics.as_csv(found).encode())
    if arguments.figure is not None:
        _written(arguments, arguments.figure, statistics.figure(found, arguments.edition).png(2))
    return 0


def _due(arguments: argparse.Namespace) -> int:
    from kinesis_sim.exam.spacing import schedule
    from kinesis_sim.instants import to_datetime

    record, now = _record(arguments), _now()
    exam_day = record.next_exam(to_datetime(now).date())
    rows = schedule(record.attempts(), now, exam_day)
    waiting = sum(row.at <= now for row in rows)
    _say(_words(arguments).say("terminal.due", waiting=waiting, count=len(rows)))
    for row in rows[:20]:
        _say(f"  {to_datetime(row.at):%Y-%m-%d}  {100 * row.known:3.0f} %  {row.item}")
    return 0


def _goal(arguments: argparse.Namespace) -> int:
    from kinesis_sim.exam.terminal import plain

    booth = _booth(arguments)
    booth.wish({"do": "goal", "family": arguments.exam, "day": arguments.day}, _now())
    _say(plain(booth.said))
    return 2 if booth.tone == "bad" else 0


def _stats(arguments: argparse.Namespace) -> int:
    from kinesis_sim.course.bank import items, stats

    every = stats(items())
    found = {name: every[name] for name in STATS}
    if arguments.json:
        _say(json.dumps(found, ensure_ascii=False))
        return 0
    words = _words(arguments)
    _say(words.say("terminal.bank", questions=found["questions"], proved=found["proved"]))
    _say(", ".join(f"{exam} {count}" for exam, count in found["by_exam"].items()))
    asked = sum(bool(count) for count in found["by_topic"].values())
    languages = ", ".join(found["languages"])
    _say(
        words.say(
            "terminal.topics", asked=asked, topics=len(every["by_topic"]), languages=languages
        )
    )
    return 0


def _export(arguments: argparse.Namespace) -> int:
    from kinesis_sim.exam.exports import exported, left_out

    record = _record(arguments) if arguments.format == "attempts" else None
    bank = _bank(arguments)
    files = exported(
        arguments.format,
        arguments.file,
        lang=arguments.edition,
        bank=bank,
        exam=arguments.exam,
        questions=arguments.questions,
        record=record,
        learner=arguments.learner,
    )
    for path, data in files.items():
        _written(arguments, path, data)
    lang, exam = arguments.edition, arguments.exam
    if missing := left_out(arguments.format, lang=lang, bank=bank, exam=exam):
        _say(missing)
    return 0


def _written(arguments: argparse.Namespace, path: Path, data: bytes) -> None:
    from kinesis_sim.plain_file import write_whole

    words = _words(arguments)
    try:
        write_whole(path, data)
    except OSError as error:
        why = words.reason(error)
        raise UsageError(words.say("terminal.unwritten", path=path, error=why)) from error
    _say(words.say("terminal.written", path=path))


def _words(arguments: argparse.Namespace) -> ExamWords:
    from kinesis_sim.exam.words import ExamWords

    return ExamWords(arguments.edition)


def _booth(arguments: argparse.Namespace) -> Booth:
    from kinesis_sim.exam.booth import Booth

    return Booth(_record(arguments), arguments.edition, _bank(arguments), lessons=None)


def _bank(arguments: argparse.Namespace) -> list[Item] | None:
    """The questions of the learner's own; None where those of the course are meant."""
    if arguments.bank is None:
        return None
    from kinesis_sim.exam.bank_file import read_bank

    return read_bank(arguments.bank)


def _record(arguments: argparse.Namespace) -> ExamRecord:
    from kinesis_sim.exam.record import ExamRecord

    return ExamRecord(_progress(arguments.folder, _words(arguments)))


def _progress(folder: Path, words: ExamWords) -> Progress:
    """The file that the environment names, the folder's, or, where there is none, that of here."""
    from kinesis_sim.course.progress import FILE, VARIABLE, Progress, own_progress

    if named := os.environ.get(VARIABLE):
        return Progress(Path(named))
    if folder.is_dir():
        return Progress(folder / FILE)
    if folder != FOLDER:
        raise UsageError(words.say("terminal.no-folder", folder=folder))
    own = own_progress()
    if own.path is None:
        sys.stderr.write(f"{words.say('terminal.unkept')}\n")
    return own


def _now() -> int:
    return Clock.wall().now


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")


ACTIONS = {
    "start": _start,
    "practice": _practice,
    "mock": _mock,
    "review": _review,
    "report": _report,
    "due": _due,
    "goal": _goal,
    "stats": _stats,
    "export": _export,
}
