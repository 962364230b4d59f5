"""AWS Fault Injection Service as one service."""

from __future__ import annotations

from kinesis_sim.account.fis import operations as api
from kinesis_sim.account.fis.laboratory import Laboratory
from kinesis_sim.account.service import Service, Surroundings, operations


def services(around: Surroundings) -> tuple[Service]:
    """The service of one account.

    Experiments are not charged here: AWS's price of an action-minute has no row of facts.
    """
    lab = Laboratory(around)
    service = Service(
        name="fis",
        title="AWS Fault Injection Service",
        state=lab,
        operations=operations(api),
        named_by={
            "experimentTemplateId": f"{lab.place}:experiment-template/{{}}",
            "id": f"{lab.place}:experiment/{{}}",
        },
    )
    return (service,)
