"""Whatever is called and however long one waits: each life goes only where its table leads."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from kinesis_sim import Simulator
from kinesis_sim.account.states import AlarmState
from kinesis_sim.errors import ServiceError
from kinesis_sim.state_tables import state_tables
from tests.effort import examples

ON_DEMAND = {"StreamMode": "ON_DEMAND"}
ROLE = "arn:aws:iam::123456789012:role/any"
INPUT = "DeliveryStreamEncryptionConfigurationInput"
S3 = {"RoleARN": ROLE, "BucketARN": "arn:aws:s3:::lake"}
PLACE = {"BucketARN": S3["BucketARN"], "ExpectedBucketOwner": "123456789012"}
Spot = tuple[str, int]
"""What lives: the name of its table, and which object it is."""


class House:
    """One simulator with a good and a bad key, and what was seen of every life in it."""

    def __init__(self) -> None:
        self.sim = Simulator(latency=None, limits="off", start=0)
        self.seen: set[tuple[str, Any, Any]] = set()
        self.now: dict[Spot, Any] = {}
        self._kept: list[Any] = []  # so that an id is never used twice
        self.good, self.bad = (self.sim.keys.create_key(f"alias/{name}") for name in "gb")
        self.sim.keys.set_state(self.bad, "Disabled")
        self.sim.functions.register("f", lambda event: None)

    def ask(self, service: str, operation: str, **params: Any) -> None:
        """A call; what AWS would refuse is refused."""
        with suppress(ServiceError):
            self.sim.gate.call(service, operation, params)
        self.look()

    def wait(self, ms: int) -> None:
        """Let time pass, looking whenever something was due."""
        clock, until = self.sim.clock, self.sim.clock.now + ms
        while (due := clock.next_due()) is not None and due <= until:
            clock.run_until(due)
            self.look()
        clock.run_until(until)

    def lives(self) -> list[tuple[str, Any, Any]]:
        """Everything that lives: its table, itself, its state."""
        sim = self.sim
        streams, at = sim.streams, sim.clock.now
        found: list[tuple[str, Any, Any]] = [("stream", each, each.status) for each in streams]
        for each in streams:
            horizon = each.horizon(at)
            found += [("shard", shard, shard.state(horizon)) for shard in each.shards]
        found += [("consumer", each, each.status) for each in streams.consumers.values()]
        found += [("queue", each, each.status) for each in streams.queues.values()]
        found += [("channel", each, each.status) for each in streams.channels.values()]
        found += [("mapping", each, each.state) for each in sim.mappings.mappings.values()]
        found += [("alarm", each, each.state) for each in sim.cloudwatch.alarms]
        for hose in sim.firehose:
            found.append(("delivery stream", hose, hose.status))
            found.append(("encryption", hose.encryption, hose.encryption.status))
        return found

    def look(self) -> None:
        """Compare with the last look: each difference is a transition of the table."""
        before, self.now = self.now, {}
        for name, thing, state in self.lives():
            spot, table = (name, id(thing)), state_tables()[name]
            self.now[spot] = state
            self._kept.append(thing)
            was = before.get(spot, table.initial)
            if was is not state:
                self._note(name, was, state)
        for (name, thing_id), was in before.items():
            if (name, thing_id) not in self.now and name not in ("shard", "encryption", "alarm"):
                self._note(name, was, None)

    def _note(self, name: str, was: Any, became: Any) -> None:
        assert (was, became) in {(a, b) for a, _, b in state_tables()[name]}, name
        self.seen.add((name, was, became))


def kinesis(operation: str, **params: Any) -> Callable[[House], None]:
    return lambda house: house.ask("kinesis", operation, **params)


def attached(operation: str, member: str, kept: str, **params: Any) -> Callable[[House], None]:
    """A call about the first queue or channel there is, by its ARN."""

    def call(house: House) -> None:
        for arn in list(getattr(house.sim.streams, kept))[:1]:
            house.ask("kinesis", operation, **{member: arn}, **params)

    return call


def hose(operation: str, **params: Any) -> Callable[[House], None]:
    return lambda house: house.ask("firehose", operation, DeliveryStreamName="d", **params)


def encrypted(operation: str, good: bool, **params: Any) -> Callable[[House], None]:
    def call(house: House) -> None:
        key = {"KeyType": "CUSTOMER_MANAGED_CMK", "KeyARN": house.good if good else house.bad}
        house.ask("firehose", operation, DeliveryStreamName="d", **{INPUT: key}, **params)

    return call


def mapping(change: str, **params: Any) -> Callable[[House], None]:
    def call(house: House) -> None:
        for uuid in list(house.sim.mappings.mappings)[:1]:
            with suppress(ServiceError):
                getattr(house.sim.mappings, change)(uuid, **params)
        house.look()

    return call


def map_it(enabled: bool) -> Callable[[House], None]:
    def call(house: House) -> None:
        with suppress(ServiceError):
            house.sim.mappings.create(
                EventSourceArn=house.sim.streams.arn("s"),
                FunctionName="f",
                StartingPosition="LATEST",
                Enabled=enabled,
            )
        house.look()

    return call


def alarm(state: AlarmState) -> Callable[[House], None]:
    params = {"AlarmName": "a", "StateValue": state.value, "StateReason": "asked"}
    return lambda house: house.ask("cloudwatch", "SetAlarmState", **params)


def wait(ms: int) -> Callable[[House], None]:
    return lambda house: house.wait(ms)


ARN = "arn:aws:kinesis:us-east-1:123456789012:stream/s"
SOURCE = {"StreamARN": ARN, "RecordConfiguration": {"RecordFormatType": "JSON"}}
CHANNEL = {
    "ChannelName": "c",
    "ServiceExecutionRoleARN": ROLE,
    "StreamConfigurationList": [SOURCE],
}
STORED = {**PLACE, "CompressionType": "NONE"}
IN_S3 = {"S3DestinationConfiguration": {"StorageConfiguration": STORED}}
TABLE = {
    "TableBucketARN": "arn:aws:s3tables:us-east-1:123456789012:bucket/b-1",
    "Namespace": "ns",
    "TableName": "t1",
    "CompressionType": "ZSTD",
}
IN_TABLES = {
    "S3TablesDestinationConfiguration": {
        "DeadLetterQueueS3Configuration": PLACE,
        "S3TablesConfigurationList": [TABLE],
    }
}
ACTIONS: dict[str, Callable[[House], None]] = {
    "create": kinesis("CreateStream", StreamName="s", StreamModeDetails=ON_DEMAND),
    "provisioned": kinesis("CreateStream", StreamName="s", ShardCount=2),
    "split": kinesis(
        "SplitShard", StreamName="s", ShardToSplit="0", NewStartingHashKey=str(1 << 126)
    ),
    "retain": kinesis("UpdateStreamMode", StreamARN=ARN, StreamModeDetails=ON_DEMAND),
    "delete": kinesis("DeleteStream", StreamName="s", EnforceConsumerDeletion=True),
    "register": kinesis("RegisterStreamConsumer", StreamARN=ARN, ConsumerName="c"),
    "deregister": kinesis("DeregisterStreamConsumer", StreamARN=ARN, ConsumerName="c"),
    "queue": kinesis("CreateQueue", QueueName="q", StreamConfigurationList=[{"StreamARN": ARN}]),
    "change queue": attached(
        "UpdateQueue", "QueueARN", "queues", QueueAttributes={"VisibilityTimeoutSeconds": 9}
    ),
    "delete queue": attached("DeleteQueue", "QueueARN", "queues"),
    "channel": kinesis("CreateChannel", **CHANNEL, **IN_S3),
    "channel to tables": kinesis("CreateChannel", **CHANNEL, **IN_TABLES),
    "change channel": attached(
        "UpdateChannel",
        "ChannelARN",
        "channels",
        LoggingConfiguration={"CloudWatchLogs": {"Enabled": True}},
    ),
    "delete channel": attached("DeleteChannel", "ChannelARN", "channels"),
    "hose": hose("CreateDeliveryStream", ExtendedS3DestinationConfiguration=S3),
    "hose, bad key": encrypted(
        "CreateDeliveryStream", good=False, ExtendedS3DestinationConfiguration=S3
    ),
    "delete hose": hose("DeleteDeliveryStream"),
    "encrypt": encrypted("StartDeliveryStreamEncryption", good=True),
    "encrypt, bad key": encrypted("StartDeliveryStreamEncryption", good=False),
    "encrypt no more": hose("StopDeliveryStreamEncryption"),
    "map": map_it(enabled=True),
    "map, disabled": map_it(enabled=False),
    "enable": mapping("update", Enabled=True),
    "disable": mapping("update", Enabled=False),
    "change mapping": mapping("update", BatchSize=7),
    "delete mapping": mapping("delete"),
    "alarm": lambda house: house.ask(
        "cloudwatch",
        "PutMetricAlarm",
        AlarmName="a",
        Namespace="n",
        MetricName="m",
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1.0,
        ComparisonOperator="GreaterThanThreshold",
    ),
    "ok": alarm(AlarmState.OK),
    "alarming": alarm(AlarmState.ALARM),
    "no data": alarm(AlarmState.INSUFFICIENT_DATA),
    "1 s": wait(1_000),
    "6 s": wait(6_000),
    "16 s": wait(16_000),
    "31 s": wait(31_000),
}
BEGIN = ("create", "31 s")
ROUNDS = (
    ("create", "delete", "16 s"),
    (*BEGIN, "delete", "16 s"),
    ("provisioned", "31 s", "split", "31 s", "retain", "1 s", "delete", "16 s"),
    (*BEGIN, "register", "16 s", "deregister", "16 s", "register", "deregister", "16 s"),
    (*BEGIN, "register", "delete", "16 s"),
    (*BEGIN, "register", "16 s", "delete", "16 s"),
    (*BEGIN, "register", "deregister", "delete", "16 s"),
    (*BEGIN, "queue", "16 s", "change queue", "16 s", "change queue", "delete queue", "16 s"),
    (*BEGIN, "queue", "delete queue", "16 s", "queue", "16 s", "delete queue", "16 s"),
    (*BEGIN, "channel", "16 s", "change channel", "16 s", "change channel", "delete channel"),
    (*BEGIN, "channel", "delete channel", "16 s", "channel", "16 s", "delete channel", "16 s"),
    (*BEGIN, "channel to tables", "16 s", "delete channel", "16 s"),
    ("hose", "31 s", "encrypt", "6 s", "encrypt", "6 s", "encrypt no more", "6 s", "delete hose"),
    ("hose", "31 s", "encrypt, bad key", "6 s", "encrypt", "6 s", "delete hose", "16 s"),
    ("hose", "31 s", "encrypt, bad key", "6 s", "encrypt no more", "6 s", "encrypt no more"),
    ("hose, bad key", "31 s", "delete hose", "16 s"),
    (*BEGIN, "map", "16 s", "change mapping", "16 s", "disable", "16 s", "enable", "16 s"),
    (*BEGIN, "map, disabled", "16 s", "change mapping", "16 s", "delete mapping", "16 s"),
    (*BEGIN, "map", "16 s", "delete mapping", "16 s"),
    ("alarm", "ok", "alarming", "ok", "no data", "alarming", "no data", "ok"),
)
"""Every step of every table once, but for a shard's expiry, which takes a day."""


TOLD_BY_EVENTS = frozenset(
    {"application", "application_snapshot", "signaling_channel", "video_stream"}
)
"""Tables whose steps are all taken in tests of their own rooms, where events tell of each."""


def live(steps: tuple[str, ...] | list[str]) -> House:
    house = House()
    for step in steps:
        ACTIONS[step](house)
    return house


@settings(max_examples=examples(60))
@given(st.lists(st.sampled_from(sorted(ACTIONS)), max_size=30))
@example(["create", "register", "delete", "31 s"])
def test_a_life_goes_only_where_its_table_leads(steps: list[str]) -> None:
    live(["create", "hose", "alarm", "31 s", *steps])


def test_every_step_of_every_table_is_taken() -> None:
    """So the law above is about something: and no table has a step that cannot be."""
    seen = set().union(*(live(steps).seen for steps in ROUNDS))
    house = live(ROUNDS[2][:4])
    house.wait(86_400_000 + 1_000)
    house.look()
    known = {
        (name, a, b)
        for name, table in state_tables().items()
        if name not in TOLD_BY_EVENTS
        for a, _, b in table
    }
    assert known - seen - house.seen == set()
