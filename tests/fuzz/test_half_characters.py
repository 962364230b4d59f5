"""Half a character and numbers without end, wherever a stranger's text is read: one sentence."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kinesis_sim.course import progress_file, workbook
from kinesis_sim.errors import UsageError
from kinesis_sim.firehose.conversion.schema import SchemaError, kind
from kinesis_sim.firehose.destinations.iceberg import adapter
from kinesis_sim.seed import Seed

HALF = "\ud800"


def test_an_exponent_of_many_digits_is_no_record() -> None:
    with pytest.raises(ValueError, match="not one JSON object"):
        adapter._object(b'{"a": 1e' + b"9" * 40 + b"}")


def test_a_type_with_half_a_character_is_no_type() -> None:
    with pytest.raises(SchemaError):
        kind(f"struct<{HALF}:int>")
    assert kind("struct<é😀:int>")


@pytest.mark.parametrize("text", [f'"{HALF}"', '"\\ud800"', '{"a": "\\udfff"}'])
def test_an_answer_with_half_a_character_is_none_that_can_be_kept(text: str) -> None:
    assert not progress_file._is_json(text)
    assert progress_file._is_json('"\\ud83d\\ude00"')


def test_a_notebook_with_half_a_character_is_no_notebook(tmp_path: Path) -> None:
    cell = {"cell_type": "markdown", "id": "a", "source": HALF, "metadata": {}}
    path = tmp_path / "x.ipynb"
    path.write_text(json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4}))
    with pytest.raises(UsageError, match="is no notebook"):
        workbook._read(path)


def test_a_name_with_half_a_character_draws_as_any_other() -> None:
    """A pump's name, of which RANDOM_CUT_FOREST draws (found by 10^6 inputs of Kinesis SQL)."""
    seed = Seed(0, "123456789012", "us-east-1")
    assert seed.random(HALF).random() == seed.random(HALF).random() != seed.random("P").random()
