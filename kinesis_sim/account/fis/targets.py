"""Which resources an experiment's target stands for."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kinesis_sim.account.calls import Request
from kinesis_sim.account.fis import refusals
from kinesis_sim.errors import ServiceError

if TYPE_CHECKING:
    from kinesis_sim.account.fis.laboratory import Laboratory

TYPES = ("aws:kinesis:stream", "aws:iam:role", "aws:lambda:function")
_MODE = re.compile(r"ALL|COUNT\(0*([1-9][0-9]{0,3})\)|PERCENT\(0*([1-9][0-9]?|100)\)")


def check_target(name: str, target: Request) -> None:
    """Raises ValidationException for a target that stands for nothing here."""
    if target["resourceType"] not in TYPES:
        raise refusals.invalid(f"Target {name}: the resource types are {', '.join(TYPES)}.")
    if bool(target.get("resourceArns")) is bool(target.get("resourceTags")):
        raise refusals.invalid(f"Target {name}: give resourceArns or resourceTags.")
    if target.get("resourceTags") and target["resourceType"] != "aws:kinesis:stream":
        raise refusals.invalid(f"Target {name}: only streams are found by tags here.")
    if _MODE.fullmatch(target["selectionMode"]) is None:
        raise refusals.invalid(
            f"Target {name}: selectionMode is ALL, COUNT(n) or PERCENT(n), n from 1."
        )
    if target.get("filters") or target.get("parameters"):
        raise refusals.invalid(f"Target {name}: filters and parameters are not simulated.")


def resolved(lab: Laboratory, target: Request) -> list[str]:
    """The ARNs that a target stands for now, chosen as its selection mode says.

    FIS looks with a role of its own, which no experiment strikes. Raises ServiceError when a call
    is refused all the same, such as one too many within a second.
    """
    with lab.faults.asleep():
        arns = target.get("resourceArns") or _tagged(lab, target["resourceTags"])
        named = target["resourceType"] == TYPES[1]
        found = [each for each in arns if named or _is_there(lab, each)]
    mode = _MODE.fullmatch(target["selectionMode"])
    if mode is None or mode[0] == "ALL":
        return found
    count = int(mode[1]) if mode[1] else max(1, len(found) * int(mode[2]) // 100)
    return lab.choose(found, count)


def _is_there(lab: Laboratory, arn: str) -> bool:
    try:
        if ":kinesis:" in arn:
            lab.call("kinesis", "DescribeStreamSummary", {"StreamARN": arn})
        else:
            lab.call("lambda", "GetFunction", {"FunctionName": arn})
    except ServiceError as error:
        if error.code == "LimitExceededException":
            raise
        return False
    return True


def _tagged(lab: Laboratory, tags: dict[str, str]) -> list[str]:
    found, request = list[str](), Request()
    while True:
        answer = lab.call("kinesis", "ListStreams", request)
        for row in answer["StreamSummaries"]:
            told = lab.call("kinesis", "ListTagsForStream", {"StreamName": row["StreamName"]})
            own = {each["Key"]: each.get("Value", "") for each in told["Tags"]}
            if tags.items() <= own.items():
                found.append(row["StreamARN"])
        if not answer["HasMoreStreams"]:
            return found
        request = {"ExclusiveStartStreamName": answer["StreamNames"][-1]}
