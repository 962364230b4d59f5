"""Registered consumers (facts/data-streams §1.3, §1.4, §2.4): states, quotas, names and pages."""

from __future__ import annotations

from typing import Any

import pytest

from kinesis_sim import Simulator
from tests.streams.calls import ACCOUNT, create, refused


def register(kinesis: Any, arn: str, name: str = "c", **options: Any) -> dict[str, Any]:
    answer = kinesis.register_stream_consumer(StreamARN=arn, ConsumerName=name, **options)
    return dict(answer["Consumer"])


def described(kinesis: Any, arn: str, name: str = "c") -> dict[str, Any]:
    answer = kinesis.describe_stream_consumer(StreamARN=arn, ConsumerName=name)
    return dict(answer["ConsumerDescription"])


def active_stream(slow: Simulator, kinesis: Any) -> str:
    arn = create(kinesis)
    slow.advance(seconds=15)
    return arn


def test_a_consumer_is_creating_then_active_then_deleting_then_gone(slow: Simulator) -> None:
    kinesis = slow.client("kinesis")
    arn = active_stream(slow, kinesis)
    made = register(kinesis, arn)
    assert made == {
        "ConsumerName": "c",
        "ConsumerARN": f"{arn}/consumer/c:{slow.clock.now // 1000}",
        "ConsumerStatus": "CREATING",
        "ConsumerCreationTimestamp": slow.now,
    }
    slow.advance(seconds=10)
    assert described(kinesis, arn) == {**made, "ConsumerStatus": "ACTIVE", "StreamARN": arn}
    kinesis.deregister_stream_consumer(ConsumerARN=made["ConsumerARN"])
    assert described(kinesis, arn)["ConsumerStatus"] == "DELETING"
    kinesis.deregister_stream_consumer(ConsumerARN=made["ConsumerARN"])
    slow.advance(seconds=10)
    said = f"Consumer c under stream: s, account {ACCOUNT} not found."
    with refused("ResourceNotFoundException", said):
        described(kinesis, arn)
    born = made["ConsumerARN"].rpartition(":")[2]
    said = said.replace("c under", f"c with creation timestamp {born} under")
    with refused("ResourceNotFoundException", said):
        kinesis.describe_stream_consumer(ConsumerARN=made["ConsumerARN"])
    with refused("ResourceNotFoundException"):
        kinesis.deregister_stream_consumer(ConsumerARN=made["ConsumerARN"])


def test_a_consumer_deregistered_while_creating_never_becomes_active(slow: Simulator) -> None:
    kinesis = slow.client("kinesis")
    arn = active_stream(slow, kinesis)
    register(kinesis, arn)
    slow.advance(seconds=5)
    kinesis.deregister_stream_consumer(StreamARN=arn, ConsumerName="c")
    slow.advance(seconds=2)
    assert described(kinesis, arn)["ConsumerStatus"] == "DELETING"


def test_a_name_is_taken_until_the_consumer_is_gone(slow: Simulator) -> None:
    kinesis = slow.client("kinesis")
    arn = active_stream(slow, kinesis)
    first = register(kinesis, arn)["ConsumerARN"]
    with refused("ResourceInUseException"):
        register(kinesis, arn)
    kinesis.deregister_stream_consumer(ConsumerARN=first)
    with refused("ResourceInUseException"):
        register(kinesis, arn)
    slow.advance(seconds=10)
    assert register(kinesis, arn)["ConsumerARN"] != first


def test_a_consumer_registered_anew_has_another_arn_even_in_the_same_second(kinesis: Any) -> None:
    arn = create(kinesis)
    arns = []
    for _ in range(3):
        arns.append(register(kinesis, arn)["ConsumerARN"])
        assert described(kinesis, arn)["ConsumerARN"] == arns[-1]
        kinesis.deregister_stream_consumer(StreamARN=arn, ConsumerName="c")
    assert len(set(arns)) == 3
    with refused("ResourceNotFoundException"):
        kinesis.describe_stream_consumer(ConsumerARN=arns[0])


def test_two_streams_have_consumers_of_the_same_name(kinesis: Any) -> None:
    one, other = create(kinesis), create(kinesis, "other")
    assert register(kinesis, one)["ConsumerARN"] != register(kinesis, other)["ConsumerARN"]


def test_twenty_consumers_per_stream(kinesis: Any) -> None:
    arn = create(kinesis)
    for number in range(20):
        register(kinesis, arn, f"c{number}")
    with refused("LimitExceededException") as answer:
        register(kinesis, arn, "one-more")
    assert "20" in answer.message
    kinesis.deregister_stream_consumer(StreamARN=arn, ConsumerName="c7")
    register(kinesis, arn, "one-more")
    summary = kinesis.describe_stream_summary(StreamARN=arn)["StreamDescriptionSummary"]
    assert summary["ConsumerCount"] == 20


def test_fifty_consumers_per_stream_with_a_commitment(kinesis: Any) -> None:
    arn = create(kinesis, StreamModeDetails={"StreamMode": "ON_DEMAND"})
    kinesis.update_account_settings(MinimumThroughputBillingCommitment={"Status": "ENABLED"})
    for number in range(50):
        register(kinesis, arn, f"c{number}")
    with refused("LimitExceededException") as answer:
        register(kinesis, arn, "one-more")
    assert "50" in answer.message


