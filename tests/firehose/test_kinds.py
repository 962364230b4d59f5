"""Each kind of destination: its defaults, and that it brings all that the others bring."""

from __future__ import annotations

from typing import Any

import pytest

from kinesis_sim.firehose.configuration import filled
from kinesis_sim.firehose.kind import Kind
from kinesis_sim.firehose.kinds import KINDS
from kinesis_sim.firehose.settings import DestinationSettings
from kinesis_sim.units import MIB
from tests.firehose.calls import bucket

DEFAULTS: dict[str, tuple[float, int, int, float, int, int]] = {
    # block: MiB, seconds, retry seconds; MiB, seconds and calls at once of its Lambda step
    "S3": (5, 300, 0, 1, 60, 5),
    "ExtendedS3": (5, 300, 0, 1, 60, 5),
    "Redshift": (5, 300, 3_600, 1, 60, 5),
    "Amazonopensearchservice": (5, 300, 300, 1, 60, 5),
    "Elasticsearch": (5, 300, 300, 1, 60, 5),
    "AmazonOpenSearchServerless": (5, 300, 300, 1, 60, 5),
    "Splunk": (5, 60, 3_600, 0.25, 60, 10),
    "HttpEndpoint": (5, 60, 300, 1, 60, 5),
    "Snowflake": (1, 0, 60, 0.25, 30, 5),
    "Iceberg": (5, 300, 300, 1, 60, 5),
}
"""Sources: facts/firehose §2, §3, §6."""
LAMBDA = {
    "Type": "Lambda",
    "Parameters": [
        {"ParameterName": "LambdaArn", "ParameterValue": "arn:aws:lambda:r:1:function:f"}
    ],
}


def read(kind: Kind, **more: Any) -> DestinationSettings:
    """The settings of a block with nothing in it that could be left out."""
    block = {kind.nested: bucket(), **more} if kind.nested else {**bucket(), **more}
    return DestinationSettings.of(kind, filled(kind, block))


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.block)
def test_its_defaults(kind: Kind) -> None:
    size, seconds, retry, step_size, step_seconds, at_once = DEFAULTS[kind.block]
    steps = {"Enabled": True, "Processors": [LAMBDA]}
    settings = read(kind, ProcessingConfiguration=steps)
    assert (settings.hints.size, settings.hints.interval) == (size * MIB, seconds * 1_000)
    assert settings.retry_seconds == retry
    assert settings.transform is not None
    hints = settings.transform.hints
    assert (hints.size, hints.interval) == (step_size * MIB, step_seconds * 1_000)
    assert (settings.transform.retries, kind.transforms) == (3, at_once)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.block)
def test_everything_is_backed_up_in_its_second_mode_only(kind: Kind) -> None:
    first, second = kind.backup
    assert read(kind).backup is None
    assert read(kind, S3BackupMode=first).backup is None
    assert read(kind, S3BackupMode=second).backup is not None


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.block)
def test_something_delivers_to_it(kind: Kind) -> None:
    """S3 is written to by Firehose itself, what is staged is copied, the rest has an adapter."""
    ways = [not kind.nested, kind.copies is not None, kind.adapter is not None]
    assert ways.count(True) == 1
    assert kind.staged is (kind.copies is not None)
    assert (kind.failed is None) is (kind.adapter is None)


def test_two_kinds_are_one_destination_under_two_names() -> None:
    names = [kind.name for kind in KINDS]
    assert sorted({name for name in names if names.count(name) == 2}) == ["OpenSearch", "S3"]


def test_a_text_that_is_no_number_waits_for_the_requirements() -> None:
    """Settings are read before they are checked."""
    step = {"ParameterName": "BufferSizeInMBs", "ParameterValue": "much"}
    steps = {
        "Enabled": True,
        "Processors": [{**LAMBDA, "Parameters": [*LAMBDA["Parameters"], step]}],
    }
    settings = read(KINDS[0], ProcessingConfiguration=steps)
    assert settings.transform is not None
    assert settings.transform.hints.size == MIB
