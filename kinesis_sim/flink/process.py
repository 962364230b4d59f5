"""One Java process that runs a job; it is stopped at its time, and when its caller goes away."""

from __future__ import annotations

import json
import subprocess
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from math import ceil
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from kinesis_sim.errors import KinesisSimError, UsageError
from kinesis_sim.flink.answers import Answer
from kinesis_sim.flink.job import JobStep, written
from kinesis_sim.flink.toolchain import Toolchain

LOOK_SECONDS = 0.2
LEAVE_SECONDS = 45
"""For jobs to be cancelled once they are asked to end; then the process is killed."""


class FlinkError(KinesisSimError):
    """Flink refused a statement or failed in it; the text is Flink's own."""


class TimeUp(UsageError):
    """A script took longer than it was given. answers: what had come until then."""

    def __init__(self, seconds: float, answers: dict[str, Answer]) -> None:
        super().__init__(
            f"The statements were stopped after {seconds:g} seconds, which they were given. "
            "A query over a feed ends by itself; give a longer timeout, or a smaller feed."
        )
        self.answers = answers


def execute(
    flink: Toolchain,
    steps: list[JobStep],
    *,
    timeout: float,
    rows: int | None = None,
    settings: Iterable[str] = (),
    unending: bool = False,
    until: Callable[[], bool] | None = None,
    told: Any = None,
) -> dict[str, Answer]:
    """Run a job; what each statement answered, by its label.

    timeout: seconds after which it is stopped. rows: how many changes of each statement are kept.
    unending: the job reads streams, so that the time or the rows are its proper end; else TimeUp
    is raised. until: asked now and then; the job ends when it says so, or when it raises, which is
    then raised here. told: called with each line as it comes. Raises FlinkError for what Flink
    refuses.
    """
    answers: dict[str, Answer] = {}
    with TemporaryDirectory(prefix="kinesis-lab-flink-") as folder:
        job = Path(folder) / "job.txt"
        job.write_text(written(steps), encoding="utf-8")
        with _process(flink.command(job, settings), timeout, until) as (running, is_late):
            for line in _lines(running):
                if told is not None:
                    told(line)
                _take(answers, line, rows)
                if unending and rows is not None and _have(answers, rows):
                    break
        if is_late.is_set() and not unending:
            raise TimeUp(timeout, answers)
    return answers


@contextmanager
def _process(
    command: list[str], timeout: float, until: Callable[[], bool] | None
) -> Iterator[tuple[subprocess.Popen[str], threading.Event]]:
    """A process whose input is closed at its time, which ends its jobs, and at the end for sure."""
    running = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        start_new_session=True,
    )
    is_late = threading.Event()
    errors: list[str] = []
    reader = threading.Thread(target=_drain, args=(running, errors), daemon=True)
    reader.start()

    over = threading.Event()
    broken: list[Exception] = []

    def watch() -> None:
        for _ in range(ceil(timeout / LOOK_SECONDS)):
            if over.wait(LOOK_SECONDS):
                return
            try:
                if until is None or not until():
                    continue
            except Exception as error:  # the caller's own: it ends the job, and is raised there
                broken.append(error)
            _leave(running)
            return
        is_late.set()
        _leave(running)

    threading.Thread(target=watch, daemon=True).start()
    try:
        yield running, is_late
        over.set()
        code = _leave(running)
        reader.join()
        if broken:
            raise broken[0]
        if code not in (0, 3) and not is_late.is_set():
            story = "".join(errors[-20:]).strip()
            raise FlinkError(f"Flink's process ended with code {code}: {story[-1_500:]}")
    finally:
        over.set()
        _leave(running)
        for pipe in (running.stdout, running.stderr):
            if pipe is not None:
                pipe.close()


def _leave(running: subprocess.Popen[str]) -> int:
    """Ask a process to end its jobs, and end it; its exit code."""
    if running.stdin is not None and not running.stdin.closed:
        running.stdin.close()
    try:
        return running.wait(LEAVE_SECONDS)
    except subprocess.TimeoutExpired:
        running.kill()
        return running.wait()


def _drain(running: subprocess.Popen[str], errors: list[str]) -> None:
    for line in running.stderr or ():
        if not line.startswith("SLF4J"):
            errors.append(line)
            del errors[:-50]


def _lines(running: subprocess.Popen[str]) -> Iterator[dict[str, Any]]:
    for line in running.stdout or ():
        if line.startswith("{"):
            yield json.loads(line)


def _take(answers: dict[str, Answer], line: dict[str, Any], rows: int | None) -> None:
    label, what = line["statement"], line["what"]
    if what == "error":
        raise FlinkError(f"Flink refuses {label}: {line['message']}")
    answer = answers.setdefault(label, Answer(label))
    if what == "job":
        answer.columns = tuple(line["columns"])
    elif what == "row":
        answer.total += 1
        if rows is None or len(answer.changes) < rows:
            answer.changes.append((line["kind"], _frozen(line["values"])))
    elif what == "done":
        answer.late, answer.ended = line["late"], True


def _frozen(values: list[Any]) -> tuple[Any, ...]:
    return tuple(_frozen(value) if isinstance(value, list) else value for value in values)


def _have(answers: dict[str, Answer], rows: int) -> bool:
    """Whether every statement that answers rows has as many as were asked for."""
    asked = [answer for answer in answers.values() if answer.columns]
    return bool(asked) and all(answer.total >= rows for answer in asked)
