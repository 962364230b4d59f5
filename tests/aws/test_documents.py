"""YAML that moto's services read: no program, no bomb, and what is plain is taken as ever."""

from __future__ import annotations

import json
from importlib import import_module
from itertools import pairwise
from typing import Any

import pytest
from botocore.exceptions import ClientError

from kinesis_sim import Simulator
from kinesis_sim.aws.bridges import documents

PROGRAM = "!!python/object/apply:builtins.exit [3]"
WORDS = "a: &a [x, x, x, x, x, x, x, x, x]\n"
MERGED = "a: &a {x: 1}\n"
TEN = "abcdefghij"
LISTS = WORDS + "".join(
    f"{new}: &{new} [{', '.join([f'*{old}'] * 9)}]\n" for old, new in pairwise(TEN)
)
MERGES = MERGED + "".join(
    f"{new}: &{new} {{<<: [{', '.join([f'*{old}'] * 9)}]}}\n" for old, new in pairwise(TEN)
)
HOSTILE = {
    "a program": f"a: {PROGRAM}\n",
    "a program behind an odd tag": f"z: !x[y] 1\na: {PROGRAM}\n",
    "lists of lists": LISTS,
    "merges of merges": MERGES,
    "itself": "a: &a [*a]\n",
    "itself, merged": "a: &a {<<: *a}\n",
    "depth": "a: " + "[" * 5_000 + "]" * 5_000,
    "no YAML": "a: [}",
    "a text": "a",
    "nothing": "#",
    "a list": "[1]",
    "keys that are no texts": "1: 2\n? [a]\n: b\n",
}
TAKEN = {
    "ssm": lambda client, text: client.create_document(
        Name="Hostile", Content=text, DocumentFormat="YAML", DocumentType="Command"
    ),
    "apigateway": lambda client, text: client.import_rest_api(body=text.encode()),
    "apigatewayv2": lambda client, text: client.import_api(Body=text),
    "osis": lambda client, text: client.create_pipeline(
        PipelineName="hostile", MinUnits=1, MaxUnits=1, PipelineConfigurationBody=text
    ),
}


@pytest.fixture(scope="module")
def sim() -> Simulator:
    return Simulator(account="674000000003", latency=None, remember=0)


@pytest.mark.parametrize("service", TAKEN)
def test_a_hostile_document_is_refused_by_its_service(sim: Simulator, service: str) -> None:
    client = sim.client(service)
    for name, text in HOSTILE.items():
        try:
            TAKEN[service](client, text)
        except ClientError as error:
            told = error.response
            assert told["ResponseMetadata"]["HTTPStatusCode"] == 400, (name, told)
            assert "\n" not in told["Error"]["Message"]
        else:
            assert name in ("a text", "nothing", "a list", "keys that are no texts"), name


@pytest.mark.parametrize("module", documents.OTHERS)
def test_what_moto_reads_with_is_data_and_counted(sim: Simulator, module: str) -> None:
    """Past every check of ours: a saved file's inputs go straight to moto."""
    sim.client("ssm").list_documents()
    yaml: Any = import_module(module).yaml  # type: ignore[attr-defined]
    with pytest.raises(yaml.YAMLError):
        yaml.safe_load(f"a: {PROGRAM}")
    for name in ("lists of lists", "merges of merges", "itself", "depth"):
        with pytest.raises(Exception, match="The document cannot be taken: "):
            yaml.safe_load(HOSTILE[name])
    shared = "a: &a {x: 1}\nb: [*a, *a]\nc: {<<: *a, y: 2}"
    assert yaml.safe_load(shared) == {"a": {"x": 1}, "b": [{"x": 1}] * 2, "c": {"x": 1, "y": 2}}


def test_a_document_of_yaml_comes_back(sim: Simulator) -> None:
    ssm = sim.client("ssm")
    text = "schemaVersion: '2.2'\ndescription: d\nmainSteps: [{action: 'aws:runShellScript'}]\n"
    ssm.create_document(Name="Plain", Content=text, DocumentFormat="YAML", DocumentType="Command")
    found = ssm.get_document(Name="Plain", DocumentFormat="JSON")["Content"]
    assert json.loads(found)["mainSteps"] == [{"action": "aws:runShellScript"}]
