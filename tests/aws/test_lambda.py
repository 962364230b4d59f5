"""Lambda's event source mappings and Invoke through real clients: in process and over HTTP."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from botocore.exceptions import ClientError

from kinesis_sim import Simulator
from kinesis_sim.aws.gate import CallRefused
from kinesis_sim.aws.server import start
from tests.aws.http_client import client, instant

STREAM, FUNCTION = "pedala-charges", "cobrar"
NOBODY = "00000000-0000-0000-0000-000000000000"
MAPPINGS = "/2015-03-31/event-source-mappings"
Way = tuple[Simulator, Any]


def made(**options: Any) -> Simulator:
    sim = Simulator(latency=None, limits="off", **options)
    sim.gate.call("kinesis", "CreateStream", {"StreamName": STREAM, "ShardCount": 1})
    sim.advance(minutes=1)
    sim.functions.register(FUNCTION, lambda event: None)
    return sim


@contextmanager
def in_process() -> Iterator[Way]:
    sim = made(account="400000000101")
    yield sim, sim.client("lambda")


@contextmanager
def over_http() -> Iterator[Way]:
    sim = made(account="400000000102")
    with start(sim) as server, client(server, "lambda") as lambdas:
        yield sim, lambdas


@pytest.fixture(params=[in_process, over_http])
def way(request: pytest.FixtureRequest) -> Iterator[Way]:
    with request.param() as found:
        yield found


def create(way: Way, **more: Any) -> dict[str, Any]:
    sim, lambdas = way
    given = {
        "EventSourceArn": sim.streams.arn(STREAM),
        "FunctionName": FUNCTION,
        "StartingPosition": "TRIM_HORIZON",
    }
    answer: dict[str, Any] = lambdas.create_event_source_mapping(**{**given, **more})
    return answer


def refusal(call: Callable[..., Any], **params: Any) -> tuple[int, str, str]:
    with pytest.raises(ClientError) as caught:
        call(**params)
    said, status = caught.value.response["Error"], caught.value.response["ResponseMetadata"]
    return status["HTTPStatusCode"], said["Code"], said["Message"]


# --- mappings -------------------------------------------------------------------------------------


def test_what_a_new_mapping_looks_like(way: Way) -> None:
    """Members and defaults as recorded (localstack, test_create_kinesis_event_source_mapping)."""
    sim, _ = way
    answer = create(way, StartingPosition="LATEST")
    status = answer.pop("ResponseMetadata")["HTTPStatusCode"]
    uuid, modified = answer.pop("UUID"), answer.pop("LastModified")
    assert (status, modified) == (202, sim.now)
    place = f"arn:aws:lambda:us-east-1:{sim.account}"
    assert answer == {
        "BatchSize": 100,
        "BisectBatchOnFunctionError": False,
        "DestinationConfig": {"OnFailure": {}},
        "EventSourceArn": sim.streams.arn(STREAM),
        "EventSourceMappingArn": f"{place}:event-source-mapping:{uuid}",
        "FunctionArn": f"{place}:function:{FUNCTION}",
        "FunctionResponseTypes": [],
        "LastProcessingResult": "No records processed",
        "MaximumBatchingWindowInSeconds": 0,
        "MaximumRecordAgeInSeconds": -1,
        "MaximumRetryAttempts": -1,
        "ParallelizationFactor": 1,
        "StartingPosition": "LATEST",
        "State": "Creating",
        "StateTransitionReason": "User action",
        "TumblingWindowInSeconds": 0,
    }


def test_a_mapping_goes_through_its_states_on_the_clock(way: Way) -> None:
    sim, lambdas = way
    uuid = create(way, Enabled=False)["UUID"]
    states: list[str] = []

    def look(answer: dict[str, Any]) -> None:
        states.append(answer["State"])
        sim.advance(seconds=15)

    look(lambdas.get_event_source_mapping(UUID=uuid))
    look(lambdas.get_event_source_mapping(UUID=uuid))
    look(lambdas.update_event_source_mapping(UUID=uuid, Enabled=True))
    look(lambdas.get_event_source_mapping(UUID=uuid))
    look(lambdas.update_event_source_mapping(UUID=uuid, BatchSize=7))
    assert lambdas.get_event_source_mapping(UUID=uuid)["BatchSize"] == 7
    look(lambdas.update_event_source_mapping(UUID=uuid, Enabled=False))
    look(lambdas.get_event_source_mapping(UUID=uuid))
    look(lambdas.delete_event_source_mapping(UUID=uuid))
    assert states == [
        "Creating",
        "Disabled",
        "Enabling",
        "Enabled",
        "Updating",
        "Disabling",
        "Disabled",
        "Deleting",
    ]
    assert lambdas.list_event_source_mappings()["EventSourceMappings"] == []


def test_records_reach_the_function_and_only_while_it_is_enabled(way: Way) -> None:
    sim, lambdas = way
    seen: list[str] = []
    sim.functions.register(
        FUNCTION, lambda event: seen.extend(r["kinesis"]["partitionKey"] for r in event["Records"])
    )
    uuid = create(way)["UUID"]
    put(sim, "before")
    sim.advance(seconds=14)
    assert seen == []
    sim.advance(seconds=3)
    assert seen == ["before"]
    assert lambdas.get_event_source_mapping(UUID=uuid)["LastProcessingResult"] == "OK"
    lambdas.update_event_source_mapping(UUID=uuid, Enabled=False)
    put(sim, "disabled")
    sim.advance(minutes=10)
    assert seen == ["before"]
    lambdas.update_event_source_mapping(UUID=uuid, Enabled=True)
    sim.advance(seconds=17)
    assert seen == ["before", "disabled"]
    lambdas.delete_event_source_mapping(UUID=uuid)
    put(sim, "deleted")
    sim.advance(minutes=1)
    assert seen == ["before", "disabled"]


def put(sim: Simulator, key: str, data: bytes = b"{}") -> None:
    sim.streams[STREAM].put([(data, key, None)], sim.clock.now)


def test_a_failure_is_told_with_its_cause(way: Way) -> None:
    sim, lambdas = way

    def fail(event: Any) -> None:
        raise ValueError("no such rider")

    sim.functions.register(FUNCTION, fail)
    uuid = create(way)["UUID"]
    put(sim, "k")
    sim.advance(seconds=30)
    assert lambdas.get_event_source_mapping(UUID=uuid)["LastProcessingResult"] == (
        "PROBLEM: Function call failed: ValueError: no such rider"
    )
    assert sim.streams[STREAM].shards[0].log.end == 1


def test_settings_come_back_as_they_were_given(way: Way) -> None:
    sim, lambdas = way
    given = {
        "BatchSize": 3,
        "BisectBatchOnFunctionError": True,
        "DestinationConfig": {
            "OnFailure": {"Destination": f"arn:aws:sqs:us-east-1:{sim.account}:q"}
        },
        "FilterCriteria": {"Filters": [{"Pattern": '{"data": {"a": [1]}}'}]},
        "FunctionResponseTypes": ["ReportBatchItemFailures"],
        "MaximumBatchingWindowInSeconds": 2,
        "MaximumRecordAgeInSeconds": 60,
        "MaximumRetryAttempts": 5,
        "ParallelizationFactor": 2,
        "StartingPosition": "AT_TIMESTAMP",
        "StartingPositionTimestamp": sim.now,
    }
    uuid = create(way, **given)["UUID"]
    shown = lambdas.get_event_source_mapping(UUID=uuid)
    assert {name: shown[name] for name in given} == given
    sim.advance(minutes=1)
    lambdas.update_event_source_mapping(
        UUID=uuid, DestinationConfig={"OnFailure": {}}, FilterCriteria={"Filters": []}
    )
    sim.advance(minutes=1)
    shown = lambdas.get_event_source_mapping(UUID=uuid)
    assert shown["DestinationConfig"] == {"OnFailure": {}}
    assert "FilterCriteria" not in shown
    assert shown["BatchSize"] == 3


def test_lists_are_filtered_and_paged(way: Way) -> None:
    sim, lambdas = way
    for name in ("a", "b", "c"):
        sim.functions.register(name, lambda event: None)
        create(way, FunctionName=name)
    pages = [
        [row["FunctionArn"][-1] for row in page["EventSourceMappings"]]
        for page in lambdas.get_paginator("list_event_source_mappings").paginate(
            PaginationConfig={"PageSize": 2}
        )
    ]
    assert pages == [["a", "b"], ["c"]]

    def listed(**filters: Any) -> list[str]:
        found = lambdas.list_event_source_mappings(**filters)["EventSourceMappings"]
        return [row["FunctionArn"][-1] for row in found]

    arn = sim.streams.arn(STREAM)
    assert listed(FunctionName="b") == listed(FunctionName=sim.functions.arn("b")) == ["b"]
    assert listed(FunctionName="b:$LATEST") == ["b"]
    assert listed(FunctionName="b:1") == listed(FunctionName="b:an-alias") == []
    assert listed(EventSourceArn=arn) == ["a", "b", "c"]
    assert listed(EventSourceArn=arn + "x") == listed(FunctionName="ninguem") == []
    status, code, said = refusal(lambdas.list_event_source_mappings, Marker="x", EventSourceArn=arn)
    assert (status, code) == (400, "InvalidParameterValueException")
    assert "'x'" in said


def test_refusals_are_in_the_words_of_aws(way: Way) -> None:
    """Recorded: localstack, test_lambda_api and test_lambda_integration_kinesis."""
    sim, lambdas = way
    arn = sim.streams.arn(STREAM)
    uuid = create(way)["UUID"]
    call = lambdas.create_event_source_mapping
    new = {"EventSourceArn": arn, "FunctionName": FUNCTION, "StartingPosition": "LATEST"}
    wrong = "InvalidParameterValueException"
    second = (
        f'The event source arn (" {arn} ") and function (" {FUNCTION} ") provided mapping already '
        f"exists. Please update or delete the existing mapping with UUID {uuid}"
    )
    no_start = (
        "1 validation error detected: Value null at 'startingPosition' failed to satisfy "
        "constraint: Member must not be null."
    )
    when = {"StartingPositionTimestamp": sim.now}
    success = {"DestinationConfig": {"OnSuccess": {"Destination": "arn:aws:s3:::a"}}}
    gone = "The resource you requested does not exist."
    cases: list[tuple[dict[str, Any], tuple[int, str, str]]] = [
        (new, (409, "ResourceConflictException", second)),
        ({"FunctionName": "ninguem"}, (400, wrong, "Unrecognized event source.")),
        ({**new, "FunctionName": "ninguem"}, (400, wrong, "Function does not exist")),
        ({**new, "EventSourceArn": arn + "x"}, (400, wrong, f"Stream not found: {arn}x")),
        ({"EventSourceArn": arn, "FunctionName": "ninguem"}, (400, wrong, no_start)),
        (
            {**new, **when},
            (400, wrong, "Timestamp only valid with StartingPosition AT_TIMESTAMP"),
        ),
        (
            {**new, "FunctionName": "ninguem", **success},
            (
                400,
                wrong,
                "Unsupported DestinationConfig parameter for given event source mapping type.",
            ),
        ),
    ]
    assert [refusal(call, **request) for request, _ in cases] == [expected for _, expected in cases]
    for operation in ("get", "update", "delete"):
        call = getattr(lambdas, f"{operation}_event_source_mapping")
        assert refusal(call, UUID=NOBODY) == (404, "ResourceNotFoundException", gone)
    busy = "Cannot delete the event source mapping because it is in use."
    assert refusal(lambdas.delete_event_source_mapping, UUID=uuid) == (
        400,
        "ResourceInUseException",
        busy,
    )


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"BatchSize": 10, "Topics": ["to"]}, "Unsupported Topics parameter"),
        ({"FilterCriteria": {"Filters": [{"Pattern": "{"}]}}, "Invalid filter pattern definition."),
        ({"FilterCriteria": {"Filters": [{}]}}, "Invalid filter pattern definition."),
        ({"MaximumRecordAgeInSeconds": 59}, "either -1 (forever) or between 60 and 604800"),
        ({"DestinationConfig": {"OnFailure": {"Destination": "kafka://t"}}}, "kafka://t"),
        (
            {"DestinationConfig": {"OnFailure": {"Destination": "arn:aws:iam::123456789012:x"}}},
            "The service specified by the TargetArn isn't supported as a destination.",
        ),
        (
            {"FilterCriteria": {"Filters": [{"Pattern": "{}"}] * 6}},
            "Too many filter patterns, maximum allowed 5 patterns, provided 6 patterns.",
        ),
        (
            {"MetricsConfig": {"Metrics": ["EventCount", "ErrorCount"]}},
            "Invalid EventSourceMapping metrics. Expected values: [EventCount]",
        ),
        (
            {"EventSourceArn": "arn:aws:s3:::bucket"},
            "Unrecognized event source. Unsupported source arn : arn:aws:s3:::bucket",
        ),
        ({"FunctionName": f"{FUNCTION}:7"}, "Function does not exist"),
        ({"FunctionName": f"123456789012:function:{FUNCTION}"}, "Function does not exist"),
        ({"EventSourceArn": "arn:aws:kafka:us-east-1:123456789012:c"}, "kafka"),
        ({"TumblingWindowInSeconds": 60, "ParallelizationFactor": 2}, "ParallelizationFactor"),
    ],
)
def test_what_cannot_be_is_named(way: Way, more: dict[str, Any], said: str) -> None:
    with pytest.raises(ClientError, match="InvalidParameterValueException") as caught:
        create(way, **more)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    "form", ["{name}", "function:{name}", "{account}:function:{name}", "{arn}"]
)
@pytest.mark.parametrize("qualifier", ["", ":$LATEST"])
def test_functions_go_by_any_of_their_names(form: str, qualifier: str) -> None:
    """The qualifier is kept (recorded: test_function_name_variations)."""
    sim = made()
    arn = sim.functions.arn(FUNCTION)
    name = form.format(name=FUNCTION, account=sim.account, arn=arn) + qualifier
    answer = create((sim, sim.client("lambda")), FunctionName=name)
    assert answer["FunctionArn"] == arn + qualifier


def test_mappings_of_queues_are_motos(way: Way) -> None:
    sim, lambdas = way
    role = sim.client("iam").create_role(RoleName="r", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    code = {"ZipFile": b"PK\x05\x06" + bytes(18)}
    lambdas.create_function(
        FunctionName="motos", Role=role, Runtime="python3.13", Handler="a.b", Code=code
    )
    sim.client("sqs").create_queue(QueueName="fila")
    queue = f"arn:aws:sqs:us-east-1:{sim.account}:fila"
    uuid = create(way, EventSourceArn=queue, FunctionName="motos")["UUID"]
    ours = create(way)["UUID"]
    listed = lambdas.list_event_source_mappings()["EventSourceMappings"]
    assert [row["UUID"] for row in listed] == [ours, uuid]
    assert lambdas.get_event_source_mapping(UUID=uuid)["EventSourceArn"] == queue
    assert lambdas.update_event_source_mapping(UUID=uuid, BatchSize=5)["BatchSize"] == 5
    with pytest.raises(ClientError, match="is a Python function of Kinesis Lab"):
        create(way, EventSourceArn=queue)
    for call in (
        lambda: create(way, FunctionName="motos"),
        lambda: lambdas.invoke(FunctionName="motos"),
    ):
        with pytest.raises(ClientError, match=r"kept by moto.*sim.functions.register\('motos'"):
            call()
    lambdas.delete_event_source_mapping(UUID=uuid)
    assert [row["UUID"] for row in lambdas.list_event_source_mappings()["EventSourceMappings"]] == [
        ours
    ]
    lambdas.delete_function(FunctionName="motos")
    sim.client("iam").delete_role(RoleName="r")


def test_a_refused_call_is_in_the_event_log() -> None:
    sim = made()
    with pytest.raises(ClientError):
        create((sim, sim.client("lambda")), FunctionName="ninguem")
    [event] = [found for found in sim.events if isinstance(found, CallRefused)]
    assert (event.service, event.operation) == ("lambda", "CreateEventSourceMapping")
    assert event.resource == sim.streams.arn(STREAM)


def test_registered_functions_are_seen(way: Way) -> None:
    sim, lambdas = way
    sim.functions.register("outra", lambda event: None, timeout_s=7, memory_mb=512)
    arn = sim.functions.arn("outra")
    shown = lambdas.get_function_configuration(FunctionName=arn)
    assert (shown["FunctionArn"], shown["Timeout"], shown["MemorySize"]) == (arn, 7, 512)
    assert lambdas.get_function(FunctionName="outra")["Configuration"]["State"] == "Active"
    lambdas.get_waiter("function_active_v2").wait(FunctionName="outra")
    pages = lambdas.get_paginator("list_functions").paginate(PaginationConfig={"PageSize": 1})
    names = [row["FunctionName"] for found in pages for row in found["Functions"]]
    assert names == [FUNCTION, "outra"]
    for name in ("ninguem", "outra:1"):
        assert refusal(lambdas.get_function, FunctionName=name)[:2] == (
            404,
            "ResourceNotFoundException",
        )


# --- Invoke ---------------------------------------------------------------------------------------


def test_invoke_gives_the_answer(way: Way) -> None:
    sim, lambdas = way
    sim.functions.register("eco", lambda event: {"got": event}, duration_ms=700)
    before = sim.clock.now
    answer = lambdas.invoke(FunctionName="eco", Payload=b'{"a": [1]}', LogType="Tail")
    assert json.loads(answer["Payload"].read()) == {"got": {"a": [1]}}
    assert (answer["StatusCode"], answer["ExecutedVersion"]) == (200, "$LATEST")
    assert "FunctionError" not in answer
    assert sim.clock.now - before == 700


def test_a_handler_of_two_arguments_gets_a_context(way: Way) -> None:
    sim, lambdas = way

    def handler(event: Any, context: Any) -> list[Any]:
        left = context.get_remaining_time_in_millis()
        return [context.function_name, context.memory_limit_in_mb, context.log_group_name, left]

    sim.functions.register("dois", handler, duration_ms=500, timeout_s=2, memory_mb=256)
    answer = json.loads(lambdas.invoke(FunctionName="dois")["Payload"].read())
    assert answer == ["dois", "256", "/aws/lambda/dois", 1_500]


def test_an_argument_with_a_default_is_no_context(way: Way) -> None:
    sim, lambdas = way
    sim.functions.register("um", lambda event, more="mine": more)
    assert lambdas.invoke(FunctionName="um")["Payload"].read() == b'"mine"'


def test_invoke_without_payload_or_answer(way: Way) -> None:
    sim, lambdas = way
    seen: list[Any] = []
    sim.functions.register("nada", seen.append)
    assert lambdas.invoke(FunctionName="nada")["Payload"].read() == b"null"
    assert seen == [{}]


def raises(event: Any) -> None:
    raise ValueError("no such rider")


def leaves(event: Any) -> None:
    sys.exit("enough")


@pytest.mark.parametrize(
    ("function", "options", "kind", "text"),
    [
        (raises, {}, "ValueError", "no such rider"),
        (leaves, {}, "SystemExit", "enough"),
        (lambda event: object(), {}, "Runtime.MarshalError", "not JSON serializable"),
        (lambda event: "a" * 7_000_000, {}, "Function.ResponseSizeTooLarge", "6291556 bytes"),
        (
            lambda event: 1,
            {"duration_ms": 4_000},
            "Sandbox.Timedout",
            "timed out after 3.00 seconds",
        ),
    ],
)
def test_a_functions_own_error_is_an_answer(
    way: Way, function: Any, options: dict[str, Any], kind: str, text: str
) -> None:
    sim, lambdas = way
    sim.functions.register("ruim", function, **options)
    answer = lambdas.invoke(FunctionName="ruim")
    said = json.loads(answer["Payload"].read())
    assert (answer["StatusCode"], answer["FunctionError"]) == (200, "Unhandled")
    assert said["errorType"] == kind
    assert text in said["errorMessage"]


def test_an_event_is_taken_at_once_and_tried_three_times(way: Way) -> None:
    sim, lambdas = way
    calls: list[int] = []

    def fail(event: Any) -> None:
        calls.append(sim.clock.now)
        raise ValueError

    sim.functions.register("tarde", fail)
    answer = lambdas.invoke(FunctionName="tarde", InvocationType="Event", Payload=b"{}")
    assert (answer["StatusCode"], answer["Payload"].read()) == (202, b"")
    sim.advance(hours=1)
    assert [at - calls[0] for at in calls] == [0, 60_000, 180_000]


def test_a_dry_run_calls_nothing(way: Way) -> None:
    sim, lambdas = way
    calls: list[Any] = []
    sim.functions.register("seco", calls.append)
    assert lambdas.invoke(FunctionName="seco", InvocationType="DryRun")["StatusCode"] == 204
    assert calls == []


def test_invoke_refuses_as_aws_does(way: Way) -> None:
    sim, lambdas = way
    arn = sim.functions.arn("ninguem")
    assert refusal(lambdas.invoke, FunctionName="ninguem") == (
        404,
        "ResourceNotFoundException",
        f"Function not found: {arn}:$LATEST",
    )
    status, code, said = refusal(lambdas.invoke, FunctionName=FUNCTION, Payload=b"\x87")
    assert (status, code) == (400, "InvalidRequestContentException")
    assert said.startswith("Could not parse request body into json: Could not parse payload into")


# --- over HTTP ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("POST", MAPPINGS, b"{", 400, "SerializationException"),
        ("POST", MAPPINGS, b"[]", 400, "SerializationException"),
        ("POST", MAPPINGS, b"{}", 400, "ValidationException"),
        ("POST", MAPPINGS, b'{"FunctionName": 7}', 400, "SerializationException"),
        ("GET", f"{MAPPINGS}/short", b"", 400, "ValidationException"),
        ("GET", f"{MAPPINGS}?MaxItems=0", b"", 400, "ValidationException"),
        ("GET", f"{MAPPINGS}/{NOBODY}", b"", 404, "ResourceNotFoundException"),
        ("POST", "/2015-03-31/functions/x%2Fy/invocations", b"", 400, "ValidationException"),
        ("PATCH", MAPPINGS, b"{}", 404, "UnknownOperationException"),
        ("GET", "/2015-03-31/nothing", b"", 404, "UnknownOperationException"),
    ],
)
def test_bad_requests_get_an_error_of_lambdas(
    method: str, path: str, body: bytes, status: int, code: str
) -> None:
    signed = {
        "authorization": "AWS4-HMAC-SHA256 Credential=AKID/20260101/us-east-1/lambda/aws4_request, "
        "SignedHeaders=host, Signature=abc",
        "x-amz-date": "20260101T000000Z",
    }
    with start(instant()) as server, httpx.Client(base_url=server.endpoint_url) as http:
        answer = http.request(method, path, content=body, headers=signed)
    assert (answer.status_code, answer.headers["x-amzn-errortype"]) == (status, code)
    assert answer.headers["content-type"] == "application/json"
    assert isinstance(answer.json(), dict)


def test_an_unsigned_request_is_told_by_its_path() -> None:
    with start(made()) as server, httpx.Client(base_url=server.endpoint_url) as http:
        answer = http.post(f"/2015-03-31/functions/{FUNCTION}/invocations", content=b"{}")
        assert (answer.status_code, answer.text) == (200, "null")
        assert http.get(f"{MAPPINGS}?FunctionName=nobody").json() == {"EventSourceMappings": []}


def test_the_aws_cli_maps_a_stream(tmp_path: Path) -> None:
    sim = made(delays="instant")
    seen: list[Any] = []
    sim.functions.register(FUNCTION, lambda event: seen.append(event) or {"n": len(seen)})
    with start(sim) as server:
        environment = os.environ | {
            "AWS_ENDPOINT_URL": server.endpoint_url,
            "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
            "AWS_SECRET_ACCESS_KEY": "secret",
            "AWS_DEFAULT_REGION": "us-east-1",
        }

        def aws(*words: str) -> Any:
            command = [str(Path(sys.executable).with_name("aws")), "lambda", *words]
            done = subprocess.run(command, env=environment, capture_output=True, text=True)
            assert done.returncode == 0, done.stderr
            return json.loads(done.stdout)

        source = ("--event-source-arn", sim.streams.arn(STREAM))
        start_at = ("--starting-position", "TRIM_HORIZON", "--batch-size", "10")
        made_one = aws(
            "create-event-source-mapping", "--function-name", FUNCTION, *source, *start_at
        )
        assert (made_one["BatchSize"], made_one["State"]) == (10, "Enabled")
        put(sim, "k")
        sim.advance(seconds=2)
        assert len(seen) == 1
        listed = aws("list-event-source-mappings", *source)["EventSourceMappings"]
        assert [row["LastProcessingResult"] for row in listed] == ["OK"]
        target = tmp_path / "answer.json"
        aws("invoke", "--function-name", FUNCTION, str(target))
        assert json.loads(target.read_text()) == {"n": 2}
        aws("delete-event-source-mapping", "--uuid", made_one["UUID"])
