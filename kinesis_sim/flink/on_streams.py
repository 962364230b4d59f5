"""A script against streams of a running server, through the official connector."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from kinesis_sim.errors import UsageError
from kinesis_sim.flink import tables
from kinesis_sim.flink.answers import Answer
from kinesis_sim.flink.job import JobStep
from kinesis_sim.flink.process import execute
from kinesis_sim.flink.script import ScriptStatement, statements
from kinesis_sim.flink.toolchain import Say, Toolchain, toolchain

TIMEOUT_SECONDS = 60.0
_KINDS = frozenset({"kinesis", "firehose"})
_FREE = frozenset({"print", "blackhole", "datagen"})


def live(
    script: str,
    endpoint_url: str,
    *,
    timeout: float = TIMEOUT_SECONDS,
    rows: int | None = None,
    region: str = "us-east-1",
    flink: Toolchain | None = None,
    say: Say = print,
    until: Callable[[], bool] | None = None,
    told: Callable[[dict[str, Any]], None] | None = None,
) -> dict[str, Answer]:
    """Read and write the streams of a server; what each SELECT told until its end.

    endpoint_url: http is enough, fan-out included. timeout, rows, until: a stream has no end, so
    that they are it; jobs that write end with a savepoint, so that nothing they hold is lost. All
    INSERTs are one job, started before the first SELECT. Keys are those of AWS_ACCESS_KEY_ID and
    AWS_SECRET_ACCESS_KEY, or made up. Raises UsageError for another connector, FlinkError for what
    Flink refuses.

    Over several shards one watermark runs here, as in Flink: the shard that is behind is late, and
    no two runs need drop the same rows.
    """
    if not endpoint_url.startswith(("http://", "https://")):
        raise UsageError(f"endpoint_url={endpoint_url!r}: write http://host:port of the server.")
    steps = plan(statements(script), endpoint_url, region)
    ready = flink or toolchain(live=True, say=say)
    return execute(ready, steps, timeout=timeout, rows=rows, unending=True, until=until, told=told)


def plan(wanted: list[ScriptStatement], endpoint_url: str, region: str) -> list[JobStep]:
    """What is to be done, in order."""
    steps: list[JobStep] = []
    inserts: list[JobStep] = []
    queries: list[JobStep] = []
    for statement in wanted:
        if statement.verb == "set":
            steps.append(JobStep("set", statement.name, statement.text))
        elif statement.verb == "table":
            text = _reaching(statement, endpoint_url, region)
            steps.append(JobStep("execute", statement.label, text))
        elif statement.verb == "insert":
            inserts.append(JobStep("add", statement.label, statement.text))
        elif statement.verb == "query":
            queries.append(JobStep("collect", statement.label, statement.text))
        else:
            steps.append(JobStep("execute", statement.label, statement.text))
    if not inserts and not queries:
        raise UsageError("The script has neither INSERT INTO nor SELECT, so nothing would run.")
    start = [JobStep("start", "INSERT INTO")] if inserts else []
    return [*steps, *inserts, *start, *queries]


def _reaching(table: ScriptStatement, endpoint_url: str, region: str) -> str:
    """A table's statement with the options that lead its connector to a server."""
    given = tables.options(table)
    connector = given.get("connector", "")
    if not given or connector in _FREE:
        return table.text
    if connector not in _KINDS:
        raise UsageError(
            f"Line {table.line}: the connector {connector!r} of {table.name} is not run here. "
            f"Choose one of {', '.join(sorted(_KINDS | _FREE))}."
        )
    keys = {
        "aws.credentials.basic.accesskeyid": os.environ.get("AWS_ACCESS_KEY_ID", "kinesis-lab"),
        "aws.credentials.basic.secretkey": os.environ.get("AWS_SECRET_ACCESS_KEY", "kinesis-lab"),
    }
    more = {"aws.region": region, "aws.endpoint": endpoint_url, "aws.credentials.provider": "BASIC"}
    return tables.extended(table, {**more, **keys})
