"""What only applications need of outside: whether AWS has maintenance to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kinesis_sim.analytics.applications.ports import ApplicationPorts

if TYPE_CHECKING:
    from kinesis_sim.simulator import Simulator


def port(sim: Simulator) -> ApplicationPorts:
    """The ports of one simulator: maintenance is planned as faults are."""

    def is_due(name: str, arn: str) -> bool:
        return sim.faults.strike("application", name, "ApplicationMaintenance", arn) is not None

    def is_planned(name: str, arn: str) -> bool:
        planned = sim.faults.at("application")
        return any(fault.concerns(name) or fault.concerns(arn) for fault in planned)

    return ApplicationPorts(is_due, is_planned)
