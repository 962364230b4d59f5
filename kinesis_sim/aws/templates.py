"""What a CloudFormation template would have moto make in its own Kinesis."""

from __future__ import annotations

import json
from importlib import import_module
from typing import Any

from kinesis_sim.aws.joints import joints, lines_of
from kinesis_sim.errors import ServiceError

_FAMILY = ("AWS::Kinesis", "AWS::KinesisFirehose", "AWS::KinesisAnalytics", "AWS::KinesisVideo")
_HINTS = ("kinesis", "firehose")
_DEPTH = 40
_LEVELS = 100
"""Of a template (model's choice; readers of YAML take a second for a thousand)."""
_UNREAD = object()
"""moto says itself what is wrong with such a text."""
_PYTHONS = "tag:yaml.org,2002:python/"
LONGEST = 51_200
"""Bytes of a template that comes with the call (CloudFormation User Guide, quotas)."""


def check(text: str, body: bool) -> None:
    """Raise ServiceError for a template that CloudFormation takes from nobody.

    Aliases make a hundred million nodes of a page of text; AWS's sentence is recorded in many
    public logs. body: it came with the call.
    """
    if body and len(text.encode("utf-8", "surrogatepass")) > LONGEST:
        raise ServiceError(
            "ValidationError",
            f"1 validation error detected: Value '{text[:40]}…' at 'templateBody' failed to "
            f"satisfy constraint: Member must have length less than or equal to {LONGEST}",
        )
    what = _strange(text) or (_unformed(_loaded(text)) if text else "")
    if what:
        raise ServiceError("ValidationError", what)


def _strange(text: str) -> str:
    """What no template may have: aliases, Python's own tags, more levels than anybody writes."""
    yaml: Any = import_module("yaml")
    loader, level = _events_of(text, yaml), 0
    try:
        for event in yaml.parse(text, loader):
            if isinstance(event, yaml.AliasEvent):
                return "Template error: YAML aliases are not allowed in CloudFormation templates"
            if str(getattr(event, "tag", "")).startswith(_PYTHONS):
                return f"Template format error: {event.tag[:60]} is no tag of CloudFormation's"
            level += isinstance(event, yaml.CollectionStartEvent)
            level -= isinstance(event, yaml.CollectionEndEvent)
            if level > _LEVELS:
                return f"Template format error: more than {_LEVELS} levels lie in one another"
    except (yaml.YAMLError, RecursionError, ValueError):
        pass  # moto says itself what is wrong with it
    return ""


def _unformed(template: Any) -> str:
    """What a template must be, in the sentences that users quote of AWS.

    awslabs/amazon-ecs-amazon-efs issue 7, mludvig/aws-ethereum-miner 7, serverless/serverless 1443,
    aws-samples/aws-iot-chat-example 1.
    """
    if template is _UNREAD:
        return ""
    if not isinstance(template, dict):
        return "Template format error: unsupported structure."
    resources, outputs = template.get("Resources"), template.get("Outputs") or {}
    if not isinstance(resources, dict) or not resources:
        return "Template format error: At least one Resources member must be defined."
    if not all(isinstance(each, dict) for each in resources.values()):
        return "Template format error: Every Resources member must be an object."
    members = outputs.values() if isinstance(outputs, dict) else [None]
    if not all(isinstance(each, dict) and "Value" in each for each in members):
        return "Template format error: Every Outputs member must contain a Value object"
    return ""