def test_a_commitment_leaves_provisioned_streams_at_twenty(kinesis: Any) -> None:
    arn = create(kinesis)
    kinesis.update_account_settings(MinimumThroughputBillingCommitment={"Status": "ENABLED"})
    for number in range(20):
        register(kinesis, arn, f"c{number}")
    with refused("LimitExceededException"):
        register(kinesis, arn, "one-more")


def test_five_consumers_may_be_creating_at_once(slow: Simulator) -> None:
    kinesis = slow.client("kinesis")
    arn = active_stream(slow, kinesis)
    for number in range(5):
        register(kinesis, arn, f"c{number}")
    with refused("LimitExceededException") as answer:
        register(kinesis, arn, "c5")
    assert "CREATING" in answer.message
    slow.advance(seconds=10)
    register(kinesis, arn, "c5")


def test_a_stream_must_be_active_to_get_consumers(slow: Simulator) -> None:
    kinesis = slow.client("kinesis")
    arn = create(kinesis)
    with refused(
        "ResourceInUseException",
        f"Stream s under account {ACCOUNT} not ACTIVE, instead in state CREATING",
    ):
        register(kinesis, arn)


def test_consumers_are_listed_in_pages(sim: Simulator, kinesis: Any) -> None:
    arn = create(kinesis)
    for number in range(5):
        register(kinesis, arn, f"c{number}")
    first = kinesis.list_stream_consumers(StreamARN=arn, MaxResults=2)
    rest = kinesis.list_stream_consumers(StreamARN=arn, NextToken=first["NextToken"])
    names = [row["ConsumerName"] for row in [*first["Consumers"], *rest["Consumers"]]]
    assert names == [f"c{number}" for number in range(5)]
    assert "NextToken" not in rest


def test_a_page_misses_nobody_when_others_leave_meanwhile(kinesis: Any) -> None:
    arn = create(kinesis)
    for number in range(4):
        register(kinesis, arn, f"c{number}")
    first = kinesis.list_stream_consumers(StreamARN=arn, MaxResults=2)
    kinesis.deregister_stream_consumer(StreamARN=arn, ConsumerName="c0")
    rest = kinesis.list_stream_consumers(StreamARN=arn, NextToken=first["NextToken"])
    assert [row["ConsumerName"] for row in rest["Consumers"]] == ["c2", "c3"]


def test_a_page_token_for_consumers(sim: Simulator, kinesis: Any) -> None:
    arn, other = create(kinesis), create(kinesis, "other")
    for stream in (arn, other):
        register(kinesis, stream, "a")
        register(kinesis, stream, "b")
    token = kinesis.list_stream_consumers(StreamARN=arn, MaxResults=1)["NextToken"]
    foreign = "NextToken does not match the provided StreamARN."
    with refused("InvalidArgumentException", foreign):
        kinesis.list_stream_consumers(StreamARN=other, NextToken=token)
    with refused("InvalidArgumentException"):
        kinesis.list_stream_consumers(
            StreamARN=arn, NextToken=token, StreamCreationTimestamp=sim.now
        )
    sim.advance(milliseconds=300_001)
    with refused("ExpiredNextTokenException"):
        kinesis.list_stream_consumers(StreamARN=arn, NextToken=token)


def test_a_page_token_is_not_of_a_later_stream_of_the_same_name(kinesis: Any) -> None:
    arn = create(kinesis)
    register(kinesis, arn, "a")
    register(kinesis, arn, "b")
    token = kinesis.list_stream_consumers(StreamARN=arn, MaxResults=1)["NextToken"]
    kinesis.delete_stream(StreamARN=arn, EnforceConsumerDeletion=True)
    create(kinesis)
    with refused("InvalidArgumentException", "NextToken does not match the provided StreamARN."):
        kinesis.list_stream_consumers(StreamARN=arn, NextToken=token)


def test_the_creation_timestamp_tells_namesakes_apart(sim: Simulator, kinesis: Any) -> None:
    arn, made = create(kinesis), sim.now
    register(kinesis, arn)
    listed = kinesis.list_stream_consumers(StreamARN=arn, StreamCreationTimestamp=made)
    assert len(listed["Consumers"]) == 1
    kinesis.delete_stream(StreamARN=arn, EnforceConsumerDeletion=True)
    sim.advance(seconds=1)
    create(kinesis)
    with refused("ResourceNotFoundException"):
        kinesis.list_stream_consumers(StreamARN=arn, StreamCreationTimestamp=made)


@pytest.mark.parametrize("address", [{}, {"ConsumerName": "c"}])
def test_a_consumer_goes_by_its_arn_or_by_stream_and_name(
    kinesis: Any, address: dict[str, str]
) -> None:
    with refused("InvalidArgumentException"):
        kinesis.describe_stream_consumer(**address)
    arn = create(kinesis)
    made = register(kinesis, arn)
    for good in ({"ConsumerARN": made["ConsumerARN"]}, {"StreamARN": arn, "ConsumerName": "c"}):
        found = kinesis.describe_stream_consumer(**good)["ConsumerDescription"]
        assert found["ConsumerARN"] == made["ConsumerARN"]


def test_a_consumer_is_made_with_tags(kinesis: Any) -> None:
    arn = create(kinesis)
    made = register(kinesis, arn, Tags={"team": "data"})
    tags = kinesis.list_tags_for_resource(ResourceARN=made["ConsumerARN"])["Tags"]
    assert tags == [{"Key": "team", "Value": "data"}]
    assert kinesis.list_tags_for_resource(ResourceARN=arn)["Tags"] == []
