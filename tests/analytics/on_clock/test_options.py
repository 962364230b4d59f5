"""Options of a script that are no number, duration or known word: a sentence that names them."""

from __future__ import annotations

import pytest

from kinesis_sim import Simulator
from kinesis_sim.analytics.applications.lifecycle import Lifecycle
from kinesis_sim.analytics.on_clock import options
from kinesis_sim.analytics.refusals import SqlValidationError
from tests.analytics.on_clock.test_flink_job import PASS, TABLES, made
from tests.analytics.test_applications import COPY, World, operations

POLL, LIMIT = "scan.shard.getrecords.intervalmillis", "scan.shard.getrecords.maxrecordcount"


@pytest.mark.parametrize(
    ("key", "value"),
    [
        (LIMIT, "many"),
        (LIMIT, "0"),
        (LIMIT, "10001"),
        (LIMIT, "²"),
        (POLL, "1.5"),
        (POLL, "-1"),
        (POLL, "9" * 5_000),
        ("scan.stream.initpos", "YESTERDAY"),
        ("scan.stream.initpos-timestamp", "tomorrow"),
        ("scan.stream.initpos-timestamp", "2026-13-01"),
    ],
)
def test_an_option_of_a_table_is_told_by_its_name(sim: Simulator, key: str, value: str) -> None:
    made(sim)
    text = TABLES.format(sink="print").replace("'scan.stream.initpos' = 'TRIM_HORIZON',", "")
    text = text.replace("'format' = 'json'", f"'{key}' = '{value}'")
    with pytest.raises(SqlValidationError, match=key.replace(".", r"\.")):
        sim.analytics.start(text + PASS)


@pytest.mark.parametrize(
    "key", ["execution.checkpointing.interval", "table.exec.source.idle-timeout"]
)
@pytest.mark.parametrize("value", ["soon", "5 parsecs", "-1 s", "1e5 s", "99999999999999 d"])
def test_a_setting_is_told_by_its_name(sim: Simulator, key: str, value: str) -> None:
    made(sim)
    with pytest.raises(SqlValidationError, match=key.replace(".", r"\.")):
        sim.analytics.start(f"SET '{key}' = '{value}';" + TABLES.format(sink="print") + PASS)


@pytest.mark.parametrize(
    ("text", "ms"),
    [("", 7), ("250", 250), ("10 s", 10_000), ("10 sec", 10_000), ("2 min", 120_000),
     ("1 hour", 3_600_000), ("3 days", 259_200_000), ("5 millis", 5), ("0 ms", 0)],
)  # fmt: skip
def test_a_duration_is_written_as_in_flink(text: str, ms: int) -> None:
    assert options.duration({"key": text}, "key", 7) == ms


def test_an_application_with_an_option_that_is_none_fails_alone() -> None:
    world = World()
    world.create(COPY.replace("'format' = 'json'", f"'{LIMIT}' = 'many'", 1))
    world.start()
    assert world.status == "READY"
    assert operations(world)[0]["OperationStatus"] == "FAILED"


def test_whatever_an_engine_raises_fails_the_application_and_not_the_clock(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A fault of ours, too: the clock belongs to everybody."""
    world = World()
    world.create(COPY)

    def broken(*args: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(Lifecycle, "_code", broken)
    world.start()
    assert world.status == "READY"
    told = world.api.describe_application_operation(
        ApplicationName="app", OperationId=operations(world)[0]["OperationId"]
    )["ApplicationOperationInfoDetails"]["OperationFailureDetails"]
    assert told["ErrorInfo"]["ErrorString"] == "ZeroDivisionError"


@pytest.mark.parametrize("connector", ["firehose", "print", "blackhole", "filesystem", "datagen"])
def test_a_table_that_cannot_be_read_is_told_and_not_read_in_silence(
    sim: Simulator, connector: str
) -> None:
    made(sim)
    text = TABLES.format(sink="print").replace(
        "'connector' = 'kinesis'", f"'connector' = '{connector}'"
    )
    assert text != TABLES.format(sink="print")
    with pytest.raises(SqlValidationError, match=connector):
        sim.analytics.start(text + PASS)


@pytest.mark.parametrize("end", [" -- the end", "\n/* the end */\n", "; ;\n-- a\n-- b\n"])
def test_a_comment_may_stand_behind_the_last_statement(sim: Simulator, end: str) -> None:
    made(sim)
    sim.analytics.start(TABLES.format(sink="print") + PASS.rstrip().rstrip(";") + ";" + end)
