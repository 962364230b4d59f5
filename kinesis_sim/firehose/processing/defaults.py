"""A ProcessingConfiguration with the defaults that DescribeDeliveryStream shows.

Source: CAP docs/firehose. The parameters of a Lambda step are those that Terraform's provider takes
out again on reading, too (hashicorp/terraform-provider-aws issues 14943, 19936).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from kinesis_sim.account.calls import Request
from kinesis_sim.firehose.buffering import Hints
from kinesis_sim.instants import SECOND
from kinesis_sim.units import MIB

RETRIES = 3
Parameters = dict[str, str]


def processing(wanted: Request, role: str, hints: Hints) -> Request:
    """The configuration filled in. role: of the destination; hints: of its Lambda step."""
    steps = [_step(step, role, hints) for step in wanted.get("Processors") or ()]
    return {"Enabled": wanted.get("Enabled", False), "Processors": steps}


def _step(step: Request, role: str, hints: Hints) -> Request:
    rows = step.get("Parameters") or ()
    given = {row["ParameterName"]: row["ParameterValue"] for row in rows}
    if step["Type"] == "Lambda":
        given = _lambda(given, role, hints)
    else:
        given = _FILLED.get(step["Type"], dict)(given)
    told = [{"ParameterName": name, "ParameterValue": value} for name, value in given.items()]
    return {"Type": step["Type"], "Parameters": told}


def _lambda(given: Mapping[str, str], role: str, hints: Hints) -> Parameters:
    """Both hints are given, or both are filled in: one alone is refused."""
    filled = {"NumberOfRetries": str(RETRIES), "RoleArn": role}
    if not {"BufferSizeInMBs", "BufferIntervalInSeconds"} & given.keys():
        filled["BufferSizeInMBs"] = f"{hints.size / MIB:g}"
        filled["BufferIntervalInSeconds"] = str(hints.interval // SECOND)
    arn = {"LambdaArn": given["LambdaArn"]} if "LambdaArn" in given else {}
    return {**arn, **filled, **given}


def _nothing(given: Parameters) -> Parameters:
    """AppendDelimiterToRecord keeps none of its parameters."""
    return {}


def _decompression(given: Parameters) -> Parameters:
    return {"CompressionFormat": given.get("CompressionFormat", "GZIP")}


def _messages(given: Parameters) -> Parameters:
    extract = given.get("DataMessageExtraction")
    return {} if extract is None else {"DataMessageExtraction": extract.lower()}


_FILLED: dict[str, Callable[[Parameters], Parameters]] = {
    "AppendDelimiterToRecord": _nothing,
    "Decompression": _decompression,
    "CloudWatchLogProcessing": _messages,
}
