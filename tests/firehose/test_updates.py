"""UpdateDestination (facts/firehose §1.3)."""

from __future__ import annotations

from typing import Any

import pytest

from kinesis_sim import Simulator
from kinesis_sim.errors import ServiceError
from tests.firehose.calls import NAME, ROLE, bucket, create, delivered, hints, processing, put
from tests.firehose.endpoints import (
    LAKE,
    into_http,
    into_opensearch,
    into_redshift,
    into_splunk,
    retry,
    update,
)
from tests.streams.calls import refused

LAMBDA = {"LambdaArn": "arn:aws:lambda:us-east-1:210987654321:function:t"}


def told(sim: Simulator) -> dict[str, Any]:
    answer = sim.gate.call("firehose", "DescribeDeliveryStream", {"DeliveryStreamName": NAME})
    found: dict[str, Any] = answer["DeliveryStreamDescription"]
    return found


def test_the_lock_is_optimistic(sim: Simulator, firehose: Any) -> None:
    create(firehose)
    wanted = {
        "DeliveryStreamName": NAME,
        "DestinationId": "destinationId-000000000001",
        "ExtendedS3DestinationUpdate": hints(2, 60),
    }
    firehose.update_destination(**wanted, CurrentDeliveryStreamVersionId="1")
    text = (
        f"Cannot update firehose: {NAME} since the current version id: 2 and specified version "
        "id: 1 do not match"
    )
    with refused("ConcurrentModificationException", text):
        firehose.update_destination(**wanted, CurrentDeliveryStreamVersionId="1")
    assert told(sim)["VersionId"] == "2"
    assert told(sim)["LastUpdateTimestamp"] == sim.clock.now


def test_an_update_of_the_same_type_keeps_what_it_does_not_name(
    sim: Simulator, firehose: Any
) -> None:
    create(firehose, Prefix="bruto/", CompressionFormat="GZIP")
    update(sim, "ExtendedS3", hints(2, 60))
    now = told(sim)["Destinations"][0]["ExtendedS3DestinationDescription"]
    assert now["BufferingHints"] == {"SizeInMBs": 2, "IntervalInSeconds": 60}
    assert (now["Prefix"], now["CompressionFormat"]) == ("bruto/", "GZIP")


def test_the_plain_form_updates_the_extended_one(sim: Simulator, firehose: Any) -> None:
    create(firehose, Prefix="bruto/")
    update(sim, "S3", {"CompressionFormat": "GZIP"})
    now = told(sim)["Destinations"][0]["ExtendedS3DestinationDescription"]
    assert (now["Prefix"], now["CompressionFormat"]) == ("bruto/", "GZIP")


def test_a_nested_update_is_merged_as_well(sim: Simulator) -> None:
    into_http(sim)
    update(sim, "HttpEndpoint", {"S3Update": {"Prefix": "novo/"}, **retry(7)})
    now = told(sim)["Destinations"][0]["HttpEndpointDestinationDescription"]
    assert now["S3DestinationDescription"]["Prefix"] == "novo/"
    assert now["S3DestinationDescription"]["ErrorOutputPrefix"] == LAKE["ErrorOutputPrefix"]
    assert now["RetryOptions"] == {"DurationInSeconds": 7}
    assert now["EndpointConfiguration"]["Name"] == "painel"


def test_another_type_keeps_nothing(sim: Simulator) -> None:
    into_http(sim, **hints(7, 77))
    receiver = sim.receivers.splunk("ops")
    hec = {"HECEndpoint": receiver.url, "HECEndpointType": "Raw", "HECToken": receiver.token}
    with pytest.raises(ServiceError, match="S3Update is missing"):
        update(sim, "Splunk", hec)
    update(sim, "Splunk", {**hec, "S3Update": LAKE})
    (destination,) = told(sim)["Destinations"]
    assert destination.keys() == {"DestinationId", "SplunkDestinationDescription"}
    now = destination["SplunkDestinationDescription"]
    assert now["BufferingHints"] == {"SizeInMBs": 5, "IntervalInSeconds": 60}
    sim.firehose[NAME].put([b"a\n"])
    sim.advance(minutes=2)
    assert [event.event for event in receiver.events] == ["a"]


