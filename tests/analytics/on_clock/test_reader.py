"""Where a reader goes on: LATEST is an instant once it was looked up, whatever comes between."""

from __future__ import annotations

from kinesis_sim import Simulator
from kinesis_sim.analytics.on_clock.ports import AnalyticsPorts
from kinesis_sim.analytics.on_clock.reader import StreamReader
from tests.analytics.on_clock.test_flink_job import PASS, TABLES, counted, made, put

LATEST = TABLES.format(sink="print").replace("TRIM_HORIZON", "LATEST") + PASS


def test_what_came_while_a_job_was_stopped_is_read(sim: Simulator) -> None:
    """A savepoint taken before the first record still says from when to read."""
    made(sim)
    put(sim, range(3))
    sim.advance(seconds=1)
    job = sim.analytics.start(LATEST)
    sim.advance(seconds=5)
    kept = job.stop()
    put(sim, range(3, 6))
    sim.advance(minutes=10)
    job.start(kept)
    sim.advance(seconds=2)
    assert counted(job) == [3, 4, 5]


def test_a_failure_before_the_first_record_skips_none(sim: Simulator) -> None:
    made(sim)
    job = sim.analytics.start(LATEST)
    sim.advance(seconds=5)
    job.checkpoint()
    put(sim, range(3))
    sim.advance(seconds=5)
    job.fail()
    sim.advance(seconds=5)
    assert counted(job) == [0, 1, 2, 0, 1, 2]


def test_an_iterator_that_is_too_old_is_replaced_in_the_same_look(sim: Simulator) -> None:
    made(sim)
    seen: list[str] = []
    ports: AnalyticsPorts = sim.analytics._ports
    reader = StreamReader(ports, "ticks", lambda shard, record: seen.append(record["Data"]))
    reader.begin()
    sim.advance(minutes=2)
    put(sim, range(3))
    sim.advance(minutes=10)  # an iterator lives for five minutes
    assert reader.look() == len(seen) == 3
