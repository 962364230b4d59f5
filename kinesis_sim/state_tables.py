"""Every table of states that there is, by name: what pictures draw and tests walk.

>>> list(state_tables()["shard"])[0]
(<ShardState.OPEN: 'OPEN'>, 'split or merge', <ShardState.CLOSED: 'CLOSED'>)
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from kinesis_sim.rooms import ROOMS, packages
from kinesis_sim.states import StateTable


@cache
def state_tables() -> Mapping[str, StateTable[Any]]:
    """The tables of all rooms; a room with a life to tell has them in its module ``states``."""
    places = [f"{package}.states" for package in packages(ROOMS)]
    found = [import_module(place).TABLES for place in places if find_spec(place) is not None]
    return {table.name: table for room in found for table in room}