def test_a_change_to_iceberg_names_the_block_that_it_lacks(sim: Simulator) -> None:
    """botocore: IcebergDestinationUpdate alone has S3Configuration, where others have S3Update."""
    into_http(sim)
    catalog = {"CatalogARN": "arn:aws:glue:us-east-1:210987654321:catalog"}
    with pytest.raises(ServiceError, match="S3Configuration is missing"):
        update(sim, "Iceberg", {"RoleARN": ROLE, "CatalogConfiguration": catalog})


@pytest.mark.parametrize("member", ["S3", "HttpEndpoint"])
def test_opensearch_is_not_swapped_with_others(sim: Simulator, member: str) -> None:
    into_opensearch(sim)
    block = LAKE if member == "S3" else {"S3Update": LAKE}
    with pytest.raises(ServiceError, match=r"to or from Amazonopensearchservice is not supported"):
        update(sim, member, block)


def test_nor_are_others_with_opensearch(sim: Simulator) -> None:
    into_http(sim)
    with pytest.raises(ServiceError, match="to or from Elasticsearch is not supported"):
        update(sim, "Elasticsearch", {"S3Update": LAKE})


def test_its_two_names_are_one_destination(sim: Simulator) -> None:
    into_opensearch(sim, IndexRotationPeriod="NoRotation")
    update(sim, "Elasticsearch", {"IndexName": "novos"})
    sim.firehose[NAME].put([b'{"n":1}'])
    sim.advance(minutes=6)
    receiver: Any = sim.receivers["busca"]
    assert receiver.count("novos") == 1


@pytest.mark.parametrize(
    ("make", "options", "member", "change", "part"),
    [
        (
            into_splunk,
            {"S3BackupMode": "AllEvents"},
            "Splunk",
            {"S3BackupMode": "FailedEventsOnly"},
            "S3BackupMode cannot be changed from AllEvents to FailedEventsOnly",
        ),
        (
            into_redshift,
            {
                "S3BackupMode": "Enabled",
                "S3BackupConfiguration": bucket("reserva"),
                **processing(("Lambda", LAMBDA)),
            },
            "Redshift",
            {"S3BackupMode": "Disabled"},
            "Disabling S3 backup is not currently supported.",
        ),
    ],
)
def test_switches_that_go_one_way(
    sim: Simulator, make: Any, options: Any, member: str, change: Any, part: str
) -> None:
    make(sim, **options)
    with pytest.raises(ServiceError) as caught:
        update(sim, member, change)
    assert part in caught.value.message
    assert sim.firehose[NAME].version == 1


def test_switches_the_allowed_way(sim: Simulator) -> None:
    into_splunk(sim)
    update(sim, "Splunk", {"S3BackupMode": "AllEvents"})
    assert sim.firehose[NAME].settings.backup is not None


def test_an_endpoint_goes_both_ways(sim: Simulator) -> None:
    """botocore names no rule for HTTP endpoints."""
    into_http(sim, S3BackupMode="AllData")
    update(sim, "HttpEndpoint", {"S3BackupMode": "FailedDataOnly"})
    assert sim.firehose[NAME].settings.backup is None


def test_partitioning_is_for_ever(sim: Simulator, firehose: Any) -> None:
    create(firehose)
    partitioned = {
        "DynamicPartitioningConfiguration": {"Enabled": True},
        "Prefix": "!{partitionKeyFromLambda:k}/",
        "ErrorOutputPrefix": "e/",
        **hints(64, 60),
        **processing(("Lambda", LAMBDA)),
    }
    with pytest.raises(ServiceError, match="enabled only when a Firehose stream is created"):
        update(sim, "ExtendedS3", partitioned)
    firehose.delete_delivery_stream(DeliveryStreamName=NAME)
    create(firehose, **partitioned)
    with pytest.raises(ServiceError, match="cannot be disabled once it is enabled"):
        update(sim, "ExtendedS3", {"DynamicPartitioningConfiguration": {"Enabled": False}})


