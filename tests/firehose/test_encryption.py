"""Server-side encryption (facts/firehose §1.1, §1.2, §9)."""

from __future__ import annotations

from typing import Any

import pytest

from kinesis_sim import Simulator
from kinesis_sim.errors import ServiceError
from tests.firehose.calls import BUCKET, NAME, bucket, create, delivered, put
from tests.firehose.endpoints import into_http, retry
from tests.streams.calls import refused

INPUT = "DeliveryStreamEncryptionConfigurationInput"


def managed(key: str) -> dict[str, Any]:
    return {INPUT: {"KeyType": "CUSTOMER_MANAGED_CMK", "KeyARN": key}}


def start(sim: Simulator, **more: Any) -> None:
    sim.gate.call("firehose", "StartDeliveryStreamEncryption", {"DeliveryStreamName": NAME, **more})


def stop(sim: Simulator) -> None:
    sim.gate.call("firehose", "StopDeliveryStreamEncryption", {"DeliveryStreamName": NAME})


def block(sim: Simulator) -> dict[str, Any]:
    answer = sim.gate.call("firehose", "DescribeDeliveryStream", {"DeliveryStreamName": NAME})
    found: dict[str, Any] = answer["DeliveryStreamDescription"][
        "DeliveryStreamEncryptionConfiguration"
    ]
    return found


@pytest.fixture
def slow() -> Simulator:
    """An ACTIVE stream in a simulator whose changes take their time."""
    sim = Simulator(latency=None, limits="off", account="210987654321")
    create(sim.client("firehose"))
    sim.advance(minutes=1)
    return sim


def test_its_states(slow: Simulator) -> None:
    firehose = slow.client("firehose")
    assert block(slow) == {"Status": "DISABLED"}
    start(slow)
    assert block(slow)["Status"] == "ENABLING"
    assert put(firehose, b"a")["Encrypted"] is False
    slow.advance(minutes=1)
    assert block(slow) == {"Status": "ENABLED", "KeyType": "AWS_OWNED_CMK"}
    assert put(firehose, b"a")["Encrypted"] is True
    stop(slow)
    assert block(slow)["Status"] == "DISABLING"
    assert put(firehose, b"a")["Encrypted"] is True
    slow.advance(minutes=1)
    assert block(slow) == {"Status": "DISABLED"}
    assert put(firehose, b"a")["Encrypted"] is False


def test_one_change_at_a_time(slow: Simulator) -> None:
    start(slow)
    with pytest.raises(ServiceError, match="ENABLING its encryption; wait until that is done"):
        stop(slow)


def test_a_swap_that_fails_keeps_the_old_key(slow: Simulator) -> None:
    old, new = (slow.keys.create_key(f"alias/{name}") for name in ("old", "new"))
    start(slow, **managed(old))
    slow.advance(minutes=1)
    slow.keys.set_state(new, "Disabled")
    start(slow, **managed(new))
    assert put(slow.client("firehose"), b"a")["Encrypted"] is True  # meanwhile, too
    slow.advance(minutes=1)
    now = block(slow)
    assert (now["Status"], now["KeyARN"]) == ("ENABLING_FAILED", old)
    assert now["FailureDescription"]["Type"] == "DISABLED_KMS_KEY"
    assert put(slow.client("firehose"), b"a")["Encrypted"] is True
    slow.keys.set_state(old, "Disabled")
    with refused("InvalidKMSResourceException"):
        put(slow.client("firehose"), b"a")


def test_a_swap_that_works(slow: Simulator) -> None:
    old, new = (slow.keys.create_key(f"alias/{name}") for name in ("old", "new"))
    for key in (old, new):
        start(slow, **managed(key))
        slow.advance(minutes=1)
        assert block(slow) == {
            "Status": "ENABLED",
            "KeyType": "CUSTOMER_MANAGED_CMK",
            "KeyARN": key,
        }


@pytest.mark.parametrize(
    ("state", "kind"),
    [
        ("Disabled", "DISABLED_KMS_KEY"),
        ("PendingDeletion", "INVALID_KMS_KEY"),
        ("denied", "KMS_ACCESS_DENIED"),
        ("opt-in-required", "KMS_OPT_IN_REQUIRED"),
        ("throttled", "UNKNOWN_ERROR"),
    ],
)
def test_a_stream_created_with_a_key_that_may_not_be_used(state: str, kind: str) -> None:
    sim = Simulator(latency=None, account="210987654321")
    key = sim.keys.create_key("alias/cofre")
    sim.keys.set_state(key, state)
    firehose = sim.client("firehose")
    request = {"ExtendedS3DestinationConfiguration": bucket(), **managed(key)}
    firehose.create_delivery_stream(DeliveryStreamName=NAME, **request)
    sim.advance(minutes=2)
    told = firehose.describe_delivery_stream(DeliveryStreamName=NAME)["DeliveryStreamDescription"]
    assert told["DeliveryStreamStatus"] == "CREATING_FAILED"
    assert told["FailureDescription"]["Type"] == kind
    with refused("ResourceInUseException"):  # cannot be created over
        firehose.create_delivery_stream(DeliveryStreamName=NAME, **request)
    firehose.delete_delivery_stream(DeliveryStreamName=NAME)
    sim.advance(minutes=2)
    assert len(sim.firehose) == 0


