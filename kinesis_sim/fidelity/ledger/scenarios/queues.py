"""Kinesis: what goes wrong with queues."""

from __future__ import annotations

from typing import Any

from kinesis_sim.fidelity.ledger.scenarios.records import KMS
from kinesis_sim.fidelity.ledger.stage import STREAM, Book, Scenario, Stage, raises

BOOK: Book = {}

OF_A_QUEUE = ("DeleteQueue", "DescribeQueue", "UpdateQueue")
OF_RECORDS = (
    "AcknowledgeDeadLetterQueueRecords",
    "AcknowledgeQueueRecords",
    "RestoreDeadLetterQueueRecords",
    "UpdateDeadLetterQueueRecordsVisibility",
    "UpdateQueueRecordsVisibility",
)
RECEIVES = ("ReceiveDeadLetterQueueRecords", "ReceiveQueueRecords")


def _create(stage: Stage, name: str = "fila", **more: Any) -> str:
    """Ask for a queue on the stream; the ARN of the queue, which is CREATING."""
    sources = [{"StreamARN": stage.arn()}]
    answer = stage.client.create_queue(QueueName=name, StreamConfigurationList=sources, **more)
    return str(answer["QueueDescription"]["QueueARN"])


def _missing(stage: Stage) -> str:
    return f"arn:aws:kinesis:{stage.sim.region}:{stage.sim.account}:queue/nenhuma"


@raises(BOOK, "ResourceNotFoundException", *OF_A_QUEUE, *OF_RECORDS, *RECEIVES)
def a_queue_that_is_not_there(stage: Stage, operation: str) -> object:
    """A queue is named by the ARN that CreateQueue gave, not by its name."""
    return stage.call(operation, QueueARN=_missing(stage))


@raises(BOOK, "ResourceNotFoundException", "CreateQueue")
def a_queue_on_no_stream(stage: Stage, operation: str) -> object:
    """A queue needs a stream to deliver from."""
    return stage.call(operation, StreamConfigurationList=[{"StreamARN": stage.arn()}])


@raises(BOOK, "ValidationException", *OF_A_QUEUE)
def no_queue_arn(stage: Stage, operation: str) -> object:
    """An account has twelve digits."""
    return stage.call(operation, QueueARN=f"arn:aws:kinesis:{stage.sim.region}:1:queue/fila")


@raises(BOOK, "ValidationException", "ListQueues")
def a_page_too_large(stage: Stage, operation: str) -> object:
    """A page has at most 10,000 rows."""
    return stage.call(operation, MaxResults=10_001)


@raises(BOOK, "ValidationException", "CreateQueue")
def a_queue_on_a_provisioned_stream(stage: Stage, operation: str) -> object:
    """Only on-demand streams can have queues."""
    return stage.call(operation, StreamConfigurationList=[{"StreamARN": stage.stream()}])


@raises(BOOK, "InvalidArgumentException", "CreateQueue")
def a_queue_on_what_is_no_stream(stage: Stage, operation: str) -> object:
    """The ARN passes the model's pattern, but it does not name a stream."""
    arn = f"{stage.arn()}/consumer/leitor:1"
    return stage.call(operation, StreamConfigurationList=[{"StreamARN": arn}])


@raises(BOOK, "InvalidArgumentException", "ListQueues")
def a_made_up_page(stage: Stage, operation: str) -> object:
    """Page tokens cannot be written by hand."""
    return stage.call(operation, NextToken="next")


@raises(BOOK, "ExpiredNextTokenException", "ListQueues")
def an_old_page(stage: Stage, operation: str) -> object:
    """A page token lives 300 seconds."""
    stage.on_demand_stream()
    for name in ("a", "b"):
        _create(stage, name)
    token = stage.call(operation, MaxResults=1)["NextToken"]
    stage.sim.advance(minutes=6)
    return stage.call(operation, NextToken=token)


@raises(BOOK, "ResourceInUseException", "CreateQueue")
def a_queue_twice(stage: Stage, operation: str) -> object:
    """A queue's name is unique in the account and Region."""
    arn = stage.on_demand_stream()
    _create(stage)
    sources = [{"StreamARN": arn}]
    return stage.call(operation, QueueName="fila", StreamConfigurationList=sources)


@raises(BOOK, "ResourceInUseException", "UpdateQueue")
def a_queue_that_is_not_ready(stage: Stage, operation: str) -> object:
    """A queue can be changed once it is ACTIVE."""
    stage.on_demand_stream()
    return stage.call(operation, QueueARN=_create(stage))


@raises(BOOK, "LimitExceededException", "CreateQueue")
def a_sixth_queue_at_once(stage: Stage, operation: str) -> object:
    """Five queues may be in CREATING at the same time."""
    arn = stage.on_demand_stream()
    for number in range(5):
        _create(stage, f"fila-{number}")
    sources = [{"StreamARN": arn}]
    return stage.call(operation, QueueName="fila-6", StreamConfigurationList=sources)


@raises(BOOK, "InvalidArgumentException", *OF_RECORDS, *RECEIVES)
def a_queue_that_delivers_nothing_yet(stage: Stage, operation: str) -> object:
    """A queue delivers once it is ACTIVE."""
    stage.on_demand_stream()
    return stage.call(operation, QueueARN=_create(stage))


def _with_key(stage: Stage) -> tuple[str, str]:
    """An ACTIVE queue on an encrypted stream, and the stream's key."""
    stage.on_demand_stream()
    queue, key = _create(stage), stage.sim.keys.create_key("alias/meu-stream")
    kms = {"EncryptionType": "KMS", "KeyId": key}
    stage.client.start_stream_encryption(StreamName=STREAM, **kms)
    stage.sim.advance(minutes=1)
    return queue, key


def a_key_that_is(state: str) -> Scenario:
    """The key of the encrypted stream cannot be used any more: nothing can be received."""

    def scenario(stage: Stage, operation: str) -> object:
        queue, key = _with_key(stage)
        stage.sim.keys.set_state(key, state)
        return stage.call(operation, QueueARN=queue)

    return scenario


for _code, _state in KMS.items():
    raises(BOOK, _code, *RECEIVES)(a_key_that_is(_state))


@raises(BOOK, "KMSNotFoundException", *RECEIVES)
def a_deleted_key(stage: Stage, operation: str) -> object:
    """The key is gone, and with it all that it encrypted."""
    queue, key = _with_key(stage)
    stage.sim.keys.delete_key(key)
    return stage.call(operation, QueueARN=queue)
