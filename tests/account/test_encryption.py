"""Keys are found in all four spellings, and each state refuses in the words AWS uses."""

from __future__ import annotations

import pytest

from kinesis_sim.account.encryption import KINESIS_ALIAS, Key, Keys, KeyState
from kinesis_sim.errors import ServiceError, UsageError

ACCOUNT = "123456789012"
REGION = "us-east-1"
ELSEWHERE = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
CALLER = "arn:aws:sts::123456789012:assumed-role/producer/session"


@pytest.fixture
def keys() -> Keys:
    return Keys(account=ACCOUNT, region=REGION)


def refusal(keys: Keys, key_id: str) -> tuple[str, str]:
    with pytest.raises(ServiceError) as caught:
        keys.check(key_id, "GenerateDataKey", CALLER)
    assert caught.value.status == 400
    return caught.value.code, caught.value.message


def test_the_four_spellings_of_a_key(keys: Keys) -> None:
    arn = keys.create_key("alias/my-key")
    spellings = (
        arn,
        arn.rpartition("/")[2],
        "alias/my-key",
        f"arn:aws:kms:{REGION}:{ACCOUNT}:alias/my-key",
    )
    for spelling in spellings:
        keys.check(spelling)
    keys.set_state("alias/my-key", "Disabled")
    for spelling in spellings:
        assert refusal(keys, spelling)[0] == "KMSDisabledException"
    keys.set_state(arn, KeyState.ENABLED)
    keys.check("alias/my-key")


def test_a_deleted_key_is_gone_and_its_id_is_not_given_out_again(keys: Keys) -> None:
    arn = keys.create_key("alias/my-key")
    keys.delete_key("alias/my-key")
    assert refusal(keys, arn) == ("KMSNotFoundException", f"Key '{arn}' does not exist")
    assert refusal(keys, "alias/my-key")[0] == "KMSNotFoundException"
    assert keys.create_key() != arn
    with pytest.raises(UsageError, match="no key"):
        keys.delete_key(arn)


def test_the_key_of_kinesis_is_always_there(keys: Keys) -> None:
    keys.check(KINESIS_ALIAS)
    keys.check(f"arn:aws:kms:{REGION}:{ACCOUNT}:{KINESIS_ALIAS}")


# (state, code, text, source)
STATES = [
    ("Disabled", "KMSDisabledException", "{key} is disabled.", "LocalStack kms snapshot"),
    (
        "PendingDeletion",
        "KMSInvalidStateException",
        "{key} is pending deletion.",
        "LocalStack s3 snapshot, get-obj-pending-deletion-key",
    ),
    (
        "denied",
        "KMSAccessDeniedException",
        f"User: {CALLER} is not authorized to perform: kms:GenerateDataKey on resource: {{key}}",
        "serverless-apigateway-service-proxy issue 101, a PutRecord on AWS, 2020",
    ),
    (
        "opt-in-required",
        "KMSOptInRequired",
        "The AWS access key ID needs a subscription for the service.",
        "model's choice, after botocore KMSOptInRequired",
    ),
    (
        "throttled",
        "KMSThrottlingException",
        "You have exceeded the rate at which you may call KMS. Reduce the frequency of your calls.",
        "model's choice",
    ),
]


@pytest.mark.parametrize(("state", "code", "text", "source"), STATES)
def test_states_refuse(keys: Keys, state: str, code: str, text: str, source: str) -> None:
    arn = keys.create_key()
    keys.set_state(arn, state)
    assert refusal(keys, arn) == (code, text.format(key=arn))


# (what the caller names, text, source)
UNKNOWN = [
    (ELSEWHERE, f"Key '{ELSEWHERE}' does not exist", "LocalStack kms snapshot"),
    (ELSEWHERE.rpartition("/")[2], f"Key '{ELSEWHERE}' does not exist", "LocalStack kms snapshot"),
    ("nonsense", "Invalid keyId 'nonsense'", "LocalStack kms snapshot, fake-key-id"),
    (
        "alias/none",
        f"Alias arn:aws:kms:{REGION}:{ACCOUNT}:alias/none is not found.",
        "moto kms",
    ),
    (
        f"arn:aws:kms:eu-west-1:{ACCOUNT}:{KINESIS_ALIAS}",
        "Invalid arn eu-west-1",
        "badmintoncryer/cdk-preflight, pf-kinesis-encryption-key-region, 2026-09-06",
    ),
]


@pytest.mark.parametrize(("key_id", "text", "source"), UNKNOWN)
def test_unknown_keys(keys: Keys, key_id: str, text: str, source: str) -> None:
    assert refusal(keys, key_id) == ("KMSNotFoundException", text)


def test_keys_made_elsewhere_are_asked_for() -> None:
    states = {ELSEWHERE: KeyState.ENABLED}

    def lookup(key_id: str) -> Key | None:
        known = key_id in (ELSEWHERE, "alias/theirs")
        return Key(ELSEWHERE, states[ELSEWHERE]) if known else None

    keys = Keys(account=ACCOUNT, region=REGION, lookup=lookup)
    keys.check("alias/theirs")
    keys.set_state(ELSEWHERE, "throttled")
    assert refusal(keys, "alias/theirs")[0] == "KMSThrottlingException"
    keys.set_state(ELSEWHERE, "Enabled")
    states[ELSEWHERE] = KeyState.DISABLED
    assert refusal(keys, "alias/theirs")[0] == "KMSDisabledException"


def test_keys_are_the_same_in_every_run() -> None:
    assert (
        Keys(account=ACCOUNT, region=REGION).create_key()
        == Keys(account=ACCOUNT, region=REGION).create_key()
    )


def test_misuse_is_answered_in_a_sentence(keys: Keys) -> None:
    with pytest.raises(UsageError, match="states are Enabled, Disabled"):
        keys.set_state(KINESIS_ALIAS, "broken")
    with pytest.raises(UsageError, match="There is no key"):
        keys.set_state("alias/none", "Disabled")
    with pytest.raises(UsageError, match="is taken"):
        keys.create_key(KINESIS_ALIAS)
    with pytest.raises(UsageError, match="does not begin with alias/"):
        keys.create_key("mine")
