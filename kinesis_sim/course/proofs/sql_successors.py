"""Proof about what comes after SQL applications: the same question, asked four other ways."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from kinesis_sim.analytics.running import run
from kinesis_sim.course.proofs.bench import STREAM, came_true, put, stream
from kinesis_sim.instants import HOUR, MINUTE
from kinesis_sim.workloads.readers.read import read

BIKES = ["a", "a", "b", "a", "b", "c"]
COUNTED = Counter(BIKES)
ASKED = """CREATE TABLE rides (bike STRING) WITH ('connector' = 'kinesis', 'stream' = 'rides',
  'format' = 'json', 'scan.stream.initpos' = 'TRIM_HORIZON');
  SELECT bike, COUNT(*) AS n FROM rides GROUP BY bike;"""


def same_question_again() -> tuple[str, ...]:
    """A02: rides per bike; which way answers, soon, in SQL, and with no machines to look after.

    What Studio runs is Flink SQL, and that is run here; of Studio itself only AWS's page tells.
    """
    return came_true(
        {
            "emr": not _asks_for_machines(),
            "lambda": _counted_in_memory() == COUNTED,
            "studio": _counted_in_flink() == COUNTED,
            "redshift": _age_of_a_nightly_copy() <= MINUTE,
        }
    )


def _asks_for_machines() -> bool:
    """Whether a cluster of EMR is started by saying how many machines of which kind it has."""
    emr = stream()[0].client("emr").meta.service_model.operation_model("RunJobFlow").input_shape
    machines = emr.members["Instances"].members
    return "Instances" in emr.required_members and "InstanceCount" in machines


def _counted_in_memory() -> Counter[str]:
    """What a function says at the end that counts in a variable, its environment once replaced."""
    sim, kinesis = stream()
    here: Counter[str] = Counter()

    def count(event: dict[str, Any]) -> None:
        here.update(row["kinesis"]["partitionKey"] for row in event["Records"])

    sim.functions.register("count", count)
    sim.mappings.create(
        EventSourceArn=sim.streams[STREAM].arn, FunctionName="count",
        StartingPosition="TRIM_HORIZON",
    )  # fmt: skip
    for bike in BIKES[:3]:
        put(kinesis, b"ride", key=bike)
    sim.advance(minutes=1)
    here.clear()  # a new environment begins with empty memory
    for bike in BIKES[3:]:
        put(kinesis, b"ride", key=bike)
    sim.advance(minutes=1)
    return here


def _counted_in_flink() -> Counter[str]:
    """What Flink SQL says at the end: the last count of each bike."""
    answers = run(ASKED, {"rides": [{"bike": bike} for bike in BIKES]}).rows
    return Counter({row["bike"]: row["n"] for row in answers})


def _age_of_a_nightly_copy() -> int:
    """How old (ms) a ride of nine in the morning is when the copy of the next midnight has it."""
    sim, kinesis = stream()
    sim.advance(milliseconds=-sim.clock.now % (24 * HOUR) + 9 * HOUR)
    begin = sim.clock.now
    put(kinesis, json.dumps({"bike": "a"}).encode())
    sim.advance(milliseconds=-sim.clock.now % (24 * HOUR))
    return sim.clock.now - begin if read(sim, STREAM) else 0
