"""What the operations of both APIs are called with."""

from __future__ import annotations

from dataclasses import dataclass

from kinesis_sim.analytics.applications.catalog import ApplicationCatalog
from kinesis_sim.analytics.applications.lifecycle import Engine
from kinesis_sim.analytics.applications.upkeep import TendedLifecycle
from kinesis_sim.analytics.room import StreamingSql


@dataclass(frozen=True)
class Applications:
    """The applications of an account, what moves and runs them. room: the native face."""

    catalog: ApplicationCatalog
    lives: TendedLifecycle
    engine: Engine
    room: StreamingSql
