"""FIS over boto3: templates are checked, experiments are faults on the clock."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from kinesis_sim import Simulator
from kinesis_sim.account.faults.events import FaultBegan, FaultEnded
from kinesis_sim.aws.server import start
from tests.alarm import ALARM
from tests.aws.http_client import client

ROLE = "arn:aws:iam::123456789012:role/fis"


def template(action: str, arns: list[str], **parameters: str) -> dict[str, Any]:
    kind = {"kinesis": "aws:kinesis:stream", "lambda": "aws:lambda:function"}
    names = {"kinesis": "Streams", "lambda": "Functions", "fis": "Roles"}
    service = action.split(":")[1]
    target = {
        "resourceType": kind.get(service, "aws:iam:role"),
        "resourceArns": arns,
        "selectionMode": "ALL",
    }
    return {
        "description": "a test",
        "stopConditions": [{"source": "none"}],
        "roleArn": ROLE,
        "targets": {"those": target},
        "actions": {
            "it": {
                "actionId": action,
                "parameters": {"duration": "PT5M", **parameters},
                "targets": {names[service]: "those"},
            }
        },
    }


def made(sim: Simulator) -> tuple[Any, Any, str]:
    kinesis = sim.client("kinesis", config=None)
    kinesis.create_stream(StreamName="s", ShardCount=1)
    sim.advance(minutes=1)
    return kinesis, sim.client("fis"), sim.streams["s"].arn


def put(sim: Simulator) -> str:
    request = {"StreamName": "s", "PartitionKey": "k", "Data": b"x"}
    try:
        sim.gate.call("kinesis", "PutRecord", request)
    except Exception as error:
        return str(getattr(error, "code", error))
    return ""


def run(fis: Any, wanted: dict[str, Any]) -> str:
    name = fis.create_experiment_template(**wanted)["experimentTemplate"]["id"]
    return str(fis.start_experiment(experimentTemplateId=name)["experiment"]["id"])


@pytest.mark.parametrize(
    ("action", "more", "code"),
    [
        (
            "aws:kinesis:stream-provisioned-throughput-exception",
            {"percentage": "100"},
            "ProvisionedThroughputExceededException",
        ),
        (
            "aws:fis:inject-api-internal-error",
            {"percentage": "100", "service": "kinesis", "operations": "PutRecord"},
            "InternalFailure",
        ),
        (
            "aws:fis:inject-api-throttle-error",
            {"percentage": "100", "service": "kinesis", "operations": "PutRecord,PutRecords"},
            "ThrottlingException",
        ),
        (
            "aws:fis:inject-api-unavailable-error",
            {"percentage": "100", "service": "kinesis", "operations": "PutRecord"},
            "ServiceUnavailable",
        ),
    ],
)
def test_an_action_strikes_while_it_runs(action: str, more: dict[str, str], code: str) -> None:
    sim = Simulator(latency=None)
    _, fis, arn = made(sim)
    name = run(fis, template(action, [arn if ":kinesis:" in action else ROLE], **more))
    assert fis.get_experiment(id=name)["experiment"]["state"]["status"] == "initiating"
    assert put(sim) == ""
    sim.advance(seconds=3)
    assert fis.get_experiment(id=name)["experiment"]["state"]["status"] == "running"
    assert put(sim) == code
    sim.advance(minutes=5)
    told = fis.get_experiment(id=name)["experiment"]
    assert told["state"]["status"] == "completed"
    assert told["actions"]["it"]["state"]["status"] == "completed"
    assert (told["endTime"] - told["startTime"]).total_seconds() == 300
    assert put(sim) == ""
    [began], [ended] = sim.events.of(FaultBegan), sim.events.of(FaultEnded)
    assert (ended.at - began.at, ended.struck) == (300_000, 1)


def test_iterators_expire_and_a_consumer_reads_on() -> None:
    sim = Simulator(latency=None)
    kinesis, fis, arn = made(sim)
    put(sim)
    shard = {"StreamName": "s", "ShardId": "shardId-000000000000"}
    got = kinesis.get_shard_iterator(**shard, ShardIteratorType="TRIM_HORIZON")
    action = "aws:kinesis:stream-expired-iterator-exception"
    name = run(fis, template(action, [arn], percentage="100"))
    sim.advance(seconds=3)
    with pytest.raises(kinesis.exceptions.ExpiredIteratorException):
        kinesis.get_records(ShardIterator=got["ShardIterator"])
    fis.stop_experiment(id=name)
    assert len(kinesis.get_records(ShardIterator=got["ShardIterator"])["Records"]) == 1
    sim.advance(seconds=3)
    assert fis.get_experiment(id=name)["experiment"]["state"]["status"] == "stopped"


def test_an_alarm_stops_an_experiment() -> None:
    sim = Simulator(latency=None)
    _, fis, arn = made(sim)
    watch = sim.client("cloudwatch")
    watch.put_metric_alarm(**ALARM)
    alarm = watch.describe_alarms()["MetricAlarms"][0]["AlarmArn"]
    wanted = template(
        "aws:kinesis:stream-provisioned-throughput-exception", [arn], percentage="100"
    )
    wanted["stopConditions"] = [{"source": "aws:cloudwatch:alarm", "value": alarm}]
    name = run(fis, wanted)
    sim.advance(seconds=10)
    watch.set_alarm_state(AlarmName="a", StateValue="ALARM", StateReason="a test")
    assert put(sim) == ""
    assert "stop condition" in fis.get_experiment(id=name)["experiment"]["state"]["reason"]


def test_actions_follow_one_another() -> None:
    sim = Simulator(latency=None)
    _, fis, arn = made(sim)
    wanted = template(
        "aws:kinesis:stream-provisioned-throughput-exception", [arn], percentage="100"
    )
    wanted["actions"]["wait"] = {"actionId": "aws:fis:wait", "parameters": {"duration": "PT1M"}}
    wanted["actions"]["it"]["startAfter"] = ["wait"]
    run(fis, wanted)
    sim.advance(seconds=30)
    assert put(sim) == ""
    sim.advance(seconds=40)
    assert put(sim) == "ProvisionedThroughputExceededException"


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"duration": "PT59S"}, "not between PT1M and PT12H"),
        ({"duration": "PT13H"}, "not between PT1M and PT12H"),
        ({"duration": "five"}, "not between PT1M and PT12H"),
        ({"percentage": "0"}, "no whole number from 1 to 100"),
        ({"percentage": "101"}, "no whole number from 1 to 100"),
        ({"colour": "red"}, "does not take colour"),
    ],
)
def test_a_template_that_cannot_be_run_is_refused(change: dict[str, str], says: str) -> None:
    sim = Simulator(latency=None)
    _, fis, arn = made(sim)
    action = "aws:kinesis:stream-provisioned-throughput-exception"
    wanted = template(action, [arn], **{"percentage": "50", **change})
    with pytest.raises(fis.exceptions.ValidationException, match=says):
        fis.create_experiment_template(**wanted)
    assert fis.list_experiment_templates()["experimentTemplates"] == []


@pytest.mark.parametrize(
    ("mode", "operations", "says"),
    [
        ("COUNT(0)", "PutRecord", "n from 1"),
        ("PERCENT(0)", "PutRecord", "n from 1"),
        ("PERCENT(101)", "PutRecord", "n from 1"),
        ("ALL", "PutRecord,PutRekord", "strikes no 'PutRekord' of kinesis"),
        ("ALL", "PutRecord,", "strikes no ''"),
    ],
)
def test_what_could_strike_nobody_is_refused(mode: str, operations: str, says: str) -> None:
    sim = Simulator(latency=None)
    fis = sim.client("fis")
    asked = {"percentage": "50", "service": "kinesis", "operations": operations}
    wanted = template("aws:fis:inject-api-internal-error", [ROLE], **asked)
    wanted["targets"]["those"]["selectionMode"] = mode
    with pytest.raises(fis.exceptions.ValidationException, match=says):
        fis.create_experiment_template(**wanted)


def test_experiments_do_not_strike_each_others_looking_for_targets() -> None:
    sim = Simulator(latency=None)
    kinesis, fis, arn = made(sim)
    kinesis.add_tags_to_stream(StreamName="s", Tags={"team": "a"})
    asked = {"percentage": "100", "service": "kinesis"}
    operations = "DescribeStreamSummary,ListStreams,ListTagsForStream"
    action = "aws:fis:inject-api-unavailable-error"
    run(fis, template(action, [ROLE], **asked, operations=operations))
    sim.advance(seconds=5)
    throttle = "aws:kinesis:stream-provisioned-throughput-exception"
    named = template(throttle, [arn], percentage="100")
    tagged = template(throttle, [], percentage="100")
    del tagged["targets"]["those"]["resourceArns"]
    tagged["targets"]["those"]["resourceTags"] = {"team": "a"}
    for wanted in (named, tagged):
        name = run(fis, wanted)
        sim.advance(seconds=5)
        assert fis.get_experiment(id=name)["experiment"]["state"]["status"] == "running"
    assert put(sim) == "ProvisionedThroughputExceededException"


def test_an_experiment_that_cannot_look_for_its_targets_has_failed_and_says_why() -> None:
    sim = Simulator(latency=None, delays="instant")
    _, fis, _ = made(sim)
    wanted = template("aws:kinesis:stream-expired-iterator-exception", [], percentage="100")
    del wanted["targets"]["those"]["resourceArns"]
    wanted["targets"]["those"]["resourceTags"] = {"team": "a"}
    for _ in range(5):
        sim.gate.call("kinesis", "ListStreams", {})
    state = fis.get_experiment(id=run(fis, wanted))["experiment"]["state"]
    assert state["status"] == "failed"
    assert "was not resolved: Rate exceeded for" in state["reason"]


def test_a_target_that_is_not_there_fails_the_experiment() -> None:
    sim = Simulator(latency=None)
    _, fis, arn = made(sim)
    action = "aws:kinesis:stream-expired-iterator-exception"
    name = run(fis, template(action, [f"{arn}-not"], percentage="100"))
    sim.advance(seconds=3)
    state = fis.get_experiment(id=name)["experiment"]["state"]
    assert state["status"] == "failed"
    assert "empty set" in state["reason"]
    assert len(sim.faults) == 0


def test_streams_are_found_by_tags_and_functions_fail_and_are_late() -> None:
    sim = Simulator(latency=None)
    kinesis, fis, arn = made(sim)
    kinesis.add_tags_to_stream(StreamName="s", Tags={"stage": "test"})
    action = "aws:kinesis:stream-provisioned-throughput-exception"
    wanted = template(action, [arn], percentage="100")
    del wanted["targets"]["those"]["resourceArns"]
    wanted["targets"]["those"]["resourceTags"] = {"stage": "test"}
    run(fis, wanted)
    function = sim.functions.register("f", lambda event: 1)
    error = {"invocationPercentage": "100", "preventExecution": "true"}
    run(fis, template("aws:lambda:invocation-error", [function], **error))
    sim.advance(seconds=3)
    assert put(sim) == "ProvisionedThroughputExceededException"
    lambdas = sim.client("lambda")
    assert lambdas.invoke(FunctionName="f")["FunctionError"] == "Unhandled"
    sim.advance(minutes=6)
    delay = {"startupDelayMilliseconds": "2500"}
    run(fis, template("aws:lambda:invocation-add-delay", [function], **delay))
    sim.advance(seconds=3)
    before = sim.now
    assert "FunctionError" not in lambdas.invoke(FunctionName="f")
    assert (sim.now - before).total_seconds() == 2.5


def test_actions_are_listed_and_told() -> None:
    fis = Simulator().client("fis")
    rows = fis.list_actions()["actions"]
    assert {"aws:fis:wait", "aws:kinesis:stream-expired-iterator-exception"} <= {
        row["id"] for row in rows
    }
    told = fis.get_action(id="aws:kinesis:stream-provisioned-throughput-exception")["action"]
    assert told["targets"] == {"Streams": {"resourceType": "aws:kinesis:stream"}}
    assert told["parameters"]["percentage"]["required"]


def test_fis_answers_over_http() -> None:
    sim = Simulator(latency=None, delays="instant")
    with start(sim) as server, client(server, "fis") as fis, client(server) as kinesis:
        kinesis.create_stream(StreamName="s", ShardCount=1)
        action = "aws:kinesis:stream-provisioned-throughput-exception"
        name = run(fis, template(action, [sim.streams["s"].arn], percentage="100"))
        assert fis.get_experiment(id=name)["experiment"]["state"]["status"] == "running"
        with pytest.raises(ClientError, match="ProvisionedThroughputExceeded"):
            kinesis.put_record(StreamName="s", PartitionKey="k", Data=b"x")
        assert fis.stop_experiment(id=name)["experiment"]["state"]["status"] == "stopped"
        kinesis.put_record(StreamName="s", PartitionKey="k", Data=b"x")
        assert [row["id"] for row in fis.list_experiments()["experiments"]] == [name]
