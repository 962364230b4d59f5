"""Lambda: mappings and functions that are not there, are in use or are there already."""

from __future__ import annotations

from typing import Any

from kinesis_sim.fidelity.ledger.stage import STREAM, Book, Stage, raises

BOOK: Book = {}
NOBODY = "00000000-0000-0000-0000-000000000000"
FUNCTION = "cobrar"


def _function(stage: Stage, **settings: Any) -> str:
    return stage.sim.functions.register(FUNCTION, lambda event: event, **settings)


def _mapping(stage: Stage, *, settled: bool = True) -> str:
    _function(stage)
    stage.sim.gate.call("kinesis", "CreateStream", {"StreamName": STREAM, "ShardCount": 1})
    stage.sim.advance(minutes=1)
    made = stage.call("CreateEventSourceMapping", **_request(stage))
    if settled:
        stage.sim.advance(minutes=1)
    return str(made["UUID"])


def _request(stage: Stage) -> dict[str, Any]:
    return {
        "EventSourceArn": stage.arn(),
        "FunctionName": FUNCTION,
        "StartingPosition": "TRIM_HORIZON",
    }


@raises(BOOK, "InvalidParameterValueException", "CreateEventSourceMapping")
def no_such_stream(stage: Stage, operation: str) -> None:
    """A stream that is not there."""
    _function(stage)
    stage.call(operation, **_request(stage))


@raises(BOOK, "ResourceConflictException", "CreateEventSourceMapping")
def twice(stage: Stage, operation: str) -> None:
    """A second mapping of the same stream to the same function."""
    _mapping(stage)
    stage.call(operation, **_request(stage))


@raises(BOOK, "ResourceNotFoundException", "CreateEventSourceMapping")
def no_such_queue(stage: Stage, operation: str) -> None:
    """A queue that is not there, for a function that moto has: moto says so."""
    roles = stage.sim.client("iam")
    role = roles.create_role(RoleName="ledger", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    stage.client.create_function(
        FunctionName=FUNCTION,
        Role=role,
        Runtime="python3.13",
        Handler="a.b",
        Code={"ZipFile": b"PK\x05\x06" + bytes(18)},
    )
    try:
        queue = f"arn:aws:sqs:us-east-1:{stage.sim.account}:nenhuma"
        stage.call(operation, EventSourceArn=queue, FunctionName=FUNCTION)
    finally:
        stage.client.delete_function(FunctionName=FUNCTION)
        roles.delete_role(RoleName="ledger")


@raises(
    BOOK,
    "ResourceNotFoundException",
    "DeleteEventSourceMapping",
    "GetEventSourceMapping",
    "UpdateEventSourceMapping",
)
def no_such_mapping(stage: Stage, operation: str) -> None:
    """A UUID that no mapping has."""
    stage.call(operation, UUID=NOBODY)


@raises(BOOK, "ResourceNotFoundException", "ListTags", "TagResource", "UntagResource")
def no_mapping_to_tag(stage: Stage, operation: str) -> None:
    """An ARN that no mapping has."""
    place = f"arn:aws:lambda:us-east-1:{stage.sim.account}:event-source-mapping:{NOBODY}"
    more: dict[str, dict[str, Any]] = {
        "TagResource": {"Tags": {"a": "b"}},
        "UntagResource": {"TagKeys": ["a"]},
    }
    stage.call(operation, Resource=place, **more.get(operation, {}))


@raises(BOOK, "ResourceInUseException", "DeleteEventSourceMapping", "UpdateEventSourceMapping")
def still_creating(stage: Stage, operation: str) -> None:
    """A mapping that is not Enabled yet."""
    stage.call(operation, UUID=_mapping(stage, settled=False))


@raises(BOOK, "InvalidParameterValueException", "UpdateEventSourceMapping")
def too_young(stage: Stage, operation: str) -> None:
    """A record age below a minute."""
    stage.call(operation, UUID=_mapping(stage), MaximumRecordAgeInSeconds=1)


@raises(BOOK, "InvalidParameterValueException", "ListEventSourceMappings")
def strange_page(stage: Stage, operation: str) -> None:
    """A marker that no answer gave."""
    stage.call(operation, Marker="no-such-marker", EventSourceArn=stage.arn())


@raises(BOOK, "InvalidParameterValueException", "ListFunctions")
def strange_page_of_functions(stage: Stage, operation: str) -> None:
    """The same, for functions."""
    stage.call(operation, Marker="no-such-marker")


@raises(BOOK, "ResourceNotFoundException", "GetFunction", "GetFunctionConfiguration", "Invoke")
def no_such_function(stage: Stage, operation: str) -> None:
    """A function that is not there."""
    stage.call(operation, FunctionName="ninguem")


@raises(BOOK, "InvalidParameterValueException", "Invoke")
def two_qualifiers(stage: Stage, operation: str) -> None:
    """A qualifier in the name, and another beside it."""
    _function(stage)
    stage.call(operation, FunctionName=f"{FUNCTION}:$LATEST", Qualifier="1")


@raises(BOOK, "InvalidRequestContentException", "Invoke")
def no_json(stage: Stage, operation: str) -> None:
    """A payload that is no JSON."""
    _function(stage)
    stage.call(operation, FunctionName=FUNCTION, Payload=b"{")


@raises(BOOK, "RequestTooLargeException", "Invoke")
def too_large(stage: Stage, operation: str) -> None:
    """A payload above six megabytes."""
    _function(stage)
    stage.call(operation, FunctionName=FUNCTION, Payload=b'"' + b"a" * 6_291_456 + b'"')


@raises(BOOK, "TooManyRequestsException", "Invoke")
def no_concurrency(stage: Stage, operation: str) -> None:
    """A function that may not run at all."""
    _function(stage, concurrency=0)
    stage.call(operation, FunctionName=FUNCTION)