@pytest.mark.parametrize(
    ("wanted", "code", "part"),
    [
        (
            {"KeyType": "CUSTOMER_MANAGED_CMK"},
            "InvalidArgumentException",
            "KeyARN has to be specified",
        ),
        (
            {
                "KeyType": "AWS_OWNED_CMK",
                "KeyARN": "arn:aws:kms:us-east-1:210987654321:key/a",
            },
            "InvalidArgumentException",
            "KeyARN cannot be specified when KeyType is AWS_OWNED_CMK",
        ),
        (
            {
                "KeyType": "CUSTOMER_MANAGED_CMK",
                "KeyARN": "arn:aws:kms:us-east-1:210987654321:key/nenhuma",
            },
            "InvalidKMSResourceException",
            "KMSNotFoundException",
        ),
    ],
)
def test_a_request_that_can_never_work_makes_nothing(
    sim: Simulator, firehose: Any, wanted: dict[str, str], code: str, part: str
) -> None:
    with refused(code) as refusal:
        firehose.create_delivery_stream(
            DeliveryStreamName=NAME,
            ExtendedS3DestinationConfiguration=bucket(),
            **{INPUT: wanted},
        )
    assert part in refusal.message
    assert len(sim.firehose) == 0
    create(firehose)
    with refused(code):
        firehose.start_delivery_stream_encryption(DeliveryStreamName=NAME, **{INPUT: wanted})
    assert block(sim) == {"Status": "DISABLED"}


def test_twenty_five_calls_a_day(slow: Simulator) -> None:
    for number in range(25):
        (stop if number % 2 else start)(slow)
        slow.advance(minutes=10)
    with pytest.raises(ServiceError) as caught:
        stop(slow)
    assert caught.value.code == "LimitExceededException"
    slow.advance(hours=24, minutes=-25 * 10)
    stop(slow)


def test_a_key_is_for_so_many_streams() -> None:
    """500 on AWS; two here."""
    sim = Simulator(
        latency=None,
        delays="instant",
        account="210987654321",
        limits={"firehose.streams_per_key": 2},
    )
    key = sim.keys.create_key("alias/cofre")
    firehose = sim.client("firehose")
    request = {"ExtendedS3DestinationConfiguration": bucket(), **managed(key)}
    for name in "ab":
        firehose.create_delivery_stream(DeliveryStreamName=name, **request)
        sim.advance(seconds=1)
    with refused("LimitExceededException") as refusal:
        firehose.create_delivery_stream(DeliveryStreamName="c", **request)
    assert refusal.message == (
        f"{key} encrypts 2 Firehose streams, the most that one key may: use another key."
    )
    assert len(sim.firehose) == 2


def test_a_stream_that_reads_a_data_stream_has_none(sim: Simulator) -> None:
    from tests.firehose.test_source import from_stream

    from_stream(sim)
    with pytest.raises(ServiceError, match="only allowed for direct put"):
        start(sim)


# --- a key that is lost while records wait --------------------------------------------------------


def locked(sim: Simulator) -> str:
    key = sim.keys.create_key("alias/cofre")
    start(sim, **managed(key))
    sim.advance(seconds=10)
    sim.firehose[NAME].put([b"a"])
    sim.keys.set_state(key, "Disabled")
    return key


def test_delivery_waits_for_the_key(sim: Simulator, firehose: Any) -> None:
    create(firehose)
    key = locked(sim)
    with refused("InvalidKMSResourceException") as refusal:
        put(firehose, b"b")
    assert refusal.message == f"KMSDisabledException: {key} is disabled."
    sim.advance(hours=3)
    assert delivered(sim) == {}
    assert sim.firehose[NAME].site.log[-1].code == "Firehose.KMS.DisabledException"
    sim.keys.set_state(key, "Enabled")
    sim.advance(minutes=5)
    assert list(delivered(sim).values()) == [b"a"]


def test_after_a_day_it_is_lost(sim: Simulator, firehose: Any) -> None:
    create(firehose)
    locked(sim)
    sim.advance(hours=24)
    tally = sim.firehose[NAME].tally
    assert (tally.lost, tally.buffered) == (1, 0)


def test_an_endpoint_is_not_asked_meanwhile(sim: Simulator) -> None:
    """And its retry duration does not begin: the key is no fault of the destination."""
    receiver = into_http(sim, **retry(10))
    key = locked(sim)
    sim.advance(hours=1)
    assert receiver.visits == []
    assert sim.firehose[NAME].held == 1
    sim.keys.set_state(key, "Enabled")
    sim.advance(minutes=5)
    assert receiver.records == [b"a"]
    assert sim.buckets.keys(BUCKET) == []
    disabled = sim.metrics("AWS/Firehose", metric="KMSKeyDisabled")
    assert disabled["Sum"].sum() >= 12
