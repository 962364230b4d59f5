"""A service is one thing: a room in a folder of its own plus one line is a service.

The toy takes three operations of an API that neither Kinesis Lab nor moto has.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from kinesis_sim import Simulator, UsageError
from kinesis_sim.account.calls import Caller
from kinesis_sim.aws.gate import CallRefused
from kinesis_sim.aws.server import start
from kinesis_sim.errors import ServiceError
from kinesis_sim.rooms import ROOMS
from tests.aws.http_client import client

NAME = "route53-recovery-cluster"
ARN = "arn:aws:route53-recovery-control::123456789012:controlpanel/p/routingcontrol/r"
FILES = {
    "__init__.py": '"""A room that a test furnished."""\n',
    "quotas.toml": """
checked = "2026-11-29"
[quotas.controls]
value = 2
unit = "controls"
source = "made up"
[calls]
source = "made up"
[calls.account]
ListRoutingControls = 3
""",
    "delays.toml": "[ms]\nswitch = 4_000\n",
    "operations.py": """
from kinesis_sim.errors import ServiceError

__all__ = ["get_routing_control_state", "list_routing_controls", "update_routing_control_state"]


def get_routing_control_state(panel, request):
    arn = request["RoutingControlArn"]
    return {"RoutingControlArn": arn, "RoutingControlState": panel.find(arn)}


def list_routing_controls(panel, request):
    rows = [{"RoutingControlArn": a, "RoutingControlState": s} for a, s in panel.states.items()]
    return {"RoutingControls": rows}


def update_routing_control_state(panel, request):
    panel.switch(request["RoutingControlArn"], request["RoutingControlState"])
    return {}
""",
    "service.py": """
from collections import Counter
from dataclasses import dataclass
from decimal import Decimal

import toy_room.operations as api
from kinesis_sim.account.bill import Line
from kinesis_sim.account.metrics import Metric
from kinesis_sim.account.prices import Price
from kinesis_sim.account.rates import Rates
from kinesis_sim.account.service import Service, operations
from kinesis_sim.errors import ServiceError
from kinesis_sim.events import Event

