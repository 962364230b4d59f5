"""Terraform's AWS provider makes, reads, changes, imports and removes what is here.

Streams, consumers, policies, Firehose streams, alarms. The provider waits ten seconds after each
change of a stream, so that this takes minutes: it runs where it is asked for.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from kinesis_sim.aws.server import Server

ASKED = "KINESIS_LAB_REQUIRE_TERRAFORM"
MAIN = Path(__file__).with_name("terraform") / "main.tf"
PATIENCE = 240
NO_CHANGE = 0
LAMBDA = json.dumps(
    [
        {
            "type": "Lambda",
            "parameters": {"LambdaArn": "arn:aws:lambda:us-east-1:123456789012:function:f:$LATEST"},
        }
    ]
)
STEPS: list[list[str]] = [
    [],
    ["shards=4", "retention=48"],
    ["retention=24", 'metrics=["IncomingBytes"]', "enc=KMS", "key=alias/aws/kinesis"],
    ["mode=ON_DEMAND", 'tags={a="b"}'],
    [
        "bsize=64", "binterval=400", "compression=GZIP", "prefix=a/",
        "eprefix=e/!{firehose:error-output-type}/", "tz=America/Sao_Paulo", "ext=.json",
    ],
    ["logs=true", f"procs={LAMBDA}", "sse=true", "alarm=2000"],
]  # fmt: skip
"""Values of the module's variables, applied one after the other."""
IMPORTED = (
    "aws_kinesis_stream_consumer.c",
    "aws_kinesis_firehose_delivery_stream.f",
)
"""Resources that are forgotten and imported again by their ARNs."""


class Terraform:
    """A module in a folder of its own, for one endpoint."""

    def __init__(self, folder: Path, endpoint: str) -> None:
        shutil.copy(MAIN, folder)
        self._folder, self._environment = folder, {**os.environ, "AWS_ENDPOINT_URL": endpoint}

    def __call__(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["terraform", *arguments],
            cwd=self._folder,
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )

    def do(self, *arguments: str) -> str:
        done = self(*arguments)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def arns(self) -> dict[str, str]:
        resources = json.loads(self.do("show", "-json"))["values"]["root_module"]["resources"]
        return {row["address"]: row["values"].get("arn", "") for row in resources}


@pytest.fixture
def terraform(server: Server, tmp_path: Path) -> Iterator[Terraform]:
    if not os.environ.get(ASKED):
        pytest.skip(f"Terraform takes minutes; {ASKED}=1 runs it, with its AWS provider at hand.")
    made = Terraform(tmp_path, server.endpoint_url)
    made.do("init", "-no-color")
    yield made
    made("destroy", "-no-color", "-auto-approve")


def test_nothing_drifts_from_creation_to_removal(terraform: Terraform) -> None:
    for step in STEPS:
        values = [f"-var={value}" for value in step]
        terraform.do("apply", "-no-color", "-auto-approve", *values)
        again = terraform("plan", "-no-color", "-detailed-exitcode", *values)
        assert again.returncode == NO_CHANGE, again.stdout
    arns = terraform.arns()
    for address in IMPORTED:
        terraform.do("state", "rm", "-no-color", address)
        terraform.do("import", "-no-color", *values, address, arns[address])
    again = terraform("plan", "-no-color", "-detailed-exitcode", *values)
    assert again.returncode == NO_CHANGE, again.stdout
    terraform.do("destroy", "-no-color", "-auto-approve", *values)
