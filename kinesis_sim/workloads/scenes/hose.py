"""Records for a Firehose stream: a flow of so many bytes a minute, and a workload as it happens.

Both put natively, as a producer beside the stream would: calls cost no simulated time, so that the
instant of a flush is the rule's alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import groupby, islice
from math import ceil
from typing import TYPE_CHECKING

from kinesis_sim.account.storage import Undelivered
from kinesis_sim.errors import UsageError
from kinesis_sim.instants import MINUTE, SECOND
from kinesis_sim.signatures import typed
from kinesis_sim.units import MIB
from kinesis_sim.workloads.events.arrival import Arrival
from kinesis_sim.workloads.pipeline.pipeline import whole_minutes
from kinesis_sim.workloads.producers.shapes import Shape, shape
from kinesis_sim.workloads.scenes.feed import Fed

if TYPE_CHECKING:
    from kinesis_sim.simulator import Simulator

RECORD_BYTES = 16 * 1024
PER_MIB = MIB // RECORD_BYTES
MOST_PER_CALL = 500  # records of one PutRecordBatch (botocore PutRecordBatchInput.Records)


class Hose:
    """Records of 16 KiB, evenly in time, into one Firehose stream, from when this is made.

    height: MiB per minute, a number or a shape (Steps, Ramp …). UsageError for no such stream.
    """

    @typed
    def __init__(self, sim: Simulator, name: str, height: Shape | float) -> None:
        self._sim, self._stream = sim, sim.firehose[name]
        self._shape = shape(height)
        self._begin = sim.clock.now
        self._due = 0.0
        self._record = bytes(RECORD_BYTES)

    def play(self, *, minutes: float = 0, hours: float = 0) -> Fed:
        """Move the clock and put, second by second; what the stream took and refused."""
        with self._sim.lock:
            clock = self._sim.clock
            end = clock.now + whole_minutes(minutes, hours, 0) * MINUTE
            taken = refused = 0
            while clock.now < end:
                before = clock.now
                clock.run_until(min(before + self._pause(before) * SECOND, end))
                fed = self._put(before, clock.now)
                taken, refused = taken + fed.stored, refused + fed.refused
        return Fed(taken, refused)

    def _pause(self, now: int) -> int:
        """Seconds until the next record is due: one, or more where few come; a minute at most."""
        per_second = self._shape.rate(now, self._begin) * PER_MIB / 60
        return max(1, ceil(min((1 - self._due) / max(per_second, 1e-9), 60) - 1e-9))

    def _put(self, before: int, now: int) -> Fed:
        rate = self._shape.rate((before + now) // 2, self._begin)
        self._due += rate * PER_MIB * (now - before) / MINUTE
        amount = int(self._due + 1e-9)
        self._due -= amount
        return _put(self._sim, self._stream.name, [self._record] * amount)


def pour(
    sim: Simulator, name: str, arrivals: Iterable[Arrival], *, pack: int = 1, end: bytes = b""
) -> Fed:
    """Put a workload into a Firehose stream at the times when it happens, moving the clock.

    pack: how many events a producer gathers into one record before it puts it, the last one with
    what is left. end: bytes after every event, ``b"\\n"`` for lines. Counts records, not events.
    UsageError for a pack below 1, or no such stream.
    """
    if pack < 1:
        raise UsageError(f"pack={pack}: a record holds one event or more.")
    with sim.lock:
        _ = sim.firehose[name]
        taken = refused = 0
        for at, blobs in _seconds(arrivals, pack, end):
            if at > sim.clock.now:
                sim.clock.run_until(at)
            fed = _put(sim, name, blobs)
            taken, refused = taken + fed.stored, refused + fed.refused
    return Fed(taken, refused)


@typed
def seconds_to_s3(sim: Simulator, name: str = "first-taste") -> int:
    """How old one record is (s) when a new stream with Firehose's own settings has written it."""
    sim.buckets.create(name)
    place = {"RoleARN": f"arn:aws:iam::{sim.account}:role/firehose"}
    sim.client("firehose").create_delivery_stream(
        DeliveryStreamName=name,
        ExtendedS3DestinationConfiguration={**place, "BucketARN": f"arn:aws:s3:::{name}"},
    )
    sim.advance(minutes=1)
    sim.firehose[name].put([b"unlocked"])
    begun = sim.clock.now
    while not sim.firehose[name].tally.delivered:
        sim.advance(seconds=1)
    return round((sim.clock.now - begun) / SECOND)


def only_weighed(sim: Simulator, refused: Callable[[], bool] = lambda: False) -> None:
    """Have the objects of Firehose weighed and let go, so that a long run leaves nothing behind.

    Events tell of them as ever, and no bucket is needed. refused: asked at each write whether it
    fails, as S3 would with AccessDenied.
    """

    def store(bucket: str, key: str, body: bytes, headers: Mapping[str, str] | None = None) -> None:
        if refused():
            raise Undelivered("S3.AccessDenied", "Access Denied")

    sim.firehose.ports = replace(sim.firehose.ports, store=store)


def _seconds(
    arrivals: Iterable[Arrival], pack: int, end: bytes
) -> Iterator[tuple[int, list[bytes]]]:
    """Records by the second in which the last event of each happens, with that instant."""
    packs = (
        (rows[-1].at, b"".join(row.data + end for row in rows)) for rows in _packs(arrivals, pack)
    )
    for _second, together in groupby(packs, lambda row: row[0] // SECOND):
        rows = list(together)
        yield rows[-1][0], [blob for _, blob in rows]


def _packs(arrivals: Iterable[Arrival], pack: int) -> Iterator[list[Arrival]]:
    following = iter(arrivals)
    while rows := list(islice(following, pack)):
        yield rows


def _put(sim: Simulator, name: str, blobs: list[bytes]) -> Fed:
    stream = sim.firehose[name]
    refused = 0
    for first in range(0, len(blobs), MOST_PER_CALL):
        numbers = stream.put(blobs[first : first + MOST_PER_CALL])
        refused += sum(number is None for number in numbers)
    return Fed(len(blobs) - refused, refused)