def _events_of(text: str, yaml: Any) -> Any:
    """What reads a text's events: as moto does, for libyaml stops at tags that Python's goes on at.

    JSON has neither aliases nor tags; there only the levels count, which libyaml tells sooner.
    """
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return yaml.SafeLoader
    return getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def joined(text: str, parameters: dict[str, str]) -> str:
    """What of a template is not simulated, in the plural; empty when it has nothing of Kinesis.

    text: JSON or YAML; what is neither is moto's to refuse. parameters: those that are given.
    """
    values = {str(name): str(value) for name, value in parameters.items()}
    if not any(hint in f"{text} {values}".lower() for hint in _HINTS):
        return ""
    template = _read(text)
    defaults = template.get("Parameters")
    for name, row in (defaults if isinstance(defaults, dict) else {}).items():
        if isinstance(row, dict) and "Default" in row:
            values.setdefault(str(name), str(row["Default"]))
    resources = template.get("Resources")
    for name, row in (resources if isinstance(resources, dict) else {}).items():
        if isinstance(row, dict):
            kind = str(row.get("Type", ""))
            what = _joined(kind, _plain(row.get("Properties", {}), values))
            if what:
                return f"{what}, which the template has as {name}"
    return ""


def _joined(kind: str, properties: Any) -> str:
    from kinesis_sim.aws.bridges.kinds import KINDS
    from kinesis_sim.aws.bridges.stacks import DELIVERY_STREAM, STREAM

    if kind in (STREAM, DELIVERY_STREAM, *KINDS):
        return ""
    if kind.startswith(_FAMILY):
        return f"CloudFormation's resources of the type {kind}"
    lines = list(lines_of(properties))
    if kind == "AWS::Serverless::Function" and any(
        line.startswith("Events.") and line.endswith(".Type=Kinesis") for line in lines
    ):
        return "events of the type Kinesis in serverless templates"
    if kind == "AWS::DynamoDB::Table" and any("KinesisStreamSpecification." in x for x in lines):
        return "DynamoDB's streaming into data streams"
    for joint in joints():
        if kind in joint.types and any(joint.found.search(line) for line in _both(lines)):
            return joint.says
    return ""


def _both(lines: list[str]) -> list[str]:
    """Lines as templates write members, and as APIs do that begin them with a small letter."""
    small = []
    for line in lines:
        path, _, value = line.partition("=")
        members = [member[:1].lower() + member[1:] for member in path.split(".")]
        small.append(f"{'.'.join(members)}={value}")
    return [*lines, *small]


def _read(text: str) -> dict[str, Any]:
    found = _loaded(text)
    return found if isinstance(found, dict) else {}


def _loaded(text: str) -> Any:
    """What a text says, of whatever type; ``_UNREAD`` where it is neither JSON nor YAML."""
    yaml: Any = import_module("yaml")  # comes with moto's CloudFormation
    try:
        return yaml.load(text, Loader=_loader(yaml))
    except (yaml.YAMLError, RecursionError, ValueError, TypeError):
        return _UNREAD


def _loader(yaml: Any) -> Any:
    """Safe YAML with the short forms of CloudFormation's functions."""

    def function(loader: Any, tag: str, node: Any) -> Any:
        if isinstance(node, yaml.ScalarNode):
            value: Any = loader.construct_scalar(node)
        elif isinstance(node, yaml.SequenceNode):
            value = loader.construct_sequence(node, deep=True)
        else:
            value = loader.construct_mapping(node, deep=True)
        return {"Ref" if tag == "Ref" else f"Fn::{tag}": value}

    made: Any = type("TemplateLoader", (yaml.SafeLoader,), {})
    made.add_multi_constructor("!", function)
    return made


def _plain(value: Any, parameters: dict[str, str], depth: int = 0) -> Any:
    """A resource's properties, parameters filled in and functions joined to one text."""
    if depth > _DEPTH:
        return ""
    if isinstance(value, list):
        return [_plain(each, parameters, depth + 1) for each in value]
    if not isinstance(value, dict):
        return value
    if len(value) == 1:
        (name, inner), *_ = value.items()
        if name == "Ref":
            return parameters.get(str(inner), "")
        if str(name).startswith("Fn::"):
            return "".join(_texts(_plain(inner, parameters, depth + 1), parameters))
    return {name: _plain(each, parameters, depth + 1) for name, each in value.items()}


def _texts(value: Any, parameters: dict[str, str]) -> list[str]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        return [text for each in value for text in _texts(each, parameters)]
    text = str(value)
    for name, given in parameters.items():
        text = text.replace(f"${{{name}}}", given)
    return [text]
