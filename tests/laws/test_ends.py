"""A simulator that nobody has any more is gone: nothing of this package holds on to it.

A lesson's cell that is run again, a page's "again" and a mixer's slider make another one each; six
megabytes of every one stayed, once, where a KCL worker had been.
"""

from __future__ import annotations

import gc
from collections.abc import Callable
from pathlib import Path
from weakref import ref

import pytest

from kinesis_sim import Simulator
from kinesis_sim.aws.server import start
from kinesis_sim.workloads.scenes.click_lake import broken_pipeline
from kinesis_sim.workloads.scenes.filming import Filming
from kinesis_sim.workloads.scenes.jobs import Jobs
from kinesis_sim.workloads.scenes.ride_job import RideJob
from kinesis_sim.workloads.scenes.scene import PedalaScene
from kinesis_sim.workloads.scenes.three_readers import ThreeReaders


def clients() -> Simulator:
    sim = Simulator()
    for service in ("kinesis", "firehose", "cloudwatch", "s3", "dynamodb", "sns"):
        sim.client(service)
    sim.client("kinesis").create_stream(StreamName="s", ShardCount=2)
    sim.in_region("sa-east-1").client("kinesis").create_stream(StreamName="s", ShardCount=1)
    keys = {"aws_access_key_id": "222222222222", "aws_secret_access_key": "any"}
    sim.client("kinesis", **keys).list_streams()
    sim.advance(minutes=1)
    return sim


def alarm() -> Simulator:
    sim = Simulator()
    sim.client("cloudwatch").put_metric_alarm(
        AlarmName="a", Namespace="AWS/Kinesis", MetricName="m", Statistic="Sum", Period=60,
        EvaluationPeriods=1, Threshold=1, ComparisonOperator="GreaterThanThreshold",
    )  # fmt: skip
    sim.advance(hours=1)
    return sim


def served() -> Simulator:
    sim = Simulator(latency=None)
    with start(sim):
        pass
    return sim


def three_readers() -> Simulator:
    sim = Simulator()
    ThreeReaders(sim).live(hours=2)
    return sim


def of_scene(make: Callable[[Simulator], object]) -> Callable[[], Simulator]:
    def made() -> Simulator:
        sim = Simulator()
        make(sim)
        sim.advance(minutes=5)
        return sim

    return made


LIVES: dict[str, Callable[[], Simulator]] = {
    "clients": clients,
    "an alarm": alarm,
    "a server": served,
    "Firehose": lambda: broken_pipeline()[0],
    "KCL": lambda: PedalaScene(warm_seconds=2).sim,
    "three readers": three_readers,
    "a queue": of_scene(Jobs),
    "film": of_scene(Filming),
    "Flink": of_scene(RideJob),
}


@pytest.mark.parametrize("life", LIVES)
def test_nothing_holds_on_to_it(life: str) -> None:
    gone = ref(LIVES[life]())
    gc.collect()
    assert gone() is None


CALLS = {
    "kinesis": "list_streams", "firehose": "list_delivery_streams", "cloudwatch": "describe_alarms",
    "lambda": "list_event_source_mappings", "kinesisvideo": "list_streams",
    "kinesisanalyticsv2": "list_applications", "s3": "list_buckets", "dynamodb": "list_tables",
}  # fmt: skip


@pytest.mark.parametrize("service", CALLS)
def test_nor_to_a_client_and_the_model_it_was_made_of(service: str) -> None:
    """Each has a model of its own, of a hundred shapes and more."""
    client = Simulator().client(service)
    getattr(client, CALLS[service])()
    gone = ref(client), ref(client.meta.service_model)
    del client
    gc.collect()
    assert [each() for each in gone] == [None, None]


def test_nor_to_one_that_was_saved(tmp_path: Path) -> None:
    sim = Simulator(account="300000000017")  # no other test has neighbours of it
    sim.client("kinesis").create_stream(StreamName="s", ShardCount=1)
    sim.advance(minutes=1)
    sim.save(tmp_path / "s.lab")
    gone = ref(sim)
    del sim
    loaded = ref(Simulator.load(tmp_path / "s.lab"))
    gc.collect()
    assert (gone(), loaded()) == (None, None)


def test_a_room_that_begins_again_leaves_the_last_one() -> None:
    room = PedalaScene(warm_seconds=2).show(lang="en")
    gone = ref(room.scene.sim)
    room.restart()
    gc.collect()
    assert gone() is None
    room.close()
