"""What SQL over the lake needs of outside: objects, Glue's tables, and an end to its patience.

Only reading what lies in S3 and Glue takes the simulator's lock; the query itself runs without it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from kinesis_sim.aws.address_space import ADDRESS_SPACE

if TYPE_CHECKING:
    from kinesis_sim.firehose.lake.query import Lake
    from kinesis_sim.simulator import Simulator

SECONDS = 20.0
"""How long a query may run, on the machine's clock (the model's choice)."""
MOST_GROWN = 3 << 29
"""Bytes by which the process may grow while a query runs: DuckDB's 1 GB, and its rows once more
as a table of pandas (the model's choice)."""


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
    """Call ``interrupt`` unless what happens within is over in time.

    It may take so much memory meanwhile, and no more.
    """
    alarm = threading.Timer(SECONDS, interrupt)
    alarm.daemon = True
    alarm.start()
    try:
        with ADDRESS_SPACE.at_most(MOST_GROWN):
            yield
    finally:
        alarm.cancel()
