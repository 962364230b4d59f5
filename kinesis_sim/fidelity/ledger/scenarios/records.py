"""Kinesis: what goes wrong with records, iterators, subscriptions, encryption keys."""

from __future__ import annotations

from kinesis_sim.account.encryption import KINESIS_ALIAS
from kinesis_sim.fidelity.ledger.stage import STREAM, Book, Scenario, Stage, raises

BOOK: Book = {}

DATA_PLANE = ("GetRecords", "PutRecord", "PutRecords")
KMS = {
    "KMSDisabledException": "Disabled",
    "KMSInvalidStateException": "PendingDeletion",
    "KMSAccessDeniedException": "denied",
    "KMSOptInRequired": "opt-in-required",
    "KMSThrottlingException": "throttled",
}
"""What state of the key each error comes of."""


@raises(BOOK, "InvalidArgumentException", "GetRecords")
def a_made_up_iterator(stage: Stage, operation: str) -> object:
    """Iterators cannot be written by hand."""
    return stage.call(operation, ShardIterator="here")


@raises(BOOK, "ExpiredIteratorException", "GetRecords")
def an_old_iterator(stage: Stage, operation: str) -> object:
    """An iterator lives five minutes."""
    stage.stream()
    iterator = stage.iterator()
    stage.sim.advance(minutes=5, milliseconds=1)
    return stage.call(operation, ShardIterator=iterator)


@raises(BOOK, "DryRunOperationException", "GetRecords")
def a_dry_read(stage: Stage, operation: str) -> object:
    """DryRun says that the call would have been made, by not making it."""
    stage.stream()
    return stage.call(operation, ShardIterator=stage.iterator(), DryRun=True)


@raises(BOOK, "DryRunOperationException", "PutRecord")
def a_dry_put(stage: Stage, operation: str) -> object:
    """DryRun says that the call would have been made, by not making it."""
    stage.stream()
    return stage.call(operation, StreamName=STREAM, PartitionKey="chave1", DryRun=True)


@raises(BOOK, "DryRunOperationException", "PutRecords")
def dry_puts(stage: Stage, operation: str) -> object:
    """DryRun says that the call would have been made, by not making it."""
    stage.stream()
    record = {"Data": b"", "PartitionKey": "chave1"}
    return stage.call(operation, StreamName=STREAM, Records=[record], DryRun=True)


@raises(BOOK, "DryRunOperationException", "GetShardIterator")
def a_dry_iterator(stage: Stage, operation: str) -> object:
    """DryRun says that the call would have been made, by not making it."""
    stage.stream()
    latest = {"ShardId": "shardId-000000000000", "ShardIteratorType": "LATEST"}
    return stage.call(operation, StreamName=STREAM, **latest, DryRun=True)


@raises(BOOK, "DryRunOperationException", "SubscribeToShard")
def a_dry_subscription(stage: Stage, operation: str) -> object:
    """DryRun says that the call would have been made, by not making it."""
    stage.stream()
    return subscribe(stage, operation, stage.consumer(), "LATEST", DryRun=True)


@raises(BOOK, "InvalidArgumentException", "SubscribeToShard")
def a_position_without_its_number(stage: Stage, operation: str) -> object:
    """AT_SEQUENCE_NUMBER needs a sequence number."""
    stage.stream()
    return subscribe(stage, operation, stage.consumer(), "AT_SEQUENCE_NUMBER")


@raises(BOOK, "ResourceInUseException", "SubscribeToShard")
def a_second_subscription(stage: Stage, operation: str) -> object:
    """A second call less than five seconds after a success is refused."""
    stage.stream()
    consumer = stage.consumer()
    subscribe(stage, operation, consumer, "LATEST")
    stage.sim.advance(seconds=2)
    return subscribe(stage, operation, consumer, "LATEST")


def subscribe(stage: Stage, operation: str, consumer: str, kind: str, **more: object) -> object:
    """Subscribe a consumer to the stream's first shard."""
    return stage.call(
        operation,
        ConsumerARN=consumer,
        ShardId="shardId-000000000000",
        StartingPosition={"Type": kind},
        **more,
    )


# --- keys ----------------------------------------------------------------------------------------


def _use_the_key(stage: Stage, operation: str, iterator: str) -> object:
    if operation == "GetRecords":
        return stage.call(operation, ShardIterator=iterator)
    if operation == "PutRecord":
        return stage.call(operation, StreamName=STREAM, PartitionKey="chave1")
    record = {"Data": b"mensagem de teste", "PartitionKey": "chave1"}
    return stage.call(operation, StreamName=STREAM, Records=[record])


def _encrypted(stage: Stage) -> str:
    """An encrypted stream; answers its key."""
    stage.stream()
    key = stage.sim.keys.create_key("alias/meu-stream")
    kms = {"EncryptionType": "KMS", "KeyId": key}
    stage.client.start_stream_encryption(StreamName=STREAM, **kms)
    stage.sim.advance(minutes=1)
    return key


def a_key_that_is(state: str) -> Scenario:
    """The key of an encrypted stream cannot be used any more: no record goes in or comes out."""

    def scenario(stage: Stage, operation: str) -> object:
        stage.sim.keys.set_state(_encrypted(stage), state)
        return _use_the_key(stage, operation, stage.iterator())

    return scenario


def a_start_with_a_key_that_is(state: str) -> Scenario:
    """Encryption cannot be started with a key that cannot be used."""

    def scenario(stage: Stage, operation: str) -> object:
        stage.stream()
        stage.sim.keys.set_state(KINESIS_ALIAS, state)
        kms = {"EncryptionType": "KMS", "KeyId": KINESIS_ALIAS}
        return stage.call(operation, StreamName=STREAM, **kms)

    return scenario


for _code, _state in KMS.items():
    raises(BOOK, _code, *DATA_PLANE)(a_key_that_is(_state))
    raises(BOOK, _code, "StartStreamEncryption")(a_start_with_a_key_that_is(_state))


@raises(BOOK, "KMSNotFoundException", *DATA_PLANE)
def a_deleted_key(stage: Stage, operation: str) -> object:
    """The key's waiting period is over and the key is gone, and with it all that it encrypted."""
    stage.sim.keys.delete_key(_encrypted(stage))
    return _use_the_key(stage, operation, stage.iterator())


@raises(BOOK, "KMSNotFoundException", "StartStreamEncryption")
def no_such_key(stage: Stage, operation: str) -> object:
    """The alias was never made."""
    stage.stream()
    kms = {"EncryptionType": "KMS", "KeyId": "alias/none"}
    return stage.call(operation, StreamName=STREAM, **kms)
