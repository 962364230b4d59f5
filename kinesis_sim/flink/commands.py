"""``python -m kinesis_sim flink run | live``."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from kinesis_sim.errors import UsageError
from kinesis_sim.flink import on_streams, over_feeds
from kinesis_sim.flink.answers import Answer
from kinesis_sim.flink.feed import from_stream, read
from kinesis_sim.flink.process import TimeUp
from kinesis_sim.plain_file import read_whole
from kinesis_sim.units import MIB

LONGEST_SCRIPT = MIB
"""Bytes."""
ENDPOINT = "http://127.0.0.1:4567"
_SHOWN = 20
"""Changes of each statement that are printed, unless --rows says otherwise."""


def add_flink(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``flink`` to a command line."""
    text = "run a script of Flink SQL on real Apache Flink"
    parser = commands.add_parser("flink", help=text, description=f"{text.capitalize()}.")
    verbs = parser.add_subparsers(required=True, metavar="run|live")
    _add_run(verbs)
    _add_live(verbs)


def _add_run(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    text = "over the rows of a file, or the records that a stream of a running server holds"
    run = verbs.add_parser("run", help=text, description=f"Run a script {text}.")
    _shared(run, over_feeds.TIMEOUT_SECONDS)
    run.add_argument(
        "--feed",
        action="append",
        default=[],
        metavar="[NAME=]FILE",
        help="lines of JSON in the order of their arrival, for the table or stream NAME "
        "(may be left out where one is read)",
    )
    run.add_argument(
        "--stream", action="append", default=[], metavar="NAME", help="a stream of the server"
    )
    run.add_argument("--cluster", default="", metavar="HOST:PORT", help="a cluster that runs")
    run.set_defaults(run=_run)


def _add_live(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    text = "against the streams of a running server, read and written as they move"
    live = verbs.add_parser("live", help=text, description=f"Run a script {text}.")
    _shared(live, on_streams.TIMEOUT_SECONDS)
    live.set_defaults(run=_live)


def _shared(parser: argparse.ArgumentParser, timeout: float) -> None:
    endpoint = os.environ.get("AWS_ENDPOINT_URL", ENDPOINT)
    parser.add_argument("script", type=Path, help="a file of statements; - is standard input")
    parser.add_argument("--endpoint", default=endpoint, help="default: %(default)s")
    parser.add_argument("--json", action="store_true", help="changes as lines of JSON")
    parser.add_argument("--rows", type=int, help="changes of each statement, at most")
    parser.add_argument("--timeout", type=float, default=timeout, help="seconds (%(default)g)")


def _run(arguments: argparse.Namespace) -> int:
    feeds = _feeds(arguments)
    script = _script(arguments.script)
    if "" in feeds:
        feeds[_only_source(script)] = feeds.pop("")
    try:
        answers = over_feeds.run(
            script,
            feeds,
            timeout=_positive(arguments.timeout, "--timeout"),
            rows=_shown(arguments),
            cluster=arguments.cluster,
            say=_say,
            told=_told(arguments),
        )
    except TimeUp as late:
        _print(arguments, late.answers)
        raise
    _print(arguments, answers)
    return 0


def _live(arguments: argparse.Namespace) -> int:
    answers = on_streams.live(
        _script(arguments.script),
        arguments.endpoint,
        timeout=_positive(arguments.timeout, "--timeout"),
        rows=_shown(arguments) if arguments.rows is not None else None,
        say=_say,
        told=_told(arguments),
    )
    _print(arguments, answers)
    return 0


def _script(path: Path) -> str:
    if str(path) == "-":
        return sys.stdin.read()
    try:
        data = read_whole(path, LONGEST_SCRIPT)
        if len(data) <= LONGEST_SCRIPT:
            return data.decode()
        why = f"it has more than {LONGEST_SCRIPT} bytes"
    except OSError as error:
        why = str(error.strerror)
    except UnicodeDecodeError:
        why = "it is no text in UTF-8"
    raise UsageError(f"The script {path} cannot be read: {why}.")


def _feeds(arguments: argparse.Namespace) -> dict[str, Any]:
    feeds: dict[str, Any] = {}
    for given in arguments.feed:
        name, _, file = given.rpartition("=")
        feeds[name] = read(Path(file))
    if arguments.stream:
        kinesis = _client(arguments.endpoint)
        for name in arguments.stream:
            feeds[name] = _held(kinesis, name, arguments.endpoint)
    return feeds


def _held(kinesis: Any, stream: str, endpoint: str) -> list[dict[str, Any]]:
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        return from_stream(kinesis, stream)
    except (BotoCoreError, ClientError) as error:
        raise UsageError(f"The stream {stream} of {endpoint} cannot be read: {error}") from None


def _client(endpoint: str) -> Any:
    import boto3

    return boto3.client(
        "kinesis",
        endpoint_url=endpoint,
        region_name=os.environ.get("AWS_DEFAULT_REGION", "us-east-1"),
        aws_access_key_id=os.environ.get("AWS_ACCESS_KEY_ID", "kinesis-lab"),
        aws_secret_access_key=os.environ.get("AWS_SECRET_ACCESS_KEY", "kinesis-lab"),
    )


def _only_source(script: str) -> str:
    from kinesis_sim.flink.script import statements

    wanted = statements(script)
    read_ones = [s.name for s in wanted if s.verb == "table" and over_feeds.is_read(s, wanted)]
    if len(read_ones) != 1:
        names = ", ".join(read_ones) or "none"
        raise UsageError(
            f"--feed NAME=FILE: say whose rows they are; tables that are read: {names}."
        )
    return read_ones[0]


def _positive(value: float, name: str) -> float:
    if not 0 < value <= 86_400:
        raise UsageError(f"{name} {value:g}: choose seconds above 0, at most a day (86400).")
    return value


def _shown(arguments: argparse.Namespace) -> int | None:
    rows: int | None = arguments.rows
    if rows is not None and rows < 1:
        raise UsageError(f"--rows {rows}: choose one or more.")
    return rows


def _told(arguments: argparse.Namespace) -> Callable[[dict[str, Any]], None] | None:
    """Prints each line as it comes, where lines were asked for."""
    if not arguments.json:
        return None
    counts: dict[str, int] = {}

    def told(line: dict[str, Any]) -> None:
        if line["what"] == "error":
            return
        if line["what"] == "row":
            counts[line["statement"]] = counts.get(line["statement"], 0) + 1
            if arguments.rows is not None and counts[line["statement"]] > arguments.rows:
                return
        print(json.dumps(line, ensure_ascii=False), flush=True)

    return told


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _print(arguments: argparse.Namespace, answers: dict[str, Answer]) -> None:
    if arguments.json:
        return
    for answer in answers.values():
        late = f", {answer.late} rows late" if answer.late else ""
        print(f"{answer.statement}: {answer.total} changes{late}")
        if not answer.columns:
            continue
        print("    " + "  ".join(answer.columns))
        shown = arguments.rows or _SHOWN
        for kind, values in answer.changes[:shown]:
            print(f"{kind:3} " + "  ".join("NULL" if v is None else str(v) for v in values))
        if answer.total > shown:
            print(f"    … {answer.total - shown} more (--rows)")