PRICE = Price("toy.switch", Decimal("0.25"), "switch", "made up", verified=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Switched(Event):
    control: str


class Panel:
    def __init__(self, around):
        self.around, self.states, self.rates = around, {}, Rates()

    def admit(self, operation, request):
        rate = self.around.limits.call_rate("toy_room", operation)
        if rate and not self.rates.admit(operation, rate[0], self.around.clock.now):
            raise ServiceError("ThrottlingException", "Too many.")

    def find(self, arn):
        if arn not in self.states:
            raise ServiceError("ResourceNotFoundException", f"There is no {arn}.", 404)
        return self.states[arn]

    def switch(self, arn, state):
        if len({*self.states, arn}) > self.around.limits["toy_room.controls"]:
            raise ServiceError("ConflictException", "A panel is full.")
        self.states.setdefault(arn, "Off")

        def done():
            self.states[arn] = state
            self.around.events.append(Switched(at=self.around.clock.now, control=arn))

        self.around.clock.after(self.around.delays["toy_room.switch"], done)


class Switches:
    kinds, whole_from = (Switched,), 0

    def __init__(self, metrics):
        self.metrics, self.used = metrics, Counter()

    def start(self, now):
        self.whole_from = now

    def take(self, events):
        for event in events:
            self.used[event.control] += 1
            metric = Metric("AWS/Toy", "Switches", (("Control", event.control[-1]),))
            self.metrics.put(metric, "Count", event.at, 1, 1, 1, 1)

    def lines(self, prices, now):
        return [Line(control, PRICE, times) for control, times in self.used.items()]


def services(around):
    panel, switches = Panel(around), Switches(around.metrics)
    return (
        Service(
            name="route53-recovery-cluster",
            title="Toy Switches",
            state=panel,
            operations=operations(api),
            named_by={"RoutingControlArn": "{}"},
            admit=panel.admit,
            folds=(switches,),
            lines=switches.lines,
        ),
    )
""",
}


@pytest.fixture
def rooms(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """The list of rooms with one line more."""
    (tmp_path / "toy_room").mkdir()
    for name, text in FILES.items():
        (tmp_path / "toy_room" / name).write_text(text)
    monkeypatch.syspath_prepend(str(tmp_path))
    yield {**ROOMS, NAME: "toy_room"}
    for module in [name for name in sys.modules if name.partition(".")[0] == "toy_room"]:
        del sys.modules[module]


def use(panel: Any, sim: Simulator) -> None:
    """Every operation, waiting for what takes its time."""
    panel.update_routing_control_state(RoutingControlArn=ARN, RoutingControlState="On")
    assert panel.get_routing_control_state(RoutingControlArn=ARN)["RoutingControlState"] == "Off"
    sim.advance(seconds=4)
    assert panel.get_routing_control_state(RoutingControlArn=ARN)["RoutingControlState"] == "On"
    answer = panel.list_routing_controls()
    assert answer["RoutingControls"] == [{"RoutingControlArn": ARN, "RoutingControlState": "On"}]


def check_what_was_measured(sim: Simulator) -> None:
    frame = sim.metrics("AWS/Toy")
    assert frame[["metric", "Control", "Sum"]].values.tolist() == [["Switches", "r", 1.0]]
    bill = sim.bill()
    assert bill.total == Decimal("0.25")
    assert str(bill).startswith("Toy Switches, us-east-1")


def test_a_room_and_a_line_are_a_service_in_process(rooms: dict[str, str]) -> None:
    sim = Simulator(latency=None, rooms=rooms)
    use(sim.client(NAME), sim)
    check_what_was_measured(sim)


def test_a_room_and_a_line_are_a_service_over_http(rooms: dict[str, str]) -> None:
    sim = Simulator(latency=None, rooms=rooms)
    with start(sim) as server, client(server, NAME) as panel:
        use(panel, sim)
        with pytest.raises(ClientError, match="does not simulate UpdateRoutingControlStates of"):
            panel.update_routing_control_states(UpdateRoutingControlStateEntries=[])
    check_what_was_measured(sim)


def test_its_quotas_delays_and_rates_are_those_of_its_own_files(rooms: dict[str, str]) -> None:
    changed = {"toy_room.controls": 0}
    sim = Simulator(latency=None, rooms=rooms, limits=changed, delays={"toy_room.switch": 1})
    panel = sim.client(NAME)
    with pytest.raises(panel.exceptions.ConflictException):
        panel.update_routing_control_state(RoutingControlArn=ARN, RoutingControlState="On")
    for _ in range(3):
        panel.list_routing_controls()
    with pytest.raises(ServiceError, match="ThrottlingException"):
        sim.gate.call(NAME, "ListRoutingControls", {})
    with pytest.raises(UsageError, match="limits has no 'toy_room"):
        Simulator(limits=changed)


def test_a_refused_call_names_its_resource(rooms: dict[str, str]) -> None:
    sim = Simulator(latency=None, rooms=rooms)
    panel = sim.client(NAME)
    with pytest.raises(panel.exceptions.ResourceNotFoundException):
        panel.get_routing_control_state(RoutingControlArn=ARN)
    [refused] = sim.events.of(CallRefused)
    assert (refused.service, refused.resource) == (NAME, ARN)


def test_the_caller_reaches_authorisation_with_action_and_resource(rooms: dict[str, str]) -> None:
    sim = Simulator(latency=None, rooms=rooms)
    asked: list[tuple[str, str, str]] = []

    def authorise(caller: Caller, action: str, resource: str) -> None:
        asked.append((caller.source, action, resource))
        if action.endswith("UpdateRoutingControlState"):
            raise ServiceError("AccessDeniedException", f"{caller.arn} may not.", 403)

    sim.gate.authorise = authorise
    panel = sim.client(NAME)
    panel.list_routing_controls()
    with pytest.raises(panel.exceptions.AccessDeniedException, match="root may not"):
        panel.update_routing_control_state(RoutingControlArn=ARN, RoutingControlState="On")
    kinesis = sim.client("kinesis")
    kinesis.create_stream(StreamName="s", ShardCount=1)
    with start(sim) as server, client(server) as over_http:
        over_http.describe_stream_summary(StreamARN=sim.streams["s"].arn)
    assert asked == [
        ("boto3", f"{NAME}:ListRoutingControls", "*"),
        ("boto3", f"{NAME}:UpdateRoutingControlState", ARN),
        ("boto3", "kinesis:CreateStream", "arn:aws:kinesis:us-east-1:123456789012:stream/s"),
        ("http", "kinesis:DescribeStreamSummary", sim.streams["s"].arn),
    ]


def test_what_a_service_names_is_the_resource_that_iam_knows(sim: Simulator) -> None:
    kinesis, firehose = sim.services["kinesis"], sim.services["firehose"]
    client = sim.client("kinesis")
    client.create_stream(StreamName="s", ShardCount=1)
    place = {"StreamName": "s", "ShardId": "shardId-000000000000"}
    iterator = client.get_shard_iterator(**place, ShardIteratorType="LATEST")
    arn = sim.streams["s"].arn
    assert kinesis.resource("GetRecords", iterator) == arn
    assert kinesis.resource("GetRecords", {"ShardIterator": "no such"}) == "*"
    assert kinesis.resource("PutRecord", {"StreamName": "s"}) == arn
    assert kinesis.resource("ListStreams", {}) == "*"
    lambdas, place = sim.services["lambda"], "arn:aws:lambda:us-east-1:123456789012"
    assert lambdas.resource("Invoke", {"FunctionName": "f"}) == f"{place}:function:f"
    assert lambdas.resource("Invoke", {"FunctionName": "function:f:1"}) == f"{place}:function:f"
    mapping = {"UUID": "u", "FunctionName": "f"}
    by_uuid = f"{place}:event-source-mapping:u"
    assert lambdas.resource("UpdateEventSourceMapping", mapping) == by_uuid
    assert lambdas.resource("CreateEventSourceMapping", {"EventSourceArn": arn}) == "*"
    assert firehose.resource("PutRecord", {"DeliveryStreamName": "d"}).endswith("deliverystream/d")