def test_an_update_that_could_not_have_been_created(sim: Simulator, firehose: Any) -> None:
    create(firehose)
    with pytest.raises(ServiceError, match="ErrorOutputPrefix cannot be null"):
        update(sim, "ExtendedS3", {"Prefix": "!{timestamp:yyyy}/"})
    assert sim.firehose[NAME].version == 1


def test_an_update_names_one_destination(sim: Simulator, firehose: Any) -> None:
    create(firehose)
    request = {
        "DeliveryStreamName": NAME,
        "CurrentDeliveryStreamVersionId": "1",
        "DestinationId": "destinationId-000000000001",
    }
    with pytest.raises(ServiceError, match="At least one destination"):
        sim.gate.call("firehose", "UpdateDestination", request)


def test_it_takes_effect_after_a_while_and_for_what_is_buffered(sim: Simulator) -> None:
    """Nothing is flushed early: the interval is the first record's, format and key the new ones."""
    patient = Simulator(latency=None, limits="off", account=sim.account)
    firehose = patient.client("firehose")
    create(firehose, Prefix="velho/")
    patient.advance(minutes=1)
    put(firehose, b"1")
    update(patient, "ExtendedS3", {"Prefix": "novo/"})
    put(firehose, b"2")
    patient.advance(milliseconds=patient.delays["firehose.update_destination"] - 1)
    put(firehose, b"3")
    assert delivered(sim) == {}
    patient.advance(milliseconds=1)
    put(firehose, b"4")
    started = patient.clock.now - patient.delays["firehose.update_destination"]
    patient.advance(milliseconds=started + 299_999 - patient.clock.now)
    assert delivered(sim) == {}
    patient.advance(milliseconds=1)
    found = {key.partition("/")[0]: body for key, body in delivered(sim).items()}
    assert found == {"novo": b"1234"}
    versions = {key.split(f"{NAME}-")[1][0] for key in delivered(sim, "novo/")}
    assert versions == {"2"}


def test_of_two_updates_the_later_one_rules() -> None:
    sim = Simulator(latency=None, limits="off", account="210987654321")
    firehose = sim.client("firehose")
    create(firehose)
    sim.advance(minutes=1)
    update(sim, "ExtendedS3", hints(2, 60))
    sim.advance(seconds=10)
    update(sim, "ExtendedS3", hints(3, 60))
    sim.advance(minutes=2)
    delivery = sim.firehose[NAME].delivery
    assert delivery is not None
    assert delivery.settings.hints.size == 3 * 2**20
    assert sim.firehose[NAME].version == 3


def test_a_stream_that_is_not_active_is_not_updated() -> None:
    sim = Simulator(latency=None, account="210987654321")
    create(sim.client("firehose"))
    with pytest.raises(ServiceError) as caught:
        update(sim, "ExtendedS3", hints(2, 60))
    assert caught.value.code == "ResourceInUseException"


def test_the_role_of_a_request_is_kept(sim: Simulator, firehose: Any) -> None:
    create(firehose)
    update(sim, "ExtendedS3", {"RoleARN": ROLE.replace("firehose", "outro")})
    now = told(sim)["Destinations"][0]["ExtendedS3DestinationDescription"]
    assert now["RoleARN"].endswith("outro")


def test_hints_come_in_pairs(sim: Simulator, firehose: Any) -> None:
    create(firehose)
    with pytest.raises(ServiceError, match="SizeInMBs but no IntervalInSeconds"):
        update(sim, "ExtendedS3", {"BufferingHints": {"SizeInMBs": 2}})
