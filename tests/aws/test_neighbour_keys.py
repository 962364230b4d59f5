"""Keys made with moto's KMS encrypt streams, and their states keep Kinesis out."""

from __future__ import annotations

from typing import Any

import pytest

from kinesis_sim import Simulator
from kinesis_sim.account.encryption import Keys
from kinesis_sim.aws.neighbour_keys import moto_keys
from kinesis_sim.errors import ServiceError

ACCOUNT = "210987654321"  # moto keeps one state per process and account: these tests' own
REGION = "us-east-1"


@pytest.fixture
def kms() -> Any:
    return Simulator(account=ACCOUNT).client("kms")


@pytest.fixture
def keys() -> Keys:
    return Keys(account=ACCOUNT, region=REGION, lookup=moto_keys(ACCOUNT, REGION))


def code(keys: Keys, key_id: str) -> str:
    with pytest.raises(ServiceError) as caught:
        keys.check(key_id)
    return caught.value.code


def test_motos_keys_are_known_in_every_spelling(kms: Any, keys: Keys) -> None:
    key = kms.create_key()["KeyMetadata"]
    alias = f"alias/{key['KeyId']}"
    kms.create_alias(AliasName=alias, TargetKeyId=key["KeyId"])
    alias_arn = f"arn:aws:kms:{REGION}:{ACCOUNT}:{alias}"
    for spelling in (key["KeyId"], key["Arn"], alias, alias_arn):
        keys.check(spelling)
    assert code(keys, key["Arn"].replace(REGION, "eu-west-1")) == "KMSNotFoundException"
    assert code(keys, "alias/never-made") == "KMSNotFoundException"


def test_motos_states_keep_kinesis_out(kms: Any, keys: Keys) -> None:
    key = kms.create_key()["KeyMetadata"]
    key_id, arn = key["KeyId"], key["Arn"]
    kms.disable_key(KeyId=key_id)
    assert code(keys, arn) == "KMSDisabledException"
    kms.enable_key(KeyId=key_id)
    keys.check(arn)
    keys.set_state(arn, "throttled")
    assert code(keys, arn) == "KMSThrottlingException"
    keys.set_state(arn, "Enabled")
    kms.schedule_key_deletion(KeyId=key_id)
    assert code(keys, arn) == "KMSInvalidStateException"


def test_other_accounts_keys_are_not_known(kms: Any) -> None:
    arn = kms.create_key()["KeyMetadata"]["Arn"]
    theirs = Keys(account="123456789012", region=REGION, lookup=moto_keys("123456789012", REGION))
    assert code(theirs, arn) == "KMSNotFoundException"


def test_a_stream_is_encrypted_with_a_key_of_motos() -> None:
    sim = Simulator(account=ACCOUNT, latency=None)
    kms, kinesis = sim.client("kms"), sim.client("kinesis")
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    kinesis.create_stream(StreamName="s", ShardCount=1)
    sim.advance(minutes=1)
    kinesis.start_stream_encryption(StreamName="s", EncryptionType="KMS", KeyId=key)
    sim.advance(minutes=1)
    record = {"StreamName": "s", "PartitionKey": "k", "Data": b""}
    assert kinesis.put_record(**record)["EncryptionType"] == "KMS"
    kms.disable_key(KeyId=key)
    with pytest.raises(kinesis.exceptions.KMSDisabledException, match="is disabled"):
        kinesis.put_record(**record)


@pytest.mark.parametrize(
    ("spec", "usage"), [("ECC_NIST_P256", "SIGN_VERIFY"), ("HMAC_256", "GENERATE_VERIFY_MAC")]
)
def test_a_key_that_is_not_symmetric_encrypts_nothing(spec: str, usage: str) -> None:
    sim = Simulator(account=ACCOUNT, latency=None)
    kinesis, firehose = sim.client("kinesis"), sim.client("firehose")
    arn = sim.client("kms").create_key(KeySpec=spec, KeyUsage=usage)["KeyMetadata"]["Arn"]
    kinesis.create_stream(StreamName="s", ShardCount=1)
    firehose.create_delivery_stream(
        DeliveryStreamName="d",
        ExtendedS3DestinationConfiguration={
            "RoleARN": f"arn:aws:iam::{ACCOUNT}:role/r",
            "BucketARN": "arn:aws:s3:::b",
        },
    )
    sim.advance(minutes=1)
    with pytest.raises(kinesis.exceptions.KMSInvalidStateException, match=f"KeySpec is {spec}"):
        kinesis.start_stream_encryption(StreamName="s", EncryptionType="KMS", KeyId=arn)
    firehose.start_delivery_stream_encryption(
        DeliveryStreamName="d",
        DeliveryStreamEncryptionConfigurationInput={
            "KeyType": "CUSTOMER_MANAGED_CMK",
            "KeyARN": arn,
        },
    )
    sim.advance(minutes=1)
    shown = firehose.describe_delivery_stream(DeliveryStreamName="d")["DeliveryStreamDescription"]
    told = shown["DeliveryStreamEncryptionConfiguration"]
    assert (told["Status"], told["FailureDescription"]["Type"]) == (
        "ENABLING_FAILED",
        "INVALID_KMS_KEY",
    )
