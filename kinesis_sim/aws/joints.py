"""Calls of moto's services whose records would go to moto's own Kinesis, where nobody reads them.

They are refused by name before moto is asked, in the service's own protocol, so that no neighbour
that feeds Kinesis loses in silence. Which they are stands in ``joints.toml``; what CloudFormation
would make of a template is ``templates``'.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any
from urllib.parse import parse_qsl

from kinesis_sim.aws.unsupported import CODE
from kinesis_sim.errors import ServiceError

ARN = r"arn:.{1,30}?:(kinesis|firehose):"
"""The start of an ARN of a data stream or a Firehose stream, in a template too."""
CLOUDFORMATION = "cloudformation"
_HINT = re.compile(rb"kinesis|firehose", re.IGNORECASE)
_POSITION = re.compile(r"\.(?:member|\d+)(?=\.|$)")
_MOST_FIELDS = 50_000

ReadTemplate = Callable[[str], str]
"""A template by its URL in S3; empty when there is none."""


@dataclass(frozen=True, slots=True)
class Joint:
    """Operations that join a neighbour to Kinesis; see ``joints.toml`` for the members."""

    service: str
    signed: str
    operations: frozenset[str]
    found: re.Pattern[str]
    types: frozenset[str]
    says: str


@cache
def joints() -> tuple[Joint, ...]:
    """The rows of the table."""
    text = resources.files(__package__).joinpath("joints.toml").read_text(encoding="utf-8")
    return tuple(
        Joint(
            service=row["service"],
            signed=row.get("signed", row["service"]),
            operations=frozenset(row["operations"]),
            found=re.compile(row["found"].replace("{arn}", ARN), re.DOTALL | re.MULTILINE),
            types=frozenset(row["types"]),
            says=row["says"],
        )
        for row in tomllib.loads(text)["joint"]
    )


@cache
def by_signing_name() -> dict[str, tuple[str, ...]]:
    """botocore's names of the services that have joints, by the name in a credential scope."""
    rows: dict[str, list[str]] = {CLOUDFORMATION: [CLOUDFORMATION]}
    for joint in joints():
        names = rows.setdefault(joint.signed, [])
        if joint.service not in names:
            names.append(joint.service)
    return {signed: tuple(names) for signed, names in rows.items()}


def may_join(signed: str, body: bytes) -> bool:
    """Whether a request is worth a closer look: few of all calls are."""
    return signed == CLOUDFORMATION or _HINT.search(body) is not None


def refuse(service: str, operation: str, body: bytes, template: ReadTemplate) -> None:
    """Raise ServiceError when a call would join a neighbour to moto's Kinesis.

    service: botocore's name.
    """
    if not may_join(service, body):
        return
    if service == CLOUDFORMATION:
        _refuse_template(operation, body, template)
    for joint in joints():
        if joint.service == service and operation in joint.operations:
            lines = lines_of(_document(body))
            if any(joint.found.search(line) for line in lines):
                raise refusal(f"{joint.says} ({operation})")


def refusal(what: str) -> ServiceError:
    """The error for what is not simulated. what: in the plural."""
    return ServiceError(
        CODE,
        f"Kinesis Lab does not simulate {what} yet: the records would go where nobody can read "
        "them, so nothing was changed.",
    )


def lines_of(value: Any, path: str = "") -> Iterator[str]:
    """Every leaf of a document as ``Member.Member=value``, list positions left out."""
    if isinstance(value, dict):
        for name, each in value.items():
            yield from lines_of(each, f"{path}.{name}" if path else str(name))
    elif isinstance(value, list):
        for each in value:
            yield from lines_of(each, path)
    else:
        yield f"{path}={value}"


def fields_of(body: bytes) -> list[tuple[str, str]]:
    """The fields of a form; empty for anything else."""
    try:
        return parse_qsl(
            body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=_MOST_FIELDS
        )
    except ValueError:
        return []


def _document(body: bytes) -> Any:
    """A body as JSON, as the fields of a form, or else as one text."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        pass
    if b"Action=" in body:
        return [{_POSITION.sub("", name): value} for name, value in fields_of(body)]
    return body.decode("utf-8", "replace")


def reads_template(operation: str) -> bool:
    """Whether an operation of CloudFormation's is told a template."""
    return operation.startswith(("Create", "Estimate", "GetTemplateS", "Update", "Validate"))


def _refuse_template(operation: str, body: bytes, template: ReadTemplate) -> None:
    if not reads_template(operation):
        return
    from kinesis_sim.aws.templates import check, joined

    given = dict(fields_of(body))
    text = given.get("TemplateBody", "")
    came = bool(text)
    if not text and "TemplateURL" in given:
        text = template(given["TemplateURL"])
    check(text, came)
    if not operation.startswith(("Create", "Update")):
        return
    what = joined(text, _parameters(given))
    if what:
        raise refusal(f"{what} ({operation})")


def _parameters(given: dict[str, str]) -> dict[str, str]:
    """A stack's parameters from the fields ``Parameters.member.1.ParameterKey`` and so on."""
    found = {}
    for name, key in given.items():
        if name.startswith("Parameters.") and name.endswith(".ParameterKey"):
            found[key] = given.get(name.removesuffix("Key") + "Value", "")
    return found
