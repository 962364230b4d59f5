"""A stranger's SQL writes no line into the log of whoever runs it."""

from __future__ import annotations

import subprocess
import sys

import pytest

PATH = "'$.((('"
READ = {
    "kinesis_sim.firehose.lake.statements": f"""
parse("select json_extract(x, {PATH}) from a", "athena")""",
    "kinesis_sim.analytics.sql.reading": f"""
read("SELECT JSON_VALUE(s, {PATH}) FROM t", "flink")""",
}


@pytest.mark.parametrize("module", READ)
def test_nothing_is_printed_of_a_path_that_is_none(module: str) -> None:
    """Where nobody has set logging up: a test's own handlers would take what is looked for."""
    code = f"from {module} import *{READ[module]}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
