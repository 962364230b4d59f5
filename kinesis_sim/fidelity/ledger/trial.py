"""Trying what the model declares: one error, or one constraint, on a fresh simulator."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kinesis_sim.aws import model
from kinesis_sim.errors import ServiceError, UsageError
from kinesis_sim.fidelity.ledger.rules import Rule, breaking
from kinesis_sim.fidelity.ledger.scenarios import BOOKS
from kinesis_sim.fidelity.ledger.stage import Stage

if TYPE_CHECKING:
    from kinesis_sim.simulator import Simulator


@dataclass(frozen=True, slots=True)
class Seen:
    """An error as a boto3 client saw it."""

    operation: str
    code: str
    message: str


def provoke(sim: Simulator, operation: str, code: str, service: str = "kinesis") -> Seen | None:
    """Make an error occur through a boto3 client, and show it.

    None when the call went well after all.

    sim: a fresh simulator, which is changed on the way.
    Raises UsageError when there is no scenario for the pair.
    """
    from botocore.exceptions import ClientError

    scenario = BOOKS.get(service, {}).get((operation, code))
    if scenario is None:
        raise UsageError(f"There is no scenario in which {operation} of {service} raises {code}.")
    try:
        scenario(Stage(sim, service), operation)
    except ClientError as error:
        said = error.response["Error"]
        return Seen(error.operation_name, said["Code"], said["Message"])
    return None


def raised(sim: Simulator, service: str, operation: str, code: str) -> bool:
    """Whether the pair has a scenario, and it ends with just that error of just that operation."""
    if (operation, code) not in BOOKS.get(service, {}):
        return False
    seen = provoke(sim, operation, code, service)
    return seen is not None and (seen.operation, seen.code) == (operation, code)


def refusal(sim: Simulator, service: str, rule: Rule) -> str:
    """What the gate says to a request that breaks a rule; empty when it lets the request in."""
    shape = model.operation(service, rule.operation).input_shape
    try:
        sim.gate.call(service, rule.operation, breaking(shape, rule))
    except ServiceError as error:
        return f"{error.code}: {error.message}"
    return ""


def kept(sim: Simulator, service: str, rule: Rule) -> bool:
    """Whether breaking a rule is answered by a ValidationException that names place and rule."""
    said = refusal(sim, service, rule)
    place = f"at '{rule.place}' failed to satisfy constraint: "
    return said.startswith("ValidationException: ") and place in said and rule.text in said
