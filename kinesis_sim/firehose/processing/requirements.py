"""What the steps of a ProcessingConfiguration must be like, in CreateDeliveryStream's own words.

Words: facts/firehose §1.7, measured in September 2026; order: the number of steps, each step by
itself, then the steps together. Repeated steps other than Lambda are taken and work once (CAP
docs/firehose). Where no words are on record a rule says so.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from kinesis_sim.firehose.processing.deaggregation import splitter
from kinesis_sim.firehose.processing.partitioning import ENGINE, Query
from kinesis_sim.firehose.settings import DestinationSettings, Processor

MOST_STEPS = 5
_ONLY_PARTITIONED = {
    "MetadataExtraction": "MetadataExtractionProcessor",
    "RecordDeAggregation": "RecordDeAggregationProcessor",
}
_FUNCTION = re.compile(r"arn:[\w-]+:lambda:[\w-]+:\d{12}:function:\S+")
_ROLE = re.compile(r"arn:[\w-]+:iam::\d{12}:role/\S+")
_INTERNAL = "class com.amazonaws.services.firehose.internal.model."
Parameters = Mapping[str, str]


def steps(settings: DestinationSettings) -> Iterator[str]:
    """What is wrong with the steps that are switched on."""
    wanted = settings.block.get("ProcessingConfiguration") or {}
    if not wanted.get("Enabled", False):
        return
    found = settings.processors
    if not 1 <= len(found) <= MOST_STEPS:
        yield (
            f"A maximum of {MOST_STEPS} and a minimum of 1 processor needs to be supplied when "
            "processing is enabled."
        )
    if sum(step.type == "Lambda" for step in found) > 1:
        yield "Cannot have more than 1 Lambda processor."
    for step in found:
        yield from _RULES.get(step.type, _none)(step.parameters)
    yield from _together(found)
    if not settings.partitioned and not settings.kind.routed:
        for step in found:
            if step.type in _ONLY_PARTITIONED:
                yield (
                    f"{_INTERNAL}{_ONLY_PARTITIONED[step.type]} can only be present when Dynamic "
                    "Partitioning is enabled."
                )


def _together(found: tuple[Processor, ...]) -> Iterator[str]:
    types = {step.type for step in found}
    if "CloudWatchLogProcessing" in types and "Decompression" not in types:
        yield "CloudWatchLogProcessingProcessor can only be enabled with DecompressionProcessor"


def _none(given: Parameters) -> Iterator[str]:
    return iter(())


def _lambda(given: Parameters) -> Iterator[str]:
    if "LambdaArn" not in given:
        yield "LambdaArn is required when Lambda processor is used."
    elif not _FUNCTION.fullmatch(given["LambdaArn"]):  # model's wording, and so the next
        yield f"LambdaArn {given['LambdaArn']} is not the ARN of a Lambda function."
    if "RoleArn" in given and not _ROLE.fullmatch(given["RoleArn"]):
        yield f"RoleArn {given['RoleArn']} is not the ARN of an IAM role."
    if ("BufferSizeInMBs" in given) != ("BufferIntervalInSeconds" in given):
        yield (
            "Both BufferSizeInMBs and BufferIntervalInSeconds are required to configure buffering "
            "for lambda processor."
        )
    if not _within(given, "BufferSizeInMBs", 0.2, 3):
        yield "BufferSizeInMBs for lambda processor must be between 0.2 and 3."
    if not _within(given, "BufferIntervalInSeconds", 0, 900, whole=True):
        yield "BufferIntervalInSeconds for lambda processor must be between 0 and 900."
    if not _within(given, "NumberOfRetries", 0, 300, whole=True):
        yield "Number of retries for lambda must be between 0 and 300."


def _within(given: Parameters, name: str, low: float, high: float, *, whole: bool = False) -> bool:
    """Whether a number is in its range; text that is none or not whole is not (model's choice)."""
    if whole and not given.get(name, "0").lstrip("-").isdecimal():
        return False
    try:
        return low <= float(given.get(name, low)) <= high
    except ValueError:
        return False


def _extraction(given: Parameters) -> Iterator[str]:
    if given.get("JsonParsingEngine") != ENGINE:
        yield f"MetaDataExtraction JSON Parsing Engine has to be one of {ENGINE}"
    if "MetadataExtractionQuery" not in given:  # model's wording
        yield "MetadataExtractionQuery is required when MetadataExtraction processor is used."
    else:
        Query(given["MetadataExtractionQuery"])  # raises for a query that is none


def _deaggregation(given: Parameters) -> Iterator[str]:
    kind = given.get("SubRecordType")
    if kind not in ("JSON", "DELIMITED"):
        yield "SubRecordType has to be one of JSON, DELIMITED"
    elif kind == "DELIMITED" and not given.get("Delimiter"):
        yield "Delimiter should be present for DELIMITED"
    else:
        splitter(kind, given.get("Delimiter"))  # raises for a delimiter that is no base64


def _decompression(given: Parameters) -> Iterator[str]:
    """GZIP unless said otherwise; the words are another emulator's, which was held to AWS."""
    if given.get("CompressionFormat", "GZIP") != "GZIP":
        yield "CompressionFormat has to be GZIP"


def _messages(given: Parameters) -> Iterator[str]:
    if given.get("DataMessageExtraction", "").lower() not in ("true", "false"):
        yield (
            "Invalid parameter value for DataMessageExtraction. Allowed values are True and False."
        )


_RULES: dict[str, Callable[[Parameters], Iterator[str]]] = {
    "Lambda": _lambda,
    "MetadataExtraction": _extraction,
    "RecordDeAggregation": _deaggregation,
    "Decompression": _decompression,
    "CloudWatchLogProcessing": _messages,
}
