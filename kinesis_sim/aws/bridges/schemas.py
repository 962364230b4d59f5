"""CloudFormation's own schemas of its resource types, as its registry publishes them.

They come with cfn-lint, which moto's CloudFormation brings along. Its files are read as data, for
importing it takes seconds: ``providers/us-east-1.json`` names a file of ``resources`` by type. What
a schema says: properties and their limits, which make another resource when they change
(``createOnlyProperties``), and what Fn::GetAtt gives (``readOnlyProperties``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from importlib.util import find_spec
from json import loads
from pathlib import Path
from typing import Any

Schema = Mapping[str, Any]
Properties = dict[str, Any]


@cache
def schema_of(kind: str) -> Schema:
    """The schema of a type, such as AWS::Kinesis::Stream. Raises KeyError for an unknown one."""
    known = _folder() / "providers" / "us-east-1.json"
    name = loads(known.read_text("utf-8"))[kind]
    schema: Schema = loads((_folder() / "resources" / f"{name}.json").read_text("utf-8"))
    return schema


@cache
def _folder() -> Path:
    found = find_spec("cfnlint")
    if found is None or not found.submodule_search_locations:
        raise ModuleNotFoundError("cfn-lint, which has CloudFormation's schemas, is not installed")
    return Path(found.submodule_search_locations[0]) / "data" / "schemas"


def resolved(schema: Schema, node: Schema) -> Schema:
    """What a node of a schema stands for: a ``$ref`` names one of its definitions."""
    while "$ref" in node:
        node = schema["definitions"][node["$ref"].rpartition("/")[2]]
    return node


def attributes(kind: str) -> frozenset[str]:
    """What Fn::GetAtt gives of a type."""
    return frozenset(path[0] for path in _paths(kind, "readOnlyProperties"))


def is_made_anew(kind: str, before: Properties, after: Properties) -> bool:
    """Whether a change of properties makes another resource."""
    paths = _paths(kind, "createOnlyProperties")
    return any(_at(before, path) != _at(after, path) for path in paths)


def changed(kind: str, before: Properties, after: Properties) -> Iterator[str]:
    """The properties that differ, in the schema's order."""
    return (name for name in schema_of(kind)["properties"] if before.get(name) != after.get(name))


@cache
def _paths(kind: str, members: str) -> tuple[tuple[str, ...], ...]:
    return tuple(
        tuple(path.removeprefix("/properties/").split("/"))
        for path in schema_of(kind).get(members, ())
    )


def _at(value: Any, path: tuple[str, ...]) -> Any:
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def typed(kind: str, properties: Any) -> Any:
    """Properties of the types that the schema has: numbers and booleans may be written as text.

    And a text may be written as a number or a boolean. What fits neither stays as it is.
    """
    return _typed(schema_of(kind), schema_of(kind), properties)


def _typed(schema: Schema, node: Schema, value: Any) -> Any:
    node = resolved(schema, node)
    if isinstance(value, dict):
        members = node.get("properties", {})
        others: Schema = next(iter(node.get("patternProperties", {}).values()), {})
        return {
            name: _typed(schema, members.get(name, others), each) for name, each in value.items()
        }
    if isinstance(value, list):
        return [_typed(schema, node.get("items", {}), each) for each in value]
    return _scalar(node.get("type"), value)


def _scalar(kind: Any, value: Any) -> Any:
    if kind in ("integer", "number") and isinstance(value, str):
        return _number(value)
    if kind == "boolean" and value in ("true", "false"):
        return value == "true"
    if kind == "string" and isinstance(value, bool | int | float):
        return str(value).lower() if isinstance(value, bool) else str(value)
    return value


def _number(text: str) -> int | float | str:
    """The number that a text is; the text itself for none. At most 20 figures: the rest is text."""
    digits = text.removeprefix("-")
    if digits.isdecimal() and digits.isascii() and len(digits) <= 20:
        return int(text)
    whole, point, part = digits.partition(".")
    if point and len(digits) <= 20 and f"{whole}{part}".isdecimal() and digits.isascii():
        return float(text)
    return text
