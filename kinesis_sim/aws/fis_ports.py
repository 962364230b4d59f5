"""What only FIS needs of outside: the account's fault plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kinesis_sim.account.faults.plan import Faults
    from kinesis_sim.simulator import Simulator


def port(sim: Simulator) -> Faults:
    """The fault plan of one simulator."""
    return sim.faults
