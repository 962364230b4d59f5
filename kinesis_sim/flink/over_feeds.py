"""A script over rows that are there: every INSERT and SELECT answers its changes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from kinesis_sim.errors import UsageError
from kinesis_sim.flink import feed as feeds_of
from kinesis_sim.flink import tables
from kinesis_sim.flink.answers import Answer
from kinesis_sim.flink.job import JobStep
from kinesis_sim.flink.lexer import unquoted
from kinesis_sim.flink.process import execute
from kinesis_sim.flink.script import ScriptStatement, statements
from kinesis_sim.flink.toolchain import Say, Toolchain, toolchain

TIMEOUT_SECONDS = 300.0
SETTINGS = ("pipeline.auto-watermark-interval=0 ms",)
"""The watermark moves with each row; at Flink's 200 ms two runs may drop different rows as late."""
_SINKS = frozenset({"kinesis", "firehose", "filesystem", "print", "blackhole"})
_FREE = frozenset({"print", "blackhole", "datagen"})
"""Connectors that stay what they are: they touch nothing outside the process."""

Feeds = Mapping[str, Iterable[Mapping[str, Any]]]


def run(
    script: str,
    feeds: Feeds | Iterable[Any] | None = None,
    *,
    timeout: float = TIMEOUT_SECONDS,
    rows: int | None = None,
    cluster: str = "",
    flink: Toolchain | None = None,
    say: Say = print,
    told: Callable[[dict[str, Any]], None] | None = None,
) -> dict[str, Answer]:
    """Run a script of Flink SQL; what each INSERT and SELECT answered, by its label.

    feeds: rows in the order of their arrival, by the name of a table or of its stream; or what the
    simulator takes, (table, row) pairs and ``FedRow``s in that order. timeout: seconds. rows: how
    many changes of each statement are kept (all by default). cluster: the address of a running
    cluster, ``host:port`` of its REST endpoint; by default one in the process.
    say: told while Flink is fetched. told: see ``process.execute``.

    An INSERT writes nothing: it is checked against its sink (one that cannot take back rows refuses
    them, as Kinesis and Firehose do), and its query's changes are the answer. Raises UsageError for
    what the script may not do and for a table without rows, FlinkError for what Flink refuses.
    """
    wanted = statements(script)
    where = [f"{name}={value}" for name, value in _target(cluster).items()]
    with TemporaryDirectory(prefix="kinesis-lab-feed-") as folder:
        fed = feeds if isinstance(feeds, Mapping) else feeds_of.by_table(feeds or ())
        steps = plan(wanted, fed, Path(folder))
        ready = flink or toolchain(live=False, say=say)
        return execute(
            ready, steps, timeout=timeout, rows=rows, settings=[*SETTINGS, *where], told=told
        )


def plan(wanted: list[ScriptStatement], feeds: Feeds, folder: Path) -> list[JobStep]:
    """What is to be done, in order; the feeds are written into the folder."""
    steps: list[JobStep] = []
    used: set[str] = set()
    for statement in wanted:
        if statement.verb == "set":
            steps.append(JobStep("set", statement.name, statement.text))
        elif statement.verb == "table":
            steps.append(
                JobStep("execute", statement.label, _stored(statement, wanted, feeds, folder))
            )
            used |= {statement.name, tables.stream_of(tables.options(statement))}
        elif statement.verb == "insert":
            steps.append(JobStep("explain", statement.label, statement.text))
            steps.append(JobStep("collect", statement.label, statement.query))
        else:
            verb = "collect" if statement.verb == "query" else "execute"
            steps.append(JobStep(verb, statement.label, statement.text))
    unknown = sorted(set(feeds) - used)
    if unknown:
        raise UsageError(f"No table of the script reads {', '.join(unknown)}, which has a feed.")
    return steps


def _stored(
    table: ScriptStatement, wanted: list[ScriptStatement], feeds: Feeds, folder: Path
) -> str:
    """A table over its feed; a sink as one that takes rows and takes none back."""
    given = tables.options(table)
    connector, stream = given.get("connector", ""), tables.stream_of(given)
    if not given:
        return table.text  # LIKE another, or a mistake that Flink names
    if connector not in _SINKS | _FREE:
        raise UsageError(
            f"Line {table.line}: the connector {connector!r} of {table.name} is not run here. "
            f"Choose one of {', '.join(sorted(_SINKS | _FREE))}."
        )
    if connector in _FREE:
        return table.text
    rows = feeds.get(table.name, feeds.get(stream))
    if rows is None and is_read(table, wanted):
        raise UsageError(
            f"Line {table.line}: {table.name} has no rows to read. Give those of "
            f"{stream or table.name} as a feed (--feed FILE, or --stream NAME)."
        )
    if given.get("format", "json") != "json":
        raise UsageError(f"Line {table.line}: a feed is JSON, not {given['format']!r}.")
    path = folder / f"{len(list(folder.iterdir()))}.jsonl"
    feeds_of.write(path, rows or (), tables.metadata(table))
    storage = {"connector": "filesystem", "path": path.as_uri(), "format": "json"}
    return tables.stored(table, {**storage, **tables.format_options(given)})


def is_read(table: ScriptStatement, wanted: list[ScriptStatement]) -> bool:
    """Whether a query or a view names the table."""
    for statement in wanted:
        if statement.verb not in ("view", "query", "insert"):
            continue
        start = len(statement.text) - len(statement.query) if statement.verb == "insert" else 0
        first = statement.pieces[0].start
        named = (t for t in statement.pieces if t.start - first >= start)
        if any(t.kind in ("word", "name") and unquoted(t) == table.name for t in named):
            return True
    return False


def _target(cluster: str) -> dict[str, str]:
    if not cluster:
        return {}
    host, _, port = cluster.rpartition(":")
    if not host or not port.isdecimal() or not 0 < int(port) < 65_536:
        raise UsageError(f"cluster={cluster!r}: write host:port of Flink's REST endpoint.")
    return {"execution.target": "remote", "rest.address": host, "rest.port": port}
