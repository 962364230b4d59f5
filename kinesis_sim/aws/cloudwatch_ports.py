"""What only CloudWatch needs of outside: how messages name a Region."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kinesis_sim.simulator import Simulator


@cache
def region_title(region: str) -> str:
    """A Region's name: ``US East (N. Virginia)``; its code when botocore has none."""
    from kinesis_sim.aws.model import shared_loader

    for partition in shared_loader().load_data("endpoints")["partitions"]:
        found = partition["regions"].get(region)
        if found is not None:
            return str(found["description"])
    return region


def port(sim: Simulator) -> Callable[[], str]:
    """The name of a simulator's Region, looked up when a message needs it."""
    return lambda: region_title(sim.region)
