"""Kinesis: what goes wrong with channels."""

from __future__ import annotations

from typing import Any

from kinesis_sim.fidelity.ledger.scenarios.records import KMS
from kinesis_sim.fidelity.ledger.stage import Book, Scenario, Stage, raises

BOOK: Book = {}

OF_A_CHANNEL = ("DeleteChannel", "DescribeChannel", "UpdateChannel")


def _asked(stage: Stage, **more: Any) -> dict[str, Any]:
    """A channel to S3 as CreateChannel takes it."""
    account = stage.sim.account
    place = {"BucketARN": "arn:aws:s3:::lago", "ExpectedBucketOwner": account}
    source = {"StreamARN": stage.arn(), "RecordConfiguration": {"RecordFormatType": "STRING"}}
    return {
        "ChannelName": "canal",
        "ServiceExecutionRoleARN": f"arn:aws:iam::{account}:role/canal",
        "StreamConfigurationList": [source],
        "S3DestinationConfiguration": {
            "StorageConfiguration": {**place, "CompressionType": "NONE"}
        },
        **more,
    }


def _missing(stage: Stage) -> str:
    return f"arn:aws:kinesis:{stage.sim.region}:{stage.sim.account}:channel/nenhum"


@raises(BOOK, "ResourceNotFoundException", *OF_A_CHANNEL)
def a_channel_that_is_not_there(stage: Stage, operation: str) -> object:
    """A channel is named by the ARN that CreateChannel gave, not by its name."""
    return stage.call(operation, ChannelARN=_missing(stage))


@raises(BOOK, "ResourceNotFoundException", "CreateChannel")
def a_channel_from_no_stream(stage: Stage, operation: str) -> object:
    """A channel needs a stream to deliver."""
    return stage.call(operation, **_asked(stage))


@raises(BOOK, "ValidationException", *OF_A_CHANNEL)
def an_account_too_short(stage: Stage, operation: str) -> object:
    """An account has twelve digits."""
    return stage.call(operation, ChannelARN=f"arn:aws:kinesis:{stage.sim.region}:1:channel/c")


@raises(BOOK, "ValidationException", "ListChannels")
def a_page_too_large(stage: Stage, operation: str) -> object:
    """A page has at most 10,000 rows."""
    return stage.call(operation, MaxResults=10_001)


@raises(BOOK, "ValidationException", "CreateChannel")
def a_channel_on_a_provisioned_stream(stage: Stage, operation: str) -> object:
    """Only on-demand streams can have channels."""
    stage.stream()
    return stage.call(operation, **_asked(stage))


@raises(BOOK, "InvalidArgumentException", "CreateChannel")
def the_key_of_the_service(stage: Stage, operation: str) -> object:
    """A channel encrypts with a key of the customer's, not with alias/aws/kinesis."""
    stage.on_demand_stream()
    key = {"EncryptionType": "KMS", "KeyId": "alias/aws/kinesis"}
    return stage.call(operation, **_asked(stage, EncryptionConfiguration=key))


@raises(BOOK, "InvalidArgumentException", "ListChannels")
def a_made_up_page(stage: Stage, operation: str) -> object:
    """Page tokens cannot be written by hand."""
    return stage.call(operation, NextToken="next")


@raises(BOOK, "ExpiredNextTokenException", "ListChannels")
def an_old_page(stage: Stage, operation: str) -> object:
    """A page token lives 300 seconds."""
    for name in ("a", "b"):
        stage.stream(name, StreamModeDetails={"StreamMode": "ON_DEMAND"})
        records = {"RecordFormatType": "STRING"}
        source = [{"StreamARN": stage.arn(name), "RecordConfiguration": records}]
        more = {"ChannelName": name, "StreamConfigurationList": source}
        stage.client.create_channel(**_asked(stage, **more))
    token = stage.call(operation, MaxResults=1)["NextToken"]
    stage.sim.advance(minutes=6)
    return stage.call(operation, NextToken=token)


@raises(BOOK, "ResourceInUseException", "CreateChannel")
def a_channel_twice(stage: Stage, operation: str) -> object:
    """A channel's name is unique in the account and Region."""
    stage.on_demand_stream()
    stage.client.create_channel(**_asked(stage))
    return stage.call(operation, **_asked(stage))


@raises(BOOK, "ResourceInUseException", "UpdateChannel")
def a_channel_that_is_not_ready(stage: Stage, operation: str) -> object:
    """A channel can be changed once it is ACTIVE."""
    stage.on_demand_stream()
    made = stage.client.create_channel(**_asked(stage))["ChannelDescription"]
    return stage.call(operation, ChannelARN=made["ChannelARN"])


@raises(BOOK, "LimitExceededException", "CreateChannel")
def a_second_channel_to_s3(stage: Stage, operation: str) -> object:
    """A stream has at most one channel to S3."""
    stage.on_demand_stream()
    stage.client.create_channel(**_asked(stage))
    return stage.call(operation, **_asked(stage, ChannelName="outro"))


@raises(BOOK, "LimitExceededException", *OF_A_CHANNEL, "ListChannels")
def called_too_often(stage: Stage, operation: str) -> object:
    """Five calls a second; calls that fail for another reason count as well."""
    from contextlib import suppress

    from botocore.exceptions import ClientError

    named = {"ChannelARN": _missing(stage)} if operation in OF_A_CHANNEL else {}
    for _ in range(5):
        with suppress(ClientError):
            stage.call(operation, **named)
    return stage.call(operation, **named)


def a_key_that_is(state: str) -> Scenario:
    """The key that the channel should encrypt with cannot be used."""

    def scenario(stage: Stage, operation: str) -> object:
        stage.on_demand_stream()
        key = stage.sim.keys.create_key("alias/canal")
        stage.sim.keys.set_state(key, state)
        encryption = {"EncryptionType": "KMS", "KeyId": key}
        return stage.call(operation, **_asked(stage, EncryptionConfiguration=encryption))

    return scenario


for _code, _state in KMS.items():
    raises(BOOK, _code, "CreateChannel")(a_key_that_is(_state))


@raises(BOOK, "KMSNotFoundException", "CreateChannel")
def a_key_that_is_not_there(stage: Stage, operation: str) -> object:
    """The key that the channel should encrypt with does not exist."""
    stage.on_demand_stream()
    encryption = {"EncryptionType": "KMS", "KeyId": "alias/nenhuma"}
    return stage.call(operation, **_asked(stage, EncryptionConfiguration=encryption))
