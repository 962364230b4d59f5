"""What SQL over the lake needs of outside: objects, Glue's tables, and an end to its patience.

Only reading what lies in S3 and Glue takes the simulator's lock; the query itself runs without it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kinesis_sim.firehose.lake.query import Lake
    from kinesis_sim.simulator import Simulator

SECONDS = 20.0
"""How long a query may run, on the machine's clock (the model's choice)."""


def lake(sim: Simulator) -> Lake:
    """What a simulator's queries are asked of."""
    from kinesis_sim.aws.firehose_ports import glue_table
    from kinesis_sim.firehose.lake.query import Lake

    def objects(bucket: str, prefix: str) -> Iterator[tuple[str, bytes]]:
        with sim.lock:
            yield from sim.buckets.objects(bucket, prefix)

    def table(database: str, name: str) -> dict[str, Any] | None:
        with sim.lock:
            return glue_table(sim, database, name)

    return Lake(objects, table, lambda: sim.clock.now, patience)


@contextmanager
def patience(interrupt: Callable[[], None]) -> Iterator[None]:
    """Call ``interrupt`` unless what happens within is over in time."""
    alarm = threading.Timer(SECONDS, interrupt)
    alarm.daemon = True
    alarm.start()
    try:
        yield
    finally:
        alarm.cancel()
