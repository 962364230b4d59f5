"""A customer's key over a mapping's filters (radkawar/stackd, filter_kms_native, 2026-09-22)."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from kinesis_sim import Simulator
from tests.mappings.sources import mapped, put, quick, texts

PLAIN = {"Filters": [{"Pattern": '{"data": ["keep"]}'}]}
OTHER = {"Filters": [{"Pattern": '{"data": ["changed"]}'}]}


def under_key(sim: Simulator, **more: Any) -> tuple[str, str]:
    """The UUID of a mapping whose filters a key encrypts, and the key."""
    key = sim.keys.create_key()
    mapping = mapped(sim, lambda event: None, FilterCriteria=PLAIN, KMSKeyArn=key, **more)
    sim.advance(minutes=1)
    return mapping.uuid, key


def refused(call: Any, **request: Any) -> str:
    with pytest.raises(ClientError) as caught:
        call(**request)
    error = caught.value.response["Error"]
    assert error["Code"] == "InvalidParameterValueException"
    return str(error["Message"])


def test_filters_that_a_denied_caller_reads_are_an_error_in_their_place() -> None:
    sim = quick()
    uuid, key = under_key(sim)
    client = sim.client("lambda")
    sim.keys.set_state(key, "denied")
    told = {
        "ErrorCode": "AccessDeniedException",
        "Message": "Lambda was unable to decrypt your filter criteria because the KMS access was "
        "denied. Please check your KMS permissions. KMS Exception: AccessDeniedException KMS "
        f"Message: User: arn:aws:iam::{sim.account}:root is not authorized to perform: "
        f"kms:Decrypt on resource: {key}",
    }
    got = client.get_event_source_mapping(UUID=uuid)
    assert (got["FilterCriteriaError"], "FilterCriteria" in got) == (told, False)
    [listed] = client.list_event_source_mappings()["EventSourceMappings"]
    assert not {"FilterCriteria", "FilterCriteriaError"} & listed.keys()
    other = client.update_event_source_mapping(UUID=uuid, BatchSize=2)
    assert (other["BatchSize"], other["FilterCriteriaError"]) == (2, told)
    sim.advance(minutes=1)
    change = client.update_event_source_mapping
    assert refused(change, UUID=uuid, KMSKeyArn="") == told["Message"]
    assert refused(change, UUID=uuid, FunctionName="cobrar") == told["Message"]
    gone = client.delete_event_source_mapping(UUID=uuid)
    assert (gone["State"], gone["FilterCriteriaError"]) == ("Deleting", told)


def test_new_filters_need_no_reading_and_no_filters_no_key() -> None:
    sim = quick()
    uuid, key = under_key(sim)
    client = sim.client("lambda")
    sim.keys.set_state(key, "Disabled")
    message = refused(client.update_event_source_mapping, UUID=uuid, FilterCriteria=OTHER)
    assert message.startswith("Lambda was unable to encrypt your filter criteria because the KMS ")
    bare = client.update_event_source_mapping(UUID=uuid, FilterCriteria={})
    assert not {"FilterCriteria", "FilterCriteriaError", "KMSKeyArn"} & bare.keys()


@pytest.mark.parametrize(
    ("state", "code"),
    [
        ("Disabled", "DisabledException"),
        ("PendingDeletion", "KMSInvalidStateException"),
        ("opt-in-required", "OptInRequiredException"),
        ("throttled", "ThrottlingException"),
    ],
)
def test_every_state_of_a_key_is_told_by_kms_own_code(state: str, code: str) -> None:
    sim = quick()
    uuid, key = under_key(sim)
    sim.keys.set_state(key, state)
    found = sim.client("lambda").get_event_source_mapping(UUID=uuid)["FilterCriteriaError"]
    assert found["ErrorCode"] == code
    assert f" KMS Exception: {code} KMS Message: " in found["Message"]


def test_no_mapping_is_made_with_a_key_that_is_not_there() -> None:
    sim = quick()
    absent = f"arn:aws:kms:us-east-1:{sim.account}:key/0f2a5770-ffd0-4fe0-b66d-11b8b7b1fda2"
    sim.client("kinesis").create_stream(StreamName="s", ShardCount=1)
    sim.functions.register("f", lambda event: None)
    create = sim.client("lambda").create_event_source_mapping
    request = {
        "EventSourceArn": sim.streams.arn("s"),
        "FunctionName": "f",
        "StartingPosition": "LATEST",
        "KMSKeyArn": absent,
    }
    message = refused(create, FilterCriteria=PLAIN, **request)
    assert f"KMS Exception: NotFoundException KMS Message: Key '{absent}' does not exist" in message
    assert sim.client("lambda").list_event_source_mappings()["EventSourceMappings"] == []
    assert "KMSKeyArn" not in create(**request)  # without filters there is nothing to encrypt


def test_batches_go_on_with_the_filters_whatever_becomes_of_the_key() -> None:
    sim = quick()
    seen: list[str] = []
    key = sim.keys.create_key()
    mapped(sim, lambda event: seen.extend(texts(event)), FilterCriteria=PLAIN, KMSKeyArn=key)
    sim.keys.set_state(key, "Disabled")
    put(sim, '"keep"', '"other"')
    sim.advance(minutes=1)
    assert seen == ['"keep"']
